//! Hashing passwords, rationed: each hash takes 19 MiB for some tens of milliseconds, so a flood of
//! sign-ins must queue for a few slots instead of filling the memory of a small machine.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use kernel::{
    chance::Chance,
    problem::{Failure, Outcome},
};
use tokio::sync::Semaphore;

use super::busy_problem;
use crate::model::normal_form;

/// Argon2id with 19 MiB, two passes, one lane: the first choice of the OWASP password-storage sheet.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes at once in this process.
const SLOTS_MAX: usize = 2;
/// Strangers in the queue; a known device may always queue.
const STRANGERS_WAITING_MAX: usize = 64;

static SLOTS: Semaphore = Semaphore::const_new(SLOTS_MAX);
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// A place in the queue, given back however the request ends.
struct Waiting;

impl Waiting {
    fn new() -> (Self, usize) {
        (Self, WAITING.fetch_add(1, Ordering::SeqCst))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Who asks for a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// A browser nobody has signed in from.
    Stranger,
    /// A known device, or somebody already signed in.
    Known,
}

fn hasher() -> Outcome<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Failure::fault("prepare a password hash", error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str, salt: [u8; 16]) -> Outcome<String> {
    let hash: PasswordHash = hasher()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| Failure::fault("hash a password", error))?;
    Ok(hash.to_string())
}

/// What an unknown username is checked against, so that it takes as long as a known one.
fn nobodys_hash() -> Outcome<String> {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    if let Some(known) = NOBODYS.get() {
        return Ok(known.clone());
    }
    let made = hash_now("nobody has this password", [7; 16])?;
    Ok(NOBODYS.get_or_init(|| made).clone())
}

/// Runs work that takes a hash's memory. The slot is held until the work ends, also when the request that
/// asked for it is gone by then.
async fn in_slot<T: Send + 'static>(
    asker: Asker,
    work: impl FnOnce() -> Outcome<T> + Send + 'static,
) -> Outcome<T> {
    let (place, before) = Waiting::new();
    if asker == Asker::Stranger && before >= STRANGERS_WAITING_MAX {
        return Err(busy_problem().into());
    }
    let slot = SLOTS.acquire().await.map_err(|error| Failure::fault("wait for a hash", error))?;
    drop(place);
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(slot);
        done
    });
    done.await.map_err(|error| Failure::fault("hash a password", error))?
}

/// The hash of a new password as a PHC string, with a salt of its own.
pub(super) async fn hash(password: &str, chance: &Chance) -> Outcome<String> {
    let password = normal_form(password);
    let salt = chance.bytes();
    in_slot(Asker::Known, move || hash_now(&password, salt)).await
}

/// True when the password belongs to the hash. Without a hash it takes as long, and is false.
pub(super) async fn matches(asker: Asker, password: &str, stored: Option<String>) -> Outcome<bool> {
    let password = normal_form(password);
    in_slot(asker, move || {
        let is_somebodys = stored.is_some();
        let phc = stored.map_or_else(nobodys_hash, Ok)?;
        let hash = PasswordHash::new(&phc)
            .map_err(|error| Failure::fault("read a password hash", error))?;
        Ok(hasher()?.verify_password(password.as_bytes(), &hash).is_ok() && is_somebodys)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{super::BUSY, *};

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }

    #[test]
    fn a_password_matches_its_own_hash_and_no_other() {
        block_on(async {
            let chance = Chance::seeded(1);
            let one = hash("nước trong xanh", &chance).await.expect("a hash");
            let other = hash("nước trong xanh", &chance).await.expect("a hash");
            assert_ne!(one, other, "each hash has its own salt");
            assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
            let typed = "nu\u{31b}o\u{31b}\u{301}c trong xanh";
            assert!(matches(Asker::Known, typed, Some(one.clone())).await.expect("checked"));
            assert!(!matches(Asker::Known, "nuoc trong xanh", Some(one)).await.expect("checked"));
            assert!(
                !matches(Asker::Known, "nobody has this password", None).await.expect("checked")
            );
        });
    }

    #[test]
    fn strangers_beyond_the_queue_are_told_that_we_are_busy() {
        block_on(async {
            let held =
                SLOTS.acquire_many(u32::try_from(SLOTS_MAX).expect("small")).await.expect("slots");
            let queue: Vec<_> = (0..STRANGERS_WAITING_MAX).map(|_| Waiting::new().0).collect();
            let refused = matches(Asker::Stranger, "x", None).await.expect_err("the queue is full");
            assert!(refused.is(&BUSY));
            drop((queue, held));
            assert!(!matches(Asker::Stranger, "x", None).await.expect("there is room again"));
        });
    }
}
