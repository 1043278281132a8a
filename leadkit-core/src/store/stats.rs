//! What a store does for statistics: it tells which hours of the history have changed, hands out the
//! contacts as facts, and keeps counts that the layers above make of them.

use serde_json::Value;

use super::comms::first_place;
use crate::clock::Timestamp;
use crate::compliance::{Reply, classify_reply};
use crate::error::Result;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::filter::Expr;
use crate::model::history::ContactChannel;
use crate::model::stats::Part;
use crate::model::transport::Direction;

/// Milliseconds of an hour.
pub const HOUR: i64 = 3_600_000;

/// What is counted of a contact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fact<'a> {
    /// Its place in the history.
    pub place: i64,
    /// The lead.
    pub lead: Option<i64>,
    /// By which channel.
    pub channel: ContactChannel,
    /// Which way it went.
    pub direction: Direction,
    /// Where it stands.
    pub state: CommunicationState,
    /// Whose it was on our side.
    pub owner: Option<&'a str>,
    /// The template.
    pub template: Option<&'a str>,
    /// The campaign.
    pub campaign: Option<&'a str>,
    /// Which of several texts.
    pub variant: Option<&'a str>,
    /// The other side's country.
    pub country: Option<&'a str>,
    /// The other side's time zone.
    pub time_zone: Option<&'a str>,
    /// What it cost, in millionths of the currency's unit.
    pub cost: Option<i64>,
    /// The currency of that.
    pub currency: Option<&'a str>,
    /// How long it took, in seconds.
    pub seconds: Option<i64>,
    /// Milliseconds until its first answer, where it has one that still stands.
    pub answered_after: Option<i64>,
    /// Whether it is a text that wants no more, or was answered by one.
    pub opted_out: bool,
}

impl<'a> Fact<'a> {
    /// Of a contact at a place, with what is known of its answers.
    pub fn of(place: i64, contact: &'a Communication, answered_after: Option<i64>, opted_out: bool) -> Self {
        Fact {
            place,
            lead: contact.lead,
            channel: contact.channel,
            direction: contact.direction,
            state: contact.state,
            owner: contact.owner.as_deref(),
            template: contact.template.as_deref(),
            campaign: contact.campaign.as_deref(),
            variant: contact.variant.as_deref(),
            country: contact.country.as_deref(),
            time_zone: contact.time_zone.as_deref(),
            cost: contact.cost(),
            currency: contact.money().map(|money| money.currency.as_str()),
            seconds: contact.lasted().map(i64::from),
            answered_after,
            opted_out,
        }
    }

    /// When it was.
    pub fn at(&self) -> Timestamp {
        instant_of(self.place)
    }
}

/// Which facts are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactQuery {
    /// Only from this instant on.
    pub since: Option<Timestamp>,
    /// Only before this instant.
    pub until: Option<Timestamp>,
    /// Only with leads that pass this and are not deleted.
    pub filter: Option<Expr>,
}

impl FactQuery {
    /// The places between which the contacts are.
    pub fn places(&self) -> (i64, i64) {
        (self.since.map_or(i64::MIN, first_place), self.until.map_or(i64::MAX, first_place))
    }
}

/// How long a time some counts are of; all in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// An hour; its number from 1970 on.
    Hour,
    /// A day; its number from 1970 on.
    Day,
    /// A month; its number from 1970 on.
    Month,
}

impl Span {
    /// All of them, the longest last.
    pub const ALL: [Span; 3] = [Span::Hour, Span::Day, Span::Month];

    /// The word for it in stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Span::Hour => "hour",
            Span::Day => "day",
            Span::Month => "month",
        }
    }
}

/// The instant of a place in the history.
pub fn instant_of(place: i64) -> Timestamp {
    Timestamp(place >> super::comms::WITHIN)
}

/// The hour of a place in the history, from 1970 on.
pub fn hour_of(place: i64) -> i64 {
    instant_of(place).0.div_euclid(HOUR)
}

/// Whether a contact is a text by which somebody wants no more.
pub fn is_opt_out(contact: &Communication) -> bool {
    contact.direction == Direction::Inbound
        && contact.channel == ContactChannel::Sms
        && classify_reply(&contact.body) == Reply::OptOut
}

/// Reading what statistics need, inside one transaction.
pub trait ReadStats {
    /// Hours in which something has changed since they were counted, in order. Whatever writes a contact
    /// marks the hours where it was and is, and that of the contact it answers.
    ///
    /// # Errors
    /// Those of the store.
    fn changed_hours(&self, limit: u64) -> Result<Vec<i64>>;

    /// Calls `each` with the counts of a part, of spans from one on and before another, in order.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_count(
        &self,
        span: Span,
        part: Part,
        from: i64,
        until: i64,
        each: &mut dyn FnMut(i64, &[u8]) -> Result<()>,
    ) -> Result<()>;

    /// Calls `each` with the facts of contacts in the order of the history; entries that were put right
    /// are left out.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_fact(&self, query: &FactQuery, each: &mut dyn FnMut(&Fact<'_>) -> Result<()>) -> Result<()>;

    /// The first and the last place of the history.
    ///
    /// # Errors
    /// Those of the store.
    fn first_and_last_place(&self) -> Result<Option<(i64, i64)>>;

    /// Calls `each` with every lead that was merged into another one, and that one.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_merged(&self, each: &mut dyn FnMut(i64, i64) -> Result<()>) -> Result<()>;

    /// Calls `each` with a lead, the instant of a change, and what a field of it was before, by lead and
    /// instant.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_former(
        &self,
        field: &str,
        each: &mut dyn FnMut(i64, Timestamp, &Value) -> Result<()>,
    ) -> Result<()>;
}

/// Writing what statistics need, inside one transaction.
pub trait WriteStats {
    /// Marks hours as changed.
    ///
    /// # Errors
    /// Those of the store.
    fn mark_hours(&self, hours: &[i64]) -> Result<()>;

    /// Takes the marks of hours away: they were counted.
    ///
    /// # Errors
    /// Those of the store.
    fn unmark_hours(&self, hours: &[i64]) -> Result<()>;

    /// Puts counts in the place of what was there of the same spans; none takes them away.
    ///
    /// # Errors
    /// Those of the store.
    fn put_counts(&self, span: Span, part: Part, counts: &[(i64, Option<Vec<u8>>)]) -> Result<()>;
}
