//! Phone numbers: any spelling to E.164, with what the numbering plan says about it.
//!
//! The rules are those of Google's libphonenumber (by way of the crate `rlibphonenumber`), kept
//! behind our own types so that the engine can be changed. RFC 3966 says how `tel:` is written,
//! ITU-T E.164 what a number is.

use std::borrow::Cow;

use rlibphonenumber::{
    NumberLengthType, ParseError, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region, ValidationError,
    get_national_significant_number_owned,
};
use serde::{Deserialize, Serialize};

use super::country::normalize_country;
use super::phone_plan::{self, Length, UTIL};
use crate::model::issue::{Issue, IssueCode, Severity};

/// What a number is used for, by its range in the numbering plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhoneType {
    /// A landline.
    FixedLine,
    /// A mobile.
    Mobile,
    /// Either: the plan does not tell them apart (the United States, for one).
    FixedLineOrMobile,
    /// Free to the caller.
    TollFree,
    /// Dearer than usual for the caller.
    PremiumRate,
    /// Paid by both sides.
    SharedCost,
    /// A telephone over the internet.
    Voip,
    /// Bound to a person and routed anywhere.
    PersonalNumber,
    /// A pager.
    Pager,
    /// A company's one number for all its places.
    Uan,
    /// A voice mailbox.
    Voicemail,
}

/// Everything about a phone number, from [`normalize_phone`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhoneResult {
    /// Whether the number lies in a range that is in use.
    pub valid: bool,
    /// Whether it has a length that its country knows.
    pub possible: bool,
    /// `+` and digits (ITU-T E.164), whenever the text could be read as a number, valid or not.
    pub e164: Option<String>,
    /// What it is used for; none when unknown.
    #[serde(rename = "type")]
    pub r#type: Option<PhoneType>,
    /// The country it belongs to, ISO 3166-1 alpha-2; none for satellite and other global numbers.
    pub country: Option<String>,
    /// The digits to dial after the call is answered.
    pub extension: Option<String>,
    /// As written within its country.
    pub national: Option<String>,
    /// As written from abroad.
    pub international: Option<String>,
    /// What is wrong or was noticed.
    pub issues: Vec<Issue>,
}

/// What an import needs of a phone number, from [`parse_phone`]: nothing is formatted for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParsedPhone {
    /// Whether the number lies in a range that is in use.
    pub valid: bool,
    /// Whether it has a length that its country knows.
    pub possible: bool,
    /// `+` and digits (ITU-T E.164), whenever the text could be read as a number, valid or not.
    pub e164: Option<String>,
    /// The digits to dial after the call is answered.
    pub extension: Option<String>,
    /// What is wrong or was noticed.
    pub issues: Vec<Issue>,
}

/// Reads a phone number as people write it and returns it in every form.
///
/// The text may hold punctuation, `tel:` (RFC 3966), full-width or Arabic digits, `(0)` after the
/// country code, an extension (`ext. 12`, `x12`, `#12`, `доб. 12`, `Durchwahl 12`), or letters on
/// a keypad (`1-800-FLOWERS`). Without `+` it is read as dialled in `default_country`, so that
/// `0049 ...` works in Germany and `011 49 ...` in the United States. Blanks beyond ASCII and
/// U+00A0 are not accepted, as in libphonenumber; pass text through [`crate::text::clean`] first.
///
/// `default_country` is an alpha-2 code or any name [`normalize_country`] knows; an unknown one
/// counts as none and is noted as `phone_no_country`. A bad number is no error: `valid` is false
/// and `issues` says why.
///
/// ```
/// use leadkit_core::normalize::{PhoneType, normalize_phone};
/// let phone = normalize_phone("030 / 1234-567 ext. 9", Some("DE"));
/// assert!(phone.valid);
/// assert_eq!(phone.e164.as_deref(), Some("+49301234567"));
/// assert_eq!(phone.extension.as_deref(), Some("9"));
/// assert_eq!(phone.r#type, Some(PhoneType::FixedLine));
/// assert_eq!(phone.international.as_deref(), Some("+49 30 1234567 ext. 9"));
/// ```
///
/// What a spreadsheet has rounded cannot be saved:
///
/// ```
/// use leadkit_core::normalize::normalize_phone;
/// let phone = normalize_phone("4.93012E+11", Some("DE"));
/// assert!(!phone.valid);
/// assert_eq!(phone.issues[0].code.as_str(), "phone_scientific");
/// ```
pub fn normalize_phone(text: &str, default_country: Option<&str>) -> PhoneResult {
    let (parsed, number) = parse(text, default_country);
    let format = |format| {
        let number = number.as_ref()?;
        Some(UTIL.format(number, format).into_owned())
    };
    let kind = number.as_ref().filter(|_| parsed.valid).map(|n| UTIL.get_number_type(n));
    PhoneResult {
        valid: parsed.valid,
        possible: parsed.possible,
        r#type: kind.and_then(type_of),
        country: number.as_ref().and_then(country_of),
        national: format(PhoneNumberFormat::National),
        international: format(PhoneNumberFormat::International),
        e164: parsed.e164,
        extension: parsed.extension,
        issues: parsed.issues,
    }
}

