//! Exports as CSV.

use std::borrow::Cow;
use std::path::Path;

use super::{Shape, Sheet};
use crate::error::{Error, ErrorCode, Result};
use crate::table::{CsvWriter, WriteOptions};

pub(super) struct CsvSheet(CsvWriter);

impl CsvSheet {
    pub(super) fn create(target: &Path, shape: &Shape) -> Result<Self> {
        let delimiter = u8::try_from(shape.delimiter).map_err(|_| {
            Error::new(ErrorCode::InvalidArgument, "the delimiter is one ASCII character")
                .at_field("delimiter")
                .hint("use `,`, `;`, TAB or `|`")
        })?;
        let options = WriteOptions { delimiter, bom: shape.bom, guard: shape.guard };
        Ok(CsvSheet(CsvWriter::create(target, &options)?))
    }
}

impl Sheet for CsvSheet {
    fn row(&mut self, cells: &[Cow<'_, str>]) -> Result<()> {
        self.0.write_row(cells.iter().map(AsRef::as_ref))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.0.finish().map(|_| ())
    }
}
