//! Runs taken further, step by step; each transaction does whole steps.

use std::collections::HashMap;

use serde_json::json;

use super::condition::Looking;
use super::events::message_key;
use super::program::{Place, places};
use super::start::{Active, begins_later, count, has_begun, held_back_by_others};
use super::times::zone_of;
use super::{is_ours, span};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::history::log_in;
use crate::ledger::Session;
use crate::ledger::permission::{Terms, Verdict};
use crate::model::automation::{
    AutomationRun, AutomationSpec, HostEvent, RunState, RunStep, Step, TickReport, Trigger,
};
use crate::model::communication::SmsOptions;
use crate::model::history::{ContactChannel, LogOptions};
use crate::model::lead::{Lead, Values};
use crate::model::schedule::{BusinessCalendar, OccurrenceOptions, Outside, Schedule};
use crate::outbox::queue_sms_in;
use crate::schedule::next_occurrences;
use crate::store::Writer;
use crate::text::fold;

/// Runs that are taken further in one transaction.
const RUNS: u64 = 100;
/// The meter of the last event for the host.
const EVENTS: &str = "automation.events";
/// Days that are looked through for one of business.
const DAYS: u32 = 400;

/// Takes runs that are due further; gives how many there were.
pub(super) fn advance(
    session: &Session,
    writer: &dyn Writer,
    active: &mut [Active],
    limit: u64,
    report: &mut TickReport,
) -> Result<u64> {
    let now = session.clock.now();
    let mut due = writer.due_runs(now, limit.min(RUNS))?;
    let custom = writer.custom_fields()?;
    let looking = Looking { session, reader: writer, custom: &custom, now };
    let mut specs: HashMap<(String, u32), Option<AutomationSpec>> = HashMap::new();
    for run in &mut due {
        let version = (run.automation.clone(), run.version);
        if !specs.contains_key(&version) {
            let all = writer.automations(Some(&run.automation))?;
            let spec = all.into_iter().find(|one| one.version == run.version).map(|one| one.spec);
            specs.insert(version.clone(), spec);
        }
        let Some(Some(spec)) = specs.get(&version) else {
            end(run, RunState::Failed, Some("not_found"), now, report);
            writer.put_runs(std::slice::from_ref(run))?;
            continue;
        };
        let actor = format!("automation:{}", run.automation);
        let acting =
            Session { actor: Some(actor), reason: Some(format!("run {}", run.id)), ..session.clone() };
        let mut walk = Walk { session: &acting, writer, looking: &looking, spec, active, report };
        match walk.go(run) {
            // What was done before is in the run's log.
            Err(error) if is_ours(&error) => {
                end(run, RunState::Failed, Some(error.code()), now, report);
            }
            result => result?,
        }
        // Each at once: the next of the same lead looks at it.
        writer.put_runs(std::slice::from_ref(run))?;
    }
    Ok(due.len() as u64)
}

/// Ends a run.
fn end(
    run: &mut AutomationRun,
    state: RunState,
    reason: Option<&str>,
    now: Timestamp,
    report: &mut TickReport,
) {
    match (state, reason) {
        (RunState::Finished, _) => report.finished += 1,
        (_, reason) => count(&mut report.stopped, reason.unwrap_or("stopped")),
    }
    run.state = state;
    run.reason = reason.map(str::to_string);
    run.ended_at = Some(now);
    (run.due_at, run.awaits) = (None, false);
}

/// What becomes of a run after a step.
enum After {
    /// The next place follows.
    Next(RunStep),
    /// It waits until an instant, for an answer or not.
    Wait { until: Timestamp, awaits: bool },
    /// It is over.
    End(RunState, String),
}

struct Walk<'a, 'b> {
    /// Acts as the automation.
    session: &'a Session,
    writer: &'a dyn Writer,
    looking: &'a Looking<'a>,
    spec: &'a AutomationSpec,
    active: &'b mut [Active],
    report: &'b mut TickReport,
}

