//! Telling the time where the clock's battery is dead. A box never believes a time before the
//! latest that somebody signed; ordering never uses wall time at all.

/// A clock within this of the last proven time is believed, in milliseconds: a box may be offline
/// for half a year.
const PLAUSIBLE_MS: u64 = 183 * 24 * 60 * 60 * 1000;

/// How far a wall clock can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// No proven time was ever heard; the wall clock is all there is.
    Unproven,
    /// It fits what is proven.
    Plausible,
    /// It is this many milliseconds before a time that has certainly passed.
    Behind(u64),
    /// It is this many milliseconds after the last proven time, longer than a box stays offline.
    FarAhead(u64),
}

/// The latest time that a believed node has signed, in milliseconds since 1970 UTC. Persisted; it
/// only ever rises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct TimeFloor(u64);

impl TimeFloor {
    /// The floor as stored.
    pub const fn new(time_ms: u64) -> Self {
        Self(time_ms)
    }

    /// To store.
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// Raises the floor to a proven time. Returns whether it rose.
    pub const fn raise(&mut self, signed_ms: u64) -> bool {
        let rises = signed_ms > self.0;
        if rises {
            self.0 = signed_ms;
        }
        rises
    }

    /// How far to believe a wall clock.
    pub const fn judge(self, wall_ms: u64) -> Trust {
        if self.0 == 0 {
            Trust::Unproven
        } else if wall_ms < self.0 {
            Trust::Behind(self.0 - wall_ms)
        } else if wall_ms - self.0 > PLAUSIBLE_MS {
            Trust::FarAhead(wall_ms - self.0)
        } else {
            Trust::Plausible
        }
    }

    /// The time to judge by: never before what is proven.
    pub fn now(self, wall_ms: u64) -> u64 {
        wall_ms.max(self.0)
    }

    /// Whether something that ends at `expires_ms` has ended. A clock that runs implausibly far
    /// ahead expires nothing: better an old notice than none.
    pub fn has_expired(self, expires_ms: u64, wall_ms: u64) -> bool {
        let now = match self.judge(wall_ms) {
            Trust::FarAhead(_) => self.0,
            _ => self.now(wall_ms),
        };
        now >= expires_ms
    }
}
