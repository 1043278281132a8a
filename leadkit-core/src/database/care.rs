//! Keeping a database well: its health, its copies, its move to another store.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Database, open_with};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit};
use crate::model::access::ContactPart;
use crate::model::audit::AuditCheckpoint;
use crate::model::filter::Expr;
use crate::model::health::OutboxHealth;
use crate::model::operation::{OperationKind, OperationState};
use crate::model::options::{OpenOptions, Progressing};
use crate::model::settings::Settings;
use crate::progress::{CancelToken, Reporter};
use crate::store::{
    AuditQuery, CommunicationQuery, ConsentQuery, OperationKey, OperationQuery, Query, ReadAll, Reader,
    Record, Store,
};

/// Records that are copied in one transaction.
const BATCH: usize = 5_000;

/// Options of `db.health`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct HealthOptions {
    /// Reads everything, indexes included; minutes on a large database.
    pub thorough: bool,
}

/// How a database is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// Whether all is well: no damage, and nothing waits for somebody.
    pub ok: bool,
    /// The kind of store: `sqlite`, `postgres`, `memory`.
    pub store: String,
    /// The version of its schema.
    pub schema: i64,
    /// What a check of its structure found; empty when it is sound.
    pub damage: Vec<String>,
    /// How many leads there are, deleted ones left out.
    pub leads: u64,
    /// The last revision.
    pub rev: i64,
    /// How many bytes it takes.
    pub bytes: u64,
    /// How many bytes of a write-ahead log wait to be folded in.
    pub log_bytes: u64,
    /// Operations that were interrupted or failed, and wait to be gone on with or taken back: the
    /// newest 100 ids.
    pub unfinished: Vec<i64>,
    /// How many bytes its disk has left for it; none where there is no disk of ours, and where the platform does
    /// not tell.
    pub free_bytes: Option<u64>,
    /// What waits to be sent, what is not known, what failed, what was spent.
    pub outbox: OutboxHealth,
    /// Where the audit stands. Whether its entries are chained by a key, `key_id` says.
    pub audit: AuditCheckpoint,
    /// When this was found.
    pub at: Timestamp,
}

/// Options of `db.copy_to`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CopyOptions {
    /// The tenant that the copy becomes, on stores that have tenants.
    pub tenant: Option<String>,
    /// A callback for progress.
    #[serde(skip)]
    pub progress: Option<Progressing>,
    /// Asks to stop.
    #[serde(skip)]
    pub cancel: CancelToken,
}

/// What was copied, and that it is the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CopyReport {
    /// The kind of store it went to.
    pub store: String,
    /// How many records: leads, operations, commits, changes and definitions.
    pub records: u64,
    /// How many of them are leads.
    pub leads: u64,
    /// BLAKE3 of all records, in hexadecimal: read again from the copy, it was the same.
    pub hash: String,
}

/// What was backed up.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackupReport {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// The last revision it holds.
    pub rev: i64,
}

