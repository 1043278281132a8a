//! Contacts by their words, and by what is said of them.

use super::timeline::family;
use super::{cut, page, place};
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::measure::Began;
use crate::model::communication::Communication;
use crate::model::history::{FoundContact, SearchOptions, SearchOrder, SearchPage};
use crate::search::{Ranking, TextQuery, all_words, highlight};
use crate::store::{HistoryQuery, Reader};

/// Contacts that are ranked: the newest of those that have the words.
const RANKED: u64 = 1_000;
/// Millionths of a currency's unit.
const MICROS: f64 = 1e6;

/// Finds contacts.
///
/// # Errors
/// `invalid_argument` for a text without a word, for an order by relevance without a text, and for a
/// cursor that no page gave; `not_found` for the lead; `unknown_field`, `invalid_filter`.
pub fn search(session: &Session, options: &SearchOptions) -> Result<SearchPage> {
    let began = Began::now();
    let limit = page(options.limit);
    let query = HistoryQuery { limit: limit.saturating_add(1), ..query(session, options)? };
    let found = session.store.reading(|reader| {
        let query = of_lead(reader, options.lead, &query)?;
        let (found, next_cursor) = match options.order {
            SearchOrder::Newest => newest(reader, &query, options.cursor.as_deref(), limit)?,
            SearchOrder::Relevance => ranked(reader, &query, options.cursor.as_deref(), limit)?,
        };
        let mut found = SearchPage {
            items: found.into_iter().map(|contact| shown(contact, query.text.as_ref())).collect(),
            next_cursor,
            ..SearchPage::default()
        };
        if !options.facets.is_empty() {
            let (total, counts) = reader.history_counts(&query, &options.facets)?;
            let names = options.facets.iter().map(|facet| facet.as_str().to_string());
            found.total = Some(total);
            found.facets = names.zip(counts).collect();
        }
        Ok(found)
    })?;
    let seconds = began.end("leadkit_search_seconds");
    tracing::debug!(found = found.items.len(), seconds, "contacts searched");
    Ok(found)
}

/// What is asked for, but for whose contacts they are.
pub(super) fn query(session: &Session, options: &SearchOptions) -> Result<HistoryQuery> {
    let text = options.text.as_deref().map(TextQuery::parse).transpose()?;
    let filter = match &options.leads {
        Some(filter) => Some(session.query(filter, &[], false)?.filter),
        None => None,
    };
    Ok(HistoryQuery {
        filter,
        text,
        channels: options.channels.clone(),
        direction: options.direction,
        states: options.states.clone(),
        owner: options.owner.clone(),
        template: options.template.clone(),
        campaign: options.campaign.clone(),
        since: options.since,
        until: options.until,
        min_cost: options.min_cost.map(|cost| (cost * MICROS).round() as i64),
        max_cost: options.max_cost.map(|cost| (cost * MICROS).round() as i64),
        corrected: options.corrected,
        ..HistoryQuery::default()
    })
}

/// A query for the contacts of a lead, where one is named.
pub(super) fn of_lead(reader: &dyn Reader, lead: Option<i64>, query: &HistoryQuery) -> Result<HistoryQuery> {
    let leads = lead.map(|lead| family(reader, lead)).transpose()?.unwrap_or_default();
    Ok(HistoryQuery { leads, ..query.clone() })
}

type Found = (Vec<Communication>, Option<String>);

fn newest(reader: &dyn Reader, query: &HistoryQuery, cursor: Option<&str>, limit: u64) -> Result<Found> {
    let mut found = reader.history(&HistoryQuery { before: place(cursor)?, ..query.clone() })?;
    let next_cursor = cut(&mut found, limit);
    Ok((found.into_iter().map(|(_, contact)| contact).collect(), next_cursor))
}

/// The best of the newest that have the words; a cursor is a number of those that were shown.
fn ranked(reader: &dyn Reader, query: &HistoryQuery, cursor: Option<&str>, limit: u64) -> Result<Found> {
    let text = query.text.as_ref().ok_or_else(|| {
        Error::new(ErrorCode::InvalidArgument, "only what was found by its words has a relevance")
            .hint("give a text, or take the newest first")
            .at_field("order")
    })?;
    let skip = place(cursor)?.and_then(|shown| usize::try_from(shown).ok()).unwrap_or(0);
    let found = reader.history(&HistoryQuery { limit: RANKED, ..query.clone() })?;
    let texts: Vec<Vec<String>> = found.iter().map(|(_, contact)| all_words(contact.texts())).collect();
    let scores = Ranking::of(text, &texts).scores();
    let mut best: Vec<(f64, Communication)> =
        scores.into_iter().zip(found).map(|(score, (_, contact))| (score, contact)).collect();
    // Stable: of equals the newest stays first.
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    let end = skip.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = (end < best.len()).then(|| end.to_string());
    let shown = best.into_iter().take(end).skip(skip).map(|(_, contact)| contact);
    Ok((shown.collect(), next_cursor))
}

fn shown(contact: Communication, text: Option<&TextQuery>) -> FoundContact {
    let highlights = text.map_or_else(Vec::new, |text| {
        let subject = contact.subject.iter().map(String::as_str);
        let of = |part: &str| highlight(part, text);
        subject.chain([contact.body.as_str()]).map(of).find(|pieces| !pieces.is_empty()).unwrap_or_default()
    });
    FoundContact { contact, highlights }
}
