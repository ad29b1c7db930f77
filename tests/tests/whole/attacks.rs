//! Attacks on a real server over a real socket: each is refused with its reason and leaves every
//! table of the database as it was, and honest devices work before it, during it and after it.

use automerge::{
    Change as CrdtChange, ExpandedChange, ObjType, ScalarValue,
    legacy::{Key, OpId, OpType},
};
use keyrack_model::{
    action::Action,
    change::Change,
    command::Command,
    ids::{ActorId, RoomId},
    limits::{MAX_CHANGE, MAX_PUSH_ACTIONS},
    policy::Role,
    refusal::{GateReason, Refusal},
    room::{RoomChange, ServiceStatus},
    wire::{ClientFrame, ErrorCode, ServerFrame, Verdict},
};
use keyrack_tests::{
    attacker::{Attacker, receive},
    hostile::{
        chunk::{DEFLATED, HUGE, change, chunk},
        encode,
    },
    hotel::{JOAO, MARIA, RUI},
    peer::Peer,
    postgres::Database,
    server::Server,
    world::World,
};
use sqlx::{AssertSqlSafe, Connection};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Every row of every table, by the table.
type Dump = BTreeMap<String, Vec<String>>;

/// Where the verdicts of refusals are kept: all that an attack may leave.
const REFUSALS: &str = "refusal";

/// Made from the log in the background, whenever there is time: copies that nobody relies on.
const COPIES: [&str; 4] = ["segment", "snapshot", "snapshot_mark", "working_set"];

async fn dump(database: &Database) -> Dump {
    let mut connection = database.inspect().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name",
    )
    .fetch_all(&mut connection)
    .await
    .expect("the catalogue answers");
    let mut dump = Dump::new();
    let is_copy = |table: &String| COPIES.contains(&table.as_str());
    for table in tables.into_iter().filter(|table| !is_copy(table)) {
        let all = format!("select t::text as row from {table} t order by row");
        let rows = sqlx::query_scalar(AssertSqlSafe(all));
        let rows = rows.fetch_all(&mut connection).await;
        dump.insert(table, rows.expect("a table can be read"));
    }
    connection.close().await.expect("the connection ends");
    assert!(dump["change"].len() > 100 && dump.contains_key(REFUSALS));
    dump
}

/// How many refusals the dump has, and all the rest.
fn split(mut dump: Dump) -> (usize, Dump) {
    let refusals = dump.remove(REFUSALS).expect("the table is there");
    (refusals.len(), dump)
}

/// A running server with an honest device, and one that is not.
struct Scene {
    server: Server,
    honest: Peer,
    attacker: Attacker,
    room: RoomId,
    rounds: usize,
    _world: World,
}

impl Scene {
    async fn set() -> Self {
        let world = World::new();
        let server = world.demo_server().await;
        let mut honest = Peer::signed_in(server.address(), &RUI).await;
        honest.sync().await;
        let mut attacker = Attacker::signed_in(server.address(), &MARIA).await;
        let room = honest.rooms()[0];
        // What she does before she begins is honest and is taken.
        let first = attacker.service(room, ServiceStatus::DoNotDisturb);
        let told = attacker.told(&first).await;
        assert!(matches!(told, Verdict::Accepted { .. }), "{told:?}");
        honest.sync().await;
        Self {
            server,
            honest,
            attacker,
            room,
            rounds: 0,
            _world: world,
        }
    }

    /// Honest work is taken, and every table is read afterwards.
    async fn works(&mut self) -> Dump {
        self.rounds += 1;
        let value = [ServiceStatus::None, ServiceStatus::DoNotDisturb][self.rounds % 2];
        let room = self.honest.rooms()[1];
        let command = Command::SetServiceStatus { room, value };
        self.honest.act(&command).expect("the desk may");
        self.honest.sync().await;
        dump(self.server.database()).await
    }

