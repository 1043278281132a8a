//! Email addresses: strict syntax, canonical form, match key and what is known of the domain.
//!
//! The verdict is that of email-validator 2.4.0 without DNS: RFC 5321 and 6531 without quoted local
//! parts, display names and address literals; domains by UTS 46 and IDNA 2008; special-use domains
//! (RFC 6761) refused. Lists of providers are in `email_domains`, the typing errors in `email_typo`.

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::email_domains::{has_plus_addressing, is_disposable, is_free, is_role};
use super::email_typo::suggest_domain;
use crate::model::issue::{Issue, IssueCode};
use crate::text::fold;

/// Everything about an email address, from [`normalize_email`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmailResult {
    /// Whether mail could be sent to it, as far as the text tells.
    pub valid: bool,
    /// The canonical form: domain in lower-case Unicode, local part as written (NFC).
    pub address: Option<String>,
    /// What stands before the `@`, as written (NFC).
    pub local: Option<String>,
    /// What stands after the `@`, in lower-case Unicode.
    pub domain: Option<String>,
    /// The domain as the DNS has it (punycode).
    pub ascii_domain: Option<String>,
    /// Equal for addresses that reach the same mailbox: folded, ASCII domain; without `+tag` where
    /// the provider is known to ignore it, and for Gmail without dots.
    pub key: Option<String>,
    /// Whether it belongs to a function (`info@`), not a person.
    pub role: bool,
    /// Whether the domain is a provider for everybody.
    pub free: bool,
    /// Whether the domain gives throw-away addresses.
    pub disposable: bool,
    /// What was probably meant, when the domain looks mistyped.
    pub suggestion: Option<String>,
    /// What is wrong or was noticed.
    pub issues: Vec<Issue>,
}

/// How strict [`normalize_email_with`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EmailOptions {
    /// Takes addresses under `.test` (RFC 2606) for valid, for data made up for tests.
    pub allow_reserved_domains: bool,
}

/// Reads one bare email address and returns its canonical form and what is known about it.
///
/// Nothing is cut off or repaired here, not even blanks at the ends, so that the verdict is about
/// the text as it stands; [`unwrap_email`] takes `Name <a@b.c>`, `mailto:` and stray punctuation
/// away, [`split_emails`] takes several addresses apart. The local part keeps its case; compare
/// by `key`. A bad address is no error: `valid` is false and `issues` says why.
///
/// ```
/// use leadkit_core::normalize::normalize_email;
/// let email = normalize_email("Ada.Lovelace+news@Googlemail.com");
/// assert_eq!(email.address.as_deref(), Some("Ada.Lovelace+news@googlemail.com"));
/// assert_eq!(email.key.as_deref(), Some("adalovelace@gmail.com"));
/// assert!(email.valid && email.free && !email.role);
/// ```
///
/// A typing error is valid and comes with a suggestion; a missing part is not valid:
///
/// ```
/// use leadkit_core::normalize::normalize_email;
/// assert_eq!(normalize_email("ada@gmial.com").suggestion.as_deref(), Some("ada@gmail.com"));
/// assert_eq!(normalize_email("ada.gmail.com").issues[0].code.as_str(), "email_missing_at");
/// ```
pub fn normalize_email(text: &str) -> EmailResult {
    normalize_email_with(text, &EmailOptions::default())
}

/// [`normalize_email`] with options.
///
/// ```
/// use leadkit_core::normalize::{EmailOptions, normalize_email_with};
/// let options = EmailOptions { allow_reserved_domains: true };
/// assert!(normalize_email_with("ada@acme.test", &options).valid);
/// assert!(!normalize_email_with("ada@acme.test", &EmailOptions::default()).valid);
/// ```
pub fn normalize_email_with(text: &str, options: &EmailOptions) -> EmailResult {
    match parse(text, options) {
        Ok(parts) => describe(parts),
        Err(code) => EmailResult {
            valid: false,
            address: None,
            local: None,
            domain: None,
            ascii_domain: None,
            key: None,
            role: false,
            free: false,
            disposable: false,
            suggestion: None,
            issues: vec![Issue::new(code)],
        },
    }
}

