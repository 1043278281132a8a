//! How a file is written down, as found or as asked for.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode, Result};

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

/// The options about characters, checked; the outer `Option` says whether one was given.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GivenSyntax {
    pub(super) delimiter: Option<u8>,
    pub(super) quote: Option<Option<u8>>,
    pub(super) escape: Option<Option<u8>>,
    pub(super) comment: Option<Option<u8>>,
}

impl GivenSyntax {
    /// Checks the options against each other.
    pub(super) fn new(options: &FormatOptions) -> Result<Self> {
        let delimiter = match options.delimiter.as_deref() {
            None => None,
            Some("\\t" | "tab") => Some(b'\t'),
            Some(text) => Some(
                one_character("delimiter", text)?
                    .ok_or_else(|| invalid("delimiter", "is empty; give one character such as `,` or `;`"))?,
            ),
        };
        let optional = |name: &str, text: &Option<String>| {
            text.as_deref().map(|text| one_character(name, text)).transpose()
        };
        let given = GivenSyntax {
            delimiter,
            quote: optional("quote", &options.quote)?,
            // A quote that escapes a quote is the doubled quote.
            escape: optional("escape", &options.escape)?
                .map(|escape| escape.filter(|escape| Some(Some(*escape)) != given_quote(options))),
            comment: optional("comment", &options.comment)?,
        };
        if given.quote == Some(None) && given.escape.flatten().is_some() {
            return Err(invalid("escape", "is given although `quote` says that the file has no quotes"));
        }
        let roles = [
            ("delimiter", given.delimiter),
            ("quote", given.quote.flatten()),
            ("escape", given.escape.flatten()),
            ("comment", given.comment.flatten()),
        ];
        for (i, (name, byte)) in roles.iter().enumerate() {
            for (other, taken) in &roles[..i] {
                if byte.is_some() && byte == taken {
                    return Err(invalid(name, &format!("is the same character as `{other}`")));
                }
            }
        }
        Ok(given)
    }
}

fn given_quote(options: &FormatOptions) -> Option<Option<u8>> {
    match options.quote.as_deref() {
        None => Some(Some(b'"')),
        Some(text) => Some(text.as_bytes().first().copied()),
    }
}

/// One ASCII character other than a line break; none for the empty text.
fn one_character(name: &str, text: &str) -> Result<Option<u8>> {
    match text.as_bytes() {
        [] => Ok(None),
        [b'\r' | b'\n' | 0] => Err(invalid(name, "is a line break or NUL, which separate records")),
        [byte] if byte.is_ascii() => Ok(Some(*byte)),
        _ => Err(invalid(name, "is not one ASCII character")),
    }
}

fn invalid(option: &str, what: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, format!("the format option `{option}` {what}")).at_field(option)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn options_are_honoured_or_rejected() {
        let with = |f: fn(&mut FormatOptions)| {
            let mut options = FormatOptions::default();
            f(&mut options);
            GivenSyntax::new(&options)
        };
        assert_eq!(with(|o| o.delimiter = Some("\\t".into())).unwrap().delimiter, Some(b'\t'));
        assert_eq!(with(|o| o.quote = Some(String::new())).unwrap().quote, Some(None));
        assert_eq!(with(|o| o.escape = Some("\"".into())).unwrap().escape, Some(None));
        for bad in [
            with(|o| o.delimiter = Some(String::new())),
            with(|o| o.delimiter = Some("||".into())),
            with(|o| o.delimiter = Some("§".into())),
            with(|o| o.quote = Some("\n".into())),
            with(|o| {
                o.delimiter = Some(",".into());
                o.comment = Some(",".into());
            }),
            with(|o| {
                o.quote = Some(String::new());
                o.escape = Some("\\".into());
            }),
        ] {
            assert_eq!(bad.unwrap_err().code(), "invalid_argument");
        }
    }

    #[test]
    fn unknown_options_are_refused() {
        assert!(serde_json::from_str::<FormatOptions>(r#"{"delimeter": ","}"#).is_err());
        assert_eq!(serde_json::from_str::<FormatOptions>("{}").unwrap(), FormatOptions::default());
    }
}
