//! What sets automations off: changes of leads, from the log of commits, and what messages signal.

use serde_json::Value;

use super::millis;
use super::start::{Active, Candidate};
use crate::clock::Timestamp;
use crate::compliance::classify_reply;
use crate::error::Result;
use crate::ledger::state_at;
use crate::model::automation::{AutomationRun, RunState, Signal, Trigger, TriggerEvent};
use crate::model::communication::{Communication, CommunicationState};
use crate::model::lead::Lead;
use crate::model::operation::OperationKind;
use crate::model::transport::Direction;
use crate::search::{TextQuery, all_words};
use crate::store::{Commit, Image, Reader, RunQuery, Writer};
use crate::text::fold;

/// The meters of the cursor: the last commit that was looked at whole, and how far the next one was.
const REV: &str = "automation.rev";
const LEAD: &str = "automation.lead";
/// Commits and leads that are looked at in one transaction.
const COMMITS: u64 = 500;
const LEADS: u64 = 500;
/// Signals that are looked at in one transaction.
const SIGNALS: u64 = 500;
/// Runs of a lead that an answer may wake.
const WAKES: u64 = 1_000;

/// How a message that a step queues is keyed, so that a repeated step queues none.
pub(super) fn message_key(run: i64, step: u32) -> String {
    format!("automation-run-{run}-{step}")
}

/// Whether commits wait to be looked at.
pub(super) fn commits_wait(reader: &dyn Reader, active: &[Active]) -> Result<bool> {
    Ok(cursor(reader, active)?.is_some())
}

/// Where to go on in the log: the last revision that is done, and the place in the next.
fn cursor(reader: &dyn Reader, active: &[Active]) -> Result<Option<(i64, i64)>> {
    let of_leads = active.iter().filter(|one| is_of_leads(&one.version.spec.trigger));
    let Some(first) = of_leads.map(|one| one.state.rev).min() else { return Ok(None) };
    let (rev, place) = (reader.meter(REV)?, reader.meter(LEAD)?);
    let at = if rev < first { (first, 0) } else { (rev, place) };
    Ok((at.0 < reader.head()?).then_some(at))
}

fn is_of_leads(trigger: &Trigger) -> bool {
    matches!(
        trigger,
        Trigger::LeadCreated {}
            | Trigger::LeadImported {}
            | Trigger::FieldChanged { .. }
            | Trigger::StatusChanged { .. }
            | Trigger::Assigned { .. }
    )
}

/// The next part of the log: what it sets off. Moves the cursor on.
pub(super) fn commits(writer: &dyn Writer, active: &[Active]) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    let Some((mut rev, mut place)) = cursor(writer, active)? else { return Ok(found) };
    let mut left = LEADS;
    for commit in writer.commits_after(rev, COMMITS)? {
        if left == 0 {
            break;
        }
        let Some(counts) = counts(writer, &commit)? else {
            (rev, place) = (commit.rev, 0);
            continue;
        };
        let part = part(writer, &commit, &counts, place, left, active, &mut found)?;
        left -= part.looked_at.min(left);
        match part.next {
            Some(next) => {
                place = next;
                break;
            }
            None => (rev, place) = (commit.rev, 0),
        }
    }
    writer.put_meter(REV, rev)?;
    writer.put_meter(LEAD, place)?;
    Ok(found)
}

/// A commit that counts: of what kind, and how many automations led to it.
pub(super) struct Counts {
    kind: OperationKind,
    depth: u32,
}

/// Whether a commit may set anything off: single edits always, operations on many only where they were
/// asked to.
pub(super) fn counts(reader: &dyn Reader, commit: &Commit) -> Result<Option<Counts>> {
    let Some(stored) = reader.operation(commit.operation)? else { return Ok(None) };
    let (kind, options) = (stored.operation.kind, &stored.operation.options);
    let asked = match kind {
        OperationKind::Add | OperationKind::Update | OperationKind::Restore => true,
        OperationKind::Import
        | OperationKind::BulkUpdate
        | OperationKind::BulkAssign
        | OperationKind::BulkStatus
        | OperationKind::BulkDelete
        | OperationKind::BulkMerge
        | OperationKind::Undo => options.get("automations") == Some(&Value::Bool(true)),
        _ => false,
    };
    let depth = options.get("depth").and_then(Value::as_u64).unwrap_or(0) as u32;
    Ok(asked.then_some(Counts { kind, depth }))
}

