//! Streams records in batches, in bounded memory, and loses no line.

use std::path::PathBuf;

use crate::error::{Error, ErrorCode, Result};

use super::batch::{RawIssues, RecordBatch};
use super::encoding::TextReader;
use super::parse::{self, Fault, Notes, Syntax, Tail, line_end};
use super::resolve::{Resolved, resolve};
use super::source::Input;
use crate::model::format::{FormatOptions, TableFormat};

/// Lines of a file that hold no record; header lines are none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    /// Blank lines, and records of nothing but delimiters and blank cells.
    pub blank: u64,
    /// Lines that begin with the comment character.
    pub comment: u64,
    /// Lines above the table, the line `sep=;` included.
    pub preamble: u64,
}

/// The records of an [`Input`], batch by batch.
///
/// Rows are handed out with as many cells as they have; the caller decides about ragged ones. A
/// row whose quote is never closed is [bad](super::RawIssues::is_bad) and ends with its line;
/// reading goes on with the next line, so that nothing after it is lost. A record of more than
/// 1 MiB is cut there, and is bad too. NUL characters are removed and bytes that are no text become
/// U+FFFD, both noted on the row.
///
/// ```
/// use leadkit_core::{CancelToken, table::{FormatOptions, Records, Source}};
/// let file = b"name,city\nAda,\"London\n\nBob,Paris\n".to_vec();
/// let input = Source::from(file).open(&CancelToken::default(), None)?;
/// let mut records = Records::open(&input, &FormatOptions::default())?;
/// let mut rows = Vec::new();
/// while let Some(batch) = records.next_batch(10_000)? {
///     rows.extend(batch.iter().map(|row| (row.line(), row.get(0).to_string(), row.raw_issues().is_bad())));
/// }
/// assert_eq!(rows, [(2, "Ada".to_string(), true), (4, "Bob".to_string(), false)]);
/// assert_eq!(records.ignored().blank, 1);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub struct Records {
    reader: TextReader,
    /// Text read and not yet handed out begins at `at`.
    window: String,
    at: usize,
    /// The line on which the next record begins.
    line: u64,
    syntax: Syntax,
    format: TableFormat,
    originals: Vec<String>,
    ignored: Ignored,
    nul_seen: bool,
    notes: Notes,
    last_batch: (usize, usize, usize),
    path: Option<PathBuf>,
    input_len: u64,
}

/// Small enough to stay in the processor's cache.
const BLOCK: usize = 128 << 10;
impl Ignored {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.blank + self.comment + self.preamble
    }
}

/// No lead is larger; behind it a quote counts as never closed.
const RECORD: usize = 1 << 20;
/// A batch ends early when it holds that much text, however many rows were asked for.
const BATCH_TEXT: usize = 16 << 20;

impl Records {
    /// Finds the format, skips what is above the first record, and stands ready.
    ///
    /// # Errors
    /// `invalid_argument` for an option that cannot be honoured; `not_a_table`, `empty_source`;
    /// `io`.
    pub fn open(input: &Input, options: &FormatOptions) -> Result<Records> {
        Records::open_in_blocks(input, options, BLOCK)
    }

    pub(super) fn open_in_blocks(input: &Input, options: &FormatOptions, block: usize) -> Result<Records> {
        let Resolved { format, syntax, detected, originals } = resolve(input, options)?;
        let mut records = Records {
            reader: TextReader::new(input.reader(), detected, block),
            window: String::new(),
            at: 0,
            line: 1,
            syntax,
            format,
            originals,
            ignored: Ignored::default(),
            nul_seen: false,
            notes: Notes::default(),
            last_batch: (0, 0, 0),
            path: input.path.clone(),
            input_len: input.len,
        };
        for _ in 0..records.format.preamble_rows {
            if !records.has_text()? {
                break;
            }
            records.skip_line()?;
            records.line += 1;
            records.ignored.preamble += 1;
        }
        if records.format.header_rows > 0 {
            records.next_record(&mut RecordBatch::default())?;
        }
        Ok(records)
    }

    /// The next rows, at most `max_rows` (at least one) and fewer when they are large; none at the
    /// end.
    ///
    /// # Errors
    /// `io` when the file cannot be read on, or changed since it was opened.
    pub fn next_batch(&mut self, max_rows: usize) -> Result<Option<RecordBatch>> {
        let (text, cells, rows) = self.last_batch;
        let mut batch = RecordBatch::with_capacity(text + text / 8, cells + cells / 8, rows);
        Ok(self.next_batch_into(&mut batch, max_rows)?.then_some(batch))
    }

    /// [`Records::next_batch`] into a batch whose buffers are used again; false at the end.
    ///
    /// # Errors
    /// Those of [`Records::next_batch`].
    pub fn next_batch_into(&mut self, batch: &mut RecordBatch, max_rows: usize) -> Result<bool> {
        batch.clear();
        while batch.len() < max_rows.max(1) && batch.text_len() < BATCH_TEXT {
            if !self.next_record(batch)? {
                break;
            }
        }
        self.last_batch = batch.sizes();
        Ok(!batch.is_empty())
    }

