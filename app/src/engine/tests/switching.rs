//! One desktop for several people, without a network.

use super::{
    fake_server::{Asked, FakeServer, Sync},
    *,
};
use keyrack_replica::KeptRenewal;

const HOUR: i64 = 60 * 60 * 1_000;
use keyrack_model::{ids::UserId, ipc::Face};

const MARIA: UserId = UserId(Uuid::from_u128(1));
const PIN: &str = "274950";

fn choose(desk: &Desk, pin: &str) -> Result<Receipt, Problem> {
    desk.act(Request::SetPin {
        pin: pin.to_owned(),
    })
}

fn unlock(desk: &Desk, pin: &str) -> Result<Receipt, Problem> {
    desk.act(Request::Unlock {
        person: MARIA,
        pin: pin.to_owned(),
    })
}

fn faces(desk: &Desk) -> Vec<Face> {
    match next_session(&desk.watch()) {
        Session::SignedOut { faces, .. } => faces,
        Session::SignedIn { me, .. } => panic!("{} is here", me.name),
    }
}

#[test]
fn maria_leaves_the_desktop_and_comes_back_by_pin_over_a_restart() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    assert_eq!(desk.act(Request::Lock), Err(Problem::NoPin));
    let weak = choose(&desk, "123456");
    assert!(matches!(weak, Err(Problem::WeakPin { .. })), "{weak:?}");
    assert_eq!(choose(&desk, PIN), Ok(Receipt::Noted));
    let told = desk.watch();
    let Session::SignedIn { has_pin: true, .. } = next_session(&told) else {
        panic!("maria has a PIN");
    };
    desk.act(Request::CreateWorkOrder(WorkOrderDraft {
        title: "The lamp in 204 flickers".to_owned(),
        ..WorkOrderDraft::default()
    }))
    .unwrap();
    assert_eq!(desk.act(Request::Lock), Ok(Receipt::Noted));
    let locked = desk.act(Request::CreateWorkOrder(WorkOrderDraft::default()));
    assert_eq!(locked, Err(Problem::SignedOut));
    desk.close();

    let desk = world.start();
    let [face] = &faces(&desk)[..] else {
        panic!("maria alone has a PIN here");
    };
    assert_eq!((face.user, face.waiting), (MARIA, 1));
    assert_eq!(unlock(&desk, "274951"), Err(Problem::WrongPin { left: 9 }));
    assert_eq!(faces(&desk).len(), 1);
    assert_eq!(unlock(&desk, PIN), Ok(Receipt::Noted));
    let Session::SignedIn { me, .. } = next_session(&desk.watch()) else {
        panic!("maria is here");
    };
    assert_eq!(me.id, MARIA);
    desk.close();
    // Closing the window is leaving it.
    let desk = world.start();
    assert_eq!(faces(&desk).len(), 1);
    desk.close();
}

#[test]
fn a_pin_of_one_installation_opens_nothing_on_another() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    choose(&desk, PIN).unwrap();
    desk.act(Request::Lock).unwrap();
    desk.close();
    // The store's key in the wrong hands is not the keyring.
    let mut installation = world.installation();
    installation.pin_secret = PinSecret([0; 32]);
    let (line, running) = Engine::open(installation).unwrap().start().unwrap();
    let desk = Desk { line, running };
    assert_eq!(unlock(&desk, PIN), Err(Problem::WrongPin { left: 9 }));
    desk.close();
}

/// What a PIN leaves behind in the folder.
fn with_pin(world: &World, server: &FakeServer) {
    let session = UserSession {
        server: server.address.clone(),
        renewal: Some(KeptRenewal {
            token: "renewal".to_owned(),
            received_at: clock::now(),
            lasts_millis: HOUR,
        }),
        ..session_of_maria(identity::hotel("resort"))
    };
    let key = PinKey::choose(PIN, &world.installation().pin_secret).unwrap();
    let sealed = key.seal(&session).unwrap();
    let mut replica = world.replica(session.hotel);
    replica.begin_session(session).unwrap();
    replica.seal(&sealed).unwrap();
}

#[test]
fn who_comes_back_by_pin_goes_on_with_the_latest_token() {
    let server = FakeServer::of(1, Sync::Knows("token-2"));
    let world = World::new().with_maria_signed_in();
    with_pin(&world, &server);
    let tokens = ["token", "token-2"].map(|token| Asked::As(token.to_owned()));
    let desk = world.start();
    assert_eq!(unlock(&desk, PIN), Ok(Receipt::Noted));
    assert_eq!(server.next(), tokens[0]);
    assert_eq!(server.next(), Asked::Refresh("renewal".to_owned()));
    assert_eq!(server.next(), tokens[1]);
    desk.close();
    server.rest();
    // The window was closed, and nothing of the session lies in the open.
    assert!(world.replica(identity::hotel("resort")).session().is_none());
    let desk = world.start();
    assert_eq!(unlock(&desk, PIN), Ok(Receipt::Noted));
    assert_eq!(server.next(), tokens[1]);
    desk.close();
}

#[test]
fn nobody_tries_two_pins_at_once() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    choose(&desk, PIN).unwrap();
    desk.act(Request::Lock).unwrap();
    let line = desk.line.clone();
    let tries = wait_for(async {
        let unlock = |pin: &str| {
            line.act(Request::Unlock {
                person: MARIA,
                pin: pin.to_owned(),
            })
        };
        futures_util::future::join_all([unlock("000001"), unlock("000002"), unlock("000003")]).await
    });
    let turned_away = tries
        .iter()
        .filter(|tried| **tried == Err(Problem::TryLater { seconds: 1 }));
    assert_eq!(turned_away.count(), 2, "{tries:?}");
    assert!(tries.contains(&Err(Problem::WrongPin { left: 9 })));
    desk.close();
}
