//! Consent, switches and templates.

use std::sync::Arc;

use super::View;
use super::read::size;
use crate::error::Result;
use crate::model::consent::ConsentEntry;
use crate::model::message_template::MessageTemplate;
use crate::model::settings::Settings;
use crate::store::{ConsentQuery, ReadComms, WriteComms};

impl ReadComms for View {
    fn consent(&self, addresses: &[&str]) -> Result<Vec<ConsentEntry>> {
        let state = self.state.borrow();
        let about = |entry: &&Arc<ConsentEntry>| addresses.contains(&entry.address.as_str());
        Ok(state.consent.values().filter(about).map(|entry| (**entry).clone()).collect())
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
}

impl WriteComms for View {
    fn add_consent(&self, entries: &[ConsentEntry]) -> Result<i64> {
        let mut state = self.state.borrow_mut();
        let first = state.consent.keys().next_back().map_or(1, |last| last + 1);
        let table = Arc::make_mut(&mut state.consent);
        table.extend(
            (first..).zip(entries).map(|(id, entry)| (id, Arc::new(ConsentEntry { id, ..entry.clone() }))),
        );
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
}
