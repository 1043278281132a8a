//! Writes CSV files that appear whole or not at all, and files that grow and can be resumed.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::atomic::AtomicFile;
use crate::error::{Error, ErrorCode, Result};

use super::guard::guard;

/// How a CSV file is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOptions {
    /// The ASCII character between two cells; `,` by default.
    pub delimiter: u8,
    /// Whether to begin with a byte order mark, which older Excel needs to read UTF-8.
    pub bom: bool,
    /// Whether cells that a spreadsheet would run as formulas are guarded; true by default.
    pub guard: bool,
}

impl Default for WriteOptions {
    fn default() -> Self {
        WriteOptions { delimiter: b',', bom: false, guard: true }
    }
}

/// Writes rows as CSV in UTF-8, lines ended by `\n`, to a file only its owner may read (0600).
///
/// The file appears at the end, by rename: [`CsvWriter::finish`] replaces what has its name,
/// [`CsvWriter::finish_new`] never does. Dropped before that, nothing is left.
///
/// ```
/// use leadkit_core::table::{CsvWriter, WriteOptions};
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("leads.csv");
/// let mut writer = CsvWriter::create(&path, &WriteOptions::default())?;
/// writer.write_row(["name", "formula"])?;
/// writer.write_row(["Lovelace, Ada", "=1+1"])?;
/// assert!(!path.exists());
/// writer.finish()?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "name,formula\n\"Lovelace, Ada\",'=1+1\n");
///
/// let other = CsvWriter::create(&path, &WriteOptions::default())?;
/// assert_eq!(other.finish_new([path]).unwrap_err().code(), "file_exists");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub struct CsvWriter {
    csv: csv::Writer<File>,
    temporary: AtomicFile,
    guard: bool,
}

impl CsvWriter {
    /// A file that appears, or replaces the one of its name, when it is finished.
    ///
    /// A link is followed: the file it points to is replaced.
    ///
    /// # Errors
    /// `is_directory`, `file_not_found` (no such folder), `permission_denied`, `disk_full`, `io`;
    /// `invalid_argument` for a delimiter that is no ASCII character, and for a target that is a
    /// device or pipe.
    pub fn create(path: impl AsRef<Path>, options: &WriteOptions) -> Result<CsvWriter> {
        let (temporary, file) = AtomicFile::create(path.as_ref())?;
        CsvWriter::new(file, temporary, options)
    }

    /// Writes one row; cells are quoted where they must be.
    ///
    /// # Errors
    /// `disk_full`, `io`.
    pub fn write_row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<()> {
        for cell in cells {
            let written = match self.guard {
                true => self.csv.write_field(guard(cell).as_bytes()),
                false => self.csv.write_field(cell),
            };
            written.map_err(|error| self.error(error))?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(|error| self.error(error))
    }

    /// Ends the file, makes it appear under its name, and reports its length in bytes.
    ///
    /// # Errors
    /// `disk_full`, `io`, `permission_denied`; the target is then as it was.
    pub fn finish(mut self) -> Result<u64> {
        let len = self.sync()?;
        // Some systems do not rename an open file.
        drop(self.csv);
        self.temporary.finish()?;
        Ok(len)
    }

    /// Ends the file under the first of some names that is free; nothing is ever overwritten. A
    /// file of the very same content under one of the names is taken for this one.
    ///
    /// # Errors
    /// `file_exists` when no name is free; `disk_full`, `io`, `permission_denied`.
    pub fn finish_new(mut self, names: impl IntoIterator<Item = PathBuf>) -> Result<PathBuf> {
        self.sync()?;
        drop(self.csv);
        self.temporary.finish_new(names)
    }

    fn sync(&mut self) -> Result<u64> {
        let synced = self.csv.flush().and_then(|()| {
            let file = self.csv.get_ref();
            file.sync_data()?;
            Ok(file.metadata()?.len())
        });
        synced.map_err(|error| Error::io(&error, self.temporary.target()))
    }

    fn new(mut file: File, temporary: AtomicFile, options: &WriteOptions) -> Result<CsvWriter> {
        if !options.delimiter.is_ascii() || matches!(options.delimiter, b'"' | b'\n' | b'\r' | 0) {
            let error = Error::new(ErrorCode::InvalidArgument, "the delimiter is not usable between cells");
            return Err(error.at_field("delimiter").hint("use `,`, `;`, TAB or `|`"));
        }
        if options.bom {
            file.write_all(b"\xef\xbb\xbf").map_err(|error| Error::io(&error, temporary.target()))?;
        }
        let csv = csv::WriterBuilder::new()
            .delimiter(options.delimiter)
            .flexible(true)
            .buffer_capacity(256 << 10)
            .from_writer(file);
        Ok(CsvWriter { csv, temporary, guard: options.guard })
    }

    fn error(&self, error: csv::Error) -> Error {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::io(&error, self.temporary.target()),
            other => Error::internal(format!("the CSV writer failed: {other:?}")),
        }
    }
}

impl std::fmt::Debug for CsvWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvWriter").field("path", &self.temporary.target()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::fs;

    fn options() -> WriteOptions {
        WriteOptions::default()
    }

    #[test]
    fn replaces_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        fs::write(&path, "old").unwrap();
        let mut writer = CsvWriter::create(&path, &options()).unwrap();
        writer.write_row(["new"]).unwrap();
        drop(writer);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut writer =
            CsvWriter::create(&path, &WriteOptions { bom: true, delimiter: b';', ..options() }).unwrap();
        writer.write_row(["a;b", "-1", "c"]).unwrap();
        assert_eq!(writer.finish().unwrap(), 15);
        assert_eq!(fs::read_to_string(&path).unwrap(), "\u{feff}\"a;b\";'-1;c\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn new_files_take_a_free_name_and_know_themselves_again() {
        let folder = tempfile::tempdir().unwrap();
        let names = || ["a.csv", "b.csv"].map(|name| folder.path().join(name));
        let write = |cell: &str| {
            let mut writer = CsvWriter::create(folder.path().join("a.csv"), &options()).unwrap();
            writer.write_row([cell]).unwrap();
            writer.finish_new(names()).map(|path| path.file_name().unwrap().to_owned())
        };
        assert_eq!(write("one").unwrap(), "a.csv");
        assert_eq!(write("two").unwrap(), "b.csv");
        assert_eq!(write("one").unwrap(), "a.csv");
        assert_eq!(write("three").unwrap_err().code(), "file_exists");
        assert_eq!(fs::read_to_string(folder.path().join("a.csv")).unwrap(), "one\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn refusals() {
        let folder = tempfile::tempdir().unwrap();
        let code = |result: Result<CsvWriter>| result.unwrap_err().code();
        assert_eq!(code(CsvWriter::create(folder.path(), &options())), "is_directory");
        assert_eq!(code(CsvWriter::create(folder.path().join("no/x.csv"), &options())), "file_not_found");
        let quote = WriteOptions { delimiter: b'"', ..options() };
        assert_eq!(code(CsvWriter::create(folder.path().join("x.csv"), &quote)), "invalid_argument");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_empty_cell_alone_is_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let mut writer = CsvWriter::create(&path, &options()).unwrap();
        writer.write_row([""]).unwrap();
        writer.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "\"\"\n");
    }
}
