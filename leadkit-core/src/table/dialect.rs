//! Delimiter, quote, escape and comment of a file, from its first text.
//!
//! In the spirit of "Wrangling messy CSV files by detecting row and type patterns" (van den Burg,
//! Nazábal, Sutton 2019): the beginning is parsed with each candidate, and the one wins that gives
//! rows of equal length (weighted by how many cells they have) whose cells look like something:
//! numbers, dates, emails, words, and not like halves of quoted text.

use std::borrow::Cow;

use super::batch::is_blank;
use super::format::GivenSyntax;
use super::header::is_known;
use super::parse::{self, Notes, Syntax, Tail, line_end};
use super::score::Look;

/// What was found, and how sure it is.
pub(super) struct Dialect {
    pub(super) syntax: Syntax,
    pub(super) confidence: f64,
}

/// A record of the sample.
pub(super) struct SampleRow<'t> {
    /// The line it begins on, counted from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<Cow<'t, str>>,
    quoted: Vec<bool>,
}

impl SampleRow<'_> {
    /// How many cells hold something.
    pub(super) fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !is_blank(cell)).count()
    }

    /// Whether it begins a comment or a cell that happens to begin like one.
    fn is_marked(&self) -> bool {
        self.cells.first().is_some_and(|cell| cell.starts_with('#')) && self.quoted.first() == Some(&false)
    }
}

/// The records of a sample, blank ones and comments left out.
pub(super) struct Sample<'t> {
    pub(super) rows: Vec<SampleRow<'t>>,
    quoted: u32,
    repaired: u32,
}

/// Records enough to tell dialects and headers.
const ROWS: usize = 200;
/// No honest record of a sample is longer; behind it a quote counts as never closed.
const RECORD: usize = 64 << 10;

/// The delimiter of Excel's first line `sep=;`.
pub(super) fn sep_line(text: &str) -> Option<u8> {
    let line = text.split(['\r', '\n']).next()?;
    let line = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    match line.get(..4)?.eq_ignore_ascii_case("sep=").then(|| &line.as_bytes()[4..])? {
        [byte] if byte.is_ascii() => Some(*byte),
        _ => None,
    }
}

/// Where the text goes on after some lines.
pub(super) fn skip_lines(text: &str, lines: u64) -> usize {
    let mut at = 0;
    for _ in 0..lines {
        match line_end(text.as_bytes(), at, Tail::End) {
            Some((_, next)) => at = next,
            None => return text.len(),
        }
    }
    at
}

/// The first records of a text, whose first line has number `line`; a record that the end of
/// the sample cuts is left out.
pub(super) fn sample<'t>(text: &'t str, line: u64, tail: Tail, syntax: &Syntax) -> Sample<'t> {
    let mut sample = Sample { rows: Vec::new(), quoted: 0, repaired: 0 };
    let (mut at, mut line) = (0, line);
    let (mut cells, mut notes) = (Vec::new(), Notes::default());
    while at < text.len() && sample.rows.len() < ROWS {
        let rest = &text[at..];
        if rest.as_bytes().first() == syntax.comment.as_ref() {
            let Some((_, next)) = line_end(rest.as_bytes(), 0, tail) else { break };
            at += next;
            line += 1;
            continue;
        }
        let (window, tail) = parse::limited(rest, RECORD, tail);
        cells.clear();
        notes.escaped.clear();
        let Some(found) = parse::record(syntax, window.as_bytes(), tail, &mut cells, &mut notes) else {
            break;
        };
        let mut row = SampleRow { line, cells: Vec::with_capacity(cells.len()), quoted: Vec::new() };
        for (index, span) in cells.iter().enumerate() {
            let (start, end) = (span.start as usize, span.end as usize);
            let raw = &window[start..end];
            row.quoted.push(start > 0 && Some(window.as_bytes()[start - 1]) == syntax.quote);
            row.cells.push(match notes.escaped.contains(&(index as u32)) {
                true => {
                    let mut text = String::with_capacity(raw.len());
                    parse::unescape(syntax, raw, &mut text);
                    Cow::Owned(text)
                }
                false => Cow::Borrowed(raw),
            });
        }
        if row.filled() > 0 {
            sample.rows.push(row);
        }
        line += found.lines;
        at += found.next;
        if found.fault == Some(parse::Fault::TooLarge) {
            break;
        }
    }
    sample.quoted = notes.quoted;
    sample.repaired = notes.repaired;
    sample
}

