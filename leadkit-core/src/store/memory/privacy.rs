//! Erasing: what is only ever added elsewhere is rewritten in place. What is let go is gone from the maps;
//! memory that was freed is the host's.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::View;
use super::read::size;
use super::state::{State, enter};
use crate::error::{Error, ErrorCode, Result};
use crate::model::communication::Communication;
use crate::model::consent::ConsentEntry;
use crate::model::lead::Lead;
use crate::model::operation::Conflict;
use crate::model::privacy::{ErasureCertificate, Hold};
use crate::store::image::Image;
use crate::store::{Change, Commit, EachReject, ReadPrivacy, StoredOperation, WritePrivacy};

impl ReadPrivacy for View {
    fn each_operation(&self, each: &mut dyn FnMut(StoredOperation) -> Result<()>) -> Result<()> {
        self.snapshot().operations.values().try_for_each(|stored| each((**stored).clone()))
    }

    fn each_waiting_reject(&self, each: &mut EachReject<'_>) -> Result<()> {
        let state = self.snapshot();
        state.rejects.iter().try_for_each(|((operation, seq), cells)| each(*operation, *seq, cells.to_vec()))
    }

    fn erasures(&self, before: Option<i64>, limit: u64) -> Result<Vec<ErasureCertificate>> {
        let state = self.state.borrow();
        let found = state.erasures.range(..before.unwrap_or(i64::MAX)).rev().take(size(limit));
        Ok(found.map(|(_, certificate)| (**certificate).clone()).collect())
    }

    fn erased(&self, leads: &[i64]) -> Result<Vec<i64>> {
        let state = self.state.borrow();
        let erased = |lead: &&i64| state.erasures.values().any(|erasure| erasure.leads.contains(lead));
        Ok(leads.iter().filter(erased).copied().collect())
    }

    fn erasure_keys(&self) -> Result<Vec<String>> {
        let state = self.state.borrow();
        let ids = state.erasures.values().filter_map(|certificate| certificate.key_id());
        let ids: BTreeSet<&str> = ids.collect();
        Ok(ids.into_iter().map(str::to_string).collect())
    }

    fn holds(&self) -> Result<Vec<Hold>> {
        Ok(self.state.borrow().holds.values().map(|hold| (**hold).clone()).collect())
    }
}

impl WritePrivacy for View {
    fn rewrite_operation(&self, stored: &StoredOperation) -> Result<()> {
        let mut state = self.state.borrow_mut();
        if let Some(old) = Arc::make_mut(&mut state.operations).get_mut(&stored.operation.id) {
            let (old, new) = (Arc::make_mut(old), stored.clone());
            old.operation.state = new.operation.state;
            old.operation.name = new.operation.name;
            old.operation.reason = new.operation.reason;
            old.operation.mapping = new.operation.mapping;
            old.operation.options = new.operation.options;
            (old.progress, old.idempotency_key) = (new.progress, new.idempotency_key);
        }
        Ok(())
    }

    fn rewrite_reason(&self, rev: i64, reason: &str) -> Result<()> {
        let mut state = self.state.borrow_mut();
        if let Some(commit) = Arc::make_mut(&mut state.commits).get_mut(&rev) {
            *commit = Arc::new(Commit { reason: Some(reason.to_string()), ..(**commit).clone() });
        }
        Ok(())
    }

    fn rewrite_consent(&self, entry: &ConsentEntry) -> Result<()> {
        let mut state = self.state.borrow_mut();
        if let Some(old) = Arc::make_mut(&mut state.consent).remove(&entry.id) {
            Arc::make_mut(&mut state.consent_addresses).remove(&(old.address.clone(), old.id));
        }
        state.enter_consent(entry.clone())
    }

    fn rewrite_communication_key(&self, id: i64, key: &str) -> Result<()> {
        let mut state = self.state.borrow_mut();
        if state.communications.values().any(|other| other.id != id && other.key.as_deref() == Some(key)) {
            return Err(Error::new(ErrorCode::Conflict, "another message has this key").at_field("key"));
        }
        if let Some(stored) = Arc::make_mut(&mut state.communications).get_mut(&id) {
            *stored = Arc::new(Communication { key: Some(key.to_string()), ..(**stored).clone() });
        }
        Ok(())
    }

    fn empty_changes(&self, lead: &Lead) -> Result<u64> {
        let mut state = self.state.borrow_mut();
        let changes = Arc::make_mut(&mut state.changes);
        let (mut rev, mut emptied) = (lead.rev, 0);
        while let Some(change) = changes.get_mut(&(rev, lead.id)) {
            emptied += u64::from(!change.before.is_empty());
            let prev_rev = change.prev_rev;
            *change = Arc::new(Change { before: Image::new(), ..(**change).clone() });
            rev = prev_rev;
        }
        Ok(emptied)
    }

    fn empty_conflicts(&self, leads: &[i64]) -> Result<u64> {
        let mut state = self.state.borrow_mut();
        let mut emptied = 0;
        for list in Arc::make_mut(&mut state.conflicts).values_mut() {
            let full = |conflict: &Conflict| {
                leads.contains(&conflict.lead) && !(conflict.wanted.is_null() && conflict.found.is_null())
            };
            if list.iter().any(full) {
                for conflict in Arc::make_mut(list).iter_mut().filter(|conflict| full(conflict)) {
                    (conflict.wanted, conflict.found) = Default::default();
                    emptied += 1;
                }
            }
        }
        Ok(emptied)
    }

    fn drop_reject(&self, operation: i64, seq: u64) -> Result<()> {
        Arc::make_mut(&mut self.state.borrow_mut().rejects).remove(&(operation, seq));
        Ok(())
    }

    fn add_erasure(&self, certificate: &ErasureCertificate) -> Result<i64> {
        let mut state = self.state.borrow_mut();
        let id = state.erasures.keys().next_back().map_or(1, |last| last + 1);
        state.enter_erasure(ErasureCertificate { id, ..certificate.clone() })?;
        Ok(id)
    }

    fn put_erasure(&self, certificate: &ErasureCertificate) -> Result<()> {
        let mut state = self.state.borrow_mut();
        Arc::make_mut(&mut state.erasures).insert(certificate.id, Arc::new(certificate.clone()));
        Ok(())
    }

    fn put_hold(&self, hold: &Hold) -> Result<()> {
        let mut state = self.state.borrow_mut();
        Arc::make_mut(&mut state.holds).insert(hold.lead, Arc::new(hold.clone()));
        Ok(())
    }

    fn drop_hold(&self, lead: i64) -> Result<bool> {
        Ok(Arc::make_mut(&mut self.state.borrow_mut().holds).remove(&lead).is_some())
    }
}

impl State {
    pub(super) fn enter_erasure(&mut self, certificate: ErasureCertificate) -> Result<()> {
        enter(&mut self.erasures, certificate.id, Arc::new(certificate))
    }
}
