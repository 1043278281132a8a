//! Automations and schedules as they are kept.

use serde::{Deserialize, Serialize};

use super::spec::AutomationSpec;
use crate::clock::Timestamp;
use crate::model::schedule::{Occurrence, Schedule};

/// A stored automation. Versions are never changed; what runs goes on by the one that it began with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Automation {
    /// Its name.
    pub name: String,
    /// Its number, counted from 1.
    pub version: u32,
    /// What it does.
    pub spec: AutomationSpec,
    /// Whether it is set off; new ones are not until they are enabled.
    pub enabled: bool,
    /// When this version was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Option<String>,
    /// The next time of its schedule or of its dates, while it is enabled.
    pub next_at: Option<Timestamp>,
    /// Runs under way.
    pub waiting: u64,
}

/// A version of an automation, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutomationVersion {
    /// Its name.
    pub name: String,
    /// Its number, counted from 1.
    pub version: u32,
    /// What it does.
    pub spec: AutomationSpec,
    /// When it was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Option<String>,
}

/// Where an automation stands, all versions together, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutomationState {
    /// Its name.
    pub name: String,
    /// Whether it is set off.
    pub enabled: bool,
    /// The revision at which it was enabled: what was before it does not count.
    pub rev: i64,
    /// When it was enabled.
    pub since: Timestamp,
    /// Up to when its times have been looked at.
    pub until: Timestamp,
    /// The next of its times.
    pub next_at: Option<Timestamp>,
    /// A time whose leads are being taken, and the last lead that was.
    pub taking: Option<Taking>,
    /// When the span of its limit began, and how many have started since.
    pub began: Timestamp,
    /// See `began`.
    pub starts: u64,
    /// Whose turn it is among several owners.
    pub turn: u64,
}

/// A time of a schedule whose leads are being taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taking {
    /// The time.
    pub occurrence: Occurrence,
    /// The last lead that was taken.
    pub after: i64,
}

/// A schedule with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedSchedule {
    /// Its name.
    pub name: String,
    /// When it is.
    pub schedule: Schedule,
    /// Whether it is kept; a paused one sets nothing off.
    pub enabled: bool,
    /// When it was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Option<String>,
    /// The next time; none for one that is over, paused, or kept by each lead's own clock.
    #[serde(default)]
    pub next_at: Option<Timestamp>,
    /// The automations that it sets off.
    #[serde(default)]
    pub automations: Vec<String>,
}