/// Finds what the caller did not give.
pub(super) fn detect(text: &str, line: u64, tail: Tail, given: &GivenSyntax) -> Dialect {
    let quotes: Vec<Option<u8>> = match given.quote {
        Some(quote) => vec![quote],
        None => [Some(b'"')].into_iter().chain(text.contains('\'').then_some(Some(b'\''))).collect(),
    };
    let delimiters: Vec<u8> = match given.delimiter {
        Some(delimiter) => vec![delimiter],
        None => DELIMITERS.iter().copied().filter(|d| text.as_bytes().contains(d)).collect(),
    };
    let escape = given.escape.flatten();
    // Comments are known only after the dialect; until then `#` lines are rows like others.
    let comment = given.comment.flatten();
    let mut best: Option<Trial> = None;
    let mut second = 0.0;
    // Whether some delimiter leaves nothing but blank cells.
    let mut blank = false;
    'candidates: for delimiter in delimiters {
        for quote in &quotes {
            let syntax = Syntax::new(delimiter, *quote, escape.filter(|_| quote.is_some()), comment);
            let trial = Trial::new(text, line, tail, syntax, given);
            if trial.rows == 0 {
                blank = true;
                best = Some(trial);
                break 'candidates;
            }
            match &best {
                Some(leader) if leader.score >= trial.score => {
                    if leader.syntax.delimiter != delimiter {
                        second = trial.score.max(second);
                    }
                }
                _ => {
                    if let Some(leader) = best.replace(trial)
                        && leader.syntax.delimiter != delimiter
                    {
                        second = leader.score.max(second);
                    }
                }
            }
        }
    }
    let mut best = match best {
        Some(best) if best.score > ONE_COLUMN || given.delimiter.is_some() => best,
        _ => {
            // One column: a delimiter that cuts nothing.
            let quote = given.quote.unwrap_or(Some(b'"'));
            let single = |delimiter: u8| {
                let syntax = Syntax::new(delimiter, quote, escape.filter(|_| quote.is_some()), comment);
                Trial::new(text, line, tail, syntax, given)
            };
            match best {
                Some(best) if blank => best,
                _ => {
                    let uncut =
                        [b',', b';', b'\t', b'|'].into_iter().map(single).find(|trial| trial.widest < 2);
                    uncut.unwrap_or_else(|| single(b','))
                }
            }
        }
    };
    if given.escape.is_none() && best.syntax.quote.is_some() {
        best = with_backslash(best, text, line, tail, given);
    }
    if given.quote.is_none() && best.quoted == 0 && best.repaired >= 3 {
        // Quotes abound and not one is properly closed: they are inches and nicknames.
        let syntax = Syntax::new(best.syntax.delimiter, None, None, comment);
        best = Trial::new(text, line, tail, syntax, given);
    }
    let mut syntax = best.syntax;
    if given.comment.is_none() && has_comments(text, line, tail, &syntax) {
        syntax = Syntax::new(syntax.delimiter, syntax.quote, syntax.escape, Some(b'#'));
    }
    let margin = if second > 0.8 * best.score { 0.8 } else { 1.0 };
    Dialect { syntax, confidence: (best.sureness * margin).clamp(0.05, 1.0) }
}

/// Candidates; at equal scores the earlier wins.
const DELIMITERS: &[u8] = b",;\t|^:";
/// Scores below are no table of several columns.
const ONE_COLUMN: f64 = 0.05;

/// One candidate and how it did.
struct Trial {
    syntax: Syntax,
    rows: usize,
    /// Cells of the longest row.
    widest: usize,
    score: f64,
    sureness: f64,
    quoted: u32,
    repaired: u32,
}

