//! The standard fields of a lead and the types of custom ones.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode, Result};
use crate::text::nearest;

macro_rules! fields {
    ($($(#[doc = $doc:literal])* $name:ident, $text:literal, $label:literal, $kind:ident;)*) => {
        /// A standard field of a lead.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Field {
            $($(#[doc = $doc])* $name,)*
        }

        impl Field {
            /// All standard fields, in the order in which files are written.
            pub const ALL: &'static [Field] = &[$(Field::$name,)*];

            /// The field's name in filters, mappings, files and issues: snake_case in all languages.
            pub fn name(self) -> &'static str {
                match self { $(Field::$name => $text,)* }
            }

            /// The field's name for people.
            pub fn label(self) -> &'static str {
                match self { $(Field::$name => $label,)* }
            }

            /// What kind of value it holds.
            pub fn kind(self) -> FieldKind {
                match self { $(Field::$name => FieldKind::$kind,)* }
            }
        }
    };
}

fields! {
    /// The lead's key in the system it comes from.
    ExternalId, "external_id", "External id", Text;
    /// Form of address: Mr, Dr, Frau.
    Salutation, "salutation", "Salutation", Text;
    /// Given name.
    FirstName, "first_name", "First name", Text;
    /// Middle names or initials.
    MiddleName, "middle_name", "Middle name", Text;
    /// Family name.
    LastName, "last_name", "Last name", Text;
    /// The name as one text, in the order in which it is written.
    FullName, "full_name", "Full name", Text;
    /// The primary email address, canonical.
    Email, "email", "Email", Email;
    /// Further email addresses.
    Emails, "emails", "Further emails", EmailList;
    /// The primary phone number in E.164.
    Phone, "phone", "Phone", Phone;
    /// The extension dialled after the primary number.
    PhoneExtension, "phone_extension", "Phone extension", Text;
    /// Further phone numbers in E.164.
    Phones, "phones", "Further phones", PhoneList;
    /// The company's name as written.
    Company, "company", "Company", Text;
    /// The position held.
    JobTitle, "job_title", "Job title", Text;
    /// The web address.
    Website, "website", "Website", Website;
    /// Street, number and unit.
    Street, "street", "Street", Text;
    /// City or town.
    City, "city", "City", Text;
    /// State, province or region.
    State, "state", "State", Text;
    /// Postal code, as written: leading zeros stay.
    PostalCode, "postal_code", "Postal code", Text;
    /// Country, ISO 3166-1 alpha-2.
    Country, "country", "Country", Country;
    /// IANA time zone.
    TimeZone, "time_zone", "Time zone", TimeZone;
    /// Language, BCP 47.
    Language, "language", "Language", Language;
    /// Where the lead came from.
    Source, "source", "Source", Text;
    /// Where the lead stands, from the status list.
    Status, "status", "Status", Status;
    /// Who works the lead.
    Owner, "owner", "Owner", Text;
    /// A number that ranks the lead.
    Score, "score", "Score", Number;
    /// Words attached to the lead.
    Tags, "tags", "Tags", Tags;
    /// Free text.
    Notes, "notes", "Notes", LongText;
    /// When the lead came into being.
    CreatedAt, "created_at", "Created at", Timestamp;
    /// When the lead was last changed.
    UpdatedAt, "updated_at", "Updated at", Timestamp;
}

/// What kind of value a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FieldKind {
    /// One line of text, 1,024 characters at most.
    Text,
    /// Lines of text, 100,000 characters at most.
    LongText,
    /// An email address.
    Email,
    /// Several email addresses.
    EmailList,
    /// A phone number in E.164.
    Phone,
    /// Several phone numbers in E.164.
    PhoneList,
    /// A web address.
    Website,
    /// ISO 3166-1 alpha-2.
    Country,
    /// IANA time zone.
    TimeZone,
    /// BCP 47 language tag.
    Language,
    /// A status of the status list.
    Status,
    /// Words.
    Tags,
    /// A finite 64-bit floating point number.
    Number,
    /// True or false.
    Boolean,
    /// A calendar date `YYYY-MM-DD`.
    Date,
    /// An instant.
    Timestamp,
    /// One of a field's choices.
    Choice,
}

