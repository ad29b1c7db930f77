//! The replica: one store, its documents in memory, its clock, and who is signed in.

mod act;
mod ask;
mod audit_heads;
mod left_out;
#[cfg(feature = "hostile")]
mod mortal;
mod other_hotel;
mod outbox;
mod proofs;
mod rebuild;
mod receive;
mod records;
mod recover;
mod refuse;
mod renew;
mod reopen;
mod rescue;
mod store_file;
mod switching;
mod working_set;

pub use left_out::LeftOut;
pub use other_hotel::other_hotel;
pub(crate) use outbox::Parcel;
pub use outbox::Pushed;
pub use receive::{Accepted, Received};
pub use refuse::Withdrawal;
pub use renew::{Copied, KeyRenewal};
pub use rescue::Rescued;
pub use store_file::{OpenError, StoreFile, damaged_aside};
pub use switching::{HasLeft, NotTried};

use crate::{
    documents::Documents,
    error::StoreError,
    store::{
        self, StoreKey,
        actions::{self, ActionId},
        actors, changes, lines, places, rows,
        settings::Setting,
        signatures, vault, waiting,
    },
    user_key::{UserKey, hexadecimal},
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_document::{ChangeHeader, DocumentError};
use keyrack_model::{
    action::Sequence,
    class::Class,
    ids::{ActorId, DeviceId, DocumentRef, HotelId, HotelOrigin, LogEpoch, OperationId, UserId},
    rows::Person,
    time::{HybridClock, Timestamp},
    wire::{DeviceRegistration, KnownPlace, Renewal, SignIn},
};
use reopen::Place;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::{Deserialize, Serialize};
use std::{cell::Cell, path::Path};
use uuid::Uuid;

/// A source of random ids, for actors.
pub type Fresh = Box<dyn FnMut() -> Uuid + Send>;

/// Identity of a device whose store does not exist yet.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewDevice {
    pub id: DeviceId,
    /// Ed25519 secret key.
    pub signing_key: [u8; 32],
    pub name: String,
}

impl NewDevice {
    /// How this device introduces itself to a server.
    pub fn registration(&self) -> DeviceRegistration {
        let public = SigningKey::from_bytes(&self.signing_key).verifying_key();
        DeviceRegistration {
            id: self.id,
            name: self.name.clone(),
            public_key: hexadecimal(public.as_bytes()),
        }
    }

    /// Signs a sign-in as coming from here, for the server at an address and at what may be its time.
    pub fn prove(&self, asked: SignIn, address: &str, at: Timestamp) -> SignIn {
        let key = SigningKey::from_bytes(&self.signing_key);
        asked.proved(address, at, |stated| key.sign(stated).to_bytes())
    }
}

/// Who is signed in, with what the server gave them.
#[derive(Clone, Serialize, Deserialize)]
pub struct UserSession {
    pub server: String,
    pub hotel: HotelId,
    pub hotel_code: String,
    pub hotel_name: String,
    pub me: Person,
    pub token: String,
    /// What the session goes on with when the token ends.
    #[serde(default)]
    pub renewal: Option<KeptRenewal>,
    /// With which they sign what they do. None in a session that an earlier version began.
    #[serde(default)]
    pub key: Option<UserKey>,
    /// Whether somebody else chose the password that it began with, as far as is known here.
    #[serde(default)]
    pub password_given: bool,
}

/// What a session goes on with when its token ends. How old the token is, is told by this device's
/// clock alone, and how old it gets by the server's: neither has to agree with the other.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRenewal {
    /// Good once.
    pub token: String,
    /// When the token that it came with was received, by this device's clock.
    pub received_at: Timestamp,
    /// How long that one was good then, in milliseconds.
    pub lasts_millis: i64,
}

impl KeptRenewal {
    /// As the server gave it at its `server_time`, and this device received it at `now`.
    pub fn received(renewal: Renewal, server_time: Timestamp, now: Timestamp) -> Self {
        Self {
            token: renewal.token,
            received_at: now,
            lasts_millis: renewal.expires_at.millis_since(server_time),
        }
    }
}

/// What prefills the sign-in form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LastSignIn {
    pub server: String,
    pub hotel_code: String,
    /// Empty as an earlier version kept it.
    #[serde(default)]
    pub hotel_name: String,
    pub name: String,
}

const DEVICE: Setting<NewDevice> = Setting::named("device");
const SESSION: Setting<UserSession> = Setting::named("session");
const LAST_SIGN_IN: Setting<LastSignIn> = Setting::named("last-sign-in");
const ORIGIN: Setting<HotelOrigin> = Setting::named("origin");
const EPOCH: Setting<LogEpoch> = Setting::named("epoch");
const CURSOR: Setting<Sequence> = Setting::named("cursor");
/// What this device has of the log up to its cursor.
const CLASSES: Setting<Vec<Class>> = Setting::named("classes");
/// The last place that was told and is no action's here.
const LAST_PLACE: Setting<KnownPlace> = Setting::named("last-record");
/// When the log was last brought back behind what this device has.
const LOST_AT: Setting<Timestamp> = Setting::named("lost-at");
const GRANT_UNTIL: Setting<Timestamp> = Setting::named("grant-until");
const SYNCED_AT: Setting<Timestamp> = Setting::named("synced-at");

