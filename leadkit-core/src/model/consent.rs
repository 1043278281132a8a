//! Who may be contacted, by what, and why.

use serde::{Deserialize, Serialize};

/// A way to reach somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Channel {
    /// Text messages.
    Sms,
    /// Telephone calls.
    Voice,
}

/// What a message or call is for: the law asks more of marketing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Advertising and whatever else is to sell something. It needs consent that was given before.
    #[default]
    Marketing,
    /// What the person asked for or must know: appointments, deliveries, answers.
    Informational,
}
