//! The audit log on real Postgres: what writes it, who may not, and what shows a change.

mod events;
mod kept;

use super::{check, read};
use crate::{
    accounts::{Accounts, NewPerson},
    database::Database,
    peer::Peer,
    pretend,
    scratch::Scratch,
};
use keyrack_model::{
    administration::{AuditCheck, AuditEntry},
    ids::{DeviceId, HotelId},
    limits::AUDIT_CHECK_PAGE,
    policy::Role,
    time::Timestamp,
    wire::SignIn,
};
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_495_700_000_000);
const HERE: Peer = Peer(IpAddr::V4(Ipv4Addr::LOCALHOST));
const DESK: DeviceId = DeviceId(Uuid::from_u128(1));
/// Her name and her password.
const MARIA: [&str; 2] = ["maria", "maria-keyrack"];

/// A hotel with maria, a housekeeper.
struct Resort {
    scratch: Scratch,
    database: Database,
    accounts: Accounts,
    hotel: HotelId,
}

impl Resort {
    async fn open() -> Self {
        let scratch = Scratch::migrated().await;
        let database = scratch.open().await;
        let accounts = Accounts::new(database.clone());
        let made = accounts.create_hotel("resort", "Resort H1", NOW);
        let resort = Self {
            hotel: made.await.unwrap(),
            scratch,
            database,
            accounts,
        };
        resort.take_on("maria", Role::Housekeeper).await;
        resort
    }

    async fn take_on(&self, name: &str, role: Role) {
        let new = NewPerson {
            name: name.into(),
            display: name.into(),
            role,
            password: format!("{name}-keyrack"),
        };
        self.accounts
            .add_person(self.hotel, new, NOW)
            .await
            .unwrap();
    }

    async fn code(&self) -> String {
        let codes = self.accounts.make_device_codes(self.hotel, 1, 1, NOW);
        codes.await.unwrap()[0].to_string()
    }

    /// The newest entries, the oldest of them first.
    async fn entries(&self) -> Vec<AuditEntry> {
        let mut tx = self.database.begin(self.hotel).await.unwrap();
        let mut entries = read(&mut tx, self.hotel, None).await.unwrap();
        entries.reverse();
        entries
    }

    /// Events with their details, from the first on.
    async fn told(&self) -> Vec<String> {
        let line = |entry: AuditEntry| format!("{} {}", entry.event, entry.detail);
        let entries = self.entries().await.into_iter();
        entries
            .map(line)
            .map(|line| line.trim().to_owned())
            .collect()
    }

    async fn check(&self) -> AuditCheck {
        let checked = check(&self.database, self.hotel, u64::MAX, |_| {});
        checked.await.unwrap()
    }

