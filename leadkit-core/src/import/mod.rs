//! stub
use crate::{
    error::*,
    ledger::Session,
    model::{options::*, report::*},
    table::Source,
};
pub(crate) fn run(_: &Session, _: Source, _: ImportOptions) -> Result<ImportReport> {
    Err(Error::internal("stub"))
}
pub(crate) fn preview(_: &Session, _: Source, _: ImportOptions) -> Result<ImportPreview> {
    Err(Error::internal("stub"))
}
