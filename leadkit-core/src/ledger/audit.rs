//! The audit: what was done is entered into a chain, in the transaction that does it.
//!
//! An entry's `mac` is made of all of the entry and of the `mac` before it, under the host's key. So an entry
//! that is changed, removed or put elsewhere does not fit any more, and only its end can be cut off unseen; what a
//! checkpoint names, that is kept elsewhere, cannot be cut off either.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Session;
use crate::error::{Error, ErrorCode, Result};
use crate::keys::{Keys, hex};
use crate::model::audit::{
    AuditCheckpoint, AuditKind, AuditProblem, AuditProblemKind, AuditReport, AuditState,
};
use crate::model::consent::ConsentEntry;
use crate::model::operation::{OperationKind, OperationState};
use crate::store::{AuditQuery, AuditRecord, Commit, NewOperation, Reader, Writer};

/// What keys are used for here.
const CHAIN: &str = "audit";
/// The purpose of fingerprints of addresses.
pub const ADDRESS: &str = "audit address";
/// Leads and addresses that one entry about consent names at most.
const NAMED: usize = 100;
/// Problems that are told.
const TOLD: usize = 100;
/// Entries read at once.
const PAGE: u64 = 1_000;

/// Enters something into the audit. `detail` holds ids and fingerprints, never what people are called, write or
/// are reached by; why it was done is in the log of operations only, since reasons name people, and the chain
/// cannot be rewritten when one of them is erased.
///
/// # Errors
/// Those of the store.
pub fn enter(session: &Session, writer: &dyn Writer, kind: AuditKind, detail: &Value) -> Result<()> {
    let last = writer.audit(&AuditQuery::last())?.pop();
    let mut record = AuditRecord {
        seq: last.as_ref().map_or(0, |last| last.seq) + 1,
        at: session.clock.now(),
        kind: kind.as_str().to_string(),
        actor: session.actor.clone(),
        detail: detail.to_string(),
        key_id: session.keys.current().map(str::to_string),
        previous: last.map(|last| last.mac).unwrap_or_default(),
        mac: String::new(),
    };
    record.mac =
        mac(&session.keys, &record).ok_or_else(|| Error::internal("the current key is not there"))?;
    writer.add_audit(&record)
}

/// Enters an operation into its log, and into the audit when it is over as it begins: those that are planned have
/// done nothing yet, and those that run are there with each of their commits.
///
/// # Errors
/// As of [`WriteJournal::add_operation`](crate::store::WriteJournal::add_operation).
pub fn operation(session: &Session, writer: &dyn Writer, new: &NewOperation) -> Result<i64> {
    let id = writer.add_operation(new)?;
    let (kind, more) = match new.kind {
        // A single edit is one commit.
        OperationKind::Add | OperationKind::Update | OperationKind::Restore => return Ok(id),
        // It is entered when the file is there.
        OperationKind::Export => (AuditKind::Export, json!({ "rows": new.counts.get("rows") })),
        _ if new.state != OperationState::Finished => return Ok(id),
        OperationKind::ChangeSettings => (AuditKind::Setting, json!({ "changed": changed(&new.options) })),
        OperationKind::SaveTemplate => (AuditKind::Template, json!({})),
        _ => (AuditKind::Operation, json!({})),
    };
    let mut detail = Map::from_iter([
        ("operation".to_string(), Value::from(id)),
        ("kind".to_string(), Value::from(new.kind.as_str())),
    ]);
    if let Value::Object(more) = more {
        detail.extend(more);
    }
    enter(session, writer, kind, &Value::Object(detail))?;
    Ok(id)
}

/// The switches that differ.
fn changed(options: &Value) -> Vec<&String> {
    let (Some(before), Some(after)) = (options["before"].as_object(), options["after"].as_object()) else {
        return Vec::new();
    };
    after.iter().filter(|(name, value)| before.get(*name) != Some(value)).map(|(name, _)| name).collect()
}

