//! The import itself: claim the operation, enter batch by batch, report.

use std::collections::HashSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::columns::Columns;
use super::contacts::Known;
use super::row::{Read, Reading};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::history::log::contact;
use crate::import::claim::{Claim, Claimed, Progressed, claim};
use crate::import::done_already;
use crate::import::rejects::RejectsFile;
use crate::import::tally::Tally;
use crate::ledger::lease::check_lease;
use crate::ledger::{Session, audit};
use crate::measure::count;
use crate::model::audit::AuditKind;
use crate::model::communication::Communication;
use crate::model::history::{ContactImportOptions, LogOptions};
use crate::model::issue::{Issue, IssueCode, Severity};
use crate::model::operation::{OperationKind, OperationState};
use crate::model::report::{ImportReport, Timing};
use crate::progress::Reporter;
use crate::store::{CommunicationKey, NewOperation, OperationKey, Reader, RejectedRow, Writer};
use crate::table::{Input, RecordBatch, Records, Row, Source};

/// Rows looked at to map columns and to learn how dates are written.
const SAMPLE: usize = 1_000;
/// Rows of one transaction.
const BATCH: usize = 2_000;

/// Imports a history of contacts.
///
/// # Errors
/// `access_denied` for a view with an access profile. Of the source: `file_not_found`, `is_directory`,
/// `permission_denied`, `empty_source`, `no_records`, `not_a_table`. Of the mapping: `no_mappable_column`,
/// `unknown_column`, `unknown_field`. Of options: `invalid_argument`, `unknown_option`, `file_exists` (the
/// rejects file). On the way: `cancelled`, `busy`, `operation_running`, `disk_full`, `io`; what was
/// committed stays, and the same call goes on from there.
pub fn import(session: &Session, source: Source, options: ContactImportOptions) -> Result<ImportReport> {
    session.check_whole("imports no contacts: by what is found, values of leads could be guessed")?;
    let began = Instant::now();
    let prepared = Prepared::new(source, &options)?;
    let mut report = match options.dry_run {
        true => dry_run(session, prepared, &options)?,
        false => store(session, prepared, &options)?,
    };
    let seconds = began.elapsed().as_secs_f64();
    report.timing = Timing { seconds, rows_per_second: report.rows as f64 / seconds.max(1e-9) };
    Ok(report)
}

/// An import that is ready to run.
struct Prepared {
    input: Input,
    records: Records,
    reading: Reading,
    key: String,
    options: Value,
}

impl Prepared {
    fn new(source: Source, options: &ContactImportOptions) -> Result<Prepared> {
        let input = source.open(&options.cancel, options.progress.as_ref().map(|p| &p.0))?;
        let at_path = |error: Error| match &input.path {
            Some(path) => error.at_path(path),
            None => error,
        };
        let mut records = Records::open(&input, &options.format)?;
        let sample = records.next_batch(SAMPLE)?.ok_or_else(|| {
            at_path(Error::new(ErrorCode::NoRecords, "the file holds a header and no records"))
        })?;
        let good = sample.iter().filter(|row| !row.raw_issues().is_bad());
        let cells: Vec<Vec<&str>> = good.map(|row| row.iter().collect()).collect();
        let columns =
            Columns::map(records.header(), &cells, options).map_err(|error| match error.error_code() {
                ErrorCode::NoMappableColumn | ErrorCode::UnknownColumn => at_path(error),
                _ => error,
            })?;
        let reading = Reading::new(columns, options)?;
        // What does not change the contacts does not change the key.
        let mut value = serde_json::to_value(options).map_err(|e| Error::internal(e.to_string()))?;
        if let Value::Object(map) = &mut value {
            for volatile in ["rejects", "name", "again", "dry_run", "show_values"] {
                map.remove(volatile);
            }
        }
        let key = json!(["contacts", input.hash, value]).to_string();
        let key = blake3::hash(key.as_bytes()).to_hex().to_string();
        let records = Records::open(&input, &options.format)?;
        Ok(Prepared { input, records, reading, key, options: value })
    }

    fn operation(&self, session: &Session, options: &ContactImportOptions) -> NewOperation {
        NewOperation {
            name: options.name.clone(),
            file: self.input.name.clone(),
            file_hash: Some(self.input.hash.clone()),
            mapping: self.reading.columns.logged(),
            options: self.options.clone(),
            ..session.new_operation(OperationKind::ImportContacts)
        }
    }

