//! Switches of a database: what it may do by itself and towards the world.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::access::AccessProfile;
use super::cost::{Budget, PriceTable};
use super::legal::{QuietHours, RuleTable};
use super::privacy::RetentionRule;

/// The switches as they stand. Each change is an operation, so that the log tells who turned what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether anything is sent at all. Off in a new database, and in every backup and copy: what
    /// was sent already must not be sent again from there.
    pub sending: bool,
    /// Whether this is a copy or was restored: what waits in its outbox may have gone out elsewhere. When
    /// sending is switched on, such messages count as `unknown` until the provider was asked. Backups
    /// and copies have it set; set it by hand in a file that was put back by other means.
    pub restored: bool,
    /// Whether text messages are sent.
    pub sms: bool,
    /// Whether calls are made.
    pub voice: bool,
    /// Whether automations run.
    pub automations: bool,
    /// Campaigns whose messages wait.
    pub paused: BTreeSet<String>,
    /// The URL under which the provider reaches this host: what becomes of a message is reported there.
    pub public_url: Option<String>,
    /// The provider's account that this database sends by, and where, such as `twilio AC… live`. The
    /// first dispatch binds it; another account or a test server is refused then.
    pub account: Option<String>,
    /// Hours in which nobody is contacted, by the clock where the person is; beyond the law's.
    pub quiet_hours: Option<QuietHours>,
    /// Days that count as holidays for everybody, such as `2026-12-24`.
    pub holidays: Vec<String>,
    /// Rules on the hours of contact that stand above leadkit's own.
    pub rules: RuleTable,
    /// The countries to which anything is sent (ISO 3166-1 alpha-2); none named: all.
    pub countries: BTreeSet<String>,
    /// How many segments of text a sender takes a second, by number or messaging service; `*` is for
    /// all that are not named. Without either there is no limit here, and the provider holds its own.
    pub rates: BTreeMap<String, f64>,
    /// Messages for marketing that a number gets within 24 hours, at most; 0: any number.
    pub marketing_per_day: u32,
    /// How much may be spent.
    pub budgets: Vec<Budget>,
    /// Prices, in the place of leadkit's own; none in it: leadkit's own.
    pub prices: PriceTable,
    /// What roles see, by the role's name; `as_actor` gives views of them.
    pub profiles: BTreeMap<String, AccessProfile>,
    /// How long what is kept; `privacy.apply_retention` erases what is older.
    pub retention: Vec<RetentionRule>,
    /// The time zones of owners, by the owner's name (IANA names): what is to happen by their clock.
    pub owner_zones: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            sending: false,
            restored: false,
            sms: true,
            voice: true,
            automations: true,
            paused: BTreeSet::new(),
            public_url: None,
            account: None,
            quiet_hours: None,
            holidays: Vec::new(),
            rules: RuleTable::default(),
            countries: BTreeSet::new(),
            rates: BTreeMap::new(),
            marketing_per_day: 0,
            budgets: Vec::new(),
            prices: PriceTable::default(),
            profiles: BTreeMap::new(),
            retention: Vec::new(),
            owner_zones: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// The prices that hold.
    #[must_use]
    pub fn price_table(&self) -> PriceTable {
        if self.prices.is_empty() { PriceTable::built_in() } else { self.prices.clone() }
    }
}

/// Which switches to turn; those that are not named stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    /// Whether anything is sent at all.
    pub sending: Option<bool>,
    /// Whether this database was put back from elsewhere; see [`Settings::restored`].
    pub restored: Option<bool>,
    /// Whether text messages are sent.
    pub sms: Option<bool>,
    /// Whether calls are made.
    pub voice: Option<bool>,
    /// Whether automations run.
    pub automations: Option<bool>,
    /// Campaigns whose messages wait; in the place of those before.
    pub paused: Option<BTreeSet<String>>,
    /// The URL under which the provider reaches this host; empty clears it.
    pub public_url: Option<String>,
    /// The account that this database sends by; empty lets the next dispatch bind it anew.
    pub account: Option<String>,
    /// Hours in which nobody is contacted; the same time twice clears them.
    pub quiet_hours: Option<QuietHours>,
    /// Days that count as holidays for everybody; in the place of those before.
    pub holidays: Option<Vec<String>>,
    /// Rules that stand above leadkit's own; in the place of those before.
    pub rules: Option<RuleTable>,
    /// The countries to which anything is sent; in the place of those before, and none is all.
    pub countries: Option<BTreeSet<String>>,
    /// Segments of text a second by sender; in the place of those before.
    pub rates: Option<BTreeMap<String, f64>>,
    /// Messages for marketing that a number gets within 24 hours; 0: any number.
    pub marketing_per_day: Option<u32>,
    /// How much may be spent; in the place of the budgets before.
    pub budgets: Option<Vec<Budget>>,
    /// Prices; in the place of those before, and an empty table brings leadkit's own back.
    pub prices: Option<PriceTable>,
    /// What roles see, by the role's name; in the place of the profiles before. Views of a profile that is
    /// not among them see nothing any more.
    pub profiles: Option<BTreeMap<String, AccessProfile>>,
    /// How long what is kept; in the place of the rules before.
    pub retention: Option<Vec<RetentionRule>>,
    /// The time zones of owners; in the place of those before.
    pub owner_zones: Option<BTreeMap<String, String>>,
}

impl SettingsChange {
    /// The settings after the change.
    #[must_use]
    pub fn applied(&self, to: &Settings) -> Settings {
        let quiet = self.quiet_hours.as_ref().or(to.quiet_hours.as_ref());
        Settings {
            sending: self.sending.unwrap_or(to.sending),
            restored: self.restored.unwrap_or(to.restored),
            sms: self.sms.unwrap_or(to.sms),
            voice: self.voice.unwrap_or(to.voice),
            automations: self.automations.unwrap_or(to.automations),
            paused: given(&self.paused, &to.paused),
            public_url: text(&self.public_url, &to.public_url),
            account: text(&self.account, &to.account),
            quiet_hours: quiet.filter(|quiet| quiet.from != quiet.until).cloned(),
            holidays: given(&self.holidays, &to.holidays),
            rules: given(&self.rules, &to.rules),
            countries: given(&self.countries, &to.countries),
            rates: given(&self.rates, &to.rates),
            marketing_per_day: self.marketing_per_day.unwrap_or(to.marketing_per_day),
            budgets: given(&self.budgets, &to.budgets),
            prices: given(&self.prices, &to.prices),
            profiles: given(&self.profiles, &to.profiles),
            retention: given(&self.retention, &to.retention),
            owner_zones: given(&self.owner_zones, &to.owner_zones),
        }
    }
}

fn given<T: Clone>(change: &Option<T>, before: &T) -> T {
    change.as_ref().unwrap_or(before).clone()
}

/// A text after a change; empty clears it.
fn text(change: &Option<String>, before: &Option<String>) -> Option<String> {
    change.as_ref().or(before.as_ref()).filter(|text| !text.is_empty()).cloned()
}
