//! Works the outbox off: decide and mark, hand over, enter the answer.

use serde_json::json;

use super::budget::{self, Broke};
use super::{follow, rate, request, settle, store};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::permission::{Terms, Verdict, refusal};
use crate::ledger::{Session, audit, settings};
use crate::measure::{Began, count};
use crate::model::audit::AuditKind;
use crate::model::communication::{
    Communication, CommunicationState, DispatchOptions, DispatchReport, SendRefusal, SmsOptions,
};
use crate::model::consent::{Channel, ConsentEntry, ConsentKind};
use crate::model::settings::SettingsChange;
use crate::model::transport::{Outcome, RefusalClass, RetryLater, SmsRequest};
use crate::store::Writer;
use crate::transport::Transport;

/// Messages that are decided on and handed over at once, when nobody says otherwise and at most.
const BATCH: u64 = 50;
const LARGEST_BATCH: u64 = 500;
/// Milliseconds after which a message that is still `sending` has lost its answer: more than any
/// transport takes to give one.
pub(super) const ANSWERED_BY: i64 = 120_000;
/// Milliseconds for which a decision to call holds.
const FRESH: i64 = 60_000;
/// Milliseconds before the first new attempt; each further one takes twice as long.
const BACKOFF: i64 = 30_000;
/// The longest time between two attempts, in milliseconds.
const LONGEST_BACKOFF: i64 = 3_600_000;
/// Attempts after which a message is given up.
const ATTEMPTS: u32 = 8;

/// Hands over what is due, as far as it may go out, and enters what the provider answered.
///
/// Several may do this at once, in any number of processes: each message is marked by one of them.
///
/// # Errors
/// Those of the store. What was handed over and not entered any more is found out about by
/// [`super::reconcile`].
pub fn dispatch(
    session: &Session,
    transport: &dyn Transport,
    options: &DispatchOptions,
) -> Result<DispatchReport> {
    if options.batch > LARGEST_BATCH {
        return Err(Error::new(ErrorCode::InvalidArgument, "at most 500 messages are handed over at once")
            .hint("between the decision and the last of them lies the time that all of them take")
            .at_field("batch"));
    }
    let began = Began::now();
    let mut report = DispatchReport { sending: bind(session, transport)?, ..DispatchReport::default() };
    let batch = if options.batch == 0 { BATCH } else { options.batch };
    let mut left = if options.limit == 0 { u64::MAX } else { options.limit };
    while report.sending && left > 0 && !options.cancel.is_cancelled() {
        let asked = batch.min(left);
        let marked = step(session, transport, Which::Due(asked), &mut report)?;
        left = left.saturating_sub(marked);
        if marked < asked {
            break;
        }
    }
    report.next_at = session.store.reading(|reader| reader.next_due(CommunicationState::Queued))?;
    for (word, number) in [
        ("sent", report.sent),
        ("refused", report.refused),
        ("retry", report.retry),
        ("unknown", report.unknown),
        ("postponed", report.postponed),
    ] {
        count("leadkit_messages_total", "result", word, number);
    }
    let seconds = began.end("leadkit_dispatch_seconds");
    tracing::info!(
        seconds,
        sent = report.sent,
        refused = report.refused,
        retry = report.retry,
        unknown = report.unknown,
        "outbox dispatched"
    );
    Ok(report)
}

/// Queues a message and hands over just this one, if it may go out now; gives it as it stands then.
///
/// # Errors
/// As [`super::queue_sms`] and [`dispatch`].
pub fn send_sms(
    session: &Session,
    lead: i64,
    options: &SmsOptions,
    transport: &dyn Transport,
) -> Result<Communication> {
    let message = super::queue_sms(session, lead, options)?;
    let now = session.clock.now();
    let waits = message.state == CommunicationState::Queued && message.due_at.is_some_and(|due| due <= now);
    if waits && bind(session, transport)? {
        step(session, transport, Which::One(message.id), &mut DispatchReport::default())?;
    }
    let stands = session.store.reading(|reader| reader.communication(message.id))?;
    Ok(stands.unwrap_or(message))
}

/// Which messages are looked at.
#[derive(Clone, Copy)]
enum Which {
    /// So many of those that are due.
    Due(u64),
    /// This one.
    One(i64),
}

