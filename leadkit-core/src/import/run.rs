//! The import itself: claim the operation, write batch by batch, report.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::claim::{Claim, Claimed, Progressed, claim, new_operation};
use super::filter::KeyFilter;
use super::pipeline;
use super::plan::{PREVIEW, Prepared, prepare};
use super::rejects::RejectsFile;
use super::tally::Tally;
use super::target::Target;
use super::write::Importer;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::ledger::lease::check_lease;
use crate::ledger::{Session, audit, matching};
use crate::measure::{Began, count};
use crate::model::issue::IssueCode;
use crate::model::lead::Lead;
use crate::model::operation::{OperationKind, OperationState};
use crate::model::options::ImportOptions;
use crate::model::report::{ImportPreview, ImportReport, Timing};
use crate::progress::Reporter;
use crate::store::{Commit, NewOperation, OperationKey, Store, StoredOperation, Writer};
use crate::table::{Records, Source, TableFormat};

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

fn store(session: &Session, prepared: Prepared, options: &ImportOptions) -> Result<ImportReport> {
    let records = Records::open(&prepared.input, &options.format)?;
    let (source, database) = (prepared.input.path.as_deref(), session.store.path());
    let name = prepared.input.name.as_deref();
    let rejects = RejectsFile::new(&options.rejects, source, database, name, records.header());
    let holder = session.holder();
    let claimed =
        Claimed { key: &prepared.key, again: options.again, cancel: &options.cancel, holder: &holder };
    let new = || new_operation(session, &prepared, options);
    let (operation, progressed) = match claim(session, &claimed, new, || rejects.check_free())? {
        Claim::Done(import) => return already_imported(session, &prepared, records, &import, options),
        Claim::New(operation) => (operation, None),
        Claim::Resume(operation, progressed) => (operation, Some(progressed)),
    };
    let result = go_on(session, prepared, options, records, &rejects, operation, &holder, progressed);
    if let Err(error) = &result {
        session.release(operation, &holder, error);
    }
    result
}

/// Runs a claimed import from where it stands to its end.
#[allow(clippy::too_many_arguments, reason = "the parts of one import, each with its owner")]
fn go_on(
    session: &Session,
    prepared: Prepared,
    options: &ImportOptions,
    records: Records,
    rejects: &RejectsFile,
    operation: i64,
    holder: &str,
    progressed: Option<Progressed>,
) -> Result<ImportReport> {
    let resumed = progressed.is_some();
    let (skip, worked, tally) = match progressed {
        Some(before) => (before.rows, before.millis, before.tally.resumed(options.show_values)),
        None => (0, 0, Tally::new(options.show_values)),
    };
    let format = records.format().clone();
    let mut filter = key_filter(session, &prepared, options, skip)?;
    let threads = threads(session, options);
    let mut importer = Importer::new(session, &prepared, options, tally);
    let len = prepared.input.len;
    let mut progress = Reporter::new(options.progress.as_ref().map(|p| &p.0), "import", "bytes", Some(len));
    let (began, measured) = (session.clock.now(), Began::now());

    let state = |writer: &dyn Writer, importer: &Importer, finished: Option<Timestamp>| {
        let millis = worked + (session.clock.now().0 - began.0).max(0);
        let stands = Progressed { rows: importer.tally.rows, millis, tally: importer.tally.clone() };
        writer.update_operation(operation, &stands.update(importer.ignored, holder, finished)?)
    };

    let fields = importer.fields.clone();
    pipeline::run(records, &prepared.cleaner, &fields, threads, skip, None, |steps| {
        let mut first = true;
        loop {
            options.cancel.check()?;
            let done = session.store.writing_once(|writer| {
                check_lease(writer, operation, holder)?;
                if std::mem::take(&mut first) {
                    for field in &prepared.new_fields {
                        writer.put_custom_field(field)?;
                    }
                }
                let (rev, now) = (writer.next_rev()?, session.clock.now());
                let mut target =
                    Target::new(writer, None, filter.as_mut(), Some(operation), rev, &session.keys)?;
                let done = importer.transaction(steps, &mut target, rejects, &mut progress, options, now)?;
                let consent = std::mem::take(&mut target.consent);
                let (created, changed) = target.finish()?;
                let (actor, reason) = (session.actor.clone(), session.reason.clone());
                let commit = Commit { rev, operation, at: now, actor, reason, created, changed };
                audit::commit(session, writer, OperationKind::Import, &commit, &[])?;
                consent.enter(session, writer)?;
                state(writer, &importer, None)?;
                Ok(done)
            })?;
            if done {
                return Ok(());
            }
        }
    })?;
    // All rows are stored. The rejects become a file as a whole, and only then is the import done:
    // interrupted in between, the same call comes here again.
    let path = session.whole.reading(|reader| rejects.write(reader, operation))?;
    session.store.writing(|writer| {
        check_lease(writer, operation, holder)?;
        writer.drop_rejects(operation)?;
        state(writer, &importer, Some(session.clock.now()))
    })?;
    progress.finish(len);
    let tally = &importer.tally;
    for (word, number) in [
        ("created", tally.created),
        ("updated", tally.updated),
        ("merged", tally.merged),
        ("skipped", tally.skipped()),
        ("rejected", tally.rejected),
    ] {
        count("leadkit_import_rows_total", "result", word, number);
    }
    // Not among the fields: those are looked at only where somebody listens.
    let seconds = measured.end("leadkit_import_seconds");
    tracing::info!(operation, rows = tally.rows, created = tally.created, seconds, "import finished");
    let mut report = assemble(&prepared, &importer.tally, importer.ignored, format, path);
    report.operation_id = Some(operation);
    report.resumed = resumed;
    Ok(report)
}

