//! What people and other programs get wrong on the server's side: each gets a clear sentence, and
//! nothing is lost.

use keyrack_model::{command::Command, rows::Row, stay::StayStatus, wire::SignIn};
use keyrack_tests::{
    hotel::{self, MARIA, RUI},
    http,
    peer::Peer,
    postgres::Database,
    server::Cli,
    world::World,
};
use serde_json::json;

/// The arguments of an import of a file into the demo hotel.
fn import(file: &str) -> Vec<&str> {
    let date = ["--business-date", hotel::BUSINESS_DATE];
    [
        &["import", "bookings", file, "--hotel", hotel::CODE][..],
        &date,
    ]
    .concat()
}

fn demo_bookings() -> String {
    hotel::bookings().display().to_string()
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Peer::signed_in(server.address(), &MARIA).await;
    let before = maria.head().await;
    assert!(before.0 > 0);

    let said = Cli::new(server.database())
        .succeed(&import(&demo_bookings()), "")
        .await;

    let nothing = "Nothing to bring in: all 657 stays are there already.";
    assert!(said.contains(nothing), "{said}");
    assert_eq!(maria.head().await, before);
}

#[tokio::test]
async fn a_dry_run_says_what_it_would_import_and_imports_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Peer::signed_in(server.address(), &MARIA).await;
    let before = maria.head().await;
    let other = world.folder().join("one-more-booking.csv");
    let bookings = std::fs::read_to_string(hotel::bookings()).unwrap();
    let last = bookings.lines().last().unwrap();
    std::fs::write(&other, format!("{bookings}{last}\n")).unwrap();
    let other = other.display().to_string();
    let cli = Cli::new(server.database());

    let said = cli
        .succeed(&[&import(&other)[..], &["--dry-run"]].concat(), "")
        .await;

    let brought = "    rooms: 0 new, 0 changed, 186 kept as they are\n    \
                   stays: 1 new, 0 changed, 657 kept as they are\n    \
                   tasks: 0 new, 0 changed, 179 kept as they are\n";
    assert_eq!(
        said,
        format!("Read 658 bookings.\nWould bring in:\n{brought}Nothing was changed.\n")
    );
    assert_eq!(maria.head().await, before);

    let said = cli.succeed(&import(&other), "").await;
    assert!(said.contains("Brought in, in "), "{said}");
    assert!(said.ends_with(brought), "{said}");
    assert_eq!(maria.head().await.0, before.0 + 1);
}

#[tokio::test]
async fn a_dry_run_for_the_next_day_counts_what_the_import_then_changes() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    // What the desk writes is not what the source says, and stays.
    let rows = rui.replica().all_rows().unwrap();
    let mut stays = rows.iter().filter_map(Row::as_stay);
    let leaves_early = stays.find(|(_, stay)| stay.status == StayStatus::InHouse);
    let stay = leaves_early.unwrap().0;
    rui.act(&Command::CheckOut { stay }).unwrap();
    rui.sync().await;
    let before = rui.head().await;
    let cli = Cli::new(server.database());
    let bookings = demo_bookings();
    let mut arguments = import(&bookings);
    let last = arguments.len() - 1;
    arguments[last] = "2017-05-26";

    let would = cli
        .succeed(&[&arguments[..], &["--dry-run"]].concat(), "")
        .await;
    assert_eq!(rui.head().await, before);
    let did = cli.succeed(&arguments, "").await;

    assert_eq!(counts(&would), counts(&did), "{would}{did}");
    assert!(
        would.contains("The hotel would come to 2017-05-26."),
        "{would}"
    );
    assert!(did.contains("The hotel has come to 2017-05-26."), "{did}");
    let changed: u64 = counts(&did)
        .iter()
        .map(|[new, changed, _]| new + changed)
        .sum();
    // The day itself is one more.
    assert_eq!(rui.head().await.0 - before.0, changed + 1);
}

/// New, changed and kept of each line that counts.
fn counts(said: &str) -> Vec<[u64; 3]> {
    let lines = said
        .lines()
        .filter(|line| line.contains(" kept as they are"));
    let numbers = lines.map(|line| {
        let words = line.split(' ').filter_map(|word| word.parse().ok());
        words.collect::<Vec<u64>>()
    });
    let counts: Vec<[u64; 3]> = numbers
        .map(|line| line.try_into().expect("three numbers"))
        .collect();
    assert_eq!(counts.len(), 3, "{said}");
    counts
}

#[tokio::test]
async fn a_file_that_is_not_a_bookings_csv_is_told_from_one_and_nothing_is_imported() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Peer::signed_in(server.address(), &MARIA).await;
    let before = maria.head().await;
    let cli = Cli::new(server.database());
    let bookings = std::fs::read_to_string(hotel::bookings()).unwrap();
    let mut lines = bookings.lines();
    let (header, first) = (lines.next().unwrap(), lines.next().unwrap());
    let bad_row = first.replacen(",May,21,22,1,2,2,", ",Mai,21,22,1,2,-2,", 1);
    assert_ne!(bad_row, first);

    for (name, content, expected) in [
        (
            "picture.png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe".to_vec(),
            &["picture.png"][..],
        ),
        ("empty.csv", Vec::new(), &["empty.csv"]),
        ("guests.csv", b"guest,room\nA,101\n".to_vec(), &["column"]),
        (
            "month.csv",
            format!("{header}\n{first}\n{bad_row}\n").into_bytes(),
            &[
                "row 3, column arrival_date_month: found “Mai”",
                "column adults: found “-2”",
            ],
        ),
    ] {
        let file = world.folder().join(name);
        std::fs::write(&file, content).unwrap();
        let said = cli.fail(&import(&file.display().to_string()), "").await;
        for word in expected {
            assert!(said.contains(word), "{name}: no “{word}” in: {said}");
        }
    }
    let missing = world.folder().join("missing.csv").display().to_string();
    let said = cli.fail(&import(&missing), "").await;
    assert!(said.contains("missing.csv"), "{said}");

    assert_eq!(maria.head().await, before);
}

