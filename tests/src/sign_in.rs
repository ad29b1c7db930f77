//! How a device asks for a sign-in at the demo hotel: made and signed here, for every test and bench.

use crate::{
    hotel::{self, Somebody},
    http,
};
use keyrack_model::{
    limits::PROTOCOL,
    time::Timestamp,
    wire::{SignIn, StaleProof},
};
use keyrack_replica::{NewDevice, UserKey};
use std::net::SocketAddr;
use uuid::Uuid;

/// Servers that are told of no address are reached by any of this machine.
const ADDRESS: &str = "http://127.0.0.1:7300";

/// Somebody on a device, with a key of their own that is used for nothing: without a code and a proof.
pub fn asked(who: &Somebody, device: &NewDevice) -> SignIn {
    SignIn {
        protocol: PROTOCOL,
        hotel: hotel::CODE.to_owned(),
        name: who.name.to_owned(),
        password: who.password(),
        device: device.registration(),
        code: None,
        person_key: Some(fresh_key().public_key()),
        proof: None,
    }
}

/// As the app makes one for each sign-in.
pub fn fresh_key() -> UserKey {
    let halves = [Uuid::new_v4(), Uuid::new_v4()];
    let mut secret = [0; 32];
    for (half, random) in secret.chunks_exact_mut(16).zip(halves) {
        half.copy_from_slice(random.as_bytes());
    }
    UserKey::of(secret)
}

/// The body of a sign-in as the device signs it for a server of this machine, at what its clock shows.
pub fn body(asked: SignIn, device: &NewDevice, now: Timestamp) -> serde_json::Value {
    serde_json::to_value(device.prove(asked, ADDRESS, now)).expect("a sign-in is JSON")
}

/// What the server says to a sign-in, as the app asks for it: when its clock shows something else than
/// the device's, the device signs again with the server's time.
pub async fn answer(
    server: SocketAddr,
    asked: SignIn,
    device: &NewDevice,
    now: Timestamp,
) -> Result<http::Response, String> {
    let first = body(asked.clone(), device, now);
    let answer = post(server, &first).await?;
    match serde_json::from_str::<StaleProof>(&answer.body) {
        Ok(stale) => post(server, &body(asked, device, stale.server_time)).await,
        Err(_) => Ok(answer),
    }
}

async fn post(server: SocketAddr, body: &serde_json::Value) -> Result<http::Response, String> {
    let answer = http::post(server, "/v1/sign-in", body).await;
    answer.map_err(|error| format!("the server does not answer: {error}"))
}
