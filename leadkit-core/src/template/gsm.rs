//! The alphabet of GSM-7 (3GPP TS 23.038), and what to write for characters that it does not have.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How many septets a character takes: two by way of the escape; none when it has no code.
pub(super) fn septets(c: char) -> Option<u32> {
    match c {
        '\u{c}' | '[' | '\\' | ']' | '^' | '{' | '|' | '}' | '~' | '€' => Some(2),
        '\n' | '\r' | ' '..='_' | 'a'..='z' => Some(1),
        '¡' | '£' | '¤' | '¥' | '§' | '¿' => Some(1),
        'Ä' | 'Å' | 'Æ' | 'Ç' | 'É' | 'Ñ' | 'Ö' | 'Ø' | 'Ü' => Some(1),
        'ß' | 'à' | 'ä' | 'å' | 'æ' | 'è' | 'é' | 'ì' | 'ñ' | 'ò' | 'ö' | 'ø' | 'ù' | 'ü' => {
            Some(1)
        }
        'Γ' | 'Δ' | 'Θ' | 'Λ' | 'Ξ' | 'Π' | 'Σ' | 'Φ' | 'Ψ' | 'Ω' => Some(1),
        _ => None,
    }
}

/// Whether every character has a code.
pub(super) fn is_gsm(text: &str) -> bool {
    text.chars().all(|c| septets(c).is_some())
}

/// What Twilio's Smart Encoding writes for a character; none when it leaves it alone.
pub(super) fn smart(c: char) -> Option<&'static str> {
    // Nothing of the alphabet is replaced, and most texts hold nothing else.
    if septets(c).is_some() { None } else { SMART.get(&c).map(String::as_str) }
}

/// What to write for a character (a grapheme cluster) so that the alphabet is enough: the same
/// character composed, what Smart Encoding writes, or its letters without their marks.
pub(super) fn replacement(cluster: &str) -> Option<String> {
    let composed: String = cluster.nfc().collect();
    let encoded = || -> String {
        cluster.chars().map(|c| smart(c).map_or_else(|| c.to_string(), String::from)).collect()
    };
    let bare = || cluster.nfkd().filter(|c| !is_combining_mark(*c)).map(bare_letter).collect::<String>();
    if is_gsm(&composed) {
        return Some(composed);
    }
    // An accent has a place of its own in Smart Encoding's map, but `e` and `^` are not `ê`.
    let single = cluster.chars().nth(1).is_none();
    if single && is_gsm(&encoded()) {
        return Some(encoded());
    }
    Some(bare()).filter(|bare| !bare.is_empty() && is_gsm(bare))
}

/// A letter whose stroke or shape is no mark that Unicode takes apart.
fn bare_letter(c: char) -> char {
    match c {
        'ł' => 'l',
        'Ł' => 'L',
        'đ' => 'd',
        'Đ' | 'Ð' => 'D',
        'ħ' => 'h',
        'Ħ' => 'H',
        'ı' => 'i',
        '\u{2044}' => '/',
        '\u{2212}' => '-',
        _ => c,
    }
}

static SMART: LazyLock<HashMap<char, String>> = LazyLock::new(|| {
    let text = include_str!("smart_encoding.json");
    let groups: HashMap<String, String> = serde_json::from_str(text).unwrap_or_default();
    let each = |(with, chars): (String, String)| chars.chars().map(|c| (c, with.clone())).collect::<Vec<_>>();
    groups.into_iter().flat_map(each).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_128_codes() {
        let septets: Vec<u32> = ('\0'..='\u{ffff}').filter_map(septets).collect();
        // The 128th code is the escape.
        assert_eq!(septets.iter().filter(|n| **n == 1).count(), 127);
        assert_eq!(septets.iter().filter(|n| **n == 2).count(), 10);
    }

    #[test]
    fn smart_encoding_writes_gsm_only() {
        assert_eq!(SMART.len(), 271);
        for (c, with) in &*SMART {
            assert!(septets(*c).is_none() && is_gsm(with), "{c:?}");
        }
    }

    #[test]
    fn replacements_keep_what_can_be_kept() {
        for (cluster, with) in [
            ("’", Some("'")),
            ("…", Some("...")),
            ("e\u{301}", Some("é")),
            ("ê", Some("e")),
            ("e\u{302}", Some("e")),
            ("ç", Some("c")),
            ("Ł", Some("L")),
            ("\u{200b}", Some("")),
            ("ﬁ", Some("fi")),
            ("\u{a0}", Some("  ")),
            ("−", Some("-")),
            ("中", None),
            ("😀", None),
            ("👍🏽", None),
            ("ж", None),
        ] {
            assert_eq!(replacement(cluster).as_deref(), with, "{cluster}");
        }
    }
}
