#![allow(clippy::unwrap_used)]
//! Clock tests of the legal hours: two years of every state, borders to the minute, awkward people.

use std::collections::BTreeMap;

use super::{places, *};
use crate::clock::Timestamp;
use crate::model::consent::{Channel, Purpose};
use crate::model::read::from_json;

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn us(state: &str) -> Contact {
    Contact { country: Some("US".into()), state: Some(state.into()), ..Contact::default() }
}

fn phone(e164: &str) -> Contact {
    Contact { phone: Some(e164.into()), ..Contact::default() }
}

fn decide(contact: &Contact, now: &str) -> Decision {
    LegalHours::built_in().decide(contact, at(now)).unwrap()
}

/// From when on, and until when.
fn span(contact: &Contact, now: &str) -> Option<(String, String)> {
    let decision = decide(contact, now);
    let short = |at: Timestamp| at.to_string().replace(":00.000Z", "Z");
    Some((short(decision.next_legal?), decision.legal_until.map(short).unwrap_or_default()))
}

fn is_span(contact: &Contact, now: &str, from: &str, until: &str) {
    assert_eq!(span(contact, now), Some((from.to_string(), until.to_string())), "{contact:?}");
}

/// Every hour of 2026 and 2027 in every state, by message and by call, against a calculation in
/// Python (`tests/data/windows/us_hours.py`).
#[test]
fn two_years_of_every_state_agree_with_an_independent_calculation() {
    #[derive(serde::Deserialize)]
    struct Expected {
        legal_hours: usize,
        fnv1a: String,
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/windows/us_hours.json");
    let expected: BTreeMap<String, Expected> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut states = 0;
    for place in places::all().iter().filter(|place| place.country == "US") {
        for channel in [Channel::Sms, Channel::Voice] {
            let contact = Contact { channel, ..us(&place.state) };
            let start = at("2026-01-01T00:00:00Z");
            let end = start.0 + 2 * 365 * 24 * HOUR;
            let mut bits = String::new();
            // Leaps from change to change, as a dispatcher would.
            let mut now = start;
            while now.0 < end {
                let decision = LegalHours::built_in().decide(&contact, now).unwrap();
                let next = if decision.allowed { decision.legal_until } else { decision.next_legal };
                let next = next.unwrap().0.min(end);
                assert!(next > now.0 && (next - start.0) % HOUR == 0, "{} {now}", place.state);
                for _ in 0..(next - now.0) / HOUR {
                    bits.push(if decision.allowed { '1' } else { '0' });
                }
                now = Timestamp(next);
            }
            let name = format!("{} {}", place.state, if channel == Channel::Sms { "sms" } else { "voice" });
            let hash = bits.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| {
                (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
            });
            let wanted = &expected[&name];
            assert_eq!(bits.matches('1').count(), wanted.legal_hours, "{name}");
            assert_eq!(format!("{hash:016x}"), wanted.fnv1a, "{name}");
            states += 1;
        }
    }
    assert_eq!(states, expected.len());
}

/// The first legal instant is legal, and no earlier minute is; the end is the first that is not.
#[test]
fn no_earlier_minute_is_legal() {
    let quiet = QuietHours { from: "22:30".into(), until: "02:30".into() };
    let contacts = [
        us("FL"),
        us("RI"),
        us("TX"),
        phone("+17757495809"),
        phone("+447400123456"),
        phone("+33612345678"),
        Contact { channel: Channel::Voice, ..phone("+33142685300") },
        Contact { time_zone: Some("Australia/Lord_Howe".into()), ..phone("+61212345678") },
        Contact { quiet_hours: Some(quiet.clone()), purpose: Purpose::Informational, ..us("NY") },
        Contact { quiet_hours: Some(quiet), purpose: Purpose::Informational, ..phone("+35312345678") },
        Contact { time_zone: Some("Europe/Berlin".into()), ..us("CA") },
    ];
    let mut seed = 7_u64;
    let mut checked = 0;
    for contact in &contacts {
        for change in
            ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2026-12-25"]
        {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Up to a day before and after the change, seconds included.
            let now = Timestamp(
                at(&format!("{change}T00:00:00Z")).0 - 24 * HOUR + (seed >> 33) as i64 % (48 * HOUR),
            );
            let hours = LegalHours::built_in();
            let decision = hours.decide(contact, now).unwrap();
            let next = decision.next_legal.unwrap();
            assert!(hours.decide(contact, next).unwrap().allowed, "{contact:?} {now}");
            assert_eq!(decision.allowed, next == now);
            let minutes = |from: Timestamp, until: Timestamp| {
                (from.0 / MINUTE + 1..=(until.0 - 1) / MINUTE)
                    .step_by(7)
                    .map(|minute| Timestamp(minute * MINUTE))
            };
            for minute in minutes(now, next).chain((next > now).then_some(Timestamp(next.0 - MINUTE))) {
                assert!(
                    minute < now || !hours.decide(contact, minute).unwrap().allowed,
                    "{contact:?} {now} {minute}"
                );
                checked += 1;
            }
            let end = decision.legal_until.unwrap();
            assert!(!hours.decide(contact, end).unwrap().allowed, "{contact:?} {now}");
            for minute in minutes(next, end).chain([Timestamp(end.0 - MINUTE)]) {
                assert!(hours.decide(contact, minute).unwrap().allowed, "{contact:?} {now} {minute}");
                checked += 1;
            }
        }
    }
    assert!(checked > 5_000, "{checked}");
}

#[test]
fn states_are_stricter_than_the_nation() {
    is_span(&us("NY"), "2026-07-01T02:00:00Z", "2026-07-01T12:00Z", "2026-07-02T01:00Z");
    // Florida has two zones: from 8:00 in the west until 20:00 in the east.
    is_span(&us("FL"), "2026-07-01T02:00:00Z", "2026-07-01T13:00Z", "2026-07-02T00:00Z");
    let miami = Contact { time_zone: Some("America/New_York".into()), ..us("FL") };
    is_span(&miami, "2026-07-01T02:00:00Z", "2026-07-01T12:00Z", "2026-07-02T00:00Z");
    // Texas on a Sunday; Utah on none, and not on Pioneer Day, a Friday.
    let texas = Contact { time_zone: Some("America/Chicago".into()), ..us("Texas") };
    is_span(&texas, "2026-07-05T06:00:00Z", "2026-07-05T17:00Z", "2026-07-06T02:00Z");
    // The 4th of July 2026 is a Saturday, so the Monday after is a holiday, too.
    is_span(&us("UT"), "2026-07-05T06:00:00Z", "2026-07-07T14:00Z", "2026-07-08T03:00Z");
    is_span(&us("UT"), "2026-07-24T06:00:00Z", "2026-07-25T14:00Z", "2026-07-26T03:00Z");
    // A day has 23 hours, or 25: 8:00 is 8:00.
    is_span(&us("NY"), "2026-03-08T05:00:00Z", "2026-03-08T12:00Z", "2026-03-09T01:00Z");
    is_span(&us("NY"), "2026-11-01T04:00:00Z", "2026-11-01T13:00Z", "2026-11-02T02:00Z");
}

#[test]
fn numbers_and_addresses_that_differ_are_both_heeded() {
    // A Florida number, carried along to Los Angeles: Florida's evening, California's morning.
    let ported = Contact { phone: Some("+13055550123".into()), ..us("CA") };
    is_span(&ported, "2026-07-01T02:00:00Z", "2026-07-01T15:00Z", "2026-07-02T00:00Z");
    let decision = decide(&ported, "2026-07-01T23:59:00Z");
    assert!(decision.allowed);
    let places: Vec<_> = decision.places.iter().map(|p| (p.state.as_deref(), p.from)).collect();
    assert_eq!(places, [(Some("CA"), FactSource::Address), (Some("FL"), FactSource::Number)]);
    assert_eq!(decision.zones.len(), 2);
    // The same person is known to be in New York now.
    let travelling = Contact { time_zone: Some("America/New_York".into()), ..ported };
    is_span(&travelling, "2026-07-01T02:00:00Z", "2026-07-01T15:00Z", "2026-07-02T00:00Z");
    let zones: Vec<_> =
        decide(&travelling, "2026-07-01T02:00:00Z").zones.into_iter().map(|z| z.from).collect();
    assert_eq!(zones, [FactSource::Lead, FactSource::Address], "the number's zone is the lead's");
}

#[test]
fn candidates_count_until_something_settles_them() {
    // Nevada's 775 is in Pacific Time and in Mountain Time.
    let nevada = phone("+17757495809");
    is_span(&nevada, "2026-07-01T10:00:00Z", "2026-07-01T16:00Z", "2026-07-02T02:00Z");
    let known = Contact { time_zone: Some("America/Los_Angeles".into()), ..nevada };
    is_span(&known, "2026-07-01T10:00:00Z", "2026-07-01T16:00Z", "2026-07-02T03:00Z");
    // A toll-free number is anywhere in North America, until an address says where.
    let toll_free = phone("+18884416782");
    is_span(&toll_free, "2026-07-01T10:00:00Z", "2026-07-01T22:00Z", "2026-07-01T23:30Z");
    let settled = Contact { phone: toll_free.phone, ..us("NY") };
    is_span(&settled, "2026-07-01T10:00:00Z", "2026-07-01T12:00Z", "2026-07-02T01:00Z");
    assert_eq!(decide(&settled, "2026-07-01T10:00:00Z").zones.len(), 1);
}

#[test]
fn nowhere_legal_is_refused() {
    let far =
        Contact { time_zone: Some("Asia/Bangkok".into()), phone: Some("+12127365000".into()), ..us("CA") };
    let decision = decide(&far, "2026-07-01T10:00:00Z");
    assert_eq!((decision.allowed, decision.refusal), (false, Some(WindowRefusal::NoLegalHour)));
    assert_eq!((decision.next_legal, decision.legal_until), (None, None));
    // Quiet hours over all that the law leaves.
    let quiet = QuietHours { from: "07:00".into(), until: "22:00".into() };
    let never = Contact { quiet_hours: Some(quiet), ..us("NY") };
    assert_eq!(decide(&never, "2026-07-01T10:00:00Z").refusal.unwrap().as_str(), "no_legal_hour");
    // Nothing says where the person is.
    for nowhere in [Contact::default(), phone("+80012345678"), phone("call me")] {
        assert_eq!(decide(&nowhere, "2026-07-01T12:00:00Z").refusal, Some(WindowRefusal::NoLegalHour));
    }
}

#[test]
fn countries_have_their_own_hours() {
    let call = |e164: &str| Contact { channel: Channel::Voice, ..phone(e164) };
    let paris = call("+33142685300");
    is_span(&paris, "2026-07-01T06:00:00Z", "2026-07-01T08:00Z", "2026-07-01T11:00Z");
    is_span(&paris, "2026-07-01T11:30:00Z", "2026-07-01T12:00Z", "2026-07-01T18:00Z");
    // The 14th of July 2026 is a Tuesday.
    is_span(&paris, "2026-07-13T19:00:00Z", "2026-07-15T08:00Z", "2026-07-15T11:00Z");
    is_span(&phone("+33612345678"), "2026-07-05T06:00:00Z", "2026-07-06T06:00Z", "2026-07-06T20:00Z");
    is_span(&call("+61212345678"), "2026-07-04T06:00:00Z", "2026-07-04T06:00Z", "2026-07-04T07:00Z");
    is_span(&call("+61212345678"), "2026-07-04T08:00:00Z", "2026-07-05T23:00Z", "2026-07-06T10:00Z");
    is_span(&call("+16135550123"), "2026-07-01T06:00:00Z", "2026-07-01T13:00Z", "2026-07-02T01:30Z");
    is_span(&call("+34912345678"), "2026-07-03T20:00:00Z", "2026-07-06T07:00Z", "2026-07-06T19:00Z");
    // No rule is for Japan, nor for messages to Germany: the cautious one.
    is_span(&call("+81312345678"), "2026-07-01T12:00:00Z", "2026-07-02T00:00Z", "2026-07-02T11:00Z");
    let germany = decide(&phone("+4915123456789"), "2026-07-01T12:00:00Z");
    assert_eq!(germany.rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["elsewhere"]);
    let address = Contact { country: Some("Puerto Rico".into()), ..Contact::default() };
    is_span(&address, "2026-07-01T06:00:00Z", "2026-07-01T12:00Z", "2026-07-02T01:00Z");
}

#[test]
fn what_people_asked_for_comes_at_any_hour_but_the_quiet_ones() {
    let code = Contact { purpose: Purpose::Informational, ..us("RI") };
    let decision = decide(&code, "2026-07-04T07:00:00Z");
    assert!(decision.allowed && decision.rules.is_empty() && decision.legal_until.is_none());
    let quiet = QuietHours { from: "20:00".into(), until: "9:00".into() };
    let code = Contact { quiet_hours: Some(quiet), ..code };
    is_span(&code, "2026-07-04T07:00:00Z", "2026-07-04T13:00Z", "2026-07-05T00:00Z");
    let marketing = Contact { purpose: Purpose::Marketing, ..us("NY") };
    let quiet = QuietHours { from: "12:00".into(), until: "14:00".into() };
    let marketing = Contact { quiet_hours: Some(quiet), ..marketing };
    is_span(&marketing, "2026-07-01T12:00:00Z", "2026-07-01T12:00Z", "2026-07-01T16:00Z");
    is_span(&marketing, "2026-07-01T16:30:00Z", "2026-07-01T18:00Z", "2026-07-02T01:00Z");
}

#[test]
fn holidays_of_the_contact_count_where_holidays_do() {
    let day = Contact { holidays: vec!["2026-07-01".into()], ..us("UT") };
    is_span(&day, "2026-07-01T12:00:00Z", "2026-07-02T14:00Z", "2026-07-03T03:00Z");
    let day = Contact { holidays: vec!["2026-07-01".into()], ..us("NY") };
    is_span(&day, "2026-07-01T11:00:00Z", "2026-07-01T12:00Z", "2026-07-02T01:00Z");
    for wrong in [
        Contact { holidays: vec!["tomorrow".into()], ..us("NY") },
        Contact { quiet_hours: Some(QuietHours { from: "8".into(), until: "9:00".into() }), ..us("NY") },
    ] {
        let error = LegalHours::built_in().decide(&wrong, at("2026-07-01T12:00:00Z")).unwrap_err();
        assert_eq!(error.code(), "invalid_argument");
    }
}

#[test]
fn rules_begin_on_their_day() {
    // Texas took messages in on the 1st of September 2025.
    let texas = Contact { time_zone: Some("America/Chicago".into()), ..us("TX") };
    is_span(&texas, "2025-08-30T12:00:00Z", "2025-08-30T13:00Z", "2025-08-31T02:00Z");
    is_span(&texas, "2025-09-01T12:00:00Z", "2025-09-01T14:00Z", "2025-09-02T02:00Z");
    let table: RuleTable = from_json(serde_json::json!({"rules": [
        {"id": "at", "country": "AT", "hours": {"daily": "10:00-12:00"}, "effective_from": "2026-07-02",
         "effective_until": "2026-07-03", "source": "test"},
    ]}))
    .unwrap();
    let hours = LegalHours::new(table).unwrap();
    let vienna = Contact { country: Some("AT".into()), ..Contact::default() };
    let span = |now: &str| {
        let decision = hours.decide(&vienna, at(now)).unwrap();
        (decision.next_legal, decision.legal_until)
    };
    assert_eq!(
        span("2026-07-01T01:00:00Z"),
        (Some(at("2026-07-01T01:00:00Z")), Some(at("2026-07-01T22:00:00Z")))
    );
    assert_eq!(span("2026-07-03T11:00:00Z"), (Some(at("2026-07-03T22:00:00Z")), None));
}

#[test]
fn the_decision_shows_what_it_rests_on() {
    let decision = decide(&us("Florida"), "2026-07-02T00:30:00Z");
    let shown = serde_json::to_value(&decision).unwrap();
    assert_eq!(shown["refusal"], "outside_hours");
    assert_eq!(shown["zones"][0]["local_time"], "2026-07-01T20:30:00");
    assert_eq!(shown["places"][0], serde_json::json!({"country": "US", "state": "FL", "from": "address"}));
    let florida = decision.rules.iter().find(|rule| rule.id == "us-fl").unwrap();
    assert_eq!((florida.allows, florida.hours.as_str()), (false, "08:00-20:00"));
    assert_eq!(decision.table, LegalHours::built_in().table().version);
    assert_eq!(serde_json::from_value::<Decision>(shown).unwrap(), decision);
}
