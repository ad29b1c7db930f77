//! A private Postgres: what it keeps, who gets in, and that nothing is left behind.

use std::{fs, path::Path};

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
