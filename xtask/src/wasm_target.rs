//! The Rust target that the interface is compiled for.

use std::{path::Path, process::Command};

use crate::{
    arguments::Consent,
    cargo::workspace,
    problem::Problem,
    process::{finish, listen_to},
    progress, setup,
};

pub const WASM: &str = "wasm32-unknown-unknown";

/// Adds the target when the toolchain lacks it: it says so, and asks.
pub fn ensure(consent: Consent) -> Result<(), Problem> {
    let sysroot = listen_to(
        "Asking where Rust is",
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(workspace()),
    )?;
    let library = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .join("lib");
    if library.is_dir() {
        return Ok(());
    }
    println!("Missing in the Rust toolchain:\n  the interface's target:\n      {WASM}");
    let by_hand = format!("rustup target add {WASM}");
    setup::agree(consent, "Add it with rustup?", &by_hand)?;
    progress::aloud("Adding the Rust target of the interface", || {
        finish(
            "Adding the target",
            Command::new("rustup")
                .args(["target", "add", WASM])
                .current_dir(workspace()),
        )
        .map_err(|problem| match problem {
            Problem::CannotStart { .. } => Problem::NoWasmTarget,
            other => other,
        })
    })
}