#[tokio::test]
async fn a_hotel_that_does_not_exist_is_named_by_every_command_that_needs_one() {
    let database = Database::empty().await;
    let cli = Cli::new(&database);
    let file = demo_bookings();
    let mut import = import(&file);
    import[4] = "grand";
    for arguments in [
        &import[..],
        &[
            "user",
            "add",
            "--hotel",
            "grand",
            "--name",
            "x",
            "--display",
            "X",
            "--role",
            "manager",
        ],
    ] {
        let said = cli.fail(arguments, "x-keyrack\n").await;
        assert!(said.contains("grand"), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_second_hotel_with_the_same_code_is_refused_and_the_first_stays() {
    let world = World::new();
    let server = world.demo_server().await;
    let maria = Peer::signed_in(server.address(), &MARIA).await;
    let before = maria.head().await;
    let again = [
        "hotel",
        "create",
        "--code",
        hotel::CODE,
        "--name",
        "Another",
    ];
    let date = ["--business-date", "2020-01-01"];

    let said = Cli::new(server.database())
        .fail(&[&again[..], &date].concat(), "")
        .await;

    assert!(said.contains(hotel::CODE), "{said}");
    assert_eq!(maria.head().await, before);
}

#[tokio::test]
async fn a_port_in_use_is_named_and_the_server_that_has_it_goes_on() {
    let world = World::new();
    let server = world.demo_server().await;
    let taken = server.address().to_string();
    let cli = Cli::new(server.database()).with("KEYRACK_LISTEN", &taken);

    let said = cli.fail(&["serve"], "").await;

    assert!(said.contains(&taken) && said.contains("in use"), "{said}");
    let live = http::get(server.address(), "/health/live").await.unwrap();
    assert_eq!(live.status, 200);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_said_without_its_password() {
    let database = Database::empty().await;
    let gone = database
        .app_url()
        .replacen("keyrack_test_", "keyrack_gone_", 1);
    let cli = Cli::new(&database).with("KEYRACK_DATABASE_URL", &gone);

    let said = cli.fail(&["serve"], "").await;

    assert!(said.contains("database"), "{said}");
    assert!(!said.contains(":keyrack@"), "{said}");
}

#[tokio::test]
async fn an_old_client_is_told_to_upgrade_at_sign_in_and_on_the_socket() {
    let world = World::new();
    let server = world.demo_server().await;
    let device = Peer::in_memory(server.address());
    let mut body = device.body(device.asked(&MARIA));
    body["protocol"] = json!(0);

    let answer = http::post(server.address(), "/v1/sign-in", &body)
        .await
        .unwrap();

    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (426, &json!("old-protocol"))
    );
    assert!(
        answer.json()["message"]
            .as_str()
            .unwrap()
            .contains("version")
    );

    let refused = Peer::signed_in(server.address(), &MARIA)
        .await
        .greet_with_protocol(0)
        .await;
    assert_eq!(refused.unwrap_err().code.to_string(), "old-protocol");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_answered_alike() {
    let world = World::new();
    let server = world.demo_server().await;
    let device = Peer::in_memory(server.address());
    let mut wrong = device.body(device.asked(&MARIA));
    wrong["password"] = json!("maria");
    let unknown = device.body(SignIn {
        name: "nobody".to_owned(),
        ..device.asked(&MARIA)
    });

    let wrong = http::post(server.address(), "/v1/sign-in", &wrong)
        .await
        .unwrap();
    let unknown = http::post(server.address(), "/v1/sign-in", &unknown)
        .await
        .unwrap();

    assert_eq!(
        (wrong.status, &wrong.json()["code"]),
        (401, &json!("wrong-password"))
    );
    assert_eq!(
        (unknown.status, unknown.json()),
        (wrong.status, wrong.json())
    );
}

#[tokio::test]
async fn a_request_that_is_not_json_gets_a_sentence() {
    let world = World::new();
    let server = world.demo_server().await;

    let answer = http::post(server.address(), "/v1/sign-in", &json!(["maria"]))
        .await
        .unwrap();

    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (400, &json!("bad-request"))
    );
}

#[tokio::test]
async fn a_request_whose_end_is_in_doubt_is_refused_and_nothing_behind_it_is_read() {
    let world = World::new();
    let server = world.demo_server().await;
    let address = server.address();
    let within = "GET /health/live HTTP/1.1\r\nhost: within\r\n\r\n";
    let two_lengths = format!("content-length: 2\r\ncontent-length: {}\r\n", within.len());
    for lines in [
        two_lengths.as_str(),
        "content-length: 2, 40\r\n",
        "content-length: +2\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: identity\r\n",
    ] {
        let request =
            format!("POST /v1/sign-in HTTP/1.1\r\nhost: {address}\r\n{lines}\r\n{within}");
        let said = http::said(address, request.as_bytes()).await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{lines:?}: {said}");
        assert_eq!(said.matches("HTTP/1.1").count(), 1, "{lines:?}: {said}");
    }
}
