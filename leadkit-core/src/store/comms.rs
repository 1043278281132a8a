//! What a store does for messages and calls: consent, switches, templates, and the messages themselves.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::communication::{Communication, CommunicationEvent, CommunicationState};
use crate::model::consent::ConsentEntry;
use crate::model::message_template::MessageTemplate;
use crate::model::settings::Settings;

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
