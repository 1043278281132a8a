//! Contacts in numbers: how many, how many arrived, were answered, refused more, and what they cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::communication::CommunicationState;
use super::filter::Filter;
use super::history::ContactChannel;
use super::transport::Direction;
use crate::clock::Timestamp;

/// What contacts are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StatsBy {
    /// By hour, such as `2026-03-01T09`, in the zone that was asked for.
    Hour,
    /// By day, such as `2026-03-01`.
    Day,
    /// By week (ISO 8601), such as `2026-W09`.
    Week,
    /// By month, such as `2026-03`.
    Month,
    /// By weekday where the other side is: `mon` to `sun`; none where its time zone is not known.
    Weekday,
    /// By hour of the day where the other side is: `00` to `23`; none where its time zone is not known.
    HourOfDay,
    /// By channel.
    Channel,
    /// By direction.
    Direction,
    /// By where they stand.
    State,
    /// By owner.
    Owner,
    /// By template.
    Template,
    /// By campaign.
    Campaign,
    /// By variant.
    Variant,
    /// By the other side's country.
    Country,
}

impl StatsBy {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            StatsBy::Hour => "hour",
            StatsBy::Day => "day",
            StatsBy::Week => "week",
            StatsBy::Month => "month",
            StatsBy::Weekday => "weekday",
            StatsBy::HourOfDay => "hour_of_day",
            StatsBy::Channel => "channel",
            StatsBy::Direction => "direction",
            StatsBy::State => "state",
            StatsBy::Owner => "owner",
            StatsBy::Template => "template",
            StatsBy::Campaign => "campaign",
            StatsBy::Variant => "variant",
            StatsBy::Country => "country",
        }
    }

    /// Whether it is a piece of time, of which a question has one at most.
    pub fn is_time(self) -> bool {
        matches!(self, StatsBy::Hour | StatsBy::Day | StatsBy::Week | StatsBy::Month)
    }

    /// The part of the counts that knows it; none where all do.
    pub fn part(self) -> Option<Part> {
        match self {
            StatsBy::Weekday | StatsBy::HourOfDay => Some(Part::LocalHour),
            StatsBy::Owner => Some(Part::Owner),
            StatsBy::Template => Some(Part::Template),
            StatsBy::Campaign => Some(Part::Campaign),
            StatsBy::Variant => Some(Part::Variant),
            StatsBy::Country => Some(Part::Country),
            _ => None,
        }
    }
}

/// What counts are kept by, beside channel, direction and state, which all know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// By all that follows at once.
    All,
    /// By nothing more.
    Total,
    /// By owner.
    Owner,
    /// By template.
    Template,
    /// By campaign.
    Campaign,
    /// By variant.
    Variant,
    /// By the other side's country.
    Country,
    /// By weekday and hour where the other side is.
    LocalHour,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 8] = [
        Part::All,
        Part::Total,
        Part::Owner,
        Part::Template,
        Part::Campaign,
        Part::Variant,
        Part::Country,
        Part::LocalHour,
    ];

    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::All => "all",
            Part::Total => "total",
            Part::Owner => "owner",
            Part::Template => "template",
            Part::Campaign => "campaign",
            Part::Variant => "variant",
            Part::Country => "country",
            Part::LocalHour => "local_hour",
        }
    }
}

/// Which contacts are counted, and by what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct StatsOptions {
    /// What they are grouped by; a piece of time comes once at most, and anything once.
    pub by: Vec<StatsBy>,
    /// Only from this instant on.
    pub since: Option<Timestamp>,
    /// Only before this instant.
    pub until: Option<Timestamp>,
    /// The time zone (IANA name) of hours, days, weeks and months; UTC when none is given.
    pub time_zone: Option<String>,
    /// Only of these channels; empty: of any.
    pub channels: Vec<ContactChannel>,
    /// Only of this direction.
    pub direction: Option<Direction>,
    /// Only in these states; empty: in any.
    pub states: Vec<CommunicationState>,
    /// Only of this owner.
    pub owner: Option<String>,
    /// Only of this template.
    pub template: Option<String>,
    /// Only of this campaign.
    pub campaign: Option<String>,
    /// Only of this variant.
    pub variant: Option<String>,
    /// Only where the other side's country is this (ISO 3166-1 alpha-2).
    pub country: Option<String>,
    /// Only with leads that this filter finds now. Goes through the contacts themselves.
    pub leads: Option<Filter>,
    /// Tells how many different leads there were, and the cost per lead. Goes through the contacts
    /// themselves.
    pub count_leads: bool,
    /// Statuses that are a success: tells which contacts the lead's reaching one of them followed. Goes
    /// through the contacts themselves.
    pub converted: Vec<String>,
    /// Days within which a success counts as following a contact; 0: ever.
    pub within_days: f64,
}

/// How long answers took, in seconds. Quantiles are exact: type 7 of Hyndman and Fan (1996), as Excel's
/// PERCENTILE.INC and numpy's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReplyTimes {
    /// How many answers.
    pub count: u64,
    /// Half of them took no longer.
    pub median: f64,
    /// Nine of ten took no longer.
    pub p90: f64,
}

