//! Reading: every question is a walk over a map.

use std::cmp::Ordering;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use super::View;
use crate::error::Result;
use crate::model::field::{CustomField, Field, FieldName};
use crate::model::filter::Expr;
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, Operation};
use crate::model::status::Status;
use crate::store::{
    Change, Commit, KeyKind, LeadKey, OperationKey, OperationQuery, Position, Query, ReadAll, ReadJournal,
    ReadLeads, Record, SetValue, StoredOperation,
};

impl ReadLeads for View {
    fn leads(&self, ids: &[i64]) -> Result<Vec<Lead>> {
        let state = self.state.borrow();
        let mut leads: Vec<Lead> =
            ids.iter().filter_map(|id| state.leads.get(id)).map(|l| (**l).clone()).collect();
        leads.sort_by_key(|lead| lead.id);
        Ok(leads)
    }

    fn leads_by_keys(&self, keys: &[LeadKey]) -> Result<Vec<(LeadKey, i64)>> {
        let state = self.state.borrow();
        let of = |key: &LeadKey| state.keys.range((*key, i64::MIN)..=(*key, i64::MAX)).copied();
        Ok(keys.iter().flat_map(of).collect())
    }

    fn each_key(&self, kinds: &[KeyKind], each: &mut dyn FnMut(LeadKey)) -> Result<()> {
        let state = self.snapshot();
        state.keys.iter().filter(|(key, _)| kinds.contains(&key.kind)).for_each(|(key, _)| each(*key));
        Ok(())
    }

    fn next_lead(&self) -> Result<i64> {
        Ok(self.state.borrow().next_lead)
    }

    fn count(&self, query: &Query) -> Result<u64> {
        Ok(self.state.borrow().found(query).count() as u64)
    }

    fn count_differing(&self, filter: &Expr, values: &[SetValue]) -> Result<(u64, u64)> {
        let state = self.state.borrow();
        let query = Query::of(filter.clone());
        let found = state.found(&query);
        Ok(found.fold((0, 0), |sum, lead| (sum.0 + 1, sum.1 + u64::from(differs(lead, values)))))
    }

    fn page(&self, query: &Query, after: Option<&Position>, limit: u64) -> Result<Vec<Lead>> {
        let mut page = Vec::new();
        for lead in ordered(self, query, after) {
            if page.len() as u64 == limit {
                break;
            }
            page.push((*lead).clone());
        }
        Ok(page)
    }

    fn each_lead(&self, query: &Query, each: &mut dyn FnMut(Lead) -> Result<bool>) -> Result<()> {
        for lead in ordered(self, query, None) {
            if !each((*lead).clone())? {
                break;
            }
        }
        Ok(())
    }

    fn filled_fields(&self, query: &Query, candidates: &[FieldName]) -> Result<Vec<FieldName>> {
        let state = self.state.borrow();
        let filled = |lead: &Lead, field: &FieldName| match field {
            // Every lead has its instants.
            FieldName::Standard(Field::CreatedAt | Field::UpdatedAt) => true,
            field => !lead.is_empty(field),
        };
        let any = |field: &&FieldName| state.found(query).any(|lead| filled(lead, field));
        Ok(candidates.iter().filter(any).cloned().collect())
    }

    fn custom_fields(&self) -> Result<Vec<CustomField>> {
        Ok(self.state.borrow().fields.to_vec())
    }

    fn statuses(&self) -> Result<Vec<Status>> {
        Ok(self.state.borrow().statuses.to_vec())
    }
}

/// What a query finds behind a position, in its order.
fn ordered(view: &View, query: &Query, after: Option<&Position>) -> Vec<Arc<Lead>> {
    let state = view.state.borrow();
    let placed = state.found(query).map(|lead| (Position::of(lead, query), lead.clone()));
    let behind = |at: &Position| after.is_none_or(|after| at.compare(after, query) == Ordering::Greater);
    let mut leads: Vec<(Position, Arc<Lead>)> = placed.filter(|(at, _)| behind(at)).collect();
    leads.sort_by(|(a, _), (b, _)| a.compare(b, query));
    leads.into_iter().map(|(_, lead)| lead).collect()
}

/// Whether a lead has not all of some values.
pub(super) fn differs(lead: &Lead, values: &[SetValue]) -> bool {
    values.iter().any(|value| lead.text(value.field) != value.text.as_deref())
}

impl ReadJournal for View {
    fn head(&self) -> Result<i64> {
        Ok(self.state.borrow().rev)
    }

    fn operation(&self, id: i64) -> Result<Option<StoredOperation>> {
        Ok(self.state.borrow().operations.get(&id).map(|stored| (**stored).clone()))
    }

    fn operation_by(&self, key: &OperationKey<'_>) -> Result<Option<StoredOperation>> {
        let has = |stored: &StoredOperation| match key {
            OperationKey::Import(key) => stored.import_key.as_deref() == Some(*key),
            OperationKey::Token(token) => stored.token.as_deref() == Some(*token),
            OperationKey::Idempotency(key) => stored.idempotency_key.as_deref() == Some(*key),
            OperationKey::UndoOf(id) => stored.operation.undo_of == Some(*id),
        };
        let state = self.state.borrow();
        Ok(state.operations.values().rev().find(|stored| has(stored)).map(|stored| (**stored).clone()))
    }

