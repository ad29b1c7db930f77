//! Attacks on a real server over real sockets: each is refused with its reason and leaves every
//! table of the database as it was, what the upkeep makes from the log among them, and honest
//! devices work before it, during it and after it.

use automerge::{
    Change as CrdtChange, ExpandedChange, ObjType, ScalarValue,
    legacy::{Key, OpId, OpType},
};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Action, LogEntry},
    administration::AuditEvent,
    change::{Change, Entity},
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause},
    command::Command,
    identity,
    ids::{ActorId, DeviceId, DocumentRef, OperationId, RoomId},
    limits::{self, SNAPSHOT_TURN},
    policy::Role,
    proof::statement,
    refusal::{GateReason, Refusal},
    room::{RoomChange, ServiceStatus},
    wire::{ErrorCode, Proof, Verdict},
};
use keyrack_replica::UserKey;
use keyrack_server::snapshots::{Progress, Snapshots};
use keyrack_tests::{
    attacker::{Attacker, Way},
    hostile::encode,
    hotel::{self, JOAO, MARIA, RUI},
    peer::Peer,
    postgres::Database,
    server::Server,
    wait,
    world::World,
};
use sqlx::{AssertSqlSafe, Connection};
use std::collections::BTreeMap;
use uuid::Uuid;

mod borrowed_device;
mod chunks;
mod frames;
mod meanwhile;
mod places;
mod replays;
mod stolen_session;
mod unseen;

/// Every row of every table, by the table.
type Dump = BTreeMap<String, Vec<String>>;

/// Where the verdicts of refusals are kept: all that an attack may leave, but for a word of it in the
/// audit log.
const REFUSALS: &str = "refusal";
const AUDIT: [&str; 2] = ["audit", "audit_head"];

/// What the upkeep makes from the log.
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
    for table in tables {
        let all = format!("select t::text as row from {table} t order by row");
        let rows = sqlx::query_scalar(AssertSqlSafe(all));
        let rows = rows.fetch_all(&mut connection).await;
        dump.insert(table, rows.expect("a table can be read"));
    }
    connection.close().await.expect("the connection ends");
    assert!(dump["change"].len() > 100 && dump.contains_key(REFUSALS));
    assert!(COPIES.iter().all(|copies| !dump[*copies].is_empty()));
    dump
}

/// Fails unless every table is as it was, but for so many more refusals.
fn assert_untouched(name: &str, before: &Dump, after: &Dump, refused: usize) {
    assert!(before.keys().eq(after.keys()), "{name}: other tables");
    let is_touched = |table: &&String| {
        let is_word_of_it = *table == REFUSALS || AUDIT.contains(&&***table);
        !is_word_of_it && before[*table] != after[*table]
    };
    let touched: Vec<&String> = before.keys().filter(is_touched).collect();
    assert!(touched.is_empty(), "{name}: not as it was: {touched:?}");
    let [was, is] = [before, after].map(|dump| &dump[AUDIT[0]]);
    let told: Vec<&String> = is.iter().filter(|row| !was.contains(row)).collect();
    let is_word_of_it = |row: &&String| {
        let words = [AuditEvent::WorkRefused, AuditEvent::SignInRefused];
        words.iter().any(|event| row.contains(event.word()))
    };
    assert!(told.iter().all(is_word_of_it), "{name}: {told:?}");
    assert_eq!(is.len(), was.len() + told.len(), "{name}: the audit log");
    // The same is told once an hour, however often it is tried.
    assert!(told.len() <= refused.max(1), "{name}: {told:?}");
    let (was, is) = (&before[REFUSALS], &after[REFUSALS]);
    assert!(was.iter().all(|row| is.contains(row)), "{name}: forgotten");
    assert_eq!(is.len(), was.len() + refused, "{name}: refusals");
}

/// A running server with an honest device, and one that is not.
struct Scene {
    server: Server,
    honest: Peer,
    attacker: Attacker,
    snapshots: Snapshots,
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
        let snapshots = server.database().snapshots().await;
        Self {
            server,
            honest,
            attacker,
            snapshots,
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
        self.dump().await
    }

    /// Every table, once the snapshots have all of the log and the server's own upkeep finds nothing
    /// to do. They are brought there as by another server, which need not wait for a pause.
    async fn dump(&self) -> Dump {
        let hotel = identity::hotel(hotel::CODE);
        let reached = self.snapshots.catch_up(hotel, SNAPSHOT_TURN).await;
        assert_eq!(reached.expect("a log to read"), Progress::UpToDate);
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
        let name = format!("{name}, {:?}", attacker.way);
        let before = self.works().await;
        let refusal = Verdict::Refused(refusal.into());
        assert_eq!(attacker.told(&action).await, refusal, "{name}");
        assert_untouched(&name, &before, &self.dump().await, 1);
        assert_eq!(attacker.told(&action).await, refusal, "{name}, once more");
        assert_untouched(&name, &before, &self.dump().await, 1);
    }

    /// A frame is turned away with this code, and nothing at all is stored.
    async fn turns_away(&mut self, name: &str, code: ErrorCode, frame: &[u8]) {
        let name = format!("{name}, {:?}", self.attacker.way);
        let before = self.works().await;
        let told = self.attacker.turned_away(frame).await;
        assert_eq!(told, Some(code), "{name}");
        assert_untouched(&name, &before, &self.dump().await, 0);
    }

