//! Which fields each column might be, and how sure: its name first, then its values, then the
//! columns beside it.

use super::consent::Found;
use super::content::{Fit, Profile};
use super::given::Given;
use super::header::{key, words};
use super::synonyms::{self, HOUSE_NUMBER, Names};
use crate::model::field::{CustomField, Field, FieldName};
use crate::model::report::MappedBy;
use crate::text::fold;

/// A field, or a part of one: the lines of a street are goals of their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Goal {
    pub(super) field: FieldName,
    pub(super) part: u8,
}

impl Goal {
    fn of(field: Field) -> Goal {
        Goal { field: FieldName::Standard(field), part: 0 }
    }

    fn is(&self, field: Field) -> bool {
        self.field == FieldName::Standard(field)
    }
}

/// A field that a column might be.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) goal: Goal,
    pub(super) confidence: f64,
    pub(super) by: MappedBy,
}

/// The candidates of each column, in no order; none where the caller gave a target.
pub(super) fn find(
    header: &[String],
    sample: &[Vec<&str>],
    given: &[Option<Given>],
    consent: &[Option<Found>],
    custom: &[CustomField],
) -> Vec<Vec<Candidate>> {
    let is_given = |i: usize| given.get(i).and_then(|g| g.as_ref()).is_some_and(Given::is_target);
    let permission = |i: usize| consent.get(i).is_some_and(Option::is_some);
    let mut columns: Vec<Column> = header
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let profile = Profile::of(cells(sample, i));
            let named = if is_given(i) { Vec::new() } else { by_name(name, permission(i), custom) };
            let (words, key, permission) = (words(name), key(name), permission(i));
            Column { words, key, profile, candidates: named, given: is_given(i), permission }
        })
        .collect();
    let around = Around::new(&columns, given);
    for (i, column) in columns.iter_mut().enumerate() {
        if column.given {
            continue;
        }
        if synonyms::is_generic_name(&column.key) {
            column.candidates = around.generic_name(i, column, sample);
        }
        decide_title(column, &around);
        for candidate in &mut column.candidates {
            candidate.confidence = weigh(candidate, &column.profile, custom);
        }
        decide_state(column);
        column.add_by_content();
        column.add_lists();
        for candidate in &mut column.candidates {
            candidate.confidence *= fill_factor(&column.profile);
        }
    }
    keep_one_address(&mut columns);
    columns.into_iter().map(|column| column.candidates).collect()
}

struct Column {
    words: Vec<String>,
    key: String,
    profile: Profile,
    candidates: Vec<Candidate>,
    given: bool,
    /// Whether it is about consent, and no data.
    permission: bool,
}

/// What the other columns are, where that changes what a word means.
struct Around {
    first_name: Option<usize>,
    last_name: Option<usize>,
    job_title: bool,
}

impl Around {
    fn new(columns: &[Column], given: &[Option<Given>]) -> Around {
        let holds = |field: Field| {
            let field = FieldName::Standard(field);
            let given = given.iter().position(|g| {
                g.as_ref().and_then(|g| g.targets.as_ref()).is_some_and(|t| t.fields().contains(&field))
            });
            given.or_else(|| {
                columns.iter().position(|column| {
                    column.candidates.iter().any(|c| c.goal.field == field && c.confidence >= 0.8)
                })
            })
        };
        Around {
            first_name: holds(Field::FirstName),
            last_name: holds(Field::LastName),
            job_title: holds(Field::JobTitle).is_some(),
        }
    }

    /// `Name`, `Nom`, `Nombre`: whole, or the half that no other column holds.
    fn generic_name(&self, index: usize, column: &Column, sample: &[Vec<&str>]) -> Vec<Candidate> {
        let p = &column.profile;
        let several = p.share(p.several_words) >= 0.5;
        let companies = p.share(p.company) >= 0.3;
        let whole = [self.first_name, self.last_name]
            .into_iter()
            .flatten()
            .any(|other| several && contains_other(sample, index, other));
        let (full, first, last) = match (self.first_name, self.last_name) {
            _ if whole => (0.92, 0.2, 0.2),
            (Some(_), None) => (0.6, 0.2, 0.88),
            (None, Some(_)) => (0.6, 0.88, 0.2),
            (Some(_), Some(_)) => (if several { 0.8 } else { 0.52 }, 0.3, 0.3),
            (None, None) => (if several || p.filled == 0 { 0.88 } else { 0.65 }, 0.4, 0.4),
        };
        // Names of companies in a column of names: the file lists companies.
        let full = if companies && !whole { full * 0.6 } else { full };
        let company = if companies { 0.82 } else { 0.3 };
        [
            (Field::FullName, full),
            (Field::FirstName, first),
            (Field::LastName, last),
            (Field::Company, company),
        ]
        .map(|(field, confidence)| Candidate { goal: Goal::of(field), confidence, by: MappedBy::Synonym })
        .to_vec()
    }
}

