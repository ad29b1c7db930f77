//! The main job end to end: two desks of one hotel and a device in a pocket, edits without the
//! network, and one state when it is back.

use keyrack_model::{
    change::Entity,
    command::Command,
    ids::{RoomId, TaskId, UserId},
    rows::Row,
    task::{Task, TaskRule, TaskStatus},
    time::BusinessDate,
    work_order::{Priority, WorkOrderStatus},
};
use keyrack_tests::{
    desk::{Desk, TaskRow, Tile, WorkOrderForm},
    hotel::{self, ANA, JOAO, MARIA},
    peer::Peer,
    world::World,
};
use std::collections::{BTreeMap, BTreeSet};

type Board = BTreeMap<String, Tile>;

const SHOWER: WorkOrderForm<'_> = WorkOrderForm {
    title: "Shower drips",
    room: "",
    priority: "p2",
    description: "The guest heard it all night.",
};
const LAMP: WorkOrderForm<'_> = WorkOrderForm {
    title: "Lamp by the bed is dark",
    room: "",
    priority: "p3",
    description: "",
};

#[tokio::test]
async fn two_desks_that_worked_without_the_server_show_the_same_hotel_when_it_returns() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let front_desk = world.workplace("front-desk", &server.url());
    let upstairs = world.workplace("upstairs", &server.url());

    let ana = Desk::sign_in(front_desk.open().await, &ANA).await;
    let maria = Desk::sign_in(upstairs.open().await, &MARIA).await;
    let mut joao = Peer::signed_in(server.address(), &JOAO).await;
    joao.sync().await;
    let morning = ana.board().await;
    assert_eq!(maria.board().await, morning, "both begin the day alike");
    assert_busiest_day(&morning);
    let day = Day::planned(&maria, &ana, &joao, &morning).await;

    server.stop().await;
    ana.wait_until_offline().await;
    maria.wait_until_offline().await;

    // Ana at the front desk: one guest leaves, another leaves days too early, two rooms need a
    // look, and she cleans two of João's.
    ana.set_service(&day.shared, "make-up-room").await;
    ana.set_cleanliness(&day.contested, "dirty").await;
    ana.check_out(&day.leaving).await;
    ana.check_out(&day.leaving_early).await;
    let shower = WorkOrderForm {
        room: &day.shared,
        ..SHOWER
    };
    ana.create_work_order(shower).await;
    ana.comment(SHOWER.title, "Guest is out until four.").await;
    ana.finish_task(&day.of_joao[0]).await;
    ana.start_task(&day.of_joao[1]).await;
    ana.finish_task(&day.of_joao[1]).await;
    ana.wait_until_waiting(9).await;

    // Maria upstairs: two rooms done, one begun, and a lamp that does not light.
    maria.set_occupancy_seen(&day.shared, "occupied").await;
    maria.set_cleanliness(&day.contested, "clean").await;
    maria.start_task(&day.of_maria[0]).await;
    maria.finish_task(&day.of_maria[0]).await;
    maria.finish_task(&day.of_maria[1]).await;
    maria.start_task(&day.of_maria[2]).await;
    let lamp = WorkOrderForm {
        room: &day.contested,
        ..LAMP
    };
    maria.create_work_order(lamp).await;
    maria.wait_until_waiting(7).await;

    // João on his round: one room done.
    let task = Tasks::at(&joao).id(&day.of_joao[2]);
    joao.act(&Command::FinishTask { task }).unwrap();

    // Maria's computer loses power and starts again, still without the server.
    let (board, tasks) = (maria.board().await, maria.tasks().await);
    let work_orders = maria.work_orders().await;
    maria.into_window().kill().await;
    let maria = Desk::signed_in(upstairs.open().await).await;
    maria.wait_until_offline().await;
    maria.wait_until_waiting(7).await;
    assert_eq!(maria.board().await, board);
    assert_eq!(maria.tasks().await, tasks);
    assert_eq!(maria.work_orders().await, work_orders);

    // What she does after the restart counts like what she did before it.
    maria.finish_task(&day.of_maria[3]).await;
    maria.wait_until_waiting(8).await;

    server.start_again().await;
    ana.wait_until_synced().await;
    maria.wait_until_synced().await;
    joao.sync().await;

    // Each has what the others did.
    let [m0, m1, m2, m3] = &day.of_maria;
    let done = [m0, m1, m3].into_iter().chain(&day.of_joao);
    let cleaned: BTreeSet<&str> = done.clone().map(|task| task.room.as_str()).collect();
    for desk in [&ana, &maria] {
        desk.wait_for_tile(&day.contested, |tile| tile.cleanliness == "dirty")
            .await;
        for left in [&day.leaving, &day.leaving_early] {
            desk.wait_for_tile(left, |tile| tile.code == "VD").await;
        }
        for room in &cleaned {
            desk.wait_for_tile(room, |tile| tile.cleanliness == "clean")
                .await;
        }
        for order in [shower, lamp] {
            desk.open_work_order(order.title).await;
            let window = desk.window();
            assert_eq!(window.value("order-priority").await, order.priority);
            assert_eq!(window.value("order-description").await, order.description);
        }
        desk.open_work_order(SHOWER.title).await;
        desk.wait_for_comment("Guest is out until four.").await;
        desk.open_room(&day.contested).await;
        desk.window().wait_for("conflict-banner").await;
        desk.open_room(&day.shared).await;
        assert_eq!(desk.occupancy_seen().await, "occupied");
        assert_eq!(desk.service().await, "make-up-room");
        // Whoever comes to clean finds the check-out's task in the room.
        desk.open_room(&day.leaving_early).await;
        let departure = format!("task-{}-departure", day.leaving_early);
        desk.window().wait_for(&departure).await;
    }

    // All that there is, as all three have it.
    assert_eq!(ana.board().await, maria.board().await);
    assert_eq!(ana.work_orders().await, maria.work_orders().await);
    let tasks = Tasks::at(&joao);
    assert_eq!(
        ana.tasks().await,
        tasks.everybodys(),
        "the desk's and João's"
    );
    assert_eq!(
        maria.tasks().await,
        tasks.of(day.maria),
        "Maria's and João's"
    );
    for task in done {
        assert_eq!(tasks.status(task), Some(TaskStatus::Done), "{task:?}");
    }
    assert_eq!(tasks.status(m2), Some(TaskStatus::InProgress));
    tasks.assert_departure_waits(&day.leaving, TaskRule::DepartureDue);
    tasks.assert_departure_waits(&day.leaving_early, TaskRule::EarlyDeparture);
    assert_eq!(
        work_orders_of(&joao),
        [order(lamp, Priority::P3), order(shower, Priority::P2),]
    );
    assert_eq!((ana.waiting().await, maria.waiting().await), (0, 0));
}

