//! The process in which Keyrack's devices run, told what to do line by line.

use keyrack_tests::{bin_dir, server::Server};
use rustix::process::Pid;
use serde_json::{Value, json};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// A phase that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(1_200);

pub struct Clients {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Clients {
    /// Starts so many devices; returns when all have signed in and opened their sockets.
    pub async fn start(server: &Server, count: usize, file: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(bin_dir::program("bench_client"))
            .arg(format!("ws://{}", server.address()))
            .arg(count.to_string())
            .arg(file)
            .args(more)
            .env("KEYRACK_DATABASE_URL", server.database().app_url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the clients' program starts");
        let input = child.stdin.take().expect("its input is a pipe");
        let output = child.stdout.take().expect("its output is a pipe");
        let mut clients = Self {
            child,
            input,
            output: BufReader::new(output).lines(),
        };
        let ready = clients.answer().await;
        assert_eq!(ready["ready"], true, "the clients are not ready: {ready}");
        clients
    }

    pub async fn ask(&mut self, question: &Value) -> Value {
        let line = format!("{question}\n");
        let asked = self.input.write_all(line.as_bytes()).await;
        asked.expect("the clients listen");
        self.answer().await
    }

    async fn answer(&mut self) -> Value {
        match timeout(PATIENCE, self.output.next_line()).await {
            Ok(Ok(Some(line))) => serde_json::from_str(&line).expect("a line is JSON"),
            Ok(_) => json!({ "error": "the clients' process ended" }),
            Err(_) => json!({ "error": "not in time" }),
        }
    }

    pub fn pid(&self) -> Pid {
        let number = self.child.id().and_then(|id| Pid::from_raw(id as i32));
        number.expect("a running process has a number")
    }

    pub async fn quit(mut self) {
        self.ask(&json!({ "cmd": "quit" })).await;
        // It is killed with the value if it does not end.
        let _ = timeout(Duration::from_secs(20), self.child.wait()).await;
    }
}
