//! The demo hotel of `cargo xtask run`: made once, to the end, and served again later.

use std::{
    fs::{self, Permissions},
    io::{Write, pipe},
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt,
};

use tempfile::TempDir;
use xtask::{
    cluster::{Cluster, Durability, Settings, free_port},
    demo,
    network::{Keyboard, Network},
    state::State,
    sync_server::{SyncServer, is_ready},
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
    assert_eq!(count(&cluster, "person where role = 'housekeeper'"), 12);
    drop((cluster, state));

    let state = State::hold(Some(folder.path())).unwrap();
    let cluster = start(&state);
    demo::prepare(&state, &cluster).unwrap();
    let mut server = SyncServer::start(&state, &cluster, free_port().unwrap()).unwrap();
    server.check().unwrap();
    assert_eq!(count(&cluster, "action"), made);
}

#[test]
fn enter_takes_the_network_away_and_brings_it_back_with_what_the_hotel_has() {
    let folder = folder();
    let state = State::hold(Some(folder.path())).unwrap();
    let cluster = start(&state);
    demo::prepare(&state, &cluster).unwrap();
    let made = count(&cluster, "action");
    let port = free_port().unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut network = Network::bring(&state, &cluster, port).unwrap();
    let (typed, mut person) = pipe().unwrap();
    let mut keyboard = Keyboard::new(typed);
    assert!(!keyboard.enter() && is_ready(address));

    person.write_all(b"\n").unwrap();
    assert!(keyboard.enter());
    let said = network.switch().unwrap();
    assert!(said.starts_with("The network is gone."), "{said}");
    assert!(!is_ready(address) && !network.is_there());
    network.check().unwrap();

    person.write_all(b"\n").unwrap();
    assert!(keyboard.enter());
    let said = network.switch().unwrap();
    assert!(said.starts_with("The network is back"), "{said}");
    assert!(is_ready(address) && network.is_there());
    network.check().unwrap();
    assert_eq!(count(&cluster, "action"), made);

    // Whoever closes the terminal's input takes nothing away.
    drop(person);
    assert!(!keyboard.enter() && is_ready(address));
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
