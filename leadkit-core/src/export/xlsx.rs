//! Exports as Excel workbooks (ECMA-376). Every cell is a text, so that Excel neither runs
//! formulas nor eats leading zeros and plus signs.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::Sheet;
use crate::atomic::AtomicFile;
use crate::error::{Error, ErrorCode, Result};

/// Rows of a sheet, by the format.
const MAX_ROWS: u32 = 1_048_576;
/// UTF-16 units of a cell, by the format.
const MAX_CELL: usize = 32_767;

pub(super) struct XlsxSheet {
    workbook: Workbook,
    header: Vec<String>,
    /// The sheet at work, by its place in the workbook, and its next row.
    sheet: usize,
    row: u32,
    temporary: AtomicFile,
    file: File,
    target: PathBuf,
}

impl XlsxSheet {
    pub(super) fn create(target: &Path) -> Result<Self> {
        let (temporary, file) = AtomicFile::create(target)?;
        let mut workbook = Workbook::new();
        // The library notes when a file was made; a fixed instant keeps equal leads equal bytes.
        let made = rust_xlsxwriter::ExcelDateTime::from_ymd(2000, 1, 1).map_err(|e| failed(&e, target))?;
        workbook.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&made));
        let sheet = XlsxSheet {
            workbook,
            header: Vec::new(),
            sheet: 0,
            row: 0,
            temporary,
            file,
            target: target.into(),
        };
        Ok(sheet)
    }

    fn begin_sheet(&mut self) -> Result<()> {
        let target = &self.target;
        let sheet = self.workbook.add_worksheet_with_constant_memory().map_err(|e| failed(&e, target))?;
        sheet.set_freeze_panes(1, 0).map_err(|e| failed(&e, target))?;
        for (column, name) in self.header.iter().enumerate() {
            write(sheet, 0, column, name, target)?;
        }
        self.row = 1;
        Ok(())
    }
}

impl Sheet for XlsxSheet {
    fn row(&mut self, cells: &[Cow<'_, str>]) -> Result<()> {
        if self.header.is_empty() {
            self.header = cells.iter().map(|c| c.to_string()).collect();
            return self.begin_sheet();
        }
        if self.row == MAX_ROWS {
            self.sheet += 1;
            self.begin_sheet()?;
        }
        let sheet = self.workbook.worksheet_from_index(self.sheet).map_err(|e| failed(&e, &self.target))?;
        for (column, cell) in cells.iter().enumerate() {
            if !cell.is_empty() {
                write(sheet, self.row, column, cell, &self.target)?;
            }
        }
        self.row += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let file = BufWriter::new(&self.file);
        self.workbook.save_to_writer(file).map_err(|e| failed(&e, &self.target))?;
        self.file.sync_all().map_err(|e| Error::io(&e, &self.target))?;
        // Some systems do not rename an open file.
        drop(self.file);
        self.temporary.finish()
    }
}

fn write(sheet: &mut Worksheet, row: u32, column: usize, cell: &str, target: &Path) -> Result<()> {
    let column = u16::try_from(column).map_err(|_| {
        Error::new(ErrorCode::InvalidArgument, "a workbook has at most 16,384 columns").hint("choose fields=")
    })?;
    if cell.len() > MAX_CELL && cell.encode_utf16().count() > MAX_CELL {
        let error =
            Error::new(ErrorCode::InvalidArgument, "a text is longer than an Excel cell can be (32,767)");
        return Err(error
            .at_row(u64::from(row) + 1)
            .at_path(target)
            .hint("export to CSV, or leave the field out"));
    }
    sheet.write_string(row, column, cell).map(|_| ()).map_err(|e| failed(&e, target))
}

fn failed(error: &XlsxError, target: &Path) -> Error {
    match error {
        XlsxError::IoError(error) => Error::io(error, target),
        other => Error::new(ErrorCode::Io, other.to_string()).at_path(target),
    }
}