impl FieldKind {
    /// Whether values are several.
    pub fn is_list(self) -> bool {
        matches!(self, FieldKind::EmailList | FieldKind::PhoneList | FieldKind::Tags)
    }

    /// Whether a value is one text.
    pub fn is_text(self) -> bool {
        !self.is_list()
            && !matches!(
                self,
                FieldKind::Number | FieldKind::Boolean | FieldKind::Date | FieldKind::Timestamp
            )
    }
}

impl Field {
    /// The field of a name.
    ///
    /// # Errors
    /// `unknown_field`, with the nearest right name.
    ///
    /// ```
    /// use leadkit_core::model::field::Field;
    /// assert_eq!(Field::parse("email")?, Field::Email);
    /// assert!(Field::parse("emial").unwrap_err().to_string().contains("did you mean `email`"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn parse(name: &str) -> Result<Field> {
        Field::ALL.iter().copied().find(|f| f.name() == name).ok_or_else(|| unknown_field(name, &[]))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A standard or a custom field, as named in filters and mappings: `email`, `custom.plan`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldName {
    /// A standard field.
    Standard(Field),
    /// A custom field, by its key.
    Custom(String),
}

impl FieldName {
    /// Reads `email` or `custom.plan`; whether the custom field is defined is the store's to say.
    ///
    /// # Errors
    /// `unknown_field`.
    pub fn parse(name: &str) -> Result<FieldName> {
        match name.strip_prefix("custom.") {
            Some(key) if !key.is_empty() => Ok(FieldName::Custom(key.to_string())),
            _ => Field::parse(name).map(FieldName::Standard),
        }
    }

    /// The name as written in filters and files.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            FieldName::Standard(field) => Cow::Borrowed(field.name()),
            FieldName::Custom(key) => Cow::Owned(format!("custom.{key}")),
        }
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Serialize for FieldName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FieldName {
    fn schema_name() -> Cow<'static, str> {
        "FieldName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "a standard field, or custom.KEY" })
    }
}

/// The definition of a custom field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// The stable key: `[a-z][a-z0-9_]*`, 63 characters at most.
    pub key: String,
    /// The name for people; also a synonym when columns are mapped. The key when empty.
    #[serde(default)]
    pub label: String,
    /// One of `text`, `number`, `boolean`, `date`, `choice`.
    pub kind: FieldKind,
    /// The allowed values of a choice.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Archived fields keep their values and take no new ones.
    #[serde(default)]
    pub archived: bool,
}

impl CustomField {
    /// A field whose label is its key, to be refined.
    pub fn new(key: impl Into<String>, kind: FieldKind) -> Self {
        let key = key.into();
        CustomField { label: key.clone(), key, kind, choices: Vec::new(), archived: false }
    }

    /// Sets the name for people.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets the allowed values of a choice.
    #[must_use]
    pub fn choices<T: Into<String>>(mut self, choices: impl IntoIterator<Item = T>) -> Self {
        self.choices = choices.into_iter().map(Into::into).collect();
        self
    }
}

/// An error for a wrong field name, with the nearest right one.
pub fn unknown_field(name: &str, custom: &[CustomField]) -> Error {
    let custom: Vec<String> = custom.iter().map(|c| format!("custom.{}", c.key)).collect();
    let names = Field::ALL.iter().map(|f| f.name()).chain(custom.iter().map(String::as_str));
    let error = Error::new(ErrorCode::UnknownField, format!("there is no field `{name}`")).at_field(name);
    match nearest(name, names) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(
            "standard fields are named in the guide; custom ones are `custom.KEY`, defined in db.fields",
        ),
    }
}
