//! Pure text to canonical value, plus what changed and why.

mod boolean;
mod company;
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
mod time_zone;
mod website;

pub use boolean::parse_boolean;
pub use company::{CompanyResult, normalize_company};
pub use country::{country_name, normalize_country};
pub use date::{DateOrder, detect_order, is_ambiguous_date, parse_date, parse_instant};
pub use email::{
    EmailOptions, EmailResult, email_key, is_role_address, normalize_email, normalize_email_with,
    split_emails, unwrap_email,
};
pub use given_names::{GivenNames, compare_given};
pub use language::normalize_language;
pub use name_case::normalize_name_part;
pub use number::{DecimalMark, detect_decimal_mark, parse_number};
pub use person::{PersonResult, normalize_person, person_key};
pub use phone::{ParsedPhone, PhoneResult, PhoneType, normalize_phone, parse_phone, split_phones};
pub use time_zone::normalize_time_zone;
pub use website::normalize_website;
