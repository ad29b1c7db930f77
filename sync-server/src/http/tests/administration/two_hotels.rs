//! Somebody who works at two hotels.

use super::*;

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
