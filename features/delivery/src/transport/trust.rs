//! Whose certificate of a hub is believed, and by which clock. The protocol pins the hub's own keys above this
//! and would be safe without TLS; what TLS adds is that nobody on the way reads along.

use std::{fmt, sync::Arc, time::Duration};

use kernel::clock::Clock;
use sync::clock::{TimeFloor, Trust as Standing};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
        SignatureScheme,
        client::{
            WebPkiServerVerifier,
            danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        },
        crypto::ring,
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
        time_provider::TimeProvider,
    },
};

/// Certificate authorities of the operator's own, believed beside the public ones: a province's hub may stand
/// behind a certificate that no browser knows. The server offers them as a port.
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// From a PEM file; says what is wrong with it when it holds no certificate that can be used.
    pub fn from_pem(text: &[u8]) -> Result<Self, String> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
        let certificates = read.map_err(|error| error.to_string())?;
        if certificates.is_empty() {
            return Err("no CERTIFICATE".to_owned());
        }
        let mut roots = RootCertStore::empty();
        for certificate in &certificates {
            roots.add(certificate.clone()).map_err(|error| error.to_string())?;
        }
        Ok(Self(certificates))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

/// How the certificate of a hub is judged.
pub struct Trust<'a> {
    /// The operator's own authorities, if any.
    pub authorities: Option<&'a Authorities>,
    /// This machine's clock.
    pub clock: Arc<dyn Clock>,
    /// The latest time that the hub has proven, in milliseconds since 1970; 0 before the first.
    pub floor_ms: u64,
}

impl Trust<'_> {
    /// What makes TLS connections by this trust; none when the cryptography cannot be set up.
    pub(super) fn connector(&self) -> Option<TlsConnector> {
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        for certificate in self.authorities.iter().flat_map(|own| &own.0) {
            roots.add(certificate.clone()).ok()?;
        }
        let provider = Arc::new(ring::default_provider());
        let strict = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .ok()?;
        let clock = KnownTime { clock: self.clock.clone(), floor_ms: self.floor_ms };
        let config = ClientConfig::builder_with_details(provider, Arc::new(clock))
            .with_safe_default_protocol_versions()
            .ok()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(PatientVerifier(strict)))
            .with_no_client_auth();
        Some(TlsConnector::from(Arc::new(config)))
    }
}

/// The time by which certificates are judged: our clock, unless it contradicts what the hub has proven.
struct KnownTime {
    clock: Arc<dyn Clock>,
    floor_ms: u64,
}

impl TimeProvider for KnownTime {
    fn current_time(&self) -> Option<UnixTime> {
        let now = u64::try_from(self.clock.now().millis()).unwrap_or(0);
        let now = match TimeFloor::new(self.floor_ms).judge(now) {
            Standing::Plausible | Standing::Unproven => now,
            Standing::Behind(_) | Standing::FarAhead(_) => self.floor_ms,
        };
        Some(UnixTime::since_unix_epoch(Duration::from_millis(now)))
    }
}

impl fmt::Debug for KnownTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KnownTime").field("floor_ms", &self.floor_ms).finish_non_exhaustive()
    }
}

/// The strict verifier, but for one thing: a certificate *of our future* is judged at the moment it begins.
/// Nobody issues certificates ahead of time, so it is our clock that is behind: a box whose battery is empty
/// wakes up in 1970, and could never learn the time from its hub otherwise. Everything else holds unchanged.
#[derive(Debug)]
struct PatientVerifier(Arc<WebPkiServerVerifier>);

/// A chain has a handful of certificates; each may begin a little later than the one before.
const BEGINNINGS_MOST: usize = 8;

impl ServerCertVerifier for PatientVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut at = now;
        for _ in 0..BEGINNINGS_MOST {
            let judged = self.0.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                at,
            );
            match judged {
                Err(Error::InvalidCertificate(CertificateError::NotValidYetContext {
                    not_before,
                    ..
                })) if not_before > at => at = not_before,
                other => return other,
            }
        }
        Err(Error::InvalidCertificate(CertificateError::NotValidYet))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
