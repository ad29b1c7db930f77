//! What one direction of a connection has told, as both of its ends remember it.

use super::{
    chunk::Hash,
    places::{Hand, Known, Places},
};
use keyrack_model::ids::DocumentRef;
use uuid::Uuid;

/// Places are filled as they are needed: a direction that tells little remembers little.
#[derive(Debug, Default)]
pub struct Memory {
    /// People, devices, actors, and what else commands name.
    pub names: Places<Uuid>,
    pub hands: Places<Hand>,
    pub documents: Places<Known>,
    pub sequence: u64,
    pub received_at: i64,
    pub wall: i64,
}

impl Memory {
    /// A change of a document went by.
    pub fn note(&mut self, document: DocumentRef, last: Hash) {
        self.documents.keep(Known { document, last });
    }
}

/// What the first byte of an action says of what follows; in an entry together with
/// `IS_ACTION`.
pub mod deed {
    /// The operation's first six bytes are milliseconds, and told from `wall` on.
    pub const TIMED: u8 = 1 << 0;
    /// `counter` is not 0, and follows.
    pub const COUNTER: u8 = 1 << 1;
    /// `schema` is not 1, and follows.
    pub const SCHEMA: u8 = 1 << 2;
    /// There is not one change, and their number follows.
    pub const COUNTED: u8 = 1 << 3;
    /// The command is as it stands in plain CBOR.
    pub const WHOLE_COMMAND: u8 = 1 << 4;
    /// The entry's place is not the one after the last entry's, and the difference follows.
    pub const SEQUENCE: u8 = 1 << 5;
    /// The entry is an action. Without it the whole byte is 0, and CBOR follows.
    pub const IS_ACTION: u8 = 1 << 6;
}

/// What the first byte of a change says of what follows.
pub mod change {
    /// The chunk stands there as it is.
    pub const WHOLE: u8 = 1 << 0;
    /// Its one dependency is the last change of its document that went by.
    pub const ON_LAST: u8 = 1 << 1;
    /// Its message is not the operation, and follows.
    pub const MESSAGE: u8 = 1 << 2;
    /// Its time is not `wall`, and follows.
    pub const TIME: u8 = 1 << 3;
    /// Its actor is not the one of the action's hand, and follows.
    pub const ACTOR: u8 = 1 << 4;
}
