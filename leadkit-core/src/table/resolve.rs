//! Puts together what a file's beginning tells and what the caller says.

use crate::error::{Error, ErrorCode, Result};
use crate::progress::CancelToken;

use super::content;
use super::dialect::{self, Dialect, modal_length};
use super::encoding::{self, Detected};
use super::format::GivenSyntax;
use super::header;
use super::parse::{Syntax, Tail};
use super::source::{Input, Source};
use crate::model::format::{FormatOptions, TableFormat};

/// Finds out how a file is written: encoding, delimiter, quotes, preamble, header.
///
/// The whole source is read once; of a stream nothing is left afterwards, so keep an
/// [`Input`](crate::table::Input) when it is to be imported too. A single column is a table, with
/// the delimiter `,`.
///
/// # Errors
/// Those of [`Source::open`]; `not_a_table` also for JSON, markup and binary data.
///
/// ```
/// use leadkit_core::table::sniff;
/// let format = sniff(b"sep=;\nname;email\nAda;ada@example.com\n".to_vec())?;
/// assert_eq!((format.delimiter.as_str(), format.preamble_rows, format.header_rows), (";", 1, 1));
/// assert_eq!(format.columns, ["name", "email"]);
///
/// assert_eq!(sniff(b"{\"email\": \"ada@example.com\"}".to_vec()).unwrap_err().code(), "not_a_table");
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn sniff(source: impl Into<Source>) -> Result<TableFormat> {
    sniff_with(source, &FormatOptions::default())
}

/// [`sniff`] for a caller who knows some of it.
///
/// # Errors
/// Those of [`sniff`], and `invalid_argument` for an option that cannot be honoured.
///
/// ```
/// use leadkit_core::table::{FormatOptions, sniff_with};
/// let options = FormatOptions { header: Some(false), ..Default::default() };
/// let format = sniff_with(b"name,email\n".to_vec(), &options)?;
/// assert_eq!(format.columns, ["column_1", "column_2"]);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn sniff_with(source: impl Into<Source>, options: &FormatOptions) -> Result<TableFormat> {
    // Options first: a large file is not read for a misspelt one.
    GivenSyntax::new(options)?;
    let input = source.into().open(&CancelToken::default(), None)?;
    Ok(resolve(&input, options)?.format)
}

/// All that reading needs.
pub(super) struct Resolved {
    pub(super) format: TableFormat,
    pub(super) syntax: Syntax,
    pub(super) detected: Detected,
    /// The header's cells as written; empty without a header.
    pub(super) originals: Vec<String>,
}

pub(super) fn resolve(input: &Input, options: &FormatOptions) -> Result<Resolved> {
    let at_input = |error: Error| match &input.path {
        Some(path) => error.at_path(path),
        None => error,
    };
    let given = GivenSyntax::new(options)?;
    let detected = match &options.encoding {
        Some(label) => encoding::by_label(label, input.head())?,
        None => encoding::detect(input.head(), input.check(), input.sample()),
    };
    let whole = input.head_is_whole();
    let text = encoding::decode_head(input.head(), whole, detected);
    content::check_text(&text).map_err(at_input)?;
    let tail = if whole { Tail::End } else { Tail::More };

    let sep = dialect::sep_line(&text).filter(|_| options.preamble_rows != Some(0));
    let skipped = options.preamble_rows.unwrap_or(u64::from(sep.is_some()));
    let body = &text[dialect::skip_lines(&text, skipped)..];
    let known = GivenSyntax { delimiter: given.delimiter.or(sep), ..given };
    let Dialect { syntax, confidence } = dialect::detect(body, skipped + 1, tail, &known);
    let rows = dialect::sample(body, skipped + 1, tail, &syntax).rows;
    if rows.is_empty() {
        let what = match skipped {
            0 => "the source holds no cell with a value",
            _ => "the source holds no cell with a value below its preamble",
        };
        return Err(at_input(
            Error::new(ErrorCode::EmptySource, what).hint("check the export that wrote it"),
        ));
    }
    let start = match options.preamble_rows {
        Some(_) => 0,
        None => header::table_start(&rows, options.header),
    };
    let (first, below) = (&rows[start], &rows[start + 1..]);
    let has_header = options.header.unwrap_or_else(|| header::is_header(&first.cells, below));
    let originals: Vec<String> = match has_header {
        true => first.cells.iter().map(|cell| cell.to_string()).collect(),
        false => Vec::new(),
    };
    let columns = match has_header {
        true => header::unique_names(originals.iter().map(String::as_str)),
        false => header::numbered_names(modal_length(rows[start..].iter())),
    };
    let text_of = |byte: Option<u8>| byte.map(|byte| char::from(byte).to_string());
    let format = TableFormat {
        encoding: detected.encoding.name().to_string(),
        bom: detected.bom > 0,
        delimiter: char::from(syntax.delimiter).to_string(),
        quote: text_of(syntax.quote),
        escape: text_of(syntax.escape),
        line_terminator: line_terminator(&text).to_string(),
        comment: text_of(syntax.comment),
        preamble_rows: if start > 0 { first.line - 1 } else { skipped },
        header_rows: u64::from(has_header),
        sheets: Vec::new(),
        // Rounded, so that reports stay equal where sums of floats would differ in the last digit.
        confidence: (confidence * detected.confidence * 100.0).round() / 100.0,
        columns,
    };
    Ok(Resolved { format, syntax, detected, originals })
}

/// The most frequent line end; `\n` when there is none.
fn line_terminator(text: &str) -> &'static str {
    let count = |byte: u8| text.bytes().filter(|b| *b == byte).count();
    let pairs = text.as_bytes().windows(2).filter(|pair| pair == b"\r\n").count();
    let (cr, lf) = (count(b'\r') - pairs, count(b'\n') - pairs);
    if pairs > 0 && pairs >= cr && pairs >= lf {
        "\r\n"
    } else if cr > lf {
        "\r"
    } else {
        "\n"
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn format(bytes: impl Into<Vec<u8>>) -> TableFormat {
        sniff(bytes.into()).unwrap()
    }

    #[test]
    fn line_ends() {
        assert_eq!(format("a,b\r\n1,2\r\n").line_terminator, "\r\n");
        assert_eq!(format("a,b\r1,2\r").line_terminator, "\r");
        assert_eq!(format("a,b").line_terminator, "\n");
    }

    #[test]
    fn preamble() {
        let found = format("Export of 2026-01-01\n\nname,email\nAda,ada@example.com\nBob,bob@example.com\n");
        assert_eq!((found.preamble_rows, found.header_rows), (2, 1));
        assert_eq!(found.columns, ["name", "email"]);
        let found = format("\n\nname,email\nAda,ada@example.com\n");
        assert_eq!(found.preamble_rows, 0);
    }

    #[test]
    fn blank_tables_are_empty() {
        assert_eq!(sniff(b",,,\n,,\n".to_vec()).unwrap_err().code(), "empty_source");
        let options = FormatOptions { preamble_rows: Some(9), ..Default::default() };
        assert_eq!(sniff_with(b"a,b\n".to_vec(), &options).unwrap_err().code(), "empty_source");
    }

    #[test]
    fn options_win() {
        let options =
            FormatOptions { delimiter: Some(",".into()), preamble_rows: Some(1), ..Default::default() };
        let found = sniff_with(b"sep=;\nname;x,email\nAda;y,a@b.de\n".to_vec(), &options).unwrap();
        assert_eq!((found.delimiter.as_str(), found.preamble_rows), (",", 1));
        assert_eq!(found.columns, ["name;x", "email"]);
    }
}
