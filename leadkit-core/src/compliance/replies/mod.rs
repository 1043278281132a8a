//! What an answer to a message means: words that end contact, words that may, and others.
//!
//! The phrases are in `phrases.txt` beside this file. They are compared as texts are everywhere in
//! leadkit: without case and marks; punctuation only ends sentences.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::text::fold;

/// What an answer means, from [`classify_reply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reply {
    /// A word that ends contact: `STOP`, `Unsubscribe`, `opt out`, `Abmelden`.
    OptOut,
    /// A word that takes that back: `START`, `UNSTOP`. It grants nothing.
    OptIn,
    /// `YES`: an answer, and a grant only where a double opt-in asked.
    Yes,
    /// `HELP` or `INFO`.
    Help,
    /// Free wording that may end contact: a person should look at it, and nothing be sent until then.
    MaybeOptOut,
    /// The number belongs to somebody else.
    WrongNumber,
    /// Anything else.
    Other,
}

impl Reply {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Reply::OptOut => "opt_out",
            Reply::OptIn => "opt_in",
            Reply::Yes => "yes",
            Reply::Help => "help",
            Reply::MaybeOptOut => "maybe_opt_out",
            Reply::WrongNumber => "wrong_number",
            Reply::Other => "other",
        }
    }
}

/// Says what an inbound message means.
///
/// An opt-out is a message that says one of the known words and nothing else, or says `STOP`,
/// `UNSUBSCRIBE` or `opt out` in a sentence of its own; case, marks, punctuation and "please" do not
/// matter. Words in English, German, French, Spanish, Italian, Portuguese, Dutch and Polish are known,
/// and the commonest of some more. Where a message could mean several things, what ends contact wins.
///
/// ```
/// use leadkit_core::compliance::{Reply, classify_reply};
/// assert_eq!(classify_reply(" Opt-Out, please! "), Reply::OptOut);
/// assert_eq!(classify_reply("Arrêtez"), Reply::OptOut);
/// assert_eq!(classify_reply("please take me off your list"), Reply::MaybeOptOut);
/// assert_eq!(classify_reply("I can't stop thinking about your offer"), Reply::Other);
/// assert_eq!(classify_reply("Wrong number, sorry"), Reply::WrongNumber);
/// assert_eq!(classify_reply("Yes"), Reply::Yes);
/// ```
pub fn classify_reply(text: &str) -> Reply {
    let phrases = &*PHRASES;
    let end = text.char_indices().nth(MAX_LENGTH).map_or(text.len(), |(at, _)| at);
    let text = text.get(..end).unwrap_or(text);
    let sentences = sentences(text);
    let all: Vec<&str> = sentences.iter().flatten().map(String::as_str).collect();
    if all.is_empty() {
        // A sign alone.
        let stop = text.chars().any(|c| matches!(c, '🛑' | '🚫' | '⛔' | '🖕'));
        return if stop { Reply::MaybeOptOut } else { Reply::Other };
    }
    let whole = phrases.core(&all);
    if phrases.opt_out.contains(&whole) || phrases.opt_out.contains(&spelt(&all)) {
        return Reply::OptOut;
    }
    let alone = |sentence: &Vec<String>| {
        phrases.sentence.contains(&phrases.core(&sentence.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    if sentences.iter().any(alone) {
        return Reply::OptOut;
    }
    for (words, reply) in
        [(&phrases.opt_in, Reply::OptIn), (&phrases.yes, Reply::Yes), (&phrases.help, Reply::Help)]
    {
        if words.contains(&whole) {
            return reply;
        }
    }
    if phrases.wrong_number.iter().any(|pattern| pattern.is_in(&all)) {
        return Reply::WrongNumber;
    }
    match phrases.may_be_opt_out(&all) {
        true => Reply::MaybeOptOut,
        false => Reply::Other,
    }
}

/// Characters that are looked at: more than a message can have.
const MAX_LENGTH: usize = 4000;
/// Words that may stand between those of a pattern with a gap.
const GAP: usize = 4;

/// The words of each sentence: letters and digits, folded; an apostrophe joins.
fn sentences(text: &str) -> Vec<Vec<String>> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '\n' | '\r' | ';' | '。' | '！' | '？' | '…');
    let words = |sentence: &str| -> Vec<String> {
        let mut folded = fold(sentence);
        folded.retain(|c| c != '\'');
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_string).collect()
    };
    text.split(ends).map(words).filter(|words| !words.is_empty()).collect()
}

/// A word whose letters stand apart: `S T O P`.
fn spelt(words: &[&str]) -> Vec<String> {
    let letters = words.iter().all(|word| word.chars().count() == 1);
    if letters { vec![words.concat()] } else { Vec::new() }
}

