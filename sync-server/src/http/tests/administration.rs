//! Administering people, devices and access, by people of every role.

mod audit;
mod confirmed;
mod devices;
mod guests_on_devices;
mod passwords;
mod reviews;
mod roles;
mod sessions;
mod two_hotels;

use super::site::{Answer, Device, NOW, Site};
use crate::{
    accounts::{AccountError, NewPerson, Token},
    peer::Peer,
    pretend,
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    administration::{Administered, Administration, AuditCheck, AuditEntry, KnownHead, Overview},
    cleanliness::Cleanliness,
    identity,
    ids::{DeviceId, HotelId, SessionId, UserId},
    limits::{AUDIT_PAGE, DEVICE_CODE_MINUTES, MAX_KNOWN_HEADS, MAX_OPEN_DEVICE_CODES, PROTOCOL},
    policy::Role,
    refusal::Refusal,
    time::Timestamp,
    wire::{ClientFrame, Refreshed, ServerFrame, Verdict},
};
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

const DESK: u8 = 1;
const HERE: Peer = Peer(IpAddr::V4(Ipv4Addr::LOCALHOST));

/// The resort with an admin, two managers, and people of other roles.
struct Office {
    site: Site,
}

impl Office {
    async fn open() -> Self {
        let site = Site::open().await;
        for (name, role) in [
            ("vera", Role::Admin),
            ("ana", Role::Manager),
            ("ines", Role::Manager),
        ] {
            take_on(&site, "resort", name, role).await;
        }
        Self { site }
    }

    async fn token(&self, name: &str) -> String {
        self.site.token(&Device::numbered(DESK), name).await
    }

    async fn id(&self, name: &str) -> UserId {
        id_of(&self.site, name).await
    }

    /// What somebody who has just signed in at the desk is answered.
    async fn ask(&self, name: &str, asked: &Administration) -> Answer {
        let token = self.token(name).await;
        ask(&self.site, &token, asked).await
    }

    async fn done(&self, name: &str, asked: &Administration) -> Administered {
        done(&self.ask(name, asked).await)
    }

    async fn look(&self, name: &str) -> Overview {
        seen(self.done(name, &Administration::Look).await)
    }
}

async fn take_on(site: &Site, hotel: &str, name: &str, role: Role) -> UserId {
    let new = NewPerson {
        name: name.into(),
        display: name.into(),
        role,
        password: format!("{name}-keyrack"),
    };
    let hotel = identity::hotel(hotel);
    let taken_on = site.accounts.add_person(hotel, new, Timestamp(NOW));
    taken_on.await.unwrap()
}

async fn id_of(site: &Site, name: &str) -> UserId {
    let id: Uuid = sqlx::query_scalar("select person from person where name = $1")
        .bind(name)
        .fetch_one(&mut site.scratch.inspect().await)
        .await
        .unwrap();
    UserId(id)
}

async fn ask(site: &Site, token: &str, asked: &Administration) -> Answer {
    let body = serde_json::to_string(asked).unwrap();
    site.post_with("/v1/administration", token, &body).await
}

#[track_caller]
fn done(answer: &Answer) -> Administered {
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[track_caller]
fn seen(administered: Administered) -> Overview {
    match administered {
        Administered::Seen(overview) => overview,
        other => panic!("not an overview: {other:?}"),
    }
}

#[track_caller]
fn password(administered: Administered) -> String {
    match administered {
        Administered::Password(password) => password,
        other => panic!("not a password: {other:?}"),
    }
}

#[track_caller]
fn check_not_allowed(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.code()),
        (403, "not-allowed".into()),
        "{}",
        answer.body
    );
}

async fn pull(site: &Site, token: &str) -> u16 {
    let line = "GET /v1/pull?after=0";
    site.ask(line, PROTOCOL, token, b"").await.status
}

fn verbs_about(person: UserId) -> Vec<Administration> {
    vec![
        Administration::SetRole {
            person,
            role: Role::Engineer,
        },
        Administration::ResetPassword { person },
        Administration::Dismiss { person },
    ]
}

#[tokio::test]
async fn what_is_nobodys_token_or_no_request_administers_nothing() {
    let office = Office::open().await;
    let token = office.token("ana").await;
    let site = &office.site;
    let nobody = site.post("/v1/administration", r#""Look""#).await;
    assert_eq!((nobody.status, nobody.code()), (401, "signed-out".into()));
    for rubbish in ["", "{}", r#""Everything""#, r#"{"Dismiss":{"person":1}}"#] {
        let answer = site.post_with("/v1/administration", &token, rubbish).await;
        assert_eq!((answer.status, answer.code()), (400, "bad-request".into()));
    }
    let long = "x".repeat(1 << 20);
    let answer = site.post_with("/v1/administration", &token, &long).await;
    assert_eq!(answer.code(), "too-large");
}
