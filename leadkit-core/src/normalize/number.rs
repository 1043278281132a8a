//! Numbers as people and spreadsheets write them.

use serde::{Deserialize, Serialize};

/// What stands before the fraction: `1.5` or `1,5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1,234.5`
    #[default]
    Point,
    /// `1.234,5`
    Comma,
}

/// Reads a number with its grouping, currency, percent sign and exponent.
///
/// `mark` decides only where both readings exist (`1,234`); `1,5` and `1.234,50` are clear. The
/// percent sign is dropped, not divided by. None for what is no finite number.
///
/// ```
/// use leadkit_core::normalize::{DecimalMark, parse_number};
/// assert_eq!(parse_number("$1,200", DecimalMark::Point), Some(1200.0));
/// assert_eq!(parse_number("1.234,50 €", DecimalMark::Point), Some(1234.5));
/// assert_eq!(parse_number("1,234", DecimalMark::Comma), Some(1.234));
/// assert_eq!(parse_number("100%", DecimalMark::Point), Some(100.0));
/// assert_eq!(parse_number("twelve", DecimalMark::Point), None);
/// ```
pub fn parse_number(text: &str, mark: DecimalMark) -> Option<f64> {
    let (negative, body) = strip(text)?;
    // Most numbers are digits only.
    if body.len() <= 15 && body.bytes().all(|b| b.is_ascii_digit()) {
        let whole: u64 = body.parse().ok()?;
        return Some(if negative { -(whole as f64) } else { whole as f64 });
    }
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], &body[at..]),
        None => (body, ""),
    };
    let decimal = decimal_of(mantissa, mark)?;
    let mut plain = String::with_capacity(body.len());
    let fraction_at = decimal.unwrap_or(mantissa.len());
    for (at, c) in mantissa.char_indices() {
        if c.is_ascii_digit() {
            plain.push(c);
        } else if at == fraction_at {
            plain.push('.');
        }
    }
    plain.push_str(exponent);
    let value: f64 = plain.parse().ok().filter(|v: &f64| v.is_finite())?;
    Some(if negative { -value } else { value })
}

/// The decimal mark that a column's clear values show; none when nothing is clear, or as much for
/// one as for the other.
///
/// ```
/// use leadkit_core::normalize::{DecimalMark, detect_decimal_mark};
/// assert_eq!(detect_decimal_mark(["1,234", "0,5"]), Some(DecimalMark::Comma));
/// assert_eq!(detect_decimal_mark(["1,234", "12"]), None);
/// ```
pub fn detect_decimal_mark<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<DecimalMark> {
    let (mut point, mut comma) = (0u32, 0u32);
    for text in values {
        let Some((_, body)) = strip(text) else { continue };
        let read = |mark| parse_number(text, mark);
        let clear =
            read(DecimalMark::Point).is_some() && read(DecimalMark::Point) == read(DecimalMark::Comma);
        if !clear || !body.contains(['.', ',']) {
            continue;
        }
        match decimal_of(body, DecimalMark::Point) {
            Some(Some(at)) if body.as_bytes().get(at) == Some(&b'.') => point += 1,
            Some(Some(_)) => comma += 1,
            // Grouping only: the other one is the decimal mark.
            Some(None) if body.contains(',') => point += 1,
            Some(None) => comma += 1,
            None => {}
        }
    }
    match point.cmp(&comma) {
        std::cmp::Ordering::Greater => Some(DecimalMark::Point),
        std::cmp::Ordering::Less => Some(DecimalMark::Comma),
        std::cmp::Ordering::Equal => None,
    }
}

