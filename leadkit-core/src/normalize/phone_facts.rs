//! What decides whether a number is contacted, without the forms for people.

use super::PhoneType;
use super::phone::{country_of, parse, type_of};
use super::phone_plan::UTIL;

/// What decides whether a number is contacted, from [`phone_facts`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PhoneFacts {
    pub(crate) valid: bool,
    pub(crate) r#type: Option<PhoneType>,
    pub(crate) country: Option<String>,
    /// Digits behind the country's code.
    pub(crate) digits: usize,
}

/// [`super::normalize_phone`] of a number in E.164, without the forms for people: asked several times
/// for each message.
pub(crate) fn phone_facts(e164: &str) -> PhoneFacts {
    let (parsed, number) = parse(e164, None);
    let all = e164.bytes().filter(u8::is_ascii_digit).count();
    let code = number.as_ref().map_or(0, |number| number.country_code.to_string().len());
    PhoneFacts {
        valid: parsed.valid,
        r#type: number.as_ref().filter(|_| parsed.valid).and_then(|n| type_of(UTIL.get_number_type(n))),
        country: number.as_ref().and_then(country_of),
        digits: all.saturating_sub(code),
    }
}
