//! Times that set automations off: those of schedules, and dates of leads.

use jiff::civil::Date;

use super::is_ours;
use super::start::{Active, Candidate};
use crate::clock::Timestamp;
use crate::compliance::whereabouts;
use crate::error::{Error, ErrorCode, Result};
use crate::model::automation::{NamedSchedule, ScheduleRef, Taking, Trigger, TriggerEvent};
use crate::model::field::{CustomField, FieldKind};
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Lead;
use crate::model::settings::Settings;
use crate::normalize::{country_time_zones, normalize_time_zone};
use crate::schedule::{Missed, Occurrence, OccurrenceOptions, Schedule, due_occurrences, next_occurrences};
use crate::store::{Query, Reader};

/// The zone whose clock is ahead of all others: what goes by each lead's own clock is looked at when it is
/// there, and waits until the lead's clock shows the same.
const FIRST: &str = "Pacific/Kiritimati";
/// Leads that are taken in one transaction.
const LEADS: u64 = 500;
const DAY: i64 = 24 * 3_600_000;

/// When a trigger of times is, as a schedule; none for all others, and for one whose schedule is paused or
/// gone.
pub(super) fn schedule_of(trigger: &Trigger, since: Timestamp, named: &[NamedSchedule]) -> Option<Schedule> {
    match trigger {
        Trigger::Schedule { schedule: ScheduleRef::Inline(schedule) } => Some((**schedule).clone()),
        Trigger::Schedule { schedule: ScheduleRef::Name(name) } => {
            named.iter().find(|one| one.name == *name && one.enabled).map(|one| one.schedule.clone())
        }
        Trigger::DateReached { time, zone, .. } => {
            // From the day before it was enabled on, whatever the zone.
            let day = Timestamp(since.0.saturating_sub(DAY)).to_string();
            Some(Schedule {
                zone: zone.clone(),
                start: Some(format!("{}T{time}", &day[..10])),
                rrule: Some("FREQ=DAILY".into()),
                missed: Missed::RunAll,
                ..Schedule::default()
            })
        }
        _ => None,
    }
}

/// The zone by which it is looked at, where it is not a zone's own.
fn base_zone(schedule: &Schedule) -> Option<&'static str> {
    matches!(schedule.zone.trim(), "recipient" | "owner").then_some(FIRST)
}

/// The next time behind an instant.
pub(super) fn next(schedule: &Schedule, after: Timestamp) -> Result<Option<Timestamp>> {
    let options = OccurrenceOptions {
        after: Some(after),
        count: Some(1),
        zone: base_zone(schedule).map(str::to_string),
        ..OccurrenceOptions::default()
    };
    Ok(next_occurrences(schedule, &options)?.first().map(|one| one.at))
}

/// Whether one of the times of the active automations has come.
pub(super) fn are_due(active: &[Active], now: Timestamp) -> bool {
    active.iter().any(|one| is_due(one, now))
}

fn is_due(one: &Active, now: Timestamp) -> bool {
    one.state.taking.is_some() || one.state.next_at.is_some_and(|at| at <= now)
}

