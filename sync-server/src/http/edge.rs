//! What is refused before anybody looks closer: too many strangers of one address, too many tokens
//! that open nothing, and a device or a person that is handed out more than they could need.
//!
//! **Architecture Invariant**: whoever is refused is told when to come again. Nobody is refused for what
//! another address did; and for what others at the same address did nobody is whose token has opened
//! something or was issued lately, nor whoever signs in on a device that proves to be one on which
//! somebody did lately. Of those that the server has not heard of since it started, some are looked up
//! whatever their address did.

mod heard;

use super::{REFRESH, SIGN_IN, State, sync::bearer};
use crate::{
    accounts::{AccountError, ProvenDevice, Token},
    bucket::{Buckets, Cost},
    peer::{Neighbourhood, Peer, TrustedProxies},
    session::Identity,
};
use axum::{
    body::HttpBody,
    extract::{Request, State as Extracted},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use heard::Heard;
use keyrack_model::{
    audit_head::hexadecimal,
    ids::{DeviceId, HotelId, UserId},
    limits::{
        ADDRESSES_KEPT, ALLOWANCES_KEPT, BINDING_ALLOWANCE, DEVICE_SIGN_INS, DEVICES_KEPT,
        HANDOUT_ALLOWANCE, IMPORT_ALLOWANCE, IMPORT_COST, IMPORTS_AT_ONCE, LOOKUP_ALLOWANCE,
        MAX_BODY, MAX_DEVICE_SIGN_IN, MAX_IMPORT_BODY, NEW_ACTOR_COST, PERSONAL_HANDOUT_ALLOWANCE,
        REQUEST_ALLOWANCE, STRANGERS_ALLOWANCE, TOKENS_KEPT,
    },
    time::Timestamp,
};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

/// The address that a connection comes from, as an extension of its requests.
#[derive(Clone, Copy)]
pub(super) struct Socket(pub(super) IpAddr);

/// With an answer: the token that was shown is of nothing.
#[derive(Clone, Copy)]
pub(super) struct FoundNothing;

/// With a request of an address that has asked too much: its token is looked at all the same, and that
/// is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LookedAt;

/// With a sign-in whose address has used up what strangers may ask: the milliseconds after which it
/// may come again. Only a device of the hotel's goes on with it.
#[derive(Clone, Copy)]
pub(super) struct Beyond(u32);

/// What is remembered of who asked. Clones share it.
#[derive(Clone)]
pub struct Edge {
    proxies: TrustedProxies,
    known: Arc<Mutex<Known>>,
    /// Files that are read at once.
    import_seats: Arc<Semaphore>,
}

struct Known {
    /// Of whomever, whatever they ask.
    requests: Buckets<Neighbourhood>,
    strangers: Buckets<Neighbourhood>,
    /// Of those whose token opened nothing.
    guesses: Buckets<Neighbourhood>,
    /// Of those whose token refreshed nothing.
    refreshes: Buckets<Neighbourhood>,
    /// What is looked up of those whose allowance is used up.
    lookups: Buckets<(Neighbourhood, Lookup)>,
    sign_ins: Buckets<(HotelId, DeviceId)>,
    bindings: Buckets<(HotelId, DeviceId)>,
    devices: Buckets<(HotelId, DeviceId)>,
    /// On all of their devices together.
    people: Buckets<(HotelId, UserId)>,
    /// Of people and programs that bring files in.
    importers: Buckets<(HotelId, Uuid)>,
    tokens: Heard,
    /// By hotel, id and key, on which somebody is signed in.
    heard_devices: Heard,
}

/// What is looked up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Lookup {
    Token,
    Refresh,
    Device,
}

pub(super) const ONE: Cost = Cost {
    operations: 1,
    bytes: 1,
};

