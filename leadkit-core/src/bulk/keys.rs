//! Whether a lead's external id or email is another lead's.

use std::collections::HashSet;

use crate::error::Result;
use crate::ledger::matching::{self, Candidates, Found};
use crate::ledger::state_at;
use crate::model::lead::Lead;
use crate::model::options::MatchKey;
use crate::store::{LeadKey, Reader, keys_of};

/// Whether another lead has the external id or email of this one.
pub(super) fn is_taken(reader: &dyn Reader, lead: &Lead) -> Result<bool> {
    find(reader, lead, None)
}

/// What an undo knows about leads that have the key of one which it brings back.
pub(super) struct Since<'a> {
    /// The commit that is taken back: whoever had the key then already did not take it.
    pub(super) rev: i64,
    /// The undo itself, and the leads that it brings back at once.
    pub(super) operation: i64,
    pub(super) together: &'a HashSet<i64>,
}

/// Whether another lead has come to the external id or email of this one since a commit.
pub(super) fn is_taken_since(reader: &dyn Reader, lead: &Lead, since: &Since<'_>) -> Result<bool> {
    find(reader, lead, Some(since))
}

fn find(reader: &dyn Reader, lead: &Lead, since: Option<&Since<'_>>) -> Result<bool> {
    let keys = keys_of(lead);
    let mut others = Others { reader, own: lead.id, keys: &keys, since };
    let found = matching::find(&[MatchKey::ExternalId, MatchKey::Email], lead, &keys, &mut others)?;
    Ok(matches!(found, Found::Lead(_) | Found::Conflict))
}

struct Others<'a> {
    reader: &'a dyn Reader,
    own: i64,
    keys: &'a [LeadKey],
    since: Option<&'a Since<'a>>,
}

impl Others<'_> {
    fn came_since(&self, lead: &Lead, since: &Since<'_>) -> Result<bool> {
        if lead.rev <= since.rev || since.together.contains(&lead.id) {
            return Ok(false);
        }
        // The commits of a trial are not in the log.
        if self.reader.commit(lead.rev)?.is_none_or(|commit| commit.operation == since.operation) {
            return Ok(false);
        }
        let then = state_at(self.reader, lead.clone(), since.rev)?;
        Ok(then.is_none_or(|then| !keys_of(&then).iter().any(|key| self.keys.contains(key))))
    }
}

impl Candidates for Others<'_> {
    fn by_key(&mut self, key: LeadKey, out: &mut Vec<i64>) -> Result<()> {
        let found = self.reader.leads_by_keys(&[key])?.into_iter().map(|(_, id)| id);
        out.extend(found.filter(|id| *id != self.own));
        Ok(())
    }

    fn lead(&mut self, id: i64) -> Result<Option<Lead>> {
        let Some(lead) = self.reader.lead(id)?.filter(|lead| lead.deleted_at.is_none()) else {
            return Ok(None);
        };
        match self.since {
            Some(since) if !self.came_since(&lead, since)? => Ok(None),
            _ => Ok(Some(lead)),
        }
    }
}