/// Takes away what cells have around an address: blanks, `Name <...>`, `mailto:`, quotes, brackets
/// and punctuation at the ends. The issue `email_unwrapped` says that more than blanks went.
///
/// ```
/// use leadkit_core::normalize::unwrap_email;
/// let (address, issue) = unwrap_email("Ada Lovelace <ada@lovelace.org>;");
/// assert_eq!(address, "ada@lovelace.org");
/// assert_eq!(issue.unwrap().code.as_str(), "email_unwrapped");
/// assert_eq!(unwrap_email(" ada@lovelace.org ").1, None);
/// ```
pub fn unwrap_email(text: &str) -> (Cow<'_, str>, Option<Issue>) {
    if is_bare(text.as_bytes()) { (Cow::Borrowed(text), None) } else { unwrap(text) }
}

/// Whether there is nothing to unwrap, as in most cells: plain ends, and nothing inside that a
/// wrapping has.
fn is_bare(text: &[u8]) -> bool {
    let plain = |end: Option<&u8>| end.is_some_and(u8::is_ascii_alphanumeric);
    plain(text.first())
        && plain(text.last())
        && !text.iter().any(|byte| matches!(byte, b'<' | b' ' | b':' | b'%'))
}

fn unwrap(text: &str) -> (Cow<'_, str>, Option<Issue>) {
    let trimmed = text.trim();
    let mut inner = trimmed;
    if let Some(open) = inner.rfind('<') {
        let after = &inner[open + 1..];
        let content = &after[..after.find('>').unwrap_or(after.len())];
        // `ada@x.org <Ada>`: the address is outside.
        inner = if content.contains('@') { content } else { &inner[..open] };
    } else if let Some(open) = inner.find(" (").filter(|at| inner[..*at].contains('@')) {
        inner = &inner[..open];
    }
    inner = inner.trim_matches(is_wrapping);
    if inner.get(..7).is_some_and(|p| p.eq_ignore_ascii_case("mailto:")) {
        inner = &inner[7..];
        inner = inner.split_once('?').map_or(inner, |(address, _)| address);
    }
    let inner = inner.trim_matches(is_wrapping);
    let issue = (inner.len() != trimmed.len()).then(|| Issue::new(IssueCode::EmailUnwrapped));
    match inner.contains('@') {
        false if inner.contains("%40") => (Cow::Owned(inner.replacen("%40", "@", 1)), issue),
        _ => (Cow::Borrowed(inner), issue),
    }
}

/// Splits a cell that holds several addresses, with or without names: `a@x.org; B <b@y.org>`.
///
/// Every part has one `@`; a text with at most one `@` stays whole. Never empty for a text that
/// is not blank.
///
/// ```
/// use leadkit_core::normalize::split_emails;
/// assert_eq!(split_emails("a@x.org, Doe, B <b@y.org>"), ["a@x.org", "Doe, B <b@y.org>"]);
/// assert_eq!(split_emails("Doe, Ada <ada@x.org>"), ["Doe, Ada <ada@x.org>"]);
/// ```
pub fn split_emails(text: &str) -> Vec<&str> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    if text.bytes().filter(|b| *b == b'@').count() < 2 {
        return vec![text];
    }
    let mut parts = Vec::with_capacity(2);
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let hard = matches!(c, ';' | ',' | '|' | '\n' | '\r');
        if !hard && c != '/' && !c.is_whitespace() {
            continue;
        }
        let next = &text[at + c.len_utf8()..];
        // A blank or slash parts two addresses only when the next word is one; what follows a
        // comma may be a name, but some address must still come.
        let word_end = next.find(|c: char| matches!(c, ';' | ',' | '|' | '/') || c.is_whitespace());
        let word = &next[..word_end.unwrap_or(next.len())];
        if text[start..at].contains('@') && if hard { next.contains('@') } else { word.contains('@') } {
            parts.push(text[start..at].trim_matches(|c: char| c == '/' || c.is_whitespace()));
            start = at + c.len_utf8();
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn is_wrapping(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | ':' | '.' | '\u{201c}'
                ..='\u{201e}' | '\u{2018}' | '\u{2019}'
        )
}

