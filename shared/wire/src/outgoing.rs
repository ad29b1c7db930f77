//! The sending end of one direction.

use crate::{
    alone::{self, ALONE_BYTES},
    compact::{Shortening, Told, Version},
};
use keyrack_model::limits::{MAX_FRAME, STREAM_WINDOW_LOG};
use zstd_safe::{
    CCtx, CParameter, InBuffer, OutBuffer, SafeResult, compress_bound, get_error_name,
    zstd_sys::ZSTD_EndDirective,
};

/// Fast: a server packs every edit for every device.
const LEVEL: i32 = 1;
/// Places of the window that are remembered, as a power of two. More of them cost eight kilobytes
/// a connection and save a byte an edit.
const HASH_LOG: u32 = 11;

/// Small frames that stand by themselves before a stream begins: what a peer is told once in a while
/// is not worth the memory of one.
const ALONE_AT_FIRST: u8 = 4;

/// Frames on their way to the peer. Every message that it makes has to be sent, in order.
#[derive(Default)]
pub struct Outgoing {
    stage: Stage,
    version: Version,
    shortening: Shortening,
}

#[derive(Default)]
enum Stage {
    /// Nothing was sent.
    #[default]
    First,
    /// The first message was sent, or the stream was put away, and so many small frames since.
    Between(u8),
    Stream(Box<CCtx<'static>>),
}

/// A frame that no peer would take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a frame of {0} bytes is larger than the protocol allows")]
pub struct TooLarge(pub usize);

impl Outgoing {
    /// The message that carries the next frame, which is given in its plain form.
    pub fn pack(&mut self, frame: &[u8]) -> Result<Vec<u8>, TooLarge> {
        if frame.len() > MAX_FRAME {
            return Err(TooLarge(frame.len()));
        }
        if !self.version.is_compact() {
            self.version.hear(frame);
            return self.pack_piece(frame);
        }
        match self.shortening.shorten(frame) {
            Some(short) => self.pack_piece(&short),
            None => self.pack_piece(frame),
        }
    }

    /// Whether the other side takes [`Outgoing::pack_told`].
    pub fn is_compact(&self) -> bool {
        self.version.is_compact()
    }

    /// The message that carries a `Deliver` which was taken apart for all whom it goes to.
    pub fn pack_told(&mut self, told: &Told) -> Result<Vec<u8>, TooLarge> {
        let short = self.shortening.tell(told);
        self.pack_piece(&short)
    }

    /// The message that carries a frame in the form in which it travels.
    fn pack_piece(&mut self, frame: &[u8]) -> Result<Vec<u8>, TooLarge> {
        if frame.len() > MAX_FRAME {
            return Err(TooLarge(frame.len()));
        }
        if self.takes_alone(frame.len()) {
            return alone::pack(frame);
        }
        Ok(match &mut self.stage {
            Stage::First => {
                self.stage = Stage::Between(0);
                frame.to_vec()
            }
            Stage::Between(sent) if self.version.is_compact() && *sent < ALONE_AT_FIRST => {
                *sent += 1;
                return alone::pack(frame);
            }
            Stage::Between(_) => {
                let mut stream = Box::new(begun());
                let message = next(&mut stream, frame);
                self.stage = Stage::Stream(stream);
                message
            }
            Stage::Stream(stream) => next(stream, frame),
        })
    }

    /// Whether a frame of so many bytes goes to this peer as a message that stands by itself, the same
    /// for all who get it.
    pub fn takes_alone(&self, bytes: usize) -> bool {
        self.version.is_compact() && bytes >= ALONE_BYTES && !matches!(self.stage, Stage::First)
    }

    /// Puts the stream of a peer away that is told nothing for a while. The next one refers to
    /// nothing of it.
    pub fn rest(&mut self) {
        if self.version.is_compact() && matches!(self.stage, Stage::Stream(_)) {
            self.stage = Stage::Between(0);
        }
    }

    /// Bytes of memory that the stream holds.
    pub fn memory(&self) -> usize {
        match &self.stage {
            Stage::First | Stage::Between(_) => 0,
            Stage::Stream(stream) => stream.sizeof(),
        }
    }
}

fn begun() -> CCtx<'static> {
    let mut stream = CCtx::create();
    for parameter in [
        CParameter::CompressionLevel(LEVEL),
        CParameter::WindowLog(STREAM_WINDOW_LOG),
        CParameter::HashLog(HASH_LOG),
    ] {
        works(stream.set_parameter(parameter));
    }
    stream
}

/// Adds a frame to the stream and cuts the stream after it.
fn next(stream: &mut CCtx<'static>, frame: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(compress_bound(frame.len()));
    let mut input = InBuffer::around(frame);
    loop {
        let at = message.len();
        let mut output = OutBuffer::around_pos(&mut message, at);
        let flush = ZSTD_EndDirective::ZSTD_e_flush;
        let left = works(stream.compress_stream2(&mut output, &mut input, flush));
        if left == 0 {
            return message;
        }
        message.reserve(left);
    }
}

/// Compressing fails on a misuse or without memory, and on no content.
fn works(result: SafeResult) -> usize {
    result.unwrap_or_else(|code| unreachable!("zstd: {}", get_error_name(code)))
}