    /// As a superuser who takes the trigger away first.
    async fn tamper(&self, statement: &'static str) {
        let mut superuser = self.scratch.inspect().await;
        let all = format!("set session_replication_role = replica; {statement}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(all))
            .execute(&mut superuser)
            .await
            .unwrap();
    }
}

/// As a device asks for it at this time.
fn sign_in(
    [name, password]: [&str; 2],
    device: DeviceId,
    code: Option<String>,
    at: Timestamp,
) -> SignIn {
    const SECRET: [u8; 32] = [7; 32];
    let asked = SignIn {
        code,
        ..pretend::sign_in(["resort", name, password], device, &SECRET)
    };
    pretend::proved(asked, &SECRET, at)
}

#[tokio::test]
async fn a_log_is_whole_until_an_entry_is_changed_and_then_it_names_that_one() {
    for statement in [
        "update audit set at = at + 1 where number = 2",
        "update audit set event = 'signed-out' where number = 2",
        "update audit set actor = gen_random_uuid() where number = 2",
        "update audit set device = gen_random_uuid() where number = 2",
        "update audit set person = null where number = 2",
        "update audit set detail = 'admin' where number = 2",
        "update audit set previous = hash where number = 2",
        "update audit set hash = previous where number = 2",
        "delete from audit where number = 2",
    ] {
        let resort = Resort::open().await;
        resort.take_on("rui", Role::FrontDesk).await;
        let AuditCheck::Whole { entries: 3, .. } = resort.check().await else {
            panic!("the log is whole before: {statement}")
        };
        resort.tamper(statement).await;
        let broken = AuditCheck::Broken { number: 2 };
        assert_eq!(resort.check().await, broken, "{statement}");
    }
}

#[tokio::test]
async fn an_end_that_is_missing_is_named_while_the_head_says_that_there_was_more() {
    let resort = Resort::open().await;
    resort.take_on("rui", Role::FrontDesk).await;
    resort.tamper("delete from audit where number = 3").await;
    assert_eq!(resort.check().await, AuditCheck::Broken { number: 3 });
    resort.tamper("delete from audit_head").await;
    assert_eq!(resort.check().await, AuditCheck::Broken { number: 2 });
}

#[tokio::test]
async fn a_log_of_several_pages_is_read_to_its_end_and_no_longer_than_asked_for() {
    let resort = Resort::open().await;
    let mut notes = super::Notes::by(super::Hand::unnamed(NOW));
    for _ in 0..=AUDIT_CHECK_PAGE {
        notes.add(super::AuditEvent::SignedOut, None, "");
    }
    let mut tx = resort.database.begin(resort.hotel).await.unwrap();
    super::note(&mut tx, resort.hotel, &notes).await.unwrap();
    tx.commit().await.unwrap();
    let all = AUDIT_CHECK_PAGE as u64 + 3;
    match resort.check().await {
        AuditCheck::Whole { entries, .. } => assert_eq!(entries, all),
        broken => panic!("{broken:?}"),
    }
    let bounded = check(&resort.database, resort.hotel, all - 1, |_| {}).await;
    assert!(matches!(bounded, Err(super::CheckError::TooLong(_))));
}

#[tokio::test]
async fn many_who_write_at_once_keep_one_chain() {
    let resort = Resort::open().await;
    let makers = (0..8).map(|_| {
        let (accounts, hotel) = (resort.accounts.clone(), resort.hotel);
        tokio::spawn(async move { accounts.make_device_codes(hotel, 2, 1, NOW).await })
    });
    for maker in makers.collect::<Vec<_>>() {
        maker.await.unwrap().unwrap();
    }
    match resort.check().await {
        AuditCheck::Whole { entries, .. } => assert_eq!(entries, 2 + 16),
        broken => panic!("{broken:?}"),
    }
}

#[tokio::test]
async fn what_is_not_committed_is_in_no_log() {
    let resort = Resort::open().await;
    let before = resort.told().await;
    let taken = NewPerson {
        name: "maria".into(),
        display: "Another".into(),
        role: Role::Manager,
        password: "another-keyrack".into(),
    };
    let refused = resort.accounts.add_person(resort.hotel, taken, NOW).await;
    assert!(refused.is_err());
    let unknown = sign_in(MARIA, DESK, Some("1111-1111".into()), NOW);
    let refused = resort.accounts.sign_in(unknown, HERE, NOW).await;
    assert!(refused.is_err());
    let told = resort.told().await.split_off(before.len());
    // That it failed is told by a transaction of its own.
    assert!(
        told.iter().all(|line| line == "sign-in-failed 1"),
        "{told:?}"
    );
}

#[tokio::test]
async fn neither_the_application_nor_the_owner_changes_an_entry() {
    let resort = Resort::open().await;
    let owner = Database::open_as_owner(&resort.scratch.owner_url())
        .await
        .unwrap();
    for (database, why) in [
        (&resort.database, "permission denied"),
        (&owner, "neither changed nor taken away"),
    ] {
        for statement in [
            "update audit set detail = ''",
            "delete from audit",
            "truncate audit",
        ] {
            let mut tx = database.begin(resort.hotel).await.unwrap();
            let refused = sqlx::raw_sql(statement).execute(&mut *tx).await;
            let error = refused.unwrap_err().to_string();
            assert!(error.contains(why), "{statement}: {error}");
        }
    }
}
