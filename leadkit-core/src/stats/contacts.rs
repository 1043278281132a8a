//! Contacts in numbers, as they are asked for.

use super::calendar::{Pieces, zone};
use super::cover::{Cover, Found};
use super::fold::fold;
use super::success::{Successes, Survivors};
use super::tally::Tally;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::filter::Expr;
use crate::model::stats::{ContactStats, Part, StatsBy, StatsOptions};
use crate::store::{FactQuery, Reader};

/// Counts contacts; see [`crate::database::Comms::stats`].
///
/// # Errors
/// `invalid_argument` for a time zone or status that there is not, and for groups that name anything twice;
/// `invalid_filter`, `unknown_field`; those of the store.
pub fn stats(session: &Session, options: &StatsOptions) -> Result<ContactStats> {
    session.access()?.check_counted()?;
    fold(session)?;
    let asked = Asked::new(session, options)?;
    session.store.reading(|reader| asked.of(session, reader, options))
}

/// A question that was looked through.
struct Asked {
    pieces: Option<Pieces>,
    part: Part,
    filter: Option<Expr>,
}

impl Asked {
    fn new(session: &Session, options: &StatsOptions) -> Result<Asked> {
        let wrong =
            |message: &str| Err(Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field("by"));
        let zone = zone(options.time_zone.as_deref())?;
        let mut seen = options.by.clone();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() < options.by.len() {
            return wrong("groups are named once each");
        }
        let mut times = options.by.iter().copied().filter(|by| by.is_time());
        let pieces = times.next().map(|by| Pieces::new(by, zone));
        if times.next().is_some() {
            return wrong("groups have one piece of time: an hour, a day, a week or a month");
        }
        let filter = match &options.leads {
            Some(filter) => Some(session.query(filter, &[], false)?.filter),
            None => None,
        };
        Ok(Asked { pieces, part: part(options), filter })
    }

    fn of(&self, session: &Session, reader: &dyn Reader, options: &StatsOptions) -> Result<ContactStats> {
        let successes = Successes::read(session, reader, &options.converted, options.within_days)?;
        let mut tally = Tally::new(options, self.pieces.as_ref(), successes.as_ref());
        if self.filter.is_some() || options.count_leads || successes.is_some() {
            let survivors = Survivors::read(reader)?;
            let query = FactQuery { since: options.since, until: options.until, filter: self.filter.clone() };
            reader.each_fact(&query, &mut |fact| {
                tally.fact(fact, fact.lead.map(|lead| survivors.of(lead)));
                Ok(())
            })?;
            return Ok(tally.finish());
        }
        let cover = Cover {
            since: options.since,
            until: options.until,
            part: self.part,
            pieces: self.pieces.as_ref(),
        };
        cover.walk(reader, &mut |found| {
            match found {
                Found::Counts(start, counts) => tally.counts(start, counts),
                Found::Fact(fact) => tally.fact(fact, None),
            }
            Ok(())
        })?;
        Ok(tally.finish())
    }
}

/// The part of the counts that knows what is asked for.
fn part(options: &StatsOptions) -> Part {
    let filters = [
        (StatsBy::Owner, options.owner.is_some()),
        (StatsBy::Template, options.template.is_some()),
        (StatsBy::Campaign, options.campaign.is_some()),
        (StatsBy::Variant, options.variant.is_some()),
        (StatsBy::Country, options.country.is_some()),
    ];
    let filtered = filters.into_iter().filter(|(_, wanted)| *wanted).map(|(by, _)| by);
    let mut needed: Vec<Part> =
        options.by.iter().copied().chain(filtered).filter_map(StatsBy::part).collect();
    needed.sort_unstable();
    needed.dedup();
    match needed[..] {
        [] => Part::Total,
        [only] => only,
        _ => Part::All,
    }
}