/// The rooms and tasks that this day is about; none of them gets in another's way.
struct Day {
    /// Edited by both, in different fields.
    shared: String,
    /// Edited by both, in the same field.
    contested: String,
    /// The guest leaves today.
    leaving: String,
    /// The guest was to stay on.
    leaving_early: String,
    maria: UserId,
    of_maria: [TaskRow; 4],
    of_joao: [TaskRow; 3],
}

impl Day {
    async fn planned(maria: &Desk, ana: &Desk, joao: &Peer, board: &Board) -> Self {
        let hers = maria.tasks().await;
        let everybodys = ana.tasks().await;
        let tasks = Tasks::at(joao);
        assert_eq!(everybodys, tasks.everybodys());
        let first = hers.first().expect("Maria has a list");
        let maria = tasks.assignee(first).expect("it is hers");
        assert_eq!(hers, tasks.of(maria));
        let not_hers = |room: &String| hers.iter().all(|task| task.room != *room);
        let of_phase = |phases: &[&str]| {
            let of_them = |tile: &Tile| phases.contains(&tile.phase.as_str());
            let rooms = board.iter().filter(|(_, tile)| of_them(tile));
            rooms
                .map(|(room, _)| room.clone())
                .filter(not_hers)
                .collect::<Vec<_>>()
        };
        let staying = of_phase(&["stay-over"]);
        let [shared, contested, leaving_early, ..] = staying.as_slice() else {
            panic!("three guests stay on elsewhere: {staying:?}");
        };
        let leaving = &of_phase(&["due-out", "back-to-back"])[0];
        let is_free = |task: &&TaskRow| {
            let taken = [shared, contested, leaving_early, leaving];
            not_hers(&task.room) && !taken.contains(&&task.room)
        };
        let of_joao = everybodys.iter().filter(is_free).take(3).cloned();
        let of_joao = of_joao.collect::<Vec<_>>();
        let of_maria = hers.iter().take(4).cloned().collect::<Vec<_>>();
        Self {
            shared: shared.clone(),
            contested: contested.clone(),
            leaving: leaving.clone(),
            leaving_early: leaving_early.clone(),
            maria,
            of_maria: of_maria.try_into().expect("a list of four at least"),
            of_joao: of_joao.try_into().expect("a list of three at least"),
        }
    }
}

