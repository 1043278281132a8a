//! Time zones by their IANA names.

use jiff::tz;

/// The IANA name of a time zone, in its own spelling; case does not matter, and blanks count as
/// underscores. None for a name that the time zone database does not have.
///
/// ```
/// use leadkit_core::normalize::normalize_time_zone;
/// assert_eq!(normalize_time_zone("europe/berlin").as_deref(), Some("Europe/Berlin"));
/// assert_eq!(normalize_time_zone("America/New York").as_deref(), Some("America/New_York"));
/// assert_eq!(normalize_time_zone("Mars/Olympus"), None);
/// ```
pub fn normalize_time_zone(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    let find = |name: &str| tz::db().get(name).ok()?.iana_name().map(str::to_string);
    if text.contains(' ') { find(&text.replace(' ', "_")) } else { find(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_names() {
        assert_eq!(normalize_time_zone("UTC").as_deref(), Some("UTC"));
        assert_eq!(normalize_time_zone(" AMERICA/SAO_PAULO ").as_deref(), Some("America/Sao_Paulo"));
        for text in ["", "-", "Berlin", "+02:00", "../etc/passwd"] {
            assert_eq!(normalize_time_zone(text), None, "{text}");
        }
    }
}
