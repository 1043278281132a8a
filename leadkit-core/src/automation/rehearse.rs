//! What an automation would have done with what was: nothing is written.

use std::collections::HashMap;

use super::advance::opening;
use super::condition::Looking;
use super::program::{Place, places};
use super::start::count;
use super::times::{date_field, date_of, schedule_of, zone_of};
use super::{check, events, span};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::history::family;
use crate::ledger::{Session, message, state_at, values};
use crate::model::automation::{
    AutomationRun, AutomationSpec, Rehearsal, RehearseOptions, RunState, RunStep, Signal, Step, Trigger,
    TriggerEvent,
};
use crate::model::communication::{CommunicationState, SmsOptions};
use crate::model::consent::Channel;
use crate::model::field::CustomField;
use crate::model::filter::{Expr, Operand, Test};
use crate::model::lead::{Lead, Values};
use crate::model::settings::Settings;
use crate::model::transport::Direction;
use crate::schedule::{OccurrenceOptions, next_occurrences};
use crate::store::{HistoryQuery, Query, Reader};
use crate::text::fold;
use crate::validate::{Draft, Rules};

const DAY: i64 = 24 * 3_600_000;
/// Runs that are shown when nobody says otherwise, and at most.
const SAMPLE: u64 = 10;
const LARGEST_SAMPLE: u64 = 100;
/// Commits, changes and contacts that are read at once.
const AT_ONCE: u64 = 1_000;

/// What an automation would have done between two instants, the last 30 days when nobody says otherwise: what
/// set it off then, the leads as they were then (those of times: as they are now), what came in, and consent
/// as it stood. What it would have changed counts for its own steps only, and nobody would have answered what
/// it would have written: replies are those that came.
///
/// # Errors
/// `access_denied` for a view; as [`super::save_with`].
pub fn rehearse(session: &Session, spec: &AutomationSpec, options: &RehearseOptions) -> Result<Rehearsal> {
    session.check_whole("rehearses no automations")?;
    let now = session.clock.now();
    let until = options.until.unwrap_or(now);
    let since = options.since.unwrap_or(Timestamp(until.0.saturating_sub(30 * DAY)));
    let sample = if options.sample == 0 { SAMPLE } else { options.sample.min(LARGEST_SAMPLE) };
    session.store.reading(|reader| {
        check::spec(reader, spec, now)?;
        let rules = Rules::with_statuses(reader.custom_fields()?, reader.statuses()?);
        let settings = reader.settings()?.unwrap_or_default();
        let result = Rehearsal { since, until, ..Rehearsal::default() };
        let mut stage = Stage {
            session,
            reader,
            spec,
            rules,
            settings,
            since,
            until,
            sample,
            result,
            last: HashMap::new(),
        };
        match &spec.trigger {
            Trigger::Schedule { .. } | Trigger::DateReached { .. } => stage.times()?,
            Trigger::MessageReceived { .. }
            | Trigger::Delivered { .. }
            | Trigger::Failed { .. }
            | Trigger::NotAnswered { .. } => stage.messages()?,
            _ => stage.commits()?,
        }
        Ok(stage.result)
    })
}

/// The last run of a lead: when it began and ended.
struct Span {
    from: Timestamp,
    to: Option<Timestamp>,
}

struct Stage<'a> {
    session: &'a Session,
    reader: &'a dyn Reader,
    spec: &'a AutomationSpec,
    rules: Rules,
    settings: Settings,
    since: Timestamp,
    until: Timestamp,
    sample: u64,
    result: Rehearsal,
    last: HashMap<i64, Span>,
}