/// The next leads of a time that has come; none when none has.
pub(super) fn take(
    reader: &dyn Reader,
    active: &mut [Active],
    settings: &Settings,
    custom: &[CustomField],
    now: Timestamp,
) -> Result<Option<Vec<Candidate>>> {
    let Some(index) = active.iter().position(|one| is_due(one, now)) else { return Ok(None) };
    let one = &mut active[index];
    one.changed = true;
    let schedules = reader.schedules()?;
    let trigger = &one.version.spec.trigger;
    let Some(schedule) = schedule_of(trigger, one.state.since, &schedules) else {
        (one.state.until, one.state.next_at, one.state.taking) = (now, None, None);
        return Ok(Some(Vec::new()));
    };
    if one.state.taking.is_none() {
        let due = due(&schedule, one.state.until, now)?;
        match due.first() {
            Some(first) => {
                one.state.until = first.at;
                one.state.taking = Some(Taking { occurrence: first.clone(), after: 0 });
            }
            None => {
                one.state.until = now;
                one.state.next_at = next(&schedule, now)?;
                return Ok(Some(Vec::new()));
            }
        }
    }
    let Some(taking) = one.state.taking.clone() else { return Ok(Some(Vec::new())) };
    let leads = match leads(one, custom, &taking, now) {
        Ok(Some(query)) => reader.page(&query, None, LEADS)?,
        Ok(None) => Vec::new(),
        // Such as of a field that there was when it was saved: this time passes by.
        Err(error) if is_ours(&error) => {
            tracing::warn!(automation = one.state.name, code = error.code(), "its leads cannot be told");
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    match leads.last().filter(|_| leads.len() as u64 == LEADS) {
        Some(last) => one.state.taking = Some(Taking { after: last.id, ..taking.clone() }),
        None => {
            one.state.taking = None;
            one.state.next_at = next(&schedule, one.state.until)?;
        }
    }
    let on = trigger.as_str().to_string();
    let mut clocks = Clocks::new(&schedule, &taking.occurrence, settings);
    let mut found = Vec::new();
    for lead in leads {
        let Some(at) = clocks.at(&lead)? else { continue };
        let key = format!("at:{}:{}", taking.occurrence.planned, lead.id);
        let event = TriggerEvent { on: on.clone(), at, ..TriggerEvent::default() };
        found.push(Candidate { active: index, lead, event, key, due_at: at });
    }
    Ok(Some(found))
}

/// The times that are due, by the schedule's policy; more than can be run one by one are run once.
fn due(schedule: &Schedule, after: Timestamp, now: Timestamp) -> Result<Vec<Occurrence>> {
    match due_occurrences(schedule, after, now, base_zone(schedule)) {
        Err(_) if schedule.missed == Missed::RunAll => {
            let once = Schedule { missed: Missed::RunOnce, ..schedule.clone() };
            Ok(due_occurrences(&once, after, now, base_zone(schedule))?.run)
        }
        due => Ok(due?.run),
    }
}

/// The leads behind the last one that was taken.
fn leads(one: &Active, custom: &[CustomField], taking: &Taking, now: Timestamp) -> Result<Option<Query>> {
    let spec = &one.version.spec;
    let behind = Test::Gt(Operand::Number(taking.after as f64));
    let mut all = vec![Expr::Test(Target::Id, behind)];
    if let Some(filter) = &spec.condition.lead {
        all.push(filter.resolve(custom, now)?);
    }
    if let Trigger::DateReached { field, days, .. } = &spec.trigger {
        let Some(date) = date_of(&taking.occurrence, *days) else { return Ok(None) };
        all.push(Expr::Test(date_field(field, custom)?, Test::Eq(Operand::Text(date))));
    }
    Ok(Some(Query::of(Expr::And(all))))
}

/// The date that leads have whose day it is.
pub(super) fn date_of(occurrence: &Occurrence, days: i32) -> Option<String> {
    let date: Date = occurrence.planned.get(..10)?.parse().ok()?;
    date.checked_sub(jiff::Span::new().try_days(days).ok()?).ok().map(|date| date.to_string())
}

/// A custom field that holds dates.
///
/// # Errors
/// `unknown_field`; `invalid_argument` for a field of another kind.
pub(super) fn date_field(name: &str, custom: &[CustomField]) -> Result<Target> {
    let target = Target::parse(name, custom)?;
    match target.kind() {
        FieldKind::Date => Ok(target),
        _ => Err(Error::new(ErrorCode::InvalidArgument, "this field holds no dates")
            .hint("define a custom field of the type date")
            .at_field("field")),
    }
}

/// When a time of a schedule is, by the clocks of leads or their owners.
struct Clocks<'a> {
    schedule: &'a Schedule,
    occurrence: &'a Occurrence,
    settings: &'a Settings,
    known: std::collections::HashMap<String, Option<Timestamp>>,
}

impl<'a> Clocks<'a> {
    fn new(schedule: &'a Schedule, occurrence: &'a Occurrence, settings: &'a Settings) -> Self {
        Clocks { schedule, occurrence, settings, known: std::collections::HashMap::new() }
    }

    /// When it is for a lead; none when it is not, as on a holiday of that zone.
    fn at(&mut self, lead: &Lead) -> Result<Option<Timestamp>> {
        if base_zone(self.schedule).is_none() {
            return Ok(Some(self.occurrence.at));
        }
        let zone = zone_of(&self.schedule.zone, lead, self.settings);
        if let Some(at) = self.known.get(&zone) {
            return Ok(*at);
        }
        let around = OccurrenceOptions {
            after: Some(Timestamp(self.occurrence.at.0.saturating_sub(DAY))),
            before: Some(Timestamp(self.occurrence.at.0.saturating_add(4 * DAY))),
            count: Some(1_000),
            zone: Some(zone.clone()),
        };
        let found = next_occurrences(self.schedule, &around)?;
        let at = found.iter().find(|one| one.planned == self.occurrence.planned).map(|one| one.at);
        self.known.insert(zone, at);
        Ok(at)
    }
}

/// Whose clock is meant: a zone's own name, or the one of the lead or its owner; where that is not known, the
/// first of the lead's country, or UTC.
pub(super) fn zone_of(whose: &str, lead: &Lead, settings: &Settings) -> String {
    let recipient = || {
        let (country, zone) =
            whereabouts(lead.phone.as_deref(), lead.country.as_deref(), lead.time_zone.as_deref());
        let of_country = || Some(country_time_zones(&country?).first()?.to_string());
        let known = zone.and_then(|zone| normalize_time_zone(&zone));
        known.or_else(of_country).unwrap_or_else(|| "UTC".into())
    };
    match whose.trim() {
        "recipient" => recipient(),
        "owner" => {
            let owner = lead.owner.as_ref().and_then(|owner| settings.owner_zones.get(owner));
            owner.cloned().unwrap_or_else(recipient)
        }
        zone => zone.to_string(),
    }
}
