//! What is left of a value that is masked.

use serde_json::Value;

use super::Access;
use crate::model::access::{ContactPart, FieldAccess};
use crate::model::field::Field;

/// Stands for what is not shown.
const LEFT_OUT: char = '…';
/// Words of which initials are shown.
const WORDS: usize = 3;
/// Digits of a number up to which not even the last two are shown.
const SHORT: usize = 6;

impl Access {
    /// A text as it is seen; none where it is hidden.
    pub(super) fn text(&self, name: &str, text: String) -> Option<String> {
        match self.rule(name) {
            FieldAccess::Show => Some(text),
            FieldAccess::Mask => Some(hint(name, &text)),
            FieldAccess::Hide => None,
        }
    }

    /// A text that may be missing.
    pub(super) fn some_text(&self, name: &str, text: Option<String>) -> Option<String> {
        text.and_then(|text| self.text(name, text))
    }

    pub(super) fn texts(&self, name: &str, texts: Vec<String>) -> Vec<String> {
        texts.into_iter().filter_map(|text| self.text(name, text)).collect()
    }

    /// What has no hint: shown or not.
    pub(super) fn whole_or<T: Default>(&self, name: &str, value: T) -> T {
        if self.shows(name) { value } else { T::default() }
    }

    /// A value of a field.
    pub(super) fn value(&self, name: &str, value: Value) -> Value {
        match self.rule(name) {
            FieldAccess::Show => value,
            FieldAccess::Hide => Value::Null,
            FieldAccess::Mask => match value {
                Value::String(text) => Value::from(hint(name, &text)),
                Value::Array(list) => list.into_iter().map(|one| self.value(name, one)).collect(),
                _ => Value::Null,
            },
        }
    }
}

/// A hint at a text: what it is without saying it.
pub(super) fn hint(name: &str, text: &str) -> String {
    let long = [Field::Notes.name(), ContactPart::Body.name(), ContactPart::Subject.name()];
    if text.is_empty() {
        return String::new();
    }
    if long.contains(&name) {
        return LEFT_OUT.to_string();
    }
    // An address is told by its form, and only where addresses stand: `@ada` elsewhere is a name.
    let addresses = [Field::Email, Field::Emails, Field::Phone, Field::Phones].map(Field::name);
    if addresses.contains(&name) || name == ContactPart::Address.name() {
        let parts = text.rsplit_once('@').filter(|(local, _)| !local.is_empty());
        if let Some((local, domain)) = parts.filter(|_| !text.contains(char::is_whitespace)) {
            // Of `jo@` an initial would be half.
            let first = local.chars().next().filter(|_| local.chars().count() > 2);
            return first.into_iter().chain([LEFT_OUT, '@']).chain(domain.chars()).collect();
        }
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        if digits.len() > SHORT && digits.len() * 2 > text.chars().count() {
            return [LEFT_OUT].into_iter().chain(digits[digits.len() - 2..].iter().copied()).collect();
        }
    }
    if text.chars().next().is_some_and(|c| c == '+' || c.is_ascii_digit()) {
        return LEFT_OUT.to_string();
    }
    let initials = text.split_whitespace().take(WORDS).filter_map(|word| word.chars().next());
    initials.map(|initial| format!("{initial}.")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn hints_say_little() {
        for (name, text, shown) in [
            ("email", "ada@example.org", "a…@example.org"),
            ("email", "jo@example.org", "…@example.org"),
            ("phone", "+493023125014", "…14"),
            ("phone", "+49 30 110", "…10"),
            ("phone", "112", "…"),
            ("full_name", "Ada King Lovelace of Ockham", "A. K. L."),
            ("company", "Ätna", "Ä."),
            ("street", "12 Rose Lane", "…"),
            ("notes", "she called", "…"),
            ("contact.body", "see you", "…"),
            ("city", "", ""),
            ("contact.address", "bob@example.org", "b…@example.org"),
            ("contact.address", "@ada_l", "@."),
            ("custom.handle", "me@ada_l", "m."),
            ("external_id", "0049301234567", "…"),
        ] {
            assert_eq!(hint(name, text), shown, "{name} {text}");
        }
    }
}