impl Stage<'_> {
    fn custom(&self) -> &[CustomField] {
        &self.rules.custom
    }

    /// The first revision at an instant or later.
    fn first_rev(&self) -> Result<i64> {
        let (mut low, mut high) = (1, self.reader.head()? + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let before = self.reader.commit(middle)?.is_some_and(|commit| commit.at < self.since);
            if before { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    fn commits(&mut self) -> Result<()> {
        let mut rev = self.first_rev()? - 1;
        loop {
            let commits = self.reader.commits_after(rev, AT_ONCE)?;
            let Some(last) = commits.last() else { return Ok(()) };
            rev = last.rev;
            for commit in commits {
                if commit.at >= self.until {
                    return Ok(());
                }
                let Some(counts) = events::counts(self.reader, &commit)? else { continue };
                let event = |on: &str| TriggerEvent {
                    on: on.to_string(),
                    at: commit.at,
                    rev: Some(commit.rev),
                    ..TriggerEvent::default()
                };
                let on = self.spec.trigger.as_str();
                if let Some((from, to)) = commit.created {
                    for id in from..=to {
                        let Some(lead) = self.reader.lead(id)? else { continue };
                        let Some(lead) = state_at(self.reader, lead, commit.rev)? else { continue };
                        if events::lead_matches(&self.spec.trigger, &counts, &lead, None) {
                            self.run(lead, event(on), commit.at)?;
                        }
                    }
                }
                let mut after = 0;
                loop {
                    let changes = self.reader.changes(commit.rev, after, AT_ONCE)?;
                    let Some(last) = changes.last() else { break };
                    after = last.lead;
                    for change in changes {
                        let Some(lead) = self.reader.lead(change.lead)? else { continue };
                        let Some(lead) = state_at(self.reader, lead, commit.rev)? else { continue };
                        if events::lead_matches(&self.spec.trigger, &counts, &lead, Some(&change.before)) {
                            self.run(lead, event(on), commit.at)?;
                        }
                    }
                }
            }
        }
    }

    fn messages(&mut self) -> Result<()> {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let query = HistoryQuery {
                since: Some(self.since),
                until: Some(self.until),
                before,
                limit: AT_ONCE,
                ..HistoryQuery::default()
            };
            let page = self.reader.history(&query)?;
            let Some((place, _)) = page.last() else { break };
            before = Some(*place);
            for (_, message) in page {
                let mut seen = Vec::new();
                for told in self.reader.communication_events(message.id)? {
                    let signal = Signal { id: 0, at: told.at, communication: message.id, state: told.state };
                    let (key, at, due_at) = events::when(&self.spec.trigger, &signal, &message);
                    let matches = events::message_matches(&self.spec.trigger, told.state, &message)?;
                    if matches && !seen.contains(&key) {
                        found.push((at, due_at, message.id, message.lead));
                        seen.push(key);
                    }
                }
            }
        }
        found.sort_unstable();
        for (at, due_at, id, lead) in found {
            let Some(lead) = lead.map(|lead| self.reader.lead(lead)).transpose()?.flatten() else { continue };
            let on = self.spec.trigger.as_str().to_string();
            let event = TriggerEvent { on, at, communication: Some(id), ..TriggerEvent::default() };
            self.run(lead, event, due_at)?;
        }
        Ok(())
    }

    fn times(&mut self) -> Result<()> {
        let schedules = self.reader.schedules()?;
        let Some(schedule) = schedule_of(&self.spec.trigger, self.since, &schedules) else { return Ok(()) };
        let options = OccurrenceOptions {
            after: Some(Timestamp(self.since.0 - 1)),
            before: Some(self.until),
            count: Some(1_000),
            zone: Some("UTC".into()),
        };
        for one in next_occurrences(&schedule, &options)? {
            let mut all = Vec::new();
            if let Some(filter) = &self.spec.condition.lead {
                all.push(filter.resolve(self.custom(), one.at)?);
            }
            if let Trigger::DateReached { field, days, .. } = &self.spec.trigger {
                let Some(date) = date_of(&one, *days) else { continue };
                let date = Test::Eq(Operand::Text(date));
                all.push(Expr::Test(date_field(field, self.custom())?, date));
            }
            let mut leads = Vec::new();
            self.reader.each_lead(&Query::of(Expr::And(all)), &mut |lead| {
                if lead.created_at <= one.at {
                    leads.push(lead.id);
                }
                Ok(true)
            })?;
            for id in leads {
                let Some(lead) = self.reader.lead(id)? else { continue };
                let on = self.spec.trigger.as_str().to_string();
                self.run(lead, TriggerEvent { on, at: one.at, ..TriggerEvent::default() }, one.at)?;
            }
        }
        Ok(())
    }

    /// One lead's way, if it would have begun.
    fn run(&mut self, lead: Lead, event: TriggerEvent, due_at: Timestamp) -> Result<()> {
        self.result.events += 1;
        let at = event.at;
        if lead.deleted_at.is_some_and(|deleted| deleted <= at) {
            return self.refused("lead_gone");
        }
        let holds = self.looking(at).holds(&self.spec.condition, &lead, at, event.communication)?;
        if !holds {
            return self.refused("condition");
        }
        if let Some(last) = self.last.get(&lead.id) {
            if last.to.is_none_or(|to| to > due_at) {
                return self.refused("running");
            }
            let again = match self.spec.again.as_deref() {
                Some("never") => true,
                Some(again) => due_at.0 - last.from.0 < span(again)?,
                None => false,
            };
            if again {
                return self.refused("again");
            }
        }
        self.result.runs += 1;
        let mut run = AutomationRun {
            id: 0,
            automation: String::new(),
            version: 0,
            lead: lead.id,
            event,
            key: String::new(),
            state: RunState::Waiting,
            step: 0,
            due_at: Some(due_at),
            awaits: false,
            started_at: at,
            ended_at: None,
            reason: None,
            log: Vec::new(),
        };
        let (id, from) = (lead.id, due_at);
        self.walk(&mut run, lead)?;
        let how = match (run.state, &run.reason) {
            (RunState::Waiting, _) => "waiting",
            (_, Some(reason)) => reason,
            (state, None) => state.as_str(),
        };
        count(&mut self.result.ended, how);
        if run.state != RunState::Refused {
            self.last.insert(id, Span { from, to: run.ended_at });
        }
        if (self.result.sample.len() as u64) < self.sample {
            self.result.sample.push(run);
        }
        Ok(())
    }

    fn refused(&mut self, reason: &str) -> Result<()> {
        count(&mut self.result.refused, reason);
        Ok(())
    }

    fn looking(&self, now: Timestamp) -> Looking<'_> {
        Looking { session: self.session, reader: self.reader, custom: self.custom(), now }
    }

    fn walk(&mut self, run: &mut AutomationRun, mut lead: Lead) -> Result<()> {
        let spec = self.spec;
        let places = places(&spec.steps);
        let mut now = run.due_at.unwrap_or(run.started_at);
        let (since, but) = (run.event.at, run.event.communication);
        let begins = now;
        loop {
            if now >= self.until {
                run.due_at = Some(now);
                return Ok(());
            }
            let looking = self.looking(now);
            let late = matches!(spec.trigger, Trigger::NotAnswered { .. }) && now == begins;
            let came_to = |status: &String| lead.status.as_ref().is_some_and(|is| fold(is) == fold(status));
            let ended = if late && run.step == 0 && looking.replied(lead.id, since, but)? {
                Some((RunState::Refused, "replied".to_string()))
            } else if spec.stop.status.iter().any(came_to) {
                Some((RunState::Stopped, "status".into()))
            } else if spec.stop.optout && looking.opted_out(&lead)? {
                Some((RunState::Stopped, "opted_out".into()))
            } else if spec.stop.reply && looking.replied(lead.id, since, but)? {
                Some((RunState::Stopped, "replied".into()))
            } else {
                None
            };
            let Some(place) = places.get(run.step as usize).filter(|_| ended.is_none()) else {
                let (state, reason) = match ended {
                    Some((state, reason)) => (state, Some(reason)),
                    None => (RunState::Finished, None),
                };
                (run.state, run.reason, run.ended_at, run.due_at) = (state, reason, Some(now), None);
                return Ok(());
            };
            let did = |word: &str, result: &str, run: &mut AutomationRun| {
                let (did, result) = (word.to_string(), result.to_string());
                run.log.push(RunStep {
                    at: now,
                    step: run.step,
                    did,
                    result,
                    communication: None,
                    rev: None,
                });
            };
            match place {
                Place::Jump(to) => run.step = *to as u32,
                Place::Branch(condition, otherwise) => {
                    let holds = looking.holds(condition, &lead, since, but)?;
                    did("if", if holds { "then" } else { "else" }, run);
                    run.step = if holds { run.step + 1 } else { *otherwise as u32 };
                }
                Place::Do(step) => {
                    let outcome = self.does(step, &mut lead, now)?;
                    count(&mut self.result.steps, step.as_str());
                    match outcome {
                        Outcome::Done => did(step.as_str(), "done", run),
                        Outcome::Until(until) => {
                            did(step.as_str(), "done", run);
                            now = until;
                        }
                        Outcome::End(state, reason) => {
                            did(step.as_str(), &reason, run);
                            (run.state, run.reason, run.ended_at) = (state, Some(reason), Some(now));
                            run.due_at = None;
                            return Ok(());
                        }
                    }
                    run.step += 1;
                }
            }
        }
    }

    fn does(&self, step: &Step, lead: &mut Lead, now: Timestamp) -> Result<Outcome> {
        let looking = self.looking(now);
        Ok(match step {
            Step::Sms { template, body, vars, purpose, .. } => {
                let options = SmsOptions {
                    template: template.clone(),
                    body: body.clone(),
                    vars: vars.clone(),
                    purpose: *purpose,
                    ..SmsOptions::default()
                };
                let compiled = message::template(self.reader, template.as_deref(), body.as_deref(), None);
                let prices = self.settings.price_table();
                let text = compiled.and_then(|one| message::sms(lead, one.as_ref(), &options, &prices));
                match (text, looking.forbidden(lead, Channel::Sms, purpose.unwrap_or_default())?) {
                    (Err(error), _) => Outcome::End(RunState::Failed, error.code().to_string()),
                    (_, Some(code)) => Outcome::End(RunState::Refused, code.as_str().to_string()),
                    (Ok(_), None) => Outcome::Done,
                }
            }
            Step::Set { values } => {
                let set = values.iter().map(|(field, value)| (field.clone(), value.clone())).collect();
                self.change(set, lead)
            }
            Step::Status { to } => self.change(Values::from([("status", to.as_str())]), lead),
            Step::Assign { owners } => {
                let owner = owners.first().cloned().unwrap_or_default();
                self.change(Values::from([("owner", owner)]), lead)
            }
            Step::Tag { add, remove } => {
                lead.tags.retain(|tag| !remove.iter().any(|one| fold(one) == fold(tag)));
                lead.tags.extend(add.iter().cloned());
                Outcome::Done
            }
            Step::Wait { time, at, zone, calendar } => {
                let from = Timestamp(now.0.saturating_add(span(time)?));
                let zone = zone_of(zone.as_deref().unwrap_or("recipient"), lead, &self.settings);
                Outcome::Until(opening(from, at.as_deref(), &zone, calendar.as_ref())?)
            }
            Step::AwaitReply { time } => {
                let end = Timestamp(now.0.saturating_add(span(time)?));
                Outcome::Until(self.answer(lead.id, now, end)?.unwrap_or(end))
            }
            Step::Stop {} => Outcome::End(RunState::Stopped, "stop".into()),
            Step::Task { .. } | Step::Host { .. } | Step::If { .. } => Outcome::Done,
        })
    }

    fn change(&self, set: Values, lead: &mut Lead) -> Outcome {
        let mut draft = Draft::of(lead.clone());
        match values::apply(&self.rules, &set, &mut draft) {
            Ok(()) => {
                *lead = *draft.lead;
                Outcome::Done
            }
            Err(error) => Outcome::End(RunState::Failed, error.code().to_string()),
        }
    }

    /// When the lead first wrote or called between two instants.
    fn answer(&self, lead: i64, from: Timestamp, to: Timestamp) -> Result<Option<Timestamp>> {
        let leads = family(self.reader, lead)?;
        let query = HistoryQuery {
            leads,
            direction: Some(Direction::Inbound),
            states: vec![CommunicationState::Received],
            since: Some(from),
            until: Some(to),
            limit: AT_ONCE,
            ..HistoryQuery::default()
        };
        Ok(self.reader.history(&query)?.last().map(|(_, first)| first.at))
    }
}

/// What a step would have done.
enum Outcome {
    Done,
    Until(Timestamp),
    End(RunState, String),
}