impl Edge {
    /// One that remembers nobody yet.
    pub fn new(proxies: TrustedProxies) -> Self {
        let known = Known {
            requests: Buckets::new(REQUEST_ALLOWANCE, ADDRESSES_KEPT),
            strangers: Buckets::new(STRANGERS_ALLOWANCE, ADDRESSES_KEPT),
            guesses: Buckets::new(STRANGERS_ALLOWANCE, ADDRESSES_KEPT),
            refreshes: Buckets::new(STRANGERS_ALLOWANCE, ADDRESSES_KEPT),
            lookups: Buckets::new(LOOKUP_ALLOWANCE, ADDRESSES_KEPT),
            sign_ins: Buckets::new(DEVICE_SIGN_INS, ALLOWANCES_KEPT),
            bindings: Buckets::new(BINDING_ALLOWANCE, ALLOWANCES_KEPT),
            devices: Buckets::new(HANDOUT_ALLOWANCE, ALLOWANCES_KEPT),
            people: Buckets::new(PERSONAL_HANDOUT_ALLOWANCE, ALLOWANCES_KEPT),
            importers: Buckets::new(IMPORT_ALLOWANCE, ALLOWANCES_KEPT),
            tokens: Heard::new(TOKENS_KEPT),
            heard_devices: Heard::new(DEVICES_KEPT),
        };
        Self {
            proxies,
            known: Arc::new(Mutex::new(known)),
            import_seats: Arc::new(Semaphore::new(IMPORTS_AT_ONCE)),
        }
    }

    /// Somebody or a program sends a file of such a length.
    ///
    /// # Errors
    /// `Crowded` when they have sent too many, or too much.
    pub(super) fn imports(
        &self,
        whose: (HotelId, Uuid),
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let cost = Cost {
            operations: IMPORT_COST,
            bytes: stated(headers).min(MAX_IMPORT_BODY as u64),
        };
        let taken = self.known().importers.take(whose, cost, now);
        taken.map_err(AccountError::crowded)
    }

    /// A place among those whose files are read, once there is one.
    pub(super) async fn import_seat(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        self.import_seats.clone().acquire_owned().await
    }

    /// Somebody who is known asks for something on their device.
    ///
    /// # Errors
    /// `Crowded` when one of both has asked for too much; nothing is taken from the other.
    pub(super) fn asks(&self, who: &Identity, now: Timestamp) -> Result<(), AccountError> {
        let mut known = self.known();
        let (device, person) = ((who.hotel, who.device), (who.hotel, who.user));
        let have = [
            known.devices.has(device, ONE, now),
            known.people.has(person, ONE, now),
        ];
        if let Some(wait) = have.into_iter().filter_map(Result::err).max() {
            return Err(AccountError::crowded(wait));
        }
        known.devices.charge(device, ONE, now);
        known.people.charge(person, ONE, now);
        Ok(())
    }

    /// Somebody who is known wants actors bound to their device, so many of them for the first time.
    ///
    /// # Errors
    /// `Crowded` when the device has had too many bound.
    pub(super) fn binds(
        &self,
        who: &Identity,
        fresh: usize,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let cost = Cost {
            operations: 1 + NEW_ACTOR_COST * fresh as u64,
            bytes: 0,
        };
        let device = (who.hotel, who.device);
        let taken = self.known().bindings.take(device, cost, now);
        taken.map_err(AccountError::crowded)
    }

    /// What they were given counts against what they ask for later.
    pub(super) fn gave(&self, who: &Identity, bytes: u64, now: Timestamp) {
        let cost = Cost {
            operations: 0,
            bytes,
        };
        let mut known = self.known();
        known.devices.charge((who.hotel, who.device), cost, now);
        known.people.charge((who.hotel, who.user), cost, now);
    }