/// Decides and marks, hands over, and enters the answers; gives the number of messages looked at.
fn step(
    session: &Session,
    transport: &dyn Transport,
    which: Which,
    report: &mut DispatchReport,
) -> Result<u64> {
    let marked = session.store.writing(|writer| mark(session, writer, which))?;
    report.add(&marked.report);
    report.sending = marked.sending;
    if !marked.messages.is_empty() {
        let outcomes = hand_over(session, transport, &marked);
        let answered = session.store.writing(|writer| {
            let mut report = DispatchReport::default();
            // A transport that gives too few answers has lost the others.
            let lost = || Outcome::Unknown { why: "the transport gave no answer".into() };
            let outcomes = outcomes.iter().cloned().chain(std::iter::repeat_with(lost));
            for ((message, _), outcome) in marked.messages.iter().zip(outcomes) {
                enter(session, writer, message, outcome, &mut report)?;
            }
            Ok(report)
        })?;
        report.add(&answered);
    }
    Ok(marked.seen)
}

/// The answers, in the order of the messages: texts go out together, calls one after the other.
fn hand_over(session: &Session, transport: &dyn Transport, marked: &Marked) -> Vec<Outcome> {
    let (url, now) = (marked.public_url.as_deref(), session.clock.now());
    let texts = marked.messages.iter().filter(|(message, _)| message.call.is_none());
    let texts: Vec<SmsRequest> =
        texts.map(|(message, until)| request::sms(message, *until, url, now)).collect();
    let answers = if texts.is_empty() { Vec::new() } else { transport.send_many(&texts) };
    let mut answers = answers.into_iter();
    let lost = || Outcome::Unknown { why: "the transport gave no answer".into() };
    let answer = |(message, _): &(Communication, Option<Timestamp>)| match &message.call {
        // Calls before it took their time, and what was decided is old by now: it is decided anew.
        Some(_) if message.due_at.is_none_or(|lost| session.clock.now().0 > lost.0 - ANSWERED_BY + FRESH) => {
            Outcome::Retry(RetryLater { after: None, code: None, why: "its turn came too late".into() })
        }
        Some(call) => transport.start_call(&request::call(message, call, url)),
        None => answers.next().unwrap_or_else(lost),
    };
    marked.messages.iter().map(answer).collect()
}

/// Whether anything may be sent. The first that is binds the database to the account: a copy of it, or a test
/// server, must not send what this one does.
fn bind(session: &Session, transport: &dyn Transport) -> Result<bool> {
    let account = account(transport);
    session.store.writing(|writer| {
        let settings = writer.settings()?.unwrap_or_default();
        match &settings.account {
            _ if !settings.sending => Ok(false),
            Some(bound) if *bound == account => Ok(true),
            Some(_) => Err(another_account()),
            None => {
                let to = SettingsChange { account: Some(account.clone()), ..SettingsChange::default() };
                settings::change(session, writer, &to)?;
                Ok(true)
            }
        }
    })
}

fn account(transport: &dyn Transport) -> String {
    let can = transport.capabilities();
    [can.provider, can.account, can.environment].join(" ")
}

fn another_account() -> Error {
    Error::new(ErrorCode::Conflict, "this database sends by another account")
        .hint("take the account that `settings.account` names, or clear it first")
        .at_field("account")
}

/// Refuses another account than the bound one: what it does not have says nothing of what was sent.
pub(super) fn check_account(session: &Session, transport: &dyn Transport) -> Result<()> {
    let bound = session.store.reading(|reader| Ok(reader.settings()?.unwrap_or_default().account))?;
    match bound {
        Some(bound) if bound != account(transport) => Err(another_account()),
        _ => Ok(()),
    }
}

/// Messages that were marked, each with the end of its legal hours.
struct Marked {
    messages: Vec<(Communication, Option<Timestamp>)>,
    /// Where the provider reports to.
    public_url: Option<String>,
    /// How many were looked at.
    seen: u64,
    /// Whether anything may be sent at all.
    sending: bool,
    report: DispatchReport,
}

