//! Signing in and out. What waits to be sent is never touched by either.

use super::{Engine, House, Reply, confirmed::Confirmed};
use crate::{
    clock,
    server::{self, ServerAddress},
    trouble::Trouble,
};
use keyrack_model::{
    identity,
    ids::HotelOrigin,
    ipc::{Face, Problem, Receipt, Session, WaitingOf},
    limits,
    wire::{SignIn, SignedIn},
};
use keyrack_replica::{Input, KeptRenewal, LastSignIn, Replica, UserKey, UserSession};
use tokio::task::{JoinError, JoinSet};

/// How a sign-in ended, with whoever waits for it.
pub(super) struct SignInEnd {
    address: ServerAddress,
    hotel_code: String,
    key: UserKey,
    answer: Result<SignedIn, Problem>,
    /// Who was here when it began.
    turn: u64,
    reply: Reply<Receipt>,
}

impl Engine {
    /// Asks the server; the loop goes on meanwhile.
    pub(super) fn begin_sign_in(
        &mut self,
        server: &str,
        hotel: &str,
        name: &str,
        password: String,
        code: Option<String>,
        reply: Reply<Receipt>,
    ) {
        let address = match self.address_for_sign_in(server) {
            Ok(address) => address,
            Err(problem) => {
                let _ = reply.send(Err(problem));
                return;
            }
        };
        let key = match fresh_key() {
            Ok(key) => key,
            Err(problem) => {
                let _ = reply.send(Err(problem));
                return;
            }
        };
        let asked = SignIn {
            protocol: limits::PROTOCOL,
            hotel: hotel.trim().to_owned(),
            name: name.trim().to_owned(),
            password,
            code,
            person_key: Some(key.public_key()),
            device: self.installation.device.registration(),
            proof: None,
        };
        let device = self.installation.device.clone();
        let turn = self.turn;
        self.sign_ins.spawn(async move {
            SignInEnd {
                turn,
                answer: server::sign_in(&address, &asked, &device, clock::now()).await,
                address,
                hotel_code: asked.hotel,
                key,
                reply,
            }
        });
    }

    /// While somebody is here, nothing that a page says goes to any server but theirs.
    fn address_for_sign_in(&self, server: &str) -> Result<ServerAddress, Problem> {
        let address = ServerAddress::parse(server)?;
        let here = self
            .house
            .as_ref()
            .and_then(|house| house.replica.session());
        if here.is_some_and(|session| session.server != address.to_string()) {
            return Err(Problem::OtherServer);
        }
        if !self.sign_ins.is_empty() {
            return Err(Problem::TryLater { seconds: 1 });
        }
        Ok(address)
    }

    pub(super) fn end_sign_in(&mut self, end: Result<SignInEnd, JoinError>) {
        let end = match end {
            Ok(end) => end,
            Err(error) => {
                tracing::error!(%error, "a sign-in failed");
                return;
            }
        };
        let receipt = end.answer.and_then(|signed_in| {
            if signed_in.hotel != identity::hotel(&end.hotel_code) {
                tracing::error!("the server let somebody into another hotel than they named");
                return Err(Problem::ServerConfused);
            }
            let origin = signed_in.origin;
            let audit_key = signed_in.audit_key;
            let given_at = signed_in.server_time;
            let received = |renewal| KeptRenewal::received(renewal, given_at, clock::now());
            let session = UserSession {
                server: end.address.to_string(),
                hotel: signed_in.hotel,
                hotel_code: end.hotel_code,
                hotel_name: signed_in.hotel_name,
                me: signed_in.person,
                token: signed_in.token,
                renewal: signed_in.renewal.map(received),
                key: Some(end.key),
                password_given: signed_in.password_given,
            };
            // Somebody else has come meanwhile, and goes on.
            if end.turn != self.turn {
                give_back(&session);
                return Err(Problem::TryLater { seconds: 1 });
            }
            self.admit(session, origin, audit_key.as_deref())
        });
        // Nobody waits when the window closed meanwhile.
        let _ = end.reply.send(receipt);
    }

