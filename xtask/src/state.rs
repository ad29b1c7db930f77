//! The folder in which a demo lives between runs.

use std::{
    env, fs,
    fs::{File, TryLockError},
    io::Read,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use crate::problem::{Problem, While};

/// Where root keeps it: Postgres then runs as another user, who cannot look into root's home.
const OF_ROOT: &str = "/var/lib/keyrack-demo";

/// What a reset is about to delete.
const AWAY: &str = "being-deleted";

/// The server's key for its audit logs, and the heads that it signed.
const AUDIT_KEY: &str = "audit.key";
const AUDIT_HEADS: &str = "audit-heads.txt";

/// The folder, held by this process alone until it is dropped.
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
    _lock: File,
}

/// Whose server a window talks to, by its address.
#[derive(Clone, Copy, Debug)]
pub enum Server<'a> {
    Demo(&'a str),
    /// Somebody's: what waits for it there is not the demo's to forget.
    Other(&'a str),
}

/// The parts of a folder that a window needs, whoever holds the folder.
#[derive(Clone, Copy, Debug)]
pub struct Windows<'a>(pub &'a Path);

impl State {
    /// Takes the folder, making it when it is missing.
    pub fn hold(chosen: Option<&Path>) -> Result<State, Problem> {
        let folder = match chosen {
            Some(folder) => std::path::absolute(folder)
                .while_doing(|| format!("{} is no folder", folder.display()))?,
            None => usual_folder(),
        };
        let is_root = rustix::process::geteuid().is_root();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(if is_root { 0o711 } else { 0o700 })
            .create(&folder)
            .while_doing(|| format!("{} cannot be made", folder.display()))?;
        let owner = fs::metadata(&folder)
            .while_doing(|| format!("{} cannot be read", folder.display()))?
            .uid();
        if owner != rustix::process::geteuid().as_raw() {
            return Err(Problem::ForeignFolder { folder });
        }
        let lock_path = folder.join("lock");
        let lock = File::create(&lock_path)
            .while_doing(|| format!("{} cannot be written", lock_path.display()))?;
        match lock.try_lock() {
            Ok(()) => {
                let state = State {
                    folder,
                    _lock: lock,
                };
                state.clear_away()?;
                Ok(state)
            }
            Err(TryLockError::WouldBlock) => Err(Problem::AlreadyRunning { folder }),
            Err(TryLockError::Error(source)) => Err(Problem::Io {
                doing: format!("{} cannot be locked", lock_path.display()),
                source,
            }),
        }
    }

    /// Forgets the demo: its database, its windows' data and its logs. Windows on other servers keep
    /// theirs.
    ///
    /// Each part is moved away first: one that was half deleted would look like a whole one.
    pub fn reset(&self) -> Result<(), Problem> {
        let away = self.folder.join(AWAY);
        for name in [
            "demo-is-made",
            "postgres",
            "windows",
            "logs",
            "password",
            AUDIT_KEY,
            AUDIT_HEADS,
        ] {
            let path = self.folder.join(name);
            if path.exists() {
                fs::create_dir_all(&away)
                    .and_then(|()| fs::rename(&path, away.join(name)))
                    .while_doing(|| format!("{} cannot be removed", path.display()))?;
            }
        }
        self.clear_away()
    }

    fn clear_away(&self) -> Result<(), Problem> {
        let away = self.folder.join(AWAY);
        if !away.exists() {
            return Ok(());
        }
        fs::remove_dir_all(&away).while_doing(|| format!("{} cannot be removed", away.display()))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub fn audit_key(&self) -> PathBuf {
        self.folder.join(AUDIT_KEY)
    }

    pub fn audit_heads(&self) -> PathBuf {
        self.folder.join(AUDIT_HEADS)
    }

    pub fn windows(&self) -> Windows<'_> {
        Windows(&self.folder)
    }

    /// A log that begins empty.
    pub fn log(&self, name: &str) -> Result<(File, PathBuf), Problem> {
        self.windows().log(name)
    }

