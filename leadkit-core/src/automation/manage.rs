//! Automations saved, enabled, listed, and their runs looked at and ended.

use serde_json::json;

use super::check;
use super::times::{next, schedule_of};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit};
use crate::model::automation::{
    Automation, AutomationRun, AutomationSpec, AutomationState, AutomationVersion, EventListOptions,
    HostEvent, RunListOptions, RunState, SaveAutomationOptions,
};
use crate::model::operation::OperationKind;
use crate::model::read::without_nuls;
use crate::model::report::Page;
use crate::model::settings::Settings;
use crate::outbox::LISTENERS;
use crate::store::{NewOperation, Reader, RunQuery, Writer};
use crate::text::nearest;

/// Entries of a page when nobody says otherwise.
const PAGE: u64 = 100;
/// Runs that are ended in one transaction.
const RUNS: u64 = 1_000;

/// Saves an automation as the next version of its name; runs under way end by their own.
///
/// # Errors
/// See [`save_with`].
pub fn save(session: &Session, name: &str, spec: &AutomationSpec) -> Result<Automation> {
    save_with(session, name, spec, SaveAutomationOptions::default())
}

/// [`save`], where runs under way may go over to it. A new automation is not enabled; saved once more
/// unchanged, it stays the version it is.
///
/// # Errors
/// `access_denied` for a view; `invalid_argument`, `invalid_filter`, `unknown_field`, `invalid_value`,
/// `not_found` for what is wrong with it: the error's `field` names the place, such as `steps[2].for`.
pub fn save_with(
    session: &Session,
    name: &str,
    spec: &AutomationSpec,
    options: SaveAutomationOptions,
) -> Result<Automation> {
    session.check_whole("saves no automations")?;
    let spec = &without_nuls(spec)?;
    check::name(name)?;
    session.store.writing(|writer| {
        check::spec(writer, spec, session.clock.now())?;
        let last = writer.automations(Some(name))?.pop();
        let before = last.as_ref().map(|last| last.spec.trigger.clone());
        let version = match last {
            Some(last) if last.spec == *spec => last,
            last => {
                let version = AutomationVersion {
                    name: name.to_string(),
                    version: last.as_ref().map_or(1, |last| last.version + 1),
                    spec: spec.clone(),
                    created_at: session.clock.now(),
                    actor: session.actor.clone(),
                };
                if writer.settings()?.is_none() {
                    // Whatever there is of automations, a copy has them switched off: it needs switches.
                    writer.put_settings(&Settings::default())?;
                }
                writer.put_automation(&version)?;
                if last.is_none() {
                    writer.put_automation_state(&fresh(name))?;
                }
                enter(session, writer, name, &json!({ "name": name, "version": version.version }))?;
                version
            }
        };
        if options.migrate {
            migrate(writer, name, version.version)?;
        }
        let mut state = state(writer, name)?;
        if state.enabled && before.is_some_and(|before| before != version.spec.trigger) {
            // What happened before was another trigger's.
            begin(writer, &version, &mut state, session.clock.now())?;
            writer.put_automation_state(&state)?;
        }
        shown(writer, version)
    })
}

fn fresh(name: &str) -> AutomationState {
    AutomationState {
        name: name.to_string(),
        enabled: false,
        rev: 0,
        since: Timestamp(0),
        until: Timestamp(0),
        next_at: None,
        taking: None,
        began: Timestamp(0),
        starts: 0,
        turn: 0,
    }
}

fn state(reader: &dyn Reader, name: &str) -> Result<AutomationState> {
    let all = reader.automation_states()?;
    match all.iter().find(|state| state.name == name) {
        Some(state) => Ok(state.clone()),
        None => {
            let error =
                Error::new(ErrorCode::NotFound, format!("there is no automation `{name}`")).at_field("name");
            Err(match nearest(name, all.iter().map(|state| state.name.as_str())) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            })
        }
    }
}

/// Lets an automation count what happens from now on.
fn begin(
    reader: &dyn Reader,
    version: &AutomationVersion,
    state: &mut AutomationState,
    now: Timestamp,
) -> Result<()> {
    (state.rev, state.since, state.until, state.taking) = (reader.head()?, now, now, None);
    let schedule = schedule_of(&version.spec.trigger, now, &reader.schedules()?);
    state.next_at = schedule.map(|schedule| next(&schedule, now)).transpose()?.flatten();
    Ok(())
}

/// Lets runs under way go by another version from where they stand.
fn migrate(writer: &dyn Writer, name: &str, version: u32) -> Result<()> {
    let mut before = None;
    loop {
        let waiting = RunQuery {
            automation: Some(name.to_string()),
            state: Some(RunState::Waiting),
            before,
            limit: RUNS,
            ..RunQuery::default()
        };
        let mut runs = writer.runs(&waiting)?;
        let Some(last) = runs.last() else { return Ok(()) };
        before = Some(last.id);
        runs.retain(|run| run.version != version);
        runs.iter_mut().for_each(|run| run.version = version);
        writer.put_runs(&runs)?;
    }
}

fn enter(session: &Session, writer: &dyn Writer, name: &str, options: &serde_json::Value) -> Result<()> {
    let new = NewOperation {
        name: Some(name.to_string()),
        options: options.clone(),
        ..session.new_operation(OperationKind::SaveAutomation)
    };
    audit::operation(session, writer, &new).map(drop)
}

fn shown(reader: &dyn Reader, version: AutomationVersion) -> Result<Automation> {
    let state = state(reader, &version.name)?;
    let AutomationVersion { name, version, spec, created_at, actor } = version;
    let waiting =
        RunQuery { automation: Some(name.clone()), state: Some(RunState::Waiting), ..RunQuery::default() };
    let waiting = reader.count_runs(&waiting)?;
    let next_at = state.next_at.filter(|_| state.enabled);
    Ok(Automation { name, version, spec, enabled: state.enabled, created_at, actor, next_at, waiting })
}

