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

/// As a superuser who takes the trigger away first.
async fn tamper(office: &Office, statements: &'static str) {
    let all = format!("set session_replication_role = replica; {statements}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(all))
        .execute(&mut office.site.scratch.inspect().await)
        .await
        .unwrap();
}

/// The log's end, as a device is told of it.
async fn end_of(office: &Office, hotel: HotelId) -> KnownHead {
    let (number, hash): (i64, String) =
        sqlx::query_as("select number, encode(hash, 'hex') from audit_head where hotel = $1")
            .bind(hotel.0)
            .fetch_one(&mut office.site.scratch.inspect().await)
            .await
            .unwrap();
    KnownHead {
        number: number.cast_unsigned(),
        hash,
    }
}

/// Whoever rules the database leaves a log that is whole in itself; what a device was told of it stays.
#[tokio::test]
async fn a_log_that_was_cut_off_or_written_anew_is_named_to_whoever_was_told_of_its_end() {
    let office = Office::open().await;
    let hotel = identity::hotel("resort");
    let token = office.token("ana").await;
    let known = end_of(&office, hotel).await;
    let check = async |known: Option<&KnownHead>| {
        let asked = known.map_or(Administration::VerifyAudit, |known| {
            Administration::VerifyAuditFrom {
                known: vec![known.clone()],
            }
        });
        match done(&ask(&office.site, &token, &asked).await) {
            Administered::AuditChecked(check) => check,
            other => panic!("not a check: {other:?}"),
        }
    };
    let is_whole = |check: &AuditCheck| matches!(check, AuditCheck::Whole { .. });
    // Further entries change nothing of what was told.
    office.token("rui").await;
    let longer = check(Some(&known)).await;
    assert!(is_whole(&longer), "{longer:?}");

    tamper(
        &office,
        "delete from audit where number >= (select max(number) - 3 from audit);
         update audit_head set (number, hash) = (
             select number, hash from audit where audit.hotel = audit_head.hotel
             order by number desc limit 1)
         where exists (select from audit where audit.hotel = audit_head.hotel)",
    )
    .await;
    let entries = end_of(&office, hotel).await.number;
    assert!(entries < known.number);
    assert!(is_whole(&check(None).await));
    let cut_off = AuditCheck::CutOff {
        entries,
        known: known.number,
    };
    assert_eq!(check(Some(&known)).await, cut_off);

    // It grows beyond what was told, with other entries.
    let site = &office.site;
    let codes = site.accounts.make_device_codes(hotel, 8, 1, Timestamp(NOW));
    codes.await.unwrap();
    assert!(end_of(&office, hotel).await.number > known.number);
    assert!(is_whole(&check(None).await));
    let anew = AuditCheck::WrittenAnew {
        known: known.number,
    };
    assert_eq!(check(Some(&known)).await, anew);
    let too_many = Administration::VerifyAuditFrom {
        known: vec![known; MAX_KNOWN_HEADS + 1],
    };
    let refused = ask(&office.site, &token, &too_many).await;
    assert_eq!(refused.code(), "bad-request");
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
    of_ana(Administration::Dismiss { person: maria }).await;
    let change = Administration::ChangePassword {
        present: "ana-keyrack".into(),
        new: "plum harbour tractor".into(),
    };
    let changed = done(&ask(&office.site, &token, &change).await);
    let Administered::PasswordChanged(Refreshed { token, .. }) = changed else {
        panic!("{changed:?}")
    };
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
            ("person-dismissed", Some(maria)),
            ("password-changed", Some(ana)),
        ]
    );
}

/// Each of them, and neither once for every time that somebody asks.
#[tokio::test]
async fn what_somebody_asked_for_without_a_right_to_it_is_in_the_audit_log_with_how_often() {
    let office = Office::open().await;
    let maria = office.id("maria").await;
    let (of_maria, of_ana) = (office.token("maria").await, office.token("ana").await);
    let refused = async |times: usize| {
        for _ in 0..times {
            let asked = Administration::MakeDeviceCode;
            check_not_allowed(&ask(&office.site, &of_maria, &asked).await);
        }
    };
    refused(3).await;
    office.site.wait_seconds(61);
    refused(1).await;
    let entries = audit_of(&office, &of_ana).await;
    let told = entries.iter().rev();
    let told = told.filter(|entry| entry.event == "administration-refused");
    let told: Vec<_> = told.map(|entry| (entry.actor, &*entry.detail)).collect();
    assert_eq!(told, [(Some(maria), "1"), (Some(maria), "3")]);
}

async fn audit_of(office: &Office, token: &str) -> Vec<AuditEntry> {
    let asked = Administration::ReadAudit { before: None };
    match done(&ask(&office.site, token, &asked).await) {
        Administered::Audit(entries) => entries,
        other => panic!("not a page: {other:?}"),
    }
}
