//! Personal names: one text split into its parts, in the usual case, with a key for matching.
//!
//! The order is given before family, as in most lead files; `Family, Given` is told by its comma,
//! East Asian names by their script. What cannot be told stays together.

use serde::Serialize;

use super::given_names::words_of;
use super::name_case::{name_case, needs_case};
use crate::model::issue::{Issue, IssueCode};
use crate::text::{clean, is_placeholder};

/// The parts of a personal name, from [`normalize_person`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonResult {
    /// Given name; several where they belong together (`María José García Márquez`).
    pub given: Option<String>,
    /// Middle names or initials.
    pub middle: Option<String>,
    /// Family name, with its particles.
    pub family: Option<String>,
    /// Titles and forms of address in front: `Dr.`, `Frau Prof.`
    pub prefix: Option<String>,
    /// What follows: `Jr.`, `III`, `PhD`.
    pub suffix: Option<String>,
    /// The whole name as it is written.
    pub display: Option<String>,
    /// Folded `given family`, for matching.
    pub key: Option<String>,
    /// What is wrong or was noticed.
    pub issues: Vec<Issue>,
}

/// Splits a full name into its parts and brings JOHN O'CONNOR into the usual case; mixed case
/// stays as written.
///
/// ```
/// use leadkit_core::normalize::normalize_person;
/// let person = normalize_person("Dr. Jürgen von der Müller");
/// assert_eq!(person.prefix.as_deref(), Some("Dr."));
/// assert_eq!(person.given.as_deref(), Some("Jürgen"));
/// assert_eq!(person.family.as_deref(), Some("von der Müller"));
/// assert_eq!(person.key.as_deref(), Some("jurgen von der muller"));
///
/// let person = normalize_person("O'CONNOR, MARY ANN JR.");
/// assert_eq!(person.display.as_deref(), Some("Mary Ann O'Connor Jr."));
/// ```
///
/// What names nobody has no parts and the issue `person_junk`:
///
/// ```
/// use leadkit_core::normalize::normalize_person;
/// assert_eq!(normalize_person("n/a").issues[0].code.as_str(), "person_junk");
/// ```
pub fn normalize_person(text: &str) -> PersonResult {
    let mut person = PersonResult {
        given: None,
        middle: None,
        family: None,
        prefix: None,
        suffix: None,
        display: None,
        key: None,
        issues: Vec::new(),
    };
    let cleaned = clean(text, false);
    if is_junk(&cleaned) {
        person.issues.push(Issue::new(IssueCode::PersonJunk));
        return person;
    }
    let bare = without_brackets(&cleaned);
    let fix = needs_case(&bare);
    let (family_part, rest) = split_commas(&bare, &mut person.suffix);
    let mut words: Vec<&str> = rest.split(' ').filter(|w| !w.is_empty()).collect();
    person.prefix = take_prefix(&mut words);
    take_suffix(&mut words, &mut person.suffix);
    let native = match family_part {
        Some(family) => {
            let mut family_words: Vec<&str> = family.split(' ').filter(|w| !w.is_empty()).collect();
            if person.prefix.is_none() {
                person.prefix = take_prefix(&mut family_words);
            }
            take_suffix(&mut family_words, &mut person.suffix);
            person.family = joined(&family_words);
            given_and_middle(&words, &mut person);
            false
        }
        None => split_words(&words, &mut person),
    };
    for (part, leading) in [
        (&mut person.given, false),
        (&mut person.middle, false),
        (&mut person.family, true),
        (&mut person.prefix, false),
    ] {
        if let Some(name) = part.as_mut() {
            let shouted = leading && name.chars().count() > 3 && needs_case(name) && !has_small(name);
            if fix || shouted {
                *name = name_case(name, leading);
            }
        }
    }
    if let Some(suffix) = person.suffix.as_mut().filter(|_| fix) {
        *suffix = suffix.split(' ').map(suffix_case).collect::<Vec<_>>().join(" ");
    }
    person.key = person_key(person.given.as_deref().unwrap_or(""), person.family.as_deref().unwrap_or(""));
    person.display = display(&person, native);
    if person.display.is_none() {
        person.issues.push(Issue::new(IssueCode::PersonJunk));
    }
    person
}

