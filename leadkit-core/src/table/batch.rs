//! Rows in one flat arena, and what was noticed about each.

use crate::model::issue::IssueCode;

use super::parse::{Found, Notes, Span, Syntax, unescape};

/// Rows of a file, held in a few large buffers rather than many small strings.
///
/// ```
/// use leadkit_core::{CancelToken, table::{FormatOptions, Records, Source}};
/// let input = Source::from(b"name,city\nAda,London\n".to_vec()).open(&CancelToken::default(), None)?;
/// let mut records = Records::open(&input, &FormatOptions::default())?;
/// let batch = records.next_batch(1000)?.expect("one batch");
/// assert_eq!((batch.len(), batch.row(0).get(1), batch.row(0).line()), (1, "London", 2));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RecordBatch {
    text: String,
    cells: Vec<Span>,
    rows: Vec<RowEnd>,
}

#[derive(Clone, Copy, Debug)]
struct RowEnd {
    cells: u32,
    issues: RawIssues,
    line: u64,
}

/// One row of a [`RecordBatch`], with as many cells as the file has there.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    text: &'a str,
    cells: &'a [Span],
    line: u64,
    issues: RawIssues,
}

/// What was noticed while a row was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawIssues(u8);

impl RecordBatch {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row at `index`, counted from 0; an empty row past the end.
    pub fn row(&self, index: usize) -> Row<'_> {
        let first = match index.checked_sub(1) {
            None => 0,
            Some(before) => self.rows.get(before).map_or(self.cells.len(), |row| row.cells as usize),
        };
        match self.rows.get(index) {
            Some(row) => Row {
                text: &self.text,
                cells: self.cells.get(first..row.cells as usize).unwrap_or_default(),
                line: row.line,
                issues: row.issues,
            },
            None => Row { text: "", cells: &[], line: 0, issues: RawIssues(0) },
        }
    }

    /// The rows in the file's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.len()).map(|index| self.row(index))
    }

    /// How many bytes of text the rows hold.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn with_capacity(text: usize, cells: usize, rows: usize) -> Self {
        RecordBatch {
            text: String::with_capacity(text),
            cells: Vec::with_capacity(cells),
            rows: Vec::with_capacity(rows),
        }
    }

    /// Empties the batch and keeps its buffers.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.rows.clear();
    }

    /// Lengths of the buffers.
    pub(super) fn sizes(&self) -> (usize, usize, usize) {
        (self.text.len(), self.cells.len(), self.rows.len())
    }

    /// Where the parser appends the cells of the next row.
    pub(super) fn cells(&mut self) -> &mut Vec<Span> {
        &mut self.cells
    }

    /// How many cells the finished rows have.
    pub(super) fn finished_cells(&self) -> usize {
        self.rows.last().map_or(0, |row| row.cells as usize)
    }

    /// Whether the cells appended since the last row hold nothing but blanks.
    pub(super) fn is_blank(&self, window: &str) -> bool {
        self.cells[self.finished_cells()..]
            .iter()
            .all(|cell| is_blank(&window[cell.start as usize..cell.end as usize]))
    }

    /// Drops the cells appended since the last row.
    pub(super) fn abandon(&mut self) {
        let finished = self.finished_cells();
        self.cells.truncate(finished);
    }

    /// Makes the cells appended since the last row a row; `window` begins with its text.
    pub(super) fn finish(
        &mut self,
        syntax: &Syntax,
        window: &str,
        found: &Found,
        notes: &Notes,
        line: u64,
        issues: RawIssues,
    ) {
        let first = self.finished_cells();
        let base = self.text.len() as u32;
        self.text.push_str(&window[..found.end]);
        for cell in &mut self.cells[first..] {
            cell.start += base;
            cell.end += base;
        }
        for index in &notes.escaped {
            let cell = &mut self.cells[first + *index as usize];
            let raw = &window[(cell.start - base) as usize..(cell.end - base) as usize];
            cell.start = self.text.len() as u32;
            unescape(syntax, raw, &mut self.text);
            cell.end = self.text.len() as u32;
        }
        if issues.has(RawIssues::NUL) {
            self.remove_nuls(first);
        }
        self.rows.push(RowEnd { cells: self.cells.len() as u32, issues, line });
    }

    fn remove_nuls(&mut self, first: usize) {
        for cell in &mut self.cells[first..] {
            let clean = self.text[cell.start as usize..cell.end as usize].replace('\0', "");
            cell.start = self.text.len() as u32;
            self.text.push_str(&clean);
            cell.end = self.text.len() as u32;
        }
    }
}

/// Whether a cell shows nothing; the character that ended files under DOS is nothing too.
pub(super) fn is_blank(cell: &str) -> bool {
    cell.chars().all(|c| c.is_whitespace() || matches!(c, '\0' | '\u{1a}' | '\u{feff}'))
}

impl<'a> Row<'a> {
    /// The cell in column `index`, counted from 0; empty past the row's end.
    pub fn get(&self, index: usize) -> &'a str {
        self.cells.get(index).map_or("", |cell| &self.text[cell.start as usize..cell.end as usize])
    }

    /// How many cells the row has in the file.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether the row has no cell.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The cells from left to right.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let text = self.text;
        self.cells.iter().map(move |cell| &text[cell.start as usize..cell.end as usize])
    }

    /// The line of the file on which the row begins, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What was noticed while reading it.
    pub fn raw_issues(&self) -> RawIssues {
        self.issues
    }
}

impl RawIssues {
    pub(super) const UNCLOSED: RawIssues = RawIssues(1);
    pub(super) const TOO_LARGE: RawIssues = RawIssues(2);
    pub(super) const ENCODING: RawIssues = RawIssues(4);
    pub(super) const NUL: RawIssues = RawIssues(8);

    /// Whether nothing was noticed.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the row's cells cannot be trusted: an unclosed quote, or larger than any lead.
    pub fn is_bad(self) -> bool {
        self.has(RawIssues::UNCLOSED) || self.has(RawIssues::TOO_LARGE)
    }

    /// The codes: `unclosed_quote`, `record_too_large`, `invalid_encoding`, `nul_removed`.
    pub fn iter(self) -> impl Iterator<Item = IssueCode> {
        [
            (RawIssues::UNCLOSED, IssueCode::UnclosedQuote),
            (RawIssues::TOO_LARGE, IssueCode::RecordTooLarge),
            (RawIssues::ENCODING, IssueCode::InvalidEncoding),
            (RawIssues::NUL, IssueCode::NulRemoved),
        ]
        .into_iter()
        .filter(move |(flag, _)| self.has(*flag))
        .map(|(_, code)| code)
    }

    pub(super) fn add(&mut self, other: RawIssues) {
        self.0 |= other.0;
    }

    fn has(self, flag: RawIssues) -> bool {
        self.0 & flag.0 != 0
    }
}
