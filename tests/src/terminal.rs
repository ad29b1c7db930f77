//! A terminal in which somebody runs `cargo xtask run`.

use crate::{
    bin_dir,
    process::{self, FOLDER},
    wait::{self, PATIENTLY},
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

/// A command that runs, and what it has said.
pub struct Terminal {
    child: Child,
    said: PathBuf,
}

impl Terminal {
    /// Runs `cargo xtask run …`. Everything it starts works for `folder`, and can be found there.
    pub fn run(folder: &Path, arguments: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        // Root's Postgres runs as another user, who has to get through.
        let passable = fs::Permissions::from_mode(0o711);
        fs::set_permissions(folder, passable).expect("the test's own folder");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let said = folder.join(format!("terminal-{number}.log"));
        let log = File::create(&said).expect("the test's folder can be written");
        let child = Command::new(bin_dir::program("xtask"))
            .arg("run")
            .args(arguments)
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("one log for both streams"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the command starts");
        Self { child, said }
    }

    /// All that it has said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).expect("what a terminal shows can be read")
    }

    /// Waits until it has said this.
    pub async fn wait_for(&mut self, sentence: &str) {
        let awaited = format!("“{sentence}” in the terminal");
        wait::until(awaited, PATIENTLY, async || {
            let said = self.said();
            if said.contains(sentence) {
                return Ok(());
            }
            let end = self.child.try_wait().expect("its end can be asked for");
            assert_eq!(end, None, "it ended before it said “{sentence}”:\n{said}");
            Err(said)
        })
        .await;
    }

    pub async fn press_enter(&mut self) {
        let keyboard = self.child.stdin.as_mut().expect("a keyboard");
        keyboard.write_all(b"\n").await.expect("it takes keys");
    }

    /// The signal goes to the command alone: what it starts is not of the terminal's group.
    pub async fn press_ctrl_c(self) -> (ExitStatus, String) {
        let _ = kill_process(self.pid(), Signal::INT);
        self.end().await
    }

    /// Waits for its end: how it ended, and all that it has said.
    pub async fn end(mut self) -> (ExitStatus, String) {
        let end = tokio::time::timeout(PATIENTLY, self.child.wait()).await;
        let said = self.said();
        let Ok(end) = end else {
            panic!("it does not end:\n{said}");
        };
        (end.expect("its end can be awaited"), said)
    }

    /// The app's processes that it has started.
    pub fn windows(&self, folder: &Path) -> Vec<Pid> {
        let app = bin_dir::program("keyrack");
        let mut windows = process::of_program(folder, &app);
        windows.retain(|window| process::parent(*window) == Some(self.pid()));
        windows
    }

    fn pid(&self) -> Pid {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        pid.and_then(Pid::from_raw)
            .expect("it has not been awaited")
    }
}
