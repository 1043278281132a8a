//! How the outbox is.

use super::budget;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::communication::CommunicationState;
use crate::model::consent::{ConsentEntry, ConsentKind};
use crate::model::health::OutboxHealth;
use crate::model::transport::Direction;
use crate::store::{CommunicationQuery, ConsentQuery, HistoryQuery, Reader};

/// The time that rates are about, in milliseconds.
const WEEK: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Messages and entries read at once.
const PAGE: u64 = 1_000;
/// What says that somebody withdrew because of a message: a STOP, or the provider.
const BY_MESSAGE: [&str; 2] = ["keyword", "provider"];

/// Looks at what waits, what is not known, and the last seven days.
///
/// # Errors
/// Those of the store.
pub fn health(reader: &dyn Reader, now: Timestamp) -> Result<OutboxHealth> {
    use CommunicationState::{Accepted, Delivered, Failed, Queued, Refused, Unknown};
    let settings = reader.settings()?.unwrap_or_default();
    let since = Timestamp(now.0.saturating_sub(WEEK));
    let count = |states: &[CommunicationState], since: Option<Timestamp>| {
        let direction = Some(Direction::Outbound);
        let query = HistoryQuery { states: states.to_vec(), direction, since, ..HistoryQuery::default() };
        Ok::<u64, crate::Error>(reader.history_counts(&query, &[])?.0)
    };
    let (unknown, unknown_since) = unknown(reader)?;
    let sent = count(&[Accepted, Delivered, Failed, Unknown], Some(since))?;
    let opt_outs = opt_outs(reader, since)?;
    Ok(OutboxHealth {
        sending: settings.sending,
        waiting: count(&[Queued], None)?,
        due_since: reader.next_due(Queued)?.filter(|due| *due <= now),
        unknown,
        unknown_since,
        sent,
        failed: count(&[Failed], Some(since))?,
        refused: count(&[Refused], Some(since))?,
        opt_outs,
        opt_out_rate: (sent > 0).then(|| opt_outs as f64 / sent as f64),
        budgets: settings
            .budgets
            .iter()
            .map(|budget| budget::state(reader, budget, now))
            .collect::<Result<_>>()?,
    })
}

/// How many messages are unknown, and when the oldest was to go out.
fn unknown(reader: &dyn Reader) -> Result<(u64, Option<Timestamp>)> {
    let (mut count, mut oldest, mut before) = (0, None::<Timestamp>, None);
    loop {
        let state = Some(CommunicationState::Unknown);
        let query = CommunicationQuery { state, before, limit: PAGE, ..CommunicationQuery::default() };
        let page = reader.communications(&query)?;
        count += page.len() as u64;
        let first = page.iter().map(|message| message.at).min();
        oldest = oldest.into_iter().chain(first).min();
        match page.last() {
            Some(last) if page.len() as u64 == PAGE => before = Some(last.id),
            _ => return Ok((count, oldest)),
        }
    }
}

/// How many withdrew by a message since an instant.
fn opt_outs(reader: &dyn Reader, since: Timestamp) -> Result<u64> {
    let (mut count, mut before) = (0, None);
    let counts = |entry: &&ConsentEntry| {
        entry.kind == ConsentKind::Withdrawal && BY_MESSAGE.contains(&entry.source.as_str())
    };
    loop {
        let page =
            reader.consent_entries(&ConsentQuery { before, limit: PAGE, ..ConsentQuery::default() })?;
        let new: Vec<&ConsentEntry> = page.iter().take_while(|entry| entry.at >= since).collect();
        count += new.iter().copied().filter(counts).count() as u64;
        match page.last() {
            Some(last) if new.len() as u64 == PAGE => before = Some(last.id),
            _ => return Ok(count),
        }
    }
}
