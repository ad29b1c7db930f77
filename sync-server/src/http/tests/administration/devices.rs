//! Codes for devices, their names and their trust.

use super::*;

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
