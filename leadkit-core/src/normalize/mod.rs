//! Pure text to canonical value, plus what changed and why.

mod country;
mod phone;

pub use country::{country_name, normalize_country};
pub use phone::{ParsedPhone, PhoneResult, PhoneType, normalize_phone, parse_phone, split_phones};
