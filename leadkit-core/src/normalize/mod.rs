//! Pure text to canonical value, plus what changed and why.
/// stub
pub fn email_key(a: &str) -> String {
    a.to_lowercase()
}
