//! What devices of the present version say, with a `?` for each answer. Its transcript is written from
//! this as often as its wire changes, until the version is out there.

use super::transcript::{Direction, written};
use crate::pretend::{self, Device, EPOCH, GUEST, MARIA, NOW, ORDER, ROOM, RUI};
use ed25519_dalek::{Signer, SigningKey};
use keyrack_model::{
    action::{Action, Sequence},
    audit_head::hexadecimal,
    class::{Class, Reading},
    cleanliness::Cleanliness,
    command::{BlockDraft, Command, RoomCommand, RoomDraft},
    identity,
    ids::{BlockId, DeviceId, HotelId, OperationId, UserId},
    limits::PROTOCOL,
    policy::Role,
    room::ServiceStatus,
    room_link::RoomLinkKind,
    rule_sheet::{RuleKey, RuleScope},
    time::Timestamp,
    wire::{ActorRegistration, ClientFrame, DeviceRegistration, KnownPlace, SignIn},
    work_order::{Priority, WorkOrderChange},
};
use serde::Serialize;
use uuid::Uuid;

const MINUTE: i64 = 60 * 1_000;
const HOUR: i64 = 60 * MINUTE;

pub fn resort() -> HotelId {
    identity::hotel("resort")
}

/// What the transcript says of itself.
const REMARKS: &str = "\
# The front desk (rui, on a socket), the back office (rui, with requests) and a housekeeper (maria,
# with requests) say what they said in versions 1 and 2, at devices that prove that it is they. Then
# rui is a manager, in an office: a rule that comes and goes, a room out of use, two that belong
# together. What maria does on the floor by the rule that is over is refused, and so is what she
# does on a phone that has heard that she is an engineer.
";

/// The conversation as a transcript.
pub fn conversation() -> String {
    let mut script = Script(format!("# Version {PROTOCOL}.\n{REMARKS}"));
    let [maria, desk, back] = [
        Workplace::of("maria", MARIA, 1, Role::Housekeeper),
        Workplace::of("desk", RUI, 2, Role::FrontDesk),
        Workplace::of("back", RUI, 3, Role::FrontDesk),
    ];
    for workplace in [&maria, &desk, &back] {
        script.says(workplace.who, "POST /v1/sign-in", &workplace.sign_in());
        script.hears(workplace.who, 1);
    }
    of_a_day(&mut script, maria, desk, back);
    of_rules(&mut script);
    script.0
}

fn of_a_day(script: &mut Script, mut maria: Workplace, mut desk: Workplace, mut back: Workplace) {
    script.says("desk", "socket", b"");
    script.says("desk", "Hello", &desk.hello(None));
    script.hears("desk", 2);
    let status = Command::SetServiceStatus {
        room: ROOM,
        value: ServiceStatus::MakeUpRoom,
    };
    let order = [
        WorkOrderChange::Description("Pinga 💧".into()),
        WorkOrderChange::Priority(Priority::P1),
    ];
    let actions = [
        desk.device.act_beyond_role(status),
        desk.device.edit(order.to_vec()),
    ];
    script.says("desk", "Push", &desk.push(&actions));
    script.hears("desk", 1);
    script.says("maria", "POST /v1/actors", &maria.registers());
    script.hears("maria", 1);
    let actions = [
        maria.device.mark(Cleanliness::Clean),
        maria.device.name_guest(GUEST, 0, "Anabela"),
    ];
    script.says("maria", "POST /v1/push", &maria.push(&actions));
    script.hears("maria", 1);
    script.hears("desk", 1);
    let named = back.device.name_guest(GUEST, 0, "Anabela");
    script.says("back", "POST /v1/push", &back.push(&[named]));
    script.hears("back", 1);
    let named = desk.device.name_guest(GUEST, 0, "Ana");
    script.says("desk", "Push", &desk.push(&[named]));
    script.hears("desk", 2);
    script.says("desk", "Ping", &encode(&ClientFrame::Ping));
    script.hears("desk", 1);

    let reading = Reading::of(Role::Housekeeper).classes();
    for asked in [
        pull(11, &reading),
        "GET /v1/working-set".into(),
        "GET /v1/segments/*".into(),
        "GET /v1/records?up_to=15&after=0".into(),
        format!("GET /v1/documents/5/{}", ORDER.0),
    ] {
        script.says("maria", &asked, b"");
        script.hears("maria", 1);
    }
    let named = back.device.name_guest(GUEST, 1, "Anabela Q.");
    script.says("back", "POST /v1/push", &back.push(&[named]));
    script.hears("back", 1);
    script.hears("desk", 1);
    script.says("maria", &pull(15, &reading), b"");
    script.hears("maria", 1);

    // It has read another log.
    script.says("desk", "socket", b"");
    let elsewhere = KnownPlace {
        sequence: Sequence(11),
        operation: OperationId(Uuid::from_u128(0xff)),
        received_at: None,
    };
    script.says("desk", "Hello", &desk.hello(Some(elsewhere)));
    script.hears("desk", 1);
}

fn pull(after: u64, reading: &[Class]) -> String {
    let classes: Vec<String> = reading.iter().map(Class::to_string).collect();
    let (epoch, classes) = (EPOCH.0, classes.join(","));
    format!("GET /v1/pull?after={after}&epoch={epoch}&classes={classes}")
}

/// Where the log says that maria is an engineer.
const HER_ROLE: u64 = 26;

