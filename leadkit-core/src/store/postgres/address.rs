//! Where the server is, and whose leads are meant.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::{self, Verify};
use crate::error::{Error, ErrorCode, Result};

/// The longest name of a tenant.
const MAX_TENANT: usize = 48;

/// A checked URL: all that a connection needs.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads a URL as libpq does: `postgresql://user:password@host:port/database?sslmode=...`.
    ///
    /// # Errors
    /// `invalid_argument` for a malformed URL or parameter, those of reading `sslrootcert`. The
    /// password is in no text.
    pub(super) fn parse(url: &str) -> Result<Address> {
        let (rest, mode, roots) = own_parameters(url)?;
        let mut config: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
            // Its source names the parameter, and quotes no more than that.
            let cause = std::error::Error::source(&error).map(|c| format!(": {c}")).unwrap_or_default();
            malformed(format!("the URL of the server cannot be read{cause}"))
        })?;
        // libpq: with a file of authorities, `require` means verify-ca.
        let (mut ssl, verify) = match (mode.as_deref().unwrap_or("prefer"), &roots) {
            ("disable", _) => (SslMode::Disable, Verify::Nothing),
            ("allow" | "prefer", _) => (SslMode::Prefer, Verify::Nothing),
            ("require", None) => (SslMode::Require, Verify::Nothing),
            ("require", Some(_)) | ("verify-ca", _) => (SslMode::Require, Verify::Authority),
            ("verify-full", _) => (SslMode::Require, Verify::Host),
            _ => {
                return Err(malformed("sslmode is none of the known ones")
                    .hint("disable, prefer, require, verify-ca or verify-full"));
            }
        };
        #[cfg(unix)]
        if config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_))) {
            ssl = SslMode::Disable;
        }
        config.ssl_mode(ssl);
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("localhost");
        }
        if config.get_application_name().is_none() {
            config.application_name("leadkit");
        }
        // A server that vanished without a word is noticed within a minute or so.
        config.keepalives_idle(config.get_keepalives_idle().min(Duration::from_secs(30)));
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(60));
        }
        Ok(Address { tls: tls::connector(verify, roots.as_deref())?, config })
    }
}

/// Takes out the parameters that the driver's parser does not know, or not with all their values.
fn own_parameters(url: &str) -> Result<(String, Option<String>, Option<PathBuf>)> {
    // The password ends at the first `@`, and may hold a `?`.
    let credentials = url.find('@').unwrap_or(0);
    let Some(mark) = url[credentials..].find('?').map(|at| at + credentials) else {
        return Ok((url.to_string(), None, None));
    };
    let (mut mode, mut roots, mut others) = (None, None, Vec::new());
    for parameter in url[mark + 1..].split('&').filter(|p| !p.is_empty()) {
        match parameter.split_once('=') {
            Some(("sslmode", value)) => mode = Some(decoded(value)?),
            Some(("sslrootcert", value)) => roots = Some(PathBuf::from(decoded(value)?)),
            _ => others.push(parameter),
        }
    }
    // `system` is libpq's word for the system's authorities, which are the default here.
    let roots = roots.filter(|path| path.as_os_str() != "system");
    Ok((format!("{}?{}", &url[..mark], others.join("&")), mode, roots))
}

fn decoded(text: &str) -> Result<String> {
    let wrong = || malformed("a parameter of the URL is not percent-encoded");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()).ok_or_else(wrong)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn malformed(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
        .hint("such as postgresql://user:password@host:5432/database")
        .at_field("url")
}

/// Checks a tenant's name: it becomes the name of a schema.
///
/// # Errors
/// `invalid_argument`.
pub(super) fn check_tenant(name: &str) -> Result<()> {
    let mut bytes = name.bytes();
    let shaped = bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && name.len() <= MAX_TENANT;
    if shaped && !name.starts_with("pg_") && name != "information_schema" {
        return Ok(());
    }
    Err(Error::new(ErrorCode::InvalidArgument, "this is no name for a tenant")
        .hint(format!("small letters, digits and _, a letter first, {MAX_TENANT} at most; not pg_..."))
        .with_value(name)
        .at_field("tenant"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parameters_of_tls_are_taken_out_and_others_stay() {
        let (url, mode, roots) = own_parameters(
            "postgresql://u:p?sslmode=x@h/db?sslmode=verify-full&connect_timeout=3&sslrootcert=%2Fa%20b",
        )
        .unwrap();
        assert_eq!(url, "postgresql://u:p?sslmode=x@h/db?connect_timeout=3");
        assert_eq!(mode.as_deref(), Some("verify-full"));
        assert_eq!(roots, Some(PathBuf::from("/a b")));
    }

    #[test]
    fn malformed_urls_are_refused_without_their_password() {
        for url in [
            "postgresql://u:s3cret@h:notaport/db",
            "postgresql://u:s3cret@h/db?sslmode=maybe",
            "postgresql://u:s3cret@h/db?nonsense=1",
            "postgresql://u:s3cret@h/db?sslrootcert=%zz",
        ] {
            let error = Address::parse(url).err().unwrap();
            assert_eq!(error.code(), "invalid_argument", "{url}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn tenants_have_plain_names() {
        for name in ["leadkit", "a", "user", "public", "t_1", &"x".repeat(48)] {
            assert!(check_tenant(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "1a",
            "_a",
            "A",
            "a-b",
            "a\"; DROP SCHEMA x",
            "pg_x",
            "information_schema",
            "ü",
            &"x".repeat(49),
        ] {
            let error = check_tenant(name).unwrap_err();
            assert_eq!((error.code(), error.field()), ("invalid_argument", Some("tenant")), "{name}");
        }
    }
}
