//! Words of a column name: `FirstName`, `first-name` and `FIRST_NAME` are the same two.

use crate::text::fold;

/// The folded words of a column name; camelCase, digits and punctuation divide.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(name.len() + 8);
    let chars: Vec<char> = name.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|j| chars.get(j)).copied();
        let after = chars.get(i + 1).copied();
        if before.is_some_and(|b| divides(b, c, after)) {
            spaced.push(' ');
        }
        spaced.push(c);
    }
    // Folding comes last: it lowers the letters that camelCase is told by.
    fold(&spaced)
        .split(|c: char| !c.is_alphanumeric() && c != 'ー')
        .filter(|word| !word.is_empty())
        .map(str::to_string)
        .collect()
}

/// The words run together, so that `e-mail` equals `email` and `post code` equals `postcode`.
pub(super) fn key(name: &str) -> String {
    words(name).concat()
}

fn divides(before: char, c: char, after: Option<char>) -> bool {
    let hump = before.is_lowercase() && c.is_uppercase();
    let acronym_ends = before.is_uppercase() && c.is_uppercase() && after.is_some_and(char::is_lowercase);
    let digit = before.is_alphabetic() && c.is_ascii_digit() || before.is_ascii_digit() && c.is_alphabetic();
    hump || acronym_ends || digit
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for name in ["FirstName", "first-name", "FIRST_NAME", " first  name ", "First.Name*", "firstName:"] {
            assert_eq!(key(name), "firstname", "{name}");
        }
        assert_eq!(words("E-Mail-Adresse (geschäftlich)"), ["e", "mail", "adresse", "geschaftlich"]);
        assert_eq!(words("leadID"), ["lead", "id"]);
        assert_eq!(words("URLSlug2"), ["url", "slug", "2"]);
        assert_eq!(key("メール"), key("メール "));
        assert_eq!(key("★"), "");
    }
}