impl Database {
    /// Looks at the database: structure, size, operations that wait, the outbox, the audit's head.
    ///
    /// # Errors
    /// Those of reading; damage that was found is no error.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// let health = db.health(Default::default())?;
    /// assert!(health.ok && health.leads == 0);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn health(&self, options: HealthOptions) -> Result<Health> {
        let store = &self.0.store;
        let condition = store.condition(options.thorough)?;
        // Before the reading: a store in memory reads for one at a time.
        let all = self.0.query(&Default::default(), &[], false)?;
        // Numbers only, whoever asks.
        let (rev, leads, waiting, mut outbox, audit) = self.0.whole.reading(|reader| {
            let mut waiting = Vec::new();
            for state in [OperationState::Running, OperationState::Failed, OperationState::Cancelled] {
                let query = OperationQuery { state: Some(state), limit: 100, ..OperationQuery::default() };
                for operation in reader.operations(&query)? {
                    let held =
                        reader.operation(operation.id)?.is_some_and(|s| crate::ledger::lease::is_held(&s));
                    // A plan that was withdrawn waits for nobody; a process that died early left
                    // its operation running without a change.
                    let begun = operation.changed > 0
                        || matches!(operation.kind, OperationKind::Import | OperationKind::ImportContacts)
                        || state == OperationState::Running;
                    // What was taken back cannot be gone on with.
                    let undo = reader.operation_by(&OperationKey::UndoOf(operation.id))?;
                    let undone = undo.is_some_and(|u| u.operation.state == OperationState::Finished);
                    if !held && begun && !undone {
                        waiting.push(operation.id);
                    }
                }
            }
            let outbox = crate::outbox::health(reader, self.0.clock.now())?;
            let audit = audit::checkpoint(&self.0, reader)?;
            Ok((reader.head()?, reader.count(&all)?, waiting, outbox, audit))
        })?;
        if !self.0.access()?.shows(ContactPart::Price.name()) {
            outbox.budgets.clear();
        }
        let mut unfinished = waiting;
        unfinished.sort_unstable_by(|a, b| b.cmp(a));
        unfinished.truncate(100);
        Ok(Health {
            ok: condition.damage.is_empty() && unfinished.is_empty(),
            store: store.kind().to_string(),
            schema: condition.schema,
            damage: condition.damage,
            leads,
            rev,
            bytes: condition.bytes,
            log_bytes: condition.log_bytes,
            unfinished,
            free_bytes: store.path().and_then(free_bytes),
            outbox,
            audit,
            at: self.0.clock.now(),
        })
    }

    /// Writes a copy of the database, as of one moment, to a new file, while others read and write
    /// it. To restore it, close the database and put the copy in its place. Sending is switched off in
    /// the copy: what is sent meanwhile must not be sent again from there.
    ///
    /// # Errors
    /// `file_exists`, `file_not_found` (the folder), `permission_denied`, `disk_full`, `io`;
    /// `unsupported_store` where the store has tools of its own.
    pub fn backup(&self, target: impl AsRef<Path>) -> Result<BackupReport> {
        let target = target.as_ref();
        self.0.check_whole("makes no backup")?;
        // Before it is made, so that it has it too: what is in a backup was told to have left.
        audit::export(&self.0, "backup", None)?;
        self.0.store.backup(target)?;
        let bytes = std::fs::metadata(target).map_err(|e| Error::io(&e, target))?.len();
        let url = target.to_string_lossy();
        let copy = open_with(&url, OpenOptions { read_only: true, ..OpenOptions::default() })?;
        let rev = copy.0.store.reading(|reader| reader.head())?;
        copy.close();
        tracing::info!(bytes, rev, "database backed up");
        Ok(BackupReport { path: target.to_path_buf(), bytes, rev })
    }

    /// Copies everything to another, empty database of any kind, as of one moment: leads with their
    /// ids and revisions, the log, consent, definitions, and the switches, of which sending is off. The
    /// copy is read again and compared; interrupted, it
    /// stays incomplete and is refused as a target.
    ///
    /// # Errors
    /// `already_exists` for a target that holds something; `corrupt` when the copy differs;
    /// `cancelled`; those of opening and of both stores.
    ///
    /// ```
    /// let db = leadkit_core::open(":memory:")?;
    /// db.leads().add([("email", "ada@lovelace.org")])?;
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let target = folder.path().join("copy.db");
    /// let report = db.copy_to(target.to_str().unwrap(), Default::default())?;
    /// assert_eq!(report.leads, 1);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn copy_to(&self, url: &str, options: CopyOptions) -> Result<CopyReport> {
        self.0.check_whole("copies nothing")?;
        let open = OpenOptions { tenant: options.tenant.clone(), ..OpenOptions::default() };
        let target = open_with(url, open)?;
        let report = copy(&self.0, &*target.0.store, &options);
        target.close();
        report
    }
}

/// What the disk of a file has left for whoever is not its administrator.
#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

