//! Messages and calls as they go to a provider and come back from it.

mod call;
mod message;
mod outcome;
mod provider;
mod status;
mod webhook;

pub use call::{AnsweringMachine, CallProgress, CallRequest, CallbackMethod};
pub use message::{AddressRetention, ContentRetention, RiskCheck, ScheduleType, SmsRequest, TrafficType};
pub use outcome::{Accepted, Cancellation, Outcome, Refusal, RefusalClass, RetryLater};
pub use provider::{Capabilities, Direction, MessageQuery, ProviderCall, ProviderMessage};
pub use status::{CallStatus, MessageStatus};
pub use webhook::{
    CallEvent, InboundMessage, MachineEvent, Media, MessageEvent, RecordingEvent, WebhookEvent,
    WebhookRequest,
};

/// An enum of the provider's own words.
macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $inner:literal])* $variant:ident = $word:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[doc = $inner])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every one there is.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word as the provider writes it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    };
}
use words;
