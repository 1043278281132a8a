//! Where a person is named in texts that are not their own: stored filters, keys, reasons.

use std::collections::BTreeSet;

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::model::field::Field;
use crate::model::lead::Lead;
use crate::normalize::normalize_phone;
use crate::store::{Image, Reader, image};
use crate::text::fold;

/// What stands where a trace was.
pub(super) const ERASED: &str = "[erased]";
/// Characters below which a value is a trace only where it is the whole text: `Ann`, `42`.
const TELLING: usize = 6;
/// Characters above which free text tells one person.
const LONG: usize = 20;

/// The values by which a person is named.
pub(super) struct Traces {
    /// Folded values that are a trace where they are the whole text.
    whole: BTreeSet<String>,
    /// Values that are a trace wherever they stand as words.
    within: Option<Regex>,
}

impl Traces {
    /// Gathers what leads have, had before, and had in their files.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(reader: &dyn Reader, leads: &[Lead], addresses: &[&str]) -> Result<Traces> {
        let mut values = BTreeSet::new();
        let mut names = BTreeSet::new();
        for lead in leads {
            let mut state = lead.clone();
            gather(&state, &mut values, &mut names);
            while let Some(change) = reader.change(state.rev, lead.id)? {
                for (name, value) in &change.before as &Image {
                    image::put(&mut state, name, value)?;
                }
                state.rev = change.prev_rev;
                gather(&state, &mut values, &mut names);
            }
        }
        for address in addresses {
            address_forms(address, &mut values);
        }
        Traces::new(values, names)
    }

    fn new(values: BTreeSet<String>, names: BTreeSet<String>) -> Result<Traces> {
        let telling = |value: &&String| value.chars().count() >= TELLING;
        let mut patterns: Vec<&String> = values.iter().filter(telling).collect();
        // The longest first: a regex takes the first way that fits.
        patterns.sort_by_key(|value| std::cmp::Reverse(value.len()));
        let pattern = patterns.iter().map(|value| as_words(value)).collect::<Vec<_>>().join("|");
        let within = match pattern.is_empty() {
            true => None,
            false => {
                let mut builder = RegexBuilder::new(&pattern);
                builder.case_insensitive(true).size_limit(1 << 28);
                Some(builder.build().map_err(|e| Error::internal(e.to_string()))?)
            }
        };
        let whole = values.iter().chain(&names).map(|value| fold(value)).collect();
        Ok(Traces { whole, within })
    }

    /// A text without its traces; none where it has none.
    pub fn cleaned(&self, text: &str) -> Option<String> {
        if self.whole.contains(&fold(text)) {
            return Some(ERASED.to_string());
        }
        let within = self.within.as_ref()?;
        within.is_match(text).then(|| within.replace_all(text, ERASED).into_owned())
    }

    /// [`Traces::cleaned`], in place; gives whether there was any.
    pub fn clean(&self, text: &mut Option<String>) -> bool {
        let cleaned = text.as_deref().and_then(|text| self.cleaned(text));
        let found = cleaned.is_some();
        *text = cleaned.or(text.take());
        found
    }

    /// Cleans all texts of a JSON value; gives whether there was any trace.
    pub fn clean_json(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.cleaned(text) {
                Some(cleaned) => {
                    *text = cleaned;
                    true
                }
                None => false,
            },
            Value::Array(items) => items.iter_mut().fold(false, |found, item| self.clean_json(item) | found),
            Value::Object(fields) => {
                let traced: Vec<String> =
                    fields.keys().filter(|key| self.cleaned(key).is_some()).cloned().collect();
                for key in &traced {
                    if let (Some(value), Some(cleaned)) = (fields.remove(key), self.cleaned(key)) {
                        fields.insert(cleaned, value);
                    }
                }
                fields.iter_mut().fold(!traced.is_empty(), |found, (_, value)| self.clean_json(value) | found)
            }
            _ => false,
        }
    }

    /// Whether any cell of a row has a trace.
    pub fn in_cells(&self, cells: &[String]) -> bool {
        cells.iter().any(|cell| self.cleaned(cell).is_some())
    }
}