struct Part {
    looked_at: u64,
    /// Where to go on in the commit; none when all of it was looked at.
    next: Option<i64>,
}

/// A part of a commit: leads that it made, then leads that it changed. A place above 0 is the last lead of
/// the first kind, one below 0 stands for the last of the second.
fn part(
    reader: &dyn Reader,
    commit: &Commit,
    counts: &Counts,
    place: i64,
    limit: u64,
    active: &[Active],
    found: &mut Vec<Candidate>,
) -> Result<Part> {
    let mut looked_at = 0;
    if place >= 0
        && let Some((from, to)) = commit.created
    {
        let from = from.max(place + 1);
        let end = to.min(from.saturating_add(limit.cast_signed() - 1));
        let ids: Vec<i64> = (from..=end).collect();
        looked_at += ids.len() as u64;
        for lead in reader.leads(&ids)? {
            let state = state_at(reader, lead.clone(), commit.rev)?.unwrap_or(lead);
            set_off(commit, counts, &state, None, active, found);
        }
        if end < to || looked_at >= limit {
            return Ok(Part { looked_at, next: Some(if end < to { end } else { -1 }) });
        }
    }
    let after = if place < 0 { -(place + 1) } else { 0 };
    let room = limit - looked_at;
    let changes = reader.changes(commit.rev, after, room)?;
    looked_at += changes.len() as u64;
    let last = changes.last().map(|change| change.lead);
    let more = changes.len() as u64 == room;
    for change in changes {
        let Some(lead) = reader.lead(change.lead)? else { continue };
        let Some(state) = state_at(reader, lead, commit.rev)? else { continue };
        set_off(commit, counts, &state, Some(&change.before), active, found);
    }
    Ok(Part { looked_at, next: last.filter(|_| more).map(|last| -(last + 1)) })
}

/// Which automations a lead's creation or change sets off.
fn set_off(
    commit: &Commit,
    counts: &Counts,
    lead: &Lead,
    before: Option<&Image>,
    active: &[Active],
    found: &mut Vec<Candidate>,
) {
    for (index, one) in active.iter().enumerate() {
        let trigger = &one.version.spec.trigger;
        if one.state.rev < commit.rev && lead_matches(trigger, counts, lead, before) {
            found.push(Candidate {
                active: index,
                lead: lead.clone(),
                event: TriggerEvent {
                    on: trigger.as_str().to_string(),
                    at: commit.at,
                    rev: Some(commit.rev),
                    communication: None,
                    depth: counts.depth,
                },
                key: format!("rev:{}:{}", commit.rev, lead.id),
                due_at: commit.at,
            });
        }
    }
}

/// Whether a change of a lead is what a trigger waits for; without an image the lead came into being.
pub(super) fn lead_matches(trigger: &Trigger, counts: &Counts, lead: &Lead, before: Option<&Image>) -> bool {
    let is_any = |list: &[String], text: Option<&str>| {
        list.is_empty() || text.is_some_and(|text| list.iter().any(|one| fold(one) == fold(text)))
    };
    let was = |field: &str| before.and_then(|before| before.get(field));
    match trigger {
        Trigger::LeadCreated {} => before.is_none() && counts.kind == OperationKind::Add,
        Trigger::LeadImported {} => before.is_none() && counts.kind == OperationKind::Import,
        Trigger::FieldChanged { fields } => fields.iter().any(|field| was(field).is_some()),
        Trigger::StatusChanged { from, to } => {
            was("status").is_some_and(|old| is_any(from, old.as_str()) && is_any(to, lead.status.as_deref()))
        }
        Trigger::Assigned { to } => {
            was("owner").is_some() && lead.owner.is_some() && is_any(to, lead.owner.as_deref())
        }
        _ => false,
    }
}

