//! Keys of the running transaction, found by key before they are in the index.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::store::LeadKey;

/// Keys with their leads, in one list; those of one hash are chained, the newest first.
#[derive(Default)]
pub(super) struct Pending {
    entries: Vec<Entry>,
    newest: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
}

struct Entry {
    key: LeadKey,
    /// None when the lead gave the key up again.
    lead: Option<i64>,
    /// One more than the index of the next older entry of this hash.
    older: u32,
}

impl Pending {
    pub(super) fn insert(&mut self, key: LeadKey, lead: i64) {
        let number = self.entries.len() as u32 + 1;
        let older = self.newest.insert(key.hash, number).unwrap_or(0);
        self.entries.push(Entry { key, lead: Some(lead), older });
    }

    pub(super) fn remove(&mut self, key: LeadKey, lead: i64) {
        let mut number = self.first(key);
        while let Some(entry) = self.entries.get_mut((number as usize).wrapping_sub(1)) {
            if entry.key == key && entry.lead == Some(lead) {
                entry.lead = None;
            }
            number = entry.older;
        }
    }

    /// Adds the leads that have the key to a list.
    pub(super) fn find(&self, key: LeadKey, out: &mut Vec<i64>) {
        let mut number = self.first(key);
        while let Some(entry) = self.entries.get((number as usize).wrapping_sub(1)) {
            if entry.key == key {
                out.extend(entry.lead);
            }
            number = entry.older;
        }
    }

    /// Whether a key of this hash was ever put in.
    pub(super) fn has(&self, key: LeadKey) -> bool {
        self.newest.contains_key(&key.hash)
    }

    /// All of them in the order of the index, which sorted keys walk once.
    pub(super) fn into_sorted(self) -> Vec<(LeadKey, i64)> {
        let mut keys: Vec<(LeadKey, i64)> =
            self.entries.into_iter().filter_map(|entry| Some((entry.key, entry.lead?))).collect();
        keys.sort_unstable();
        keys
    }

    fn first(&self, key: LeadKey) -> u32 {
        self.newest.get(&key.hash).copied().unwrap_or(0)
    }
}

/// The keys are hashes already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::KeyKind;

    #[test]
    fn finds_what_was_not_removed() {
        let key = |kind, text| LeadKey::new(kind, text);
        let (email, phone) = (key(KeyKind::Email, "a@b.example"), key(KeyKind::Phone, "+4930"));
        let mut pending = Pending::default();
        for (key, lead) in [(email, 1), (phone, 1), (email, 2), (email, 3)] {
            pending.insert(key, lead);
        }
        // Two kinds can meet in one hash.
        pending.insert(LeadKey { kind: KeyKind::Phone, hash: email.hash }, 4);
        pending.remove(email, 2);
        let mut found = Vec::new();
        pending.find(email, &mut found);
        assert_eq!(found, [3, 1]);
        let keys = pending.into_sorted();
        assert_eq!(keys.len(), 4);
        assert!(keys.is_sorted());
    }
}
