//! Devices that work at once, and what becomes of what they did.

use crate::{
    hotel::{INES, MARIA, RUI},
    ledger::assert_logged_once,
    peer::Peer,
    server::Server,
};
use keyrack_model::{command::Command, ids::OperationId, room::ServiceStatus};
use std::collections::BTreeSet;

/// Devices of one hotel, in step when they begin, and all that was done on them.
pub struct Load {
    devices: Vec<Peer>,
    done: BTreeSet<OperationId>,
    turns: usize,
}

impl Load {
    pub async fn on(server: &Server, devices: usize) -> Self {
        let mut signed_in = Vec::new();
        for who in [&RUI, &MARIA, &INES].into_iter().cycle().take(devices) {
            let mut device = Peer::signed_in(server.address(), who).await;
            device.sync().await;
            signed_in.push(device);
        }
        Self {
            devices: signed_in,
            done: BTreeSet::new(),
            turns: 0,
        }
    }

    /// Every device does so much; what is sent is not waited for.
    pub async fn work(&mut self, actions: usize) {
        for _ in 0..actions {
            self.turns += 1;
            for (number, device) in self.devices.iter_mut().enumerate() {
                let services: Vec<_> = device.services().into_iter().collect();
                let (room, now) = services[(self.turns * 5 + number * 61) % services.len()];
                let value = match now {
                    ServiceStatus::None => ServiceStatus::MakeUpRoom,
                    _ => ServiceStatus::None,
                };
                let wish = Command::SetServiceStatus { room, value };
                self.done.insert(device.act(&wish).expect("a change"));
                device.exchange().await;
            }
        }
    }

    /// What the server said that it has.
    pub fn acknowledged(&self) -> BTreeSet<OperationId> {
        let waiting = self.devices.iter().flat_map(Peer::waiting);
        &self.done - &waiting.collect()
    }

    /// What it has not said of.
    pub fn waiting(&self) -> usize {
        self.devices
            .iter()
            .map(|device| device.waiting().len())
            .sum()
    }

    /// Every device gets its verdicts, everything is stored once, and all show the same.
    pub async fn settle(&mut self) {
        for _ in 0..2 {
            for device in &mut self.devices {
                device.sync().await;
            }
        }
        for device in &self.devices {
            assert_eq!(device.replica().refused().expect("the store answers"), []);
            assert_eq!(device.services(), self.devices[0].services());
        }
        assert_logged_once(&self.devices[0], &self.done).await;
    }
}
