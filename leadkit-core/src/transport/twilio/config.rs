//! Which account, by which key, over which way.

use std::net::IpAddr;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::check::is_sid;
use crate::error::{Error, ErrorCode, Result};
use crate::secret::Secret;

/// Requests at a time, unless said otherwise.
const CONCURRENCY: u32 = 16;
/// Seconds until a connection must stand.
const CONNECT_TIMEOUT: f64 = 10.0;
/// Seconds until an answer must have come.
const TIMEOUT: f64 = 30.0;

/// An account at Twilio and how it is reached. Secrets are shown nowhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TwilioConfig {
    /// The account (`AC…`).
    pub account_sid: String,
    /// The account's token: signs in unless there is an `api_key`, and verifies webhooks.
    pub auth_token: Option<Secret>,
    /// A key (`SK…`) to sign in with instead; better, since it can be withdrawn alone.
    pub api_key: Option<String>,
    /// The key's secret.
    pub api_secret: Option<Secret>,
    /// Who sends when a request does not say: a number, or a messaging service (`MG…`).
    pub sender: Option<String>,
    /// The URL under which this host is reached from outside, for webhooks.
    pub public_url: Option<String>,
    /// Twilio's region that keeps the data, such as `ie1`.
    pub region: Option<String>,
    /// The place where Twilio's network is entered, such as `dublin`.
    pub edge: Option<String>,
    /// Another server than Twilio's, for tests; plain HTTP only to this machine itself.
    pub base_url: Option<String>,
    /// Seconds until a connection must stand; 10 when 0.
    pub connect_timeout: f64,
    /// Seconds until an answer must have come; 30 when 0. Then nobody knows whether a message was taken.
    pub timeout: f64,
    /// Requests at a time; 16 when 0.
    pub concurrency: u32,
}

/// A config that was looked over.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    /// Up to and including the account, without a slash at the end.
    pub account_url: String,
    /// Scheme and host, for what Twilio gives as a path.
    pub environment: String,
    /// Name and password of the basic authentication.
    pub user: String,
    pub password: Secret,
    pub connect_timeout: f64,
    pub timeout: f64,
    pub concurrency: u32,
    /// Whether no proxy may stand between: the server is this machine.
    pub local: bool,
    pub tls: bool,
}

impl TwilioConfig {
    /// # Errors
    /// `invalid_argument`, naming the field.
    pub(super) fn check(&self) -> Result<Checked> {
        if !is_sid(&self.account_sid, &["AC"]) {
            return Err(wrong("account_sid", "an account's id is AC and 32 hexadecimal digits"));
        }
        let (user, password) = match (&self.api_key, &self.api_secret, &self.auth_token) {
            (Some(key), Some(secret), _) if !secret.is_empty() && is_sid(key, &["SK"]) => (key, secret),
            (Some(_), Some(_), _) => {
                return Err(wrong("api_key", "a key's id is SK and 32 hexadecimal digits, with a secret"));
            }
            (Some(_), None, _) => return Err(wrong("api_secret", "a key needs its secret")),
            (None, Some(_), _) => return Err(wrong("api_key", "a secret needs the key it belongs to")),
            (None, None, Some(token)) if !token.is_empty() => (&self.account_sid, token),
            (None, None, _) => {
                return Err(wrong("auth_token", "give the account's token, or a key with its secret"));
            }
        };
        let base = self.base()?;
        let local = is_this_machine(&base);
        let (tls, host) = (base.scheme() == "https", base.host_str().unwrap_or_default());
        let plain = base.scheme() == "http" && local;
        if !tls && !plain {
            return Err(wrong("base_url", "use https; plain http goes to this machine only"));
        }
        if !base.username().is_empty() || base.password().is_some() || base.query().is_some() {
            return Err(wrong("base_url", "a server's URL holds neither user nor query"));
        }
        let port = base.port().map(|port| format!(":{port}")).unwrap_or_default();
        let environment = if host.ends_with(".twilio.com") { "live".into() } else { format!("{host}{port}") };
        let base = base.as_str().trim_end_matches('/');
        Ok(Checked {
            account_url: format!("{base}/2010-04-01/Accounts/{}", self.account_sid),
            environment,
            user: user.clone(),
            password: password.clone(),
            connect_timeout: seconds("connect_timeout", self.connect_timeout, CONNECT_TIMEOUT)?,
            timeout: seconds("timeout", self.timeout, TIMEOUT)?,
            concurrency: if self.concurrency == 0 { CONCURRENCY } else { self.concurrency },
            local,
            tls,
        })
    }

