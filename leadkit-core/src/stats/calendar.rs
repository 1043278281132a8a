//! Pieces of time: of UTC, in which counts are kept, and of a zone, in which people ask.

use std::collections::HashMap;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::stats::StatsBy;
use crate::store::{HOUR, Span};

/// Hours of a day.
pub(super) const DAY: i64 = 24;
/// The weekday and hour of somebody whose time zone is not known.
pub(super) const NOWHERE: u8 = u8::MAX;

/// The zone of a name; UTC when none is given.
pub(super) fn zone(name: Option<&str>) -> Result<TimeZone> {
    let Some(name) = name else { return Ok(TimeZone::UTC) };
    jiff::tz::db().get(name).map_err(|_| {
        Error::new(ErrorCode::InvalidArgument, format!("there is no time zone `{name}`"))
            .hint("give an IANA name, such as Europe/Berlin")
            .at_field("time_zone")
    })
}

/// The instant as the library for times has it; what it cannot hold is brought to its ends.
fn instant(at: Timestamp) -> jiff::Timestamp {
    let ends = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 { ends.0 } else { ends.1 })
}

/// The days of a date from 1970 on.
fn days(date: Date) -> i64 {
    let first = Date::constant(1970, 1, 1);
    first.until(date).map_or(0, |span| i64::from(span.get_days()))
}

fn date(days: i64) -> Date {
    let first = Date::constant(1970, 1, 1);
    first.checked_add(jiff::Span::new().days(days.clamp(-4_000_000, 2_000_000))).unwrap_or(first)
}

/// The month of a day, both from 1970 on, in UTC.
pub(super) fn month_of(day: i64) -> i64 {
    month(date(day))
}

fn month(date: Date) -> i64 {
    (i64::from(date.year()) - 1970) * 12 + i64::from(date.month()) - 1
}

fn first_of(month: i64) -> Date {
    let (year, month) = (1970 + month.div_euclid(12), 1 + month.rem_euclid(12));
    Date::new(year as i16, month as i8, 1).unwrap_or(Date::MAX)
}

/// The hours of a span, from one on and before another.
pub(super) fn hours(span: Span, number: i64) -> (i64, i64) {
    match span {
        Span::Hour => (number, number + 1),
        Span::Day => (number * DAY, (number + 1) * DAY),
        Span::Month => (days(first_of(number)) * DAY, days(first_of(number + 1)) * DAY),
    }
}

/// A span for people.
pub(super) fn shown(span: Span, number: i64) -> String {
    let date = date(hours(span, number).0.div_euclid(DAY));
    match span {
        Span::Hour => format!("hour {date}T{:02}Z", number.rem_euclid(DAY)),
        Span::Day => format!("day {date}"),
        Span::Month => format!("month {:04}-{:02}", date.year(), date.month()),
    }
}

/// Pieces of time of a zone: numbers in order, and names.
#[derive(Clone)]
pub(super) struct Pieces {
    by: StatsBy,
    zone: TimeZone,
}

impl Pieces {
    pub(super) fn new(by: StatsBy, zone: TimeZone) -> Pieces {
        Pieces { by, zone }
    }

    /// The number of the piece that an instant is in.
    pub(super) fn of(&self, at: Timestamp) -> i64 {
        let local = self.zone.to_datetime(instant(at));
        match self.by {
            StatsBy::Hour => days(local.date()) * DAY + i64::from(local.hour()),
            // 1970-01-01 was a Thursday: weeks begin three days before.
            StatsBy::Week => (days(local.date()) + 3).div_euclid(7),
            StatsBy::Month => month(local.date()),
            _ => days(local.date()),
        }
    }

