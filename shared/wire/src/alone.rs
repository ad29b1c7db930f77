//! A frame as a message that stands by itself: it refers to nothing that was sent before, so the same
//! message goes to any number of peers.

use crate::{TooLarge, Unreadable};
use keyrack_model::limits::MAX_FRAME;
use zstd_safe::get_error_name;

/// From so many bytes on a frame gains little from what was sent before: the window of a stream is not
/// much longer.
pub(crate) const ALONE_BYTES: usize = 4 << 10;

/// Packed once for many.
const LEVEL: i32 = 3;

/// Begins a zstd frame. No piece of a stream begins like this: it would be a block longer than any.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The message, for peers that speak version 4 or later, as any message but the first.
pub fn pack(frame: &[u8]) -> Result<Vec<u8>, TooLarge> {
    if frame.len() > MAX_FRAME {
        return Err(TooLarge(frame.len()));
    }
    let mut message = Vec::with_capacity(zstd_safe::compress_bound(frame.len()));
    let written = zstd_safe::compress(&mut message, frame, LEVEL);
    written.unwrap_or_else(|code| unreachable!("there is room: {}", get_error_name(code)));
    message.shrink_to_fit();
    Ok(message)
}

/// What a message is to whoever reads a stream.
pub(crate) enum Kind {
    /// It stands by itself and says how long its frame is.
    Alone(u64),
    /// It begins a stream.
    Beginning,
    /// It goes on with one.
    Piece,
}

pub(crate) fn kind(message: &[u8]) -> Kind {
    if !message.starts_with(&MAGIC) {
        return Kind::Piece;
    }
    match zstd_safe::get_frame_content_size(message) {
        Ok(Some(length)) => Kind::Alone(length),
        Ok(None) | Err(_) => Kind::Beginning,
    }
}

/// The frame of a message that stands by itself.
pub(crate) fn unpack(message: &[u8], length: u64) -> Result<Vec<u8>, Unreadable> {
    let length = usize::try_from(length).ok();
    let length = length.filter(|length| *length <= MAX_FRAME);
    let mut frame = Vec::with_capacity(length.ok_or(Unreadable::TooLarge)?);
    zstd_safe::decompress(&mut frame, message)
        .map_err(|code| Unreadable::NotOfTheStream(get_error_name(code)))?;
    Ok(frame)
}
