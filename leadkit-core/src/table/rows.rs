//! A table row by row, for callers who want lists of strings.

use serde::Serialize;

use crate::error::Result;
use crate::model::issue::{IssueCode, Severity};
use crate::progress::CancelToken;

use super::batch::RecordBatch;
use super::format::GivenSyntax;
use super::read::{Ignored, Records};
use super::source::Source;
use crate::model::format::{FormatOptions, TableFormat};

/// An issue and the line of the file where the row begins.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LineIssue {
    /// The line, counted from 1.
    pub line: u64,
    /// The stable code.
    pub code: IssueCode,
    /// How grave it is.
    pub severity: Severity,
    /// The field it is about; none, since a table knows no fields.
    pub field: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
    /// The value as it stood; none for a whole row.
    pub value: Option<String>,
}

impl LineIssue {
    fn new(line: u64, code: IssueCode) -> Self {
        let (severity, message) = (code.severity(), code.message().to_string());
        LineIssue { line, code, severity, field: None, message, value: None }
    }
}

/// A table being read: its header, its format, and its rows as an iterator.
///
/// Rows have as many cells as the file gives them. Rows that could not be read properly come out as
/// they are and are named in [`Table::issues`].
#[derive(Debug)]
pub struct Table {
    records: Records,
    batch: RecordBatch,
    next: usize,
    issues: Vec<LineIssue>,
    failed: bool,
}

/// Reads a table in any encoding and dialect, streaming.
///
/// # Errors
/// Those of [`sniff_with`](crate::table::sniff_with); `io` from the iterator.
///
/// ```
/// use leadkit_core::table::{FormatOptions, read_table};
/// let mut table = read_table(b"name\tcity\nAda\tLondon\n".to_vec(), &FormatOptions::default())?;
/// assert_eq!(table.header(), ["name", "city"]);
/// let rows = table.collect::<leadkit_core::Result<Vec<_>>>()?;
/// assert_eq!(rows, [["Ada", "London"]]);
///
/// let error = read_table("no/such/file.csv", &FormatOptions::default()).unwrap_err();
/// assert_eq!(error.code(), "file_not_found");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn read_table(source: impl Into<Source>, options: &FormatOptions) -> Result<Table> {
    // Options first: a large file is not read for a misspelt one.
    GivenSyntax::new(options)?;
    let input = source.into().open(&CancelToken::default(), None)?;
    let records = Records::open(&input, options)?;
    Ok(Table { records, batch: RecordBatch::default(), next: 0, issues: Vec::new(), failed: false })
}

/// A batch small enough to be cheap for a caller who wants only the first rows.
const ROWS: usize = 256;
/// More issues than that say nothing new.
const ISSUES: usize = 1000;

impl Table {
    /// The columns' names, each once.
    pub fn header(&self) -> &[String] {
        self.records.header()
    }

    /// How the file is written.
    pub fn format(&self) -> &TableFormat {
        self.records.format()
    }

    /// What was noticed in the rows so far, at most 1,000.
    pub fn issues(&self) -> &[LineIssue] {
        &self.issues
    }

    /// The lines so far that held no record.
    pub fn ignored(&self) -> Ignored {
        self.records.ignored()
    }
}

impl Iterator for Table {
    type Item = Result<Vec<String>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.batch.len() {
            if self.failed {
                return None;
            }
            match self.records.next_batch(ROWS) {
                Ok(Some(batch)) => self.batch = batch,
                Ok(None) => return None,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
            self.next = 0;
        }
        let row = self.batch.row(self.next);
        self.next += 1;
        for code in row.raw_issues().iter() {
            if self.issues.len() < ISSUES {
                self.issues.push(LineIssue::new(row.line(), code));
            }
        }
        Some(Ok(row.iter().map(str::to_string).collect()))
    }
}
