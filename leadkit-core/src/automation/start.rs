//! Whether an automation starts for a lead, and the run that it starts.

use std::collections::{BTreeMap, HashSet};

use super::condition::Looking;
use super::{is_ours, span};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::automation::{
    AutomationRun, AutomationSpec, AutomationState, AutomationVersion, RunState, TickReport, Trigger,
    TriggerEvent,
};
use crate::model::lead::Lead;
use crate::store::{Reader, RunQuery};

/// Milliseconds by which a run may start late when nobody says otherwise.
const LATE: i64 = 24 * 3_600_000;
/// How often an automation starts for one lead within an hour, at most: what starts more often goes round
/// in circles.
const AN_HOUR: u64 = 5;
const HOUR: i64 = 3_600_000;
/// Runs of a lead that are looked at for that, refused ones among them.
const LOOKED_AT: u64 = 20;
/// Runs of a lead that wait, at most: those of silence, one for each message.
const WAITING: u64 = 1_000;
/// How many automations set each other off, at most.
const DEPTH: u32 = 5;

/// An automation that is enabled, by its last version.
pub(super) struct Active {
    pub(super) state: AutomationState,
    pub(super) version: AutomationVersion,
    /// Whether `state` is to be stored.
    pub(super) changed: bool,
}

/// All automations that are enabled.
pub(super) fn active(reader: &dyn Reader) -> Result<Vec<Active>> {
    let mut all = Vec::new();
    for state in reader.automation_states()?.into_iter().filter(|state| state.enabled) {
        if let Some(version) = reader.automations(Some(&state.name))?.pop() {
            all.push(Active { state, version, changed: false });
        }
    }
    Ok(all)
}

/// Something that sets an automation off for a lead.
pub(super) struct Candidate {
    /// Which of the active ones.
    pub(super) active: usize,
    pub(super) lead: Lead,
    pub(super) event: TriggerEvent,
    pub(super) key: String,
    /// When the first step is done.
    pub(super) due_at: Timestamp,
}

/// The runs of some candidates, those that are refused among them; what the condition does not hold for
/// gives none.
pub(super) fn runs(
    looking: &Looking<'_>,
    active: &mut [Active],
    candidates: Vec<Candidate>,
    report: &mut TickReport,
) -> Result<Vec<AutomationRun>> {
    let mut runs: Vec<AutomationRun> = Vec::new();
    let mut here: HashSet<(usize, i64)> = HashSet::new();
    let mut keys: HashSet<(usize, String)> = HashSet::new();
    for candidate in candidates {
        let one = &mut active[candidate.active];
        let known = looking.reader.has_run(&one.state.name, &candidate.key)?;
        if candidate.lead.deleted_at.is_some() || known {
            continue;
        }
        if !keys.insert((candidate.active, candidate.key.clone())) {
            continue;
        }
        let (lead, event) = (&candidate.lead, &candidate.event);
        let condition = &one.version.spec.condition;
        let reason = match looking.holds(condition, lead, event.at, event.communication) {
            Ok(true) => {
                let begun = here.contains(&(candidate.active, lead.id));
                match refusal(looking, one, &candidate, begun)? {
                    Some(reason) => Some(reason),
                    None => over_limit(one, looking.now)?,
                }
            }
            Ok(false) => {
                count(&mut report.refused, "condition");
                continue;
            }
            // Such as of a field that there was when it was saved.
            Err(error) if is_ours(&error) => Some(error.code()),
            Err(error) => return Err(error),
        };
        match reason {
            Some(reason) => count(&mut report.refused, reason),
            None => {
                report.started += 1;
                here.insert((candidate.active, lead.id));
            }
        }
        let refused = reason.is_some();
        runs.push(AutomationRun {
            id: 0,
            automation: one.state.name.clone(),
            version: one.version.version,
            lead: lead.id,
            event: candidate.event,
            key: candidate.key,
            state: if refused { RunState::Refused } else { RunState::Waiting },
            step: 0,
            due_at: (!refused).then_some(candidate.due_at),
            awaits: false,
            started_at: looking.now,
            ended_at: refused.then_some(looking.now),
            reason: reason.map(str::to_string),
            log: Vec::new(),
        });
    }
    Ok(runs)
}

