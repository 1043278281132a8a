//! Equal writes at random, and what two stores then hold.

use std::collections::BTreeSet;

use serde_json::json;

use super::sample::{Dice, all, commit, custom_fields, insert, operation, update};
use super::{Outcome, dump, same_as};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::Field;
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, ConflictCode, OperationKind, OperationState};
use crate::model::status::Status;
use crate::store::{
    KeyKind, LeadKey, NewOperation, OperationUpdate, Query, RejectedRow, RestoreFields, SetFields, SetValue,
    Store, Writer,
};

const STEPS: usize = 80;

/// Does the same writes at random on two empty stores, and compares what they answer and hold.
///
/// # Errors
/// Where the stores first differ.
pub fn same(a: &dyn Store, b: &dyn Store, seed: u64) -> Outcome {
    let dice = Dice::new(seed);
    for round in 0..STEPS / 10 {
        let seed = dice.bits();
        let told = |what: &str| format!("{what}, {} and {}, round {round}", b.kind(), a.kind());
        let (done_a, done_b) = (disturb(a, seed, 10)?, disturb(b, seed, 10)?);
        same_as(&done_b, &done_a, told("what writes answered"))?;
        let (dump_a, dump_b) = (dump(a)?, dump(b)?);
        for (line_a, line_b) in dump_a.lines().zip(dump_b.lines()) {
            same_as(&line_b, &line_a, told(&format!("a record after {done_a:?}")))?;
        }
        same_as(&dump_b.len(), &dump_a.len(), told("the dumps' lengths"))?;
        same_as(&keys(b)?, &keys(a)?, told("keys"))?;
        let leads = all(a)?;
        for _ in 0..20 {
            let filter = dice.filter(&leads, 2);
            let query = Query { include_deleted: dice.one_in(2), ..Query::of(filter) };
            let limit = dice.below(50) as u64;
            let ask =
                |store: &dyn Store| store.reading(|r| Ok((r.count(&query)?, r.page(&query, None, limit)?)));
            same_as(&ask(b)?, &ask(a)?, told("leads that a filter finds"))?;
        }
    }
    Ok(())
}

/// All keys of a store.
pub(super) fn keys(store: &dyn Store) -> Result<Vec<(LeadKey, i64)>> {
    let kinds = [KeyKind::ExternalId, KeyKind::Email, KeyKind::Phone];
    store.reading(|r| {
        let mut keys = BTreeSet::new();
        r.each_key(&kinds, &mut |key| {
            keys.insert(key);
        })?;
        let keys: Vec<LeadKey> = keys.into_iter().collect();
        let mut found = r.leads_by_keys(&keys)?;
        found.sort_unstable();
        Ok(found)
    })
}

/// Does some writes at random and tells what they answered.
pub(super) fn disturb(store: &dyn Store, seed: u64, steps: usize) -> Result<Vec<String>> {
    let dice = Dice::new(seed);
    let mut told = Vec::new();
    for number in 0..steps {
        let seed = dice.bits();
        // In turn at first, so that each kind of write is there.
        let kind = if number < 10 { number } else { dice.below(13) };
        let answer = store.writing(|w| {
            // Anew for each attempt.
            let dice = Dice::new(seed);
            step(w, &dice, kind)
        });
        told.push(match answer {
            Ok(text) => text,
            Err(error) if error.error_code() == ErrorCode::Cancelled => "cancelled".to_string(),
            Err(error) => return Err(error),
        });
    }
    Ok(told)
}

fn step(w: &dyn Writer, dice: &Dice, kind: usize) -> Result<String> {
    match kind {
        0 | 10 => create(w, dice),
        1 | 11 => edit(w, dice),
        2 | 12 => set(w, dice),
        3 => restore(w, dice),
        4 => define(w, dice),
        5 => enter(w, dice),
        6 => leave_alone(w, dice),
        7 => remove(w, dice),
        8 => {
            let parts = [
                super::comms::enter(w, dice)?,
                super::outbox::enter(w, dice)?,
                super::privacy::enter(w, dice)?,
                super::automation::enter(w, dice)?,
            ];
            Ok(parts.concat())
        }
        _ => {
            create(w, dice)?;
            edit(w, dice)?;
            Err(Error::new(ErrorCode::Cancelled, "rolled back"))
        }
    }
}

