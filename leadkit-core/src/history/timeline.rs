//! All contacts with a lead.

use super::{cut, page, place};
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::communication::Communication;
use crate::model::history::TimelineOptions;
use crate::model::report::Page;
use crate::store::{HistoryQuery, Reader};

/// Contacts with a lead, and with all that were merged into it or with it, the newest first.
///
/// # Errors
/// `not_found`; `invalid_argument` for a cursor that no page gave.
pub fn timeline(session: &Session, lead: i64, options: &TimelineOptions) -> Result<Page<Communication>> {
    let limit = page(options.limit);
    let before = place(options.cursor.as_deref())?;
    let mut found = session.store.reading(|reader| {
        reader.history(&HistoryQuery {
            leads: family(reader, lead)?,
            channels: options.channels.clone(),
            corrected: options.corrected,
            before,
            limit: limit.saturating_add(1),
            ..HistoryQuery::default()
        })
    })?;
    let next_cursor = cut(&mut found, limit);
    Ok(Page { items: found.into_iter().map(|(_, contact)| contact).collect(), next_cursor })
}

/// The lead that one was merged into, and all that were: their contacts stay where they are.
pub(crate) fn family(reader: &dyn Reader, lead: i64) -> Result<Vec<i64>> {
    let mut all = vec![survivor(reader, lead)?];
    let mut at = 0;
    while let Some(next) = all.get(at) {
        let merged = reader.merged_into(*next)?;
        all.extend(merged);
        at += 1;
    }
    Ok(all)
}

/// The lead that stands for one now: itself, or what it was merged into.
pub(super) fn survivor(reader: &dyn Reader, lead: i64) -> Result<i64> {
    let missing = || Error::new(ErrorCode::NotFound, format!("there is no lead {lead}"));
    let mut stands = reader.lead(lead)?.ok_or_else(missing)?;
    while let Some(winner) = stands.merged_into {
        match reader.lead(winner)? {
            Some(winner) => stands = winner,
            None => break,
        }
    }
    Ok(stands.id)
}
