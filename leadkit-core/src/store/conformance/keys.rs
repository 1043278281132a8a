//! Keys, by which leads are matched.

use super::sample::add_some;
use super::{Openings, Outcome, same_as};
use crate::error::Result;
use crate::store::{KeyKind, LeadKey, Store, keys_of};

const KINDS: [KeyKind; 3] = [KeyKind::ExternalId, KeyKind::Email, KeyKind::Phone];

fn asked(store: &dyn Store, keys: &[LeadKey]) -> Result<Vec<(LeadKey, i64)>> {
    let mut found = store.reading(|r| r.leads_by_keys(keys))?;
    found.sort_unstable();
    Ok(found)
}

fn stored(store: &dyn Store, kinds: &[KeyKind]) -> Result<Vec<LeadKey>> {
    let mut keys = store.reading(|r| {
        let mut keys = Vec::new();
        r.each_key(kinds, &mut |key| keys.push(key))?;
        Ok(keys)
    })?;
    keys.sort_unstable();
    Ok(keys)
}

pub(super) fn keys_lead_to_their_leads(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let leads = add_some(&*store, 300, 11)?;
    let mut pairs: Vec<(LeadKey, i64)> =
        leads.iter().flat_map(|lead| keys_of(lead).into_iter().map(|key| (key, lead.id))).collect();
    pairs.sort_unstable();
    let mut keys: Vec<LeadKey> = pairs.iter().map(|(key, _)| *key).collect();
    for kind in KINDS {
        let of: Vec<LeadKey> = keys.iter().copied().filter(|key| key.kind == kind).collect();
        same_as(&stored(&*store, &[kind])?, &of, "keys of one kind")?;
    }
    same_as(&stored(&*store, &KINDS)?, &keys, "keys of all kinds")?;
    same_as(&stored(&*store, &[])?, &Vec::new(), "keys of no kind")?;
    keys.dedup();
    same_as(&asked(&*store, &keys)?, &pairs, "the leads of all keys")?;
    let unknown = LeadKey::new(KeyKind::Email, "nobody@lovelace.org");
    same_as(&asked(&*store, &[unknown])?, &Vec::new(), "the leads of a key that nobody has")?;
    same_as(&asked(&*store, &[])?, &Vec::new(), "the leads of no keys")?;
    let gone: Vec<(LeadKey, i64)> = pairs.iter().copied().filter(|(_, lead)| lead % 2 == 0).collect();
    store.writing(|w| w.remove_keys(&gone).and(w.remove_keys(&[])).and(w.remove_keys(&[(unknown, 1)])))?;
    pairs.retain(|(_, lead)| lead % 2 == 1);
    same_as(&asked(&*store, &keys)?, &pairs, "the leads of the keys that are left")
}

pub(super) fn equal_hashes_of_different_kinds_are_apart(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let pairs: Vec<(LeadKey, i64)> =
        (1..).zip(KINDS).map(|(lead, kind)| (LeadKey { kind, hash: 7 }, lead)).collect();
    store.writing(|w| w.add_keys(&pairs))?;
    for pair in &pairs {
        same_as(&asked(&*store, &[pair.0])?, &vec![*pair], "a key whose hash others have too")?;
    }
    store.writing(|w| w.remove_keys(&pairs[1..2]))?;
    let keys: Vec<LeadKey> = pairs.iter().map(|pair| pair.0).collect();
    same_as(&asked(&*store, &keys)?, &vec![pairs[0], pairs[2]], "the others after one was removed")
}

pub(super) fn large_hashes_are_kept(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let hashes = [0, 1, u64::MAX, u64::MAX / 2, u64::MAX / 2 + 1];
    let mut pairs: Vec<(LeadKey, i64)> =
        hashes.iter().map(|hash| (LeadKey { kind: KeyKind::Phone, hash: *hash }, 5)).collect();
    pairs.sort_unstable();
    store.writing(|w| w.add_keys(&pairs))?;
    let keys: Vec<LeadKey> = pairs.iter().map(|pair| pair.0).collect();
    same_as(&stored(&*store, &[KeyKind::Phone])?, &keys, "hashes of all sizes")?;
    same_as(&asked(&*store, &keys)?, &pairs, "leads by hashes of all sizes")
}

pub(super) fn keys_may_be_stored_twice(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let key = LeadKey::new(KeyKind::Email, "ada@lovelace.org");
    store.writing(|w| w.add_keys(&[(key, 1), (key, 2)]).and(w.add_keys(&[(key, 2), (key, 3)])))?;
    store.writing(|w| w.add_keys(&[(key, 1)]).and(w.add_keys(&[])))?;
    same_as(&asked(&*store, &[key])?, &vec![(key, 1), (key, 2), (key, 3)], "leads that share a key")
}

pub(super) fn many_keys_are_asked_at_once(openings: &dyn Openings) -> Outcome {
    let store = openings.fresh();
    let key = |n: u64| LeadKey { kind: KeyKind::Email, hash: n.wrapping_mul(0x9E37_79B9_7F4A_7C15) };
    let mut pairs: Vec<(LeadKey, i64)> = (1..=20_000).map(|n| (key(n), n as i64)).collect();
    pairs.sort_unstable();
    store.writing(|w| w.add_keys(&pairs))?;
    let keys: Vec<LeadKey> = (1..=40_000).map(key).collect();
    same_as(&asked(&*store, &keys)?, &pairs, "the leads of many keys")?;
    store.writing(|w| w.remove_keys(&pairs))?;
    same_as(&stored(&*store, &KINDS)?, &Vec::new(), "keys after all were removed")
}
