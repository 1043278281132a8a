//! The audit: what was done, by whom, in a chain that shows what was changed in it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;

/// What kind of thing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// Leads or definitions were changed: each commit of an import, a bulk operation, an undo or an edit, and
    /// whatever else the log of operations has.
    Operation,
    /// Personal data left: leads, contacts, a suppression list, a backup, a copy.
    Export,
    /// Messages or calls were handed over to a provider: one entry for all that were decided on together.
    Send,
    /// The consent ledger grew.
    Consent,
    /// Switches were turned.
    Setting,
    /// A template was saved or put away.
    Template,
    /// A person was erased.
    Erasure,
    /// Data was held back from erasure, or let go.
    Hold,
    /// A view with an access profile was used for the first time.
    Access,
}

impl AuditKind {
    /// The kind as hosts see it.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditKind::Operation => "operation",
            AuditKind::Export => "export",
            AuditKind::Send => "send",
            AuditKind::Consent => "consent",
            AuditKind::Setting => "setting",
            AuditKind::Template => "template",
            AuditKind::Erasure => "erasure",
            AuditKind::Hold => "hold",
            AuditKind::Access => "access",
        }
    }
}

/// An entry of the audit. It holds ids and keyed fingerprints, and nothing of people's.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// Its gapless number, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What kind of thing was done, one of [`AuditKind`]'s words; in an entry that somebody changed it may be
    /// any text.
    pub kind: String,
    /// Who, as the host named them.
    pub actor: Option<String>,
    /// Which operation, revision, leads, messages, entries of the consent ledger: their ids; addresses as
    /// fingerprints under the entry's key. Null in an entry that somebody made unreadable.
    pub detail: Value,
    /// The key that chains it; null where there was none.
    pub key_id: Option<String>,
    /// The `mac` of the entry before; empty for the first.
    pub previous: String,
    /// HMAC-SHA-256 of all the above under the key, or their SHA-256 where there was none; 64 hexadecimal digits.
    pub mac: String,
}

/// Options of `audit.entries`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AuditListOptions {
    /// Only entries of this kind.
    pub kind: Option<AuditKind>,
    /// Only entries of this actor.
    pub actor: Option<String>,
    /// Only entries of this instant or later.
    pub since: Option<Timestamp>,
    /// Only entries before this instant.
    pub until: Option<Timestamp>,
    /// How many at most; 100 when 0.
    pub limit: u64,
    /// Goes on after the page that gave this `next_cursor`.
    pub cursor: Option<String>,
}

/// Where the chain stood at some moment. Kept elsewhere, it proves that nothing before it was taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditCheckpoint {
    /// The last entry's number; 0 of an empty chain.
    pub seq: i64,
    /// Its `mac`; empty of an empty chain.
    pub mac: String,
    /// The key that made it.
    pub key_id: Option<String>,
    /// When that entry was made; of an empty chain, when it was asked.
    pub at: Timestamp,
}

/// Options of `audit.verify`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AuditVerifyOptions {
    /// What `audit.checkpoint` gave before, and was kept elsewhere.
    pub checkpoint: Option<AuditCheckpoint>,
}

/// What a look at the whole chain came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditState {
    /// Every entry since the first one with a key is as it was made, and none is missing.
    Verified,
    /// Entries were made without a key: the chain holds, but whoever can write to the database can make such a
    /// chain anew.
    Unkeyed,
    /// Something was changed, removed, put elsewhere or added.
    Broken,
    /// The chain holds as far as can be seen, but a key that made some of it was not given.
    KeyMissing,
}

/// What is wrong at a place of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditProblemKind {
    /// The entry is not as it was made.
    Altered,
    /// The entry does not follow the one before it.
    Unlinked,
    /// The entry of this number is not there.
    Missing,
    /// The chain ends before the checkpoint: this number is the first that is missing.
    Truncated,
    /// The entry is not the one that the checkpoint names.
    Replaced,
}

/// A problem of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditProblem {
    /// The number of the entry.
    pub seq: i64,
    /// What is wrong there.
    pub kind: AuditProblemKind,
}

/// What a look at the whole chain found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditReport {
    /// Whether the state is `verified`.
    pub ok: bool,
    /// What it came to.
    pub state: AuditState,
    /// How many entries there are.
    pub entries: u64,
    /// How many of them were made without a key.
    pub unkeyed: u64,
    /// Ids of keys that made entries and were not given to `open`.
    pub missing_keys: Vec<String>,
    /// The first 100 problems, in their order.
    pub problems: Vec<AuditProblem>,
    /// Where the chain stands now: the next checkpoint to be kept.
    pub head: AuditCheckpoint,
}
