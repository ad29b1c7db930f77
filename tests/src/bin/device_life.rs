//! One part of a device's life, after which it ends as a power cut or a kill ends it: nothing is
//! closed.
//!
//! Takes the store's path, the server's address and the part, and for the first one the code for its
//! sign-in. Says what is durable by then: `made`
//! with the device's id, `signed-in`, `done` with the operation of each action, and `set-aside`
//! with that of what was refused.

use keyrack_model::{
    cleanliness::Cleanliness,
    command::{Command, WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, OperationId, StayId, WorkOrderId},
    record::Guest,
    room::ServiceStatus,
    rows::Row,
    stay::StayStatus,
    task::TaskStatus,
    work_order::Priority,
};
use keyrack_tests::{hotel::ANA, peer::Peer, wish};
use uuid::Uuid;

/// How often everything is done that a desk does.
const ROUNDS: usize = 6;
/// Rooms that are marked at once.
const MARKED: usize = 5;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |name| arguments.next().unwrap_or_else(|| panic!("no {name}"));
    let store = argument("path of the store");
    let server = argument("address of the server");
    let part = argument("part");
    let server = server.parse().expect("an address and port");
    let mut device = Peer::at(store.as_ref(), server);
    match part.as_str() {
        "begin" => begin(&mut device, argument("code")).await,
        "arrive" => arrive(&mut device).await,
        "work" => work(&mut device).await,
        "write" => write(&mut device),
        "hear" => hear(&mut device).await,
        "tidy" => tidy(&mut device).await,
        other => panic!("no device lives through {other:?}"),
    }
    std::process::exit(0);
}

async fn begin(device: &mut Peer, code: String) {
    println!("made {}", device.replica().registration().id);
    device.sign_in_with(&ANA, Some(code)).await;
    println!("signed-in");
}

/// The working set comes, and somebody works as soon as there is something to see.
async fn arrive(device: &mut Peer) {
    device
        .talk_until("rooms", |device| !device.rooms().is_empty())
        .await;
    serve_a_room(device, ServiceStatus::DoNotDisturb);
    device.sync().await;
}

async fn work(device: &mut Peer) {
    device.sync().await;
    for round in 0..ROUNDS {
        do_everything(device, round);
        device.exchange().await;
    }
    device.sync().await;
    // From the first one on it knows on which day it has tidied.
    device.tick().await;
}

/// Without a network: what the server is going to refuse, something on top of it, and more.
fn write(device: &mut Peer) {
    let orders = device.work_orders();
    let order = *orders.first().expect("a work order");
    act(device, &wish::long_description(order, "a"));
    let urgent = Command::EditWorkOrder {
        work_order: order,
        edit: WorkOrderEdit {
            priority: Some(Priority::P1),
            ..WorkOrderEdit::default()
        },
    };
    act(device, &urgent);
    comment(device, order);
    serve_a_room(device, ServiceStatus::MakeUpRoom);
}

async fn hear(device: &mut Peer) {
    device.sync().await;
    for refused in device.replica().refused().expect("the store answers") {
        println!("set-aside {}", refused.operation);
    }
}

async fn tidy(device: &mut Peer) {
    let before = rows(device).len();
    device.sync().await;
    let mut left = rows(device).len();
    loop {
        device.tick().await;
        let fewer = rows(device).len();
        if fewer == left {
            break;
        }
        left = fewer;
    }
    assert!(left < before, "{left} documents are left of {before}");
}

/// What a desk does in a day.
fn do_everything(device: &mut Peer, round: usize) {
    let here = rows(device);
    // The room that somebody serves is marked: going in there takes a reason.
    let marked = device.rooms().first().copied();
    let mut tasks = here.iter().filter_map(Row::as_task);
    let task = tasks.find(|(_, task)| task.status == TaskStatus::Planned && task.room != marked);
    let (task, _) = task.expect("something to clean");
    act(device, &Command::FinishTask { task });

    let mut stays = here.iter().filter_map(Row::as_stay);
    let stay = stays.find(|(_, stay)| stay.status == StayStatus::InHouse);
    let (stay, _) = stay.expect("somebody in the house");
    name_guest(device, stay, round);
    act(device, &Command::CheckOut { stay });

    let rooms = device.rooms();
    let order = WorkOrderId(Uuid::now_v7());
    let lamp = Command::CreateWorkOrder {
        work_order: order,
        draft: WorkOrderDraft {
            title: format!("Lamp {round}"),
            room: Some(rooms[round]),
            ..WorkOrderDraft::default()
        },
    };
    act(device, &lamp);
    comment(device, order);

    let mark = Command::SetCleanliness {
        rooms: rooms[round..round + MARKED].to_vec(),
        value: Cleanliness::Pickup,
    };
    let operation = act(device, &mark);
    act(device, &Command::Undo { operation });
    name_guest(device, stay, ROUNDS + round);
}

fn serve_a_room(device: &mut Peer, value: ServiceStatus) {
    let room = device.rooms()[0];
    act(device, &Command::SetServiceStatus { room, value });
}

fn comment(device: &mut Peer, subject: WorkOrderId) {
    let comment = Command::AddComment {
        comment: CommentId(Uuid::now_v7()),
        subject,
        text: "The socket is loose.".to_owned(),
    };
    act(device, &comment);
}

/// Writes who a stay's guest is, on top of what is known of that.
fn name_guest(device: &mut Peer, stay: StayId, number: usize) {
    let known = device.replica().guests_of([stay.into()]);
    let known = known.expect("the store answers");
    let guest = Command::EditGuest {
        stay,
        expected: known.first().map_or(0, |guest| guest.version),
        guest: Guest {
            name: format!("Guest {number}"),
            phone: String::new(),
        },
    };
    act(device, &guest);
}

fn act(device: &mut Peer, wish: &Command) -> OperationId {
    let operation = device.act(wish).expect("a wish that changes something");
    println!("done {operation}");
    operation
}

fn rows(device: &Peer) -> Vec<Row> {
    device.replica().all_rows().expect("the store answers")
}
