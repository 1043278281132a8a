//! Web addresses: scheme and host in canonical form.

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use psl::{List, Psl};

/// Reads a web address: `https://` is put before it where no scheme is, the host is lower-cased
/// and in ASCII (UTS 46), a lone slash at the end goes; path and query stay as written.
///
/// None when there is no valid host, or another scheme. Without a scheme the host must be under a
/// known public suffix or a reserved name (RFC 2606), so that `Mr.Smith` is no address.
///
/// ```
/// use leadkit_core::normalize::normalize_website;
/// assert_eq!(normalize_website("WWW.Acme.com/").as_deref(), Some("https://www.acme.com"));
/// assert_eq!(normalize_website("http://münchen.de/Rathaus").as_deref(), Some("http://xn--mnchen-3ya.de/Rathaus"));
/// assert_eq!(normalize_website("none"), None);
/// ```
pub fn normalize_website(text: &str) -> Option<String> {
    let text = text.trim();
    let forbidden = match text.is_ascii() {
        true => text.bytes().any(|b| !b.is_ascii_graphic() || matches!(b, b'<' | b'>' | b'"')),
        false => text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"')),
    };
    if text.len() > 2048 || forbidden {
        return None;
    }
    let (scheme, rest) = split_scheme(text)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
        None => (authority, None),
    };
    let host = canonical_host(host.trim_end_matches('.'), scheme.is_some())?;
    let scheme = scheme.unwrap_or("https");
    let mut out = String::with_capacity(scheme.len() + host.len() + tail.len() + 9);
    out.push_str(scheme);
    out.push_str("://");
    out.push_str(&host);
    if let Some(port) = port.filter(|p| *p != if scheme == "http" { 80 } else { 443 }) {
        out.push(':');
        out.push_str(&port.to_string());
    }
    if tail != "/" {
        out.push_str(tail);
    }
    Some(out)
}

/// The scheme, if there is one, and the rest; none for a scheme that is not of the web.
fn split_scheme(text: &str) -> Option<(Option<&'static str>, &str)> {
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Some((Some("https"), rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => Some((Some("http"), rest)),
        Some((scheme, _)) if !scheme.contains(['/', '?', '.']) => None,
        _ => Some((None, text.strip_prefix("//").unwrap_or(text))),
    }
}

fn canonical_host(host: &str, has_scheme: bool) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    let ascii = if host.bytes().all(plain) && !host.as_bytes().windows(2).any(|pair| pair == b"--") {
        host.to_ascii_lowercase()
    } else {
        Uts46::new()
            .to_ascii(host.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow, DnsLength::Verify)
            .ok()?
            .into_owned()
    };
    let label_is_valid =
        |label: &str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
    let (name, top) = ascii.rsplit_once('.')?;
    let letter = |b: u8| b.is_ascii_alphabetic();
    if ascii.len() > 253
        || !name.split('.').all(label_is_valid)
        || !label_is_valid(top)
        || top.len() < 2
        || !(top.bytes().all(letter) || top.starts_with("xn--"))
    {
        return None;
    }
    let known = || {
        matches!(top, "test" | "example" | "invalid" | "local" | "localhost")
            || List.suffix(ascii.as_bytes()).is_some_and(|s| s.is_known())
    };
    (has_scheme || known()).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses() {
        for (text, expect) in [
            ("https://www.acme.example", "https://www.acme.example"),
            ("HTTP://Acme.COM:80/A?b=C#d", "http://acme.com/A?b=C#d"),
            ("acme.co.uk/about/", "https://acme.co.uk/about/"),
            ("//acme.com", "https://acme.com"),
            ("acme.com:8080", "https://acme.com:8080"),
            ("acme.com.", "https://acme.com"),
            ("acme.test", "https://acme.test"),
            ("acme.com?next=https://x.org", "https://acme.com?next=https://x.org"),
        ] {
            assert_eq!(normalize_website(text).as_deref(), Some(expect), "{text}");
        }
        for text in [
            "",
            "-",
            "n/a",
            "none",
            "ftp://acme.com",
            "mailto:a@b.c",
            "a@acme.com",
            "Mr.Smith",
            "acme",
            "1.2.3.4",
            "acme.com x",
            "https://",
            "https://-acme.com",
            "http://acme..com",
            "javascript:alert(1)",
        ] {
            assert_eq!(normalize_website(text), None, "{text}");
        }
    }
}
