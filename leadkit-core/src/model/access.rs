//! What a role sees: rules for the fields of leads and for what was said in contacts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::field::{CustomField, Field, FieldName, unknown_field};
use crate::error::{Error, ErrorCode, Result};
use crate::text::nearest;

/// How much of a field is seen; the later ones are stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldAccess {
    /// All of it.
    Show,
    /// A hint: `a…@example.org`, the last two digits of a number, initials; of long texts only that
    /// there is one, and of what is no text nothing.
    Mask,
    /// Nothing: the field looks empty.
    Hide,
}

/// The parts of a contact that a profile has rules for, beside the fields of leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContactPart {
    /// Numbers and addresses, of contacts and of the consent ledger, and keys that hosts make of them. Never
    /// shown where a number or email of leads is not.
    Address,
    /// The subject.
    Subject,
    /// What was said: text, outcome, files, recordings, the words of a consent.
    Body,
    /// What it costs.
    Price,
}

impl ContactPart {
    /// All of them.
    pub const ALL: [ContactPart; 4] =
        [ContactPart::Address, ContactPart::Subject, ContactPart::Body, ContactPart::Price];

    /// Its name in profiles.
    pub fn name(self) -> &'static str {
        match self {
            ContactPart::Address => "contact.address",
            ContactPart::Subject => "contact.subject",
            ContactPart::Body => "contact.body",
            ContactPart::Price => "contact.price",
        }
    }
}

/// Fields that say the same: one that has no rule of its own takes the strictest of its kin's.
const KIN: [&[Field]; 3] = [
    &[Field::Email, Field::Emails],
    &[Field::Phone, Field::Phones],
    &[Field::FirstName, Field::MiddleName, Field::LastName, Field::FullName],
];

/// Whose values an address may be.
const ADDRESSES: [Field; 4] = [Field::Phone, Field::Phones, Field::Email, Field::Emails];

/// What a role sees of leads and contacts.
///
/// ```
/// use leadkit_core::model::access::{AccessProfile, FieldAccess};
/// let support: AccessProfile = leadkit_core::model::read::from_json(serde_json::json!({
///     "fields": {"email": "mask", "notes": "hide"}, "others": "show",
/// }))?;
/// assert_eq!(support.of("emails"), FieldAccess::Mask, "it says what `email` says");
/// assert_eq!(support.of("city"), FieldAccess::Show);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessProfile {
    /// Rules by name: a field of leads, `custom.KEY`, `contact.address`, `contact.subject`,
    /// `contact.body`, `contact.price`.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldAccess>,
    /// The rule for all that is not named, fields that are defined later included.
    pub others: FieldAccess,
}

impl AccessProfile {
    /// The rule for a name: its own; else the strictest of `others` and of fields that say the same.
    pub fn of(&self, name: &str) -> FieldAccess {
        let own = self.fields.get(name).copied();
        if name == ContactPart::Address.name() {
            let addresses = ADDRESSES.iter().map(|field| self.of(field.name()));
            return addresses.fold(own.unwrap_or(self.others), FieldAccess::max);
        }
        let kin = KIN.iter().filter(|kin| kin.iter().any(|field| field.name() == name));
        let theirs = kin.flat_map(|kin| kin.iter()).filter_map(|field| self.fields.get(field.name()));
        own.unwrap_or_else(|| theirs.copied().fold(self.others, FieldAccess::max))
    }

    /// Refuses names that nothing has.
    ///
    /// # Errors
    /// `unknown_field`, with the nearest right name.
    pub(crate) fn check(&self, custom: &[CustomField]) -> Result<()> {
        for name in self.fields.keys() {
            if let Some(part) = name.strip_prefix("contact.") {
                let names = || ContactPart::ALL.into_iter().map(ContactPart::name);
                if names().any(|known| known == name) {
                    continue;
                }
                let near = nearest(name, names()).unwrap_or(ContactPart::Body.name());
                return Err(Error::new(ErrorCode::UnknownField, format!("contacts have no part `{part}`"))
                    .hint(format!("did you mean `{near}`?"))
                    .at_field(name));
            }
            let known = match FieldName::parse(name) {
                Ok(FieldName::Standard(_)) => true,
                Ok(FieldName::Custom(key)) => custom.iter().any(|field| field.key == key),
                Err(_) => false,
            };
            if !known {
                return Err(unknown_field(name, custom));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn profile(fields: &[(&str, FieldAccess)], others: FieldAccess) -> AccessProfile {
        AccessProfile {
            fields: fields.iter().map(|(name, rule)| (name.to_string(), *rule)).collect(),
            others,
        }
    }

    #[test]
    fn fields_that_say_the_same_are_seen_alike() {
        use FieldAccess::{Hide, Mask, Show};
        let names = profile(&[("first_name", Mask)], Show);
        assert_eq!((names.of("full_name"), names.of("company")), (Mask, Show));
        let own = profile(&[("first_name", Hide), ("full_name", Show)], Show);
        assert_eq!(own.of("full_name"), Show, "its own rule stands");
        let phones = profile(&[("phone", Mask), ("contact.address", Show)], Show);
        assert_eq!(phones.of("contact.address"), Mask, "an address shows no number");
        assert_eq!(profile(&[], Hide).of("custom.plan"), Hide);
    }

    #[test]
    fn a_misspelt_rule_is_refused() {
        for (name, near) in [("emial", "`email`"), ("contact.boddy", "`contact.body`"), ("custom.plan", "")] {
            let error = profile(&[(name, FieldAccess::Hide)], FieldAccess::Show).check(&[]).unwrap_err();
            assert_eq!(error.code(), "unknown_field");
            assert!(error.to_string().contains(near), "{error}");
        }
    }
}
