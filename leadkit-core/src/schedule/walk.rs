//! One occurrence after the other: from local times to instants.

use std::collections::VecDeque;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::rule::{Times, Until};
use super::{Occurrence, Outside, Plan, Planned, Shift, YEARS, beyond, invalid};
use crate::clock;
use crate::error::Result;

/// Occurrences that are passed over on the way to the wanted ones, at most.
const STEPS: u32 = 500_000;
/// Days by which an occurrence may lie away from its local time in UTC: zones differ by a day at most,
/// and a clock was once put forward by a whole one.
const NEAR: i64 = 3;
/// Days by which closed hours move an occurrence, at most.
const FAR: i64 = 370;

/// An occurrence on its way.
#[derive(Clone, Debug)]
pub(super) struct One {
    pub(super) at: Timestamp,
    planned: DateTime,
    shifts: Vec<Shift>,
}

impl One {
    pub(super) fn shown(&self, plan: &Plan) -> Occurrence {
        Occurrence {
            at: clock::Timestamp(self.at.as_millisecond()),
            local: plan.zone.to_datetime(self.at).to_string(),
            planned: self.planned.to_string(),
            zone: plan.name.clone(),
            shifts: self.shifts.clone(),
        }
    }
}

/// Goes over a schedule's occurrences after an instant.
pub(super) struct Walk<'a> {
    plan: &'a Plan,
    after: Option<Timestamp>,
    /// Local times before this are passed over without a look at the zone.
    near: Option<DateTime>,
    times: Option<Times>,
    until: Option<Until>,
    /// In order, ready to be given out.
    ready: VecDeque<One>,
    /// Those of skipped hours: they may come after local times that follow them.
    held: Vec<One>,
    last: Option<Timestamp>,
    steps: u32,
}

impl<'a> Walk<'a> {
    pub(super) fn new(plan: &'a Plan, after: Option<Timestamp>) -> Result<Walk<'a>> {
        let days = if plan.opening.is_always() { NEAR } else { FAR };
        let near = after.and_then(|after| after.checked_sub(SignedDuration::from_hours(24 * days)).ok());
        let near = near.map(|near| TimeZone::UTC.to_datetime(near));
        let mut walk = Walk {
            plan,
            after,
            near,
            times: None,
            until: None,
            ready: VecDeque::new(),
            held: Vec::new(),
            last: None,
            steps: 0,
        };
        match &plan.times {
            Planned::Instant(at) => {
                let planned = plan.zone.to_datetime(*at);
                walk.ready.push_back(One { at: *at, planned, shifts: Vec::new() });
            }
            Planned::Local(planned) => walk.ready.push_back(resolved(plan, *planned)?),
            Planned::Rule(rule) => {
                walk.times = Some(rule.times());
                walk.until = rule.until;
            }
        }
        Ok(walk)
    }

    /// The next occurrence; none when there are no more.
    pub(super) fn next(&mut self) -> Result<Option<One>> {
        while let Some(one) = self.planned()? {
            // Two local times that a skipped hour brings together, or two that wait for one opening.
            let Some(one) = self.opened(one)?.filter(|one| self.last.is_none_or(|last| one.at > last)) else {
                continue;
            };
            self.last = Some(one.at);
            if self.after.is_none_or(|after| one.at > after) {
                return Ok(Some(one));
            }
        }
        Ok(None)
    }

    fn opened(&self, mut one: One) -> Result<Option<One>> {
        let opening = &self.plan.opening;
        if opening.is_always() || opening.is_open(one.at) {
            return Ok(Some(one));
        }
        if self.plan.outside == Outside::Skip {
            return Ok(None);
        }
        one.at = opening.next(one.at).ok_or_else(|| {
            invalid("calendar", "no hour of a whole year is open")
                .hint("look at the calendar's hours and holidays, and at the quiet hours")
        })?;
        one.shifts.push(Shift::Closed);
        Ok(Some(one))
    }

    /// The next one as planned, whatever the hours.
    fn planned(&mut self) -> Result<Option<One>> {
        loop {
            if let Some(one) = self.ready.pop_front() {
                return Ok(Some(one));
            }
            let Some(local) = self.times.as_mut().and_then(Iterator::next) else {
                self.times = None;
                self.ready.extend(self.held.drain(..));
                return Ok(self.ready.pop_front());
            };
            self.steps += 1;
            if self.steps > STEPS {
                return Err(invalid("start", "too many occurrences lie before the wanted ones")
                    .hint("let the schedule start later"));
            }
            if local.year() > *YEARS.end() {
                self.times = None;
                continue;
            }
            if self.near.is_some_and(|near| local < near) {
                continue;
            }
            let one = resolved(self.plan, local)?;
            let ended = self.until.is_some_and(|until| match until {
                Until::Local(until) => local > until,
                Until::Instant(until) => one.at > until,
            });
            if one.shifts.contains(&Shift::SkippedHour) {
                if !ended {
                    self.held.push(one);
                }
                continue;
            }
            let earlier = self.held.partition_point(|held| held.at <= one.at);
            self.ready.extend(self.held.drain(..earlier));
            if ended {
                self.times = None;
            } else {
                self.ready.push_back(one);
            }
        }
    }
}

/// A local time as an instant, by the rules of RFC 5545.
fn resolved(plan: &Plan, planned: DateTime) -> Result<One> {
    let found = plan.zone.to_ambiguous_timestamp(planned);
    let shifts = match found.offset() {
        AmbiguousOffset::Unambiguous { .. } => Vec::new(),
        AmbiguousOffset::Gap { .. } => vec![Shift::SkippedHour],
        AmbiguousOffset::Fold { .. } => vec![Shift::RepeatedHour],
    };
    // What jiff calls compatible is RFC 5545's: the offset before the gap, and the first of two.
    let at = found.compatible().map_err(|_| beyond("start"))?;
    Ok(One { at, planned, shifts })
}
