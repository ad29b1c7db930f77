//! What a known password leaves behind on a device that others use as well: nothing.

use super::{
    device_proof::rows,
    site::{Device, NOW, Site},
};
use crate::{
    accounts::{Ended, Seen},
    pretend::{self, MARIA},
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::Action,
    audit_head::hexadecimal,
    cleanliness::Cleanliness,
    identity,
    ids::HotelId,
    limits::PROTOCOL,
    proof::statement,
    refusal::{GateReason, Refusal},
    time::Timestamp,
    wire::{ClientFrame, Proof, ServerFrame, SignIn, Verdict},
};

/// Of which somebody else has the secret.
const KNOWN: [u8; 32] = [0x51; 32];
const OWN: [u8; 32] = [0x52; 32];

fn resort() -> HotelId {
    identity::hotel("resort")
}

fn now() -> Timestamp {
    Timestamp(NOW)
}

fn cbor<T: serde::Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// The desk that Rui and Maria share, and what is pushed there in her name under his token.
struct Desk {
    site: Site,
    device: Device,
    /// What writes as Maria.
    hand: pretend::Device,
    rui: String,
}

impl Desk {
    /// Where somebody who knew Maria's password has signed in as her and shown a key, and gone again or
    /// not.
    async fn open(signs_out: SignsOut) -> Self {
        let site = Site::open().await;
        pretend::open_house(site.hotels.log().as_ref(), resort()).await;
        let device = Device::numbered(1);
        let rui = site.token(&device, "rui").await;
        let mut hand = pretend::Device::of(MARIA, 1);
        hand.id = device.id;
        let desk = Self {
            site,
            device,
            hand,
            rui,
        };
        let token = desk.sign_in("maria-keyrack", KNOWN).await;
        if signs_out == SignsOut::AtOnce {
            let token = token.parse().unwrap_or_else(|_| panic!("a token"));
            desk.site.accounts.sign_out(&token, now()).await.unwrap();
        }
        let register = ClientFrame::Register {
            actors: vec![desk.hand.registration()],
        };
        let registered = desk.ask("POST /v1/actors", &register).await;
        assert_eq!(registered.status, 204, "{}", registered.body);
        desk
    }

    async fn sign_in_answer(&self, password: &str, secret: [u8; 32]) -> super::site::Answer {
        let key = SigningKey::from_bytes(&secret).verifying_key();
        let who = ["resort", "maria", password];
        let asked = SignIn {
            person_key: Some(hexadecimal(key.as_bytes())),
            ..pretend::sign_in(who, self.device.id, &self.device.key)
        };
        let asked = pretend::proved(asked, &self.device.key, now());
        self.site.sign_in_by(&asked).await
    }

    /// Signs Maria in; her token.
    async fn sign_in(&self, password: &str, secret: [u8; 32]) -> String {
        let answer = self.sign_in_answer(password, secret).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.tokens().0
    }

    async fn ask(&self, line: &str, frame: &ClientFrame) -> super::site::Answer {
        let body = cbor(frame);
        self.site.ask(line, PROTOCOL, &self.rui, &body).await
    }

    /// As if Maria had signed in with an earlier version only, which shows no key.
    async fn forget_keys(&self) {
        sqlx::query("delete from user_key where person = $1")
            .bind(MARIA.0)
            .execute(&mut self.site.scratch.inspect().await)
            .await
            .unwrap();
    }

    /// What the server says under Rui's token to an action of Maria's.
    async fn push(&self, action: &Action, secret: Option<[u8; 32]>) -> Verdict {
        let proof = |secret| {
            let key = SigningKey::from_bytes(&secret);
            let stated = statement(resort(), self.device.id, &cbor(action));
            Proof {
                index: 0,
                key: key.verifying_key().to_bytes(),
                signature: key.sign(&stated).to_bytes(),
            }
        };
        let batch = cbor(&[action]);
        let signature = SigningKey::from_bytes(&self.device.key).sign(&batch);
        let push = ClientFrame::Push {
            batch,
            signature: signature.to_bytes().to_vec(),
            proofs: secret.map(proof).into_iter().collect(),
        };
        match &self.ask("POST /v1/push", &push).await.frames()[..] {
            [ServerFrame::Verdicts { verdicts }] => verdicts[0].verdict.clone(),
            other => panic!("no verdict: {other:?}"),
        }
    }

    async fn takes(&mut self, value: Cleanliness, secret: Option<[u8; 32]>) {
        let action = self.hand.mark(value);
        let told = self.push(&action, secret).await;
        assert!(matches!(told, Verdict::Accepted { .. }), "{told:?}");
    }