/// Enters a commit into the log and into the audit. `leads` are those that it changed, where they are few; a
/// commit of many has them in the log, by its revision.
///
/// # Errors
/// As of [`WriteJournal::add_commit`](crate::store::WriteJournal::add_commit).
pub fn commit(
    session: &Session,
    writer: &dyn Writer,
    kind: OperationKind,
    commit: &Commit,
    leads: &[i64],
) -> Result<()> {
    writer.add_commit(commit)?;
    let mut detail = json!({
        "operation": commit.operation,
        "kind": kind.as_str(),
        "rev": commit.rev,
        "changed": commit.changed,
    });
    if let Some(created) = commit.created {
        detail["created"] = json!(created);
    }
    if !leads.is_empty() {
        detail["leads"] = json!(leads);
    }
    enter(session, writer, AuditKind::Operation, &detail)
}

/// Adds to the consent ledger, and enters that into the audit: addresses as fingerprints, where there are keys.
///
/// # Errors
/// As of [`WriteComms::add_consent`](crate::store::WriteComms::add_consent).
pub fn consent(session: &Session, writer: &dyn Writer, entries: &[ConsentEntry]) -> Result<i64> {
    let first = writer.add_consent(entries)?;
    let mut added = AddedConsent::default();
    added.note(first, entries);
    added.enter(session, writer)?;
    Ok(first)
}

/// What one transaction added to the consent ledger, at once or bit by bit: one entry of the audit.
#[derive(Clone, Debug, Default)]
pub struct AddedConsent {
    /// The ids, from and to.
    ids: Option<(i64, i64)>,
    kinds: BTreeMap<&'static str, u64>,
    leads: BTreeSet<i64>,
    addresses: BTreeSet<String>,
}

impl AddedConsent {
    /// Notes entries that the store has taken, the first of them by its id.
    pub fn note(&mut self, first: i64, entries: &[ConsentEntry]) {
        if entries.is_empty() {
            return;
        }
        let last = first + entries.len() as i64 - 1;
        self.ids = Some((self.ids.map_or(first, |ids| ids.0), last));
        for entry in entries {
            *self.kinds.entry(entry.kind.as_str()).or_default() += 1;
            // Of many, as of an import, the ledger has them all, by the ids.
            if self.leads.len() < NAMED {
                self.leads.extend(entry.lead);
            }
            if self.addresses.len() < NAMED {
                self.addresses.insert(entry.address.clone());
            }
        }
    }

    /// Enters them into the audit: addresses as fingerprints, where there are keys.
    ///
    /// # Errors
    /// Those of the store.
    pub fn enter(self, session: &Session, writer: &dyn Writer) -> Result<()> {
        let Some(ids) = self.ids else { return Ok(()) };
        let of = |address: &String| session.keys.fingerprint(ADDRESS, address);
        let addresses: Vec<String> = self.addresses.iter().filter_map(of).map(|f| f.mac).collect();
        let detail =
            json!({ "entries": ids, "kinds": self.kinds, "leads": self.leads, "addresses": addresses });
        enter(session, writer, AuditKind::Consent, &detail)
    }
}

/// Enters that personal data left by another way than an operation: `what` is `backup`, `copy` or `suppressions`.
/// A database that is only read enters nothing: whoever has its file can copy that too.
///
/// # Errors
/// Those of the store.
pub fn export(session: &Session, what: &str, rows: Option<u64>) -> Result<()> {
    if session.store.check_writable().is_err() {
        return Ok(());
    }
    let detail = match rows {
        Some(rows) => json!({ "what": what, "rows": rows }),
        None => json!({ "what": what }),
    };
    session.store.writing(|writer| enter(session, writer, AuditKind::Export, &detail))
}

/// Enters that somebody looks through a profile, in a transaction of its own, before the answer is given.
///
/// # Errors
/// Those of the store: then nobody may look.
pub fn access(session: &Session, detail: &Value) -> Result<()> {
    session.store.writing(|writer| enter(session, writer, AuditKind::Access, detail))
}

/// Where the chain stands.
///
/// # Errors
/// Those of the store.
pub fn checkpoint(session: &Session, reader: &dyn Reader) -> Result<AuditCheckpoint> {
    Ok(match reader.audit(&AuditQuery::last())?.pop() {
        Some(last) => AuditCheckpoint { seq: last.seq, mac: last.mac, key_id: last.key_id, at: last.at },
        None => AuditCheckpoint { seq: 0, mac: String::new(), key_id: None, at: session.clock.now() },
    })
}

