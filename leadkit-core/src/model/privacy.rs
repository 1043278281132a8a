//! What the law asks about the data of a person: handing it out, erasing it, and keeping nothing longer
//! than it is needed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::communication::{Communication, CommunicationEvent};
use super::consent::ConsentEntry;
use super::filter::Filter;
use super::history::ContactChannel;
use super::lead::{Lead, LeadChange};
use super::operation::OperationKind;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::keys::Fingerprint;

/// Who is meant: a lead with all that were merged with it, or whoever has an address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PersonOptions {
    /// A lead. The ones that were merged into it, or that it was merged into, are the same person.
    pub lead: Option<i64>,
    /// An email address or a phone number with its country's code: all leads that have it, deleted ones
    /// included, and contacts that belong to no lead.
    pub address: Option<String>,
}

/// All that is stored about a person (GDPR Articles 15 and 20; CCPA 1798.110).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonExport {
    /// When it was read.
    pub at: Timestamp,
    /// The leads that are this person, deleted and merged ones included.
    pub leads: Vec<Lead>,
    /// Every change of each.
    pub history: Vec<PersonHistory>,
    /// The imports and other operations that the data came by, in their order.
    pub sources: Vec<PersonSource>,
    /// Every contact, the newest first, corrected entries included.
    pub contacts: Vec<PersonContact>,
    /// What the consent ledger holds about the person's numbers, in the order of entry.
    pub consent: Vec<ConsentEntry>,
    /// What forbids to erase the data.
    pub holds: Vec<Hold>,
}

/// The changes of one of a person's leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonHistory {
    /// The lead.
    pub lead: i64,
    /// Its changes, the newest first.
    pub changes: Vec<LeadChange>,
}

/// An operation that brought or changed data of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonSource {
    /// The operation.
    pub operation_id: i64,
    /// What it did.
    pub kind: OperationKind,
    /// When it began.
    pub at: Timestamp,
    /// The name of its file.
    pub file: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
}

/// A contact with what happened to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonContact {
    /// The contact.
    pub contact: Communication,
    /// What happened to it, in order.
    pub events: Vec<CommunicationEvent>,
}

/// Why a person's data must not be erased, such as a lawsuit (GDPR Article 17(3)(e)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hold {
    /// The lead.
    pub lead: i64,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
    /// Who said so.
    pub actor: Option<String>,
}

/// Whom to erase, and what to keep.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ErasureOptions {
    /// A lead; see [`PersonOptions`].
    pub lead: Option<i64>,
    /// An email address or a phone number; see [`PersonOptions`].
    pub address: Option<String>,
    /// When the person asked for it; the certificate says so.
    pub requested_at: Option<Timestamp>,
    /// Whether the person's numbers may be contacted again when they come back, as by an import. Unless
    /// this is said they stay blocked, by their fingerprints.
    pub contact_again: bool,
}

/// Options of `privacy.erasures`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ErasureListOptions {
    /// Certificates of a page; 0 takes 100.
    pub limit: u64,
    /// Where the page begins: `next_cursor` of the one before.
    pub cursor: Option<String>,
}

/// What was erased, what was kept and why, and what leadkit cannot reach. It holds ids, counts and
/// fingerprints, and nothing of the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasureCertificate {
    /// Its number.
    pub id: i64,
    /// When it was done.
    pub at: Timestamp,
    /// When the person asked for it.
    pub requested_at: Option<Timestamp>,
    /// Who did it.
    pub actor: Option<String>,
    /// On which ground, such as `GDPR Art. 17(1)(b)`.
    pub legal_basis: String,
    /// The operation in the log.
    pub operation_id: i64,
    /// The leads that were this person: what is left of each is its id and its times.
    pub leads: Vec<i64>,
    /// How much was erased, by what: `leads`, `changes`, `contacts`, `consent_entries`, `operations`,
    /// `conflicts`, `rejected_rows`.
    pub erased: BTreeMap<String, u64>,
    /// The addresses that stay blocked, by their fingerprints.
    pub suppressed: Vec<Suppression>,
    /// What was kept, and why.
    pub kept: Vec<Kept>,
    /// What is out of reach, and who must do something about it.
    pub beyond: Vec<Beyond>,
    /// Whether the file was rewritten after it, so that the storage that was freed holds nothing either.
    /// Where it is false, call `privacy.compact`.
    pub compacted: bool,
}

