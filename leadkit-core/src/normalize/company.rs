//! Company names: a match key that is equal for all spellings of one company.
//!
//! Legal forms come from `legal_forms.txt` beside this file (facts; the lists by country are
//! derived from the GLEIF ELF code list, ISO 20275, CC0), parsed once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Serialize;

use super::country::normalize_country;
use crate::model::issue::{Issue, IssueCode};
use crate::text::{clean, fold, is_placeholder};

/// The parts of a company name, from [`normalize_company`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyResult {
    /// The name as written, cleaned of stray blanks.
    pub display: Option<String>,
    /// The match key: folded, without punctuation, legal form and leading "The"; `&` reads as "and".
    pub key: Option<String>,
    /// The legal form in its usual spelling.
    pub legal_form: Option<String>,
    /// What is wrong or was noticed.
    pub issues: Vec<Issue>,
}

/// Reads a company name and makes the key by which its spellings match.
///
/// The legal form goes from the end, and from the start where that is usual (`ООО Ромашка`,
/// `株式会社日立`), as long as a name stays. Forms that are ambiguous elsewhere are known only with
/// their `country` (alpha-2 code or name). Words such as Group, Holding or International stay: they
/// tell companies apart.
///
/// ```
/// use leadkit_core::normalize::normalize_company;
/// let company = normalize_company("Schäfer Möbel GmbH & Co. KG", Some("DE"));
/// assert_eq!(company.key.as_deref(), Some("schafer mobel"));
/// assert_eq!(company.legal_form.as_deref(), Some("GmbH & Co. KG"));
/// assert_eq!(normalize_company("The H&M Hennes and Mauritz, AB", None).key.as_deref(), Some("h and m hennes and mauritz"));
/// ```
///
/// What names no company has no key and the issue `company_junk`:
///
/// ```
/// use leadkit_core::normalize::normalize_company;
/// assert_eq!(normalize_company("self-employed", None).issues[0].code.as_str(), "company_junk");
/// ```
pub fn normalize_company(text: &str, country: Option<&str>) -> CompanyResult {
    let display = clean(text, false);
    let folded = fold(&display);
    let mut words = Words::of(&folded);
    if is_placeholder(&display) || is_junk(&words) {
        let issues = vec![Issue::new(IssueCode::CompanyJunk)];
        return CompanyResult { display: None, key: None, legal_form: None, issues };
    }
    let country = country.and_then(country_code);
    let form = words.cut_forms(forms(), country);
    CompanyResult {
        key: Some(words.key()),
        legal_form: form.map(str::to_string),
        display: Some(display.into_owned()),
        issues: Vec::new(),
    }
}

/// [`CompanyResult::display`] alone: what an import keeps of a name.
pub(crate) fn company_display(text: &str) -> Option<Cow<'_, str>> {
    let display = clean(text, false);
    // Folding drops no ASCII letter, and so many of them are none of the words for "no company".
    if display.bytes().filter(u8::is_ascii_alphabetic).count() > LONGEST_JUNK {
        return Some(display);
    }
    let junk = is_placeholder(&display) || is_junk(&Words::of(&fold(&display)));
    (!junk).then_some(display)
}

