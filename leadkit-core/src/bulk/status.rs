//! Many leads to another status, by the ways that the status list allows.

use super::action::{Action, Chunk, Cursor, Done, EXAMPLES, Preview, Selection, SetAction};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::values;
use crate::model::bulk::WarningCode;
use crate::model::field::Field;
use crate::model::filter::{Expr, Operand, Target, Test};
use crate::model::lead::Values;
use crate::model::operation::{Conflict, ConflictCode};
use crate::model::status::Status;
use crate::store::{Reader, SetValue};
use crate::text::fold;
use crate::validate::{Draft, Rules};

/// Moves leads to a status; those that may not go there are left alone.
pub(super) struct StatusAction {
    whole: Selection,
    set: SetAction,
    /// Leads whose status does not allow the way, and the status wanted.
    forbidden: Selection,
    status: String,
}

/// Makes ready.
///
/// # Errors
/// `invalid_value` for a status that is not in the list.
pub(super) fn action(rules: &Rules, status: &str, selection: Selection) -> Result<Box<dyn Action>> {
    let mut draft = Draft::default();
    values::apply(rules, &Values::from([("status", status)]), &mut draft)?;
    let Some(status) = draft.lead.status else {
        return Err(Error::new(ErrorCode::InvalidArgument, "the status is empty").at_field("status"));
    };
    let from: Vec<Operand> = forbidden_from(&rules.statuses, &status);
    let values = vec![SetValue { field: Field::Status, text: Some(status.clone()) }];
    if from.is_empty() {
        return Ok(Box::new(SetAction { selection, values }));
    }
    let test = Expr::Test(Target::Standard(Field::Status), Test::In(from));
    let with = |test: Expr| Selection {
        filter: Expr::And(vec![selection.filter.clone(), test]),
        ..selection.clone()
    };
    let forbidden = with(test.clone());
    let allowed = with(Expr::Not(Box::new(test)));
    let set = SetAction { selection: allowed, values };
    Ok(Box::new(StatusAction { whole: selection, set, forbidden, status }))
}

fn forbidden_from(statuses: &[Status], to: &str) -> Vec<Operand> {
    let here = fold(to);
    let froms = statuses.iter().filter(|from| fold(&from.key) != here && !from.allows(to));
    froms.map(|from| Operand::Text(fold(&from.key))).collect()
}

impl Action for StatusAction {
    fn chunk(&self, chunk: &Chunk<'_>, cursor: &mut Cursor) -> Result<Done> {
        if cursor.stage == 0 {
            let mut done = self.set.chunk(chunk, cursor)?;
            if !done.more {
                *cursor = Cursor { stage: 1, ..Cursor::default() };
                done.more = true;
            }
            return Ok(done);
        }
        let mut done = Done::default();
        let leads = chunk.writer.page(&self.forbidden.behind(cursor.after), None, chunk.limit)?;
        done.more = leads.len() as u64 == chunk.limit;
        for lead in leads {
            cursor.after = lead.id;
            done.leave(Conflict {
                lead: lead.id,
                code: ConflictCode::ForbiddenTransition,
                field: Some("status".into()),
                wanted: self.status.as_str().into(),
                found: serde_json::json!(lead.status),
            });
        }
        Ok(done)
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.whole)
    }

    fn preview(&self, reader: &dyn Reader, at: Timestamp, sample: usize) -> Result<Preview> {
        let mut preview = self.set.preview(reader, at, sample)?;
        let query = self.forbidden.query();
        let forbidden = reader.count(&query)?;
        let examples = reader.page(&query, None, EXAMPLES as u64)?.into_iter().map(|lead| lead.id);
        preview.count += forbidden;
        preview.left(WarningCode::Left(ConflictCode::ForbiddenTransition), forbidden, examples);
        Ok(preview)
    }
}
