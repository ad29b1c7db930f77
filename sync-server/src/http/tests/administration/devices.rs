//! Codes for devices, their names and their trust.

use super::{
    super::{
        ended::AT_ONCE,
        sessions::{greeted, receive},
    },
    *,
};

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
    let answer = ask(&office.site, &at_desk, &Administration::Look).await;
    let seen = seen(done(&answer)).devices;
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
async fn nobody_takes_out_of_use_the_device_they_are_on_nor_one_of_those_who_look_after_them() {
    let office = Office::open().await;
    let [laundry, of_vera] = [2, 3].map(Device::numbered);
    office.site.token(&laundry, "maria").await;
    office.site.token(&of_vera, "vera").await;
    let token = office.token("ana").await;
    let revoke = |device: DeviceId| Administration::RevokeDevice { device };
    let own = revoke(Device::numbered(DESK).id);
    for asked in [&own, &revoke(of_vera.id)] {
        check_not_allowed(&ask(&office.site, &token, asked).await);
    }
    // Once somebody whom she looks after works there too, it is not an admin's own.
    office.site.token(&of_vera, "rui").await;
    for device in [laundry.id, of_vera.id] {
        done(&ask(&office.site, &token, &revoke(device)).await);
    }
    let seen = seen(done(
        &ask(&office.site, &token, &Administration::Look).await,
    ));
    let revoked = seen.devices.iter().filter(|device| device.revoked);
    assert_eq!((seen.devices.len(), revoked.count()), (3, 2));
}

#[tokio::test]
async fn a_device_that_the_operator_trusts_again_serves_whoever_signs_in_anew() {
    let office = Office::open().await;
    let (site, lost) = (&office.site, Device::numbered(2));
    let before = site.token(&lost, "maria").await;
    let revoke = Administration::RevokeDevice { device: lost.id };
    office.done("ana", &revoke).await;
    let resort = identity::hotel("resort");
    let maria = office.id("maria").await;
    for (operation, role) in [(1, Some("housekeeper")), (2, None)] {
        sqlx::query(
            "insert into review
                 (hotel, operation, cause, role, author, device, received_at, digest, size, action)
             values ($1, $2, 'distrusted', $3, $4, $5, 0, '', 0, '')",
        )
        .bind(resort.0)
        .bind(Uuid::from_u128(operation))
        .bind(role)
        .bind(maria.0)
        .bind(lost.id.0)
        .execute(&mut site.scratch.inspect().await)
        .await
        .unwrap();
    }
    let refused = site.sign_in(&lost, "resort", "maria", "maria-keyrack");
    assert_eq!(refused.await.status, 403);

    let trust = |device| site.accounts.trust_device(resort, device, Timestamp(NOW));
    assert_eq!(trust(lost.id).await.unwrap(), Some(1));
    assert_eq!(trust(lost.id).await.unwrap(), None);
    let nowhere = trust(DeviceId(Uuid::from_u128(77))).await;
    assert!(matches!(nowhere, Err(AccountError::UnknownDevice(_))));
    let causes: Vec<String> = sqlx::query_scalar("select cause from review order by operation")
        .fetch_all(&mut site.scratch.inspect().await)
        .await
        .unwrap();
    assert_eq!(causes, ["role-changed", "distrusted"]);
    let look = &Administration::Look;
    assert_eq!(ask(site, &before, look).await.status, 401);
    let again = site.token(&lost, "maria").await;
    assert_eq!(ask(site, &again, look).await.status, 200);
    let seen = office.look("ana").await.devices;
    let seen = seen.iter().find(|seen| seen.id == lost.id).unwrap();
    assert!(!seen.revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_taken_out_of_use_is_sent_away_before_anything_else_is_delivered() {
    let office = Office::open().await;
    let lost = Device::numbered(2);
    let token = office.site.token(&lost, "rui").await;
    let at_desk = office.token("ana").await;
    let mut socket = greeted(&office.site, &token, PROTOCOL).await;
    let revoke = Administration::RevokeDevice { device: lost.id };
    done(&ask(&office.site, &at_desk, &revoke).await);
    assert_eq!(receive(&mut socket).await, AT_ONCE);
}
