//! Unit and property tests of schedules. What the occurrences must be, an independent library says in
//! tests/python/test_schedules.py.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::read::from_json;

fn schedule(value: Value) -> Schedule {
    from_json(value).unwrap()
}

fn options(value: Value) -> OccurrenceOptions {
    from_json(value).unwrap()
}

fn locals(value: Value) -> Vec<String> {
    let found = next_occurrences(&schedule(value), &OccurrenceOptions::default()).unwrap();
    found.into_iter().map(|one| one.local).collect()
}

#[test]
fn a_skipped_hour_moves_and_a_repeated_one_happens_once() {
    let spring = schedule(json!({
        "zone": "America/New_York", "start": "2026-03-08T01:30", "rrule": "FREQ=HOURLY;COUNT=4",
    }));
    let found = next_occurrences(&spring, &OccurrenceOptions::default()).unwrap();
    // 02:30 is not; it falls together with 03:30.
    let locals: Vec<&str> = found.iter().map(|one| one.local.as_str()).collect();
    assert_eq!(locals, ["2026-03-08T01:30:00", "2026-03-08T03:30:00", "2026-03-08T04:30:00"]);
    assert_eq!(found[1].shifts, [Shift::SkippedHour]);

    let autumn = schedule(json!({"zone": "America/New_York", "at": "2026-11-01T01:30"}));
    let found = next_occurrences(&autumn, &OccurrenceOptions::default()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].at, "2026-11-01T05:30:00Z".parse().unwrap());
    assert_eq!(found[0].shifts, [Shift::RepeatedHour]);
}

#[test]
fn what_a_skipped_hour_moves_comes_in_its_order() {
    let value = json!({
        "zone": "Europe/Berlin", "start": "2026-03-29T02:15", "rrule": "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,45;COUNT=3",
    });
    // 02:45 becomes 03:45; 03:00 and 03:45 follow it in the rule.
    assert_eq!(locals(value), ["2026-03-29T03:00:00", "2026-03-29T03:45:00"]);
    // A whole day was skipped where the date line moved.
    let value = json!({
        "zone": "Pacific/Apia", "start": "2011-12-29T09:00", "rrule": "FREQ=DAILY;COUNT=4",
    });
    assert_eq!(locals(value), ["2011-12-29T09:00:00", "2011-12-31T09:00:00", "2012-01-01T09:00:00"]);
}

#[test]
fn hours_of_business_and_quiet_ones_move_or_skip() {
    let calendar = json!({"hours": {"mon-fri": "9:00-17:00"}, "holidays": ["12-25", "easter +1"]});
    let value = |outside: &str| {
        json!({
            "zone": "Europe/Berlin", "start": "2026-12-24T08:00", "rrule": "FREQ=DAILY;BYHOUR=8,16;COUNT=10",
            "calendar": calendar, "quiet": {"from": "15:00", "until": "10:00"}, "outside": outside,
        })
    };
    // Thursday, then Christmas and a weekend, and Monday.
    assert_eq!(
        locals(value("move"))[..3],
        ["2026-12-24T10:00:00", "2026-12-28T10:00:00", "2026-12-29T10:00:00"]
    );
    assert_eq!(locals(value("skip")), Vec::<String>::new());
    let never =
        schedule(json!({"zone": "UTC", "at": "2026-01-01T09:00", "calendar": {"hours": {"mon": ""}}}));
    let error = next_occurrences(&never, &OccurrenceOptions::default()).unwrap_err();
    assert_eq!((error.code(), error.field()), ("invalid_argument", Some("calendar")));
}

#[test]
fn what_was_missed_goes_by_the_policy() {
    let now = |text: &str| text.parse::<Timestamp>().unwrap();
    let due = |missed: &str, late: Option<u32>| {
        let schedule = schedule(json!({
            "zone": "UTC", "start": "2026-01-01T00:00", "rrule": "FREQ=HOURLY", "missed": missed, "late": late,
        }));
        due_occurrences(&schedule, now("2026-01-02T00:00:00Z"), now("2026-01-02T05:30:00Z"), None).unwrap()
    };
    assert_eq!((due("run_once", None).run.len(), due("run_once", None).skipped), (1, 4));
    assert_eq!((due("run_all", None).run.len(), due("run_all", None).skipped), (5, 0));
    assert_eq!((due("skip", None).run.len(), due("skip", None).skipped), (1, 4));
    assert_eq!((due("skip", Some(90)).run.len(), due("skip", Some(90)).skipped), (2, 3));
    assert_eq!((due("skip", Some(10)).run.len(), due("skip", Some(10)).skipped), (0, 5));
    assert_eq!(due("skip", Some(10)).next.unwrap().at, now("2026-01-02T06:00:00Z"));
}