impl Walk<'_, '_> {
    fn go(&mut self, run: &mut AutomationRun) -> Result<()> {
        let now = self.looking.now;
        let places = places(&self.spec.steps);
        if !has_begun(run) && begins_later(&self.spec.trigger) {
            if let Some(reason) = self.not_begun(run)? {
                end(run, RunState::Refused, Some(reason), now, self.report);
                return Ok(());
            }
            run.started_at = now;
        }
        run.awaits = false;
        loop {
            let Some(lead) = self.lead(run)? else {
                end(run, RunState::Stopped, Some("lead_gone"), now, self.report);
                return Ok(());
            };
            if let Some(reason) = self.stops(run, &lead)? {
                end(run, RunState::Stopped, Some(reason), now, self.report);
                return Ok(());
            }
            match places.get(run.step as usize) {
                None => {
                    end(run, RunState::Finished, None, now, self.report);
                    return Ok(());
                }
                Some(Place::Jump(to)) => run.step = *to as u32,
                Some(Place::Branch(condition, otherwise)) => {
                    let holds =
                        self.looking.holds(condition, &lead, run.event.at, run.event.communication)?;
                    run.log.push(step(now, run.step, "if", if holds { "then" } else { "else" }));
                    run.step = if holds { run.step + 1 } else { *otherwise as u32 };
                }
                Some(Place::Do(todo)) => {
                    let after = match self.does(todo, run, &lead) {
                        Ok(after) => after,
                        Err(error) if is_ours(&error) => {
                            run.log.push(step(now, run.step, todo.as_str(), error.code()));
                            After::End(RunState::Failed, error.code().to_string())
                        }
                        Err(error) => return Err(error),
                    };
                    self.report.steps += 1;
                    match after {
                        After::Next(did) => {
                            run.log.push(did);
                            run.step += 1;
                        }
                        After::Wait { until, awaits } => {
                            run.log.push(step(now, run.step, todo.as_str(), "done"));
                            run.step += 1;
                            (run.due_at, run.awaits) = (Some(until), awaits);
                            return Ok(());
                        }
                        After::End(state, reason) => {
                            end(run, state, Some(&reason), now, self.report);
                            return Ok(());
                        }
                    }
                }
            }
        }
    }

    /// Why a run that was to begin later does not begin any more.
    fn not_begun(&self, run: &AutomationRun) -> Result<Option<&'static str>> {
        let Some(lead) = self.lead(run)? else { return Ok(None) };
        let (since, but) = (run.event.at, run.event.communication);
        if matches!(self.spec.trigger, Trigger::NotAnswered { .. })
            && self.looking.replied(lead.id, since, but)?
        {
            return Ok(Some("replied"));
        }
        if !self.looking.holds(&self.spec.condition, &lead, since, but)? {
            return Ok(Some("condition"));
        }
        held_back_by_others(self.writer, self.spec, run, self.looking.now)
    }

    fn lead(&self, run: &AutomationRun) -> Result<Option<Lead>> {
        Ok(self.writer.lead(run.lead)?.filter(|lead| lead.deleted_at.is_none()))
    }

    fn stops(&self, run: &AutomationRun, lead: &Lead) -> Result<Option<&'static str>> {
        let stop = &self.spec.stop;
        let came_to = |status: &String| lead.status.as_ref().is_some_and(|is| fold(is) == fold(status));
        if stop.status.iter().any(came_to) {
            return Ok(Some("status"));
        }
        if stop.optout && self.looking.opted_out(lead)? {
            return Ok(Some("opted_out"));
        }
        let replied = stop.reply && self.looking.replied(lead.id, run.event.at, run.event.communication)?;
        Ok(replied.then_some("replied"))
    }

    fn does(&mut self, todo: &Step, run: &AutomationRun, lead: &Lead) -> Result<After> {
        let now = self.looking.now;
        let did = |result: &str| step(now, run.step, todo.as_str(), result);
        match todo {
            Step::Sms { .. } => self.sms(todo, run, lead),
            Step::Set { values } => {
                let values = values.iter().map(|(field, value)| (field.clone(), value.clone())).collect();
                self.update(values, todo, run, lead)
            }
            Step::Status { to } => self.update(Values::from([("status", to.as_str())]), todo, run, lead),
            Step::Assign { owners } => {
                let owner = self.owner(owners, &run.automation)?;
                self.update(Values::from([("owner", owner)]), todo, run, lead)
            }
            Step::Tag { add, remove } => {
                let is = |list: &[String], tag: &str| list.iter().any(|one| fold(one) == fold(tag));
                let mut tags: Vec<String> =
                    lead.tags.iter().filter(|tag| !is(remove, tag)).cloned().collect();
                tags.extend(add.iter().filter(|tag| !is(&lead.tags, tag)).cloned());
                self.update(Values::from([("tags", tags)]), todo, run, lead)
            }
            Step::Task { subject, body } => {
                let options = LogOptions {
                    subject: Some(subject.clone()),
                    body: body.clone(),
                    campaign: Some(run.automation.clone()),
                    key: Some(message_key(run.id, run.step)),
                    ..LogOptions::default()
                };
                let task = log_in(self.session, self.writer, lead.id, ContactChannel::Task, &options)?;
                Ok(After::Next(RunStep { communication: Some(task.id), ..did("done") }))
            }
            Step::Host { event, data } => {
                let id = self.writer.meter(EVENTS)? + 1;
                self.writer.put_meter(EVENTS, id)?;
                self.writer.add_host_events(&[HostEvent {
                    id,
                    at: now,
                    event: event.clone(),
                    data: data.clone(),
                    automation: run.automation.clone(),
                    run: run.id,
                    lead: lead.id,
                }])?;
                Ok(After::Next(did("done")))
            }
            Step::Wait { time, at, zone, calendar } => {
                let from = Timestamp(now.0.saturating_add(span(time)?));
                let settings = self.writer.settings()?.unwrap_or_default();
                let zone = zone_of(zone.as_deref().unwrap_or("recipient"), lead, &settings);
                let until = opening(from, at.as_deref(), &zone, calendar.as_ref())?;
                Ok(After::Wait { until, awaits: false })
            }
            Step::AwaitReply { time } => {
                Ok(After::Wait { until: Timestamp(now.0.saturating_add(span(time)?)), awaits: true })
            }
            Step::Stop {} => Ok(After::End(RunState::Stopped, "stop".into())),
            // A branch is a place of its own.
            Step::If { .. } => Ok(After::Next(did("done"))),
        }
    }

    fn sms(&mut self, todo: &Step, run: &AutomationRun, lead: &Lead) -> Result<After> {
        let Step::Sms { template, body, vars, purpose, sender, campaign, variant } = todo else {
            return Err(Error::internal("a step that is no message"));
        };
        let (now, writer) = (self.looking.now, self.writer);
        let did = step(now, run.step, todo.as_str(), "done");
        let options = SmsOptions {
            template: template.clone(),
            body: body.clone(),
            vars: vars.clone(),
            purpose: *purpose,
            sender: sender.clone(),
            campaign: Some(campaign.clone().unwrap_or_else(|| run.automation.clone())),
            variant: variant.clone(),
            key: Some(message_key(run.id, run.step)),
            ..SmsOptions::default()
        };
        let terms = Terms::of(writer, &self.session.keys)?;
        let queued = queue_sms_in(self.session, writer, lead, &options, |message| {
            Ok(match terms.permission(writer, message, Some(lead), now)? {
                Verdict::Refuse { refusal, .. } => Some(refusal),
                // The outbox keeps to the hour.
                Verdict::Send { .. } | Verdict::Wait { .. } => None,
            })
        })?;
        match queued {
            Ok(message) => {
                self.report.queued += 1;
                Ok(After::Next(RunStep { communication: Some(message.id), ..did }))
            }
            Err(refusal) => Ok(After::End(RunState::Refused, refusal.code)),
        }
    }

    fn update(&self, values: Values, todo: &Step, run: &AutomationRun, lead: &Lead) -> Result<After> {
        let more = json!({ "automation": run.automation, "run": run.id, "depth": run.event.depth + 1 });
        let after = self.session.update_lead_in(self.writer, lead.clone(), &values, more)?;
        let changed = after.rev != lead.rev;
        let did = step(self.looking.now, run.step, todo.as_str(), if changed { "done" } else { "unchanged" });
        Ok(After::Next(RunStep { rev: changed.then_some(after.rev), ..did }))
    }

    /// Who is next.
    fn owner(&mut self, owners: &[String], automation: &str) -> Result<String> {
        let mut turn = 0;
        if let Some(one) = self.active.iter_mut().find(|one| one.state.name == automation) {
            turn = one.state.turn;
            one.state.turn += 1;
            one.changed = true;
        } else if let Some(mut state) =
            self.writer.automation_states()?.into_iter().find(|state| state.name == automation)
        {
            // It was disabled, and this run goes on.
            turn = state.turn;
            state.turn += 1;
            self.writer.put_automation_state(&state)?;
        }
        let count = owners.len().max(1) as u64;
        Ok(owners.get((turn % count) as usize).cloned().unwrap_or_default())
    }
}