fn copy(session: &Session, to: &dyn Store, options: &CopyOptions) -> Result<CopyReport> {
    let from = &*session.store;
    if !to.reading(|reader| is_empty(reader))? {
        return Err(Error::new(ErrorCode::AlreadyExists, "the target holds something already")
            .hint("name a new file, or another tenant"));
    }
    audit::export(session, "copy", None)?;
    let callback = options.progress.as_ref().map(|p| &p.0);
    let mut progress = Reporter::new(callback, "copy", "records", None);
    let (mut records, mut leads) = (0, 0);
    let mut hasher = blake3::Hasher::new();
    from.reading(|reader| {
        let (mut batch, mut head) = (Vec::with_capacity(BATCH), None);
        let mut switches = false;
        (records, leads) = (0, 0);
        hasher = blake3::Hasher::new();
        reader.each_record(&mut |record| {
            options.cancel.check()?;
            // Where no switch was ever turned, what waits there is doubtful in the copy all the same.
            let lacking = match &record {
                Record::Template(_) | Record::Communication(_) => !std::mem::replace(&mut switches, true),
                Record::Settings(_) => {
                    switches = true;
                    false
                }
                _ => false,
            };
            let settings = lacking.then(|| Record::Settings(Box::default()));
            for record in settings.into_iter().chain([record]).map(for_copy) {
                hash(&mut hasher, &record)?;
                records += 1;
                leads += u64::from(matches!(record, Record::Lead(_)));
                match record {
                    // Last: until then the copy looks empty to nobody.
                    Record::Head { .. } => head = Some(record),
                    record => batch.push(record),
                }
            }
            if batch.len() >= BATCH {
                write(to, std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))?;
                progress.at(records);
            }
            Ok(())
        })?;
        batch.extend(head);
        write(to, batch)
    })?;
    let copied = fingerprint(to)?;
    let hash = hasher.finalize().to_hex().to_string();
    if copied != hash {
        return Err(Error::new(ErrorCode::Corrupt, "the copy differs from the original")
            .hint("remove the copy, and copy again while nobody writes to it"));
    }
    progress.finish(records);
    Ok(CopyReport { store: to.kind().to_string(), records, leads, hash })
}

/// A record as a copy holds it: what the original sends meanwhile must not be sent again from there.
fn for_copy(record: Record) -> Record {
    match record {
        Record::Settings(settings) => Record::Settings(Box::new(Settings {
            sending: false,
            automations: false,
            restored: true,
            ..*settings
        })),
        record => record,
    }
}

fn is_empty(reader: &dyn Reader) -> Result<bool> {
    let everything = Query { include_deleted: true, ..Query::of(Expr::And(Vec::new())) };
    let operations = OperationQuery { limit: 1, ..OperationQuery::default() };
    Ok(reader.head()? == 0
        && reader.page(&everything, None, 1)?.is_empty()
        && reader.operations(&operations)?.is_empty()
        && reader.custom_fields()?.is_empty()
        && reader.statuses()?.is_empty()
        && reader.consent_entries(&ConsentQuery { limit: 1, ..ConsentQuery::default() })?.is_empty()
        && reader.communications(&CommunicationQuery { limit: 1, ..Default::default() })?.is_empty()
        && reader.settings()?.is_none()
        && reader.templates(None)?.is_empty()
        && reader.audit(&AuditQuery::last())?.is_empty())
}

fn write(to: &dyn Store, batch: Vec<Record>) -> Result<()> {
    let mut batch = Some(batch);
    to.writing_once(|writer| writer.put_records(batch.take().unwrap_or_default()))
}

fn fingerprint(store: &dyn Store) -> Result<String> {
    store.reading(|reader| {
        let mut hasher = blake3::Hasher::new();
        ReadAll::each_record(reader, &mut |record| hash(&mut hasher, &record))?;
        Ok(hasher.finalize().to_hex().to_string())
    })
}

fn hash(hasher: &mut blake3::Hasher, record: &Record) -> Result<()> {
    let text = serde_json::to_string(record).map_err(|e| Error::internal(e.to_string()))?;
    hasher.update(text.as_bytes()).update(b"\n");
    Ok(())
}