fn create(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let leads: Vec<Lead> = (0..1 + dice.below(12)).map(|_| dice.lead()).collect();
    let rev = w.next_rev()?;
    let leads = insert(w, rev, &leads)?;
    commit(w, rev, leads.first().zip(leads.last()).map(|(a, b)| (a.id, b.id)), 0)?;
    Ok(format!("create {rev} {}", leads.len()))
}

/// Some leads at random, deleted ones among them.
fn some(w: &dyn Writer, dice: &Dice) -> Result<Vec<Lead>> {
    let next = w.next_lead()?;
    let ids: BTreeSet<i64> = (0..dice.below(8)).map(|_| 1 + dice.below(next as usize) as i64).collect();
    w.leads(&ids.into_iter().collect::<Vec<_>>())
}

fn edit(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let leads = some(w, dice)?;
    let rev = w.next_rev()?;
    for mut lead in leads.iter().cloned() {
        for _ in 0..1 + dice.below(2) {
            let mut after = lead.clone();
            for _ in 0..dice.below(4) {
                let field = dice.pick(Field::ALL);
                if !matches!(field, Field::CreatedAt | Field::UpdatedAt) {
                    dice.fill(&mut after, field);
                }
            }
            after.updated_at = Timestamp(rev);
            match dice.below(6) {
                0 => (after.deleted_at, after.merged_into) = (Some(Timestamp(rev)), Some(1)),
                1 => (after.deleted_at, after.merged_into) = (None, None),
                2 => after.custom = dice.lead().custom,
                _ => {}
            }
            lead = update(w, rev, &lead, after)?;
        }
    }
    commit(w, rev, None, leads.len() as u64)?;
    Ok(format!("edit {rev} {}", leads.len()))
}

const SETTABLE: [Field; 5] = [Field::City, Field::Country, Field::FirstName, Field::Owner, Field::Notes];

