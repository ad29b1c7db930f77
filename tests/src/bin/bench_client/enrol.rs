//! Signing in, as every device does once.

use crate::device::now;
use ed25519_dalek::SigningKey;
use keyrack_model::{
    ids::DeviceId,
    limits,
    wire::{DeviceRegistration, SignIn, SignedIn},
};
use keyrack_tests::{enrolment, hotel, http};
use std::net::SocketAddr;
use tokio::sync::Mutex;
use uuid::Uuid;

/// Codes that are made at once: each time takes a process, and a hotel has only so many open.
const CODES: usize = 10;

/// A device that nobody has used yet.
pub struct NewDevice {
    pub id: DeviceId,
    pub signing_key: [u8; 32],
}

impl NewDevice {
    pub fn drawn() -> Self {
        let mut signing_key = [0; 32];
        getrandom::fill(&mut signing_key).expect("the system has randomness");
        Self {
            id: DeviceId(Uuid::now_v7()),
            signing_key,
        }
    }

    pub fn registration(&self) -> DeviceRegistration {
        let key = SigningKey::from_bytes(&self.signing_key).verifying_key();
        let public_key = key.as_bytes().iter().map(|byte| format!("{byte:02x}"));
        DeviceRegistration {
            id: self.id,
            name: "bench".to_owned(),
            public_key: public_key.collect(),
        }
    }
}

/// Where devices come to, and the codes for as many as come.
pub struct Door {
    server: SocketAddr,
    codes: Mutex<Codes>,
}

struct Codes {
    made: Vec<String>,
    to_make: usize,
}

impl Door {
    pub fn of(server: SocketAddr, devices: usize) -> Self {
        let codes = Codes {
            made: Vec::new(),
            to_make: devices,
        };
        Self {
            server,
            codes: Mutex::new(codes),
        }
    }

    async fn code(&self) -> Option<String> {
        let mut codes = self.codes.lock().await;
        if codes.made.is_empty() {
            let some = codes.to_make.min(CODES);
            codes.made = enrolment::codes(self.server, some).await;
            codes.to_make -= some;
        }
        codes.made.pop()
    }
}

/// Signs one of the hotel's people in on a device.
pub async fn sign_in(
    door: &Door,
    number: usize,
    device: DeviceRegistration,
) -> Result<SignedIn, String> {
    let who = hotel::PEOPLE[number % hotel::PEOPLE.len()];
    let body = SignIn {
        protocol: limits::PROTOCOL,
        hotel: hotel::CODE.to_owned(),
        name: who.name.to_owned(),
        password: who.password(),
        code: door.code().await,
        person_key: None,
        device,
    };
    let body = serde_json::to_value(body).expect("a sign-in is JSON");
    let asked_at = now();
    let answer = http::post(door.server, "/v1/sign-in", &body).await;
    let answer = answer.map_err(|error| format!("the server does not answer: {error}"))?;
    if answer.status != 200 {
        return Err(format!(
            "{} cannot sign in at {}: {answer:?}",
            who.name, asked_at.0
        ));
    }
    serde_json::from_value(answer.json()).map_err(|error| error.to_string())
}