/// The local engine. All of its functions finish at once and are durable when they return.
pub struct Replica {
    db: Connection,
    /// None of one that is gone with the process.
    place: Option<Place>,
    documents: Documents,
    clock: HybridClock,
    device: NewDevice,
    session: Option<UserSession>,
    /// Whether the session is kept under a PIN, and not in the open.
    is_sealed: bool,
    /// Under which the signed-in person writes in this process.
    actor: ActorId,
    cursor: Sequence,
    fresh: Fresh,
    /// How many rows this connection had ever changed when the outbox was counted last, and how many
    /// actions were in it.
    counted: Cell<Option<(u64, usize)>>,
}

impl Replica {
    /// Opens the store at `path`, or makes it for `new_device`.
    ///
    /// # Errors
    /// `WrongKeyOrCorrupt`, `NewerSchema`, or whatever the disk says. Nothing is deleted.
    pub fn open(
        path: &Path,
        key: &StoreKey,
        new_device: NewDevice,
        fresh: Fresh,
    ) -> Result<Self, StoreError> {
        let mut replica = Self::over(store::open(path, key)?, new_device, fresh)?;
        replica.place = Some(Place {
            path: path.to_owned(),
            key: key.clone(),
        });
        Ok(replica)
    }

    /// A replica that is gone with the process.
    pub fn open_in_memory(new_device: NewDevice, fresh: Fresh) -> Result<Self, StoreError> {
        Self::over(store::open_in_memory()?, new_device, fresh)
    }

    fn over(db: Connection, new_device: NewDevice, mut fresh: Fresh) -> Result<Self, StoreError> {
        let device = match DEVICE.get(&db)? {
            Some(device) => device,
            None => {
                DEVICE.set(&db, &new_device)?;
                new_device
            }
        };
        let replica = Self {
            documents: Documents::default(),
            clock: HybridClock::starting_at(actions::newest_time(&db, device.id)?),
            device,
            session: SESSION.get(&db)?,
            is_sealed: false,
            actor: ActorId(fresh()),
            cursor: CURSOR.get(&db)?.unwrap_or_default(),
            fresh,
            db,
            place: None,
            counted: Cell::new(None),
        };
        actors::retain(&replica.db, &replica.actors_of_waiting()?)?;
        if let Some(user) = replica.session.as_ref().map(|session| session.me.id) {
            actors::insert(&replica.db, replica.actor, user)?;
        }
        Ok(replica)
    }

    /// Actors under which something that waits was written.
    fn actors_of_waiting(&self) -> Result<Vec<ActorId>, StoreError> {
        let mut actors = Vec::new();
        for (id, _) in waiting::after(&self.db, ActionId::default(), usize::MAX)? {
            for change in changes::of_action(&self.db, id)? {
                let (header, _) =
                    ChangeHeader::parse(&change.bytes).map_err(DocumentError::from)?;
                actors.push(header.actor);
            }
        }
        Ok(actors)
    }

    /// How this device introduces itself to a server.
    pub fn registration(&self) -> DeviceRegistration {
        self.device.registration()
    }

    /// Who this device is, for the other stores of its installation.
    pub fn device(&self) -> &NewDevice {
        &self.device
    }

    /// Ed25519 signature of a batch by this device, 64 bytes.
    pub(crate) fn sign(&self, batch: &[u8]) -> Vec<u8> {
        let key = SigningKey::from_bytes(&self.device.signing_key);
        key.sign(batch).to_bytes().to_vec()
    }

    pub fn session(&self) -> Option<&UserSession> {
        self.session.as_ref()
    }

    /// Which of the hotels with its id these data are of; none before the first sign-in.
    pub fn origin(&self) -> Result<Option<HotelOrigin>, StoreError> {
        ORIGIN.get(&self.db)
    }

    /// Takes note, once, of which hotel these data are of.
    pub fn note_origin(&self, origin: HotelOrigin) -> Result<(), StoreError> {
        ORIGIN.set(&self.db, &origin)
    }

    /// Signs a person in, under an actor of their own. Their PIN of before is good for nothing. What
    /// waits of them is theirs by the key of this session, however long the server knows the others.
    pub fn begin_session(&mut self, session: UserSession) -> Result<(), StoreError> {
        self.write_as(session, |tx, session| {
            vault::remove(tx, session.me.id)?;
            if session.key.is_some() {
                signatures::forget_proofs_of(tx, session.me.id)?;
            }
            SESSION.set(tx, session)
        })?;
        self.is_sealed = false;
        Ok(())
    }

