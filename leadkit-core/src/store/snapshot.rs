//! All that a store holds, record by record: what dumps, copies and moves are made of.

use serde::{Deserialize, Serialize};

use super::audit::AuditRecord;
use super::journal::{Commit, StoredOperation};
use super::leads::Change;
use crate::error::Result;
use crate::model::automation::{
    AutomationRun, AutomationState, AutomationVersion, HostEvent, NamedSchedule, Signal,
};
use crate::model::communication::{Communication, CommunicationEvent};
use crate::model::consent::ConsentEntry;
use crate::model::field::CustomField;
use crate::model::lead::Lead;
use crate::model::message_template::MessageTemplate;
use crate::model::operation::Conflict;
use crate::model::privacy::{ErasureCertificate, Hold};
use crate::model::settings::Settings;
use crate::model::status::Status;

/// One thing that a store holds. Keys and folded texts are left out: they follow from the leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// How far the store has come.
    Head {
        /// The last revision.
        rev: i64,
        /// The next lead's id.
        next_lead: i64,
    },
    /// A custom field, in the order of definition.
    CustomField(CustomField),
    /// A status, in its order.
    Status(Status),
    /// A lead.
    Lead(Box<Lead>),
    /// An operation.
    Operation(Box<StoredOperation>),
    /// A commit.
    Commit(Commit),
    /// A before-image.
    Change(Change),
    /// What an operation left alone.
    Conflict {
        /// The operation.
        operation: i64,
        /// What and why.
        conflict: Conflict,
    },
    /// A rejected row that waits for its file.
    Reject {
        /// The import.
        operation: i64,
        /// Its place in the file.
        seq: u64,
        /// Its cells.
        cells: Vec<String>,
    },
    /// An entry of the consent ledger.
    Consent(Box<ConsentEntry>),
    /// The switches, where any was ever turned.
    Settings(Box<Settings>),
    /// A version of a template.
    Template(Box<MessageTemplate>),
    /// A message.
    Communication(Box<Communication>),
    /// Something that happened to a message.
    CommunicationEvent(CommunicationEvent),
    /// What a meter stands at.
    Meter {
        /// Its name.
        name: String,
        /// Where it stands.
        value: i64,
    },
    /// An entry of the audit.
    Audit(Box<AuditRecord>),
    /// A certificate of an erasure.
    Erasure(Box<ErasureCertificate>),
    /// A lead that must not be erased.
    Hold(Hold),
    /// A version of an automation.
    Automation(Box<AutomationVersion>),
    /// Where an automation stands.
    AutomationState(Box<AutomationState>),
    /// A schedule.
    Schedule(Box<NamedSchedule>),
    /// A lead's way through an automation.
    AutomationRun(Box<AutomationRun>),
    /// Something that automations have not looked at yet.
    Signal(Signal),
    /// Something that the host has not acknowledged yet.
    HostEvent(Box<HostEvent>),
}

/// Reading all of a store, inside one transaction.
pub trait ReadAll {
    /// Calls `each` with every record, in the order of [`Record`]'s variants and of their ids.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_record(&self, each: &mut dyn FnMut(Record) -> Result<()>) -> Result<()>;
}

/// Filling an empty store.
pub trait WriteAll {
    /// Stores records as they are, ids and revisions included; operations before what belongs to
    /// them.
    ///
    /// # Errors
    /// Those of the store.
    fn put_records(&self, records: Vec<Record>) -> Result<()>;
}