/// Takes sign, currency and percent away.
fn strip(text: &str) -> Option<(bool, &str)> {
    let mut body = text.trim();
    let mut negative = false;
    if let Some(inner) = body.strip_prefix('(').and_then(|b| b.strip_suffix(')')) {
        // (1,200): an accountant's minus.
        (negative, body) = (true, inner);
    }
    loop {
        let before = body;
        body = body.trim_matches(|c: char| c.is_whitespace() || is_currency(c));
        body = body.strip_suffix('%').unwrap_or(body);
        for code in ["USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "US", "Fr."]
        {
            body = body.strip_prefix(code).unwrap_or(body);
            body = body.strip_suffix(code).unwrap_or(body);
        }
        if let Some(rest) = body.strip_prefix(['-', '\u{2212}']).or_else(|| body.strip_suffix('-')) {
            if negative {
                return None;
            }
            (negative, body) = (true, rest);
        }
        body = body.strip_prefix('+').unwrap_or(body);
        if body == before {
            break;
        }
    }
    (body.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',')).then_some((negative, body))
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '£' | '¥' | '¢' | '\u{20a0}'..='\u{20c0}')
}

/// Where the decimal mark of a mantissa is: `Some(None)` without one, none when it is no number.
fn decimal_of(text: &str, mark: DecimalMark) -> Option<Option<usize>> {
    let mut marks = [(0usize, 0usize); 2];
    let mut last = None;
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => {}
            '.' => marks[0] = (marks[0].0 + 1, at),
            ',' => marks[1] = (marks[1].0 + 1, at),
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}' | '_' => {
                last = Some(at + c.len_utf8());
                continue;
            }
            _ => return None,
        }
    }
    let [(points, point), (commas, comma)] = marks;
    let decimal = match (points, commas) {
        (0, 0) => None,
        (1, 0) | (0, 1) => {
            let (at, own) = if points == 1 {
                (point, mark == DecimalMark::Point)
            } else {
                (comma, mark == DecimalMark::Comma)
            };
            let after = text.len() - at - 1;
            let grouping = !own && after == 3 && (1..=3).contains(&at) && !text.starts_with('0');
            (!grouping).then_some(at)
        }
        (_, 0) | (0, _) => None,
        (1, _) if point > comma => Some(point),
        (_, 1) if comma > point => Some(comma),
        _ => return None,
    };
    let whole = &text[..decimal.unwrap_or(text.len())];
    let grouped_well =
        whole.rsplit(['.', ',']).next().is_some_and(|g| g.len() == 3 || !whole.contains(['.', ',']));
    // 1 234 and 1'234: three digits after the last blank.
    let spaced_well = last.is_none_or(|at| whole.len() >= at && whole[at..].len() == 3);
    (grouped_well && spaced_well).then_some(decimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers() {
        use DecimalMark::{Comma, Point};
        for (text, mark, expect) in [
            ("12", Point, 12.0),
            ("-12.5", Point, -12.5),
            ("1,5", Point, 1.5),
            ("1.234,50", Point, 1234.5),
            ("1,234.50", Comma, 1234.5),
            ("1 234.5", Point, 1234.5),
            ("1'234", Point, 1234.0),
            ("1e3", Point, 1000.0),
            ("1.5E-3", Point, 0.0015),
            ("100%", Point, 100.0),
            ("$1,200", Point, 1200.0),
            ("1.200", Comma, 1200.0),
            ("1.200", Point, 1.2),
            ("0.200", Comma, 0.2),
            ("1,00,000", Point, 100_000.0),
            ("(1,200)", Point, -1200.0),
            ("12-", Point, -12.0),
            (".5", Point, 0.5),
            ("EUR 12,50", Point, 12.5),
            ("1\u{202f}234,5 €", Point, 1234.5),
        ] {
            assert_eq!(parse_number(text, mark), Some(expect), "{text}");
        }
        for text in ["", "-", "abc", "1.2.3", "1,2,3", "12 34", "1e999", "--1", "12abc", "."] {
            assert_eq!(parse_number(text, Point), None, "{text}");
        }
    }

    #[test]
    fn finds_a_columns_mark() {
        assert_eq!(detect_decimal_mark(["1.50", "1,234"]), Some(DecimalMark::Point));
        assert_eq!(detect_decimal_mark(["1.234.567"]), Some(DecimalMark::Comma));
        assert_eq!(detect_decimal_mark(["x", "", "7"]), None);
    }
}
