//! Coming to rest before a machine is stopped or a store is moved.

use std::time::{Duration, Instant};

use crate::error::Result;
use crate::ledger::{Session, settings};
use crate::model::communication::CommunicationState;
use crate::model::settings::SettingsChange;
use crate::store::CommunicationQuery;

/// How often it is looked whether all answers are there.
const LOOK: Duration = Duration::from_millis(50);
/// Messages that are counted.
const COUNTED: u64 = 10_000;

/// Switches sending off and waits until no process is handing anything over any more, for so many
/// seconds of the machine's clock at most. Gives the number of messages of which the answer is still
/// missing then.
///
/// # Errors
/// Those of the store.
pub fn drain(session: &Session, seconds: f64) -> Result<u64> {
    let off = SettingsChange { sending: Some(false), ..SettingsChange::default() };
    session.store.writing(|writer| settings::change(session, writer, &off))?;
    let (began, longest) =
        (Instant::now(), Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or_default());
    loop {
        let query = CommunicationQuery {
            state: Some(CommunicationState::Sending),
            limit: COUNTED,
            ..CommunicationQuery::default()
        };
        let left = session.store.reading(|reader| reader.communications(&query))?.len() as u64;
        if left == 0 || began.elapsed() >= longest {
            return Ok(left);
        }
        std::thread::sleep(LOOK);
    }
}
