//! What is kept longer than it is needed: found by the rules of the settings, looked at first, then erased.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::erase::{Erasure, compact};
use super::person::Person;
use super::provider::AtProvider;
use super::{hold, scrub};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, audit, prune};
use crate::model::audit::AuditKind;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::filter::{Expr, Filter};
use crate::model::lead::Lead;
use crate::model::operation::OperationKind;
use crate::model::privacy::{
    RetentionData, RetentionOptions, RetentionReport, RetentionResult, RetentionRule,
};
use crate::store::{HistoryQuery, NewOperation, Query, Reader};
use crate::text::nearest;

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// Ids that a report shows of what is due.
const SAMPLE: usize = 20;
/// Leads or contacts that are erased in one transaction.
const AT_ONCE: usize = 200;

/// Finds what is due by the rules of the settings, and erases it where that is said.
///
/// # Errors
/// `not_found` for a rule that is not there; `key_missing` as [`super::erase`]; `invalid_filter`,
/// `unknown_field` for a rule's filter; `invalid_argument` for changes that undo still needs; those of the
/// store. What was erased before stays erased.
pub fn apply(session: &Session, options: &RetentionOptions) -> Result<RetentionReport> {
    session.check_whole("handles nobody's data")?;
    let settings = session.store.reading(|reader| reader.settings())?.unwrap_or_default();
    let rules = chosen(&settings.retention, options.rule.as_deref())?;
    let mut report = RetentionReport { erased: false, rules: Vec::new(), compacted: false };
    for rule in rules {
        let before = Timestamp(session.clock.now().0.saturating_sub(i64::from(rule.days) * DAY));
        let mut result = RetentionResult {
            name: rule.name.clone(),
            data: rule.data,
            before,
            due: 0,
            held: 0,
            sample: Vec::new(),
        };
        match rule.data {
            RetentionData::Leads => leads(session, rule, options.erase, &mut result)?,
            RetentionData::Contacts => contacts(session, rule, options.erase, &mut result)?,
            RetentionData::Changes if options.erase => result.due = prune(session, f64::from(rule.days))?,
            RetentionData::Changes => {}
        }
        report.erased |= options.erase && result.due > 0;
        report.rules.push(result);
    }
    if report.erased {
        report.compacted = match compact(session) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(code = error.code(), "the storage is not rewritten yet: call privacy.compact");
                false
            }
        };
    }
    Ok(report)
}

fn chosen<'a>(rules: &'a [RetentionRule], name: Option<&str>) -> Result<Vec<&'a RetentionRule>> {
    let Some(name) = name else { return Ok(rules.iter().collect()) };
    match rules.iter().find(|rule| rule.name == name) {
        Some(rule) => Ok(vec![rule]),
        None => {
            let error =
                Error::new(ErrorCode::NotFound, format!("there is no rule `{name}` in settings.retention"))
                    .at_field("rule");
            Err(match nearest(name, rules.iter().map(|rule| rule.name.as_str())) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            })
        }
    }
}