    fn report(&self, tally: &Tally, ignored: u64) -> ImportReport {
        ImportReport {
            operation_id: None,
            kind: OperationKind::ImportContacts,
            file: self.input.name.clone(),
            file_hash: self.input.hash.clone(),
            dry_run: false,
            resumed: false,
            rows: tally.rows,
            created: tally.created,
            updated: 0,
            merged: 0,
            skipped: tally.skipped(),
            skipped_by: tally.skipped_by.clone(),
            rejected: tally.rejected,
            ignored,
            consent: tally.consent,
            automations: 0,
            rejects: None,
            format: self.records.format().clone(),
            mapping: self.reading.columns.report.clone(),
            issues: tally.issues(),
            quality: tally.quality(),
            timing: Timing::default(),
        }
    }
}

fn store(session: &Session, mut prepared: Prepared, options: &ContactImportOptions) -> Result<ImportReport> {
    let (source, database) = (prepared.input.path.as_deref(), session.store.path());
    let name = prepared.input.name.as_deref();
    let rejects = RejectsFile::new(&options.rejects, source, database, name, prepared.records.header());
    let holder = session.holder();
    let claimed =
        Claimed { key: &prepared.key, again: options.again, cancel: &options.cancel, holder: &holder };
    let new = || prepared.operation(session, options);
    let (operation, progressed) = match claim(session, &claimed, new, || rejects.check_free())? {
        Claim::Done(import) => {
            let (tally, ignored) = done_already(&import, options.show_values);
            let entry =
                NewOperation { counts: tally.counts(ignored), ..prepared.operation(session, options) };
            let operation = session.store.writing(|writer| audit::operation(session, writer, &entry))?;
            let mut report = prepared.report(&tally, ignored);
            report.operation_id = Some(operation);
            return Ok(report);
        }
        Claim::New(operation) => (operation, None),
        Claim::Resume(operation, progressed) => (operation, Some(progressed)),
    };
    let result = go_on(session, &mut prepared, options, &rejects, operation, &holder, progressed);
    if let Err(error) = &result {
        session.release(operation, &holder, error);
    }
    result
}

/// Runs a claimed import from where it stands to its end.
fn go_on(
    session: &Session,
    prepared: &mut Prepared,
    options: &ContactImportOptions,
    rejects: &RejectsFile,
    operation: i64,
    holder: &str,
    progressed: Option<Progressed>,
) -> Result<ImportReport> {
    let resumed = progressed.is_some();
    let (skip, worked, mut tally) = match progressed {
        Some(before) => (before.rows, before.millis, before.tally.resumed(options.show_values)),
        None => (0, 0, Tally::new(options.show_values)),
    };
    let began = session.clock.now();
    let state = |writer: &dyn Writer, tally: &Tally, ignored: u64, finished: Option<Timestamp>| {
        let millis = worked + (session.clock.now().0 - began.0).max(0);
        let stands = Progressed { rows: tally.rows, millis, tally: tally.clone() };
        writer.update_operation(operation, &stands.update(ignored, holder, finished)?)
    };
    let len = prepared.input.len;
    let mut progress = Reporter::new(options.progress.as_ref().map(|p| &p.0), "import", "bytes", Some(len));
    skip_rows(&mut prepared.records, skip)?;
    let mut batch = RecordBatch::default();
    while prepared.records.next_batch_into(&mut batch, BATCH)? {
        options.cancel.check()?;
        let ignored = prepared.records.ignored().total();
        // A transaction that is repeated counts anew.
        tally = session.store.writing(|writer| {
            check_lease(writer, operation, holder)?;
            let taken = take(session, writer, &prepared.reading, &batch, rejects, &tally, None)?;
            if !taken.contacts.is_empty() {
                let first = writer.add_communications(&taken.contacts)?;
                let entered = (first..).zip(&taken.contacts);
                let events: Vec<_> = entered
                    .map(|(id, contact)| {
                        let mut event = contact.event("logged", contact.created_at);
                        event.communication = id;
                        event
                    })
                    .collect();
                writer.add_communication_events(&events)?;
                let detail = json!({
                    "operation": operation,
                    "kind": OperationKind::ImportContacts.as_str(),
                    "contacts": taken.contacts.len(),
                });
                audit::enter(session, writer, AuditKind::Operation, &detail)?;
            }
            writer.add_rejects(operation, &taken.rejected)?;
            state(writer, &taken.tally, ignored, None)?;
            Ok(taken.tally)
        })?;
        progress.at(prepared.records.bytes_read());
    }
    options.cancel.check()?;
    // All rows are stored. The rejects become a file as a whole, and only then is the import done:
    // interrupted in between, the same call comes here again.
    let ignored = prepared.records.ignored().total();
    let path = session.whole.reading(|reader| rejects.write(reader, operation))?;
    session.store.writing(|writer| {
        check_lease(writer, operation, holder)?;
        writer.drop_rejects(operation)?;
        state(writer, &tally, ignored, Some(session.clock.now()))
    })?;
    progress.finish(len);
    for (word, number) in
        [("created", tally.created), ("skipped", tally.skipped()), ("rejected", tally.rejected)]
    {
        count("leadkit_contact_import_rows_total", "result", word, number);
    }
    let mut report = prepared.report(&tally, ignored);
    report.rejects = path;
    report.operation_id = Some(operation);
    report.resumed = resumed;
    Ok(report)
}

