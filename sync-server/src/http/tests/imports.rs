//! Files brought in by people and by programs: who may, what is written, and what a second time
//! changes.

use super::site::{Answer, Device, NOW, Site};
use crate::{accounts::NewPerson, server_author::ServerAuthor};
use keyrack_model::{
    administration::{Administered, Administration, AuditEntry, AuditEvent},
    command::Command,
    identity,
    import::{
        ImportCounts, ImportFault, ImportField, ImportKind, ImportOutcome, ImportReport, LineFate,
        Weight,
    },
    limits::{IMPORT_ALLOWANCE, IMPORT_COST, MAX_IMPORT_BODY, MAX_IMPORT_KEYS},
    policy::Role,
    time::Timestamp,
};
use serde_json::json;

const DESK: u8 = 1;
const ROOMS: &str = "Room,Floor,Type\n101,1,Double\n102,1,Twin\n";
const BOOKINGS: &str = "Booking,Arrival,Departure,Room,Adults\n\
                        A1,2017-05-27,2017-05-30,101,2\n\
                        A2,2016-08-01,2016-08-04,102,1\n";

/// The resort on a day, with an admin and a manager.
struct Office {
    site: Site,
}

impl Office {
    async fn open() -> Self {
        let site = Site::open().await;
        let hotel = identity::hotel("resort");
        for (name, role) in [("vera", Role::Admin), ("ana", Role::Manager)] {
            let new = NewPerson {
                name: name.into(),
                display: name.into(),
                role,
                password: format!("{name}-keyrack"),
            };
            let now = Timestamp(NOW);
            site.accounts.add_person(hotel, new, now).await.unwrap();
        }
        let open = Command::OpenHotel {
            hotel,
            name: "Resort H1".into(),
            business_date: "2017-05-25".parse().unwrap(),
        };
        let mut author = ServerAuthor::at(&site.hotels, hotel).await.unwrap();
        author.act(&[open]).await.unwrap();
        Self { site }
    }

    async fn token(&self, name: &str) -> String {
        self.site.token(&Device::numbered(DESK), name).await
    }

    async fn ask(&self, token: &str, asked: &Administration) -> Answer {
        let body = serde_json::to_string(asked).unwrap();
        self.site
            .post_with("/v1/administration", token, &body)
            .await
    }

    async fn key(&self, program: &str) -> String {
        let asked = Administration::MakeImportKey {
            name: program.into(),
        };
        let answer = self.ask(&self.token("vera").await, &asked).await;
        match serde_json::from_str(&answer.body) {
            Ok(Administered::ImportKey(key)) => key,
            other => panic!("no key: {other:?} {}", answer.body),
        }
    }

    /// Sends a file.
    async fn send(&self, token: &str, kind: &str, wish: &str, file: impl AsRef<[u8]>) -> Answer {
        let line = format!("POST /v1/import/{kind}?do={wish}");
        let headers = format!("authorization: Bearer {token}\r\ncontent-type: text/csv\r\n");
        let file = file.as_ref();
        self.site.ask_from("192.0.2.7", &line, &headers, file).await
    }

    async fn report(&self, token: &str, kind: &str, wish: &str, file: &str) -> ImportReport {
        report(&self.send(token, kind, wish, file).await)
    }

    /// Entries of the hotel's log.
    async fn entries(&self) -> i64 {
        sqlx::query_scalar("select sequence from hotel_head where hotel = $1")
            .bind(identity::hotel("resort").0)
            .fetch_one(&mut self.site.scratch.inspect().await)
            .await
            .unwrap()
    }

    async fn audit(&self) -> Vec<AuditEntry> {
        let asked = Administration::ReadAudit { before: None };
        let answer = self.ask(&self.token("vera").await, &asked).await;
        match serde_json::from_str(&answer.body) {
            Ok(Administered::Audit(entries)) => entries,
            other => panic!("no log: {other:?}"),
        }
    }
}

#[track_caller]
fn report(answer: &Answer) -> ImportReport {
    serde_json::from_str(&answer.body)
        .unwrap_or_else(|error| panic!("no report ({error}): {} {}", answer.status, answer.body))
}

fn counts(new: u64, changed: u64, unchanged: u64, faulty: u64) -> ImportCounts {
    ImportCounts {
        new,
        changed,
        unchanged,
        faulty,
    }
}

