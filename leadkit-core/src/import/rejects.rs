//! The file of rejected rows: fix it, and import it again.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorCode, Result};
use crate::model::issue::{Issue, Severity};
use crate::model::options::Rejects;
use crate::store::{Reader, RejectedRow};
use crate::table::{CsvWriter, Row, WriteOptions, unguard};

/// Columns of ours in a rejects file; an import leaves columns of this prefix out.
pub(crate) const PREFIX: &str = "leadkit_";
const COLUMNS: [&str; 3] = ["leadkit_row", "leadkit_field", "leadkit_reason"];

/// Where rejected rows go. Until the import ends they are kept in the database, in the same
/// transaction as the rows around them; then they become a file as a whole.
pub(crate) struct RejectsFile {
    place: Place,
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
    pub(crate) fn new(
        option: &Rejects,
        source: Option<&Path>,
        database: Option<&Path>,
        name: Option<&str>,
        header: &[String],
    ) -> Self {
        let place = match option {
            Rejects::Write(false) => Place::Nowhere,
            Rejects::Path(path) => Place::Exactly(path.clone()),
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
        RejectsFile { place, header: header.to_vec() }
    }

    /// Refuses a given file that is there already, before any row is read.
    ///
    /// # Errors
    /// `file_exists`.
    pub(crate) fn check_free(&self) -> Result<()> {
        match &self.place {
            Place::Exactly(path) if path.exists() => {
                Err(Error::new(ErrorCode::FileExists, "the rejects file exists and is not overwritten")
                    .at_path(path)
                    .hint("name another file, or move this one away"))
            }
            _ => Ok(()),
        }
    }

    /// A row as it is kept, its reasons in front, so that surplus cells stay where they are; none
    /// where no file is wanted.
    pub(crate) fn row(&self, seq: u64, row: Row<'_>, issues: &[Issue]) -> Option<RejectedRow> {
        if matches!(self.place, Place::Nowhere) {
            return None;
        }
        let errors = || issues.iter().filter(|i| i.severity == Severity::Error);
        let fields: Vec<&str> = errors().map(|i| i.field.as_deref().unwrap_or("row")).collect();
        let reasons: Vec<String> = errors()
            .map(|i| format!("{} {} ({})", i.field.as_deref().unwrap_or("row"), i.message, i.code.as_str()))
            .collect();
        let line = row.line().to_string();
        let reasons = [line, fields.join(", "), reasons.join("; ")];
        // The file's writer guards; a guard that the cell came with must not double.
        let cells = (0..row.len().max(self.header.len())).map(|i| unguard(row.get(i)).to_string());
        Some(RejectedRow { seq, cells: reasons.into_iter().chain(cells).collect() })
    }

    /// Writes the kept rows to the file; none where nothing was rejected.
    ///
    /// # Errors
    /// `file_exists`, `disk_full`, `permission_denied`, `io`.
    pub(crate) fn write(&self, reader: &dyn Reader, operation: i64) -> Result<Option<PathBuf>> {
        let path = match &self.place {
            Place::Nowhere => return Ok(None),
            Place::Exactly(path) | Place::Like(path) => path,
        };
        let mut file = None;
        reader.each_reject(operation, &mut |cells| {
            let file = match &mut file {
                Some(file) => file,
                none => {
                    let mut created = CsvWriter::create(path, &options())?;
                    created.write_row(COLUMNS.into_iter().chain(self.header.iter().map(String::as_str)))?;
                    none.insert(created)
                }
            };
            file.write_row(cells.iter().map(String::as_str))
        })?;
        let Some(file) = file else { return Ok(None) };
        match &self.place {
            Place::Like(path) => file.finish_new(free_names(path)).map(Some),
            _ => file.finish_new([path.clone()]).map(Some),
        }
    }
}

/// People open this file in a spreadsheet: the mark tells old Excels that it is UTF-8, and the
/// guard keeps cells from being run.
fn options() -> WriteOptions {
    WriteOptions { bom: true, ..WriteOptions::default() }
}

/// `leads.rejects.csv`, else `leads.rejects-2.csv` ...
fn free_names(path: &Path) -> impl Iterator<Item = PathBuf> {
    let text = path.to_string_lossy().into_owned();
    let stem = text.strip_suffix(".csv").unwrap_or(&text).to_string();
    std::iter::once(path.to_path_buf())
        .chain((2..10_000).map(move |n| PathBuf::from(format!("{stem}-{n}.csv"))))
}