/// Decides on messages and marks those that go out.
fn mark(session: &Session, writer: &dyn Writer, which: Which) -> Result<Marked> {
    let (now, settings) = (session.clock.now(), writer.settings()?.unwrap_or_default());
    let mut marked = Marked {
        messages: Vec::new(),
        public_url: settings.public_url.clone(),
        seen: 0,
        sending: settings.sending,
        report: DispatchReport::default(),
    };
    if !settings.sending {
        return Ok(marked);
    }
    let due = match which {
        Which::Due(limit) => writer.due(CommunicationState::Queued, now, limit)?,
        Which::One(id) => {
            let one = writer.communication(id)?;
            one.filter(|message| message.state == CommunicationState::Queued).into_iter().collect()
        }
    };
    marked.seen = due.len() as u64;
    let terms = Terms::of(writer, &session.keys)?;
    for message in due {
        decide(session, writer, &terms, message, now, &mut marked)?;
    }
    if !marked.messages.is_empty() {
        let ids: Vec<i64> = marked.messages.iter().map(|(message, _)| message.id).collect();
        audit::enter(session, writer, AuditKind::Send, &json!({ "messages": ids }))?;
    }
    Ok(marked)
}

/// Decides on one message: whether it may, whether its sender is free, whether it is paid for.
fn decide(
    session: &Session,
    writer: &dyn Writer,
    terms: &Terms,
    mut message: Communication,
    now: Timestamp,
    marked: &mut Marked,
) -> Result<()> {
    let legal_until = match terms.verdict(writer, &message, now)? {
        Verdict::Send { legal_until, evidence } => {
            message.evidence = evidence;
            legal_until
        }
        Verdict::Wait { until, refusal, evidence } => {
            message.evidence = evidence;
            return postpone(writer, message, until, refusal, now, &mut marked.report);
        }
        Verdict::Refuse { refusal, evidence } => {
            message.evidence = evidence;
            return refuse(writer, &mut message, refusal, now, &mut marked.report);
        }
    };
    if let Some(slot) = rate::slot(writer, &terms.settings, &message, now)? {
        message.slot = Some(slot);
        let refusal = refusal("rate_limited", "its sender is busy", "it goes out by itself at its turn");
        marked.report.postponed += 1;
        message.due_at = Some(slot);
        message.refusal = Some(refusal);
        return store(writer, &message, "postponed", now);
    }
    match budget::reserve(writer, &terms.settings, &mut message, now, &mut marked.report.alerts)? {
        Some(Broke::Until(until, refusal)) => {
            return postpone(writer, message, Some(until), refusal, now, &mut marked.report);
        }
        Some(Broke::Never(refusal)) => {
            return refuse(writer, &mut message, refusal, now, &mut marked.report);
        }
        None => {}
    }
    message.refusal = None;
    message.state = CommunicationState::Sending;
    message.attempts += 1;
    message.token = Some(format!("{:016x}{:016x}", session.random.next(), session.random.next()));
    message.due_at = Some(Timestamp(now.0 + ANSWERED_BY));
    store(writer, &message, "sending", now)?;
    marked.messages.push((message, legal_until));
    Ok(())
}

fn postpone(
    writer: &dyn Writer,
    mut message: Communication,
    until: Option<Timestamp>,
    refusal: SendRefusal,
    now: Timestamp,
    report: &mut DispatchReport,
) -> Result<()> {
    report.postponed += 1;
    // A channel that is switched off is asked about again in a minute.
    message.due_at = until.map(|until| until.max(Timestamp(now.0 + 60_000)));
    // Its turn at the sender is over.
    message.slot = None;
    // Waiting on for the same is no news.
    match message.refusal.replace(refusal) == message.refusal {
        true => writer.put_communications(std::slice::from_ref(&message)),
        false => store(writer, &message, "postponed", now),
    }
}

fn refuse(
    writer: &dyn Writer,
    message: &mut Communication,
    refusal: SendRefusal,
    now: Timestamp,
    report: &mut DispatchReport,
) -> Result<()> {
    report.refused += 1;
    *report.refusals.entry(refusal.code.clone()).or_default() += 1;
    message.refusal = Some(refusal);
    settle(message, CommunicationState::Refused);
    budget::release(writer, message)?;
    store(writer, message, "refused", now)
}

