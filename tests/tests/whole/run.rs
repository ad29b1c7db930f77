//! `cargo xtask run` at a terminal: what it opens, says, keeps and ends.

use keyrack_model::{
    command::Command,
    ids::RoomId,
    room::ServiceStatus::{self, DoNotDisturb, MakeUpRoom},
};
use keyrack_tests::{
    desk::Desk,
    display::Display,
    enrolment,
    hotel::{INES, MARIA, PEOPLE},
    http,
    peer::Peer,
    port, process,
    server::Cli,
    terminal::Terminal,
    wait,
    world::World,
};
use rustix::process::Pid;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// A folder for demos, and the port of the one that is looked at.
struct Place {
    world: World,
    server: SocketAddr,
}

impl Place {
    fn new() -> Self {
        Self {
            world: World::new(),
            server: port::free(),
        }
    }

    fn folder(&self) -> &Path {
        self.world.folder()
    }

    fn state(&self) -> PathBuf {
        self.folder().join("demo")
    }

    fn run(&self, wishes: &[&str]) -> Terminal {
        let state = self.state().display().to_string();
        let port = self.server.port().to_string();
        let usual = ["--yes", "--state", &state, "--port", &port];
        Terminal::run(self.folder(), &[&usual[..], wishes].concat())
    }

    /// A demo that is open, with this many windows.
    async fn open(&self, wishes: &[&str], windows: usize) -> Terminal {
        let mut terminal = self.run(wishes);
        terminal.wait_for("Ctrl-C stops everything.").await;
        let notice = std::fs::read_to_string(self.state().join("server"));
        let notice = notice.expect("an open demo says where it is");
        let (_, database) = notice.trim().split_once('\n').expect("and its database");
        enrolment::operated(self.server, Cli::at(database));
        self.wait_for_windows(&terminal, windows).await;
        terminal
    }

    /// Waits until so many windows of a command are on the screen.
    async fn wait_for_windows(&self, terminal: &Terminal, wanted: usize) {
        let display = Display::of_the_test_run();
        let shown = async || {
            let apps = terminal.windows(self.folder());
            apps.iter().map(|app| display.in_sight(*app).len()).sum()
        };
        wait::until_seen("the windows of the command", wanted, shown).await;
    }