    /// An action is refused for this reason, twice, and nothing but the refusal is stored.
    async fn refuses(
        &mut self,
        name: &str,
        refusal: impl Into<Refusal>,
        attack: impl FnOnce(&mut Attacker, RoomId) -> Action,
    ) {
        let mut attacker = self.attacker.clone();
        let action = attack(&mut attacker, self.room);
        let (refused, before) = split(self.works().await);
        let refusal = Verdict::Refused(refusal.into());
        assert_eq!(attacker.told(&action).await, refusal, "{name}");
        let (refused_then, after) = split(dump(self.server.database()).await);
        assert_eq!(after, before, "{name}");
        assert_eq!(refused_then, refused + 1, "{name}");
        assert_eq!(attacker.told(&action).await, refusal, "{name}, once more");
        assert_eq!(
            split(dump(self.server.database()).await),
            (refused + 1, before),
            "{name}, once more"
        );
    }

    /// A frame ends the connection with this code, and nothing at all is stored.
    async fn turns_away(&mut self, name: &str, code: ErrorCode, frame: &[u8]) {
        let before = self.works().await;
        let mut socket = self.attacker.connect().await;
        assert!(socket.send(frame).await, "{name}");
        let told = loop {
            match receive(&mut socket).await {
                Some(ServerFrame::Deliver { .. }) => {}
                other => break other,
            }
        };
        match told {
            Some(ServerFrame::Refuse(body)) => assert_eq!(body.code, code, "{name}"),
            other => panic!("{name}: not turned away: {other:?}"),
        }
        assert!(receive(&mut socket).await.is_none(), "{name}: still open");
        assert_eq!(dump(self.server.database()).await, before, "{name}");
    }

    /// Whatever was tried, all work as ever and see the same.
    async fn ends_as_ever(mut self) {
        let mut joao = Peer::signed_in(self.server.address(), &JOAO).await;
        joao.sync().await;
        self.works().await;
        joao.sync().await;
        assert_eq!(joao.services(), self.honest.services());
        // And so does she, with an honest app.
        let honest = self.attacker.service(self.room, ServiceStatus::None);
        let told = self.attacker.told(&honest).await;
        assert!(matches!(told, Verdict::Accepted { .. }), "{told:?}");
    }
}

fn gate(reason: GateReason) -> Refusal {
    Refusal::Gate { reason }
}

/// What an honest app would send.
fn honest(attacker: &mut Attacker, room: RoomId) -> Action {
    attacker.service(room, ServiceStatus::None)
}

/// The action's change, rewritten; the checksum and the hash fit what it becomes.
fn rewritten(mut action: Action, rewrite: impl FnOnce(&mut ExpandedChange)) -> Action {
    let bytes = action.changes[0].bytes.clone();
    let change = CrdtChange::from_bytes(bytes).expect("an honest change");
    let mut change = change.decode();
    rewrite(&mut change);
    action.changes[0].bytes = CrdtChange::from(change).raw_bytes().to_vec();
    action
}

fn with_bytes(mut action: Action, bytes: Vec<u8>) -> Action {
    action.changes[0].bytes = bytes;
    action
}

#[tokio::test]
async fn chunks_that_are_not_what_they_seem_leave_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    let run = [&HUGE[..], &[1]].concat();
    for (name, reason, bytes) in [
        (
            "a run-length bomb",
            GateReason::TooManyRows,
            change(&[(0x42, &run)]),
        ),
        ("nothing", GateReason::NotAChange, Vec::new()),
        (
            "a deflated chunk",
            GateReason::NotAChange,
            chunk(DEFLATED, &[3, 0]),
        ),
        (
            "a chunk beyond the limit",
            GateReason::TooLarge,
            vec![0; MAX_CHANGE + 1],
        ),
    ] {
        let attack = |device: &mut Attacker, room| with_bytes(honest(device, room), bytes);
        scene.refuses(name, gate(reason), attack).await;
    }
    let flipped = |device: &mut Attacker, room| {
        let mut action = honest(device, room);
        action.changes[0].bytes[4] ^= 1;
        action
    };
    scene
        .refuses("a flipped checksum", gate(GateReason::Checksum), flipped)
        .await;
    let cut = |device: &mut Attacker, room| {
        let mut action = honest(device, room);
        action.changes[0].bytes.truncate(60);
        action
    };
    scene
        .refuses("a chunk cut off", gate(GateReason::NotAChange), cut)
        .await;
    scene.ends_as_ever().await;
}

