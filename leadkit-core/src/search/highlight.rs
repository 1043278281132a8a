//! Where in a text what was looked for stands.

use super::{TextQuery, Word, words};
use crate::model::history::Piece;

/// Characters that are shown of a long text, about.
const SHOWN: usize = 200;
/// Characters of them before the first place.
const BEFORE: usize = 60;

/// A text in pieces, each found or not; of a long text the part around the first place, with `…` where
/// something was left out. Nothing when nothing of the query stands in it.
///
/// ```
/// use leadkit_core::search::{TextQuery, highlight};
/// let pieces = highlight("Our new price list", &TextQuery::parse("price")?);
/// let shown: Vec<(&str, bool)> = pieces.iter().map(|p| (p.text.as_str(), p.found)).collect();
/// assert_eq!(shown, [("Our new ", false), ("price", true), (" list", false)]);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn highlight(text: &str, query: &TextQuery) -> Vec<Piece> {
    let all: Vec<Word> = words(text).collect();
    let mut found = vec![false; all.len()];
    for term in query.wanted() {
        for at in (0..all.len()).filter(|at| term.is_at(&all, *at)) {
            found[at..at + term.words.len()].fill(true);
        }
    }
    let Some(first) = found.iter().position(|found| *found) else { return Vec::new() };
    let (start, end) = window(text, all[first].at.start);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |text: &str, found: bool| match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.found == found => last.text.push_str(text),
        _ => pieces.push(Piece { text: text.to_string(), found }),
    };
    push(if start > 0 { "…" } else { "" }, false);
    let mut at = start;
    for (place, word) in all.iter().enumerate() {
        // Words that one letter became stand at one place.
        if word.at.start < at || word.at.end > end || !found[place] {
            continue;
        }
        // Blanks between found words belong to them.
        let joined = place > first && found[place - 1];
        push(&text[at..word.at.start], joined);
        push(&text[word.at.clone()], true);
        at = word.at.end;
    }
    push(&text[at..end], false);
    push(if end < text.len() { "…" } else { "" }, false);
    pieces
}

/// The part that is shown, by whole words.
fn window(text: &str, first: usize) -> (usize, usize) {
    if text.chars().nth(SHOWN + BEFORE).is_none() {
        return (0, text.len());
    }
    let start = text[..first].char_indices().rev().nth(BEFORE).map_or(0, |(at, _)| at);
    let start = match start {
        0 => 0,
        start => text[start..first].find(' ').map_or(first, |blank| start + blank + 1),
    };
    let end = text[start..].char_indices().nth(SHOWN).map_or(text.len(), |(at, _)| start + at);
    let end = match end < text.len() {
        true => text[first..end].rfind(' ').map_or(end, |blank| first + blank),
        false => end,
    };
    (start, end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, query: &str) -> String {
        let pieces = highlight(text, &TextQuery::parse(query).unwrap());
        pieces.iter().map(|p| if p.found { format!("[{}]", p.text) } else { p.text.clone() }).collect()
    }

    #[test]
    fn places_are_marked() {
        assert_eq!(shown("Price list. PRICES", "pric*"), "[Price] list. [PRICES]");
        assert_eq!(shown("the price list, a list", "\"price list\""), "the [price list], a list");
        assert_eq!(shown("l'été", "ete -x"), "l'[été]");
        assert_eq!(shown("nothing", "else"), "");
    }

    #[test]
    fn long_texts_are_shown_around_the_first_place() {
        let text = format!("{}needle {}", "some hay ".repeat(50), "and straw ".repeat(50));
        let shown = shown(&text, "needle");
        assert!(shown.starts_with("…") && shown.ends_with("…") && shown.contains(" [needle] "), "{shown}");
        assert!((100..=230).contains(&shown.chars().count()), "{shown}");
    }

    proptest! {
        #[test]
        fn a_short_text_stays_whole(text in "[ab ,é東\\PC]{0,60}") {
            let pieces = highlight(&text, &TextQuery::parse("a OR b* OR 東").unwrap());
            let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
            prop_assert!(pieces.is_empty() || whole == text);
        }

        #[test]
        fn a_long_text_is_cut_between_letters(text in "[ab é東]{200,600}") {
            for piece in highlight(&text, &TextQuery::parse("a OR b* OR 東").unwrap()) {
                prop_assert!(!piece.text.is_empty());
            }
        }
    }
}
