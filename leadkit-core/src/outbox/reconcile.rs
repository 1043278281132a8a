//! Finds out what became of messages whose answer was lost.

use super::calls::UNRESOLVED;
use super::dispatch::ANSWERED_BY;
use super::switches::RESTORED;
use super::{budget, dispatch, follow, settle, store};
use crate::clock::Timestamp;
use crate::error::{ErrorCode, Result};
use crate::ledger::Session;
use crate::ledger::permission::refusal;
use crate::model::communication::{Communication, CommunicationState, ReconcileReport};
use crate::model::transport::{MessageQuery, ProviderMessage};
use crate::store::CommunicationKey;
use crate::transport::Transport;

/// Milliseconds for which the provider's list is asked again before a message counts as not taken.
const GRACE: i64 = 15 * 60_000;
/// Milliseconds between two looks.
const AGAIN: i64 = 60_000;
/// Milliseconds by which the provider's clock may differ from ours.
const SKEW: i64 = 5 * 60_000;
/// The refusal of a message that the provider does not have.
const NOT_TAKEN: &str = "not_taken";
/// Messages of one page: as many as the provider gives at once.
const PAGE: u32 = 1_000;
/// Pages of the provider's list that are read for one message.
const PAGES: usize = 20;

/// Looks for messages that are `unknown`, or `sending` for longer than any answer takes, in the
/// provider's list: by recipient, text and time, leaving out those that are known already.
///
/// A message that the provider does not have after a quarter of an hour was not taken. Calls are in no
/// list: one that no callback tells of until then is reported as `unresolved`.
///
/// Then asks about what was taken: how it ended, where no callback told it; what it cost; and takes
/// back what the provider still holds for people who want no more.
///
/// # Errors
/// `conflict` for a transport of another account; `unsupported` for one that lists nothing; those of the
/// store.
pub fn reconcile(session: &Session, transport: &dyn Transport) -> Result<ReconcileReport> {
    reconcile_with(session, transport, true)
}

/// [`reconcile`], where a transport that lists nothing may be no error: what would be looked for stays
/// `unknown`, and all else goes on.
///
/// # Errors
/// As [`reconcile`].
pub fn reconcile_with(
    session: &Session,
    transport: &dyn Transport,
    must_list: bool,
) -> Result<ReconcileReport> {
    dispatch::check_account(session, transport)?;
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
        let asked_since = handed_over.doubted_at.unwrap_or(handed_over.until);
        let found = match &message.call {
            Some(_) => Some(None),
            None => match look(session, transport, &message, &handed_over) {
                Err(error) if error.is_retryable() => None,
                Err(error) if !must_list && error.error_code() == ErrorCode::Unsupported => None,
                found => Some(found?),
            },
        };
        let end = session.store.writing(|writer| {
            let Some(mut message) = writer.communication(message.id)? else { return Ok(End::Elsewhere) };
            if message.state != CommunicationState::Unknown {
                // A callback was faster.
                return Ok(End::Elsewhere);
            }
            let taken = |sid: &str| -> Result<bool> {
                Ok(!writer.communications_by(&CommunicationKey::Provider(sid))?.is_empty())
            };
            match &found {
                // Another of ours was found to be it meanwhile: this one is looked for anew.
                Some(Some(provider)) if taken(&provider.sid)? => {
                    message.due_at = Some(now);
                    writer.put_communications(std::slice::from_ref(&message))?;
                    Ok(End::Unknown)
                }
                Some(Some(provider)) => {
                    message.provider_id = Some(provider.sid.clone());
                    message.went_out(provider.created_at.unwrap_or(now));
                    super::receive::apply(&mut message, provider.status, provider.error_code);
                    if let Some(price) = provider.price.clone() {
                        budget::bill(writer, &mut message, price)?;
                    }
                    message.billed_segments = provider.segments.or(message.billed_segments);
                    follow::later(&mut message, now);
                    store(writer, &message, "found", now)?;
                    Ok(End::Found)
                }
                Some(None) if now.0 - asked_since.0 >= GRACE => {
                    settle(&mut message, CommunicationState::Failed);
                    let why = match &message.call {
                        None => {
                            budget::suspend(writer, &mut message)?;
                            refusal(
                                NOT_TAKEN,
                                "the provider does not have it",
                                "queue it anew, if it is still wanted",
                            )
                        }
                        Some(_) => refusal(
                            UNRESOLVED,
                            "nobody knows whether this call was made",
                            "look at the provider's log before it is queued anew",
                        ),
                    };
                    let what = why.code.clone();
                    message.refusal = Some(why);
                    store(writer, &message, &what, now)?;
                    Ok(End::Lost)
                }
                _ => {
                    message.due_at = Some(Timestamp(now.0 + AGAIN));
                    writer.put_communications(std::slice::from_ref(&message))?;
                    Ok(End::Unknown)
                }
            }
        })?;
        // Outside of the transaction, which may be run several times.
        match end {
            End::Found => report.found += 1,
            End::Lost => report.lost += 1,
            End::Unknown => report.unknown += 1,
            End::Elsewhere => {}
        }
    }
    follow::follow(session, transport, &mut report)?;
    report.next_at = session.store.reading(|reader| {
        let mut next = None;
        for state in CommunicationState::ALL.into_iter().filter(|state| *state != CommunicationState::Queued)
        {
            next = [next, reader.next_due(state)?].into_iter().flatten().min();
        }
        Ok(next)
    })?;
    Ok(report)
}

/// What came of looking for a message.
#[derive(Clone, Copy)]
enum End {
    Found,
    Lost,
    Unknown,
    /// Others knew more in the meantime.
    Elsewhere,
}

/// Whether a message was given up because the provider did not have it.
pub(super) fn was_given_up(message: &Communication) -> bool {
    message.refusal.as_ref().is_some_and(|refusal| refusal.code == NOT_TAKEN || refusal.code == UNRESOLVED)
}

/// When a message may have been handed over.
struct HandedOver {
    from: Timestamp,
    until: Timestamp,
    /// Since when nobody knows, for a message of a database that was put back.
    doubted_at: Option<Timestamp>,
}

fn handed_over(session: &Session, message: &Communication) -> Result<HandedOver> {
    let events = session.store.reading(|reader| reader.communication_events(message.id))?;
    let last = events.iter().rev().find(|event| event.what == "sending" || event.what == RESTORED);
    let at = last.map_or(message.created_at, |event| event.at);
    Ok(match last.filter(|event| event.what == RESTORED) {
        Some(_) => HandedOver { from: message.created_at, until: at, doubted_at: Some(at) },
        None => HandedOver { from: at, until: at, doubted_at: None },
    })
}

/// The provider's message that this one became, if there is one that no other message of ours is.
fn look(
    session: &Session,
    transport: &dyn Transport,
    message: &Communication,
    handed_over: &HandedOver,
) -> Result<Option<ProviderMessage>> {
    let from = Timestamp(handed_over.from.0 - SKEW);
    let until = Timestamp(handed_over.until.0 + ANSWERED_BY + SKEW);
    let to = Some(message.to.clone());
    let mut query = MessageQuery { to, page_size: PAGE, ..MessageQuery::default() };
    let mut nearest: Option<(i64, ProviderMessage)> = None;
    for _ in 0..PAGES {
        let page = transport.list_messages(&query)?;
        for provider in page.items {
            let when = provider.created_at.or(provider.sent_at);
            let fits = provider.body.as_deref() == Some(message.body.as_str())
                && when.is_none_or(|at| at >= from && at <= until);
            let away = when.map_or(0, |at| (at.0 - handed_over.from.0).abs());
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
