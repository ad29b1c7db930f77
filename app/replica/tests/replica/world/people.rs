//! Devices of the test hotel and who sits at them.

use ed25519_dalek::{Signature, SigningKey};
use keyrack_model::{
    action::Action,
    identity,
    ids::{DeviceId, UserId},
    policy::Role,
    proof::statement,
    rows::Person,
    wire::Proof,
};
use keyrack_replica::{Fresh, NewDevice, Replica, UserKey, UserSession};
use uuid::Uuid;

/// Ids that no other source gives: sources are numbered.
pub fn fresh(source: u128) -> Fresh {
    let mut next = source << 64;
    Box::new(move || {
        next += 1;
        Uuid::from_u128(next)
    })
}

pub fn person(number: u128, role: Role) -> Person {
    Person {
        id: UserId(Uuid::from_u128(0x9000 + number)),
        name: format!("person-{number}"),
        display: format!("Person {number}"),
        role,
        left: false,
    }
}

pub fn new_device(number: u8) -> NewDevice {
    NewDevice {
        id: DeviceId(Uuid::from_u128(0xD000 + u128::from(number))),
        signing_key: [number; 32],
        name: format!("device {number}"),
    }
}

/// The secret of the key with which somebody signs, the same at every sign-in.
fn secret_of(user: UserId) -> [u8; 32] {
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(user.0.as_bytes());
    secret
}

/// Fails unless everybody else's action of a push is signed by whoever did it.
pub fn check_proofs(replica: &Replica, actions: &[Action], proofs: &[Proof]) {
    let session = replica.session().unwrap();
    let others = actions.iter().zip(0..);
    let others = others.filter(|(action, _)| action.author != session.me.id);
    let mut proofs = proofs.iter();
    for (action, index) in others {
        let proof = proofs.next().expect("a proof");
        let mut bytes = Vec::new();
        ciborium::into_writer(action, &mut bytes).unwrap();
        let stated = statement(session.hotel, replica.registration().id, &bytes);
        let key = SigningKey::from_bytes(&secret_of(action.author)).verifying_key();
        assert_eq!((proof.index, proof.key), (index, key.to_bytes()));
        let signature = Signature::from_bytes(&proof.signature);
        key.verify_strict(&stated, &signature)
            .expect("it is of this action");
    }
    assert_eq!(proofs.next(), None, "a proof of one's own action");
}

/// Of a person who signs what they do with a key of their own.
pub fn session(me: Person) -> UserSession {
    let key = UserKey::of(secret_of(me.id));
    UserSession {
        server: "http://127.0.0.1:1".into(),
        hotel: identity::hotel("test"),
        hotel_code: "test".into(),
        hotel_name: "Test".into(),
        me,
        token: "token".into(),
        renewal: None,
        key: Some(key),
        password_given: false,
    }
}

/// A replica in memory at which a person of this role sits.
pub fn replica(number: u8, role: Role) -> Replica {
    replica_of(number, u128::from(number), role)
}

/// The same, on a device of another number than the person's.
pub fn replica_of(device: u8, number: u128, role: Role) -> Replica {
    let mut replica =
        Replica::open_in_memory(new_device(device), fresh(u128::from(device))).unwrap();
    replica
        .begin_session(session(person(number, role)))
        .unwrap();
    replica
}
