//! Whether a webhook is Twilio's.
//!
//! Twilio signs the URL it was given and, for a form, its parameters: sorted, each name with each of its
//! values, what is repeated once. Any other body is covered by its SHA-256 in the URL's `bodySHA256`.
//! Twilio does not always sign the port that the URL has or goes without; both forms are good.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac};

use crate::error::{Error, ErrorCode, Result};
use crate::model::transport::WebhookRequest;
use crate::secret::Secret;

pub(crate) const SIGNATURE: &str = "X-Twilio-Signature";
/// `key=…,algorithm=HMAC_SHA256`, for what is signed with a shared key.
const SETTINGS: &str = "X-Twilio-Webhooks-Signature-Settings";
const BODY_HASH: &str = "bodySHA256";
const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a request was signed by Twilio: with the account's auth token, or with a shared key when the
/// header `X-Twilio-Webhooks-Signature-Settings` names its algorithm. Takes the same time for right and
/// wrong signatures.
///
/// `request.url` must be the public URL that Twilio was given, with the query exactly as it came in. A
/// body that the signature does not cover is never good: neither a form whose parameters were changed
/// nor any other body without a matching `bodySHA256`. Nor is anything with an empty secret, with an
/// algorithm that this version does not know, or with one of the headers given twice.
///
/// ```
/// use leadkit_core::model::transport::WebhookRequest;
/// use leadkit_core::transport::twilio::verify_twilio_request;
/// let headers = [
///     ("X-Twilio-Signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
///     ("Content-Type", "application/x-www-form-urlencoded"),
/// ];
/// let request = WebhookRequest {
///     method: "POST".into(),
///     url: "https://mycompany.com/myapp.php?foo=1&bar=2".into(),
///     headers: headers.map(|(name, value)| (name.into(), value.into())).into(),
///     body: b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309\
///             &To=%2B18005551212".to_vec(),
/// };
/// assert!(verify_twilio_request(&"12345".into(), &request));
/// assert!(!verify_twilio_request(&"another".into(), &request));
/// ```
pub fn verify_twilio_request(secret: &Secret, request: &WebhookRequest) -> bool {
    let Some(signature) = request.header(SIGNATURE).and_then(|text| STANDARD.decode(text.trim()).ok()) else {
        return false;
    };
    let Some(algorithm) = algorithm(request).filter(|_| !secret.is_empty()) else { return false };
    let key = hmac::Key::new(algorithm, secret.expose().as_bytes());
    let mut good = false;
    for covered in &covered(request) {
        for url in &urls(&request.url) {
            let text = format!("{url}{covered}");
            // All of them, whichever was right.
            good |= hmac::verify(&key, text.as_bytes(), &signature).is_ok();
        }
    }
    good
}

/// The signature that Twilio would give a request, for tests of hosts; by the algorithm that the
/// request's settings header names.
///
/// # Errors
/// `invalid_argument` for an unknown algorithm, and for a body that no signature covers.
///
/// ```
/// use leadkit_core::model::transport::WebhookRequest;
/// use leadkit_core::transport::twilio::{sign_twilio_request, verify_twilio_request};
/// let mut request =
///     WebhookRequest { method: "GET".into(), url: "https://x.example/?a=1".into(), ..Default::default() };
/// let signature = sign_twilio_request(&"12345".into(), &request)?;
/// request.headers.insert("X-Twilio-Signature".into(), signature);
/// assert!(verify_twilio_request(&"12345".into(), &request));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn sign_twilio_request(secret: &Secret, request: &WebhookRequest) -> Result<String> {
    let wrong = |message| Error::new(ErrorCode::InvalidArgument, message);
    let algorithm = algorithm(request).ok_or_else(|| wrong("this version does not know the algorithm"))?;
    let covered = covered(request).into_iter().next();
    let covered = covered.ok_or_else(|| wrong("no signature covers the request's body"))?;
    let text = format!("{}{covered}", request.url);
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret.expose().as_bytes()), text.as_bytes());
    Ok(STANDARD.encode(tag))
}

