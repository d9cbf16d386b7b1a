//! A link that can be made bad: a user-space TCP proxy with a rate, a delay and cuts, the same on
//! every machine and without a privilege. The demonstration cuts its cable with it, the benchmarks
//! measure through it, and both count bytes at the socket.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kernel::problem::Outcome;
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::{Mutex, mpsc, watch},
    time::Instant,
};

/// How good the link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quality {
    /// Bits per second in each direction, shared by all connections; 0 for no limit.
    pub bits_per_second: u64,
    /// Time there and back.
    pub round_trip: Duration,
    /// More round trips that opening a connection costs (1 for TCP, 2 with TLS 1.3).
    pub connect_round_trips: u32,
}

impl Quality {
    /// A wire without limits.
    pub const PERFECT: Self =
        Self { bits_per_second: 0, round_trip: Duration::ZERO, connect_round_trips: 0 };
    /// 2G in a valley: 32 kbit/s, 600 ms there and back, one more for TLS.
    pub const GPRS: Self = Self {
        bits_per_second: 32_000,
        round_trip: Duration::from_millis(600),
        connect_round_trips: 2,
    };
    /// A weak 3G cell.
    pub const WEAK_3G: Self = Self {
        bits_per_second: 400_000,
        round_trip: Duration::from_millis(300),
        connect_round_trips: 2,
    };
}

/// What went over the link so far.
#[derive(Debug, Default)]
pub struct Counters {
    /// Bytes towards the hub.
    pub up: AtomicU64,
    /// Bytes towards the point.
    pub down: AtomicU64,
    /// Connections opened.
    pub connections: AtomicU64,
}

impl Counters {
    /// Up plus down.
    pub fn total(&self) -> u64 {
        self.up.load(Ordering::SeqCst) + self.down.load(Ordering::SeqCst)
    }

    /// Starts counting anew.
    pub fn reset(&self) {
        for counter in [&self.up, &self.down, &self.connections] {
            counter.store(0, Ordering::SeqCst);
        }
    }
}

/// A running link.
pub struct Link {
    /// Where the point connects to.
    pub address: SocketAddr,
    /// What went over it.
    pub counters: Arc<Counters>,
    whole: watch::Sender<bool>,
    cut_after: Arc<AtomicU64>,
    stop: watch::Sender<bool>,
}

impl Link {
    /// Opens a link from `listen` to `to`.
    pub async fn open(listen: SocketAddr, to: SocketAddr, quality: Quality) -> Outcome<Self> {
        let listener = crate::serve::listen(listen).await?;
        let address = listener.local_addr()?;
        let counters = Arc::new(Counters::default());
        let (whole, on) = watch::channel(true);
        let (stop, stopped) = watch::channel(false);
        let cut_after = Arc::new(AtomicU64::new(u64::MAX));
        let wire = Wire {
            to,
            quality,
            counters: counters.clone(),
            on,
            cut_after: cut_after.clone(),
            up: Bucket::new(quality.bits_per_second),
            down: Bucket::new(quality.bits_per_second),
        };
        background(accept(listener, wire, stopped));
        Ok(Self { address, counters, whole, cut_after, stop })
    }

    /// Cuts the cable: connections break, new ones are refused.
    pub fn cut(&self) {
        let _ = self.whole.send(false);
    }

    /// Mends the cable.
    pub fn mend(&self) {
        let _ = self.whole.send(true);
    }

    /// True while the cable is whole.
    pub fn is_whole(&self) -> bool {
        *self.whole.borrow()
    }

    /// Breaks whatever connection carries the byte that makes the total downward reach this.
    pub fn break_after_down(&self, bytes: u64) {
        self.cut_after.store(bytes, Ordering::SeqCst);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

#[expect(clippy::disallowed_methods, reason = "connections outlive the call that opened them")]
fn background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

#[derive(Clone)]
struct Wire {
    to: SocketAddr,
    quality: Quality,
    counters: Arc<Counters>,
    on: watch::Receiver<bool>,
    cut_after: Arc<AtomicU64>,
    up: Bucket,
    down: Bucket,
}

async fn accept(listener: TcpListener, wire: Wire, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((near, _)) = accepted else { continue };
                if *wire.on.borrow() {
                    background(carry(near, wire.clone()));
                }
            }
            _ = stopped.changed() => return,
        }
    }
}

