//! Records on their way down: the hub's [`Sender`] answers a poll, the point's [`Receiver`] takes
//! the answer in. Neither touches a socket or a database; they say what they need.

mod events;
mod queue;
mod receiver;
mod sender;

pub use events::{Apply, Input, Output, Problem, Received};
pub use receiver::Receiver;
pub use sender::{Closing, LaneLog, Need, Rows, Sender, Step};
