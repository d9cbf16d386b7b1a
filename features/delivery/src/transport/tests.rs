//! The road to a hub that speaks TLS: whose certificates are believed, and at what time.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http::Method;
use kernel::clock::{Day, ManualClock, Timestamp};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use super::{Authorities, RoadFault, Transport, Trust};

const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");
const HUB: &[u8] = include_bytes!("certificates/hub.pem");
const HUB_KEY: &[u8] = include_bytes!("certificates/hub.key");

fn day(year: i16, month: i8) -> i64 {
    Day::new(year, month, 1).expect("a day").start().millis()
}

fn floor(year: i16, month: i8) -> u64 {
    u64::try_from(day(year, month)).expect("after 1970")
}

/// A hub with the certificate of 2026; says what each request looked like.
async fn hub() -> (SocketAddr, mpsc::Receiver<String>) {
    let chain = vec![CertificateDer::from_pem_slice(HUB).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_slice(HUB_KEY).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("they belong together");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (say, heard) = mpsc::channel(8);
    #[expect(
        clippy::disallowed_methods,
        reason = "the other side of a test; ends with its runtime"
    )]
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap_or(0);
            let _ = say.send(String::from_utf8_lossy(&request[..read]).into_owned()).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
            let _ = stream.shutdown().await;
        }
    });
    (address, heard)
}

/// Asks the hub once, on a machine with this clock that knows this much of its hub's time.
async fn ask(
    url: &str,
    authorities: Option<&Authorities>,
    clock_ms: i64,
    floor_ms: u64,
) -> Result<u16, RoadFault> {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(clock_ms)));
    let trust = Trust { authorities, clock, floor_ms };
    let mut transport = Transport::new(url, &trust).expect("an address");
    let patience = Duration::from_secs(10);
    transport.whole(Method::GET, "/healthz", None, Vec::new(), patience).await.map(|it| it.status)
}

fn own() -> Authorities {
    Authorities::from_pem(AUTHORITY).expect("one authority")
}

#[tokio::test]
async fn a_hub_of_a_private_authority_is_reached_once_the_authority_is_known() {
    let (address, mut heard) = hub().await;
    let url = format!("https://{address}");
    let summer = day(2026, 7);
    let refused = ask(&url, None, summer, 0).await;
    assert!(matches!(refused, Err(RoadFault::Untrusted(_))), "{refused:?}");
    assert_eq!(ask(&url, Some(&own()), summer, 0).await.expect("it answers"), 200);
    let request = heard.recv().await.expect("the request arrived");
    assert!(request.to_lowercase().contains(&format!("host: {address}\r\n")), "{request}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_whatever_the_authority() {
    let (address, _heard) = hub().await;
    let refused =
        ask(&format!("https://localhost:{}", address.port()), Some(&own()), day(2026, 7), 0).await;
    assert!(matches!(refused, Err(RoadFault::Untrusted(_))), "{refused:?}");
}

#[tokio::test]
async fn a_box_whose_battery_is_empty_reaches_its_hub_by_tls() {
    let (address, _heard) = hub().await;
    let url = format!("https://{address}");
    // It woke up in 1970 and never heard of a time; or it knows that last month has passed.
    for (clock, floor) in [(86_400_000, 0), (86_400_000, floor(2026, 6)), (day(2025, 12), 0)] {
        let answered = ask(&url, Some(&own()), clock, floor).await;
        assert_eq!(answered.expect("the clock is at fault, not the hub"), 200, "{clock} {floor}");
    }
}

#[tokio::test]
async fn a_clock_ten_years_ahead_is_judged_by_what_the_hub_has_proven() {
    let (address, _heard) = hub().await;
    let url = format!("https://{address}");
    let ahead = day(2036, 7);
    assert_eq!(ask(&url, Some(&own()), ahead, floor(2026, 6)).await.expect("it answers"), 200);
    // Nothing is known of the time: then a certificate that has ended has ended.
    let refused = ask(&url, Some(&own()), ahead, 0).await;
    assert!(matches!(refused, Err(RoadFault::Untrusted(_))), "{refused:?}");
    // And one that ended before the hub's last word is refused, whatever the clock says.
    let refused = ask(&url, Some(&own()), day(2027, 7), floor(2027, 6)).await;
    assert!(matches!(refused, Err(RoadFault::Untrusted(_))), "{refused:?}");
}

#[test]
fn a_file_without_a_usable_certificate_is_refused() {
    for bad in [
        &b""[..],
        b"hello",
        HUB_KEY,
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(Authorities::from_pem(bad).is_err(), "{}", String::from_utf8_lossy(bad));
    }
    assert_eq!(own().count(), 1);
}

#[test]
fn only_web_addresses_lead_anywhere() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(0)));
    let trust = Trust { authorities: None, clock, floor_ms: 0 };
    for good in ["http://127.0.0.1:8080", "https://hub.example/", "http://[::1]:80/nhip-cau"] {
        assert!(Transport::new(good, &trust).is_some(), "{good}");
    }
    for bad in
        ["", "hub", "ftp://hub", "http://", "javascript:alert(1)", "http//x", "https://exa mple"]
    {
        assert!(Transport::new(bad, &trust).is_none(), "{bad}");
    }
}
