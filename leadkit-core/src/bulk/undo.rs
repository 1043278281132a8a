//! Taking an operation back, commit by commit, the last one first. What somebody changed since is
//! a conflict; what nobody touched comes back as it was.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::action::{Action, Chunk, Cursor, Done, Preview, Selection, update};
use super::keys::{Since, is_taken_since};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::edit::change_leads;
use crate::model::bulk::{OnConflict, UndoOptions};
use crate::model::field::Field;
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, ConflictCode};
use crate::store::{Change, Commit, Image, Reader, RestoreFields, image};

/// Gives up an undo that is to change nothing when there is a conflict.
pub(super) fn abort_on(on_conflict: OnConflict, done: &Done) -> Result<()> {
    match done.conflicts.first().filter(|_| on_conflict == OnConflict::Abort) {
        Some(conflict) => Err(Error::new(
            ErrorCode::UndoConflict,
            format!("lead {} is a conflict ({})", conflict.lead, conflict.code.as_str()),
        )
        .hint("nothing was taken back; plan the undo to see all conflicts, or skip or force them")),
        None => Ok(()),
    }
}

/// The steps of one commit's undo.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Leads that it created are deleted.
    Created,
    /// Leads that it changed and somebody else since.
    Overtaken,
    /// Leads that it changed and nobody since, by the store's own means.
    Untouched,
    /// All leads that it changed, one by one.
    Changed,
}

/// Takes an operation back.
pub(super) struct UndoAction {
    /// The operation that is taken back.
    of: i64,
    /// Its commits, the last first, each with its steps.
    steps: Vec<(Commit, Step)>,
    /// The fields of its images, where the store can restore them by itself.
    set_fields: Vec<Field>,
    leads: Option<BTreeSet<i64>>,
    fields: Option<BTreeSet<String>>,
    on_conflict: OnConflict,
}

impl UndoAction {
    /// `set_fields` are those that the operation, or the one it took back, set by the store's own
    /// means; empty for others.
    pub(super) fn new(of: i64, commits: Vec<Commit>, set_fields: Vec<Field>, options: &UndoOptions) -> Self {
        let whole = options.leads.is_none() && options.fields.is_none();
        let by_store = whole && !set_fields.is_empty();
        let mut steps = Vec::new();
        for commit in commits.into_iter().rev() {
            if commit.created.is_some() {
                steps.push((commit.clone(), Step::Created));
            }
            if commit.changed > 0 && by_store {
                // In this order: what the second restores would look like overtaken to the first.
                steps.push((commit.clone(), Step::Overtaken));
                steps.push((commit, Step::Untouched));
            } else if commit.changed > 0 {
                steps.push((commit, Step::Changed));
            }
        }
        UndoAction {
            of,
            steps,
            set_fields,
            leads: options.leads.as_ref().map(|ids| ids.iter().copied().collect()),
            fields: options.fields.as_ref().map(|names| names.iter().cloned().collect()),
            on_conflict: options.on_conflict,
        }
    }

    fn wants(&self, lead: i64) -> bool {
        self.leads.as_ref().is_none_or(|leads| leads.contains(&lead))
    }

