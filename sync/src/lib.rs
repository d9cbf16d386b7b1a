//! The sync protocol of Nhịp Cầu as pure values: bytes, keys, randomness and times come in, bytes
//! and decisions come out. There is no clock, socket, disk, database or thread in this crate;
//! `features/delivery` drives it. The wire formats are specified in this crate's README.
#![warn(missing_docs)]

mod cbor;
mod wire;

pub mod backoff;
pub mod blob;
pub mod clock;
pub mod dictionary;
pub mod downstream;
pub mod enrol;
pub mod frame;
pub mod fuzzing;
pub mod history;
pub mod keys;
pub mod parcel;
pub mod poll;
pub mod record;
pub mod session;
pub mod statement;
pub mod upstream;
pub mod vector;
pub mod words;

pub use keys::{NodeId, NodeKeys, PublicKeys};
pub use record::{Header, Lane, Record, Rejected, SignedRecord};
pub use statement::{BadSignature, Signed};
pub use vector::{Cursor, StateVector};
pub use wire::Malformed;
