//! Pure text to canonical value, plus what changed and why.

mod country;
mod email;
mod email_domains;
mod email_typo;
mod phone;

pub use country::{country_name, normalize_country};
pub use email::{
    EmailOptions, EmailResult, normalize_email, normalize_email_with, split_emails, unwrap_email,
};
pub use phone::{ParsedPhone, PhoneResult, PhoneType, normalize_phone, parse_phone, split_phones};
