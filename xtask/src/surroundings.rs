//! What tests and pictures run in: a display, a message bus with an unlocked keyring, folders of
//! their own instead of the person's, and a Postgres cluster.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{
    cargo::{Mode, programs},
    cluster::{Cluster, Durability, Settings},
    display::Display,
    leftovers,
    problem::{Problem, While},
    progress,
};

/// The password of the database roles, which tests know.
const ROLE_PASSWORD: &str = "keyrack";

/// Unlocks a keyring, then becomes the command. Without one the app keeps its secret in a file, and
/// tests of the keyring's path would pass beside it.
const WITH_KEYRING: &str = r#"
if ! printf %s keyrack | gnome-keyring-daemon --unlock --components=secrets \
    >"$TMPDIR/keyring.log" 2>&1; then
  echo "The desktop has no keyring; nothing was run on it. gnome-keyring-daemon says:" >&2
  cat "$TMPDIR/keyring.log" >&2
  exit 1
fi
exec "$@"
"#;

/// Folders in which programs keep what is a person's, and what is nobody's for long.
const PRIVATE_FOLDERS: [(&str, &str); 6] = [
    ("TMPDIR", "tmp"),
    ("XDG_RUNTIME_DIR", "run"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_STATE_HOME", "state"),
];

/// A cluster in a temporary folder, removed with it.
#[derive(Debug)]
pub struct TemporaryCluster {
    cluster: Cluster,
    // After the cluster, which writes into it until it ends.
    _folder: TempDir,
}

impl TemporaryCluster {
    pub fn start(durability: Durability) -> Result<TemporaryCluster, Problem> {
        // The usual temporary folder may be memory, where durability costs nothing and means
        // nothing.
        let place = match durability {
            Durability::Durable => PathBuf::from("/var/tmp"),
            Durability::SurvivesProcessesOnly => std::env::temp_dir(),
        };
        let folder = tempfile::Builder::new()
            .prefix("keyrack-postgres-")
            .tempdir_in(place)
            .while_doing(|| "No temporary folder for Postgres".to_owned())?;
        let cluster = progress::quietly("Starting a Postgres for this run", || {
            Cluster::start(Settings {
                folder: folder.path().to_owned(),
                durability,
                role_password: ROLE_PASSWORD.to_owned(),
            })
        })?;
        Ok(TemporaryCluster {
            cluster,
            _folder: folder,
        })
    }

    /// Tells a program where Postgres and the programs are.
    pub fn introduce(&self, command: &mut Command, mode: Mode) {
        command
            .env("KEYRACK_TEST_POSTGRES", self.cluster.superuser_url())
            .env("KEYRACK_BIN_DIR", programs(mode));
        leftovers::mark(command);
    }
}

/// A desktop for nobody.
#[derive(Debug)]
pub struct Desktop {
    display: Display,
    folders: TempDir,
}

impl Desktop {
    pub fn start() -> Result<Desktop, Problem> {
        progress::quietly("Starting a display in memory", || {
            let folders = tempfile::Builder::new()
                .prefix("keyrack-desktop-")
                .tempdir()
                .while_doing(|| "No temporary folder for the desktop".to_owned())?;
            // A test's Postgres runs as another user when root tests, and must get through.
            make_folder(folders.path(), 0o711)?;
            for (variable, name) in PRIVATE_FOLDERS {
                let mode = if variable == "TMPDIR" { 0o711 } else { 0o700 };
                make_folder(&folders.path().join(name), mode)?;
            }
            Ok(Desktop {
                display: Display::start()?,
                folders,
            })
        })
    }

    /// The same command, to be run on this desktop.
    pub fn seat(&self, inner: &Command) -> Command {
        let mut command = Command::new("dbus-run-session");
        command
            .args(["--", "sh", "-c", WITH_KEYRING, "sh"])
            .arg(inner.get_program())
            .args(inner.get_args());
        if let Some(folder) = inner.get_current_dir() {
            command.current_dir(folder);
        }
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        for (name, folder) in PRIVATE_FOLDERS {
            command.env(name, self.folder(folder));
        }
        command
            .env("DISPLAY", self.display.name())
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY");
        command
    }

    fn folder(&self, name: &str) -> PathBuf {
        Path::new(self.folders.path()).join(name)
    }
}

fn make_folder(folder: &Path, mode: u32) -> Result<(), Problem> {
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, Permissions::from_mode(mode)))
        .while_doing(|| format!("{} cannot be made", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::ExitStatus;

    #[test]
    fn the_desktop_has_an_unlocked_keyring() {
        let desktop = Desktop::start().unwrap();
        let mut ask = Command::new("dbus-send");
        ask.args(["--session", "--print-reply=literal"])
            .arg("--dest=org.freedesktop.secrets")
            .arg("/org/freedesktop/secrets/aliases/default")
            .arg("org.freedesktop.DBus.Properties.Get")
            .args(["string:org.freedesktop.Secret.Collection", "string:Locked"]);
        let (_, said) = said_on(&desktop, desktop.seat(&ask));
        assert!(said.contains("boolean false"), "{said}");
    }

    #[test]
    fn a_keyring_that_does_not_start_is_said_and_nothing_runs_without_it() {
        let desktop = Desktop::start().unwrap();
        let mut inner = Command::new("echo");
        inner.arg("ran");
        let mut seat = desktop.seat(&inner);
        let gone = desktop.folder("tmp");
        seat.env("PATH", broken_keyring(&gone));
        let (status, said) = said_on(&desktop, seat);
        assert!(!status.success());
        assert!(!said.contains("ran\n"), "{said}");
        assert!(said.contains("has no keyring"), "{said}");
        assert!(said.contains("out of luck"), "{said}");
    }

    /// What a command says. Into a file: what it leaves running on the desktop would hold a pipe
    /// open.
    fn said_on(desktop: &Desktop, mut command: Command) -> (ExitStatus, String) {
        let path = desktop.folder("tmp").join("said");
        let file = fs::File::create(&path).unwrap();
        command.stderr(file.try_clone().unwrap()).stdout(file);
        let status = command.status().unwrap();
        (status, fs::read_to_string(&path).unwrap())
    }

    /// A search path on which a keyring that fails is found first.
    fn broken_keyring(folder: &Path) -> std::ffi::OsString {
        let program = folder.join("gnome-keyring-daemon");
        fs::write(&program, "#!/bin/sh\necho out of luck >&2\nexit 1\n").unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
        std::env::join_paths(folders).unwrap()
    }

    #[test]
    fn a_command_on_the_desktop_keeps_its_arguments_and_environment() {
        let desktop = Desktop::start().unwrap();
        let mut inner = Command::new("sh");
        inner
            .args([
                "-c",
                "echo \"$1 $ROOM $DISPLAY $XDG_DATA_HOME\"",
                "sh",
                "a b",
            ])
            .env("ROOM", "204");
        let said = desktop.seat(&inner).output().unwrap();
        assert_eq!(
            String::from_utf8(said.stdout).unwrap().trim(),
            format!(
                "a b 204 {} {}",
                desktop.display.name(),
                desktop.folder("data").display()
            )
        );
    }
}
