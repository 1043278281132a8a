//! What happens by itself: automations are set off by changes of leads, by messages and by times, and take
//! leads through steps, each exactly once.
//!
//! An automation reads the log of commits by a cursor, and the signals that messages leave; a run is entered
//! in the transaction that moves the cursor on. Whatever a step does is in the store, in the transaction that
//! says it is done: what is killed in between has done nothing, and several workers never do one step twice,
//! since two transactions never write at once. Messages go into the outbox, which decides on them once more.
//!
//! [`tick`] does all that is due, and says when to call it next; nothing happens between its calls.

mod advance;
mod check;
mod condition;
mod events;
mod manage;
mod picture;
mod program;
mod rehearse;
mod schedules;
mod start;
mod tick;
mod times;

pub use manage::{acknowledge, cancel, enable, events, get, list, runs, save, save_with};
pub use picture::picture;
pub use rehearse::rehearse;
pub use schedules::{get_schedule, list_schedules, save_schedule, turn_schedule};
pub use tick::tick;

use crate::error::{Error, ErrorCode, ErrorKind, Result};

/// Milliseconds of a span such as `30m`, `2h`, `3d`, `1w`.
fn millis(text: &str) -> Option<i64> {
    let text = text.trim();
    let unit = match text.chars().last()? {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        'w' => 604_800_000,
        _ => return None,
    };
    let number: u32 = text[..text.len() - 1].trim_end().parse().ok()?;
    // A hundred years, which is more than anybody waits.
    Some(i64::from(number) * unit).filter(|millis| *millis <= 100 * 366 * 86_400_000)
}

/// Whether an error is the automation's or the lead's, and not the store's: it ends a run, and not the tick.
fn is_ours(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound | ErrorKind::Conflict)
        && error.error_code() != ErrorCode::KeyMissing
}

/// A span that was checked when it was saved.
fn span(text: &str) -> Result<i64> {
    millis(text).ok_or_else(|| {
        Error::new(ErrorCode::Corrupt, "an automation was stored with a span that cannot be read")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        assert_eq!(millis(" 90 m "), Some(5_400_000));
        assert_eq!([millis("0s"), millis("1w"), millis("2h")], [Some(0), Some(604_800_000), Some(7_200_000)]);
        for wrong in ["", "d", "3", "3y", "-1d", "1.5d", "3 days", "4000000000w", "40000w", "ö"] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
    }
}
