//! Where the built programs are.

use std::path::PathBuf;

/// The path of a program of this workspace, from `KEYRACK_BIN_DIR`.
///
/// # Panics
/// When the variable is missing or the program is not built.
pub fn program(name: &str) -> PathBuf {
    let folder = std::env::var_os("KEYRACK_BIN_DIR")
        .expect("KEYRACK_BIN_DIR is not set: run `cargo xtask test`");
    let path = PathBuf::from(folder).join(name);
    assert!(
        path.is_file(),
        "{} is not built: run `cargo xtask test`",
        path.display()
    );
    path
}
