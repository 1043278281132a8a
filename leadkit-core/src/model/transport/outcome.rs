//! What became of a request to a provider.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::provider::Direction;
use crate::model::money::Money;

/// What became of a request that sends a message or starts a call. There is no fifth way, and no
/// error beside it.
///
/// ```
/// use leadkit_core::model::transport::Outcome;
/// let outcome = Outcome::Unknown { why: "the connection was reset".into() };
/// assert!(!outcome.may_send_again(), "the provider may have taken it");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The provider has taken it.
    Accepted(Accepted),
    /// It was not taken, and the same request never will be.
    Refused(Refusal),
    /// It was not taken; the same request may be made again.
    Retry(RetryLater),
    /// Nobody knows whether it was taken. Making it again may send it twice.
    Unknown {
        /// What happened, for people.
        why: String,
    },
}

impl Outcome {
    /// Whether the request may be made again as it is.
    pub fn may_send_again(&self) -> bool {
        matches!(self, Outcome::Retry(_))
    }

    /// The provider's id of what it has taken.
    pub fn sid(&self) -> Option<&str> {
        match self {
            Outcome::Accepted(accepted) => Some(&accepted.sid),
            _ => None,
        }
    }
}

/// What the provider said when it took a message or a call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Accepted {
    /// The provider's id.
    pub sid: String,
    /// The first status, in the provider's word. No callback reports it.
    pub status: String,
    /// Segments of a message, where they are known already.
    pub segments: Option<u32>,
    /// What it costs, where that is known already.
    pub price: Option<Money>,
    /// The sender, where the provider chose one.
    pub from: Option<String>,
    /// Outbound, for whatever was sent.
    pub direction: Option<Direction>,
}

/// Why a request was not taken, and never will be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The family of reasons.
    pub class: RefusalClass,
    /// The provider's code, such as 21610.
    #[serde(default)]
    pub code: Option<u32>,
    /// What is wrong, for people; holds no personal data.
    pub message: Cow<'static, str>,
    /// What to do about it.
    #[serde(default)]
    pub advice: Cow<'static, str>,
    /// Whether nothing more should be sent to this address.
    #[serde(default)]
    pub suppress: bool,
}

/// A request that was not taken and may be made again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetryLater {
    /// The provider's own wish, in seconds.
    pub after: Option<f64>,
    /// The provider's code.
    pub code: Option<u32>,
    /// What is wrong, for people; holds no personal data.
    pub why: String,
}

/// What became of the wish to cancel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "cancellation", rename_all = "snake_case")]
pub enum Cancellation {
    /// It will not go out.
    Cancelled,
    /// It had gone out, or had ended, before.
    TooLate {
        /// Its status then, in the provider's word.
        status: String,
    },
}

