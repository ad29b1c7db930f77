//! A device: its store in a file, the replica over it while it runs, and what its people were
//! told is done.

mod store;

use super::{hotel, link::LinkId};
use ed25519_dalek::SigningKey;
use keyrack_model::{
    ids::{DeviceId, DocumentRef, OperationId, SessionId, UserId},
    rows::Person,
    time::Timestamp,
};
use keyrack_replica::{
    Effect, Input, NewDevice, Replica, StoreError, StoreKey, SyncSession, UserKey, UserSession,
};
use keyrack_server::session::{AuthorKey, Identity};
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use store::Files;
use uuid::Uuid;

pub(super) struct Device {
    number: usize,
    store: PathBuf,
    /// Everybody who has signed in here.
    people: BTreeSet<UserId>,
    /// Every key that somebody showed at a sign-in here.
    keys: Vec<AuthorKey>,
    pub me: Person,
    /// Whether it begins with what the server hands out; otherwise it reads the log.
    pub fetches: bool,
    /// Sign-ins so far.
    sign_ins: u64,
    /// How far its wall clock is ahead, in milliseconds.
    pub skew: i64,
    /// Starts so far.
    pub life: u64,
    /// None while it is down.
    pub running: Option<Running>,
    pub link: Option<LinkId>,
    /// Whether it said last that it is in step with the server.
    pub is_online: bool,
    /// Nothing reaches the server from here until then.
    pub deaf_server_until: u64,
    /// Nothing reaches here from the server until then.
    pub deaf_until: u64,
    /// What its people were told is done, in order; forgotten only where a copy was put back.
    pub done: Vec<OperationId>,
    /// What they read of that as refused, and put away.
    pub put_away: BTreeSet<OperationId>,
    /// What they want to see with all of its story.
    pub opened: BTreeSet<DocumentRef>,
    /// Whether it shows that people have to look after the server.
    pub asks_people: bool,
    backup: Option<Backup>,
}

/// Of every store.
const KEY: [u8; 32] = [7; 32];

/// One person's time at a device between two starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Visit {
    life: u64,
    sign_ins: u64,
}

pub(super) struct Running {
    pub replica: Replica,
    pub sync: SyncSession,
    pub fuse: Fuse,
}

/// How many more transactions come about before a device is killed.
#[derive(Clone)]
pub(super) struct Fuse(Arc<AtomicI64>);

impl Fuse {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MAX)))
    }

    pub fn light(&self, transactions: i64) {
        self.0.store(transactions, Ordering::Relaxed);
    }

    pub fn put_out(&self) {
        self.light(i64::MAX);
    }

    pub fn has_burnt(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }

    /// Whether one more transaction comes about.
    fn burns(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) > 0
    }
}

struct Backup {
    files: Files,
    done: Vec<OperationId>,
    put_away: BTreeSet<OperationId>,
    opened: BTreeSet<DocumentRef>,
}

/// The id of the first one.
const FIRST: u128 = 0xD000;

pub(super) fn id(number: usize) -> DeviceId {
    DeviceId(Uuid::from_u128(FIRST + number as u128))
}

pub(super) fn number(id: DeviceId) -> usize {
    (id.0.as_u128() - FIRST) as usize
}

impl Device {
    /// A device that is still in its box.
    pub fn new(number: usize, folder: &Path, me: Person, skew: i64, fetches: bool) -> Self {
        Self {
            number,
            store: folder.join(format!("{number}.store")),
            people: BTreeSet::new(),
            keys: Vec::new(),
            me,
            fetches,
            sign_ins: 0,
            skew,
            life: 0,
            running: None,
            link: None,
            is_online: false,
            deaf_server_until: 0,
            deaf_until: 0,
            done: Vec::new(),
            put_away: BTreeSet::new(),
            opened: BTreeSet::new(),
            asks_people: false,
            backup: None,
        }
    }

