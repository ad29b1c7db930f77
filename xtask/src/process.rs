//! Child processes: some are waited for, some run until they are stopped.
//!
//! **Architecture Invariant**: a child that runs in the background stops when its value is
//! dropped, and the kernel tells it to stop if this process is killed outright.

use std::{
    ffi::OsStr,
    fs::File,
    io::{Read, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::{
    interrupt,
    problem::{Problem, While},
};

/// How long a child that was only waited for may take to end after Ctrl-C.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Unix user and group under which a child runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: u32,
    pub group: u32,
}

/// How a background process is asked to end.
#[derive(Clone, Copy, Debug)]
pub enum Farewell {
    /// SIGTERM: windows, servers, displays.
    Terminate,
    /// SIGINT: Postgres disconnects everybody, writes a checkpoint and ends.
    FastShutdown,
}

impl Farewell {
    fn signal(self) -> Signal {
        match self {
            Farewell::Terminate => Signal::TERM,
            Farewell::FastShutdown => Signal::INT,
        }
    }

    fn signal_name(self) -> &'static str {
        match self {
            Farewell::Terminate => "TERM",
            Farewell::FastShutdown => "INT",
        }
    }

    fn patience(self) -> Duration {
        match self {
            Farewell::Terminate => Duration::from_secs(10),
            Farewell::FastShutdown => Duration::from_secs(60),
        }
    }
}

/// A process that is to run in the background.
#[derive(Debug)]
pub struct Background {
    /// Takes further arguments and variables.
    pub command: Command,
    program: String,
    farewell: Farewell,
}

/// A command that the kernel tells to end when we die.
///
/// `setpriv` asks the kernel for the signal and then becomes `program`. To the kernel "we" are the
/// thread that starts it: let that be one that lives as long.
pub fn bound(program: impl AsRef<OsStr>, farewell: Farewell) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", farewell.signal_name(), "--"])
        .arg(program);
    command
}

impl Background {
    pub fn new(program: impl AsRef<OsStr>, farewell: Farewell) -> Background {
        Background {
            command: bound(&program, farewell),
            program: program.as_ref().to_string_lossy().into_owned(),
            farewell,
        }
    }

    /// Starts it with its output going to `log`.
    ///
    /// The child gets a process group of its own, so that Ctrl-C reaches only this process, which
    /// then stops its children in order.
    pub fn start(mut self, log: &File) -> Result<Running, Problem> {
        let output = || {
            log.try_clone()
                .while_doing(|| "A log file cannot be shared".to_owned())
        };
        let child = self
            .command
            .stdin(Stdio::null())
            .stdout(output()?)
            .stderr(output()?)
            .process_group(0)
            .spawn()
            .map_err(|source| Problem::CannotStart {
                program: self.program,
                source,
            })?;
        Ok(Running {
            child,
            farewell: self.farewell,
        })
    }
}

/// A process that runs in the background until it is stopped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    farewell: Farewell,
}

impl Running {
    /// How it ended, when it did.
    pub fn end(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Whether it has ended; how it did can still be asked for.
    pub fn has_ended(&self) -> bool {
        let looks_only = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let seen = waitid(WaitId::Pid(Pid::from_child(&self.child)), looks_only);
        !matches!(seen, Ok(None))
    }

    fn stop(&mut self) {
        if self.end().is_some() {
            return;
        }
        let _ = kill_process(Pid::from_child(&self.child), self.farewell.signal());
        if !interrupt::settle(self.farewell.patience(), || self.end().is_some()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Makes the command run under another account, when there is one.
pub fn under(command: &mut Command, account: Option<Account>) -> &mut Command {
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    command
}

/// Runs to the end with this terminal's input and output.
pub fn finish(doing: &str, command: &mut Command) -> Result<(), Problem> {
    let status = status_of(command)?;
    if status.success() {
        Ok(())
    } else {
        Err(Problem::CommandFailed {
            doing: doing.to_owned(),
            status: status.to_string(),
            output: String::new(),
        })
    }
}

/// Runs to the end and returns what it printed; what it complained about is in the error.
pub fn listen_to(doing: &str, command: &mut Command) -> Result<String, Problem> {
    hand_to(doing, command, "")
}

/// Like [`listen_to`], with `input` as standard input.
pub fn hand_to(doing: &str, command: &mut Command, input: &str) -> Result<String, Problem> {
    let mut child = spawn(
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    )?;
    let printed = read_aside(child.stdout.take());
    let complained = read_aside(child.stderr.take());
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends without reading its input says why on its standard error.
        let _ = stdin.write_all(input.as_bytes());
    }
    let status = wait(child)?;
    let printed = printed.join().unwrap_or_default();
    if status.success() {
        return Ok(printed);
    }
    let complained = complained.join().unwrap_or_default();
    Err(Problem::CommandFailed {
        doing: doing.to_owned(),
        status: status.to_string(),
        output: format!("\n{}{}", printed, complained).trim_end().to_owned(),
    })
}

/// Runs to the end with this terminal's input and output, and says how it ended.
pub fn status_of(command: &mut Command) -> Result<ExitStatus, Problem> {
    wait(spawn(command)?)
}

/// Starts a command that [`wait`] ends.
pub fn spawn(command: &mut Command) -> Result<Child, Problem> {
    command.spawn().map_err(|source| Problem::CannotStart {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })
}

/// Waits for a child; at Ctrl-C it is asked to end and then made to.
pub fn wait(mut child: Child) -> Result<ExitStatus, Problem> {
    let outcome = interrupt::wait_for(|| {
        child
            .try_wait()
            .while_doing(|| "A child process cannot be waited for".to_owned())
    });
    if outcome.is_err() {
        let _ = kill_process(Pid::from_child(&child), Signal::TERM);
        if !interrupt::settle(LAST_WORDS, || !matches!(child.try_wait(), Ok(None))) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
    outcome
}

fn read_aside(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_tells_what_it_complained_about() {
        let problem = listen_to(
            "Counting",
            Command::new("sh").args(["-c", "echo no numbers >&2; exit 3"]),
        )
        .unwrap_err();
        assert_eq!(
            problem.to_string(),
            "Counting failed (exit status: 3).\nno numbers"
        );
    }

    #[test]
    fn a_command_reads_what_it_is_handed() {
        let said = hand_to("Echoing", &mut Command::new("cat"), "204").unwrap();
        assert_eq!(said, "204");
    }

    #[test]
    fn a_background_process_ends_when_its_value_is_dropped() {
        let log = tempfile::tempfile().unwrap();
        let mut sleeper = Background::new("sleep", Farewell::Terminate);
        sleeper.command.arg("600");
        let running = sleeper.start(&log).unwrap();
        let pid = Pid::from_child(&running.child);
        assert!(!running.has_ended());
        drop(running);
        assert!(rustix::process::test_kill_process(pid).is_err());
    }
}