#[tokio::test]
async fn a_program_brings_in_rooms_and_then_bookings_and_the_same_again_changes_nothing() {
    let office = Office::open().await;
    let key = office.key("PMS").await;
    let before = office.entries().await;
    let seen = office.report(&key, "rooms", "preview", ROOMS).await;
    assert_eq!(
        (seen.outcome, seen.counts),
        (ImportOutcome::Previewed, counts(2, 0, 0, 0))
    );
    assert_eq!(seen.columns[2].sample, "Double");
    assert_eq!(seen.first[0].name, "101");
    assert_eq!(office.entries().await, before, "a preview writes nothing");

    let done = office.report(&key, "rooms", "all-or-nothing", ROOMS).await;
    assert_eq!(
        (done.outcome, done.counts),
        (ImportOutcome::Written, counts(2, 0, 0, 0))
    );
    let done = office
        .report(&key, "bookings", "all-or-nothing", BOOKINGS)
        .await;
    assert_eq!((done.problems, done.counts), (vec![], counts(2, 0, 0, 0)));

    let after = office.entries().await;
    for (kind, file) in [("rooms", ROOMS), ("bookings", BOOKINGS)] {
        let again = office.report(&key, kind, "all-or-nothing", file).await;
        assert_eq!(again.counts, counts(0, 0, 2, 0), "{kind}");
    }
    assert_eq!(
        office.entries().await,
        after,
        "the same again writes nothing"
    );

    let moved = ROOMS.replace("Twin", "Double");
    let changed = office.report(&key, "rooms", "leave-out", &moved).await;
    assert_eq!(changed.counts, counts(0, 1, 1, 0));
    let line = &changed.first[0];
    assert_eq!((line.row, line.fate), (3, LineFate::Changed));
    let field = &line.fields[0];
    let told = (field.field, &*field.before, &*field.after);
    assert_eq!(told, (ImportField::RoomType, "Twin", "Double"));

    let told: Vec<_> = office
        .audit()
        .await
        .into_iter()
        .filter(|entry| entry.event == AuditEvent::Imported.word())
        .map(|entry| (entry.actor, entry.detail))
        .collect();
    assert_eq!(
        told,
        [
            (None, "rooms: 0 new, 1 changed; PMS".to_owned()),
            (None, "bookings: 2 new, 0 changed; PMS".to_owned()),
            (None, "rooms: 2 new, 0 changed; PMS".to_owned()),
        ]
    );
}

#[tokio::test]
async fn rows_in_error_keep_all_out_or_are_left_out_as_whoever_asks_says() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    let file = format!("{ROOMS}103,attic,Double\n,1,Twin\n");
    let before = office.entries().await;
    let answer = office.send(&token, "rooms", "all-or-nothing", &file).await;
    let refused = report(&answer);
    assert_eq!(
        (answer.status, refused.outcome),
        (422, ImportOutcome::Refused)
    );
    assert_eq!(refused.counts, counts(2, 0, 0, 2));
    let problems: Vec<_> = refused
        .problems
        .iter()
        .map(|it| (it.row, it.column.as_deref(), &*it.found, &*it.said))
        .collect();
    assert_eq!(
        problems,
        [
            (
                4,
                Some("Floor"),
                "attic",
                "expected a whole number from -300 to 300"
            ),
            (5, Some("Room"), "", "nothing here, and it is needed"),
        ]
    );
    assert_eq!(office.entries().await, before, "all or nothing");
    let done = office.report(&token, "rooms", "leave-out", &file).await;
    assert_eq!(
        (done.outcome, done.counts),
        (ImportOutcome::Written, counts(2, 0, 0, 2))
    );
    assert_eq!(office.entries().await, before + 2);
}

#[tokio::test]
async fn bookings_need_rooms_that_are_there() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    office
        .report(&token, "rooms", "all-or-nothing", ROOMS)
        .await;
    let file = "Booking,Arrival,Departure,Room,Status\n\
                1,2017-05-24,2017-05-26,999,expected\n\
                2,2017-05-24,2017-05-26,,in-house\n\
                3,2017-05-24,2017-05-26,101,in-house\n\
                4,2017-05-25,2017-05-27,101,expected\n";
    let seen = office.report(&token, "bookings", "preview", file).await;
    assert_eq!(seen.counts, counts(2, 0, 0, 2));
    let problems: Vec<_> = seen
        .problems
        .iter()
        .map(|it| (it.row, it.weight, it.fault.clone()))
        .collect();
    assert_eq!(
        problems,
        [
            (2, Weight::Error, ImportFault::UnknownRoom),
            (3, Weight::Error, ImportFault::NoRoom),
            (5, Weight::Warning, ImportFault::RoomTaken { row: 4 }),
        ]
    );
}