fn country_code(country: &str) -> Option<[u8; 2]> {
    let code = match country.as_bytes() {
        [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => country,
        _ => normalize_country(country)?,
    };
    code.as_bytes().try_into().ok()
}

/// The words of a folded name, written one after another without blanks.
struct Words {
    text: String,
    /// Where each word ends.
    ends: Vec<usize>,
    /// The words that are left.
    from: usize,
    to: usize,
}

impl Words {
    fn of(folded: &str) -> Words {
        let mut words = Words {
            text: String::with_capacity(folded.len() + 8),
            ends: Vec::with_capacity(8),
            from: 0,
            to: 0,
        };
        for c in folded.chars() {
            if c.is_alphanumeric() || is_sign(c) {
                words.text.push(c);
                continue;
            }
            match c {
                // O'Neill is one word, as is d'Azur.
                '\'' => {}
                '&' | '+' => {
                    words.end();
                    words.text.push_str("and");
                    words.end();
                }
                _ => words.end(),
            }
        }
        words.end();
        words.join_letters();
        words.read_and();
        words.to = words.ends.len();
        words
    }

    fn end(&mut self) {
        let start = self.ends.last().copied().unwrap_or(0);
        if self.text.len() > start {
            self.ends.push(self.text.len());
        }
    }

    /// Single letters in a row are an abbreviation: `J. P. Morgan`, `S.p.A.`
    fn join_letters(&mut self) {
        let single = |ends: &[usize], i: usize, text: &str| {
            let start = if i == 0 { 0 } else { ends[i - 1] };
            let word = &text[start..ends[i]];
            word.len() == 1 && !word.starts_with(|c: char| c.is_ascii_digit())
        };
        if !(1..self.ends.len())
            .any(|i| single(&self.ends, i, &self.text) && single(&self.ends, i - 1, &self.text))
        {
            return;
        }
        let mut joined = Vec::with_capacity(self.ends.len());
        let mut previous = false;
        for i in 0..self.ends.len() {
            let this = single(&self.ends, i, &self.text);
            if this && previous {
                joined.pop();
            }
            joined.push(self.ends[i]);
            previous = this;
        }
        self.ends = joined;
    }

    /// `und` and `et` between words read as `and`.
    fn read_and(&mut self) {
        let found = (1..self.ends.len().saturating_sub(1)).any(|i| matches!(self.word(i), "und" | "et"));
        if !found {
            return;
        }
        let mut text = String::with_capacity(self.text.len() + 4);
        let mut ends = Vec::with_capacity(self.ends.len());
        let last = self.ends.len() - 1;
        for i in 0..=last {
            let word = self.word(i);
            text.push_str(if i > 0 && i < last && matches!(word, "und" | "et") { "and" } else { word });
            ends.push(text.len());
        }
        (self.text, self.ends) = (text, ends);
    }

    fn start(&self, i: usize) -> usize {
        i.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }

    fn word(&self, i: usize) -> &str {
        self.span(i, i + 1)
    }

    /// The words `from..to` without blanks.
    fn span(&self, from: usize, to: usize) -> &str {
        let end = self.start(to);
        self.text.get(self.start(from)..end).unwrap_or("")
    }

    fn len(&self) -> usize {
        self.to - self.from
    }

    /// Cuts legal forms and "the" as long as something stays; returns the last form of the name.
    fn cut_forms(&mut self, forms: &Forms, country: Option<[u8; 2]>) -> Option<&'static str> {
        if self.len() > 1 && self.word(self.to - 1) == "the" {
            self.to -= 1;
        }
        if self.len() > 1 && self.word(self.from) == "the" {
            self.from += 1;
        }
        let mut first = None;
        while self.len() > 1
            && let Some((words, form)) = self.form_at_end(forms, country)
        {
            self.to -= words;
            first = first.or(Some(form));
            // `Foo & Co KG` cut down to `Foo and`.
            if self.len() > 1 && self.word(self.to - 1) == "and" {
                self.to -= 1;
            }
        }
        if self.len() > 1
            && let Some(form) = forms.at_start(self.word(self.from), country)
        {
            self.from += 1;
            first = first.or(Some(form));
        }
        first.or_else(|| self.cut_unspaced())
    }

    /// The longest form at the end that leaves a word: how many words, and its usual spelling.
    fn form_at_end(&self, forms: &Forms, country: Option<[u8; 2]>) -> Option<(usize, &'static str)> {
        let most = (self.len() - 1).min(LONGEST_FORM_WORDS);
        (1..=most).rev().find_map(|count| {
            let joined = self.span(self.to - count, self.to);
            if joined.len() > forms.longest {
                return None;
            }
            forms.get(joined, country).map(|form| (count, form))
        })
    }

    /// Cuts forms that stand next to the name without a blank, as in East Asia.
    fn cut_unspaced(&mut self) -> Option<&'static str> {
        if self.text.is_ascii() {
            return None;
        }
        let name = self.span(self.from, self.to);
        let (form, cut) = unspaced().iter().find_map(|(folded, form)| {
            let rest = name.strip_suffix(folded.as_str()).or_else(|| name.strip_prefix(folded.as_str()))?;
            (!rest.is_empty()).then(|| (*form, rest.to_string()))
        })?;
        self.ends = vec![cut.len()];
        (self.text, self.from, self.to) = (cut, 0, 1);
        Some(form)
    }

    fn key(&self) -> String {
        let mut key = String::with_capacity(self.text.len() + self.len());
        for i in self.from..self.to {
            if i > self.from {
                key.push(' ');
            }
            key.push_str(self.word(i));
        }
        key
    }
}

