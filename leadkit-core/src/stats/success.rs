//! When leads came to a status that is a success.

use std::collections::{HashMap, HashSet};

use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::filter::Filter;
use crate::store::{Query, Reader};
use crate::text::{fold, nearest};

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

/// Leads that came to a success, with the instant at which they first did.
pub(super) struct Successes {
    first: HashMap<i64, Timestamp>,
    within: Option<i64>,
}

impl Successes {
    /// None when no status was named.
    ///
    /// A lead that came in with such a status, or had it before its history begins, came to it before any
    /// contact.
    pub(super) fn read(
        session: &Session,
        reader: &dyn Reader,
        statuses: &[String],
        within_days: f64,
    ) -> Result<Option<Successes>> {
        if statuses.is_empty() {
            return Ok(None);
        }
        if !(within_days >= 0.0 && within_days.is_finite()) {
            return Err(
                Error::new(ErrorCode::InvalidArgument, "days are a number from 0 on").at_field("within_days")
            );
        }
        check(reader, statuses)?;
        let wanted: HashSet<String> = statuses.iter().map(|status| fold(status)).collect();
        let mut first: HashMap<i64, Timestamp> = HashMap::new();
        // Of each lead, when its last change was: then it came to the status that it has now.
        let mut changed: HashMap<i64, Timestamp> = HashMap::new();
        reader.each_former("status", &mut |lead, at, before| {
            let since = changed.insert(lead, at).unwrap_or(Timestamp(i64::MIN));
            if before.as_str().is_some_and(|status| wanted.contains(&fold(status))) {
                first.entry(lead).or_insert(since);
            }
            Ok(())
        })?;
        let now = Filter::field("status").is_in(statuses.to_vec());
        let query = Query {
            filter: now.resolve(&reader.custom_fields()?, session.clock.now())?,
            order: Vec::new(),
            include_deleted: true,
        };
        reader.each_lead(&query, &mut |lead| {
            let since = changed.get(&lead.id).copied().unwrap_or(Timestamp(i64::MIN));
            first.entry(lead.id).or_insert(since);
            Ok(true)
        })?;
        let within = (within_days > 0.0).then_some((within_days * DAY) as i64);
        Ok(Some(Successes { first, within }))
    }

    /// Whether a lead came to a success after an instant, and soon enough.
    pub(super) fn follow(&self, lead: i64, at: Timestamp) -> bool {
        self.first.get(&lead).is_some_and(|first| {
            *first >= at && self.within.is_none_or(|within| first.0.saturating_sub(at.0) <= within)
        })
    }

    /// When a lead first came to a success.
    pub(super) fn first(&self, lead: i64) -> Option<Timestamp> {
        self.first.get(&lead).copied()
    }
}

/// Refuses statuses that the list does not have, where there is one.
pub(super) fn check(reader: &dyn Reader, statuses: &[String]) -> Result<()> {
    let list = reader.statuses()?;
    for status in statuses {
        let known = list.is_empty() || list.iter().any(|known| fold(&known.key) == fold(status));
        if !known {
            let error = Error::new(ErrorCode::InvalidArgument, "the list of statuses does not have this one");
            let near = nearest(status, list.iter().map(|known| known.key.as_str()));
            let hint = near.map_or("db.statuses tells which there are".to_string(), |near| {
                format!("did you mean `{near}`?")
            });
            return Err(error.hint(hint).at_field("converted"));
        }
    }
    Ok(())
}

/// Which leads stand for those that were merged into them.
pub(super) struct Survivors(HashMap<i64, i64>);

impl Survivors {
    pub(super) fn read(reader: &dyn Reader) -> Result<Survivors> {
        let mut merged = HashMap::new();
        reader.each_merged(&mut |lead, into| {
            merged.insert(lead, into);
            Ok(())
        })?;
        Ok(Survivors(merged))
    }

    pub(super) fn of(&self, mut lead: i64) -> i64 {
        // A merge never leads back; the count is against a damaged store.
        for _ in 0..=self.0.len() {
            match self.0.get(&lead) {
                Some(into) => lead = *into,
                None => break,
            }
        }
        lead
    }
}
