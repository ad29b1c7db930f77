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
mod server;
mod trouble;
mod window;

pub use arguments::Arguments;
pub use trouble::Trouble;

use claim::{Claim, Held, SecondStarts};
use data_folder::DataFolder;
use engine::Engine;
use line::Line;

/// Opens the app and returns when its window is closed, or at once when another process has
/// these data open and has shown its window.
///
/// # Errors
/// What keeps the app from starting, after a window has shown it where there is a display.
pub fn run(arguments: &Arguments) -> Result<(), Trouble> {
    log::to_stderr();
    data_folder::keep_new_files_private();
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
