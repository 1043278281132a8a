//! Where the other side of a contact is: for counting, not for deciding on its hour.

use crate::normalize::{normalize_country, phone_facts, phone_time_zones};

/// The country (ISO 3166-1 alpha-2) and the time zone of whoever has an address: the country of a number,
/// or else the lead's; the lead's time zone, or else the number's where it has only one.
///
/// ```
/// use leadkit_core::compliance::whereabouts;
/// let of = |address, country, zone| whereabouts(Some(address), country, zone);
/// assert_eq!(of("+493023125014", Some("AT"), None), (Some("DE".into()), Some("Europe/Berlin".into())));
/// // American mobiles move: most have several candidates, and the lead's own zone comes first.
/// assert_eq!(of("+12127365000", None, Some("America/Chicago")).1.as_deref(), Some("America/Chicago"));
/// assert_eq!(of("+17757495809", None, None).1, None);
/// assert_eq!(of("ada@lovelace.org", Some("GB"), None), (Some("GB".into()), None));
/// ```
pub fn whereabouts(
    address: Option<&str>,
    country: Option<&str>,
    time_zone: Option<&str>,
) -> (Option<String>, Option<String>) {
    let number = address.filter(|address| address.starts_with('+'));
    let of_number = number.and_then(|number| phone_facts(number).country);
    let of_lead = || country.map(|country| normalize_country(country).unwrap_or(country).to_string());
    let zone_of_number = || match phone_time_zones(number?)[..] {
        [only] => Some(only.to_string()),
        _ => None,
    };
    (of_number.or_else(of_lead), time_zone.map(str::to_string).or_else(zone_of_number))
}
