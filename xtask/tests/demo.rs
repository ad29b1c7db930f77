//! The demo hotel of `cargo xtask run`: made once, to the end, and served again later.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use tempfile::TempDir;
use xtask::{
    cluster::{Cluster, Durability, Settings, free_port},
    demo,
    state::State,
    sync_server::SyncServer,
};

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    // Root's Postgres runs as another user, who has to get through.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).expect("our own folder");
    folder
}

fn start(state: &State) -> Cluster {
    Cluster::start(Settings {
        folder: state.postgres(),
        durability: Durability::SurvivesProcessesOnly,
        role_password: state.password().expect("a password"),
    })
    .expect("Postgres is installed: `cargo xtask setup` does it")
}

fn count(cluster: &Cluster, table: &str) -> u32 {
    let count = format!("select count(*) from {table}");
    let said = cluster.execute(demo::DATABASE, &count).expect("an answer");
    said.parse().expect("a number")
}

#[test]
fn the_demo_is_made_once_and_found_again_at_the_next_start() {
    let folder = folder();
    let state = State::hold(Some(folder.path())).unwrap();
    let cluster = start(&state);
    demo::prepare(&state, &cluster).unwrap();
    let made = count(&cluster, "action");
    assert!(made > 0);
    drop((cluster, state));

    let state = State::hold(Some(folder.path())).unwrap();
    let cluster = start(&state);
    demo::prepare(&state, &cluster).unwrap();
    let mut server = SyncServer::start(&state, &cluster, free_port().unwrap()).unwrap();
    server.check().unwrap();
    assert_eq!(count(&cluster, "action"), made);
}

#[test]
fn a_demo_that_was_interrupted_half_way_is_made_from_the_beginning() {
    let folder = folder();
    let state = State::hold(Some(folder.path())).unwrap();
    let cluster = start(&state);
    cluster.make_database(demo::DATABASE).unwrap();
    cluster
        .execute(demo::DATABASE, "create table hotel (half text)")
        .unwrap();
    demo::prepare(&state, &cluster).unwrap();
    assert!(state.demo_is_made());
}
