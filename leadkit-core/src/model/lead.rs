//! The lead itself, and the values that `add` and `update` take.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::{Field, FieldName};
use crate::clock::Timestamp;

/// A lead: one person, or one company, that somebody may sell to.
///
/// Texts are as people wrote them, cleaned; `email` and `phone` are canonical. Where normalising
/// changed a text, the text as it came is in `original` under the field's name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the fields are documented where they are declared: model::field")]
pub struct Lead {
    /// The key in this database: allotted in commit order, below 2^53, never used twice.
    pub id: i64,
    /// The revision of the commit that last changed the lead.
    pub rev: i64,
    pub external_id: Option<String>,
    pub salutation: Option<String>,
    pub first_name: Option<String>,
    pub middle_name: Option<String>,
    pub last_name: Option<String>,
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub emails: Vec<String>,
    pub phone: Option<String>,
    pub phone_extension: Option<String>,
    pub phones: Vec<String>,
    pub company: Option<String>,
    pub job_title: Option<String>,
    pub website: Option<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
    pub time_zone: Option<String>,
    pub language: Option<String>,
    pub source: Option<String>,
    pub status: Option<String>,
    pub owner: Option<String>,
    pub score: Option<f64>,
    pub tags: Vec<String>,
    pub notes: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Values of custom fields, by key.
    pub custom: BTreeMap<String, Value>,
    /// Texts that normalising changed, as they came, by field name.
    pub original: BTreeMap<String, String>,
    /// When the lead was deleted; a deleted lead is found only with `include_deleted`.
    pub deleted_at: Option<Timestamp>,
    /// The lead that this one was merged into.
    pub merged_into: Option<i64>,
}

