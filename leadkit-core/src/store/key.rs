//! The keys by which leads are found when a row is matched.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::model::lead::Lead;
use crate::normalize::email_key_into;
use crate::text::fold_into;

/// What a matching key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// The external id, folded.
    ExternalId = 1,
    /// An email address's match key.
    Email = 2,
    /// A phone number in E.164.
    Phone = 3,
}

impl KeyKind {
    /// The kind of a stored number.
    pub fn from_number(number: i64) -> Option<KeyKind> {
        [KeyKind::ExternalId, KeyKind::Email, KeyKind::Phone].into_iter().find(|k| *k as i64 == number)
    }
}

/// One hashed key of a lead. Equal keys have equal hashes; unequal keys rarely do, so whoever
/// finds a lead by hash compares the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeadKey {
    /// What it is made of.
    pub kind: KeyKind,
    /// XXH3-64 of the key, seeded with the kind.
    pub hash: u64,
}

impl LeadKey {
    /// The key of a value that is already in its comparable form.
    pub fn new(kind: KeyKind, value: &str) -> Self {
        LeadKey { kind, hash: xxh3_64_with_seed(value.as_bytes(), kind as u64) }
    }
}

/// The keys by which a lead can be found, in order and without repetition; a deleted lead has none.
pub fn keys_of(lead: &Lead) -> Vec<LeadKey> {
    let mut keys = Vec::with_capacity(3 + lead.emails.len() + lead.phones.len());
    fill_keys(lead, &mut keys, &mut String::new());
    keys
}

/// [`keys_of`] into a list that is emptied first; the buffer is for folding.
pub(super) fn fill_keys(lead: &Lead, keys: &mut Vec<LeadKey>, buffer: &mut String) {
    keys.clear();
    if lead.deleted_at.is_some() {
        return;
    }
    if let Some(id) = &lead.external_id {
        fold_into(id, buffer);
        keys.push(LeadKey::new(KeyKind::ExternalId, buffer));
    }
    for address in lead.email.iter().chain(&lead.emails) {
        email_key_into(address, buffer);
        keys.push(LeadKey::new(KeyKind::Email, buffer));
    }
    for number in lead.phone.iter().chain(&lead.phones) {
        keys.push(LeadKey::new(KeyKind::Phone, number));
    }
    keys.sort_unstable();
    keys.dedup();
}