macro_rules! classes {
    ($($(#[doc = $doc:literal])* $name:ident, $word:literal, $suppress:literal, $retry:literal, $advice:literal;)*) => {
        /// Families of reasons why a provider does not take, or does not deliver, a message or call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum RefusalClass {
            $($(#[doc = $doc])* $name,)*
        }

        impl RefusalClass {
            /// Every class there is.
            pub const ALL: &'static [RefusalClass] = &[$(RefusalClass::$name,)*];

            /// The class as hosts see it.
            pub fn as_str(self) -> &'static str {
                match self { $(RefusalClass::$name => $word,)* }
            }

            /// What to do about it, in one sentence for people.
            pub fn advice(self) -> &'static str {
                match self { $(RefusalClass::$name => $advice,)* }
            }

            /// Whether nothing more should be sent to the address.
            pub fn suppress(self) -> bool {
                match self { $(RefusalClass::$name => $suppress,)* }
            }

            /// Whether a new attempt, later, may go better.
            pub fn retry(self) -> bool {
                match self { $(RefusalClass::$name => $retry,)* }
            }
        }
    };
}

classes! {
    /// The request lacks something, or holds something wrong.
    BadRequest, "bad_request", false, false, "correct the request; the same one fails again";
    /// The account's id, token or key is wrong, or may not do this.
    Auth, "auth", false, false, "check the account's id, its token or key, and what the key may do";
    /// The account is suspended.
    AccountSuspended, "account_suspended", false, false, "nothing can be sent until the provider reinstates the account";
    /// No such thing at the provider.
    NotFound, "not_found", false, false, "check the id and the account it belongs to";
    /// It is in a state in which this cannot be done.
    BadState, "bad_state", false, false, "fetch its status; it has ended or gone out already";
    /// The recipient's address is no working number.
    InvalidRecipient, "invalid_recipient", true, false, "correct the lead's number; this one cannot be reached";
    /// The number takes no text messages.
    NotMobile, "not_mobile", true, false, "call this number, or ask for a mobile one";
    /// The recipient opted out.
    OptedOut, "opted_out", true, false, "send nothing more to this number until its owner texts START";
    /// The recipient cannot be reached from this sender.
    Unroutable, "unroutable", false, false, "try another sender, or call";
    /// The account may not send to that country.
    GeoPermission, "geo_permission", false, false, "allow the country in the account's geographic permissions, if it is wanted";
    /// A trial account sends to verified numbers only.
    TrialUnverified, "trial_unverified", false, false, "verify the number at the provider, or upgrade the account";
    /// The sender is wrong: not ours, not able, or not in the service.
    SenderConfig, "sender_config", false, false, "check the sender's number or messaging service";
    /// The sender is not registered where it must be.
    SenderRegistration, "sender_registration", false, false, "register the sender (10DLC, toll-free verification, sender id) before sending on";
    /// The text is too long.
    ContentTooLong, "content_too_long", false, false, "shorten the text to 1,600 characters";
    /// The content is too large for the recipient's carrier.
    ContentTooLarge, "content_too_large", false, false, "send smaller media";
    /// The media cannot be used.
    BadMedia, "bad_media", false, false, "check the number, type, size and reachability of the media's URLs";
    /// The recipient's phone or region takes no MMS.
    MmsUnsupported, "mms_unsupported", false, false, "send the text without media";
    /// The time to send at is missing, too near, too far, or needs a messaging service.
    ScheduleInvalid, "schedule_invalid", false, false, "schedule 5 minutes to 35 days ahead, by a messaging service";
    /// Too many messages are scheduled.
    ScheduleLimit, "schedule_limit", false, true, "wait until scheduled messages have gone out";
    /// Too many requests.
    RateLimit, "rate_limit", false, true, "slow down; try again after the time given";
    /// The sender's queue is full.
    SenderQueueFull, "sender_queue_full", false, true, "wait until the sender's queue has emptied, or add senders";
    /// The account's queue is full.
    QueueOverflow, "queue_overflow", false, true, "send more slowly, and try again later";
    /// The provider failed in an unclear way.
    AmbiguousServer, "ambiguous_server", false, false, "find out by callback or by listing whether it was taken";
    /// The recipient's phone is off or out of reach.
    UnreachableHandset, "unreachable_handset", false, true, "try again later";
    /// The recipient's number is unknown to its carrier.
    UnknownHandset, "unknown_handset", true, false, "correct the lead's number; nobody has this one";
    /// A landline, or a carrier that cannot be reached.
    LandlineOrUnreachableCarrier, "landline_or_unreachable_carrier", true, false, "call this number, or ask for a mobile one";
    /// The message was blocked.
    Blocked, "blocked", false, false, "find out why: the recipient, the carrier or the provider blocks it";
    /// The carrier took the message for spam.
    CarrierFiltered, "carrier_filtered", false, false, "change the text and check the sender's registration; sending it again makes it worse";
    /// It was not delivered; nobody knows why.
    UnknownDelivery, "unknown_delivery", false, true, "try again later";
    /// A segment of an inbound message is missing.
    MissingInboundSegment, "missing_inbound_segment", false, false, "the text received is incomplete; ask for it again";
    /// It would cost more than the request allows.
    PriceExceeded, "price_exceeded", false, false, "raise the highest price, or leave the recipient out";
    /// The carrier's network is congested.
    CarrierCongestion, "carrier_congestion", false, true, "try again later";
    /// The carrier's rate for this registration is exceeded.
    A2pRate, "a2p_rate", false, true, "send more slowly to this carrier";
    /// The carrier's daily number of messages for this registration is reached.
    A2pDailyCap, "a2p_daily_cap", false, true, "go on tomorrow";
    /// A provider further down did not answer in time.
    ProviderTimeout, "provider_timeout", false, true, "try again later";
    /// The transport cannot do this.
    Unsupported, "unsupported", false, false, "use a transport whose capabilities have it";
    /// A reason that this version does not know.
    Other, "other", false, false, "look the code up at twilio.com/docs/api/errors";
}

impl RefusalClass {
    /// Whether it is the account's trouble rather than the message's, so that whatever is sent next
    /// meets it too.
    pub fn is_account_wide(self) -> bool {
        matches!(self, RefusalClass::Auth | RefusalClass::AccountSuspended)
    }

    /// A refusal of this class.
    pub fn refusal(self, code: Option<u32>, message: impl Into<Cow<'static, str>>) -> Refusal {
        let (class, message) = (self, message.into());
        Refusal { class, code, message, advice: self.advice().into(), suppress: self.suppress() }
    }
}