pub(super) fn country_of(number: &PhoneNumber) -> Option<String> {
    let region = UTIL.get_region_for_number(number).filter(|region| *region != Region::World)?;
    Some(region.as_region_str().as_str().to_string())
}

/// [`normalize_phone`] without the forms for people: what an import calls for every row.
///
/// ```
/// use leadkit_core::normalize::parse_phone;
/// assert_eq!(parse_phone("(312) 559-9005", Some("US")).e164.as_deref(), Some("+13125599005"));
/// assert_eq!(parse_phone("559-9005", None).issues[0].code.as_str(), "phone_no_country");
/// ```
pub fn parse_phone(text: &str, default_country: Option<&str>) -> ParsedPhone {
    let region = default_country.and_then(region_of);
    let known = region.is_some() || default_country.is_none_or(|country| country.trim().is_empty());
    match phone_plan::read(text, region).filter(|_| known) {
        Some(number) => {
            let mut out = ParsedPhone {
                valid: number.valid,
                e164: Some(number.e164),
                extension: number.extension,
                ..ParsedPhone::none()
            };
            judge(&mut out, number.length);
            out
        }
        None => parse(text, default_country).0,
    }
}

impl ParsedPhone {
    /// Nothing read yet.
    fn none() -> Self {
        ParsedPhone { valid: false, possible: false, e164: None, extension: None, issues: Vec::new() }
    }
}

/// Splits a cell that holds several phone numbers: `a / b`, `a; b`, `a, b`, `a or b`.
///
/// A separator counts only with at least six digits on both sides, so that `030 / 1234567` and
/// `555-1234567;ext=12` stay whole. Never empty for a text that is not blank.
///
/// ```
/// use leadkit_core::normalize::split_phones;
/// assert_eq!(split_phones("+49 30 1234567 / +49 171 1234567"), ["+49 30 1234567", "+49 171 1234567"]);
/// assert_eq!(split_phones("91/274 15 76"), ["91/274 15 76"]);
/// ```
pub fn split_phones(text: &str) -> Vec<&str> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let mut parts = Vec::with_capacity(1);
    let mut rest = text;
    'parts: loop {
        for (at, len) in separators(rest) {
            let (left, right) = (&rest[..at], &rest[at + len..]);
            if digits(left) >= MIN_DIGITS && digits(next_part(right)) >= MIN_DIGITS {
                parts.push(left.trim());
                rest = right.trim_start();
                continue 'parts;
            }
        }
        parts.push(rest.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '|' | '/')));
        return parts;
    }
}

const MIN_DIGITS: usize = 6;

