//! Two hotels on one server: whatever one of them asks for, with whatever ids of the other, it hears
//! nothing of the other and changes nothing there.

mod administrations;
mod house;

use super::{
    site::{Answer, Device, Site},
    socket::Socket,
};
use crate::http::{self, Metrics};
use house::{House, cbor, shows};
use keyrack_model::{
    action::{Action, Sequence},
    administration::AuditEvent,
    command::{Command, WorkOrderEdit},
    ids::{DeviceId, UserId},
    limits::PROTOCOL,
    wire::{ActorRegistration, ClientFrame, ErrorCode, Refresh, ServerFrame, Verdict},
};
use uuid::Uuid;

/// The routes whose answers have content of the hotel that asks: seen there, the other hotel's would
/// be seen as well.
const TELLING: [&str; 7] = [
    "/v1/sign-in",
    "/v1/administration",
    "/v1/sync",
    "/v1/pull",
    "/v1/segments/{id}",
    "/v1/records",
    "/v1/documents/{kind}/{id}",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_a_hotel_of_another_or_changes_anything_there() {
    let site = Site::open().await;
    let [one, other] = [(1, "quendelwort"), (2, "zinnoberrot")];
    let one = House::open(&site, one).await;
    let other = House::open(&site, other).await;
    for (intruder, victim) in [(&one, &other), (&other, &one)] {
        let before = victim.rows(&site).await;
        let intrusion = Intrusion {
            site: &site,
            intruder,
            victim,
        };
        for path in http::paths(Metrics::Here) {
            let heard = intrusion.through(path).await;
            assert!(!heard.is_empty(), "{path} was not tried");
            let of = |word: &str| heard.iter().any(|answer| shows(answer, word));
            assert!(!of(victim.word), "{path} tells of another hotel");
            assert_eq!(of(intruder.word), TELLING.contains(&path), "{path}");
        }
        let after = victim.rows(&site).await;
        assert!(before.keys().eq(after.keys()));
        for (table, rows) in &before {
            // Of whom nobody there knows is noted that they tried to sign in.
            let is_failure =
                |row: &&String| table == "audit" && row.contains(AuditEvent::SignInFailed.word());
            let was = rows.iter().filter(|row| !is_failure(row));
            let is = after[table].iter().filter(|row| !is_failure(row));
            let is_as_it_was = table == "audit_head" || is.eq(was);
            assert!(is_as_it_was, "{table} of another hotel changed");
        }
    }
}

/// Somebody of one hotel who knows every id of another.
struct Intrusion<'a> {
    site: &'a Site,
    intruder: &'a House,
    victim: &'a House,
}