impl Lead {
    /// The text of a one-text field; none for empty ones and for fields of other kinds.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.text_slot(field).and_then(|t| t.as_deref())
    }

    /// Sets or clears a one-text field; other kinds are left alone.
    pub fn set_text(&mut self, field: Field, text: Option<String>) {
        if let Some(slot) = self.text_slot_mut(field) {
            *slot = text;
        }
    }

    /// The values of a list field; empty for fields of other kinds.
    pub fn list(&self, field: Field) -> &[String] {
        match field {
            Field::Emails => &self.emails,
            Field::Phones => &self.phones,
            Field::Tags => &self.tags,
            _ => &[],
        }
    }

    /// The list behind a list field.
    pub fn list_mut(&mut self, field: Field) -> Option<&mut Vec<String>> {
        match field {
            Field::Emails => Some(&mut self.emails),
            Field::Phones => Some(&mut self.phones),
            Field::Tags => Some(&mut self.tags),
            _ => None,
        }
    }

    /// Whether the field holds nothing.
    pub fn is_empty(&self, field: &FieldName) -> bool {
        match field {
            FieldName::Custom(key) => self.custom.get(key).is_none_or(Value::is_null),
            FieldName::Standard(Field::Score) => self.score.is_none(),
            FieldName::Standard(Field::CreatedAt) => self.created_at == Timestamp::default(),
            FieldName::Standard(Field::UpdatedAt) => self.updated_at == Timestamp::default(),
            FieldName::Standard(field) if field.kind().is_list() => self.list(*field).is_empty(),
            FieldName::Standard(field) => self.text(*field).is_none(),
        }
    }

    /// The field's value as JSON, `null` when empty.
    ///
    /// ```
    /// use leadkit_core::model::{field::{Field, FieldName}, lead::Lead};
    /// let lead = Lead { score: Some(7.0), ..Lead::default() };
    /// assert_eq!(lead.value(&FieldName::Standard(Field::Score)), serde_json::json!(7.0));
    /// ```
    pub fn value(&self, field: &FieldName) -> Value {
        match field {
            FieldName::Custom(key) => self.custom.get(key).cloned().unwrap_or(Value::Null),
            FieldName::Standard(Field::Score) => self.score.map_or(Value::Null, Value::from),
            FieldName::Standard(Field::CreatedAt) => Value::from(self.created_at.to_string()),
            FieldName::Standard(Field::UpdatedAt) => Value::from(self.updated_at.to_string()),
            FieldName::Standard(field) if field.kind().is_list() => Value::from(self.list(*field).to_vec()),
            FieldName::Standard(field) => self.text(*field).map_or(Value::Null, Value::from),
        }
    }

    /// The field's value as one cell of a file: lists joined by `; `, nothing as empty text.
    pub fn cell(&self, field: &FieldName) -> Cow<'_, str> {
        match field {
            FieldName::Custom(key) => match self.custom.get(key) {
                None | Some(Value::Null) => Cow::Borrowed(""),
                Some(Value::String(text)) => Cow::Borrowed(text),
                Some(other) => Cow::Owned(other.to_string()),
            },
            FieldName::Standard(Field::Score) => {
                self.score.map_or(Cow::Borrowed(""), |s| Cow::Owned(s.to_string()))
            }
            FieldName::Standard(Field::CreatedAt) => Cow::Owned(self.created_at.to_string()),
            FieldName::Standard(Field::UpdatedAt) => Cow::Owned(self.updated_at.to_string()),
            FieldName::Standard(field) if field.kind().is_list() => match self.list(*field) {
                [] => Cow::Borrowed(""),
                [one] => Cow::Borrowed(one),
                several => Cow::Owned(several.join("; ")),
            },
            FieldName::Standard(field) => Cow::Borrowed(self.text(*field).unwrap_or_default()),
        }
    }

    /// The name to show: the full name, else given and family name, else the company or address.
    pub fn display_name(&self) -> String {
        if let Some(name) = &self.full_name {
            return name.clone();
        }
        let parts = [&self.first_name, &self.middle_name, &self.last_name];
        let name: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        if !name.is_empty() {
            return name.join(" ");
        }
        self.company.clone().or_else(|| self.email.clone()).or_else(|| self.phone.clone()).unwrap_or_default()
    }

    /// Empties the lead and gives its texts to `take`, which may use their memory again.
    pub(crate) fn empty_into(&mut self, mut take: impl FnMut(String)) {
        let Lead {
            id,
            rev,
            external_id,
            salutation,
            first_name,
            middle_name,
            last_name,
            full_name,
            email,
            emails,
            phone,
            phone_extension,
            phones,
            company,
            job_title,
            website,
            street,
            city,
            state,
            postal_code,
            country,
            time_zone,
            language,
            source,
            status,
            owner,
            score,
            tags,
            notes,
            created_at,
            updated_at,
            custom,
            original,
            deleted_at,
            merged_into,
        } = self;
        let texts = [
            external_id,
            salutation,
            first_name,
            middle_name,
            last_name,
            full_name,
            email,
            phone,
            phone_extension,
            company,
            job_title,
            website,
            street,
            city,
            state,
            postal_code,
            country,
            time_zone,
            language,
            source,
            status,
            owner,
            notes,
        ];
        texts.into_iter().filter_map(Option::take).for_each(&mut take);
        [emails, phones, tags].into_iter().for_each(Vec::clear);
        if !custom.is_empty() {
            custom.clear();
        }
        if !original.is_empty() {
            std::mem::take(original).into_iter().for_each(|(name, text)| {
                take(name);
                take(text);
            });
        }
        (*id, *rev, *score) = (0, 0, None);
        (*created_at, *updated_at) = (Timestamp::default(), Timestamp::default());
        (*deleted_at, *merged_into) = (None, None);
    }

    fn text_slot(&self, field: Field) -> Option<&Option<String>> {
        Some(match field {
            Field::ExternalId => &self.external_id,
            Field::Salutation => &self.salutation,
            Field::FirstName => &self.first_name,
            Field::MiddleName => &self.middle_name,
            Field::LastName => &self.last_name,
            Field::FullName => &self.full_name,
            Field::Email => &self.email,
            Field::Phone => &self.phone,
            Field::PhoneExtension => &self.phone_extension,
            Field::Company => &self.company,
            Field::JobTitle => &self.job_title,
            Field::Website => &self.website,
            Field::Street => &self.street,
            Field::City => &self.city,
            Field::State => &self.state,
            Field::PostalCode => &self.postal_code,
            Field::Country => &self.country,
            Field::TimeZone => &self.time_zone,
            Field::Language => &self.language,
            Field::Source => &self.source,
            Field::Status => &self.status,
            Field::Owner => &self.owner,
            Field::Notes => &self.notes,
            _ => return None,
        })
    }

    fn text_slot_mut(&mut self, field: Field) -> Option<&mut Option<String>> {
        Some(match field {
            Field::ExternalId => &mut self.external_id,
            Field::Salutation => &mut self.salutation,
            Field::FirstName => &mut self.first_name,
            Field::MiddleName => &mut self.middle_name,
            Field::LastName => &mut self.last_name,
            Field::FullName => &mut self.full_name,
            Field::Email => &mut self.email,
            Field::Phone => &mut self.phone,
            Field::PhoneExtension => &mut self.phone_extension,
            Field::Company => &mut self.company,
            Field::JobTitle => &mut self.job_title,
            Field::Website => &mut self.website,
            Field::Street => &mut self.street,
            Field::City => &mut self.city,
            Field::State => &mut self.state,
            Field::PostalCode => &mut self.postal_code,
            Field::Country => &mut self.country,
            Field::TimeZone => &mut self.time_zone,
            Field::Language => &mut self.language,
            Field::Source => &mut self.source,
            Field::Status => &mut self.status,
            Field::Owner => &mut self.owner,
            Field::Notes => &mut self.notes,
            _ => return None,
        })
    }
}

/// Values for `add` and `update`, by field name: `{"first_name": "Ada", "custom.plan": "pro"}`.
///
/// In `update`, `null` clears a field and a field that is not named stays.
///
/// ```
/// use leadkit_core::model::lead::Values;
/// let values = Values::from([("first_name", "Ada"), ("email", "ada@lovelace.org")]);
/// assert_eq!(values.0.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Values(pub BTreeMap<String, Value>);

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Values {
    fn from(pairs: [(K, V); N]) -> Self {
        Values(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Values {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(pairs: T) -> Self {
        Values(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

/// One change of a lead, as its history shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeadChange {
    /// The revision of the commit.
    pub rev: i64,
    /// When it happened.
    pub at: Timestamp,
    /// The operation that did it.
    pub operation_id: i64,
    /// What that operation was.
    pub kind: super::operation::OperationKind,
    /// Who did it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Whether the lead came into being here; then `fields` holds its first values.
    pub created: bool,
    /// Field by field.
    pub fields: BTreeMap<String, ValueChange>,
}

/// A field's value before and after a change; `null` is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValueChange {
    /// The value before.
    pub before: Value,
    /// The value after.
    pub after: Value,
}
