//! Writing: maps of the transaction's own state are changed.

use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use super::View;
use super::read::{differs, size};
use super::state::{State, enter};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::{CustomField, FieldName};
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, Operation, OperationState};
use crate::model::status::Status;
use crate::store::image::{self, Image};
use crate::store::{
    Commit, LeadKey, LeadRow, LeadUpdate, NewOperation, OperationUpdate, Record, RejectedRow, RestoreFields,
    SetFields, StoredOperation, Touched, WriteAll, WriteAudit, WriteAutomations, WriteComms, WriteJournal,
    WriteLeads, WritePrivacy, before_image, keys_of,
};

impl WriteLeads for View {
    fn allot(&self, count: i64) -> Result<i64> {
        let mut state = self.state.borrow_mut();
        let first = state.next_lead;
        state.next_lead += count;
        Ok(first)
    }

    fn insert_leads(&self, rows: &[LeadRow]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        rows.iter()
            .try_for_each(|row| enter(&mut state.leads, row.lead.id, Arc::new(row.lead.as_ref().clone())))
    }

    fn update_leads(&self, updates: &[LeadUpdate]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        for LeadUpdate { before, after } in updates {
            let image = before_image(before, &after.lead);
            state.replace_lead(after.lead.as_ref().clone());
            state.keep_image(after.lead.rev, before.id, before.rev, image);
        }
        Ok(())
    }

    fn set_fields(&self, set: &SetFields<'_>) -> Result<Touched> {
        let mut state = self.state.borrow_mut();
        let selected = state.leads.range((Excluded(set.after), Unbounded)).map(|(_, lead)| lead);
        let selected = selected.filter(|lead| {
            lead.deleted_at.is_none()
                && lead.rev < set.rev
                && differs(lead, set.values)
                && set.filter.matches(lead)
        });
        let selected: Vec<Arc<Lead>> = selected.take(size(set.limit)).cloned().collect();
        for before in &selected {
            let names = || set.values.iter().map(|value| value.field.name());
            let mut image: Image =
                names().map(|name| (name.to_string(), image::value(before, name))).collect();
            if names().any(|name| before.original.contains_key(name)) {
                image.insert("original".into(), image::value(before, "original"));
            }
            let mut after = Lead { rev: set.rev, updated_at: set.at, ..(**before).clone() };
            for value in set.values {
                after.set_text(value.field, value.text.clone());
                // What is set by hand did not come from a file.
                after.original.remove(value.field.name());
            }
            state.replace_lead(after);
            state.keep_image(set.rev, before.id, before.rev, image);
        }
        Ok(touched(&selected))
    }

    fn restore_fields(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        if restore.fields.is_empty() {
            return Ok(Touched::default());
        }
        let mut state = self.state.borrow_mut();
        let of = restore.of;
        let changed = state.changes.range((Excluded((of, restore.after)), Included((of, i64::MAX))));
        let last = changed.filter_map(|((_, id), change)| Some((state.leads.get(id)?, change)));
        let last = last.filter(|(lead, _)| lead.rev == of).take(size(restore.limit));
        let (leads, changes): (Vec<_>, Vec<_>) =
            last.map(|(lead, change)| (lead.clone(), change.clone())).unzip();
        for (lead, change) in leads.iter().zip(&changes) {
            let old = &change.before;
            let mut image = Image::new();
            let mut after = Lead { rev: restore.rev, updated_at: restore.at, ..(**lead).clone() };
            for field in restore.fields {
                image.insert(field.name().into(), lead.value(&FieldName::Standard(*field)));
                if let Some(value) = old.get(field.name()) {
                    image::put(&mut after, field.name(), value)?;
                }
            }
            if let Some(value) = old.get("original") {
                image.insert("original".into(), image::value(lead, "original"));
                image::put(&mut after, "original", value)?;
            }
            state.replace_lead(after);
            state.keep_image(restore.rev, lead.id, lead.rev, image);
        }
        Ok(touched(&leads))
    }

