//! What was sent, is to be sent, and came in: one record for each message.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calls::CallDetails;
use super::consent::Purpose;
use super::cost::{BudgetAlert, Reservation};
use super::history::{Attachment, ContactChannel};
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
    /// It was entered by hand, or by a host that had it elsewhere.
    Logged,
}

impl CommunicationState {
    /// All of them.
    pub const ALL: [CommunicationState; 10] = [
        CommunicationState::Queued,
        CommunicationState::Sending,
        CommunicationState::Unknown,
        CommunicationState::Accepted,
        CommunicationState::Delivered,
        CommunicationState::Failed,
        CommunicationState::Refused,
        CommunicationState::Cancelled,
        CommunicationState::Received,
        CommunicationState::Logged,
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
            CommunicationState::Logged => "logged",
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

/// A contact: a message that is to be sent, was sent, or came in; a call; or whatever was entered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Communication {
    /// Its number, in the order of entry.
    pub id: i64,
    /// The lead; none when nobody knows whose number it is.
    pub lead: Option<i64>,
    /// By which channel.
    pub channel: ContactChannel,
    /// What a `custom` channel is called.
    #[serde(default)]
    pub label: Option<String>,
    /// Which way it goes.
    pub direction: Direction,
    /// Where it stands.
    pub state: CommunicationState,
    /// What it is for; none for what came in.
    pub purpose: Option<Purpose>,
    /// To which number, in E.164; of what was entered, any address, or empty.
    pub to: String,
    /// From which number or messaging service; none: the transport's own.
    pub sender: Option<String>,
    /// Who else took part.
    #[serde(default)]
    pub participants: Vec<String>,
    /// What it is about.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// Files, kept elsewhere.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The template that the text was made of.
    pub template: Option<String>,
    /// That template's version.
    pub template_version: Option<u32>,
    /// A name of the caller's for messages that belong together.
    pub campaign: Option<String>,
    /// Which of several texts or ways it is, where they are compared: `A`, `B`, …
    #[serde(default)]
    pub variant: Option<String>,
    /// The country of the other side's number, or else of the lead, as it was then (ISO 3166-1 alpha-2).
    #[serde(default)]
    pub country: Option<String>,
    /// The other side's time zone: the lead's, or else the only one of the number; none where it is not
    /// known.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// The key by which a repeated call gives this message again.
    pub key: Option<String>,
    /// Who owned the lead then.
    #[serde(default)]
    pub owner: Option<String>,
    /// The conversation that it belongs to, by an id of the host's.
    #[serde(default)]
    pub thread: Option<String>,
    /// The contact that it answers: of a text that came in, the last one that went to its number.
    #[serde(default)]
    pub reply_to: Option<i64>,
    /// Milliseconds between that contact and this one, where this is the first answer to it.
    #[serde(default)]
    pub reply_after: Option<i64>,
    /// What came of it, of what was entered.
    #[serde(default)]
    pub outcome: Option<String>,
    /// How long it took, of what was entered, in seconds; of calls see `call`.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// The entry that this one puts right.
    #[serde(default)]
    pub corrects: Option<i64>,
    /// The entry that puts this one right.
    #[serde(default)]
    pub corrected_by: Option<i64>,
    /// Who queued or entered it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it was: handed over, or else queued; come in; or as it was entered. Histories are in this
    /// order.
    #[serde(default)]
    pub at: Timestamp,
    /// When it was queued or entered, or came in.
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
    /// What it is expected to cost; none where the table of prices does not say.
    #[serde(default)]
    pub predicted: Option<Money>,
    /// What it cost.
    pub price: Option<Money>,
    /// What is reserved for it of the budgets.
    #[serde(default)]
    pub reserved: Option<Reservation>,
    /// The instant that its sender's rate gave it.
    #[serde(default)]
    pub slot: Option<Timestamp>,
    /// The bulk operation that queued it.
    #[serde(default)]
    pub operation: Option<i64>,
    /// What it is beyond a message, for a call.
    #[serde(default)]
    pub call: Option<CallDetails>,
    /// What the last decision to send or not to send it rested on.
    pub evidence: Value,
}

impl Communication {
    /// The number at the other end: whom it goes to, or comes from.
    pub fn address(&self) -> Option<&str> {
        match self.direction {
            Direction::Outbound => Some(self.to.as_str()).filter(|to| !to.is_empty()),
            Direction::Inbound => self.sender.as_deref(),
        }
    }

    /// A hash of its texts, by which a store tells whether they have changed.
    pub fn texts_hash(&self) -> i64 {
        let mut hasher = xxhash_rust::xxh3::Xxh3Default::new();
        for text in self.texts() {
            hasher.update(text.as_bytes());
            hasher.update(&[0xff]);
        }
        hasher.digest().cast_signed()
    }

    /// With the time that a message of before there was one has: when it was handed over, or queued, or
    /// came in.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn with_its_time(mut self) -> Communication {
        self.at = self.sent_at.unwrap_or(self.created_at);
        self
    }

    /// Notes when it was handed over, unless that is known: then it was.
    pub(crate) fn went_out(&mut self, at: Timestamp) {
        if self.sent_at.is_none() {
            (self.sent_at, self.at) = (Some(at), at);
        }
    }

    /// Something that happened to it, with where it stands now.
    pub(crate) fn event(&self, what: &str, at: Timestamp) -> CommunicationEvent {
        CommunicationEvent {
            communication: self.id,
            seq: 0,
            at,
            state: self.state,
            status: self.status.clone(),
            what: what.to_string(),
        }
    }