/// Enters what the provider answered to an attempt. A callback may have come first, and knows more; and a
/// late answer still counts when the message was given up for lost.
fn enter(
    session: &Session,
    writer: &dyn Writer,
    marked: &Communication,
    outcome: Outcome,
    report: &mut DispatchReport,
) -> Result<()> {
    let now = session.clock.now();
    let Some(mut message) = writer.communication(marked.id)? else { return Ok(()) };
    let waits = match (&outcome, message.state) {
        (_, CommunicationState::Sending | CommunicationState::Unknown) => true,
        (Outcome::Accepted(_), CommunicationState::Failed) => super::reconcile::was_given_up(&message),
        _ => false,
    };
    if !waits || message.provider_id.is_some() || message.token != marked.token {
        report.sent += u64::from(message.provider_id.is_some());
        return Ok(());
    }
    match outcome {
        Outcome::Accepted(accepted) => {
            report.sent += 1;
            settle(&mut message, CommunicationState::Accepted);
            message.refusal = None;
            message.provider_id = Some(accepted.sid);
            message.status = Some(accepted.status);
            message.went_out(now);
            message.sender = message.sender.or(accepted.from);
            message.billed_segments = accepted.segments;
            if let Some(price) = accepted.price {
                budget::bill(writer, &mut message, price)?;
            }
            follow::later(&mut message, now);
            store(writer, &message, "accepted", now)
        }
        Outcome::Refused(refused) => {
            let code = refused.class.as_str();
            if refused.suppress {
                suppress(session, writer, &message, refused.class, now)?;
            }
            let why = SendRefusal {
                provider_code: refused.code,
                ..refusal(code, &refused.message, &refused.advice)
            };
            refuse(writer, &mut message, why, now, report)
        }
        Outcome::Retry(_) if message.attempts >= ATTEMPTS => {
            let why = refusal("given_up", "the provider took it at none of its attempts", "queue it anew");
            refuse(writer, &mut message, why, now, report)
        }
        Outcome::Retry(later) => {
            report.retry += 1;
            message.state = CommunicationState::Queued;
            budget::release(writer, &mut message)?;
            message.slot = None;
            message.refusal = Some(SendRefusal {
                provider_code: later.code,
                ..refusal("retry", &later.why, "it is tried again by itself")
            });
            message.due_at = Some(Timestamp(now.0 + wait(session, message.attempts, later.after)));
            store(writer, &message, "retry", now)
        }
        Outcome::Unknown { .. } if message.state == CommunicationState::Unknown => {
            report.unknown += 1;
            Ok(())
        }
        Outcome::Unknown { why } => {
            report.unknown += 1;
            message.refusal = Some(refusal("unknown", &why, "it is found out about by reconciling"));
            message.state = CommunicationState::Unknown;
            message.due_at = Some(now);
            store(writer, &message, "unknown", now)
        }
    }
}

/// Milliseconds until the next attempt: what the provider asks for, or twice the last time, with a
/// random part so that many do not come back together.
fn wait(session: &Session, attempts: u32, after: Option<f64>) -> i64 {
    let doubled = BACKOFF.saturating_mul(1_i64 << attempts.saturating_sub(1).min(20)).min(LONGEST_BACKOFF);
    let asked = after.map_or(0, |seconds| (seconds.clamp(0.0, 86_400.0) * 1_000.0) as i64);
    let base = doubled.max(asked);
    base + (session.random.next() % (base as u64 / 4 + 1)).cast_signed()
}

/// What the provider knows about an address is kept for all messages to come.
fn suppress(
    session: &Session,
    writer: &dyn Writer,
    message: &Communication,
    class: RefusalClass,
    now: Timestamp,
) -> Result<()> {
    let kind = match class {
        RefusalClass::OptedOut => ConsentKind::Withdrawal,
        // A number that takes no texts is nobody's wish; the refusal on the message says it.
        _ => return Ok(()),
    };
    let entry = ConsentEntry {
        id: 0,
        at: now,
        kind,
        channel: Some(Channel::Sms),
        address: message.to.clone(),
        lead: message.lead,
        purpose: None,
        source: "provider".into(),
        wording: None,
        given_at: now,
        proof: None,
        review_by: None,
        actor: session.actor.clone(),
        reason: session.reason.clone(),
    };
    audit::consent(session, writer, &[entry]).map(drop)
}

impl DispatchReport {
    fn add(&mut self, other: &DispatchReport) {
        self.sent += other.sent;
        self.refused += other.refused;
        self.retry += other.retry;
        self.unknown += other.unknown;
        self.postponed += other.postponed;
        for (code, count) in &other.refusals {
            *self.refusals.entry(code.clone()).or_default() += count;
        }
        self.alerts.extend(other.alerts.iter().cloned());
    }
}
