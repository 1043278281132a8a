//! Whether a lead's external id or email is another lead's.

use std::collections::HashMap;

use crate::error::Result;
use crate::ledger::matching::{self, Candidates, Found};
use crate::model::lead::Lead;
use crate::model::options::MatchKey;
use crate::store::{LeadKey, Reader, keys_of};

/// Whether another lead has the external id or email of this one.
pub(super) fn is_taken(reader: &dyn Reader, lead: &Lead) -> Result<bool> {
    Changing::default().takes(reader, lead)
}

/// Leads that are about to change, found by their new keys before the store's.
#[derive(Default)]
pub(super) struct Changing {
    leads: HashMap<i64, Lead>,
    keys: HashMap<LeadKey, Vec<i64>>,
}

impl Changing {
    pub(super) fn insert(&mut self, lead: Lead) {
        for key in keys_of(&lead) {
            self.keys.entry(key).or_default().push(lead.id);
        }
        self.leads.insert(lead.id, lead);
    }

    /// Whether another lead has, or is about to have, the external id or email of this one.
    pub(super) fn takes(&self, reader: &dyn Reader, lead: &Lead) -> Result<bool> {
        let keys = keys_of(lead);
        let mut others = Others { reader, changing: self, own: lead.id };
        let found = matching::find(&[MatchKey::ExternalId, MatchKey::Email], lead, &keys, &mut others)?;
        Ok(matches!(found, Found::Lead(_) | Found::Conflict))
    }
}

struct Others<'a> {
    reader: &'a dyn Reader,
    changing: &'a Changing,
    own: i64,
}

impl Candidates for Others<'_> {
    fn by_key(&mut self, key: LeadKey, out: &mut Vec<i64>) -> Result<()> {
        out.extend(self.reader.leads_by_keys(&[key])?.into_iter().map(|(_, id)| id));
        out.extend(self.changing.keys.get(&key).into_iter().flatten());
        out.retain(|id| *id != self.own);
        Ok(())
    }

    fn lead(&mut self, id: i64) -> Result<Option<Lead>> {
        let lead = match self.changing.leads.get(&id) {
            Some(lead) => Some(lead.clone()),
            None => self.reader.lead(id)?,
        };
        Ok(lead.filter(|lead| lead.deleted_at.is_none()))
    }
}
