//! Consent, switches and templates.

use std::sync::Arc;

use super::View;
use super::read::size;
use super::state::State;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::communication::{Communication, CommunicationEvent, CommunicationState};
use crate::model::consent::ConsentEntry;
use crate::model::history::Facet;
use crate::model::message_template::MessageTemplate;
use crate::model::settings::Settings;
use crate::store::{
    CommunicationKey, CommunicationQuery, ConsentQuery, FacetCounts, HistoryQuery, Query, ReadComms,
    WriteComms, tally,
};

impl ReadComms for View {
    fn consent(&self, addresses: &[&str]) -> Result<Vec<ConsentEntry>> {
        let state = self.state.borrow();
        let mut ids: Vec<i64> = Vec::new();
        for address in addresses {
            let (from, to) = ((address.to_string(), i64::MIN), (address.to_string(), i64::MAX));
            ids.extend(state.consent_addresses.range(from..=to).map(|(_, id)| *id));
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids.iter().filter_map(|id| state.consent.get(id)).map(|entry| (**entry).clone()).collect())
    }

    fn consent_entries(&self, query: &ConsentQuery) -> Result<Vec<ConsentEntry>> {
        let state = self.state.borrow();
        let found = state.consent.values().rev().filter(|entry| {
            query.address.as_ref().is_none_or(|address| entry.address == *address)
                && query.lead.is_none_or(|lead| entry.lead == Some(lead))
                && query.before.is_none_or(|before| entry.id < before)
        });
        Ok(found.take(size(query.limit)).map(|entry| (**entry).clone()).collect())
    }

    fn settings(&self) -> Result<Option<Settings>> {
        Ok(self.state.borrow().settings.as_deref().cloned())
    }

    fn templates(&self, name: Option<&str>) -> Result<Vec<MessageTemplate>> {
        let state = self.state.borrow();
        let named = |template: &&Arc<MessageTemplate>| name.is_none_or(|name| template.name == name);
        Ok(state.templates.values().filter(named).map(|template| (**template).clone()).collect())
    }

    fn communication(&self, id: i64) -> Result<Option<Communication>> {
        Ok(self.state.borrow().communications.get(&id).map(|message| (**message).clone()))
    }

    fn communications_by(&self, key: &CommunicationKey<'_>) -> Result<Vec<Communication>> {
        let state = self.state.borrow();
        let has = |message: &&Arc<Communication>| match key {
            CommunicationKey::Key(key) => message.key.as_deref() == Some(*key),
            CommunicationKey::Token(token) => message.token.as_deref() == Some(*token),
            CommunicationKey::Provider(id) => message.provider_id.as_deref() == Some(*id),
        };
        Ok(state.communications.values().filter(has).map(|message| (**message).clone()).collect())
    }

    fn communications(&self, query: &CommunicationQuery) -> Result<Vec<Communication>> {
        let state = self.state.borrow();
        let found = state.communications.values().rev().filter(|message| {
            query.lead.is_none_or(|lead| message.lead == Some(lead))
                && query.address.as_deref().is_none_or(|address| message.address() == Some(address))
                && query.state.is_none_or(|state| message.state == state)
                && query.campaign.as_ref().is_none_or(|name| message.campaign.as_ref() == Some(name))
                && query.before.is_none_or(|before| message.id < before)
        });
        Ok(found.take(size(query.limit)).map(|message| (**message).clone()).collect())
    }

    fn due(&self, state: CommunicationState, until: Timestamp, limit: u64) -> Result<Vec<Communication>> {
        let all = self.state.borrow();
        let waits = |message: &&Arc<Communication>| {
            message.state == state && message.due_at.is_some_and(|due| due <= until)
        };
        let mut due: Vec<&Arc<Communication>> = all.communications.values().filter(waits).collect();
        due.sort_by_key(|message| (message.due_at, message.id));
        Ok(due.into_iter().take(size(limit)).map(|message| (**message).clone()).collect())
    }

    fn next_due(&self, state: CommunicationState) -> Result<Option<Timestamp>> {
        let all = self.state.borrow();
        let of_state = all.communications.values().filter(|message| message.state == state);
        Ok(of_state.filter_map(|message| message.due_at).min())
    }

    fn communication_events(&self, id: i64) -> Result<Vec<CommunicationEvent>> {
        Ok(self
            .state
            .borrow()
            .communication_events
            .get(&id)
            .map(|events| events.to_vec())
            .unwrap_or_default())
    }