/// The key by which two people's names are compared: folded `given family`, without punctuation.
/// None when both are empty.
///
/// ```
/// use leadkit_core::normalize::person_key;
/// assert_eq!(person_key("Jean-Luc", "O'Neill").as_deref(), Some("jean luc oneill"));
/// assert_eq!(person_key("", " "), None);
/// ```
pub fn person_key(given: &str, family: &str) -> Option<String> {
    let mut key = words_of(given);
    let family = words_of(family);
    if !key.is_empty() && !family.is_empty() {
        key.push(' ');
    }
    key.push_str(&family);
    (!key.is_empty()).then_some(key)
}

fn is_junk(text: &str) -> bool {
    const WORDS: [&str; 16] = [
        "test",
        "test test",
        "asdf",
        "xxx",
        "anonymous",
        "no name",
        "noname",
        "name",
        "full name",
        "tbd",
        "tba",
        "user",
        "admin",
        "customer",
        "kunde",
        "unbekannt",
    ];
    text.is_empty()
        || is_placeholder(text)
        || text.contains('@')
        || !text.chars().any(char::is_alphabetic)
        || text.bytes().filter(u8::is_ascii_digit).count() > 3
        || WORDS.iter().any(|w| w.eq_ignore_ascii_case(text))
}

/// The name without `(Bob)` and `"Bob"` inside.
fn without_brackets(text: &str) -> String {
    if !text.contains(['(', '"', '\u{201c}', '\u{201d}', '[']) {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut open = false;
    for c in text.chars() {
        match c {
            '(' | '[' | '\u{201c}' => open = true,
            ')' | ']' | '\u{201d}' => open = false,
            '"' => open = !open,
            c if !open => out.push(c),
            _ => {}
        }
    }
    let tidy = clean(&out, false);
    // All in brackets: they are no nickname then.
    if tidy.is_empty() {
        text.replace(['(', ')', '[', ']', '"', '\u{201c}', '\u{201d}'], "")
    } else {
        tidy.into_owned()
    }
}

/// `Family, Given` and `Name, PhD, MBA`: the family name if a comma tells it, and the rest.
fn split_commas<'a>(text: &'a str, suffix: &mut Option<String>) -> (Option<&'a str>, &'a str) {
    let mut rest = text.trim_matches([',', ';', ' ']);
    while let Some((before, last)) = rest.rsplit_once(',') {
        let last = last.trim();
        if !last.is_empty() && !last.split(' ').all(is_suffix) {
            break;
        }
        prepend(suffix, last);
        rest = before.trim_end();
    }
    match rest.split_once(',') {
        Some((family, given)) => (Some(family.trim()), given.trim()),
        None => (None, rest),
    }
}

fn take_prefix(words: &mut Vec<&str>) -> Option<String> {
    let mut count = words.iter().take_while(|w| is_title(w)).count();
    if count == words.len() {
        count = count.saturating_sub(1);
    }
    let taken: Vec<&str> = words.drain(..count).collect();
    joined(&taken)
}

fn take_suffix(words: &mut Vec<&str>, suffix: &mut Option<String>) {
    while words.len() > 1
        && let Some(last) = words.last().copied().filter(|w| is_suffix(w))
    {
        prepend(suffix, last);
        words.pop();
    }
}

fn prepend(list: &mut Option<String>, word: &str) {
    if word.is_empty() {
        return;
    }
    *list = Some(match list.take() {
        Some(rest) => format!("{word} {rest}"),
        None => word.to_string(),
    });
}

/// Compares a word without its dots, in small letters, with a list.
fn is_one_of(word: &str, list: &[&str]) -> bool {
    let letters = word.bytes().filter(|b| !matches!(b, b'.' | b','));
    let len = letters.clone().count();
    (1..=12).contains(&len)
        && list
            .iter()
            .any(|l| l.len() == len && letters.clone().map(|b| b.to_ascii_lowercase()).eq(l.bytes()))
}

