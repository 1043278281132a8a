//! One text into one field.

use std::borrow::Cow;

use serde_json::Value;

use super::draft::{Draft, Outcome, outcome};
use super::rules::{Rules, parse_custom};
use crate::clock::Timestamp;
use crate::model::field::{Field, FieldKind, FieldName};
use crate::model::issue::IssueCode;
use crate::normalize::{
    DateOrder, DecimalMark, company_display, email_address, normalize_country, normalize_language,
    normalize_name_part, normalize_person, normalize_time_zone, normalize_website, parse_instant,
    parse_number, parse_phone, parse_utc, split_emails, split_phones, unwrap_email,
};
use crate::text::{clean, fold, is_clean_ascii, is_trimmed_placeholder};

/// The longest text of one line, in characters.
const MAX_TEXT: usize = 1_024;
/// The longest text of several lines, in characters.
const MAX_LONG_TEXT: usize = 100_000;

impl Rules {
    /// Reads a text into a field of the draft. A country must be read before phones, which are
    /// read by it.
    pub fn read(&self, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        let kind = match field {
            FieldName::Standard(field) => field.kind(),
            FieldName::Custom(_) => FieldKind::Text,
        };
        let cleaned;
        let text = if is_clean_ascii(text) {
            text
        } else {
            cleaned = clean(text, kind == FieldKind::LongText);
            if text.contains('\0') {
                draft.note(IssueCode::NulRemoved, field, &cleaned);
            }
            if text.contains('\u{fffd}') {
                draft.note(IssueCode::InvalidEncoding, field, &cleaned);
            }
            cleaned.as_ref()
        };
        if text.is_empty() {
            return Outcome::Empty;
        }
        if kind != FieldKind::LongText && is_trimmed_placeholder(text) {
            draft.note(IssueCode::Placeholder, field, text);
            return Outcome::Empty;
        }
        let longest = if kind == FieldKind::LongText { MAX_LONG_TEXT } else { MAX_TEXT };
        if text.len() > longest && !kind.is_list() && text.chars().count() > longest {
            return draft.invalid(IssueCode::TooLong, field, text, crate::model::options::OnInvalid::Reject);
        }
        match field {
            FieldName::Custom(key) => self.custom_value(key, field, text, draft),
            FieldName::Standard(standard) => self.standard(*standard, field, text, draft),
        }
    }

    fn standard(&self, standard: Field, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        let rule = self.on_invalid(field);
        match standard.kind() {
            FieldKind::Email => self.email(field, text, draft),
            FieldKind::EmailList => self.further_emails(field, text, draft),
            FieldKind::Phone => self.phone(field, text, draft),
            FieldKind::PhoneList => self.further_phones(field, text, draft),
            FieldKind::Tags => {
                for tag in text.split([',', ';', '|']).map(str::trim).filter(|t| !t.is_empty()) {
                    push_folded(&mut draft.lead.tags, tag);
                }
                Outcome::Taken
            }
            FieldKind::Number => {
                let mark = self.decimal_mark.get(field).copied().unwrap_or(DecimalMark::Point);
                match parse_number(text, mark) {
                    Some(number) => {
                        draft.lead.score = Some(number);
                        // Digits are written back as they stand; most scores are nothing else.
                        match is_short_whole(text) {
                            true => Outcome::Taken,
                            false => outcome(draft, field, text, &number.to_string()),
                        }
                    }
                    None => draft.invalid(IssueCode::NumberInvalid, field, text, rule),
                }
            }
            FieldKind::Timestamp => {
                let order = self.date_order.get(field).copied().unwrap_or(DateOrder::DayFirst);
                let canonical = parse_utc(text);
                match canonical.map_or_else(|| parse_instant(text, order), Ok) {
                    Ok(instant) => {
                        match standard {
                            Field::CreatedAt => draft.lead.created_at = instant,
                            _ => draft.lead.updated_at = instant,
                        }
                        // The same instant in another spelling is no change worth keeping.
                        match canonical.is_some() || text.parse::<Timestamp>().is_ok() {
                            true => Outcome::Taken,
                            false => outcome(draft, field, text, ""),
                        }
                    }
                    Err(code) => draft.invalid(code, field, text, rule),
                }
            }
            FieldKind::Country => self.checked(field, text, draft, IssueCode::CountryUnknown, |t| {
                normalize_country(t).map(Cow::Borrowed)
            }),
            FieldKind::Website => self.checked(field, text, draft, IssueCode::WebsiteInvalid, |t| {
                normalize_website(t).map(Cow::Owned)
            }),
            FieldKind::Language => self.checked(field, text, draft, IssueCode::LanguageInvalid, |t| {
                normalize_language(t).map(Cow::from)
            }),
            FieldKind::TimeZone => self.checked(field, text, draft, IssueCode::TimeZoneInvalid, |t| {
                normalize_time_zone(t).map(Cow::from)
            }),
            FieldKind::Status => self.status(field, text, draft),
            _ => self.plain(standard, field, text, draft),
        }
    }

