//! What a device sends after its person's role has changed: kept, decided on, and told.

use keyrack_model::{
    command::{Approval, Command},
    ids::{OperationId, StayId, UserId},
    policy::Role,
    refusal::Refusal,
    room::ServiceStatus,
    rows::Row,
    task::TaskKind,
};
use keyrack_tests::{
    hotel::{CODE, MARIA, RUI},
    peer::Peer,
    server::{Cli, Server},
    wait::PATIENTLY,
    world::World,
};
use std::time::Instant;

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

/// A guest whose room is on somebody's list for today, and who could leave early.
fn stay_over_of(peer: &Peer, attendant: UserId) -> StayId {
    let rows = peer.replica().all_rows().expect("the store answers");
    let mut tasks = rows.iter().filter_map(Row::as_task);
    let found =
        tasks.find(|(_, task)| task.kind == TaskKind::Stayover && task.assignee == Some(attendant));
    let (_, task) = found.expect("a stayover of hers");
    task.stay.expect("it is for a stay")
}

/// A laptop that was left in a taxi, and is found with what was done on it.
#[tokio::test]
async fn a_device_that_was_lost_hands_in_what_was_done_on_it_and_is_told_nothing_more() {
    let world = World::new();
    let server = world.demo_server().await;
    let cli = Cli::new(server.database());
    let mut maria = Peer::signed_in(server.address(), &MARIA).await;
    maria.sync().await;
    let rooms = maria.rooms();
    let device = maria.replica().registration().id.to_string();
    let distrust = ["device", "distrust", "--hotel", CODE, &device];
    let said = cli.succeed(&distrust, "").await;
    assert!(said.contains("goes to quarantine"), "{said}");
    let wish = Command::SetServiceStatus {
        room: rooms[0],
        value: ServiceStatus::MakeUpRoom,
    };
    let done = maria.act(&wish).expect("it is done on the device");

    maria
        .talk_until("it is set aside", |maria| {
            reasons(maria) == [(done, Refusal::Quarantined)]
        })
        .await;
    let people = maria.replica().people().expect("the store answers");
    assert_eq!(people, [], "nobody of the hotel is named there any more");
    let list = cli.succeed(&["review", "list", "--hotel", CODE], "").await;
    let line = list
        .lines()
        .find(|line| line.contains("device not trusted"));
    assert!(line.is_some_and(|line| line.contains("Maria")), "{list}");

    // Nobody else sees anything of it.
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    assert_ne!(rui.services()[&rooms[0]], ServiceStatus::MakeUpRoom);
}

/// Her tasks are hers until somebody else takes them, and stand in nobody's way.
#[tokio::test]
async fn whoever_leaves_is_signed_out_and_the_desk_goes_on_with_what_was_theirs() {
    let world = World::new();
    let server = world.demo_server().await;
    let cli = Cli::new(server.database());
    let mut maria = Peer::signed_in(server.address(), &MARIA).await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    maria.sync().await;
    rui.sync().await;
    let me = maria.replica().session().expect("she is signed in").me.id;
    let stay = stay_over_of(&rui, me);
    cli.succeed(&["user", "dismiss", "--hotel", CODE, MARIA.name], "")
        .await;

    let out = rui
        .act(&Command::CheckOut { stay })
        .expect("the desk checks out");
    rui.sync().await;
    assert_eq!(reasons(&rui), [], "{out}");
    let people = rui.replica().people().expect("the store answers");
    let maria_now = people.iter().find(|person| person.id == me);
    assert!(maria_now.is_some_and(|maria| maria.left && maria.display == "Maria Silva"));
    let deadline = Instant::now() + PATIENTLY;
    while maria.replica().session().is_some() {
        assert!(Instant::now() < deadline, "she is still signed in");
        maria.tick().await;
    }
}
