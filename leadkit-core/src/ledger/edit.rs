//! One lead added or changed, each one commit.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::matching::{self, Candidates, Found};
use super::{Session, merge, values};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::FieldName;
use crate::model::lead::{Lead, LeadChange, ValueChange, Values};
use crate::model::operation::{OperationKind, OperationState};
use crate::model::options::MatchKey;
use crate::store::sqlite::{NewOperation, Reader, Writer};
use crate::store::{LeadKey, LeadRow};
use crate::validate::{Draft, Rules, has_identity, promote_further, split_full_name};

impl Session {
    /// Adds one lead.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_value`, `already_exists`.
    pub fn add_lead(&self, values: &Values) -> Result<Lead> {
        self.store.write(|writer| {
            let rules = Rules::new(writer.reader().custom_fields()?);
            let mut draft = Draft::default();
            values::apply(&rules, values, &mut draft)?;
            let mut lead = draft.lead;
            promote_further(&mut lead);
            complete(&mut lead)?;
            let now = self.clock.now();
            default_to(&mut lead.created_at, now);
            default_to(&mut lead.updated_at, now);
            let match_on = [MatchKey::ExternalId, MatchKey::Email];
            refuse_taken(&lead, &match_on, writer)?;
            lead.id = writer.allot(1)?;
            lead.rev = self.commit(writer, OperationKind::Add, now, Some(lead.id), values)?;
            let row = LeadRow::of(lead);
            writer.insert_lead(&row)?;
            writer.add_keys(&pairs(&row.keys, row.lead.id))?;
            Ok(row.lead)
        })
    }

    /// Changes some fields of a lead; values that change nothing make no commit.
    ///
    /// # Errors
    /// `not_found`, `unknown_field`, `invalid_value`, `already_exists` when another lead has the
    /// new external id.
    pub fn update_lead(&self, id: i64, values: &Values) -> Result<Lead> {
        self.store.write(|writer| {
            let before = writer
                .reader()
                .lead(id)?
                .filter(|l| l.deleted_at.is_none())
                .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {id}")))?;
            let rules = Rules::new(writer.reader().custom_fields()?);
            let mut draft = Draft { lead: before.clone(), issues: Vec::new() };
            values::apply(&rules, values, &mut draft)?;
            let mut lead = draft.lead;
            complete(&mut lead)?;
            if merge::same_values(&before, &lead) && before.created_at == lead.created_at {
                return Ok(before);
            }
            let now = self.clock.now();
            default_to(&mut lead.created_at, before.created_at);
            lead.updated_at = now;
            if lead.external_id != before.external_id {
                refuse_taken(&lead, &[MatchKey::ExternalId], writer)?;
            }
            lead.rev = self.commit(writer, OperationKind::Update, now, None, values)?;
            let old_keys = LeadRow::of(before.clone()).keys;
            let row = LeadRow::of(lead);
            writer.update_lead(&before, &row, false)?;
            let gone: Vec<LeadKey> = old_keys.iter().filter(|k| !row.keys.contains(k)).copied().collect();
            writer.remove_keys(&pairs(&gone, id))?;
            writer.add_keys(&pairs(&row.keys, id))?;
            Ok(row.lead)
        })
    }

