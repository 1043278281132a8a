//! The whole file, record by record.

use super::View;
use super::audit::{AUDIT, read_audit};
use super::comms::{CONSENT, read_consent};
use super::lead::read_lead;
use super::log::{
    CHANGE, COMMIT, CONFLICT, OPERATION, json, read_change, read_commit, read_conflict, read_operation, text,
};
use super::outbox::{EVENT, read_event};
use crate::error::Result;
use crate::store::{
    LeadRow, ReadComms, ReadJournal, ReadLeads, Record, RejectedRow, WriteAudit, WriteAutomations,
    WriteComms, WritePrivacy,
};

impl View<'_> {
    pub(super) fn walk_records(&self, each: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        each(Record::Head { rev: self.head()?, next_lead: self.next_lead()? })?;
        for field in self.read_custom_fields()? {
            each(Record::CustomField(field))?;
        }
        for status in self.read_statuses()? {
            each(Record::Status(status))?;
        }
        let leads = format!("SELECT {} FROM lead ORDER BY id", super::lead::lead_columns());
        self.walk(&leads, |row| each(Record::Lead(Box::new(read_lead(row)?))))?;
        self.walk(&format!("SELECT {OPERATION} FROM operation ORDER BY id"), |row| {
            each(Record::Operation(Box::new(read_operation(row)?)))
        })?;
        self.walk(&format!("SELECT {COMMIT} FROM commit_log ORDER BY rev"), |row| {
            each(Record::Commit(read_commit(row)?))
        })?;
        self.walk(&format!("SELECT {CHANGE} FROM change ORDER BY rev, lead"), |row| {
            each(Record::Change(read_change(row)?))
        })?;
        self.walk(&format!("SELECT operation, {CONFLICT} FROM conflict ORDER BY operation, seq"), |row| {
            each(Record::Conflict { operation: row.get(0)?, conflict: read_conflict(row, 1)? })
        })?;
        self.walk("SELECT operation, seq, cells FROM reject ORDER BY operation, seq", |row| {
            let seq: i64 = row.get(1)?;
            each(Record::Reject { operation: row.get(0)?, seq: seq.unsigned_abs(), cells: json(row, 2)? })
        })?;
        self.walk(&format!("SELECT {CONSENT} FROM consent ORDER BY id"), |row| {
            each(Record::Consent(Box::new(read_consent(row)?)))
        })?;
        if let Some(settings) = self.settings()? {
            each(Record::Settings(Box::new(settings)))?;
        }
        for template in self.templates(None)? {
            each(Record::Template(Box::new(template)))?;
        }
        self.walk("SELECT value FROM communication ORDER BY id", |row| {
            each(Record::Communication(Box::new(json(row, 0)?)))
        })?;
        self.walk(&format!("SELECT {EVENT} FROM communication_event ORDER BY communication, seq"), |row| {
            each(Record::CommunicationEvent(read_event(row)?))
        })?;
        self.walk("SELECT name, value FROM meter ORDER BY name", |row| {
            each(Record::Meter { name: row.get(0)?, value: row.get(1)? })
        })?;
        self.walk(&format!("SELECT {AUDIT} FROM audit ORDER BY seq"), |row| {
            each(Record::Audit(Box::new(read_audit(row)?)))
        })?;
        self.walk("SELECT value FROM erasure ORDER BY id", |row| {
            each(Record::Erasure(Box::new(json(row, 0)?)))
        })?;
        self.walk("SELECT value FROM hold ORDER BY lead", |row| each(Record::Hold(json(row, 0)?)))?;
        self.walk("SELECT value FROM automation ORDER BY name, version", |row| {
            each(Record::Automation(Box::new(json(row, 0)?)))
        })?;
        self.walk("SELECT value FROM automation_state ORDER BY name", |row| {
            each(Record::AutomationState(Box::new(json(row, 0)?)))
        })?;
        self.walk("SELECT value FROM schedule ORDER BY name", |row| {
            each(Record::Schedule(Box::new(json(row, 0)?)))
        })?;
        self.walk("SELECT value FROM automation_run ORDER BY id", |row| {
            each(Record::AutomationRun(Box::new(json(row, 0)?)))
        })?;
        self.walk("SELECT value FROM automation_signal ORDER BY id", |row| {
            each(Record::Signal(json(row, 0)?))
        })?;
        self.walk("SELECT value FROM host_event ORDER BY id", |row| {
            each(Record::HostEvent(Box::new(json(row, 0)?)))
        })
    }

    fn walk(&self, sql: &str, mut each: impl FnMut(&rusqlite::Row<'_>) -> Result<()>) -> Result<()> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    pub(super) fn write_records(&self, records: Vec<Record>) -> Result<()> {
        for record in records {
            self.write_record(record)?;
        }
        Ok(())
    }

    fn write_record(&self, record: Record) -> Result<()> {
        match record {
            Record::Head { rev, next_lead } => {
                self.connection.execute("UPDATE head SET rev = ?, next_lead = ?", (rev, next_lead))?;
            }
            Record::CustomField(field) => self.write_custom_field(&field)?,
            Record::Status(status) => {
                let mut statuses = self.read_statuses()?;
                statuses.push(status);
                self.write_statuses(&statuses)?;
            }
            Record::Lead(lead) => {
                let row = LeadRow::of(*lead);
                let keys: Vec<_> = row.keys.iter().map(|key| (*key, row.lead.id)).collect();
                self.insert_rows(&[row])?;
                self.insert_keys(&keys)?;
            }
            Record::Operation(stored) => {
                let operation = &stored.operation;
                let marks = ["?"; 23].join(", ");
                let sql = format!("INSERT INTO operation ({OPERATION}) VALUES ({marks})");
                self.connection.prepare_cached(&sql)?.execute(rusqlite::params![
                    operation.id,
                    operation.kind.as_str(),
                    operation.state.as_str(),
                    operation.name,
                    operation.actor,
                    operation.reason,
                    operation.started_at.0,
                    operation.finished_at.map(|t| t.0),
                    stored.millis,
                    operation.file,
                    operation.file_hash,
                    text(&operation.mapping)?,
                    text(&operation.counts)?,
                    operation.options.to_string(),
                    operation.undo_of,
                    operation.expires_at.map(|t| t.0),
                    stored.progress,
                    stored.lease.as_ref().map(|l| l.0.0),
                    stored.lease.as_ref().map(|l| &l.1),
                    stored.import_key,
                    stored.token,
                    stored.plan_rev,
                    stored.idempotency_key,
                ])?;
            }
            Record::Commit(commit) => self.insert_commit(&commit)?,
            Record::Change(change) => {
                let sql = format!("INSERT INTO change ({CHANGE}) VALUES (?, ?, ?, ?)");
                let before = serde_json::Value::Object(change.before).to_string();
                self.connection.prepare_cached(&sql)?.execute((
                    change.rev,
                    change.lead,
                    change.prev_rev,
                    before,
                ))?;
            }
            Record::Conflict { operation, conflict } => self.insert_conflicts(operation, &[conflict])?,
            Record::Reject { operation, seq, cells } => {
                self.insert_rejects(operation, &[RejectedRow { seq, cells }])?;
            }
            Record::Consent(entry) => self.insert_consent(entry.id, &entry)?,
            Record::Settings(settings) => self.put_settings(&settings)?,
            Record::Meter { name, value } => self.put_meter(&name, value)?,
            Record::Template(template) => self.put_template(&template)?,
            Record::Communication(message) => {
                let words = self.insert_communication(&message)?;
                self.mark_changed(&[words.0], &message.reply_to.into_iter().collect::<Vec<_>>())?;
                self.add_words(vec![words])?;
            }
            Record::CommunicationEvent(event) => self.append_event(&event)?,
            Record::Audit(record) => self.add_audit(&record)?,
            Record::Erasure(certificate) => self.insert_erasure(&certificate)?,
            Record::Hold(hold) => self.put_hold(&hold)?,
            Record::Automation(automation) => self.put_automation(&automation)?,
            Record::AutomationState(state) => self.put_automation_state(&state)?,
            Record::Schedule(schedule) => self.put_schedule(&schedule)?,
            Record::AutomationRun(run) => self.insert_run(&run)?,
            Record::Signal(signal) => self.add_signals(&[signal])?,
            Record::HostEvent(event) => self.add_host_events(&[*event])?,
        }
        Ok(())
    }
}
