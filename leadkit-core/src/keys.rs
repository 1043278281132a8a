//! The host's keys: what fingerprints, the audit chain and encrypted bodies are made with. They come with
//! `open`, and are never stored, logged or shown.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, Result};

/// Bytes that a secret has at least.
const LEAST: usize = 32;

/// A key as the host gives it in [`OpenOptions`](crate::OpenOptions): the first of the list is the current
/// one, the others only recognise what was made with them.
///
/// To rotate, put a new key in front and leave the old ones behind it. An id is stored beside what its key made,
/// and stands for the same secret for ever.
///
/// ```
/// use leadkit_core::{Key, OpenOptions};
/// let keys = vec![Key::new("2027", [7; 32]), Key::new("2026", [6; 32])];
/// let db = leadkit_core::open_with(":memory:", OpenOptions { keys, ..Default::default() })?;
/// # let twice = vec![Key::new("a", [7; 32]), Key::new("a", [6; 32])];
/// # assert!(leadkit_core::open_with(":memory:", OpenOptions { keys: twice, ..Default::default() }).is_err());
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its name: letters, digits, `-`, `_` and `.`, 64 at most.
    pub id: String,
    /// At least 32 random bytes; as text they are Base64.
    pub secret: SecretBytes,
}

impl Key {
    /// A key of an id and a secret.
    pub fn new(id: impl Into<String>, secret: impl Into<Vec<u8>>) -> Key {
        Key { id: id.into(), secret: SecretBytes::new(secret) }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

/// Bytes that neither `Debug` nor serialising shows, and that are wiped when they are dropped.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Hides bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> SecretBytes {
        SecretBytes(Zeroizing::new(bytes.into()))
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Serialize for SecretBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for SecretBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SecretBytes, D::Error> {
        struct Given;

        impl serde::de::Visitor<'_> for Given {
            type Value = SecretBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes, or a text of Base64")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<SecretBytes, E> {
                from_base64(text)
                    .map(SecretBytes::new)
                    .ok_or_else(|| E::custom("a secret's text is no Base64"))
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<SecretBytes, E> {
                Ok(SecretBytes::new(bytes))
            }

            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<SecretBytes, E> {
                Ok(SecretBytes::new(bytes))
            }
        }

        deserializer.deserialize_byte_buf(Given)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for SecretBytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretBytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "contentEncoding": "base64", "writeOnly": true })
    }
}

/// Both alphabets, padded or not: secrets come from many tools.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text = text.trim();
    let alphabet = match text.contains(['-', '_']) {
        true => &base64::alphabet::URL_SAFE,
        false => &base64::alphabet::STANDARD,
    };
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}

/// What stands for a text without telling it: an HMAC-SHA-256 under one of the host's keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// The key that made it.
    pub key_id: String,
    /// 64 hexadecimal digits.
    pub mac: String,
}

/// The keys of a session, checked and ready; none by default.
#[derive(Clone, Default)]
pub struct Keys(Arc<[Ready]>);

#[derive(Clone)]
struct Ready {
    id: String,
    /// Keyed once, cloned for each use.
    hmac: Hmac<Sha256>,
}

impl Keys {
    /// Takes keys in their order.
    ///
    /// # Errors
    /// `invalid_argument` for a secret that is too short, and for an id that is none or is there twice.
    pub fn new(keys: &[Key]) -> Result<Keys> {
        let mut ready: Vec<Ready> = Vec::with_capacity(keys.len());
        for key in keys {
            let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if key.id.is_empty() || key.id.len() > 64 || !key.id.chars().all(known) {
                return Err(refused("a key's id is letters, digits, `-`, `_` and `.`, 64 at most"));
            }
            if ready.iter().any(|other| other.id == key.id) {
                return Err(refused(format!("the key `{}` is given twice", key.id))
                    .hint("each key has an id of its own, which is never used again"));
            }
            let bytes = &key.secret.0;
            if bytes.len() < LEAST {
                return Err(refused(format!(
                    "the secret of the key `{}` is shorter than {LEAST} bytes",
                    key.id
                ))
                .hint("make one with `openssl rand -base64 32`, and keep it outside the database"));
            }
            let hmac = Hmac::new_from_slice(bytes).map_err(|e| Error::internal(e.to_string()))?;
            ready.push(Ready { id: key.id.clone(), hmac });
        }
        Ok(Keys(ready.into()))
    }

