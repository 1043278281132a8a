//! What somebody looks for, as they type it.

use super::{Word, words};
use crate::error::{Error, ErrorCode, Result};

/// A search, understood: every clause must hold.
///
/// Words are all to be there, in any order. `"two words"` in quotes stand next to each other, `pre*`
/// begins a word, `this OR that` is either, `-word` or `NOT word` must not be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextQuery {
    /// What must be there, or must not.
    pub clauses: Vec<Clause>,
}

/// Terms of which one must be there, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The terms.
    pub any: Vec<Term>,
    /// Whether none of them may be there.
    pub not: bool,
}

/// Words that stand next to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The words, folded.
    pub words: Vec<String>,
    /// Whether the last word is a beginning only.
    pub prefix: bool,
}

impl TextQuery {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// `invalid_argument` for a search without a word, and for one of excluded words alone.
    ///
    /// ```
    /// use leadkit_core::search::TextQuery;
    /// let query = TextQuery::parse("spring \"price list\" off* -cancel")?;
    /// assert!(query.finds(&["price", "list", "spring", "offer"].map(String::from)));
    /// assert!(!query.finds(&["price", "spring", "list", "offer"].map(String::from)));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<TextQuery> {
        let mut clauses: Vec<Clause> = Vec::new();
        let (mut not, mut or) = (false, false);
        for piece in pieces(text) {
            match piece {
                Piece::Word("NOT") => not = true,
                Piece::Word("OR") => or = !clauses.is_empty(),
                Piece::Word("AND") => {}
                piece => {
                    let (written, excluded) = match piece {
                        Piece::Word(word) => match word.strip_prefix('-') {
                            Some(rest) => (rest, true),
                            None => (word, false),
                        },
                        Piece::Phrase(phrase, excluded) => (phrase, excluded),
                    };
                    let prefix = written.ends_with('*');
                    let found: Vec<String> = words(written).map(|word| word.text).collect();
                    let (is_not, is_or) = (std::mem::take(&mut not) | excluded, std::mem::take(&mut or));
                    if found.is_empty() {
                        continue;
                    }
                    let term = Term { words: found, prefix };
                    match clauses.last_mut() {
                        Some(last) if is_or && !is_not && !last.not => last.any.push(term),
                        _ => clauses.push(Clause { any: vec![term], not: is_not }),
                    }
                }
            }
        }
        if clauses.iter().all(|clause| clause.not) {
            let message = match clauses.is_empty() {
                true => "there is no word to look for",
                false => "excluded words alone find nothing",
            };
            return Err(Error::new(ErrorCode::InvalidArgument, message)
                .hint("give a word that is to be there")
                .at_field("text"));
        }
        Ok(TextQuery { clauses })
    }

    /// Whether a row of words is what is looked for.
    pub fn finds(&self, words: &[String]) -> bool {
        self.clauses.iter().all(|clause| {
            let there = clause.any.iter().any(|term| (0..words.len()).any(|at| term.is_at(words, at)));
            there != clause.not
        })
    }

    /// The terms that are to be there.
    pub fn wanted(&self) -> impl Iterator<Item = &Term> {
        self.clauses.iter().filter(|clause| !clause.not).flat_map(|clause| &clause.any)
    }
}

impl Term {
    /// Whether it stands at a place in a row of words.
    pub fn is_at<W: AsRef<str>>(&self, words: &[W], at: usize) -> bool {
        let last = self.words.len() - 1;
        self.words.iter().enumerate().all(|(place, wanted)| {
            let Some(word) = words.get(at + place).map(AsRef::as_ref) else { return false };
            if self.prefix && place == last { word.starts_with(wanted.as_str()) } else { word == wanted }
        })
    }
}

impl AsRef<str> for Word {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

enum Piece<'a> {
    Word(&'a str),
    /// In quotes, and whether a minus stands before them.
    Phrase(&'a str, bool),
}

/// What stands between blanks, or between quotes. A quote that is never closed goes to the end.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text.trim_start());
    while !rest.is_empty() {
        let bare = rest.strip_prefix('-').unwrap_or(rest);
        if let Some(inside) = bare.strip_prefix('"') {
            let close = inside.find('"').unwrap_or(inside.len());
            // A star behind the quotes belongs to the last word in them.
            let star = inside.get(close..).is_some_and(|tail| tail.starts_with("\"*"));
            let end = if star { close + 2 } else { (close + 1).min(inside.len()) };
            let phrase = if star { &inside[..end] } else { &inside[..close] };
            pieces.push(Piece::Phrase(phrase, bare.len() < rest.len()));
            rest = inside[end..].trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            pieces.push(Piece::Word(&rest[..end]));
            rest = rest[end..].trim_start();
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn finds(query: &str, text: &str) -> bool {
        let words: Vec<String> = words(text).map(|word| word.text).collect();
        TextQuery::parse(query).is_ok_and(|query| query.finds(&words))
    }

    #[test]
    fn what_people_type() {
        let text = "The price list, e-mailed on Monday: l'été à Paris";
        for query in [
            "price",
            "PRICE list",
            "list price",
            "\"price list\"",
            "pri*",
            "e-mail*",
            "ete",
            "Été",
            "\"e mailed\"",
            "price -cancel",
            "price NOT cancel",
            "tuesday OR monday",
            "price AND list",
            "\"price li\"*",
            "\"price",
            "- price",
            "price OR",
            "OR price",
        ] {
            assert!(finds(query, text), "{query:?}");
        }
        for query in [
            "prices",
            "\"list price\"",
            "-price list",
            "price NOT monday",
            "tuesday OR sunday",
            "ist*",
            "price -\"on monday\"",
        ] {
            assert!(!finds(query, text), "{query:?}");
        }
    }

    #[test]
    fn a_search_has_a_word() {
        for query in ["", "  ", "-cancel", "NOT x -y", "\"\"", "--", "*", "AND"] {
            let error = TextQuery::parse(query).unwrap_err();
            assert_eq!((error.code(), error.field()), ("invalid_argument", Some("text")), "{query:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read(text in "[-\"* a-cORNT\\PC]{0,30}") {
            if let Ok(query) = TextQuery::parse(&text) {
                prop_assert!(query.wanted().all(|term| !term.words.is_empty()));
            }
        }
    }
}