    async fn is_ready(&self) -> bool {
        let answer = http::get(self.server, "/health/ready").await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// Waits until so many devices talk to the server.
    async fn wait_for_devices(&self, wanted: usize) {
        let line = format!("ws_connections {wanted}");
        wait::until("devices at the server", wait::SOON, async || {
            let told = http::get(self.server, "/metrics").await;
            let told = told.map_err(|error| error.to_string())?.body;
            let found = told.lines().any(|it| it == line);
            found.then_some(()).ok_or(told)
        })
        .await;
    }

    async fn services(&self) -> Vec<(RoomId, ServiceStatus)> {
        let mut ines = Peer::signed_in(self.server, &INES).await;
        ines.sync().await;
        ines.services().into_iter().collect()
    }

    async fn set_service(&self, room: RoomId, value: ServiceStatus) {
        let mut ines = Peer::signed_in(self.server, &INES).await;
        ines.sync().await;
        let wish = Command::SetServiceStatus { room, value };
        ines.act(&wish).expect("a supervisor may");
        ines.sync().await;
    }

    fn assert_all_is_over(&self) {
        let left: Vec<Pid> = process::working_for(self.folder());
        assert_eq!(left, []);
    }
}

#[tokio::test]
async fn a_demo_goes_on_where_it_was_until_it_is_told_to_start_over() {
    let place = Place::new();
    let mut terminal = place.open(&[], 1).await;
    let said = terminal.said();
    for person in &PEOPLE {
        assert!(said.contains(&person.password()), "{said}");
        assert!(said.contains(person.display), "{said}");
    }
    assert!(
        said.contains("✓ Importing a week of real bookings"),
        "{said}"
    );

    // Somebody works there, and Maria signs in at what will be the second window.
    let (room, before) = place.services().await[0];
    let other = if before == DoNotDisturb {
        MakeUpRoom
    } else {
        DoNotDisturb
    };
    place.set_service(room, other).await;
    let windows = place.state().join("windows");
    let windows = windows.join(format!("127_0_0_1_{}", place.server.port()));
    let url = format!("http://{}", place.server);
    let hers = place.world.workplace("maria", &url);
    let hers = hers.with_data(&windows.join("housekeeper"));
    let maria = Desk::sign_in(hers.open().await, &MARIA).await;
    maria.wait_until_synced().await;
    maria.into_window().close().await;

    terminal.press_enter().await;
    terminal.wait_for("The network is gone.").await;
    assert!(!place.is_ready().await);
    terminal.press_enter().await;
    terminal.wait_for("The network is back").await;
    assert!(place.is_ready().await);

    let (status, said) = terminal.press_ctrl_c().await;
    assert!(status.success(), "{said}");
    assert!(said.contains("Everything is stopped. The data is kept in"));
    place.assert_all_is_over();

    let terminal = place.open(&["--second"], 2).await;
    assert!(!terminal.said().contains("Importing"));
    place.wait_for_devices(1).await;
    assert_eq!(place.services().await[0], (room, other));
    let (status, said) = terminal.press_ctrl_c().await;
    assert!(status.success(), "{said}");
    place.assert_all_is_over();

    let store = windows.join("housekeeper").join("hotels");
    assert!(store.exists());
    let terminal = place.open(&["--second", "--reset"], 2).await;
    assert!(terminal.said().contains("✓ Forgetting the old demo"));
    assert!(!store.exists());
    assert_eq!(place.services().await[0], (room, before));
    terminal.press_ctrl_c().await;
    place.assert_all_is_over();
}

#[tokio::test]
async fn other_windows_come_and_go_beside_an_open_demo_and_end_nothing_else() {
    let place = Place::new();
    let demo = place.open(&[], 1).await;

    let (status, said) = place.run(&[]).end().await;
    assert!(!status.success());
    assert!(said.contains("--second` opens one more window"), "{said}");

    let mut second = place.run(&["--second"]);
    second
        .wait_for("Ctrl-C here closes this window only.")
        .await;
    place.wait_for_windows(&second, 1).await;

    let elsewhere = place.folder().join("elsewhere");
    let url = format!("http://{}", place.server);
    let state = elsewhere.display().to_string();
    let wishes = ["--yes", "--state", &state, "--server", &url];
    let mut guest = Terminal::run(place.folder(), &wishes);
    guest.wait_for("The app uses the server at").await;
    place.wait_for_windows(&guest, 1).await;
    assert!(elsewhere.join("windows-elsewhere").exists());
    assert!(!elsewhere.join("postgres").exists());

    for other in [second, guest] {
        let windows = other.windows(place.folder());
        let (status, said) = other.press_ctrl_c().await;
        assert!(status.success(), "{said}");
        for window in windows {
            process::gone(window).await;
        }
        assert!(place.is_ready().await);
        place.wait_for_windows(&demo, 1).await;
    }

    demo.press_ctrl_c().await;
    assert!(!place.is_ready().await);
    place.assert_all_is_over();
}

#[tokio::test]
async fn a_command_that_cannot_start_says_why_and_leaves_nothing_behind() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind(place.server).unwrap();
    let (status, said) = place.run(&[]).end().await;
    assert!(!status.success());
    assert!(said.contains("is in use by another program"), "{said}");
    assert!(!place.state().join("postgres").exists());
    place.assert_all_is_over();
    drop(taken);
}

#[tokio::test]
async fn a_demo_whose_postgres_is_gone_ends_and_says_so_and_goes_on_at_the_next_start() {
    let place = Place::new();
    let terminal = place.open(&[], 1).await;
    let room = place.services().await[0].0;
    place.set_service(room, DoNotDisturb).await;
    let pid = place.state().join("postgres/data/postmaster.pid");
    let noted = std::fs::read_to_string(pid).unwrap();
    let postmaster = noted.lines().next().unwrap().parse().unwrap();
    process::kill(Pid::from_raw(postmaster).unwrap()).await;

    let (status, said) = terminal.end().await;
    assert!(!status.success());
    assert!(said.contains("Postgres stopped by itself"), "{said}");

    let terminal = place.open(&[], 1).await;
    assert_eq!(place.services().await[0], (room, DoNotDisturb));
    terminal.press_ctrl_c().await;
    place.assert_all_is_over();
}
