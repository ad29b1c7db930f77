//! Where the server's audit log ends, as a device is told of it.

use crate::world::{log::Log, log::encode, people};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::Sequence,
    audit_head::{AuditHead, hexadecimal, signed_text},
    identity,
    limits::MAX_KNOWN_HEADS,
    policy::Role,
    time::Timestamp,
    wire::ServerFrame,
};
use keyrack_replica::{Input, Replica, SyncSession};

/// A desk, and the log of its server.
struct Desk {
    replica: Replica,
    session: SyncSession,
    log: Log,
    now: i64,
}

impl Desk {
    /// One that has been greeted by a server with this key.
    fn greeted(server: u8) -> Self {
        let mut replica = people::replica(1, Role::FrontDesk);
        replica.note_audit_key(&public(server)).unwrap();
        let mut desk = Self {
            replica,
            session: SyncSession::new(Timestamp(0), 7),
            log: Log::default(),
            now: 0,
        };
        desk.greet();
        desk
    }

    /// Connects, and is greeted by what the log is at present.
    fn greet(&mut self) {
        let before = (self.now > 0).then(|| self.log.epoch());
        let welcome = self
            .log
            .welcome(Role::FrontDesk, before, Sequence(0), vec![]);
        for input in [
            Input::SessionChanged,
            Input::Opened,
            Input::Received(encode(&welcome)),
        ] {
            self.handle(input);
        }
    }

    fn handle(&mut self, input: Input) {
        self.now += 1;
        let now = Timestamp(self.now);
        self.session.handle(&mut self.replica, now, input).unwrap();
    }

    /// The server tells where its audit log ends.
    fn told(&mut self, head: AuditHead) {
        self.handle(Input::Received(encode(&ServerFrame::AuditHead(head))));
    }

    /// When something was noticed.
    fn noticed_at(&self) -> Option<i64> {
        let state = self.session.state(&self.replica).unwrap();
        state.audit_alarm.map(|alarm| alarm.noticed_at.0)
    }
}

fn key(server: u8) -> SigningKey {
    SigningKey::from_bytes(&[server; 32])
}

fn public(server: u8) -> String {
    hexadecimal(key(server).verifying_key().as_bytes())
}

/// The entry of this number, with a hash of this byte, as a server signs it.
fn head(server: u8, number: u64, hash: u8) -> AuditHead {
    let hash = vec![hash; 32];
    let text = signed_text(identity::hotel("test"), number, &hash);
    let signature = key(server).sign(text.as_bytes()).to_bytes().to_vec();
    AuditHead {
        number,
        hash,
        signature,
    }
}

#[test]
fn a_log_that_grows_or_stays_alarms_nobody() {
    let mut desk = Desk::greeted(1);
    for next in [head(1, 3, 3), head(1, 3, 3), head(1, 9, 9)] {
        desk.told(next);
        assert_eq!(desk.noticed_at(), None);
    }
}

#[test]
fn a_log_that_was_cut_off_or_written_anew_is_noticed_and_the_latest_head_stays() {
    for other in [head(1, 2, 2), head(1, 3, 4)] {
        let mut desk = Desk::greeted(1);
        desk.told(head(1, 3, 3));
        desk.told(other);
        let noticed = desk.noticed_at();
        assert_eq!(noticed, Some(desk.now));
        // It grows again: what was noticed stays, as of then.
        desk.told(head(1, 4, 4));
        desk.told(head(1, 3, 3));
        assert_eq!(desk.noticed_at(), noticed);
    }
}

#[test]
fn a_head_that_is_not_signed_by_the_key_that_was_seen_first_is_noticed() {
    let unsigned = AuditHead {
        signature: vec![],
        ..head(1, 5, 5)
    };
    for other in [unsigned, head(2, 5, 5)] {
        let mut desk = Desk::greeted(1);
        desk.told(head(1, 3, 3));
        desk.replica.note_audit_key(&public(2)).unwrap();
        desk.told(other);
        assert_eq!(desk.noticed_at(), Some(desk.now));
    }
}

#[test]
fn a_log_that_was_brought_back_begins_anew() {
    let mut desk = Desk::greeted(1);
    desk.told(head(1, 9, 9));
    desk.told(head(1, 8, 8));
    assert!(desk.noticed_at().is_some());
    desk.log.restore(Sequence(0));
    desk.greet();
    desk.told(head(1, 4, 7));
    assert_eq!(desk.noticed_at(), None);
    desk.told(head(1, 3, 3));
    assert_eq!(desk.noticed_at(), Some(desk.now));
}

#[test]
fn a_key_that_was_lost_is_followed_by_another_once_the_log_was_brought_back() {
    let mut desk = Desk::greeted(1);
    desk.told(head(1, 9, 9));
    desk.log.restore(Sequence(0));
    desk.greet();
    desk.told(head(2, 10, 10));
    assert!(desk.noticed_at().is_some());
    // The next sign-in.
    desk.replica.note_audit_key(&public(2)).unwrap();
    assert_eq!(desk.noticed_at(), None);
    desk.told(head(2, 10, 10));
    assert_eq!(desk.noticed_at(), None);
    desk.told(head(1, 11, 11));
    assert!(desk.noticed_at().is_some());
}

#[test]
fn without_a_key_heads_say_nothing() {
    let mut desk = Desk::greeted(1);
    desk.replica = people::replica(1, Role::FrontDesk);
    desk.session = SyncSession::new(Timestamp(0), 7);
    desk.now = 0;
    desk.greet();
    desk.told(head(1, 9, 9));
    desk.told(head(1, 8, 8));
    assert_eq!(desk.noticed_at(), None);
}

/// Of a log that was written anew and is longer by now, the end that is told next looks like any other.
#[test]
fn ends_of_before_are_kept_for_a_check_ever_further_apart_and_of_this_log_alone() {
    let mut desk = Desk::greeted(1);
    let numbers = |desk: &Desk| {
        let heads = desk.replica.audit_heads().unwrap();
        heads.iter().map(|head| head.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&desk), Vec::<u64>::new());
    desk.told(head(1, 1, 1));
    desk.told(head(1, 2, 2));
    // What is noticed to be wrong is not kept, and takes the place of nothing.
    desk.told(head(1, 1, 9));
    desk.told(head(2, 3, 3));
    assert_eq!(numbers(&desk), [1, 2]);
    for number in 3..=200 {
        desk.told(head(1, number, 7));
        let kept = numbers(&desk);
        assert!(kept.len() <= MAX_KNOWN_HEADS);
        assert_eq!((kept[0], kept[kept.len() - 1]), (1, number));
        assert!(kept.is_sorted());
    }
    assert!(
        numbers(&desk)
            .iter()
            .any(|number| (50..150).contains(number))
    );
    desk.log.restore(Sequence(0));
    desk.greet();
    assert_eq!(numbers(&desk), Vec::<u64>::new());
}
