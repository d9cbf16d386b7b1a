//! A small load generator: so many warm connections, each asking again as soon as it is answered.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Empty};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use kernel::problem::{Failure, Outcome};

/// One answer.
pub struct Got {
    /// HTTP status.
    pub status: u16,
    /// The body as sent, compressed when it was.
    pub body: Bytes,
}

/// One GET on a connection of its own.
pub async fn get(address: SocketAddr, path: &str) -> Outcome<Got> {
    let mut sender = connect(address).await?;
    ask(&mut sender, path).await
}

/// What a run of load came to.
pub struct Load {
    /// Requests answered with 200.
    pub answered: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Each answer's time in milliseconds.
    pub millis: Vec<f64>,
}

/// Asks for one path over `connections` connections for so long.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and drives many connections"
)]
pub async fn load(
    address: SocketAddr,
    path: &str,
    connections: usize,
    lasting: Duration,
) -> Outcome<Load> {
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let path = path.to_owned();
        tasks.push(tokio::spawn(async move {
            let mut sender = connect(address).await?;
            let mut millis = Vec::new();
            while begun.elapsed() < lasting {
                let asked = Instant::now();
                let got = ask(&mut sender, &path).await?;
                if got.status == 200 {
                    millis.push(asked.elapsed().as_secs_f64() * 1000.0);
                }
            }
            Ok::<_, Failure>(millis)
        }));
    }
    let mut millis = Vec::new();
    for task in tasks {
        millis.extend(task.await.map_err(|error| Failure::fault("make load", error))??);
    }
    Ok(Load { answered: millis.len() as u64, elapsed: begun.elapsed(), millis })
}

type Sender = http1::SendRequest<Empty<Bytes>>;

async fn connect(address: SocketAddr) -> Outcome<Sender> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let opened = http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) =
        opened.map_err(|error| Failure::fault("open a connection", error))?;
    #[expect(clippy::disallowed_methods, reason = "drives the connection; ends with the sender")]
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(sender)
}

async fn ask(sender: &mut Sender, path: &str) -> Outcome<Got> {
    let broken = |error: hyper::Error| Failure::fault("ask", error);
    sender.ready().await.map_err(broken)?;
    let request = http::Request::get(path)
        .header("host", "bench")
        .header("accept-encoding", "gzip")
        .body(Empty::new())
        .map_err(|error| Failure::fault("ask", error))?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.map_err(broken)?.to_bytes();
    Ok(Got { status, body })
}
