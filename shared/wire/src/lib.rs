//! What is compressed on its way between a device and the server, and how it is kept bounded.
//!
//! Frames on a WebSocket: the first message of each direction is the frame itself, and
//! every later one is the next piece of one zstd stream, so that a small edit costs little more
//! than what earlier ones did not say. A larger frame is a message that stands by itself ([`alone`]):
//! it is packed once for all who get it, and whoever gets nothing else holds no stream. Before
//! that, a push and a delivery lose what the other side was told already or can compute
//! ([`Shortening`], [`Restoring`]), unless it is the same message for many. Segments of documents:
//! CBOR in one zstd frame ([`packed`]).
//!
//! **Architecture Invariant**: nothing here does IO or judges what a frame says. What a peer sends
//! costs no more memory than `WINDOW`, one frame and tables of `COMPACT_PLACES`, whatever it claims.

pub mod alone;
mod compact;
mod incoming;
mod outgoing;
pub mod packed;
mod pieces;

pub use compact::{Restoring, Shortening, Told, Unfit};
pub use incoming::{Incoming, Unreadable};
pub use outgoing::{Outgoing, TooLarge};
pub use pieces::{Piece, pieces};
