//! Where bytes come from, and the one pass that measures them.

use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorCode, Result};
use crate::progress::{CancelToken, ProgressFn, Reporter};

use super::content;
use super::encoding::Utf8Check;

/// Where a table comes from. A string is always a path, never content.
///
/// ```
/// use leadkit_core::{CancelToken, table::Source};
/// let input = Source::from(b"email\nada@example.com\n".to_vec()).open(&CancelToken::default(), None)?;
/// assert_eq!(input.len, 22);
///
/// let error = Source::from("no/such/file.csv").open(&CancelToken::default(), None).unwrap_err();
/// assert_eq!(error.code(), "file_not_found");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub enum Source {
    /// A file.
    Path(PathBuf),
    /// Content at hand.
    Bytes {
        /// The content.
        bytes: Arc<[u8]>,
        /// The name it came with, for reports.
        name: Option<String>,
    },
    /// A stream, read once into a temporary file.
    Reader {
        /// The stream.
        reader: Box<dyn Read + Send>,
        /// The name it came with, for reports.
        name: Option<String>,
    },
}

/// A source that was read once: hashed, measured, and readable again from its first byte.
pub struct Input {
    /// The file's name without its folder.
    pub name: Option<String>,
    /// The file's path, where there is one.
    pub path: Option<PathBuf>,
    /// BLAKE3 of the content, in hexadecimal digits.
    pub hash: String,
    /// Length in bytes.
    pub len: u64,
    storage: Storage,
    head: Vec<u8>,
    sample: Vec<u8>,
    check: Utf8Check,
}

const BLOCK: usize = 1 << 20;
const HEAD: usize = 256 << 10;
/// How much of the surroundings of non-ASCII bytes is kept, in all and for each block.
const SAMPLE: usize = 64 << 10;
const SAMPLE_OF_BLOCK: usize = 8 << 10;

impl Source {
    /// Content of which the name is known.
    pub fn bytes(bytes: impl Into<Arc<[u8]>>, name: Option<String>) -> Self {
        Source::Bytes { bytes: bytes.into(), name }
    }

    /// A stream; it is read once, from where it stands, into a temporary file that only this
    /// user may read.
    pub fn reader(reader: impl Read + Send + 'static, name: Option<String>) -> Self {
        Source::Reader { reader: Box::new(reader), name }
    }

    /// Reads all bytes once, in blocks of 1 MiB and in bounded memory.
    ///
    /// Pipes and other files that cannot be read twice are copied to a temporary file.
    ///
    /// # Errors
    /// `file_not_found`, `is_directory`, `permission_denied`, `io`, `disk_full` (of the temporary
    /// file); `empty_source` when there is nothing but blanks; `not_a_table` when the first bytes
    /// are those of a workbook, archive, image, database or the like; `cancelled`.
    pub fn open(self, cancel: &CancelToken, progress: Option<&ProgressFn>) -> Result<Input> {
        match self {
            Source::Path(path) => {
                let at = |error: std::io::Error| Error::io(&error, &path);
                let file = File::open(&path).map_err(at)?;
                let metadata = file.metadata().map_err(at)?;
                if metadata.is_dir() {
                    return Err(Error::new(ErrorCode::IsDirectory, "this is a directory, not a file")
                        .at_path(&path)
                        .hint("name one file in it"));
                }
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                let input = if metadata.is_file() {
                    let storage = Storage::File(Arc::new(file));
                    let scan = scan(storage.reader(), None, Some(metadata.len()), cancel, progress);
                    scan.and_then(|scan| scan.into_input(storage, name, Some(path.clone())))
                } else {
                    spool(Box::new(file), name, Some(path.clone()), cancel, progress)
                };
                input.map_err(|error| if error.path().is_none() { error.at_path(&path) } else { error })
            }
            Source::Bytes { bytes, name } => {
                let storage = Storage::Bytes(bytes.clone());
                let scan = scan(storage.reader(), None, Some(bytes.len() as u64), cancel, progress)?;
                scan.into_input(storage, name, None)
            }
            Source::Reader { reader, name } => spool(reader, name, None, cancel, progress),
        }
    }
}

impl Input {
    /// A reader from the first byte; any number may be open at once.
    pub fn reader(&self) -> Box<dyn Read + Send> {
        self.storage.reader()
    }

