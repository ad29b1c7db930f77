//! A message cut into the frames of a WebSocket.

use keyrack_model::limits::MESSAGE_PIECE;
use std::ops::Range;

/// What of a message goes into one frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    pub bytes: Range<usize>,
    pub is_first: bool,
    pub is_last: bool,
}

/// The pieces of a message of so many bytes, in their order: one at least.
///
/// Whoever reads keeps room for the largest frame that ever came, for as long as a connection lasts; for a
/// message in pieces it keeps the room of one, and gives back the message's own as soon as it is read.
pub fn pieces(length: usize) -> impl Iterator<Item = Piece> {
    let count = length.div_ceil(MESSAGE_PIECE).max(1);
    (0..count).map(move |number| Piece {
        bytes: number * MESSAGE_PIECE..length.min((number + 1) * MESSAGE_PIECE),
        is_first: number == 0,
        is_last: number + 1 == count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_all_of_a_message_in_its_order_and_none_is_larger_than_it_may_be() {
        for length in [
            0,
            1,
            MESSAGE_PIECE - 1,
            MESSAGE_PIECE,
            MESSAGE_PIECE + 1,
            5 * MESSAGE_PIECE,
            5 * MESSAGE_PIECE + 7,
        ] {
            let cut: Vec<Piece> = pieces(length).collect();
            let mut at = 0;
            for (number, piece) in cut.iter().enumerate() {
                assert_eq!(piece.bytes.start, at);
                assert!(piece.bytes.len() <= MESSAGE_PIECE);
                assert_eq!(piece.is_first, number == 0);
                assert_eq!(piece.is_last, number + 1 == cut.len());
                at = piece.bytes.end;
            }
            assert_eq!(at, length);
            assert_eq!(cut.len(), length.div_ceil(MESSAGE_PIECE).max(1));
        }
    }
}
