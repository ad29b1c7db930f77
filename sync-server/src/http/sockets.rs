//! The WebSockets that are open, by device.
//!
//! **Architecture Invariant**: a device has no more than so many, its newest; and of a device that has
//! none nothing is kept.

use keyrack_model::{
    ids::{DeviceId, HotelId},
    limits::DEVICE_SOCKETS,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot;

type Device = (HotelId, DeviceId);

/// Completes when its device has opened too many others since.
pub(super) type CrowdedOut = oneshot::Receiver<()>;

/// What is open. Clones share it.
#[derive(Clone, Default)]
pub struct OpenSockets(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    opened: u64,
    /// The oldest first. What is dropped here is crowded out.
    of: HashMap<Device, VecDeque<(u64, oneshot::Sender<()>)>>,
}

/// One that is open until this is dropped.
pub(super) struct OpenSocket {
    all: OpenSockets,
    device: Device,
    number: u64,
}

impl OpenSockets {
    pub(super) fn open(&self, device: Device) -> (OpenSocket, CrowdedOut) {
        let (kept, crowded_out) = oneshot::channel();
        let mut open = self.open_ones();
        open.opened += 1;
        let number = open.opened;
        let of_device = open.of.entry(device).or_default();
        of_device.push_back((number, kept));
        while of_device.len() > DEVICE_SOCKETS {
            of_device.pop_front();
        }
        let socket = OpenSocket {
            all: self.clone(),
            device,
            number,
        };
        (socket, crowded_out)
    }

    fn open_ones(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        let mut open = self.all.open_ones();
        if let Some(of_device) = open.of.get_mut(&self.device) {
            of_device.retain(|(number, _)| *number != self.number);
            if of_device.is_empty() {
                open.of.remove(&self.device);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;
    use tokio::sync::oneshot::error::TryRecvError;
    use uuid::Uuid;

    fn device(number: u128) -> Device {
        (identity::hotel("resort"), DeviceId(Uuid::from_u128(number)))
    }

    fn is_open(crowded_out: &mut CrowdedOut) -> bool {
        crowded_out.try_recv() == Err(TryRecvError::Empty)
    }

    #[test]
    fn a_device_keeps_its_newest_and_crowds_out_nobody_elses() {
        let all = OpenSockets::default();
        let mut of_another = all.open(device(2));
        let mut sockets: Vec<_> = (0..=DEVICE_SOCKETS).map(|_| all.open(device(1))).collect();
        let open: Vec<_> = sockets.iter_mut().map(|(_, out)| is_open(out)).collect();
        assert!(!open[0]);
        assert!(open[1..].iter().all(|is_open| *is_open), "{open:?}");
        assert!(is_open(&mut of_another.1));
    }

    #[test]
    fn one_that_has_ended_leaves_its_place_and_nothing_else() {
        let all = OpenSockets::default();
        let mut first = all.open(device(1));
        for _ in 0..3 * DEVICE_SOCKETS {
            drop(all.open(device(1)));
        }
        assert!(is_open(&mut first.1));
        drop(first);
        assert!(all.open_ones().of.is_empty());
    }
}
