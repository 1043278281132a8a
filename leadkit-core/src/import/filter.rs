//! A memory of keys in a fixed budget: says for sure that a key is not there.

use crate::store::LeadKey;

/// A blocked Bloom filter: one cache line a key. A first import of a million rows asks two
/// million times for keys that are not there; each answer here saves a walk through the index.
pub(super) struct KeyFilter {
    blocks: Vec<[u64; 8]>,
}

/// The budget: beyond some ten million keys the filter only grows vaguer, never larger.
const MAX_BLOCKS: usize = (32 << 20) / 64;

impl KeyFilter {
    /// A filter for about so many keys: 16 bits each, in the budget.
    pub(super) fn new(keys: u64) -> Self {
        let blocks = usize::try_from(keys / 32 + 64).unwrap_or(MAX_BLOCKS).min(MAX_BLOCKS);
        KeyFilter { blocks: vec![[0; 8]; blocks.next_power_of_two().min(MAX_BLOCKS)] }
    }

    /// Remembers a key.
    pub(super) fn insert(&mut self, key: LeadKey) {
        let index = self.block(key);
        for (word, bit) in bits(key) {
            self.blocks[index][word] |= bit;
        }
    }

    /// False when the key was never inserted; true when it probably was.
    pub(super) fn may_contain(&self, key: LeadKey) -> bool {
        let block = &self.blocks[self.block(key)];
        bits(key).all(|(word, bit)| block[word] & bit != 0)
    }

    fn block(&self, key: LeadKey) -> usize {
        // The block count is a power of two, and the hash's high bits choose the bits inside.
        (key.hash as usize ^ ((key.kind as usize) << 7)) & (self.blocks.len() - 1)
    }
}

/// Four bits in four of the block's words, taken from the hash's upper half.
fn bits(key: LeadKey) -> impl Iterator<Item = (usize, u64)> {
    let hash = key.hash.rotate_left(29).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (0..4).map(move |i| {
        let part = (hash >> (16 * i)) as usize;
        ((part & 1) + 2 * i, 1 << ((part >> 1) & 63))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::KeyKind;

    fn key(n: usize) -> LeadKey {
        LeadKey::new(KeyKind::Email, &format!("person{n}@leads.example"))
    }

    #[test]
    fn never_forgets_and_rarely_imagines() {
        let mut filter = KeyFilter::new(20_000);
        (0..20_000).for_each(|n| filter.insert(key(n)));
        assert!((0..20_000).all(|n| filter.may_contain(key(n))));
        let imagined = (20_000..120_000).filter(|n| filter.may_contain(key(*n))).count();
        assert!(imagined < 2_000, "{imagined} of 100,000");
    }
}
