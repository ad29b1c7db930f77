//! Records on real Postgres: people by the log, and guests that are erased without a trace.

use super::site::{Device, Site};
use crate::{
    accounts::{AccountError, NewPerson},
    gate::{Author, ReadAction},
    log::{Log, Page},
    pretend::{self, GUEST},
    scratch::Scratch,
};
use keyrack_model::{
    action::{LogEntry, Sequence},
    class::Class,
    command::Command,
    identity,
    ids::{HotelId, UserId},
    limits::PROTOCOL,
    policy::Role,
    record::{Payload, Record, RecordKind},
    refusal::Refusal,
    segment::RecordPage,
    time::Timestamp,
    wire::Verdict,
};
use sqlx::{AssertSqlSafe, Row};

const NAME: &str = "Anabela Quintanilha";
const LATER: &str = "Anabela Q. Dois";
const CLASH: &str = "Otherwise Typed";
const KEPT: &str = "Kept To Be Read";

fn resort() -> HotelId {
    identity::hotel("resort")
}

async fn whole_log(site: &Site) -> Vec<LogEntry> {
    let page = Page {
        entries: 1_000,
        bytes: 1 << 20,
    };
    let log = site.hotels.log();
    log.read(resort(), Sequence(0), page).await.unwrap()
}

async fn id_of(site: &Site, name: &str) -> UserId {
    let people = site.hotels.log().people(resort()).await.unwrap();
    people.iter().find(|it| it.name == name).unwrap().id
}

/// Rui at a desk, for commands that write no document.
async fn desk(site: &Site) -> pretend::Device {
    let mut rui = pretend::Device::of(pretend::RUI, 1);
    rui.user = id_of(site, "rui").await;
    rui
}

async fn push(
    site: &Site,
    device: &pretend::Device,
    action: keyrack_model::action::Action,
) -> Verdict {
    let read = vec![ReadAction::of(action)];
    let from = Author::People(device.id);
    let verdicts = site.hotels.push(resort(), from, read).await.unwrap();
    verdicts[0].verdict.clone()
}

/// The tables in which a text stands somewhere, as text or as bytes.
async fn tables_with(scratch: &Scratch, text: &str) -> Vec<String> {
    let mut rows = scratch.inspect().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'public' order by table_name",
    )
    .fetch_all(&mut rows)
    .await
    .unwrap();
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut found = Vec::new();
    for table in tables {
        let sql = format!("select t::text from {table} as t order by 1");
        let all = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut rows).await;
        let lines = all.unwrap();
        let mut lines = lines.iter().map(|row| row.get::<String, _>(0));
        if lines.any(|line| line.contains(text) || line.contains(&hex)) {
            found.push(table);
        }
    }
    found
}

