//! What goes wrong, and what becomes of messages.

use serde::{Deserialize, Serialize};

/// What goes wrong with a request that creates a message or call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// 429: nothing is accepted.
    TooManyRequests {
        /// The header Retry-After, in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
    },
    /// A refusal with a code of Twilio's.
    Refusal {
        /// The HTTP status.
        status: u16,
        /// Twilio's code.
        code: u32,
    },
    /// An answer that says nothing about what happened.
    ServerError {
        /// The HTTP status, 500 and above.
        status: u16,
        /// Whether the message was accepted before.
        accepted: bool,
    },
    /// The connection is closed without an answer.
    Dropped {
        /// Whether the message was accepted before.
        accepted: bool,
    },
    /// No answer ever comes.
    Silence {
        /// Whether the message was accepted before.
        accepted: bool,
    },
    /// The message is accepted; the connection ends in the middle of the answer.
    HalfAnAnswer,
    /// The message is accepted; the answer comes late, in milliseconds of real time.
    Slow {
        /// How late.
        millis: u64,
    },
}

impl Fault {
    /// Whether the message or call is accepted all the same.
    pub fn accepts(&self) -> bool {
        match self {
            Fault::TooManyRequests { .. } | Fault::Refusal { .. } => false,
            Fault::ServerError { accepted, .. }
            | Fault::Dropped { accepted }
            | Fault::Silence { accepted } => *accepted,
            Fault::HalfAnAnswer | Fault::Slow { .. } => true,
        }
    }
}

/// What becomes of messages and calls to a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "fate", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fate {
    /// A message is delivered; a call is answered, and hung up after 12 seconds.
    #[default]
    Delivered,
    /// A message is delivered and read; a call is answered by a machine.
    Read,
    /// A message is not delivered, for a reason of the carrier's; nobody answers a call.
    Undelivered {
        /// Twilio's code, such as 30003.
        code: u32,
    },
    /// A message or call fails at Twilio.
    Failed {
        /// Twilio's code, such as 30007.
        code: u32,
    },
    /// A message is sent and never heard of again; a call finds the line busy.
    Silence,
}
