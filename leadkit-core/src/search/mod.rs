//! The words of texts, what somebody looks for among them, and where it stands: the one way in which all
//! stores search.
//!
//! Stores index the words that [`words`] gives and nothing else, so the same words find the same texts
//! everywhere, whatever tokenisers a database has.

mod highlight;
mod query;
mod rank;

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

pub use highlight::highlight;
pub use query::{Clause, Term, TextQuery};
pub use rank::Ranking;

use crate::text::{fold, is_invisible};

/// Words of a text that are looked at; what stands behind them is not found.
const MOST: usize = 10_000;
/// Characters of a word that count.
const LONGEST: usize = 64;

/// A word, folded, and the bytes of the text that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word as it is compared: without marks, in lower case.
    pub text: String,
    /// Where it stands.
    pub at: Range<usize>,
}

/// The words of a text: runs of letters and digits, folded as [`fold`] does. Scripts that are written
/// without blanks give a word for each sign, so that parts of a sentence are found.
///
/// ```
/// use leadkit_core::search::words;
/// let found: Vec<String> = words("Grüße, l'été 2026: 東京").map(|word| word.text).collect();
/// assert_eq!(found, ["grusse", "l", "ete", "2026", "東", "京"]);
/// ```
pub fn words(text: &str) -> impl Iterator<Item = Word> {
    runs(text).flat_map(|run| folded(text, run)).take(MOST)
}

/// The words that several texts are found by, in one row.
pub fn all_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    texts.into_iter().flat_map(words).map(|word| word.text).take(MOST).collect()
}

/// Runs of what belongs to one word, as it is written.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = chars.by_ref().find(|(_, c)| c.is_alphanumeric())?;
        let mut end = start + first.len_utf8();
        if is_sign(first) {
            return Some(start..end);
        }
        while let Some((at, c)) = chars.next_if(|(_, c)| belongs(*c) && !is_sign(*c)) {
            end = at + c.len_utf8();
        }
        Some(start..end)
    })
}

fn belongs(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || is_invisible(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

/// Signs of scripts that put no blanks between words: ideographs and kana.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3fffd}')
}

/// The words of a run: most often one; folding makes several of a few letters, such as a ligature of
/// words.
fn folded(text: &str, at: Range<usize>) -> Vec<Word> {
    let folded = fold(&text[at.clone()]);
    let mut parts: Vec<Word> = Vec::new();
    let mut open = false;
    for c in folded.chars() {
        match parts.last_mut().filter(|_| open && !is_sign(c)) {
            _ if !c.is_alphanumeric() => open = false,
            Some(word) if word.text.chars().nth(LONGEST - 1).is_none() => word.text.push(c),
            Some(_) => {}
            None => {
                parts.push(Word { text: c.to_string(), at: at.clone() });
                open = !is_sign(c);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Vec<String> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn words_are_what_people_look_for() {
        assert_eq!(of("Re: offer #12-b (final)."), ["re", "offer", "12", "b", "final"]);
        assert_eq!(of("ÉCOLE e\u{301}cole Straße"), ["ecole", "ecole", "strasse"]);
        assert_eq!(of(" \u{301} -- "), [""; 0]);
        assert_eq!(of("hello東京へ"), ["hello", "東", "京", "へ"]);
        assert_eq!(of(&"x".repeat(99)), ["x".repeat(64)]);
        assert_eq!(words(&"a ".repeat(20_000)).count(), MOST);
    }

    proptest! {
        #[test]
        fn words_hold_letters_and_digits_and_stand_where_they_say(text in "\\PC{0,40}") {
            let mut last = 0;
            for word in words(&text) {
                prop_assert!(!word.text.is_empty() && word.text.chars().all(char::is_alphanumeric));
                prop_assert!(word.at.start >= last && text.get(word.at.clone()).is_some());
                last = word.at.start;
            }
        }

        /// What a database keeps are our words, joined by blanks: read once more they must be the same.
        #[test]
        fn words_of_words_are_the_same(text in "\\PC{0,40}") {
            let once = of(&text);
            prop_assert_eq!(of(&once.join(" ")), once);
        }
    }
}