#[tokio::test]
async fn rooms_that_a_file_connects_are_connected_once() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    let file = "Room,Connecting rooms\n201,202\n202,201 + 999\n203,\n";
    let before = office.entries().await;
    let done = office.report(&token, "rooms", "all-or-nothing", file).await;
    assert_eq!(done.counts, counts(3, 0, 0, 0));
    let [problem] = &done.problems[..] else {
        panic!("{:?}", done.problems);
    };
    assert_eq!(
        (problem.row, problem.weight, &problem.fault),
        (3, Weight::Warning, &ImportFault::UnknownRoom)
    );
    assert_eq!(office.entries().await, before + 4, "three rooms and a link");
    let again = office.report(&token, "rooms", "all-or-nothing", file).await;
    assert_eq!(again.counts, counts(0, 0, 3, 0));
    assert_eq!(office.entries().await, before + 4);
}

#[tokio::test]
async fn a_file_in_another_encoding_is_read_or_refused_with_its_row() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    let read = async |file: &[u8]| office.send(&token, "rooms", "preview", file).await;
    let seen = report(&read(b"Room,Section\n301,S\xFCd\n").await);
    let section = seen.first[0]
        .fields
        .iter()
        .find(|it| it.field == ImportField::Section);
    assert_eq!(section.map(|it| &*it.after), Some("Süd"));
    let broken = read(b"Room,Section\n301,S\xFCd\n302,\x81\n").await;
    assert_eq!((broken.status, broken.code()), (400, "bad-request".into()));
    assert!(broken.body.contains("row 3"), "{}", broken.body);
}

#[tokio::test]
async fn a_file_is_read_by_the_mapping_that_comes_with_it() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    let mapping = json!({
        "delimiter": "semicolon",
        "fields": [
            {"field": "number", "columns": ["Zi"]},
            {"field": "room-type", "columns": ["Kat"], "words": {"DZ": "Double"}},
        ],
    });
    let body = |mapping: &serde_json::Value, file: &str| {
        json!({ "mapping": mapping, "file": file }).to_string()
    };
    let path = "/v1/import/rooms?do=all-or-nothing";
    let file = "\u{feff}Zi;Kat\n201;DZ\n";
    let answer = office
        .site
        .post_with(path, &token, &body(&mapping, file))
        .await;
    let done = report(&answer);
    assert_eq!(done.counts, counts(1, 0, 0, 0));
    let types = done.first[0].fields.iter();
    let mut types = types.filter(|it| it.field == ImportField::RoomType);
    assert_eq!(types.next().map(|it| &*it.after), Some("Double"));

    // The mapping is of another file.
    let answer = office
        .site
        .post_with(path, &token, &body(&mapping, "Zi;Typ\n202;x\n"))
        .await;
    let other = report(&answer);
    assert_eq!(
        (answer.status, other.outcome),
        (422, ImportOutcome::Refused)
    );
    assert_eq!(other.problems[0].row, 1);
    assert_eq!(other.problems[0].column.as_deref(), Some("Kat"));
    assert_eq!(other.problems[0].fault, ImportFault::NoColumn);

    let twice = json!({"fields": [{"field": "floor", "columns": ["a"]}, {"field": "floor", "columns": ["b"]}]});
    let arrival = json!({"fields": [{"field": "arrival", "columns": ["a"]}]});
    for (mapping, file) in [(&twice, "a,b\n1,2\n"), (&arrival, "a\n1\n"), (&mapping, "")] {
        let answer = office
            .site
            .post_with(path, &token, &body(mapping, file))
            .await;
        assert_eq!((answer.status, answer.code()), (400, "bad-request".into()));
        assert!(
            answer.body.contains("nothing was brought in"),
            "{}",
            answer.body
        );
    }
    for rubbish in [
        "",
        "{}",
        "[1]",
        r#"{"file": 1}"#,
        r#"{"file": "", "mapping": {"colour": 1}}"#,
    ] {
        let answer = office.site.post_with(path, &token, rubbish).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "bad-request".into()),
            "{rubbish}"
        );
    }
    for path in [
        "/v1/import/guests?do=preview",
        "/v1/import/rooms?do=everything",
    ] {
        let answer = office.site.post_with(path, &token, "{}").await;
        assert_eq!(answer.status, 400, "{path}");
    }
}