    /// Whether the demo hotel was made to the end.
    pub fn demo_is_made(&self) -> bool {
        self.folder.join("demo-is-made").exists()
    }

    pub fn remember_demo(&self) -> Result<(), Problem> {
        let path = self.folder.join("demo-is-made");
        fs::write(&path, "").while_doing(|| format!("{} cannot be written", path.display()))
    }

    /// The password of the database roles, drawn at the first start.
    pub fn password(&self) -> Result<String, Problem> {
        let path = self.folder.join("password");
        if let Ok(password) = fs::read_to_string(&path)
            && !password.is_empty()
        {
            return Ok(password);
        }
        let password = random_password()?;
        File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, password.as_bytes()))
            .while_doing(|| format!("{} cannot be written", path.display()))?;
        Ok(password)
    }
}

impl Windows<'_> {
    /// The folder of one window's data, made when it is missing.
    pub fn window(self, server: Server<'_>, window: &str) -> Result<PathBuf, Problem> {
        let (folder, address) = match server {
            Server::Demo(address) => ("windows", address),
            Server::Other(address) => ("windows-elsewhere", address),
        };
        self.inner(&Path::new(folder).join(as_file_name(address)).join(window))
    }

    /// A log that begins empty.
    pub fn log(self, name: &str) -> Result<(File, PathBuf), Problem> {
        let path = self.inner(Path::new("logs"))?.join(format!("{name}.log"));
        let file =
            File::create(&path).while_doing(|| format!("{} cannot be written", path.display()))?;
        Ok((file, path))
    }

    fn inner(self, name: &Path) -> Result<PathBuf, Problem> {
        let path = self.0.join(name);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .while_doing(|| format!("{} cannot be made", path.display()))?;
        Ok(path)
    }
}

fn usual_folder() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from(OF_ROOT);
    }
    match env::var_os("XDG_STATE_HOME") {
        Some(state) if Path::new(&state).is_absolute() => PathBuf::from(state),
        _ => env::home_dir().unwrap_or_default().join(".local/state"),
    }
    .join("keyrack")
}

/// A server's address as the name of a folder.
fn as_file_name(address: &str) -> String {
    let bare = address
        .split_once("://")
        .map_or(address, |(_, rest)| rest)
        .trim_end_matches('/');
    bare.chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || letter == '-' {
                letter
            } else {
                '_'
            }
        })
        .collect()
}

/// 128 bits from the kernel, as letters and digits.
pub fn random_password() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .while_doing(|| "No random numbers".to_owned())?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_is_held_by_one_command_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = State::hold(Some(folder.path())).unwrap();
        assert!(matches!(
            State::hold(Some(folder.path())),
            Err(Problem::AlreadyRunning { .. })
        ));
        drop(first);
        State::hold(Some(folder.path())).unwrap();
    }

    #[test]
    fn a_reset_forgets_the_demo_and_its_password() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::hold(Some(folder.path())).unwrap();
        let password = state.password().unwrap();
        assert_eq!(state.password().unwrap(), password);
        state.remember_demo().unwrap();
        let windows = state.windows();
        let own = Server::Demo("http://127.0.0.1:7300");
        let own = windows.window(own, "desk").unwrap();
        let other = Server::Other("https://keys.example:8443");
        let other = windows.window(other, "desk").unwrap();
        fs::write(other.join("unsent"), "work").unwrap();
        state.reset().unwrap();
        assert!(!state.demo_is_made());
        assert_ne!(state.password().unwrap(), password);
        assert!(!own.exists());
        assert!(other.join("unsent").exists());
    }

    #[test]
    fn a_reset_that_was_cut_off_is_completed_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let half = folder.path().join(AWAY).join("postgres");
        fs::create_dir_all(&half).unwrap();
        State::hold(Some(folder.path())).unwrap();
        assert!(!half.exists());
    }

    #[test]
    fn each_server_has_windows_of_its_own() {
        assert_eq!(
            as_file_name("https://keys.example:8443/"),
            "keys_example_8443"
        );
        assert_eq!(as_file_name("../../etc"), "______etc");
    }
}
