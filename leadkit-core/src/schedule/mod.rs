//! When something is to happen: once or by a rule of RFC 5545, on the clock of a zone, within hours of
//! business.
//!
//! Pure: a [`Schedule`] in, instants out. Two rules hold in every zone, those of RFC 5545:
//!
//! - A local time that the clock is put forward over happens as much later as the clock is put forward:
//!   02:30 on the night when 02:00 becomes 03:00 happens at 03:30.
//! - A local time that comes twice, as the clock is put back, happens the first time only.
//!
//! What falls together by these rules happens once.

mod rule;
mod walk;

#[cfg(test)]
mod tests;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::compliance::Opening;
use crate::error::{Error, ErrorCode, Result};
use rule::Rule;
use walk::Walk;

pub use crate::model::schedule::{
    BusinessCalendar, DueOccurrences, Missed, Occurrence, OccurrenceOptions, Outside, Schedule, Shift,
};

/// Occurrences that a call names when no number is said.
const COUNT: u32 = 10;
/// Occurrences that a call names at most.
const MOST: u32 = 1_000;
/// Years in which schedules may begin.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;
/// Minutes by which an occurrence may be late when `missed` is `skip` and nothing else is said.
const LATE: u32 = 60;

/// The occurrences of a schedule, the earliest first: all that lie between `after` and `before`, up to
/// `count`.
///
/// # Errors
/// `invalid_argument` for a schedule that has neither `at` nor `start` and `rrule`, or both; for times,
/// rules, zones, hours and holidays that cannot be read; for one that would wait for hours that no day of a
/// year has; without the zone of the recipient or owner where the schedule goes by it; for a `count` beyond
/// 1,000; and for a rule that has more than 500,000 occurrences before the wanted ones.
///
/// ```
/// use leadkit_core::model::read::from_json;
/// use leadkit_core::schedule::{OccurrenceOptions, Schedule, Shift, next_occurrences};
/// use serde_json::json;
/// let schedule: Schedule = from_json(json!({
///     "zone": "Europe/Berlin", "start": "2026-03-28T02:30", "rrule": "FREQ=DAILY;COUNT=3",
/// }))?;
/// let found = next_occurrences(&schedule, &OccurrenceOptions::default())?;
/// let times: Vec<String> = found.iter().map(|one| one.at.to_string()).collect();
/// assert_eq!(times, ["2026-03-28T01:30:00.000Z", "2026-03-29T01:30:00.000Z", "2026-03-30T00:30:00.000Z"]);
/// assert_eq!((found[1].local.as_str(), found[1].shifts[0]), ("2026-03-29T03:30:00", Shift::SkippedHour));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn next_occurrences(schedule: &Schedule, options: &OccurrenceOptions) -> Result<Vec<Occurrence>> {
    let count = options.count.unwrap_or(COUNT);
    if count > MOST {
        return Err(invalid("count", format!("no more than {MOST} occurrences are named at once"))
            .hint("ask again with `after` as the last one's instant"));
    }
    let plan = Plan::read(schedule, options.zone.as_deref())?;
    let mut found = Vec::new();
    let mut walk = Walk::new(&plan, instant("after", options.after)?)?;
    let before = instant("before", options.before)?;
    while found.len() < count as usize {
        match walk.next()? {
            Some(one) if before.is_none_or(|before| one.at < before) => found.push(one.shown(&plan)),
            _ => break,
        }
    }
    Ok(found)
}