#[tokio::test]
async fn changes_out_of_their_place_leave_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    type Rewrite = fn(&mut ExpandedChange);
    let rewrites: [(&str, GateReason, Rewrite); 6] = [
        (
            "an operation counter near its end",
            GateReason::StartOp,
            |change| {
                change.start_op = (u64::from(u32::MAX) - 9).try_into().expect("not zero");
            },
        ),
        ("a gap in the sequence", GateReason::Sequence, |change| {
            change.seq += 1
        }),
        (
            "an unknown dependency",
            GateReason::MissingDependency,
            |change| {
                change.deps.push(automerge::ChangeHash([9; 32]));
            },
        ),
        ("no dependency", GateReason::MissingDependency, |change| {
            change.deps.clear()
        }),
        (
            "another operation's name",
            GateReason::WrongOperation,
            |change| {
                change.message = Some(Uuid::nil().to_string());
            },
        ),
        ("another time", GateReason::Timestamp, |change| {
            change.time -= 1
        }),
    ];
    for (name, reason, rewrite) in rewrites {
        let attack = |device: &mut Attacker, room| rewritten(honest(device, room), rewrite);
        scene.refuses(name, gate(reason), attack).await;
    }
    // Two contents under one place of one actor: the first of them is the log's.
    let twin = scene.attacker.clone();
    let first = scene.attacker.service(scene.room, ServiceStatus::None);
    let told = scene.attacker.told(&first).await;
    assert!(matches!(told, Verdict::Accepted { .. }), "{told:?}");
    let equivocation = |device: &mut Attacker, room| {
        *device = twin;
        device.service(room, ServiceStatus::MakeUpRoom)
    };
    scene
        .refuses("equivocation", gate(GateReason::Sequence), equivocation)
        .await;
    let other = scene.room;
    scene.attacker.service(other, ServiceStatus::DoNotDisturb);
    let unseen = |device: &mut Attacker, room| device.service(room, ServiceStatus::None);
    scene
        .refuses(
            "built on what was never sent",
            gate(GateReason::Sequence),
            unseen,
        )
        .await;
}

#[tokio::test]
async fn writes_beyond_a_command_or_a_role_leave_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    type Rewrite = fn(&mut ExpandedChange);
    let rewrites: [(&str, GateReason, Rewrite); 4] = [
        (
            "a key that there is not",
            GateReason::UnknownField,
            |change| {
                change.operations[0].key = Key::Map("guest".into());
            },
        ),
        ("a nested object", GateReason::UnknownField, |change| {
            change.operations[0].action = OpType::Make(ObjType::List);
        }),
        (
            "a write beside the value that is there",
            GateReason::Unreadable,
            |change| {
                change.operations[0].pred = Vec::new().into();
            },
        ),
        ("a reference to nothing", GateReason::Unreadable, |change| {
            let ghost = OpId(4_000, change.actor_id.clone());
            change.operations[0].pred = vec![ghost].into();
        }),
    ];
    for (name, reason, rewrite) in rewrites {
        let attack = |device: &mut Attacker, room| rewritten(honest(device, room), rewrite);
        scene.refuses(name, gate(reason), attack).await;
    }
    let wrong_type = |device: &mut Attacker, room| {
        rewritten(honest(device, room), |change| {
            change.operations[0].action = OpType::Put(ScalarValue::Int(3));
        })
    };
    scene
        .refuses(
            "a value of another type",
            gate(GateReason::UnknownField),
            wrong_type,
        )
        .await;
    let number = |device: &mut Attacker, room| {
        let value = ServiceStatus::None;
        let written = Change::Room(room, RoomChange::Number("1".into()));
        device.act(Command::SetServiceStatus { room, value }, &[written])
    };
    scene
        .refuses(
            "another field than the command's",
            gate(GateReason::NotOfCommand),
            number,
        )
        .await;
    let check_in = |device: &mut Attacker, room| {
        let mut action = honest(device, room);
        action.command = Command::CheckIn {
            stay: Default::default(),
        };
        action
    };
    let refusal = Refusal::NotAllowed {
        command: "check-in".into(),
        role: Role::Housekeeper,
    };
    scene
        .refuses("a command of the desk", refusal, check_in)
        .await;
    let open = |device: &mut Attacker, room| {
        let mut action = honest(device, room);
        action.command = Command::OpenHotel {
            hotel: Default::default(),
            name: "Mine".into(),
            business_date: Default::default(),
        };
        action
    };
    scene
        .refuses("a command of the server", Refusal::ServerOnly, open)
        .await;
    scene.ends_as_ever().await;
}

