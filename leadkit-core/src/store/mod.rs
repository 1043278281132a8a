//! Where leads live. Layers above speak of leads, keys, commits and operations, never of SQL.

#[cfg(feature = "sqlite")]
pub mod sqlite;

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::model::field::{Field, FieldName};
use crate::model::lead::Lead;
use crate::normalize::email_key;
use crate::text::fold_into;

/// What a matching key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// The external id, folded.
    ExternalId = 1,
    /// An email address's match key.
    Email = 2,
    /// A phone number in E.164.
    Phone = 3,
}

/// One hashed key of a lead. Equal keys have equal hashes; unequal keys rarely do, so whoever
/// finds a lead by hash compares the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeadKey {
    /// What it is made of.
    pub kind: KeyKind,
    /// XXH3-64 of the key, seeded with the kind.
    pub hash: u64,
}

impl LeadKey {
    /// The key of a value that is already in its comparable form.
    pub fn new(kind: KeyKind, value: &str) -> Self {
        LeadKey { kind, hash: xxh3_64_with_seed(value.as_bytes(), kind as u64) }
    }
}

/// The keys by which a lead can be found, in order and without repetition.
pub fn keys_of(lead: &Lead) -> Vec<LeadKey> {
    let mut keys = Vec::with_capacity(3 + lead.emails.len() + lead.phones.len());
    if let Some(id) = &lead.external_id {
        let mut folded = String::new();
        fold_into(id, &mut folded);
        keys.push(LeadKey::new(KeyKind::ExternalId, &folded));
    }
    for address in lead.email.iter().chain(&lead.emails) {
        keys.push(LeadKey::new(KeyKind::Email, &email_key(address)));
    }
    for number in lead.phone.iter().chain(&lead.phones) {
        keys.push(LeadKey::new(KeyKind::Phone, number));
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A lead with all that a store derives from it, made off the writer's thread.
#[derive(Clone, Debug)]
pub struct LeadRow {
    /// The lead.
    pub lead: Lead,
    /// Its matching keys.
    pub keys: Vec<LeadKey>,
    /// Folded texts in the order of [`folded_fields`], where they differ from the text.
    pub folds: Vec<Option<String>>,
    /// Folded values of custom fields, as JSON, where they differ.
    pub custom_fold: Option<String>,
}

impl LeadRow {
    /// Derives keys and folded texts.
    pub fn of(lead: Lead) -> Self {
        let keys = keys_of(&lead);
        LeadRow::with_keys(lead, keys)
    }

    /// As [`LeadRow::of`], with the keys that [`keys_of`] gave already.
    pub fn with_keys(lead: Lead, keys: Vec<LeadKey>) -> Self {
        let mut buffer = String::new();
        let mut folds = Vec::with_capacity(Field::ALL.len());
        folds.extend(folded_fields().map(|field| fold_of(&lead, field, &mut buffer)));
        let custom_fold = custom_fold(&lead, &mut buffer);
        LeadRow { keys, folds, custom_fold, lead }
    }
}

/// The fields whose folded text is kept in a column of its own. Countries and phone numbers are
/// canonical and need none.
pub fn folded_fields() -> impl Iterator<Item = Field> {
    Field::ALL.iter().copied().filter(|f| is_folded(*f))
}

/// Whether the field's folded text is kept in a column of its own.
pub fn is_folded(field: Field) -> bool {
    match field {
        Field::Country | Field::Phone | Field::Phones => false,
        field => field.kind().is_text() || field.kind().is_list(),
    }
}

fn fold_of(lead: &Lead, field: Field, buffer: &mut String) -> Option<String> {
    if field.kind().is_list() {
        let list = lead.list(field);
        if list.is_empty() {
            return None;
        }
        let folded: Vec<String> = list.iter().map(|t| crate::text::fold(t)).collect();
        return (folded != list).then(|| Value::from(folded).to_string());
    }
    let text = lead.text(field)?;
    fold_into(text, buffer);
    (buffer != text).then(|| buffer.clone())
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

/// The fields in which two states of a lead differ, with the value of the first.
pub fn before_image(before: &Lead, after: &Lead) -> serde_json::Map<String, Value> {
    let mut image = serde_json::Map::new();
    for &field in Field::ALL {
        if matches!(field, Field::UpdatedAt) {
            continue;
        }
        let name = FieldName::Standard(field);
        let old = before.value(&name);
        if old != after.value(&name) {
            image.insert(field.name().to_string(), old);
        }
    }
    for key in before.custom.keys().chain(after.custom.keys()) {
        let name = FieldName::Custom(key.clone());
        let old = before.value(&name);
        if old != after.value(&name) {
            image.insert(name.name().into_owned(), old);
        }
    }
    if before.original != after.original {
        image.insert("original".into(), serde_json::to_value(&before.original).unwrap_or_default());
    }
    image
}
