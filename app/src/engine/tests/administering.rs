//! What is asked of the server about people, devices and access, and what comes back.

use super::{
    fake_server::{FakeServer, Sync, TAKEN},
    *,
};
use keyrack_model::administration::{Administered, Administration, Overview};

fn look() -> Request {
    Request::Administer(Administration::Look)
}

fn dismiss() -> Request {
    Request::Administer(Administration::Dismiss {
        person: UserId(Uuid::from_u128(2)),
    })
}

#[test]
fn the_servers_answer_and_its_sentence_reach_whoever_asked() {
    let server = FakeServer::of(1, Sync::Silent);
    let world = World::new();
    let desk = world.start();
    assert_eq!(desk.act(look()), Err(Problem::SignedOut));
    desk.sign_in_at(&server.address).unwrap();
    let seen = Administered::Seen(Overview::default());
    assert_eq!(desk.act(look()), Ok(Receipt::Administered(Box::new(seen))));
    let message = TAKEN.to_owned();
    assert_eq!(desk.act(dismiss()), Err(Problem::Declined { message }));
    desk.close();
}

#[test]
fn without_the_server_nothing_is_administered() {
    let world = World::new().with_maria_signed_in();
    let desk = world.start();
    let address = NOBODY.to_owned();
    assert_eq!(
        desk.act(look()),
        Err(Problem::ServerUnreachable { address })
    );
    desk.close();
}

#[test]
fn people_work_on_while_the_server_is_asked() {
    let server = FakeServer::of(1, Sync::Silent);
    let world = World::new();
    let desk = world.start();
    desk.sign_in_at(&server.address).unwrap();
    let line = desk.line.clone();
    let asking = std::thread::spawn(move || {
        let asked = Request::Administer(Administration::VerifyAudit);
        wait_for(line.act(asked))
    });
    server.wait_for_a_question();
    let draft = WorkOrderDraft {
        title: "The lamp in 204 flickers".to_owned(),
        ..WorkOrderDraft::default()
    };
    desk.act(Request::CreateWorkOrder(draft)).unwrap();
    assert!(!asking.is_finished());
    desk.close();
    assert_eq!(asking.join().unwrap(), Err(Problem::Internal));
}

#[test]
fn whoever_chose_their_own_password_is_asked_for_it_no_more() {
    let server = FakeServer::of(1, Sync::Silent);
    let session = UserSession {
        server: server.address.clone(),
        password_given: true,
        ..session_of_maria(identity::hotel("resort"))
    };
    let world = World::new().with_session(session);
    let desk = world.start();
    let told = desk.watch();
    let is_asked = || match next_session(&told) {
        Session::SignedIn { password_given, .. } => password_given,
        Session::SignedOut { .. } => panic!("nobody is here"),
    };
    assert!(is_asked());
    let change = Administration::ChangePassword {
        present: "handed-over".into(),
        new: "one of her own".into(),
    };
    let done = Ok(Receipt::Administered(Box::new(Administered::Done)));
    assert_eq!(desk.act(Request::Administer(change)), done);
    assert!(!is_asked());
    desk.close();
    // The next start knows it too.
    let replica = world.replica(identity::hotel("resort"));
    let session = replica.session().unwrap();
    assert!(!session.password_given);
    // And goes on with the tokens that came with it, of which the page was told nothing.
    let renewal = session.renewal.as_ref().map(|renewal| &*renewal.token);
    assert_eq!((&*session.token, renewal), ("token-2", Some("renewal-2")));
}