impl Intrusion<'_> {
    /// All that comes back when everything is tried under a path.
    async fn through(&self, path: &str) -> Vec<Vec<u8>> {
        let (intruder, victim) = (self.intruder, self.victim);
        match path {
            "/v1/sign-in" => self.sign_ins().await,
            "/v1/sign-out" => {
                let answer = self.site.post_with(path, &self.forged(), "").await;
                vec![answer.bytes]
            }
            "/v1/refresh" => {
                let mut heard = Vec::new();
                for token in [self.forged(), intruder.token.clone()] {
                    let body = serde_json::to_string(&Refresh { token }).unwrap();
                    let answer = self.site.post(path, &body).await;
                    assert_eq!(answer.status, 401, "{}", answer.body);
                    heard.push(answer.bytes);
                }
                heard
            }
            "/v1/administration" => self.administrations(path).await,
            "/v1/import/{kind}" => self.imports().await,
            "/v1/sync" => self.sockets().await,
            "/v1/pull" => {
                let (epoch, known) = (victim.epoch, victim.place());
                let mut heard = Vec::new();
                for asked in [
                    "after=0".to_owned(),
                    format!("after=0&epoch={epoch}"),
                    format!("after=0&known={known}"),
                    format!("after=2&epoch={epoch}&known={known}"),
                ] {
                    let answers = self.get(&format!("{path}?{asked}")).await;
                    heard.extend(answers.map(|answer| answer.bytes));
                }
                heard
            }
            "/v1/push" => {
                let mut heard = Vec::new();
                for action in self.actions() {
                    let push = intruder.signed(&[action]);
                    heard.push(self.post(path, &push).await.bytes);
                }
                heard
            }
            "/v1/actors" => {
                let mut heard = Vec::new();
                for user in [victim.hand.user, intruder.hand.user] {
                    let register = self.registration(user);
                    heard.push(self.post(path, &register).await.bytes);
                }
                heard
            }
            "/v1/working-set" => {
                let answers = self.get(path).await;
                answers.map(|answer| answer.bytes).into()
            }
            "/v1/segments/{id}" => {
                let theirs = victim.segments.iter();
                self.fetch(intruder.segments.iter(), theirs).await
            }
            "/v1/records" => {
                let answers = self.get("/v1/records?up_to=1000").await;
                answers.map(|answer| answer.bytes).into()
            }
            "/v1/documents/{kind}/{id}" => {
                let (own, theirs) = (intruder.documents(), victim.documents());
                self.fetch(own.iter(), theirs.iter()).await
            }
            "/health/live" | "/health/ready" | "/metrics" => {
                vec![self.site.get(path).await.bytes]
            }
            unknown => panic!("{unknown} is served, and nobody tries here what it tells whom"),
        }
    }

    /// What is one's own is handed out, and what is the other's is not there.
    async fn fetch(
        &self,
        own: impl Iterator<Item = &String>,
        theirs: impl Iterator<Item = &String>,
    ) -> Vec<Vec<u8>> {
        let mut heard = Vec::new();
        for path in own {
            let [answer, _] = self.get(path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            heard.push(answer.bytes);
        }
        for path in theirs {
            let [answer, forged] = self.get(path).await;
            assert_eq!(answer.status, 404, "{path}");
            heard.extend([answer.bytes, forged.bytes]);
        }
        heard
    }

    /// The answers to one's own token, and to one that names the other hotel.
    async fn get(&self, path: &str) -> [Answer; 2] {
        let line = format!("GET {path}");
        let own = self.site.ask(&line, PROTOCOL, &self.intruder.token, b"");
        let own = own.await;
        let forged = self.site.ask(&line, PROTOCOL, &self.forged(), b"").await;
        assert_eq!(forged.status, 401, "{path} with a forged token");
        [own, forged]
    }

    async fn post(&self, path: &str, frame: &ClientFrame) -> Answer {
        let line = format!("POST {path}");
        let body = cbor(frame);
        let forged = self.site.ask(&line, PROTOCOL, &self.forged(), &body).await;
        assert_eq!(forged.status, 401, "{path} with a forged token");
        let token = &self.intruder.token;
        self.site.ask(&line, PROTOCOL, token, &body).await
    }

    /// The other hotel's name with one's own secret.
    fn forged(&self) -> String {
        let (_, secret) = self.intruder.token.split_once('.').unwrap();
        format!("{}.{secret}", self.victim.hotel.0.simple())
    }

    async fn sign_ins(&self) -> Vec<Vec<u8>> {
        let (intruder, victim) = (self.intruder, self.victim);
        let borrowed = Device {
            id: victim.device.id,
            key: intruder.device.key,
        };
        // Beside the one on which they go on: signing in there again would end what they hold.
        let beside = Device {
            id: DeviceId(Uuid::new_v4()),
            key: intruder.device.key,
        };
        let mut heard = Vec::new();
        for (device, code, status) in [
            (&beside, &intruder.code, Some(200)),
            (&intruder.device, &victim.code, Some(401)),
            (&borrowed, &victim.code, Some(401)),
            // One hotel knows nothing of the devices of another.
            (&borrowed, &intruder.code, None),
        ] {
            let password = intruder.password();
            let own_code = self.site.device_code(&intruder.code).await;
            let asked = [code, intruder.word, &password];
            let answer = self.site.sign_in_with(device, asked, own_code.as_deref());
            let answer = answer.await;
            assert!(status.is_none_or(|status| status == answer.status));
            heard.push(answer.bytes);
        }
        heard
    }

    /// Files for the other hotel with one's own token and key in its name, and one's own files with what
    /// is one's own.
    async fn imports(&self) -> Vec<Vec<u8>> {
        let key = &self.intruder.import_key;
        let (_, secret) = key.split_once('.').unwrap();
        let forged = format!("{}.{secret}", self.victim.hotel.0.simple());
        let mut heard = Vec::new();
        for (kind, file) in [
            ("rooms", "Room,Floor\n777,7\n"),
            ("people", "Login,Role\nsomebody,engineer\n"),
            ("bookings", "Booking,Arrival,Nights\n1,2017-05-25,2\n"),
        ] {
            let path = format!("/v1/import/{kind}?do=all-or-nothing");
            let body = serde_json::json!({ "file": file }).to_string();
            for (token, status) in [
                (&self.forged(), 401),
                (&forged, 401),
                (&self.intruder.token, 200),
                (key, 200),
            ] {
                let answer = self.site.post_with(&path, token, &body).await;
                assert_eq!(answer.status, status, "{path}: {}", answer.body);
                heard.push(answer.bytes);
            }
        }
        heard
    }

    /// What the other hotel's people would do there, and what the intruder would.
    fn actions(&self) -> Vec<Action> {
        let edit = Command::EditWorkOrder {
            work_order: self.victim.order,
            edit: WorkOrderEdit {
                title: Some("Taken over".into()),
                ..WorkOrderEdit::default()
            },
        };
        let mut theirs = self.victim.hand.clone();
        let mut own = self.intruder.hand.clone();
        self.victim.made.iter().for_each(|made| own.receive(made));
        vec![
            theirs.ask(edit.clone()).unwrap(),
            own.ask(edit).unwrap(),
            own.name_guest(self.victim.stay, 1, "Somebody"),
        ]
    }

    /// Their actor, for somebody.
    fn actor_for(&self, user: UserId) -> ActorRegistration {
        let actor = self.victim.hand.actor;
        ActorRegistration { actor, user }
    }

    fn registration(&self, user: UserId) -> ClientFrame {
        ClientFrame::Register {
            actors: vec![self.actor_for(user)],
        }
    }

    async fn sockets(&self) -> Vec<Vec<u8>> {
        let mut heard = vec![self.site.open_socket(&self.forged()).await.bytes];
        for user in [self.victim.hand.user, self.intruder.hand.user] {
            heard.extend(self.converse(&self.registration(user)).await);
        }
        // The token that the other hotel's connection goes on with, and its name with one's own secret.
        for token in [self.victim.token.clone(), self.forged()] {
            let told = self.converse(&ClientFrame::Renew { token }).await;
            let last = ciborium::from_reader(&told.last().unwrap()[..]).unwrap();
            let ServerFrame::Refuse(body) = last else {
                panic!("not refused: {last:?}");
            };
            assert_eq!(body.code, ErrorCode::SignedOut, "{}", body.message);
            heard.extend(told);
        }
        for action in self.actions() {
            let push = self.intruder.signed(&[action]);
            heard.extend(self.converse(&push).await);
        }
        heard
    }

    /// Greets the server with the other hotel's place in its log and its actor, reads all there is, and
    /// says something that is turned away.
    async fn converse(&self, said: &ClientFrame) -> Vec<Vec<u8>> {
        let hello = ClientFrame::Hello {
            protocol: PROTOCOL,
            epoch: Some(self.victim.epoch),
            cursor: Sequence(0),
            known: Some(self.victim.known),
            classes: vec![],
            actors: vec![
                self.actor_for(self.victim.hand.user),
                self.actor_for(self.intruder.hand.user),
            ],
        };
        let mut socket = Socket::open(self.site, &self.intruder.token).await;
        let (mut heard, mut head) = (Vec::new(), None);
        socket.send(&cbor(&hello)).await;
        loop {
            let frame = socket.receive().await;
            let told = ciborium::from_reader(&frame[..]).unwrap();
            heard.push(frame);
            if let ServerFrame::Welcome { head: end, .. } = told {
                head = Some(end);
            } else if let ServerFrame::Deliver { entries } = told {
                if entries.last().map(|entry| entry.sequence) >= head {
                    break;
                }
            } else if !matches!(told, ServerFrame::AuditHead(_)) {
                panic!("no log: {told:?}");
            }
        }
        socket.send(&cbor(said)).await;
        let is_push = matches!(said, ClientFrame::Push { .. });
        if !is_push {
            // What is passed over is not answered.
            socket.send(&cbor(&ClientFrame::Ping)).await;
        }
        loop {
            let frame = socket.receive().await;
            let told = ciborium::from_reader(&frame[..]).unwrap();
            heard.push(frame);
            if matches!(told, ServerFrame::Pong) && !is_push {
                return heard;
            }
            if let ServerFrame::Verdicts { verdicts } = told {
                let is_taken = |it: &Verdict| matches!(it, Verdict::Accepted { .. });
                assert!(!verdicts.iter().any(|told| is_taken(&told.verdict)));
                return heard;
            }
            assert!(!matches!(told, ServerFrame::Stored { .. }), "{told:?}");
            if matches!(told, ServerFrame::Refuse(_)) {
                return heard;
            }
        }
    }
}
