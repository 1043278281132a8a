//! The guard against formulas in files for people, and its exact reversal.

use std::borrow::Cow;

/// Puts an apostrophe before a cell that a spreadsheet would run as a formula.
///
/// A cell is guarded when its first character after any apostrophes is one of `= + - @`, their
/// full-width forms, TAB, CR or LF (OWASP, "CSV Injection"). Counting the apostrophes in makes it
/// exactly reversible: `unguard(&guard(x)) == x` for every text.
///
/// ```
/// use leadkit_core::table::{guard, unguard};
/// assert_eq!(guard("=1+1"), "'=1+1");
/// assert_eq!(guard("'=1+1"), "''=1+1");
/// assert_eq!(guard("Ada"), "Ada");
/// assert_eq!(unguard(&guard("+49 30 1234567")), "+49 30 1234567");
/// ```
pub fn guard(cell: &str) -> Cow<'_, str> {
    match is_formula(cell.trim_start_matches('\'')) {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    }
}

/// Takes off the apostrophe that [`guard`] put on, and no other.
///
/// ```
/// use leadkit_core::table::unguard;
/// assert_eq!(unguard("'+49 30 1234567"), "+49 30 1234567");
/// assert_eq!(unguard("'s-Hertogenbosch"), "'s-Hertogenbosch");
/// ```
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::Random;

    #[test]
    fn reversal_is_exact() {
        let mut random = Random::new(7);
        for _ in 0..50_000 {
            let length = random.below(6);
            let text: String =
                (0..length).map(|_| random.pick(&['\'', '=', '+', '@', '\t', 'a', '＝', ' '])).collect();
            assert_eq!(unguard(&guard(&text)), text);
            assert!(!is_formula(&guard(&text)), "{text:?}");
        }
    }

    #[test]
    fn other_apostrophes_stay() {
        for text in ["'s-Hertogenbosch", "'Abd", "'", "''", "O'Neil", "'12"] {
            assert_eq!(unguard(text), text);
            assert_eq!(guard(text), text);
        }
    }
}
