//! The import itself: claim the operation, write batch by batch, report.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::filter::KeyFilter;
use super::pipeline::{self, Step, Steps};
use super::plan::{PREVIEW, Prepared, prepare};
use super::rejects::RejectsFile;
use super::tally::Tally;
use super::target::Target;
use crate::clean::quality_fields;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::ledger::matching::{self, Found};
use crate::ledger::merge::{merge, same_values};
use crate::model::field::FieldName;
use crate::model::issue::{Issue, IssueCode};
use crate::model::lead::Lead;
use crate::model::operation::{OperationKind, OperationState};
use crate::model::options::{ImportOptions, MatchKey, OnMatch};
use crate::model::report::{ImportPreview, ImportReport, Timing};
use crate::progress::Reporter;
use crate::store::sqlite::{NewOperation, OperationUpdate, Store, StoreOptions, StoredImport};
use crate::store::{LeadKey, LeadRow, keys_of};
use crate::table::{Records, Source};
use crate::validate::Draft;

/// Rows of one transaction: its fixed costs, a flush of the log above all, are spread over many
/// rows, and an interrupted import repeats at most this many.
const TRANSACTION: u64 = 24_000;
/// How long a process that went silent keeps its operation.
const LEASE: Duration = Duration::from_secs(5);
/// Leads that a preview shows.
const SHOWN: usize = 10;

/// Imports a file.
///
/// # Errors
/// Of the source: `file_not_found`, `is_directory`, `permission_denied`, `empty_source`,
/// `no_records`, `not_a_table`. Of the mapping: `no_mappable_column`, `unknown_column`,
/// `unknown_field`. Of options: `invalid_argument`, `invalid_value`, `unknown_option`,
/// `file_exists` (the rejects file). On the way: `cancelled`, `busy`, `operation_running`,
/// `disk_full`, `io`; what was committed stays, and the same call goes on from there.
pub fn run(session: &Session, source: Source, options: ImportOptions) -> Result<ImportReport> {
    let began = Instant::now();
    let prepared = prepare(session, source, &options)?;
    let mut report = if options.dry_run {
        dry_run(session, prepared, &options, None)?.0
    } else {
        store(session, prepared, &options)?
    };
    time(&mut report, began);
    Ok(report)
}

/// Reads the first rows and says what an import would do.
///
/// # Errors
/// As [`run`].
pub fn preview(session: &Session, source: Source, options: ImportOptions) -> Result<ImportPreview> {
    let began = Instant::now();
    let prepared = prepare(session, source, &options)?;
    let (mut report, leads, complete) = dry_run(session, prepared, &options, Some(PREVIEW))?;
    time(&mut report, began);
    let (format, mapping) = (report.format.clone(), report.mapping.clone());
    Ok(ImportPreview { format, mapping, leads, report, complete })
}

fn time(report: &mut ImportReport, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    report.timing = Timing { seconds, rows_per_second: report.rows as f64 / seconds.max(1e-9) };
}

/// Where an import stands, stored with each commit.
#[derive(Debug, Serialize, Deserialize)]
struct Progressed {
    rows: u64,
    rejects: Option<(PathBuf, u64)>,
    tally: Tally,
}

/// What claiming the operation found.
enum Claim {
    New(i64),
    Resume(i64, Progressed),
    Done(Box<StoredImport>),
}

