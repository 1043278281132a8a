//! One lead added or changed, each one commit.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::matching::{self, Candidates, Found};
use super::{Session, audit, merge, message, values};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::communication::CommunicationState;
use crate::model::field::FieldName;
use crate::model::lead::{Lead, LeadChange, ValueChange, Values};
use crate::model::operation::OperationKind;
use crate::model::options::MatchKey;
use crate::model::settings::Settings;
use crate::store::{Commit, LeadKey, LeadRow, LeadUpdate, NewOperation, Reader, Writer, keys_of};
use crate::text::fold;
use crate::validate::{Draft, Rules, has_identity, promote_further, split_full_name};

impl Session {
    /// Adds one lead.
    ///
    /// # Errors
    /// `unknown_field`, `invalid_value`, `already_exists`.
    pub fn add_lead(&self, values: &Values) -> Result<Lead> {
        self.store.writing(|writer| {
            let rules = Rules::with_statuses(writer.custom_fields()?, writer.statuses()?);
            let mut draft = Draft::default();
            values::apply(&rules, values, &mut draft)?;
            let mut lead = *draft.lead;
            promote_further(&mut lead);
            complete(&mut lead)?;
            let now = self.clock.now();
            default_to(&mut lead.created_at, now);
            default_to(&mut lead.updated_at, now);
            let match_on = [MatchKey::ExternalId, MatchKey::Email];
            refuse_taken(&lead, &match_on, writer)?;
            lead.id = writer.allot(1)?;
            lead.rev = self.commit(writer, OperationKind::Add, now, lead.id, values, json!({}))?;
            let row = LeadRow::of(lead);
            writer.add_keys(&pairs(&row.keys, row.lead.id))?;
            let lead = row.lead.as_ref().clone();
            writer.insert_leads(&[row])?;
            Ok(lead)
        })
    }

    /// Changes some fields of a lead; values that change nothing make no commit.
    ///
    /// # Errors
    /// `not_found`, `unknown_field`, `invalid_value`, `already_exists` when another lead has the
    /// new external id.
    pub fn update_lead(&self, id: i64, values: &Values) -> Result<Lead> {
        self.store.writing(|writer| {
            let before = writer
                .lead(id)?
                .filter(|l| l.deleted_at.is_none())
                .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {id}")))?;
            self.update_lead_in(writer, before, values, json!({}))
        })
    }

    /// [`Session::update_lead`] within a transaction that goes on; `more` goes into the operation's options.
    pub(crate) fn update_lead_in(
        &self,
        writer: &dyn Writer,
        before: Lead,
        values: &Values,
        more: Value,
    ) -> Result<Lead> {
        let id = before.id;
        let rules = Rules::with_statuses(writer.custom_fields()?, writer.statuses()?);
        let mut draft = Draft::of(before.clone());
        values::apply(&rules, values, &mut draft)?;
        let mut lead = *draft.lead;
        complete(&mut lead)?;
        if merge::same_values(&before, &lead) && before.created_at == lead.created_at {
            return Ok(before);
        }
        check_way(&rules, &before, &lead)?;
        let now = self.clock.now();
        default_to(&mut lead.created_at, before.created_at);
        lead.updated_at = now;
        if lead.external_id != before.external_id {
            refuse_taken(&lead, &[MatchKey::ExternalId], writer)?;
        }
        lead.rev = self.commit(writer, OperationKind::Update, now, id, values, more)?;
        let after = LeadRow::of(lead);
        let lead = after.lead.as_ref().clone();
        change_leads(writer, vec![LeadUpdate { before, after }])?;
        Ok(lead)
    }

    /// Restores a deleted lead.
    ///
    /// # Errors
    /// `not_found`; `erased`; `already_exists` when another lead has its external id or email by now.
    pub fn restore_lead(&self, id: i64) -> Result<Lead> {
        self.store.writing(|writer| {
            let before = writer
                .lead(id)?
                .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {id}")))?;
            if before.deleted_at.is_none() {
                return Ok(before);
            }
            if !writer.erased(&[id])?.is_empty() {
                return Err(Error::new(
                    ErrorCode::Erased,
                    "this person was erased: nothing of the lead is left",
                )
                .hint("privacy.erasures has the certificate"));
            }
            let mut lead = Lead { deleted_at: None, merged_into: None, ..before.clone() };
            refuse_taken(&lead, &[MatchKey::ExternalId, MatchKey::Email], writer)?;
            let now = self.clock.now();
            lead.updated_at = now;
            lead.rev = self.commit(writer, OperationKind::Restore, now, id, &Values::default(), json!({}))?;
            change_leads(writer, vec![LeadUpdate { before, after: LeadRow::of(lead.clone()) }])?;
            Ok(lead)
        })
    }

    /// Every change of a lead, the newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub fn history(&self, id: i64) -> Result<Vec<LeadChange>> {
        self.store.reading(|reader| {
            let lead = reader
                .lead(id)?
                .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {id}")))?;
            changes_of(reader, &lead)
        })
    }

    /// Enters a finished operation with its one commit.
    fn commit(
        &self,
        writer: &dyn Writer,
        kind: OperationKind,
        at: Timestamp,
        lead: i64,
        values: &Values,
        mut options: Value,
    ) -> Result<i64> {
        let (rev, created) = (writer.next_rev()?, kind == OperationKind::Add);
        // The fields, not their values: personal data belongs to the lead alone.
        let fields: Vec<&String> = values.0.keys().collect();
        let counted = if created { "created" } else { "updated" };
        options["fields"] = json!(fields);
        let operation = audit::operation(
            self,
            writer,
            &NewOperation {
                options,
                counts: BTreeMap::from([(counted.to_string(), 1)]),
                at,
                ..self.new_operation(kind)
            },
        )?;
        let commit = Commit {
            rev,
            operation,
            at,
            actor: self.actor.clone(),
            reason: self.reason.clone(),
            created: created.then_some((lead, lead)),
            changed: u64::from(!created),
        };
        audit::commit(self, writer, kind, &commit, &[lead])?;
        Ok(rev)
    }
}

