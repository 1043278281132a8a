//! Finds out what became of messages whose answer was lost.

use super::dispatch::ANSWERED_BY;
use super::{settle, store};
use crate::clock::Timestamp;
use crate::error::{ErrorCode, Result};
use crate::ledger::Session;
use crate::model::communication::{Communication, CommunicationState, ReconcileReport, SendRefusal};
use crate::model::transport::{MessageQuery, ProviderMessage};
use crate::store::CommunicationKey;
use crate::transport::Transport;

/// Milliseconds for which the provider's list is asked again before a message counts as not taken.
const GRACE: i64 = 15 * 60_000;
/// Milliseconds between two looks.
const AGAIN: i64 = 60_000;
/// Milliseconds by which the provider's clock may differ from ours.
const SKEW: i64 = 5 * 60_000;
/// Pages of the provider's list that are read for one message.
const PAGES: usize = 20;

/// Looks for messages that are `unknown`, or `sending` for longer than any answer takes, in the
/// provider's list: by recipient, text and time, leaving out those that are known already.
///
/// A message that the provider does not have after a quarter of an hour was not taken.
///
/// # Errors
/// Those of the store; `unsupported` for a transport that lists nothing.
pub fn reconcile(session: &Session, transport: &dyn Transport) -> Result<ReconcileReport> {
    let now = session.clock.now();
    let lost = session.store.writing(|writer| {
        // Whoever marked them is gone.
        for mut message in writer.due(CommunicationState::Sending, now, u64::MAX)? {
            message.state = CommunicationState::Unknown;
            message.due_at = Some(now);
            store(writer, &message, "unknown", now)?;
        }
        writer.due(CommunicationState::Unknown, now, u64::MAX)
    })?;
    let mut report = ReconcileReport::default();
    for message in lost {
        let handed_over = handed_over(session, &message)?;
        let found = match look(session, transport, &message, handed_over) {
            Err(error) if error.is_retryable() => None,
            found => Some(found?),
        };
        session.store.writing(|writer| {
            let Some(mut message) = writer.communication(message.id)? else { return Ok(()) };
            if message.state != CommunicationState::Unknown {
                // A callback was faster.
                return Ok(());
            }
            match &found {
                Some(Some(provider)) => {
                    report.found += 1;
                    message.provider_id = Some(provider.sid.clone());
                    message.sent_at = provider.created_at.or(Some(now));
                    super::receive::apply(&mut message, provider.status, provider.error_code);
                    message.price = provider.price.clone().or(message.price);
                    message.billed_segments = provider.segments.or(message.billed_segments);
                    store(writer, &message, "found", now)
                }
                Some(None) if now.0 - handed_over.0 >= GRACE => {
                    report.lost += 1;
                    settle(&mut message, CommunicationState::Failed);
                    message.refusal = Some(SendRefusal {
                        code: "not_taken".into(),
                        message: "the provider does not have it".into(),
                        advice: Some("queue it anew, if it is still wanted".into()),
                        provider_code: None,
                    });
                    store(writer, &message, "not_taken", now)
                }
                _ => {
                    report.unknown += 1;
                    message.due_at = Some(Timestamp(now.0 + AGAIN));
                    writer.put_communications(std::slice::from_ref(&message))
                }
            }
        })?;
    }
    Ok(report)
}

/// When it was last handed over.
fn handed_over(session: &Session, message: &Communication) -> Result<Timestamp> {
    let events = session.store.reading(|reader| reader.communication_events(message.id))?;
    let last = events.iter().rev().find(|event| event.what == "sending");
    Ok(last.map_or(message.created_at, |event| event.at))
}

/// The provider's message that this one became, if there is one that no other message of ours is.
fn look(
    session: &Session,
    transport: &dyn Transport,
    message: &Communication,
    handed_over: Timestamp,
) -> Result<Option<ProviderMessage>> {
    let from = Timestamp(handed_over.0 - SKEW);
    let until = Timestamp(handed_over.0 + ANSWERED_BY + SKEW);
    let mut query = MessageQuery { to: Some(message.to.clone()), ..MessageQuery::default() };
    let mut nearest: Option<(i64, ProviderMessage)> = None;
    for _ in 0..PAGES {
        let page = transport.list_messages(&query)?;
        for provider in page.items {
            let when = provider.created_at.or(provider.sent_at);
            let fits = provider.body.as_deref() == Some(message.body.as_str())
                && when.is_none_or(|at| at >= from && at <= until);
            let away = when.map_or(0, |at| (at.0 - handed_over.0).abs());
            if fits
                && nearest.as_ref().is_none_or(|(best, _)| away < *best)
                && is_free(session, &provider.sid)?
            {
                nearest = Some((away, provider));
                continue;
            }
            if when.is_some_and(|at| at < from) {
                // Newest first: those behind are older still.
                return Ok(nearest.map(|(_, provider)| provider));
            }
        }
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(nearest.map(|(_, provider)| provider)),
        }
    }
    Err(crate::Error::new(ErrorCode::Unreachable, "the provider's list is too long to be searched"))
}

fn is_free(session: &Session, sid: &str) -> Result<bool> {
    session.store.reading(|reader| Ok(reader.communications_by(&CommunicationKey::Provider(sid))?.is_empty()))
}