    /// As Twilio's own libraries put it together: `api[.edge][.region].twilio.com`, and `us1` when an
    /// edge comes without a region.
    fn base(&self) -> Result<Url> {
        for (field, part) in [("region", &self.region), ("edge", &self.edge)] {
            let label = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if part.as_ref().is_some_and(|part| part.is_empty() || !part.chars().all(label)) {
                return Err(wrong(field, "a region or edge is one word, such as `ie1` or `dublin`"));
            }
        }
        let url = match (&self.base_url, &self.edge, &self.region) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                return Err(wrong("base_url", "give either a server or region and edge"));
            }
            (Some(url), ..) => url.clone(),
            (None, None, None) => "https://api.twilio.com".into(),
            (None, None, Some(region)) => format!("https://api.{region}.twilio.com"),
            (None, Some(edge), region) => {
                format!("https://api.{edge}.{}.twilio.com", region.as_deref().unwrap_or("us1"))
            }
        };
        Url::parse(&url).map_err(|_| wrong("base_url", "this is no URL"))
    }
}

fn seconds(field: &str, given: f64, otherwise: f64) -> Result<f64> {
    match given {
        0.0 => Ok(otherwise),
        given if given > 0.0 && given <= 3600.0 => Ok(given),
        _ => Err(wrong(field, "a time limit is above 0 and at most an hour")),
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn wrong(field: &str, message: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, message).at_field(field)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn config() -> TwilioConfig {
        TwilioConfig {
            account_sid: format!("AC{}", "0".repeat(32)),
            auth_token: Some("a token".into()),
            ..TwilioConfig::default()
        }
    }

    fn url(region: Option<&str>, edge: Option<&str>, base_url: Option<&str>) -> String {
        let own = |text: Option<&str>| text.map(str::to_string);
        let config =
            TwilioConfig { region: own(region), edge: own(edge), base_url: own(base_url), ..config() };
        let checked = config.check().unwrap();
        checked.account_url.split("/2010").next().unwrap().to_string()
    }

    #[test]
    fn servers_are_named_as_twilio_names_them() {
        assert_eq!(url(None, None, None), "https://api.twilio.com");
        assert_eq!(url(Some("ie1"), None, None), "https://api.ie1.twilio.com");
        assert_eq!(url(None, Some("dublin"), None), "https://api.dublin.us1.twilio.com");
        assert_eq!(url(Some("ie1"), Some("dublin"), None), "https://api.dublin.ie1.twilio.com");
        assert_eq!(url(None, None, Some("http://127.0.0.1:4010/")), "http://127.0.0.1:4010");
        assert_eq!(config().check().unwrap().environment, "live");
    }

    #[test]
    fn what_cannot_work_is_named() {
        type Change = fn(&mut TwilioConfig);
        let cases: [(&str, Change); 12] = [
            ("account_sid", |c| c.account_sid = "AC1".into()),
            ("auth_token", |c| c.auth_token = None),
            ("auth_token", |c| c.auth_token = Some("".into())),
            ("api_secret", |c| c.api_key = Some(format!("SK{}", "0".repeat(32)))),
            ("api_key", |c| c.api_secret = Some("s".into())),
            ("api_key", |c| (c.api_key, c.api_secret) = (Some("SK1".into()), Some("s".into()))),
            ("base_url", |c| c.base_url = Some("http://api.example.com".into())),
            ("base_url", |c| c.base_url = Some("https://user:word@api.example.com".into())),
            ("base_url", |c| c.base_url = Some("twilio".into())),
            ("base_url", |c| (c.base_url, c.region) = (Some("https://a.example".into()), Some("ie1".into()))),
            ("region", |c| c.region = Some("ie1.evil.example/".into())),
            ("timeout", |c| c.timeout = -1.0),
        ];
        for (field, change) in cases {
            let mut config = config();
            change(&mut config);
            let error = config.check().unwrap_err();
            assert_eq!((error.code(), error.field()), ("invalid_argument", Some(field)), "{error}");
        }
    }

    #[test]
    fn a_key_goes_before_the_token() {
        let key = format!("SK{}", "1".repeat(32));
        let config = TwilioConfig { api_key: Some(key.clone()), api_secret: Some("s3".into()), ..config() };
        let checked = config.check().unwrap();
        assert_eq!((checked.user, checked.password.expose()), (key, "s3"));
        assert!(!format!("{config:?} {}", serde_json::to_string(&config).unwrap()).contains("a token"));
    }
}
