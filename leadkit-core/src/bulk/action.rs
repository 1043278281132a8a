//! What one chunk of an operation does; see [`super::run`] for what makes a run of chunks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::error::Result;
use crate::ledger::edit::change_leads;
use crate::ledger::merge::same_values;
use crate::model::bulk::WarningCode;
use crate::model::communication::MessagePlan;
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Lead;
use crate::model::operation::{Conflict, ConflictCode};
use crate::store::{LeadRow, LeadUpdate, Query, Reader, SetFields, SetValue, Writer};

/// Where a run stands, kept with every commit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The last lead that was looked at.
    pub(super) after: i64,
    /// Leads that had their turn: changed, or as wanted already.
    pub(super) turn: u64,
    /// The step, for actions of several.
    pub(super) stage: u64,
}

/// One transaction of a run.
pub(super) struct Chunk<'a> {
    pub(super) writer: &'a dyn Writer,
    /// The commit that it makes.
    pub(super) rev: i64,
    pub(super) at: Timestamp,
    /// Leads to look at, at most.
    pub(super) limit: u64,
    /// The operation that it belongs to.
    pub(super) operation: i64,
}

/// What a chunk did.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    pub(super) changed: u64,
    pub(super) unchanged: u64,
    /// Leads left alone, each with at least one entry in `conflicts`.
    pub(super) skipped: u64,
    pub(super) conflicts: Vec<Conflict>,
    /// Whether there is more to do.
    pub(super) more: bool,
}

impl Done {
    pub(super) fn leave(&mut self, conflict: Conflict) {
        self.skipped += 1;
        self.conflicts.push(conflict);
    }
}

/// What an operation does to leads, chunk by chunk; everything it needs to go on is in the cursor.
pub(super) trait Action {
    /// Does the next chunk.
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done>;

    /// The leads that it was planned for, where a filter names them.
    fn selection(&self) -> Option<&Selection>;

    /// Looks at what it would do, without doing anything.
    fn preview(&self, reader: &dyn Reader, at: Timestamp, sample: usize) -> Result<Preview>;
}

/// Leads named in a warning.
pub(super) const EXAMPLES: usize = 5;

/// What an action would do.
#[derive(Clone, Debug, Default)]
pub(super) struct Preview {
    /// Leads that it is about.
    pub(super) count: u64,
    /// Leads that it would change.
    pub(super) changes: u64,
    /// Some of them, before and after.
    pub(super) sample: Vec<(Lead, Lead)>,
    /// What would be left as it is, why, and some of the leads.
    pub(super) left: BTreeMap<WarningCode, (u64, Vec<i64>)>,
    /// The messages that it would queue.
    pub(super) messages: Option<MessagePlan>,
}

impl Preview {
    /// Notes leads that would be left as they are.
    pub(super) fn left(&mut self, code: WarningCode, count: u64, leads: impl IntoIterator<Item = i64>) {
        if count > 0 {
            let (total, examples) = self.left.entry(code).or_default();
            *total += count;
            let free = EXAMPLES.saturating_sub(examples.len());
            examples.extend(leads.into_iter().take(free));
        }
    }
}

/// The leads of a plan: what its filter finds, as they stood at its revision.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub(super) filter: Expr,
    pub(super) rev: i64,
    /// Deleted leads are meant too.
    pub(super) include_deleted: bool,
}

impl Selection {
    /// What is left of it behind a lead: those that nobody changed since the plan.
    pub(super) fn behind(&self, after: i64) -> Query {
        let number = |target, test: fn(Operand) -> Test, value: i64| {
            Expr::Test(target, test(Operand::Number(value as f64)))
        };
        let filter = Expr::And(vec![
            number(Target::Id, Test::Gt, after),
            number(Target::Rev, Test::Lte, self.rev),
            self.filter.clone(),
        ]);
        Query { include_deleted: self.include_deleted, ..Query::of(filter) }
    }

    pub(super) fn query(&self) -> Query {
        Query { include_deleted: self.include_deleted, ..Query::of(self.filter.clone()) }
    }
}

/// Gives all leads the same values, by the store's own means.
pub(super) struct SetAction {
    pub(super) selection: Selection,
    pub(super) values: Vec<SetValue>,
}

