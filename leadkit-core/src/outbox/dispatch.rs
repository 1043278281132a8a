//! Works the outbox off: decide and mark, hand over, enter the answer.

use super::decide::{Verdict, refusal, verdict};
use super::{settle, store};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, settings};
use crate::model::communication::{
    Communication, CommunicationState, DispatchOptions, DispatchReport, SendRefusal,
};
use crate::model::consent::{Channel, ConsentEntry, ConsentKind};
use crate::model::settings::SettingsChange;
use crate::model::transport::{Outcome, RefusalClass, SmsRequest};
use crate::store::Writer;
use crate::transport::Transport;

/// Messages that are decided on and handed over at once.
const BATCH: u64 = 50;
/// Milliseconds after which a message that is still `sending` has lost its answer: more than any
/// transport takes to give one.
pub(super) const ANSWERED_BY: i64 = 120_000;
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
    let mut report = DispatchReport { sending: bind(session, transport)?, ..DispatchReport::default() };
    let batch = if options.batch == 0 { BATCH } else { options.batch };
    let mut left = if options.limit == 0 { u64::MAX } else { options.limit };
    while report.sending && left > 0 && !options.cancel.is_cancelled() {
        let asked = batch.min(left);
        let marked = session.store.writing(|writer| mark(session, writer, asked))?;
        report.add(&marked.report);
        report.sending = marked.sending;
        left = left.saturating_sub(marked.seen);
        if !marked.messages.is_empty() {
            let requests: Vec<SmsRequest> = marked
                .messages
                .iter()
                .map(|(message, until)| {
                    request(message, *until, marked.public_url.as_deref(), session.clock.now())
                })
                .collect();
            let outcomes = transport.send_many(&requests);
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
        if marked.seen < asked {
            break;
        }
    }
    report.next_at = session.store.reading(|reader| reader.next_due())?;
    tracing::info!(
        sent = report.sent,
        refused = report.refused,
        retry = report.retry,
        unknown = report.unknown,
        "outbox dispatched"
    );
    Ok(report)
}

/// Whether anything may be sent. The first that is binds the database to the account: a copy of it, or a test
/// server, must not send what this one does.
fn bind(session: &Session, transport: &dyn Transport) -> Result<bool> {
    let can = transport.capabilities();
    let account = [can.provider, can.account, can.environment].join(" ");
    session.store.writing(|writer| {
        let settings = writer.settings()?.unwrap_or_default();
        match &settings.account {
            _ if !settings.sending => Ok(false),
            Some(bound) if *bound == account => Ok(true),
            Some(_) => Err(Error::new(ErrorCode::Conflict, "this database sends by another account")
                .hint("dispatch by the account that `settings.account` names, or clear it first")
                .at_field("account")),
            None => {
                let to = SettingsChange { account: Some(account.clone()), ..SettingsChange::default() };
                settings::change(session, writer, &to)?;
                Ok(true)
            }
        }
    })
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

/// Decides on the next messages that are due and marks those that go out.
fn mark(session: &Session, writer: &dyn Writer, limit: u64) -> Result<Marked> {
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
    let due = writer.due(CommunicationState::Queued, now, limit)?;
    marked.seen = due.len() as u64;
    for mut message in due {
        match verdict(writer, &settings, &message, now)? {
            Verdict::Send { legal_until, evidence } => {
                message.evidence = evidence;
                message.refusal = None;
                message.state = CommunicationState::Sending;
                message.attempts += 1;
                message.token = Some(format!("{:016x}{:016x}", session.random.next(), session.random.next()));
                message.due_at = Some(Timestamp(now.0 + ANSWERED_BY));
                store(writer, &message, "sending", now)?;
                marked.messages.push((message, legal_until));
            }
            Verdict::Wait { until, refusal, evidence } => {
                marked.report.postponed += 1;
                // A channel that is switched off is asked about again in a minute.
                message.due_at = Some(until.max(Timestamp(now.0 + 60_000)));
                message.refusal = Some(refusal);
                message.evidence = evidence;
                store(writer, &message, "postponed", now)?;
            }
            Verdict::Refuse { refusal, evidence } => {
                message.evidence = evidence;
                refuse(writer, &mut message, refusal, now, &mut marked.report)?;
            }
        }
    }
    Ok(marked)
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
    store(writer, message, "refused", now)
}

/// What goes to the provider. It may not deliver when the legal hours are over.
fn request(
    message: &Communication,
    legal_until: Option<Timestamp>,
    public_url: Option<&str>,
    now: Timestamp,
) -> SmsRequest {
    let until = [legal_until, message.expires_at].into_iter().flatten().min();
    let seconds = until.map(|until| ((until.0 - now.0) / 1_000).clamp(1, 36_000) as u32);
    let service = message.sender.as_deref().is_some_and(|from| from.starts_with("MG"));
    SmsRequest {
        body: Some(message.body.clone()),
        from: message.sender.clone().filter(|_| !service),
        messaging_service_sid: message.sender.clone().filter(|_| service),
        validity_period: seconds,
        status_callback: public_url.zip(message.token.as_deref()).map(|(url, token)| callback(url, token)),
        ..SmsRequest::to(message.to.clone())
    }
}

/// The name under which a callback's URL carries the token of the attempt.
pub(super) const TOKEN: &str = "leadkit_attempt";

fn callback(url: &str, token: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}{TOKEN}={token}")
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
            message.sent_at = Some(now);
            message.sender = message.sender.or(accepted.from);
            message.billed_segments = accepted.segments;
            message.price = accepted.price;
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
    writer.add_consent(&[ConsentEntry {
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
    }])?;
    Ok(())
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
    }
}
