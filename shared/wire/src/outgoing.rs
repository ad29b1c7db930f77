//! The sending end of one direction.

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

/// Frames on their way to the peer. Every message that it makes has to be sent, in order.
#[derive(Default)]
pub struct Outgoing(Stage);

#[derive(Default)]
enum Stage {
    /// Nothing was sent.
    #[default]
    First,
    /// The first message was sent; the stream begins when there is a second.
    Plain,
    Stream(Box<CCtx<'static>>),
}

/// A frame that no peer would take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a frame of {0} bytes is larger than the protocol allows")]
pub struct TooLarge(pub usize);

impl Outgoing {
    /// The message that carries the next frame.
    pub fn pack(&mut self, frame: &[u8]) -> Result<Vec<u8>, TooLarge> {
        if frame.len() > MAX_FRAME {
            return Err(TooLarge(frame.len()));
        }
        Ok(match &mut self.0 {
            Stage::First => {
                self.0 = Stage::Plain;
                frame.to_vec()
            }
            Stage::Plain => {
                let mut stream = Box::new(begun());
                let message = next(&mut stream, frame);
                self.0 = Stage::Stream(stream);
                message
            }
            Stage::Stream(stream) => next(stream, frame),
        })
    }

    /// Bytes of memory that the stream holds.
    pub fn memory(&self) -> usize {
        match &self.0 {
            Stage::First | Stage::Plain => 0,
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