fn is_title(word: &str) -> bool {
    const TITLES: [&str; 52] = [
        "dr",
        "prof",
        "professor",
        "doctor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "lady",
        "lord",
        "dame",
        "rev",
        "fr",
        "hon",
        "capt",
        "col",
        "maj",
        "lt",
        "sgt",
        "herr",
        "frau",
        "hr",
        "dipl-ing",
        "dipl-kfm",
        "dipl",
        "ing",
        "mag",
        "med",
        "jur",
        "phil",
        "habil",
        "monsieur",
        "madame",
        "mme",
        "mlle",
        "mademoiselle",
        "sr",
        "sra",
        "srta",
        "don",
        "dona",
        "sig",
        "sigra",
        "dott",
        "dottssa",
        "avv",
        "dhr",
        "mevr",
        "mw",
        "drs",
    ];
    // `M. Dupont`, but not the initial `M`.
    let dotted = word.ends_with('.');
    (word.len() > 1
        && is_one_of(word, &TITLES)
        && (dotted || !matches!(word, "Don" | "DON" | "Ing" | "Sig" | "Col")))
        || is_one_of(word, &["dr-ing"])
}

fn is_suffix(word: &str) -> bool {
    const SUFFIXES: [&str; 36] = [
        "jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "msc", "bsc", "esq", "cpa", "dds", "jd", "rn",
        "pe", "pmp", "cfa", "llm", "ll.m", "llb", "dphil", "dvm", "edd", "obe", "mbe", "cbe", "junior",
        "jun", "sen", "meng", "beng", "cissp", "frcs", "mph", "dba",
    ];
    word.len() > 1 && is_one_of(word, &SUFFIXES)
}

/// `JR.` and `jr.` to `Jr.`, `iii` to `III`; degrees stay as they are.
fn suffix_case(word: &str) -> String {
    if is_one_of(word, &["ii", "iii", "iv"]) {
        return word.to_ascii_uppercase();
    }
    if is_one_of(word, &["jr", "sr", "jun", "sen", "junior", "esq"]) {
        return name_case(word, false);
    }
    word.to_string()
}

/// Splits words without a comma; true when the family name comes first, as in East Asia.
fn split_words(words: &[&str], person: &mut PersonResult) -> bool {
    if words.iter().all(|w| w.chars().all(is_east_asian)) && !words.is_empty() {
        return split_east_asian(words, person);
    }
    match words {
        [] => {}
        [only] => person.given = Some((*only).to_string()),
        _ => {
            let mut start = words.len() - 1;
            // The family name begins with the first particle: von der Müller, bin Laden.
            if let Some(particle) = words.iter().skip(1).position(|w| is_particle(w)) {
                start = start.min(particle + 1);
            }
            let iberian = words.len() > 2
                && start == words.len() - 1
                && words.get(start - 1).is_some_and(|w| is_iberian(w))
                && words.last().is_some_and(|w| is_iberian(w));
            if iberian {
                start -= 1;
                person.given = joined(&words[..start]);
            } else {
                given_and_middle(&words[..start], person);
            }
            person.family = joined(&words[start..]);
        }
    }
    false
}

fn given_and_middle(words: &[&str], person: &mut PersonResult) {
    if let Some((first, rest)) = words.split_first() {
        person.given = Some((*first).to_string());
        person.middle = joined(rest);
    }
}

fn is_particle(word: &str) -> bool {
    const PARTICLES: [&str; 36] = [
        "von", "vom", "van", "vander", "vanden", "de", "der", "den", "del", "della", "delle", "dello", "di",
        "da", "das", "do", "dos", "du", "des", "la", "le", "ter", "ten", "te", "zu", "zur", "zum", "af",
        "av", "bin", "ibn", "bint", "al", "el", "st", "san",
    ];
    is_one_of(word, &PARTICLES)
}

/// Frequent family names of Spain, Portugal and Latin America, where people carry two.
fn is_iberian(word: &str) -> bool {
    const NAMES: [&str; 40] = [
        "garcia",
        "lopez",
        "martin",
        "ruiz",
        "diaz",
        "moreno",
        "alonso",
        "romero",
        "navarro",
        "torres",
        "gil",
        "ramos",
        "serrano",
        "blanco",
        "molina",
        "morales",
        "suarez",
        "ortega",
        "delgado",
        "castro",
        "ortiz",
        "rubio",
        "marin",
        "medina",
        "iglesias",
        "santos",
        "guerrero",
        "cruz",
        "flores",
        "herrera",
        "silva",
        "pereira",
        "costa",
        "oliveira",
        "ferreira",
        "rodrigues",
        "reyes",
        "rojas",
        "vargas",
        "mendoza",
    ];
    let folded = words_of(word);
    folded.len() > 3 && (folded.ends_with("ez") || NAMES.contains(&folded.as_str()))
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

fn split_east_asian(words: &[&str], person: &mut PersonResult) -> bool {
    if let [family, given @ ..] = words
        && !given.is_empty()
    {
        person.family = Some((*family).to_string());
        person.given = Some(given.concat());
        return true;
    }
    let Some(word) = words.first() else { return false };
    let kana = word.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}'));
    // Most family names have one character in China and Korea; four in all are mostly Japanese,
    // two and two. Kana tell nothing.
    let family_len = match word.chars().count() {
        _ if kana => 0,
        2 | 3 => 1,
        4 => 2,
        _ => 0,
    };
    match word.char_indices().nth(family_len).filter(|_| family_len > 0) {
        Some((at, _)) => {
            person.family = Some(word[..at].to_string());
            person.given = Some(word[at..].to_string());
        }
        None => person.family = Some((*word).to_string()),
    }
    true
}