    /// The id of the key that new things are made with; none without keys.
    pub fn current(&self) -> Option<&str> {
        self.0.first().map(|key| key.id.as_str())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key of an id is among them.
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id == id)
    }

    /// What stands for a text, under the current key; none without keys. The same text has different
    /// fingerprints for different purposes, so that they cannot be compared.
    ///
    /// ```
    /// use leadkit_core::{Key, keys::Keys};
    /// let keys = Keys::new(&[Key::new("2026", [7; 32])])?;
    /// let of = |purpose| keys.fingerprint(purpose, "+15550100");
    /// assert_eq!(of("consent"), of("consent"));
    /// assert_ne!(of("consent"), of("erasure"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn fingerprint(&self, purpose: &str, text: &str) -> Option<Fingerprint> {
        self.0.first().map(|key| key.fingerprint(purpose, text))
    }

    /// The fingerprints of a text under all keys: whoever looks one up looks for all of them.
    pub fn fingerprints(&self, purpose: &str, text: &str) -> Vec<Fingerprint> {
        self.0.iter().map(|key| key.fingerprint(purpose, text)).collect()
    }

    /// HMAC-SHA-256 of bytes under the key of an id, for one purpose; none when that key is not there.
    pub fn mac(&self, id: &str, purpose: &str, bytes: &[u8]) -> Option<[u8; 32]> {
        self.0.iter().find(|key| key.id == id).map(|key| key.mac(purpose, bytes))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

impl Ready {
    fn fingerprint(&self, purpose: &str, text: &str) -> Fingerprint {
        Fingerprint { key_id: self.id.clone(), mac: hex(&self.mac(purpose, text.as_bytes())) }
    }

    fn mac(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let mut hmac = self.hmac.clone();
        // The length in front, so that no purpose with its text reads as another one with another text.
        hmac.update(&(purpose.len() as u64).to_be_bytes());
        hmac.update(purpose.as_bytes());
        hmac.update(bytes);
        hmac.finalize().into_bytes().into()
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message).at_field("keys")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn keys() -> Keys {
        Keys::new(&[Key::new("b", [2; 32]), Key::new("a", [1; 40])]).unwrap()
    }

    #[test]
    fn a_mac_is_hmac_sha_256_of_purpose_and_text() {
        let mut hmac = Hmac::<Sha256>::new_from_slice(&[2; 32]).unwrap();
        hmac.update(b"\0\0\0\0\0\0\0\x01px");
        let expected: [u8; 32] = hmac.finalize().into_bytes().into();
        assert_eq!(keys().mac("b", "p", b"x"), Some(expected));
        assert_eq!(keys().fingerprint("p", "x").unwrap().mac, hex(&expected));
        assert_ne!(keys().mac("b", "px", b""), Some(expected));
        assert_eq!(keys().mac("c", "p", b"x"), None);
    }

    #[test]
    fn the_first_is_current_and_all_recognise() {
        let all = keys().fingerprints("p", "x");
        let ids: Vec<&str> = all.iter().map(|f| f.key_id.as_str()).collect();
        assert_eq!((keys().current(), ids), (Some("b"), vec!["b", "a"]));
        assert_eq!(keys().fingerprint("p", "x").as_ref(), all.first());
        assert_eq!(Keys::default().fingerprint("p", "x"), None);
    }

    #[test]
    fn short_secrets_odd_and_repeated_ids_are_refused() {
        for wrong in [
            vec![Key::new("a", [1; 31])],
            vec![Key::new("a", [1; 32]), Key::new("a", [2; 32])],
            vec![Key::new("", [1; 32])],
            vec![Key::new("a b", [1; 32])],
        ] {
            let error = Keys::new(&wrong).unwrap_err();
            assert_eq!((error.error_code(), error.field()), (ErrorCode::InvalidArgument, Some("keys")));
        }
    }

    #[test]
    fn secrets_are_read_and_never_shown() {
        let text = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";
        let key: Key = serde_json::from_value(serde_json::json!({ "id": "a", "secret": text })).unwrap();
        assert_eq!(key.secret.0.as_slice(), (1..=32).collect::<Vec<u8>>());
        let shown = format!("{key:?} {:?} {:?}", key.secret, Keys::new(std::slice::from_ref(&key)).unwrap());
        assert_eq!(shown, "Key(a) [secret] {\"a\"}");
        assert_eq!(serde_json::to_string(&key).unwrap(), r#"{"id":"a","secret":"[secret]"}"#);
        assert_eq!(from_base64("-_8="), from_base64("+/8"));
        assert!(serde_json::from_value::<Key>(serde_json::json!({ "id": "a", "secret": "ä" })).is_err());
    }
}
