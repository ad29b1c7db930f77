//! What `keyrack-faulty-disk` has recorded, as it is laid out in its `trace.rs`.

use std::path::Path;

/// Something that happened to a file, named within its folder; the folder itself has no name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    Wrote {
        file: String,
        at: usize,
        bytes: Vec<u8>,
    },
    Resized {
        file: String,
        size: usize,
    },
    Synced {
        file: String,
    },
    Removed {
        file: String,
    },
    Renamed {
        from: String,
        to: String,
    },
    /// The program said something on its standard output.
    Said {
        text: String,
    },
}

/// Everything that a trace holds; an event that its program did not survive is left out.
pub fn events(trace: &Path) -> Vec<Event> {
    let bytes = std::fs::read(trace).expect("the program was recorded");
    let mut rest = bytes.as_slice();
    std::iter::from_fn(|| event(&mut rest)).collect()
}

fn event(rest: &mut &[u8]) -> Option<Event> {
    let kind = take(rest, 1)?[0];
    let name = u16::from_le_bytes(array(rest)?);
    let number = u64::from_le_bytes(array(rest)?);
    let content = u32::from_le_bytes(array(rest)?);
    let file = text(take(rest, name.into())?);
    let content = take(rest, content.try_into().ok()?)?;
    let number = usize::try_from(number).expect("a size fits into memory");
    Some(match kind {
        b'W' => Event::Wrote {
            file,
            at: number,
            bytes: content.to_vec(),
        },
        b'T' => Event::Resized { file, size: number },
        b'S' => Event::Synced { file },
        b'U' => Event::Removed { file },
        b'R' => Event::Renamed {
            from: file,
            to: text(content),
        },
        b'A' => Event::Said {
            text: text(content),
        },
        other => panic!("no event is of kind {other}"),
    })
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    take(rest, N)?.try_into().ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("names and reports are text")
}
