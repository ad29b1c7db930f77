//! The network: connections that deliver in order within one direction, and promise nothing else. What
//! goes over them are the messages of a WebSocket, packed and read as in the app and the server.

use super::{
    link::{Down, LinkId, Up},
    world::{Broken, Happening, World},
};
use keyrack_model::limits::STREAM_REST_MILLIS;
use keyrack_replica::Input;
use keyrack_wire::{Incoming, Outgoing};
use std::collections::VecDeque;
use tokio::sync::mpsc::UnboundedSender;

/// A connection as it lies between a device and the server.
pub(super) struct Wire {
    device: usize,
    /// The device's end, and the life that it belongs to.
    is_open: bool,
    /// The device knows that the server took the connection.
    is_made: bool,
    /// Swallows everything that goes either way.
    pub is_black_hole: bool,
    server: Option<UnboundedSender<Up>>,
    up: VecDeque<Up>,
    down: VecDeque<Down>,
    last_up: u64,
    last_down: u64,
    /// All that the device said here, as it travelled.
    said: Vec<Up>,
    device_end: End,
    server_end: End,
    /// When the server told the device something.
    told_at: u64,
}

/// What either side remembers of a connection.
#[derive(Default)]
struct End {
    outgoing: Outgoing,
    incoming: Incoming,
}

impl Wire {
    /// The device's end is gone, and what it remembered.
    fn close(&mut self) {
        self.is_open = false;
        self.device_end = End::default();
    }
}

/// How long a device tries to reach a server.
const CONNECTING_MILLIS: u64 = 15_000;

impl World {
    /// A device begins to connect.
    pub(super) fn connect(&mut self, device: usize) {
        let id = self.new_wire(device);
        self.devices[device].link = Some(id);
        let at = self.now + self.faults.delay(&mut self.rng);
        self.at(at, Happening::Reaches(id));
        self.at(self.now + CONNECTING_MILLIS, Happening::GivesUp(id));
    }

    fn new_wire(&mut self, device: usize) -> LinkId {
        self.last_link += 1;
        let id = LinkId(self.last_link);
        let wire = Wire {
            device,
            is_open: true,
            is_made: false,
            is_black_hole: false,
            server: None,
            up: VecDeque::new(),
            down: VecDeque::new(),
            last_up: 0,
            last_down: 0,
            said: Vec::new(),
            device_end: End::default(),
            server_end: End::default(),
            told_at: self.now,
        };
        self.wires.insert(id, wire);
        id
    }

    /// The request for a connection is at the server's door.
    pub(super) fn reaches(&mut self, id: LinkId) {
        let Some(wire) = self.wires.get(&id) else {
            return;
        };
        let device = &self.devices[wire.device];
        let deaf_until = device.deaf_server_until;
        if deaf_until > self.now {
            self.at(deaf_until, Happening::Reaches(id));
            return;
        }
        let who = device.identity();
        match &mut self.server {
            Some(server) if !server.is_stopping() => {
                let sender = server.accept(id, who);
                if let Some(wire) = self.wires.get_mut(&id) {
                    wire.server = Some(sender);
                }
                self.down(id, Down::Opened);
            }
            Some(_) | None => self.down(id, Down::Closed),
        }
    }

    /// The device no longer waits for a connection that was not made.
    pub(super) fn gives_up(&mut self, id: LinkId) -> Result<(), Broken> {
        match self.wires.get(&id) {
            Some(wire) if !wire.is_made => self.take_down(id, Down::Closed),
            Some(_) | None => Ok(()),
        }
    }

    /// A device sends. It is on its way when this returns.
    pub(super) fn up(&mut self, id: LinkId, up: Up) {
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        let up = match up {
            Up::Frame(frame) => match wire.device_end.outgoing.pack(&frame) {
                Ok(message) => Up::Frame(message),
                Err(error) => return self.ledger.fault(format!("a device sends: {error}")),
            },
            other @ (Up::Pong(_) | Up::Closed) => other,
        };
        self.send_up(id, up);
    }

    /// What was packed is on its way to the server.
    fn send_up(&mut self, id: LinkId, up: Up) {
        let delay = self.faults.delay(&mut self.rng);
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        wire.said.push(up.clone());
        wire.up.push_back(up);
        wire.last_up = wire.last_up.max(self.now + delay);
        let at = wire.last_up;
        self.at(at, Happening::Up(id));
    }

    /// The server sends.
    pub(super) fn down(&mut self, id: LinkId, down: Down) {
        let delay = self.faults.delay(&mut self.rng);
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        let down = match down {
            Down::Frame(frame) => {
                let outgoing = &mut wire.server_end.outgoing;
                if self.now - wire.told_at >= STREAM_REST_MILLIS {
                    outgoing.rest();
                }
                wire.told_at = self.now;
                match outgoing.pack(&frame) {
                    Ok(message) => Down::Frame(message),
                    Err(error) => return self.ledger.fault(format!("the server sends: {error}")),
                }
            }
            other @ (Down::Opened | Down::Ping(_) | Down::Closed) => other,
        };
        wire.down.push_back(down);
        wire.last_down = wire.last_down.max(self.now + delay);
        let at = wire.last_down;
        self.at(at, Happening::Down(id));
    }

