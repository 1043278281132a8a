//! What the cells of opt-out and opt-in columns say.

use super::{DateOrder, parse_boolean, parse_date, parse_instant};
use crate::text::{fold, is_placeholder};

/// What a cell of a column about permission says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentAnswer {
    /// Nothing: blank, or a no, which neither grants nor withdraws.
    Silent,
    /// The person agreed.
    Agreed,
    /// The person refused.
    Refused,
    /// Something that cannot be told to be yes or no.
    Unreadable,
}

/// Reads a cell of an opt-out column (`opt_out`) or of an opt-in column: yes and no in a dozen languages,
/// marks, dates, and what systems write (`Unsubscribed`, `Opted in`, `Do Not Allow`).
///
/// A date says yes. A no is silent: that somebody has not opted out is no consent, and that somebody
/// has not opted in is no refusal, since most were never asked. An opt-in column that tells of a refusal
/// (`unsubscribed`) has refused.
///
/// ```
/// use leadkit_core::normalize::{ConsentAnswer, parse_consent};
/// assert_eq!(parse_consent("Ja", true), ConsentAnswer::Refused);
/// assert_eq!(parse_consent("2024-03-01", true), ConsentAnswer::Refused);
/// assert_eq!(parse_consent("no", true), ConsentAnswer::Silent);
/// assert_eq!(parse_consent("yes", false), ConsentAnswer::Agreed);
/// assert_eq!(parse_consent("Unsubscribed", false), ConsentAnswer::Refused);
/// assert_eq!(parse_consent("ask Bob", true), ConsentAnswer::Unreadable);
/// ```
pub fn parse_consent(text: &str, opt_out: bool) -> ConsentAnswer {
    use ConsentAnswer::{Agreed, Refused, Silent, Unreadable};
    let text = text.trim();
    if text.is_empty() || is_nothing(text) {
        return Silent;
    }
    let words = words(text);
    let among = |list: &[&str]| list.contains(&words.as_str());
    let yes = if opt_out { Refused } else { Agreed };
    // First of all: for plain yes and no, `opt-out` is a no.
    if among(OUT) {
        Refused
    } else if among(IN) {
        if opt_out { Silent } else { Agreed }
    } else if opt_out && among(NOT_OUT) {
        Silent
    } else if !opt_out && among(AGREED) {
        Agreed
    } else if !opt_out && among(NOT_IN) {
        Silent
    } else {
        match parse_boolean(text) {
            Some(true) => yes,
            Some(false) => Silent,
            // A bare number may be a day as a spreadsheet counts, or anything: no ground for a grant.
            None if is_date(text) && (opt_out || !text.bytes().all(|b| b.is_ascii_digit())) => yes,
            None => Unreadable,
        }
    }
}

/// A refusal, whatever the column.
const OUT: &[&str] = &[
    "out",
    "opt out",
    "optout",
    "opted out",
    "optedout",
    "unsubscribe",
    "unsubscribed",
    "stop",
    "stopped",
    "do not call",
    "do not text",
    "do not contact",
    "do not allow",
    "do not disturb",
    "dnc",
    "dnd",
    "revoked",
    "withdrawn",
    "suppressed",
    "blacklisted",
    "abgemeldet",
    "widerrufen",
    "widersprochen",
    "desinscrit",
    "desabonne",
    "baja",
    "disiscritto",
    "afgemeld",
    "uitgeschreven",
    "wypisany",
];

/// Consent, or that there is no refusal, whatever the column.
const IN: &[&str] =
    &["in", "opt in", "optin", "opted in", "optedin", "subscribed", "allow", "allowed", "not opted out"];

/// There is no refusal, in an opt-out column.
const NOT_OUT: &[&str] = &["clean", "clear", "not listed", "not registered", "not on list"];

/// Consent, in an opt-in column; in an opt-out column nobody could tell to what.
const AGREED: &[&str] = &["granted", "given", "consented", "consent given", "agreed", "accepted"];

/// No consent, in an opt-in column.
const NOT_IN: &[&str] = &[
    "declined",
    "denied",
    "refused",
    "pending",
    "never subscribed",
    "not subscribed",
    "not opted in",
    "no consent",
    "not given",
    "not granted",
];

/// The folded words, one blank between them.
fn words(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

/// A cell that says that there is nothing. Marks (`*`, `?`) may stand for a yes, and are no such cell.
fn is_nothing(text: &str) -> bool {
    let marks = text.chars().all(|c| matches!(c, '*' | '#' | '?'));
    // What some databases write where there is no date.
    let no_date = text.starts_with("0000-00-00") && text.chars().all(|c| matches!(c, '0' | '-' | ':' | ' '));
    no_date || is_placeholder(text) && !marks
}

fn is_date(text: &str) -> bool {
    // The order of day and month does not matter to whether it is one.
    parse_date(text, DateOrder::DayFirst).is_some() || parse_instant(text, DateOrder::DayFirst).is_ok()
}

#[cfg(test)]
mod tests {
    use super::ConsentAnswer::{Agreed, Refused, Silent, Unreadable};
    use super::*;

    #[test]
    fn opt_out_columns() {
        for text in [
            "yes",
            "Y",
            "1",
            "TRUE",
            "x",
            "ja",
            "oui",
            "sí",
            "tak",
            "✓",
            "はい",
            "да",
            "Opted Out",
            "opt-out",
            "OPTED_OUT",
            "Unsubscribed",
            "DNC",
            "Do not call!",
            "2024-03-01",
            "03/14/2024",
            "12.1.2024",
            "2024-03-01T10:00:00Z",
            "Mar 4, 2024",
            "STOP",
            "Do Not Allow",
        ] {
            assert_eq!(parse_consent(text, true), Refused, "{text}");
        }
        for text in [
            "",
            " ",
            "no",
            "N",
            "0",
            "false",
            "nein",
            "non",
            "いいえ",
            "-",
            "n/a",
            "NULL",
            "Opted in",
            "opt-in",
            "subscribed",
            "Allow",
            "clean",
            "not opted out",
            "0000-00-00 00:00:00",
        ] {
            assert_eq!(parse_consent(text, true), Silent, "{text}");
        }
        for text in ["maybe", "2", "ask Bob", "*", "?", "accepted", "confirmed", "yes, by phone"] {
            assert_eq!(parse_consent(text, true), Unreadable, "{text}");
        }
    }

    #[test]
    fn opt_in_columns() {
        for text in ["yes", "1", "x", "Subscribed", "Opted in", "granted", "2024-03-01"] {
            assert_eq!(parse_consent(text, false), Agreed, "{text}");
        }
        for text in ["", "no", "0", "NEVER_SUBSCRIBED", "declined", "no consent", "pending"] {
            assert_eq!(parse_consent(text, false), Silent, "{text}");
        }
        for text in ["Unsubscribed", "opted out", "withdrawn", "STOP"] {
            assert_eq!(parse_consent(text, false), Refused, "{text}");
        }
        for text in ["maybe", "2", "I agree that", "45291", "3125550199"] {
            assert_eq!(parse_consent(text, false), Unreadable, "{text}");
        }
    }
}
