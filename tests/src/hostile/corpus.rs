//! Where the bytes of `tests/fuzz/corpus` come from: each is named for what it is, and made here.
//! The program `hostile_corpus` writes them; what a fuzzer found stands beside them as it was
//! found, under a name that begins with `found-`.

mod admission;
mod config;
mod frame;
mod pull;
mod scanner;

use std::path::PathBuf;

/// One file: its name and what is in it.
pub type Input = (String, Vec<u8>);

/// The files of every target, by its name.
pub fn made() -> [(&'static str, Vec<Input>); 5] {
    [
        ("frame", frame::inputs()),
        ("scanner", scanner::inputs()),
        ("admission", admission::inputs()),
        ("pull", pull::inputs()),
        ("config", config::inputs()),
    ]
}

/// Where they are kept.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}