    /// Somebody asks for something, whatever it is. Some of those whose token is of nobody known are
    /// looked at where their address has asked too much.
    ///
    /// # Errors
    /// `Crowded` when their address has asked too much, and they show no token that is known.
    pub(super) fn knocks(
        &self,
        peer: Peer,
        shown: Option<&Token>,
        now: Timestamp,
    ) -> Result<Option<LookedAt>, AccountError> {
        let mut known = self.known();
        match known.requests.take(peer.into(), ONE, now) {
            Ok(()) => Ok(None),
            Err(_) if known.has_heard_of(shown) => Ok(None),
            Err(wait) if shown.is_some() => {
                let looked_up = known.look_up(peer, Lookup::Token, wait, now);
                looked_up.map(|()| Some(LookedAt))
            }
            Err(wait) => Err(AccountError::crowded(wait)),
        }
    }

    /// Somebody shows what may be a token.
    ///
    /// # Errors
    /// `Crowded` when too many of the address had none that opened anything.
    fn shows(
        &self,
        peer: Peer,
        shown: Option<&Token>,
        looked_at: Option<LookedAt>,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mut known = self.known();
        if looked_at.is_some() || known.has_heard_of(shown) {
            return Ok(());
        }
        let has = known.guesses.has(peer.into(), ONE, now);
        has.or_else(|wait| known.look_up(peer, Lookup::Token, wait, now))
    }

    /// What they showed opens nothing.
    fn opened_nothing(&self, peer: Peer, shown: Option<&Token>, now: Timestamp) {
        let mut known = self.known();
        known.forget(shown);
        known.guesses.charge(peer.into(), ONE, now);
    }

    /// A token was issued, or has opened something.
    pub(super) fn note(&self, token: &str) {
        self.known().tokens.note(token);
    }

    /// Somebody is signed in on a device.
    pub(super) fn note_device(&self, device: &ProvenDevice) {
        self.known().heard_devices.note(&called(device));
    }

    /// Whether somebody was signed in on a device lately.
    pub(super) fn has_heard_of(&self, device: &ProvenDevice) -> bool {
        self.known().heard_devices.knows(&called(device))
    }

    /// A device is looked up of which nobody has heard, and whose address has used up what strangers
    /// may ask.
    ///
    /// # Errors
    /// `Crowded` when too many of the address were.
    pub(super) fn looks_up(
        &self,
        peer: Peer,
        Beyond(wait): Beyond,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        self.known().look_up(peer, Lookup::Device, wait, now)
    }

    /// Somebody signs in on a device of the hotel's, whatever its address asks.
    ///
    /// # Errors
    /// `Crowded` when too many did on the device.
    pub(super) fn signs_in(
        &self,
        device: &ProvenDevice,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let device = (device.hotel, device.id);
        let taken = self.known().sign_ins.take(device, ONE, now);
        taken.map_err(AccountError::crowded)
    }

    /// Somebody wants to refresh a session, with what may be a token.
    ///
    /// # Errors
    /// `Crowded` when too many of the address had none that did.
    pub(super) fn refreshes(
        &self,
        peer: Peer,
        shown: Option<&Token>,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mut known = self.known();
        if known.has_heard_of(shown) {
            return Ok(());
        }
        let has = known.refreshes.has(peer.into(), ONE, now);
        has.or_else(|wait| known.look_up(peer, Lookup::Refresh, wait, now))
    }

    /// What they showed refreshes nothing.
    pub(super) fn refreshed_nothing(&self, peer: Peer, shown: Option<&Token>, now: Timestamp) {
        let mut known = self.known();
        known.forget(shown);
        known.refreshes.charge(peer.into(), ONE, now);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn has_heard_of(&self, shown: Option<&Token>) -> bool {
        shown.is_some_and(|token| self.tokens.knows(&token.to_string()))
    }

    /// # Errors
    /// `Crowded` when too much was looked up, with the wait of what was used up before.
    fn look_up(
        &mut self,
        peer: Peer,
        what: Lookup,
        wait: u32,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let taken = self.lookups.take((peer.into(), what), ONE, now);
        taken.map_err(|sooner| AccountError::crowded(sooner.min(wait)))
    }

    fn forget(&mut self, shown: Option<&Token>) {
        if let Some(token) = shown {
            self.tokens.forget(&token.to_string());
        }
    }
}

/// Tells whose request it is, and counts it, whether there is anything under its path or not. Signing in
/// and refreshing have bounds of their own, beyond which a device of the hotel's goes on.
pub(super) async fn count(
    Extracted(state): Extracted<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let edge = &state.edge;
    // Without a socket nobody is told from anybody else.
    let socket = request.extensions().get::<Socket>();
    let socket = socket.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Socket(address)| {
        *address
    });
    let peer = edge.proxies.peer(socket, request.headers());
    request.extensions_mut().insert(peer);
    let shown = bearer(request.headers()).ok();
    let counted = edge.knocks(peer, shown.as_ref(), state.hotels.now());
    match counted {
        Err(error) if !is_bounded_otherwise(request.uri().path()) => return error.into_response(),
        Ok(Some(looked_at)) => {
            request.extensions_mut().insert(looked_at);
        }
        Ok(None) | Err(_) => {}
    }
    next.run(request).await
}

