//! What servers of every version have ever said, heard by this device: it is understood as it was.
//! See tests/transcripts.

#[path = "../../../../tests/transcripts/transcript.rs"]
mod transcript;

use crate::world::people::session;
use keyrack_model::{
    action::Sequence,
    class::Class,
    cleanliness::Cleanliness,
    command::Command,
    ids::{DeviceId, DocumentRef, StayId, UserId},
    ipc::{Connection, Problem},
    policy::Role,
    refusal::Refusal,
    room::ServiceStatus,
    rows::{Person, Row},
    segment::{Segment, WorkingSet},
    time::Timestamp,
    wire::{Batch, ClientFrame, ServerFrame},
    work_order::Priority,
};
use keyrack_replica::{Effect, Fetched, Input, NewDevice, Replica, SyncSession, Wanted};
use serde::de::DeserializeOwned;
use transcript::{Direction, Step, steps, written};
use uuid::Uuid;

/// Of each version of the protocol, from the first on.
const VERSIONS: [&str; 2] = [
    include_str!("../../../../tests/transcripts/version-1.txt"),
    include_str!("../../../../tests/transcripts/version-2.txt"),
];

const NOW: Timestamp = Timestamp(1_495_700_000_000);
const GUEST: StayId = StayId(Uuid::from_u128(31));

/// A device of the transcript.
struct Device {
    replica: Replica,
    sync: SyncSession,
    now: Timestamp,
    /// Frames that it sent.
    sent: Vec<ClientFrame>,
    fetches: Vec<Wanted>,
}

impl Device {
    fn of(number: u8, person: u128, role: Role) -> Self {
        let id = Uuid::from_u128(number.into());
        let device = NewDevice {
            id: DeviceId(id),
            signing_key: [number; 32],
            name: "desk".into(),
        };
        // The session writes under the actor of the transcript: what it does again is the same.
        let mut actors = [0xAC00, 0xAC00 + u128::from(number)].into_iter();
        let fresh = move || Uuid::from_u128(actors.next().expect("one actor is enough"));
        let mut replica = Replica::open_in_memory(device, Box::new(fresh)).unwrap();
        let me = Person {
            id: UserId(Uuid::from_u128(person)),
            name: "me".into(),
            display: "Me".into(),
            role,
            left: false,
        };
        replica.begin_session(session(me)).unwrap();
        Self {
            replica,
            sync: SyncSession::new(NOW, 7),
            now: NOW,
            sent: Vec::new(),
            fetches: Vec::new(),
        }
    }

    fn takes(&mut self, input: Input) {
        let effects = self.sync.handle(&mut self.replica, self.now, input);
        for effect in effects.unwrap() {
            match effect {
                Effect::Send(frame) => self.sent.push(read(&frame)),
                Effect::Fetch(wanted) => self.fetches.push(wanted),
                Effect::Connect => self.takes(Input::Opened),
                _ => {}
            }
        }
    }

    fn hears(&mut self, frame: Vec<u8>) {
        self.takes(Input::Received(frame));
    }

    /// The connection is a new one.
    fn connects(&mut self) {
        self.takes(Input::Closed(None));
        self.now.0 += 60_000;
        self.takes(Input::Tick);
    }

    /// Does what was pushed.
    fn does(&mut self, pushed: &[u8]) {
        let ClientFrame::Push { batch, .. } = read(pushed) else {
            panic!("no push");
        };
        for action in read::<Batch>(&batch) {
            let done = self
                .replica
                .act(&action.command, action.operation, action.at.wall);
            done.unwrap();
        }
        self.takes(Input::Acted);
    }

    fn pushes(&self) -> usize {
        let sent = self.sent.iter();
        sent.filter(|it| matches!(it, ClientFrame::Push { .. }))
            .count()
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> T {
    ciborium::from_reader(bytes).unwrap()
}

fn steps_of(text: &str, who: &str) -> Vec<Step> {
    let mut steps = steps(text);
    steps.retain(|step| step.who == who);
    steps
}

/// What was answered to somebody's requests that begin like this, in order.
fn answers<'a>(steps: &'a [Step], request: &str) -> Vec<&'a [u8]> {
    let pairs = steps.iter().zip(&steps[1..]);
    let asked = pairs.filter(|(asked, _)| asked.what.starts_with(request));
    asked.map(|(_, answer)| &answer.content[..]).collect()
}

#[test]
fn a_desk_understands_what_a_server_of_any_version_says_on_the_socket() {
    for version in VERSIONS {
        desk_of(version);
    }
}

