//! Typing errors in well-known mail domains and top-level domains.
//!
//! One edit away (Damerau-Levenshtein: a letter too many, too few, another, or two swapped) from a
//! popular provider is taken for a typing error; so are two edits in a long name that keep its
//! letters. In short names another letter counts only when its key is a neighbour, so that
//! `aon.com` is not taken for `aol.com`.

use std::borrow::Cow;

use psl::{List, Psl};

/// The domain that was probably meant; none when nothing is near. The domain is lower-case ASCII
/// and no known provider.
pub(super) fn suggest_domain(domain: &str) -> Option<Cow<'static, str>> {
    let bytes = domain.as_bytes();
    if bytes.len() < 4 || bytes.len() > LONGEST + 2 {
        return suggest_top(domain);
    }
    let letters = letters_of(bytes);
    let mut best: Option<(u32, &'static str)> = None;
    for target in POPULAR {
        if target.len().abs_diff(bytes.len()) > 2 {
            continue;
        }
        // Each edit changes at most two letters of the set.
        let differ = (letters ^ letters_of(target.as_bytes())).count_ones();
        if differ > 2 {
            continue;
        }
        let Some(cost) = edits(bytes, target.as_bytes(), differ) else { continue };
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, target));
        }
    }
    match best {
        Some((_, target)) => Some(Cow::Borrowed(target)),
        None => suggest_top(domain),
    }
}

/// Providers with much mail, most popular first: among equally near ones the first is suggested.
const POPULAR: [&str; 62] = [
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "icloud.com",
    "aol.com",
    "live.com",
    "msn.com",
    "comcast.net",
    "gmx.de",
    "web.de",
    "mail.ru",
    "yandex.ru",
    "qq.com",
    "163.com",
    "hotmail.co.uk",
    "yahoo.co.uk",
    "hotmail.fr",
    "yahoo.fr",
    "orange.fr",
    "googlemail.com",
    "t-online.de",
    "libero.it",
    "sbcglobal.net",
    "att.net",
    "verizon.net",
    "bellsouth.net",
    "cox.net",
    "charter.net",
    "btinternet.com",
    "protonmail.com",
    "me.com",
    "gmx.net",
    "freenet.de",
    "wanadoo.fr",
    "free.fr",
    "laposte.net",
    "sfr.fr",
    "yahoo.de",
    "hotmail.de",
    "hotmail.it",
    "hotmail.es",
    "yahoo.es",
    "yahoo.it",
    "yahoo.com.br",
    "uol.com.br",
    "yahoo.co.in",
    "rediffmail.com",
    "rocketmail.com",
    "ymail.com",
    "126.com",
    "naver.com",
    "optonline.net",
    "earthlink.net",
    "virginmedia.com",
    "bigpond.com",
    "rogers.com",
    "shaw.ca",
    "fastmail.com",
    "bol.com.br",
    "live.co.uk",
    "outlook.fr",
];

const LONGEST: usize = 15;

/// Top-level domains whose typing errors are no top-level domains themselves.
const TOPS: [&str; 12] =
    ["com", "net", "org", "info", "co.uk", "com.au", "com.br", "de", "fr", "it", "edu", "gov"];

/// `acme.con`: a top-level domain that does not exist, one edit from a common one.
fn suggest_top(domain: &str) -> Option<Cow<'static, str>> {
    let dot = domain.rfind('.')?;
    let (name, top) = (&domain[..dot], &domain[dot + 1..]);
    // Asked before the long list of suffixes: only a top of such a length can be near.
    let near = |t: &&str| {
        t.len() > 2 && top.len() + 1 >= t.len() && top.len() <= t.len() + usize::from(!t.contains('.'))
    };
    if !TOPS.iter().any(near) {
        return None;
    }
    if List.suffix(domain.as_bytes()).is_some_and(|s| s.is_known()) {
        return None;
    }
    let meant = TOPS.iter().find(|t| t.len() > 2 && distance_one(top.as_bytes(), t.as_bytes()).is_some())?;
    Some(Cow::Owned(format!("{name}.{meant}")))
}

/// A bit for each letter and digit that occurs.
const fn letters_of(text: &[u8]) -> u64 {
    let mut set = 0;
    let mut i = 0;
    while i < text.len() {
        set |= 1 << (text[i] & 63);
        i += 1;
    }
    set
}

