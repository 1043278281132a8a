//! What forbids to erase: a lawsuit, an audit, a duty to keep.

use std::collections::BTreeMap;

use serde_json::json;

use super::person::Asked;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit};
use crate::model::audit::AuditKind;
use crate::model::operation::OperationKind;
use crate::model::privacy::{Hold, PersonOptions};
use crate::store::{NewOperation, Reader, Writer};

/// Forbids to erase a person; gives the holds, one for each lead.
///
/// # Errors
/// `invalid_argument` without a reason; `not_found`; those of the store.
pub fn hold(session: &Session, reason: &str, who: &PersonOptions) -> Result<Vec<Hold>> {
    session.check_whole("handles nobody's data")?;
    if reason.trim().is_empty() {
        return Err(Error::new(ErrorCode::InvalidArgument, "a hold says why")
            .at_field("reason")
            .hint("such as a file number"));
    }
    let asked = Asked::new(session, who)?;
    session.store.writing(|writer| {
        let (at, actor) = (session.clock.now(), session.actor.clone());
        let leads = asked.find(writer)?.ids();
        let new =
            leads.iter().map(|&lead| Hold { lead, reason: reason.to_string(), at, actor: actor.clone() });
        let holds: Vec<Hold> = new.collect();
        if holds.is_empty() {
            return Err(Error::new(ErrorCode::NotFound, "no lead has this address"));
        }
        holds.iter().try_for_each(|hold| writer.put_hold(hold))?;
        enter(session, writer, "held", &leads)?;
        Ok(holds)
    })
}

/// Allows again to erase a person; gives how many leads were held.
///
/// # Errors
/// `not_found`; those of the store.
pub fn release(session: &Session, who: &PersonOptions) -> Result<u64> {
    session.check_whole("handles nobody's data")?;
    let asked = Asked::new(session, who)?;
    session.store.writing(|writer| {
        let leads = asked.find(writer)?.ids();
        let mut held = Vec::new();
        for lead in leads {
            if writer.drop_hold(lead)? {
                held.push(lead);
            }
        }
        if !held.is_empty() {
            enter(session, writer, "released", &held)?;
        }
        Ok(held.len() as u64)
    })
}

/// All holds, by lead.
///
/// # Errors
/// Those of the store.
pub fn holds(session: &Session) -> Result<Vec<Hold>> {
    session.check_whole("handles nobody's data")?;
    session.store.reading(|reader| reader.holds())
}

/// The holds on some leads.
pub(super) fn on(reader: &dyn Reader, leads: &[i64]) -> Result<Vec<Hold>> {
    let holds = reader.holds()?;
    Ok(holds.into_iter().filter(|hold| leads.contains(&hold.lead)).collect())
}

fn enter(session: &Session, writer: &dyn Writer, what: &str, leads: &[i64]) -> Result<()> {
    let operation = NewOperation {
        options: json!({ "leads": leads }),
        counts: BTreeMap::from([(what.to_string(), leads.len() as u64)]),
        ..session.new_operation(OperationKind::Hold)
    };
    let id = writer.add_operation(&operation)?;
    audit::enter(session, writer, AuditKind::Hold, &json!({ "operation": id, what: leads }))
}