const LONGEST_FORM_WORDS: usize = 7;

/// Vowel signs and such, which belong to the word but are no letters.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{1000}'..='\u{109f}')
}

/// Letters of the longest word of `JUNK`, or more.
const LONGEST_JUNK: usize = 16;

/// Folded names that name no company.
const JUNK: [&str; 46] = [
    "freelance",
    "freelancer",
    "freelancing",
    "selfemployed",
    "selfemployment",
    "self",
    "independent",
    "individual",
    "private",
    "privat",
    "privatperson",
    "privateperson",
    "student",
    "unemployed",
    "retired",
    "none",
    "nocompany",
    "company",
    "mycompany",
    "companyname",
    "test",
    "testcompany",
    "na",
    "nil",
    "null",
    "home",
    "personal",
    "various",
    "tbd",
    "tba",
    "confidential",
    "undisclosed",
    "selbstandig",
    "selbststandig",
    "freiberufler",
    "freiberuflich",
    "independant",
    "autonomo",
    "particulier",
    "particular",
    "privato",
    "zzp",
    "zzper",
    "keine",
    "asdf",
    "xxx",
];

fn is_junk(words: &Words) -> bool {
    let text = words.text.as_str();
    let Some(first) = text.chars().next() else { return true };
    JUNK.contains(&text)
        || (first.is_ascii_digit() && text.chars().all(|c| c == first))
        || (text.len() == 1 && first.is_ascii())
}

struct Forms {
    everywhere: HashMap<&'static str, &'static str>,
    /// By country and key.
    national: HashMap<([u8; 2], &'static str), &'static str>,
    longest: usize,
}

impl Forms {
    fn get(&self, joined: &str, country: Option<[u8; 2]>) -> Option<&'static str> {
        let everywhere = self.everywhere.get(joined);
        everywhere.or_else(|| self.national.get(&(country?, joined))).copied()
    }

    /// A form that stands before the name.
    fn at_start(&self, word: &str, country: Option<[u8; 2]>) -> Option<&'static str> {
        let usual = match word {
            "ооо" | "ooo" | "ао" | "пао" | "pao" | "зао" | "zao" | "оао" | "oao" | "ип" | "тов" | "тоо"
            | "прат" | "uab" | "sia" | "еоод" | "株" | "有" | "\u{110c}\u{116e}" => true,
            "pt" => country.is_none() || country == Some(*b"ID"),
            "ab" => matches!(country.as_ref(), Some(b"SE" | b"FI")),
            "oy" => country == Some(*b"FI"),
            "ou" => country == Some(*b"EE"),
            "as" => matches!(country.as_ref(), Some(b"EE" | b"LV" | b"NO")),
            "sc" => country == Some(*b"RO"),
            _ => false,
        };
        match word {
            _ if !usual => None,
            "pt" => Some("PT"),
            "sc" => Some("SC"),
            _ => self.everywhere.get(word).copied(),
        }
    }
}

fn forms() -> &'static Forms {
    static FORMS: OnceLock<Forms> = OnceLock::new();
    FORMS.get_or_init(|| {
        let mut forms = Forms {
            everywhere: HashMap::with_capacity(500),
            national: HashMap::with_capacity(1200),
            longest: 0,
        };
        for line in include_str!("legal_forms.txt").lines().filter(|l| !l.starts_with('#')) {
            let mut cells = line.split('\t');
            match (cells.next(), cells.next(), cells.next()) {
                (Some("*"), Some(form), Some(keys)) => {
                    for key in keys.split(' ') {
                        forms.longest = forms.longest.max(key.len());
                        forms.everywhere.insert(key, form);
                    }
                }
                (Some(country), Some(pairs), None) => {
                    let Ok(country) = <[u8; 2]>::try_from(country.as_bytes()) else { continue };
                    for (form, key) in pairs.split('|').filter_map(|pair| pair.split_once('=')) {
                        forms.longest = forms.longest.max(key.len());
                        forms.national.insert((country, key), form);
                    }
                }
                _ => {}
            }
        }
        forms
    })
}