async fn is_kept(site: &Site, action: &keyrack_model::action::Action) -> bool {
    let kept = site.hotels.log().review(resort(), action.operation).await;
    kept.unwrap().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_guest_is_in_no_table_of_the_database() {
    let site = Site::open().await;
    pretend::open_house(site.hotels.log().as_ref(), resort()).await;
    let mut rui = desk(&site).await;
    let accepted = |verdict| matches!(verdict, Verdict::Accepted { .. });
    let edit = rui.name_guest(GUEST, 0, NAME);
    assert!(accepted(push(&site, &rui, edit.clone()).await));
    let told = push(&site, &rui, edit).await;
    assert!(accepted(told), "a repeat is no second version");
    let edit = rui.name_guest(GUEST, 1, LATER);
    assert!(accepted(push(&site, &rui, edit).await));
    let clash = rui.name_guest(GUEST, 1, CLASH);
    let refused = push(&site, &rui, clash).await;
    assert_eq!(
        refused,
        Verdict::Refused(Refusal::RecordChanged { version: 2 })
    );
    for name in [NAME, LATER] {
        assert_eq!(tables_with(&site.scratch, name).await, ["record_payload"]);
    }
    let nowhere: [&str; 0] = [];
    assert_eq!(tables_with(&site.scratch, CLASH).await, nowhere);

    // What is kept to be read of a device that is lost goes as well.
    let mut lost = pretend::Device::of(pretend::RUI, 2);
    lost.user = rui.user;
    lost.id = Device::numbered(2).id;
    site.token(&Device::numbered(2), "rui").await;
    let distrusted = site.hotels.log().distrust(resort(), lost.id, pretend::NOW);
    assert!(distrusted.await.unwrap());
    let kept = lost.name_guest(GUEST, 2, KEPT);
    let verdict = push(&site, &lost, kept.clone()).await;
    assert_eq!(verdict, Verdict::Refused(Refusal::Quarantined));
    assert!(is_kept(&site, &kept).await);

    let now = Timestamp(super::site::NOW);
    let promoted = site.accounts.set_role(resort(), "rui", Role::Manager, now);
    assert!(promoted.await.unwrap());
    let erase = rui.about_guest(Command::EraseGuest { stay: GUEST });
    assert!(accepted(push(&site, &rui, erase).await));
    for name in [NAME, LATER, CLASH, KEPT] {
        assert_eq!(tables_with(&site.scratch, name).await, nowhere, "{name}");
    }
    // Sent again, it is refused and not kept again.
    assert!(!is_kept(&site, &kept).await);
    let again = push(&site, &lost, kept.clone()).await;
    assert!(matches!(again, Verdict::Refused(_)), "{again:?}");
    assert!(!is_kept(&site, &kept).await);
    let log = whole_log(&site).await;
    let records = log.iter().filter_map(LogEntry::record);
    let guests = records.filter(|record| record.kind == RecordKind::Guest);
    let versions: Vec<_> = guests.map(|it| (it.version, it.payload.clone())).collect();
    let erased = |version| (version, Payload::Erased);
    assert_eq!(versions, [erased(1), erased(2), erased(3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_devices_are_told_by_the_log_and_a_role_bites_at_once() {
    let site = Site::open().await;
    pretend::open_house(site.hotels.log().as_ref(), resort()).await;
    for _ in 0..2 {
        site.token(&Device::numbered(1), "maria").await;
    }
    let told = |log: &[LogEntry]| -> Vec<String> {
        let records = log.iter().filter_map(LogEntry::record);
        let line = |payload: &Payload| match payload {
            Payload::Person(person) => format!("{} {}", person.name, person.role),
            Payload::Device(device) => format!("device revoked {}", device.revoked),
            other => format!("{other:?}"),
        };
        records
            .map(|it| format!("{} {}", it.version, line(&it.payload)))
            .collect()
    };
    let before = [
        "1 maria housekeeper",
        "1 rui frontdesk",
        "1 device revoked false",
    ];
    assert_eq!(told(&whole_log(&site).await), before);

    let mut rui = desk(&site).await;
    let now = Timestamp(super::site::NOW);
    let set = |role| site.accounts.set_role(resort(), " Rui ", role, now);
    assert!(!set(Role::FrontDesk).await.unwrap(), "it is his already");
    assert!(set(Role::Server).await.is_err());
    assert!(set(Role::Engineer).await.unwrap());
    let edit = rui.name_guest(GUEST, 0, NAME);
    let verdict = push(&site, &rui, edit).await;
    assert!(
        matches!(verdict, Verdict::Refused(Refusal::GrantEnded { .. })),
        "{verdict:?}"
    );
    let log = whole_log(&site).await;
    assert_eq!(told(&log).last().unwrap(), "2 rui engineer");
    let unknown = site.accounts.set_role(resort(), "ana", Role::Engineer, now);
    assert!(unknown.await.is_err());
    let numbers = log.iter().map(|entry| entry.sequence.0);
    assert!(numbers.eq(1..=log.len() as u64), "no place is left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_is_out_at_once_and_stays_in_the_history() {
    let site = Site::open().await;
    pretend::open_house(site.hotels.log().as_ref(), resort()).await;
    let (desk, now) = (Device::numbered(1), Timestamp(super::site::NOW));
    let rui = id_of(&site, "rui").await;
    let pull = async |token: &str| {
        let line = "GET /v1/pull?after=0";
        site.ask(line, PROTOCOL, token, b"").await.status
    };
    let tokens = [
        site.token(&desk, "rui").await,
        site.token(&Device::numbered(2), "rui").await,
        site.token(&desk, "maria").await,
    ];
    let mut hand = pretend::Device::of(pretend::RUI, 1);
    hand.user = rui;
    site.accounts.dismiss(resort(), " RUI ", now).await.unwrap();

    for (token, status) in tokens.iter().zip([401, 401, 200]) {
        assert_eq!(pull(token).await, status);
    }
    let answer = site.sign_in(&desk, "resort", "rui", "rui-keyrack").await;
    assert_eq!(
        (answer.status, answer.code()),
        (401, "wrong-password".into())
    );
    let log = whole_log(&site).await;
    let told = log.last().and_then(LogEntry::record).unwrap();
    let person = told.person().unwrap();
    assert_eq!((person.id, person.left, told.version), (rui, true, 2));
    let standing = site.hotels.log().standing(resort(), Timestamp(0)).await;
    let standing = standing.unwrap();
    assert_eq!(standing.role(rui), None);
    assert_eq!(standing.changes.len(), 1, "{:?}", standing.changes);
    let edit = hand.name_guest(GUEST, 0, NAME);
    let verdict = push(&site, &hand, edit).await;
    assert!(matches!(verdict, Verdict::Refused(_)), "{verdict:?}");
    for gone in ["rui", "nobody"] {
        let again = site.accounts.dismiss(resort(), gone, now).await;
        assert!(matches!(again, Err(AccountError::UnknownPerson(_))));
        let role = site.accounts.set_role(resort(), gone, Role::Manager, now);
        assert!(matches!(role.await, Err(AccountError::UnknownPerson(_))));
    }

    // Somebody new may have the name, and is somebody else.
    let new = NewPerson {
        name: "rui".into(),
        display: "Rui Costa".into(),
        role: Role::Engineer,
        password: "another-rui".into(),
    };
    let other = site.accounts.add_person(resort(), new, now).await.unwrap();
    assert_ne!(other, rui);
    let answer = site.sign_in(&desk, "resort", "rui", "another-rui").await;
    assert_eq!(answer.json()["person"]["id"], other.0.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_what_the_one_before_opened() {
    let site = Site::open().await;
    let desk = Device::numbered(1);
    let token = site.token(&desk, "rui").await;
    let maria = site.token(&desk, "maria").await;
    let set = |name, password: &str| {
        let password = password.to_owned();
        site.accounts
            .set_password(resort(), name, password, Timestamp(super::site::NOW))
    };
    let short = set("rui", "short").await;
    assert!(matches!(short, Err(AccountError::BadRequest(_))));
    let nobody = set("nobody", "long enough").await;
    assert!(matches!(nobody, Err(AccountError::UnknownPerson(_))));
    set("Rui", "a new one of rui's").await.unwrap();
    for (token, status) in [(&token, 401), (&maria, 200)] {
        let line = "GET /v1/pull?after=0";
        assert_eq!(site.ask(line, PROTOCOL, token, b"").await.status, status);
    }
    for (password, status) in [("rui-keyrack", 401), ("a new one of rui's", 200)] {
        let answer = site.sign_in(&desk, "resort", "rui", password).await;
        assert_eq!(answer.status, status, "{password}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_document_is_handed_out_as_of_an_entry_to_those_who_read_it() {
    let site = Site::open().await;
    pretend::open_house(site.hotels.log().as_ref(), resort()).await;
    let mut rui = desk(&site).await;
    for (version, name) in [(0, NAME), (1, LATER)] {
        let edit = rui.name_guest(GUEST, version, name);
        let verdict = push(&site, &rui, edit).await;
        assert!(matches!(verdict, Verdict::Accepted { .. }));
    }
    let last = whole_log(&site).await.len();
    let page = async |who: &str, number: u8, asked: &str| -> RecordPage {
        let token = site.token(&Device::numbered(number), who).await;
        let line = format!("GET /v1/records?{asked}");
        let answer = site.ask(&line, PROTOCOL, &token, b"").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        ciborium::from_reader(&answer.bytes[..]).unwrap()
    };
    let guests = |page: &RecordPage| -> Vec<String> {
        let records = page.entries.iter().filter_map(LogEntry::record);
        let names = records.filter_map(|record| match &record.payload {
            Payload::Guest(guest) => Some(guest.name.clone()),
            _ => None,
        });
        names.collect()
    };

    let all = format!("up_to={last}");
    let told = page("rui", 1, &all).await;
    assert!(told.is_last && told.classes.contains(&Class::Guests));
    assert_eq!(guests(&told), [LATER], "one version of each");
    let people = told.entries.iter().filter_map(LogEntry::record);
    assert_eq!(people.filter_map(Record::person).count(), 2);
    let before = page("rui", 1, &format!("up_to={}", last - 1)).await;
    assert_eq!(guests(&before), [NAME], "as it was then");
    let first = told.entries[0].sequence.0;
    let rest = page("rui", 1, &format!("{all}&after={first}")).await;
    assert_eq!(rest.entries, told.entries[1..]);

    let told = page("maria", 2, &all).await;
    assert!(!told.classes.contains(&Class::Guests));
    assert_eq!(guests(&told), [""; 0]);
    let erased = |page: &RecordPage| {
        let mut records = page.entries.iter().filter_map(LogEntry::record);
        records.any(|record| record.payload == Payload::Erased)
    };
    assert!(!erased(&told));
    // Whoever wrote it may have done so in another role: they hear of it.
    let now = Timestamp(super::site::NOW);
    let promoted = site.accounts.set_role(resort(), "rui", Role::Manager, now);
    assert!(promoted.await.unwrap());
    let erase = rui.about_guest(Command::EraseGuest { stay: GUEST });
    let verdict = push(&site, &rui, erase).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }));
    assert!(erased(
        &page("maria", 2, &format!("up_to={}", last + 2)).await
    ));
    // Also when the desk writes somebody down anew.
    let anew = rui.name_guest(GUEST, 3, NAME);
    let verdict = push(&site, &rui, anew).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
    for (who, number, named) in [("maria", 2, &[][..]), ("rui", 1, &[NAME])] {
        let end = whole_log(&site).await.len();
        let told = page(who, number, &format!("up_to={end}")).await;
        assert!(erased(&told), "{who} is told of the erasure");
        assert_eq!(guests(&told), *named, "{who}");
    }

    let token = site.token(&Device::numbered(1), "rui").await;
    let answer = site.ask("GET /v1/records", PROTOCOL, &token, b"").await;
    assert_eq!(answer.status, 400);
    let answer = site
        .ask("GET /v1/records?up_to=1", PROTOCOL, "nobody", b"")
        .await;
    assert_eq!(answer.status, 401);
}
