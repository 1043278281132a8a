//! A call's life.

use super::fault::Fate;
use super::message::later;
use crate::clock::Timestamp;
use crate::model::transport::CallStatus;

/// Seconds that an answered call lasts.
pub(super) const LASTS: u32 = 12;

/// A call that the fake started, or that came from outside.
#[derive(Clone, Debug)]
pub(super) struct FakeCall {
    pub sid: String,
    pub to: String,
    pub from: String,
    pub inbound: bool,
    pub created_at: Timestamp,
    pub life: Vec<(Timestamp, CallStatus)>,
    pub answered_by: Option<&'static str>,
    pub priced_at: Option<Timestamp>,
    /// The call that dialled it.
    pub parent: Option<String>,
}

impl FakeCall {
    /// Which way it went, in Twilio's word.
    pub(super) fn direction(&self) -> &'static str {
        match (&self.parent, self.inbound) {
            (Some(_), _) => "outbound-dial",
            (None, true) => "inbound",
            (None, false) => "outbound-api",
        }
    }

    pub(super) fn status(&self, now: Timestamp) -> CallStatus {
        let passed = self.life.iter().take_while(|(at, _)| *at <= now);
        passed.last().or(self.life.first()).map_or(CallStatus::Unknown, |(_, status)| *status)
    }

    /// When it reached a status, if it has by now.
    pub(super) fn reached(&self, wanted: impl Fn(CallStatus) -> bool, now: Timestamp) -> Option<Timestamp> {
        self.life.iter().find(|(at, status)| *at <= now && wanted(*status)).map(|(at, _)| *at)
    }

    pub(super) fn end(&mut self, now: Timestamp, status: CallStatus) {
        self.life.retain(|(at, _)| *at <= now);
        self.life.push((now, status));
    }
}

/// The statuses of a call that is started now.
pub(super) fn life(now: Timestamp, pace: f64, fate: Fate) -> Vec<(Timestamp, CallStatus)> {
    let steps: &[CallStatus] = match fate {
        Fate::Delivered | Fate::Read => &[CallStatus::Initiated, CallStatus::Ringing, CallStatus::InProgress],
        Fate::Undelivered { .. } => &[CallStatus::Initiated, CallStatus::Ringing, CallStatus::NoAnswer],
        Fate::Silence => &[CallStatus::Initiated, CallStatus::Busy],
        Fate::Failed { .. } => &[CallStatus::Failed],
    };
    let mut life = vec![(now, CallStatus::Queued)];
    for (step, status) in steps.iter().enumerate() {
        life.push((later(now, pace * (step + 1) as f64), *status));
    }
    if let Some((answered, CallStatus::InProgress)) = life.last().copied() {
        life.push((later(answered, LASTS.into()), CallStatus::Completed));
    }
    life
}
