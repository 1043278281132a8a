//! Recurrence: a rule of RFC 5545, expanded as local times.
//!
//! The crate `rrule` expands it on a clock that never changes; zones come in afterwards, so that one
//! stated rule, not the crate's, decides about hours that are skipped or come twice.

use chrono::TimeZone as _;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rrule::{RRule, RRuleSet, RRuleSetIter, Tz, Unvalidated};

use super::{invalid, local_time, utc_text};
use crate::error::Result;

const PARTS: [&str; 13] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYHOUR",
    "BYMINUTE",
    "BYSETPOS",
];

/// The last moment of a recurrence.
#[derive(Clone, Copy, Debug)]
pub(super) enum Until {
    /// By the zone's clock.
    Local(DateTime),
    Instant(jiff::Timestamp),
}

/// A rule that has been read.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    set: RRuleSet,
    pub(super) until: Option<Until>,
}

impl Rule {
    /// Reads a rule that begins at a local time.
    pub(super) fn parse(text: &str, start: DateTime) -> Result<Rule> {
        let text = text.trim();
        let head = text.get(..6).filter(|head| head.eq_ignore_ascii_case("RRULE:"));
        let text = head.and_then(|head| text.get(head.len()..)).unwrap_or(text);
        let (mut kept, mut until, mut counted) = (Vec::new(), None, false);
        let mut seen: Vec<String> = Vec::new();
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(
                    invalid("rrule", format!("`{part}` has no value")).hint("write FREQ=WEEKLY;BYDAY=MO")
                );
            };
            let name = name.trim().to_ascii_uppercase();
            if seen.contains(&name) {
                return Err(invalid("rrule", format!("`{name}` is said twice")));
            }
            known(&name, value)?;
            counted |= name == "COUNT";
            match name.as_str() {
                "UNTIL" => until = Some(until_of(value.trim())?),
                _ => kept.push(format!("{name}={}", value.trim().to_ascii_uppercase())),
            }
            seen.push(name);
        }
        if counted && until.is_some() {
            return Err(invalid("rrule", "a rule has COUNT or UNTIL, not both"));
        }
        let refused = |why: rrule::RRuleError| {
            invalid("rrule", format!("not a rule of RFC 5545: {why}")).hint("write FREQ=WEEKLY;BYDAY=MO,TH")
        };
        let rule: RRule<Unvalidated> = kept.join(";").parse().map_err(refused)?;
        let seconds = TimeZone::UTC.to_timestamp(start).map_err(|_| super::beyond("start"))?.as_second();
        let start = Tz::UTC.timestamp_opt(seconds, 0).single().ok_or_else(|| super::beyond("start"))?;
        let rule = rule.validate(start).map_err(refused)?;
        Ok(Rule { set: RRuleSet::new(start).rrule(rule).limit(), until })
    }

    /// The local times, the earliest first.
    pub(super) fn times(&self) -> Times {
        Times((&self.set).into_iter())
    }
}

/// Local times of a recurrence.
pub(super) struct Times(RRuleSetIter);

impl Iterator for Times {
    type Item = DateTime;

    fn next(&mut self) -> Option<DateTime> {
        let at = jiff::Timestamp::from_second(self.0.next()?.timestamp()).ok()?;
        Some(TimeZone::UTC.to_datetime(at))
    }
}

fn known(name: &str, value: &str) -> Result<()> {
    if name == "BYSECOND"
        || name == "FREQ" && ["SECONDLY", "MINUTELY"].contains(&value.trim().to_ascii_uppercase().as_str())
    {
        return Err(invalid("rrule", "a schedule recurs hourly at most, at whole minutes")
            .hint("write FREQ=HOURLY, and minutes as BYMINUTE=0,30"));
    }
    if ["INTERVAL", "COUNT"].contains(&name) && value.trim().bytes().all(|digit| digit == b'0') {
        return Err(invalid("rrule", format!("`{name}` is at least 1")));
    }
    if PARTS.contains(&name) {
        return Ok(());
    }
    let error = invalid("rrule", format!("`{name}` is no part of a rule"));
    Err(match crate::text::nearest(name, PARTS.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("there are {}", PARTS.join(", "))),
    })
}

/// `20261231`, `20261231T235959` by the zone's clock, or with `Z` as an instant.
fn until_of(text: &str) -> Result<Until> {
    let wrong =
        || invalid("rrule", "UNTIL is no time").hint("write 20261231, 20261231T180000 or 20261231T170000Z");
    if text.len() == 8 {
        let day: Date = text.parse().map_err(|_| wrong())?;
        return Ok(Until::Local(day.at(23, 59, 59, 0)));
    }
    match utc_text(text) {
        Some(instant) => Ok(Until::Instant(instant)),
        None => local_time("rrule", text).map(Until::Local).map_err(|_| wrong()),
    }
}
