//! The file of rejected rows: fix it, and import it again.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorCode, Result};
use crate::model::issue::{Issue, Severity};
use crate::model::options::Rejects;
use crate::table::{CsvWriter, Row, WriteOptions, unguard};

/// Columns of ours in a rejects file; an import leaves columns of this prefix out.
pub(super) const PREFIX: &str = "leadkit_";
const COLUMNS: [&str; 3] = ["leadkit_row", "leadkit_field", "leadkit_reason"];

/// Where rejected rows go; the file is made with the first one.
pub(super) struct RejectsFile {
    place: Place,
    writer: Option<CsvWriter>,
    header: Vec<String>,
}

enum Place {
    Nowhere,
    /// This very file, which must not exist.
    Exactly(PathBuf),
    /// A free name like this one.
    Like(PathBuf),
}

impl RejectsFile {
    /// Finds the place. Nothing is written yet.
    ///
    /// # Errors
    /// `file_exists` for a given file that is there already.
    pub(super) fn new(
        option: &Rejects,
        source: Option<&Path>,
        database: Option<&Path>,
        name: Option<&str>,
        header: &[String],
    ) -> Result<Self> {
        let place = match option {
            Rejects::Write(false) => Place::Nowhere,
            Rejects::Path(path) => {
                if path.exists() {
                    return Err(Error::new(
                        ErrorCode::FileExists,
                        "the rejects file exists and is not overwritten",
                    )
                    .at_path(path)
                    .hint("name another file, or move this one away"));
                }
                Place::Exactly(path.clone())
            }
            Rejects::Beside | Rejects::Write(true) => match (source, database) {
                (Some(source), _) => Place::Like(source.with_extension("rejects.csv")),
                (None, Some(database)) => {
                    let stem = name
                        .and_then(|n| Path::new(n).file_stem())
                        .and_then(|s| s.to_str())
                        .unwrap_or("import");
                    Place::Like(database.with_file_name(format!("{stem}.rejects.csv")))
                }
                (None, None) => Place::Nowhere,
            },
        };
        Ok(RejectsFile { place, writer: None, header: header.to_vec() })
    }

    /// Goes on with a file at the length of the last commit.
    ///
    /// # Errors
    /// `file_not_found` or `io` when it is gone or shorter.
    pub(super) fn resume(&mut self, path: &Path, len: u64) -> Result<()> {
        self.writer = Some(CsvWriter::resume(path, len, &options()).map_err(|e| {
            e.hint("restore the rejects file of the interrupted import, or start anew with again=True")
        })?);
        Ok(())
    }

    /// Appends a row with its reasons in front, so that surplus cells stay where they are.
    pub(super) fn write(&mut self, row: Row<'_>, issues: &[Issue], header: &[String]) -> Result<()> {
        let Some(writer) = self.open()? else { return Ok(()) };
        let errors = || issues.iter().filter(|i| i.severity == Severity::Error);
        let column = |issue: &Issue| issue.field.as_deref().unwrap_or("row").to_string();
        let fields: Vec<String> = errors().map(column).collect();
        let reasons: Vec<String> = errors()
            .map(|i| match &i.field {
                Some(field) => format!("{field}: {} ({})", i.message, i.code.as_str()),
                None => format!("row {} ({})", i.message, i.code.as_str()),
            })
            .collect();
        let line = row.line().to_string();
        let reasons = [line, fields.join(", "), reasons.join("; ")];
        // The writer guards; a guard that the cell came with must not double.
        let cells = (0..row.len().max(header.len())).map(|i| unguard(row.get(i)));
        writer.write_row(reasons.iter().map(String::as_str).chain(cells))
    }

    /// Brings the file to the disk before the commit that counts its rows: path and length.
    pub(super) fn sync(&mut self) -> Result<Option<(PathBuf, u64)>> {
        match &mut self.writer {
            Some(writer) => {
                let len = writer.sync()?;
                Ok(Some((writer.path().to_path_buf(), len)))
            }
            None => Ok(None),
        }
    }

    fn open(&mut self) -> Result<Option<&mut CsvWriter>> {
        if self.writer.is_none() {
            let mut writer = match &self.place {
                Place::Nowhere => return Ok(None),
                Place::Exactly(path) => CsvWriter::create_new(path, &options())?,
                Place::Like(path) => create_free(path)?,
            };
            writer.write_row(COLUMNS.into_iter().chain(self.header.iter().map(String::as_str)))?;
            self.writer = Some(writer);
        }
        Ok(self.writer.as_mut())
    }
}

/// People open this file in a spreadsheet: the mark tells old Excels that it is UTF-8, and the
/// guard keeps cells from being run.
fn options() -> WriteOptions {
    WriteOptions { bom: true, ..WriteOptions::default() }
}

/// `leads.rejects.csv`, else `leads.rejects-2.csv` ...
fn create_free(path: &Path) -> Result<CsvWriter> {
    let text = path.to_string_lossy();
    let stem = text.strip_suffix(".csv").unwrap_or(&text);
    let mut number = 1;
    loop {
        let candidate =
            if number == 1 { path.to_path_buf() } else { PathBuf::from(format!("{stem}-{number}.csv")) };
        match CsvWriter::create_new(&candidate, &options()) {
            Err(error) if error.error_code() == ErrorCode::FileExists && number < 10_000 => number += 1,
            result => return result,
        }
    }
}