impl Column {
    /// Fields by what the values look like; certain enough alone only where nothing else looks so.
    fn add_by_content(&mut self) {
        let consent = self.permission || synonyms::is_consent(&self.words);
        if consent || self.words.iter().any(|w| synonyms::is_blocking(w)) {
            return;
        }
        // A name that says something else, and that the values do not contradict, goes before.
        let named = self.candidates.iter().any(|c| c.confidence >= 0.5);
        let p = &self.profile;
        let found = [
            (Field::Email, p.share(p.email), 0.7, 0.85),
            (Field::Phone, p.share(p.formatted_phone), 0.8, 0.62),
            (Field::Website, if p.is_social() { 0.0 } else { p.share(p.url) }, 0.8, 0.62),
            (Field::Country, p.share(p.country_name), 0.8, 0.6),
            (Field::Company, p.share(p.company), 0.5, 0.55),
            (Field::Country, p.country_share(), 0.8, 0.4),
            (Field::PostalCode, p.share(p.postal), 0.8, 0.3),
            (Field::CreatedAt, p.share(p.date), 0.8, 0.35),
            (Field::Status, if p.is_boolean() { 0.0 } else { p.share(p.status) }, 0.8, 0.45),
        ];
        for (field, share, enough, confidence) in found {
            let goal = Goal::of(field);
            if share < enough || self.candidates.iter().any(|c| c.goal == goal) {
                continue;
            }
            let confidence = confidence * share;
            let confidence = if named { f64::min(confidence, 0.45) } else { confidence };
            self.candidates.push(Candidate { goal, confidence, by: MappedBy::Content });
        }
    }

    /// What may be the email may be one of the further emails; so for phones.
    fn add_lists(&mut self) {
        for (one, list) in [(Field::Email, Field::Emails), (Field::Phone, Field::Phones)] {
            let goal = Goal::of(list);
            if self.profile.fit(one) == Fit::Against {
                continue;
            }
            let found = self.candidates.iter().find(|c| c.goal.is(one) && c.by != MappedBy::Content);
            let Some(found) = found.filter(|_| !self.candidates.iter().any(|c| c.goal == goal)) else {
                continue;
            };
            let confidence = found.confidence * 0.9;
            self.candidates.push(Candidate { goal, confidence, by: found.by });
        }
    }

    fn confidence_mut(&mut self, field: Field) -> Option<&mut f64> {
        self.candidates.iter_mut().find(|c| c.goal.is(field)).map(|c| &mut c.confidence)
    }

    fn address_group(&self) -> Option<&'static str> {
        let groups = [
            ("work", &["business", "work", "office", "geschaftlich", "dienstlich", "company"][..]),
            ("home", &["home", "private", "privat", "personal"][..]),
            ("mailing", &["mailing"][..]),
            ("billing", &["billing", "invoice", "rechnung", "facturation"][..]),
            ("shipping", &["shipping", "delivery", "lieferung", "liefer", "livraison"][..]),
            ("other", &["other", "alternate", "secondary"][..]),
        ];
        let group = groups.iter().find(|(_, words)| self.words.iter().any(|w| words.contains(&w.as_str())));
        group.map(|(name, _)| *name)
    }
}