    /// The changes of a document, as the log has them.
    async fn changes_of(&self, document: impl Into<DocumentRef>) -> Vec<CrdtChange> {
        let document = document.into();
        let log = self.honest.whole_log().await;
        let changes = log
            .iter()
            .filter_map(LogEntry::action)
            .flat_map(|action| &action.changes)
            .filter(|change| change.document == document);
        let read = changes.map(|change| CrdtChange::from_bytes(change.bytes.clone()));
        read.map(|change| change.expect("an admitted change"))
            .collect()
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
        // The server's own upkeep goes on.
        let mut database = self.server.database().inspect().await;
        wait::until_seen("entries that the snapshots lack", 0, async || {
            let lacks: Result<i64, _> = sqlx::query_scalar(
                "select head.sequence - mark.sequence
                 from hotel_head as head join snapshot_mark as mark using (hotel)",
            )
            .fetch_one(&mut database)
            .await;
            lacks.expect("there is one hotel")
        })
        .await;
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

/// In the place of what nobody wrote.
fn over_a_ghost(change: &mut ExpandedChange) {
    let ghost = OpId(4_000, change.actor_id.clone());
    change.operations[0].pred = vec![ghost].into();
}

/// What a housekeeper may not say of a room, under a command that is hers.
fn inspected(attacker: &mut Attacker, room: RoomId) -> Action {
    let reading = attacker.document(room.into()).reading();
    let Entity::Room(present) = reading.entity else {
        panic!("a room");
    };
    let operation = OperationId(Uuid::now_v7());
    let mark = CleanlinessMark {
        value: Cleanliness::Inspected,
        turn: present.cleanliness.turn,
        cause: MarkCause::Person,
        action: operation,
    };
    let command = Command::SetCleanliness {
        rooms: vec![room],
        value: Cleanliness::Clean,
    };
    let written = Change::Room(room, RoomChange::Cleanliness(mark));
    attacker.act_as(operation, command, &[written])
}

/// The name of the first operation of a change.
fn first_operation(change: &CrdtChange) -> OpId {
    OpId(change.start_op().get(), change.actor_id().clone())
}

fn with_bytes(mut action: Action, bytes: Vec<u8>) -> Action {
    action.changes[0].bytes = bytes;
    action
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
        (
            "a reference to nothing",
            GateReason::Unreadable,
            over_a_ghost,
        ),
    ];
    for way in Way::ALL {
        scene.attacker.way = way;
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
        scene
            .refuses(
                "an inspector's mark under a command of her own",
                gate(GateReason::NotOfCommand),
                inspected,
            )
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
    }
    scene.ends_as_ever().await;
}

#[tokio::test]
async fn writing_as_somebody_else_leaves_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    let rui = Attacker::signed_in(scene.server.address(), &RUI).await;
    drop(rui.connect().await);
    let actor = rui.actor;
    for way in Way::ALL {
        scene.attacker.way = way;
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
    }
    scene.ends_as_ever().await;
}

#[tokio::test]
async fn work_in_the_name_of_a_colleague_who_once_signed_in_leaves_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    let before = scene.attacker.clone();
    let joaos = SigningKey::from_bytes(&[0x70; 32]);
    let shown = UserKey::of(joaos.to_bytes());
    let hotel = identity::hotel(hotel::CODE);
    let prove = |key: &SigningKey, device: DeviceId, action: &Action| {
        let stated = statement(hotel, device, &encode(action));
        vec![Proof {
            index: 0,
            key: key.verifying_key().to_bytes(),
            signature: key.sign(&stated).to_bytes(),
        }]
    };
    scene.attacker.in_the_name_of(&JOAO, &shown).await;
    drop(scene.attacker.connect().await);
    for way in Way::ALL {
        scene.attacker.way = way;
        scene
            .refuses("without a proof", gate(GateReason::WrongAuthor), honest)
            .await;
        let own_key = |device: &mut Attacker, room| {
            let action = honest(device, room);
            let own = SigningKey::from_bytes(&[0x71; 32]);
            device.proofs = prove(&own, device.id(), &action);
            action
        };
        scene
            .refuses("a key of its own", gate(GateReason::WrongAuthor), own_key)
            .await;
        let of_another_action = |device: &mut Attacker, room| {
            let signed = honest(&mut device.clone(), room);
            device.proofs = prove(&joaos, device.id(), &signed);
            device.service(room, ServiceStatus::MakeUpRoom)
        };
        scene
            .refuses(
                "what he signed of another action",
                gate(GateReason::WrongAuthor),
                of_another_action,
            )
            .await;
        let of_another_device = |device: &mut Attacker, room| {
            let action = honest(device, room);
            device.proofs = prove(&joaos, DeviceId(Uuid::nil()), &action);
            action
        };
        scene
            .refuses(
                "what he signed elsewhere",
                gate(GateReason::WrongAuthor),
                of_another_device,
            )
            .await;
    }
    // What he did sign is his, whoever brings it.
    let mut desk = scene.attacker.clone();
    let action = honest(&mut desk, scene.room);
    desk.proofs = prove(&joaos, desk.id(), &action);
    let told = desk.told(&action).await;
    assert!(matches!(told, Verdict::Accepted { .. }), "{told:?}");
    scene.attacker = before;
    scene.honest.sync().await;
    scene.ends_as_ever().await;
}
