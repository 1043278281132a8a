//! What was sent, is to be sent, and came in: one record for each message.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::consent::{Channel, Purpose};
use super::money::Money;
use super::transport::Direction;
use crate::clock::Timestamp;
use crate::progress::CancelToken;

/// Where a message stands on our side; the provider's word is its `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommunicationState {
    /// It waits for its time.
    Queued,
    /// It is being handed to the provider right now.
    Sending,
    /// It was handed to the provider and nobody knows whether it was taken. It is never handed over
    /// again before that is known.
    Unknown,
    /// The provider has it.
    Accepted,
    /// The recipient has it.
    Delivered,
    /// The provider could not send or deliver it.
    Failed,
    /// It was not handed over: something forbids it.
    Refused,
    /// It was taken back before it went out.
    Cancelled,
    /// It came in.
    Received,
}

impl CommunicationState {
    /// All of them.
    pub const ALL: [CommunicationState; 9] = [
        CommunicationState::Queued,
        CommunicationState::Sending,
        CommunicationState::Unknown,
        CommunicationState::Accepted,
        CommunicationState::Delivered,
        CommunicationState::Failed,
        CommunicationState::Refused,
        CommunicationState::Cancelled,
        CommunicationState::Received,
    ];

    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            CommunicationState::Queued => "queued",
            CommunicationState::Sending => "sending",
            CommunicationState::Unknown => "unknown",
            CommunicationState::Accepted => "accepted",
            CommunicationState::Delivered => "delivered",
            CommunicationState::Failed => "failed",
            CommunicationState::Refused => "refused",
            CommunicationState::Cancelled => "cancelled",
            CommunicationState::Received => "received",
        }
    }

    /// Whether nothing more happens to it by itself.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            CommunicationState::Queued
                | CommunicationState::Sending
                | CommunicationState::Unknown
                | CommunicationState::Accepted
        )
    }
}

/// Why a message was not sent, or is not sent yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SendRefusal {
    /// A stable word, such as `opted_out`, `no_consent`, `no_legal_hour`, `channel_off`, or a class of
    /// the provider's.
    pub code: String,
    /// The same for people; holds no personal data.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// The provider's code, such as 21610.
    pub provider_code: Option<u32>,
}

/// A message that is to be sent, was sent, or came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Communication {
    /// Its number, in the order of entry.
    pub id: i64,
    /// The lead; none when nobody knows whose number it is.
    pub lead: Option<i64>,
    /// By which channel.
    pub channel: Channel,
    /// Which way it goes.
    pub direction: Direction,
    /// Where it stands.
    pub state: CommunicationState,
    /// What it is for; none for what came in.
    pub purpose: Option<Purpose>,
    /// To which number, in E.164.
    pub to: String,
    /// From which number or messaging service; none: the transport's own.
    pub sender: Option<String>,
    /// The text.
    pub body: String,
    /// The template that the text was made of.
    pub template: Option<String>,
    /// That template's version.
    pub template_version: Option<u32>,
    /// A name of the caller's for messages that belong together.
    pub campaign: Option<String>,
    /// The key by which a repeated call gives this message again.
    pub key: Option<String>,
    /// Who queued it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it was queued, or came in.
    pub created_at: Timestamp,
    /// Not before this instant.
    pub send_at: Option<Timestamp>,
    /// Not after this instant.
    pub expires_at: Option<Timestamp>,
    /// When the outbox looks at it next; none when nothing is to be done.
    pub due_at: Option<Timestamp>,
    /// When the provider took it.
    pub sent_at: Option<Timestamp>,
    /// How often it was handed to the provider.
    pub attempts: u32,
    /// Tells the last attempt from all others; nobody can guess it.
    pub token: Option<String>,
    /// The provider's id.
    pub provider_id: Option<String>,
    /// Where it stands in the provider's word.
    pub status: Option<String>,
    /// Why it was not sent, or is not sent yet.
    pub refusal: Option<SendRefusal>,
    /// Segments, counted before it went out.
    pub segments: u32,
    /// Segments as billed.
    pub billed_segments: Option<u32>,
    /// What it cost.
    pub price: Option<Money>,
    /// What the last decision to send or not to send it rested on.
    pub evidence: Value,
}

/// Something that happened to a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CommunicationEvent {
    /// The message.
    pub communication: i64,
    /// Its place among the events of the message, from 1.
    pub seq: u32,
    /// When it was entered.
    pub at: Timestamp,
    /// Where the message stood then.
    pub state: CommunicationState,
    /// The provider's word, where it told one.
    pub status: Option<String>,
    /// A stable word for what happened: `queued`, `sending`, `accepted`, `status`, `conflict`, …
    pub what: String,
}

/// How a message is to be sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SmsOptions {
    /// The template; either it or a `body`.
    pub template: Option<String>,
    /// The text as it is; nothing in it is rendered.
    pub body: Option<String>,
    /// Values for the template's `vars.*`.
    pub vars: BTreeMap<String, Value>,
    /// The template's language; none: the lead's.
    pub locale: Option<String>,
    /// What it is for; marketing when none is given.
    pub purpose: Option<Purpose>,
    /// To which number; none: the lead's.
    pub to: Option<String>,
    /// From which number or messaging service; none: the transport's own.
    pub sender: Option<String>,
    /// Not before this instant.
    pub send_at: Option<Timestamp>,
    /// Not after this instant: what was not sent until then is refused as `expired`.
    pub expires_at: Option<Timestamp>,
    /// A key of the caller's: a repeated call with it gives the first one's message.
    pub key: Option<String>,
    /// A name for messages that belong together.
    pub campaign: Option<String>,
}

/// Which messages are listed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CommunicationListOptions {
    /// Only of this lead.
    pub lead: Option<i64>,
    /// Only in this state.
    pub state: Option<CommunicationState>,
    /// Only of this campaign.
    pub campaign: Option<String>,
    /// Messages of a page; 0 takes 100.
    pub limit: u64,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// How much of the outbox is worked off.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DispatchOptions {
    /// Messages at most; 0: all that are due.
    pub limit: u64,
    /// Messages that are decided on and handed over at once; 0 takes 50. Between the decision and the
    /// handing over of the last of them lies the time that the provider takes for all.
    pub batch: u64,
    /// Asks to stop after the messages that are being handed over.
    #[serde(skip)]
    pub cancel: CancelToken,
}

/// What a run over the outbox did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DispatchReport {
    /// Whether sending was switched on; if not, nothing was looked at.
    pub sending: bool,
    /// Messages that the provider took.
    pub sent: u64,
    /// Messages that something forbids, here or at the provider.
    pub refused: u64,
    /// Messages that are tried again later.
    pub retry: u64,
    /// Messages of which nobody knows whether the provider took them.
    pub unknown: u64,
    /// Messages whose hour has not come.
    pub postponed: u64,
    /// Refusals by their code.
    pub refusals: BTreeMap<String, u64>,
    /// When there is something to do next.
    pub next_at: Option<Timestamp>,
}

/// What a look for lost answers found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReconcileReport {
    /// Messages that the provider turned out to have.
    pub found: u64,
    /// Messages that it does not have after the time of grace: they are `failed`, with the refusal
    /// `not_taken`, and may be queued anew by whoever wants them.
    pub lost: u64,
    /// Messages that are still `unknown`.
    pub unknown: u64,
}
