//! How a file of records is written down, as found or as asked for.

use serde::{Deserialize, Serialize};

/// How a file of records is written: what [`sniff`](crate::table::sniff) finds.
///
/// ```
/// let format = leadkit_core::table::sniff(b"name;age\nAda;36\n".to_vec())?;
/// assert_eq!((format.delimiter.as_str(), format.header_rows), (";", 1));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TableFormat {
    /// The character encoding by its WHATWG name: `UTF-8`, `UTF-16LE`, `windows-1252`.
    pub encoding: String,
    /// Whether the file begins with a byte order mark.
    pub bom: bool,
    /// The character between two cells.
    pub delimiter: String,
    /// The character around cells that hold delimiters or line breaks; none when quotes mean
    /// themselves.
    pub quote: Option<String>,
    /// The character that makes a quote inside a quoted cell literal; none when quotes are doubled.
    pub escape: Option<String>,
    /// The prevailing end of a line: `\n`, `\r\n` or `\r`. Reading accepts all three, mixed too.
    pub line_terminator: String,
    /// The character that begins a line to be ignored.
    pub comment: Option<String>,
    /// Lines at the top that are no part of the table: titles, blank lines between them and the
    /// header, Excel's `sep=;`.
    pub preamble_rows: u64,
    /// Rows that name the columns: 0 or 1.
    pub header_rows: u64,
    /// The sheets of a workbook; empty for text files.
    pub sheets: Vec<String>,
    /// How sure all of this is, from 0 to 1.
    pub confidence: f64,
    /// The columns' names, each once: `email`, `email_2`; `column_3` where the file names none.
    pub columns: Vec<String>,
}

/// What the caller knows about a file better than detection does; what is not given is detected.
///
/// An option is honoured or rejected, never silently ignored. An empty string for `quote`,
/// `escape` or `comment` says that the file has none.
///
/// ```
/// use leadkit_core::table::{FormatOptions, sniff_with};
/// let options = FormatOptions { delimiter: Some("|".into()), header: Some(false), ..Default::default() };
/// let format = sniff_with(b"a,b|c\n".to_vec(), &options)?;
/// assert_eq!(format.columns, ["column_1", "column_2"]);
///
/// let wrong = FormatOptions { encoding: Some("utf-9".into()), ..Default::default() };
/// assert_eq!(sniff_with(b"a\n".to_vec(), &wrong).unwrap_err().code(), "invalid_argument");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FormatOptions {
    /// The character encoding by any WHATWG label: `utf-8`, `windows-1252`, `latin1`, `utf-16le`.
    pub encoding: Option<String>,
    /// The character between two cells: one ASCII character; `\t` may be spelt out.
    pub delimiter: Option<String>,
    /// The character around cells: one ASCII character, or empty for none.
    pub quote: Option<String>,
    /// The character that makes a quote inside a quoted cell literal, or empty for doubled quotes.
    pub escape: Option<String>,
    /// The character that begins a line to be ignored, or empty for none.
    pub comment: Option<String>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// Lines to skip at the top, whatever they hold.
    pub preamble_rows: Option<u64>,
}