/// Forms written without a blank, folded (Hangul decomposes), longest first.
fn unspaced() -> &'static [(String, &'static str)] {
    static FORMS: OnceLock<Vec<(String, &'static str)>> = OnceLock::new();
    FORMS.get_or_init(|| {
        let forms = [
            "股份有限公司",
            "有限責任公司",
            "有限责任公司",
            "有限公司",
            "株式会社",
            "株式會社",
            "有限会社",
            "合同会社",
            "合資会社",
            "주식회사",
            "유한회사",
        ];
        forms.into_iter().map(|form| (fold(form), form)).collect()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn key(text: &str) -> String {
        normalize_company(text, None).key.unwrap_or_default()
    }

    #[test]
    fn the_display_alone_is_the_same() {
        assert!(JUNK.iter().all(|word| word.len() < LONGEST_JUNK));
        let long = [
            "Acme",
            " Freelancer ",
            "N/A",
            "not provided",
            "1111",
            "self - employed",
            "Ärzte\u{a0}GmbH",
            "x",
        ];
        let twice =
            JUNK.iter().flat_map(|word| [word.to_string(), format!("{word} {word}"), word.to_uppercase()]);
        for text in long.iter().map(|t| t.to_string()).chain(twice) {
            let display = company_display(&text).map(Cow::into_owned);
            assert_eq!(display, normalize_company(&text, None).display, "{text}");
        }
    }

    #[test]
    fn cuts_forms_and_leaves_names() {
        for (text, expect) in [
            ("ООО \"Ромашка\"", "ромашка"),
            ("PT Telkom Indonesia (Persero) Tbk", "telkom indonesia persero"),
            ("株式会社日立製作所", "日立製作所"),
            ("J. P. Morgan & Co.", "jp morgan"),
            ("Acme Co., Ltd.", "acme"),
            ("AG", "ag"),
            ("The Limited", "limited"),
            ("Müller und Söhne GmbH", "muller and sohne"),
            ("SE Ranking Ltd", "se ranking"),
            ("3M", "3m"),
            ("7-Eleven, Inc.", "7 eleven"),
        ] {
            assert_eq!(key(text), expect, "{text}");
        }
        assert_eq!(normalize_company("Acme S.L.U.", None).legal_form.as_deref(), Some("SLU"));
        assert_eq!(normalize_company("  Acme \u{a0}Inc ", None).display.as_deref(), Some("Acme Inc"));
    }

    #[test]
    fn agrees_with_the_labelled_companies() {
        #[derive(serde::Deserialize)]
        struct Row {
            country: Option<String>,
            #[serde(default)]
            must_share: Vec<String>,
            #[serde(default)]
            must_differ: Vec<String>,
            junk: Option<String>,
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/validate/company_dev.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let (mut all, mut right, mut wrong) = (0, 0, Vec::new());
        for line in text.lines() {
            let row: Row = serde_json::from_str(line).unwrap();
            let key = |text: &str| normalize_company(text, row.country.as_deref()).key;
            let mut check = |ok: bool, text: &str| {
                all += 1;
                right += usize::from(ok);
                if !ok {
                    wrong.push(format!("{text:?} -> {:?} ({:?})", key(text), row.country));
                }
            };
            if let Some(junk) = &row.junk {
                check(key(junk).is_none(), junk);
            }
            let shared = row.must_share.first().map(|text| key(text));
            for text in &row.must_share {
                check(Some(key(text)) == shared, text);
            }
            for text in &row.must_differ {
                check(Some(key(text)) != shared, text);
            }
        }
        assert!(right == all, "{right} of {all}: {wrong:#?}");
    }
}