#[tokio::test]
async fn people_come_without_a_password_and_are_handed_one_like_anybody() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    let file =
        "Login,Name,Role\nines,Ines Costa,housekeeper\nmaria,Maria,engineer\nzoe,Zoe,admin\n";
    let seen = office.report(&token, "people", "leave-out", file).await;
    assert_eq!(
        (seen.outcome, seen.counts),
        (ImportOutcome::Written, counts(1, 0, 1, 1))
    );
    let faults: Vec<_> = seen
        .problems
        .iter()
        .map(|it| (it.row, it.fault.word()))
        .collect();
    assert_eq!(faults, [(3, "works-here"), (4, "role")]);
    let again = office.report(&token, "people", "leave-out", file).await;
    assert_eq!(again.counts, counts(0, 0, 2, 1));

    let answer = office.ask(&token, &Administration::Look).await;
    let Ok(Administered::Seen(overview)) = serde_json::from_str(&answer.body) else {
        panic!("not seen: {}", answer.body);
    };
    let mut people = overview.people.iter();
    let ines = people.find(|seen| seen.person.name == "ines").unwrap();
    assert!(ines.password_given);
    let person = ines.person.id;
    let asked = Administration::ResetPassword { person };
    let answer = office.ask(&token, &asked).await;
    let Ok(Administered::Password(password)) = serde_json::from_str(&answer.body) else {
        panic!("no password: {}", answer.body);
    };
    let desk = Device::numbered(DESK);
    let answer = office
        .site
        .sign_in(&desk, "resort", "ines", &password)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = office.audit().await;
    let of = |event: AuditEvent| told.iter().filter(move |it| it.event == event.word());
    assert_eq!(of(AuditEvent::Imported).count(), 1);
    assert_eq!(
        of(AuditEvent::PersonTakenOn)
            .filter(|it| it.person == Some(person))
            .count(),
        1
    );
}

#[tokio::test]
async fn only_those_who_look_after_the_hotel_bring_files_in() {
    let office = Office::open().await;
    for kind in ImportKind::ALL {
        for name in ["maria", "rui"] {
            let token = office.token(name).await;
            let answer = office.send(&token, kind.word(), "preview", ROOMS).await;
            assert_eq!(
                (answer.status, answer.code()),
                (403, "not-allowed".into()),
                "{name}"
            );
        }
        let nobody = office.send("nothing", kind.word(), "preview", ROOMS).await;
        assert_eq!((nobody.status, nobody.code()), (401, "signed-out".into()));
    }
    let told = office.audit().await;
    let refused = AuditEvent::AdministrationRefused.word();
    assert!(told.iter().any(|entry| entry.event == refused));
}