/// SHA-256 in the hexadecimal digits of `bodySHA256`.
pub(crate) fn body_hash(body: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, body);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// None when it is unknown, or unclear.
fn algorithm(request: &WebhookRequest) -> Option<hmac::Algorithm> {
    let given = request.headers.keys().any(|name| name.eq_ignore_ascii_case(SETTINGS));
    let settings = match request.header(SETTINGS) {
        Some(settings) => settings,
        None if given => return None,
        None => "",
    };
    let named = settings.split(',').filter_map(|part| part.split_once('=')).find_map(|(name, value)| {
        (name.trim() == "algorithm" && !value.trim().is_empty()).then(|| value.trim())
    });
    match named.map(str::to_ascii_uppercase).as_deref() {
        None | Some("HMAC_SHA1") => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        Some("HMAC_SHA256") => Some(hmac::HMAC_SHA256),
        Some(_) => None,
    }
}

/// What may have been signed behind the URL so that the whole body is covered.
fn covered(request: &WebhookRequest) -> Vec<String> {
    let hash = form_urlencoded::parse(request.query().as_bytes())
        .find(|(name, _)| name == BODY_HASH)
        .map(|(_, value)| value.into_owned());
    let is_form = match request.header("Content-Type") {
        Some(kind) => kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM)),
        None => hash.is_none(),
    };
    let mut covered = Vec::new();
    if is_form && !request.body.is_empty() {
        let mut pairs: Vec<_> = form_urlencoded::parse(&request.body).collect();
        pairs.sort();
        pairs.dedup();
        if !pairs.is_empty() {
            covered.push(pairs.iter().flat_map(|(name, value)| [&**name, &**value]).collect());
        }
    }
    let url_is_enough = match hash {
        Some(hash) => hash == body_hash(&request.body),
        None => request.body.is_empty(),
    };
    if url_is_enough {
        covered.push(String::new());
    }
    covered
}

/// The URL as it may have been signed: with and without port, user and fragment; all else as it came.
fn urls(url: &str) -> Vec<String> {
    let mut forms = vec![url.to_string()];
    let without_fragment = url.split('#').next().unwrap_or_default();
    let Some((scheme, rest)) = without_fragment.split_once("://") else { return forms };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, host) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    // In an IPv6 address colons stand between brackets.
    let after_address = host.rfind(']').map_or(0, |at| at + 1);
    let port_at = host[after_address..].find(':').map_or(host.len(), |at| after_address + at);
    let (host, port) = host.split_at(port_at);
    let secure = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("wss");
    let default = if secure { ":443" } else { ":80" };
    let ports = if port.len() > 1 { ["", port] } else { ["", default] };
    for user in [user, ""] {
        for port in ports {
            forms.push(format!("{scheme}://{user}{host}{port}{path}"));
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_url() {
        let forms = |url| urls(url).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(forms("https://x.example/a?"), "https://x.example/a? https://x.example:443/a?");
        assert_eq!(forms("http://10.0.0.1:80?b=:1"), "http://10.0.0.1:80?b=:1 http://10.0.0.1?b=:1");
        assert_eq!(
            forms("https://[2001:db8::1]:8443/"),
            "https://[2001:db8::1]/ https://[2001:db8::1]:8443/"
        );
        assert_eq!(forms("https://[2001:db8::1]/"), "https://[2001:db8::1]/ https://[2001:db8::1]:443/");
        assert_eq!(
            forms("https://u:p@x.example/@b:1"),
            "https://u:p@x.example/@b:1 https://u:p@x.example:443/@b:1 \
             https://x.example/@b:1 https://x.example:443/@b:1"
        );
        assert_eq!(
            forms("https://x.example:/"),
            "https://x.example/ https://x.example:/ https://x.example:443/"
        );
        assert_eq!(forms("not a url"), "not a url");
        assert_eq!(
            forms("wss://x.example/a#b"),
            "wss://x.example/a wss://x.example/a#b wss://x.example:443/a"
        );
    }
}