struct Parts<'a> {
    local: Cow<'a, str>,
    /// Unicode form; the ASCII form when they are equal.
    domain: Option<String>,
    ascii_domain: String,
}

fn parse<'a>(text: &'a str, options: &EmailOptions) -> Result<Parts<'a>, IssueCode> {
    let Some((local, domain)) = text.split_once('@') else { return Err(IssueCode::EmailMissingAt) };
    let local = parse_local(local)?;
    let parts = if domain.is_ascii() {
        let ascii_domain = parse_ascii_domain(domain)?;
        let domain = if ascii_domain.contains("xn--") { Some(to_unicode(&ascii_domain)?) } else { None };
        Parts { local, domain, ascii_domain }
    } else {
        let (domain, ascii_domain) = parse_unicode_domain(domain)?;
        Parts { local, domain: Some(domain), ascii_domain }
    };
    check_reach(&parts.ascii_domain, options)?;
    // RFC 5321 4.5.3.1.3 (256 with brackets); an address of RFC 6531 counts in UTF-8.
    let domain_len = match &parts.domain {
        Some(domain) if !parts.local.is_ascii() => domain.len(),
        _ => parts.ascii_domain.len(),
    };
    if parts.local.len() + 1 + domain_len > 254 { Err(IssueCode::EmailTooLong) } else { Ok(parts) }
}

/// `Dot-atom` of RFC 5321 4.1.2, with the letters of RFC 6531. Longer than 64 octets is taken, as
/// in the reference: some hosts use such addresses.
fn parse_local(local: &str) -> Result<Cow<'_, str>, IssueCode> {
    let mut previous = b'.';
    let mut ascii = true;
    for &byte in local.as_bytes() {
        let dot = byte == b'.';
        if (dot && previous == b'.') || !(dot || byte >= 0x80 || IS_ATEXT[usize::from(byte)]) {
            return Err(IssueCode::EmailInvalidLocal);
        }
        ascii &= byte < 0x80;
        previous = byte;
    }
    if previous == b'.' {
        return Err(IssueCode::EmailInvalidLocal);
    }
    if ascii {
        return Ok(Cow::Borrowed(local));
    }
    check_safe(local)?;
    let composed: String = local.nfc().collect();
    Ok(Cow::Owned(composed))
}

const IS_ATEXT: [bool; 256] = {
    let mut table = [false; 256];
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~";
    let mut i = 0;
    while i < letters.len() {
        table[letters[i] as usize] = true;
        i += 1;
    }
    table
};

/// Letters, digits and inner hyphens between single dots (RFC 1123), lower-cased.
fn parse_ascii_domain(domain: &str) -> Result<String, IssueCode> {
    if domain.starts_with('[') {
        return Err(IssueCode::EmailAddressLiteral);
    }
    let bytes = domain.as_bytes();
    let mut label = 0;
    let mut previous = b'.';
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'.' if matches!(previous, b'.' | b'-') => return Err(IssueCode::EmailInvalidDomain),
            b'.' => label = at + 1,
            b'-' if previous == b'.' => return Err(IssueCode::EmailInvalidDomain),
            // Labels with hyphens at the third and fourth place are reserved (RFC 5890 2.3.1).
            b'-' if at == label + 3 && previous == b'-' && !starts_with_xn(&bytes[label..]) => {
                return Err(IssueCode::EmailInvalidDomain);
            }
            b'-' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {}
            _ => return Err(IssueCode::EmailInvalidDomain),
        }
        if at >= label + 63 {
            return Err(IssueCode::EmailInvalidDomain);
        }
        previous = byte;
    }
    if matches!(previous, b'.' | b'-') || bytes.len() > 253 {
        let too_long = bytes.len() > 253;
        return Err(if too_long { IssueCode::EmailTooLong } else { IssueCode::EmailInvalidDomain });
    }
    Ok(domain.to_ascii_lowercase())
}