/// The field whose setting a commit can be restored by: the same in all sets of a commit.
fn set(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let first = dice.below(SETTABLE.len());
    let fields = &SETTABLE[first..(first + 1 + dice.below(2)).min(SETTABLE.len())];
    let rev = w.next_rev()?;
    let mut told = Vec::new();
    let leads = some(w, dice)?;
    for _ in 0..1 + dice.below(2) {
        let text = |field: &Field| match (dice.one_in(4), field) {
            (true, _) => None,
            (_, Field::Country) => Some("CH".to_string()),
            _ => Some(dice.text()),
        };
        let values: Vec<SetValue> =
            fields.iter().map(|field| SetValue { field: *field, text: text(field) }).collect();
        let filter = dice.filter(&leads, 2);
        let (after, limit) = (dice.below(20) as i64, dice.below(30) as u64);
        let at = Timestamp(rev);
        let differing = w.count_differing(&filter, &values)?;
        let touched = w.set_fields(&SetFields { rev, at, filter: &filter, after, limit, values: &values })?;
        told.push((differing, touched));
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    let operation = w.add_operation(&NewOperation {
        options: json!({ "fields": names }),
        ..NewOperation::new(OperationKind::BulkUpdate, Timestamp(rev))
    })?;
    let (actor, changed) = (Some("mia".to_string()), told.iter().map(|t| t.1.count).sum());
    w.add_commit(&crate::store::Commit {
        rev,
        operation,
        at: Timestamp(rev),
        actor,
        reason: None,
        created: None,
        changed,
    })?;
    Ok(format!("set {rev} {told:?}"))
}

/// Takes a commit back that set fields.
fn restore(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let commits = w.commits_after(0, u64::MAX)?;
    let sets: Vec<_> = commits.iter().filter(|c| c.actor.is_some()).rev().take(3).collect();
    if sets.is_empty() {
        return Ok("nothing to restore".into());
    }
    let of = dice.pick(&sets);
    let options = w.operation(of.operation)?.map(|stored| stored.operation.options).unwrap_or_default();
    let named =
        |field: &Field| options["fields"].as_array().is_some_and(|f| f.contains(&field.name().into()));
    let fields: Vec<Field> = SETTABLE.into_iter().filter(named).collect();
    let rev = w.next_rev()?;
    let (after, limit, at) = (dice.below(10) as i64, dice.below(40) as u64, Timestamp(rev));
    let overtaken = w.overtaken(of.rev, after, limit)?;
    let touched = w.restore_fields(&RestoreFields { rev, at, of: of.rev, fields: &fields, after, limit })?;
    commit(w, rev, None, touched.count)?;
    Ok(format!("restore {rev} of {} {touched:?} {overtaken:?}", of.rev))
}

fn define(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let mut field = dice.pick(&custom_fields());
    field.label = dice.text();
    field.archived = dice.one_in(3);
    w.put_custom_field(&field)?;
    let keys: BTreeSet<String> = (0..1 + dice.below(4)).map(|_| dice.text()).collect();
    let statuses: Vec<Status> = keys.into_iter().map(|key| Status::new(key).to([dice.text()])).collect();
    w.put_statuses(&statuses)?;
    Ok(format!("define {:?} {:?}", w.custom_fields()?, w.statuses()?))
}

fn enter(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let text = || dice.one_in(2).then(|| dice.text());
    let token = format!("{:x}", dice.bits());
    let id = w.add_operation(&NewOperation {
        state: dice.pick(&[OperationState::Planned, OperationState::Running, OperationState::Finished]),
        name: text(),
        actor: text(),
        reason: text(),
        file: text(),
        import_key: text(),
        mapping: [(dice.text(), text())].into(),
        options: json!({ "a": text(), "n": dice.number() }),
        token: Some(token.clone()),
        plan_rev: Some(w.head()?),
        expires_at: dice.one_in(2).then_some(Timestamp(9)),
        idempotency_key: dice.one_in(2).then_some(token),
        undo_of: dice.one_in(2).then_some(1),
        counts: [("planned".to_string(), dice.below(99) as u64)].into(),
        ..NewOperation::new(OperationKind::Import, Timestamp(dice.below(999) as i64))
    })?;
    let older = 1 + dice.below(id as usize) as i64;
    if let Some(stored) = w.operation(older)? {
        let mut update = OperationUpdate::of(&stored);
        update.state =
            dice.pick(&[OperationState::Running, OperationState::Failed, OperationState::Cancelled]);
        update.millis = dice.below(99_999) as i64;
        update.progress = text();
        update.lease = text().map(|holder| (Timestamp(7), holder));
        update.counts.insert("changed".into(), dice.below(99) as u64);
        w.update_operation(older, &update)?;
    }
    Ok(format!("enter {id}, update {older}"))
}

fn leave_alone(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let id = operation(w)?;
    let conflict = |_| Conflict {
        lead: dice.below(99) as i64,
        code: dice.pick(&[ConflictCode::Changed, ConflictCode::NoOwner]),
        field: dice.one_in(2).then(|| "city".to_string()),
        wanted: json!(dice.text()),
        found: json!(dice.number()),
    };
    let conflicts: Vec<Conflict> = (0..dice.below(5)).map(conflict).collect();
    w.add_conflicts(id, &conflicts)?;
    w.add_conflicts(1, &conflicts)?;
    let row = |seq| RejectedRow { seq: seq * 3, cells: vec![dice.text(), dice.text()] };
    let rows: Vec<RejectedRow> = (0..dice.below(5) as u64).map(row).collect();
    w.add_rejects(id, &rows)?;
    if dice.one_in(2) {
        w.drop_rejects(id - 1)?;
    }
    Ok(format!("leave alone {id} {:?}", w.conflicts(1, 2, 3)?))
}

fn remove(w: &dyn Writer, dice: &Dice) -> Result<String> {
    let leads = some(w, dice)?;
    let ids: Vec<i64> = leads.iter().take(2).map(|lead| lead.id).collect();
    w.purge_leads(&ids)?;
    let pruned = if dice.one_in(3) { w.prune_changes(dice.below(w.head()? as usize) as i64 / 2)? } else { 0 };
    Ok(format!("purge {ids:?}, prune {pruned}"))
}
