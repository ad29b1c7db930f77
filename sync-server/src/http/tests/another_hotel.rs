//! A client made by hand, of somebody at one hotel, that has all of another hotel's documents and ids:
//! whatever it pushes or asks for, on its WebSocket and in requests, no row of any table of the other
//! hotel changes, and honest devices of both go on meanwhile.

use super::{
    site::{Answer, Device, NOW, Site},
    socket::Socket,
};
use crate::{
    accounts::NewPerson,
    pretend::{self, EPOCH, MARIA, ORDER, ROOM},
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Action, Sequence},
    change::Change,
    cleanliness::Cleanliness,
    command::{Command, WorkOrderDraft},
    identity,
    ids::{ActorId, CommentId, HotelId, LogEpoch, UserId, WorkOrderId},
    limits::PROTOCOL,
    policy::Role,
    refusal::{GateReason, Refusal},
    room::{Occupancy, OccupancySeen, RoomChange, ServiceStatus},
    time::Timestamp,
    wire::{ActorRegistration, ClientFrame, ErrorCode, KnownPlace, ServerFrame, Verdict},
};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use uuid::Uuid;

/// At the city hotel.
const BRUNO: UserId = UserId(Uuid::from_u128(0xB1));
const GATE: fn(GateReason) -> Refusal = |reason| Refusal::Gate { reason };
const WAYS: [Way; 2] = [Way::Socket, Way::Request];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Socket,
    Request,
}

/// Somebody's device, with a token and what they write with.
struct Client {
    device: Device,
    token: String,
    hand: pretend::Device,
}

impl Client {
    fn signed(&self, actions: &[&Action]) -> Vec<u8> {
        let batch = encode(actions);
        let signature = SigningKey::from_bytes(&self.device.key).sign(&batch);
        encode(&ClientFrame::Push {
            batch,
            signature: signature.to_bytes().to_vec(),
            proofs: vec![],
        })
    }

    fn hello(&self, epoch: Option<LogEpoch>, cursor: u64, known: Option<KnownPlace>) -> Vec<u8> {
        encode(&ClientFrame::Hello {
            protocol: PROTOCOL,
            epoch,
            cursor: Sequence(cursor),
            known,
            classes: vec![],
            actors: vec![self.hand.registration()],
        })
    }

    async fn greeted(&self, site: &Site) -> Socket {
        let mut socket = Socket::open(site, &self.token).await;
        socket.send(&self.hello(None, 0, None)).await;
        let welcome = receive(&mut socket).await;
        assert!(
            matches!(welcome, ServerFrame::Welcome { .. }),
            "{welcome:?}"
        );
        socket
    }

    /// The verdict of one action.
    async fn told(&self, site: &Site, way: Way, action: &Action) -> Verdict {
        let push = self.signed(&[action]);
        match way {
            Way::Socket => {
                let mut socket = self.greeted(site).await;
                socket.send(&push).await;
                verdict(&mut socket).await
            }
            Way::Request => {
                let answer = site
                    .ask("POST /v1/push", PROTOCOL, &self.token, &push)
                    .await;
                match &answer.frames()[..] {
                    [ServerFrame::Verdicts { verdicts }] => verdicts[0].verdict.clone(),
                    told => panic!("{told:?}"),
                }
            }
        }
    }
}

fn encode<T: serde::Serialize>(value: T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&value, &mut bytes).unwrap();
    bytes
}

async fn receive(socket: &mut Socket) -> ServerFrame {
    ciborium::from_reader(&socket.receive().await[..]).unwrap()
}

/// The next answer to a push of one action; what is delivered in between is passed over.
async fn verdict(socket: &mut Socket) -> Verdict {
    loop {
        match receive(socket).await {
            ServerFrame::Deliver { .. } | ServerFrame::AuditHead(_) => {}
            ServerFrame::Stored { first, received_at } => {
                return Verdict::Accepted {
                    sequence: first,
                    received_at,
                };
            }
            ServerFrame::Verdicts { verdicts } => return verdicts[0].verdict.clone(),
            told => panic!("{told:?}"),
        }
    }
}

/// Two hotels with an honest device each, which stay connected, and one that has left its place.
struct Scene {
    site: Site,
    maria: (Client, Socket),
    bruno: (Client, Socket),
    /// Bruno's at the city hotel too, with all that the resort has.
    thief: Client,
    /// An action of the resort's.
    stolen: Action,
    orders: u128,
}