    fn admit(
        &mut self,
        session: UserSession,
        origin: HotelOrigin,
        audit_key: Option<&str>,
    ) -> Result<Receipt, Problem> {
        let hotel = session.hotel;
        let user = session.me.id;
        let mut other = match &self.house {
            Some(house) if house.hotel == hotel => None,
            _ => Some(House::open(&self.installation, hotel).map_err(not_opened)?),
        };
        let house = other.as_mut().or(self.house.as_mut());
        let kept = house
            .ok_or(Problem::Internal)?
            .with_store(|store| store.origin())?;
        if kept.is_some_and(|kept| kept != origin) {
            tracing::warn!(%hotel, server = session.server, "another hotel has the same code");
            give_back(&session);
            return Err(Problem::OtherHotel);
        }
        self.leave()?;
        if other.is_some() {
            self.house = other;
            self.look_elsewhere();
        }
        let house = self.house.as_mut().ok_or(Problem::Internal)?;
        let begun = session.clone();
        let kept = house.with_store(|store| {
            store.note_origin(origin)?;
            if let Some(key) = audit_key {
                store.note_audit_key(key)?;
            }
            store.begin_session(begun)
        });
        kept.inspect_err(|_| give_back(&session))?;
        self.follow_session();
        self.confirmed = Some(Confirmed::now());
        self.ended = None;
        // It has let this device in, or was not needed.
        self.installation.code = None;
        self.installation
            .folder
            .remember_hotel(hotel)
            .map_err(not_opened)?;
        tracing::info!(%hotel, %user, "signed in");
        self.tell_everything();
        self.feed(Input::SessionChanged);
        Ok(Receipt::Noted)
    }

    pub(super) fn sign_out(&mut self) -> Result<Receipt, Problem> {
        self.end_session()?;
        self.ended = None;
        self.tell_session();
        self.feed(Input::SessionChanged);
        Ok(Receipt::Noted)
    }

    /// Makes way for the next person: the session waits for its person's PIN, or ends.
    pub(super) fn leave(&mut self) -> Result<(), Problem> {
        if !self.step_aside()? {
            self.end_session()?;
        }
        Ok(())
    }

    /// Ends the session of whoever is signed in, and tells the server when it can be reached.
    fn end_session(&mut self) -> Result<(), Problem> {
        let session = self.house.as_ref();
        let session = session.and_then(|house| house.replica.session().cloned());
        if let (Some(house), Some(_)) = (&mut self.house, &session) {
            house.insist(Replica::end_session)?;
        }
        self.link = None;
        self.pin_key = None;
        // What still comes is not for the next session.
        self.fetches = JoinSet::new();
        let Some(session) = session else {
            return Ok(());
        };
        self.follow_session();
        give_back(&session);
        Ok(())
    }

    /// The server no longer knows the session; the sync session knows already.
    pub(super) fn forget_session(&mut self, reason: Problem) {
        let Some(house) = &mut self.house else {
            return;
        };
        if house.replica.session().is_none() {
            return;
        }
        tracing::info!("the server no longer knows the session");
        let ended = house.insist(Replica::end_session);
        self.fetches = JoinSet::new();
        if ended.is_ok() {
            self.pin_key = None;
            self.follow_session();
            self.ended = Some(reason);
            self.tell_session();
        }
    }

    /// The server hands nothing to this device any more: nobody goes on here.
    pub(super) fn forget_everybody(&mut self, reason: Problem) {
        if let Some(house) = &mut self.house {
            // What did not come about is in the log; it is asked for again with the next connection.
            let _ = house.insist(Replica::forget_pins);
        }
        self.forget_session(reason);
    }

    /// What somebody said at the start goes before what was last signed in to.
    pub(super) fn signed_out(
        &self,
        last: Option<LastSignIn>,
        waiting: Vec<WaitingOf>,
        faces: Vec<Face>,
    ) -> Session {
        let offered = &self.installation;
        let (server, hotel, hotel_name, name) = match last {
            Some(last) => (last.server, last.hotel_code, last.hotel_name, last.name),
            None => Default::default(),
        };
        Session::SignedOut {
            server: offered.server.clone().unwrap_or(server),
            hotel: offered.hotel.clone().unwrap_or(hotel),
            hotel_name,
            device_name: offered.device.registration().name,
            name,
            code: offered.code.clone().unwrap_or_default(),
            waiting,
            others: self.others.clone(),
            faces,
            ended: self.ended.clone(),
            key_in_file: self.key_in_file(),
        }
    }
}

/// With which somebody signs what they do from a sign-in on.
fn fresh_key() -> Result<UserKey, Problem> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| {
        tracing::error!(%error, "there is no randomness for a key");
        Problem::Internal
    })?;
    Ok(UserKey::of(secret))
}

/// Tells the server, when it can be reached, that nobody will use this session again. What it is
/// refreshed with says so too, and is known for longer: also when an answer with the next one was
/// lost.
fn give_back(session: &UserSession) {
    if let Ok(address) = ServerAddress::parse(&session.server) {
        let renewal = session.renewal.as_ref();
        let token = renewal
            .map_or(&session.token, |renewal| &renewal.token)
            .clone();
        tokio::spawn(async move { server::sign_out(&address, &token).await });
    }
}

pub(super) fn not_opened(trouble: Trouble) -> Problem {
    tracing::error!(%trouble, "the data of the hotel cannot be opened");
    match trouble {
        Trouble::DiskFull => Problem::DiskFull,
        _ => Problem::StoreUnavailable,
    }
}