/// Every change of a lead, the newest first.
///
/// # Errors
/// Those of the store.
pub(crate) fn changes_of(reader: &dyn Reader, lead: &Lead) -> Result<Vec<LeadChange>> {
    let id = lead.id;
    let mut state = all_values(lead);
    let (mut changes, mut rev) = (Vec::new(), lead.rev);
    loop {
        if let Some(change) = reader.change(rev, id)? {
            let mut fields = BTreeMap::new();
            for (field, before) in change.before {
                let after = match before.is_null() {
                    true => state.remove(&field),
                    false => state.insert(field.clone(), before.clone()),
                };
                let after = after.unwrap_or(Value::Null);
                if before != after {
                    fields.insert(field, ValueChange { before, after });
                }
            }
            changes.push(entry(reader, rev, false, fields)?);
            rev = change.prev_rev;
            continue;
        }
        // The beginning of the lead, or, where older images were removed, of its history.
        let commit = reader.commit(rev)?;
        let created = commit.and_then(|c| c.created);
        if created.is_some_and(|(from, to)| (from..=to).contains(&id)) {
            let first = |after| ValueChange { before: Value::Null, after };
            let fields = state.into_iter().map(|(field, value)| (field, first(value))).collect();
            changes.push(entry(reader, rev, true, fields)?);
        }
        return Ok(changes);
    }
}

/// Stores new states of leads, in the order of their ids, and moves their keys along.
pub(crate) fn change_leads(writer: &dyn Writer, updates: Vec<LeadUpdate>) -> Result<()> {
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    for LeadUpdate { before, after } in &updates {
        let old = keys_of(before);
        gone.extend(old.iter().filter(|k| !after.keys.contains(k)).map(|k| (*k, before.id)));
        new.extend(after.keys.iter().filter(|k| !old.contains(k)).map(|k| (*k, before.id)));
    }
    gone.sort_unstable();
    new.sort_unstable();
    writer.update_leads(&updates)?;
    writer.remove_keys(&gone)?;
    writer.add_keys(&new)?;
    let leaves =
        |update: &&LeadUpdate| update.before.deleted_at.is_none() && update.after.lead.deleted_at.is_some();
    let leaving: Vec<&LeadUpdate> = updates.iter().filter(leaves).collect();
    if leaving.is_empty() || !anything_waits(writer)? {
        return Ok(());
    }
    leaving
        .iter()
        .try_for_each(|update| message::take_back(writer, update.before.id, update.after.lead.updated_at))
}

/// Whether any message waits; those of paused campaigns have no time to be found by.
fn anything_waits(writer: &dyn Writer) -> Result<bool> {
    let paused = |settings: Settings| !settings.paused.is_empty();
    Ok(writer.next_due(CommunicationState::Queued)?.is_some() || writer.settings()?.is_some_and(paused))
}

pub(crate) fn complete(lead: &mut Lead) -> Result<()> {
    split_full_name(lead);
    if has_identity(lead) {
        return Ok(());
    }
    let message = crate::model::issue::IssueCode::MissingIdentity.message();
    Err(Error::new(ErrorCode::InvalidValue, format!("a lead {message}")).hint("rule missing_identity"))
}

/// Refuses a status that may not follow the lead's own.
fn check_way(rules: &Rules, before: &Lead, after: &Lead) -> Result<()> {
    let (Some(from), Some(to)) = (&before.status, &after.status) else { return Ok(()) };
    let known = rules.statuses.iter().find(|status| fold(&status.key) == fold(from));
    match known {
        Some(status) if fold(from) != fold(to) && !status.allows(to) => {
            let next = status.next.clone().unwrap_or_default();
            Err(Error::new(ErrorCode::InvalidValue, format!("from `{from}` a lead may not go to `{to}`"))
                .hint(format!("from here it may go to: {}", next.join(", ")))
                .at_field("status")
                .with_value(to))
        }
        _ => Ok(()),
    }
}

fn default_to(instant: &mut Timestamp, value: Timestamp) {
    if *instant == Timestamp::default() {
        *instant = value;
    }
}

fn refuse_taken(lead: &Lead, match_on: &[MatchKey], writer: &dyn Writer) -> Result<()> {
    let keys = crate::store::keys_of(lead);
    match matching::find(match_on, lead, &keys, &mut Stored(writer))? {
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
    reader: &dyn Reader,
    rev: i64,
    created: bool,
    fields: BTreeMap<String, ValueChange>,
) -> Result<LeadChange> {
    let lost = || Error::new(ErrorCode::Corrupt, format!("the commit {rev} is not in the log"));
    let commit = reader.commit(rev)?.ok_or_else(lost)?;
    let kind = reader.operation(commit.operation)?.ok_or_else(lost)?.operation.kind;
    let Commit { operation: operation_id, at, actor, reason, .. } = commit;
    Ok(LeadChange { rev, at, operation_id, kind, actor, reason, created, fields })
}

/// Leads as the store has them.
struct Stored<'a>(&'a dyn Writer);

impl Candidates for Stored<'_> {
    fn by_key(&mut self, key: LeadKey, out: &mut Vec<i64>) -> Result<()> {
        out.extend(self.0.leads_by_keys(&[key])?.into_iter().map(|(_, id)| id));
        Ok(())
    }

    fn lead(&mut self, id: i64) -> Result<Option<Lead>> {
        self.0.lead(id)
    }
}
