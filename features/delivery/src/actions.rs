//! What people and nodes do: make codes and join, say hello, take reports in, be revoked.

mod enrolment;
mod examining;
pub mod handover;
pub mod heirs;
mod hub;
mod living;
pub mod passings;
pub mod succession;

pub use enrolment::{admit, join, make_enrolment_code, replace_point};
pub use examining::examine;
pub use hub::{Greeting, Taken, hear, revoke, session_of, take_batch};
pub(crate) use living::living;
pub use living::{Living, before_a_code};