    async fn refuses(&mut self, value: Cleanliness, secret: Option<[u8; 32]>, why: &str) {
        let before = self.kept().await;
        let action = self.hand.clone().mark(value);
        // The operation is used up by that, and the hand goes on where it was.
        self.hand.operation();
        let told = self.push(&action, secret).await;
        let wrong_author = Refusal::from(GateReason::WrongAuthor);
        assert_eq!(told, Verdict::Refused(wrong_author), "{why}");
        assert_eq!(self.kept().await, before, "{why}");
    }

    /// Every row, but for those that keep what was refused.
    async fn kept(&self) -> Vec<String> {
        let mut kept = rows(&self.site).await;
        kept.retain(|row| !row.starts_with("refusal "));
        kept
    }

    async fn set_password(&self) {
        let accounts = &self.site.accounts;
        let set = accounts.set_password(resort(), "maria", "another one".to_owned(), now());
        set.await.unwrap();
    }

    /// What somebody does who sees a session of Maria's that is not hers.
    async fn end_her_session(&self) {
        let accounts = &self.site.accounts;
        let sessions = accounts.sessions(resort(), Some(MARIA)).await.unwrap();
        let [session] = &sessions[..] else {
            panic!("one session: {sessions:?}");
        };
        let why = Ended::EndedElsewhere;
        let ended = accounts.end_session(resort(), session.id, why, now());
        assert!(ended.await.unwrap());
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum SignsOut {
    AtOnce,
    Never,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_shown_with_a_password_of_before_proves_nothing() {
    for signs_out in [SignsOut::AtOnce, SignsOut::Never] {
        let mut desk = Desk::open(signs_out).await;
        desk.takes(Cleanliness::Clean, Some(KNOWN)).await;
        desk.set_password().await;
        for (secret, why) in [(Some(KNOWN), "with the key"), (None, "without one")] {
            desk.refuses(Cleanliness::Dirty, secret, why).await;
        }
        // Nor is it believed again once she is there herself.
        let again = desk.sign_in_answer("another one", KNOWN).await;
        assert_eq!((again.status, again.code()), (400, "bad-request".into()));
        desk.sign_in("another one", OWN).await;
        let why = "she is there";
        desk.refuses(Cleanliness::Dirty, Some(KNOWN), why).await;
        desk.takes(Cleanliness::Dirty, Some(OWN)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_a_session_that_was_ended_from_elsewhere_proves_nothing() {
    let mut desk = Desk::open(SignsOut::Never).await;
    desk.takes(Cleanliness::Clean, Some(KNOWN)).await;
    desk.end_her_session().await;
    for (secret, why) in [(Some(KNOWN), "with the key"), (None, "without one")] {
        desk.refuses(Cleanliness::Dirty, secret, why).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_never_showed_a_key_is_believed_without_until_their_password_is_another_one() {
    for ends_session in [false, true] {
        let mut desk = Desk::open(SignsOut::Never).await;
        desk.forget_keys().await;
        desk.takes(Cleanliness::Clean, None).await;
        if ends_session {
            desk.end_her_session().await;
        } else {
            desk.set_password().await;
        }
        let why = format!("the session was ended: {ends_session}");
        desk.refuses(Cleanliness::Dirty, None, &why).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gives_themselves_another_password_goes_on_with_their_own_key_and_no_earlier_one() {
    let mut desk = Desk::open(SignsOut::Never).await;
    let token = desk.sign_in("maria-keyrack", OWN).await;
    desk.takes(Cleanliness::Clean, Some(KNOWN)).await;
    let asked = serde_json::json!({
        "ChangePassword": { "present": "maria-keyrack", "new": "another one" }
    });
    let asked = asked.to_string();
    let changed = desk.site.post_with("/v1/administration", &token, &asked);
    assert_eq!(changed.await.status, 200);
    let why = "the earlier one";
    desk.refuses(Cleanliness::Dirty, Some(KNOWN), why).await;
    desk.takes(Cleanliness::Dirty, Some(OWN)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_told_to_come_back_when_a_key_on_its_device_is_taken_back() {
    for has_key in [true, false] {
        let desk = Desk::open(SignsOut::Never).await;
        if !has_key {
            desk.forget_keys().await;
        }
        let accounts = &desk.site.accounts;
        let rui = desk.rui.parse().unwrap_or_else(|_| panic!("a token"));
        let who = accounts.admit(&rui, now()).await.unwrap();
        let seen = accounts.see_again(&who, now()).await.unwrap();
        assert_eq!(seen, Seen::AsAdmitted);
        desk.set_password().await;
        let seen = accounts.see_again(&who, now()).await.unwrap();
        assert_eq!(seen, Seen::WithOtherKeys, "with a key: {has_key}");
        let back = accounts.admit(&rui, now()).await.unwrap();
        let seen = accounts.see_again(&back, now()).await.unwrap();
        assert_eq!(seen, Seen::AsAdmitted);
    }
}