fn of_rules(script: &mut Script) {
    let mut floor = Workplace::of("floor", MARIA, 4, Role::Housekeeper);
    let mut office = Workplace::of("office", RUI, 5, Role::Manager);
    let mut phone = Workplace::of("phone", MARIA, 6, Role::Housekeeper);
    script.role("office", "rui", Role::Manager);
    for workplace in [&floor, &office, &phone] {
        script.says(workplace.who, "session", &workplace.sign_in());
        script.says(workplace.who, "POST /v1/actors", &workplace.registers());
        script.hears(workplace.who, 1);
    }
    let other = identity::room(resort(), "205");
    let rule = |number| Command::SetRule {
        scope: RuleScope::Hotel,
        rule: RuleKey::SelfCheck,
        number: Some(number),
    };
    let asked = [
        (72 * HOUR, rule(1)),
        (48 * HOUR, rule(0)),
        (
            0,
            Command::Rooms(RoomCommand::Add {
                room: other,
                draft: Box::new(RoomDraft {
                    number: "205".into(),
                    floor: 2,
                    ..RoomDraft::default()
                }),
            }),
        ),
        (
            0,
            Command::Rooms(RoomCommand::Link {
                first: ROOM,
                second: other,
                kind: Some(RoomLinkKind::Connecting),
            }),
        ),
        (
            0,
            Command::Rooms(RoomCommand::Block {
                block: BlockId(Uuid::from_u128(0xB1)),
                draft: Box::new(BlockDraft {
                    room: other,
                    reason: "Boiler".into(),
                    from: pretend::today(),
                    until: pretend::today().plus_days(1),
                    ..BlockDraft::default()
                }),
            }),
        ),
    ];
    let actions = asked.map(|(ago, command)| {
        office.device.at = Timestamp(NOW.0 - ago);
        office.device.ask(command).unwrap()
    });
    script.says("office", "POST /v1/push", &office.push(&actions));
    script.hears("office", 1);

    // Her device has not heard that the rule is over.
    floor.device.receive(&actions[0]);
    let task = pretend::stayover_of(resort());
    let finished = floor.device.ask(Command::FinishTask { task }).unwrap();
    script.says("floor", "POST /v1/push", &floor.push(&[finished]));
    script.hears("floor", 1);
    // Her phone has heard that she is an engineer, and a while later marks a room all the same.
    script.role("phone", "maria", Role::Engineer);
    let heard = pull(HER_ROLE, &Reading::of(Role::Engineer).classes());
    script.says("phone", &heard, b"");
    script.hears("phone", 1);
    script.later("phone", 15);
    phone.device.at = Timestamp(NOW.0 + 17 * MINUTE);
    let marked = phone.device.mark(Cleanliness::Clean);
    script.says("phone", "POST /v1/push", &phone.push(&[marked]));
    script.hears("phone", 1);

    script.says("office", "socket", b"");
    script.says("office", "Hello", &office.hello(None));
    script.hears("office", 2);
}

/// Somebody at a device whose key is made of its number.
struct Workplace {
    who: &'static str,
    number: u8,
    device: Device,
}

impl Workplace {
    fn of(who: &'static str, user: UserId, number: u8, role: Role) -> Self {
        let mut device = Device::of_hotel(resort(), user, number.into());
        device.id = DeviceId(Uuid::from_u128(number.into()));
        device.role = role;
        Self {
            who,
            number,
            device,
        }
    }

    fn secret(&self) -> [u8; 32] {
        [self.number; 32]
    }

    fn sign_in(&self) -> Vec<u8> {
        let person_key = SigningKey::from_bytes(&[0x80 | self.number; 32]).verifying_key();
        let name = if self.device.user == MARIA {
            "maria"
        } else {
            "rui"
        };
        let password = format!("{name}-keyrack");
        let secret = self.secret();
        let asked = pretend::sign_in(["resort", name, &password], self.device.id, &secret);
        let asked = SignIn {
            person_key: Some(hexadecimal(person_key.as_bytes())),
            device: DeviceRegistration {
                name: self.who.into(),
                ..asked.device
            },
            ..asked
        };
        serde_json::to_vec(&pretend::proved(asked, &secret, NOW)).unwrap()
    }

    fn actors(&self) -> Vec<ActorRegistration> {
        vec![self.device.registration()]
    }

    fn registers(&self) -> Vec<u8> {
        let actors = self.actors();
        encode(&ClientFrame::Register { actors })
    }

    /// Of a device that has no log, or one in which this stands.
    fn hello(&self, known: Option<KnownPlace>) -> Vec<u8> {
        let (epoch, cursor, classes) = match known {
            Some(_) => (Some(EPOCH), 16, Reading::of(self.device.role).classes()),
            None => (None, 0, Vec::new()),
        };
        encode(&ClientFrame::Hello {
            protocol: PROTOCOL,
            epoch,
            cursor: Sequence(cursor),
            known,
            classes,
            actors: self.actors(),
        })
    }

    fn push(&self, actions: &[Action]) -> Vec<u8> {
        let batch = encode(&actions);
        let signature = SigningKey::from_bytes(&self.secret()).sign(&batch);
        encode(&ClientFrame::Push {
            batch,
            signature: signature.to_bytes().to_vec(),
            proofs: Vec::new(),
        })
    }
}

struct Script(String);

impl Script {
    fn says(&mut self, who: &str, what: &str, content: &[u8]) {
        self.0 += &written(who, Direction::ToServer, what, content);
    }

    /// So many frames, or one answer.
    fn hears(&mut self, who: &str, frames: usize) {
        for _ in 0..frames {
            self.0 += &written(who, Direction::FromServer, "?", b"");
        }
    }

    /// So much time goes by.
    fn later(&mut self, who: &str, minutes: i64) {
        let passed = serde_json::json!({ "minutes": minutes });
        self.says(who, "later", passed.to_string().as_bytes());
    }

    /// Somebody is something else from here on.
    fn role(&mut self, who: &str, name: &str, role: Role) {
        let given = serde_json::json!({ "name": name, "role": role });
        self.says(who, "role", given.to_string().as_bytes());
    }
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}