/// Contacts in numbers. A rate is none where it would be a share of nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactFigures {
    /// All of them; entries that were put right are left out.
    pub contacts: u64,
    /// Ours that were handed over: accepted, delivered, failed or unknown.
    pub sent: u64,
    /// Of these, those that arrived for sure.
    pub delivered: u64,
    /// Of these, those that the provider could not deliver.
    pub failed: u64,
    /// Ours that wait, or are being handed over right now.
    pub waiting: u64,
    /// Ours that something forbade.
    pub refused: u64,
    /// Ours that were taken back.
    pub cancelled: u64,
    /// Ours that were entered.
    pub logged: u64,
    /// Ours that the other side may have: sent and not failed, or entered.
    pub reached: u64,
    /// Of these, those that were answered.
    pub answered: u64,
    /// Ours that were answered by a text that wants no more.
    pub opted_out: u64,
    /// What came in.
    pub received: u64,
    /// Of these, those that we answered, as far as it was entered.
    pub answered_by_us: u64,
    /// `delivered` of `sent`.
    pub delivery_rate: Option<f64>,
    /// `answered` of `reached`.
    pub reply_rate: Option<f64>,
    /// `opted_out` of `reached`.
    pub opt_out_rate: Option<f64>,
    /// How long they took to answer us.
    pub reply_times: Option<ReplyTimes>,
    /// How long we took to answer them.
    pub our_reply_times: Option<ReplyTimes>,
    /// How long calls and meetings took together, in seconds.
    pub seconds: u64,
    /// What they cost, as billed or else as predicted, by currency, as decimal numbers.
    pub cost: BTreeMap<String, String>,
    /// How many have a cost.
    pub priced: u64,
    /// How many different leads; counted when asked for.
    pub leads: Option<u64>,
    /// The cost by lead, by currency; told with `leads`.
    pub cost_per_lead: BTreeMap<String, String>,
    /// Of those reached, those whose lead came to a success then or later; counted when asked for.
    pub converted: Option<u64>,
    /// `converted` of `reached`.
    pub conversion_rate: Option<f64>,
    /// How many different leads came to a success.
    pub converted_leads: Option<u64>,
    /// The cost by lead that came to a success, by currency.
    pub cost_per_conversion: BTreeMap<String, String>,
}

/// Contacts that have something in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsGroup {
    /// What they have in common, by what they are grouped by; none: they have no such value.
    pub key: BTreeMap<String, Option<String>>,
    /// Their numbers.
    pub figures: ContactFigures,
}

/// Contacts in numbers: all that were asked for, and in groups.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactStats {
    /// All of them.
    pub total: ContactFigures,
    /// The groups, in the order of their keys; those without a value come last.
    pub groups: Vec<StatsGroup>,
}

/// What variants are told apart by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CompareBy {
    /// The `variant` of contacts.
    #[default]
    Variant,
    /// Their template.
    Template,
    /// Their campaign.
    Campaign,
    /// Their channel.
    Channel,
    /// Their owner.
    Owner,
}

/// What is compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CompareOptions {
    /// What tells variants apart.
    pub by: CompareBy,
    /// The variant that the others are compared with; the first by name when none is given.
    pub control: Option<String>,
    /// Only from this instant on.
    pub since: Option<Timestamp>,
    /// Only before this instant.
    pub until: Option<Timestamp>,
    /// Only of these channels; empty: of any.
    pub channels: Vec<ContactChannel>,
    /// Only of this template.
    pub template: Option<String>,
    /// Only of this campaign.
    pub campaign: Option<String>,
    /// Only with leads that this filter finds now.
    pub leads: Option<Filter>,
    /// Statuses that are a success.
    pub converted: Vec<String>,
    /// Days within which a success counts as following a contact; 0: ever.
    pub within_days: f64,
    /// How sure the intervals are; 0.95 when 0.
    pub confidence: f64,
}

/// A share with the interval in which it lies: Wilson's, without continuity correction (Newcombe 1998,
/// Statistics in Medicine 17, 857–872, method 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Share {
    /// Of how many it is so.
    pub count: u64,
    /// The share; none of nothing.
    pub rate: Option<f64>,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// How much a share differs from the control's, with the interval in which the difference lies
/// (Newcombe 1998, Statistics in Medicine 17, 873–890, method 10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShareDifference {
    /// The difference.
    pub difference: f64,
    /// Where its interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// Whether the interval leaves zero out.
    pub significant: bool,
}

/// One of several variants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantFigures {
    /// Its name.
    pub name: String,
    /// Leads that this variant reached, and no other one.
    pub leads: u64,
    /// Those of them that answered.
    pub answered: Share,
    /// Those that want no more.
    pub opted_out: Share,
    /// Those that came to a success; none where no success was named.
    pub converted: Option<Share>,
    /// How `answered` differs from the control's; none of the control itself.
    pub answered_difference: Option<ShareDifference>,
    /// How `opted_out` differs.
    pub opted_out_difference: Option<ShareDifference>,
    /// How `converted` differs.
    pub converted_difference: Option<ShareDifference>,
}