    /// Opens its store; whoever was signed in still is.
    pub fn start(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.life += 1;
        let source = (self.number as u64 + 1) * 10_000 + self.life;
        let (key, fresh) = (StoreKey(KEY), hotel::fresh(source));
        let mut replica = Replica::open(&self.store, &key, self.new_device(), fresh)?;
        match replica.session() {
            Some(session) => self.me = session.me.clone(),
            None => replica.begin_session(self.new_session())?,
        }
        self.people.insert(self.me.id);
        let mut sync = SyncSession::new(self.wall(now), source);
        if self.fetches {
            sync = sync.that_fetches();
        }
        let fuse = Fuse::new();
        let burning = fuse.clone();
        replica.commits_while(move || burning.burns())?;
        self.running = Some(Running {
            replica,
            sync,
            fuse,
        });
        Ok(())
    }

    /// Another person takes over.
    pub fn sign_in(&mut self, me: Person) -> Result<(), StoreError> {
        self.people.insert(me.id);
        self.me = me;
        self.sign_ins += 1;
        let session = self.new_session();
        match &mut self.running {
            Some(running) => running.replica.begin_session(session),
            None => Ok(()),
        }
    }

    /// A sign-in of whoever is here, with a key that is shown to the server.
    fn new_session(&mut self) -> UserSession {
        let mut secret = [0xA5; 32];
        secret[..8].copy_from_slice(&(self.number as u64).to_be_bytes());
        secret[8..16].copy_from_slice(&(self.keys.len() as u64).to_be_bytes());
        self.keys.push(AuthorKey {
            author: self.me.id,
            key: SigningKey::from_bytes(&secret).verifying_key().to_bytes(),
        });
        hotel::session_with(self.me.clone(), UserKey::of(secret))
    }

    /// What it asks for now is answered to nobody else.
    pub fn visit(&self) -> Visit {
        Visit {
            life: self.life,
            sign_ins: self.sign_ins,
        }
    }

    /// What its own clock says at a moment of the world.
    pub fn wall(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0 + self.skew)
    }

    /// Ends its process as a kill does: what the store's files hold at this moment is all that
    /// is left.
    pub fn kill(&mut self) -> io::Result<()> {
        let files = self.files()?;
        self.running = None;
        self.link = None;
        self.is_online = false;
        self.asks_people = false;
        self.put_back(&files)
    }

    pub fn has_backup(&self) -> bool {
        self.backup.is_some()
    }

    pub fn back_up(&mut self) -> io::Result<()> {
        self.backup = Some(Backup {
            files: self.files()?,
            done: self.done.clone(),
            put_away: self.put_away.clone(),
            opened: self.opened.clone(),
        });
        Ok(())
    }

    /// Puts the copy of its store back, if there is one. What was done since is forgotten here.
    pub fn restore(&mut self) -> io::Result<bool> {
        let Some(backup) = self.backup.take() else {
            return Ok(false);
        };
        self.put_back(&backup.files)?;
        self.done = backup.done;
        self.put_away = backup.put_away;
        self.opened = backup.opened;
        Ok(true)
    }

    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<Vec<Effect>, StoreError> {
        let now = self.wall(now);
        match &mut self.running {
            Some(Running { replica, sync, .. }) => sync.handle(replica, now, input),
            None => Ok(Vec::new()),
        }
    }

    /// What the server establishes about a connection from here.
    pub fn identity(&self) -> Identity {
        Identity {
            hotel: hotel::id(),
            user: self.me.id,
            device: self.new_device().id,
            session: SessionId(Uuid::from_u128(u128::from(self.sign_ins))),
            key: SigningKey::from_bytes(&self.new_device().signing_key).verifying_key(),
            people: self.people.iter().copied().collect(),
            keys: self.keys.clone(),
            // Everybody shows one when they sign in.
            unkeyed: Vec::new(),
        }
    }

    fn new_device(&self) -> NewDevice {
        let mut signing_key = [0; 32];
        signing_key[..8].copy_from_slice(&(self.number as u64 + 1).to_be_bytes());
        NewDevice {
            id: id(self.number),
            signing_key,
            name: format!("device {}", self.number),
        }
    }
}

#[cfg(test)]
mod transactions;