    fn add_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        Arc::make_mut(&mut self.state.borrow_mut().keys).extend(keys);
        Ok(())
    }

    fn remove_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        let stored = Arc::make_mut(&mut state.keys);
        for key in keys {
            stored.remove(key);
        }
        Ok(())
    }

    fn purge_leads(&self, ids: &[i64]) -> Result<()> {
        let ids: std::collections::BTreeSet<i64> = ids.iter().copied().collect();
        let mut state = self.state.borrow_mut();
        Arc::make_mut(&mut state.leads).retain(|id, _| !ids.contains(id));
        Arc::make_mut(&mut state.keys).retain(|(_, id)| !ids.contains(id));
        Arc::make_mut(&mut state.changes).retain(|(_, id), _| !ids.contains(id));
        Ok(())
    }

    fn put_custom_field(&self, field: &CustomField) -> Result<()> {
        let mut state = self.state.borrow_mut();
        let fields = Arc::make_mut(&mut state.fields);
        match fields.iter_mut().find(|known| known.key == field.key) {
            Some(known) => *known = field.clone(),
            None => fields.push(field.clone()),
        }
        Ok(())
    }

    fn put_statuses(&self, statuses: &[Status]) -> Result<()> {
        let keys: std::collections::BTreeSet<&str> = statuses.iter().map(|s| s.key.as_str()).collect();
        if keys.len() < statuses.len() {
            return Err(Error::internal("a status is twice in the list"));
        }
        self.state.borrow_mut().statuses = Arc::new(statuses.to_vec());
        Ok(())
    }
}

fn touched(leads: &[Arc<Lead>]) -> Touched {
    Touched { count: leads.len() as u64, last: leads.last().map(|lead| lead.id) }
}

impl WriteJournal for View {
    fn next_rev(&self) -> Result<i64> {
        let mut state = self.state.borrow_mut();
        state.rev += 1;
        Ok(state.rev)
    }

    fn add_operation(&self, new: &NewOperation) -> Result<i64> {
        let mut state = self.state.borrow_mut();
        let id = state.operations.last_key_value().map_or(0, |(id, _)| *id) + 1;
        if new.token.is_some() && state.operations.values().any(|other| other.token == new.token) {
            return Err(Error::internal("another operation has this token"));
        }
        check_name(&state, id, new.idempotency_key.as_deref())?;
        let operation = Operation {
            id,
            kind: new.kind,
            state: new.state,
            name: new.name.clone(),
            actor: new.actor.clone(),
            reason: new.reason.clone(),
            started_at: new.at,
            // Whatever is entered as finished ended as it began.
            finished_at: (new.state == OperationState::Finished).then_some(new.at),
            seconds: 0.0,
            file: new.file.clone(),
            file_hash: new.file_hash.clone(),
            mapping: new.mapping.clone(),
            counts: new.counts.clone(),
            options: new.options.clone(),
            planned: 0,
            changed: 0,
            skipped: 0,
            conflicts: 0,
            undo_of: new.undo_of,
            expires_at: new.expires_at,
        };
        let stored = StoredOperation {
            operation,
            millis: 0,
            progress: None,
            lease: None,
            import_key: new.import_key.clone(),
            token: new.token.clone(),
            plan_rev: new.plan_rev,
            idempotency_key: new.idempotency_key.clone(),
        };
        enter(&mut state.operations, id, Arc::new(derived(stored)))?;
        Ok(id)
    }

    fn update_operation(&self, id: i64, update: &OperationUpdate) -> Result<()> {
        let mut state = self.state.borrow_mut();
        let Some(stored) = state.operations.get(&id) else { return Ok(()) };
        check_name(&state, id, update.idempotency_key.as_deref())?;
        let mut stored = (**stored).clone();
        stored.operation.state = update.state;
        stored.operation.finished_at = update.finished_at;
        stored.operation.counts = update.counts.clone();
        stored.millis = update.millis;
        stored.progress = update.progress.clone();
        stored.lease = update.lease.clone();
        stored.idempotency_key = update.idempotency_key.clone().or(stored.idempotency_key);
        Arc::make_mut(&mut state.operations).insert(id, Arc::new(derived(stored)));
        Ok(())
    }

    fn drop_plans(&self, expired_before: Timestamp, limit: u64) -> Result<u64> {
        let mut state = self.state.borrow_mut();
        let acted: BTreeSet<i64> = state.commits.values().map(|commit| commit.operation).collect();
        let expired = state.operations.values().filter(|stored| {
            stored.token.is_some()
                && matches!(stored.operation.state, OperationState::Planned | OperationState::Cancelled)
                && stored.operation.expires_at.is_some_and(|until| until < expired_before)
                && !acted.contains(&stored.operation.id)
        });
        let ids: Vec<i64> = expired.map(|stored| stored.operation.id).take(size(limit)).collect();
        ids.iter().for_each(|id| drop(Arc::make_mut(&mut state.operations).remove(id)));
        Ok(ids.len() as u64)
    }

    fn add_conflicts(&self, operation: i64, conflicts: &[Conflict]) -> Result<()> {
        if conflicts.is_empty() {
            return Ok(());
        }
        let mut state = self.state.borrow_mut();
        state.check_operation(operation)?;
        let kept = Arc::make_mut(&mut state.conflicts).entry(operation).or_default();
        Arc::make_mut(kept).extend_from_slice(conflicts);
        Ok(())
    }