fn starts_with_xn(label: &[u8]) -> bool {
    label.get(..2).is_some_and(|p| p.eq_ignore_ascii_case(b"xn"))
}

/// Unicode and ASCII form of a domain beyond ASCII, by UTS 46.
fn parse_unicode_domain(domain: &str) -> Result<(String, String), IssueCode> {
    check_safe(domain)?;
    let bytes = domain.as_bytes();
    if bytes.iter().any(|b| b.is_ascii() && !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'-')) {
        return Err(IssueCode::EmailInvalidDomain);
    }
    let ascii = Uts46::new()
        .to_ascii(bytes, AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
        .map_err(|_| IssueCode::EmailInvalidDomain)?;
    let ascii = parse_ascii_domain(&ascii)?;
    let unicode = if ascii.contains("xn--") { to_unicode(&ascii)? } else { ascii.clone() };
    Ok((unicode, ascii))
}

fn to_unicode(ascii: &str) -> Result<String, IssueCode> {
    let (unicode, result) = Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    // UTS 46 lets symbols and emoji pass, which IDNA 2008 (RFC 5892) does not.
    let idna_2008 = |c: char| {
        c.is_ascii()
            || c.is_alphanumeric()
            || is_combining_mark(c)
            || matches!(
                c,
                '\u{b7}' | '\u{375}' | '\u{5f3}' | '\u{5f4}' | '\u{30fb}' | '\u{200c}' | '\u{200d}'
            )
    };
    if result.is_err() || !unicode.chars().all(idna_2008) {
        return Err(IssueCode::EmailInvalidDomain);
    }
    Ok(unicode.into_owned())
}

/// Whether mail can get there: a dot, a top-level domain that ends with a letter, and no
/// special-use domain (RFC 6761, RFC 7686, RFC 9476 leave out `example`, which may resolve).
fn check_reach(domain: &str, options: &EmailOptions) -> Result<(), IssueCode> {
    let top = domain.rsplit('.').next().unwrap_or(domain);
    if top == "test" && options.allow_reserved_domains {
        return Ok(());
    }
    if top.len() == domain.len() || !top.ends_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(IssueCode::EmailIncompleteDomain);
    }
    match top {
        "test" | "local" | "localhost" | "invalid" | "onion" | "arpa" => Err(IssueCode::EmailReservedDomain),
        _ => Ok(()),
    }
}

/// Refuses what is invisible, blank, private or unassigned beyond ASCII, and a leading mark, which
/// would change the character before it.
fn check_safe(text: &str) -> Result<(), IssueCode> {
    let leading_mark = text.chars().next().is_some_and(is_combining_mark);
    if leading_mark || text.chars().any(is_unsafe) { Err(IssueCode::EmailUnsafeCharacter) } else { Ok(()) }
}

fn is_unsafe(c: char) -> bool {
    !c.is_ascii()
        && (c.is_control()
            || c.is_whitespace()
            || matches!(c,
                '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{8e2}' | '\u{180e}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}' | '\u{ffff}' | '\u{110bd}' | '\u{1d173}'..='\u{1d17a}' | '\u{323b0}'..))
}

fn describe(parts: Parts<'_>) -> EmailResult {
    let free = is_free(&parts.ascii_domain);
    let role = is_role(&parts.local);
    let meant = if free { None } else { suggest_domain(&parts.ascii_domain) };
    let issues = noticed(meant.is_some(), role);
    let Parts { local, domain, ascii_domain } = parts;
    let suggestion = meant.map(|meant| join(&local, &meant));
    let mut key = String::new();
    key_into(&local, &ascii_domain, &mut key);
    let shown = domain.unwrap_or_else(|| ascii_domain.clone());
    EmailResult {
        valid: true,
        address: Some(join(&local, &shown)),
        key: Some(key),
        role,
        free,
        disposable: !free && is_disposable(&ascii_domain),
        local: Some(local.into_owned()),
        domain: Some(shown),
        ascii_domain: Some(ascii_domain),
        suggestion,
        issues,
    }
}

