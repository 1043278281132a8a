//! Pure text to canonical value, plus what changed and why.

mod company;
mod country;
mod email;
mod email_domains;
mod email_typo;
mod given_names;
mod name_case;
mod person;
mod phone;

pub use company::{CompanyResult, normalize_company};
pub use country::{country_name, normalize_country};
pub use email::{
    EmailOptions, EmailResult, normalize_email, normalize_email_with, split_emails, unwrap_email,
};
pub use given_names::{GivenNames, compare_given};
pub use name_case::normalize_name_part;
pub use person::{PersonResult, normalize_person, person_key};
pub use phone::{ParsedPhone, PhoneResult, PhoneType, normalize_phone, parse_phone, split_phones};
