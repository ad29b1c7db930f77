//! Installs what is missing: it says what and why, and asks.

use std::{
    fs,
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
    process::Command,
    sync::mpsc,
    thread,
};

use crate::{
    arguments::Consent,
    interrupt,
    packages::{self, Group, System},
    problem::{Problem, While},
    process::{finish, hand_to, listen_to},
    progress, wasm_target,
};

/// Read by Debian's scripts when a Postgres server is installed.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

/// Installs all that any command needs.
pub fn everything(consent: Consent) -> Result<(), Problem> {
    packages(
        &[packages::BUILD, packages::POSTGRES, packages::WINDOWS],
        consent,
    )?;
    wasm_target::ensure(consent)
}

/// `cargo xtask setup`.
pub fn setup(consent: Consent) -> Result<(), Problem> {
    everything(consent)?;
    println!("All that building and testing need is installed.");
    Ok(())
}

/// Installs the packages of these groups that are missing.
pub fn packages(groups: &[Group], consent: Consent) -> Result<(), Problem> {
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    match System::from_os_release(&os_release) {
        System::Apt => {}
        System::TooOld { name } => {
            println!(
                "{name} is older than Debian 12 and Ubuntu 22.04, whose web view the app needs; \
                 some packages may not be there."
            );
        }
        System::Other { name } => {
            println!(
                "{name} has no apt, so nothing is installed here. What is needed, by its name \
                 on Debian:"
            );
            for group in groups {
                println!("    {}", group.packages.join(" "));
            }
            return Ok(());
        }
    }
    let listing = listen_to(
        "Listing the installed packages",
        Command::new("dpkg-query").args([
            "--show",
            "--showformat",
            "${Package}\t${db:Status-Status}\n",
        ]),
    )?;
    let wanted: Vec<_> = groups
        .iter()
        .map(|group| (group, packages::missing(group, &listing)))
        .filter(|(_, missing)| !missing.is_empty())
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    println!("Missing on this machine:");
    for (group, missing) in &wanted {
        println!("  {}:\n      {}", group.purpose, missing.join(" "));
    }
    let names: Vec<_> = wanted
        .into_iter()
        .flat_map(|(_, missing)| missing)
        .collect();
    let rights = Rights::of_this_process(&names)?;
    agree(consent, "Install them with apt-get?", &by_hand(&names))?;
    progress::aloud("Installing what is missing", || install(&names, rights))
}

/// How apt may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    Root,
    Sudo,
}

impl Rights {
    fn of_this_process(names: &[&str]) -> Result<Rights, Problem> {
        if rustix::process::geteuid().is_root() {
            return Ok(Rights::Root);
        }
        match listen_to("Looking for sudo", Command::new("sudo").arg("--version")) {
            Ok(_) => Ok(Rights::Sudo),
            Err(Problem::Interrupted) => Err(Problem::Interrupted),
            Err(_) => Err(Problem::NoSudo {
                by_hand: format!("apt-get install {}", names.join(" ")),
            }),
        }
    }

    fn command(self, program: &str) -> Command {
        match self {
            Rights::Root => Command::new(program),
            Rights::Sudo => {
                let mut command = Command::new("sudo");
                command.arg(program);
                command
            }
        }
    }
}

/// Asks whether to install something, unless that was said beforehand.
pub fn agree(consent: Consent, question: &str, by_hand: &str) -> Result<(), Problem> {
    if consent.yes {
        return Ok(());
    }
    let by_hand = by_hand.to_owned();
    if !io::stdin().is_terminal() {
        return Err(Problem::NobodyToAsk { by_hand });
    }
    print!("{question} [Y/n] ");
    let _ = io::stdout().flush();
    match answer()?.as_deref().map(str::trim) {
        Some("" | "y" | "Y" | "yes") => Ok(()),
        _ => Err(Problem::Declined { by_hand }),
    }
}

/// One line from the terminal; none at its end.
///
/// It is read aside, because a blocked read does not notice Ctrl-C.
fn answer() -> Result<Option<String>, Problem> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let _ = sender.send(matches!(read, Ok(1..)).then_some(line));
    });
    interrupt::wait_for(|| Ok(receiver.try_recv().ok()))
}

fn by_hand(names: &[&str]) -> String {
    format!("sudo apt-get install {}", names.join(" "))
}

fn install(names: &[&str], rights: Rights) -> Result<(), Problem> {
    let failed = |problem| match problem {
        Problem::CommandFailed { .. } => Problem::InstallFailed {
            by_hand: by_hand(names),
        },
        other => other,
    };
    if names.contains(&"postgresql") {
        keep_postgres_from_starting(rights)?;
    }
    finish(
        "Asking what can be installed",
        rights.command("apt-get").args(["-q", "update"]),
    )
    .map_err(failed)?;
    finish(
        "Installing packages",
        rights
            .command("env")
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(["-q", "install", "--yes", "--no-install-recommends"])
            .args(["-o", "Dpkg::Options::=--force-confold"])
            .args(names),
    )
    .map_err(failed)
}

/// Without this line Debian makes a cluster at install time and starts it at every boot.
fn keep_postgres_from_starting(rights: Rights) -> Result<(), Problem> {
    let settings = fs::read_to_string(CLUSTER_SETTINGS).unwrap_or_default();
    let Some(settings) = without_a_cluster(&settings) else {
        return Ok(());
    };
    match rights {
        Rights::Root => {
            let path = Path::new(CLUSTER_SETTINGS);
            path.parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(path, settings))
                .while_doing(|| format!("{CLUSTER_SETTINGS} cannot be written"))
        }
        Rights::Sudo => hand_to(
            "Writing the settings of Postgres",
            rights.command("sh").args([
                "-c",
                "mkdir -p \"$(dirname \"$0\")\" && cat > \"$0\"",
                CLUSTER_SETTINGS,
            ]),
            &settings,
        )
        .map(drop),
    }
}

/// The settings with no cluster made; none when the administrator has decided already.
fn without_a_cluster(settings: &str) -> Option<String> {
    let decided = settings
        .lines()
        .any(|line| line.trim_start().starts_with("create_main_cluster"));
    let gap = if settings.is_empty() || settings.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    (!decided).then(|| format!("{settings}{gap}create_main_cluster = false\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cluster_is_made_unless_the_administrator_wants_one() {
        assert_eq!(
            without_a_cluster("").as_deref(),
            Some("create_main_cluster = false\n")
        );
        assert_eq!(
            without_a_cluster("#create_main_cluster = true").as_deref(),
            Some("#create_main_cluster = true\ncreate_main_cluster = false\n")
        );
        assert_eq!(without_a_cluster("create_main_cluster = true\n"), None);
    }
}