    fn takes(&self, field: &str) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.contains(field))
    }

    /// Deletes leads that the commit created, unless somebody changed them since.
    fn created(&self, chunk: &Chunk<'_>, cursor: &mut Cursor, commit: &Commit) -> Result<Done> {
        let Some((from, to)) = commit.created else { return Ok(Done::default()) };
        let first = from.max(cursor.after + 1);
        let last = to.min(first.saturating_add(chunk.limit as i64 - 1));
        let ids: Vec<i64> = (first..=last).filter(|id| self.wants(*id)).collect();
        let mut done = Done { more: last < to, ..Done::default() };
        cursor.after = last;
        // Some fields of a lead cannot be taken from its creation: it is there or not.
        if self.fields.is_some() {
            return Ok(done);
        }
        let leads = chunk.writer.leads(&ids)?;
        purged(&ids, leads.iter().map(|lead| lead.id), &mut done);
        erased(chunk.writer, &ids, &mut done)?;
        let mut updates = Vec::new();
        for lead in leads.into_iter().filter(|lead| lead.deleted_at.is_none()) {
            let changed = match lead.rev == commit.rev {
                true => Vec::new(),
                false => self.changed_since(chunk.writer, &lead, commit.rev)?,
            };
            if !changed.is_empty() && self.on_conflict != OnConflict::Force {
                done.skipped += 1;
                done.conflicts.extend(changed);
                continue;
            }
            let after = Lead { deleted_at: Some(chunk.at), ..lead.clone() };
            updates.push(update(lead, after, chunk));
        }
        done.changed = updates.len() as u64;
        change_leads(chunk.writer, updates)?;
        Ok(done)
    }

    /// The fields in which a lead is not as a commit left it.
    fn changed_since(&self, reader: &dyn Reader, lead: &Lead, rev: i64) -> Result<Vec<Conflict>> {
        let written = written(reader, lead, rev)?;
        let mut conflicts = Vec::new();
        for (field, wrote) in written {
            let found = image::value(lead, &field);
            if field != "original" && found != wrote {
                conflicts.push(conflict(lead.id, ConflictCode::Changed, Some(field), wrote, found));
            }
        }
        Ok(conflicts)
    }

    /// Gives leads their values back, one by one.
    fn restore(&self, chunk: &Chunk<'_>, rev: i64, changes: Vec<Change>, done: &mut Done) -> Result<()> {
        let changes: Vec<Change> = changes.into_iter().filter(|change| self.wants(change.lead)).collect();
        let ids: Vec<i64> = changes.iter().map(|change| change.lead).collect();
        let leads: HashMap<i64, Lead> =
            chunk.writer.leads(&ids)?.into_iter().map(|lead| (lead.id, lead)).collect();
        purged(&ids, leads.keys().copied(), done);
        let gone = erased(chunk.writer, &ids, done)?;
        let mut pairs = Vec::new();
        for change in changes.iter().filter(|change| !gone.contains(&change.lead)) {
            let Some(before) = leads.get(&change.lead) else { continue };
            let mut conflicts = Vec::new();
            let after = self.restored(chunk.writer, before, change, &mut conflicts)?;
            let touched = after != *before;
            if touched {
                pairs.push((before.clone(), after));
            } else if conflicts.is_empty() {
                done.unchanged += 1;
            } else {
                done.skipped += 1;
            }
            done.conflicts.extend(conflicts);
        }
        let together: HashSet<i64> = pairs.iter().map(|(before, _)| before.id).collect();
        let since = Since { rev, operation: chunk.operation, together: &together };
        let mut updates = Vec::with_capacity(pairs.len());
        for (before, after) in pairs {
            let returns = before.deleted_at.is_some() && after.deleted_at.is_none();
            let keys = before.external_id != after.external_id || before.email != after.email;
            if (returns || keys)
                && after.deleted_at.is_none()
                && is_taken_since(chunk.writer, &after, &since)?
            {
                let field = if after.external_id.is_some() { "external_id" } else { "email" };
                let (wanted, found) = (image::value(&after, field), json!(null));
                done.leave(conflict(before.id, ConflictCode::KeyTaken, Some(field.into()), wanted, found));
                continue;
            }
            updates.push(update(before, after, chunk));
        }
        done.changed += updates.len() as u64;
        change_leads(chunk.writer, updates)
    }

    /// The lead with the values that it had before a change, as far as nobody wrote others since.
    fn restored(
        &self,
        reader: &dyn Reader,
        lead: &Lead,
        change: &Change,
        conflicts: &mut Vec<Conflict>,
    ) -> Result<Lead> {
        let written = match lead.rev == change.rev {
            true => BTreeMap::new(),
            false => written(reader, lead, change.rev)?,
        };
        let mut after = lead.clone();
        for (field, value) in change.before.iter().filter(|(field, _)| self.takes(field)) {
            let found = image::value(lead, field);
            let wrote = written.get(field).unwrap_or(&found);
            if *wrote != found && *value == found {
                // Somebody has taken it back by hand, or a part of the undo did.
                continue;
            }
            if *wrote != found && self.on_conflict != OnConflict::Force {
                // The original goes with its field, which is reported by itself.
                if field != "original" {
                    let (wrote, found) = (wrote.clone(), found.clone());
                    conflicts.push(conflict(
                        lead.id,
                        ConflictCode::Changed,
                        Some(field.clone()),
                        wrote,
                        found,
                    ));
                }
                continue;
            }
            image::put(&mut after, field, value)?;
        }
        if self.fields.is_some() {
            self.restore_originals(lead, &change.before, &mut after)?;
        }
        Ok(after)
    }

    /// Where only some fields are taken back, their originals go with them.
    fn restore_originals(&self, lead: &Lead, before: &Image, after: &mut Lead) -> Result<()> {
        let Some(Value::Object(originals)) = before.get("original") else { return Ok(()) };
        for field in self.fields.iter().flatten() {
            if image::value(lead, field) == image::value(after, field) {
                continue;
            }
            match originals.get(field).and_then(Value::as_str) {
                Some(text) => drop(after.original.insert(field.clone(), text.to_string())),
                None => drop(after.original.remove(field)),
            }
        }
        Ok(())
    }
}

