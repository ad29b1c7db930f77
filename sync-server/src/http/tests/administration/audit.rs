//! The audit log as managers read it, and what it tells of what they do.

use super::*;

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
        new: "plum harbour tractor".into(),
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
