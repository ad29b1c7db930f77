//! The desktop app: an engine loop that owns the replica and its conversation with the server,
//! and a window that reaches it through three calls.
//!
//! **Architecture Invariant**: no rule of the hotel lives here. What happens is decided by
//! `keyrack-model` and `keyrack-replica`; this crate brings them time, randomness, a network and
//! a person.

mod arguments;
mod claim;
mod clock;
mod data_folder;
mod device_secret;
mod engine;
mod line;
mod log;
mod pin;
mod renewal;
mod saved_file;
mod server;
mod trouble;
mod window;

pub use arguments::Arguments;
pub use trouble::Trouble;

use arguments::Purpose;
use claim::{Claim, Held, SecondStarts};
use data_folder::DataFolder;
use engine::Engine;
use line::Line;
use std::io::{self, Write};

/// Opens the app and returns when its window is closed, or at once when another process has
/// these data open and has shown its window. Renews the key instead when it is asked to.
///
/// # Errors
/// What keeps the app from starting, after a window has shown it where there is a display; or what
/// keeps the key from being renewed.
pub fn run(arguments: &Arguments) -> Result<(), Trouble> {
    log::to_stderr();
    data_folder::keep_new_files_private();
    leave_no_memory_behind();
    match arguments.purpose() {
        Purpose::Work => open(arguments),
        Purpose::RenewKey => renew_key(arguments),
    }
}

/// A crash writes no image of this process, in which keys and everything that is shown would lie
/// readable.
fn leave_no_memory_behind() {
    let none = rustix::process::Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = rustix::process::setrlimit(rustix::process::Resource::Core, none) {
        tracing::warn!(%error, "a crash may leave an image of the memory on the disk");
    }
}

fn renew_key(arguments: &Arguments) -> Result<(), Trouble> {
    let path = arguments.data_folder()?;
    // A folder that was mistyped is not made.
    if !path.exists() {
        return Err(Trouble::NoKeyYet { path });
    }
    let (folder, held) = claim(arguments)
        .map_err(Trouble::in_renewal)?
        .ok_or(Trouble::OpenElsewhere { path })?;
    // Whoever starts the app meanwhile waits until this process has ended.
    let _second_starts = held.answer();
    let renewed =
        renewal::renew(&folder, device_secret::system_keyring).map_err(Trouble::in_renewal)?;
    // It is done, whoever reads of it.
    let _ = writeln!(io::stdout(), "{renewed}");
    Ok(())
}

fn open(arguments: &Arguments) -> Result<(), Trouble> {
    window::check_display()?;
    let (folder, held) = match claim(arguments) {
        Ok(Some(ours)) => ours,
        Ok(None) => {
            tracing::info!("these data are open already; their window was shown");
            return Ok(());
        }
        Err(trouble) => return explain(trouble, None),
    };
    let second_starts = held.answer();
    let webview = folder.webview();
    match start(folder, arguments) {
        Ok((line, engine)) => {
            let closed = window::open(line, second_starts, webview);
            engine.finish();
            closed
        }
        Err(trouble) => explain(trouble, Some(second_starts)),
    }
}

/// The data folder, for this process alone; none when another one has it and showed its window.
fn claim(arguments: &Arguments) -> Result<Option<(DataFolder, Held)>, Trouble> {
    let folder = DataFolder::make(arguments.data_folder()?)?;
    match Claim::on(&folder)? {
        Claim::Ours(held) => Ok(Some((folder, held))),
        Claim::ShownElsewhere => Ok(None),
    }
}

fn explain(trouble: Trouble, second_starts: Option<SecondStarts>) -> Result<(), Trouble> {
    if let Err(error) = window::explain(&trouble, second_starts) {
        tracing::error!(%error, "what keeps Keyrack from starting is not shown");
    }
    Err(trouble)
}

fn start(folder: DataFolder, arguments: &Arguments) -> Result<(Line, engine::Running), Trouble> {
    renewal::settle(&folder, device_secret::system_keyring)?;
    let (secret, place) = device_secret::obtain(&folder, device_secret::system_keyring)?;
    let engine = Engine::open(engine::Installation {
        device: secret.device(),
        store_key: secret.store_key(),
        pin_secret: secret.pin_secret(),
        key_place: place,
        server: arguments.server.clone(),
        hotel: arguments.hotel.clone(),
        code: arguments.code.clone(),
        folder,
    })?;
    engine.start()
}
