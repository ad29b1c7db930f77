//! A library between a program and its disk (`LD_PRELOAD`): it records everything that changes the
//! files of one folder in the order in which it happened, and lets calls fail when told to. Its clock
//! can be wrong as well.
//!
//! **Architecture Invariant**: nothing here panics or uses the standard library's IO, which would
//! come back here. A call that is neither recorded nor
//! failed does exactly what the C library does.

mod clock;
mod fault;
mod place;
mod trace;

use fault::Kind;
use libc::{c_char, c_int, c_long, c_uint, c_void, off_t, size_t, ssize_t};
use place::{file_at, file_of};
use std::ffi::CStr;
use trace::record;

/// What the program says to whoever listens stands in the trace among what it wrote.
const STANDARD_OUTPUT: c_int = 1;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pread64(fd: c_int, into: *mut c_void, size: size_t, at: off_t) -> ssize_t {
    if file_of(fd).is_some() && fault::strikes(Kind::Read) {
        return -1;
    }
    // SAFETY: the caller's own arguments.
    unsafe { libc::syscall(libc::SYS_pread64, fd, into, size, at) as ssize_t }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pread(fd: c_int, into: *mut c_void, size: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's own arguments.
    unsafe { pread64(fd, into, size, at) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(fd: c_int, into: *mut c_void, size: size_t) -> ssize_t {
    if file_of(fd).is_some() && fault::strikes(Kind::Read) {
        return -1;
    }
    // SAFETY: the caller's own arguments.
    unsafe { libc::syscall(libc::SYS_read, fd, into, size) as ssize_t }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(
    fd: c_int,
    from: *const c_void,
    size: size_t,
    at: off_t,
) -> ssize_t {
    let file = file_of(fd);
    if file.is_some() && fault::strikes(Kind::Write) {
        return -1;
    }
    // SAFETY: the caller's own arguments.
    let written = unsafe { libc::syscall(libc::SYS_pwrite64, fd, from, size, at) } as ssize_t;
    if let (Some(file), Ok(length @ 1..)) = (file, usize::try_from(written)) {
        // SAFETY: the system has just read these bytes.
        let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length) };
        record(trace::WRITE, &file, at as u64, bytes);
    }
    written
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite(
    fd: c_int,
    from: *const c_void,
    size: size_t,
    at: off_t,
) -> ssize_t {
    // SAFETY: the caller's own arguments.
    unsafe { pwrite64(fd, from, size, at) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, from: *const c_void, size: size_t) -> ssize_t {
    let file = file_of(fd);
    if file.is_some() && fault::strikes(Kind::Write) {
        return -1;
    }
    // SAFETY: the caller's own arguments.
    let written = unsafe { libc::syscall(libc::SYS_write, fd, from, size) } as ssize_t;
    let Ok(length @ 1..) = usize::try_from(written) else {
        return written;
    };
    // SAFETY: the system has just read these bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length) };
    if fd == STANDARD_OUTPUT {
        record(trace::SAID, b"", 0, bytes);
    } else if let Some(file) = file {
        // SAFETY: asks for a number, and changes nothing.
        let end = unsafe { libc::syscall(libc::SYS_lseek, fd, 0, libc::SEEK_CUR) };
        record(trace::WRITE, &file, end as u64 - length as u64, bytes);
    }
    written
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    sync(fd, libc::SYS_fsync)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    sync(fd, libc::SYS_fdatasync)
}

fn sync(fd: c_int, call: c_long) -> c_int {
    let file = file_of(fd);
    if file.is_some() && fault::strikes(Kind::Sync) {
        return -1;
    }
    // SAFETY: takes a number.
    let done = unsafe { libc::syscall(call, fd) } as c_int;
    if let (Some(file), 0) = (file, done) {
        record(trace::SYNC, &file, 0, b"");
    }
    done
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(fd: c_int, size: off_t) -> c_int {
    let file = file_of(fd);
    if file.is_some() && fault::strikes(Kind::Write) {
        return -1;
    }
    // SAFETY: takes numbers.
    let done = unsafe { libc::syscall(libc::SYS_ftruncate, fd, size) } as c_int;
    if let (Some(file), 0) = (file, done) {
        record(trace::RESIZE, &file, size as u64, b"");
    }
    done
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate(fd: c_int, size: off_t) -> c_int {
    // SAFETY: the caller's own arguments.
    unsafe { ftruncate64(fd, size) }
}

/// What is copied within the system would be seen by nobody: the program is told that this system
/// cannot, and writes what it has read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn copy_file_range(
    from: c_int,
    from_at: *mut off_t,
    to: c_int,
    to_at: *mut off_t,
    size: size_t,
    flags: c_uint,
) -> ssize_t {
    if file_of(to).is_some() {
        return cannot();
    }
    // SAFETY: the caller's own arguments.
    let copied = unsafe {
        libc::syscall(
            libc::SYS_copy_file_range,
            from,
            from_at,
            to,
            to_at,
            size,
            flags,
        )
    };
    copied as ssize_t
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sendfile64(
    to: c_int,
    from: c_int,
    at: *mut off_t,
    size: size_t,
) -> ssize_t {
    if file_of(to).is_some() {
        return cannot();
    }
    // SAFETY: the caller's own arguments.
    unsafe { libc::syscall(libc::SYS_sendfile, to, from, at, size) as ssize_t }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sendfile(to: c_int, from: c_int, at: *mut off_t, size: size_t) -> ssize_t {
    // SAFETY: the caller's own arguments.
    unsafe { sendfile64(to, from, at, size) }
}

fn cannot() -> ssize_t {
    // SAFETY: the thread's own number.
    unsafe { *libc::__errno_location() = libc::ENOSYS };
    -1
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: the caller's own argument, a path that ends with a zero.
    let file = file_at(unsafe { CStr::from_ptr(path) });
    // SAFETY: as above.
    let done = unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, path, 0) } as c_int;
    if let (Some(file), 0) = (file, done) {
        record(trace::REMOVE, &file, 0, b"");
    }
    done
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: the caller's own arguments, paths that end with a zero.
    let files = unsafe { (file_at(CStr::from_ptr(from)), file_at(CStr::from_ptr(to))) };
    let here = libc::AT_FDCWD;
    // SAFETY: as above.
    let done = unsafe { libc::syscall(libc::SYS_renameat2, here, from, here, to, 0) } as c_int;
    if let ((Some(from), Some(to)), 0) = (files, done) {
        record(trace::RENAME, &from, 0, &to);
    }
    done
}