/// How far a typed domain is from a popular one, when near enough: 1 or 2 edits.
fn edits(typed: &[u8], target: &[u8], differ: u32) -> Option<u32> {
    if let Some(edit) = distance_one(typed, target) {
        let dot = target.iter().position(|b| *b == b'.').unwrap_or(target.len());
        return match edit {
            // Another letter, far on the keyboard, in a short name: rather a name of its own.
            Edit::Other(at) if dot < 6 && !neighbours(typed[at], target[at]) => None,
            _ => Some(1),
        };
    }
    if differ == 0 && target.len() >= 9 && two_edits(typed, target) { Some(2) } else { None }
}

enum Edit {
    /// Another character at a place.
    Other(usize),
    /// One too many, one too few, or two swapped.
    Slip,
}

/// The one edit between two texts; none when they are equal or further apart.
fn distance_one(a: &[u8], b: &[u8]) -> Option<Edit> {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a_rest, b_rest) = (&a[start..], &b[start..]);
    match a.len().cmp(&b.len()) {
        std::cmp::Ordering::Equal => match (a_rest, b_rest) {
            ([x, u, a_tail @ ..], [y, v, b_tail @ ..]) if x == v && y == u && a_tail == b_tail => {
                Some(Edit::Slip)
            }
            ([_, a_tail @ ..], [_, b_tail @ ..]) if a_tail == b_tail => Some(Edit::Other(start)),
            _ => None,
        },
        std::cmp::Ordering::Less => (b_rest.get(1..)? == a_rest).then_some(Edit::Slip),
        std::cmp::Ordering::Greater => (a_rest.get(1..)? == b_rest).then_some(Edit::Slip),
    }
}

fn two_edits(a: &[u8], b: &[u8]) -> bool {
    let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
    strsim::osa_distance(text(a), text(b)) <= 2
}

/// Whether two keys touch on a QWERTY, QWERTZ or AZERTY keyboard, roughly.
fn neighbours(a: u8, b: u8) -> bool {
    const ROWS: [&[u8]; 4] = [b"1234567890-", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm,."];
    let place = |key: u8| {
        ROWS.iter().enumerate().find_map(|(r, row)| row.iter().position(|k| *k == key).map(|c| (r, c)))
    };
    match (place(a), place(b)) {
        (Some((r1, c1)), Some((r2, c2))) => {
            (r1 == r2 && c1.abs_diff(c2) == 1)
                || (r1.abs_diff(r2) == 1 && c1.abs_diff(c2) <= 1)
                || matches!((a, b), (b'y', b'z') | (b'z', b'y'))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::normalize::normalize_email;

    #[test]
    fn finds_slips_and_leaves_names_alone() {
        for (typed, meant) in [
            ("gmial.com", "gmail.com"),
            ("gmail.co", "gmail.com"),
            ("hotmmial.com", "hotmail.com"),
            ("acme.con", "acme.com"),
            ("acme.cmo", "acme.com"),
        ] {
            assert_eq!(suggest_domain(typed).as_deref(), Some(meant), "{typed}");
        }
        for name in ["aon.com", "outdoor.com", "small.com", "acme.com", "acme.co", "ge.com", "acme.xyz"] {
            assert_eq!(suggest_domain(name), None, "{name}");
        }
        assert!(POPULAR.iter().all(|p| p.len() <= LONGEST));
    }

    #[test]
    fn agrees_with_the_labelled_typos() {
        #[derive(serde::Deserialize)]
        struct Row {
            input: String,
            expect: Option<String>,
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/validate/email_typos_dev.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let (mut all, mut right, mut wrong) = (0, 0, Vec::new());
        for line in text.lines() {
            let row: Row = serde_json::from_str(line).unwrap();
            let suggestion = normalize_email(&row.input).suggestion;
            all += 1;
            right += usize::from(suggestion == row.expect);
            if suggestion != row.expect {
                wrong.push(format!("{} is {:?}, not {suggestion:?}", row.input, row.expect));
            }
            assert!(row.expect.is_some() || suggestion.is_none(), "false alarm: {}", row.input);
        }
        assert!(right == all, "{right} of {all}: {wrong:#?}");
    }
}