/// The values of a lead that name the person, and the names that do so only alone.
fn gather(lead: &Lead, values: &mut BTreeSet<String>, names: &mut BTreeSet<String>) {
    for address in lead.email.iter().chain(&lead.emails).chain(lead.phone.iter()).chain(&lead.phones) {
        address_forms(address, values);
    }
    let one = |field: Field| lead.text(field).map(str::to_string);
    values.extend([Field::FullName, Field::ExternalId, Field::Street].into_iter().filter_map(one));
    values.extend(one(Field::Notes).filter(|notes| notes.chars().count() > LONG));
    names.extend([Field::FirstName, Field::MiddleName, Field::LastName].into_iter().filter_map(one));
    if let (Some(first), Some(last)) = (one(Field::FirstName), one(Field::LastName)) {
        values.extend([format!("{first} {last}"), format!("{last}, {first}"), format!("{last} {first}")]);
    }
    let telling = ["email", "emails", "phone", "phones", "full_name", "street", "external_id"];
    values.extend(telling.iter().filter_map(|field| lead.original.get(*field)).cloned());
    let named = ["first_name", "middle_name", "last_name"];
    names.extend(named.iter().filter_map(|field| lead.original.get(*field)).cloned());
}

/// The ways in which an address is written.
fn address_forms(address: &str, values: &mut BTreeSet<String>) {
    values.insert(address.to_string());
    if address.starts_with('+') {
        values.insert(address.trim_start_matches('+').to_string());
        let parsed = normalize_phone(address, None);
        values.extend([parsed.national, parsed.international].into_iter().flatten());
    }
}

/// A pattern that finds a value where it stands as words of its own.
fn as_words(value: &str) -> String {
    let edge = |c: Option<char>| if c.is_some_and(|c| c.is_alphanumeric() || c == '_') { r"\b" } else { "" };
    let value = value.trim();
    format!("{}{}{}", edge(value.chars().next()), regex::escape(value), edge(value.chars().next_back()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn ada() -> Traces {
        let mut lead = Lead {
            email: Some("ada@lovelace.example".into()),
            phone: Some("+493023125014".into()),
            first_name: Some("Ada".into()),
            last_name: Some("Lovelace".into()),
            external_id: Some("17".into()),
            ..Lead::default()
        };
        lead.original.insert("phone".into(), "030 / 231 250 14".into());
        let (mut values, mut names) = (BTreeSet::new(), BTreeSet::new());
        gather(&lead, &mut values, &mut names);
        Traces::new(values, names).unwrap()
    }

    #[test]
    fn addresses_and_whole_names_are_found_wherever_they_stand() {
        for (text, cleaned) in [
            ("write to ADA@lovelace.example!", "write to [erased]!"),
            ("ADA LOVELACE called", "[erased] called"),
            ("Lovelace, Ada", "[erased]"),
            ("call +49 30 23125014 or 030 23125014", "call [erased] or [erased]"),
            ("(493023125014)", "([erased])"),
            ("was: 030 / 231 250 14", "was: [erased]"),
            ("lovelace", "[erased]"),
            ("17", "[erased]"),
        ] {
            assert_eq!(ada().cleaned(text).as_deref(), Some(cleaned), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in [
            "17 leads",
            "Adam",
            "Ada's campaign",
            "nada@lovelace.example.org x",
            "lovelaces",
            "4930231250149",
        ] {
            assert_eq!(ada().cleaned(text), None, "{text}");
        }
    }

    #[test]
    fn json_is_cleaned_to_its_leaves_and_keys() {
        let mut value = json!({"or": [{"email": "ada@lovelace.example"}, {"score": 17}], "ada lovelace": 1});
        assert!(ada().clean_json(&mut value));
        assert_eq!(value, json!({"or": [{"email": "[erased]"}, {"score": 17}], "[erased]": 1}));
        assert!(!ada().clean_json(&mut value));
    }
}
