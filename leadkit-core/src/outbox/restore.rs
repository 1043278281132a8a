//! What a database that was put back does about what waits in its outbox.

use super::store;
use crate::error::Result;
use crate::ledger::{Session, settings};
use crate::model::communication::{Communication, CommunicationState};
use crate::model::settings::{Settings, SettingsChange};
use crate::store::{CommunicationQuery, Writer};

/// The event of a message that may have gone out elsewhere.
pub(super) const RESTORED: &str = "restored";
/// Messages written at once.
const PAGE: u64 = 1_000;

/// Turns the switches that are named. When sending is switched on in a database that was put back,
/// whatever waits there is marked `unknown` in the same transaction: another one may have sent it.
///
/// # Errors
/// As [`settings::change`].
pub fn turn(session: &Session, change: &SettingsChange) -> Result<Settings> {
    session.store.writing(|writer| {
        let wanted = change.applied(&writer.settings()?.unwrap_or_default());
        if !(wanted.sending && wanted.restored) {
            return settings::change(session, writer, change);
        }
        for state in [CommunicationState::Queued, CommunicationState::Sending] {
            doubt(session, writer, state)?;
        }
        settings::change(session, writer, &SettingsChange { restored: Some(false), ..change.clone() })
    })
}

fn doubt(session: &Session, writer: &dyn Writer, state: CommunicationState) -> Result<()> {
    let now = session.clock.now();
    loop {
        let query = CommunicationQuery { state: Some(state), limit: PAGE, ..CommunicationQuery::default() };
        let page = writer.communications(&query)?;
        for message in &page {
            let doubtful = Communication {
                state: CommunicationState::Unknown,
                due_at: Some(now),
                refusal: None,
                ..message.clone()
            };
            store(writer, &doubtful, RESTORED, now)?;
        }
        if (page.len() as u64) < PAGE {
            return Ok(());
        }
    }
}
