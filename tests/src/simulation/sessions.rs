//! Sessions: their tokens end, and a device asks for the next one, in time or too late; and somebody
//! ends a session elsewhere, after which its person signs in anew.

use super::{
    device::Visit,
    tokens::Token,
    trace::Event,
    world::{Broken, Happening, World},
};
use keyrack_model::wire::Renewal;
use keyrack_replica::{Input, KeptRenewal};

/// The longest that a device takes to ask for another token once it is told that its own opens
/// nothing, and to ask again where nobody answers.
const ASKING_MILLIS: u64 = 1_000;
/// The longest that somebody takes to sign in anew.
const SIGNING_IN_MILLIS: u64 = 6_000;
/// When a device asks for the next token, in hundredths of the time for which the present one opens
/// anything: one in three asks too late.
const EARLIEST: u64 = 40;
const LATEST: u64 = 130;

impl World {
    /// The token with which a device opens connections.
    pub(super) fn token(&self, device: usize) -> Option<String> {
        let running = self.devices[device].running.as_ref()?;
        Some(running.replica.session()?.token.clone())
    }

    /// Whoever signed in has a token, and the device asks for the next one when its time comes.
    pub(super) fn goes_on_with_tokens(&mut self, device: usize) -> Result<(), Broken> {
        let Some(token) = self.token(device) else {
            return Ok(());
        };
        if self.disk.tokens.knows(&token) {
            self.asks_in_time(device);
            return Ok(());
        }
        let token = self.gives_token(device);
        self.keeps_token(device, &token)
    }

    fn gives_token(&self, device: usize) -> Token {
        let who = self.devices[device].identity();
        self.disk.tokens.give(who, self.disk.wall())
    }

    fn keeps_token(&mut self, device: usize, token: &Token) -> Result<(), Broken> {
        let server_time = self.disk.wall();
        let now = self.devices[device].wall(self.time());
        if let Some(running) = &mut self.devices[device].running {
            let renewal = Renewal {
                token: "renewal".to_owned(),
                expires_at: token.until,
            };
            let renewal = KeptRenewal::received(renewal, server_time, now);
            running.replica.renew_session(token.text.clone(), renewal)?;
        }
        self.asks_in_time(device);
        Ok(())
    }

    fn asks_in_time(&mut self, device: usize) {
        if let Some(millis) = self.disk.tokens.lasts() {
            let hundredths = self.rng.u64(EARLIEST..LATEST);
            self.asks_at(device, self.now + millis * hundredths / 100);
        }
    }

    /// It asks at this moment, and at no other that was planned before.
    fn asks_at(&mut self, device: usize, at: u64) {
        let asking = &mut self.devices[device];
        asking.askings += 1;
        let (visit, asking) = (asking.visit(), asking.askings);
        self.at(at, Happening::AsksForToken(device, visit, asking));
    }

    /// A device asks for the next token of its session.
    pub(super) fn asks_for_token(&mut self, device: usize, visit: Visit, asking: u64) {
        let asks = &self.devices[device];
        if asks.visit() != visit || asks.askings != asking {
            return;
        }
        let Some(token) = self.token(device) else {
            return;
        };
        let asks = &self.devices[device];
        let is_cut_off = asks.deaf_server_until > self.now || asks.deaf_until > self.now;
        let server = self.server.as_ref().filter(|server| !server.is_stopping());
        if server.is_none() || is_cut_off || self.disk.is_away() {
            let at = self.now + self.rng.u64(1..=ASKING_MILLIS);
            self.asks_at(device, at);
        } else if self.disk.tokens.is_ended(&token) {
            self.within(SIGNING_IN_MILLIS, Happening::SignsInAnew(device, visit));
        } else {
            let token = self.gives_token(device);
            let at = self.now + self.faults.delay(&mut self.rng);
            self.at(at, Happening::TokenCame(device, visit, token));
        }
    }

    /// The next token is at the device, if whoever it is for still sits there.
    pub(super) fn token_came(
        &mut self,
        device: usize,
        visit: Visit,
        token: &Token,
    ) -> Result<(), Broken> {
        if self.devices[device].visit() != visit || self.devices[device].running.is_none() {
            return Ok(());
        }
        self.keeps_token(device, token)?;
        self.ledger.note(Event::Renewed { device });
        match self.devices[device].link {
            Some(_) => self.input(device, Input::Renewed(token.text.clone())),
            None => Ok(()),
        }
    }

    /// A device is told that its token opens nothing: it asks for another one, or somebody has to sign
    /// in.
    pub(super) fn doubts(&mut self, device: usize) -> Result<(), Broken> {
        if !self.disk.tokens.may_end() {
            return Err(Broken(format!("device {device} was signed out")));
        }
        self.ledger.note(Event::Doubted { device });
        if self.devices[device].running.is_some() {
            let at = self.now + self.rng.u64(1..=ASKING_MILLIS);
            self.asks_at(device, at);
        }
        Ok(())
    }

    /// Somebody ends the session of whoever sits at a device.
    pub(super) fn end_session(&mut self, device: usize) {
        let Some(token) = self.token(device) else {
            return;
        };
        if self.disk.tokens.end(&token) {
            self.ledger.note(Event::SessionEnded { device });
            self.tell_of_end(device);
        }
    }

    /// Whoever sat there signs in anew, if nobody else did.
    pub(super) fn signs_in_anew(&mut self, device: usize, visit: Visit) -> Result<(), Broken> {
        let sitting = &self.devices[device];
        if sitting.visit() != visit || sitting.running.is_none() {
            return Ok(());
        }
        let me = sitting.me.id;
        let me = self.people.iter().find(|person| person.id == me).cloned();
        match me {
            Some(me) => self.sign_in(device, me),
            None => Ok(()),
        }
    }
}