impl ErasureCertificate {
    /// The key that its fingerprints are made with; none where it has none.
    pub fn key_id(&self) -> Option<&str> {
        self.suppressed.first().map(|suppression| suppression.fingerprint.key_id.as_str())
    }
}

/// An address of which only a fingerprint is left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suppression {
    /// `phone` or `email`.
    pub kind: String,
    /// What it is recognised by.
    pub fingerprint: Fingerprint,
}

/// Something of the person's records that was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kept {
    /// What: `contact_facts`, `consent_dates`, `shared_addresses`, `mentions`.
    pub what: String,
    /// Why.
    pub why: String,
    /// Ids, where somebody may want to look: leads of shared addresses, contacts of mentions.
    pub ids: Vec<i64>,
}

/// Something that holds the person's data and that leadkit cannot erase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Beyond {
    /// What: `backups`, `files`, `provider`, `server_log`.
    pub what: String,
    /// What is to be done about it, and by whom.
    pub advice: String,
    /// When the provider's own copy is gone at the latest, where one was deleted there.
    pub until: Option<Timestamp>,
    /// Ids: of the operations that wrote the files, or of the provider.
    pub ids: Vec<String>,
}

/// What a rule of retention is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RetentionData {
    /// Leads that nobody changed and nobody was in contact with for so long: they are erased.
    Leads,
    /// Contacts older than that: their texts, addresses and participants are erased, and the facts stay.
    Contacts,
    /// Before-images of changes older than that: histories begin later, and undo reaches no further.
    Changes,
}

impl RetentionData {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            RetentionData::Leads => "leads",
            RetentionData::Contacts => "contacts",
            RetentionData::Changes => "changes",
        }
    }
}

/// How long something is kept. Rules stand in `settings.retention`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetentionRule {
    /// Its name; each rule has its own.
    pub name: String,
    /// What it is about.
    pub data: RetentionData,
    /// Days after which it is erased; at least 1.
    pub days: u32,
    /// Only leads that pass this, or contacts with them; `changes` take none.
    #[serde(default)]
    pub filter: Option<Filter>,
    /// Only contacts of these channels; none named: of all.
    #[serde(default)]
    pub channels: Vec<ContactChannel>,
}

impl RetentionRule {
    /// # Errors
    /// `invalid_argument` for a rule that makes no sense.
    pub(crate) fn check(&self) -> Result<()> {
        let wrong =
            |message: String| Err(Error::new(ErrorCode::InvalidArgument, message).at_field("retention"));
        let name = &self.name;
        if name.trim().is_empty() {
            return wrong("a rule of retention has a name".to_string());
        }
        if self.days == 0 {
            return wrong(format!("the rule `{name}` keeps for no day: it would erase what just came in"));
        }
        if self.data == RetentionData::Changes && self.filter.is_some() {
            return wrong(format!("the rule `{name}` is about changes, which take no filter"));
        }
        if self.data != RetentionData::Contacts && !self.channels.is_empty() {
            return wrong(format!("the rule `{name}` is not about contacts, and takes no channels"));
        }
        Ok(())
    }
}

/// Options of `privacy.apply_retention`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetentionOptions {
    /// Erases what is due. Unless this is said, nothing is changed and the report tells what would be.
    pub erase: bool,
    /// Only the rule of this name.
    pub rule: Option<String>,
}

/// What the rules of retention found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RetentionReport {
    /// Whether anything was erased.
    pub erased: bool,
    /// Each rule, in the order of the settings.
    pub rules: Vec<RetentionResult>,
    /// Whether the file was rewritten after it; see [`ErasureCertificate::compacted`].
    pub compacted: bool,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RetentionResult {
    /// The rule.
    pub name: String,
    /// What it is about.
    pub data: RetentionData,
    /// What is older than this is due.
    pub before: Timestamp,
    /// How many are due; of changes, which are counted only as they go, 0 in a dry run.
    pub due: u64,
    /// How many of them a hold keeps.
    pub held: u64,
    /// The first of them: ids of leads or contacts.
    pub sample: Vec<i64>,
}