fn has_small(name: &str) -> bool {
    name.chars().any(char::is_lowercase)
}

fn joined(words: &[&str]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(" "))
}

fn display(person: &PersonResult, family_first: bool) -> Option<String> {
    let mut out = String::new();
    let (first, last) =
        if family_first { (&person.family, &person.given) } else { (&person.given, &person.family) };
    for part in [&person.prefix, first, &person.middle, last, &person.suffix].into_iter().flatten() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(part);
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> [String; 5] {
        let p = normalize_person(text);
        [p.prefix, p.given, p.middle, p.family, p.suffix].map(Option::unwrap_or_default)
    }

    #[test]
    fn splits_names() {
        for (text, expect) in [
            ("Ada Lovelace", ["", "Ada", "", "Lovelace", ""]),
            ("Müller, Jürgen", ["", "Jürgen", "", "Müller", ""]),
            ("Dr. Jürgen von der Müller", ["Dr.", "Jürgen", "", "von der Müller", ""]),
            ("Maria José García Márquez", ["", "Maria José", "", "García Márquez", ""]),
            ("佐藤 健太", ["", "健太", "", "佐藤", ""]),
            ("김철수", ["", "철수", "", "김", ""]),
            ("JOHN O'CONNOR", ["", "John", "", "O'Connor", ""]),
            ("ronald mcdonald", ["", "Ronald", "", "McDonald", ""]),
            ("PIETER VAN DER BERG", ["", "Pieter", "", "van der Berg", ""]),
            ("jean-luc d'arcy", ["", "Jean-Luc", "", "D'Arcy", ""]),
            ("Mary Ann Smith", ["", "Mary", "Ann", "Smith", ""]),
            ("John Q. Public, Jr.", ["", "John", "Q.", "Public", "Jr."]),
            ("Jane Doe, PhD, MBA", ["", "Jane", "", "Doe", "PhD MBA"]),
            ("Smith, John Jr", ["", "John", "", "Smith", "Jr"]),
            ("Frau Prof. Dr. Anna Schmidt", ["Frau Prof. Dr.", "Anna", "", "Schmidt", ""]),
            ("Robert (Bob) Smith", ["", "Robert", "", "Smith", ""]),
            ("Jean DUPONT", ["", "Jean", "", "Dupont", ""]),
            ("Madonna", ["", "Madonna", "", "", ""]),
            ("Müller, Dr. Jürgen", ["Dr.", "Jürgen", "", "Müller", ""]),
            ("DeShawn McCoy", ["", "DeShawn", "", "McCoy", ""]),
            ("  Ada\u{a0} Lovelace ", ["", "Ada", "", "Lovelace", ""]),
        ] {
            assert_eq!(parts(text), expect.map(String::from), "{text}");
        }
    }

    #[test]
    fn writes_names_in_their_order() {
        let shown = |text| normalize_person(text).display.unwrap_or_default();
        assert_eq!(shown("Müller, Dr. Jürgen"), "Dr. Jürgen Müller");
        assert_eq!(shown("佐藤 健太"), "佐藤 健太");
        assert_eq!(normalize_person("佐藤 健太").key, person_key("健太", "佐藤"));
    }

    #[test]
    fn refuses_junk() {
        for text in ["", " ", "-", "n/a", "12345", "ada@x.org", "test", "???"] {
            let person = normalize_person(text);
            assert_eq!(person.issues.len(), 1, "{text}");
            assert_eq!(person.key, None, "{text}");
        }
    }
}