/// Looks at every entry.
///
/// # Errors
/// `invalid_argument` for a checkpoint that none can be; those of the store.
pub fn verify(session: &Session, checkpoint: Option<&AuditCheckpoint>) -> Result<AuditReport> {
    if checkpoint.is_some_and(|at| at.seq < 0 || (at.seq == 0) != at.mac.is_empty()) {
        return Err(Error::new(ErrorCode::InvalidArgument, "this is no checkpoint of an audit")
            .hint("give what audit.checkpoint gave")
            .at_field("checkpoint"));
    }
    session.store.reading(|reader| {
        let mut look = Look::default();
        loop {
            let page = reader.audit_after(look.reached, PAGE)?;
            page.iter().for_each(|record| look.at(&session.keys, record, checkpoint));
            if (page.len() as u64) < PAGE {
                break;
            }
        }
        if checkpoint.is_some_and(|at| at.seq > look.reached) {
            look.found(look.reached + 1, AuditProblemKind::Truncated);
        }
        let head = self::checkpoint(session, reader)?;
        Ok(look.report(&session.keys, head))
    })
}

/// What was seen of a chain so far.
#[derive(Default)]
struct Look {
    /// The number of the last entry.
    reached: i64,
    /// Its mac.
    previous: String,
    entries: u64,
    unkeyed: u64,
    /// Whether an entry without a key came behind one with a key.
    fell_back: bool,
    keyed: bool,
    missing_keys: BTreeSet<String>,
    problems: Vec<AuditProblem>,
    broken: bool,
}

impl Look {
    fn at(&mut self, keys: &Keys, record: &AuditRecord, checkpoint: Option<&AuditCheckpoint>) {
        if record.seq != self.reached + 1 {
            self.found(self.reached + 1, AuditProblemKind::Missing);
        } else if record.previous != self.previous {
            self.found(record.seq, AuditProblemKind::Unlinked);
        }
        match &record.key_id {
            None => {
                self.unkeyed += 1;
                self.fell_back |= self.keyed;
            }
            Some(id) => {
                self.keyed = true;
                if !keys.has(id) {
                    self.missing_keys.insert(id.clone());
                }
            }
        }
        if mac(keys, record).is_some_and(|mac| mac != record.mac) {
            self.found(record.seq, AuditProblemKind::Altered);
        }
        if checkpoint.is_some_and(|at| at.seq == record.seq && at.mac != record.mac) {
            self.found(record.seq, AuditProblemKind::Replaced);
        }
        self.reached = record.seq;
        self.previous.clone_from(&record.mac);
        self.entries += 1;
    }

    fn found(&mut self, seq: i64, kind: AuditProblemKind) {
        self.broken = true;
        if self.problems.len() < TOLD {
            self.problems.push(AuditProblem { seq, kind });
        }
    }

    fn report(self, keys: &Keys, head: AuditCheckpoint) -> AuditReport {
        let without_key = if self.entries == 0 { keys.is_empty() } else { !self.keyed || self.fell_back };
        let state = match () {
            () if self.broken => AuditState::Broken,
            () if !self.missing_keys.is_empty() => AuditState::KeyMissing,
            () if without_key => AuditState::Unkeyed,
            () => AuditState::Verified,
        };
        AuditReport {
            ok: state == AuditState::Verified,
            state,
            entries: self.entries,
            unkeyed: self.unkeyed,
            missing_keys: self.missing_keys.into_iter().collect(),
            problems: self.problems,
            head,
        }
    }
}

/// The mac of an entry, under the key that it names; none when that key is not there.
fn mac(keys: &Keys, record: &AuditRecord) -> Option<String> {
    let bytes = canonical(record);
    let mac = match &record.key_id {
        Some(id) => keys.mac(id, CHAIN, &bytes)?,
        None => Sha256::digest(&bytes).into(),
    };
    Some(hex(&mac))
}

/// All columns but the mac, each with its length, so that no two entries give the same bytes.
fn canonical(record: &AuditRecord) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(&record.seq.to_be_bytes());
    bytes.extend_from_slice(&record.at.0.to_be_bytes());
    let texts = [
        Some(&record.kind),
        record.actor.as_ref(),
        Some(&record.detail),
        record.key_id.as_ref(),
        Some(&record.previous),
    ];
    for text in texts {
        match text {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
        }
    }
    bytes
}
