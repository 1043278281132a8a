//! States, their time zones, and the area codes that are theirs.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::normalize::{country_time_zones, normalize_country};
use crate::text::fold;

/// A state of a country whose states have hours or zones of their own.
#[derive(Debug, Deserialize)]
pub(super) struct State {
    pub(super) country: String,
    /// Its short name.
    pub(super) state: String,
    names: Vec<String>,
    /// All that any part of it keeps.
    pub(super) time_zones: Vec<String>,
    #[serde(default)]
    area_codes: String,
}

/// Territories of the United States that are countries in ISO 3166-1.
const TERRITORIES: [&str; 5] = ["AS", "GU", "MP", "PR", "VI"];

/// The country and state that an address names; a territory of the United States is a state of theirs.
pub(super) fn of_address(
    country: Option<&str>,
    state: Option<&str>,
) -> Option<(&'static str, Option<&'static State>)> {
    let country = normalize_country(country?)?;
    if TERRITORIES.contains(&country) {
        return Some(("US", find("US", country)));
    }
    Some((country, state.and_then(|state| find(country, state))))
}

/// The states that a number's area code is given to: none outside the North American plan.
pub(super) fn of_number(e164: &str) -> &'static [&'static State] {
    let code = e164.strip_prefix("+1").and_then(|rest| rest.get(..3));
    code.and_then(|code| PLACES.by_area.get(code)).map_or(&[], Vec::as_slice)
}

/// All zones of a country.
pub(super) fn zones_of_country(country: &str) -> Vec<&'static str> {
    let mut zones: Vec<&str> = Vec::new();
    for state in PLACES.states.iter().filter(|state| state.country == country) {
        let new = state.time_zones.iter().map(String::as_str).filter(|zone| !zones.contains(zone));
        zones.extend(new.collect::<Vec<_>>());
    }
    if zones.is_empty() { country_time_zones(country) } else { zones }
}

fn find(country: &str, text: &str) -> Option<&'static State> {
    PLACES.by_name.get(&(country.to_string(), key_of(text))).copied()
}

struct Places {
    states: &'static [State],
    by_name: HashMap<(String, String), &'static State>,
    by_area: HashMap<&'static str, Vec<&'static State>>,
}

#[derive(Deserialize)]
struct File {
    places: Vec<State>,
}

static STATES: LazyLock<Vec<State>> = LazyLock::new(|| {
    let file = serde_json::from_str::<File>(include_str!("places.json"));
    file.map(|file| file.places).unwrap_or_default()
});

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let states: &'static [State] = &STATES;
    let mut places = Places { states, by_name: HashMap::new(), by_area: HashMap::new() };
    for state in states {
        for name in state.names.iter().chain([&state.state]) {
            places.by_name.insert((state.country.clone(), key_of(name)), state);
        }
        for code in state.area_codes.split_whitespace() {
            places.by_area.entry(code).or_default().push(state);
        }
    }
    places
});

/// Letters only, folded.
fn key_of(text: &str) -> String {
    let mut key = fold(text);
    key.retain(char::is_alphabetic);
    key
}

#[cfg(test)]
pub(super) fn all() -> &'static [State] {
    PLACES.states
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn all_states_and_territories_have_zones() {
        let of = |country: &str| all().iter().filter(|state| state.country == country).count();
        assert_eq!((of("US"), of("CA"), of("AU")), (50 + 1 + 5, 13, 8));
        for state in all() {
            assert!(!state.time_zones.is_empty(), "{}", state.state);
            for zone in &state.time_zones {
                assert_eq!(
                    crate::normalize::normalize_time_zone(zone).as_ref(),
                    Some(zone),
                    "{}",
                    state.state
                );
            }
            assert_eq!(state.area_codes.is_empty(), state.country == "AU", "{}", state.state);
        }
    }

    #[test]
    fn states_are_found_by_name_and_by_area_code() {
        let state = |country: &str, text: &str| {
            of_address(Some(country), Some(text)).and_then(|(_, state)| Some(state?.state.as_str()))
        };
        assert_eq!(state("US", "fl"), Some("FL"));
        assert_eq!(state("U.S.A.", " Florida "), Some("FL"));
        assert_eq!(state("US", "D.C."), Some("DC"));
        assert_eq!(state("CA", "Quebec"), Some("QC"));
        assert_eq!(state("AU", "WA"), Some("WA"));
        assert_eq!(state("US", "Bavaria"), None);
        assert_eq!(state("Puerto Rico", ""), Some("PR"));
        assert_eq!(of_address(Some("DE"), Some("Bayern")).map(|(country, _)| country), Some("DE"));
        assert!(of_address(Some("Atlantis"), None).is_none() && of_address(None, Some("FL")).is_none());
        let area = |e164: &str| of_number(e164).iter().map(|s| s.state.as_str()).collect::<Vec<_>>();
        assert_eq!(area("+13055550123"), ["FL"]);
        assert_eq!(area("+19025550123"), ["NS", "PE"]);
        assert_eq!(area("+17875550123"), ["PR"]);
        assert_eq!(area("+18885550123"), [""; 0]);
        assert_eq!(area("+493012345678"), [""; 0]);
    }

    #[test]
    fn countries_have_their_zones() {
        assert_eq!(zones_of_country("DE"), ["Europe/Berlin"]);
        assert_eq!(zones_of_country("JM"), ["America/Jamaica"]);
        assert!(zones_of_country("US").len() > 15);
        assert!(zones_of_country("BR").len() > 3);
        assert_eq!(zones_of_country("XX"), [""; 0]);
    }
}