/// The next signals: what they set off, and which runs they wake. They are dropped.
pub(super) fn signals(
    writer: &dyn Writer,
    active: &[Active],
    now: Timestamp,
) -> Result<(u64, Vec<Candidate>)> {
    let signals = writer.signals(SIGNALS)?;
    let Some(last) = signals.last() else { return Ok((0, Vec::new())) };
    let mut found = Vec::new();
    for signal in &signals {
        let Some(message) = writer.communication(signal.communication)? else { continue };
        let Some(lead) = message.lead.map(|lead| writer.lead(lead)).transpose()?.flatten() else { continue };
        let depth = depth(writer, &message)?;
        for (index, one) in active.iter().enumerate() {
            let trigger = &one.version.spec.trigger;
            if one.state.since > signal.at || !message_matches(trigger, signal.state, &message)? {
                continue;
            }
            let (key, at, due_at) = when(trigger, signal, &message);
            let event = TriggerEvent {
                on: trigger.as_str().to_string(),
                at,
                rev: None,
                communication: Some(message.id),
                depth,
            };
            found.push(Candidate { active: index, lead: lead.clone(), event, key, due_at });
        }
        if signal.state == CommunicationState::Received {
            wake(writer, lead.id, now)?;
        }
    }
    writer.drop_signals(last.id)?;
    Ok((signals.len() as u64, found))
}

/// What tells a message's event from others, when it was, and when a run begins.
pub(super) fn when(
    trigger: &Trigger,
    signal: &Signal,
    message: &Communication,
) -> (String, Timestamp, Timestamp) {
    match trigger {
        Trigger::NotAnswered { after, .. } => {
            let after = millis(after).unwrap_or_default();
            (format!("msg:{}:sent", message.id), message.at, Timestamp(message.at.0.saturating_add(after)))
        }
        _ => (format!("msg:{}:{}", message.id, signal.state.as_str()), signal.at, signal.at),
    }
}

/// Whether what a message signals is what a trigger waits for.
pub(super) fn message_matches(
    trigger: &Trigger,
    state: CommunicationState,
    message: &Communication,
) -> Result<bool> {
    let is = |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
    let of = |template: &Option<String>, campaign: &Option<String>| {
        message.direction == Direction::Outbound
            && is(template, &message.template)
            && is(campaign, &message.campaign)
    };
    Ok(match trigger {
        Trigger::MessageReceived { words, intents } => {
            let theirs = state == CommunicationState::Received && message.direction == Direction::Inbound;
            let intent = classify_reply(&message.body).as_str();
            let meant = intents.is_empty() || intents.iter().any(|one| one == intent);
            let said = || -> Result<bool> {
                let text = all_words(message.texts());
                for words in words {
                    if TextQuery::parse(words)?.finds(&text) {
                        return Ok(true);
                    }
                }
                Ok(words.is_empty())
            };
            theirs && meant && said()?
        }
        Trigger::Delivered { template, campaign } => {
            state == CommunicationState::Delivered && of(template, campaign)
        }
        Trigger::Failed { template, campaign } => {
            matches!(state, CommunicationState::Failed | CommunicationState::Refused)
                && of(template, campaign)
        }
        Trigger::NotAnswered { template, campaign, .. } => {
            matches!(state, CommunicationState::Accepted | CommunicationState::Delivered)
                && of(template, campaign)
        }
        _ => false,
    })
}

/// How many automations led to a message: one more than to the run that queued it.
fn depth(reader: &dyn Reader, message: &Communication) -> Result<u32> {
    let run = message.key.as_deref().and_then(|key| key.strip_prefix("automation-run-"));
    let run = run.and_then(|rest| rest.split('-').next()?.parse::<i64>().ok());
    let Some(id) = run else { return Ok(0) };
    let query = RunQuery { before: Some(id + 1), limit: 1, ..RunQuery::default() };
    Ok(reader.runs(&query)?.pop().filter(|run| run.id == id).map_or(0, |run| run.event.depth + 1))
}

/// Lets runs of a lead that wait for an answer go on.
fn wake(writer: &dyn Writer, lead: i64, now: Timestamp) -> Result<()> {
    let query =
        RunQuery { lead: Some(lead), state: Some(RunState::Waiting), limit: WAKES, ..RunQuery::default() };
    let mut woken: Vec<AutomationRun> =
        writer.runs(&query)?.into_iter().filter(|run| run.awaits && run.due_at > Some(now)).collect();
    for run in &mut woken {
        run.due_at = Some(now);
    }
    writer.put_runs(&woken)
}