fn is_bounded_otherwise(path: &str) -> bool {
    matches!(path, SIGN_IN | REFRESH)
}

/// Holds up whoever guesses tokens. A password that is guessed beside a token that opens is counted where
/// passwords are checked, and no token is forgotten for it.
pub(super) async fn admit(
    Extracted(state): Extracted<State>,
    request: Request,
    next: Next,
) -> Response {
    let edge = &state.edge;
    let peer = request.extensions().get::<Peer>().copied();
    let Some(peer) = peer else {
        return next.run(request).await;
    };
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return next.run(request).await;
    }
    let now = state.hotels.now();
    let shown = bearer(request.headers()).ok();
    let looked_at = request.extensions().get::<LookedAt>().copied();
    if let Err(error) = edge.shows(peer, shown.as_ref(), looked_at, now) {
        return error.into_response();
    }
    let response = next.run(request).await;
    if response.extensions().get::<FoundNothing>().is_some() {
        edge.opened_nothing(peer, shown.as_ref(), now);
    }
    response
}

/// For a route that takes bodies of whoever comes: counts them before they are read. One that is beyond
/// what its address may ask goes on only as one that might be of a device of the hotel's.
pub(super) async fn strangers(
    Extracted(state): Extracted<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let cost = Cost {
        operations: 1,
        bytes: length(request.headers()),
    };
    if let Some(peer) = peer {
        let now = state.hotels.now();
        let taken = state.edge.known().strangers.take(peer.into(), cost, now);
        if let Err(wait) = taken {
            if cost.bytes > MAX_DEVICE_SIGN_IN {
                return AccountError::crowded(wait).into_response();
            }
            request.extensions_mut().insert(Beyond(wait));
        }
    }
    next.run(request).await
}

impl Beyond {
    /// The answer to whoever is no device of the hotel's.
    pub(super) fn refusal(self) -> AccountError {
        AccountError::crowded(self.0)
    }
}

/// A device as it is remembered.
fn called(device: &ProvenDevice) -> String {
    let key = hexadecimal(device.key.as_bytes());
    format!("{} {} {key}", device.hotel, device.id)
}

/// Counts an answer against what its device and its person may be given.
pub(super) fn handed_out(state: &State, who: &Identity, response: Response) -> Response {
    let bytes = response.body().size_hint().lower();
    state.edge.gave(who, bytes, state.hotels.now());
    response
}

/// Bytes of a body that are read at most.
fn length(headers: &HeaderMap) -> u64 {
    stated(headers).min(MAX_BODY as u64)
}

/// What a body says of its length. One that does not may be of any.
fn stated(headers: &HeaderMap) -> u64 {
    let stated = headers.get(header::CONTENT_LENGTH);
    let stated = stated.and_then(|length| length.to_str().ok()?.parse().ok());
    stated.unwrap_or(u64::MAX)
}

const _: () = {
    assert!(STRANGERS_ALLOWANCE.bytes.at_once >= MAX_BODY as u64);
    assert!(IMPORT_ALLOWANCE.bytes.at_once >= MAX_IMPORT_BODY as u64);
};
