//! Heads that are signed and recorded outside the database.

use super::*;
use crate::audit::{AuditHeads, AuditKey, HeadsFile, Keeper, Missing, RecordedHead, RecordedHeads};
use keyrack_model::limits::AUDIT_HEAD_MILLIS;
use std::path::PathBuf;

/// Where the resort's heads are recorded.
struct Office {
    folder: tempfile::TempDir,
    heads: AuditHeads,
}

impl Office {
    fn of(resort: &Resort) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = AuditKey::read_or_make(&folder.path().join("key")).unwrap();
        let heads = AuditHeads::signed(resort.database.clone(), key);
        Self { folder, heads }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("heads")
    }

    fn key(&self) -> AuditKey {
        AuditKey::read_or_make(&self.folder.path().join("key")).unwrap()
    }

    fn keeper(&self) -> Keeper {
        let file = HeadsFile::open(self.path()).unwrap();
        Keeper::new(Some(file), self.heads.clone()).unwrap()
    }

    fn recorded(&self) -> Vec<RecordedHead> {
        let mut recorded = Vec::new();
        HeadsFile::read(&self.path(), |head| recorded.push(head)).unwrap();
        recorded
    }

    /// What the file says of the resort's log.
    async fn held(&self, resort: &Resort) -> Result<usize, Missing> {
        let key = self.key();
        let mut heads = RecordedHeads::read(&self.path(), resort.hotel, Some(&key)).unwrap();
        let checked = check(&resort.database, resort.hotel, u64::MAX, |entry| {
            heads.meet(&entry);
        });
        let AuditCheck::Whole { entries, .. } = checked.await.unwrap() else {
            panic!("the chain itself is whole")
        };
        Ok(heads.conclude(entries)?.found)
    }
}

fn after(millis: i64) -> Timestamp {
    Timestamp(NOW.0 + millis)
}

#[tokio::test]
async fn a_head_is_recorded_signed_and_told_when_the_log_has_grown() {
    let resort = Resort::open().await;
    let office = Office::of(&resort);
    let mut keeper = office.keeper();
    keeper.keep(resort.hotel, NOW).await;
    keeper.keep(resort.hotel, after(AUDIT_HEAD_MILLIS)).await;
    let [first] = &office.recorded()[..] else {
        panic!("one line, as nothing was added")
    };
    assert_eq!((first.head.number, first.at), (2, NOW));
    assert!(first.is_signed_by(&office.key().verifying()));
    let told = office.heads.follow(resort.hotel).borrow().clone();
    assert_eq!(told.as_ref(), Some(&first.head));

    resort.take_on("rui", Role::FrontDesk).await;
    // Another start goes on after what the file has.
    let mut keeper = office.keeper();
    keeper.keep(resort.hotel, NOW).await;
    let numbers: Vec<u64> = office.recorded().iter().map(|it| it.head.number).collect();
    assert_eq!(numbers, [2, 3]);
    assert_eq!(office.held(&resort).await, Ok(2));
}

#[tokio::test]
async fn a_line_that_was_cut_by_a_power_cut_spoils_no_other() {
    let resort = Resort::open().await;
    let office = Office::of(&resort);
    std::fs::write(office.path(), "half a li").unwrap();
    office.keeper().keep(resort.hotel, NOW).await;
    assert_eq!(office.recorded().len(), 1);
    assert_eq!(office.held(&resort).await, Ok(1));
}

#[tokio::test]
async fn an_end_that_was_cut_off_with_its_head_is_seen_in_the_file() {
    let resort = Resort::open().await;
    let office = Office::of(&resort);
    resort.take_on("rui", Role::FrontDesk).await;
    office.keeper().keep(resort.hotel, NOW).await;
    resort
        .tamper(
            "delete from audit where number = 3;
             update audit_head set number = 2,
                 hash = (select hash from audit where number = 2)",
        )
        .await;
    // The chain alone looks whole.
    let cut_off = Err(Missing::CutOff { number: 3 });
    assert_eq!(office.held(&resort).await, cut_off);
    // Somebody else takes the place.
    resort.take_on("ines", Role::FrontDesk).await;
    let another = Err(Missing::Another { number: 3 });
    assert_eq!(office.held(&resort).await, another);
}

#[tokio::test]
async fn a_head_that_another_key_signed_is_none() {
    let resort = Resort::open().await;
    let office = Office::of(&resort);
    office.keeper().keep(resort.hotel, NOW).await;
    std::fs::remove_file(office.folder.path().join("key")).unwrap();
    assert_eq!(office.held(&resort).await, Err(Missing::NotSigned(1)));
}

/// Whoever takes the key's place cannot do so unseen, as long as the log itself is kept.
#[tokio::test]
async fn another_key_than_before_is_told_of_by_the_log_when_it_next_grows() {
    let resort = Resort::open().await;
    let [first, other] = [Office::of(&resort), Office::of(&resort)];
    for office in [&first, &first, &other, &other, &first] {
        let accounts = resort.accounts.clone();
        let accounts = accounts.with_audit_heads(office.heads.clone());
        let codes = accounts.make_device_codes(resort.hotel, 1, 1, NOW);
        codes.await.unwrap();
    }
    // What is noted without the key, by the log's own loop or by a command, says nothing of it.
    resort.take_on("rui", Role::FrontDesk).await;
    let told = resort.told().await;
    let replaced = told
        .iter()
        .filter(|it| it.starts_with("audit-key-replaced"));
    let public = |office: &Office| {
        let key = office.heads.public_key().unwrap();
        format!("audit-key-replaced {key}")
    };
    let expected = [public(&other), public(&first)];
    assert_eq!(replaced.cloned().collect::<Vec<_>>(), expected);
    assert!(matches!(resort.check().await, AuditCheck::Whole { .. }));
}