impl Action for UndoAction {
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done> {
        let Some((commit, step)) = self.steps.get(cursor.stage as usize) else { return Ok(Done::default()) };
        let mut done = match step {
            Step::Created => self.created(chunk, cursor, commit)?,
            Step::Untouched => {
                let touched = chunk.writer.restore_fields(&RestoreFields {
                    rev: chunk.rev,
                    at: chunk.at,
                    of: commit.rev,
                    fields: &self.set_fields,
                    after: cursor.after,
                    limit: chunk.limit,
                })?;
                cursor.after = touched.last.unwrap_or(cursor.after);
                Done { changed: touched.count, more: touched.count == chunk.limit, ..Done::default() }
            }
            Step::Overtaken | Step::Changed => {
                let changes = match step {
                    Step::Overtaken => overtaken(chunk, commit.rev, cursor.after)?,
                    // Leads that were changed together, as in a merge, come back together.
                    _ => chunk.writer.changes(commit.rev, cursor.after, chunk.limit.max(WHOLE))?,
                };
                let full = if *step == Step::Overtaken { chunk.limit } else { chunk.limit.max(WHOLE) };
                let mut done = Done { more: changes.len() as u64 == full, ..Done::default() };
                cursor.after = changes.last().map_or(cursor.after, |change| change.lead);
                self.restore(chunk, commit.rev, changes, &mut done)?;
                done
            }
        };
        if !done.more {
            *cursor = Cursor { stage: cursor.stage + 1, ..Cursor::default() };
            done.more = (cursor.stage as usize) < self.steps.len();
        }
        abort_on(self.on_conflict, &done)?;
        Ok(done)
    }

    fn selection(&self) -> Option<&Selection> {
        None
    }

    /// Only doing it tells; see [`super::plan`], which does it and rolls back.
    fn preview(&self, _: &dyn Reader, _: Timestamp, _: usize) -> Result<Preview> {
        Err(Error::internal(format!("the undo of operation {} has no preview of its own", self.of)))
    }
}

/// Changes of one commit that are taken back in one transaction, however small chunks are: more
/// than any commit of a merge holds.
const WHOLE: u64 = 20_000;

fn overtaken(chunk: &Chunk<'_>, rev: i64, after: i64) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for lead in chunk.writer.overtaken(rev, after, chunk.limit)? {
        changes.extend(chunk.writer.change(rev, lead)?);
    }
    Ok(changes)
}

/// The values that a commit left behind in those fields of a lead that were changed after it.
fn written(reader: &dyn Reader, lead: &Lead, rev: i64) -> Result<BTreeMap<String, Value>> {
    let (mut values, mut at) = (BTreeMap::new(), lead.rev);
    while at > rev {
        let Some(change) = reader.change(at, lead.id)? else { break };
        // Going back in time, the oldest image is what the commit had written.
        values.extend(change.before);
        at = change.prev_rev;
    }
    Ok(values)
}

fn purged(wanted: &[i64], there: impl Iterator<Item = i64>, done: &mut Done) {
    let there: BTreeSet<i64> = there.collect();
    for id in wanted.iter().filter(|id| !there.contains(id)) {
        done.leave(conflict(*id, ConflictCode::Purged, None, json!(null), json!(null)));
    }
}

/// Leaves leads alone whose person was erased: there is nothing that could come back.
fn erased(reader: &dyn Reader, ids: &[i64], done: &mut Done) -> Result<BTreeSet<i64>> {
    let gone: BTreeSet<i64> = reader.erased(ids)?.into_iter().collect();
    for id in &gone {
        done.leave(conflict(*id, ConflictCode::Erased, None, json!(null), json!(null)));
    }
    Ok(gone)
}

fn conflict(lead: i64, code: ConflictCode, field: Option<String>, wanted: Value, found: Value) -> Conflict {
    Conflict { lead, code, field, wanted, found }
}
