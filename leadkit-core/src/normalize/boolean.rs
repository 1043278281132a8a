//! Yes and no in the languages of lead files.

use crate::text::fold;

/// Reads yes or no: words in a dozen languages, `1` and `0`, `x` and check marks; none for
/// anything else.
///
/// ```
/// use leadkit_core::normalize::parse_boolean;
/// assert_eq!(parse_boolean("Sí"), Some(true));
/// assert_eq!(parse_boolean("FALSE"), Some(false));
/// assert_eq!(parse_boolean("maybe"), None);
/// ```
pub fn parse_boolean(text: &str) -> Option<bool> {
    const YES: [&str; 28] = [
        "1",
        "1.0",
        "true",
        "t",
        "yes",
        "y",
        "on",
        "x",
        "ja",
        "j",
        "wahr",
        "oui",
        "vrai",
        "o",
        "si",
        "verdadero",
        "vero",
        "sim",
        "verdadeiro",
        "tak",
        "ano",
        "igen",
        "da",
        "да",
        "evet",
        "checked",
        "opt-in",
        "✓",
    ];
    const NO: [&str; 25] = [
        "0",
        "0.0",
        "false",
        "f",
        "no",
        "n",
        "off",
        "nein",
        "falsch",
        "non",
        "faux",
        "falso",
        "nao",
        "nee",
        "nie",
        "nej",
        "nei",
        "ne",
        "nem",
        "нет",
        "hayir",
        "unchecked",
        "opt-out",
        "✗",
        "☐",
    ];
    let text = text.trim();
    if text.is_empty() || text.len() > 24 {
        return None;
    }
    let folded = fold(text);
    let folded = folded.trim_end_matches(['.', '!']);
    if YES.contains(&folded) || matches!(folded, "✔" | "☑" | "✅") {
        Some(true)
    } else if NO.contains(&folded) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_words() {
        for text in ["yes", "Y", " Ja ", "OUI", "sì", "1", "true", "✓", "x"] {
            assert_eq!(parse_boolean(text), Some(true), "{text}");
        }
        for text in ["no", "N", "Nein", "não", "0", "False", "hayır"] {
            assert_eq!(parse_boolean(text), Some(false), "{text}");
        }
        for text in ["", "2", "n/a", "perhaps", "-"] {
            assert_eq!(parse_boolean(text), None, "{text}");
        }
    }
}
