//! Countries: codes and names to ISO 3166-1 alpha-2.
//!
//! The names come from Unicode CLDR and ISO 3166-1; `country_data.txt` beside this file holds
//! them, one country a line, parsed once.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::text::fold;

/// The ISO 3166-1 alpha-2 code of a country written in any usual way.
///
/// Understood are alpha-2 and alpha-3 codes, names in English, German, French, Spanish, Italian,
/// Portuguese, Dutch and the country's own languages, and short forms such as `UK`, `U.S.A.` or
/// `Holland`; parts of the United Kingdom give `GB`. Case, marks and punctuation do not matter.
/// None for anything else.
///
/// ```
/// use leadkit_core::normalize::normalize_country;
/// assert_eq!(normalize_country("Deutschland"), Some("DE"));
/// assert_eq!(normalize_country("U.S.A."), Some("US"));
/// assert_eq!(normalize_country("Côte d’Ivoire"), Some("CI"));
/// assert_eq!(normalize_country("Atlantis"), None);
/// ```
pub fn normalize_country(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let tables = tables();
    if let &[a, b] = text.as_bytes()
        && let Some(code) = by_letters(tables, a, b)
    {
        return Some(code);
    }
    if text.is_empty() || text.len() > 100 {
        return None;
    }
    let key = key_of(text);
    let name = |key: &str| tables.names.get(key).copied();
    name(&key).or_else(|| name(key.strip_prefix("the")?))
}

/// The English name of a country's alpha-2 code.
///
/// ```
/// use leadkit_core::normalize::country_name;
/// assert_eq!(country_name("DE"), Some("Germany"));
/// assert_eq!(country_name("XX"), None);
/// ```
pub fn country_name(code: &str) -> Option<&'static str> {
    let &[a, b] = code.as_bytes() else { return None };
    let tables = tables();
    let at = tables.codes.binary_search_by_key(&upper(a, b), |row| row.0).ok()?;
    tables.codes.get(at).map(|row| row.2)
}

struct Tables {
    /// Code as bytes, code, English name; sorted.
    codes: Vec<([u8; 2], &'static str, &'static str)>,
    /// Folded names and alpha-3 codes.
    names: HashMap<String, &'static str>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Tables { codes: Vec::with_capacity(250), names: HashMap::with_capacity(2600) };
        for line in include_str!("country_data.txt").lines().filter(|l| !l.starts_with('#')) {
            let mut cells = line.split('\t');
            let (Some(code), Some(alpha3), Some(name)) = (cells.next(), cells.next(), cells.next()) else {
                continue;
            };
            if let &[a, b] = code.as_bytes() {
                tables.codes.push(([a, b], code, name));
            }
            for name in [alpha3, name].into_iter().chain(cells) {
                tables.names.entry(key_of(name)).or_insert(code);
            }
        }
        tables.codes.sort_unstable();
        tables
    })
}

fn by_letters(tables: &Tables, a: u8, b: u8) -> Option<&'static str> {
    let at = tables.codes.binary_search_by_key(&upper(a, b), |row| row.0).ok()?;
    tables.codes.get(at).map(|row| row.1)
}

fn upper(a: u8, b: u8) -> [u8; 2] {
    [a.to_ascii_uppercase(), b.to_ascii_uppercase()]
}

/// Letters and digits only, folded; `&` reads as "and".
fn key_of(text: &str) -> String {
    if text.is_ascii() && !text.contains('&') {
        return text
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|b| b.to_ascii_lowercase() as char)
            .collect();
    }
    let mut folded = fold(&text.replace('&', "and"));
    folded.retain(char::is_alphanumeric);
    folded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn knows_every_code_and_its_own_names() {
        assert_eq!(tables().codes.len(), 249);
        for (_, code, name) in &tables().codes {
            assert_eq!(normalize_country(code), Some(*code));
            assert_eq!(normalize_country(name), Some(*code), "{name}");
            assert_eq!(country_name(code), Some(*name));
        }
    }

    #[test]
    fn reads_what_people_write() {
        for (text, code) in [
            ("usa", "US"),
            (" United  States of America", "US"),
            ("UK", "GB"),
            ("Scotland", "GB"),
            ("Österreich", "AT"),
            ("OESTERREICH", "AT"),
            ("Suisse", "CH"),
            ("日本", "JP"),
            ("Россия", "RU"),
            ("Korea, Republic of", "KR"),
            ("The Netherlands", "NL"),
            ("Espana", "ES"),
            ("DEU", "DE"),
            ("Bosnia & Herzegovina", "BA"),
            ("Czech Republic", "CZ"),
            ("de", "DE"),
        ] {
            assert_eq!(normalize_country(text), Some(code), "{text}");
        }
        for text in ["", " ", "XX", "Narnia", "-", "12", "n/a"] {
            assert_eq!(normalize_country(text), None, "{text}");
        }
    }
}
