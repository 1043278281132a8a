//! Whether two given names can be the same person's.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use strsim::{jaro_winkler, osa_distance};

use crate::text::fold;

/// What two given names say about two people, from [`compare_given`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GivenNames {
    /// Equal when folded.
    Same,
    /// Can be one person: initial, beginning, near spelling, short form or a part in common.
    Compatible,
    /// Clearly two people.
    Different,
    /// Nothing to tell by: one is missing, or they are in different scripts.
    Unknown,
}

/// Compares two given names, to decide whether two rows on one mailbox are two people.
///
/// Short forms are those of carltonnorthern/nicknames (Apache-2.0).
///
/// ```
/// use leadkit_core::normalize::{GivenNames, compare_given};
/// assert_eq!(compare_given("José", "JOSE"), GivenNames::Same);
/// assert_eq!(compare_given("J.", "Jürgen"), GivenNames::Compatible);
/// assert_eq!(compare_given("Bob", "Robert"), GivenNames::Compatible);
/// assert_eq!(compare_given("Hans-Peter", "Peter"), GivenNames::Compatible);
/// assert_eq!(compare_given("Maria", "Thomas"), GivenNames::Different);
/// assert_eq!(compare_given("", "Thomas"), GivenNames::Unknown);
/// ```
pub fn compare_given(a: &str, b: &str) -> GivenNames {
    if a == b && !a.trim().is_empty() {
        return GivenNames::Same;
    }
    let (a, b) = (words_of(a), words_of(b));
    if a.is_empty() || b.is_empty() {
        return GivenNames::Unknown;
    }
    if a == b || joined_equal(&a, &b) {
        return GivenNames::Same;
    }
    if script_of(&a) != script_of(&b) {
        return GivenNames::Unknown;
    }
    let (first_a, first_b) = (first(&a), first(&b));
    let shares = || a.split(' ').any(|x| b.split(' ').any(|y| x.chars().nth(1).is_some() && near(x, y)));
    if near(first_a, first_b) || initials_of(&a, &b) || initials_of(&b, &a) || shares() {
        GivenNames::Compatible
    } else {
        GivenNames::Different
    }
}

/// Folded words of a name, marks of punctuation made blanks; apostrophes go.
pub(super) fn words_of(name: &str) -> String {
    let mut out = fold(name);
    if out.bytes().any(|b| b.is_ascii_punctuation()) || !out.is_ascii() {
        let mut words = String::with_capacity(out.len());
        for c in out.chars() {
            if c.is_alphanumeric() || is_joiner(c) {
                words.push(c);
            } else if c != '\'' && !words.is_empty() && !words.ends_with(' ') {
                words.push(' ');
            }
        }
        if words.ends_with(' ') {
            words.pop();
        }
        out = words;
    }
    out
}

/// Vowel signs of Indic scripts and the like, which are no letters of their own.
fn is_joiner(c: char) -> bool {
    !c.is_ascii()
        && !c.is_whitespace()
        && !matches!(c, '\u{b7}' | '\u{2010}'..='\u{206f}' | '\u{3000}'..='\u{303f}')
}

fn first(words: &str) -> &str {
    words.split(' ').next().unwrap_or(words)
}

fn joined_equal(a: &str, b: &str) -> bool {
    a.chars().filter(|c| *c != ' ').eq(b.chars().filter(|c| *c != ' '))
}

/// One of Latin, Cyrillic, Greek ... by the block of the first letter; enough to refuse a verdict.
fn script_of(words: &str) -> u32 {
    match words.chars().next().map_or(0, u32::from) {
        0..=0x24f | 0x1e00..=0x1eff => 0,
        0x370..=0x3ff => 1,
        0x400..=0x52f => 2,
        0x530..=0x58f => 3,
        0x590..=0x5ff => 4,
        0x600..=0x77f => 5,
        0x900..=0xdff => 6,
        0x1100..=0x11ff | 0xac00..=0xd7af => 7,
        0x3040..=0x30ff | 0x3400..=0x9fff => 8,
        _ => 9,
    }
}

