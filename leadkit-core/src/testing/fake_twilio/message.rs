//! A message's life.

use serde::Serialize;

use super::fault::Fate;
use crate::clock::Timestamp;
use crate::model::transport::MessageStatus;

/// A message that the fake accepted, or that came from outside.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FakeMessage {
    /// Its id.
    pub sid: String,
    /// The recipient.
    pub to: String,
    /// The sender; none while a messaging service has not chosen one.
    pub from: Option<String>,
    /// The messaging service.
    pub messaging_service_sid: Option<String>,
    /// The text; empty once it is redacted.
    pub body: String,
    /// URLs of its media.
    pub media_urls: Vec<String>,
    /// Whether it came from outside.
    pub inbound: bool,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it stands where, in order of time; the first is its first status.
    pub life: Vec<(Timestamp, MessageStatus)>,
    /// Why it is not delivered in the end.
    pub error_code: Option<u32>,
    /// When its price is known.
    pub priced_at: Option<Timestamp>,
}

impl FakeMessage {
    /// Where it stands at an instant.
    pub fn status(&self, now: Timestamp) -> MessageStatus {
        let passed = self.life.iter().take_while(|(at, _)| *at <= now);
        passed.last().or(self.life.first()).map_or(MessageStatus::Unknown, |(_, status)| *status)
    }

    /// When it went out, if it has by now.
    pub fn sent_at(&self, now: Timestamp) -> Option<Timestamp> {
        let out = |status| matches!(status, MessageStatus::Sent | MessageStatus::Received);
        self.life.iter().find(|(at, status)| *at <= now && out(*status)).map(|(at, _)| *at)
    }

    /// Nothing more becomes of it: it is taken back.
    pub(super) fn cancel(&mut self, now: Timestamp) {
        self.life.retain(|(at, _)| *at <= now);
        self.life.push((now, MessageStatus::Canceled));
        self.priced_at = None;
    }
}

/// The statuses of a message that goes out at `at`, and its error.
pub(super) fn life(
    first: MessageStatus,
    now: Timestamp,
    at: Timestamp,
    pace: f64,
    fate: Fate,
) -> (Vec<(Timestamp, MessageStatus)>, Option<u32>) {
    let mut life = vec![(now, first)];
    let (rest, error): (&[MessageStatus], _) = match fate {
        Fate::Delivered => (&[MessageStatus::Sent, MessageStatus::Delivered], None),
        Fate::Read => (&[MessageStatus::Sent, MessageStatus::Delivered, MessageStatus::Read], None),
        Fate::Undelivered { code } => (&[MessageStatus::Sent, MessageStatus::Undelivered], Some(code)),
        Fate::Failed { code } => (&[MessageStatus::Failed], Some(code)),
        Fate::Silence => (&[MessageStatus::Sent], None),
    };
    // What waits at Twilio, or was taken by a messaging service, is queued first.
    let queued = (first != MessageStatus::Queued).then_some(MessageStatus::Queued);
    for (step, status) in queued.into_iter().chain(rest.iter().copied()).enumerate() {
        life.push((later(at, pace * (step + 1) as f64), status));
    }
    (life, error)
}

/// An instant some seconds after another.
pub(super) fn later(at: Timestamp, seconds: f64) -> Timestamp {
    Timestamp(at.0 + (seconds * 1000.0).round() as i64)
}