fn already_imported(
    session: &Session,
    prepared: &Prepared,
    records: Records,
    import: &StoredOperation,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let (tally, ignored) = done_already(import, options.show_values);
    let entry = NewOperation { counts: tally.counts(ignored), ..new_operation(session, prepared, options) };
    let operation = session.store.writing(|writer| audit::operation(session, writer, &entry))?;
    let mut report = assemble(prepared, &tally, ignored, records.format().clone(), None);
    report.operation_id = Some(operation);
    Ok(report)
}

/// The counts of an import that was done before, and what it ignored.
pub(crate) fn done_already(import: &StoredOperation, show_values: bool) -> (Tally, u64) {
    let count = |name: &str| import.operation.counts.get(name).copied().unwrap_or(0);
    let mut tally = Tally::new(show_values);
    tally.rows = count("rows");
    tally.skipped_by.insert(IssueCode::AlreadyImported.as_str().to_string(), tally.rows);
    (tally, count("ignored"))
}

fn dry_run(
    session: &Session,
    prepared: Prepared,
    options: &ImportOptions,
    limit: Option<u64>,
) -> Result<(ImportReport, Vec<Lead>, bool)> {
    let records = Records::open(&prepared.input, &options.format)?;
    let format = records.format().clone();
    if limit.is_none() && !options.again {
        // A run would find that it is done.
        let done = session.whole.reading(|r| r.operation_by(&OperationKey::Import(&prepared.key)))?;
        if let Some(import) = done.filter(|i| i.operation.state == OperationState::Finished) {
            let (tally, ignored) = done_already(&import, options.show_values);
            let mut report = assemble(&prepared, &tally, ignored, format, None);
            report.dry_run = true;
            return Ok((report, Vec::new(), true));
        }
    }
    // A store of its own takes what a run would write; a preview's fits into memory.
    let folder = tempfile::tempdir().map_err(|e| Error::io(&e, std::env::temp_dir()))?;
    let path = folder.path().join("dry-run.db");
    let overlay: Box<dyn Store> = overlay(limit.is_none().then_some(path.as_path()))?;
    let nowhere = crate::model::options::Rejects::Write(false);
    let rejects = RejectsFile::new(&nowhere, None, None, None, records.header());
    let mut filter = match limit {
        Some(_) => None,
        None => key_filter(session, &prepared, options, 0)?,
    };
    let mut importer = Importer::new(session, &prepared, options, Tally::new(options.show_values));
    importer.show = limit.is_some();
    let mut progress =
        Reporter::new(options.progress.as_ref().map(|p| &p.0), "import", "bytes", Some(prepared.input.len));
    let threads = threads(session, options);
    let fields = importer.fields.clone();
    let mut records = Some(records);
    let complete = session.whole.reading(|base| {
        let records = records.take().ok_or_else(|| Error::internal("a dry run was begun twice"))?;
        let above = base.next_lead()? - 1;
        overlay.writing(|writer| writer.allot(above))?;
        pipeline::run(records, &prepared.cleaner, &fields, threads, 0, limit, |steps| {
            loop {
                options.cancel.check()?;
                let done = overlay.writing_once(|writer| {
                    let (rev, now) = (writer.next_rev()?, session.clock.now());
                    let mut target =
                        Target::new(writer, Some(base), filter.as_mut(), None, rev, &session.keys)?;
                    let done =
                        importer.transaction(steps, &mut target, &rejects, &mut progress, options, now)?;
                    target.finish()?;
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
    let mut report = assemble(&prepared, &importer.tally, importer.ignored, format, None);
    report.dry_run = true;
    Ok((report, leads, complete))
}

#[cfg(feature = "sqlite")]
fn overlay(path: Option<&Path>) -> Result<Box<dyn Store>> {
    let options = crate::store::sqlite::StoreOptions {
        busy_timeout: std::time::Duration::from_secs(1),
        read_only: false,
    };
    Ok(Box::new(crate::store::sqlite::SqliteStore::open(path, options)?))
}

#[cfg(not(feature = "sqlite"))]
fn overlay(_path: Option<&Path>) -> Result<Box<dyn Store>> {
    Ok(Box::new(crate::store::MemoryStore::default()))
}

/// A filter pays when the file is large against the store; else asking the index is cheaper than
/// reading all its keys.
fn key_filter(
    session: &Session,
    prepared: &Prepared,
    options: &ImportOptions,
    skip: u64,
) -> Result<Option<KeyFilter>> {
    session.whole.reading(|reader| {
        let stored = reader.next_lead()?.unsigned_abs();
        let rows = prepared.rows_estimate.saturating_sub(skip);
        let kinds: Vec<_> = options.match_on.iter().map(|by| matching::kind(*by)).collect();
        if kinds.is_empty() || rows < stored / 10 || rows < 1_000 {
            return Ok(None);
        }
        let mut filter = KeyFilter::new((stored + rows) * kinds.len() as u64);
        reader.each_key(&kinds, &mut |key| filter.insert(key))?;
        Ok(Some(filter))
    })
}

fn threads(session: &Session, options: &ImportOptions) -> usize {
    let asked = if options.threads > 0 { options.threads } else { session.threads };
    match asked {
        // The writer has a core of its own, and seldom waits for more than a few.
        0 => std::thread::available_parallelism().map_or(1, |n| n.get().saturating_sub(1)).clamp(1, 8),
        n => n.min(64),
    }
}

fn assemble(
    prepared: &Prepared,
    tally: &Tally,
    ignored: u64,
    format: TableFormat,
    rejects: Option<PathBuf>,
) -> ImportReport {
    ImportReport {
        operation_id: None,
        kind: OperationKind::Import,
        file: prepared.input.name.clone(),
        file_hash: prepared.input.hash.clone(),
        dry_run: false,
        resumed: false,
        rows: tally.rows,
        created: tally.created,
        updated: tally.updated,
        merged: tally.merged,
        skipped: tally.skipped(),
        skipped_by: tally.skipped_by.clone(),
        rejected: tally.rejected,
        ignored,
        consent: tally.consent,
        automations: match prepared.options.get("automations") {
            Some(Value::Bool(true)) => tally.created + tally.updated + tally.merged,
            _ => 0,
        },
        rejects,
        format,
        mapping: prepared.columns.clone(),
        issues: tally.issues(),
        quality: tally.quality(),
        timing: Timing::default(),
    }
}