/// The address and the issues of [`normalize_email_with`]: what an import keeps.
pub(crate) fn email_address(text: &str, options: &EmailOptions) -> (Option<String>, Vec<Issue>) {
    match parse(text, options) {
        Ok(Parts { local, domain, ascii_domain }) => {
            let typo = !is_free(&ascii_domain) && suggest_domain(&ascii_domain).is_some();
            let shown = domain.as_deref().unwrap_or(&ascii_domain);
            (Some(join(&local, shown)), noticed(typo, is_role(&local)))
        }
        Err(code) => (None, vec![Issue::new(code)]),
    }
}

fn noticed(typo: bool, role: bool) -> Vec<Issue> {
    let typo = typo.then(|| Issue::new(IssueCode::EmailTypo));
    typo.into_iter().chain(role.then(|| Issue::new(IssueCode::EmailRole))).collect()
}

/// The match key of an address that [`normalize_email`] gave: equal for all spellings that reach
/// one mailbox.
///
/// ```
/// use leadkit_core::normalize::email_key;
/// assert_eq!(email_key("Ada.Lovelace+news@GMail.com"), "adalovelace@gmail.com");
/// assert_eq!(email_key("jo@b\u{fc}cher.example"), "jo@xn--bcher-kva.example");
/// ```
pub fn email_key(address: &str) -> String {
    let mut key = String::with_capacity(address.len());
    email_key_into(address, &mut key);
    key
}

/// [`email_key`] into a buffer, for loops over many addresses; the buffer is cleared first.
pub(crate) fn email_key_into(address: &str, out: &mut String) {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    match domain.is_ascii() {
        true if domain.bytes().any(|b| b.is_ascii_uppercase()) => {
            key_into(local, &domain.to_ascii_lowercase(), out);
        }
        true => key_into(local, domain, out),
        false => {
            let ascii = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_lowercase());
            key_into(local, &ascii, out);
        }
    }
}

/// Whether an address belongs to a function, such as `info@`, rather than to a person.
///
/// ```
/// use leadkit_core::normalize::is_role_address;
/// assert!(is_role_address("sales@acme.example") && !is_role_address("ada@acme.example"));
/// ```
pub fn is_role_address(address: &str) -> bool {
    is_role(address.rsplit_once('@').map_or(address, |(local, _)| local))
}

fn join(local: &str, domain: &str) -> String {
    let mut out = String::with_capacity(local.len() + 1 + domain.len());
    out.push_str(local);
    out.push('@');
    out.push_str(domain);
    out
}

