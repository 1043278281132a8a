//! Writes CSV files that appear whole or not at all, and files that grow and can be resumed.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::atomic::{AtomicFile, is_directory};
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
/// [`CsvWriter::create`] replaces its target at [`CsvWriter::finish`], by rename; dropped before
/// that, nothing is left. [`CsvWriter::create_new`] and [`CsvWriter::resume`] write to the file
/// itself, so that after a crash writing can go on at a length that was [synced](CsvWriter::sync).
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
/// let error = CsvWriter::create_new(&path, &WriteOptions::default()).unwrap_err();
/// assert_eq!(error.code(), "file_exists");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub struct CsvWriter {
    csv: csv::Writer<File>,
    /// Set when the target appears only at the end.
    temporary: Option<AtomicFile>,
    path: PathBuf,
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
        let path = path.as_ref();
        let (temporary, file) = AtomicFile::create(path)?;
        let target = temporary.target().to_path_buf();
        CsvWriter::new(file, Some(temporary), &target, options, true)
    }

    /// A new file, written in place; one that exists is never touched.
    ///
    /// # Errors
    /// `file_exists`, and those of [`CsvWriter::create`].
    pub fn create_new(path: impl AsRef<Path>, options: &WriteOptions) -> Result<CsvWriter> {
        let path = path.as_ref();
        let mut open = OpenOptions::new();
        open.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
        let file = open
            .open(path)
            .map_err(|error| if path.is_dir() { is_directory(path) } else { Error::io(&error, path) })?;
        CsvWriter::new(file, None, path, options, true)
    }

    /// Goes on with a file of [`CsvWriter::create_new`] at a length that [`CsvWriter::sync`]
    /// reported; what was written after that is cut off.
    ///
    /// # Errors
    /// `file_not_found`; `io` when the file is shorter than that; those of [`CsvWriter::create`].
    pub fn resume(path: impl AsRef<Path>, len: u64, options: &WriteOptions) -> Result<CsvWriter> {
        let path = path.as_ref();
        let at = |error: std::io::Error| Error::io(&error, path);
        if path.is_dir() {
            return Err(is_directory(path));
        }
        let mut file = OpenOptions::new().write(true).open(path).map_err(at)?;
        let found = file.metadata().map_err(at)?.len();
        if found < len {
            let what = format!("the file has {found} bytes where {len} were written; somebody changed it");
            return Err(Error::new(ErrorCode::Io, what).at_path(path).hint("restore the file or start anew"));
        }
        file.set_len(len).map_err(at)?;
        file.seek(SeekFrom::End(0)).map_err(at)?;
        CsvWriter::new(file, None, path, options, len == 0)
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

    /// Writes everything through to the disk and reports the file's length in bytes.
    ///
    /// # Errors
    /// `disk_full`, `io`.
    pub fn sync(&mut self) -> Result<u64> {
        let synced = self.csv.flush().and_then(|()| {
            let file = self.csv.get_ref();
            file.sync_data()?;
            Ok(file.metadata()?.len())
        });
        synced.map_err(|error| Error::io(&error, &self.path))
    }

    /// Ends the file, makes it appear under its name, and reports its length in bytes.
    ///
    /// # Errors
    /// `disk_full`, `io`, `permission_denied`; the target is then as it was.
    pub fn finish(mut self) -> Result<u64> {
        let len = self.sync()?;
        let CsvWriter { csv, temporary, .. } = self;
        // Some systems do not rename an open file.
        drop(csv);
        if let Some(temporary) = temporary {
            temporary.finish()?;
        }
        Ok(len)
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn new(
        mut file: File,
        temporary: Option<AtomicFile>,
        path: &Path,
        options: &WriteOptions,
        fresh: bool,
    ) -> Result<CsvWriter> {
        if !options.delimiter.is_ascii() || matches!(options.delimiter, b'"' | b'\n' | b'\r' | 0) {
            let error = Error::new(ErrorCode::InvalidArgument, "the delimiter is not usable between cells");
            return Err(error.at_field("delimiter").hint("use `,`, `;`, TAB or `|`"));
        }
        if options.bom && fresh {
            file.write_all(b"\xef\xbb\xbf").map_err(|error| Error::io(&error, path))?;
        }
        let csv = csv::WriterBuilder::new()
            .delimiter(options.delimiter)
            .flexible(true)
            .buffer_capacity(256 << 10)
            .from_writer(file);
        Ok(CsvWriter { csv, temporary, path: path.to_path_buf(), guard: options.guard })
    }

    fn error(&self, error: csv::Error) -> Error {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::io(&error, &self.path),
            other => Error::internal(format!("the CSV writer failed: {other:?}")),
        }
    }
}

impl std::fmt::Debug for CsvWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvWriter").field("path", &self.path).finish_non_exhaustive()
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
    fn goes_on_where_it_was_synced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects.csv");
        let mut writer = CsvWriter::create_new(&path, &options()).unwrap();
        writer.write_row(["a", "b"]).unwrap();
        let len = writer.sync().unwrap();
        writer.write_row(["lost", "later"]).unwrap();
        drop(writer);
        assert!(fs::metadata(&path).unwrap().len() > len);
        let mut writer = CsvWriter::resume(&path, len, &options()).unwrap();
        writer.write_row(["c", ""]).unwrap();
        assert_eq!(writer.finish().unwrap(), 7);
        assert_eq!(fs::read_to_string(&path).unwrap(), "a,b\nc,\n");
        assert_eq!(CsvWriter::resume(&path, 99, &options()).unwrap_err().code(), "io");
    }

    #[test]
    fn refusals() {
        let folder = tempfile::tempdir().unwrap();
        let code = |result: Result<CsvWriter>| result.unwrap_err().code();
        assert_eq!(code(CsvWriter::create(folder.path(), &options())), "is_directory");
        assert_eq!(code(CsvWriter::create_new(folder.path(), &options())), "is_directory");
        assert_eq!(code(CsvWriter::create(folder.path().join("no/x.csv"), &options())), "file_not_found");
        assert_eq!(code(CsvWriter::resume(folder.path().join("x.csv"), 0, &options())), "file_not_found");
        let quote = WriteOptions { delimiter: b'"', ..options() };
        assert_eq!(code(CsvWriter::create(folder.path().join("x.csv"), &quote)), "invalid_argument");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_empty_cell_alone_is_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        let mut writer = CsvWriter::create_new(&path, &options()).unwrap();
        writer.write_row([""]).unwrap();
        writer.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "\"\"\n");
    }
}
