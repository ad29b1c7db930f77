mod administering;
mod ends;
mod fake_server;
mod hotels;
mod renewing;
mod switching;

use super::*;
use crate::{data_folder::DataFolder, device_secret};
use keyrack_model::{
    command::{Command, WorkOrderDraft},
    identity,
    ids::{DeviceId, HotelId, OperationId, UserId, WorkOrderId},
    ipc::{Connection, Session},
    policy::Role,
    rows::Person,
};
use keyrack_replica::{Replica, UserSession};
use std::sync::mpsc as std_mpsc;
use uuid::Uuid;

/// A server's address at which nothing listens.
const NOBODY: &str = "http://127.0.0.1:1";

/// An engine without a window on a folder of its own.
struct World {
    folder: DataFolder,
    _parent: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let parent = tempfile::tempdir().unwrap();
        Self {
            folder: DataFolder::make(parent.path().join("keyrack")).unwrap(),
            _parent: parent,
        }
    }

    fn installation(&self) -> Installation {
        let no_keyring = || Err(keyring_core::Error::NoDefaultStore);
        let (secret, key_place) = device_secret::obtain(&self.folder, no_keyring).unwrap();
        Installation {
            folder: self.folder.clone(),
            store_key: secret.store_key(),
            pin_secret: secret.pin_secret(),
            key_place,
            device: secret.device(),
            server: None,
            hotel: None,
            code: None,
        }
    }

    /// What a sign-in leaves behind in the folder, without a server.
    fn with_maria_signed_in(self) -> Self {
        self.with_session(session_of_maria(identity::hotel("resort")))
    }

    fn with_session(self, session: UserSession) -> Self {
        let hotel = session.hotel;
        let mut replica = self.replica(hotel);
        replica.begin_session(session).unwrap();
        self.folder.remember_hotel(hotel).unwrap();
        self
    }

    /// The store of a hotel, while nobody has it open.
    fn replica(&self, hotel: HotelId) -> Replica {
        let installation = self.installation();
        Replica::open(
            &self.folder.store(hotel).unwrap(),
            &installation.store_key,
            installation.device,
            Box::new(Uuid::new_v4),
        )
        .unwrap()
    }

    /// Where whoever is signed in has shown their password a moment ago.
    fn start(&self) -> Desk {
        let mut engine = Engine::open(self.installation()).unwrap();
        engine.confirmed = Some(Confirmed::now());
        let (line, running) = engine.start().unwrap();
        Desk { line, running }
    }

    /// Where they have not.
    fn start_unconfirmed(&self) -> Desk {
        let (line, running) = Engine::open(self.installation()).unwrap().start().unwrap();
        Desk { line, running }
    }
}

fn session_of_maria(hotel: HotelId) -> UserSession {
    UserSession {
        server: NOBODY.to_owned(),
        hotel,
        hotel_code: "resort".to_owned(),
        hotel_name: "Resort H1".to_owned(),
        me: Person {
            id: UserId(Uuid::from_u128(1)),
            name: "maria".to_owned(),
            display: "Maria Silva".to_owned(),
            role: Role::Housekeeper,
            left: false,
        },
        token: "token".to_owned(),
        renewal: None,
        key: None,
        password_given: false,
    }
}

/// What the window would have: the line, and what it is told.
struct Desk {
    line: Line,
    running: Running,
}

impl Desk {
    fn watch(&self) -> std_mpsc::Receiver<Event> {
        let (tell, told) = std_mpsc::channel();
        wait_for(self.line.watch(move |event| match tell.send(event) {
            Ok(()) => KeepsWatching::Yes,
            Err(_) => KeepsWatching::No,
        }))
        .unwrap();
        told
    }

    fn act(&self, request: Request) -> Result<Receipt, Problem> {
        wait_for(self.line.act(request))
    }

    fn sign_in_at(&self, server: &str) -> Result<Receipt, Problem> {
        self.act(Request::SignIn {
            server: server.to_owned(),
            hotel: "resort".to_owned(),
            name: "maria".to_owned(),
            password: "maria-keyrack".to_owned(),
            code: None,
        })
    }