#[test]
fn wrong_schedules_say_what_is_wrong() {
    let base = |rule: &str| json!({"zone": "UTC", "start": "2026-01-01T09:00", "rrule": rule});
    for (value, field, says) in [
        (json!({"at": "2026-01-01T09:00"}), "zone", "recipient"),
        (json!({"zone": "owner", "at": "2026-01-01T09:00"}), "zone", "owner"),
        (json!({"zone": "Mars/Olympus", "at": "2026-01-01T09:00"}), "zone", "IANA"),
        (json!({"zone": "UTC"}), "schedule", "`at` alone"),
        (json!({"zone": "UTC", "start": "2026-01-01T09:00"}), "schedule", "`rrule`"),
        (json!({"zone": "UTC", "at": "2026-01-01"}), "at", "2026-03-29T09:00"),
        (json!({"zone": "UTC", "at": "9026-01-01T09:00"}), "at", "2199"),
        (json!({"zone": "UTC", "start": "2026-01-01T09:00Z", "rrule": "FREQ=DAILY"}), "start", "offset"),
        (base("FREQ=MINUTELY"), "rrule", "hourly"),
        (base("FREQ=DAILY;BYSECOND=1"), "rrule", "whole minutes"),
        (base("FREQ=DAILY;BYDAYS=MO"), "rrule", "`BYDAY`"),
        (base("FREQ=DAILY;FREQ=DAILY"), "rrule", "twice"),
        (base("FREQ=DAILY;COUNT=1;UNTIL=20270101"), "rrule", "not both"),
        (base("FREQ=DAILY;UNTIL=tomorrow"), "rrule", "20261231"),
        (base("FREQ=OFTEN"), "rrule", "RFC 5545"),
        (base("FREQ=DAILY;INTERVAL=0"), "rrule", "at least 1"),
        (base("FREQ=DAILY;BYMONTH=13"), "rrule", "RFC 5545"),
        (base("FREQ=DAILY;COUNT=0"), "rrule", "`COUNT`"),
        (base("BYDAY=MO"), "rrule", "RFC 5545"),
        (base(""), "rrule", "RFC 5545"),
        (base("DAILY"), "rrule", "value"),
        (
            json!({"zone": "UTC", "at": "2026-01-01T09:00", "quiet": {"from": "25:00", "until": "9:00"}}),
            "quiet",
            "20:00",
        ),
        (
            json!({"zone": "UTC", "at": "2026-01-01T09:00", "calendar": {"hours": {"monday": "9:00-10:00"}}}),
            "calendar.hours",
            "mon-fri",
        ),
        (
            json!({"zone": "UTC", "at": "2026-01-01T09:00", "calendar": {"holidays": ["yule"]}}),
            "calendar.holidays",
            "12-25",
        ),
    ] {
        let error = next_occurrences(&schedule(value.clone()), &OccurrenceOptions::default()).unwrap_err();
        assert_eq!((error.code(), error.field()), ("invalid_argument", Some(field)), "{value}: {error}");
        assert!(error.to_string().contains(says), "{value}: {error}");
    }
    let daily = schedule(base("FREQ=DAILY"));
    assert!(next_occurrences(&daily, &options(json!({"count": 1001}))).is_err());
}

#[test]
fn ends_are_local_or_instants() {
    let until = |text: &str| {
        let rule = format!("FREQ=DAILY;UNTIL={text}");
        locals(json!({"zone": "America/New_York", "start": "2026-01-01T20:00", "rrule": rule})).len()
    };
    assert_eq!([until("20260103"), until("20260103T200000"), until("20260103T195959")], [3, 3, 2]);
    // 02:50 is skipped, and 03:00 is after it.
    let spring = json!({"zone": "Europe/Berlin", "start": "2026-03-29T00:00", "rrule": "FREQ=HOURLY;UNTIL=20260329T025000"});
    assert_eq!(locals(spring), ["2026-03-29T00:00:00", "2026-03-29T01:00:00", "2026-03-29T03:00:00"]);
    // 20:00 in New York is 01:00 of the next day in UTC.
    assert_eq!([until("20260104T010000Z"), until("20260104T005959Z")], [3, 2]);
}

#[test]
fn rules_that_never_come_true_end() {
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYSETPOS=31;BYDAY=MO",
    ] {
        assert_eq!(
            locals(json!({"zone": "UTC", "start": "2026-01-01T09:00", "rrule": rule})),
            Vec::<String>::new()
        );
    }
}

fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