/// Leads that nobody changed and nobody was in contact with since.
fn leads(session: &Session, rule: &RetentionRule, erase: bool, result: &mut RetentionResult) -> Result<()> {
    let query = session.query(rule.filter.as_ref().unwrap_or(&Filter::all()), &[], true)?;
    let before = result.before;
    let (due, held) = session.store.reading(|reader| {
        let held: BTreeSet<i64> = reader.holds()?.into_iter().map(|hold| hold.lead).collect();
        let (mut old, mut due, mut kept) = (Vec::new(), Vec::new(), 0);
        reader.each_lead(&query, &mut |lead| {
            if lead.updated_at < before && lead.deleted_at.is_none_or(|at| at < before) {
                old.push(lead.id);
            }
            Ok(true)
        })?;
        let erased: BTreeSet<i64> = reader.erased(&old)?.into_iter().collect();
        for id in old.into_iter().filter(|id| !erased.contains(id)) {
            let last = HistoryQuery { leads: vec![id], corrected: true, limit: 1, ..HistoryQuery::default() };
            let recent = reader.history(&last)?.first().is_some_and(|(_, contact)| contact.at >= before);
            match (recent, held.contains(&id)) {
                (true, _) => {}
                (false, true) => kept += 1,
                (false, false) => due.push(id),
            }
        }
        Ok((due, kept))
    })?;
    (result.due, result.held) = (due.len() as u64, held);
    result.sample = due.iter().take(SAMPLE).copied().collect();
    if !erase {
        return Ok(());
    }
    let basis = format!("retention: {}", rule.name);
    let provider = AtProvider::default();
    let erasure = Erasure {
        session,
        legal_basis: &basis,
        requested_at: None,
        contact_again: true,
        provider: &provider,
    };
    for ids in due.chunks(AT_ONCE) {
        session.store.writing(|writer| {
            // Whoever was changed or put on hold in between stays for another time.
            let leads = writer.leads(ids)?;
            let held = hold::on(writer, ids)?;
            let old = |lead: &Lead| lead.updated_at < before && held.iter().all(|hold| hold.lead != lead.id);
            let person = Person::of(leads.into_iter().filter(old).collect());
            if person.leads.is_empty() {
                return Ok(());
            }
            erasure.check_keys(&person)?;
            let contacts = person.contacts(writer)?;
            erasure.scrub(writer, &person, contacts).map(drop)
        })?;
    }
    Ok(())
}

/// Contacts from before.
fn contacts(
    session: &Session,
    rule: &RetentionRule,
    erase: bool,
    result: &mut RetentionResult,
) -> Result<()> {
    let filter: Option<Expr> = match &rule.filter {
        Some(filter) => Some(session.query(filter, &[], true)?).map(|query: Query| query.filter),
        None => None,
    };
    let query = |before: Option<i64>| HistoryQuery {
        filter: filter.clone(),
        channels: rule.channels.clone(),
        until: Some(result.before),
        corrected: true,
        before,
        limit: AT_ONCE as u64,
        ..HistoryQuery::default()
    };
    let (mut place, mut due, mut kept, mut sample) = (None, 0, 0, Vec::new());
    loop {
        let step = |reader: &dyn Reader| -> Result<(Option<i64>, Vec<Communication>, u64)> {
            let held: BTreeSet<i64> = reader.holds()?.into_iter().map(|hold| hold.lead).collect();
            let found = reader.history(&query(place))?;
            let last = found.last().map(|(place, _)| *place);
            let old = found.into_iter().map(|(_, contact)| contact);
            let old = old
                .filter(|contact| contact.state.is_final() || contact.state == CommunicationState::Accepted);
            let (held, old): (Vec<_>, Vec<_>) = old
                .filter(|contact| !scrub::is_scrubbed(contact))
                .partition(|contact| contact.lead.is_some_and(|lead| held.contains(&lead)));
            Ok((last, old, held.len() as u64))
        };
        let (last, old, held) = match erase {
            false => session.store.reading(step)?,
            true => session.store.writing(|writer| {
                let found = step(writer)?;
                let scrubbed: Vec<Communication> = found.1.iter().map(scrub::contact).collect();
                writer.put_communications(&scrubbed)?;
                Ok(found)
            })?,
        };
        due += old.len() as u64;
        kept += held;
        sample.extend(old.iter().map(|contact| contact.id).take(SAMPLE - sample.len()));
        if last.is_none() {
            break;
        }
        place = last;
    }
    (result.due, result.held, result.sample) = (due, kept, sample);
    if erase && due > 0 {
        session.store.writing(|writer| {
            let id = writer.add_operation(&NewOperation {
                options: json!({ "legal_basis": format!("retention: {}", rule.name), "data": "contacts" }),
                counts: BTreeMap::from([("contacts".to_string(), due)]),
                ..session.new_operation(OperationKind::Erase)
            })?;
            audit::enter(session, writer, AuditKind::Erasure, &json!({ "operation": id, "contacts": due }))
        })?;
    }
    Ok(())
}
