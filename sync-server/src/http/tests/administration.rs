//! Administering people, devices and access, by people of every role.

use super::site::{Answer, Device, NOW, Site};
use crate::{
    accounts::{AccountError, NewPerson, Token},
    peer::Peer,
    pretend,
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    administration::{Administered, Administration, AuditCheck, AuditEntry, Overview},
    cleanliness::Cleanliness,
    identity,
    ids::{DeviceId, HotelId, SessionId, UserId},
    limits::{AUDIT_PAGE, DEVICE_CODE_MINUTES, MAX_OPEN_DEVICE_CODES, PROTOCOL},
    policy::Role,
    refusal::Refusal,
    time::Timestamp,
    wire::{ClientFrame, ServerFrame, Verdict},
};
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

const DESK: u8 = 1;
const HERE: Peer = Peer(IpAddr::V4(Ipv4Addr::LOCALHOST));

/// The resort with an admin, two managers, and people of other roles.
struct Office {
    site: Site,
}

impl Office {
    async fn open() -> Self {
        let site = Site::open().await;
        for (name, role) in [
            ("vera", Role::Admin),
            ("ana", Role::Manager),
            ("ines", Role::Manager),
        ] {
            take_on(&site, "resort", name, role).await;
        }
        Self { site }
    }

    async fn token(&self, name: &str) -> String {
        self.site.token(&Device::numbered(DESK), name).await
    }

    async fn id(&self, name: &str) -> UserId {
        id_of(&self.site, name).await
    }

    /// What somebody who has just signed in at the desk is answered.
    async fn ask(&self, name: &str, asked: &Administration) -> Answer {
        let token = self.token(name).await;
        ask(&self.site, &token, asked).await
    }

    async fn done(&self, name: &str, asked: &Administration) -> Administered {
        done(&self.ask(name, asked).await)
    }

    async fn look(&self, name: &str) -> Overview {
        seen(self.done(name, &Administration::Look).await)
    }
}

async fn take_on(site: &Site, hotel: &str, name: &str, role: Role) -> UserId {
    let new = NewPerson {
        name: name.into(),
        display: name.into(),
        role,
        password: format!("{name}-keyrack"),
    };
    let hotel = identity::hotel(hotel);
    let taken_on = site.accounts.add_person(hotel, new, Timestamp(NOW));
    taken_on.await.unwrap()
}

async fn id_of(site: &Site, name: &str) -> UserId {
    let id: Uuid = sqlx::query_scalar("select person from person where name = $1")
        .bind(name)
        .fetch_one(&mut site.scratch.inspect().await)
        .await
        .unwrap();
    UserId(id)
}

async fn ask(site: &Site, token: &str, asked: &Administration) -> Answer {
    let body = serde_json::to_string(asked).unwrap();
    site.post_with("/v1/administration", token, &body).await
}

#[track_caller]
fn done(answer: &Answer) -> Administered {
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[track_caller]
fn seen(administered: Administered) -> Overview {
    match administered {
        Administered::Seen(overview) => overview,
        other => panic!("not an overview: {other:?}"),
    }
}

#[track_caller]
fn password(administered: Administered) -> String {
    match administered {
        Administered::Password(password) => password,
        other => panic!("not a password: {other:?}"),
    }
}

#[track_caller]
fn check_not_allowed(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.code()),
        (403, "not-allowed".into()),
        "{}",
        answer.body
    );
}

async fn pull(site: &Site, token: &str) -> u16 {
    let line = "GET /v1/pull?after=0";
    site.ask(line, PROTOCOL, token, b"").await.status
}

fn verbs_about(person: UserId) -> Vec<Administration> {
    vec![
        Administration::SetRole {
            person,
            role: Role::Engineer,
        },
        Administration::ResetPassword { person },
        Administration::Dismiss { person },
    ]
}

#[tokio::test]
async fn what_is_nobodys_token_or_no_request_administers_nothing() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    let site = &office.site;
    let nobody = site.post("/v1/administration", r#""Look""#).await;
    assert_eq!((nobody.status, nobody.code()), (401, "signed-out".into()));
    for rubbish in ["", "{}", r#""Everything""#, r#"{"Dismiss":{"person":1}}"#] {
        let answer = site.post_with("/v1/administration", &token, rubbish).await;
        assert_eq!((answer.status, answer.code()), (400, "bad-request".into()));
    }
    let long = "x".repeat(1 << 20);
    let answer = site.post_with("/v1/administration", &token, &long).await;
    assert_eq!(answer.code(), "too-large");
}

