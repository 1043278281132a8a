//! What is asked of values, compiled once for many rows.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::{Error, ErrorCode, Result};
use crate::model::field::{CustomField, Field, FieldKind, FieldName, unknown_field};
use crate::model::options::OnInvalid;
use crate::model::status::Status;
use crate::normalize::{DateOrder, DecimalMark, EmailOptions, normalize_country};

/// The statuses of a new database.
pub const STATUSES: [&str; 7] =
    ["new", "contacted", "qualified", "unqualified", "nurturing", "converted", "lost"];

/// What is asked of values, compiled once for many rows.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The country of phone numbers without a country code, where the row has none.
    pub default_country: Option<String>,
    /// How email addresses are judged.
    pub email: EmailOptions,
    /// Fields that must hold something.
    pub required: Vec<FieldName>,
    /// What happens to invalid values, by field.
    pub on_invalid: BTreeMap<FieldName, OnInvalid>,
    /// Custom fields there are.
    pub custom: Vec<CustomField>,
    /// The statuses there are.
    pub statuses: Vec<Status>,
    /// Whether a status that is not in the list is invalid; else it is kept with a warning.
    pub closed_statuses: bool,
    /// The order of day and month in ambiguous dates, by field.
    pub date_order: BTreeMap<FieldName, DateOrder>,
    /// The decimal mark of ambiguous numbers, by field.
    pub decimal_mark: BTreeMap<FieldName, DecimalMark>,
}

impl Rules {
    /// Rules for a database with these custom fields.
    pub fn new(custom: Vec<CustomField>) -> Self {
        Rules {
            default_country: None,
            email: EmailOptions::default(),
            required: Vec::new(),
            on_invalid: BTreeMap::new(),
            custom,
            statuses: STATUSES.iter().map(|key| Status::new(*key)).collect(),
            closed_statuses: false,
            date_order: BTreeMap::new(),
            decimal_mark: BTreeMap::new(),
        }
    }

    /// Rules for a database with these custom fields and this list of statuses, where it has one.
    pub fn with_statuses(custom: Vec<CustomField>, statuses: Vec<Status>) -> Self {
        let rules = Rules::new(custom);
        match statuses.is_empty() {
            true => rules,
            false => Rules { statuses, closed_statuses: true, ..rules },
        }
    }

    /// Sets the country of phone numbers without a country code.
    ///
    /// # Errors
    /// `invalid_argument` for anything but a country of ISO 3166.
    pub fn set_default_country(&mut self, country: Option<&str>) -> Result<()> {
        self.default_country = match country {
            None => None,
            Some(text) => Some(
                normalize_country(text)
                    .ok_or_else(|| {
                        Error::new(ErrorCode::InvalidArgument, "default_country is no country of ISO 3166")
                            .hint("two letters, such as DE or US")
                            .at_field("default_country")
                            .with_value(text)
                    })?
                    .to_string(),
            ),
        };
        Ok(())
    }

    /// What happens to invalid values of a field: a wrong email or external id rejects the row,
    /// anything else is dropped with a warning, unless said otherwise.
    pub fn on_invalid(&self, field: &FieldName) -> OnInvalid {
        self.on_invalid.get(field).copied().unwrap_or(match field {
            FieldName::Standard(Field::Email | Field::ExternalId) => OnInvalid::Reject,
            _ => OnInvalid::Drop,
        })
    }

    /// The definition of a custom field that takes new values.
    ///
    /// # Errors
    /// `unknown_field`, for archived ones too.
    pub fn custom_field(&self, key: &str) -> Result<&CustomField> {
        match self.custom.iter().find(|c| c.key == key) {
            Some(field) if field.archived => {
                Err(Error::new(ErrorCode::UnknownField, format!("the field `custom.{key}` is archived"))
                    .hint("define it again to use it")
                    .at_field(format!("custom.{key}")))
            }
            Some(field) => Ok(field),
            None => Err(unknown_field(&format!("custom.{key}"), &self.custom)),
        }
    }

    /// Reads a field's name and checks that it takes values.
    ///
    /// # Errors
    /// `unknown_field`.
    pub fn field(&self, name: &str) -> Result<FieldName> {
        let field = FieldName::parse(name).map_err(|_| unknown_field(name, &self.custom))?;
        if let FieldName::Custom(key) = &field {
            self.custom_field(key)?;
        }
        Ok(field)
    }
}

/// A text as a custom field's value: none when it is not valid.
pub fn parse_custom(field: &CustomField, text: &str, order: DateOrder, mark: DecimalMark) -> Option<Value> {
    use crate::normalize::{parse_boolean, parse_date, parse_number};
    match field.kind {
        FieldKind::Number => parse_number(text, mark).map(Value::from),
        FieldKind::Boolean => parse_boolean(text).map(Value::from),
        FieldKind::Date => parse_date(text, order).map(|d| Value::from(d.to_string())),
        FieldKind::Choice => {
            let folded = crate::text::fold(text);
            field.choices.iter().find(|c| crate::text::fold(c) == folded).map(|c| Value::from(c.as_str()))
        }
        _ => Some(Value::from(text)),
    }
}
