//! Which calls are about the watched folder.

use std::{env, ffi::CStr, os::unix::ffi::OsStringExt, sync::OnceLock};

/// The environment variable that names the folder; nothing is watched without it.
const FOLDER: &str = "KEYRACK_DISK_FOLDER";
const LONGEST_PATH: usize = 4_096;

/// The path within the folder of what a descriptor is open on; the folder itself is empty.
pub(crate) fn file_of(fd: libc::c_int) -> Option<Vec<u8>> {
    folder()?;
    let link = format!("/proc/self/fd/{fd}\0");
    let mut path = vec![0_u8; LONGEST_PATH];
    // SAFETY: a path that ends with a zero, and room of the size that is claimed.
    let length =
        unsafe { libc::readlink(link.as_ptr().cast(), path.as_mut_ptr().cast(), path.len()) };
    within(&path[..usize::try_from(length).ok()?])
}

/// The path within the folder of an absolute path.
pub(crate) fn file_at(path: &CStr) -> Option<Vec<u8>> {
    within(path.to_bytes())
}

fn within(path: &[u8]) -> Option<Vec<u8>> {
    let rest = path.strip_prefix(folder()?.as_slice())?;
    match rest.split_first() {
        None => Some(Vec::new()),
        Some((b'/', name)) => Some(name.to_vec()),
        Some(_) => None,
    }
}

fn folder() -> Option<&'static Vec<u8>> {
    static FOUND: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    FOUND
        .get_or_init(|| env::var_os(FOLDER).map(OsStringExt::into_vec))
        .as_ref()
}