    fn plain(&self, standard: Field, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        if text.starts_with('=') {
            draft.note(IssueCode::Formula, field, text);
        }
        let canonical = match standard {
            Field::FirstName | Field::MiddleName | Field::LastName => normalize_name_part(text),
            Field::FullName => match normalize_person(text).display {
                Some(display) => Cow::Owned(display),
                None => {
                    draft.note(IssueCode::PersonJunk, field, text);
                    draft.keep_original(field, text);
                    return Outcome::Invalid;
                }
            },
            Field::Company => match company_display(text) {
                Some(display) => display,
                None => {
                    draft.note(IssueCode::CompanyJunk, field, text);
                    draft.keep_original(field, text);
                    return Outcome::Invalid;
                }
            },
            _ => Cow::Borrowed(text),
        };
        let result = outcome(draft, field, text, &canonical);
        draft.set_text(standard, canonical);
        result
    }

    fn checked<'t>(
        &self,
        field: &FieldName,
        text: &'t str,
        draft: &mut Draft,
        code: IssueCode,
        normalise: impl FnOnce(&'t str) -> Option<Cow<'t, str>>,
    ) -> Outcome {
        let Some(canonical) = normalise(text) else {
            return draft.invalid(code, field, text, self.on_invalid(field));
        };
        let result = outcome(draft, field, text, &canonical);
        if let FieldName::Standard(standard) = field {
            draft.set_text(*standard, canonical);
        }
        result
    }

    /// Until a database has a status list of its own, unknown statuses are kept as written.
    fn status(&self, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        // Most are written as in the list: only others are folded.
        let known = self.statuses.iter().find(|status| status.key == text).or_else(|| {
            let form = |text: &str| fold(text).replace([' ', '-'], "_");
            let wanted = form(text);
            self.statuses.iter().find(|s| form(&s.key) == wanted || form(&s.label) == wanted)
        });
        if known.is_none() && self.closed_statuses {
            return draft.invalid(IssueCode::StatusUnknown, field, text, self.on_invalid(field));
        }
        if known.is_none() {
            draft.note(IssueCode::StatusUnknown, field, text);
        }
        let canonical = known.map_or(text, |status| status.key.as_str());
        let result = outcome(draft, field, text, canonical);
        draft.set_text(Field::Status, Cow::Borrowed(canonical));
        result
    }

    fn email(&self, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        let several = split_emails(text);
        let Some((first, further)) = several.split_first() else {
            return draft.invalid(IssueCode::EmailMissingAt, field, text, self.on_invalid(field));
        };
        let (bare, unwrapped) = unwrap_email(first);
        let (address, issues) = email_address(&bare, &self.email);
        let rule = self.on_invalid(field);
        draft.adopt(unwrapped.into_iter().collect(), field, text, rule);
        draft.adopt(issues, field, text, rule);
        let Some(address) = address else {
            draft.keep_original(field, text);
            return Outcome::Invalid;
        };
        let outcome = outcome(draft, field, text, &address);
        draft.lead.email = Some(address);
        if !further.is_empty() {
            draft.note(IssueCode::EmailSeveral, field, text);
            let emails = FieldName::Standard(Field::Emails);
            for address in further {
                self.further_email(&emails, address, draft);
            }
        }
        outcome
    }

