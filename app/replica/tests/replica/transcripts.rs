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
    ids::{DeviceId, DocumentKind, DocumentRef, HotelId, StayId, UserId},
    ipc::{Connection, Problem},
    limits::{OLDEST_PROTOCOL, PROTOCOL},
    policy::Role,
    refusal::Refusal,
    room::ServiceStatus,
    rows::{Person, Row},
    segment::{Segment, WorkingSet},
    time::Timestamp,
    wire::{Batch, ClientFrame, ServerFrame, Verdict},
    work_order::Priority,
};
use keyrack_replica::{
    Effect, Fetched, Input, NewDevice, Replica, SyncSession, UserSession, Wanted,
};
use serde::de::DeserializeOwned;
use transcript::{Direction, Step, steps, written};
use uuid::Uuid;

/// Of each version of the protocol, from the first on.
const VERSIONS: [&str; 4] = [
    include_str!("../../../../tests/transcripts/version-1.txt"),
    include_str!("../../../../tests/transcripts/version-2.txt"),
    include_str!("../../../../tests/transcripts/version-3.txt"),
    include_str!("../../../../tests/transcripts/version-4.txt"),
];
/// It tells of one desk that two people share, and the others of a front desk, a back office and a
/// housekeeper.
const OF_A_SHARED_DESK: &str = VERSIONS[2];
const OF_RULES: &str = VERSIONS[3];

fn of_a_day() -> impl Iterator<Item = &'static str> {
    numbered().map(|(_, version)| version)
}

/// The same, each with its number.
fn numbered() -> impl Iterator<Item = (u16, &'static str)> {
    let versions = (OLDEST_PROTOCOL..).zip(VERSIONS);
    versions.filter(|(_, version)| *version != OF_A_SHARED_DESK)
}

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
        // The session writes under the actor of the transcript: what it does again is the same.
        let me = session(someone(person, role));
        Self::writing_as(number, me, [0xAC00 + u128::from(number)])
    }

    /// One at which sessions write under these actors, one after another.
    fn writing_as<const N: usize>(number: u8, me: UserSession, actors: [u128; N]) -> Self {
        let id = Uuid::from_u128(number.into());
        let device = NewDevice {
            id: DeviceId(id),
            signing_key: [number; 32],
            name: "desk".into(),
        };
        let mut actors = [0xAC00].into_iter().chain(actors);
        let fresh = move || Uuid::from_u128(actors.next().expect("an actor for each session"));
        let mut replica = Replica::open_in_memory(device, Box::new(fresh)).unwrap();
        replica.begin_session(me).unwrap();
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

    /// The same, of what the others at the device did in their own sessions.
    fn do_as_their_authors(&mut self, pushed: &[u8]) {
        let ClientFrame::Push { batch, .. } = read(pushed) else {
            panic!("no push");
        };
        let mine = self.replica.session().unwrap().clone();
        for action in read::<Batch>(&batch) {
            if action.author != mine.me.id {
                let author = someone(action.author.0.as_u128(), Role::Housekeeper);
                let theirs = UserSession {
                    hotel: mine.hotel,
                    ..session(author)
                };
                self.replica.begin_session(theirs).unwrap();
            }
            let done = self
                .replica
                .act(&action.command, action.operation, action.at.wall);
            done.unwrap();
            if action.author != mine.me.id {
                self.replica.begin_session(mine.clone()).unwrap();
            }
        }
        self.takes(Input::Acted);
    }

    fn pushes(&self) -> usize {
        let sent = self.sent.iter();
        sent.filter(|it| matches!(it, ClientFrame::Push { .. }))
            .count()
    }
}