fn cells<'s>(sample: &'s [Vec<&'s str>], column: usize) -> impl Iterator<Item = &'s str> {
    sample.iter().map(move |row| row.get(column).copied().unwrap_or_default())
}

/// What the name alone says.
fn by_name(name: &str, permission: bool, custom: &[CustomField]) -> Vec<Candidate> {
    let words = words(name);
    let whole = words.concat();
    let mut found = Vec::new();
    if whole.is_empty() {
        return found;
    }
    for field in custom.iter().filter(|c| !c.archived) {
        let named = whole == key(&field.key) || whole == key(&format!("custom.{}", field.key));
        if named || whole == key(&field.label) {
            let goal = Goal { field: FieldName::Custom(field.key.clone()), part: 0 };
            found.push(Candidate { goal, confidence: 1.0, by: MappedBy::Name });
        }
    }
    if permission || synonyms::is_consent(&words) {
        return found;
    }
    for field in Field::ALL {
        if whole == key(field.name()) || whole == key(field.label()) {
            found.push(Candidate { goal: Goal::of(*field), confidence: 0.98, by: MappedBy::Name });
        }
    }
    for group in synonyms::lookup(&whole) {
        add(&mut found, group, group.strength);
    }
    if found.is_empty() {
        let telling: Vec<&str> =
            words.iter().map(String::as_str).filter(|w| !synonyms::is_filler(w)).collect();
        for group in synonyms::lookup(&telling.concat()) {
            add(&mut found, group, group.strength * 0.98);
        }
    }
    if found.is_empty() {
        by_phrase(&words, &mut found);
    }
    if !found.iter().any(|c| c.confidence >= 0.5) {
        by_near_spelling(&words, &mut found);
    }
    found
}

/// The longest run of words that the names know, judged by the words around it.
fn by_phrase(words: &[String], found: &mut Vec<Candidate>) {
    for length in (1..=words.len().min(6)).rev() {
        for start in 0..=words.len() - length {
            let run = words.get(start..start + length).unwrap_or_default();
            let phrase = run.concat();
            if phrase.is_ascii()
                && phrase.len() <= 3
                && !["tel", "zip", "plz", "web", "www"].contains(&phrase.as_str())
            {
                continue;
            }
            for group in synonyms::lookup(&phrase).iter().filter(|g| g.inside) {
                let others = words.iter().take(start).chain(words.iter().skip(start + length));
                let factor: f64 = others.map(|word| beside(word, group, length)).product();
                add(found, group, group.strength * factor);
            }
        }
    }
}

/// How sure a field stays with this word beside its name.
fn beside(word: &str, group: &Names, length: usize) -> f64 {
    if let Ok(number) = word.parse::<u32>() {
        return match number {
            0 | 1 => 0.99,
            2..=9 => 0.95,
            _ => 0.85,
        };
    }
    if synonyms::is_filler(word) {
        return 0.98;
    }
    let meanings = synonyms::lookup(word);
    if meanings.iter().any(|m| m.field == group.field) {
        return 0.97;
    }
    if synonyms::is_blocking(word) {
        return 0.2;
    }
    if let Some(factor) = synonyms::owner_factor(word) {
        return factor;
    }
    let verifiable = matches!(group.field, Field::Email | Field::Phone | Field::Website | Field::PostalCode);
    match meanings.iter().any(|m| m.inside) {
        true => 0.4,
        false if length > 1 => 0.62,
        false if verifiable => 0.58,
        false => 0.52,
    }
}

/// Typing errors: one wrong letter in a short name, two in a long one.
fn by_near_spelling(words: &[String], found: &mut Vec<Candidate>) {
    let telling: Vec<&String> =
        words.iter().filter(|w| !synonyms::is_filler(w) && synonyms::owner_factor(w).is_none()).collect();
    let typed: String = telling.iter().map(|w| w.as_str()).collect();
    let length = typed.chars().count();
    // Words that names of ours hold as well (`Frist Name`) do not hinder.
    let hinders = |w: &str| synonyms::is_blocking(w) && !PARTS_OF_NAMES.contains(&w);
    if length < 5 || words.iter().any(|w| hinders(w) || synonyms::is_other_thing(w)) {
        return;
    }
    let mut near: Vec<(usize, &str, &Names)> = synonyms::keys()
        .filter(|(key, _)| key.len() >= 5 && key.chars().next() == typed.chars().next())
        .filter(|(key, _)| key.len().abs_diff(typed.len()) <= 2)
        .map(|(key, group)| (strsim::damerau_levenshtein(key, &typed), key, group))
        .filter(|(distance, key, _)| match length {
            // Of five letters one is much: only swapped ones are a slip (`emial`).
            5 => letters(key) == letters(&typed),
            6..=8 => *distance <= 1,
            _ => *distance <= 2,
        })
        .collect();
    near.sort_by_key(|(distance, key, _)| (*distance, *key));
    if let Some((distance, _, group)) = near.first() {
        add(found, group, if *distance == 1 { 0.74 } else { 0.62 });
    }
}

const PARTS_OF_NAMES: &[&str] = &["name", "last", "job", "date", "created", "modified", "updated"];

fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

fn add(found: &mut Vec<Candidate>, group: &Names, confidence: f64) {
    let goal = Goal { field: FieldName::Standard(group.field), part: group.part };
    match found.iter_mut().find(|c| c.goal == goal) {
        Some(known) if known.confidence < confidence => known.confidence = confidence,
        Some(_) => {}
        None => found.push(Candidate { goal, confidence, by: MappedBy::Synonym }),
    }
}

/// The name's confidence after a look at the values.
fn weigh(candidate: &Candidate, profile: &Profile, custom: &[CustomField]) -> f64 {
    let fit = match &candidate.goal.field {
        // A house number has none of a street's shape.
        FieldName::Standard(Field::Street) if candidate.goal.part == HOUSE_NUMBER => Fit::Neutral,
        FieldName::Standard(field) => profile.fit(*field),
        FieldName::Custom(key) => {
            custom.iter().find(|c| c.key == *key).map_or(Fit::Neutral, |c| profile.fit_kind(c.kind))
        }
    };
    let name = candidate.confidence;
    match fit {
        // Values confirm a name; they do not overrule the words around it (`Owner Email`).
        Fit::Supports(_) if name < 0.45 => name,
        Fit::Supports(share) => name + (1.0 - name) * 0.5 * share,
        Fit::Neutral => name,
        Fit::Against => {
            let lowered = name * if profile.tells() { 0.45 } else { 0.6 };
            // A column that bears the field's very name is read as that, so that the report says
            // what is wrong with its values; yes and no are no values of such fields at all.
            let keeps = candidate.by == MappedBy::Name && !profile.is_boolean();
            if keeps { lowered.max(0.5) } else { lowered }
        }
    }
}

/// `Title`: a position, or Mr and Dr; the latter too when another column holds the position.
fn decide_title(column: &mut Column, around: &Around) {
    let salutations = column.profile.share(column.profile.salutation) >= 0.5;
    let is_title = column.candidates.iter().any(|c| c.goal.is(Field::Salutation))
        && column.candidates.iter().any(|c| c.goal.is(Field::JobTitle));
    if !is_title {
        return;
    }
    if salutations && let Some(job) = column.confidence_mut(Field::JobTitle) {
        *job *= 0.4;
    }
    let words = !salutations && column.profile.filled > 0;
    if let Some(salutation) = column.confidence_mut(Field::Salutation) {
        *salutation = match (salutations, words) {
            (true, _) => 0.85,
            (_, true) => 0.3,
            _ if around.job_title => 0.7,
            _ => *salutation,
        };
    }
}

/// `State`: a region, or open and closed.
fn decide_state(column: &mut Column) {
    let both = column.candidates.iter().any(|c| c.goal.is(Field::State))
        && column.candidates.iter().any(|c| c.goal.is(Field::Status));
    if !both {
        return;
    }
    let stands = !column.profile.is_boolean() && column.profile.share(column.profile.status) >= 0.5;
    if let Some(status) = column.confidence_mut(Field::Status) {
        *status = if stands { 0.85 } else { status.min(0.45) };
    }
}

/// Of nearly equal names the better filled column wins; an empty one stays mapped if alone.
fn fill_factor(profile: &Profile) -> f64 {
    match profile.filled {
        0 if profile.rows > 0 => 0.85,
        _ if profile.rows == 0 => 1.0,
        filled => 0.95 + 0.05 * filled as f64 / profile.rows as f64,
    }
}

/// A street at work and a town at home are no address: the best filled one is taken whole.
fn keep_one_address(columns: &mut [Column]) {
    let weight = |group: Option<&str>| -> f64 {
        let members = columns.iter().filter(|column| column.address_group() == group);
        members
            .map(|column| {
                let best = column.candidates.iter().filter(|c| is_address(&c.goal)).map(|c| c.confidence);
                best.fold(0.0, f64::max)
                    * column.profile.share(column.profile.filled).max(0.01)
                    * column.profile.filled.max(1) as f64
            })
            .sum()
    };
    let mut groups: Vec<Option<&'static str>> = Vec::new();
    for column in
        columns.iter().filter(|c| c.candidates.iter().any(|c| is_address(&c.goal) && c.confidence >= 0.5))
    {
        let group = column.address_group();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    let weighed: Vec<f64> = groups.iter().map(|group| weight(*group)).collect();
    let best = weighed.iter().copied().fold(0.0, f64::max);
    let Some(kept) = weighed.iter().position(|w| *w >= best).and_then(|i| groups.get(i).copied()) else {
        return;
    };
    for column in columns.iter_mut().filter(|column| column.address_group() != kept) {
        for candidate in column.candidates.iter_mut().filter(|c| is_address(&c.goal)) {
            // A country fits any of a person's addresses more often than not.
            candidate.confidence *= if candidate.goal.is(Field::Country) { 0.8 } else { 0.5 };
        }
    }
}

fn is_address(goal: &Goal) -> bool {
    [Field::Street, Field::City, Field::State, Field::PostalCode, Field::Country].iter().any(|f| goal.is(*f))
}

/// Whether most values of a column contain those of another: `Ada Lovelace` beside `Ada`.
fn contains_other(sample: &[Vec<&str>], column: usize, other: usize) -> bool {
    let mut pairs = 0;
    let mut inside = 0;
    for row in sample.iter().take(100) {
        let (Some(whole), Some(part)) = (row.get(column), row.get(other)) else { continue };
        let (whole, part) = (fold(whole), fold(part));
        if whole.is_empty() || part.is_empty() {
            continue;
        }
        pairs += 1;
        inside += usize::from(whole.contains(&part) && whole.len() > part.len());
    }
    pairs > 0 && inside * 2 >= pairs
}
