//! Schedules with names, which several automations may keep to.

use serde_json::json;

use super::check;
use super::times::{next, schedule_of};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit};
use crate::model::automation::{NamedSchedule, ScheduleRef, Trigger};
use crate::model::operation::OperationKind;
use crate::model::read::without_nuls;
use crate::model::schedule::Schedule;
use crate::store::{NewOperation, Reader, Writer};
use crate::text::nearest;

/// Saves a schedule under a name, in the place of the one before: automations keep to the new times from
/// now on.
///
/// # Errors
/// `access_denied` for a view; `invalid_argument` for a name that is none and for a schedule that has no
/// times.
pub fn save_schedule(session: &Session, name: &str, schedule: &Schedule) -> Result<NamedSchedule> {
    session.check_whole("saves no schedules")?;
    let schedule = &without_nuls(schedule)?;
    check::name(name)?;
    check::times(schedule)?;
    session.store.writing(|writer| {
        let before = writer.schedules()?.into_iter().find(|one| one.name == name);
        if let Some(same) = before.as_ref().filter(|before| before.schedule == *schedule) {
            return shown(writer, same.clone(), session.clock.now());
        }
        let saved = NamedSchedule {
            name: name.to_string(),
            schedule: schedule.clone(),
            enabled: before.is_none_or(|before| before.enabled),
            created_at: session.clock.now(),
            actor: session.actor.clone(),
            next_at: None,
            automations: Vec::new(),
        };
        put(session, writer, &saved)
    })
}

/// Lets a schedule go on, or pauses it: a paused one sets nothing off, and what it misses is not made up
/// for.
///
/// # Errors
/// `access_denied` for a view; `not_found`.
pub fn turn_schedule(session: &Session, name: &str, enabled: bool) -> Result<NamedSchedule> {
    session.check_whole("switches no schedules")?;
    session.store.writing(|writer| {
        let all = writer.schedules()?;
        let Some(before) = all.iter().find(|one| one.name == name) else {
            let error =
                Error::new(ErrorCode::NotFound, format!("there is no schedule `{name}`")).at_field("name");
            return Err(match nearest(name, all.iter().map(|one| one.name.as_str())) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            });
        };
        if before.enabled == enabled {
            return shown(writer, before.clone(), session.clock.now());
        }
        put(session, writer, &NamedSchedule { enabled, ..before.clone() })
    })
}

/// The schedule of a name; none when there is no such.
///
/// # Errors
/// `access_denied` for a view; those of the store.
pub fn get_schedule(session: &Session, name: &str) -> Result<Option<NamedSchedule>> {
    Ok(list_schedules(session)?.into_iter().find(|one| one.name == name))
}

/// All schedules by name, with their next times and the automations that keep to them.
///
/// # Errors
/// `access_denied` for a view; those of the store.
pub fn list_schedules(session: &Session) -> Result<Vec<NamedSchedule>> {
    session.check_whole("shows no schedules")?;
    let now = session.clock.now();
    session.store.reading(|reader| {
        let all = reader.schedules()?;
        all.into_iter().map(|schedule| shown(reader, schedule, now)).collect()
    })
}

/// Stores a schedule, and gives the automations that keep to it their next times.
fn put(session: &Session, writer: &dyn Writer, schedule: &NamedSchedule) -> Result<NamedSchedule> {
    let now = session.clock.now();
    writer.put_schedule(schedule)?;
    let named = writer.schedules()?;
    for mut state in writer.automation_states()? {
        let Some(last) = writer.automations(Some(&state.name))?.pop() else { continue };
        if !keeps_to(&last.spec.trigger, &schedule.name) || !state.enabled {
            continue;
        }
        state.until = state.until.max(now);
        let times = schedule_of(&last.spec.trigger, state.since, &named);
        state.next_at = times.map(|times| next(&times, state.until)).transpose()?.flatten();
        writer.put_automation_state(&state)?;
    }
    let new = NewOperation {
        name: Some(schedule.name.clone()),
        options: json!({ "schedule": schedule.name, "enabled": schedule.enabled }),
        ..session.new_operation(OperationKind::SaveAutomation)
    };
    audit::operation(session, writer, &new)?;
    shown(writer, schedule.clone(), now)
}

fn keeps_to(trigger: &Trigger, name: &str) -> bool {
    matches!(trigger, Trigger::Schedule { schedule: ScheduleRef::Name(own) } if own == name)
}

fn shown(reader: &dyn Reader, schedule: NamedSchedule, now: Timestamp) -> Result<NamedSchedule> {
    let own = matches!(schedule.schedule.zone.trim(), "recipient" | "owner");
    let next_at = if own || !schedule.enabled { None } else { next(&schedule.schedule, now)? };
    let mut automations = Vec::new();
    for state in reader.automation_states()? {
        let last = reader.automations(Some(&state.name))?.pop();
        if last.is_some_and(|last| keeps_to(&last.spec.trigger, &schedule.name)) {
            automations.push(state.name);
        }
    }
    Ok(NamedSchedule { next_at, automations, ..schedule })
}
