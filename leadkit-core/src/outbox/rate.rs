//! How fast a sender sends: each message gets an instant of its own.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::communication::Communication;
use crate::model::consent::Channel;
use crate::model::settings::Settings;
use crate::store::Writer;

/// The sender that stands for all that no rate names.
const OTHERS: &str = "*";
/// Milliseconds by which a sender may be ahead of its rate.
const BURST: i64 = 1_000;

/// Milliseconds for which an instant holds: after a longer pause all that had one before would go out at
/// once.
const HOLDS: i64 = 60_000;

/// The instant at which a message may go out by its sender's rate; none: now. Each message asks once
/// and keeps its instant: thousands that wait are not written again each time one goes out. One that
/// came to nothing gets another, behind all that have theirs.
pub(super) fn slot(
    writer: &dyn Writer,
    settings: &Settings,
    message: &Communication,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    if message.channel != Channel::Sms {
        return Ok(None);
    }
    match message.slot {
        Some(slot) if slot > now => return Ok(Some(slot)),
        Some(slot) if now.0 - slot.0 <= HOLDS => return Ok(None),
        _ => {}
    }
    let sender = sender(message);
    let Some(rate) = settings.rates.get(sender).or_else(|| settings.rates.get(OTHERS)) else {
        return Ok(None);
    };
    let meter = meter(sender);
    // When the sender has sent all that it took on (the generic cell rate algorithm, ITU-T I.371).
    let free = writer.meter(&meter)?.max(now.0);
    let takes = (f64::from(message.segments.max(1)) / rate * 1_000.0).ceil() as i64;
    writer.put_meter(&meter, free.saturating_add(takes))?;
    let slot = free.saturating_add(takes).saturating_sub(BURST.max(takes));
    Ok((slot > now.0).then_some(Timestamp(slot)))
}

/// Lets a message's sender be free, whatever it took on before.
pub(super) fn forget(writer: &dyn Writer, message: &Communication) -> Result<()> {
    writer.put_meter(&meter(sender(message)), 0)
}

fn sender(message: &Communication) -> &str {
    message.sender.as_deref().unwrap_or(OTHERS)
}

fn meter(sender: &str) -> String {
    format!("rate:{sender}")
}