/// Variants beside each other; what is counted are leads, not contacts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// The variants, by name, the control first.
    pub variants: Vec<VariantFigures>,
    /// Leads that several variants reached; they are left out, for nobody knows which one worked.
    pub mixed: u64,
}

/// Which way of leads is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FunnelOptions {
    /// Only from this instant on.
    pub since: Option<Timestamp>,
    /// Only before this instant.
    pub until: Option<Timestamp>,
    /// Only of these channels; empty: of any.
    pub channels: Vec<ContactChannel>,
    /// Only of this owner.
    pub owner: Option<String>,
    /// Only of this template.
    pub template: Option<String>,
    /// Only of this campaign.
    pub campaign: Option<String>,
    /// Only of this variant.
    pub variant: Option<String>,
    /// Only with leads that this filter finds now.
    pub leads: Option<Filter>,
    /// The statuses behind the contact, in their order, such as `["qualified", "won"]`.
    pub statuses: Vec<String>,
}

/// A step of a funnel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FunnelStep {
    /// `contacted`, `reached`, `answered`, or a status.
    pub name: String,
    /// Leads that came so far; each of them took all steps before.
    pub leads: u64,
    /// Of those of the step before.
    pub of_previous: Option<f64>,
    /// Of those of the first step.
    pub of_first: Option<f64>,
}

/// How far leads came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Funnel {
    /// The steps.
    pub steps: Vec<FunnelStep>,
}

/// A piece of time by which leads are gathered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CohortBy {
    /// By month.
    #[default]
    Month,
    /// By week (ISO 8601).
    Week,
}

/// Which leads are followed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CohortOptions {
    /// By which piece of time leads are gathered, in which the first contact was.
    pub by: CohortBy,
    /// Only leads whose first contact was from this instant on.
    pub since: Option<Timestamp>,
    /// Only leads whose first contact was before this instant.
    pub until: Option<Timestamp>,
    /// The time zone (IANA name) of weeks and months; UTC when none is given.
    pub time_zone: Option<String>,
    /// Only contacts of these channels; empty: of any.
    pub channels: Vec<ContactChannel>,
    /// Only with leads that this filter finds now.
    pub leads: Option<Filter>,
    /// Statuses that are a success; where none is named, what is followed is the first answer.
    pub converted: Vec<String>,
}

/// Leads whose first contact was in one piece of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cohort {
    /// The piece of time, such as `2026-03` or `2026-W09`.
    pub start: String,
    /// How many leads.
    pub leads: u64,
    /// How many of them had come to it by the end of that piece of time, of the next, and so on.
    pub by_then: Vec<u64>,
}

/// Leads by the time of their first contact, followed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cohorts {
    /// The cohorts, in order.
    pub cohorts: Vec<Cohort>,
}

/// How the counts are looked through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CheckStatsOptions {
    /// Whether what is wrong is put right.
    pub mend: bool,
}

/// What a comparison of the counts with the contacts themselves found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsCheck {
    /// Hours that have contacts or counts.
    pub hours: u64,
    /// Contacts that were counted anew.
    pub contacts: u64,
    /// Counts that were not what they should be: of hours, days and months, each by each part.
    pub wrong: u64,
    /// The first hours, days and months of these, 20 at most, such as `day 2026-03-01 by owner`.
    pub examples: Vec<String>,
    /// Whether what was wrong was put right.
    pub mended: bool,
}

/// Over what a report for people is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct StatsReportOptions {
    /// What stands above it; `Contacts` when none is given.
    pub title: Option<String>,
    /// From this instant on; 30 days before its end when none is given.
    pub since: Option<Timestamp>,
    /// Before this instant; now when none is given.
    pub until: Option<Timestamp>,
    /// The time zone (IANA name) of its days; UTC when none is given.
    pub time_zone: Option<String>,
    /// Only of this campaign.
    pub campaign: Option<String>,
    /// Only of this owner.
    pub owner: Option<String>,
}

/// A report for people: what a page with charts is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatsReport {
    /// What stands above it.
    pub title: String,
    /// From this instant on.
    pub since: Timestamp,
    /// Before this instant.
    pub until: Timestamp,
    /// The time zone of its days.
    pub time_zone: String,
    /// All contacts.
    pub total: ContactFigures,
    /// As many days before, to compare with.
    pub before: ContactFigures,
    /// By day; days without a contact are there too.
    pub days: Vec<StatsGroup>,
    /// By channel.
    pub channels: Vec<StatsGroup>,
    /// By weekday and hour where the other side is.
    pub hours: Vec<StatsGroup>,
    /// By owner.
    pub owners: Vec<StatsGroup>,
    /// By campaign.
    pub campaigns: Vec<StatsGroup>,
    /// By template.
    pub templates: Vec<StatsGroup>,
    /// By country.
    pub countries: Vec<StatsGroup>,
}