    /// The name of a piece.
    pub(super) fn name(&self, number: i64) -> String {
        match self.by {
            StatsBy::Hour => format!("{}T{:02}", date(number.div_euclid(DAY)), number.rem_euclid(DAY)),
            StatsBy::Week => {
                let week: ISOWeekDate = date(number * 7 - 3).iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            StatsBy::Month => {
                let first = first_of(number);
                format!("{:04}-{:02}", first.year(), first.month())
            }
            _ => date(number).to_string(),
        }
    }

    /// Whether both ends of some hours are in one piece.
    pub(super) fn hold(&self, from: i64, until: i64) -> bool {
        self.of(Timestamp(from * HOUR)) == self.of(Timestamp(until * HOUR - 1))
    }
}

/// Weekdays and hours by the clocks of many zones.
#[derive(Default)]
pub(super) struct Clocks(HashMap<String, Option<TimeZone>>);

impl Clocks {
    /// 24 times the weekday from Monday on, and the hour; [`NOWHERE`] without a known zone.
    pub(super) fn local_hour(&mut self, zone: Option<&str>, at: Timestamp) -> u8 {
        let Some(name) = zone else { return NOWHERE };
        if !self.0.contains_key(name) {
            self.0.insert(name.to_string(), jiff::tz::db().get(name).ok());
        }
        let Some(Some(zone)) = self.0.get(name) else { return NOWHERE };
        let local = zone.to_datetime(instant(at));
        local.weekday().to_monday_zero_offset().unsigned_abs() * 24 + local.hour().unsigned_abs()
    }
}

/// The weekday of a local hour.
pub(super) fn weekday(local_hour: u8) -> &'static str {
    match Weekday::from_monday_zero_offset((local_hour / 24) as i8) {
        Ok(Weekday::Monday) => "mon",
        Ok(Weekday::Tuesday) => "tue",
        Ok(Weekday::Wednesday) => "wed",
        Ok(Weekday::Thursday) => "thu",
        Ok(Weekday::Friday) => "fri",
        Ok(Weekday::Saturday) => "sat",
        _ => "sun",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn spans_follow_each_other() {
        for month in -900..2_800 {
            assert_eq!(hours(Span::Month, month).1, hours(Span::Month, month + 1).0);
            let (from, until) = hours(Span::Month, month);
            assert_eq!(month_of(from / DAY), month);
            assert_eq!(month_of((until - 1).div_euclid(DAY)), month);
        }
        assert_eq!(hours(Span::Month, 0), (0, 31 * 24));
        assert_eq!(shown(Span::Month, 674), "month 2026-03");
        assert_eq!(shown(Span::Hour, -1), "hour 1969-12-31T23Z");
    }

    #[test]
    fn pieces_have_names() {
        let berlin = zone(Some("Europe/Berlin")).unwrap();
        // 2026-03-29, when the clocks of Berlin are put forward.
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let name = |by, text: &str| {
            let pieces = Pieces::new(by, berlin.clone());
            pieces.name(pieces.of(at(text)))
        };
        assert_eq!(name(StatsBy::Day, "2026-03-28T23:30:00Z"), "2026-03-29");
        assert_eq!(name(StatsBy::Hour, "2026-03-29T01:30:00Z"), "2026-03-29T03");
        assert_eq!(name(StatsBy::Week, "2026-03-29T12:00:00Z"), "2026-W13");
        assert_eq!(name(StatsBy::Week, "2026-03-30T12:00:00Z"), "2026-W14");
        assert_eq!(name(StatsBy::Week, "2021-01-03T12:00:00Z"), "2020-W53");
        assert_eq!(name(StatsBy::Month, "2026-02-28T23:00:00Z"), "2026-03");
    }

    #[test]
    fn local_hours_know_their_weekday() {
        let mut clocks = Clocks::default();
        let monday = "2026-03-02T05:30:00Z".parse().unwrap();
        assert_eq!(clocks.local_hour(Some("Asia/Kolkata"), monday), 11);
        let sunday = clocks.local_hour(Some("America/Los_Angeles"), monday);
        assert_eq!((weekday(sunday), sunday % 24), ("sun", 21));
        assert_eq!(clocks.local_hour(Some("Mars/Olympus"), monday), NOWHERE);
        assert_eq!(clocks.local_hour(None, monday), NOWHERE);
    }
}