/// Where a text could be split: position and length of each separator.
fn separators(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter_map(move |(at, byte)| match byte {
        b';' | b'|' | b',' | b'/' | b'\n' | b'\r' => Some((at, 1)),
        b' ' => [" or ", " oder ", " ou ", " and ", " und ", " & "].iter().find_map(|word| {
            let found = bytes.get(at..at + word.len())?;
            found.eq_ignore_ascii_case(word.as_bytes()).then_some((at, word.len()))
        }),
        _ => None,
    })
}

fn next_part(text: &str) -> &str {
    let end = text.find([';', '|', '\n', ',']).unwrap_or(text.len());
    &text[..end]
}

fn digits(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

pub(super) fn parse(text: &str, default_country: Option<&str>) -> (ParsedPhone, Option<PhoneNumber>) {
    let mut out = ParsedPhone::none();
    let region = default_country.and_then(region_of);
    if region.is_none() && default_country.is_some_and(|c| !c.trim().is_empty()) {
        out.issues.push(
            Issue::new(IssueCode::PhoneNoCountry)
                .severity(Severity::Warning)
                .message("was given a default country that no list knows; read as if there were none"),
        );
    }
    if is_scientific(text) {
        out.issues.push(Issue::new(IssueCode::PhoneScientific));
        return (out, None);
    }
    let number = match UTIL.parse(with_known_extension(text), region) {
        Ok(number) => number,
        Err(error) => {
            // Not twice: the unknown default country has been named already.
            let code = code_of(&error, text, region);
            if code != IssueCode::PhoneNoCountry || out.issues.is_empty() {
                out.issues.push(Issue::new(code));
            }
            return (out, None);
        }
    };
    fill(&mut out, &number);
    (out, Some(number))
}

fn fill(out: &mut ParsedPhone, number: &PhoneNumber) {
    out.valid = is_valid(number);
    out.extension = number.extension.clone();
    let national = get_national_significant_number_owned(number);
    out.e164 = Some(format!("+{}{national}", number.country_code));
    judge(out, UTIL.is_possible_number_with_reason(number));
}

/// What the length says of a number whose validity is known.
fn judge(out: &mut ParsedPhone, length: Length) {
    out.possible = length.is_ok();
    match length {
        _ if out.valid => {}
        Ok(NumberLengthType::IsPossible) => out.issues.push(Issue::new(IssueCode::PhoneNotInUse)),
        Ok(NumberLengthType::IsPossibleLocalOnly) => out.issues.push(
            Issue::new(IssueCode::PhoneNotInUse)
                .message("can be dialled within its own area only; put the area code in front"),
        ),
        Err(ValidationError::TooLong) => out.issues.push(Issue::new(IssueCode::PhoneTooLong)),
        Err(ValidationError::TooShort) => out.issues.push(Issue::new(IssueCode::PhoneTooShort)),
        Err(ValidationError::InvalidCountryCode) => {
            out.issues.push(Issue::new(IssueCode::PhoneInvalidCountryCode));
        }
        Err(ValidationError::InvalidLength) => out.issues.push(
            Issue::new(IssueCode::PhoneTooShort)
                .message("has a number of digits that its country does not use"),
        ),
    }
}

/// Whether the numbering plan of the country code has a use for the number. Of the countries that
/// share a code, the main one (the United States for 1) is looked at first and nearly always
/// settles it.
fn is_valid(number: &PhoneNumber) -> bool {
    let util = &*UTIL;
    let Some(mut regions) = util.get_regions_for_country_calling_code(number.country_code) else {
        return false;
    };
    let main = regions.next();
    main.is_some_and(|main| util.is_valid_number_for_region(number, main))
        || (regions.len() > 0 && util.is_valid_number(number))
}

fn region_of(country: &str) -> Option<Region> {
    let country = country.trim();
    phone_plan::region(country).or_else(|| phone_plan::region(normalize_country(country)?))
}

fn code_of(error: &ParseError, text: &str, region: Option<Region>) -> IssueCode {
    match error {
        ParseError::InvalidCountryCode if region.is_none() && !text.contains(['+', '\u{ff0b}']) => {
            IssueCode::PhoneNoCountry
        }
        ParseError::InvalidCountryCode => IssueCode::PhoneInvalidCountryCode,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => IssueCode::PhoneTooShort,
        ParseError::TooLongNsn => IssueCode::PhoneTooLong,
        ParseError::NotANumber(_) => IssueCode::PhoneNotANumber,
    }
}

pub(super) fn type_of(kind: PhoneNumberType) -> Option<PhoneType> {
    Some(match kind {
        PhoneNumberType::FixedLine => PhoneType::FixedLine,
        PhoneNumberType::Mobile => PhoneType::Mobile,
        PhoneNumberType::FixedLineOrMobile => PhoneType::FixedLineOrMobile,
        PhoneNumberType::TollFree => PhoneType::TollFree,
        PhoneNumberType::PremiumRate => PhoneType::PremiumRate,
        PhoneNumberType::SharedCost => PhoneType::SharedCost,
        PhoneNumberType::VoIP => PhoneType::Voip,
        PhoneNumberType::PersonalNumber => PhoneType::PersonalNumber,
        PhoneNumberType::Pager => PhoneType::Pager,
        PhoneNumberType::UAN => PhoneType::Uan,
        PhoneNumberType::VoiceMail => PhoneType::Voicemail,
        PhoneNumberType::Unknown => return None,
    })
}

/// `4.93E+11`: a number that a spreadsheet took for a quantity and rounded.
fn is_scientific(text: &str) -> bool {
    let bytes = text.trim().trim_start_matches(['\'', '+']).as_bytes();
    let Some(e) = bytes.iter().position(|b| matches!(b, b'e' | b'E')) else { return false };
    let (mantissa, exponent) = (&bytes[..e], &bytes[e + 1..]);
    let exponent = exponent.strip_prefix(b"+").unwrap_or(exponent);
    let all_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let point = mantissa.iter().filter(|b| matches!(b, b'.' | b',')).count();
    mantissa.first().is_some_and(u8::is_ascii_digit)
        && mantissa.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
        && (point == 1 || (point == 0 && mantissa.len() == 1))
        && exponent.len() <= 2
        && all_digits(exponent)
}

/// Words for "extension" that libphonenumber would read as letters on a keypad.
const EXTENSION_WORDS: [&str; 6] = ["durchwahl", "nebenstelle", "toestel", "ramal", "dw.", "dw "];

/// Writes a known word for "extension" as one the engine knows.
fn with_known_extension(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|b| matches!(b, b'd' | b'D' | b'n' | b'N' | b't' | b'T' | b'r' | b'R')) {
        return Cow::Borrowed(text);
    }
    for word in EXTENSION_WORDS {
        let found = bytes.windows(word.len()).position(|w| w.eq_ignore_ascii_case(word.as_bytes()));
        if let Some(at) = found
            && digits(&text[..at]) >= MIN_DIGITS
        {
            let after = text[at + word.len()..].trim_start_matches([' ', ':', '.']);
            if !after.is_empty() && after.len() <= 7 && after.bytes().all(|b| b.is_ascii_digit()) {
                let before = text[..at].trim_end_matches([' ', ',', '-', '/', '(']);
                return Cow::Owned(format!("{before} ext. {after}"));
            }
        }
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn e164(text: &str, country: &str) -> Option<String> {
        parse_phone(text, Some(country)).e164
    }

    fn first_issue(text: &str, country: Option<&str>) -> &'static str {
        parse_phone(text, country).issues[0].code.as_str()
    }

    #[test]
    fn reads_what_people_write() {
        for (text, country, expect) in [
            ("+49 (0) 30 1234567", "US", "+49301234567"),
            ("0049 30 1234567", "DE", "+49301234567"),
            ("011 49 30 1234567", "US", "+49301234567"),
            ("tel:+1-312-559-9005", "DE", "+13125599005"),
            ("\u{ff0b}\u{ff14}\u{ff19} 30 1234567", "US", "+49301234567"),
            ("'+49 30 1234567", "US", "+49301234567"),
            ("1-800-FLOWERS", "US", "+18003569377"),
            ("030 1234567", "Germany", "+49301234567"),
            ("020 7946 0018", "UK", "+442079460018"),
            ("030 1234567", " de ", "+49301234567"),
        ] {
            assert_eq!(e164(text, country).as_deref(), Some(expect), "{text}");
        }
    }

    #[test]
    fn reads_extensions() {
        for text in
            ["030 1234567 x12", "030 1234567 Durchwahl 12", "030 1234567 доб. 12", "030 1234567;ext=12"]
        {
            let phone = parse_phone(text, Some("DE"));
            assert_eq!(phone.e164.as_deref(), Some("+49301234567"), "{text}");
            assert_eq!(phone.extension.as_deref(), Some("12"), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(first_issue("call me", Some("DE")), "phone_not_a_number");
        assert_eq!(first_issue("", Some("DE")), "phone_not_a_number");
        assert_eq!(first_issue("030 1234567", None), "phone_no_country");
        assert_eq!(first_issue("030 1234567", Some("Atlantis")), "phone_no_country");
        assert_eq!(first_issue("+999 1234567", None), "phone_invalid_country_code");
        assert_eq!(first_issue("+49 1", None), "phone_too_short");
        assert_eq!(first_issue("+1 312 559", None), "phone_too_short");
        assert_eq!(first_issue("+1 312 559 9005 123", None), "phone_too_long");
        assert_eq!(first_issue("+1 112 559 9005", None), "phone_not_in_use");
        assert_eq!(first_issue("4,93E+11", Some("DE")), "phone_scientific");
        assert_eq!(parse_phone("030 1234567", Some("Atlantis")).issues.len(), 1);
        let known = parse_phone("+49 30 1234567", Some("XX"));
        assert!(known.valid && known.issues[0].severity == Severity::Warning);
    }

    #[test]
    fn splits_several() {
        assert_eq!(split_phones("030 1234567; 0171 7654321"), ["030 1234567", "0171 7654321"]);
        assert_eq!(split_phones("030 1234567 or 0171 7654321"), ["030 1234567", "0171 7654321"]);
        assert_eq!(split_phones("+1 312 559 9005,+1 312 559 9006,"), ["+1 312 559 9005", "+1 312 559 9006"]);
        for whole in
            ["030/1234567", "+1 312 559 9005;ext=12", "+1 312 559 9005, 12", "", "x", "030 / 12 34 56 7"]
        {
            assert!(split_phones(whole).len() <= 1, "{whole}");
        }
    }

    /// The engine with its own data, whatever the short way and our copy of the data do.
    fn by_the_engine(text: &str, country: Option<&str>) -> ParsedPhone {
        let reference = &rlibphonenumber::PHONE_NUMBER_UTIL;
        let (mut out, ours) = parse(text, country);
        let number = reference.parse(with_known_extension(text), country.and_then(region_of)).ok();
        if !is_scientific(text) {
            assert_eq!(ours, number, "{text:?} {country:?}");
        }
        if let Some(number) = number.filter(|_| !is_scientific(text)) {
            out.issues.retain(|issue| issue.code == IssueCode::PhoneNoCountry);
            out.valid = reference.is_valid_number(&number);
            judge(&mut out, reference.is_possible_number_with_reason(&number));
        }
        out
    }

    #[test]
    fn the_short_way_leads_to_the_same() {
        let countries: Vec<String> = rlibphonenumber::PHONE_NUMBER_UTIL
            .get_supported_regions()
            .map(|r| r.as_region_str().as_str().into())
            .collect();
        let mut seed = 7u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let (mut short, mut valid) = (0, 0);
        let mut check = |text: &str, country: Option<&str>| {
            short += usize::from(phone_plan::read(text, country.and_then(region_of)).is_some());
            let phone = parse_phone(text, country);
            valid += usize::from(phone.valid);
            assert_eq!(phone, by_the_engine(text, country), "{text:?} {country:?}");
        };
        let busy =
            ["US", "DE", "GB", "FR", "IT", "ES", "AR", "BR", "MX", "CA", "KZ", "AU", "VA", "GG", "BS", "SM"];
        for n in 0..40_000 {
            let country = match n % 2 {
                0 => countries[random(countries.len())].as_str(),
                _ => busy[random(busy.len())],
            };
            let region = Region::from_code(country).unwrap();
            let reference = &rlibphonenumber::PHONE_NUMBER_UTIL;
            let code = reference.get_country_code_for_region(region).unwrap();
            // A number of the country, with some digits changed, added or taken away.
            let example = reference.get_example_number(region).unwrap();
            let mut national = get_national_significant_number_owned(&example);
            for _ in 0..random(5) {
                let at = random(national.len());
                national.replace_range(at..=at, &random(10).to_string());
            }
            match random(12) {
                0 => national.push('7'),
                1 => drop(national.pop()),
                2 => national.insert(0, '0'),
                3 => national = (0..3 + random(14)).map(|_| char::from(b'0' + random(10) as u8)).collect(),
                _ => {}
            }
            let prefix = match random(9) {
                0 | 1 => format!("+{code}"),
                2 => format!("+{code} (0)"),
                3 => format!("00{code}"),
                4 => format!("011 {code}"),
                5 => code.to_string(),
                6 => ["0", "1", "8", "06", "01", "15", "0011"][random(7)].to_string(),
                _ => String::new(),
            };
            let mut text = prefix;
            for digit in national.chars() {
                if random(5) == 0 {
                    text.push_str([" ", "-", ".", "/", " (", ") ", "  "][random(7)]);
                }
                text.push(digit);
            }
            if random(8) == 0 {
                text.push_str(
                    [" ext. ", " ext ", "ext", " x", "x", " x ", "/x", " ext.. ", " ext. . "][random(9)],
                );
                text.push_str(&"123456789"[..random(9)]);
            }
            let home = match random(8) {
                0 => None,
                1 => Some(countries[random(countries.len())].as_str()),
                _ => Some(country),
            };
            check(&text, home);
        }
        assert!(short > 30_000 && valid > 10_000, "{short} on the short way, {valid} valid");
    }

    #[test]
    fn agrees_with_libphonenumber() {
        #[derive(serde::Deserialize)]
        struct Row {
            input: String,
            region_hint: Option<String>,
            r#ref: Ref,
            stable: bool,
        }
        #[derive(serde::Deserialize)]
        struct Ref {
            e164: Option<String>,
            valid: Option<bool>,
            possible: Option<bool>,
            r#type: Option<String>,
            region: Option<String>,
            ext: Option<String>,
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/validate/phones_dev.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let (mut all, mut same, mut wrong) = (0, 0, Vec::new());
        for line in text.lines() {
            let row: Row = serde_json::from_str(line).unwrap();
            if !row.stable {
                continue;
            }
            all += 1;
            let phone = normalize_phone(&row.input, row.region_hint.as_deref());
            assert_eq!(
                parse_phone(&row.input, row.region_hint.as_deref()),
                by_the_engine(&row.input, row.region_hint.as_deref()),
                "{}",
                row.input
            );
            let kind =
                phone.r#type.map(|t| serde_json::to_value(t).unwrap().as_str().unwrap().to_uppercase());
            let expect_kind = row.r#ref.r#type.filter(|t| t != "UNKNOWN");
            let agrees = phone.e164 == row.r#ref.e164
                && phone.valid == row.r#ref.valid.unwrap_or(false)
                && phone.possible == row.r#ref.possible.unwrap_or(false)
                && kind == expect_kind
                && phone.country == row.r#ref.region.filter(|r| r != "001")
                && phone.extension == row.r#ref.ext
                && phone.valid == phone.issues.is_empty();
            same += usize::from(agrees);
            if !agrees {
                wrong.push(format!("{:?} {:?} -> {phone:?}", row.input, row.region_hint));
            }
        }
        assert!(same == all, "{same} of {all}: {wrong:#?}");
    }
}