impl Action for SetAction {
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done> {
        let filter = Expr::And(vec![
            Expr::Test(Target::Rev, Test::Lte(Operand::Number(self.selection.rev as f64))),
            self.selection.filter.clone(),
        ]);
        let touched = chunk.writer.set_fields(&SetFields {
            rev: chunk.rev,
            at: chunk.at,
            filter: &filter,
            after: cursor.after,
            limit: chunk.limit,
            values: &self.values,
        })?;
        cursor.after = touched.last.unwrap_or(cursor.after);
        Ok(Done { changed: touched.count, more: touched.count == chunk.limit, ..Done::default() })
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.selection)
    }

    fn preview(&self, reader: &dyn Reader, _: Timestamp, sample: usize) -> Result<Preview> {
        let (count, changes) = reader.count_differing(&self.selection.filter, &self.values)?;
        let mut preview = Preview { count, changes, ..Preview::default() };
        let (mut examples, most) = (Vec::new(), EXAMPLES.min((count - changes) as usize));
        reader.each_lead(&self.selection.query(), &mut |before| {
            let mut after = before.clone();
            for value in &self.values {
                after.set_text(value.field, value.text.clone());
                after.original.remove(value.field.name());
            }
            match same_values(&before, &after) {
                true if examples.len() < most => examples.push(before.id),
                false if preview.sample.len() < sample => preview.sample.push((before, after)),
                _ => {}
            }
            Ok(examples.len() < most || preview.sample.len() < sample.min(changes as usize))
        })?;
        preview.left(WarningCode::Unchanged, count - changes, examples);
        Ok(preview)
    }
}

/// What becomes of one lead.
pub(super) enum Applied {
    Changed(Box<Lead>),
    Unchanged,
    Left(Vec<Conflict>),
}

impl Applied {
    /// Left alone, for a reason that concerns a field.
    pub(super) fn left(lead: &Lead, code: ConflictCode, field: &str, wanted: Value) -> Applied {
        let found = crate::store::image::value(lead, field);
        Applied::Left(vec![Conflict { lead: lead.id, code, field: Some(field.to_string()), wanted, found }])
    }
}

/// How one lead is changed; `turn` counts the leads before it that were, or were so already.
pub(super) type Apply = Box<dyn Fn(&Lead, u64, Timestamp) -> Result<Applied>>;

/// Changes leads one by one.
pub(super) struct RowAction {
    pub(super) selection: Selection,
    pub(super) apply: Apply,
    /// Each lead is written before the next is looked at: the change may take a key that the next
    /// one wants.
    pub(super) checks_keys: bool,
}

impl Action for RowAction {
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done> {
        let leads = chunk.writer.page(&self.selection.behind(cursor.after), None, chunk.limit)?;
        let mut done = Done { more: leads.len() as u64 == chunk.limit, ..Done::default() };
        let mut updates = Vec::with_capacity(leads.len());
        for before in leads {
            cursor.after = before.id;
            match (self.apply)(&before, cursor.turn, chunk.at)? {
                Applied::Unchanged => {
                    cursor.turn += 1;
                    done.unchanged += 1;
                }
                Applied::Left(conflicts) => {
                    done.skipped += 1;
                    done.conflicts.extend(conflicts);
                }
                Applied::Changed(after) => {
                    if self.checks_keys && super::keys::is_taken(chunk.writer, &after)? {
                        let wanted = json!(after.external_id);
                        if let Applied::Left(conflicts) =
                            Applied::left(&before, ConflictCode::KeyTaken, "external_id", wanted)
                        {
                            done.skipped += 1;
                            done.conflicts.extend(conflicts);
                        }
                        continue;
                    }
                    cursor.turn += 1;
                    updates.push(update(before, *after, chunk));
                    done.changed += 1;
                    if self.checks_keys {
                        change_leads(chunk.writer, std::mem::take(&mut updates))?;
                    }
                }
            }
        }
        change_leads(chunk.writer, updates)?;
        Ok(done)
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.selection)
    }

    fn preview(&self, reader: &dyn Reader, at: Timestamp, sample: usize) -> Result<Preview> {
        let (mut preview, mut turn) = (Preview::default(), 0);
        reader.each_lead(&self.selection.query(), &mut |before| {
            preview.count += 1;
            match (self.apply)(&before, turn, at)? {
                Applied::Unchanged => {
                    turn += 1;
                    preview.left(WarningCode::Unchanged, 1, [before.id]);
                }
                Applied::Left(conflicts) => {
                    for conflict in conflicts {
                        preview.left(WarningCode::Left(conflict.code), 1, [conflict.lead]);
                    }
                }
                Applied::Changed(after) if self.checks_keys && super::keys::is_taken(reader, &after)? => {
                    preview.left(WarningCode::Left(ConflictCode::KeyTaken), 1, [before.id]);
                }
                Applied::Changed(after) => {
                    turn += 1;
                    preview.changes += 1;
                    if preview.sample.len() < sample {
                        preview.sample.push((before, *after));
                    }
                }
            }
            Ok(true)
        })?;
        Ok(preview)
    }
}

/// A lead's new state as a chunk's commit stores it.
pub(super) fn update(before: Lead, mut after: Lead, chunk: &Chunk<'_>) -> LeadUpdate {
    after.rev = chunk.rev;
    after.updated_at = chunk.at;
    LeadUpdate { before, after: LeadRow::of(after) }
}
