//! Whether somebody may be contacted now, and if not, when.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::clocks::{Clock, Search};
use super::hours::{Hours, minute, shown};
use super::places::{self, State};
use super::rules::{ELSEWHERE, Law, LegalHours};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::consent::{Channel, Purpose};
use crate::model::legal::{Certainty, QuietHours};
use crate::normalize::{normalize_time_zone, phone_facts, phone_time_zones};

/// How far ahead a legal hour is looked for, in days.
const HORIZON: i32 = 31;

/// Who is to be contacted, how and for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// By message or by call.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
    /// The number, in E.164.
    pub phone: Option<String>,
    /// The person's own time zone, if it is known (an IANA name).
    pub time_zone: Option<String>,
    /// The country of the person's address.
    pub country: Option<String>,
    /// The state of the person's address, by its short or long name.
    pub state: Option<String>,
    /// Days that are holidays where the person is, besides those of the table (`2026-12-24`).
    pub holidays: Vec<String>,
    /// The host's own quiet hours; they hold for every purpose.
    pub quiet_hours: Option<QuietHours>,
}

impl Default for Contact {
    fn default() -> Self {
        Contact {
            channel: Channel::Sms,
            purpose: Purpose::Marketing,
            phone: None,
            time_zone: None,
            country: None,
            state: None,
            holidays: Vec::new(),
            quiet_hours: None,
        }
    }
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FactSource {
    /// The person's own time zone.
    Lead,
    /// The address.
    Address,
    /// The number.
    Number,
}

/// Why contact is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WindowRefusal {
    /// Not now, but at `next_legal`.
    OutsideHours,
    /// No hour of the coming month is legal everywhere the person may be; or nothing says where that
    /// is.
    NoLegalHour,
}

impl WindowRefusal {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            WindowRefusal::OutsideHours => "outside_hours",
            WindowRefusal::NoLegalHour => "no_legal_hour",
        }
    }
}

/// A place whose rules were applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The state by its short name, where it matters.
    pub state: Option<String>,
    /// What it was told from.
    pub from: FactSource,
}

/// A time zone in which the rules were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ZoneFact {
    /// Its IANA name.
    pub time_zone: String,
    /// What its clocks show, such as `2026-07-01T20:30:00`.
    pub local_time: String,
    /// What it was told from.
    pub from: FactSource,
}

/// A rule that was applied, in all zones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppliedRule {
    /// Its name; `quiet_hours` are the host's.
    pub id: String,
    /// Whether it allows contact now.
    pub allows: bool,
    /// Its hours of the day: where it forbids, of that zone's.
    pub hours: String,
    /// The law, order or code.
    pub source: String,
    /// The day on which it was read.
    pub read_on: Option<String>,
    /// How sure it is.
    pub certainty: Certainty,
}

/// Whether somebody may be contacted, with all that the decision rests on: keep it with the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// Whether contact is allowed at the instant asked about.
    pub allowed: bool,
    /// Why not.
    pub refusal: Option<WindowRefusal>,
    /// The first legal instant from then on; none when there is none within a month.
    pub next_legal: Option<Timestamp>,
    /// The end of the legal span that begins then; none when it lasts for a month or more.
    pub legal_until: Option<Timestamp>,
    /// The instant asked about.
    pub at: Timestamp,
    /// Whose rules were applied.
    pub places: Vec<Place>,
    /// The zones in which they were looked at.
    pub zones: Vec<ZoneFact>,
    /// The rules.
    pub rules: Vec<AppliedRule>,
    /// The name of the table of rules.
    pub table: String,
}