fn step(at: Timestamp, step: u32, did: &str, result: &str) -> RunStep {
    RunStep { at, step, did: did.into(), result: result.into(), communication: None, rev: None }
}

/// The first instant from one on that is at a time of day, and within hours of business.
pub(super) fn opening(
    from: Timestamp,
    at: Option<&str>,
    zone: &str,
    calendar: Option<&BusinessCalendar>,
) -> Result<Timestamp> {
    let (schedule, after) = match (at, calendar) {
        (None, None) => return Ok(from),
        (Some(at), calendar) => {
            // From the day before, which some zone has at least.
            let day = Timestamp(from.0.saturating_sub(24 * 3_600_000)).to_string();
            let schedule = Schedule {
                start: Some(format!("{}T{at}", &day[..10])),
                rrule: Some(format!("FREQ=DAILY;COUNT={DAYS}")),
                calendar: calendar.cloned(),
                outside: Outside::Skip,
                ..Schedule::default()
            };
            (schedule, Some(Timestamp(from.0 - 1)))
        }
        (None, Some(calendar)) => {
            let schedule = Schedule {
                at: Some(from.to_string()),
                calendar: Some(calendar.clone()),
                ..Schedule::default()
            };
            (schedule, None)
        }
    };
    let schedule = Schedule { zone: zone.to_string(), ..schedule };
    let options = OccurrenceOptions { after, count: Some(1), ..OccurrenceOptions::default() };
    Ok(next_occurrences(&schedule, &options)?.first().map_or(from, |one| one.at))
}
