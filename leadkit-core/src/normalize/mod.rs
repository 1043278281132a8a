//! Pure text to canonical value, plus what changed and why.

mod boolean;
mod company;
mod consent;
mod country;
mod date;
mod email;
mod email_domains;
mod email_typo;
mod given_names;
mod language;
mod name_case;
mod number;
mod person;
mod phone;
mod phone_facts;
mod phone_plan;
mod phone_zones;
mod time_zone;
mod website;

pub use boolean::parse_boolean;
pub(crate) use company::company_display;
pub use company::{CompanyResult, normalize_company};
pub use consent::{ConsentAnswer, parse_consent};
pub use country::{country_name, normalize_country};
pub(crate) use date::parse_utc;
pub use date::{DateOrder, detect_order, is_ambiguous_date, parse_date, parse_instant};
pub use email::{
    EmailOptions, EmailResult, email_key, is_role_address, normalize_email, normalize_email_with,
    split_emails, unwrap_email,
};
pub(crate) use email::{email_address, email_key_into};
pub use given_names::{GivenNames, compare_given};
pub use language::normalize_language;
pub use name_case::normalize_name_part;
pub use number::{DecimalMark, detect_decimal_mark, parse_number};
pub use person::{PersonResult, normalize_person, person_key};
pub use phone::{ParsedPhone, PhoneResult, PhoneType, normalize_phone, parse_phone, split_phones};
pub(crate) use phone_facts::phone_facts;
pub(crate) use phone_zones::country_time_zones;
pub use phone_zones::phone_time_zones;
pub use time_zone::normalize_time_zone;
pub use website::normalize_website;

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the text, every function returns; the fragments are the awkward ones.
    #[test]
    fn no_text_makes_anything_panic() {
        const FRAGMENTS: [&str; 48] = [
            "",
            " ",
            "@",
            ".",
            "-",
            ",",
            ":",
            "/",
            "+49",
            "0",
            "12",
            "2026",
            "T",
            "pm",
            "p.m.",
            "e",
            "E+11",
            "<",
            ">",
            "(",
            ")",
            "\"",
            "'",
            "&",
            "%40",
            "mailto:",
            "http://",
            "xn--",
            "é",
            "e\u{301}",
            "\u{301}",
            "ß",
            "İ",
            "ǆ",
            "株式会社",
            "㈱",
            "김",
            "日",
            "年",
            "\u{200d}",
            "\u{feff}",
            "\u{1f600}",
            "\u{ff10}",
            "GmbH",
            "Co",
            "Mc",
            "Dr.",
            "von",
        ];
        let mut seed = 42u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for _ in 0..4000 {
            let text: String = (0..random(9)).map(|_| FRAGMENTS[random(FRAGMENTS.len())]).collect();
            let text = text.as_str();
            assert_eq!(normalize_email(text).valid, normalize_email(text).key.is_some(), "{text:?}");
            let phone = normalize_phone(text, Some("DE"));
            assert_eq!(phone.valid, phone.issues.is_empty(), "{text:?}");
            let company = normalize_company(text, Some(text));
            assert_eq!(company.key.is_some(), company.issues.is_empty(), "{text:?}");
            let person = normalize_person(text);
            assert_eq!(person.display.is_some(), person.issues.is_empty(), "{text:?}");
            let shown = person.display.unwrap_or_default();
            assert_eq!(compare_given(text, &shown), compare_given(&shown, text), "{text:?}");
            let _ = (unwrap_email(text), split_emails(text), split_phones(text), normalize_name_part(text));
            let _ = (parse_date(text, DateOrder::DayFirst), parse_instant(text, DateOrder::MonthFirst));
            let _ = (detect_order([text]), is_ambiguous_date(text), detect_decimal_mark([text]));
            let _ = (parse_number(text, DecimalMark::Comma), parse_boolean(text), normalize_website(text));
            let _ = (parse_consent(text, true), parse_consent(text, false));
            let _ = (
                normalize_country(text),
                country_name(text),
                normalize_language(text),
                normalize_time_zone(text),
                phone_time_zones(text),
            );
        }
    }
}