#[tokio::test]
async fn writing_as_somebody_else_leaves_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    let unregistered = |device: &mut Attacker, room| {
        let registered = std::mem::replace(&mut device.actor, ActorId(Uuid::new_v4()));
        let action = honest(device, room);
        device.actor = registered;
        action
    };
    scene
        .refuses(
            "an actor of nobody",
            gate(GateReason::UnregisteredActor),
            unregistered,
        )
        .await;
    let rui = Attacker::signed_in(scene.server.address(), &RUI).await;
    drop(rui.connect().await);
    let actor = rui.actor;
    let borrowed = |device: &mut Attacker, room| {
        let registered = std::mem::replace(&mut device.actor, actor);
        let action = honest(device, room);
        device.actor = registered;
        action
    };
    scene
        .refuses(
            "another device's actor",
            gate(GateReason::UnregisteredActor),
            borrowed,
        )
        .await;
    let in_anothers_name = |device: &mut Attacker, room| {
        let mut action = honest(device, room);
        action.author = rui.user;
        action
    };
    scene
        .refuses(
            "another's name",
            gate(GateReason::WrongAuthor),
            in_anothers_name,
        )
        .await;
    let of_nobody = |device: &mut Attacker, room| {
        let mut action = honest(device, room);
        action.author.0 = Uuid::nil();
        action
    };
    scene
        .refuses("nobody's name", gate(GateReason::WrongAuthor), of_nobody)
        .await;
    scene.ends_as_ever().await;
}

#[tokio::test]
async fn frames_that_are_not_of_the_protocol_end_their_connection_and_nothing_else() {
    let mut scene = Scene::set().await;
    let mut device = scene.attacker.clone();
    let action = honest(&mut device, scene.room);
    let batch = encode(&[&action]);
    let forged = ClientFrame::Push {
        batch: batch.clone(),
        signature: vec![7; 64],
    };
    let mut small = action.clone();
    small.changes.clear();
    let many = encode(&vec![small; MAX_PUSH_ACTIONS + 1]);
    let behind = [batch.clone(), vec![0]].concat();
    for (name, code, frame) in [
        ("a forged signature", ErrorCode::DeviceKey, encode(&forged)),
        ("too many actions", ErrorCode::TooLarge, device.push(many)),
        (
            "something behind the actions",
            ErrorCode::BadRequest,
            device.push(behind),
        ),
        (
            "nesting without end",
            ErrorCode::BadRequest,
            vec![0x81; 100_000],
        ),
        (
            "a length beyond memory",
            ErrorCode::BadRequest,
            vec![0x9b, 0xff, 0xff, 0xff, 0xff],
        ),
        (
            "nesting in a push",
            ErrorCode::BadRequest,
            device.push(vec![0x81; 100_000]),
        ),
        ("nothing", ErrorCode::BadRequest, Vec::new()),
    ] {
        scene.turns_away(name, code, &frame).await;
    }
    assert!(
        scene.server.memory() <= MOST_MEMORY,
        "{}",
        scene.server.memory()
    );
    scene.ends_as_ever().await;
}

/// Bytes that a server may hold that has served a handful of devices, and an attack.
const MOST_MEMORY: usize = 256 << 20;