    fn close(self) {
        self.running.finish();
    }
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// The next event, within a patience that only a failing test runs into.
#[track_caller]
fn next(told: &std_mpsc::Receiver<Event>) -> Event {
    told.recv_timeout(Duration::from_secs(10)).unwrap()
}

/// The next session that is told of, whatever is told before.
#[track_caller]
fn next_session(told: &std_mpsc::Receiver<Event>) -> Session {
    loop {
        if let Event::Session(session) = next(told) {
            return session;
        }
    }
}

#[test]
fn a_new_installation_offers_the_sign_in_that_was_named_at_its_start() {
    let world = World::new();
    let mut installation = world.installation();
    installation.server = Some(NOBODY.to_owned());
    installation.hotel = Some("resort".to_owned());
    installation.code = Some("7K3M-9QXA".to_owned());
    let (line, running) = Engine::open(installation).unwrap().start().unwrap();
    let desk = Desk { line, running };
    let told = desk.watch();
    assert_eq!(
        next(&told),
        Event::Session(Session::SignedOut {
            server: NOBODY.to_owned(),
            hotel: "resort".to_owned(),
            hotel_name: String::new(),
            device_name: world.installation().device.registration().name,
            name: String::new(),
            code: "7K3M-9QXA".to_owned(),
            waiting: Vec::new(),
            others: Vec::new(),
            faces: Vec::new(),
            ended: None,
            key_in_file: true,
        })
    );
    assert!(matches!(next(&told), Event::Sync(_)));
    let refused = desk.act(Request::CreateWorkOrder(WorkOrderDraft::default()));
    assert_eq!(refused, Err(Problem::SignedOut));
    desk.close();
}

#[test]
fn where_the_key_lies_is_said_whoever_is_signed_in_or_not() {
    let said = |world: &World, key_place| {
        let installation = Installation {
            key_place,
            ..world.installation()
        };
        let (line, running) = Engine::open(installation).unwrap().start().unwrap();
        let desk = Desk { line, running };
        let told = desk.watch();
        let in_file = || match next_session(&told) {
            Session::SignedOut { key_in_file, .. } => ("nobody", key_in_file),
            Session::SignedIn { key_in_file, .. } => ("maria", key_in_file),
        };
        let first = in_file();
        desk.act(Request::SignOut).unwrap();
        let after_signing_out = in_file();
        desk.close();
        [first, after_signing_out]
    };
    for (place, in_file) in [(KeyPlace::File, true), (KeyPlace::Keyring, false)] {
        let nobody = ("nobody", in_file);
        assert_eq!(said(&World::new(), place), [nobody, nobody]);
        let with_maria = World::new().with_maria_signed_in();
        assert_eq!(said(&with_maria, place), [("maria", in_file), nobody]);
    }
}

#[test]
fn a_sign_in_that_fails_says_why_and_leaves_no_data() {
    let world = World::new();
    let desk = world.start();
    let server = NOBODY.to_owned();
    assert_eq!(
        desk.sign_in_at(NOBODY),
        Err(Problem::ServerUnreachable { address: server })
    );
    assert!(matches!(
        desk.sign_in_at("not an address"),
        Err(Problem::BadAddress { .. })
    ));
    desk.close();
    assert!(!world.folder.has_stores().unwrap());
}

#[test]
fn a_session_survives_a_restart_without_a_network() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    let told = desk.watch();
    let Event::Session(Session::SignedIn {
        hotel_name,
        me,
        key_in_file,
        ..
    }) = next(&told)
    else {
        panic!("maria is signed in");
    };
    assert_eq!(
        (hotel_name.as_str(), me.name.as_str()),
        ("Resort H1", "maria")
    );
    assert!(key_in_file);
    let Event::Sync(state) = next(&told) else {
        panic!("the sync state comes second");
    };
    assert!(matches!(state.connection, Connection::Offline { .. }));
    assert!(matches!(next(&told), Event::Rows { replace: true, .. }));
    desk.close();
}