    fn history(&self, query: &HistoryQuery) -> Result<Vec<(i64, Communication)>> {
        let state = self.state.borrow();
        let found = state.history(query).take(size(query.limit));
        Ok(found.map(|(place, contact)| (place, contact.clone())).collect())
    }

    fn history_counts(&self, query: &HistoryQuery, facets: &[Facet]) -> Result<(u64, Vec<FacetCounts>)> {
        let state = self.state.borrow();
        let (mut total, mut counts) = (0, vec![FacetCounts::new(); facets.len()]);
        for (_, contact) in state.history(query) {
            total += 1;
            tally(facets, &mut counts, contact);
        }
        Ok((total, counts))
    }

    fn merged_into(&self, lead: i64) -> Result<Vec<i64>> {
        let state = self.state.borrow();
        let losers = state.leads.values().filter(|loser| loser.merged_into == Some(lead));
        Ok(losers.map(|loser| loser.id).collect())
    }

    fn meter(&self, name: &str) -> Result<i64> {
        Ok(self.state.borrow().meters.get(name).copied().unwrap_or(0))
    }
}

impl WriteComms for View {
    fn add_consent(&self, entries: &[ConsentEntry]) -> Result<i64> {
        let mut state = self.state.borrow_mut();
        let first = state.consent.keys().next_back().map_or(1, |last| last + 1);
        for (id, entry) in (first..).zip(entries) {
            state.enter_consent(ConsentEntry { id, ..entry.clone() })?;
        }
        Ok(first)
    }

    fn put_settings(&self, settings: &Settings) -> Result<()> {
        self.state.borrow_mut().settings = Some(Arc::new(settings.clone()));
        Ok(())
    }

    fn put_template(&self, template: &MessageTemplate) -> Result<()> {
        let mut state = self.state.borrow_mut();
        let key = (template.name.clone(), template.version);
        Arc::make_mut(&mut state.templates).insert(key, Arc::new(template.clone()));
        Ok(())
    }

    fn add_communications(&self, messages: &[Communication]) -> Result<i64> {
        let mut state = self.state.borrow_mut();
        let first = state.communications.keys().next_back().map_or(1, |last| last + 1);
        for (id, message) in (first..).zip(messages) {
            let mut others = state.communications.values();
            if message.key.is_some() && others.any(|other| other.key == message.key) {
                return Err(Error::new(ErrorCode::Conflict, "another message has this key").at_field("key"));
            }
            state.keep_communication(Communication { id, ..message.clone() })?;
        }
        Ok(first)
    }

    fn put_communications(&self, messages: &[Communication]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        for message in messages {
            if let Some(stored) = state.communications.get(&message.id) {
                // The key stays what it was.
                let message = Communication { key: stored.key.clone(), ..message.clone() };
                state.keep_communication(message)?;
            }
        }
        Ok(())
    }

    fn add_communication_events(&self, events: &[CommunicationEvent]) -> Result<()> {
        let mut state = self.state.borrow_mut();
        for event in events {
            if !state.communications.contains_key(&event.communication) {
                return Err(Error::internal("there is no message for this event"));
            }
            let table = Arc::make_mut(&mut state.communication_events);
            let list = Arc::make_mut(table.entry(event.communication).or_default());
            list.push(CommunicationEvent { seq: list.len() as u32 + 1, ..event.clone() });
        }
        Ok(())
    }

    fn put_meter(&self, name: &str, value: i64) -> Result<()> {
        Arc::make_mut(&mut self.state.borrow_mut().meters).insert(name.to_string(), value);
        Ok(())
    }
}

impl State {
    /// What a query finds in the history, the newest first.
    fn history<'a>(&'a self, query: &'a HistoryQuery) -> impl Iterator<Item = (i64, &'a Communication)> + 'a {
        let leads = query.filter.clone().map(Query::of);
        self.places.iter().rev().filter_map(move |(place, id)| {
            let contact = &**self.communications.get(id)?;
            let lead = contact.lead.and_then(|lead| self.leads.get(&lead));
            let of_lead = leads.as_ref().is_none_or(|leads| lead.is_some_and(|lead| leads.finds(lead)));
            (of_lead && query.finds(*place, contact)).then_some((*place, contact))
        })
    }
}
