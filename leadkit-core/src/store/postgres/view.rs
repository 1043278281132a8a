//! The store's traits, each call where its rows are.

use super::View;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::field::{CustomField, FieldName};
use crate::model::filter::Expr;
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, Operation};
use crate::model::status::Status;
use crate::store::{
    Change, Commit, KeyKind, LeadKey, LeadRow, LeadUpdate, NewOperation, OperationKey, OperationQuery,
    OperationUpdate, Position, Query, ReadAll, ReadJournal, ReadLeads, Record, RejectedRow, RestoreFields,
    SetFields, SetValue, StoredOperation, Touched, WriteAll, WriteJournal, WriteLeads,
};

impl ReadLeads for View<'_> {
    fn leads(&self, ids: &[i64]) -> Result<Vec<Lead>> {
        self.read_leads(ids)
    }

    fn leads_by_keys(&self, keys: &[LeadKey]) -> Result<Vec<(LeadKey, i64)>> {
        self.find_keys(keys)
    }

    fn each_key(&self, kinds: &[KeyKind], each: &mut dyn FnMut(LeadKey)) -> Result<()> {
        self.walk_keys(kinds, each)
    }

    fn next_lead(&self) -> Result<i64> {
        Ok(self.row("SELECT next_lead FROM head", &[])?.try_get(0)?)
    }

    fn count(&self, query: &Query) -> Result<u64> {
        self.count_leads(query)
    }

    fn count_differing(&self, filter: &Expr, values: &[SetValue]) -> Result<(u64, u64)> {
        self.count_set(filter, values)
    }

    fn page(&self, query: &Query, after: Option<&Position>, limit: u64) -> Result<Vec<Lead>> {
        self.read_page(query, after, limit)
    }

    fn each_lead(&self, query: &Query, each: &mut dyn FnMut(Lead) -> Result<bool>) -> Result<()> {
        self.walk_leads(query, each)
    }

    fn filled_fields(&self, query: &Query, candidates: &[FieldName]) -> Result<Vec<FieldName>> {
        self.find_filled(query, candidates)
    }

    fn custom_fields(&self) -> Result<Vec<CustomField>> {
        self.read_custom_fields()
    }

    fn statuses(&self) -> Result<Vec<Status>> {
        self.read_statuses()
    }
}

impl WriteLeads for View<'_> {
    fn allot(&self, count: i64) -> Result<i64> {
        let sql = "UPDATE head SET next_lead = next_lead + $1 RETURNING next_lead - $1";
        Ok(self.row(sql, &[&count])?.try_get(0)?)
    }

    fn insert_leads(&self, rows: &[LeadRow]) -> Result<()> {
        self.insert_rows(rows)
    }

    fn update_leads(&self, updates: &[LeadUpdate]) -> Result<()> {
        self.update_rows(updates)
    }

    fn set_fields(&self, set: &SetFields<'_>) -> Result<Touched> {
        self.set_by_sql(set)
    }

    fn restore_fields(&self, restore: &RestoreFields<'_>) -> Result<Touched> {
        self.restore_by_sql(restore)
    }

    fn add_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        self.insert_keys(keys)
    }

    fn remove_keys(&self, keys: &[(LeadKey, i64)]) -> Result<()> {
        self.delete_keys(keys)
    }

    fn purge_leads(&self, ids: &[i64]) -> Result<()> {
        self.delete_leads(ids)
    }

    fn put_custom_field(&self, field: &CustomField) -> Result<()> {
        self.write_custom_field(field)
    }

    fn put_statuses(&self, statuses: &[Status]) -> Result<()> {
        self.write_statuses(statuses)
    }
}

impl ReadJournal for View<'_> {
    fn head(&self) -> Result<i64> {
        Ok(self.row("SELECT rev FROM head", &[])?.try_get(0)?)
    }

    fn operation(&self, id: i64) -> Result<Option<StoredOperation>> {
        self.find_operation("id = $1", &id)
    }

    fn operation_by(&self, key: &OperationKey<'_>) -> Result<Option<StoredOperation>> {
        match key {
            OperationKey::Import(key) => self.find_operation("import_key = $1", key),
            OperationKey::Token(token) => self.find_operation("token = $1", token),
            OperationKey::Idempotency(key) => self.find_operation("idempotency_key = $1", key),
            OperationKey::UndoOf(id) => self.find_operation("undo_of = $1", id),
        }
    }

    fn operations(&self, query: &OperationQuery) -> Result<Vec<Operation>> {
        self.list_operations(query)
    }

    fn each_reject(&self, operation: i64, each: &mut dyn FnMut(Vec<String>) -> Result<()>) -> Result<()> {
        self.walk_rejects(operation, each)
    }

    fn conflicts(&self, operation: i64, skip: u64, limit: u64) -> Result<Vec<Conflict>> {
        self.read_conflicts(operation, skip, limit)
    }

    fn commit(&self, rev: i64) -> Result<Option<Commit>> {
        Ok(self.read_commits("rev = $1", rev, 1)?.pop())
    }

    fn commits_of(&self, operation: i64) -> Result<Vec<Commit>> {
        self.read_commits("operation = $1", operation, u64::MAX)
    }

    fn change(&self, rev: i64, lead: i64) -> Result<Option<Change>> {
        self.find_change(rev, lead)
    }

    fn changes(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<Change>> {
        self.read_changes(rev, after, limit)
    }

    fn overtaken(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<i64>> {
        self.find_overtaken(rev, after, limit)
    }

    fn commits_after(&self, rev: i64, limit: u64) -> Result<Vec<Commit>> {
        self.read_commits("rev > $1", rev, limit)
    }
}

impl WriteJournal for View<'_> {
    fn next_rev(&self) -> Result<i64> {
        Ok(self.row("UPDATE head SET rev = rev + 1 RETURNING rev", &[])?.try_get(0)?)
    }

    fn add_operation(&self, new: &NewOperation) -> Result<i64> {
        self.insert_operation(new)
    }

    fn update_operation(&self, id: i64, update: &OperationUpdate) -> Result<()> {
        self.write_operation(id, update)
    }

    fn drop_plans(&self, expired_before: Timestamp, limit: u64) -> Result<u64> {
        self.delete_plans(expired_before, limit)
    }

    fn add_conflicts(&self, operation: i64, conflicts: &[Conflict]) -> Result<()> {
        self.insert_conflicts(operation, conflicts)
    }

    fn add_rejects(&self, operation: i64, rows: &[RejectedRow]) -> Result<()> {
        self.insert_rejects(operation, rows)
    }

    fn drop_rejects(&self, operation: i64) -> Result<()> {
        self.execute("DELETE FROM reject WHERE operation = $1", &[&operation])?;
        Ok(())
    }

    fn add_commit(&self, commit: &Commit) -> Result<()> {
        self.insert_commit(commit)
    }

    fn prune_changes(&self, up_to: i64) -> Result<u64> {
        self.execute("DELETE FROM change WHERE rev <= $1", &[&up_to])
    }
}

impl ReadAll for View<'_> {
    fn each_record(&self, each: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        self.walk_records(each)
    }
}

impl WriteAll for View<'_> {
    fn put_records(&self, records: Vec<Record>) -> Result<()> {
        self.write_records(records)
    }
}