#[tokio::test]
async fn whoever_looks_after_people_sees_all_and_everybody_else_themselves() {
    let office = Office::open().await;
    office.site.token(&Device::numbered(2), "rui").await;
    let names = |seen: &Overview| {
        let all = seen.people.iter().map(|seen| seen.person.name.clone());
        all.collect::<Vec<_>>()
    };
    let by_ana = office.look("ana").await;
    assert_eq!(names(&by_ana), ["ana", "ines", "maria", "rui", "vera"]);
    assert_eq!(by_ana.devices.len(), 2);
    let by_maria = office.look("maria").await;
    assert_eq!(names(&by_maria), ["maria"]);
    let devices: Vec<DeviceId> = by_maria.devices.iter().map(|seen| seen.id).collect();
    assert_eq!(devices, [Device::numbered(DESK).id]);

    let rui = office.id("rui").await;
    let dismiss = Administration::Dismiss { person: rui };
    office.done("ana", &dismiss).await;
    let by_ana = office.look("ana").await;
    let mut left = by_ana.people.iter().filter(|seen| seen.person.left);
    let left = left.next().expect("rui has left");
    assert_eq!((left.person.id, &*left.person.name), (rui, "rui"));
}

#[tokio::test]
async fn whoever_looks_after_nobody_is_refused_all_that_is_about_others() {
    let office = Office::open().await;
    let rui = office.id("rui").await;
    let token = office.token("maria").await;
    let mut asked = verbs_about(rui);
    asked.extend([
        Administration::TakeOn {
            name: "joao".into(),
            display: "João".into(),
            role: Role::Housekeeper,
        },
        Administration::MakeDeviceCode,
        Administration::RenameDevice {
            device: Device::numbered(DESK).id,
            name: "hers".into(),
        },
        Administration::RevokeDevice {
            device: Device::numbered(DESK).id,
        },
        Administration::ReadAudit { before: None },
        Administration::VerifyAudit,
    ]);
    for asked in asked {
        check_not_allowed(&ask(&office.site, &token, &asked).await);
    }
}

#[tokio::test]
async fn somebody_who_is_taken_on_comes_in_with_the_password_that_the_server_made() {
    let office = Office::open().await;
    let take_on = |name: &str, role| Administration::TakeOn {
        name: name.into(),
        display: " João Reis ".into(),
        role,
    };
    let asked = take_on(" Joao ", Role::Housekeeper);
    let made = password(office.done("ana", &asked).await);
    let desk = Device::numbered(DESK);
    let answer = office.site.sign_in(&desk, "resort", "joao", &made).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["person"]["display"], "João Reis");

    let taken = office.ask("ana", &take_on("joao", Role::Engineer)).await;
    assert_eq!(taken.status, 400);
    assert!(taken.body.contains("taken"), "{}", taken.body);
    let nameless = office.ask("ana", &take_on(" ", Role::Engineer)).await;
    assert_eq!(nameless.code(), "bad-request");
    let long = "x".repeat(81);
    let endless = office.ask("ana", &take_on(&long, Role::Engineer)).await;
    assert_eq!(endless.code(), "bad-request");
    check_not_allowed(&office.ask("ana", &take_on("olga", Role::Admin)).await);
    office.done("vera", &take_on("olga", Role::Admin)).await;
}

#[tokio::test]
async fn a_manager_touches_no_admin_and_makes_nobody_one() {
    let office = Office::open().await;
    let (vera, ines, rui) = (
        office.id("vera").await,
        office.id("ines").await,
        office.id("rui").await,
    );
    let token = office.token("ana").await;
    for asked in verbs_about(vera) {
        check_not_allowed(&ask(&office.site, &token, &asked).await);
    }
    let promote = |person, role| Administration::SetRole { person, role };
    let admin = ask(&office.site, &token, &promote(rui, Role::Admin)).await;
    check_not_allowed(&admin);
    done(&ask(&office.site, &token, &promote(rui, Role::Manager)).await);
    done(&ask(&office.site, &token, &promote(ines, Role::Engineer)).await);
    assert_eq!(office.look("rui").await.people.len(), 5);
    check_not_allowed(&office.ask("ines", &Administration::MakeDeviceCode).await);
    office.done("vera", &promote(rui, Role::Admin)).await;
}

