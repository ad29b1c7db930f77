//! One desktop for several people, without a network.

use super::{
    fake_server::{Asked, FakeServer, Sync},
    *,
};
use keyrack_replica::KeptRenewal;

const HOUR: i64 = 60 * 60 * 1_000;
use keyrack_model::{
    administration::{Administered, Administration},
    ids::UserId,
    ipc::Face,
};

const MARIA: UserId = UserId(Uuid::from_u128(1));
const JOAO: UserId = UserId(Uuid::from_u128(2));
const PIN: &str = "274950";

fn choose(desk: &Desk, pin: &str) -> Result<Receipt, Problem> {
    desk.act(Request::SetPin {
        pin: pin.to_owned(),
        present: None,
    })
}

fn replace(desk: &Desk, present: &str, pin: &str) -> Result<Receipt, Problem> {
    desk.act(Request::SetPin {
        pin: pin.to_owned(),
        present: Some(present.to_owned()),
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

/// An engine whose loop does not run: a test says what ends first.
struct Still {
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl Still {
    fn of(world: &World) -> Self {
        Self {
            engine: Engine::open(world.installation()).unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    fn begin(&mut self, request: Request) -> oneshot::Receiver<Result<Receipt, Problem>> {
        let (reply, answer) = oneshot::channel();
        let _inside = self.runtime.enter();
        self.engine.take(Call::Act(request, reply));
        answer
    }

    fn begin_unlock(&mut self) -> oneshot::Receiver<Result<Receipt, Problem>> {
        self.begin(Request::Unlock {
            person: MARIA,
            pin: PIN.to_owned(),
        })
    }

    fn begin_sign_in(
        &mut self,
        server: &FakeServer,
    ) -> oneshot::Receiver<Result<Receipt, Problem>> {
        self.begin(Request::SignIn {
            server: server.address.clone(),
            hotel: "resort".to_owned(),
            name: "joao".to_owned(),
            password: "joao-keyrack".to_owned(),
            code: None,
        })
    }

    fn end_key(&mut self) {
        self.runtime.block_on(async {
            let made = self.engine.keys.join_next().await.unwrap();
            self.engine.use_key(made);
        });
    }

    fn end_sign_in(&mut self) {
        self.runtime.block_on(async {
            let end = self.engine.sign_ins.join_next().await.unwrap();
            self.engine.end_sign_in(end);
        });
    }

    fn here(&self) -> Option<UserId> {
        let session = self.engine.house.as_ref()?.replica.session();
        session.map(|session| session.me.id)
    }
}

#[test]
fn a_pin_that_was_typed_before_somebody_else_came_brings_nobody_in() {
    let server = FakeServer::of(1, Sync::Silent);
    let world = World::new().with_maria_signed_in();
    with_pin(&world, &server);
    let mut still = Still::of(&world);
    let mut unlocked = still.begin_unlock();
    let mut signed_in = still.begin_sign_in(&server);
    still.end_sign_in();
    assert_eq!(signed_in.try_recv().unwrap(), Ok(Receipt::Noted));
    assert_eq!(still.here(), Some(JOAO));

    still.end_key();
    let too_late = Err(Problem::TryLater { seconds: 1 });
    assert_eq!(unlocked.try_recv().unwrap(), too_late);
    assert_eq!(still.here(), Some(JOAO), "he goes on");
}

#[test]
fn a_sign_in_that_ends_after_somebody_else_came_is_given_back_and_changes_nothing() {
    let server = FakeServer::of(1, Sync::Silent);
    let world = World::new().with_maria_signed_in();
    with_pin(&world, &server);
    let mut still = Still::of(&world);
    let mut signed_in = still.begin_sign_in(&server);
    let mut unlocked = still.begin_unlock();
    still.end_key();
    assert_eq!(unlocked.try_recv().unwrap(), Ok(Receipt::Noted));
    let turn = still.engine.turn;

    still.end_sign_in();
    let too_late = Err(Problem::TryLater { seconds: 1 });
    assert_eq!(signed_in.try_recv().unwrap(), too_late);
    assert_eq!((still.here(), still.engine.turn), (Some(MARIA), turn));
    let given_back = still
        .runtime
        .spawn_blocking(move || server.wait_for_a_sign_out());
    assert_eq!(still.runtime.block_on(given_back).unwrap(), "token");
}

#[test]
fn a_pin_is_not_set_for_somebody_who_has_gone_meanwhile() {
    let world = World::new().with_maria_signed_in();
    let mut still = Still::of(&world);
    still.engine.confirmed = Some(Confirmed::now());
    let mut set = still.begin(Request::SetPin {
        pin: PIN.to_owned(),
        present: None,
    });
    let mut signed_out = still.begin(Request::SignOut);
    assert_eq!(signed_out.try_recv().unwrap(), Ok(Receipt::Noted));
    still.end_key();
    assert_eq!(set.try_recv().unwrap(), Err(Problem::SignedOut));
    let house = still.engine.house.as_ref().unwrap();
    assert_eq!(house.replica.faces().unwrap(), []);
}

#[test]
fn whoever_finds_a_desk_open_does_not_give_it_another_pin() {
    const OTHER: &str = "903158";
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    choose(&desk, PIN).unwrap();
    assert_eq!(choose(&desk, OTHER), Err(Problem::WrongPin { left: 9 }));
    let guessed = replace(&desk, OTHER, OTHER);
    assert_eq!(guessed, Err(Problem::WrongPin { left: 8 }));
    desk.act(Request::Lock).unwrap();
    assert_eq!(unlock(&desk, OTHER), Err(Problem::WrongPin { left: 7 }));
    assert_eq!(unlock(&desk, PIN), Ok(Receipt::Noted));

    assert_eq!(replace(&desk, PIN, OTHER), Ok(Receipt::Noted));
    desk.act(Request::Lock).unwrap();
    assert_eq!(unlock(&desk, PIN), Err(Problem::WrongPin { left: 9 }));
    assert_eq!(unlock(&desk, OTHER), Ok(Receipt::Noted));
    desk.close();
}

#[test]
fn a_face_says_until_when_no_pin_is_tried_as_soon_as_that_is_so() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    choose(&desk, PIN).unwrap();
    desk.act(Request::Lock).unwrap();
    let told = desk.watch();
    let waits = || match next_session(&told) {
        Session::SignedOut { faces, .. } => faces[0].waits_until,
        Session::SignedIn { me, .. } => panic!("{} is here", me.name),
    };
    assert_eq!(waits(), None);
    for left in (5..10).rev() {
        assert_eq!(unlock(&desk, "000001"), Err(Problem::WrongPin { left }));
        assert_eq!(waits().is_some(), left == 5, "{left} left");
    }
    let refused = unlock(&desk, PIN);
    assert!(
        matches!(refused, Err(Problem::PinWaits { .. })),
        "{refused:?}"
    );
    assert!(waits().is_some());
    desk.close();
}

#[test]
fn the_sign_in_names_the_hotel_and_the_computer_over_a_restart() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    desk.act(Request::SignOut).unwrap();
    desk.close();
    let desk = world.start();
    let Session::SignedOut {
        hotel_name,
        device_name,
        ..
    } = next_session(&desk.watch())
    else {
        panic!("nobody is here");
    };
    assert_eq!(hotel_name, "Resort H1");
    assert_eq!(device_name, world.installation().device.registration().name);
    assert!(!device_name.is_empty());
    desk.close();
}

/// Somebody who finds a desk open would come back to it whenever they like.
#[test]
fn a_first_pin_takes_the_password_where_it_was_not_shown_a_moment_ago() {
    let server = FakeServer::of(1, Sync::Silent);
    let session = UserSession {
        server: server.address.clone(),
        ..session_of_maria(identity::hotel("resort"))
    };
    let world = World::new().with_session(session);
    let desk = world.start_unconfirmed();
    assert_eq!(choose(&desk, PIN), Err(Problem::NotConfirmed));
    let confirm = |present: &str| {
        desk.act(Request::Administer(Administration::Confirm {
            present: present.to_owned(),
        }))
    };
    assert_eq!(confirm("a guess"), Err(Problem::WrongPassword));
    assert_eq!(choose(&desk, PIN), Err(Problem::NotConfirmed));
    let done = Receipt::Administered(Box::new(Administered::Done));
    assert_eq!(confirm("maria-keyrack"), Ok(done));
    assert_eq!(choose(&desk, PIN), Ok(Receipt::Noted));
    // Whoever has one gives it for another, with or without the server.
    assert_eq!(replace(&desk, PIN, "738291"), Ok(Receipt::Noted));
    desk.close();
}

/// Of two answers the one that came last would count, and what was refreshed opens nothing any more.
#[test]
fn while_another_password_is_asked_for_nothing_is_refreshed() {
    let server = FakeServer::of(1, Sync::Silent);
    let session = UserSession {
        server: server.address.clone(),
        renewal: Some(KeptRenewal {
            token: "renewal".to_owned(),
            received_at: clock::now(),
            lasts_millis: HOUR,
        }),
        ..session_of_maria(identity::hotel("resort"))
    };
    let world = World::new().with_session(session);
    let mut still = Still::of(&world);
    let change = Administration::ChangePassword {
        present: "maria-keyrack".to_owned(),
        new: "one of her own".to_owned(),
    };
    let mut changed = still.begin(Request::Administer(change));
    // Its tokens may open nothing before the answer is here.
    let runtime = still.runtime.handle().clone();
    let inside = runtime.enter();
    still.engine.doubt_session(Problem::SignedOut);
    drop(inside);
    assert!(still.engine.renewing.refreshes.is_empty());
    assert_eq!(still.here(), Some(MARIA));

    still.runtime.block_on(async {
        let end = still.engine.administrations.join_next().await.unwrap();
        still.engine.end_administration(end);
    });
    let done = Receipt::Administered(Box::new(Administered::Done));
    assert_eq!(changed.try_recv().unwrap(), Ok(done));
    let house = still.engine.house.as_ref().unwrap();
    assert_eq!(house.replica.session().unwrap().token, "token-2");
}