    /// The first 256 KiB.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// What the check for UTF-8 found in the whole content.
    pub(super) fn check(&self) -> &Utf8Check {
        &self.check
    }

    /// Surroundings of bytes that are not ASCII, from all over the content.
    pub(super) fn sample(&self) -> &[u8] {
        &self.sample
    }

    /// Whether the head is all there is.
    pub(super) fn head_is_whole(&self) -> bool {
        self.head.len() as u64 == self.len
    }
}

impl From<&str> for Source {
    fn from(path: &str) -> Self {
        Source::Path(path.into())
    }
}

impl From<String> for Source {
    fn from(path: String) -> Self {
        Source::Path(path.into())
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Source::Path(path.into())
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Source::Path(path)
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Self {
        Source::Path(path.clone())
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Source::bytes(bytes, None)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Path(path) => write!(f, "Source::Path({path:?})"),
            Source::Bytes { bytes, name } => write!(f, "Source::Bytes({} bytes, {name:?})", bytes.len()),
            Source::Reader { name, .. } => write!(f, "Source::Reader({name:?})"),
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Content is personal data and stays out.
        f.debug_struct("Input").field("name", &self.name).field("len", &self.len).finish_non_exhaustive()
    }
}

/// Content that can be read again.
enum Storage {
    File(Arc<File>),
    Bytes(Arc<[u8]>),
}

impl Storage {
    fn reader(&self) -> Box<dyn Read + Send> {
        match self {
            Storage::File(file) => Box::new(FileReader { file: file.clone(), at: 0 }),
            Storage::Bytes(bytes) => Box::new(std::io::Cursor::new(bytes.clone())),
        }
    }
}

/// Reads a shared file from a place of its own: a path replaced meanwhile changes nothing.
struct FileReader {
    file: Arc<File>,
    at: u64,
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        #[cfg(not(any(unix, windows)))]
        let count = {
            use std::io::{Seek, SeekFrom};
            (&*self.file).seek(SeekFrom::Start(self.at))?;
            (&*self.file).read(buffer)?
        };
        self.at += count as u64;
        Ok(count)
    }
}

fn spool(
    reader: Box<dyn Read + Send>,
    name: Option<String>,
    path: Option<PathBuf>,
    cancel: &CancelToken,
    progress: Option<&ProgressFn>,
) -> Result<Input> {
    // Unnamed: the system removes it even when the process is killed.
    let file = tempfile::tempfile().map_err(|error| Error::io(&error, std::env::temp_dir()))?;
    let scan = scan(reader, Some(&file), None, cancel, progress)?;
    scan.into_input(Storage::File(Arc::new(file)), name, path)
}

/// What one pass over the content found.
struct Scan {
    hash: String,
    len: u64,
    head: Vec<u8>,
    sample: Vec<u8>,
    check: Utf8Check,
    blank: bool,
    nul: bool,
}

fn scan(
    mut reader: Box<dyn Read + Send>,
    mut copy: Option<&File>,
    total: Option<u64>,
    cancel: &CancelToken,
    progress: Option<&ProgressFn>,
) -> Result<Scan> {
    let mut reporter = Reporter::new(progress, "read", "bytes", total);
    let mut hasher = blake3::Hasher::new();
    let mut scan = Scan {
        hash: String::new(),
        len: 0,
        head: Vec::new(),
        sample: Vec::new(),
        check: Utf8Check::default(),
        blank: true,
        nul: false,
    };
    // A small source needs no large block.
    let mut block = vec![0; total.map_or(BLOCK, |total| (total as usize).clamp(1, BLOCK))];
    loop {
        cancel.check()?;
        let count = fill(&mut reader, &mut block).map_err(|error| read_error(&error))?;
        let bytes = &block[..count];
        if bytes.is_empty() {
            break;
        }
        hasher.update(bytes);
        if let Some(file) = &mut copy {
            file.write_all(bytes).map_err(|error| Error::io(&error, std::env::temp_dir()))?;
        }
        scan.look_at(bytes);
        reporter.at(scan.len);
    }
    scan.check.finish();
    scan.hash = hasher.finalize().to_hex().to_string();
    reporter.finish(scan.len);
    Ok(scan)
}

