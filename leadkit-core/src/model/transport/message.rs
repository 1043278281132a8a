//! A message to be sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::words;
use crate::clock::Timestamp;

words! {
    /// When a message is sent.
    ScheduleType {
        /// At its `send_at`.
        Fixed = "fixed",
    }
}

words! {
    /// What becomes of a message's text at the provider.
    ContentRetention {
        /// It is kept.
        Retain = "retain",
        /// It is thrown away when the message is done.
        Discard = "discard",
    }
}

words! {
    /// What becomes of a message's addresses at the provider.
    AddressRetention {
        /// They are kept.
        Retain = "retain",
        /// They are made unreadable when the message is done.
        Obfuscate = "obfuscate",
    }
}

words! {
    /// Whether the provider looks for fraud by artificial traffic.
    RiskCheck {
        /// It does, as far as the account has it.
        Enable = "enable",
        /// It does not for this message.
        Disable = "disable",
    }
}

words! {
    /// Whether a message costs something.
    TrafficType {
        /// It is free.
        Free = "free",
    }
}

/// A message to be sent: text, pictures or a template of the provider's, to one address.
///
/// What is `None` or empty is left out; the provider's default holds then.
///
/// ```
/// use leadkit_core::model::transport::SmsRequest;
/// let request = SmsRequest { body: Some("Hello".into()), ..SmsRequest::to("+15558675310") };
/// assert!(request.from.is_none(), "then it is the transport's own sender");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SmsRequest {
    /// The recipient: a number in E.164, or a channel's address such as `whatsapp:+15558675310`.
    pub to: String,
    /// The sender: a number, a short code, an alphanumeric sender or a channel's address.
    pub from: Option<String>,
    /// A messaging service (`MG…`), which chooses the sender.
    pub messaging_service_sid: Option<String>,
    /// Another sender for when the recipient cannot be reached over RCS.
    pub fallback_from: Option<String>,
    /// The text, 1,600 characters at most.
    pub body: Option<String>,
    /// URLs of pictures and other media, ten at most.
    #[serde(alias = "media_url")]
    pub media_urls: Vec<String>,
    /// A template kept at the provider (`HX…`).
    pub content_sid: Option<String>,
    /// The values of that template's variables.
    pub content_variables: BTreeMap<String, String>,
    /// Where the provider reports what becomes of the message.
    pub status_callback: Option<String>,
    /// A TwiML application (`AP…`) whose message status callback is used.
    pub application_sid: Option<String>,
    /// Said together with `send_at`; may be left out.
    pub schedule_type: Option<ScheduleType>,
    /// When the provider is to send it: 5 minutes to 35 days ahead, by a messaging service only.
    pub send_at: Option<Timestamp>,
    /// For how many seconds the message may wait in the provider's queue: 1 to 36,000.
    pub validity_period: Option<u32>,
    /// Whether characters that double the price are replaced by similar ones.
    pub smart_encoded: Option<bool>,
    /// Whether URLs in the text are shortened, by a messaging service with a domain for that.
    pub shorten_urls: Option<bool>,
    /// Whether it is sent as one MMS whatever its length.
    pub send_as_mms: Option<bool>,
    /// Whether you will tell the provider that the message was useful.
    pub provide_feedback: Option<bool>,
    /// Reserved by the provider.
    pub force_delivery: Option<bool>,
    /// The number of the attempt, this one included, whichever provider made them.
    pub attempt: Option<u32>,
    /// What becomes of the text at the provider.
    pub content_retention: Option<ContentRetention>,
    /// What becomes of the addresses at the provider.
    pub address_retention: Option<AddressRetention>,
    /// Whether the provider looks for fraud.
    pub risk_check: Option<RiskCheck>,
    /// Whether the message costs something.
    pub traffic_type: Option<TrafficType>,
    /// Actions of channels that are not SMS, such as `geo:37.78,-122.39`.
    #[serde(alias = "persistent_action")]
    pub persistent_actions: Vec<String>,
}

impl SmsRequest {
    /// An empty message to an address.
    pub fn to(to: impl Into<String>) -> SmsRequest {
        SmsRequest { to: to.into(), ..SmsRequest::default() }
    }
}