/// `jp` or `j p` for `jean pierre`.
fn initials_of(short: &str, long: &str) -> bool {
    let initials = || short.chars().filter(|c| *c != ' ');
    let count = initials().count();
    count <= 3
        && (short.split(' ').all(|w| w.chars().nth(1).is_none()) || !short.contains(' '))
        && long.split(' ').count() == count
        && initials().eq(long.split(' ').filter_map(|w| w.chars().next()))
}

/// Whether two words can be one name.
fn near(a: &str, b: &str) -> bool {
    if a == b || a.starts_with(b) || b.starts_with(a) {
        return true;
    }
    let (short, long) = if a.chars().count() <= b.chars().count() { (a, b) } else { (b, a) };
    let (short_len, long_len) = (short.chars().count(), long.chars().count());
    if short_len < 2 {
        return nickname(a, b);
    }
    if short_len >= 3 && long_len - short_len <= 2 {
        let distance = osa_distance(a, b);
        let same_start = a.chars().next() == b.chars().next();
        // Tim and Tom, Paul and Raul are two people; Jon and John, Meier and Maier are not.
        let one = distance == 1
            && (long_len > short_len || short_len >= 4)
            && (same_start
                || short_len >= 6
                || swapped_start(a, b)
                || (short_len >= 5 && long.ends_with(short)));
        let same_end = a.chars().next_back() == b.chars().next_back();
        let two = distance == 2 && same_start && (short_len >= 7 || (short_len >= 6 && same_end));
        if one || two || (short_len >= 5 && same_start && jaro_winkler(a, b) >= 0.94) {
            return true;
        }
    }
    nickname(a, b)
}

fn swapped_start(a: &str, b: &str) -> bool {
    let pair = |s: &str| (s.chars().next(), s.chars().nth(1));
    let ((a1, a2), (b1, b2)) = (pair(a), pair(b));
    a1 == b2 && a2 == b1
}

/// Whether both are short forms of one name, or one is a short form of the other.
fn nickname(a: &str, b: &str) -> bool {
    let table = nicknames();
    match (table.get(a), table.get(b)) {
        (Some(a), Some(b)) => a.iter().any(|name| b.contains(name)),
        _ => false,
    }
}

/// For every name the numbers of the full names it stands for, itself included.
fn nicknames() -> &'static HashMap<&'static str, Vec<u16>> {
    static TABLE: OnceLock<HashMap<&'static str, Vec<u16>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: HashMap<&'static str, Vec<u16>> = HashMap::with_capacity(2200);
        let lines = include_str!("nicknames.txt").lines().filter(|l| !l.starts_with('#'));
        for (number, line) in (0u16..).zip(lines) {
            for name in line.split(' ') {
                table.entry(name).or_default().push(number);
            }
        }
        table
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tells_people_apart() {
        for (a, b) in [
            ("Jon", "John"),
            ("Dan", "Daniel"),
            ("Bill", "Will"),
            ("Bill", "William"),
            ("Liz", "Elizabeth"),
            ("Katherine", "Catherine"),
            ("Jean-Pierre", "JP"),
            ("J. P.", "Jean Pierre"),
            ("Jean-Pierre", "Pierre"),
            ("Stephen", "Steven"),
            ("Jrügen", "Jürgen"),
            ("james", "njames"),
            ("María José", "Maria"),
            ("S", "Sandra"),
            ("Mohammed", "Muhammad"),
        ] {
            assert_eq!(compare_given(a, b), GivenNames::Compatible, "{a} {b}");
            assert_eq!(compare_given(b, a), GivenNames::Compatible, "{b} {a}");
        }
        for (a, b) in [
            ("Tim", "Tom"),
            ("Maria", "Peter"),
            ("K", "Sandra"),
            ("Anna", "Otto"),
            ("Paul", "Raul"),
            ("Charlotte", "Christoph"),
        ] {
            assert_eq!(compare_given(a, b), GivenNames::Different, "{a} {b}");
        }
        assert_eq!(compare_given("Jean-Luc", "jean luc"), GivenNames::Same);
        assert_eq!(compare_given("Ольга", "Olga"), GivenNames::Unknown);
        assert_eq!(compare_given(" ", "."), GivenNames::Unknown);
    }
}
