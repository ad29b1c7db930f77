//! What a device sends after its person's role has changed: kept, decided on, and told.

use keyrack_model::{
    command::{Approval, Command},
    ids::OperationId,
    policy::Role,
    refusal::Refusal,
    room::ServiceStatus,
};
use keyrack_tests::{
    hotel::{CODE, MARIA, RUI},
    peer::Peer,
    server::{Cli, Server},
    world::World,
};

/// Half a minute, in milliseconds.
const BEFORE: i64 = 30_000;

async fn becomes_an_engineer(server: &Server, name: &str) {
    sqlx::query("update person set role = 'engineer' where name = $1")
        .bind(name)
        .execute(&mut server.database().inspect().await)
        .await
        .expect("a role can be changed");
}

fn reasons(peer: &Peer) -> Vec<(OperationId, Refusal)> {
    let refused = peer.sync_state().refused.into_iter();
    refused.map(|it| (it.operation, it.reason)).collect()
}

#[tokio::test]
async fn work_from_before_a_change_of_role_is_reviewed_and_its_author_hears_of_the_outcome() {
    let world = World::new();
    let server = world.demo_server().await;
    let cli = Cli::new(server.database());
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    let mut maria = Peer::signed_in(server.address(), &MARIA).await;
    maria.sync().await;
    let rooms = maria.rooms();
    maria.set_clock_ahead(-BEFORE);
    let done: Vec<OperationId> = rooms[..2]
        .iter()
        .map(|room| {
            let wish = Command::SetServiceStatus {
                room: *room,
                value: ServiceStatus::MakeUpRoom,
            };
            maria
                .act(&wish)
                .expect("a housekeeper says what guests want")
        })
        .collect();
    let [approved, declined] = done[..] else {
        panic!("two rooms")
    };
    maria.set_clock_ahead(0);
    becomes_an_engineer(&server, MARIA.name).await;

    maria
        .talk_until("both are under review", |maria| {
            maria.sync_state().refused.len() == 2
        })
        .await;
    let reviewed = |operation| (operation, Refusal::UnderReview);
    assert_eq!(reasons(&maria), [reviewed(approved), reviewed(declined)]);
    let list = cli.succeed(&["review", "list", "--hotel", CODE], "").await;
    assert!(list.contains(&approved.to_string()), "{list}");
    assert!(
        list.contains("as housekeeper: set-service-status"),
        "{list}"
    );

    let decide = async |what: &str, operation: OperationId, by: &str| {
        let operation = operation.to_string();
        let arguments = ["review", what, "--hotel", CODE, "--by", by, &operation];
        cli.run(&arguments, "").await
    };
    let refused = decide("approve", approved, "ines").await;
    assert!(refused.stderr.contains("only managers"), "{refused:?}");
    for (what, operation) in [("approve", approved), ("decline", declined)] {
        let decided = decide(what, operation, "ana").await;
        assert_eq!(decided.code, Some(0), "{decided:?}");
        let again = decide(what, operation, "ana").await;
        assert!(again.stderr.contains("waits"), "{again:?}");
    }

    // Everybody has what was approved, once, and in both names.
    rui.sync().await;
    assert_eq!(rui.services()[&rooms[0]], ServiceStatus::MakeUpRoom);
    assert_ne!(rui.services()[&rooms[1]], ServiceStatus::MakeUpRoom);
    let log = rui.whole_log().await;
    let mut approvals = log
        .iter()
        .filter_map(|entry| entry.action())
        .filter(|action| action.operation == approved)
        .map(|action| &action.command);
    let people = rui.replica().people().expect("the store answers");
    let id = |name: &str| people.iter().find(|it| it.name == name).map(|it| it.id);
    assert!(matches!(
        approvals.next(),
        Some(Command::Approved(Approval { author, role: Role::Housekeeper, approver, .. }))
            if Some(*author) == id("maria") && Some(*approver) == id("ana")
    ));
    assert!(approvals.next().is_none());

    // Its author's device finds it there, and is told of the other when it is back.
    maria.sync().await;
    assert_eq!(reasons(&maria), [reviewed(declined)]);
    assert_eq!(maria.services(), rui.services());
    maria.sign_in(&MARIA).await;
    maria
        .talk_until("the outcome is told", |maria| {
            reasons(maria) == [(declined, Refusal::Declined)]
        })
        .await;
}
