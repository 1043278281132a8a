//! Statistics: hours that have changed, facts of contacts, and the counts made of them.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::View;
use super::read::size;
use super::state::State;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::communication::Communication;
use crate::model::stats::Part;
use crate::store::{Fact, FactQuery, Query, ReadStats, Span, WriteStats, hour_of, is_opt_out};

impl ReadStats for View {
    fn changed_hours(&self, limit: u64) -> Result<Vec<i64>> {
        Ok(self.state.borrow().changed_hours.iter().copied().take(size(limit)).collect())
    }

    fn each_count(
        &self,
        span: Span,
        part: Part,
        from: i64,
        until: i64,
        each: &mut dyn FnMut(i64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        if from >= until {
            return Ok(());
        }
        let state = self.snapshot();
        let range = state.counts.range((span, part, from)..(span, part, until));
        range.into_iter().try_for_each(|((_, _, start), counts)| each(*start, counts))
    }

    fn each_fact(&self, query: &FactQuery, each: &mut dyn FnMut(&Fact<'_>) -> Result<()>) -> Result<()> {
        let (from, until) = query.places();
        if from >= until {
            return Ok(());
        }
        let state = self.snapshot();
        let leads = query.filter.clone().map(Query::of);
        let answers = state.answers();
        for (place, id) in state.places.range(from..until) {
            let Some(contact) = state.communications.get(id) else { continue };
            let lead = contact.lead.and_then(|lead| state.leads.get(&lead));
            let of_lead = leads.as_ref().is_none_or(|leads| lead.is_some_and(|lead| leads.finds(lead)));
            if contact.corrected_by.is_none() && of_lead {
                let (after, opted_out) = answers.get(id).copied().unwrap_or_default();
                each(&Fact::of(*place, contact, after, opted_out || is_opt_out(contact)))?;
            }
        }
        Ok(())
    }

    fn first_and_last_place(&self) -> Result<Option<(i64, i64)>> {
        let state = self.state.borrow();
        let mut places = state.places.keys().copied();
        Ok(places.next().map(|first| (first, places.next_back().unwrap_or(first))))
    }

    fn each_merged(&self, each: &mut dyn FnMut(i64, i64) -> Result<()>) -> Result<()> {
        let state = self.snapshot();
        let mut merged = state.leads.values().filter_map(|lead| Some((lead.id, lead.merged_into?)));
        merged.try_for_each(|(lead, into)| each(lead, into))
    }

    fn each_former(
        &self,
        field: &str,
        each: &mut dyn FnMut(i64, Timestamp, &Value) -> Result<()>,
    ) -> Result<()> {
        let state = self.snapshot();
        let mut changes: Vec<_> = state.changes.values().collect();
        changes.sort_by_key(|change| (change.lead, change.rev));
        for change in changes {
            let commit = state.commits.get(&change.rev);
            if let (Some(before), Some(commit)) = (change.before.get(field), commit) {
                each(change.lead, commit.at, before)?;
            }
        }
        Ok(())
    }
}

impl WriteStats for View {
    fn mark_hours(&self, hours: &[i64]) -> Result<()> {
        Arc::make_mut(&mut self.state.borrow_mut().changed_hours).extend(hours);
        Ok(())
    }

    fn unmark_hours(&self, hours: &[i64]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        let marked = Arc::make_mut(&mut state.changed_hours);
        for hour in hours {
            marked.remove(hour);
        }
        Ok(())
    }

    fn put_counts(&self, span: Span, part: Part, counts: &[(i64, Option<Vec<u8>>)]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        let all = Arc::make_mut(&mut state.counts);
        for (start, counts) in counts {
            match counts {
                Some(counts) => all.insert((span, part, *start), Arc::new(counts.clone())),
                None => all.remove(&(span, part, *start)),
            };
        }
        Ok(())
    }
}

impl State {
    /// Of contacts that were answered: after how many milliseconds first, and whether by an opt-out.
    fn answers(&self) -> HashMap<i64, (Option<i64>, bool)> {
        let mut all: HashMap<i64, (Option<i64>, bool)> = HashMap::new();
        for reply in self.communications.values().filter(|reply| reply.corrected_by.is_none()) {
            let Some(id) = reply.reply_to else { continue };
            let (after, opted_out) = all.entry(id).or_default();
            *after = after.iter().chain(&reply.reply_after).min().copied();
            *opted_out |= is_opt_out(reply);
        }
        all
    }

    /// Marks the hour of a contact, and that of the one that it answers.
    pub(super) fn mark_changed(&mut self, contact: &Communication) {
        let of = |id: i64| self.place_of.get(&id).copied().map(hour_of);
        let hours: Vec<i64> =
            [Some(contact.id), contact.reply_to].into_iter().flatten().filter_map(of).collect();
        Arc::make_mut(&mut self.changed_hours).extend(hours);
    }
}