fn store(session: &Session, prepared: Prepared, options: &ImportOptions) -> Result<ImportReport> {
    let records = Records::open(&prepared.input, &options.format)?;
    let mut rejects = RejectsFile::new(
        &options.rejects,
        prepared.input.path.as_deref(),
        session.store.path(),
        prepared.input.name.as_deref(),
        records.header(),
    );
    let holder = format!("{}-{:016x}", std::process::id(), session.random.next());
    let (operation, progressed) = match claim(session, &prepared, options, &holder)? {
        Claim::Done(import) => return already_imported(session, &prepared, records, &import, options),
        Claim::New(operation) => (operation, None),
        Claim::Resume(operation, progressed) => {
            // The interrupted run made the file: going on with it is no overwriting.
            if let Some((path, len)) = &progressed.rejects {
                let header = records.header();
                let mut file = RejectsFile::new(
                    &crate::model::options::Rejects::Beside,
                    Some(path),
                    None,
                    None,
                    header,
                )?;
                file.resume(path, *len)?;
                rejects = Ok(file);
            }
            (operation, Some(progressed))
        }
    };
    let mut rejects = match rejects {
        Ok(rejects) => rejects,
        Err(error) => {
            abandon(session, operation, progressed.as_ref(), OperationState::Failed);
            return Err(error);
        }
    };
    let resumed = progressed.is_some();
    let (skip, tally) = match progressed {
        Some(progressed) => (progressed.rows, progressed.tally.resumed(options.show_values)),
        None => (0, Tally::new(options.show_values)),
    };
    let format = records.format().clone();
    let mut filter = key_filter(session, &prepared, options, skip)?;
    let threads = threads(session, options);
    let mut importer = Importer::new(&prepared, options, tally);
    let len = prepared.input.len;
    let mut progress = Reporter::new(options.progress.as_ref().map(|p| &p.0), "import", "bytes", Some(len));
    let began = session.clock.now();

    let result = pipeline::run(records, &prepared.cleaner, threads, skip, None, |steps| {
        let mut first = true;
        loop {
            options.cancel.check()?;
            let done = session.store.write(|writer| {
                writer.check_lease(operation, &holder)?;
                if std::mem::take(&mut first) {
                    for field in &prepared.new_fields {
                        writer.put_custom_field(field)?;
                    }
                }
                let rev = writer.next_rev()?;
                let now = session.clock.now();
                let mut next_id = writer.reader().lead_bound()?.cast_signed() + 1;
                let first_id = next_id;
                let mut target = Target::new(writer, None, filter.as_mut(), rev)?;
                let done = importer.transaction(
                    steps,
                    &mut target,
                    &mut rejects,
                    &mut progress,
                    options,
                    now,
                    &mut next_id,
                )?;
                let changed = target.changed;
                let created = target.finish()?;
                writer.allot(next_id - first_id)?;
                let (actor, reason) = (session.actor.as_deref(), session.reason.as_deref());
                writer.add_commit(rev, operation, now, actor, reason, created, changed)?;
                let progressed = Progressed {
                    rows: importer.tally.rows,
                    rejects: rejects.sync()?,
                    tally: importer.tally.clone(),
                };
                let progressed =
                    serde_json::to_string(&progressed).map_err(|e| Error::internal(e.to_string()))?;
                let lease = lease_until();
                writer.update_operation(
                    operation,
                    &OperationUpdate {
                        state: if done { OperationState::Finished } else { OperationState::Running },
                        finished_at: done.then_some(now),
                        millis: (now.0 - began.0).max(0),
                        counts: &importer.tally.counts(importer.ignored),
                        progress: (!done).then_some(progressed.as_str()),
                        lease: (!done).then_some((lease, holder.as_str())),
                    },
                )?;
                importer.rejects = rejects.sync()?.map(|(path, _)| path);
                Ok(done)
            })?;
            if done {
                return Ok(());
            }
        }
    });
    if let Err(error) = result {
        let state = match error.error_code() {
            ErrorCode::Cancelled => OperationState::Cancelled,
            _ => OperationState::Failed,
        };
        release(session, operation, &holder, state);
        return Err(error);
    }
    progress.finish(len);
    tracing::info!(
        operation,
        rows = importer.tally.rows,
        created = importer.tally.created,
        "import finished"
    );
    let mut report = importer.report(prepared, format);
    report.operation_id = Some(operation);
    report.resumed = resumed;
    Ok(report)
}