fn rules() -> impl Strategy<Value = String> {
    let days = prop::sample::select(vec!["MO", "TU,SA", "WE,TH,FR", "MO,TU,WE,TH,FR,SA,SU"]);
    (0..6_u8, 1..5_u8, days, 0..24_u8, -1..29_i8).prop_map(|(kind, interval, days, hour, day)| {
        let day = if day == 0 { 1 } else { day };
        match kind {
            0 => format!("FREQ=HOURLY;INTERVAL={interval};BYMINUTE=0,30"),
            1 => format!("FREQ=DAILY;INTERVAL={interval}"),
            2 => format!("FREQ=DAILY;BYHOUR=1,2,{hour};BYMINUTE=0,30"),
            3 => format!("FREQ=WEEKLY;INTERVAL={interval};BYDAY={days}"),
            4 => format!("FREQ=MONTHLY;INTERVAL={interval};BYMONTHDAY={day}"),
            _ => format!("FREQ=MONTHLY;BYDAY={days};BYSETPOS=-1"),
        }
    })
}

proptest! {
    #[test]
    fn occurrences_rise_keep_their_clock_and_can_be_asked_for_in_parts(
        zone in prop::sample::select(zones()),
        day in 7_305_i32..25_567,
        minute in 0..1_440_i32,
        rule in rules(),
        split in 0..60_usize,
        closed in any::<bool>(),
    ) {
        let start = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0)
            .checked_add(jiff::Span::new().days(day).minutes(minute)).unwrap();
        let mut value = json!({"zone": zone, "start": start.to_string(), "rrule": rule});
        if closed {
            value["calendar"] = json!({"hours": {"mon-fri": "9:00-12:00, 13:00-18:00", "sat": "0:00-4:00"}});
            value["quiet"] = json!({"from": "22:00", "until": "2:30"});
        }
        let schedule = schedule(value);
        let all = next_occurrences(&schedule, &options(json!({"count": 60}))).unwrap();
        prop_assert_eq!(all.len(), 60);
        prop_assert!(all.windows(2).all(|two| two[0].at < two[1].at));
        for one in &all {
            let moved = one.shifts.iter().any(|shift| *shift != Shift::RepeatedHour);
            prop_assert_eq!(one.local != one.planned, moved, "{:?}", one);
            prop_assert!(one.local >= one.planned);
            if closed {
                let local: DateTime = one.local.parse().unwrap();
                let at = local.hour() as i32 * 60 + local.minute() as i32;
                let open: &[(i32, i32)] = match local.weekday().to_monday_zero_offset() {
                    0..5 => &[(540, 720), (780, 1080)],
                    5 => &[(150, 240)],
                    _ => &[],
                };
                prop_assert!(open.iter().any(|(from, until)| (*from..*until).contains(&at)), "{:?}", one);
            }
        }
        let after = all[split].at.to_string();
        let rest = next_occurrences(&schedule, &options(json!({"after": after, "count": 59 - split}))).unwrap();
        prop_assert_eq!(&all[split + 1..], &rest[..]);
        let before = all[split].at.to_string();
        let head = next_occurrences(&schedule, &options(json!({"before": before, "count": 60}))).unwrap();
        prop_assert_eq!(&all[..split], &head[..]);
    }

    #[test]
    fn no_text_breaks_the_reading(rule in "[A-Z=;,0-9+-]{0,40}", at in "[0-9T:Z+-]{0,20}", days in "[a-z0-9 :,+-]{0,12}") {
        let value = json!({"zone": "Europe/Berlin", "start": "2026-01-01T09:00", "rrule": rule});
        let _ = next_occurrences(&schedule(value), &options(json!({"count": 2})));
        let value = json!({"zone": "UTC", "start": "2026-01-01T09:00", "rrule": format!("FREQ=DAILY;{rule}")});
        let _ = next_occurrences(&schedule(value), &options(json!({"count": 2})));
        let value = json!({"zone": "UTC", "at": at, "calendar": {"hours": {"mon-fri": days}, "holidays": [days]}});
        let _ = next_occurrences(&schedule(value), &OccurrenceOptions::default());
    }
}

#[test]
fn a_day_that_never_comes_ends_the_search() {
    let never =
        json!({"zone": "UTC", "start": "2026-01-01T09:00", "rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"});
    assert!(locals(never.clone()).is_empty());
    let (after, now) = ("2026-01-02T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(due_occurrences(&schedule(never), after, now, None).unwrap(), DueOccurrences::default());
    // Years without one are no end: 2100 has no leap day.
    let leap = json!({"zone": "UTC", "start": "2096-02-29T09:30", "rrule": "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=9"});
    assert_eq!(locals(leap)[..2], ["2096-02-29T09:30:00", "2104-02-29T09:30:00"]);
}
