//! One HTTP request to somebody else's server, with what keeps it from going where it should not: TLS, a host whose
//! every address is looked at before one of them is called, and an answer that is read only so far.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use http::{Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider, pki_types::ServerName},
};

/// How long the whole request may take.
const WITHIN: Duration = Duration::from_secs(30);
/// So much of an answer is read.
const ANSWER_MOST: usize = 64 * 1024;

/// Whom a request may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Hosts that people named: HTTPS, and only addresses of the public Internet.
    Public,
    /// Hosts that the operator named: HTTPS to any address, plain HTTP to this machine only.
    Operator,
}

/// What is sent.
pub struct Sending<'a> {
    /// Where to.
    pub url: &'a str,
    /// Headers besides those that are always there.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The beginning of the body, as text.
    pub text: String,
}

/// The way out by HTTP.
#[derive(Clone)]
pub struct Road {
    reach: Reach,
    tls: TlsConnector,
}

impl Road {
    /// A way that reaches so far.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(reach: Reach) -> Result<Self, String> {
        let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { reach, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Sends a POST and reads the answer.
    ///
    /// # Errors
    /// Why there is no answer. Whether the other side has the request is then not known.
    pub async fn post(&self, sending: Sending<'_>) -> Result<Answer, String> {
        tokio::time::timeout(WITHIN, self.try_post(sending))
            .await
            .unwrap_or_else(|_| Err("không trả lời kịp".to_owned()))
    }

    async fn try_post(&self, sending: Sending<'_>) -> Result<Answer, String> {
        let uri: Uri = sending.url.parse().map_err(|_| "địa chỉ không đọc được".to_owned())?;
        let host = uri.host().ok_or("địa chỉ không có tên máy")?.trim_matches(['[', ']']);
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let address = self.address(host, port, secure).await?;
        let mut request = Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(header::HOST, uri.authority().map_or(host, |one| one.as_str()))
            .header(header::USER_AGENT, "nhipcau")
            .header(header::CONTENT_LENGTH, sending.body.len());
        for (name, value) in sending.headers {
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(Bytes::from(sending.body)))
            .map_err(|error| error.to_string())?;
        let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        if !secure {
            return exchange(stream, request).await;
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| error.to_string())?;
        exchange(stream, request).await
    }

    /// The address to call: looked up once and called as it was found, so that a name cannot change in between.
    async fn address(&self, host: &str, port: u16, secure: bool) -> Result<SocketAddr, String> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| error.to_string())?
            .collect();
        let allowed = |one: &SocketAddr| match self.reach {
            Reach::Public => secure && is_public(one.ip()),
            Reach::Operator => secure || one.ip().is_loopback(),
        };
        // One address inside is enough to refuse the name.
        if !found.iter().all(allowed) {
            return Err("địa chỉ này không được phép gọi".to_owned());
        }
        found.first().copied().ok_or_else(|| "không tìm thấy máy này".to_owned())
    }
}

async fn exchange(
    stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Answer, String> {
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let asked = async {
        let mut response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(frame) = response.frame().await {
            let frame = frame.map_err(|error| error.to_string())?;
            if let Some(bytes) = frame.data_ref() {
                body.extend_from_slice(bytes);
            }
            if body.len() >= ANSWER_MOST {
                body.truncate(ANSWER_MOST);
                break;
            }
        }
        Ok(Answer { status, text: String::from_utf8_lossy(&body).into_owned() })
    };
    tokio::pin!(asked);
    // The connection is driven here and ends with the answer: no task outlives it.
    tokio::select! {
        answer = &mut asked => answer,
        ended = connection => match ended {
            Ok(()) => asked.await,
            Err(error) => Err(error.to_string()),
        },
    }
}

/// True for an address of the public Internet: not this machine, not an office's network, none that is set aside
/// (IANA special-purpose registries), and none that hides such an address in itself.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let set_aside = ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !set_aside
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    // Only 2000::/3 is handed out; in it, documentation, Teredo and 6to4 lead elsewhere. IPv4 in disguise
    // (mapped, NAT64) lies outside and is refused with the rest.
    let handed_out = parts[0] & 0xe000 == 0x2000;
    let elsewhere = parts[0] == 0x2002
        || (parts[0] == 0x2001 && (parts[1] < 0x200 || parts[1] == 0xdb8))
        || (parts[0] == 0x3fff && parts[1] < 0x1000);
    handed_out && !elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for good in ["8.8.8.8", "203.162.4.1", "2001:4860:4860::8888", "2620:fe::fe"] {
            assert!(is_public(good.parse().expect("an address")), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.5",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "2002:7f00:1::1",
            "2001:0:1::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(bad.parse().expect("an address")), "{bad}");
        }
    }
}
