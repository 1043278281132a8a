//! What a store does for messages and calls: consent, switches, templates, and the messages themselves.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::communication::{Communication, CommunicationEvent, CommunicationState};
use crate::model::consent::ConsentEntry;
use crate::model::filter::Expr;
use crate::model::history::{ContactChannel, Facet};
use crate::model::message_template::MessageTemplate;
use crate::model::settings::Settings;
use crate::model::transport::Direction;
use crate::search::{TextQuery, all_words};

/// Which entries of the consent ledger are listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsentQuery {
    /// Only of this address.
    pub address: Option<String>,
    /// Only about this lead.
    pub lead: Option<i64>,
    /// Only those before this id.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

/// What tells a message from others beside its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommunicationKey<'a> {
    /// The caller's own key.
    Key(&'a str),
    /// The token of its last attempt.
    Token(&'a str),
    /// The provider's id.
    Provider(&'a str),
}

/// Which messages are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommunicationQuery {
    /// Only of this lead.
    pub lead: Option<i64>,
    /// Only with this number at the other end; see [`Communication::address`].
    pub address: Option<String>,
    /// Only in this state.
    pub state: Option<CommunicationState>,
    /// Only of this campaign.
    pub campaign: Option<String>,
    /// Only those before this id.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

/// Bits of a place in the history below its millisecond.
pub(super) const WITHIN: u32 = 20;
/// The most that such bits count to.
const EACH: i64 = 1 << WITHIN;

/// Which contacts of the history are read; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryQuery {
    /// Only with these leads; empty: with any, or none.
    pub leads: Vec<i64>,
    /// Only with leads that pass this and are not deleted.
    pub filter: Option<Expr>,
    /// Only what has these words; see [`Communication::texts`].
    pub text: Option<TextQuery>,
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
    /// Only from this instant on; see [`Communication::at`].
    pub since: Option<Timestamp>,
    /// Only before this instant.
    pub until: Option<Timestamp>,
    /// Only what cost at least this; see [`Communication::cost`].
    pub min_cost: Option<i64>,
    /// Only what cost at most this.
    pub max_cost: Option<i64>,
    /// Whether entries that were put right are read too.
    pub corrected: bool,
    /// Only what stands before this place.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

impl HistoryQuery {
    /// Whether a contact at a place is meant, as far as it and not its lead says.
    pub fn finds(&self, place: i64, contact: &Communication) -> bool {
        let is = |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
        let cost = contact.cost();
        (self.leads.is_empty() || contact.lead.is_some_and(|lead| self.leads.contains(&lead)))
            && (self.channels.is_empty() || self.channels.contains(&contact.channel))
            && self.direction.is_none_or(|direction| direction == contact.direction)
            && (self.states.is_empty() || self.states.contains(&contact.state))
            && is(&self.owner, &contact.owner)
            && is(&self.template, &contact.template)
            && is(&self.campaign, &contact.campaign)
            && self.since.is_none_or(|since| contact.at >= since)
            && self.until.is_none_or(|until| contact.at < until)
            && self.min_cost.is_none_or(|least| cost.is_some_and(|cost| cost >= least))
            && self.max_cost.is_none_or(|most| cost.is_some_and(|cost| cost <= most))
            && (self.corrected || contact.corrected_by.is_none())
            && self.before.is_none_or(|before| place < before)
            && self.text.as_ref().is_none_or(|text| text.finds(&all_words(contact.texts())))
    }
}

/// Counts of contacts, by the values of a facet; those without a value are left out.
pub type FacetCounts = BTreeMap<String, u64>;

/// Counts a contact under each facet.
pub fn tally(facets: &[Facet], counts: &mut [FacetCounts], contact: &Communication) {
    for (facet, counts) in facets.iter().zip(counts) {
        if let Some(value) = facet.of(contact) {
            *counts.entry(value.to_string()).or_default() += 1;
        }
    }
}

/// The place of a contact in the history, which tells the order of those of one millisecond too: behind
/// the last that was entered for it. `last` gives that one, of those from a place on and before another.
///
/// # Errors
/// Those of `last`.
pub fn place_of(at: Timestamp, last: impl Fn(i64, i64) -> Result<Option<i64>>) -> Result<i64> {
    let mut first = first_place(at);
    loop {
        match last(first, first.saturating_add(EACH))? {
            None => return Ok(first),
            Some(place) if place < first + EACH - 1 => return Ok(place + 1),
            // A million of one millisecond, as of a file that knows days only: they go on in the next.
            Some(_) => first += EACH,
        }
    }
}

/// Whether a place is one of an instant's: it stays there as long as the instant does.
pub fn is_place_of(place: i64, at: Timestamp) -> bool {
    first_place(at) == place >> WITHIN << WITHIN
}

/// The first place of an instant.
pub fn first_place(at: Timestamp) -> i64 {
    const FARTHEST: i64 = (i64::MAX >> WITHIN) - 1_000_000;
    at.0.clamp(-FARTHEST, FARTHEST) << WITHIN
}

/// Reading what messages and calls need, inside one transaction.
pub trait ReadComms {
    /// All entries of the consent ledger about some addresses, in the order of entry.
    ///
    /// # Errors
    /// Those of the store.
    fn consent(&self, addresses: &[&str]) -> Result<Vec<ConsentEntry>>;

    /// Entries of the consent ledger, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    fn consent_entries(&self, query: &ConsentQuery) -> Result<Vec<ConsentEntry>>;

    /// The switches; none when none was ever turned.
    ///
    /// # Errors
    /// Those of the store.
    fn settings(&self) -> Result<Option<Settings>>;

    /// All versions of a template, or of all templates, by name and version.
    ///
    /// # Errors
    /// Those of the store.
    fn templates(&self, name: Option<&str>) -> Result<Vec<MessageTemplate>>;

    /// The message of an id.
    ///
    /// # Errors
    /// Those of the store.
    fn communication(&self, id: i64) -> Result<Option<Communication>>;

    /// Messages that carry a key. What came in from a number of several leads is there for each of
    /// them, by one id of the provider's.
    ///
    /// # Errors
    /// Those of the store.
    fn communications_by(&self, key: &CommunicationKey<'_>) -> Result<Vec<Communication>>;

    /// Messages, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    fn communications(&self, query: &CommunicationQuery) -> Result<Vec<Communication>>;

    /// Messages in a state whose time has come, by their time and id.
    ///
    /// # Errors
    /// Those of the store.
    fn due(&self, state: CommunicationState, until: Timestamp, limit: u64) -> Result<Vec<Communication>>;

    /// The earliest time of any message in a state.
    ///
    /// # Errors
    /// Those of the store.
    fn next_due(&self, state: CommunicationState) -> Result<Option<Timestamp>>;

    /// What happened to a message, in order.
    ///
    /// # Errors
    /// Those of the store.
    fn communication_events(&self, id: i64) -> Result<Vec<CommunicationEvent>>;

    /// Contacts with their places, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    fn history(&self, query: &HistoryQuery) -> Result<Vec<(i64, Communication)>>;

    /// How many contacts a query finds, whatever its limit, and how many of each value of some facets.
    ///
    /// # Errors
    /// Those of the store.
    fn history_counts(&self, query: &HistoryQuery, facets: &[Facet]) -> Result<(u64, Vec<FacetCounts>)>;

    /// Leads that were merged into this one, directly.
    ///
    /// # Errors
    /// Those of the store.
    fn merged_into(&self, lead: i64) -> Result<Vec<i64>>;

    /// What a meter stands at; 0 for one that was never set.
    ///
    /// # Errors
    /// Those of the store.
    fn meter(&self, name: &str) -> Result<i64>;
}

/// Writing what messages and calls need, inside one transaction.
pub trait WriteComms {
    /// Appends to the consent ledger and gives the first entry's id; the ids that the entries carry
    /// are passed over.
    ///
    /// # Errors
    /// Those of the store.
    fn add_consent(&self, entries: &[ConsentEntry]) -> Result<i64>;

    /// Stores the switches.
    ///
    /// # Errors
    /// Those of the store.
    fn put_settings(&self, settings: &Settings) -> Result<()>;

    /// Stores a version of a template, in the place of the same version.
    ///
    /// # Errors
    /// Those of the store.
    fn put_template(&self, template: &MessageTemplate) -> Result<()>;

    /// Enters messages and gives the first one's id; the ids that they carry are passed over.
    ///
    /// # Errors
    /// Those of the store; `conflict` when another one has its key.
    fn add_communications(&self, messages: &[Communication]) -> Result<i64>;

    /// Stores new states of messages.
    ///
    /// # Errors
    /// Those of the store.
    fn put_communications(&self, messages: &[Communication]) -> Result<()>;

    /// Adds what happened to messages; the places that the events carry are passed over.
    ///
    /// # Errors
    /// Those of the store.
    fn add_communication_events(&self, events: &[CommunicationEvent]) -> Result<()>;

    /// Sets a meter.
    ///
    /// # Errors
    /// Those of the store.
    fn put_meter(&self, name: &str, value: i64) -> Result<()>;
}
