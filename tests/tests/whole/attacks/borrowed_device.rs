//! A colleague's password, and all that is public of a device, used without the device.

use super::*;
use keyrack_model::wire::{ErrorBody, SignIn};
use keyrack_tests::{http, peer, sign_in};

#[tokio::test]
async fn a_password_opens_nothing_with_the_id_and_the_public_key_of_a_device_that_is_elsewhere() {
    let mut scene = Scene::set().await;
    let address = scene.server.address();
    // What somebody has seen of the desk, and a key of their own.
    let stranger = peer::new_device();
    let borrowed = SignIn {
        device: scene.honest.replica().registration(),
        ..sign_in::asked(&RUI, &stranger)
    };
    let before = scene.works().await;
    let mut told = Vec::new();
    for password in [RUI.password(), "a guess".to_owned()] {
        let asked = SignIn {
            password,
            ..borrowed.clone()
        };
        let answer = sign_in::answer(address, asked, &stranger, peer::now()).await;
        told.push(answer.expect("the server answers"));
    }
    let refused: ErrorBody = serde_json::from_value(told[0].json()).expect("a refusal");
    assert_eq!((told[0].status, refused.code), (403, ErrorCode::DeviceKey));
    assert_eq!(
        told[0].body, told[1].body,
        "it says nothing of the password"
    );
    assert_untouched("a borrowed device", &before, &scene.dump().await, 0);

    // Nor what an earlier version would have said.
    for protocol in [limits::OLDEST_PROTOCOL, limits::OLDEST_SIGN_IN - 1] {
        let asked = SignIn {
            protocol,
            ..borrowed.clone()
        };
        let body = serde_json::to_value(asked).expect("a sign-in is JSON");
        let answer = http::post(address, "/v1/sign-in", &body).await;
        let answer = answer.expect("the server answers");
        let refused: ErrorBody = serde_json::from_value(answer.json()).expect("a refusal");
        assert_eq!((answer.status, refused.code), (426, ErrorCode::OldProtocol));
        assert!(refused.message.contains("update"), "{}", refused.message);
    }
    assert_untouched("an earlier version", &before, &scene.dump().await, 0);
    scene.ends_as_ever().await;
}
