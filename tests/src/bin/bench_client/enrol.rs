//! Signing in, as every device does once.

use crate::device::now;
use keyrack_model::{
    ids::DeviceId,
    wire::{SignIn, SignedIn},
};
use keyrack_tests::{
    enrolment, hotel,
    sign_in::{answer, asked},
};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::{sync::Mutex, time::sleep};
use uuid::Uuid;

/// Codes that are made at once: each time takes a process, and a hotel has only so many open.
const CODES: usize = 10;

/// Before a device asks again that came with too many others from one address.
const AGAIN: Duration = Duration::from_secs(1);
const TOO_MANY: u16 = 429;
/// Times that it does.
const MOST_TIMES: usize = 600;

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

    /// The same as the app keeps it.
    pub fn installed(&self) -> keyrack_replica::NewDevice {
        keyrack_replica::NewDevice {
            id: self.id,
            signing_key: self.signing_key,
            name: "bench".to_owned(),
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
pub async fn sign_in(door: &Door, number: usize, device: &NewDevice) -> Result<SignedIn, String> {
    let who = hotel::PEOPLE[number % hotel::PEOPLE.len()];
    let device = device.installed();
    let asked = SignIn {
        code: door.code().await,
        ..asked(&who, &device)
    };
    let mut asked_at = now();
    let mut said = answer(door.server, asked.clone(), &device, asked_at).await?;
    for _ in 0..MOST_TIMES {
        if said.status != TOO_MANY {
            break;
        }
        sleep(AGAIN).await;
        asked_at = now();
        said = answer(door.server, asked.clone(), &device, asked_at).await?;
    }
    if said.status != 200 {
        return Err(format!(
            "{} cannot sign in at {}: {said:?}",
            who.name, asked_at.0
        ));
    }
    serde_json::from_value(said.json()).map_err(|error| error.to_string())
}
