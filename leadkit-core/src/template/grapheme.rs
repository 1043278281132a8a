//! Grapheme clusters as Twilio's own calculator forms them: the rules of Unicode 10.0, in which a
//! skin tone belongs to certain hands and faces only, and a joiner to certain pictures.
//!
//! Twilio never breaks a message inside a cluster, so that a cluster too many would be a segment
//! too many: newer rules would count wrong.

use std::sync::LazyLock;

/// What a character does at a cluster's borders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Control,
    Extend,
    Regional,
    SpacingMark,
    Prepend,
    L,
    V,
    T,
    Lv,
    Lvt,
    Base,
    BaseGlue,
    Glue,
    Modifier,
    Joiner,
    Other,
}

/// The clusters of a text, in order. A line break of two characters is two clusters.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (cluster, after) = rest.split_at(first_end(rest)?);
        rest = after;
        Some(cluster)
    })
}

/// Where the first cluster ends; none at the end of the text.
fn first_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    let mut cluster = Cluster::begin(class(chars.next()?.1));
    for (at, c) in chars {
        if !cluster.takes(class(c)) {
            return Some(at);
        }
    }
    Some(text.len())
}

/// Regional indicators after a cluster's first character.
#[derive(PartialEq)]
enum Flag {
    /// None, though others stand there.
    None,
    /// Nothing stands there.
    Open,
    /// They come first.
    Leading,
    /// They come after something else.
    Later,
}

/// A cluster being formed.
struct Cluster {
    last: Class,
    /// The one before the last.
    before: Class,
    /// Whether an extending mark is among them.
    extended: bool,
    flag: Flag,
}

impl Cluster {
    fn begin(first: Class) -> Cluster {
        Cluster { last: first, before: Class::Other, extended: first == Class::Extend, flag: Flag::Open }
    }

    /// Takes the next character in, if it belongs here.
    fn takes(&mut self, next: Class) -> bool {
        if !self.joins(next) {
            return false;
        }
        self.flag = match (&self.flag, next) {
            (Flag::Open | Flag::Leading, Class::Regional) => Flag::Leading,
            (_, Class::Regional) => Flag::Later,
            (Flag::Open, _) => Flag::None,
            _ => std::mem::replace(&mut self.flag, Flag::None),
        };
        self.extended |= next == Class::Extend;
        (self.before, self.last) = (self.last, next);
        true
    }

    /// The rules are told from their outcome; some, such as that a flag takes one mark and no
    /// second, are slips of the original, and Twilio's calculator counts by them.
    fn joins(&self, next: Class) -> bool {
        use Class::*;
        let is_base = |class| matches!(class, Base | BaseGlue);
        match (self.last, next) {
            (last, _) if self.flag == Flag::Leading && !matches!(last, Prepend | Regional) => false,
            (Control, _) | (_, Control) => false,
            (L, L | V | Lv | Lvt) | (Lv | V, V | T) | (Lvt | T, T) => true,
            (_, Extend | Joiner | SpacingMark) | (Prepend, _) => true,
            (Extend, Modifier) => is_base(self.before),
            (last, Modifier) => is_base(last) && !self.extended,
            (Joiner, Glue | BaseGlue) => true,
            (Regional, Regional) => !matches!(self.flag, Flag::Leading | Flag::Later),
            _ => false,
        }
    }
}

fn class(c: char) -> Class {
    let code = u32::from(c);
    if c.is_ascii() {
        return if c.is_ascii_control() { Class::Control } else { Class::Other };
    }
    if let 0xac00..=0xd7a3 = code {
        return if (code - 0xac00) % 28 == 0 { Class::Lv } else { Class::Lvt };
    }
    let after = CLASSES.partition_point(|(first, ..)| *first <= code);
    match after.checked_sub(1).and_then(|at| CLASSES.get(at)) {
        Some((_, last, class)) if code <= *last => *class,
        _ => Class::Other,
    }
}

/// First and last code points and their class, sorted.
static CLASSES: LazyLock<Vec<(u32, u32, Class)>> = LazyLock::new(|| {
    let lines = include_str!("grapheme_classes.txt").lines().filter(|line| !line.starts_with('#'));
    let mut all: Vec<_> = lines.flat_map(of_line).collect();
    all.sort_unstable();
    all
});

/// `Extend 300-36F 483-489`.
fn of_line(line: &str) -> impl Iterator<Item = (u32, u32, Class)> {
    let mut words = line.split(' ');
    let class = words.next().and_then(named);
    words.filter_map(move |word| {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let code = |hex| u32::from_str_radix(hex, 16).ok();
        Some((code(first)?, code(last)?, class?))
    })
}

fn named(name: &str) -> Option<Class> {
    Some(match name {
        "Control" => Class::Control,
        "Extend" => Class::Extend,
        "Regional" => Class::Regional,
        "SpacingMark" => Class::SpacingMark,
        "Prepend" => Class::Prepend,
        "L" => Class::L,
        "V" => Class::V,
        "T" => Class::T,
        "Base" => Class::Base,
        "BaseGlue" => Class::BaseGlue,
        "Glue" => Class::Glue,
        "Modifier" => Class::Modifier,
        "Joiner" => Class::Joiner,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_classes_is_read() {
        let text = include_str!("grapheme_classes.txt");
        let written = text.lines().filter(|line| !line.starts_with('#'));
        let written: usize = written.map(|line| line.split(' ').count() - 1).sum();
        assert_eq!(CLASSES.len(), written);
        assert!(CLASSES.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    #[test]
    fn clusters_end_where_they_did_in_unicode_10() {
        for (text, expect) in [
            ("ab\r\n", &["a", "b", "\r", "\n"][..]),
            ("e\u{301}\u{302}x", &["e\u{301}\u{302}", "x"]),
            ("각각", &["각", "각"]),
            ("\u{1100}\u{1161}\u{11a8}\u{1100}", &["\u{1100}\u{1161}\u{11a8}", "\u{1100}"]),
            ("🇩🇪🇫🇷🇩", &["🇩🇪", "🇫🇷", "🇩"]),
            ("🇩🇪\u{301}\u{301}", &["🇩🇪\u{301}", "\u{301}"]),
            ("👍🏽👍", &["👍🏽", "👍"]),
            ("👩\u{200d}👩\u{200d}👧", &["👩\u{200d}👩\u{200d}👧"]),
            ("🧑\u{200d}🦰", &["🧑\u{200d}", "🦰"]),
            ("☝\u{fe0f}🏽", &["☝\u{fe0f}🏽"]),
            ("नि", &["नि"]),
            ("\u{600}1", &["\u{600}1"]),
        ] {
            assert_eq!(clusters(text).collect::<Vec<_>>(), expect, "{text}");
        }
    }
}
