//! Languages: codes and names to BCP 47.
//!
//! Names come from Unicode CLDR and ISO 639-2; `language_data.txt` beside this file holds them.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::country::normalize_country;
use crate::text::fold;

/// The BCP 47 tag of a language: from a tag in any case (`EN_us`), an ISO 639-2 code, or its name in
/// English, German, French, Spanish, Italian, Portuguese, Dutch or the language itself, with or
/// without a country in brackets. None for anything else.
///
/// ```
/// use leadkit_core::normalize::normalize_language;
/// assert_eq!(normalize_language("EN_us").as_deref(), Some("en-US"));
/// assert_eq!(normalize_language("Deutsch").as_deref(), Some("de"));
/// assert_eq!(normalize_language("Portuguese (Brazil)").as_deref(), Some("pt-BR"));
/// assert_eq!(normalize_language("Klingonese"), None);
/// ```
pub fn normalize_language(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 60 {
        return None;
    }
    let table = languages();
    if let Some(code) = table.get(fold(text).as_str()) {
        return Some((*code).to_string());
    }
    if let Some((name, country)) = text.strip_suffix(')').and_then(|t| t.split_once('(')) {
        let code = table.get(fold(name).as_str())?;
        return Some(format!("{code}-{}", normalize_country(country)?));
    }
    let mut parts = text.split(['-', '_']);
    let code = table.get(parts.next()?.to_ascii_lowercase().as_str())?;
    let mut tag = (*code).to_string();
    for part in parts {
        let letters = part.bytes().all(|b| b.is_ascii_alphabetic());
        let part = match part.len() {
            2 if letters => normalize_country(part).map(str::to_string)?,
            3 if part.bytes().all(|b| b.is_ascii_digit()) => part.to_string(),
            4 if letters => part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase(),
            4..=8 if part.bytes().all(|b| b.is_ascii_alphanumeric()) => part.to_ascii_lowercase(),
            _ => return None,
        };
        tag.push('-');
        tag.push_str(&part);
    }
    Some(tag)
}

fn languages() -> &'static HashMap<String, &'static str> {
    static TABLE: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::with_capacity(1200);
        for line in include_str!("language_data.txt").lines().filter(|l| !l.starts_with('#')) {
            let mut cells = line.split('\t');
            let Some(code) = cells.next() else { continue };
            table.insert(code.to_string(), code);
            for name in cells {
                table.entry(fold(name)).or_insert(code);
            }
        }
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes_and_names() {
        for (text, expect) in [
            ("en", "en"),
            ("deu", "de"),
            ("ger", "de"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("Français", "fr"),
            ("espanol", "es"),
            ("日本語", "ja"),
            ("русский", "ru"),
            ("Englisch", "en"),
            ("English (UK)", "en-GB"),
        ] {
            assert_eq!(normalize_language(text).as_deref(), Some(expect), "{text}");
        }
        for text in ["", "n/a", "xx", "en-", "en-XX", "12", "the"] {
            assert_eq!(normalize_language(text), None, "{text}");
        }
    }
}