    /// Begins to write as a person whose session `keep` keeps. What was done again in their name
    /// while they were not here is signed.
    fn write_as(
        &mut self,
        session: UserSession,
        keep: impl FnOnce(&Connection, &UserSession) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let actor = ActorId((self.fresh)());
        let tx = begin(&mut self.db)?;
        keep(&tx, &session)?;
        LAST_SIGN_IN.set(
            &tx,
            &LastSignIn {
                server: session.server.clone(),
                hotel_code: session.hotel_code.clone(),
                hotel_name: session.hotel_name.clone(),
                name: session.me.name.clone(),
            },
        )?;
        actors::insert(&tx, actor, session.me.id)?;
        records::narrow(&tx, &session.me, self.device.id)?;
        proofs::give_all(&tx, &session, self.device.id)?;
        tx.commit()?;
        self.actor = actor;
        self.session = Some(session);
        Ok(())
    }

    /// Goes on with the next tokens of the session; with nobody signed in nothing happens. One that
    /// has a PIN is to be sealed again.
    pub fn renew_session(&mut self, token: String, renewal: KeptRenewal) -> Result<(), StoreError> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        let session = UserSession {
            token,
            renewal: Some(renewal),
            ..session.clone()
        };
        if !self.is_sealed {
            SESSION.set(&self.db, &session)?;
        }
        self.session = Some(session);
        Ok(())
    }

    /// The person has a password of their own choice; with nobody signed in nothing happens. A session
    /// that has a PIN is to be sealed again.
    pub fn note_own_password(&mut self) -> Result<(), StoreError> {
        let Some(session) = &self.session else {
            return Ok(());
        };
        let session = UserSession {
            password_given: false,
            ..session.clone()
        };
        if !self.is_sealed {
            SESSION.set(&self.db, &session)?;
        }
        self.session = Some(session);
        Ok(())
    }

    /// Signs the person out, for whom no PIN is good any more. What waits stays and is sent after
    /// the next sign-in.
    pub fn end_session(&mut self) -> Result<(), StoreError> {
        let tx = begin(&mut self.db)?;
        if let Some(session) = &self.session {
            vault::remove(&tx, session.me.id)?;
        }
        SESSION.clear(&tx)?;
        tx.commit()?;
        self.session = None;
        self.is_sealed = false;
        Ok(())
    }

    pub fn last_sign_in(&self) -> Result<Option<LastSignIn>, StoreError> {
        last_sign_in(&self.db)
    }

    /// What the hotel is called, by its document; None before that is here.
    pub fn hotel_name(&self) -> Result<Option<String>, StoreError> {
        rows::hotel_name(&self.db)
    }

    /// The last log entry that this device has.
    pub fn cursor(&self) -> Sequence {
        self.cursor
    }

    /// The last place of the log of which this device can tell what is there.
    pub(crate) fn known_place(&self) -> Result<Option<KnownPlace>, StoreError> {
        // A document may be handed out by a log that this device has not agreed with yet: a story
        // counts where nothing else is known.
        let told = match places::last_place(&self.db)? {
            Some(place) => Some(place),
            None => lines::last_place(&self.db)?,
        };
        let places = [told, LAST_PLACE.get(&self.db)?];
        Ok(places.into_iter().flatten().max_by_key(|it| it.sequence))
    }

    pub(crate) fn epoch(&self) -> Result<Option<LogEpoch>, StoreError> {
        EPOCH.get(&self.db)
    }

    pub(crate) fn synced_at(&self) -> Result<Option<Timestamp>, StoreError> {
        SYNCED_AT.get(&self.db)
    }

    pub(crate) fn grant_until(&self) -> Result<Option<Timestamp>, StoreError> {
        GRANT_UNTIL.get(&self.db)
    }

    pub(crate) fn note_grant(&self, until: Timestamp) -> Result<(), StoreError> {
        GRANT_UNTIL.set(&self.db, &until)
    }

    pub(crate) fn note_synced(&self, now: Timestamp) -> Result<(), StoreError> {
        SYNCED_AT.set(&self.db, &now)
    }
}

/// Under whose name and actor an action is written.
#[derive(Clone, Copy)]
struct Author {
    hotel: HotelId,
    user: UserId,
    role: keyrack_model::policy::Role,
    actor: ActorId,
    device: DeviceId,
}

/// What an action is, before its changes are known.
#[derive(Clone, Copy)]
struct Intent<'a> {
    operation: OperationId,
    at: keyrack_model::time::HybridTime,
    command: &'a keyrack_model::command::Command,
}

/// What was signed in to last, by the name that it has by now.
fn last_sign_in(db: &Connection) -> Result<Option<LastSignIn>, StoreError> {
    let Some(last) = LAST_SIGN_IN.get(db)? else {
        return Ok(None);
    };
    let hotel_name = rows::hotel_name(db)?.unwrap_or(last.hotel_name);
    Ok(Some(LastSignIn { hotel_name, ..last }))
}

fn begin(db: &mut Connection) -> Result<Transaction<'_>, StoreError> {
    Ok(db.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Each document once, in order of first mention.
fn distinct(documents: impl IntoIterator<Item = DocumentRef>) -> Vec<DocumentRef> {
    let mut seen = std::collections::HashSet::new();
    documents
        .into_iter()
        .filter(|document| seen.insert(*document))
        .collect()
}