#[test]
fn signing_out_says_what_waits_and_keeps_it() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    let told = desk.watch();
    let draft = WorkOrderDraft {
        title: "The lamp in 204 flickers".to_owned(),
        ..WorkOrderDraft::default()
    };
    let receipt = desk.act(Request::CreateWorkOrder(draft)).unwrap();
    assert!(matches!(
        receipt,
        Receipt::Done {
            document: Some(_),
            ..
        }
    ));
    assert!(matches!(next_session(&told), Session::SignedIn { .. }));
    assert_eq!(desk.act(Request::SignOut), Ok(Receipt::Noted));
    let Session::SignedOut { name, waiting, .. } = next_session(&told) else {
        panic!("nobody is signed in");
    };
    assert_eq!(name, "maria");
    assert_eq!(waiting.iter().map(|of| of.actions).sum::<usize>(), 1);
    desk.close();

    let desk = world.start();
    let told = desk.watch();
    let Session::SignedOut { waiting, .. } = next_session(&told) else {
        panic!("nobody is signed in");
    };
    assert_eq!(waiting.iter().map(|of| of.actions).sum::<usize>(), 1);
    desk.close();
}

#[test]
fn a_store_under_another_key_is_explained_and_kept() {
    let world = World::new().with_maria_signed_in();
    world.folder.write("device.key", &"ab".repeat(32)).unwrap();
    let store = world.folder.store(identity::hotel("resort")).unwrap();
    let before = std::fs::read(&store).unwrap();
    let Err(trouble) = Engine::open(world.installation()) else {
        panic!("the store must not open");
    };
    assert!(matches!(trouble, Trouble::Store { .. }));
    assert_eq!(std::fs::read(&store).unwrap(), before);
}

#[test]
fn who_signs_in_does_so_on_the_device_that_the_data_are_of() {
    let world = World::new().with_maria_signed_in();
    let known = world.installation().device.id;
    let mut installation = world.installation();
    installation.device.id = DeviceId(Uuid::from_u128(7));
    installation.device.signing_key = [7; 32];
    let engine = Engine::open(installation).unwrap();
    assert_eq!(engine.installation.device.id, known);
}

/// Somebody does more than fits one page.
fn work(desk: &Desk) {
    for number in 0..40 {
        let draft = WorkOrderDraft {
            title: format!("Lamp {number}"),
            ..WorkOrderDraft::default()
        };
        desk.act(Request::CreateWorkOrder(draft)).unwrap();
    }
}

#[test]
fn damaged_data_are_replaced_and_what_was_not_sent_is_kept() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    work(&desk);
    desk.close();
    let path = world.folder.store(identity::hotel("resort")).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    std::fs::write(&path, &bytes).unwrap();

    for _ in 0..2 {
        let desk = world.start();
        let told = desk.watch();
        let Session::SignedIn { .. } = next_session(&told) else {
            panic!("nobody has to sign in again");
        };
        let state = loop {
            if let Event::Sync(state) = next(&told) {
                break state;
            }
        };
        let damage = state.damage.unwrap();
        assert!(damage.rescued > 0);
        assert_eq!(state.waiting, damage.rescued);
        desk.close();
    }
    let aside = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let aside: Vec<_> = aside
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("damaged-"))
        .map(|entry| std::fs::read(entry.path()).unwrap())
        .collect();
    assert!(aside.contains(&bytes), "the damaged file is kept as it was");
}

#[test]
fn what_was_written_last_is_rescued_when_the_file_beside_it_is_gone() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    work(&desk);
    let path = world.folder.store(identity::hotel("resort")).unwrap();
    let beside = path.with_file_name("replica.db-wal");
    // As a kill leaves it: in order it would be tidied away.
    let written = std::fs::read(&beside).unwrap();
    desk.close();

    for is_left in [true, false] {
        let folder = path.parent().unwrap();
        std::fs::remove_dir_all(folder).unwrap();
        let path = world.folder.store(identity::hotel("resort")).unwrap();
        if is_left {
            std::fs::write(&path, "").unwrap();
        }
        std::fs::write(&beside, &written).unwrap();
        let desk = world.start();
        let told = desk.watch();
        let state = loop {
            if let Event::Sync(state) = next(&told) {
                break state;
            }
        };
        assert!(state.damage.unwrap().rescued > 0);
        desk.close();
    }
}