    /// Every change of a lead, the newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub fn history(&self, id: i64) -> Result<Vec<LeadChange>> {
        self.store.read(|reader| {
            let lead = reader
                .lead(id)?
                .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {id}")))?;
            let mut state = all_values(&lead);
            let (mut changes, mut rev) = (Vec::new(), lead.rev);
            loop {
                match reader.change(rev, id)? {
                    Some((prev_rev, before)) => {
                        let mut fields = BTreeMap::new();
                        for (field, before) in before {
                            let after = match before.is_null() {
                                true => state.remove(&field),
                                false => state.insert(field.clone(), before.clone()),
                            };
                            fields.insert(field, ValueChange { before, after: after.unwrap_or(Value::Null) });
                        }
                        changes.push(entry(reader, rev, false, fields)?);
                        rev = prev_rev;
                    }
                    None => {
                        let first = |after| ValueChange { before: Value::Null, after };
                        let fields = state.into_iter().map(|(field, value)| (field, first(value))).collect();
                        changes.push(entry(reader, rev, true, fields)?);
                        return Ok(changes);
                    }
                }
            }
        })
    }

    /// Enters a finished operation with its one commit.
    fn commit(
        &self,
        writer: &Writer<'_>,
        kind: OperationKind,
        at: Timestamp,
        created: Option<i64>,
        values: &Values,
    ) -> Result<i64> {
        let (actor, reason) = (self.actor.as_deref(), self.reason.as_deref());
        let rev = writer.next_rev()?;
        // The fields, not their values: personal data belongs to the lead alone.
        let fields: Vec<&String> = values.0.keys().collect();
        let operation = NewOperation {
            kind,
            state: OperationState::Finished,
            name: None,
            actor,
            reason,
            at,
            file: None,
            file_hash: None,
            import_key: None,
            mapping: &BTreeMap::new(),
            options: &json!({ "fields": fields }),
        };
        let counted = if created.is_some() { "created" } else { "updated" };
        let counts = BTreeMap::from([(counted.to_string(), 1)]);
        let operation = writer.add_finished(&operation, at, &counts)?;
        let changed = u64::from(created.is_none());
        writer.add_commit(rev, operation, at, actor, reason, created.map(|id| (id, id)), changed)?;
        Ok(rev)
    }
}

fn complete(lead: &mut Lead) -> Result<()> {
    split_full_name(lead);
    if has_identity(lead) {
        return Ok(());
    }
    let message = crate::model::issue::IssueCode::MissingIdentity.message();
    Err(Error::new(ErrorCode::InvalidValue, format!("a lead {message}")).hint("rule missing_identity"))
}

fn default_to(instant: &mut Timestamp, value: Timestamp) {
    if *instant == Timestamp::default() {
        *instant = value;
    }
}

fn refuse_taken(lead: &Lead, match_on: &[MatchKey], writer: &Writer<'_>) -> Result<()> {
    let keys = crate::store::keys_of(lead);
    match matching::find(match_on, lead, &keys, &mut Stored(writer.reader()))? {
        Found::Lead(other) if other.id != lead.id => Err(Error::new(
            ErrorCode::AlreadyExists,
            format!("lead {} has this external id or email already", other.id),
        )
        .hint("update that lead instead")),
        Found::Conflict => Err(Error::new(
            ErrorCode::AlreadyExists,
            "different leads have this external id and email already",
        )),
        _ => Ok(()),
    }
}

fn pairs(keys: &[LeadKey], lead: i64) -> Vec<(LeadKey, i64)> {
    keys.iter().map(|k| (*k, lead)).collect()
}

fn all_values(lead: &Lead) -> BTreeMap<String, Value> {
    let mut values = super::field_names(lead)
        .map(|field: FieldName| (field.name().into_owned(), lead.value(&field)))
        .collect::<BTreeMap<_, _>>();
    values.retain(|_, v| !v.is_null() && v.as_array().is_none_or(|a| !a.is_empty()));
    values
}

fn entry(
    reader: &Reader<'_>,
    rev: i64,
    created: bool,
    fields: BTreeMap<String, ValueChange>,
) -> Result<LeadChange> {
    let lost = || Error::new(ErrorCode::Corrupt, format!("the commit {rev} is not in the log"));
    let (operation_id, at) = reader.commit(rev)?.ok_or_else(lost)?;
    let operation = reader.operation(operation_id)?.ok_or_else(lost)?;
    let (kind, actor, reason) = (operation.kind, operation.actor, operation.reason);
    Ok(LeadChange { rev, at, operation_id, kind, actor, reason, created, fields })
}

/// Leads as the store has them.
struct Stored<'a>(Reader<'a>);

impl Candidates for Stored<'_> {
    fn by_key(&mut self, key: LeadKey, out: &mut Vec<i64>) -> Result<()> {
        self.0.leads_by_key(key, out)
    }

    fn lead(&mut self, id: i64) -> Result<Option<Lead>> {
        self.0.lead(id)
    }
}
