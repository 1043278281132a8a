//! Switches of a database: what it may do by itself and towards the world.

use serde::{Deserialize, Serialize};

/// The switches as they stand. Each change is an operation, so that the log tells who turned what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether anything is sent at all. Off in a new database, and in every backup and copy: what
    /// was sent already must not be sent again from there.
    pub sending: bool,
    /// Whether text messages are sent.
    pub sms: bool,
    /// Whether calls are made.
    pub voice: bool,
    /// Whether automations run.
    pub automations: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { sending: false, sms: true, voice: true, automations: true }
    }
}

/// Which switches to turn; those that are not named stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    /// Whether anything is sent at all.
    pub sending: Option<bool>,
    /// Whether text messages are sent.
    pub sms: Option<bool>,
    /// Whether calls are made.
    pub voice: Option<bool>,
    /// Whether automations run.
    pub automations: Option<bool>,
}

impl SettingsChange {
    /// The settings after the change.
    #[must_use]
    pub fn applied(&self, to: &Settings) -> Settings {
        Settings {
            sending: self.sending.unwrap_or(to.sending),
            sms: self.sms.unwrap_or(to.sms),
            voice: self.voice.unwrap_or(to.voice),
            automations: self.automations.unwrap_or(to.automations),
        }
    }
}
