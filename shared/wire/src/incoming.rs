//! The receiving end of one direction: it believes nothing.

use crate::{
    alone::{self, ALONE_BYTES, Kind},
    compact::{Restoring, Unfit, Version},
};
use keyrack_model::limits::{MAX_FRAME, STREAM_WINDOW_LOG};
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name};

/// Bytes of a frame that are made room for at first; small edits are most of what travels.
const ROOM: usize = 1 << 10;

/// Frames from the peer, taken in the order in which their messages arrive.
#[derive(Default)]
pub struct Incoming {
    stage: Stage,
    version: Version,
    restoring: Restoring,
}

#[derive(Default)]
enum Stage {
    /// Nothing has arrived.
    #[default]
    First,
    /// The first message has arrived; the stream begins with the second.
    Plain,
    Stream(Box<DCtx<'static>>),
    /// What follows in a stream that could not be read cannot be read either.
    Broken,
}

/// A message that is no frame of this protocol; the connection ends with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    /// In itself, or once it is unpacked: a bomb.
    #[error("a frame is larger than the protocol allows")]
    TooLarge,
    #[error("a message is not a piece of the stream: {0}")]
    NotOfTheStream(&'static str),
    /// What was left out of it cannot be put back.
    #[error("a compact frame cannot be read: {0}")]
    NotRestored(Unfit),
}

impl Incoming {
    /// The frame that a message carries, in its plain form.
    pub fn unpack(&mut self, message: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let frame = self.unpack_piece(message)?;
        if !self.version.is_compact() {
            self.version.hear(&frame);
            return Ok(frame);
        }
        if !Restoring::is_compact(&frame) {
            return Ok(frame);
        }
        let restored = self.restoring.restore(&frame);
        restored.map_err(|why| self.broken(Unreadable::NotRestored(why)))
    }

    fn unpack_piece(&mut self, message: &[u8]) -> Result<Vec<u8>, Unreadable> {
        if message.len() > MAX_FRAME {
            return Err(self.broken(Unreadable::TooLarge));
        }
        let before = std::mem::replace(&mut self.stage, Stage::Broken);
        let mut stream = match (before, alone::kind(message)) {
            (Stage::First, _) => {
                self.stage = Stage::Plain;
                return Ok(message.to_vec());
            }
            (Stage::Broken, _) => {
                return Err(Unreadable::NotOfTheStream("it follows a broken one"));
            }
            (before @ (Stage::Plain | Stage::Stream(_)), Kind::Alone(length)) => {
                let frame = alone::unpack(message, length)?;
                // A small one goes by itself only where there is no stream.
                self.stage = match frame.len() < ALONE_BYTES {
                    true => Stage::Plain,
                    false => before,
                };
                return Ok(frame);
            }
            (Stage::Plain, Kind::Beginning | Kind::Piece) | (Stage::Stream(_), Kind::Beginning) => {
                begun()
            }
            (Stage::Stream(stream), Kind::Piece) => stream,
        };
        let frame = next(&mut stream, message)?;
        self.stage = Stage::Stream(stream);
        Ok(frame)
    }

    /// Bytes of memory that the stream holds.
    pub fn memory(&self) -> usize {
        match &self.stage {
            Stage::First | Stage::Plain | Stage::Broken => 0,
            Stage::Stream(stream) => stream.sizeof(),
        }
    }

    fn broken(&mut self, why: Unreadable) -> Unreadable {
        self.stage = Stage::Broken;
        why
    }
}

fn begun() -> Box<DCtx<'static>> {
    let mut stream = Box::new(DCtx::create());
    let bound = DParameter::WindowLogMax(STREAM_WINDOW_LOG);
    if let Err(code) = stream.set_parameter(bound) {
        unreachable!("zstd: {}", get_error_name(code));
    }
    stream
}

/// Reads a message to its end; what comes out grows with what is there, never with what is
/// claimed.
fn next(stream: &mut DCtx<'static>, message: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut frame = Vec::with_capacity(ROOM);
    let mut input = InBuffer::around(message);
    loop {
        let at = frame.len();
        let mut output = OutBuffer::around_pos(&mut frame, at);
        let hint = stream
            .decompress_stream(&mut output, &mut input)
            .map_err(|code| Unreadable::NotOfTheStream(get_error_name(code)))?;
        if hint == 0 {
            return Err(Unreadable::NotOfTheStream("the stream ends"));
        }
        if frame.len() > MAX_FRAME {
            return Err(Unreadable::TooLarge);
        }
        // Room that is left says that nothing is held back.
        if frame.len() < frame.capacity() && input.pos() == message.len() {
            return Ok(frame);
        }
        if frame.len() == frame.capacity() {
            frame.reserve(frame.len().min(MAX_FRAME + 1 - frame.len()).max(1));
        }
    }
}
