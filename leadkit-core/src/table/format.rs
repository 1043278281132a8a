//! What the caller says about a file, checked.

use crate::error::{Error, ErrorCode, Result};
use crate::model::format::FormatOptions;

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
