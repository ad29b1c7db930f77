//! CBOR in one zstd frame: how segments travel and how cold parts of the log are kept.

use serde::{Serialize, de::DeserializeOwned};

/// Slower than what is packed for each connection, because it is packed once for many readers.
const LEVEL: i32 = 9;

/// Bytes that are not what they should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("packed bytes do not read back")]
pub struct Unreadable;

/// The CBOR of a value of the model.
pub fn cbor<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)
        .unwrap_or_else(|error| unreachable!("a value of the model encodes: {error}"));
    bytes
}

pub fn pack(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(zstd_safe::compress_bound(content.len()));
    let written = zstd_safe::compress(&mut packed, content, LEVEL);
    written.unwrap_or_else(|code| {
        unreachable!("there is room: {}", zstd_safe::get_error_name(code));
    });
    packed
}

/// A value that was packed, of at most `most` bytes.
pub fn unpack<T: DeserializeOwned>(packed: &[u8], most: usize) -> Result<T, Unreadable> {
    let length = zstd_safe::get_frame_content_size(packed).map_err(|_| Unreadable)?;
    let length = length.and_then(|length| usize::try_from(length).ok());
    let length = length.filter(|length| *length <= most).ok_or(Unreadable)?;
    let mut content = Vec::with_capacity(length);
    zstd_safe::decompress(&mut content, packed).map_err(|_| Unreadable)?;
    ciborium::from_reader(&content[..]).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_reads_back_unless_it_is_too_large_or_damaged() {
        let value = vec!["204".to_owned(); 1_000];
        let content = cbor(&value);
        let packed = pack(&content);
        assert!(packed.len() < content.len() / 10);
        assert_eq!(unpack(&packed, content.len()), Ok(value));
        let read = |packed: &[u8], most| unpack::<Vec<String>>(packed, most);
        assert_eq!(read(&packed, content.len() - 1), Err(Unreadable));
        for cut in 0..packed.len() {
            assert_eq!(read(&packed[..cut], content.len()), Err(Unreadable));
        }
    }
}
