//! Does all that is due, in transactions of bounded size.

use super::condition::Looking;
use super::start::{self, Active, Candidate};
use super::{advance, events, times};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::ledger::Session;
use crate::measure::{Began, count};
use crate::model::automation::{TickOptions, TickReport};
use crate::model::communication::{CommunicationState, DispatchOptions};
use crate::model::privacy::RetentionOptions;
use crate::model::settings::Settings;
use crate::outbox;
use crate::privacy;
use crate::store::{Reader, Writer};
use crate::transport::Transport;

/// The meter of the last retention, in milliseconds since 1970.
const RETENTION: &str = "tick.retention";
/// The meter of a hash of the rules that were looked at then.
const RULES: &str = "tick.retention_rules";
const DAY: i64 = 24 * 3_600_000;

/// Does all that is due by the session's clock: automations, then the outbox and what is to be found out about
/// messages (with a transport, and while sending is on), then, once a day, the rules of retention. Several may
/// do this at once, in any number of processes.
///
/// # Errors
/// `access_denied` for a view; `cancelled`; those of [`outbox::dispatch`], [`outbox::reconcile`] and of the
/// store. What was done before stays done.
pub fn tick(
    session: &Session,
    transport: Option<&dyn Transport>,
    options: &TickOptions,
) -> Result<TickReport> {
    session.check_whole("lets nothing happen by itself")?;
    options.cancel.check()?;
    let began = Began::now();
    let mut report = TickReport::default();
    let mut left = if options.limit == 0 { u64::MAX } else { options.limit };
    let settings = session.store.reading(|reader| reader.settings())?.unwrap_or_default();
    report.automations = settings.automations;
    if settings.automations {
        automate(session, options, &mut left, &mut report)?;
    }
    if let Some(transport) = transport
        && settings.sending
    {
        send(session, transport, options, &mut report)?;
        if settings.automations {
            // What was sent may be what others wait for.
            automate(session, options, &mut left, &mut report)?;
        }
    }
    options.cancel.check()?;
    retain(session, &settings, &mut report)?;
    let sends = transport.is_some() && settings.sending;
    session.store.reading(|reader| {
        report.events = reader.count_host_events()?;
        report.next_at = next_at(session, reader, &settings, sends)?;
        Ok(())
    })?;
    count("leadkit_automation_runs_total", "result", "started", report.started);
    count("leadkit_automation_runs_total", "result", "finished", report.finished);
    let seconds = began.end("leadkit_tick_seconds");
    let (started, steps, finished) = (report.started, report.steps, report.finished);
    tracing::debug!(seconds, started, steps, finished, "tick");
    Ok(report)
}

/// What is to be done of automations.
enum Todo {
    Signals,
    Commits,
    Times,
    Runs,
}

/// Lets automations do all that is due.
fn automate(session: &Session, options: &TickOptions, left: &mut u64, report: &mut TickReport) -> Result<()> {
    while *left > 0 {
        options.cancel.check()?;
        let Some(todo) = session.store.reading(|reader| todo(reader, session.clock.now()))? else {
            return Ok(());
        };
        let limit = *left;
        let (done, part) = session.store.writing(|writer| {
            let mut part = TickReport::default();
            let done = work(session, writer, &todo, limit, &mut part)?;
            Ok((done, part))
        })?;
        *left -= done.min(*left);
        add(report, part);
    }
    Ok(())
}

/// What is to be done next; found without writing.
fn todo(reader: &dyn Reader, now: Timestamp) -> Result<Option<Todo>> {
    if !reader.signals(1)?.is_empty() {
        return Ok(Some(Todo::Signals));
    }
    let active = start::active(reader)?;
    if events::commits_wait(reader, &active)? {
        return Ok(Some(Todo::Commits));
    }
    if times::are_due(&active, now) {
        return Ok(Some(Todo::Times));
    }
    Ok(reader.next_run()?.filter(|at| *at <= now).map(|_| Todo::Runs))
}

/// Does a part of it in one transaction; gives how many runs were started or taken further.
fn work(
    session: &Session,
    writer: &dyn Writer,
    todo: &Todo,
    limit: u64,
    report: &mut TickReport,
) -> Result<u64> {
    let (now, settings) = (session.clock.now(), writer.settings()?.unwrap_or_default());
    if !settings.automations {
        // Switched off meanwhile.
        return Ok(limit);
    }
    let mut active = start::active(writer)?;
    let done = match todo {
        Todo::Runs => advance::advance(session, writer, &mut active, limit, report)?,
        Todo::Signals => {
            let (_, candidates) = events::signals(writer, &active, now)?;
            enter(session, writer, &mut active, candidates, report)?
        }
        Todo::Commits => {
            let candidates = events::commits(writer, &active)?;
            enter(session, writer, &mut active, candidates, report)?
        }
        Todo::Times => {
            let custom = writer.custom_fields()?;
            let candidates = times::take(writer, &mut active, &settings, &custom, now)?;
            enter(session, writer, &mut active, candidates.unwrap_or_default(), report)?
        }
    };
    for one in active.iter().filter(|one| one.changed) {
        writer.put_automation_state(&one.state)?;
    }
    Ok(done)
}

