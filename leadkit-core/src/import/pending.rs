//! Keys of the running transaction, found by key before they are in the index.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::error::Result;
use crate::store::{KeyKind, LeadKey};

/// Keys that a store is given at once.
const PART: usize = 8_192;

/// Keys with their leads, in one list; those of one hash are chained, the newest first.
#[derive(Default)]
pub(super) struct Pending {
    entries: Vec<Entry>,
    newest: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
}

/// Small: there are hundreds of thousands.
struct Entry {
    hash: u64,
    /// 0 when the lead gave the key up again.
    lead: i64,
    /// One more than the index of the next older entry of this hash.
    older: u32,
    kind: KeyKind,
}

impl Entry {
    fn key(&self) -> LeadKey {
        LeadKey { kind: self.kind, hash: self.hash }
    }
}

impl Pending {
    pub(super) fn insert(&mut self, key: LeadKey, lead: i64) {
        let number = self.entries.len() as u32 + 1;
        let older = self.newest.insert(key.hash, number).unwrap_or(0);
        self.entries.push(Entry { hash: key.hash, lead, older, kind: key.kind });
    }

    pub(super) fn remove(&mut self, key: LeadKey, lead: i64) {
        let mut number = self.first(key);
        while let Some(entry) = self.entries.get_mut((number as usize).wrapping_sub(1)) {
            if entry.key() == key && entry.lead == lead {
                entry.lead = 0;
            }
            number = entry.older;
        }
    }

    /// Adds the leads that have the key to a list.
    pub(super) fn find(&self, key: LeadKey, out: &mut Vec<i64>) {
        let mut number = self.first(key);
        while let Some(entry) = self.entries.get((number as usize).wrapping_sub(1)) {
            if entry.key() == key && entry.lead != 0 {
                out.push(entry.lead);
            }
            number = entry.older;
        }
    }

    /// Whether a key of this hash was ever put in.
    pub(super) fn has(&self, key: LeadKey) -> bool {
        self.newest.contains_key(&key.hash)
    }

    /// All of them in the order of the index, which sorted keys walk once; in parts, since a second list
    /// of all would be large.
    pub(super) fn each_sorted(self, mut each: impl FnMut(&[(LeadKey, i64)]) -> Result<()>) -> Result<()> {
        let Pending { mut entries, newest } = self;
        drop(newest);
        entries.sort_unstable_by_key(|entry| (entry.kind, entry.hash, entry.lead));
        let mut part = Vec::with_capacity(PART);
        for entries in entries.chunks(PART) {
            part.clear();
            part.extend(entries.iter().filter(|e| e.lead != 0).map(|e| (e.key(), e.lead)));
            each(&part)?;
        }
        Ok(())
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
    #![allow(clippy::unwrap_used)]
    use super::*;

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
        let mut keys = Vec::new();
        pending
            .each_sorted(|part| {
                keys.extend_from_slice(part);
                Ok(())
            })
            .unwrap();
        assert_eq!(keys.len(), 4);
        assert!(keys.is_sorted());
    }
}
