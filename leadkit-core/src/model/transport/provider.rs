//! What a provider knows about messages and calls, and what it can do.

use serde::{Deserialize, Serialize};

use super::status::{CallStatus, MessageStatus};
use super::words;
use crate::clock::Timestamp;
use crate::model::money::Money;

words! {
    /// Which way a message or call went.
    Direction {
        /// To us.
        Inbound = "inbound",
        /// From us.
        Outbound = "outbound",
    }
}

/// A message as the provider has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderMessage {
    /// The provider's id.
    pub sid: String,
    /// The account it belongs to.
    pub account_sid: String,
    /// Where it stands.
    pub status: MessageStatus,
    /// Which way it went.
    pub direction: Direction,
    /// The sender; none while a messaging service has not chosen one.
    pub from: Option<String>,
    /// The recipient.
    pub to: Option<String>,
    /// The messaging service that sent it.
    pub messaging_service_sid: Option<String>,
    /// The text; empty once it is redacted.
    pub body: Option<String>,
    /// Segments billed; none while that is not known.
    pub segments: Option<u32>,
    /// Pictures and other media.
    pub media: Option<u32>,
    /// What it costs: a charge is positive. None until the provider has worked it out.
    pub price: Option<Money>,
    /// Why it was not delivered, as the provider's code.
    pub error_code: Option<u32>,
    /// When the provider took it.
    pub created_at: Option<Timestamp>,
    /// When it went out, or came in.
    pub sent_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// A call as the provider has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderCall {
    /// The provider's id.
    pub sid: String,
    /// The account it belongs to.
    pub account_sid: String,
    /// Where it stands.
    pub status: CallStatus,
    /// Which way it went.
    pub direction: Direction,
    /// The caller.
    pub from: Option<String>,
    /// Who was called.
    pub to: Option<String>,
    /// The call of which this is a leg.
    pub parent_sid: Option<String>,
    /// Seconds; none before its end.
    pub duration: Option<u32>,
    /// What it costs: a charge is positive. None until the provider has worked it out.
    pub price: Option<Money>,
    /// Who answered, where that was looked at: `human`, `machine_start`, `fax`, …
    pub answered_by: Option<String>,
    /// When the provider took it.
    pub created_at: Option<Timestamp>,
    /// When it was answered.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// Which messages to list; all when empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MessageQuery {
    /// To this address.
    pub to: Option<String>,
    /// From this address.
    pub from: Option<String>,
    /// Sent at this instant or later.
    pub sent_from: Option<Timestamp>,
    /// Sent at this instant or earlier.
    pub sent_until: Option<Timestamp>,
    /// Messages of one page; the provider's default when 0, 1,000 at most.
    pub page_size: u32,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// What a transport can do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// Who it is, such as `twilio`.
    pub provider: String,
    /// The account that sends and pays.
    pub account: String,
    /// Where it goes: `live`, or the host when that is another than the provider's own.
    pub environment: String,
    /// It sends text messages.
    pub sms: bool,
    /// It sends pictures and other media.
    pub mms: bool,
    /// It starts calls.
    pub voice: bool,
    /// It holds messages until their time.
    pub scheduling: bool,
    /// It takes back what it holds.
    pub cancel: bool,
    /// It finds messages by address and time.
    pub list: bool,
    /// It reports what becomes of messages and calls.
    pub status_callbacks: bool,
    /// Requests at a time that make sense; 0 when it does not say.
    pub concurrency: u32,
}