impl Trial {
    fn new(text: &str, line: u64, tail: Tail, syntax: Syntax, given: &GivenSyntax) -> Trial {
        let sample = sample(text, line, tail, &syntax);
        let rows: Vec<&SampleRow> = sample.rows.iter().filter(|row| !row.is_marked()).collect();
        let rows = if rows.is_empty() { sample.rows.iter().collect() } else { rows };
        let (mut score, consistency) = rows_score(&rows);
        let looks = looks_score(&rows);
        score *= looks * looks;
        // Known names of columns side by side say more than ragged rows below them.
        if let Some(first) = rows.first().filter(|row| row.cells.len() > 1) {
            let known = first.cells.iter().filter(|cell| is_known(cell)).count();
            score += 0.2 * known as f64 / first.cells.len() as f64;
        }
        if given.delimiter.is_none() && !is_plausible(&syntax, &rows, consistency) {
            score = 0.0;
        }
        if given.quote.is_none() && syntax.quote == Some(b'\'') {
            // Apostrophes are letters, unless nearly every text is wrapped in them.
            let enough = sample.quoted as usize >= rows.len().max(2) && sample.repaired == 0;
            score *= if enough { 1.0 } else { 0.0 };
        }
        Trial {
            rows: rows.len(),
            widest: rows.iter().map(|row| row.cells.len()).max().unwrap_or(0),
            syntax,
            score,
            sureness: consistency * looks,
            quoted: sample.quoted,
            repaired: sample.repaired,
        }
    }
}

/// How even the rows' lengths are, weighted by how many cells they have, and unweighted. The
/// square of each length's share: one odd row in thirty costs little, a spread costs all.
fn rows_score(rows: &[&SampleRow]) -> (f64, f64) {
    let mut lengths: Vec<usize> = rows.iter().map(|row| row.cells.len()).collect();
    lengths.sort_unstable();
    let (mut score, mut consistency) = (0.0, 0.0);
    for group in lengths.chunk_by(|a, b| a == b) {
        let share = group.len() as f64 / lengths.len() as f64;
        let length = group[0] as f64;
        consistency += share * share;
        score += share * share * (length - 1.0) / length;
    }
    (score, consistency)
}

fn looks_score(rows: &[&SampleRow]) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for row in rows {
        for (cell, quoted) in row.cells.iter().zip(&row.quoted) {
            // Whatever stands in quotes was put there on purpose.
            sum += match Look::of(cell) {
                Look::Odd if *quoted => Look::Text.weight(),
                look => look.weight(),
            };
            count += 1;
        }
    }
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

fn is_plausible(syntax: &Syntax, rows: &[&SampleRow], consistency: f64) -> bool {
    match syntax.delimiter {
        b'^' => consistency > 0.99 && rows.len() > 1,
        // Times, ratios and addresses are full of colons.
        b':' => {
            let names = |cell: &Cow<str>| matches!(Look::of(cell), Look::Words) && !cell.starts_with('/');
            consistency > 0.99
                && rows.len() > 1
                && rows.first().is_some_and(|row| row.cells.iter().all(names))
        }
        // `name` over `Smith, John`: one column of texts with a comma each.
        b',' => {
            let prose =
                |row: &&SampleRow| row.cells.len() == 2 && row.cells[1].starts_with(' ') && !row.quoted[1];
            !(rows.first().is_some_and(|row| row.cells.len() == 1)
                && rows.len() > 1
                && rows[1..].iter().all(|row| row.cells.len() == 1 || prose(row)))
        }
        _ => true,
    }
}

/// Whether quotes are escaped by a backslash rather than doubled: only when that leaves fewer
/// broken quotes.
fn with_backslash(best: Trial, text: &str, line: u64, tail: Tail, given: &GivenSyntax) -> Trial {
    let Some(quote) = best.syntax.quote else { return best };
    if !text.as_bytes().windows(2).any(|pair| pair == [b'\\', quote]) {
        return best;
    }
    let syntax = Syntax::new(best.syntax.delimiter, Some(quote), Some(b'\\'), best.syntax.comment);
    let trial = Trial::new(text, line, tail, syntax, given);
    match trial.repaired < best.repaired {
        true => trial,
        false => best,
    }
}