#[tokio::test]
async fn nobody_changes_themselves_and_a_hotel_keeps_somebody_who_looks_after_it() {
    let office = Office::open().await;
    let token = office.token("vera").await;
    for asked in verbs_about(office.id("vera").await) {
        check_not_allowed(&ask(&office.site, &token, &asked).await);
    }
    let (resort, now) = (identity::hotel("resort"), Timestamp(NOW));
    let accounts = &office.site.accounts;
    accounts.dismiss(resort, "vera", now).await.unwrap();
    accounts.dismiss(resort, "ines", now).await.unwrap();
    let last = [
        accounts.dismiss(resort, "ana", now).await.err(),
        accounts
            .set_role(resort, "ana", Role::Engineer, now)
            .await
            .err(),
    ];
    for refused in last {
        assert!(
            matches!(refused, Some(AccountError::NotAllowed(_))),
            "{refused:?}"
        );
    }
    let promoted = accounts.set_role(resort, "ana", Role::Admin, now).await;
    assert!(promoted.unwrap());
}

/// Each is right by what there was before.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_dismiss_each_other_one_stays() {
    let office = Office::open().await;
    let (ana, ines) = (office.id("ana").await, office.id("ines").await);
    let (of_ana, of_ines) = (office.token("ana").await, office.token("ines").await);
    let dismiss = |person| Administration::Dismiss { person };
    let (one, other) = (dismiss(ines), dismiss(ana));
    let (one, other) = tokio::join!(
        ask(&office.site, &of_ana, &one),
        ask(&office.site, &of_ines, &other),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401], "{} {}", one.body, other.body);
}

/// A manager is demoted while what they asked for is judged.
#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_ends_at_the_same_moment_is_not_used() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    let token: Token = token.parse().unwrap_or_else(|_| panic!("a token"));
    let (accounts, now) = (office.site.accounts.clone(), Timestamp(NOW));
    let who = accounts.authenticate(&token, now).await.unwrap();
    let mut operator = office.site.scratch.inspect().await;
    let mut tx = sqlx::Connection::begin(&mut operator).await.unwrap();
    sqlx::query("update person set role = 'engineer' where name = 'ana'")
        .execute(&mut *tx)
        .await
        .unwrap();
    let asking = tokio::spawn(async move {
        let asked = Administration::MakeDeviceCode;
        accounts.administer(&who, HERE, &asked, now).await
    });
    let mut watching = office.site.scratch.inspect().await;
    let waits = "select exists (select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waits)
        .fetch_one(&mut watching)
        .await
        .unwrap()
    {
        assert!(!asking.is_finished(), "nothing held it up");
        tokio::task::yield_now().await;
    }
    tx.commit().await.unwrap();
    let refused = asking.await.unwrap();
    assert!(matches!(refused, Err(AccountError::NotAllowed(_))));
}

