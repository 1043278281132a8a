//! TLS as libpq's `sslmode` has it.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, ErrorCode, Result};

/// What of the server's certificate is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verify {
    /// Nothing: the channel is encrypted, and that is all.
    Nothing,
    /// That somebody we trust signed it.
    Authority,
    /// That, and that it is made out to the host.
    Host,
}

/// Makes the TLS side of connections; without a file the system's authorities are trusted.
///
/// # Errors
/// `invalid_argument` for a file without certificates, those of reading it.
pub(super) fn connector(verify: Verify, roots: Option<&Path>) -> Result<MakeRustlsConnect> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier {
        authority: match verify {
            Verify::Nothing => None,
            _ => Some(
                WebPkiServerVerifier::builder_with_provider(Arc::new(trusted(roots)?), provider.clone())
                    .build()
                    .map_err(|error| wrong(error.to_string()))?,
            ),
        },
        host: verify == Verify::Host,
        provider: provider.clone(),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn trusted(roots: Option<&Path>) -> Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    let Some(path) = roots else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return match store.is_empty() {
            true => Err(wrong("the system has no certificates of authorities".into())),
            false => Ok(store),
        };
    };
    let pem = std::fs::read(path).map_err(|error| Error::io(&error, path))?;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let added =
            certificate.map_err(|e| e.to_string()).and_then(|c| store.add(c).map_err(|e| e.to_string()));
        added.map_err(|error| wrong(error).at_path(path))?;
    }
    match store.is_empty() {
        true => Err(wrong("the file holds no certificate".into()).at_path(path)),
        false => Ok(store),
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorCode::InvalidArgument, message)
        .hint("give a file of certificates in PEM as sslrootcert")
        .at_field("sslrootcert")
}

#[derive(Debug)]
struct Verifier {
    /// Checks chains and names; none when nothing is checked.
    authority: Option<Arc<WebPkiServerVerifier>>,
    host: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        use CertificateError::{NotValidForName, NotValidForNameContext};
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        match authority.verify_server_cert(certificate, chain, name, ocsp, now) {
            // The name is looked at last, when the chain is known to be good.
            Err(TlsError::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
                if !self.host =>
            {
                Ok(ServerCertVerified::assertion())
            }
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
