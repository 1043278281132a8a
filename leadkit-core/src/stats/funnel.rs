//! How far leads came.

use std::collections::HashMap;

use super::success::{Successes, Survivors, check};
use super::tally::{rate, reaches};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ledger::Session;
use crate::model::communication::CommunicationState;
use crate::model::stats::{Funnel, FunnelOptions, FunnelStep};
use crate::model::transport::Direction;
use crate::store::{Fact, FactQuery};

/// What became of a lead's contacts.
struct Seen {
    first: Timestamp,
    reached: bool,
    answered: bool,
}

/// Counts leads step by step; see [`crate::database::Comms::funnel`].
///
/// # Errors
/// `invalid_argument` for a status that there is not; `invalid_filter`, `unknown_field`; those of the store.
pub fn funnel(session: &Session, options: &FunnelOptions) -> Result<Funnel> {
    session.access()?.check_counted()?;
    let filter = match &options.leads {
        Some(filter) => Some(session.query(filter, &[], false)?.filter),
        None => None,
    };
    let query = FactQuery { since: options.since, until: options.until, filter };
    session.store.reading(|reader| {
        check(reader, &options.statuses)?;
        let survivors = Survivors::read(reader)?;
        let mut leads: HashMap<i64, Seen> = HashMap::new();
        reader.each_fact(&query, &mut |fact| {
            let (Some(lead), true) = (fact.lead, is_meant(options, fact)) else { return Ok(()) };
            let new = Seen { first: fact.at(), reached: false, answered: false };
            let seen = leads.entry(survivors.of(lead)).or_insert(new);
            seen.reached |= reaches(fact.state);
            seen.answered |= reaches(fact.state) && fact.answered_after.is_some();
            Ok(())
        })?;
        let mut steps = vec![("contacted".to_string(), leads.len() as u64)];
        leads.retain(|_, lead| lead.reached);
        steps.push(("reached".to_string(), leads.len() as u64));
        leads.retain(|_, lead| lead.answered);
        steps.push(("answered".to_string(), leads.len() as u64));
        for status in &options.statuses {
            if let Some(successes) = Successes::read(session, reader, std::slice::from_ref(status), 0.0)? {
                leads.retain(|id, lead| successes.follow(*id, lead.first));
            }
            steps.push((status.clone(), leads.len() as u64));
        }
        let first = steps.first().map_or(0, |(_, leads)| *leads);
        let before = [None].into_iter().chain(steps.iter().map(|(_, leads)| Some(*leads)));
        let shown = before.zip(&steps).map(|(before, (name, leads))| FunnelStep {
            name: name.clone(),
            leads: *leads,
            of_previous: before.and_then(|before| rate(*leads, before)),
            of_first: rate(*leads, first),
        });
        Ok(Funnel { steps: shown.collect() })
    })
}

/// Whether a contact is one of ours that was handed over or entered, and asked for.
fn is_meant(options: &FunnelOptions, fact: &Fact<'_>) -> bool {
    let is = |wanted: &Option<String>, has: Option<&str>| wanted.is_none() || wanted.as_deref() == has;
    fact.direction == Direction::Outbound
        && (reaches(fact.state) || fact.state == CommunicationState::Failed)
        && (options.channels.is_empty() || options.channels.contains(&fact.channel))
        && is(&options.owner, fact.owner)
        && is(&options.template, fact.template)
        && is(&options.campaign, fact.campaign)
        && is(&options.variant, fact.variant)
}
