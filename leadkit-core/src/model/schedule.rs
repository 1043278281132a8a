//! When something is to happen, as it is written down.
//!
//! The names are single words on purpose: a schedule is one and the same JSON in all languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::legal::QuietHours;
use crate::clock::Timestamp;

/// When something happens: once, or again and again, by the clock of a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Whose clock: an IANA name such as `Europe/Berlin`, or `recipient` or `owner`, whose zone is then
    /// given when the occurrences are asked for.
    pub zone: String,
    /// Once: a local time such as `2026-03-29T09:00`, or an instant with its offset.
    pub at: Option<String>,
    /// Again and again: the local time from which on it recurs, such as `2026-01-05T09:00`.
    pub start: Option<String>,
    /// How it recurs: a rule of RFC 5545 such as `FREQ=WEEKLY;BYDAY=MO,TH`.
    pub rrule: Option<String>,
    /// The days and hours of business, outside of which nothing happens.
    pub calendar: Option<BusinessCalendar>,
    /// Hours of each day in which nothing happens.
    pub quiet: Option<QuietHours>,
    /// What becomes of an occurrence outside of them.
    pub outside: Outside,
    /// What becomes of occurrences that nobody looked at in time.
    pub missed: Missed,
    /// With `missed` as `skip`: by how many minutes an occurrence may be late and still happens; 60 when
    /// none is given.
    pub late: Option<u32>,
}

/// Days and hours of business.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BusinessCalendar {
    /// The hours by day: `mon` to `sun`, `mon-fri`, `daily`, `holiday`; days that are not named are
    /// closed, holidays among them.
    pub hours: BTreeMap<String, String>,
    /// The holidays: `12-25`; `2026-11-03` for one year; `mon 3 01`, the third Monday of January; `easter
    /// +1`.
    pub holidays: Vec<String>,
}

/// What becomes of an occurrence outside the hours of business or within the quiet ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// It happens at the first moment that is open.
    #[default]
    Move,
    /// It does not happen.
    Skip,
}

/// What becomes of occurrences that nobody looked at in time, as after a downtime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// The last one happens, for all of them.
    #[default]
    RunOnce,
    /// Each happens, in order.
    RunAll,
    /// Those that are not too late happen.
    Skip,
}

/// Which occurrences to name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OccurrenceOptions {
    /// Those after this instant; none: from the first on.
    pub after: Option<Timestamp>,
    /// Those before this instant; none: without an end.
    pub before: Option<Timestamp>,
    /// How many at most: 10 when not said, 1,000 at most.
    pub count: Option<u32>,
    /// The zone of the recipient or owner (an IANA name), where the schedule goes by theirs.
    pub zone: Option<String>,
}

/// One time at which something happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Occurrence {
    /// When it happens.
    pub at: Timestamp,
    /// What the zone's clock shows then, such as `2026-03-29T03:30:00`.
    pub local: String,
    /// What the schedule says, on the same clock.
    pub planned: String,
    /// The zone.
    pub zone: String,
    /// Why it is not just what the schedule says, if it is not.
    pub shifts: Vec<Shift>,
}

/// Why an occurrence is not just at the local time that a schedule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// The clock is put forward over that time: it happens as much later as the clock is put forward.
    SkippedHour,
    /// The clock is put back, and that time comes twice: it happens the first time.
    RepeatedHour,
    /// It waits for the hours of business, or for the end of the quiet ones.
    Closed,
}

/// What is to be done now of a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DueOccurrences {
    /// What is to happen now, the earliest first.
    pub run: Vec<Occurrence>,
    /// How many were missed and do not happen any more.
    pub skipped: u64,
    /// The first occurrence after now: when to look again.
    pub next: Option<Occurrence>,
}
