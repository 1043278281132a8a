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
    /// The URL under which the provider reaches this host: what becomes of a message is reported there.
    pub public_url: Option<String>,
    /// The provider's account that this database sends by, and where, such as `twilio AC… live`. The
    /// first dispatch binds it; another account or a test server is refused then.
    pub account: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            sending: false,
            sms: true,
            voice: true,
            automations: true,
            public_url: None,
            account: None,
        }
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
    /// The URL under which the provider reaches this host; empty clears it.
    pub public_url: Option<String>,
    /// The account that this database sends by; empty lets the next dispatch bind it anew.
    pub account: Option<String>,
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
            public_url: text(&self.public_url, &to.public_url),
            account: text(&self.account, &to.account),
        }
    }
}

/// A text after a change; empty clears it.
fn text(change: &Option<String>, before: &Option<String>) -> Option<String> {
    change.as_ref().or(before.as_ref()).filter(|text| !text.is_empty()).cloned()
}