fn desk_of(version: &str) {
    let mut desk = Device::of(2, 0xA2, Role::FrontDesk);
    for step in steps_of(version, "desk") {
        match (step.direction, &step.what[..]) {
            (Direction::ToServer, "socket") => desk.connects(),
            (Direction::ToServer, "Push") => desk.does(&step.content),
            // The device says these of its own accord.
            (Direction::ToServer, _) => {}
            (Direction::FromServer, "200") => {}
            (Direction::FromServer, _) => desk.hears(step.content),
        }
    }
    assert_eq!(desk.pushes(), 2);
    assert_eq!(desk.replica.cursor(), Sequence(16));
    assert_eq!(desk.replica.waiting().unwrap(), 0);
    let refused = desk.replica.refused().unwrap();
    assert!(matches!(refused[0].command, Command::EditGuest { .. }));
    assert_eq!(refused[0].reason, Refusal::RecordChanged { version: 1 });
    assert_eq!(refused.len(), 1);

    let rows = desk.replica.all_rows().unwrap();
    let (_, room) = rows.iter().find_map(Row::as_room).unwrap();
    assert_eq!(room.service_status, ServiceStatus::MakeUpRoom);
    assert_eq!(room.cleanliness.value, Cleanliness::Clean);
    let (_, order) = rows.iter().find_map(Row::as_work_order).unwrap();
    assert_eq!(
        (&order.description[..], order.priority),
        ("Pinga 💧", Priority::P1)
    );
    let guest = desk.replica.guests_of([GUEST.into()]).unwrap().remove(0);
    assert_eq!(
        (guest.version, &guest.guest.unwrap().name[..]),
        (2, "Anabela Q.")
    );
    let people = desk.replica.people().unwrap();
    let names: Vec<&str> = people.iter().map(|person| &person.name[..]).collect();
    assert_eq!(names, ["maria", "rui"]);
    let Connection::Offline { reason, .. } = desk.sync.state(&desk.replica).unwrap().connection
    else {
        panic!("still online");
    };
    assert_eq!(reason, Some(Problem::LogBroughtBack));
}

#[test]
fn a_device_begins_with_what_a_server_of_any_version_hands_out() {
    for version in VERSIONS {
        begins_with(version);
    }
}

fn begins_with(version: &str) {
    let steps = steps_of(version, "maria");
    let answer = |request: &str| answers(&steps, request)[0];
    let set: WorkingSet = read(answer("GET /v1/working-set"));
    let segment: Segment = read(answer("GET /v1/segments/"));
    let documents: Vec<DocumentRef> = segment.documents.iter().map(|it| it.row.document).collect();

    let mut maria = Device::of(1, 0xA1, Role::Housekeeper);
    maria.sync = SyncSession::new(NOW, 7).that_fetches();
    maria.takes(Input::Tick);
    while let Some(wanted) = maria.fetches.pop() {
        let fetched = match wanted {
            Wanted::WorkingSet => Fetched::WorkingSet(set.clone()),
            Wanted::Records { .. } => Fetched::Records(read(answer("GET /v1/records"))),
            Wanted::Segment(_) => Fetched::Segment(segment.clone()),
            Wanted::Document(other) => panic!("{other} was not handed out"),
        };
        maria.takes(Input::Fetched(wanted, fetched));
    }
    // What came afterwards, as a socket would have said it.
    let later: Vec<ServerFrame> = read(answers(&steps, "GET /v1/pull")[1]);
    for frame in &later {
        let mut bytes = Vec::new();
        ciborium::into_writer(frame, &mut bytes).unwrap();
        maria.hears(bytes);
    }
    assert_eq!(maria.replica.cursor(), Sequence(16));
    let rows = maria.replica.all_rows().unwrap();
    assert_eq!(rows.len(), documents.len());
    assert_eq!(maria.replica.rows_of(&documents).unwrap().len(), rows.len());
    for handed_out in &segment.documents {
        assert!(
            rows.contains(&handed_out.row),
            "{}",
            handed_out.row.document
        );
    }
    let before = rows.len();
    maria.replica.rebuild().unwrap();
    assert_eq!(maria.replica.all_rows().unwrap().len(), before);
    assert_eq!(maria.replica.guests_of([GUEST.into()]).unwrap(), []);
    assert_eq!(maria.replica.people().unwrap().len(), 2);

    let alone: Segment = read(answer("GET /v1/documents/"));
    let (_, order) = alone.documents[0].row.as_work_order().unwrap();
    assert_eq!(order.priority, Priority::P1);
}

#[test]
fn what_a_reader_may_not_see_was_hidden_in_every_version() {
    for version in VERSIONS {
        hidden_in(version);
    }
}

fn hidden_in(version: &str) {
    let steps = steps_of(version, "maria");
    let told: Vec<ServerFrame> = read(answers(&steps, "GET /v1/pull")[0]);
    let [
        ServerFrame::Welcome { classes, .. },
        ServerFrame::Deliver { entries },
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert!(!classes.contains(&Class::Guests));
    let last = entries.last().unwrap();
    assert_eq!((last.first(), last.sequence), (Sequence(15), Sequence(15)));
    assert!(last.operation().is_none());
}

#[test]
fn a_transcript_is_written_as_it_is_read() {
    for version in VERSIONS {
        let lines = version.lines().skip_while(|line| line.starts_with('#'));
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        let again = steps(version);
        assert!(!again.iter().any(Step::is_open));
        let again = again.iter();
        let again: String = again
            .map(|step| written(&step.who, step.direction, &step.what, &step.content))
            .collect();
        assert!(text == again);
    }
}