fn dry_run(
    session: &Session,
    mut prepared: Prepared,
    options: &ContactImportOptions,
) -> Result<ImportReport> {
    let done = session.whole.reading(|r| r.operation_by(&OperationKey::Import(&prepared.key)))?;
    let done = done.filter(|i| !options.again && i.operation.state == OperationState::Finished);
    if let Some(import) = done {
        let (tally, ignored) = done_already(&import, options.show_values);
        return Ok(ImportReport { dry_run: true, ..prepared.report(&tally, ignored) });
    }
    let nowhere = crate::model::options::Rejects::Write(false);
    let rejects = RejectsFile::new(&nowhere, None, None, None, prepared.records.header());
    let len = prepared.input.len;
    let mut progress = Reporter::new(options.progress.as_ref().map(|p| &p.0), "import", "bytes", Some(len));
    let (mut tally, mut batch) = (Tally::new(options.show_values), RecordBatch::default());
    // Keys that a run would have entered: hashes, for there may be many.
    let mut seen = HashSet::new();
    while prepared.records.next_batch_into(&mut batch, BATCH)? {
        options.cancel.check()?;
        let taken = session.whole.reading(|reader| {
            take(session, reader, &prepared.reading, &batch, &rejects, &tally, Some(&seen))
        })?;
        let keys = taken.contacts.iter().filter_map(|contact| contact.key.as_deref());
        seen.extend(keys.map(|key| *blake3::hash(key.as_bytes()).as_bytes()));
        tally = taken.tally;
        progress.at(prepared.records.bytes_read());
    }
    progress.finish(len);
    let ignored = prepared.records.ignored().total();
    Ok(ImportReport { dry_run: true, ..prepared.report(&tally, ignored) })
}

fn skip_rows(records: &mut Records, mut left: u64) -> Result<()> {
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(BATCH).min(BATCH);
        let Some(batch) = records.next_batch(most)? else { break };
        left -= batch.len() as u64;
    }
    Ok(())
}

/// What becomes of a batch.
struct Taken {
    contacts: Vec<Communication>,
    rejected: Vec<RejectedRow>,
    tally: Tally,
}

/// Reads the rows of a batch and finds whose they are; writes nothing.
fn take(
    session: &Session,
    reader: &dyn Reader,
    reading: &Reading,
    batch: &RecordBatch,
    rejects: &RejectsFile,
    before: &Tally,
    seen: Option<&HashSet<[u8; 32]>>,
) -> Result<Taken> {
    let mut tally = before.clone();
    let rows: Vec<(Row<'_>, Option<Read>, Vec<Issue>)> = batch
        .iter()
        .map(|row| {
            let mut issues = Vec::new();
            let read = reading.read(row, &mut issues);
            (row, read, issues)
        })
        .collect();
    let known = Known::of(reader, rows.iter().filter_map(|(_, read, _)| read.as_ref()))?;
    let (mut contacts, mut rejected, mut keys) = (Vec::new(), Vec::new(), HashSet::new());
    for (row, read, mut issues) in rows {
        tally.rows += 1;
        if let Some(read) = read {
            let there = match &read.contact.key {
                None => false,
                Some(key) => {
                    keys.contains(key)
                        || seen.is_some_and(|seen| seen.contains(blake3::hash(key.as_bytes()).as_bytes()))
                        || !reader.communications_by(&CommunicationKey::Key(key))?.is_empty()
                }
            };
            match known.lead_of(&read) {
                Err(issue) => issues.push(issue),
                Ok(_) if there => tally.skip(IssueCode::Unchanged),
                Ok(lead) => {
                    let Read { channel, contact: options, .. } = &read;
                    let options: &LogOptions = options;
                    contacts.push(contact(session, lead, *channel, options));
                    keys.extend(options.key.clone());
                    tally.created += 1;
                }
            }
        }
        if !issues.is_empty() {
            tally.note(row.line(), &issues);
            if issues.iter().any(|issue| issue.severity == Severity::Error) {
                tally.rejected += 1;
                rejected.extend(rejects.row(tally.rows, row, &issues));
            }
        }
    }
    Ok(Taken { contacts, rejected, tally })
}
