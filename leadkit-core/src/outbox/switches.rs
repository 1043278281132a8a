//! Switches are turned, and what waits in the outbox hears of it.

use super::store;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ledger::{Session, settings};
use crate::model::communication::{Communication, CommunicationState};
use crate::model::settings::{Settings, SettingsChange};
use crate::store::{CommunicationQuery, Writer};

/// The event of a message that may have gone out elsewhere.
pub(super) const RESTORED: &str = "restored";
/// Messages read at once.
const PAGE: u64 = 1_000;
/// What our own decisions let a message wait for; what the provider asked for is not among it.
const WAITS_FOR_US: [&str; 5] =
    ["paused", "channel_off", "outside_hours", "enough_for_a_day", "budget_exceeded"];

/// Turns the switches that are named. When sending is switched on in a database that was put back,
/// whatever waits there is marked `unknown` in the same transaction: another one may have sent it. When
/// anything changes that decides about messages, those that wait for a decision of ours are decided on
/// anew.
///
/// # Errors
/// As [`settings::change`].
pub fn turn(session: &Session, change: &SettingsChange) -> Result<Settings> {
    turn_by(session, |_| change.clone())
}

/// [`turn`] by a change of the settings as they stand.
pub(super) fn turn_by(session: &Session, change: impl Fn(&Settings) -> SettingsChange) -> Result<Settings> {
    session.store.writing(|writer| {
        let before = writer.settings()?.unwrap_or_default();
        let mut change = change(&before);
        let wanted = change.applied(&before);
        if wanted.sending && wanted.restored {
            change.restored = Some(false);
            for state in [CommunicationState::Queued, CommunicationState::Sending] {
                each(writer, state, |message, now| doubt(writer, message, now), session.clock.now())?;
            }
        }
        let after = settings::change(session, writer, &change)?;
        if deciding(&after) != deciding(&before) {
            let queued = CommunicationState::Queued;
            let rates = after.rates != before.rates;
            each(
                writer,
                queued,
                |message, now| wake(writer, &after, rates, message, now),
                session.clock.now(),
            )?;
        }
        Ok(after)
    })
}

/// The part of the settings by which messages wait or go.
fn deciding(settings: &Settings) -> Settings {
    let Settings { sending, restored, automations, public_url, account, profiles, .. } = Settings::default();
    Settings { sending, restored, automations, public_url, account, profiles, ..settings.clone() }
}

/// Calls `work` with every message of a state, the newest first; what it writes is not met again.
fn each(
    writer: &dyn Writer,
    state: CommunicationState,
    work: impl Fn(Communication, Timestamp) -> Result<()>,
    now: Timestamp,
) -> Result<()> {
    let mut before = None;
    loop {
        let page = writer.communications(&CommunicationQuery {
            state: Some(state),
            before,
            limit: PAGE,
            ..CommunicationQuery::default()
        })?;
        let more = page.len() as u64 == PAGE;
        before = page.last().map(|message| message.id);
        page.into_iter().try_for_each(|message| work(message, now))?;
        if !more {
            return Ok(());
        }
    }
}

fn doubt(writer: &dyn Writer, message: Communication, now: Timestamp) -> Result<()> {
    let doubtful =
        Communication { state: CommunicationState::Unknown, due_at: Some(now), refusal: None, ..message };
    store(writer, &doubtful, RESTORED, now)
}

/// Lets a message be decided on at once that waits for a decision of ours.
fn wake(
    writer: &dyn Writer,
    settings: &Settings,
    rates: bool,
    message: Communication,
    now: Timestamp,
) -> Result<()> {
    let code = message.refusal.as_ref().map_or("", |refusal| refusal.code.as_str());
    let paused = message.campaign.as_ref().is_some_and(|name| settings.paused.contains(name));
    if rates && message.slot.is_some() {
        // The sender's turns are given out anew.
        super::rate::forget(writer, &message)?;
    } else if paused || !WAITS_FOR_US.contains(&code) {
        return Ok(());
    }
    let due_at = Some(message.send_at.map_or(now, |at| at.max(now)));
    writer.put_communications(&[Communication { due_at, slot: None, ..message }])
}