/// Whether lines that begin with `#` are comments: not one of them is a row like the others.
fn has_comments(text: &str, line: u64, tail: Tail, syntax: &Syntax) -> bool {
    let sample = sample(text, line, tail, syntax);
    let (marked, plain): (Vec<_>, Vec<_>) = sample.rows.iter().partition(|row| row.is_marked());
    if marked.is_empty() || plain.is_empty() {
        return false;
    }
    let usual = modal_length(plain.iter().copied());
    match usual {
        0 | 1 => marked.iter().all(|row| row.cells.first().is_some_and(|cell| cell.starts_with("# "))),
        _ => marked.iter().all(|row| row.cells.len() != usual),
    }
}

/// The most frequent number of cells; of equally frequent ones the largest.
pub(super) fn modal_length<'a, 't: 'a>(rows: impl Iterator<Item = &'a SampleRow<'t>>) -> usize {
    let mut lengths: Vec<usize> = rows.map(|row| row.cells.len()).collect();
    lengths.sort_unstable();
    lengths.chunk_by(|a, b| a == b).max_by_key(|group| group.len()).map_or(0, |group| group[0])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn found(text: &str) -> (char, Option<char>, Option<char>, Option<char>) {
        let syntax = detect(text, 1, Tail::End, &GivenSyntax::default()).syntax;
        (
            syntax.delimiter as char,
            syntax.quote.map(char::from),
            syntax.escape.map(char::from),
            syntax.comment.map(char::from),
        )
    }

    #[test]
    fn delimiters() {
        let delimiter = |text: &str| found(text).0;
        assert_eq!(delimiter("name,city\nAda,London\n"), ',');
        assert_eq!(delimiter("name;price\nAda;1,50\nBob;2,75\n"), ';');
        assert_eq!(delimiter("1,50;2,50;3,50\n4,50;5,50;6,50\n"), ';');
        assert_eq!(delimiter("name\tnote\nAda\tHello, you\nBob\tWell, no\n"), '\t');
        assert_eq!(delimiter("name|tags\nAda|a,b\nBob|c,d,e\n"), '|');
        assert_eq!(delimiter("id^name^city\n1^Ada^London\n"), '^');
        assert_eq!(delimiter("id:name:city\n1:Ada:London\n"), ':');
        assert_eq!(delimiter("name,when\nAda,2026-01-01 10:00:00\nBob,2026-01-01 11:00:00\n"), ',');
        assert_eq!(delimiter("name,tags\nAda,a;b;c\nBob,d;e;f\n"), ',');
        assert_eq!(delimiter("a;b\n\"x,1;y\";2\n\"x,1;y\";3\n"), ';');
    }

    #[test]
    fn one_column() {
        assert_eq!(found("email\na@example.com\nb@example.com\n").0, ',');
        assert_eq!(found("a@example.com").0, ',');
        assert_eq!(found("name\nSmith, John\nDoe, Jane\n").0, ';');
        assert_eq!(found("10:15\n10:30\n").0, ',');
    }

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(found("a,b\n\"x, y\",2\n").1, Some('"'));
        assert_eq!(found("a,b\nO'Neil,'t Hooft\n").1, Some('"'));
        assert_eq!(found("'a','b'\n'x, y','2'\n'z','3'\n").1, Some('\''));
        assert_eq!(found("a,b\n\"say \\\"hi, you\\\" twice\",2\n\"x\",3\n").2, Some('\\'));
        assert_eq!(found("a,b\n\"C:\\dir\",2\n\"say \"\"x\"\"\",3\n").2, None);
        assert_eq!(found("a\tb\n\"Bob\" Smith\t2\n\"Al\" Jones\t3\n\"Cy\" Young\t3\n").1, None);
    }

    #[test]
    fn comments() {
        assert_eq!(found("# made today\nname,city\nAda,London\n# end\n").3, Some('#'));
        assert_eq!(found("#,name\n1,Ada\n").3, None);
        assert_eq!(found("channel,name\n#sales,Ada\n").3, None);
        assert_eq!(found("# note\nemail\na@example.com\n").3, Some('#'));
    }

    #[test]
    fn sep_lines() {
        assert_eq!(sep_line("sep=;\r\na;b"), Some(b';'));
        assert_eq!(sep_line("\"sep=,\"\na,b"), Some(b','));
        assert_eq!(sep_line("SEP=\t\na"), Some(b'\t'));
        assert_eq!(sep_line("separate,b"), None);
    }
}