#[tokio::test]
async fn a_file_of_somebody_whose_session_ends_while_it_comes_is_not_brought_in() {
    let office = Office::open().await;
    let token = office.token("vera").await;
    let before = office.entries().await;
    let body = json!({ "file": ROOMS }).to_string();
    let (first, rest) = body.as_bytes().split_at(body.len() / 2);
    let line = "POST /v1/import/rooms?do=all-or-nothing";
    let begun = office.site.begin(line, &token, (first, body.len())).await;
    // By the time that this is answered she was let in.
    let look = office
        .site
        .post_with("/v1/administration", &token, r#""Look""#);
    assert_eq!(look.await.status, 200);
    office.site.post_with("/v1/sign-out", &token, "").await;
    let answer = begun.finish(rest).await;
    assert_eq!((answer.status, answer.code()), (401, "signed-out".into()));
    assert_eq!(office.entries().await, before, "no room came");
}

#[tokio::test]
async fn a_key_opens_imports_alone_until_it_is_taken_back_or_its_maker_goes() {
    let office = Office::open().await;
    let key = office.key("PMS").await;
    assert_eq!(
        office.send(&key, "rooms", "preview", ROOMS).await.status,
        200
    );
    for answer in [
        office.ask(&key, &Administration::Look).await,
        office.site.ask("GET /v1/pull?after=0", 4, &key, b"").await,
        office.site.ask("GET /v1/working-set", 4, &key, b"").await,
    ] {
        assert_eq!(answer.status, 401, "{}", answer.body);
    }
    // A program is no admin, and makes nobody one who is more than a manager.
    let admin = "Login,Role\nzoe,admin\n";
    let seen = office.report(&key, "people", "preview", admin).await;
    assert_eq!(seen.problems[0].fault, ImportFault::Role);

    let vera = office.token("vera").await;
    let answer = office.ask(&vera, &Administration::Look).await;
    assert!(!answer.body.contains(&key[40..]), "a key is shown once");
    let Ok(Administered::Seen(overview)) = serde_json::from_str(&answer.body) else {
        panic!("not seen: {}", answer.body);
    };
    let [listed] = &overview.import_keys[..] else {
        panic!("{:?}", overview.import_keys);
    };
    assert_eq!(
        (&*listed.name, listed.used_at),
        ("PMS", Some(Timestamp(NOW)))
    );
    let key_id = listed.id;
    let revoke = Administration::RevokeImportKey { key: key_id };
    let ana = office.token("ana").await;
    let answer = office.ask(&ana, &Administration::Look).await;
    assert!(
        !answer.body.contains("PMS"),
        "managers make none and see none"
    );
    assert_eq!(office.ask(&ana, &revoke).await.status, 403);
    assert_eq!(office.ask(&vera, &revoke).await.status, 200);
    assert_eq!(office.ask(&vera, &revoke).await.status, 400);
    assert_eq!(
        office.send(&key, "rooms", "preview", ROOMS).await.status,
        401
    );

    let now = Timestamp(NOW);
    let hotel = identity::hotel("resort");
    let accounts = &office.site.accounts;
    // Whoever resets a password does not know who else knew it.
    let key = office.key("PMS").await;
    let password = "vera-keyrack".to_owned();
    accounts
        .set_password(hotel, "vera", password, now)
        .await
        .unwrap();
    assert_eq!(
        office.send(&key, "rooms", "preview", ROOMS).await.status,
        401
    );

    let key = office.key("PMS").await;
    accounts
        .set_role(hotel, "vera", Role::Manager, now)
        .await
        .unwrap();
    assert_eq!(
        office.send(&key, "rooms", "preview", ROOMS).await.status,
        401
    );
    let made = Administration::MakeImportKey { name: "X".into() };
    let vera = office.token("vera").await;
    assert_eq!(office.ask(&vera, &made).await.status, 403);
}

#[tokio::test]
async fn keys_are_named_and_no_more_than_a_hotel_may_have() {
    let office = Office::open().await;
    let vera = office.token("vera").await;
    let ask = async |name: &str| {
        let asked = Administration::MakeImportKey { name: name.into() };
        office.ask(&vera, &asked).await.status
    };
    assert_eq!(ask(" ").await, 400);
    for number in 0..MAX_IMPORT_KEYS {
        assert_eq!(ask(&format!("program {number}")).await, 200);
    }
    assert_eq!(ask("program 0").await, 400);
    assert_eq!(ask("one more").await, 400);
}

#[tokio::test]
async fn who_sends_too_many_files_or_too_large_a_one_is_told_to_wait_or_to_divide_it() {
    let office = Office::open().await;
    let key = office.key("PMS").await;
    let large = "x".repeat(MAX_IMPORT_BODY + 1);
    let answer = office.send(&key, "rooms", "preview", &large).await;
    assert_eq!((answer.status, answer.code()), (413, "too-large".into()));
    let many = IMPORT_ALLOWANCE.operations.at_once / IMPORT_COST;
    for _ in 1..many {
        assert_eq!(
            office.send(&key, "rooms", "preview", ROOMS).await.status,
            200
        );
    }
    let answer = office.send(&key, "rooms", "preview", ROOMS).await;
    assert_eq!((answer.status, answer.code()), (429, "try-later".into()));
    assert!(answer.header("retry-after").is_some());
    let other = office.key("Other").await;
    assert_eq!(
        office.send(&other, "rooms", "preview", ROOMS).await.status,
        200
    );
}

#[tokio::test]
async fn one_import_of_a_hotel_writes_at_a_time() {
    let office = Office::open().await;
    let key = office.key("PMS").await;
    let database = office.site.scratch.open().await;
    let held = database
        .hold_imports(identity::hotel("resort"))
        .await
        .unwrap();
    assert!(held.is_some());
    let answer = office.send(&key, "rooms", "all-or-nothing", ROOMS).await;
    assert_eq!((answer.status, answer.code()), (503, "try-later".into()));
    let seen = office.report(&key, "rooms", "preview", ROOMS).await;
    assert_eq!(
        seen.counts,
        counts(2, 0, 0, 0),
        "whoever only looks waits for nobody"
    );
    drop(held);
}
