//! What is compressed on its way between a device and the server, and how it is kept bounded.
//!
//! Frames on a WebSocket: the first message of each direction is the frame itself, and
//! every later one is the next piece of one zstd stream, so that a small edit costs little more
//! than what earlier ones did not say. A larger frame is a message that stands by itself ([`alone`]):
//! it is packed once for all who get it, and whoever gets nothing else holds no stream. Segments of documents: CBOR in one zstd frame ([`packed`]).
//!
//! **Architecture Invariant**: nothing here does IO or knows what a frame means. What a peer sends
//! costs no more memory than `WINDOW` and one frame, whatever it claims.

pub mod alone;
mod incoming;
mod outgoing;
pub mod packed;

pub use incoming::{Incoming, Unreadable};
pub use outgoing::{Outgoing, TooLarge};