    fn further_emails(&self, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        let taken = split_emails(text).into_iter().filter(|t| self.further_email(field, t, draft)).count();
        if taken > 0 { Outcome::Taken } else { Outcome::Invalid }
    }

    fn further_email(&self, field: &FieldName, text: &str, draft: &mut Draft) -> bool {
        let (bare, _) = unwrap_email(text);
        let (valid, issues) = email_address(&bare, &self.email);
        draft.adopt(issues, field, text, self.on_invalid(field));
        match valid {
            Some(address) if draft.lead.email.as_deref() != Some(&address) => {
                push_folded(&mut draft.lead.emails, &address);
                true
            }
            Some(_) => true,
            None => {
                draft.keep_original(field, text);
                false
            }
        }
    }

    fn phone(&self, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        let several = split_phones(text);
        let first = several.first().copied().unwrap_or(text);
        let country = draft.lead.country.as_deref().or(self.default_country.as_deref());
        let parsed = parse_phone(first, country);
        let rule = self.on_invalid(field);
        draft.adopt(parsed.issues, field, text, rule);
        let Some(number) = parsed.e164.filter(|_| parsed.possible) else {
            draft.keep_original(field, text);
            return Outcome::Invalid;
        };
        let outcome = outcome(draft, field, text, &number);
        draft.lead.phone = Some(number);
        if draft.lead.phone_extension.is_none() {
            draft.lead.phone_extension = parsed.extension;
        }
        if several.len() > 1 {
            draft.note(IssueCode::PhoneSeveral, field, text);
            let phones = FieldName::Standard(Field::Phones);
            for number in &several[1..] {
                self.further_phone(&phones, number, draft);
            }
        }
        outcome
    }

    fn further_phones(&self, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        let taken = split_phones(text).into_iter().filter(|t| self.further_phone(field, t, draft)).count();
        if taken > 0 { Outcome::Normalised } else { Outcome::Invalid }
    }

    fn further_phone(&self, field: &FieldName, text: &str, draft: &mut Draft) -> bool {
        let country = draft.lead.country.as_deref().or(self.default_country.as_deref());
        let parsed = parse_phone(text, country);
        draft.adopt(parsed.issues, field, text, self.on_invalid(field));
        match parsed.e164.filter(|_| parsed.possible) {
            Some(number) if draft.lead.phone.as_deref() != Some(&number) => {
                push_folded(&mut draft.lead.phones, &number);
                true
            }
            Some(_) => true,
            None => {
                draft.keep_original(field, text);
                false
            }
        }
    }

    fn custom_value(&self, key: &str, field: &FieldName, text: &str, draft: &mut Draft) -> Outcome {
        let Some(definition) = self.custom.iter().find(|c| c.key == key) else { return Outcome::Empty };
        let order = self.date_order.get(field).copied().unwrap_or(DateOrder::DayFirst);
        let mark = self.decimal_mark.get(field).copied().unwrap_or(DecimalMark::Point);
        let Some(value) = parse_custom(definition, text, order, mark) else {
            let code = match definition.kind {
                FieldKind::Number => IssueCode::NumberInvalid,
                FieldKind::Boolean => IssueCode::BooleanInvalid,
                FieldKind::Date => IssueCode::DateInvalid,
                _ => IssueCode::ChoiceUnknown,
            };
            return draft.invalid(code, field, text, self.on_invalid(field));
        };
        let result = match &value {
            Value::String(canonical) => outcome(draft, field, text, canonical),
            other => outcome(draft, field, text, &other.to_string()),
        };
        draft.lead.custom.insert(key.to_string(), value);
        result
    }
}

/// Digits that a number keeps and prints just so.
fn is_short_whole(text: &str) -> bool {
    text == "0" || (text.len() <= 15 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()))
}

/// Adds an element to a list unless it holds it already, in whatever spelling.
fn push_folded(list: &mut Vec<String>, element: &str) {
    let folded = fold(element);
    if !list.iter().any(|e| fold(e) == folded) {
        list.push(element.to_string());
    }
}
