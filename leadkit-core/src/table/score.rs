//! What a cell looks like, for telling dialects and headers apart.

/// The kinds of text a cell may hold, as far as its form tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Empty,
    Email,
    Url,
    Date,
    Phone,
    Number,
    /// Letters, digits and the punctuation of names.
    Words,
    /// Sentences: punctuation followed by blanks, line breaks.
    Text,
    /// Quotes or delimiters where no writer puts them on purpose.
    Odd,
}

impl Look {
    pub(super) fn of(cell: &str) -> Look {
        let cell = cell.trim();
        let bytes = cell.as_bytes();
        if bytes.is_empty() {
            Look::Empty
        } else if is_email(cell) {
            Look::Email
        } else if is_url(cell) {
            Look::Url
        } else if is_date(bytes) {
            Look::Date
        } else if is_phone(bytes) {
            Look::Phone
        } else if is_number(cell) {
            Look::Number
        } else {
            prose(cell)
        }
    }

    /// How well it speaks for the dialect that cut it out.
    pub(super) fn weight(self) -> f64 {
        match self {
            Look::Odd => 0.0,
            Look::Text => 0.9,
            _ => 1.0,
        }
    }

    /// Whether a column's name never looks like this.
    pub(super) fn is_data(self) -> bool {
        matches!(self, Look::Email | Look::Url | Look::Date | Look::Phone | Look::Number)
    }
}

fn is_email(cell: &str) -> bool {
    let Some((local, domain)) = cell.split_once('@') else { return false };
    let plain = |text: &str| !text.contains([' ', ',', ';', '|', '\t', '"', '@', ':']) && !text.is_empty();
    plain(local) && plain(domain) && domain.trim_matches('.').contains('.')
}

fn is_url(cell: &str) -> bool {
    let prefix = |p: &str| cell.get(..p.len()).is_some_and(|start| start.eq_ignore_ascii_case(p));
    (prefix("http://") || prefix("https://") || prefix("www.")) && !cell.contains([' ', '\t', '"', ';', '|'])
}

/// `2026-03-31`, `31.3.26`, `3/31/2026 10:15:00`, `2026-03-31T10:15:00Z`, `10:15`.
fn is_date(bytes: &[u8]) -> bool {
    let shape =
        |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'/' | b'.' | b':' | b' ' | b'T' | b'Z' | b'+');
    if bytes.len() < 4 || bytes.len() > 35 || !bytes.iter().all(shape) || !bytes[0].is_ascii_digit() {
        return false;
    }
    let head: &[u8] = bytes.split(|b| matches!(b, b' ' | b'T')).next().unwrap_or_default();
    let groups = |text: &[u8], by: u8| -> Option<usize> {
        let mut count = 0;
        for group in text.split(|b| *b == by) {
            if !matches!(group.len(), 1 | 2 | 4) || !group.iter().all(u8::is_ascii_digit) {
                return None;
            }
            count += 1;
        }
        Some(count)
    };
    [b'-', b'/', b'.'].iter().any(|by| groups(head, *by) == Some(3))
        || matches!(groups(bytes, b':'), Some(2 | 3))
}

fn is_phone(bytes: &[u8]) -> bool {
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let signs = |b: &u8| matches!(b, b'0'..=b'9' | b'+' | b'(' | b')' | b'-' | b' ' | b'/' | b'.');
    (7..=20).contains(&digits)
        && bytes.iter().all(signs)
        && (matches!(bytes[0], b'+' | b'(' | b'0') || bytes.iter().any(|b| matches!(b, b'-' | b' ' | b'/')))
}

fn is_number(cell: &str) -> bool {
    let body = cell
        .trim_start_matches(['-', '+', '$', '€', '£', '¥', ' '])
        .trim_end_matches(['%', '$', '€', '£', '¥', ' ', '\u{a0}']);
    body.bytes().any(|b| b.is_ascii_digit())
        && body.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == ',')
        && body.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | ' ' | '\u{a0}' | '\u{202f}'))
        // `1,2,3` is a list that a delimiter should have cut.
        && body.bytes().filter(|b| *b == b',').count() <= 1
        || is_grouped(body)
}

/// `1,234,567`: groups of three.
fn is_grouped(body: &str) -> bool {
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
        && whole.contains(',')
        && groups.all(|group| group.len() == 3 && digits(group))
        && digits(fraction)
}

fn prose(cell: &str) -> Look {
    let mut look = Look::Words;
    let mut chars = cell.chars().peekable();
    if cell.starts_with(['\'', '"']) && cell.len() > 1 && cell.ends_with(['\'', '"']) {
        return Look::Odd;
    }
    while let Some(c) = chars.next() {
        match c {
            '"' | '\t' | '|' | '^' => return Look::Odd,
            // A list or sentence has a blank behind; a delimiter has not.
            ',' | ';' => match chars.peek() {
                None => return Look::Odd,
                Some(next) if !next.is_whitespace() => return Look::Odd,
                Some(_) => look = Look::Text,
            },
            '\n' | '\r' | '!' | '?' | '<' | '>' | '{' | '}' | '[' | ']' | '\\' | '=' => look = Look::Text,
            _ => {}
        }
    }
    look
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks() {
        for (cell, look) in [
            ("", Look::Empty),
            ("ada@example.com", Look::Email),
            ("https://example.com/a?b=c,d", Look::Url),
            ("2026-03-31", Look::Date),
            ("31.3.2026 10:15", Look::Date),
            ("2026-03-31T10:15:00Z", Look::Date),
            ("+49 30 1234567", Look::Phone),
            ("312-559-9005", Look::Phone),
            ("1.234,56", Look::Number),
            ("$1,234,567.89", Look::Number),
            ("1,2,3", Look::Odd),
            ("-5", Look::Number),
            ("O'Neil & Sons (Ltd.)", Look::Words),
            ("Fifth Avenue 3, New York", Look::Text),
            ("a;b", Look::Odd),
            ("\"x", Look::Odd),
            ("'x'", Look::Odd),
        ] {
            assert_eq!(Look::of(cell), look, "{cell:?}");
        }
    }
}
