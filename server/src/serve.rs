//! The HTTP server: accepts connections, hands them to the site, stops gracefully.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use futures_util::FutureExt;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use kernel::{
    app::AppRef,
    axum::{Router, body::Body, extract::Request},
    problem::{Outcome, Problem},
    web::{Connected, with_layers},
};
use tokio::{net::TcpListener, sync::watch};
use tower::ServiceExt;

use crate::{config::Config, trouble};

/// The whole site: pages in the web shell, and the bare routes between machines.
pub fn site(app: &AppRef) -> Router {
    let mut pages = Router::new();
    let mut wire = Router::new();
    for module in app.modules {
        pages = pages.merge((module.routes)());
        wire = wire.merge((module.wire)());
    }
    with_layers(pages, app).merge(wire).with_state(app.clone())
}

/// Serves until `stop` says so; then lets requests in flight finish, for at most ten seconds.
pub async fn serve(
    app: AppRef,
    config: &Config,
    listener: TcpListener,
    mut stop: watch::Receiver<bool>,
) -> Outcome<()> {
    let site = site(&app).merge(crate::logging::metrics_route());
    let graceful = GracefulShutdown::new();
    let trusted = config.trusted_proxy;
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to come back.
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            },
            _ = stop.changed() => break,
        };
        let _ = stream.set_nodelay(true);
        let connected = Connected { peer: peer.ip(), trusted_proxy: trusted == Some(peer.ip()) };
        let site = site.clone();
        let service = tower::service_fn(move |request: Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(connected);
            site.clone().oneshot(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(30))
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        #[expect(
            clippy::disallowed_methods,
            reason = "one task a connection; the server owns them"
        )]
        tokio::spawn(connection.map(|_| ()));
    }
    let _ = tokio::time::timeout(Duration::from_secs(10), graceful.shutdown()).await;
    Ok(())
}

/// Takes the address, or says clearly why it cannot be had.
pub async fn listen(address: SocketAddr) -> Outcome<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let kind = match error.kind() {
            std::io::ErrorKind::AddrInUse => &trouble::PORT_TAKEN,
            _ => &trouble::CANNOT_LISTEN,
        };
        let told = Problem::of(kind).with("address", address.to_string());
        told.with("why", error.to_string()).into()
    })
}

/// Runs a whole node: the site, the worker, and (on a point) the road to the hub.
pub async fn run_node(app: AppRef, config: Config, stop: watch::Receiver<bool>) -> Outcome<()> {
    let listener = listen(config.listen).await?;
    let worker = crate::worker::run(app.clone(), stop.clone());
    let road = delivery::run(app.clone(), stop.clone());
    let site = serve(app.clone(), &config, listener, stop);
    let (served, (), ()) = tokio::join!(site, worker, road);
    app.db.close().await;
    served
}

/// Lines typed at this process, until its standard input closes. A thread of its own waits for them:
/// it must not hold up the end of the program.
pub fn typed_lines() -> tokio::sync::mpsc::Receiver<String> {
    let (send, receive) = tokio::sync::mpsc::channel(16);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        while let Some(line) = short_line(&mut input) {
            if send.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receive
}

/// Letters of a typed line that are kept; nobody types more, and a pipe that never ends a line must not fill
/// the memory.
const LINE_MOST: usize = 200;
/// Bytes after which a line that does not end is no person's; such an input (`< /dev/zero`) is not read on, or it
/// would keep a processor busy for ever.
const LINE_ENDS_WITHIN: usize = 1 << 20;

/// The next line, its end left off when it is long; none when there is nothing more that a person typed.
fn short_line(input: &mut impl std::io::BufRead) -> Option<String> {
    let mut line = Vec::new();
    let mut passed = 0;
    loop {
        let bytes = input.fill_buf().ok()?;
        if bytes.is_empty() {
            return (!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned());
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let words = &bytes[..end.unwrap_or(bytes.len())];
        line.extend_from_slice(&words[..words.len().min(LINE_MOST - line.len())]);
        let read = end.map_or(bytes.len(), |at| at + 1);
        input.consume(read);
        if end.is_some() {
            return Some(String::from_utf8_lossy(&line).into_owned());
        }
        passed += read;
        if passed > LINE_ENDS_WITHIN {
            return None;
        }
    }
}

/// Says stop once Ctrl-C or SIGTERM arrives, or when the parent's pipe closes.
pub fn stop_signal(with_parent: bool) -> watch::Receiver<bool> {
    let (say, stop) = watch::channel(false);
    let say = Arc::new(say);
    #[expect(
        clippy::disallowed_methods,
        reason = "waits for the operating system, as long as we live"
    )]
    tokio::spawn(async move {
        let parent = async {
            if with_parent {
                let mut lines = typed_lines();
                while lines.recv().await.is_some() {}
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = interrupted() => {}
            () = parent => {}
        }
        let _ = say.send(true);
    });
    stop
}

async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}

#[cfg(test)]
mod tests {
    use super::{LINE_ENDS_WITHIN, LINE_MOST, short_line};

    #[test]
    fn typed_lines_are_read_one_by_one_and_an_endless_one_is_cut() {
        let endless = [b"c\nn\n".to_vec(), vec![0; 1_000_000], b"\n\nz".to_vec()].concat();
        let mut input = std::io::BufReader::with_capacity(4096, endless.as_slice());
        assert_eq!(short_line(&mut input).as_deref(), Some("c"));
        assert_eq!(short_line(&mut input).as_deref(), Some("n"));
        assert_eq!(short_line(&mut input).map(|line| line.len()), Some(LINE_MOST));
        assert_eq!(short_line(&mut input).as_deref(), Some(""));
        assert_eq!(short_line(&mut input).as_deref(), Some("z"));
        assert_eq!(short_line(&mut input), None);
    }

    #[test]
    fn a_line_that_never_ends_is_not_read_for_ever() {
        let mut input = std::io::BufReader::new(std::io::repeat(0));
        assert_eq!(short_line(&mut input), None);
        let longest = [vec![b'c'; LINE_ENDS_WITHIN], b"\n".to_vec()].concat();
        let mut input = std::io::BufReader::with_capacity(4096, longest.as_slice());
        assert_eq!(short_line(&mut input).map(|line| line.len()), Some(LINE_MOST));
    }
}
