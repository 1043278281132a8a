//! What a store does with the audit: entries behind one another, never changed.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::Result;

/// An entry of the audit as it is stored. Its texts are kept as they are, whatever they say: somebody may have
/// changed them, which only the chain tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Its gapless number, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What kind of thing was done.
    pub kind: String,
    /// Who.
    pub actor: Option<String>,
    /// Ids and fingerprints, as JSON.
    pub detail: String,
    /// The key of the chain; none where there was no key.
    pub key_id: Option<String>,
    /// The `mac` of the entry before; empty for the first one.
    pub previous: String,
    /// What chains it: 64 hexadecimal digits.
    pub mac: String,
}

/// Which entries of the audit are listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditQuery {
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only those of this instant or later.
    pub since: Option<Timestamp>,
    /// Only those before this instant.
    pub until: Option<Timestamp>,
    /// Only those before this number.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

impl AuditQuery {
    /// The newest entry of all.
    pub fn last() -> AuditQuery {
        AuditQuery { limit: 1, ..AuditQuery::default() }
    }
}

/// Reading the audit, inside one transaction.
pub trait ReadAudit {
    /// Entries, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>>;

    /// Entries behind a number, in order.
    ///
    /// # Errors
    /// Those of the store.
    fn audit_after(&self, seq: i64, limit: u64) -> Result<Vec<AuditRecord>>;
}

/// Writing the audit, inside one transaction.
pub trait WriteAudit {
    /// Adds an entry as it is.
    ///
    /// # Errors
    /// Those of the store; `internal` when its number is taken.
    fn add_audit(&self, record: &AuditRecord) -> Result<()>;
}
