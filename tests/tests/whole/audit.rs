//! The audit log of a real server: whole, until somebody who rules the database touches it.

use keyrack_model::{audit_head::hexadecimal, command::Command, room::ServiceStatus};
use keyrack_tests::{
    hotel::{CODE, MARIA, RUI},
    peer::Peer,
    server::{Cli, Server},
    world::World,
};
use std::path::Path;

/// Runs statements as a superuser who first takes away what protects the log.
async fn tamper(server: &Server, statements: &'static str) {
    let mut superuser = server.database().inspect().await;
    let all = format!("set session_replication_role = replica; {statements}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(all))
        .execute(&mut superuser)
        .await
        .expect("a superuser may");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the folder's path is text")
}

#[tokio::test]
async fn a_log_is_whole_until_an_entry_is_changed_and_its_end_is_known_outside_the_database() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let cli = Cli::new(server.database());
    let mut maria = Peer::signed_in(server.address(), &MARIA).await;
    maria.sync().await;
    let role = ["user", "role", "--hotel", CODE, MARIA.name, "supervisor"];
    cli.succeed(&role, "").await;
    Peer::signed_in(server.address(), &RUI).await;
    // What is due is recorded at the latest when the server stops.
    server.stop().await;

    let heads = text(server.audit_heads()).to_owned();
    let key = text(server.audit_key()).to_owned();
    let verify = ["audit", "verify", "--hotel", CODE];
    let with_heads = ["--heads", &heads, "--audit-key", &key];
    let with_heads = [&verify[..], &with_heads].concat();
    let whole = cli.succeed(&with_heads, "").await;
    assert!(whole.contains("is whole"), "{whole}");
    assert!(!whole.contains("\n0 recorded heads"), "{whole}");
    let list = cli.succeed(&["audit", "list", "--hotel", CODE], "").await;
    let told = |event: &str| list.lines().any(|line| line.contains(event));
    assert!(told("role-changed  housekeeper → supervisor"), "{list}");
    assert!(told("device-enrolled") && told("signed-in"), "{list}");

    tamper(
        &server,
        "update audit set detail = 'admin' where number = 3",
    )
    .await;
    let broken = cli.fail(&verify, "").await;
    assert!(broken.contains("broken at entry 3"), "{broken}");
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_seen_in_the_file_and_by_a_device() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let cli = Cli::new(server.database());
    let mut maria = Peer::signed_in(server.address(), &MARIA).await;
    maria.sync().await;
    // The answer to what she does comes after what she is told at the greeting.
    let wish = Command::SetServiceStatus {
        room: maria.rooms()[0],
        value: ServiceStatus::MakeUpRoom,
    };
    maria
        .act(&wish)
        .expect("a housekeeper says what guests want");
    maria
        .talk_until("it is stored", |maria| maria.waiting().is_empty())
        .await;
    assert_eq!(maria.sync_state().audit_alarm, None);
    let known = maria.replica().audit_heads().expect("the store answers");
    let known = known
        .last()
        .expect("the device was told where the log ends");
    let head = format!("{}:{}", known.number, hexadecimal(&known.hash));
    server.stop().await;

    tamper(
        &server,
        "delete from audit where number >= (select max(number) - 1 from audit_head);
         update audit_head set (number, hash) = (
             select number, hash from audit order by number desc limit 1)",
    )
    .await;
    let verify = ["audit", "verify", "--hotel", CODE];
    // The chain alone does not show it.
    cli.succeed(&verify, "").await;
    let heads = text(server.audit_heads()).to_owned();
    let with_heads = [&verify[..], &["--heads", &heads]].concat();
    let missing = cli.fail(&with_heads, "").await;
    assert!(missing.contains("cut off"), "{missing}");

    let with_head = [&verify[..], &["--head", &head]].concat();
    let missing = cli.fail(&with_head, "").await;
    assert!(missing.contains("was cut off"), "{missing}");

    server.start_again().await;
    maria
        .talk_until("the device has noticed", |maria| {
            maria.sync_state().audit_alarm.is_some()
        })
        .await;
}
