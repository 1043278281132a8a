//! stub
use crate::{
    error::*,
    ledger::Session,
    model::{options::*, report::*},
};
use std::path::Path;
pub(crate) fn run(_: &Session, _: &Path, _: ExportOptions) -> Result<ExportReport> {
    Err(Error::internal("stub"))
}
