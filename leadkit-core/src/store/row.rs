//! A lead with what a store keeps beside it.

use std::sync::LazyLock;

use serde_json::Value;

use super::key::{LeadKey, fill_keys};
use crate::model::field::Field;
use crate::model::lead::Lead;
use crate::text::{fold_into, push_differing_fold};

/// A lead with all that a store derives from it, made off the writer's thread.
#[derive(Clone, Debug, Default)]
pub struct LeadRow {
    /// The lead.
    pub lead: Box<Lead>,
    /// Its matching keys.
    pub keys: Vec<LeadKey>,
    /// Its folded texts.
    pub folds: Folds,
    /// Folded values of custom fields, as JSON, where they differ.
    pub custom_fold: Option<String>,
}

impl LeadRow {
    /// Derives keys and folded texts.
    pub fn of(lead: impl Into<Box<Lead>>) -> Self {
        let mut row = LeadRow { lead: lead.into(), ..LeadRow::default() };
        row.derive(&mut String::new());
        row
    }

    /// Derives keys and folded texts anew, in the memory of the old ones; the buffer is for folding.
    pub(crate) fn derive(&mut self, buffer: &mut String) {
        self.folds.clear();
        for (place, field) in FOLDED.iter().enumerate() {
            self.folds.add(place, &self.lead, *field, buffer);
        }
        self.custom_fold = custom_fold(&self.lead, buffer);
        fill_keys(&self.lead, &mut self.keys, buffer);
    }
}

/// The folded texts that differ from the texts themselves: one text with the ends of its parts, since
/// a row holds a dozen of them and an allocation for each is what writing rows would be spent on.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    text: String,
    parts: Vec<(u8, u32)>,
}

impl Folds {
    /// Adds the text of a place behind those that are there.
    pub(super) fn push(&mut self, place: usize, text: &str) {
        self.text.push_str(text);
        self.parts.push((place as u8, self.text.len() as u32));
    }

    fn clear(&mut self) {
        self.text.clear();
        self.parts.clear();
    }

    fn add(&mut self, place: usize, lead: &Lead, field: Field, buffer: &mut String) {
        if field.kind().is_list() {
            let list = lead.list(field);
            if list.is_empty() {
                return;
            }
            let folded: Vec<String> = list.iter().map(|t| crate::text::fold(t)).collect();
            if folded == list {
                return;
            }
            self.push(place, &Value::from(folded).to_string());
        } else {
            let Some(text) = lead.text(field) else { return };
            if push_differing_fold(text, buffer, &mut self.text) {
                self.parts.push((place as u8, self.text.len() as u32));
            }
        }
    }

    /// The differing texts with their places in [`folded_fields`].
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut start = 0;
        self.parts.iter().map(move |(place, end)| {
            let text = &self.text[start..*end as usize];
            start = *end as usize;
            (usize::from(*place), text)
        })
    }
}

/// The fields whose folded text is kept in a column of its own. Countries and phone numbers are
/// canonical and need none.
pub fn folded_fields() -> impl Iterator<Item = Field> {
    FOLDED.iter().copied()
}

static FOLDED: LazyLock<Vec<Field>> =
    LazyLock::new(|| Field::ALL.iter().copied().filter(|f| is_folded(*f)).collect());

/// Whether the field's folded text is kept in a column of its own.
pub fn is_folded(field: Field) -> bool {
    match field {
        Field::Country | Field::Phone | Field::Phones => false,
        field => field.kind().is_text() || field.kind().is_list(),
    }
}

/// The folded text, where it differs from the text.
pub fn differing_fold(text: Option<&str>) -> Option<String> {
    let text = text?;
    Some(crate::text::fold(text)).filter(|folded| folded != text)
}

fn custom_fold(lead: &Lead, buffer: &mut String) -> Option<String> {
    if lead.custom.is_empty() {
        return None;
    }
    let mut differs = false;
    let folded = lead.custom.iter().map(|(key, value)| match value {
        Value::String(text) => {
            fold_into(text, buffer);
            differs |= buffer != text;
            (key.clone(), Value::from(buffer.as_str()))
        }
        other => (key.clone(), other.clone()),
    });
    let folded: serde_json::Map<String, Value> = folded.collect();
    differs.then(|| Value::Object(folded).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_differing_texts_are_kept_each_at_its_place() {
        let lead = Lead {
            first_name: Some("Zoë".into()),
            last_name: Some("smith".into()),
            tags: vec!["VIP".into()],
            ..Lead::default()
        };
        let row = LeadRow::of(lead);
        let fields: Vec<Field> = folded_fields().collect();
        let found: Vec<(Field, &str)> = row.folds.iter().map(|(place, text)| (fields[place], text)).collect();
        assert_eq!(found, [(Field::FirstName, "zoe"), (Field::Tags, r#"["vip"]"#)]);
    }
}