/// One connection: two pumps that end together, or when the cable is cut.
async fn carry(near: TcpStream, wire: Wire) {
    wire.counters.connections.fetch_add(1, Ordering::SeqCst);
    tokio::time::sleep(wire.quality.round_trip * wire.quality.connect_round_trips).await;
    let Ok(far) = TcpStream::connect(wire.to).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let mut on = wire.on.clone();
    let half = wire.quality.round_trip / 2;
    let up = Pump { bucket: wire.up.clone(), delay: half, wire: wire.clone(), down: false };
    let down = Pump { bucket: wire.down.clone(), delay: half, wire: wire.clone(), down: true };
    tokio::select! {
        () = up.run(near_in, far_out) => {}
        () = down.run(far_in, near_out) => {}
        _ = on.wait_for(|whole| !whole) => {}
    }
}

/// One direction of one connection.
struct Pump {
    bucket: Bucket,
    delay: Duration,
    wire: Wire,
    down: bool,
}

/// As large as one packet: what is on the wire when it breaks is lost in units of this.
const PACKET: usize = 1_400;

impl Pump {
    #[expect(clippy::disallowed_methods, reason = "a link's delay is not wall time")]
    async fn run(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        // What is in flight: read at one end, not yet delivered at the other.
        let (send, mut flight) = mpsc::channel::<(Instant, Vec<u8>)>(4_096);
        let reading = async {
            let mut buffer = vec![0; PACKET];
            while let Ok(count) = from.read(&mut buffer).await {
                if count == 0 {
                    break;
                }
                self.bucket.take(count).await;
                if send.send((Instant::now() + self.delay, buffer[..count].to_vec())).await.is_err()
                {
                    break;
                }
            }
            drop(send);
        };
        let delivering = async {
            while let Some((due, bytes)) = flight.recv().await {
                tokio::time::sleep_until(due).await;
                let (bytes, broken) = self.account(&bytes);
                if to.write_all(bytes).await.is_err() || broken {
                    break;
                }
            }
            let _ = to.shutdown().await;
        };
        // Both ends of a pump end together: when one side closes, what is in flight still arrives.
        tokio::join!(reading, delivering);
    }

    /// Counts what is delivered; gives less than all when the wire breaks within it.
    fn account<'a>(&self, bytes: &'a [u8]) -> (&'a [u8], bool) {
        let counter = if self.down { &self.wire.counters.down } else { &self.wire.counters.up };
        let before = counter.load(Ordering::SeqCst);
        let limit = if self.down { self.wire.cut_after.load(Ordering::SeqCst) } else { u64::MAX };
        let room = usize::try_from(limit.saturating_sub(before)).unwrap_or(usize::MAX);
        let broken = room <= bytes.len();
        let delivered = &bytes[..bytes.len().min(room)];
        counter.fetch_add(delivered.len() as u64, Ordering::SeqCst);
        if broken {
            self.wire.cut_after.store(u64::MAX, Ordering::SeqCst);
        }
        (delivered, broken)
    }
}

/// A rate shared by everything that goes one way.
#[derive(Clone)]
struct Bucket {
    bits_per_second: u64,
    free_at: Arc<Mutex<Option<Instant>>>,
}

impl Bucket {
    fn new(bits_per_second: u64) -> Self {
        Self { bits_per_second, free_at: Arc::default() }
    }

    /// Waits until so many bytes have gone out.
    #[expect(clippy::disallowed_methods, reason = "a link's rate is not wall time")]
    async fn take(&self, bytes: usize) {
        if self.bits_per_second == 0 {
            return;
        }
        let lasts = Duration::from_nanos(bytes as u64 * 8 * 1_000_000_000 / self.bits_per_second);
        let until = {
            let mut free_at = self.free_at.lock().await;
            let now = Instant::now();
            let start = free_at.filter(|at| *at > now).unwrap_or(now);
            *free_at = Some(start + lasts);
            start + lasts
        };
        tokio::time::sleep_until(until).await;
    }
}