#[tokio::test]
async fn people_of_another_hotel_and_of_none_are_unknown() {
    let office = Office::open().await;
    let stranger = take_on(&office.site, "city", "olga", Role::Housekeeper).await;
    let token = office.token("vera").await;
    for person in [stranger, UserId(Uuid::from_u128(77))] {
        for asked in verbs_about(person) {
            let answer = ask(&office.site, &token, &asked).await;
            assert_eq!((answer.status, answer.code()), (400, "bad-request".into()));
            assert!(answer.body.contains("known as"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_password_that_is_reset_ends_what_the_one_before_opened() {
    let office = Office::open().await;
    let rui = office.id("rui").await;
    let before = office.token("rui").await;
    let reset = Administration::ResetPassword { person: rui };
    let made = password(office.done("ana", &reset).await);
    assert_eq!(pull(&office.site, &before).await, 401);
    let desk = Device::numbered(DESK);
    let sign_in = |password| office.site.sign_in(&desk, "resort", "rui", password);
    assert_eq!(sign_in("rui-keyrack").await.status, 401);
    assert_eq!(sign_in(&made).await.status, 200);
}

#[tokio::test]
async fn whoever_changes_their_password_stays_signed_in_where_they_did_and_nowhere_else() {
    let office = Office::open().await;
    let site = &office.site;
    let (here, there) = (office.token("maria").await, office.token("maria").await);
    let change = |present: &str, new: &str| Administration::ChangePassword {
        present: present.into(),
        new: new.into(),
    };
    let wrong = ask(site, &here, &change("not-hers", "a longer one")).await;
    assert_eq!((wrong.status, wrong.code()), (401, "wrong-password".into()));
    let short = ask(site, &here, &change("maria-keyrack", "short")).await;
    assert_eq!(short.code(), "bad-request");
    done(&ask(site, &here, &change("maria-keyrack", "a longer one")).await);
    assert_eq!(
        (pull(site, &here).await, pull(site, &there).await),
        (200, 401)
    );
    let desk = Device::numbered(DESK);
    let answer = site.sign_in(&desk, "resort", "maria", "a longer one").await;
    assert_eq!(answer.status, 200);

    for _ in 0..5 {
        ask(site, &here, &change("not-hers", "a longer one")).await;
    }
    let slowed = ask(site, &here, &change("a longer one", "another one")).await;
    assert_eq!((slowed.status, slowed.code()), (429, "try-later".into()));
}

#[tokio::test]
async fn a_code_that_a_manager_makes_lets_one_device_in_while_they_are_manager() {
    let office = Office::open().await;
    let make = async |name| match office.done(name, &Administration::MakeDeviceCode).await {
        Administered::DeviceCode { code, expires_at } => (code, expires_at),
        other => panic!("not a code: {other:?}"),
    };
    let (code, expires_at) = make("ana").await;
    let good_for = i64::from(DEVICE_CODE_MINUTES) * 60_000;
    assert_eq!(expires_at, Timestamp(NOW + good_for));
    let come = async |number, code: &str| {
        let maria = ["resort", "maria", "maria-keyrack"];
        let device = Device::numbered(number);
        let answer = office.site.sign_in_with(&device, maria, Some(code));
        answer.await.status
    };
    assert_eq!(come(2, &code).await, 200);

    let (of_ana, _) = make("ana").await;
    let (of_ines, _) = make("ines").await;
    let ana = office.id("ana").await;
    let demote = Administration::SetRole {
        person: ana,
        role: Role::FrontDesk,
    };
    office.done("ines", &demote).await;
    assert_eq!(come(3, &of_ana).await, 403);
    assert_eq!(come(3, &of_ines).await, 200);
}

#[tokio::test]
async fn a_device_gets_another_name_and_loses_its_trust_for_everybody_to_hear() {
    let office = Office::open().await;
    let lost = Device::numbered(2);
    office.site.token(&lost, "ana").await;
    let at_desk = office.token("ana").await;
    let rename = |name: &str| Administration::RenameDevice {
        device: lost.id,
        name: name.into(),
    };
    let revoke = Administration::RevokeDevice { device: lost.id };
    let token = office.site.token(&lost, "ines").await;
    let asked = [&rename(" Laundry "), &rename("Laundry"), &revoke, &revoke];
    for asked in asked {
        done(&ask(&office.site, &at_desk, asked).await);
    }
    assert_eq!(
        ask(&office.site, &at_desk, &rename(" ")).await.code(),
        "bad-request"
    );
    let versions: Vec<String> = sqlx::query_scalar(
        "select payload::text from record join record_payload using (hotel, sequence)
         where record.id = $1 order by sequence",
    )
    .bind(lost.id.0)
    .fetch_all(&mut office.site.scratch.inspect().await)
    .await
    .unwrap();
    let tells = |part: &[&str]| {
        let wanted = |version: &&String| part.iter().all(|part| version.contains(part));
        versions.iter().filter(wanted).count()
    };
    assert_eq!((versions.len(), tells(&["Laundry"])), (3, 2));
    assert_eq!(tells(&["Laundry", "true"]), 1, "{versions:?}");

    let refused = ask(&office.site, &token, &Administration::Look).await;
    assert_eq!((refused.status, refused.code()), (403, "device-key".into()));
    let seen = office.look("ana").await.devices;
    let seen = seen.iter().find(|seen| seen.id == lost.id).unwrap();
    assert_eq!((&*seen.name, seen.revoked), ("Laundry", true));

    let unknown = DeviceId(Uuid::from_u128(77));
    for asked in [
        Administration::RevokeDevice { device: unknown },
        Administration::RenameDevice {
            device: unknown,
            name: "x".into(),
        },
    ] {
        let answer = ask(&office.site, &at_desk, &asked).await;
        assert_eq!((answer.status, answer.code()), (400, "bad-request".into()));
    }
}

#[tokio::test]
async fn sessions_are_ended_by_their_owner_and_by_whoever_looks_after_them() {
    let office = Office::open().await;
    let (maria, ana) = (office.token("maria").await, office.token("ana").await);
    let sessions = async |token: &str| {
        let answer = ask(&office.site, token, &Administration::Look).await;
        seen(done(&answer)).sessions
    };
    let of_maria = sessions(&maria).await;
    let [own] = &of_maria[..] else {
        panic!("{of_maria:?}");
    };
    assert!(own.is_own);
    let all = sessions(&ana).await;
    let of_ana: Vec<_> = all.iter().filter(|session| session.is_own).collect();
    assert_eq!((all.len(), of_ana.len()), (2, 1), "{all:?}");

    // Upwards nobody ends anything, and what was never there has not ended.
    let end = async |token: &str, session| {
        let asked = Administration::EndSession { session };
        ask(&office.site, token, &asked).await.status
    };
    assert_eq!(end(&maria, of_ana[0].id).await, 403);
    assert_eq!(end(&ana, SessionId(Uuid::from_u128(1))).await, 400);
    assert_eq!(end(&ana, own.id).await, 200);
    let answer = ask(&office.site, &maria, &Administration::Look).await;
    assert_eq!((answer.status, answer.code()), (401, "signed-out".into()));
    assert_eq!(sessions(&ana).await.len(), 1);
    let again = office.token("maria").await;
    let own = sessions(&again).await[0].id;
    assert_eq!(end(&again, own).await, 200);
    assert_eq!(end(&again, own).await, 401);
}

#[tokio::test]
async fn somebody_who_left_in_the_middle_of_asking_is_signed_out() {
    let office = Office::open().await;
    let token: Token = office
        .token("ana")
        .await
        .parse()
        .unwrap_or_else(|_| panic!("a token"));
    let (accounts, now) = (&office.site.accounts, Timestamp(NOW));
    let who = accounts.authenticate(&token, now).await.unwrap();
    let resort: HotelId = identity::hotel("resort");
    accounts.dismiss(resort, "ana", now).await.unwrap();
    let refused = accounts
        .administer(&who, HERE, &Administration::Look, now)
        .await;
    assert!(matches!(refused, Err(AccountError::SignedOut)));
}

#[tokio::test]
async fn a_manager_reads_the_audit_log_page_by_page_and_finds_it_whole() {
    let office = Office::open().await;
    let ana = office.id("ana").await;
    let rename = Administration::RenameDevice {
        device: Device::numbered(DESK).id,
        name: "Reception".into(),
    };
    office.done("ana", &rename).await;
    for _ in 0..AUDIT_PAGE / MAX_OPEN_DEVICE_CODES {
        sqlx::query("delete from device_code")
            .execute(&mut office.site.scratch.inspect().await)
            .await
            .unwrap();
        let codes = office.site.accounts.make_device_codes(
            identity::hotel("resort"),
            MAX_OPEN_DEVICE_CODES,
            1,
            Timestamp(NOW),
        );
        codes.await.unwrap();
    }
    sqlx::query("delete from device_code")
        .execute(&mut office.site.scratch.inspect().await)
        .await
        .unwrap();
    let token = office.token("ana").await;
    let read = async |before| {
        let asked = Administration::ReadAudit { before };
        match done(&ask(&office.site, &token, &asked).await) {
            Administered::Audit(entries) => entries,
            other => panic!("not a page: {other:?}"),
        }
    };
    let newest = read(None).await;
    assert_eq!(newest.len(), AUDIT_PAGE);
    assert_eq!(newest[0].event, "signed-in");
    let last = newest[AUDIT_PAGE - 1].number;
    let older = read(Some(last)).await;
    let numbers: Vec<u64> = older.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..last).rev().collect::<Vec<u64>>());
    let mut all = newest.iter().chain(&older);
    let renamed = all.find(|entry| entry.event == "device-renamed");
    let renamed = renamed.expect("an entry");
    assert_eq!(renamed.actor, Some(ana));
    assert!(
        renamed.detail.ends_with(" → Reception"),
        "{}",
        renamed.detail
    );

    let checked = done(&ask(&office.site, &token, &Administration::VerifyAudit).await);
    let Administered::AuditChecked(AuditCheck::Whole { entries, .. }) = checked else {
        panic!("{checked:?}")
    };
    assert_eq!(entries, newest[0].number);
}

#[tokio::test]
async fn what_people_administer_is_told_once_with_who_did_it() {
    let office = Office::open().await;
    let (ana, maria) = (office.id("ana").await, office.id("maria").await);
    let token = office.token("ana").await;
    let before = audit_of(&office, &token).await[0].number;
    let of_ana = async |asked: Administration| {
        done(&ask(&office.site, &token, &asked).await);
    };
    let role = Role::Supervisor;
    of_ana(Administration::SetRole {
        person: maria,
        role,
    })
    .await;
    of_ana(Administration::ResetPassword { person: maria }).await;
    of_ana(Administration::MakeDeviceCode).await;
    of_ana(Administration::ChangePassword {
        present: "ana-keyrack".into(),
        new: "another-keyrack".into(),
    })
    .await;
    of_ana(Administration::Dismiss { person: maria }).await;
    let entries = audit_of(&office, &token).await;
    let since = entries.iter().rev().filter(|entry| entry.number > before);
    let told: Vec<(&str, Option<UserId>)> = since
        .map(|entry| {
            assert_eq!(entry.actor, Some(ana));
            assert_eq!(entry.device, Some(Device::numbered(DESK).id));
            (entry.event.as_str(), entry.person)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("role-changed", Some(maria)),
            ("password-reset", Some(maria)),
            ("device-code-made", None),
            ("password-changed", Some(ana)),
            ("person-dismissed", Some(maria)),
        ]
    );
}

async fn audit_of(office: &Office, token: &str) -> Vec<AuditEntry> {
    let asked = Administration::ReadAudit { before: None };
    match done(&ask(&office.site, token, &asked).await) {
        Administered::Audit(entries) => entries,
        other => panic!("not a page: {other:?}"),
    }
}

fn cbor<T: serde::Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// What the server says to somebody who inspects a room at the desk.
async fn inspects(site: &Site, token: &str, person: UserId) -> Verdict {
    let desk = Device::numbered(DESK);
    let mut hand = pretend::Device::of(person, DESK.into());
    hand.id = desk.id;
    let register = ClientFrame::Register {
        actors: vec![hand.registration()],
    };
    let send = async |line, frame: &ClientFrame| {
        let body = cbor(frame);
        site.ask(line, PROTOCOL, token, &body).await
    };
    let registered = send("POST /v1/actors", &register).await;
    assert_eq!(registered.status, 204, "{}", registered.body);
    let batch = cbor(&[hand.mark(Cleanliness::Inspected)]);
    let signature = SigningKey::from_bytes(&desk.key).sign(&batch);
    let push = ClientFrame::Push {
        batch,
        signature: signature.to_bytes().to_vec(),
        proofs: vec![],
    };
    let pushed = send("POST /v1/push", &push).await;
    match &pushed.frames()[..] {
        [ServerFrame::Verdicts { verdicts }] => verdicts[0].verdict.clone(),
        other => panic!("no verdict: {other:?}"),
    }
}

#[tokio::test]
async fn somebody_who_works_at_two_hotels_may_at_each_what_their_role_there_may() {
    let site = Site::open().await;
    let of_city = take_on(&site, "city", "maria", Role::Manager).await;
    let desk = Device::numbered(DESK);
    let mut tokens = Vec::new();
    for code in ["resort", "city"] {
        let hotel = identity::hotel(code);
        pretend::open_house(site.hotels.log().as_ref(), hotel).await;
        let answer = site.sign_in(&desk, code, "maria", "maria-keyrack").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        tokens.push(answer.tokens().0);
    }
    let [resort, city] = &tokens[..] else {
        panic!("two hotels");
    };

    let asked = Administration::MakeDeviceCode;
    check_not_allowed(&ask(&site, resort, &asked).await);
    done(&ask(&site, city, &asked).await);
    let refused = inspects(&site, resort, pretend::MARIA).await;
    let Verdict::Refused(Refusal::NotAllowed { role, .. }) = refused else {
        panic!("not refused: {refused:?}");
    };
    assert_eq!(role, Role::Housekeeper);
    let taken = inspects(&site, city, of_city).await;
    assert!(matches!(taken, Verdict::Accepted { .. }), "{taken:?}");

    // Who looks after people at one of them looks after nobody at the other, not even themselves.
    for person in [pretend::MARIA, pretend::RUI] {
        let reset = Administration::ResetPassword { person };
        let unknown = ask(&site, city, &reset).await;
        assert_eq!(
            (unknown.status, unknown.code()),
            (400, "bad-request".into())
        );
    }
    for name in ["maria", "rui"] {
        let password = format!("{name}-keyrack");
        let answer = site.sign_in(&desk, "resort", name, &password).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}
