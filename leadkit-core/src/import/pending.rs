//! Keys of the running transaction, found by key before they are in the index.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Slot;

use crate::error::Result;
use crate::store::{KeyKind, LeadKey};

/// Keys that a store is given at once.
const PART: usize = 8_192;

/// Keys with their leads, in one list; those of one hash are chained, the newest first. The keys are
/// hashes already, and the table holds places in the list: there are hundreds of thousands, and they
/// are most of what a transaction weighs.
#[derive(Default)]
pub(super) struct Pending {
    entries: Vec<Entry>,
    newest: HashTable<u32>,
}

#[derive(Clone, Copy)]
#[repr(C, packed(4))]
struct Entry {
    hash: u64,
    /// The lead's id and, in the lowest two bits, the kind; no lead when it gave the key up again.
    lead_and_kind: i64,
    /// One more than the place of the next older entry of this hash.
    older: u32,
}

impl Entry {
    fn new(key: LeadKey, lead: i64, older: u32) -> Entry {
        Entry { hash: key.hash, lead_and_kind: (lead << 2) | key.kind as i64, older }
    }

    fn lead(self) -> Option<i64> {
        Some(self.lead_and_kind >> 2).filter(|lead| *lead != 0)
    }

    fn key(self) -> Option<LeadKey> {
        Some(LeadKey { kind: KeyKind::from_number(self.lead_and_kind & 3)?, hash: self.hash })
    }
}

impl Pending {
    pub(super) fn insert(&mut self, key: LeadKey, lead: i64) {
        let Pending { entries, newest } = self;
        let number = entries.len() as u32 + 1;
        let hash_of = |number: &u32| entries.get(*number as usize - 1).map_or(0, |entry| entry.hash);
        let older = match newest.entry(key.hash, |number| hash_of(number) == key.hash, hash_of) {
            Slot::Occupied(mut slot) => std::mem::replace(slot.get_mut(), number),
            Slot::Vacant(slot) => {
                slot.insert(number);
                0
            }
        };
        entries.push(Entry::new(key, lead, older));
    }

    pub(super) fn remove(&mut self, key: LeadKey, lead: i64) {
        let mut number = self.first(key);
        while let Some(entry) = self.entries.get_mut((number as usize).wrapping_sub(1)) {
            if entry.key() == Some(key) && entry.lead() == Some(lead) {
                *entry = Entry::new(key, 0, entry.older);
            }
            number = entry.older;
        }
    }

    /// Adds the leads that have the key to a list.
    pub(super) fn find(&self, key: LeadKey, out: &mut Vec<i64>) {
        let mut number = self.first(key);
        while let Some(entry) = self.entries.get((number as usize).wrapping_sub(1)) {
            if entry.key() == Some(key) {
                out.extend(entry.lead());
            }
            number = entry.older;
        }
    }

    /// Whether a key of this hash was ever put in.
    pub(super) fn has(&self, key: LeadKey) -> bool {
        self.first(key) != 0
    }

    /// All of them in the order of the index, which sorted keys walk once; in parts, since a second list
    /// of all would be large.
    pub(super) fn each_sorted(self, mut each: impl FnMut(&[(LeadKey, i64)]) -> Result<()>) -> Result<()> {
        let Pending { mut entries, newest } = self;
        drop(newest);
        entries.sort_unstable_by_key(|entry| (entry.lead_and_kind & 3, entry.hash, entry.lead_and_kind));
        let mut part = Vec::with_capacity(PART);
        for entries in entries.chunks(PART) {
            part.clear();
            part.extend(entries.iter().filter_map(|entry| Some((entry.key()?, entry.lead()?))));
            each(&part)?;
        }
        Ok(())
    }

    /// One more than the place of the newest entry of this hash; 0 where there is none.
    fn first(&self, key: LeadKey) -> u32 {
        let same =
            |number: &u32| self.entries.get(*number as usize - 1).is_some_and(|entry| entry.hash == key.hash);
        self.newest.find(key.hash, same).copied().unwrap_or(0)
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
