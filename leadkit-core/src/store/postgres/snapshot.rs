//! The whole tenant, record by record.

use super::View;
use super::audit::{AUDIT, read_audit};
use super::comms::{CONSENT, read_consent};
use super::lead::{COLUMNS, parse, read_lead};
use super::log::{
    CHANGE, COMMIT, CONFLICT, OPERATION, read_change, read_commit, read_conflict, read_operation,
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
        let mut walk = |sql: String, read: fn(&tokio_postgres::Row) -> Result<Record>| {
            self.walk(&sql, &[], &mut |row| each(read(row)?).map(|()| true))
        };
        walk(format!("SELECT {} FROM lead ORDER BY id", *COLUMNS), |row| {
            Ok(Record::Lead(Box::new(read_lead(row)?)))
        })?;
        walk(format!("SELECT {OPERATION} FROM operation ORDER BY id"), |row| {
            Ok(Record::Operation(Box::new(read_operation(row)?)))
        })?;
        walk(format!("SELECT {COMMIT} FROM commit_log ORDER BY rev"), |row| {
            Ok(Record::Commit(read_commit(row)?))
        })?;
        walk(format!("SELECT {CHANGE} FROM change ORDER BY rev, lead"), |row| {
            Ok(Record::Change(read_change(row)?))
        })?;
        walk(format!("SELECT operation, {CONFLICT} FROM conflict ORDER BY operation, seq"), |row| {
            Ok(Record::Conflict { operation: row.try_get(0)?, conflict: read_conflict(row, 1)? })
        })?;
        walk("SELECT operation, seq, cells FROM reject ORDER BY operation, seq".into(), |row| {
            let seq: i64 = row.try_get(1)?;
            let cells = parse(row.try_get(2)?)?;
            Ok(Record::Reject { operation: row.try_get(0)?, seq: seq.unsigned_abs(), cells })
        })?;
        walk(format!("SELECT {CONSENT} FROM consent ORDER BY id"), |row| {
            Ok(Record::Consent(Box::new(read_consent(row)?)))
        })?;
        if let Some(settings) = self.settings()? {
            each(Record::Settings(Box::new(settings)))?;
        }
        for template in self.templates(None)? {
            each(Record::Template(Box::new(template)))?;
        }
        let mut walk = |sql: String, read: fn(&tokio_postgres::Row) -> Result<Record>| {
            self.walk(&sql, &[], &mut |row| each(read(row)?).map(|()| true))
        };
        walk("SELECT value FROM communication ORDER BY id".into(), |row| {
            Ok(Record::Communication(Box::new(parse(row.try_get(0)?)?)))
        })?;
        walk(format!("SELECT {EVENT} FROM communication_event ORDER BY communication, seq"), |row| {
            Ok(Record::CommunicationEvent(read_event(row)?))
        })?;
        walk("SELECT name, value FROM meter ORDER BY name".into(), |row| {
            Ok(Record::Meter { name: row.try_get(0)?, value: row.try_get(1)? })
        })?;
        walk(format!("SELECT {AUDIT} FROM audit ORDER BY seq"), |row| {
            Ok(Record::Audit(Box::new(read_audit(row)?)))
        })?;
        walk("SELECT value FROM erasure ORDER BY id".into(), |row| {
            Ok(Record::Erasure(Box::new(parse(row.try_get(0)?)?)))
        })?;
        walk("SELECT value FROM hold ORDER BY lead".into(), |row| Ok(Record::Hold(parse(row.try_get(0)?)?)))?;
        walk("SELECT value FROM automation ORDER BY name, version".into(), |row| {
            Ok(Record::Automation(Box::new(parse(row.try_get(0)?)?)))
        })?;
        walk("SELECT value FROM automation_state ORDER BY name".into(), |row| {
            Ok(Record::AutomationState(Box::new(parse(row.try_get(0)?)?)))
        })?;
        walk("SELECT value FROM schedule ORDER BY name".into(), |row| {
            Ok(Record::Schedule(Box::new(parse(row.try_get(0)?)?)))
        })?;
        walk("SELECT value FROM automation_run ORDER BY id".into(), |row| {
            Ok(Record::AutomationRun(Box::new(parse(row.try_get(0)?)?)))
        })?;
        walk("SELECT value FROM automation_signal ORDER BY id".into(), |row| {
            Ok(Record::Signal(parse(row.try_get(0)?)?))
        })?;
        walk("SELECT value FROM host_event ORDER BY id".into(), |row| {
            Ok(Record::HostEvent(Box::new(parse(row.try_get(0)?)?)))
        })
    }

    /// Leads, changes and runs, of which there are many, are written together; nothing else depends on
    /// them.
    pub(super) fn write_records(&self, records: Vec<Record>) -> Result<()> {
        let (mut leads, mut keys, mut changes, mut runs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for record in records {
            match record {
                Record::Head { rev, next_lead } => {
                    self.execute("UPDATE head SET rev = $1, next_lead = $2", &[&rev, &next_lead])?;
                }
                Record::CustomField(field) => self.write_custom_field(&field)?,
                Record::Status(status) => self.add_status(&status)?,
                Record::Lead(lead) => {
                    let row = LeadRow::of(*lead);
                    keys.extend(row.keys.iter().map(|key| (*key, row.lead.id)));
                    leads.push(row);
                }
                Record::Operation(stored) => self.put_operation(&stored)?,
                Record::Commit(commit) => self.insert_commit(&commit)?,
                Record::Change(change) => changes.push(change),
                Record::Conflict { operation, conflict } => self.insert_conflicts(operation, &[conflict])?,
                Record::Reject { operation, seq, cells } => {
                    self.insert_rejects(operation, &[RejectedRow { seq, cells }])?;
                }
                Record::Consent(entry) => self.insert_consent(entry.id, &entry)?,
                Record::Settings(settings) => self.put_settings(&settings)?,
                Record::Template(template) => self.put_template(&template)?,
                Record::Communication(message) => {
                    let place = self.insert_communication(&message)?;
                    self.mark_changed(&[place], &message.reply_to.into_iter().collect::<Vec<_>>())?;
                }
                Record::CommunicationEvent(event) => self.append_event(&event)?,
                Record::Meter { name, value } => self.put_meter(&name, value)?,
                Record::Audit(record) => self.add_audit(&record)?,
                Record::Erasure(certificate) => self.insert_erasure(&certificate)?,
                Record::Hold(hold) => self.put_hold(&hold)?,
                Record::Automation(automation) => self.put_automation(&automation)?,
                Record::AutomationState(state) => self.put_automation_state(&state)?,
                Record::Schedule(schedule) => self.put_schedule(&schedule)?,
                Record::AutomationRun(run) => runs.push(*run),
                Record::Signal(signal) => self.add_signals(&[signal])?,
                Record::HostEvent(event) => self.add_host_events(&[*event])?,
            }
        }
        keys.sort_unstable();
        self.insert_rows(&leads)?;
        self.insert_keys(&keys)?;
        self.copy_runs(runs.iter().map(|run| (run.id, run)))?;
        self.put_changes(&changes)
    }
}
