//! `file:` URLs as paths.

use crate::js::Js;

/// The path of a `file:` URL; other URLs stay as they are written.
pub fn file_path(href: &str) -> Js {
    let Some(rest) = href.strip_prefix("file://") else { return Js::from(href.to_string()) };
    let path = rest.split(['?', '#']).next().unwrap_or(rest);
    if !path.starts_with('/') {
        return Js::Unusable("a file: URL of another machine");
    }
    match decode(path) {
        Some(path) if cfg!(windows) => Js::from(path.trim_start_matches('/').replace('/', "\\")),
        Some(path) => Js::from(path),
        None => Js::Unusable("a file: URL that is no path"),
    }
}

/// Percent-decodes; none for what is no text, or holds an encoded separator.
fn decode(path: &str) -> Option<String> {
    let mut out = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        match u8::try_from(high * 16 + low).ok()? {
            0 | b'/' => return None,
            byte => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}