struct Phrases {
    polite: Vec<Vec<String>>,
    opt_out: HashSet<Vec<String>>,
    sentence: HashSet<Vec<String>>,
    opt_in: HashSet<Vec<String>>,
    yes: HashSet<Vec<String>>,
    help: HashSet<Vec<String>>,
    wrong_number: Vec<Pattern>,
    maybe: Vec<Pattern>,
    harmless: Vec<Pattern>,
}

impl Phrases {
    /// What is left without polite words at both ends, and without repeating itself.
    fn core(&self, words: &[&str]) -> Vec<String> {
        let mut rest = words;
        while let Some(shorter) = self.polite.iter().find_map(|phrase| {
            let phrase: Vec<&str> = phrase.iter().map(String::as_str).collect();
            let (begin, end) = (rest.strip_prefix(phrase.as_slice()), rest.strip_suffix(phrase.as_slice()));
            begin.or(end).filter(|shorter| !shorter.is_empty())
        }) {
            rest = shorter;
        }
        let mut core: Vec<String> = rest.iter().map(|word| word.to_string()).collect();
        let period = (1..=core.len() / 2).find(|period| {
            core.len().is_multiple_of(*period) && core.chunks(*period).all(|chunk| core.starts_with(chunk))
        });
        core.truncate(period.unwrap_or(core.len()));
        core
    }

    fn may_be_opt_out(&self, words: &[&str]) -> bool {
        let mut covered = vec![false; words.len()];
        for pattern in &self.harmless {
            for at in 0..words.len() {
                let len = pattern.len_at(words.get(at..).unwrap_or_default()).unwrap_or(0);
                covered.iter_mut().skip(at).take(len).for_each(|word| *word = true);
            }
        }
        self.maybe.iter().any(|pattern| match pattern.0.len() {
            1 => words
                .iter()
                .zip(&covered)
                .any(|(word, covered)| !covered && pattern.len_at(&[word]).is_some()),
            _ => pattern.is_in(words),
        })
    }
}

/// Words in a row, some with alternatives.
#[derive(Debug)]
struct Pattern(Vec<Part>);

#[derive(Debug)]
enum Part {
    /// Any of some words; those with true only have to begin so.
    Word(Vec<(String, bool)>),
    /// Up to [`GAP`] words of any kind.
    Gap,
}

impl Pattern {
    fn read(text: &str) -> Pattern {
        let part = |token: &str| match token {
            ".." => Part::Gap,
            words => Part::Word(
                words
                    .split('|')
                    .map(|word| (sentences(word).concat().concat(), word.ends_with('*')))
                    .collect(),
            ),
        };
        Pattern(text.split_whitespace().map(part).collect())
    }

    fn is_in(&self, words: &[&str]) -> bool {
        (0..words.len()).any(|at| words.get(at..).is_some_and(|rest| self.len_at(rest).is_some()))
    }

    /// How many words the pattern takes at the beginning of some.
    fn len_at(&self, words: &[&str]) -> Option<usize> {
        fits(&self.0, words)
    }
}

fn fits(parts: &[Part], words: &[&str]) -> Option<usize> {
    match parts.split_first() {
        None => Some(0),
        Some((Part::Gap, rest)) => {
            (0..=GAP).find_map(|gap| fits(rest, words.get(gap..)?).map(|len| len + gap))
        }
        Some((Part::Word(any), rest)) => {
            let (word, after) = words.split_first()?;
            let fitting = |(wanted, begins): &(String, bool)| {
                if *begins { word.starts_with(wanted.as_str()) } else { word == wanted }
            };
            if any.iter().any(fitting) { fits(rest, after).map(|len| len + 1) } else { None }
        }
    }
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let of = |kind: &'static str| {
        let lines = include_str!("phrases.txt").lines().filter(|line| !line.starts_with('#'));
        let lines = lines.filter_map(move |line| {
            let (head, phrases) = line.split_once(": ")?;
            (head.split(' ').next() == Some(kind)).then_some(phrases)
        });
        lines.flat_map(|phrases| phrases.split(',')).map(str::trim)
    };
    let words = |phrase: &str| sentences(phrase).concat();
    let set = |kind: &'static str| of(kind).map(words).collect();
    let patterns = |kind: &'static str| of(kind).map(Pattern::read).collect();
    Phrases {
        polite: of("polite").map(words).collect(),
        opt_out: set("opt_out"),
        sentence: set("sentence"),
        opt_in: set("opt_in"),
        yes: set("yes"),
        help: set("help"),
        wrong_number: patterns("wrong_number"),
        maybe: patterns("maybe"),
        harmless: patterns("harmless"),
    }
});

#[cfg(test)]
mod tests;