/// The last version of an automation; none when there is no such.
///
/// # Errors
/// `access_denied` for a view; those of the store.
pub fn get(session: &Session, name: &str) -> Result<Option<Automation>> {
    session.check_whole("shows no automations")?;
    session.store.reading(|reader| {
        reader.automations(Some(name))?.pop().map(|version| shown(reader, version)).transpose()
    })
}

/// All automations by name, each by its last version, with the next of its times.
///
/// # Errors
/// `access_denied` for a view; those of the store.
pub fn list(session: &Session) -> Result<Vec<Automation>> {
    session.check_whole("shows no automations")?;
    session.store.reading(|reader| {
        let states = reader.automation_states()?;
        let last = states.iter().map(|state| Ok(reader.automations(Some(&state.name))?.pop()));
        let last: Vec<_> = last.collect::<Result<Vec<_>>>()?;
        last.into_iter().flatten().map(|version| shown(reader, version)).collect()
    })
}

/// Lets an automation be set off, by what happens from now on, or not any more; runs under way go on.
///
/// # Errors
/// `access_denied` for a view; `not_found`.
pub fn enable(session: &Session, name: &str, enabled: bool) -> Result<Automation> {
    session.check_whole("switches no automations")?;
    session.store.writing(|writer| {
        let mut state = state(writer, name)?;
        let missing = || Error::new(ErrorCode::NotFound, "there is no version of this automation");
        let version = writer.automations(Some(name))?.pop().ok_or_else(missing)?;
        if state.enabled != enabled {
            let now = session.clock.now();
            state.enabled = enabled;
            if enabled {
                check::spec(writer, &version.spec, now)?;
                begin(writer, &version, &mut state, now)?;
            }
            writer.put_automation_state(&state)?;
            writer.put_meter(LISTENERS, listening(writer)?)?;
            enter(session, writer, name, &json!({ "name": name, "enabled": enabled }))?;
        }
        shown(writer, version)
    })
}

/// How many automations look at messages: those that are enabled, and those whose runs may wait for answers.
fn listening(reader: &dyn Reader) -> Result<i64> {
    let mut listening = 0;
    for state in reader.automation_states()? {
        let waiting = RunQuery {
            automation: Some(state.name.clone()),
            state: Some(RunState::Waiting),
            limit: 1,
            ..RunQuery::default()
        };
        listening += i64::from(state.enabled || !reader.runs(&waiting)?.is_empty());
    }
    Ok(listening)
}

/// Runs, the newest first, with each step that they did and why they ended.
///
/// # Errors
/// `access_denied` for a view; `invalid_argument` for a cursor that no page gave.
pub fn runs(session: &Session, options: &RunListOptions) -> Result<Page<AutomationRun>> {
    session.check_whole("shows no automations")?;
    let wrong = |_| {
        Error::new(ErrorCode::InvalidArgument, "this cursor belongs to no page of runs").at_field("cursor")
    };
    let before = options.cursor.as_deref().map(|text| text.parse().map_err(wrong)).transpose()?;
    let limit = if options.limit == 0 { PAGE } else { options.limit };
    let query = RunQuery {
        automation: options.automation.clone(),
        lead: options.lead,
        state: options.state,
        before,
        limit: limit.saturating_add(1),
    };
    let mut items = session.store.reading(|reader| reader.runs(&query))?;
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = items.last().filter(|_| more).map(|run| run.id.to_string());
    Ok(Page { items, next_cursor })
}

/// Ends runs under way: all of an automation, or those of a lead in it. Gives how many.
///
/// # Errors
/// `access_denied` for a view; `not_found`.
pub fn cancel(session: &Session, name: &str, lead: Option<i64>) -> Result<u64> {
    session.check_whole("ends no runs")?;
    session.store.reading(|reader| state(reader, name).map(drop))?;
    let mut ended = 0;
    loop {
        let now = session.clock.now();
        let done = session.store.writing(|writer| {
            let waiting = RunQuery {
                automation: Some(name.to_string()),
                lead,
                state: Some(RunState::Waiting),
                limit: RUNS,
                ..RunQuery::default()
            };
            let mut runs = writer.runs(&waiting)?;
            for run in &mut runs {
                run.state = RunState::Stopped;
                run.reason = Some("cancelled".into());
                run.ended_at = Some(now);
                (run.due_at, run.awaits) = (None, false);
            }
            writer.put_runs(&runs)?;
            Ok(runs.len() as u64)
        })?;
        if done == 0 {
            break;
        }
        ended += done;
    }
    if ended > 0 {
        session
            .store
            .writing(|writer| enter(session, writer, name, &json!({ "name": name, "cancelled": ended })))?;
    }
    Ok(ended)
}

/// What automations tell the host and it has not acknowledged yet, in order.
///
/// # Errors
/// `access_denied` for a view; those of the store.
pub fn events(session: &Session, options: &EventListOptions) -> Result<Vec<HostEvent>> {
    session.check_whole("shows no automations")?;
    let limit = if options.limit == 0 { PAGE } else { options.limit };
    session.store.reading(|reader| reader.host_events(options.after, limit))
}

/// Removes what the host has dealt with: the events up to a number. Gives how many.
///
/// # Errors
/// `access_denied` for a view; those of the store.
pub fn acknowledge(session: &Session, up_to: i64) -> Result<u64> {
    session.check_whole("deals with no events")?;
    session.store.writing(|writer| writer.drop_host_events(up_to))
}
