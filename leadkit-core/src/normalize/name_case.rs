//! Letter case of personal names: JOHN O'CONNOR and john o'connor to John O'Connor.

use std::borrow::Cow;

use crate::text::clean;

/// Cleans a first or last name from its own column: blanks and invisible characters, and the case
/// when all letters are capitals or all are small. Mixed case stays as written. Borrowed when
/// nothing changes.
///
/// ```
/// use leadkit_core::normalize::normalize_name_part;
/// assert_eq!(normalize_name_part("JEAN-LUC"), "Jean-Luc");
/// assert_eq!(normalize_name_part(" van der BERG "), "van der BERG");
/// assert_eq!(normalize_name_part("VAN DER BERG"), "van der Berg");
/// assert_eq!(normalize_name_part("mcdonald"), "McDonald");
/// assert_eq!(normalize_name_part("DeShawn"), "DeShawn");
/// ```
pub fn normalize_name_part(text: &str) -> Cow<'_, str> {
    let text = clean(text, false);
    if needs_case(&text) { Cow::Owned(name_case(&text, true)) } else { text }
}

/// Whether all letters that have a case have the same one, and there are enough to tell: `JP` and
/// `T.J.` are initials.
pub(super) fn needs_case(text: &str) -> bool {
    let (mut upper, mut lower) = (0, 0);
    for c in text.chars() {
        if c.is_lowercase() {
            lower += 1;
        } else if c.is_uppercase() {
            upper += 1;
        }
        if upper > 0 && lower > 0 {
            return false;
        }
    }
    lower > 0 || upper > 2
}

/// Writes a name in the usual case; `leading_particles` says whether a particle in front is small
/// too, as in a family name of its own.
pub(super) fn name_case(text: &str, leading_particles: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let last = text.split(' ').count() - 1;
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            out.push(' ');
        }
        let small = i < last && (i > 0 || leading_particles) && is_small(word);
        if small {
            out.extend(word.chars().flat_map(char::to_lowercase));
        } else {
            word_case(word, &mut out);
        }
    }
    out
}

/// Particles that are written small between given and family name.
fn is_small(word: &str) -> bool {
    const SMALL: [&str; 27] = [
        "af", "av", "da", "das", "de", "del", "dem", "den", "der", "do", "dos", "du", "e", "la", "op", "t",
        "te", "ten", "ter", "und", "van", "vom", "von", "y", "zu", "zum", "zur",
    ];
    SMALL.iter().any(|s| s.eq_ignore_ascii_case(word))
}

fn word_case(word: &str, out: &mut String) {
    let mut start = out.len();
    let mut first = true;
    let mut letters = 0;
    for c in word.chars() {
        if !c.is_alphanumeric() {
            // After an apostrophe the next letter is a capital in O'Neil and D'Arcy, not in Ma'ruf.
            first = match c {
                '\'' | '\u{2019}' => letters == 1,
                '\u{300}'..='\u{36f}' => first,
                _ => true,
            };
            letters = 0;
            out.push(c);
            if first {
                start = out.len();
            }
            continue;
        }
        if first {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
            scottish(out, start);
        }
        first = false;
        letters += 1;
    }
}

/// Capitalises the letter after `Mc`, and after `Mac` in the names where that is the rule.
fn scottish(out: &mut String, start: usize) {
    let Some(word) = out.get(start..) else { return };
    let after = match word {
        w if w.len() == 3 && w.starts_with("Mc") => 2,
        // Macron, Machado, Mackey: only what follows tells.
        "Macdon" | "Macken" | "Macgre" | "Macart" | "Maclea" | "Macleo" | "Macint" | "Macmil" | "Macdou"
        | "Macfar" | "Macpher" | "Macneil" | "Macall" => 3,
        _ => return,
    };
    let tail = out.split_off(start + after);
    let mut chars = tail.chars();
    if let Some(c) = chars.next() {
        out.extend(c.to_uppercase());
    }
    out.push_str(chars.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_all_capitals_and_all_small() {
        for (text, expect) in [
            ("O'CONNOR", "O'Connor"),
            ("d'arcy", "D'Arcy"),
            ("MCDONALD", "McDonald"),
            ("MACDONALD", "MacDonald"),
            ("MACRON", "Macron"),
            ("anne-marie", "Anne-Marie"),
            ("MÜLLER", "Müller"),
            ("MA'RUF", "Ma'ruf"),
            ("VON UND ZU BERG", "von und zu Berg"),
            ("ÉLODIE", "Élodie"),
            ("J.R.R.", "J.R.R."),
            ("JP", "JP"),
            ("DE", "DE"),
            ("López", "López"),
            ("", ""),
        ] {
            assert_eq!(normalize_name_part(text), expect, "{text}");
        }
        assert!(matches!(normalize_name_part("Ada"), Cow::Borrowed(_)));
    }
}
