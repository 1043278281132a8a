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
    const YES: [&str; 36] = [
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
        "так",
        "ναι",
        "kylla",
        "はい",
        "是",
        // Korean in the parts that folding leaves.
        "\u{110b}\u{1168}",
        "\u{1102}\u{1166}",
        "نعم",
        "checked",
        "opt-in",
        "✓",
    ];
    const NO: [&str; 33] = [
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
        "ні",
        "οχι",
        "ei",
        "いいえ",
        "否",
        "\u{110b}\u{1161}\u{1102}\u{1175}\u{110b}\u{1169}",
        "\u{110b}\u{1161}\u{1102}\u{1175}\u{110b}\u{116d}",
        "لا",
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
        for text in
            ["yes", "Y", " Ja ", "OUI", "sì", "1", "true", "✓", "x", "はい", "Kyllä", "ναι", "예", "네"]
        {
            assert_eq!(parse_boolean(text), Some(true), "{text}");
        }
        for text in ["no", "N", "Nein", "não", "0", "False", "hayır", "いいえ", "όχι", "아니오"] {
            assert_eq!(parse_boolean(text), Some(false), "{text}");
        }
        for text in ["", "2", "n/a", "perhaps", "-"] {
            assert_eq!(parse_boolean(text), None, "{text}");
        }
    }
}