/// Today's tasks as a device has them, under the names that windows give them.
struct Tasks(BTreeMap<String, (TaskId, Task, TaskRow)>);

impl Tasks {
    fn at(device: &Peer) -> Self {
        let today: BusinessDate = hotel::BUSINESS_DATE.parse().expect("a date");
        let rows = device.replica().all_rows().expect("the store answers");
        let numbers = numbers(&rows);
        let tasks = rows.iter().filter_map(Row::as_task);
        let listed = tasks.filter(|(_, task)| {
            task.business_date == today && task.status != TaskStatus::Cancelled
        });
        let named = listed.map(|(id, task)| {
            let room = numbers[&task.room.expect("a task has a room")].clone();
            let row = TaskRow {
                id: format!("task-{room}-{}", task.kind.word()),
                room,
                status: format!("{:?}", task.status),
            };
            (row.id.clone(), (id, task.clone(), row))
        });
        Self(named.collect())
    }

    fn everybodys(&self) -> Vec<TaskRow> {
        self.rows(|_| true)
    }

    fn of(&self, person: UserId) -> Vec<TaskRow> {
        self.rows(|assignee| assignee == Some(person))
    }

    fn rows(&self, is_wanted: impl Fn(Option<UserId>) -> bool) -> Vec<TaskRow> {
        let wanted = self
            .0
            .values()
            .filter(|(_, task, _)| is_wanted(task.assignee));
        let mut rows: Vec<TaskRow> = wanted.map(|(.., row)| row.clone()).collect();
        rows.sort();
        rows
    }

    fn id(&self, task: &TaskRow) -> TaskId {
        self.0[&task.id].0
    }

    fn assignee(&self, task: &TaskRow) -> Option<UserId> {
        self.0[&task.id].1.assignee
    }

    fn status(&self, task: &TaskRow) -> Option<TaskStatus> {
        self.0.get(&task.id).map(|(_, task, _)| task.status)
    }

    fn assert_departure_waits(&self, room: &str, rule: TaskRule) {
        let found = self.0.get(&format!("task-{room}-departure"));
        let found = found.map(|(_, task, _)| (task.status, task.rule));
        assert_eq!(found, Some((TaskStatus::Planned, rule)), "room {room}");
    }
}

fn numbers(rows: &[Row]) -> BTreeMap<RoomId, String> {
    let rooms = rows.iter().filter_map(|row| match &row.entity {
        Entity::Room(room) => Some((RoomId(row.document.id.0), room.number.clone())),
        _ => None,
    });
    rooms.collect()
}

type Order = (String, String, Priority, String, WorkOrderStatus);

fn order(form: WorkOrderForm<'_>, priority: Priority) -> Order {
    let (title, room) = (form.title.to_owned(), form.room.to_owned());
    let description = form.description.to_owned();
    (title, room, priority, description, WorkOrderStatus::Open)
}

/// Title, room, priority, description and status of each work order, by title.
fn work_orders_of(device: &Peer) -> Vec<Order> {
    let rows = device.replica().all_rows().expect("the store answers");
    let numbers = numbers(&rows);
    let orders = rows.iter().filter_map(|row| match &row.entity {
        Entity::WorkOrder(order) => Some((
            order.title.clone(),
            order
                .room
                .map_or_else(String::new, |room| numbers[&room].clone()),
            order.priority,
            order.description.clone(),
            order.status,
        )),
        _ => None,
    });
    let mut orders: Vec<Order> = orders.collect();
    orders.sort_by(|a, b| a.0.cmp(&b.0));
    orders
}

/// The busiest day of the resort: 100 arrivals, 99 departures, and 180 rooms occupied once the
/// arrivals are in.
fn assert_busiest_day(board: &Board) {
    let rooms = |phases: &[&str]| {
        let of_them = |tile: &&Tile| phases.contains(&tile.phase.as_str());
        board.values().filter(of_them).count()
    };
    assert_eq!(rooms(&["due-in", "back-to-back"]), 100, "arrivals");
    assert_eq!(rooms(&["due-out", "back-to-back"]), 99, "departures");
    assert_eq!(
        rooms(&["stay-over", "due-in", "back-to-back"]),
        180,
        "occupied tonight"
    );
}