impl Scene {
    async fn set() -> Self {
        let site = Site::open().await;
        let (resort, city) = (identity::hotel("resort"), site.other_hotel());
        pretend::open_house(site.hotels.log().as_ref(), resort).await;
        let new = NewPerson {
            name: "bruno".into(),
            display: "Bruno Lima".into(),
            role: Role::Housekeeper,
            password: "bruno-keyrack".into(),
        };
        let taken_on = site.accounts.take_on(city, BRUNO, new, Timestamp(NOW));
        taken_on.await.unwrap();
        let client = async |user, number: u8, hotel: &str, name: &str| {
            let device = Device::numbered(number);
            let password = format!("{name}-keyrack");
            let answer = site.sign_in(&device, hotel, name, &password).await;
            let mut hand = pretend::Device::of(user, u128::from(number));
            hand.id = device.id;
            hand.role = Role::Housekeeper;
            let token = answer.json()["token"].as_str().unwrap().to_owned();
            Client {
                device,
                token,
                hand,
            }
        };
        let mut maria = client(MARIA, 1, "resort", "maria").await;
        let bruno = client(BRUNO, 2, "city", "bruno").await;
        let mut thief = client(BRUNO, 3, "city", "bruno").await;
        let mut of_maria = maria.greeted(&site).await;
        let of_bruno = bruno.greeted(&site).await;
        drop(thief.greeted(&site).await);
        let stolen = maria.hand.mark(Cleanliness::Clean);
        of_maria.send(&maria.signed(&[&stolen])).await;
        let told = verdict(&mut of_maria).await;
        assert!(matches!(told, Verdict::Accepted { .. }), "{told:?}");
        thief.hand.receive(&stolen);
        Self {
            site,
            maria: (maria, of_maria),
            bruno: (bruno, of_bruno),
            thief,
            stolen,
            orders: 0,
        }
    }

    /// Honest work of both hotels is taken on the connections that they have.
    async fn both_work(&mut self) {
        let (maria, socket) = &mut self.maria;
        let marked = maria.hand.mark(Cleanliness::Clean);
        socket.send(&maria.signed(&[&marked])).await;
        let told = verdict(socket).await;
        assert!(matches!(told, Verdict::Accepted { .. }), "maria: {told:?}");
        self.thief.hand.receive(&marked);
        let (bruno, socket) = &mut self.bruno;
        self.orders += 1;
        let order = bruno.hand.ask(Command::CreateWorkOrder {
            work_order: WorkOrderId(Uuid::from_u128(0xC17 + self.orders)),
            draft: WorkOrderDraft {
                title: "Lamp".into(),
                ..WorkOrderDraft::default()
            },
        });
        socket.send(&bruno.signed(&[&order.unwrap()])).await;
        let told = verdict(socket).await;
        assert!(matches!(told, Verdict::Accepted { .. }), "bruno: {told:?}");
    }