/// Takes the operation, waiting for a process that holds it as long as for a busy database.
fn claim(session: &Session, prepared: &Prepared, options: &ImportOptions, holder: &str) -> Result<Claim> {
    let waited = Instant::now();
    loop {
        let claim = session.store.write(|writer| {
            let found = match options.again {
                true => None,
                false => writer.reader().import_by_key(&prepared.key)?,
            };
            let lease = Some((lease_until(), holder));
            match found {
                Some(import) if import.operation.state == OperationState::Finished => {
                    Ok(Some(Claim::Done(Box::new(import))))
                }
                Some(import) if is_held(&import) => Ok(None),
                Some(import) => {
                    let progressed = match &import.progress {
                        Some(text) => serde_json::from_str(text).map_err(|e| {
                            Error::new(ErrorCode::Corrupt, format!("the import's state: {e}"))
                        })?,
                        None => Progressed { rows: 0, rejects: None, tally: Tally::default() },
                    };
                    writer.update_operation(
                        import.operation.id,
                        &OperationUpdate {
                            state: OperationState::Running,
                            finished_at: None,
                            millis: (import.operation.seconds * 1000.0) as i64,
                            counts: &import.operation.counts,
                            progress: import.progress.as_deref(),
                            lease,
                        },
                    )?;
                    Ok(Some(Claim::Resume(import.operation.id, progressed)))
                }
                None => {
                    let id = writer.add_operation(&new_operation(
                        session,
                        prepared,
                        options,
                        OperationState::Running,
                        Some(&prepared.key),
                    ))?;
                    let counts = BTreeMap::new();
                    let update = OperationUpdate {
                        state: OperationState::Running,
                        finished_at: None,
                        millis: 0,
                        counts: &counts,
                        progress: None,
                        lease,
                    };
                    writer.update_operation(id, &update)?;
                    Ok(Some(Claim::New(id)))
                }
            }
        })?;
        match claim {
            Some(claim) => return Ok(claim),
            None if waited.elapsed() > session.store.busy_timeout() => {
                return Err(Error::new(
                    ErrorCode::OperationRunning,
                    "another process is importing this file right now",
                )
                .hint("wait for it to end, then call again"));
            }
            None => {
                options.cancel.check()?;
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

fn new_operation<'a>(
    session: &'a Session,
    prepared: &'a Prepared,
    options: &'a ImportOptions,
    state: OperationState,
    import_key: Option<&'a str>,
) -> NewOperation<'a> {
    NewOperation {
        kind: OperationKind::Import,
        state,
        name: options.name.as_deref(),
        actor: session.actor.as_deref(),
        reason: session.reason.as_deref(),
        at: session.clock.now(),
        file: prepared.input.name.as_deref(),
        file_hash: Some(&prepared.input.hash),
        import_key,
        mapping: &prepared.mapping,
        options: &prepared.options,
    }
}

/// Leases are about processes that live or died, so they go by the machine's clock, whatever
/// clock the session has.
fn lease_until() -> Timestamp {
    Timestamp(real_now().0 + LEASE.as_millis() as i64)
}

fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn is_held(import: &StoredImport) -> bool {
    import.operation.state == OperationState::Running
        && import.lease.as_ref().is_some_and(|(until, _)| *until > real_now())
}

/// Leaves an operation as it stands; best effort, since an error is on its way already.
fn release(session: &Session, operation: i64, holder: &str, state: OperationState) {
    let _ = session.store.write(|writer| {
        writer.check_lease(operation, holder)?;
        writer.release_operation(operation, state)
    });
}

fn abandon(session: &Session, operation: i64, _: Option<&Progressed>, state: OperationState) {
    let _ = session.store.write(|writer| writer.release_operation(operation, state));
}

fn already_imported(
    session: &Session,
    prepared: &Prepared,
    records: Records,
    import: &StoredImport,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let count = |name: &str| import.operation.counts.get(name).copied().unwrap_or(0);
    let (rows, ignored) = (count("rows"), count("ignored"));
    let mut tally = Tally::new(options.show_values);
    tally.rows = rows;
    tally.skipped_by.insert(IssueCode::AlreadyImported.as_str().to_string(), rows);
    let operation = session.store.write(|writer| {
        let id = writer.add_operation(&new_operation(
            session,
            prepared,
            options,
            OperationState::Finished,
            None,
        ))?;
        writer.update_operation(
            id,
            &OperationUpdate {
                state: OperationState::Finished,
                finished_at: Some(session.clock.now()),
                millis: 0,
                counts: &tally.counts(ignored),
                progress: None,
                lease: None,
            },
        )?;
        Ok(id)
    })?;
    let mut report = assemble(prepared, &tally, ignored, records.format().clone(), None, false);
    report.operation_id = Some(operation);
    Ok(report)
}

fn dry_run(
    session: &Session,
    prepared: Prepared,
    options: &ImportOptions,
    limit: Option<u64>,
) -> Result<(ImportReport, Vec<Lead>, bool)> {
    let records = Records::open(&prepared.input, &options.format)?;
    let format = records.format().clone();
    // A store of its own takes what a run would write; a preview's fits into memory.
    let folder = tempfile::tempdir().map_err(|e| Error::io(&e, std::env::temp_dir()))?;
    let path = folder.path().join("dry-run.db");
    let overlay = Store::open(
        limit.is_none().then_some(path.as_path()),
        StoreOptions { busy_timeout: Duration::from_secs(1), read_only: false },
    )?;
    let nowhere = crate::model::options::Rejects::Write(false);
    let mut rejects = RejectsFile::new(&nowhere, None, None, None, records.header())?;
    let mut filter = match limit {
        Some(_) => None,
        None => key_filter(session, &prepared, options, 0)?,
    };
    let mut importer = Importer::new(&prepared, options, Tally::new(options.show_values));
    importer.show = limit.is_some();
    let mut progress =
        Reporter::new(options.progress.as_ref().map(|p| &p.0), "import", "bytes", Some(prepared.input.len));
    let threads = threads(session, options);
    let complete = session.store.read(|base| {
        let above = base.lead_bound()?.cast_signed();
        overlay.write(|writer| writer.allot(above))?;
        pipeline::run(records, &prepared.cleaner, threads, 0, limit, |steps| {
            loop {
                options.cancel.check()?;
                let done = overlay.write(|writer| {
                    let rev = writer.next_rev()?;
                    let first_id = writer.reader().lead_bound()?.cast_signed() + 1;
                    let mut next_id = first_id;
                    let mut target = Target::new(writer, Some(base), filter.as_mut(), rev)?;
                    let now = session.clock.now();
                    let done = importer.transaction(
                        steps,
                        &mut target,
                        &mut rejects,
                        &mut progress,
                        options,
                        now,
                        &mut next_id,
                    )?;
                    target.finish()?;
                    writer.allot(next_id - first_id)?;
                    Ok(done)
                })?;
                if done {
                    return Ok(limit.is_none_or(|limit| importer.tally.rows < limit));
                }
            }
        })
    })?;
    progress.finish(prepared.input.len);
    let leads = std::mem::take(&mut importer.shown);
    let mut report = importer.report(prepared, format);
    report.dry_run = true;
    Ok((report, leads, complete))
}

/// A filter pays when the file is large against the store; else asking the index is cheaper than
/// reading all its keys.
fn key_filter(
    session: &Session,
    prepared: &Prepared,
    options: &ImportOptions,
    skip: u64,
) -> Result<Option<KeyFilter>> {
    /// Bytes of a short row: few enough that the filter is never too small.
    const ROW: u64 = 60;
    session.store.read(|reader| {
        let stored = reader.lead_bound()?;
        let rows = (prepared.input.len / ROW).saturating_sub(skip);
        let kinds: Vec<_> = options.match_on.iter().map(|by| matching::kind(*by)).collect();
        if kinds.is_empty() || rows < stored / 10 || rows < 1_000 {
            return Ok(None);
        }
        let mut filter = KeyFilter::new((stored + rows) * kinds.len() as u64);
        reader.each_key(&kinds, |key| filter.insert(key))?;
        Ok(Some(filter))
    })
}

fn threads(session: &Session, options: &ImportOptions) -> usize {
    let asked = if options.threads > 0 { options.threads } else { session.threads };
    match asked {
        0 => std::thread::available_parallelism().map_or(1, |n| n.get()).min(8),
        n => n.min(64),
    }
}

/// Matches and writes drafts, and counts.
struct Importer {
    match_on: Vec<MatchKey>,
    on_match: OnMatch,
    slots: Vec<FieldName>,
    fields: Vec<FieldName>,
    filled: Vec<u64>,
    header: Vec<String>,
    tally: Tally,
    ignored: u64,
    rejects: Option<PathBuf>,
    show: bool,
    shown: Vec<Lead>,
}

impl Importer {
    fn new(prepared: &Prepared, options: &ImportOptions, tally: Tally) -> Self {
        let fields = quality_fields(prepared.cleaner.plan(), &options.set);
        Importer {
            match_on: if options.on_match == OnMatch::Create { Vec::new() } else { options.match_on.clone() },
            on_match: options.on_match,
            slots: prepared.cleaner.plan().slots().to_vec(),
            filled: vec![0; fields.len()],
            fields,
            header: prepared.columns.iter().map(|c| c.column.clone()).collect(),
            tally,
            ignored: 0,
            rejects: None,
            show: false,
            shown: Vec::new(),
        }
    }

    /// Takes batches until the transaction is large enough; true at the end of the file.
    #[allow(clippy::too_many_arguments, reason = "the parts of one transaction, each with its owner")]
    fn transaction(
        &mut self,
        steps: &mut Steps,
        target: &mut Target<'_>,
        rejects: &mut RejectsFile,
        progress: &mut Reporter<'_>,
        options: &ImportOptions,
        now: Timestamp,
        next_id: &mut i64,
    ) -> Result<bool> {
        let until = self.tally.rows + TRANSACTION;
        let mut done = false;
        while self.tally.rows < until && !options.cancel.is_cancelled() {
            let Some(step) = steps.next()? else {
                self.ignored = steps.end().ignored;
                done = true;
                break;
            };
            let (bytes, ignored) = (step.bytes, step.ignored);
            self.step(step, target, rejects, now, next_id)?;
            self.ignored = ignored;
            progress.at(bytes);
        }
        let filled = std::mem::take(&mut self.filled);
        self.tally.add_filled(&self.fields, &filled);
        self.filled = vec![0; self.fields.len()];
        Ok(done)
    }

    fn step(
        &mut self,
        step: Step,
        target: &mut Target<'_>,
        rejects: &mut RejectsFile,
        now: Timestamp,
        next_id: &mut i64,
    ) -> Result<()> {
        let Step { batch, .. } = step;
        self.tally.add_slots(&self.slots, &batch.slots);
        for (index, mut draft) in batch.drafts.into_iter().enumerate() {
            self.tally.rows += 1;
            let row = batch.records.row(index);
            if !draft.is_rejected() {
                self.take(&mut draft, target, now, next_id)?;
            }
            self.tally.note(row.line(), &draft.issues);
            if draft.is_rejected() {
                self.tally.rejected += 1;
                rejects.write(row, &draft.issues, &self.header)?;
            }
        }
        Ok(())
    }

    /// Creates, merges or skips; a row that must be rejected is given its issue.
    fn take(
        &mut self,
        draft: &mut Draft,
        target: &mut Target<'_>,
        now: Timestamp,
        next_id: &mut i64,
    ) -> Result<()> {
        let lead = std::mem::take(&mut draft.lead);
        let keys = keys_of(&lead);
        let found = match self.match_on.is_empty() {
            true => Found::Nothing,
            false => matching::find(&self.match_on, &lead, &keys, target)?,
        };
        match found {
            Found::Nothing => self.create(lead, keys, target, now, next_id),
            Found::SharedEmail => {
                let email = lead.email.clone().unwrap_or_default();
                draft.issues.push(Issue::new(IssueCode::SharedEmail).field("email").value(email));
                self.create(lead, keys, target, now, next_id)
            }
            Found::Conflict => {
                draft.note_row(IssueCode::MatchConflict);
                Ok(())
            }
            Found::Lead(stored) => match self.on_match {
                OnMatch::Skip => {
                    self.tally.skip(IssueCode::MatchSkipped);
                    Ok(())
                }
                OnMatch::Reject => {
                    draft.note_row(IssueCode::AlreadyExists);
                    Ok(())
                }
                _ => self.join(*stored, lead, draft, target, now),
            },
        }
    }

    fn create(
        &mut self,
        mut lead: Lead,
        keys: Vec<LeadKey>,
        target: &mut Target<'_>,
        now: Timestamp,
        next_id: &mut i64,
    ) -> Result<()> {
        if lead.created_at == Timestamp::default() {
            lead.created_at = now;
        }
        if lead.updated_at == Timestamp::default() {
            lead.updated_at = now;
        }
        self.tally.add_lead(&self.fields, &mut self.filled, &lead);
        self.tally.created += 1;
        let id = *next_id;
        *next_id += 1;
        let row = LeadRow::with_keys(lead, keys);
        if self.show && self.shown.len() < SHOWN {
            self.shown.push(Lead { id, ..row.lead.clone() });
        }
        target.create(row, id)
    }

    fn join(
        &mut self,
        stored: Lead,
        row: Lead,
        draft: &mut Draft,
        target: &mut Target<'_>,
        now: Timestamp,
    ) -> Result<()> {
        self.tally.add_lead(&self.fields, &mut self.filled, &row);
        let (mut merged, kept) = merge(&stored, &row, self.on_match);
        for field in kept {
            draft.note(IssueCode::KeptExisting, &field, row.cell(&field).as_ref());
        }
        if same_values(&stored, &merged) {
            self.tally.skip(IssueCode::Unchanged);
            return Ok(());
        }
        match self.on_match {
            OnMatch::Update => self.tally.updated += 1,
            _ => self.tally.merged += 1,
        }
        merged.updated_at = now;
        target.change(&stored, LeadRow::of(merged))
    }

    fn report(self, prepared: Prepared, format: crate::table::TableFormat) -> ImportReport {
        assemble(&prepared, &self.tally, self.ignored, format, self.rejects, false)
    }
}

fn assemble(
    prepared: &Prepared,
    tally: &Tally,
    ignored: u64,
    format: crate::table::TableFormat,
    rejects: Option<PathBuf>,
    resumed: bool,
) -> ImportReport {
    ImportReport {
        operation_id: None,
        file: prepared.input.name.clone(),
        file_hash: prepared.input.hash.clone(),
        dry_run: false,
        resumed,
        rows: tally.rows,
        created: tally.created,
        updated: tally.updated,
        merged: tally.merged,
        skipped: tally.skipped(),
        skipped_by: tally.skipped_by.clone(),
        rejected: tally.rejected,
        ignored,
        rejects,
        format,
        mapping: prepared.columns.clone(),
        issues: tally.issues(),
        quality: tally.quality(),
        timing: Timing::default(),
    }
}
