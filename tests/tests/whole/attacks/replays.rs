//! What one connection said, recorded and said again: by whoever has another token, after the session
//! has ended, and once more in it.

use super::*;
use keyrack_model::ipc::Problem;
use keyrack_tests::{http, wire};

#[tokio::test]
async fn what_was_recorded_of_a_connection_stores_nothing_when_it_is_said_again() {
    let mut scene = Scene::set().await;
    let address = scene.server.address();
    let mut recorded = Attacker::signed_in(address, &MARIA).await;
    let mut hers = scene.attacker.clone();
    let mut ruis = Attacker::signed_in(address, &RUI).await;
    drop(ruis.connect().await);
    let action = recorded.service(scene.room, ServiceStatus::MakeUpRoom);
    let push = recorded.push(encode(&[&action]));
    let frames = [recorded.hello(), push.clone()];
    let first = recorded.says_again(&frames).await;
    let Some(Ok(accepted @ Verdict::Accepted { .. })) = first else {
        panic!("it is taken the first time: {first:?}");
    };

    // In the same session it is known, whichever way it comes.
    let before = scene.works().await;
    let again = recorded.says_again(&frames).await;
    assert_eq!(again, Some(Ok(accepted.clone())));
    recorded.way = Way::Requests;
    assert_eq!(recorded.told(&action).await, accepted);
    assert_untouched("in the same session", &before, &scene.dump().await, 0);

    // On another token it is another device's: its person's own, or somebody else's.
    for device in [&mut hers, &mut ruis] {
        let before = scene.works().await;
        let told = device.says_again(&frames).await;
        assert_eq!(told, Some(Err(ErrorCode::DeviceKey)));
        // Nor do its actions come through by themselves.
        let greeting = device.hello();
        let only_pushed = [greeting, push.clone()];
        let told = device.says_again(&only_pushed).await;
        assert_eq!(told, Some(Err(ErrorCode::DeviceKey)));
        device.way = Way::Requests;
        let told = device.turned_away(&push).await;
        assert_eq!(told, Some(ErrorCode::DeviceKey));
        let after = scene.dump().await;
        assert_untouched("on another token", &before, &after, 0);
    }

    // Nothing opens with the token of a session that has ended.
    let bearer = format!("authorization: Bearer {}", recorded.token);
    let out = http::post_bytes(address, "/v1/sign-out", &[&bearer], b"").await;
    assert_eq!(out.expect("the server answers").status, 204);
    let before = scene.works().await;
    let opened = wire::connect(address, &recorded.token).await;
    let refused = opened.err().expect("the socket does not open");
    assert_eq!(wire::problem_of(&refused), Some(Problem::SignedOut));
    let told = recorded.turned_away(&push).await;
    assert_eq!(told, Some(ErrorCode::SignedOut));
    assert_untouched("after signing out", &before, &scene.dump().await, 0);
    scene.ends_as_ever().await;
}