/// Why a run does not start.
fn refusal(
    looking: &Looking<'_>,
    one: &Active,
    candidate: &Candidate,
    begun: bool,
) -> Result<Option<&'static str>> {
    let (spec, now) = (&one.version.spec, looking.now);
    let late = spec.late.as_deref().map_or(Ok(LATE), span)?;
    if now.0.saturating_sub(candidate.event.at.0.max(candidate.due_at.0)) > late {
        return Ok(Some("too_late"));
    }
    if candidate.event.depth > DEPTH {
        return Ok(Some("loop"));
    }
    if begins_later(&spec.trigger) {
        // What else there is for the lead is looked at then.
        return Ok(None);
    }
    if begun {
        return Ok(Some("running"));
    }
    let started = started(looking.reader, &one.state.name, candidate.lead.id)?;
    held_back(spec, &started, now)
}

/// Whether runs are entered before they begin: each waits for its time, and is looked at again then.
pub(super) fn begins_later(trigger: &Trigger) -> bool {
    matches!(trigger, Trigger::NotAnswered { .. } | Trigger::DateReached { .. } | Trigger::Schedule { .. })
}

/// Why a run that was entered before does not begin beside the others of its lead.
pub(super) fn held_back_by_others(
    reader: &dyn Reader,
    spec: &AutomationSpec,
    run: &AutomationRun,
    now: Timestamp,
) -> Result<Option<&'static str>> {
    let mut others = started(reader, &run.automation, run.lead)?;
    others.retain(|other| other.id != run.id && has_begun(other));
    held_back(spec, &others, now)
}

/// Whether a run's first step was looked at.
pub(super) fn has_begun(run: &AutomationRun) -> bool {
    run.state != RunState::Waiting || run.step > 0 || !run.log.is_empty()
}

/// Why no further run starts beside those that did.
fn held_back(
    spec: &AutomationSpec,
    started: &[AutomationRun],
    now: Timestamp,
) -> Result<Option<&'static str>> {
    if started.iter().any(|run| run.state == RunState::Waiting) {
        return Ok(Some("running"));
    }
    let Some(newest) = started.iter().map(|run| run.started_at).max() else { return Ok(None) };
    match spec.again.as_deref() {
        Some("never") => return Ok(Some("again")),
        Some(again) if now.0 - newest.0 < span(again)? => return Ok(Some("again")),
        _ => {}
    }
    let lately = started.iter().filter(|run| now.0 - run.started_at.0 < HOUR).count() as u64;
    Ok((lately >= AN_HOUR).then_some("loop"))
}

/// The last runs of a lead that did start, the newest first.
fn started(reader: &dyn Reader, automation: &str, lead: i64) -> Result<Vec<AutomationRun>> {
    let query = RunQuery {
        automation: Some(automation.to_string()),
        lead: Some(lead),
        limit: LOOKED_AT,
        ..RunQuery::default()
    };
    let mut found = reader.runs(&query)?;
    if found.len() as u64 == LOOKED_AT {
        // Those that were refused may hide the others.
        found.clear();
        let states = [
            (RunState::Waiting, WAITING),
            (RunState::Finished, AN_HOUR),
            (RunState::Stopped, AN_HOUR),
            (RunState::Failed, AN_HOUR),
        ];
        for (state, limit) in states {
            found.extend(reader.runs(&RunQuery { state: Some(state), limit, ..query.clone() })?);
        }
        found.sort_by_key(|run| std::cmp::Reverse(run.id));
    }
    found.retain(|run| run.state != RunState::Refused);
    Ok(found)
}

/// Counts a start, unless the automation has started as often as it may.
fn over_limit(one: &mut Active, now: Timestamp) -> Result<Option<&'static str>> {
    let Some(limit) = &one.version.spec.limit else { return Ok(None) };
    if now.0 - one.state.began.0 >= span(&limit.per)? {
        (one.state.began, one.state.starts) = (now, 0);
    }
    if one.state.starts >= limit.runs {
        return Ok(Some("limit"));
    }
    one.state.starts += 1;
    one.changed = true;
    Ok(None)
}

/// Counts something by its reason.
pub(super) fn count(by: &mut BTreeMap<String, u64>, reason: &str) {
    *by.entry(reason.to_string()).or_default() += 1;
}