    /// Every row of every table that is of a hotel, by the table; the city's but for what says that
    /// something was refused there.
    async fn rows(&self) -> BTreeMap<(String, HotelId), Vec<String>> {
        let mut database = self.site.scratch.inspect().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.columns
             where table_schema = 'public' and column_name = 'hotel' order by table_name",
        )
        .fetch_all(&mut database)
        .await
        .unwrap();
        assert!(tables.len() > 10, "{tables:?}");
        let (resort, city) = (identity::hotel("resort"), self.site.other_hotel());
        let mut rows = BTreeMap::new();
        for (table, hotel) in tables.iter().flat_map(|it| [(it, resort), (it, city)]) {
            let is_of_refusals = ["refusal", "audit", "audit_head"].contains(&&**table);
            if hotel == city && is_of_refusals {
                continue;
            }
            let all = format!("select t::text as row from {table} t where hotel = $1 order by row");
            let found = sqlx::query_scalar(AssertSqlSafe(all)).bind(hotel.0);
            let found: Vec<String> = found.fetch_all(&mut database).await.unwrap();
            rows.insert((table.clone(), hotel), found);
        }
        rows
    }

    /// The other hotel's alone: what is asked for at one's own is made there.
    async fn resorts_rows(&self) -> BTreeMap<(String, HotelId), Vec<String>> {
        let mut rows = self.rows().await;
        rows.retain(|(_, hotel), _| *hotel == identity::hotel("resort"));
        rows
    }

    /// What a thief tries is refused for this reason whichever way it goes, and nothing else comes of it.
    async fn refuses(
        &mut self,
        name: &str,
        reason: Refusal,
        attack: impl Fn(&mut pretend::Device) -> Action,
    ) {
        for way in WAYS {
            self.both_work().await;
            let before = self.rows().await;
            let action = attack(&mut self.thief.hand.clone());
            let told = self.thief.told(&self.site, way, &action).await;
            assert_eq!(told, Verdict::Refused(reason.clone()), "{name}, {way:?}");
            assert_eq!(self.rows().await, before, "{name}, {way:?}");
            self.thief.hand.operation();
        }
        self.both_work().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hotels_documents_and_names_are_not_written_to() {
    let mut scene = Scene::set().await;
    let stolen = scene.stolen.clone();
    let of_maria = scene.maria.0.hand.actor;
    scene
        .refuses(
            "what was done at the other hotel, once more",
            GATE(GateReason::WrongAuthor),
            |_| stolen.clone(),
        )
        .await;
    let in_own_name = |_: &mut pretend::Device| Action {
        author: BRUNO,
        ..stolen.clone()
    };
    scene
        .refuses(
            "the same in one's own name",
            GATE(GateReason::UnregisteredActor),
            in_own_name,
        )
        .await;
    let by_their_actor = |hand: &mut pretend::Device| {
        hand.actor = of_maria;
        hand.mark(Cleanliness::Dirty)
    };
    scene
        .refuses(
            "under the other device's actor",
            GATE(GateReason::UnregisteredActor),
            by_their_actor,
        )
        .await;
    scene
        .refuses(
            "the other hotel's room",
            GATE(GateReason::MissingDependency),
            |hand| hand.mark(Cleanliness::Dirty),
        )
        .await;
    let seen = |hand: &mut pretend::Device| {
        let operation = hand.operation();
        let command = Command::SetOccupancySeen {
            room: ROOM,
            value: Occupancy::Vacant,
        };
        let seen = OccupancySeen {
            value: Occupancy::Vacant,
            at: hand.at,
        };
        hand.act(
            operation,
            command,
            &[Change::Room(ROOM, RoomChange::HkOccupancy(seen))],
        )
    };
    let missing = GATE(GateReason::MissingDependency);
    scene.refuses("what is in it", missing.clone(), seen).await;
    let taken_back = |hand: &mut pretend::Device| {
        let (own, operation) = (hand.operation(), stolen.operation);
        let wanted = RoomChange::ServiceStatus(ServiceStatus::DoNotDisturb);
        hand.act(
            own,
            Command::Undo { operation },
            &[Change::Room(ROOM, wanted)],
        )
    };
    scene
        .refuses(
            "what was done there is taken back",
            missing.clone(),
            taken_back,
        )
        .await;
    scene
        .refuses("what is said of a work order there", missing, |hand| {
            hand.ask(Command::AddComment {
                comment: CommentId(Uuid::from_u128(0xC0)),
                subject: ORDER,
                text: "Mine.".into(),
            })
            .unwrap()
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hotels_log_and_documents_are_not_read() {
    let mut scene = Scene::set().await;
    let known = KnownPlace {
        sequence: Sequence(3),
        operation: scene.stolen.operation,
        received_at: None,
    };
    scene.both_work().await;
    let before = scene.resorts_rows().await;
    // A greeting as of a device of the other hotel: its log is none that this one has.
    let thief = &scene.thief;
    let mut socket = Socket::open(&scene.site, &thief.token).await;
    socket.send(&thief.hello(Some(EPOCH), 3, Some(known))).await;
    let welcome = receive(&mut socket).await;
    match welcome {
        ServerFrame::Welcome { epoch, after, .. } => {
            assert_ne!(epoch, EPOCH);
            assert_eq!(after, Sequence(0));
        }
        ServerFrame::Refuse(body) => assert_eq!(body.code, ErrorCode::EpochChanged),
        told => panic!("{told:?}"),
    }
    let own = ["Bruno Lima", "Lamp"];
    let foreign = ["Maria Silva", "Rui Alves", "Shower"];
    let ask = async |line: &str| scene.site.ask(line, PROTOCOL, &thief.token, b"").await;
    let says = |answer: &Answer, text: &str| {
        let mut parts = answer.bytes.windows(text.len());
        parts.any(|part| part == text.as_bytes())
    };
    let operation = scene.stolen.operation;
    for line in [
        "GET /v1/pull".to_owned(),
        format!("GET /v1/pull?after=0&epoch={EPOCH}"),
        format!("GET /v1/pull?after=3&epoch={EPOCH}&known=3:{operation}"),
        "GET /v1/records".to_owned(),
        "GET /v1/working-set".to_owned(),
    ] {
        let answer = ask(&line).await;
        for text in foreign {
            assert!(!says(&answer, text), "{line} tells of {text}");
        }
    }
    let all = ask("GET /v1/pull").await;
    assert!(own.iter().all(|text| says(&all, text)));
    for document in [format!("room/{ROOM}"), format!("work-order/{ORDER}")] {
        let answer = ask(&format!("GET /v1/documents/{document}")).await;
        assert_eq!(answer.status, 404, "{document}");
    }
    drop(socket);
    assert_eq!(scene.resorts_rows().await, before);
    scene.both_work().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hotels_actors_are_bound_to_nobody_here() {
    let mut scene = Scene::set().await;
    scene.both_work().await;
    let before = scene.resorts_rows().await;
    for actors in [
        vec![scene.maria.0.hand.registration()],
        vec![ActorRegistration {
            actor: ActorId(Uuid::from_u128(0x5EED)),
            user: MARIA,
        }],
    ] {
        let body = encode(ClientFrame::Register { actors });
        let token = &scene.thief.token;
        scene
            .site
            .ask("POST /v1/actors", PROTOCOL, token, &body)
            .await;
    }
    assert_eq!(scene.resorts_rows().await, before);
    scene.both_work().await;
}
