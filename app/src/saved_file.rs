//! A file that a person asked for, put where they look for what was saved.
//!
//! **Architecture Invariant**: nothing that is there is written over, and the page chooses neither the
//! folder nor the name.

use keyrack_model::{ipc::Problem, limits::MAX_SAVED_ALIKE};
use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

/// The folder of what was saved: the downloads, or else the person's home.
pub(crate) fn folder() -> Option<PathBuf> {
    let downloads = dirs::download_dir().filter(|folder| folder.is_dir());
    downloads.or_else(dirs::home_dir)
}

/// Writes a file under a name, or the first that is free of those that count on from it.
///
/// # Errors
/// `NotSaved` when the folder takes no file, or no more of that name.
pub(crate) fn save(
    folder: &Path,
    (name, ending): (&str, &str),
    content: &[u8],
) -> Result<PathBuf, Problem> {
    let unsaved = || Problem::NotSaved {
        folder: folder.display().to_string(),
    };
    for number in 1..=MAX_SAVED_ALIKE {
        let name = match number {
            1 => format!("{name}.{ending}"),
            number => format!("{name}-{number}.{ending}"),
        };
        let path = folder.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                let written = file.write_all(content).and_then(|()| file.sync_all());
                return match written {
                    Ok(()) => Ok(path),
                    Err(error) => {
                        tracing::warn!(%error, "a file was not saved");
                        // Half a file helps nobody.
                        let _ = std::fs::remove_file(&path);
                        Err(unsaved())
                    }
                };
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                tracing::warn!(%error, "a file was not saved");
                return Err(unsaved());
            }
        }
    }
    Err(unsaved())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_again_stands_beside_what_was_saved_before() {
        let folder = tempfile::tempdir().unwrap();
        let save = |content: &str| save(folder.path(), ("mapping", "json"), content.as_bytes());
        for number in 1..=MAX_SAVED_ALIKE {
            let path = save(&number.to_string()).unwrap();
            assert_eq!(std::fs::read_to_string(path).unwrap(), number.to_string());
        }
        let first = folder.path().join("mapping.json");
        assert_eq!(std::fs::read_to_string(first).unwrap(), "1");
        assert!(folder.path().join("mapping-2.json").exists());
        assert!(matches!(save("one more"), Err(Problem::NotSaved { .. })));
    }

    #[test]
    fn a_folder_that_is_not_there_is_said() {
        let folder = Path::new("/nowhere at all");
        let told = save(folder, ("mapping", "json"), b"{}");
        let folder = folder.display().to_string();
        assert_eq!(told, Err(Problem::NotSaved { folder }));
    }
}
