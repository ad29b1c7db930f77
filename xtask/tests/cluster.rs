//! A private Postgres: what it keeps, who gets in, and that nothing is left behind.

#![allow(clippy::unwrap_used, reason = "it is a test wherever it is called")]

use std::{
    fs,
    os::unix::{fs::symlink, process::ExitStatusExt},
    path::Path,
    process::{Child, Command},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use xtask::cluster::{Cluster, Durability, Settings};

fn start(folder: &Path) -> Cluster {
    Cluster::start(Settings {
        folder: folder.to_owned(),
        durability: Durability::SurvivesProcessesOnly,
        role_password: "keyrack".to_owned(),
    })
    .expect("Postgres is installed: `cargo xtask setup` does it")
}

#[test]
fn a_cluster_that_was_stopped_keeps_what_was_written() {
    let folder = TempDir::new().unwrap();
    let cluster = start(folder.path());
    cluster.make_database("hotel").unwrap();
    cluster
        .execute(
            "hotel",
            "create table room (number int); insert into room values (204);",
        )
        .unwrap();
    drop(cluster);
    assert!(!folder.path().join("data/postmaster.pid").exists());
    let cluster = start(folder.path());
    assert_eq!(
        cluster.execute("hotel", "select number from room").unwrap(),
        "204"
    );
}

#[test]
fn a_cluster_that_was_half_made_is_made_again() {
    let folder = TempDir::new().unwrap();
    let unfinished = folder.path().join("data.unfinished");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15").unwrap();
    let cluster = start(folder.path());
    assert_eq!(cluster.execute("postgres", "select 1").unwrap(), "1");
    assert!(!unfinished.exists());
}

/// A process by the name of Postgres that works in `folder`, and its number in the note of the
/// cluster's last server.
fn postgres_in(folder: &Path, program: &Path, cluster: &Path) -> Child {
    symlink("/bin/sleep", program).unwrap();
    // Whoever runs the tests may ignore the signal, and a program inherits that.
    let started = Command::new("env")
        .arg("--default-signal=INT")
        .arg(program)
        .arg("600")
        .current_dir(folder)
        .spawn()
        .unwrap();
    let name = format!("/proc/{}/comm", started.id());
    while fs::read_to_string(&name).unwrap().trim() != "postgres" {
        thread::yield_now();
    }
    let note = format!("{}\n", started.id());
    fs::write(cluster.join("data/postmaster.pid"), note).unwrap();
    started
}

#[test]
fn a_server_that_was_left_behind_on_the_data_is_ended() {
    let (folder, programs) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    drop(start(folder.path()));
    let data = folder.path().join("data");
    let mut orphan = postgres_in(&data, &programs.path().join("postgres"), folder.path());
    // A process is gone when somebody has asked how it ended.
    let end = thread::spawn(move || orphan.wait().unwrap());
    let cluster = start(folder.path());
    assert_eq!(end.join().unwrap().signal(), Some(Signal::INT.as_raw()));
    assert_eq!(cluster.execute("postgres", "select 1").unwrap(), "1");
}

#[test]
fn another_postgres_that_has_the_number_of_ours_by_now_is_left_alone() {
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    drop(start(folder.path()));
    let program = elsewhere.path().join("postgres");
    let mut stranger = postgres_in(elsewhere.path(), &program, folder.path());
    let number = Pid::from_child(&stranger);
    let end = thread::spawn(move || stranger.wait().unwrap());
    let cluster = start(folder.path());
    assert_eq!(cluster.execute("postgres", "select 1").unwrap(), "1");
    let _ = kill_process(number, Signal::KILL);
    let ended_by = end.join().unwrap().signal();
    assert_eq!(
        ended_by,
        Some(Signal::KILL.as_raw()),
        "only the test ends it"
    );
}

#[test]
fn the_roles_of_the_server_are_no_superusers_and_see_no_other_hotel() {
    let folder = TempDir::new().unwrap();
    let cluster = start(folder.path());
    let strong = "select count(*) from pg_roles \
                  where rolname like 'keyrack%' and (rolsuper or rolbypassrls or rolcreaterole)";
    assert_eq!(cluster.execute("postgres", strong).unwrap(), "0");
}

#[test]
fn a_statement_that_fails_says_why() {
    let folder = TempDir::new().unwrap();
    let cluster = start(folder.path());
    let problem = cluster
        .execute("postgres", "select * from rooms")
        .unwrap_err();
    assert!(
        problem.to_string().contains("\"rooms\" does not exist"),
        "{problem}"
    );
}

#[test]
fn making_a_database_again_empties_it() {
    let folder = TempDir::new().unwrap();
    let cluster = start(folder.path());
    cluster.make_database("hotel").unwrap();
    cluster.execute("hotel", "create table room ()").unwrap();
    cluster.make_database("hotel").unwrap();
    assert!(cluster.execute("hotel", "select * from room").is_err());
}
