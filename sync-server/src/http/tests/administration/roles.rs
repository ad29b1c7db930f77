//! What somebody may by their role, and by the one that they have at that moment.

use super::*;

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
