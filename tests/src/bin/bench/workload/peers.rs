//! Other sync servers under workload W, by the driver that comes with them.

use super::phase::{Phase, Run, SINGLE_EDITS, Size};
use keyrack_tests::{port, process};
use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{io::AsyncReadExt, process::Command, time::timeout};

/// A server that the driver knows, and what has to be there for it to run.
const PEERS: [(&str, &str, &str); 3] = [
    (
        "automerge-repo",
        "js/node_modules/@automerge/automerge-repo-sync-server",
        "npm install in js",
    ),
    (
        "samod",
        "samod/target/release/samod-bench",
        "cargo build --release in samod",
    ),
    (
        "hocuspocus",
        "js/node_modules/@hocuspocus/server",
        "npm install in js",
    ),
];
/// A server that takes longer than this for all phases has not finished.
const PATIENCE: Duration = Duration::from_secs(8 * 60);
/// On a busy machine some of them lose a connection and never find back.
const TRIES: usize = 2;

/// The folder of the driver, its servers and their clients.
pub struct Peers(PathBuf);

impl Peers {
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Runs each server that is there; of the others it says why they did not run.
    pub async fn run(&self, size: Size, scratch: &Path) -> (Vec<Run>, Vec<String>) {
        let (mut runs, mut missing) = (Vec::new(), Vec::new());
        for (name, needed, remedy) in PEERS {
            if !self.0.join(needed).exists() {
                missing.push(format!(
                    "{name} was not run: {needed} is not there ({remedy})"
                ));
                continue;
            }
            eprintln!("{name}: {size:?}");
            match self.try_one(name, size, scratch).await {
                Ok(run) => runs.push(run),
                Err(why) => missing.push(format!("{name} did not finish at {size:?}: {why}")),
            }
        }
        (runs, missing)
    }

    async fn try_one(&self, name: &str, size: Size, scratch: &Path) -> Result<Run, String> {
        let mut run = Err(String::new());
        for _ in 0..TRIES {
            let again = self.run_one(name, size, scratch).await;
            // A driver that was given up leaves its server and its clients.
            process::kill_all(scratch);
            run = again.and_then(|run| run.failure().map_or(Ok(run), Err));
            if run.is_ok() {
                break;
            }
        }
        run
    }

    async fn run_one(&self, name: &str, size: Size, scratch: &Path) -> Result<Run, String> {
        let mut driver = Command::new("python3");
        driver
            .arg(self.0.join("bench.py"))
            .arg(name)
            .args(["--docs", &size.documents.to_string()])
            .args(["--clients", &size.clients.to_string()])
            .args(["--edits", &size.edits.to_string()])
            .args(["--latency", &SINGLE_EDITS.to_string()])
            .args(["--port", &port::free().port().to_string()])
            .env("PEERS_WORK", scratch)
            .env(process::FOLDER, scratch)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let (status, said) = timeout(PATIENCE, finish(driver))
            .await
            .map_err(|_| "not in time".to_owned())?
            .map_err(|error| format!("the driver does not run: {error}"))?;
        if !status.success() {
            return Err(format!("the driver ended with {status}; {said}"));
        }
        let phases: Result<Vec<Phase>, _> = said.lines().map(serde_json::from_str).collect();
        Ok(Run {
            server: name.to_owned(),
            phases: phases.map_err(|error| format!("{error}: {said}"))?,
        })
    }
}

async fn finish(mut command: Command) -> std::io::Result<(ExitStatus, String)> {
    let mut child = command.spawn()?;
    let mut said = String::new();
    if let Some(out) = &mut child.stdout {
        out.read_to_string(&mut said).await?;
    }
    Ok((child.wait().await?, said))
}
