//! Rules on the hours of contact, as they are written down.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::consent::{Channel, Purpose};

/// Hours of each day in which the host contacts nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// When they begin, such as `20:00`.
    pub from: String,
    /// When they end, such as `9:00`; earlier than `from`, it is that of the next day.
    pub until: String,
}

/// How sure a rule is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The law's own words were read, or a quotation of them.
    Statute,
    /// Others tell it so; the law's words were not at hand.
    #[default]
    Reported,
    /// A trade's code of conduct, not a law.
    Code,
    /// Care of our own or of the host's.
    Caution,
}

/// A rule on the hours of contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: a rule of the same name takes its place.
    pub id: String,
    /// The country, ISO 3166-1 alpha-2; `*` for all that have no other rule.
    pub country: String,
    /// The state by its short name, if it is not the whole country's.
    #[serde(default)]
    pub state: Option<String>,
    /// The channels; none named: all.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// The purposes; none named: marketing.
    #[serde(default)]
    pub purposes: Vec<Purpose>,
    /// The hours by day: `mon` to `sun`, `mon-fri`, `daily`, `holiday`; days that are not named have
    /// none, but a holiday is a day like others unless it is named. `""` is none at all.
    pub hours: BTreeMap<String, String>,
    /// The first day on which it holds; none: when it was read, it did.
    #[serde(default)]
    pub effective_from: Option<String>,
    /// The last day on which it holds.
    #[serde(default)]
    pub effective_until: Option<String>,
    /// The law, order or code.
    pub source: String,
    /// The page where it was read.
    #[serde(default)]
    pub url: Option<String>,
    /// The day on which it was read.
    #[serde(default)]
    pub read_on: Option<String>,
    /// How sure it is.
    #[serde(default)]
    pub certainty: Certainty,
    /// What else there is to know.
    #[serde(default)]
    pub note: Option<String>,
}

/// Rules and holidays as they are written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RuleTable {
    /// Its name, kept with every decision.
    pub version: String,
    /// The rules.
    pub rules: Vec<Rule>,
    /// The holidays.
    pub holidays: Vec<Holiday>,
    /// Names of rules of the table below that do not hold any more.
    pub without: Vec<String>,
}

/// A holiday of a country or a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The state by its short name, if it is not the whole country's.
    #[serde(default)]
    pub state: Option<String>,
    /// What it is called.
    pub name: String,
    /// When it is: `12-25`; `2026-11-03` for one year; `mon 3 01`, the third Monday of January, `mon
    /// -1 05`, the last one of May; `easter`. `+1` or `-2` behind it moves it by days.
    pub on: String,
    /// Whether the Friday before and the Monday after are holidays, too, when it is on a Saturday,
    /// and the Monday after when it is on a Sunday.
    #[serde(default)]
    pub observed: bool,
}