    fn add_rejects(&self, operation: i64, rows: &[RejectedRow]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        for row in rows {
            state.check_operation(operation)?;
            enter(&mut state.rejects, (operation, row.seq), Arc::new(row.cells.clone()))?;
        }
        Ok(())
    }

    fn drop_rejects(&self, operation: i64) -> Result<()> {
        let mut state = self.state.borrow_mut();
        Arc::make_mut(&mut state.rejects).retain(|(of, _), _| *of != operation);
        Ok(())
    }

    fn add_commit(&self, commit: &Commit) -> Result<()> {
        let mut state = self.state.borrow_mut();
        state.check_operation(commit.operation)?;
        enter(&mut state.commits, commit.rev, Arc::new(commit.clone()))
    }

    fn prune_changes(&self, up_to: i64) -> Result<u64> {
        let mut state = self.state.borrow_mut();
        let before = state.changes.len();
        Arc::make_mut(&mut state.changes).retain(|(rev, _), _| *rev > up_to);
        Ok((before - state.changes.len()) as u64)
    }
}

/// Refuses an idempotency key that another operation has.
fn check_name(state: &State, id: i64, key: Option<&str>) -> Result<()> {
    let Some(key) = key else { return Ok(()) };
    let taken = |(other, stored): (&i64, &Arc<StoredOperation>)| {
        *other != id && stored.idempotency_key.as_deref() == Some(key)
    };
    match state.operations.iter().any(taken) {
        true => Err(Error::new(ErrorCode::Conflict, "another operation has this idempotency key")),
        false => Ok(()),
    }
}

/// Fills in what follows from the counts and the time of work.
fn derived(mut stored: StoredOperation) -> StoredOperation {
    let operation = &mut stored.operation;
    let count = |name: &str| operation.counts.get(name).copied().unwrap_or(0);
    (operation.planned, operation.changed) = (count("planned"), count("changed"));
    (operation.skipped, operation.conflicts) = (count("skipped"), count("conflicts"));
    operation.seconds = stored.millis as f64 / 1000.0;
    stored
}

impl WriteAll for View {
    fn put_records(&self, records: Vec<Record>) -> Result<()> {
        records.into_iter().try_for_each(|record| self.put_record(record))
    }
}

impl View {
    fn put_record(&self, record: Record) -> Result<()> {
        let state = || self.state.borrow_mut();
        match record {
            Record::Head { rev, next_lead } => {
                let mut state = state();
                (state.rev, state.next_lead) = (rev, next_lead);
                Ok(())
            }
            Record::CustomField(field) => self.put_custom_field(&field),
            Record::Status(status) => {
                Arc::make_mut(&mut state().statuses).push(status);
                Ok(())
            }
            Record::Lead(lead) => {
                let keys: Vec<_> = keys_of(&lead).into_iter().map(|key| (key, lead.id)).collect();
                self.add_keys(&keys)?;
                enter(&mut state().leads, lead.id, Arc::from(lead))
            }
            Record::Operation(stored) => {
                enter(&mut state().operations, stored.operation.id, Arc::new(derived(*stored)))
            }
            Record::Commit(commit) => self.add_commit(&commit),
            Record::Change(change) => {
                enter(&mut state().changes, (change.rev, change.lead), Arc::new(change))
            }
            Record::Conflict { operation, conflict } => self.add_conflicts(operation, &[conflict]),
            Record::Reject { operation, seq, cells } => {
                self.add_rejects(operation, &[RejectedRow { seq, cells }])
            }
            Record::Consent(entry) => state().enter_consent(*entry),
            Record::Settings(settings) => self.put_settings(&settings),
            Record::Template(template) => self.put_template(&template),
            Record::Communication(message) => {
                let mut state = state();
                match state.communications.contains_key(&message.id) {
                    true => Err(Error::internal("a record of this key is there already")),
                    false => state.keep_communication(*message),
                }
            }
            Record::CommunicationEvent(event) => self.add_communication_events(&[event]),
            Record::Meter { name, value } => self.put_meter(&name, value),
            Record::Audit(record) => self.add_audit(&record),
            Record::Erasure(certificate) => self.state.borrow_mut().enter_erasure(*certificate),
            Record::Hold(hold) => self.put_hold(&hold),
            Record::Automation(automation) => self.put_automation(&automation),
            Record::AutomationState(one) => self.put_automation_state(&one),
            Record::Schedule(schedule) => self.put_schedule(&schedule),
            Record::AutomationRun(run) => state().enter_run(*run),
            Record::Signal(signal) => self.add_signals(&[signal]),
            Record::HostEvent(event) => self.add_host_events(&[*event]),
        }
    }
}
