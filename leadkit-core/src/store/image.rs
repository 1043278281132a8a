//! Before-images: what a commit keeps of a lead that it changes, and how it comes back.

use serde_json::{Map, Value};

use super::row::{differing_fold, is_folded};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::field::{Field, FieldName};
use crate::model::lead::Lead;

/// The values before a change, by name: fields, and `original`, `deleted_at` and `merged_into`,
/// which people do not set themselves.
pub type Image = Map<String, Value>;

/// The names in an image beside those of fields.
const OTHERS: [&str; 3] = ["original", "deleted_at", "merged_into"];

/// What differs between two states of a lead, with the values of the first. `updated_at` is left
/// out: the log knows when each change was made.
pub fn before_image(before: &Lead, after: &Lead) -> Image {
    let mut image = Image::new();
    for &field in Field::ALL {
        let same = match field {
            Field::UpdatedAt => true,
            Field::CreatedAt => before.created_at == after.created_at,
            Field::Score => before.score == after.score,
            field if field.kind().is_list() => before.list(field) == after.list(field),
            field => before.text(field) == after.text(field),
        };
        if !same {
            image.insert(field.name().to_string(), before.value(&FieldName::Standard(field)));
        }
    }
    for key in before.custom.keys().chain(after.custom.keys()) {
        let name = FieldName::Custom(key.clone());
        let old = before.value(&name);
        if old != after.value(&name) {
            image.insert(name.name().into_owned(), old);
        }
    }
    for name in OTHERS {
        let old = value(before, name);
        if old != value(after, name) {
            image.insert(name.to_string(), old);
        }
    }
    image
}

/// The value of a name as images hold it.
pub fn value(lead: &Lead, name: &str) -> Value {
    match name {
        "original" => serde_json::to_value(&lead.original).unwrap_or_default(),
        "deleted_at" => lead.deleted_at.map_or(Value::Null, |t| Value::from(t.to_string())),
        "merged_into" => lead.merged_into.map_or(Value::Null, Value::from),
        name => FieldName::parse(name).map_or(Value::Null, |field| lead.value(&field)),
    }
}

/// Puts a value of an image into a lead.
///
/// # Errors
/// `corrupt` for a name or value that no image was ever written with.
pub fn put(lead: &mut Lead, name: &str, value: &Value) -> Result<()> {
    let damaged = || Error::new(ErrorCode::Corrupt, format!("the log holds an unreadable value of `{name}`"));
    let instant = |value: &Value| -> Result<Option<Timestamp>> {
        match value {
            Value::Null => Ok(None),
            Value::String(text) => text.parse().map(Some).map_err(|_| damaged()),
            _ => Err(damaged()),
        }
    };
    match name {
        "original" => lead.original = serde_json::from_value(value.clone()).map_err(|_| damaged())?,
        "deleted_at" => lead.deleted_at = instant(value)?,
        "merged_into" => lead.merged_into = value.as_i64(),
        name => match FieldName::parse(name).map_err(|_| damaged())? {
            FieldName::Custom(key) => match value {
                Value::Null => drop(lead.custom.remove(&key)),
                value => drop(lead.custom.insert(key, value.clone())),
            },
            FieldName::Standard(Field::Score) => lead.score = value.as_f64(),
            FieldName::Standard(Field::CreatedAt) => lead.created_at = instant(value)?.unwrap_or_default(),
            FieldName::Standard(Field::UpdatedAt) => lead.updated_at = instant(value)?.unwrap_or_default(),
            FieldName::Standard(field) => match lead.list_mut(field) {
                Some(list) => *list = serde_json::from_value(value.clone()).map_err(|_| damaged())?,
                None => match value {
                    Value::Null => lead.set_text(field, None),
                    Value::String(text) => lead.set_text(field, Some(text.clone())),
                    _ => return Err(damaged()),
                },
            },
        },
    }
    Ok(())
}

/// What the values of an image become in a store's columns: texts, folded texts that differ, and the
/// originals, each where the image holds them, by column.
pub fn columns_of(fields: &[Field], image: &Image) -> Value {
    let mut columns = Image::new();
    for field in fields {
        let Some(value) = image.get(field.name()) else { continue };
        if is_folded(*field) {
            columns.insert(format!("{}_fold", field.name()), differing_fold(value.as_str()).into());
        }
        columns.insert(field.name().to_string(), value.clone());
    }
    if let Some(original) = image.get("original") {
        columns.insert("original".into(), original.clone());
    }
    Value::Object(columns)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_image_brings_every_kind_of_value_back() {
        let before = Lead {
            email: Some("ada@lovelace.org".into()),
            tags: vec!["vip".into()],
            score: Some(1.5),
            created_at: Timestamp(5),
            custom: [("plan".to_string(), Value::from("pro"))].into(),
            original: [("email".to_string(), "ADA".to_string())].into(),
            ..Lead::default()
        };
        let after = Lead { deleted_at: Some(Timestamp(7)), merged_into: Some(3), ..Lead::default() };
        let image = before_image(&before, &after);
        assert_eq!(image.len(), 8);
        let mut back = after;
        for (name, value) in &image {
            put(&mut back, name, value).unwrap();
        }
        assert_eq!(back, before);
        assert_eq!(put(&mut back, "emial", &Value::Null).unwrap_err().code(), "corrupt");
    }
}