/// What is to be done of a schedule at `now`, when all was done up to and including `after`: its
/// occurrences after that and not after `now`, by its policy for missed ones.
///
/// `run_once` runs the last of them, `run_all` each of them, `skip` those that are late by `late` minutes
/// at most.
///
/// # Errors
/// As [`next_occurrences`]; `invalid_argument` when `run_all` finds more than 1,000 of them.
///
/// ```
/// use leadkit_core::model::read::from_json;
/// use leadkit_core::schedule::{Schedule, due_occurrences};
/// use serde_json::json;
/// let daily: Schedule = from_json(json!({
///     "zone": "Europe/Berlin", "start": "2026-06-01T09:00", "rrule": "FREQ=DAILY",
/// }))?;
/// // Down from Monday noon to Thursday noon: three were missed, and one happens for all.
/// let due = due_occurrences(&daily, "2026-06-01T10:00:00Z".parse()?, "2026-06-04T10:00:00Z".parse()?, None)?;
/// assert_eq!((due.run.len(), due.skipped), (1, 2));
/// assert_eq!(due.run[0].local, "2026-06-04T09:00:00");
/// assert_eq!(due.next.map(|next| next.local).as_deref(), Some("2026-06-05T09:00:00"));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn due_occurrences(
    schedule: &Schedule,
    after: Timestamp,
    now: Timestamp,
    zone: Option<&str>,
) -> Result<DueOccurrences> {
    let plan = Plan::read(schedule, zone)?;
    let (mut run, mut skipped, mut next) = (Vec::new(), 0, None);
    let mut walk = Walk::new(&plan, instant("after", Some(after))?)?;
    let until = instant("now", Some(now))?.unwrap_or_default();
    let late = i64::from(schedule.late.unwrap_or(LATE)) * 60;
    while let Some(one) = walk.next()? {
        if one.at > until {
            next = Some(one.shown(&plan));
            break;
        }
        match schedule.missed {
            Missed::RunOnce => {
                skipped += run.len() as u64;
                run.clear();
                run.push(one);
            }
            Missed::Skip if until.duration_since(one.at).as_secs() > late => skipped += 1,
            _ => run.push(one),
        }
        if run.len() > MOST as usize {
            return Err(invalid("after", format!("more than {MOST} occurrences are due at once"))
                .hint("let the schedule run once for those missed, or look at a shorter span"));
        }
    }
    Ok(DueOccurrences { run: run.into_iter().map(|one| one.shown(&plan)).collect(), skipped, next })
}

/// A schedule that has been read, on the clock of one zone.
struct Plan {
    zone: TimeZone,
    name: String,
    times: Planned,
    opening: Opening,
    outside: Outside,
}

enum Planned {
    Instant(jiff::Timestamp),
    Local(DateTime),
    Rule(Box<Rule>),
}

impl Plan {
    fn read(schedule: &Schedule, given: Option<&str>) -> Result<Plan> {
        let name = match schedule.zone.trim() {
            "" => {
                return Err(invalid("zone", "a schedule says by whose clock it goes")
                    .hint("write Europe/Berlin, recipient or owner"));
            }
            whose @ ("recipient" | "owner") => given.ok_or_else(|| {
                invalid("zone", format!("this schedule goes by the clock of the {whose}"))
                    .hint("give that zone beside the schedule")
            })?,
            name => name,
        };
        let zone = crate::normalize::normalize_time_zone(name)
            .and_then(|name| Some((jiff::tz::db().get(&name).ok()?, name)));
        let Some((zone, name)) = zone else {
            return Err(invalid("zone", "there is no such time zone")
                .hint("write an IANA name such as Europe/Berlin, recipient or owner")
                .with_value(name));
        };
        let times = match (&schedule.at, &schedule.start, &schedule.rrule) {
            (Some(at), None, None) => match utc_text(at) {
                Some(instant) => Planned::Instant(instant),
                None => Planned::Local(local_time("at", at)?),
            },
            (None, Some(start), Some(rule)) => {
                Planned::Rule(Box::new(Rule::parse(rule, local_time("start", start)?)?))
            }
            _ => {
                return Err(invalid("schedule", "a schedule happens once or recurs")
                    .hint("give it `at` alone, or `start` and `rrule`"));
            }
        };
        let calendar = schedule.calendar.as_ref();
        let calendar = calendar.map(|calendar| (&calendar.hours, calendar.holidays.as_slice()));
        let opening = Opening::read(calendar, schedule.quiet.as_ref(), &name)?;
        Ok(Plan { zone, name, times, opening, outside: schedule.outside })
    }
}

fn instant(field: &str, at: Option<Timestamp>) -> Result<Option<jiff::Timestamp>> {
    at.map(|at| jiff::Timestamp::from_millisecond(at.0).map_err(|_| beyond(field))).transpose()
}

/// An instant with its offset.
fn utc_text(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok()
}

/// A local time: a date and a time to the minute or second, without an offset.
fn local_time(field: &str, text: &str) -> Result<DateTime> {
    let wrong = || {
        invalid(field, "this is no local time")
            .hint("write 2026-03-29T09:00, without an offset: the zone tells it")
            .with_value(text)
    };
    let plain = |c: char| c.is_ascii_digit() || "-:T ".contains(c);
    let dated = text.chars().all(plain) && text.contains(['T', ' ']);
    let time: DateTime = text.parse().ok().filter(|_| dated).ok_or_else(wrong)?;
    if YEARS.contains(&time.year()) { Ok(time) } else { Err(beyond(field)) }
}

fn beyond(field: &str) -> Error {
    invalid(field, "beyond the years that schedules know").hint(format!(
        "from {} to {}",
        YEARS.start(),
        YEARS.end()
    ))
}

fn invalid(field: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message).at_field(field)
}
