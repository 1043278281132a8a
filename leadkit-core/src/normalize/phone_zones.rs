//! Time zones of phone numbers, by the prefixes of libphonenumber.

use std::collections::HashMap;
use std::sync::LazyLock;

use rlibphonenumber::{PhoneNumberFormat, PhoneNumberType};

use super::phone_plan::{self, UTIL};

/// The time zones (IANA names) of the places that a phone number may belong to.
///
/// Most landlines have one; mobiles of a country with several zones have all of them, as have its
/// toll-free numbers: they are candidates. An American number's is where it was given out; numbers
/// move along with people. Empty for a number that is not in use, for satellite and other global
/// numbers, and for what is not written with `+` and its country code.
///
/// ```
/// use leadkit_core::normalize::phone_time_zones;
/// assert_eq!(phone_time_zones("+12127365000"), ["America/New_York"]);
/// assert_eq!(phone_time_zones("+17757495809"), ["America/Boise", "America/Los_Angeles"]);
/// assert_eq!(phone_time_zones("+1 000 555 0100"), [""; 0]);
/// ```
pub fn phone_time_zones(e164: &str) -> Vec<&'static str> {
    // Longer texts are no numbers, and the engine need not look.
    if e164.len() > 64 {
        return Vec::new();
    }
    let Ok(number) = UTIL.parse(e164, None) else { return Vec::new() };
    if UTIL.get_number_type(&number) == PhoneNumberType::Unknown {
        return Vec::new();
    }
    let digits = match UTIL.is_number_geographical(&number) {
        true => UTIL.format(&number, PhoneNumberFormat::E164).into_owned(),
        false => number.country_code.to_string(),
    };
    zones_of(digits.trim_start_matches('+'))
}

/// All time zones of a country, as far as its numbers tell: those of its country code or, where it
/// shares that with a larger country, those of a landline of its own.
pub(crate) fn country_time_zones(country: &str) -> Vec<&'static str> {
    let Some(region) = phone_plan::region(country) else { return Vec::new() };
    let Some(code) = UTIL.get_country_code_for_region(region) else { return Vec::new() };
    let main = UTIL.get_regions_for_country_calling_code(code).and_then(|mut regions| regions.next());
    if main == Some(region) {
        return zones_of(&code.to_string());
    }
    let example = UTIL.get_example_number(region);
    let digits = example.map(|number| UTIL.format(&number, PhoneNumberFormat::E164).into_owned());
    digits.map(|digits| zones_of(digits.trim_start_matches('+'))).unwrap_or_default()
}

/// The zones of the longest prefix that is known.
fn zones_of(digits: &str) -> Vec<&'static str> {
    let prefixes = (1..=LONGEST.min(digits.len())).rev().filter_map(|len| digits.get(..len)?.parse().ok());
    let found = prefixes.into_iter().find_map(|prefix: u32| ZONES.get(&prefix));
    found.map(|zones| zones.split('&').collect()).unwrap_or_default()
}

/// Digits of the longest prefix.
const LONGEST: usize = 8;

/// Prefix to zones, with `&` between them.
static ZONES: LazyLock<HashMap<u32, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("phone_zones.txt").lines().filter(|line| !line.starts_with('#'));
    let each = |line: &'static str| {
        let mut words = line.split(' ');
        let zones = words.next().unwrap_or_default();
        words.filter_map(move |prefix| Some((prefix.parse().ok()?, zones)))
    };
    lines.flat_map(each).collect()
});

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn agrees_with_libphonenumber() {
        #[derive(serde::Deserialize)]
        struct Row {
            e164: String,
            time_zones: Vec<String>,
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/twilio/phone_timezones_dev.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        for line in text.lines() {
            let row: Row = serde_json::from_str(line).unwrap();
            assert_eq!(phone_time_zones(&row.e164), row.time_zones, "{}", row.e164);
        }
        assert_eq!(text.lines().count(), 40);
    }

    #[test]
    fn every_zone_is_in_the_time_zone_database() {
        assert!(ZONES.keys().all(|prefix| prefix.to_string().len() <= LONGEST));
        assert_eq!(ZONES.keys().map(|prefix| prefix.to_string().len()).max(), Some(LONGEST));
        for zone in ZONES.values().flat_map(|zones| zones.split('&')) {
            assert!(super::super::normalize_time_zone(zone).is_some(), "{zone}");
        }
    }

    #[test]
    fn numbers_without_a_place() {
        for text in ["", "+", "030 1234567", "+80012345678", "+870301234567", "+999123456", "call me"] {
            assert_eq!(phone_time_zones(text), [""; 0], "{text}");
        }
        // A toll-free number is anywhere in the countries of its code.
        assert!(phone_time_zones("+18884416782").len() > 40);
        assert_eq!(phone_time_zones("+498001234567890"), ["Europe/Berlin"]);
    }
}