    fn operations(&self, query: &OperationQuery) -> Result<Vec<Operation>> {
        let state = self.state.borrow();
        let newest = state.operations.values().rev().map(|stored| &stored.operation);
        let found = newest.filter(|o| {
            query.kind.is_none_or(|kind| o.kind == kind)
                && query.state.is_none_or(|state| o.state == state)
                && query.actor.as_ref().is_none_or(|actor| o.actor.as_ref() == Some(actor))
                && query.since.is_none_or(|since| o.started_at >= since)
                && query.until.is_none_or(|until| o.started_at < until)
                && query.before.is_none_or(|before| o.id < before)
        });
        Ok(found.take(size(query.limit)).cloned().collect())
    }

    fn each_reject(&self, operation: i64, each: &mut dyn FnMut(Vec<String>) -> Result<()>) -> Result<()> {
        let state = self.snapshot();
        let mut rejects = state.rejects.range((operation, 0)..=(operation, u64::MAX));
        rejects.try_for_each(|(_, cells)| each(cells.to_vec()))
    }

    fn conflicts(&self, operation: i64, skip: u64, limit: u64) -> Result<Vec<Conflict>> {
        let state = self.state.borrow();
        let all = state.conflicts.get(&operation).into_iter().flat_map(|conflicts| conflicts.iter());
        Ok(all.skip(size(skip)).take(size(limit)).cloned().collect())
    }

    fn commit(&self, rev: i64) -> Result<Option<Commit>> {
        Ok(self.state.borrow().commits.get(&rev).map(|commit| (**commit).clone()))
    }

    fn commits_of(&self, operation: i64) -> Result<Vec<Commit>> {
        let state = self.state.borrow();
        Ok(state.commits.values().filter(|c| c.operation == operation).map(|c| (**c).clone()).collect())
    }

    fn change(&self, rev: i64, lead: i64) -> Result<Option<Change>> {
        Ok(self.state.borrow().changes.get(&(rev, lead)).map(|change| (**change).clone()))
    }

    fn changes(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<Change>> {
        let state = self.state.borrow();
        let changes = state.changes.range((Excluded((rev, after)), Included((rev, i64::MAX))));
        Ok(changes.take(size(limit)).map(|(_, change)| (**change).clone()).collect())
    }

    fn overtaken(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<i64>> {
        let state = self.state.borrow();
        let changed = state.changes.range((Excluded((rev, after)), Included((rev, i64::MAX))));
        let later = |id: &i64| state.leads.get(id).is_some_and(|lead| lead.rev != rev);
        Ok(changed.map(|((_, id), _)| *id).filter(later).take(size(limit)).collect())
    }

    fn commits_after(&self, rev: i64, limit: u64) -> Result<Vec<Commit>> {
        let state = self.state.borrow();
        let commits = state.commits.range((Excluded(rev), Unbounded));
        Ok(commits.take(size(limit)).map(|(_, commit)| (**commit).clone()).collect())
    }
}

pub(super) fn size(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

impl ReadAll for View {
    fn each_record(&self, each: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        let state = self.snapshot();
        each(Record::Head { rev: state.rev, next_lead: state.next_lead })?;
        for field in state.fields.iter() {
            each(Record::CustomField(field.clone()))?;
        }
        for status in state.statuses.iter() {
            each(Record::Status(status.clone()))?;
        }
        for lead in state.leads.values() {
            each(Record::Lead(Box::new((**lead).clone())))?;
        }
        for stored in state.operations.values() {
            each(Record::Operation(Box::new((**stored).clone())))?;
        }
        for commit in state.commits.values() {
            each(Record::Commit((**commit).clone()))?;
        }
        for change in state.changes.values() {
            each(Record::Change((**change).clone()))?;
        }
        for (&operation, conflicts) in state.conflicts.iter() {
            for conflict in conflicts.iter() {
                each(Record::Conflict { operation, conflict: conflict.clone() })?;
            }
        }
        for (&(operation, seq), cells) in state.rejects.iter() {
            each(Record::Reject { operation, seq, cells: cells.to_vec() })?;
        }
        for entry in state.consent.values() {
            each(Record::Consent(Box::new((**entry).clone())))?;
        }
        if let Some(settings) = state.settings {
            each(Record::Settings(Box::new((*settings).clone())))?;
        }
        for template in state.templates.values() {
            each(Record::Template(Box::new((**template).clone())))?;
        }
        for message in state.communications.values() {
            each(Record::Communication(Box::new((**message).clone())))?;
        }
        for event in state.communication_events.values().flat_map(|events| events.iter()) {
            each(Record::CommunicationEvent(event.clone()))?;
        }
        for (name, &value) in state.meters.iter() {
            each(Record::Meter { name: name.clone(), value })?;
        }
        for record in state.audit.values() {
            each(Record::Audit(Box::new((**record).clone())))?;
        }
        for certificate in state.erasures.values() {
            each(Record::Erasure(Box::new((**certificate).clone())))?;
        }
        for hold in state.holds.values() {
            each(Record::Hold((**hold).clone()))?;
        }
        for automation in state.automations.values() {
            each(Record::Automation(Box::new((**automation).clone())))?;
        }
        for one in state.automation_states.values() {
            each(Record::AutomationState(Box::new((**one).clone())))?;
        }
        for schedule in state.schedules.values() {
            each(Record::Schedule(Box::new((**schedule).clone())))?;
        }
        for run in state.runs.values() {
            each(Record::AutomationRun(Box::new((**run).clone())))?;
        }
        for signal in state.signals.values() {
            each(Record::Signal(signal.clone()))?;
        }
        for event in state.host_events.values() {
            each(Record::HostEvent(Box::new((**event).clone())))?;
        }
        Ok(())
    }
}