fn key_into(local: &str, domain: &str, out: &mut String) {
    out.clear();
    let folded;
    let mut name = local;
    if !local.is_ascii() {
        folded = fold(local);
        name = &folded;
    }
    let gmail = matches!(domain, "gmail.com" | "googlemail.com");
    if let Some(plus) = name.find('+')
        && plus > 0
        && (gmail || has_plus_addressing(domain))
    {
        name = &name[..plus];
    }
    let domain = if gmail { "gmail.com" } else { domain };
    if gmail {
        out.extend(name.chars().filter(|c| *c != '.').map(|c| c.to_ascii_lowercase()));
    } else {
        out.push_str(name);
        out.make_ascii_lowercase();
    }
    out.push('@');
    out.push_str(domain);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn code(text: &str) -> &'static str {
        normalize_email(text).issues.first().map_or("", |i| i.code.as_str())
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, expect) in [
            ("", "email_missing_at"),
            ("ada.example.com", "email_missing_at"),
            ("@example.com", "email_invalid_local"),
            ("a..b@example.com", "email_invalid_local"),
            ("a b@example.com", "email_invalid_local"),
            ("\"a b\"@example.com", "email_invalid_local"),
            ("ada@", "email_invalid_domain"),
            ("ada@exam ple.com", "email_invalid_domain"),
            ("ada@-example.com", "email_invalid_domain"),
            ("ada@b@example.com", "email_invalid_domain"),
            ("ada@localhost", "email_incomplete_domain"),
            ("ada@1.2.3.4", "email_incomplete_domain"),
            ("ada@acme.local", "email_reserved_domain"),
            ("ada@[1.2.3.4]", "email_address_literal"),
            ("ad\u{200b}a@acme.com", "email_unsafe_character"),
            ("info@acme.com", "email_role"),
            ("ada@acme.con", "email_typo"),
            ("ada@acme.com", ""),
        ] {
            assert_eq!(code(text), expect, "{text}");
        }
        assert_eq!(code(&format!("{}@acme.com", "a".repeat(260))), "email_too_long");
    }

    #[test]
    fn keys_join_what_reaches_one_mailbox() {
        let key = |text| normalize_email(text).key.unwrap();
        assert_eq!(key("A.da+x@gmail.com"), "ada@gmail.com");
        assert_eq!(key("ada+x@outlook.com"), "ada@outlook.com");
        assert_eq!(key("A.da+x@acme.com"), "a.da+x@acme.com");
        assert_eq!(key("JÜRGEN@München.de"), "jurgen@xn--mnchen-3ya.de");
        assert_eq!(key("+x@gmail.com"), "+x@gmail.com");
    }

    #[test]
    fn unwraps_and_splits() {
        for text in [
            "ada@x.org",
            " ada@x.org\t",
            "<ada@x.org>",
            "mailto:ada@x.org?subject=hi",
            "MAILTO:ada%40x.org",
            "Ada Lovelace <ada@x.org>",
            "\"Lovelace, Ada\" <ada@x.org>,",
            "ada@x.org.",
            "ada@x.org (Ada)",
            "ada@x.org <Ada>",
            "'ada@x.org'",
        ] {
            assert_eq!(unwrap_email(text).0, "ada@x.org", "{text}");
        }
        assert_eq!(split_emails("a@x.org b@y.org"), ["a@x.org", "b@y.org"]);
        assert_eq!(split_emails("a@x.org / b@y.org;"), ["a@x.org", "b@y.org;"]);
        assert_eq!(split_emails(" "), Vec::<&str>::new());
    }

    #[test]
    fn bare_addresses_have_nothing_to_unwrap() {
        let parts =
            ["a", "9", "@", "x.org", "mailto:", " ", " (", "(", ")", "<", ">", "%40", "?", ".", "é", "'", ""];
        let mut bare = 0;
        for n in 0..parts.len().pow(4) {
            let part = |place: u32| parts[n / parts.len().pow(place) % parts.len()];
            let text = [part(0), part(1), part(2), part(3)].concat();
            bare += usize::from(is_bare(text.as_bytes()));
            assert_eq!(unwrap_email(&text), unwrap(&text), "{text:?}");
        }
        assert!(bare > 1_000);
    }

    #[test]
    fn agrees_with_email_validator() {
        #[derive(serde::Deserialize)]
        struct Row {
            input: String,
            ref_default: Verdict,
        }
        #[derive(serde::Deserialize)]
        struct Verdict {
            ok: bool,
            normalized: Option<String>,
            ascii_domain: Option<String>,
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/validate/emails_dev.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        let (mut all, mut same, mut all_ascii, mut same_ascii) = (0, 0, 0, 0);
        let mut wrong = Vec::new();
        for line in text.lines() {
            let row: Row = serde_json::from_str(line).unwrap();
            let email = normalize_email(&row.input);
            let kept = email_address(&row.input, &EmailOptions::default());
            assert_eq!(kept, (email.address.clone(), email.issues.clone()), "{}", row.input);
            let agrees = email.valid == row.ref_default.ok
                && email.address == row.ref_default.normalized
                && email.ascii_domain == row.ref_default.ascii_domain;
            all += 1;
            same += usize::from(agrees);
            if row.input.is_ascii() {
                all_ascii += 1;
                same_ascii += usize::from(agrees);
            }
            if !agrees {
                wrong.push(format!(
                    "{:?} is {:?}, not {:?}",
                    row.input, row.ref_default.normalized, email.address
                ));
            }
        }
        assert!(same == all, "{same} of {all}: {wrong:#?}");
        assert!(same_ascii == all_ascii, "{same_ascii} of {all_ascii} in ASCII");
    }
}