    /// What it cost, as billed or else as predicted, in millionths of whatever currency.
    pub fn cost(&self) -> Option<i64> {
        self.money().map(|money| money.micros)
    }

    /// What it cost, as billed or else as predicted.
    pub fn money(&self) -> Option<&Money> {
        self.price.as_ref().or(self.predicted.as_ref())
    }

    /// How long it took, in seconds.
    pub fn lasted(&self) -> Option<u32> {
        self.seconds.or_else(|| self.call.as_ref()?.duration)
    }

    /// The texts that it is found by.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let one = [&self.subject, &self.outcome, &self.label].into_iter().flatten();
        one.map(String::as_str)
            .chain([self.body.as_str()])
            .chain(self.participants.iter().map(String::as_str))
            .chain(self.attachments.iter().map(|file| file.name.as_str()))
    }

    /// One that nothing has happened to yet.
    pub(crate) fn new(channel: impl Into<ContactChannel>, direction: Direction, to: String) -> Communication {
        Communication {
            id: 0,
            lead: None,
            channel: channel.into(),
            label: None,
            direction,
            state: match direction {
                Direction::Outbound => CommunicationState::Queued,
                Direction::Inbound => CommunicationState::Received,
            },
            purpose: None,
            to,
            sender: None,
            participants: Vec::new(),
            subject: None,
            body: String::new(),
            attachments: Vec::new(),
            template: None,
            template_version: None,
            campaign: None,
            variant: None,
            country: None,
            time_zone: None,
            key: None,
            owner: None,
            thread: None,
            reply_to: None,
            reply_after: None,
            outcome: None,
            seconds: None,
            corrects: None,
            corrected_by: None,
            actor: None,
            reason: None,
            at: Timestamp::default(),
            created_at: Timestamp::default(),
            send_at: None,
            expires_at: None,
            due_at: None,
            sent_at: None,
            attempts: 0,
            token: None,
            provider_id: None,
            status: None,
            refusal: None,
            segments: 0,
            billed_segments: None,
            predicted: None,
            price: None,
            reserved: None,
            slot: None,
            operation: None,
            call: None,
            evidence: Value::Null,
        }
    }
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
    /// Which of several texts it is, where they are compared: `A`, `B`, …
    pub variant: Option<String>,
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
    /// Messages that are decided on and handed over at once; 0 takes 50, and 500 is the most. Between the decision and the
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
    /// Budgets that came to a part at which somebody is to be told.
    pub alerts: Vec<BudgetAlert>,
    /// When there is something to do next.
    pub next_at: Option<Timestamp>,
}

/// Which messages a bulk operation queues, and with what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SmsPlanOptions {
    /// The template; either it or a `body`.
    pub template: Option<String>,
    /// The text as it is; nothing in it is rendered.
    pub body: Option<String>,
    /// Values for the template's `vars.*`.
    pub vars: BTreeMap<String, Value>,
    /// The template's language; none: each lead's.
    pub locale: Option<String>,
    /// What it is for; marketing when none is given.
    pub purpose: Option<Purpose>,
    /// From which number or messaging service; none: the transport's own.
    pub sender: Option<String>,
    /// Not before this instant.
    pub send_at: Option<Timestamp>,
    /// Not after this instant.
    pub expires_at: Option<Timestamp>,
    /// A name for these messages; none: `operation-` and the operation's id.
    pub campaign: Option<String>,
    /// Which of several texts they are, where these are compared: `A`, `B`, …
    pub variant: Option<String>,
    /// A name for the list of operations.
    pub name: Option<String>,
    /// Leads with the tag `protected` are taken too.
    pub include_protected: bool,
    /// Messages that the plan shows; 10 when 0, 100 at most.
    pub sample: u64,
    /// Seconds until the plan may no longer be run; an hour when 0, 30 days at most.
    pub expires_in: f64,
}

/// What a plan would queue, as things stand; each message is decided on once more when it goes out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessagePlan {
    /// Messages that would be queued.
    pub messages: u64,
    /// Leads that get none, by reason.
    pub refusals: BTreeMap<String, u64>,
    /// Segments of all of them.
    pub segments: u64,
    /// What they are expected to cost, by currency, as decimal numbers.
    pub cost: BTreeMap<String, String>,
    /// Messages of which the table of prices does not say what they cost.
    pub unpriced: u64,
    /// When the first may go out.
    pub first_at: Option<Timestamp>,
    /// When the last may go out.
    pub last_at: Option<Timestamp>,
    /// What one should look at in their texts, by the code of the warning: `no_opt_out`, `non_gsm`,
    /// `url_in_name`.
    pub warnings: BTreeMap<String, u64>,
    /// Some of them.
    pub sample: Vec<PlannedMessage>,
}

/// A message as a plan shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedMessage {
    /// The lead.
    pub lead: i64,
    /// To which number.
    pub to: String,
    /// The text.
    pub body: String,
    /// Its segments.
    pub segments: u32,
    /// When it may go out, as things stand.
    pub at: Timestamp,
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
    /// Messages that the provider was asked about: how they ended, and what they cost.
    pub followed: u64,
    /// Messages taken back at the provider, since their recipient wants no more.
    pub taken_back: u64,
    /// Messages whose recipient wants no more, and which the provider had sent already.
    pub too_late: u64,
    /// When there is something to ask next.
    pub next_at: Option<Timestamp>,
}
