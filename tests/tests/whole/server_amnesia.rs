//! The server's database is an older one than before: devices keep what it has forgotten, and bring it
//! back when they are told.

use keyrack_model::{
    action::Sequence,
    command::{Command, WorkOrderDraft},
    ids::{OperationId, RoomId, WorkOrderId},
    ipc::{Connection, Problem},
    room::ServiceStatus,
    rows::Row,
};
use keyrack_tests::{
    enrolment,
    hotel::{self, ANA, INES, JOAO, MARIA, RUI},
    ledger::assert_logged_once,
    own_postgres::OwnPostgres,
    peer::{self, Peer},
    postgres::Database,
    server::{Cli, Server},
    world::World,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Rooms in which everybody works.
const SHARED_ROOMS: usize = 12;

/// The server says that it has less of the log than the device.
const PEOPLE_HAVE_TO_LOOK: Problem = Problem::LogBroughtBack;

/// Devices that work at once, and what they have done.
struct Staff {
    devices: Vec<Peer>,
    done: BTreeSet<OperationId>,
    turns: usize,
}

/// What a device has to keep until the server has it again.
#[derive(PartialEq, Debug)]
struct Keeps {
    waiting: BTreeSet<OperationId>,
    refused: usize,
    shown: blake3::Hash,
}

impl Staff {
    async fn of(server: &Server) -> Self {
        let mut devices = Vec::new();
        for who in [&RUI, &MARIA, &INES] {
            let mut device = Peer::signed_in(server.address(), who).await;
            device.sync().await;
            devices.push(device);
        }
        Self {
            devices,
            done: BTreeSet::new(),
            turns: 0,
        }
    }

    /// Every device writes so often where others write too, and reports something besides. What is
    /// sent is not waited for.
    async fn work(&mut self, turns: usize) {
        for _ in 0..turns {
            self.turns += 1;
            for (number, device) in self.devices.iter_mut().enumerate() {
                let room = device.rooms()[(self.turns + number) % SHARED_ROOMS];
                self.done.insert(change(device, room));
                let draft = WorkOrderDraft {
                    title: format!("Lamp {number} of turn {}", self.turns),
                    room: Some(room),
                    ..WorkOrderDraft::default()
                };
                let work_order = WorkOrderId(Uuid::now_v7());
                let report = Command::CreateWorkOrder { work_order, draft };
                self.done.insert(device.act(&report).expect("a report"));
                device.exchange().await;
            }
        }
    }

    async fn sync(&mut self) {
        peer::sync_together(&mut self.devices).await;
    }

    /// What the server said is in its log.
    fn acknowledged(&self) -> BTreeSet<OperationId> {
        let mut acknowledged = self.done.clone();
        for device in &self.devices {
            acknowledged = &acknowledged - &device.waiting();
        }
        acknowledged
    }

    fn keeps(&self) -> Vec<Keeps> {
        let keeps = self.devices.iter().map(|device| Keeps {
            waiting: device.waiting(),
            refused: refusals(device),
            shown: peer::digest_of_rows(device.replica()),
        });
        keeps.collect()
    }

    /// Takes in what had arrived before the database was gone.
    async fn listen(&mut self) {
        for device in &mut self.devices {
            device.exchange().await;
        }
    }

    /// Each tries to talk to a server that does not know what it has forgotten, until that turns it
    /// away, telling a problem.
    async fn are_turned_away(&mut self, problems: &[Problem]) {
        for (device, told) in self.devices.iter_mut().zip(problems) {
            device
                .talk_until(&format!("told: {told}"), |device| {
                    reason(device).as_ref() == Some(told)
                })
                .await;
        }
    }

    /// Everything is in the log, once, and everybody shows the same: those who were there, and those
    /// who come now.
    async fn are_in_step(&mut self, server: &Server) {
        self.sync().await;
        for device in &self.devices {
            assert_eq!(refusals(device), 0);
        }
        let mut newcomer = Peer::signed_in(server.address(), &ANA).await;
        newcomer.sync().await;
        let mut reader = Peer::signed_in(server.address(), &ANA)
            .await
            .that_reads_the_log();
        reader.sync().await;
        self.sync().await;
        assert_logged_once(&newcomer, &self.done).await;

        let shown = rows(&newcomer);
        for (number, device) in self.devices.iter().enumerate() {
            assert_eq!(rows(device), shown, "device {number} and a newcomer");
        }
        let documents: Vec<_> = shown.iter().map(|row| row.document).collect();
        let told = reader.replica().rows_of(&documents);
        assert_eq!(shown, told.expect("the store answers"));
    }
}

/// What the guest of a room wants is another thing from here on.
fn change(device: &mut Peer, room: RoomId) -> OperationId {
    let value = match device.services()[&room] {
        ServiceStatus::None => ServiceStatus::MakeUpRoom,
        _ => ServiceStatus::None,
    };
    let wish = Command::SetServiceStatus { room, value };
    device.act(&wish).expect("a change")
}

fn rows(device: &Peer) -> Vec<Row> {
    let mut rows = device.replica().all_rows().expect("the store answers");
    rows.sort_unstable_by_key(|row| row.document);
    rows
}

/// Why it does not talk to the server.
fn reason(device: &Peer) -> Option<Problem> {
    match device.sync_state().connection {
        Connection::Offline { reason, .. } => reason,
        Connection::Online | Connection::CatchingUp => None,
    }
}

fn refusals(device: &Peer) -> usize {
    let refused = device.replica().refused().expect("the store answers");
    refused.len()
}

/// The last entry of the demo hotel's log, as the database has it.
async fn end_of_log(server: &Server) -> Sequence {
    let end: i64 = sqlx::query_scalar("select sequence from hotel_head")
        .fetch_one(&mut server.database().inspect().await)
        .await
        .expect("there is one hotel");
    Sequence(end as u64)
}

#[tokio::test]
async fn a_database_that_was_put_back_from_a_copy_gets_again_what_it_lost() {
    let world = World::new();
    let mut postgres = OwnPostgres::start().await;
    let database = Database::with_demo_on(postgres.options()).await;
    let mut server = Server::start(database, world.folder()).await;
    let mut staff = Staff::of(&server).await;
    staff.work(4).await;
    let copy = postgres.back_up();
    staff.work(4).await;

    // Of this device the copy knows nothing. Others build on what it did, and it on theirs.
    let mut joao = Peer::signed_in(server.address(), &JOAO).await;
    joao.sync().await;
    let his_room = joao.rooms()[SHARED_ROOMS];
    staff.done.insert(change(&mut joao, his_room));
    staff.devices.push(joao);
    staff.sync().await;
    let [.., ines, _joao] = &mut staff.devices[..] else {
        unreachable!("four devices")
    };
    staff.done.insert(change(ines, his_room));
    staff.work(4).await;
    staff.sync().await;
    let had = end_of_log(&server).await;
    server.kill().await;
    staff.work(3).await;
    let (acknowledged, keeps) = (staff.acknowledged(), staff.keeps());

    postgres.put_back(copy).await;
    server.start_again().await;
    let has = end_of_log(&server).await;
    assert!(has.0 + 20 < had.0, "the copy has {has:?} of {had:?}");
    let mut told = [PEOPLE_HAVE_TO_LOOK; 4];
    told[3] = Problem::SignedOut;
    staff.are_turned_away(&told).await;
    assert_eq!(staff.keeps(), keeps, "nobody gave anything up");
    assert_eq!(staff.acknowledged(), acknowledged);
    assert_eq!(end_of_log(&server).await, has, "nobody sent anything");

    // Signing in again, as a device that the copy does not know, is written to the log, where it takes a place that others know otherwise.
    let joao = staff.devices.last_mut().expect("he came last");
    assert!(joao.replica().session().is_none());
    let code = enrolment::code(server.address()).await;
    joao.sign_in_with(&JOAO, Some(code)).await;
    staff.are_turned_away(&[PEOPLE_HAVE_TO_LOOK; 4]).await;
    assert_eq!(staff.keeps(), keeps, "signing in loses nothing");
    assert_eq!(end_of_log(&server).await, has.next());
    let cli = Cli::new(server.database());
    let restored = ["hotel", "restored", "--hotel", hotel::CODE];
    let shared = has.0.to_string();
    let said = cli.fail(&restored, "").await;
    assert!(said.contains(&format!("--shared {shared}`")), "{said}");
    cli.succeed(&[&restored[..], &["--shared", &shared]].concat(), "")
        .await;

    staff.work(2).await;
    staff.are_in_step(&server).await;
}

#[tokio::test]
async fn a_log_that_was_put_back_and_grew_past_what_devices_have_is_not_gone_on_with() {
    let world = World::new();
    let mut postgres = OwnPostgres::start().await;
    let database = Database::with_demo_on(postgres.options()).await;
    let mut server = Server::start(database, world.folder()).await;
    let mut staff = Staff::of(&server).await;
    staff.work(2).await;
    staff.sync().await;
    let has = end_of_log(&server).await;
    let copy = postgres.back_up();
    staff.work(4).await;
    staff.sync().await;
    let had = end_of_log(&server).await;
    server.kill().await;
    postgres.put_back(copy).await;
    server.start_again().await;

    // Who was not there before works on the older log, and nobody has said that it is older.
    let mut joao = Peer::signed_in(server.address(), &JOAO).await;
    joao.sync().await;
    let his_room = joao.rooms()[SHARED_ROOMS];
    while end_of_log(&server).await <= had {
        staff.done.insert(change(&mut joao, his_room));
        joao.sync().await;
    }
    let (acknowledged, keeps) = (staff.acknowledged(), staff.keeps());
    staff.are_turned_away(&[PEOPLE_HAVE_TO_LOOK; 3]).await;
    assert_eq!(staff.keeps(), keeps, "nobody gave anything up");
    assert_eq!(staff.acknowledged(), acknowledged);

    let restored = ["hotel", "restored", "--hotel", hotel::CODE];
    let shared = has.0.to_string();
    Cli::new(server.database())
        .succeed(&[&restored[..], &["--shared", &shared]].concat(), "")
        .await;
    staff.devices.push(joao);
    staff.work(2).await;
    staff.are_in_step(&server).await;
}

#[tokio::test]
async fn a_standby_that_lacks_the_last_of_the_log_takes_over_and_gets_it_from_the_devices() {
    let world = World::new();
    let primary = OwnPostgres::start().await;
    let database = Database::with_demo_on(primary.options()).await;
    let server = Server::start(database, world.folder()).await;
    let mut staff = Staff::of(&server).await;
    let mut standby = primary.standby().await;
    staff.work(4).await;
    staff.sync().await;
    standby.cut_off_from(&primary).await;
    let has = end_of_log(&server).await;
    staff.work(4).await;
    staff.sync().await;
    let had = end_of_log(&server).await;
    assert!(has.0 + 20 < had.0, "the standby has {has:?} of {had:?}");

    // The server goes on, and devices go on talking to it.
    staff.work(2).await;
    standby.take_over_from(primary).await;
    staff.listen().await;
    let (acknowledged, keeps) = (staff.acknowledged(), staff.keeps());
    server.until_ready_is(200).await;
    staff.are_turned_away(&[PEOPLE_HAVE_TO_LOOK; 3]).await;
    assert_eq!(staff.keeps(), keeps, "nobody gave anything up");
    assert_eq!(staff.acknowledged(), acknowledged);
    assert_eq!(end_of_log(&server).await, has, "nobody sent anything");
    Cli::new(server.database())
        .succeed(&["hotel", "restored", "--hotel", hotel::CODE], "")
        .await;

    staff.work(2).await;
    staff.are_in_step(&server).await;
}
