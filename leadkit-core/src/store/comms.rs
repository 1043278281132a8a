//! What a store does for messages and calls: consent, switches, templates.

use crate::error::Result;
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
}
