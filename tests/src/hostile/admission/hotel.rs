//! A hotel at the gate, and what has to be so of everything in it.

use keyrack_document::Document;
use keyrack_model::{
    action::Action,
    command::Command,
    identity,
    ids::{ActorId, DocumentRef, OperationId, UserId},
    invariants,
    policy::Role,
    record::{Payload, Record, RecordRef},
    refusal::Refusal,
};
use keyrack_server::{
    gate::{Author, Draft, Gate, Judgement, ReadAction, Shelf, rule_documents},
    log::{ActorBinding, KnownRecord, StoredChange, review::Standing},
    pretend::{Device, HOTEL, INES, NOW, documents, opening, people},
};
use std::collections::{BTreeSet, HashMap};

/// Documents as the log has them, and who may write.
pub struct Hotel {
    shelf: Shelf,
    standing: Standing,
    actors: HashMap<ActorId, ActorBinding>,
    past: HashMap<OperationId, Action>,
    records: HashMap<RecordRef, KnownRecord>,
    log: Vec<StoredChange>,
}

impl Hotel {
    /// The house before anybody acts.
    pub fn open() -> Self {
        let log: Vec<StoredChange> = opening().iter().flat_map(stored).collect();
        let mut shelf = Shelf::default();
        assert!(shelf.load(&documents(), &log).is_empty());
        let mut standing = Standing::of(&people());
        // Somebody has to be who may erase a guest.
        standing.roles.insert(INES, Role::Manager);
        Self {
            shelf,
            standing,
            records: HashMap::new(),
            actors: HashMap::new(),
            past: opening()
                .iter()
                .map(|action| (action.operation, action.clone()))
                .collect(),
            log,
        }
    }

    pub fn role_of(&self, user: UserId) -> Role {
        self.standing.roles[&user]
    }

    /// The device's actor is its person's.
    pub fn bind(&mut self, device: &Device) {
        let binding = ActorBinding {
            actor: device.actor,
            user: device.user,
            device: device.id,
        };
        self.actors.insert(device.actor, binding);
    }

    /// Judges an action as a hotel's loop does, keeps it when it is admitted, and looks at what
    /// became of the documents.
    pub fn judge(&mut self, device: &Device, action: Action) -> Result<(), Refusal> {
        let needed = invariants::references(&action.command).into_iter();
        let written = action.changes.iter().map(|change| change.document);
        let needed: BTreeSet<_> = needed.chain(written).chain([HOTEL.into()]).collect();
        let missing = self.shelf.open(needed.into_iter());
        self.shelf.load(&missing, &[]);
        let read = ReadAction::of(action);
        for _ in 0..2 {
            let of_rules = rule_documents(HOTEL, [&read].into_iter(), &self.shelf);
            let missing = self.shelf.open(of_rules.into_iter());
            self.shelf.load(&missing, &[]);
        }
        let gate = Gate {
            hotel: HOTEL,
            actors: &self.actors,
            past: &self.past,
            records: &self.records,
            standing: &self.standing,
            now: NOW,
        };
        let mut draft = Draft::on(&self.shelf);
        let judgement = gate.judge(&read, Author::People(device.id), &mut draft);
        let written = draft.written();
        match judgement {
            Judgement::Admitted(entry) => {
                assert_eq!(entry.action, read.action);
                let of = read.action.command.record();
                assert_eq!(entry.record.as_ref().map(Record::reference), of);
                if let Some(record) = entry.record {
                    assert_eq!(read.action.changes, []);
                    self.keep(&record, &read.action.command);
                }
                self.shelf.keep(written);
                self.log.extend(stored(&read.action));
                let changes = read.action.changes.iter();
                let touched: Vec<_> = changes.map(|change| change.document).collect();
                self.past.insert(read.action.operation, read.action);
                touched
                    .into_iter()
                    .for_each(|document| self.check(document));
                Ok(())
            }
            Judgement::Refused(refusal) | Judgement::Kept { refusal, .. } => {
                assert!(written.is_empty(), "a refused action wrote to a document");
                Err(refusal)
            }
            Judgement::NotNow { .. } => panic!("the gate could not read a document"),
            Judgement::Needs(earlier) => panic!("{earlier:?} were admitted and are not known"),
        }
    }

    /// A record goes on by one version, and says what was asked for or nothing.
    fn keep(&mut self, record: &Record, command: &Command) {
        let before = self.records.get(&record.reference());
        let (version, is_erased) = before.map_or((0, true), |it| (it.version, it.is_erased));
        assert_eq!(record.version, version + 1);
        match (&record.payload, command) {
            (
                Payload::Guest(kept),
                Command::EditGuest {
                    expected, guest, ..
                },
            ) => {
                assert_eq!(*expected, version);
                assert_eq!((kept, kept.checked().as_ref()), (guest, Ok(guest)));
            }
            (Payload::Erased, Command::EraseGuest { .. }) => assert!(!is_erased),
            other => panic!("{other:?}"),
        }
        let known = KnownRecord {
            record: record.reference(),
            version: record.version,
            is_erased: record.payload == Payload::Erased,
        };
        self.records.insert(known.record, known);
    }

    /// A document is saved and read again, is read from the log's changes, and keeps what holds
    /// of its kind.
    fn check(&self, reference: DocumentRef) {
        let shelved = self.shelf.get(reference).expect("it was just kept");
        let document = &shelved.document;
        let saved = Document::load(reference, &document.save()).expect("a saved document loads");
        same(&saved, document);
        let mut restarted = Shelf::default();
        let unreadable = restarted.load(&[reference], &self.log);
        assert!(unreadable.is_empty(), "{unreadable:?}");
        let read = restarted.get(reference).expect("it was read");
        same(&read.document, document);
        // The genesis, which nobody sends, is counted only where changes were read.
        let genesis = ActorId(identity::genesis_actor(reference));
        let sent = |last: &HashMap<ActorId, u64>| {
            let mut last = last.clone();
            last.remove(&genesis);
            last
        };
        assert_eq!(sent(&read.last), sent(&shelved.last));
        invariants::check(&document.reading().entity).expect("what holds of every entity");
    }

    /// The device, which received everything, has what the hotel has.
    pub fn agrees_with(&self, device: &mut Device) {
        let written = self.log.iter().map(|change| change.document);
        for reference in written.collect::<BTreeSet<_>>() {
            let shelved = self.shelf.get(reference).expect("all that was written");
            same(device.document(reference), &shelved.document);
        }
    }
}

fn same(one: &Document, other: &Document) {
    assert_eq!(one.heads(), other.heads());
    assert_eq!(one.reading(), other.reading());
}

fn stored(action: &Action) -> impl Iterator<Item = StoredChange> + '_ {
    action.changes.iter().map(|change| StoredChange {
        document: change.document,
        bytes: change.bytes.clone(),
    })
}
