//! Calls to leads: how they are made, and what came of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::consent::Purpose;
use crate::clock::Timestamp;

/// How a lead is to be called: by a person (`agent`), or by a recorded or read-out announcement
/// (`template`, `body` or `play`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CallOptions {
    /// The number of the person who talks: it rings there first, then the lead is dialled.
    pub agent: Option<String>,
    /// A template whose text is read out: to the lead, or to the agent before the lead is dialled.
    pub template: Option<String>,
    /// A text that is read out, as it is.
    pub body: Option<String>,
    /// A recording that is played to the lead, by its URL (https).
    pub play: Option<String>,
    /// The language in which texts are read out, such as `en-GB`.
    pub language: Option<String>,
    /// Values for the template's `vars.*`.
    pub vars: BTreeMap<String, Value>,
    /// The template's language; none: the lead's.
    pub locale: Option<String>,
    /// What it is for; marketing when none is given.
    pub purpose: Option<Purpose>,
    /// To which number; none: the lead's.
    pub to: Option<String>,
    /// From which number; none: the transport's own.
    pub sender: Option<String>,
    /// Whether it is recorded. Then `recording_notice` or `recording_consent` is needed.
    pub record: bool,
    /// What is read out to the lead at the beginning of an announcement that is recorded.
    pub recording_notice: Option<String>,
    /// How the lead agreed to be recorded, kept with the call.
    pub recording_consent: Option<String>,
    /// For how many seconds it rings at each side; 25 when 0, 600 at most.
    pub ring: u32,
    /// Not before this instant.
    pub send_at: Option<Timestamp>,
    /// Not after this instant: what was not called until then is refused as `expired`.
    pub expires_at: Option<Timestamp>,
    /// A key of the caller's: a repeated call with it gives the first one's entry.
    pub key: Option<String>,
    /// A name for calls and messages that belong together.
    pub campaign: Option<String>,
    /// Which of several ways it is, where they are compared: `A`, `B`, …
    pub variant: Option<String>,
}

/// What a call is, beyond a message, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CallDetails {
    /// The number of the person who talks; none: an announcement.
    pub agent: Option<String>,
    /// A recording that is played.
    pub play: Option<String>,
    /// The language of what is read out.
    pub language: Option<String>,
    /// Whether it is recorded.
    pub record: bool,
    /// What is read out about that.
    pub recording_notice: Option<String>,
    /// How the lead agreed to be recorded.
    pub recording_consent: Option<String>,
    /// For how many seconds it rings at each side.
    pub ring: u32,
    /// What came of it, in the provider's word for the lead's side: `completed`, `busy`, `no-answer`,
    /// `failed`, `canceled`; none until it is over.
    pub outcome: Option<String>,
    /// Seconds, once it is over; of the lead's side where an agent called.
    pub duration: Option<u32>,
    /// Who answered, where that was looked at: `human`, `machine_start`, …
    pub answered_by: Option<String>,
    /// Where the recording is.
    pub recording_url: Option<String>,
    /// The provider's id of the lead's side, where an agent called.
    pub lead_leg: Option<String>,
}
