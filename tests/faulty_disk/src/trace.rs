//! The record of what happened, appended to a file that `tests/src/trace.rs` of the tests reads:
//! for each event its kind, the length of the file's name, an offset or size, the length of the
//! content (1, 2, 8 and 4 bytes, little-endian), then name and content.

use std::{
    env,
    ffi::CString,
    os::unix::ffi::OsStringExt,
    sync::{Mutex, OnceLock},
};

/// The environment variable that names the trace; nothing is recorded without it.
const TRACE: &str = "KEYRACK_DISK_TRACE";

pub(crate) const WRITE: u8 = b'W';
pub(crate) const RESIZE: u8 = b'T';
pub(crate) const SYNC: u8 = b'S';
pub(crate) const REMOVE: u8 = b'U';
pub(crate) const RENAME: u8 = b'R';
pub(crate) const SAID: u8 = b'A';

/// Held while an event is appended, so that events of two threads do not mix.
static APPENDING: Mutex<()> = Mutex::new(());

pub(crate) fn record(kind: u8, name: &[u8], number: u64, content: &[u8]) {
    let Some(trace) = file() else {
        return;
    };
    let mut event = Vec::with_capacity(15 + name.len() + content.len());
    event.push(kind);
    event.extend((name.len() as u16).to_le_bytes());
    event.extend(number.to_le_bytes());
    event.extend((content.len() as u32).to_le_bytes());
    event.extend(name);
    event.extend(content);
    let _appending = APPENDING.lock();
    let mut rest = event.as_slice();
    while !rest.is_empty() {
        // SAFETY: the bytes and their number.
        let written = unsafe { libc::syscall(libc::SYS_write, trace, rest.as_ptr(), rest.len()) };
        let Some(after) = usize::try_from(written)
            .ok()
            .and_then(|done| rest.get(done..))
        else {
            // A trace with a hole would be believed.
            // SAFETY: ends the process.
            unsafe { libc::abort() }
        };
        rest = after;
    }
}

fn file() -> Option<libc::c_int> {
    static OPENED: OnceLock<Option<libc::c_int>> = OnceLock::new();
    *OPENED.get_or_init(|| {
        let path = CString::new(env::var_os(TRACE)?.into_vec()).ok()?;
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC;
        // SAFETY: a path that ends with a zero.
        let fd = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
        (fd >= 0).then_some(fd)
    })
}