/// Starts what candidates start.
fn enter(
    session: &Session,
    writer: &dyn Writer,
    active: &mut [Active],
    candidates: Vec<Candidate>,
    report: &mut TickReport,
) -> Result<u64> {
    let custom = writer.custom_fields()?;
    let looking = Looking { session, reader: writer, custom: &custom, now: session.clock.now() };
    let runs = start::runs(&looking, active, candidates, report)?;
    if !runs.is_empty() {
        writer.add_runs(&runs)?;
    }
    Ok(runs.len() as u64)
}

fn send(
    session: &Session,
    transport: &dyn Transport,
    options: &TickOptions,
    report: &mut TickReport,
) -> Result<()> {
    let now = session.clock.now();
    let due = |states: &[CommunicationState]| -> Result<bool> {
        session.store.reading(|reader| {
            for state in states {
                if reader.next_due(*state)?.is_some_and(|at| at <= now) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    };
    if due(&[CommunicationState::Queued])? {
        let dispatch = DispatchOptions { cancel: options.cancel.clone(), ..DispatchOptions::default() };
        report.dispatch = Some(outbox::dispatch(session, transport, &dispatch)?);
    }
    if due(&FOLLOWED)? {
        // One message that cannot be looked for must not keep all else from happening.
        report.reconcile = Some(outbox::reconcile_with(session, transport, false)?);
    }
    Ok(())
}

/// States in which there is something to find out.
const FOLLOWED: [CommunicationState; 5] = [
    CommunicationState::Sending,
    CommunicationState::Unknown,
    CommunicationState::Accepted,
    CommunicationState::Delivered,
    CommunicationState::Failed,
];

/// Applies the rules of retention, once a day. Rules that are new are only looked at the first time: the
/// report tells what would be erased, and somebody has a day to see it.
fn retain(session: &Session, settings: &Settings, report: &mut TickReport) -> Result<()> {
    if settings.retention.is_empty() {
        return Ok(());
    }
    let now = session.clock.now();
    let last = session.store.reading(|reader| reader.meter(RETENTION))?;
    if last != 0 && now.0 - last < DAY {
        return Ok(());
    }
    let rules =
        serde_json::to_vec(&settings.retention).map_err(|error| Error::internal(error.to_string()))?;
    let rules = xxhash_rust::xxh3::xxh3_64(&rules).cast_signed();
    // Noted first: what fails is tried again tomorrow, and not with each call.
    let known = session.store.writing(|writer| {
        let known = writer.meter(RULES)? == rules;
        writer.put_meter(RETENTION, now.0)?;
        writer.put_meter(RULES, rules)?;
        Ok(known)
    })?;
    let options = RetentionOptions { erase: known, ..RetentionOptions::default() };
    report.retention = Some(privacy::apply(session, &options)?);
    Ok(())
}

/// When there is something to do next.
fn next_at(
    session: &Session,
    reader: &dyn Reader,
    settings: &Settings,
    sends: bool,
) -> Result<Option<Timestamp>> {
    let now = session.clock.now();
    let mut next: Vec<Timestamp> = Vec::new();
    if settings.automations {
        next.extend(reader.next_run()?);
        let active = start::active(reader)?;
        next.extend(active.iter().filter_map(|one| one.state.next_at));
        let waits = active.iter().any(|one| one.state.taking.is_some());
        if waits || !reader.signals(1)?.is_empty() || events::commits_wait(reader, &active)? {
            next.push(now);
        }
    }
    if sends {
        next.extend(reader.next_due(CommunicationState::Queued)?);
        for state in FOLLOWED {
            next.extend(reader.next_due(state)?);
        }
    }
    if !settings.retention.is_empty() {
        next.push(Timestamp(reader.meter(RETENTION)?.saturating_add(DAY)));
    }
    Ok(next.into_iter().min().map(|at| at.max(now)))
}

fn add(report: &mut TickReport, part: TickReport) {
    report.started += part.started;
    report.steps += part.steps;
    report.queued += part.queued;
    report.finished += part.finished;
    for (sum, part) in [(&mut report.refused, part.refused), (&mut report.stopped, part.stopped)] {
        for (reason, number) in part {
            *sum.entry(reason).or_default() += number;
        }
    }
}