fn someone(person: u128, role: Role) -> Person {
    Person {
        id: UserId(Uuid::from_u128(person)),
        name: "me".into(),
        display: "Me".into(),
        role,
        left: false,
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
fn a_conversation_of_every_version_that_is_served_is_heard_again() {
    let numbers: Vec<u16> = (OLDEST_PROTOCOL..=PROTOCOL).collect();
    assert_eq!(VERSIONS.len(), numbers.len());
    for (version, number) in VERSIONS.iter().zip(numbers) {
        assert!(version.starts_with(&format!("# Version {number}.")));
    }
}

#[test]
fn a_desk_understands_what_a_server_of_any_version_says_on_the_socket() {
    for version in of_a_day() {
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

/// Before version 3 nobody signed; from then on what came without its author's word comes back.
#[test]
fn what_a_server_of_version_3_does_not_take_for_its_authors_waits_for_them_at_the_desk() {
    let rui = UserSession {
        // What they did asks for the hotel's day.
        hotel: HotelId(Uuid::from_u128(1)),
        ..session(someone(0xA2, Role::FrontDesk))
    };
    let actors = [0xAC01, 0xAC03, 0xAC02, 0xAC04, 0xAC05];
    let mut desk = Device::writing_as(2, rui, actors);
    let steps = steps_of(OF_A_SHARED_DESK, "desk");
    // Then it goes on with another token.
    let steps = steps
        .into_iter()
        .take_while(|step| !step.what.starts_with("POST"));
    for step in steps {
        match (step.direction, &step.what[..]) {
            (Direction::ToServer, "socket") => desk.connects(),
            (Direction::ToServer, "Push") => desk.do_as_their_authors(&step.content),
            (Direction::ToServer, _) => {}
            (Direction::FromServer, _) => desk.hears(step.content),
        }
    }
    assert_eq!(desk.pushes(), 2);
    assert_eq!(desk.replica.cursor(), Sequence(11));
    assert_eq!(desk.replica.waiting().unwrap(), 1);
    assert_eq!(desk.replica.refused().unwrap(), []);
    let maria = UserId(Uuid::from_u128(0xA1));
    assert_eq!(desk.replica.awaited().unwrap(), [maria]);
    let connection = desk.sync.state(&desk.replica).unwrap().connection;
    assert!(!matches!(connection, Connection::Offline { .. }));
}

#[test]
fn what_came_with_version_4_is_understood() {
    let mut office = Device::of(5, 0xA2, Role::Manager);
    let steps = steps_of(OF_RULES, "office").into_iter();
    for step in steps.skip_while(|step| step.what != "socket") {
        match (step.direction, &step.what[..]) {
            (Direction::ToServer, "socket") => office.connects(),
            (Direction::ToServer, _) => {}
            (Direction::FromServer, _) => office.hears(step.content),
        }
    }
    let rows = office.replica.all_rows().unwrap();
    for kind in [
        DocumentKind::RoomBlock,
        DocumentKind::RoomLink,
        DocumentKind::RuleSheet,
    ] {
        let rows = rows.iter().filter(|row| row.document.kind == kind);
        assert_eq!(rows.count(), 1, "{kind:?}");
    }
    office.takes(Input::Closed(None));
    let state = office.sync.state(&office.replica).unwrap();
    assert!(state.grant_until.is_some());

    let refusal = |who: &str| {
        let steps = steps_of(OF_RULES, who);
        let frames: Vec<ServerFrame> = read(answers(&steps, "POST /v1/push")[0]);
        let [ServerFrame::Verdicts { verdicts }] = &frames[..] else {
            panic!("{frames:?}");
        };
        verdicts[0].verdict.clone()
    };
    assert_eq!(refusal("floor"), Verdict::Refused(Refusal::NoSelfCheck));
    let ended = Refusal::GrantEnded {
        command: "set-cleanliness".into(),
        role: Role::Engineer,
    };
    assert_eq!(refusal("phone"), Verdict::Refused(ended));
}

#[test]
fn a_device_begins_with_what_a_server_of_any_version_hands_out() {
    for version in of_a_day() {
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
    for (number, version) in numbered() {
        hidden_in(number, version);
    }
}

/// What is hidden is told by its name since this version.
const NAMED_SINCE: u16 = 3;

fn hidden_in(number: u16, version: &str) {
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
    assert_eq!(last.operation().is_some(), number >= NAMED_SINCE);
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