    /// How the file is written.
    pub fn format(&self) -> &TableFormat {
        &self.format
    }

    /// The columns' names, each once.
    pub fn header(&self) -> &[String] {
        &self.format.columns
    }

    /// The header's cells as the file has them; empty when it has no header.
    pub fn original_header(&self) -> &[String] {
        &self.originals
    }

    /// The lines so far that held no record.
    pub fn ignored(&self) -> Ignored {
        self.ignored
    }

    /// Bytes of the source consumed so far, of [`Input::len`].
    pub fn bytes_read(&self) -> u64 {
        self.reader.bytes
    }

    /// Places so far whose bytes are no text in the file's encoding.
    pub fn malformed(&self) -> u64 {
        self.reader.malformed
    }

    /// Appends the next record to the batch; false at the end.
    fn next_record(&mut self, batch: &mut RecordBatch) -> Result<bool> {
        while self.has_text()? {
            let rest = &self.window[self.at..];
            let tail = if self.reader.ended() { Tail::End } else { Tail::More };
            match rest.as_bytes().first() {
                Some(b'\n' | b'\r') => {
                    match line_end(rest.as_bytes(), 0, tail) {
                        Some((_, next)) => {
                            self.at += next;
                            self.line += 1;
                            self.ignored.blank += 1;
                        }
                        None => self.fill()?,
                    }
                    continue;
                }
                byte if byte == self.syntax.comment.as_ref() => {
                    self.skip_line()?;
                    self.line += 1;
                    self.ignored.comment += 1;
                    continue;
                }
                _ => {}
            }
            let (text, tail) = parse::limited(rest, RECORD, tail);
            self.notes.escaped.clear();
            let found = parse::record(&self.syntax, text.as_bytes(), tail, batch.cells(), &mut self.notes);
            let Some(found) = found else {
                batch.abandon();
                self.fill()?;
                continue;
            };
            let blank = found.fault.is_none() && batch.is_blank(text);
            match blank {
                true => {
                    batch.abandon();
                    self.ignored.blank += 1;
                }
                false => {
                    let issues = self.issues(&text[..found.end], found.fault);
                    batch.finish(&self.syntax, text, &found, &self.notes, self.line, issues);
                }
            }
            self.at += found.next;
            self.line += found.lines;
            if found.fault == Some(Fault::TooLarge) {
                self.skip_line()?;
            }
            if !blank {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn issues(&self, text: &str, fault: Option<Fault>) -> RawIssues {
        let mut issues = match fault {
            None => RawIssues::default(),
            Some(Fault::Unclosed) => RawIssues::UNCLOSED,
            Some(Fault::TooLarge) => RawIssues::TOO_LARGE,
        };
        if self.reader.malformed > 0 && text.contains(char::REPLACEMENT_CHARACTER) {
            issues.add(RawIssues::ENCODING);
        }
        if self.nul_seen && text.contains('\0') {
            issues.add(RawIssues::NUL);
        }
        issues
    }

    /// Goes behind the next line end, however far it is.
    fn skip_line(&mut self) -> Result<()> {
        loop {
            let tail = if self.reader.ended() { Tail::End } else { Tail::More };
            let bytes = self.window.as_bytes();
            if let Some((_, next)) = line_end(bytes, self.at, tail) {
                self.at = next;
                return Ok(());
            }
            // A CR at the end may be half of a line end.
            self.at = if tail == Tail::More && bytes.last() == Some(&b'\r') {
                bytes.len() - 1
            } else {
                bytes.len()
            };
            if tail == Tail::End {
                return Ok(());
            }
            self.fill()?;
        }
    }

    /// Whether there is text left, read from the source where needed.
    fn has_text(&mut self) -> Result<bool> {
        while self.at == self.window.len() {
            if self.reader.ended() {
                return Ok(false);
            }
            self.fill()?;
        }
        Ok(true)
    }

    /// Drops the text handed out and reads a block more.
    fn fill(&mut self) -> Result<()> {
        self.window.drain(..self.at);
        self.at = 0;
        let old = self.window.len();
        self.reader.read_into(&mut self.window).map_err(|error| match &self.path {
            Some(path) => Error::io(&error, path),
            None => Error::new(ErrorCode::Io, format!("reading the source failed: {error}")),
        })?;
        self.nul_seen = self.nul_seen || self.window.as_bytes()[old..].contains(&0);
        if self.reader.ended() && self.reader.bytes != self.input_len {
            let error = Error::new(ErrorCode::Io, "the file changed while it was being read");
            let error = error.hint("wait until it is written, then start again");
            return Err(match &self.path {
                Some(path) => error.at_path(path),
                None => error,
            });
        }
        Ok(())
    }
}

impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Text is personal data and stays out.
        f.debug_struct("Records")
            .field("format", &self.format)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}