impl LegalHours {
    /// Whether somebody may be contacted at an instant, and from when on.
    ///
    /// Legal is what every rule allows in every zone: the rules of the address's country and state and
    /// of the number's (an area code's state counts, ported or not), in the person's own zone, in those
    /// of the address's state, and in those of the number. Of several candidates of a state or a number,
    /// all count, unless the person's own zone is among them; a number's many candidates are settled by
    /// an address among them as well. Where no rule is, the table's cautious one holds. Holidays are
    /// those of the table and of the contact. Informational contact has no legal hours but the quiet
    /// hours.
    ///
    /// # Errors
    /// `invalid_argument` for holidays and quiet hours that cannot be read.
    ///
    /// A number from New York, an address in California, a person who is in Berlin:
    ///
    /// ```
    /// use leadkit_core::compliance::{Contact, LegalHours, WindowRefusal};
    /// let mut lead = Contact {
    ///     phone: Some("+12127365000".into()),
    ///     country: Some("US".into()),
    ///     state: Some("California".into()),
    ///     ..Contact::default()
    /// };
    /// let now = "2026-07-01T12:30:00Z".parse()?;
    /// let home = LegalHours::built_in().decide(&lead, now)?;
    /// assert_eq!(home.next_legal, Some("2026-07-01T15:00:00Z".parse()?));
    ///
    /// lead.time_zone = Some("Europe/Berlin".into());
    /// let away = LegalHours::built_in().decide(&lead, now)?;
    /// assert_eq!(away.legal_until, Some("2026-07-01T19:00:00Z".parse()?));
    ///
    /// lead.time_zone = Some("Asia/Bangkok".into());
    /// let far = LegalHours::built_in().decide(&lead, now)?;
    /// assert_eq!((far.refusal, far.next_legal), (Some(WindowRefusal::NoLegalHour), None));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn decide(&self, contact: &Contact, at: Timestamp) -> Result<Decision> {
        let instant = jiff::Timestamp::from_millisecond(at.0)
            .map_err(|_| invalid("at", "is beyond the years that calendars know"))?;
        let facts = Facts::of(contact, instant)?;
        let quiet = contact.quiet_hours.as_ref().map(quiet_law).transpose()?;
        let laws: Vec<&Law> = self.laws_for(contact, &facts, instant).into_iter().chain(&quiet).collect();
        let is_holiday = |day: Date| {
            facts.holidays.contains(&day)
                || self.holidays.iter().any(|(holiday, rule)| {
                    let here = |place: &Seat| {
                        let state = holiday.state.as_deref();
                        place.country == holiday.country && (state.is_none() || state == place.state())
                    };
                    facts.places.iter().any(here) && rule.is(day)
                })
        };
        let search = Search::new(&laws, &facts.clocks, &is_holiday);
        let next = match facts.clocks.is_empty() && !laws.is_empty() {
            true => None,
            false => search.next_legal(instant, HORIZON),
        };
        let allowed = next == Some(instant);
        let refusal = match next {
            _ if allowed => None,
            Some(_) => Some(WindowRefusal::OutsideHours),
            None => Some(WindowRefusal::NoLegalHour),
        };
        Ok(Decision {
            allowed,
            refusal,
            next_legal: next.map(|next| if allowed { at } else { timestamp(next) }),
            legal_until: next.and_then(|next| search.legal_until(next, HORIZON)).map(timestamp),
            at,
            places: facts.places.iter().map(Seat::shown).collect(),
            zones: facts.clocks.iter().map(|clock| clock.shown(instant)).collect(),
            rules: laws.iter().map(|law| applied(law, &search, instant)).collect(),
            table: self.table().version.clone(),
        })
    }

    /// The laws of the places, each once; the cautious one where a place has none that holds.
    fn laws_for(&self, contact: &Contact, facts: &Facts, at: jiff::Timestamp) -> Vec<&Law> {
        let today = jiff::tz::TimeZone::UTC.to_datetime(at).date();
        let speaks = |law: &&Law| law.is_for(contact.channel, contact.purpose);
        let mut found: Vec<&Law> = Vec::new();
        let mut uncovered = facts.places.is_empty();
        for place in &facts.places {
            let of_place = |law: &&Law| {
                let state = law.rule.state.as_deref();
                law.rule.country == place.country && (state.is_none() || state == place.state())
            };
            let of_place: Vec<&Law> = self.laws.iter().filter(speaks).filter(of_place).collect();
            uncovered |= !of_place.iter().any(|law| law.holds(today));
            found.extend(of_place);
        }
        if uncovered {
            found.extend(self.laws.iter().filter(speaks).filter(|law| law.rule.country == ELSEWHERE));
        }
        let mut seen: Vec<&str> = Vec::new();
        found.retain(|law| {
            let new = !seen.contains(&law.rule.id.as_str());
            seen.push(&law.rule.id);
            new
        });
        found
    }
}

/// A country, perhaps a state, whose rules hold.
struct Seat {
    country: &'static str,
    state: Option<&'static State>,
    from: FactSource,
}

impl Seat {
    fn state(&self) -> Option<&'static str> {
        self.state.map(|state| state.state.as_str())
    }

    fn shown(&self) -> Place {
        Place { country: self.country.into(), state: self.state().map(Into::into), from: self.from }
    }
}

