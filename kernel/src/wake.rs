//! Waking whoever waits for something new, after a commit: the event worker and the long polls.
//! Only a hint: everybody who is woken looks in the tables, and looks there from time to time anyway.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::watch;

/// Counters that only grow. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Wake {
    events: watch::Sender<u64>,
    records: watch::Sender<u64>,
    commits: Arc<AtomicU64>,
}

impl Default for Wake {
    fn default() -> Self {
        Self {
            events: watch::Sender::new(0),
            records: watch::Sender::new(0),
            commits: Arc::default(),
        }
    }
}

impl Wake {
    /// A change was committed.
    pub(crate) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::SeqCst);
    }

    /// How many changes this process has committed: pages rendered before are old now.
    pub fn generation(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// Something was announced or queued.
    pub fn events(&self) {
        self.events.send_modify(|count| *count += 1);
    }

    /// Something was written to the node's log.
    pub fn records(&self) {
        self.records.send_modify(|count| *count += 1);
    }

    /// Listens for events and jobs.
    pub fn on_events(&self) -> watch::Receiver<u64> {
        self.events.subscribe()
    }

    /// Listens for new records.
    pub fn on_records(&self) -> watch::Receiver<u64> {
        self.records.subscribe()
    }
}
