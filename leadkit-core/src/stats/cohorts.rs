//! Leads by the time of their first contact, followed.

use std::collections::{BTreeMap, HashMap};

use super::calendar::{Pieces, zone};
use super::success::{Successes, Survivors};
use super::tally::reaches;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ledger::Session;
use crate::model::stats::{Cohort, CohortBy, CohortOptions, Cohorts, StatsBy};
use crate::model::transport::Direction;
use crate::store::FactQuery;

/// Gathers leads by the time of their first contact; see [`crate::database::Comms::cohorts`].
///
/// # Errors
/// `invalid_argument` for a time zone or status that there is not; `invalid_filter`, `unknown_field`; those
/// of the store.
pub fn cohorts(session: &Session, options: &CohortOptions) -> Result<Cohorts> {
    session.access()?.check_counted()?;
    let by = match options.by {
        CohortBy::Month => StatsBy::Month,
        CohortBy::Week => StatsBy::Week,
    };
    let pieces = Pieces::new(by, zone(options.time_zone.as_deref())?);
    let filter = match &options.leads {
        Some(filter) => Some(session.query(filter, &[], false)?.filter),
        None => None,
    };
    let now = session.clock.now();
    session.store.reading(|reader| {
        let successes = Successes::read(session, reader, &options.converted, 0.0)?;
        let survivors = Survivors::read(reader)?;
        // The first contact, and the first answer: of all times, since the first of some time may be none.
        let mut leads: HashMap<i64, (Timestamp, Option<Timestamp>)> = HashMap::new();
        let query = FactQuery { filter: filter.clone(), ..FactQuery::default() };
        reader.each_fact(&query, &mut |fact| {
            let meant = fact.direction == Direction::Outbound
                && reaches(fact.state)
                && (options.channels.is_empty() || options.channels.contains(&fact.channel));
            if let (Some(lead), true) = (fact.lead, meant) {
                let (_, answer) = leads.entry(survivors.of(lead)).or_insert((fact.at(), None));
                let this = fact.answered_after.map(|after| Timestamp(fact.at().0.saturating_add(after)));
                *answer = answer.iter().chain(&this).min().copied();
            }
            Ok(())
        })?;
        let mut cohorts: BTreeMap<i64, (u64, BTreeMap<i64, u64>)> = BTreeMap::new();
        for (id, (first, answer)) in &leads {
            let meant = options.since.is_none_or(|since| *first >= since)
                && options.until.is_none_or(|until| *first < until);
            if !meant {
                continue;
            }
            let piece = pieces.of(*first);
            let (count, events) = cohorts.entry(piece).or_default();
            *count += 1;
            let event = match &successes {
                Some(successes) => successes.first(*id).filter(|event| event >= first),
                None => *answer,
            };
            if let Some(event) = event {
                *events.entry(pieces.of(event) - piece).or_default() += 1;
            }
        }
        let last = pieces.of(now);
        let shown = cohorts.into_iter().map(|(piece, (leads, events))| {
            let mut sum = 0;
            let by_then = (0..=(last - piece).max(0)).map(|later| {
                sum += events.get(&later).copied().unwrap_or(0);
                sum
            });
            Cohort { start: pieces.name(piece), leads, by_then: by_then.collect() }
        });
        Ok(Cohorts { cohorts: shown.collect() })
    })
}