impl Scan {
    fn look_at(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&bytes[..room.min(bytes.len())]);
        self.check.feed(bytes);
        if self.blank {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            // Zero bytes and the marks of UTF-16 say nothing about content.
            self.blank = bytes.iter().all(|b| b.is_ascii_whitespace() || matches!(b, 0 | 0x0b | 0xfe | 0xff));
            self.nul |= self.blank && bytes.contains(&0);
        }
        self.sample_from(bytes);
    }

    fn sample_from(&mut self, bytes: &[u8]) {
        let limit = SAMPLE.min(self.sample.len() + SAMPLE_OF_BLOCK);
        let mut taken = 0;
        while self.sample.len() < limit {
            let Some(found) = bytes[taken..].iter().position(|b| !b.is_ascii()) else { return };
            let from = (taken + found).saturating_sub(64).max(taken);
            let to = (taken + found + 192).min(bytes.len());
            self.sample.extend_from_slice(&bytes[from..to]);
            taken = to;
        }
    }

    fn into_input(self, storage: Storage, name: Option<String>, path: Option<PathBuf>) -> Result<Input> {
        let marked = self.head.starts_with(b"\xff\xfe") || self.head.starts_with(b"\xfe\xff");
        if self.blank && (marked || !self.nul) {
            let what = if self.len == 0 { "the source is empty" } else { "the source holds only blanks" };
            let error = Error::new(ErrorCode::EmptySource, what);
            return Err(error.hint("check that the export that wrote it has finished"));
        }
        content::check_bytes(&self.head, name.as_deref())?;
        Ok(Input {
            name,
            path,
            hash: self.hash,
            len: self.len,
            storage,
            head: self.head,
            sample: self.sample,
            check: self.check,
        })
    }
}

/// Fills the block as far as the source goes.
fn fill(reader: &mut dyn Read, block: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match reader.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn read_error(error: &std::io::Error) -> Error {
    Error::new(ErrorCode::Io, format!("reading the source failed: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn open(source: impl Into<Source>) -> Result<Input> {
        source.into().open(&CancelToken::default(), None)
    }

    #[test]
    fn all_kinds_of_source_agree() {
        let content = "name,city\nMüller,Köln\n".repeat(100_000).into_bytes();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&content).unwrap();
        let stream = Source::reader(std::io::Cursor::new(content.clone()), Some("x.csv".into()));
        for input in [open(content.clone()).unwrap(), open(file.path()).unwrap(), open(stream).unwrap()] {
            assert_eq!(input.len, content.len() as u64);
            assert_eq!(input.hash, blake3::hash(&content).to_hex().to_string());
            assert_eq!(input.head(), &content[..HEAD]);
            assert_eq!((input.check().bad, input.check().valid), (0, 200_000));
            for _ in 0..2 {
                let mut again = Vec::new();
                input.reader().read_to_end(&mut again).unwrap();
                assert!(again == content);
            }
        }
    }

    #[test]
    fn refuses_what_cannot_be_read() {
        let code = |result: Result<Input>| result.unwrap_err().code();
        assert_eq!(code(open("/no/such/file.csv")), "file_not_found");
        assert_eq!(code(open(std::env::temp_dir())), "is_directory");
        for blank in [&b""[..], b"\n \r\n\t", b"\xef\xbb\xbf\n", b"\xff\xfe\n\0"] {
            assert_eq!(code(open(blank.to_vec())), "empty_source", "{blank:?}");
        }
        assert_eq!(code(open(vec![0; 5000])), "not_a_table");
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("gone"))
            }
        }
        assert_eq!(code(open(Source::reader(Broken, None))), "io");
        let cancel = CancelToken::default();
        cancel.cancel();
        assert_eq!(code(Source::from(b"a".to_vec()).open(&cancel, None)), "cancelled");
    }

    #[test]
    fn the_sample_comes_from_where_the_letters_are() {
        let mut content = b"name,city\n".repeat(300_000);
        content.extend(b"M\xfcller,K\xf6ln\n");
        let input = open(content).unwrap();
        assert!(input.sample().windows(6).any(|w| w == b"M\xfcller"));
        assert!(input.sample().len() <= SAMPLE);
    }
}