    /// The next thing that a device sent is at the server.
    pub(super) fn up_arrives(&mut self, id: LinkId) {
        let Some(wire) = self.wires.get_mut(&id) else {
            return;
        };
        let deaf_until = self.devices[wire.device].deaf_server_until;
        if deaf_until > self.now {
            self.at(deaf_until, Happening::Up(id));
            return;
        }
        let up = wire.up.pop_front();
        let (Some(up), Some(server), false) = (up, &wire.server, wire.is_black_hole) else {
            return;
        };
        let up = match up {
            Up::Frame(message) => match wire.server_end.incoming.unpack(&message) {
                Ok(frame) => Up::Frame(frame),
                Err(error) => return self.ledger.fault(format!("the server reads: {error}")),
            },
            Up::Pong(number) => Up::Pong(number),
            Up::Closed => {
                wire.server_end = End::default();
                Up::Closed
            }
        };
        // The session may have ended.
        server.send(up).ok();
    }

    /// The next thing that the server sent is at the device.
    pub(super) fn down_arrives(&mut self, id: LinkId) -> Result<(), Broken> {
        let Some(wire) = self.wires.get_mut(&id) else {
            return Ok(());
        };
        let deaf_until = self.devices[wire.device].deaf_until;
        if deaf_until > self.now {
            self.at(deaf_until, Happening::Down(id));
            return Ok(());
        }
        match wire.down.pop_front() {
            Some(down) if !wire.is_black_hole => self.take_down(id, down),
            Some(_) | None => Ok(()),
        }
    }

    fn take_down(&mut self, id: LinkId, down: Down) -> Result<(), Broken> {
        let Some(wire) = self.wires.get_mut(&id) else {
            return Ok(());
        };
        let device = wire.device;
        if !wire.is_open || self.devices[device].link != Some(id) {
            return Ok(());
        }
        match down {
            Down::Opened => {
                wire.is_made = true;
                self.input(device, Input::Opened)
            }
            Down::Frame(message) => {
                let frame = wire.device_end.incoming.unpack(&message);
                let frame = frame.map_err(|error| Broken(format!("a device reads: {error}")))?;
                self.input(device, Input::Received(frame))
            }
            // The socket answers a ping by itself.
            Down::Ping(number) => {
                self.up(id, Up::Pong(number));
                Ok(())
            }
            Down::Closed => {
                wire.close();
                self.devices[device].link = None;
                self.lost(device)
            }
        }
    }

    /// The device's end closes; the server hears of it after all that was said.
    pub(super) fn hang_up(&mut self, device: usize) {
        if let Some(id) = self.devices[device].link.take() {
            self.close_end(id);
            self.up(id, Up::Closed);
        }
    }

    /// The device's end is gone. What it said may still arrive, and the server may never hear
    /// that nothing more will come.
    pub(super) fn break_off(&mut self, id: LinkId) {
        self.close_end(id);
        if let Some(wire) = self.wires.get_mut(&id)
            && self.rng.bool()
        {
            wire.is_black_hole = true;
        }
        if self.rng.bool() {
            self.up(id, Up::Closed);
        }
    }

    fn close_end(&mut self, id: LinkId) {
        if let Some(wire) = self.wires.get_mut(&id) {
            wire.close();
        }
    }

    /// Everything that a device has said in its connection comes to the server once more, as
    /// another connection whose answers nobody hears.
    pub(super) fn replay(&mut self, device: usize) -> bool {
        let wire = self.devices[device].link.and_then(|id| self.wires.get(&id));
        let Some(said) = wire.map(|wire| wire.said.clone()) else {
            return false;
        };
        let Some(server) = &mut self.server else {
            return false;
        };
        if said.is_empty() || server.is_stopping() {
            return false;
        }
        let id = self.new_wire(device);
        let who = self.devices[device].identity();
        let Some(server) = &mut self.server else {
            return false;
        };
        let sender = server.accept(id, who);
        if let Some(wire) = self.wires.get_mut(&id) {
            wire.server = Some(sender);
            wire.is_open = false;
        }
        said.into_iter().for_each(|up| self.send_up(id, up));
        self.up(id, Up::Closed);
        true
    }

    /// Connections of a server that is no more: some devices hear of it, others only notice.
    pub(super) fn server_is_gone(&mut self) {
        let ids: Vec<LinkId> = self.wires.keys().copied().collect();
        for id in ids {
            let hears = self.rng.u8(0..3) > 0;
            if let Some(wire) = self.wires.get_mut(&id) {
                wire.server = None;
                wire.up.clear();
                if hears {
                    self.down(id, Down::Closed);
                }
            }
        }
    }

    pub(super) fn wire_of(&mut self, device: usize) -> Option<&mut Wire> {
        let id = self.devices[device].link?;
        self.wires.get_mut(&id)
    }
}
