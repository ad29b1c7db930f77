//! Clients and servers of different versions: each is told which of them to update, and what
//! waits on a device waits on.

use futures_util::{SinkExt, StreamExt};
use keyrack_model::{
    command::Command,
    ipc::{Connection, Problem},
    limits,
    room::ServiceStatus,
    wire::{ErrorBody, ServerFrame, SignIn},
};
use keyrack_tests::{
    desk::Desk,
    hotel::{MARIA, RUI},
    http,
    ledger::assert_logged_once,
    peer::Peer,
    port, wait,
    world::World,
};
use serde_json::json;
use std::{collections::BTreeSet, net::SocketAddr};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_client_of_another_protocol_is_told_who_has_to_update() {
    let world = World::new();
    let server = world.demo_server().await;
    for (protocol, code) in [
        (limits::OLDEST_PROTOCOL - 1, "old-protocol"),
        (limits::PROTOCOL + 1, "new-protocol"),
        (u16::MAX, "new-protocol"),
    ] {
        let device = Peer::in_memory(server.address());
        let body = device.body(SignIn {
            protocol,
            ..device.asked(&MARIA)
        });
        let answer = http::post(server.address(), "/v1/sign-in", &body).await;
        let answer = answer.unwrap();
        assert_eq!((answer.status, &answer.json()["code"]), (426, &json!(code)));

        let client = Peer::signed_in(server.address(), &MARIA).await;
        let refused = client.greet_with_protocol(protocol).await.unwrap_err();
        assert_eq!(refused.code.to_string(), code);
        assert!(!refused.message.is_empty());
    }
}

#[tokio::test]
async fn a_device_that_is_turned_away_keeps_what_waits_and_sends_it_after_the_update() {
    let world = World::new();
    let server = world.demo_server().await;
    let store = world.folder().join("device.db");
    let mut device = Peer::at(&store, server.address());
    device.sign_in(&RUI).await;
    device.sync().await;
    let mut done = BTreeSet::new();
    for room in device.rooms().into_iter().take(5) {
        let value = ServiceStatus::MakeUpRoom;
        let wish = Command::SetServiceStatus { room, value };
        done.insert(device.act(&wish).unwrap());
    }

    // What this server says to clients of another version, a server of another version says to
    // this client.
    for (protocol, told) in [
        (limits::OLDEST_PROTOCOL - 1, Problem::OldProtocol),
        (limits::PROTOCOL + 1, Problem::NewProtocol),
    ] {
        let refusal = device.greet_with_protocol(protocol).await.unwrap_err();
        drop(device);
        let address = port::free();
        let other_version = server_that_refuses(address, refusal).await;
        let mut turned_away = Peer::at(&store, address);
        turned_away
            .talk_until("the device is turned away", |device| {
                let Connection::Offline { reason, .. } = device.sync_state().connection else {
                    return false;
                };
                reason.as_ref() == Some(&told)
            })
            .await;
        assert_eq!(turned_away.waiting(), done);
        assert!(turned_away.replica().session().is_some());
        other_version.abort();
        drop(turned_away);
        device = Peer::at(&store, server.address());
    }

    device.sync().await;
    assert_eq!(device.replica().refused().unwrap(), []);
    assert_logged_once(&device, &done).await;
}

#[tokio::test]
async fn a_window_whose_server_is_of_another_version_says_so_and_sends_what_waits_after_the_update()
{
    let world = World::new();
    let mut server = world.demo_server().await;
    let greeter = Peer::signed_in(server.address(), &MARIA).await;
    let mut refusals = Vec::new();
    for protocol in [limits::OLDEST_PROTOCOL - 1, limits::PROTOCOL + 1] {
        refusals.push(greeter.greet_with_protocol(protocol).await.unwrap_err());
    }
    let rui = world.workplace("desk", &server.url()).open().await;
    let rui = Desk::sign_in(rui, &RUI).await;
    let room = rui.board().await.into_keys().next().unwrap();
    server.stop().await;
    rui.wait_until_offline().await;
    rui.set_cleanliness(&room, "pickup").await;

    rui.window().click("sync-state").await;
    let sentences = ["This Keyrack is too old", "older than this Keyrack"];
    for (refusal, sentence) in refusals.into_iter().zip(sentences) {
        let other_version = server_that_refuses(server.address(), refusal).await;
        wait::until(sentence, wait::SOON, async || {
            let text = rui.window().text().await;
            let told = text.contains(sentence) && text.contains("Your work is kept");
            told.then_some(()).ok_or(text)
        })
        .await;
        assert_eq!(rui.waiting().await, 1);
        let whose = rui.window().text_of_css("[data-testid=\"waits-of\"]").await;
        let whose = whose.unwrap_or_default();
        let says_whose = whose.contains(RUI.display) && whose.contains("1 action waits");
        assert!(says_whose, "{whose}");
        other_version.abort();
        assert!(other_version.await.unwrap_err().is_cancelled());
    }

    server.start_again().await;
    rui.wait_until_synced().await;
    assert_eq!(rui.waiting().await, 0);
}

/// Answers every hello with a refusal.
async fn server_that_refuses(address: SocketAddr, body: ErrorBody) -> JoinHandle<()> {
    let listener = TcpListener::bind(address).await.expect("the port is free");
    let mut refusal = Vec::new();
    ciborium::into_writer(&ServerFrame::Refuse(body), &mut refusal).expect("a frame is CBOR");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else {
                continue;
            };
            if let Some(Ok(_hello)) = socket.next().await {
                let refusal = Message::Binary(refusal.clone().into());
                let _ = socket.send(refusal).await;
                // Whatever else was sent is read, or the system would take the refusal back.
                let _ = socket.close(None).await;
                while let Some(Ok(_)) = socket.next().await {}
            }
        }
    })
}
