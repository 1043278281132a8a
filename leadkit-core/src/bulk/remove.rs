//! Deleting, which leaves a tombstone, and purging, which leaves nothing.

use super::action::{Action, Applied, Chunk, Cursor, Done, Preview, RowAction, Selection};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::filter::{Expr, Filter};
use crate::model::lead::Lead;
use crate::store::{Query, Reader};

/// Deletes leads: their keys are free again, and an undo or a restore brings them back.
pub(super) fn delete(selection: Selection) -> Box<dyn Action> {
    let apply = |lead: &Lead, _, at| {
        let mut lead = lead.clone();
        lead.deleted_at = Some(at);
        Ok(Applied::Changed(Box::new(lead)))
    };
    Box::new(RowAction { selection, apply: Box::new(apply), checks_keys: false })
}

/// Removes leads for good.
pub(super) struct Purge {
    pub(super) selection: Selection,
}

impl Action for Purge {
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done> {
        let query: Query = self.selection.behind(cursor.after);
        let ids: Vec<i64> =
            chunk.writer.page(&query, None, chunk.limit)?.into_iter().map(|lead| lead.id).collect();
        chunk.writer.purge_leads(&ids)?;
        cursor.after = ids.last().copied().unwrap_or(cursor.after);
        let count = ids.len() as u64;
        Ok(Done { changed: count, more: count == chunk.limit, ..Done::default() })
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.selection)
    }

    fn preview(&self, reader: &dyn Reader, _: Timestamp, sample: usize) -> Result<Preview> {
        let query = self.selection.query();
        let count = reader.count(&query)?;
        // Nothing is left behind: the lead after is an empty one.
        let gone = |lead: Lead| {
            let after = Lead { id: lead.id, ..Lead::default() };
            (lead, after)
        };
        let sample = reader.page(&query, None, sample as u64)?.into_iter().map(gone).collect();
        Ok(Preview { count, changes: count, sample, ..Preview::default() })
    }
}

/// Refuses to remove everything by a filter that does not say so.
///
/// # Errors
/// `invalid_filter`.
pub(super) fn check_all(filter: &Filter, expr: &Expr) -> Result<()> {
    if is_everything(expr) && !filter.0.contains_key("all") {
        return Err(Error::new(ErrorCode::InvalidFilter, "this filter finds every lead there is")
            .hint("to delete everything, say so: {\"all\": true}")
            .at_field("filter"));
    }
    Ok(())
}

fn is_everything(expr: &Expr) -> bool {
    match expr {
        Expr::And(parts) => parts.iter().all(is_everything),
        Expr::Or(parts) => parts.iter().any(is_everything),
        Expr::Not(part) => is_nothing(part),
        Expr::Test(..) => false,
    }
}

fn is_nothing(expr: &Expr) -> bool {
    match expr {
        Expr::And(parts) => parts.iter().any(is_nothing),
        Expr::Or(parts) => parts.iter().all(is_nothing),
        Expr::Not(part) => is_everything(part),
        Expr::Test(..) => false,
    }
}