/// What is known of where the person is.
struct Facts {
    places: Vec<Seat>,
    clocks: Vec<Clock>,
    holidays: Vec<Date>,
}

impl Facts {
    fn of(contact: &Contact, at: jiff::Timestamp) -> Result<Facts> {
        let date = |text: &String| {
            text.parse::<Date>().map_err(|_| {
                invalid("holidays", "a holiday is a date").hint("write 2026-12-24").with_value(text)
            })
        };
        let holidays = contact.holidays.iter().map(date).collect::<Result<_>>()?;
        let mut facts = Facts { places: Vec::new(), clocks: Vec::new(), holidays };
        let address = places::of_address(contact.country.as_deref(), contact.state.as_deref());
        if let Some((country, state)) = address {
            facts.places.push(Seat { country, state, from: FactSource::Address });
        }
        let number_country = contact.phone.as_deref().and_then(|phone| facts.add_number(phone));

        let clocks = |zones: Vec<&str>, from| -> Vec<Clock> {
            zones.into_iter().filter_map(|zone| Clock::new(zone, from)).collect()
        };
        let of_number = contact.phone.as_deref().map(phone_time_zones).unwrap_or_default();
        let of_number = clocks(of_number, FactSource::Number);
        let own = contact.time_zone.as_deref().and_then(normalize_time_zone);
        let own = own.and_then(|zone| Clock::new(&zone, FactSource::Lead));
        let of_address = match address {
            Some((_, Some(state))) => state.time_zones.iter().map(String::as_str).collect(),
            // Without a state, a number of the same country says better where in it.
            Some((country, None)) if number_country != Some(country) => places::zones_of_country(country),
            _ => Vec::new(),
        };
        let of_address = clocks(of_address, FactSource::Address);

        let among = |clock: &Clock, all: &[Clock]| all.iter().any(|other| other.agrees(clock, at));
        let is_own = |all: &[Clock]| own.as_ref().is_some_and(|own| among(own, all));
        let settled = own.is_none() && of_address.iter().any(|clock| among(clock, &of_number));
        let number_adds = !(is_own(&of_number) || of_number.len() > 1 && settled);
        let address_adds = !is_own(&of_address);
        facts.clocks.extend(own.clone());
        if address_adds {
            facts.clocks.extend(of_address);
        }
        if number_adds {
            facts.clocks.extend(of_number);
        }
        Ok(facts)
    }

    /// The number's country and, by its area code, states; and its country.
    fn add_number(&mut self, phone: &str) -> Option<&'static str> {
        let country = phone_facts(phone).country?;
        let (country, state) = places::of_address(Some(&country), None)?;
        let by_area = places::of_number(phone).iter().filter(|state| state.country == country);
        let states: Vec<&'static State> = by_area.copied().chain(state).collect();
        let known = |seat: &Seat, state: Option<&str>| {
            seat.country == country && (state.is_none() || seat.state() == state)
        };
        if states.is_empty() && !self.places.iter().any(|seat| known(seat, None)) {
            self.places.push(Seat { country, state: None, from: FactSource::Number });
        }
        for state in states {
            if !self.places.iter().any(|seat| known(seat, Some(&state.state))) {
                self.places.push(Seat { country, state: Some(state), from: FactSource::Number });
            }
        }
        Some(country)
    }
}

pub(super) fn quiet_law(quiet: &QuietHours) -> Result<Law> {
    let read = |text: &str| {
        minute(text).ok_or_else(|| {
            invalid("quiet_hours", "this is no time of the day").hint("write 20:00").with_value(text)
        })
    };
    Ok(Law::of_host("quiet_hours", Hours::all_but(read(&quiet.from)?, read(&quiet.until)?)))
}

fn applied(law: &Law, search: &Search<'_>, at: jiff::Timestamp) -> AppliedRule {
    let (allows, spans) = search.verdict(law, at);
    let rule = &law.rule;
    AppliedRule {
        id: rule.id.clone(),
        allows,
        hours: shown(spans),
        source: rule.source.clone(),
        read_on: rule.read_on.clone(),
        certainty: rule.certainty,
    }
}

fn timestamp(instant: jiff::Timestamp) -> Timestamp {
    Timestamp(instant.as_millisecond())
}

fn invalid(field: &str, message: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, message).at_field(field)
}
