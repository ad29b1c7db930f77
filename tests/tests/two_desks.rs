//! The main job end to end: two desks of one hotel, edits without the network, and one state
//! when it is back.

use keyrack_tests::{
    desk::{Desk, TaskRow, Tile, WorkOrderForm},
    hotel::{MARIA, RUI},
    world::World,
};
use std::collections::BTreeMap;

type Board = BTreeMap<String, Tile>;

#[tokio::test]
async fn two_desks_that_worked_without_the_server_show_the_same_hotel_when_it_returns() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let front_desk = world.workplace("front-desk", &server.url());
    let upstairs = world.workplace("upstairs", &server.url());

    let rui = Desk::sign_in(front_desk.open().await, &RUI).await;
    let maria = Desk::sign_in(upstairs.open().await, &MARIA).await;
    let morning = rui.board().await;
    assert_eq!(maria.board().await, morning, "both begin the day alike");
    assert_busiest_day(&morning);
    let day = Day::planned(&maria, &morning).await;

    server.stop().await;
    rui.wait_until_offline().await;
    maria.wait_until_offline().await;

    // Rui at the front desk: one guest leaves, and two rooms need a look.
    rui.set_service(&day.shared, "make-up-room").await;
    rui.set_cleanliness(&day.contested, "dirty").await;
    rui.check_out(&day.leaving).await;
    rui.create_work_order(WorkOrderForm {
        title: "Shower drips",
        room: &day.shared,
        priority: "p2",
        description: "The guest heard it all night.",
    })
    .await;
    rui.comment("Shower drips", "Guest is out until four.")
        .await;
    rui.wait_until_waiting(5).await;

    // Maria upstairs: two rooms done, one begun, and a lamp that does not light.
    maria.set_occupancy_seen(&day.shared, "occupied").await;
    maria.set_cleanliness(&day.contested, "clean").await;
    maria.start_task(&day.tasks[0]).await;
    maria.finish_task(&day.tasks[0]).await;
    maria.finish_task(&day.tasks[1]).await;
    maria.start_task(&day.tasks[2]).await;
    maria
        .create_work_order(WorkOrderForm {
            title: "Lamp by the bed is dark",
            room: &day.contested,
            priority: "p3",
            description: "",
        })
        .await;
    maria.wait_until_waiting(7).await;

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
    maria.finish_task(&day.tasks[3]).await;
    maria.wait_until_waiting(8).await;

    server.start_again().await;
    rui.wait_until_synced().await;
    maria.wait_until_synced().await;

    // Each has what the other did.
    let work_orders = ["Lamp by the bed is dark", "Shower drips"];
    for desk in [&rui, &maria] {
        desk.wait_for_tile(&day.contested, |tile| tile.cleanliness == "dirty")
            .await;
        desk.wait_for_tile(&day.leaving, |tile| tile.code == "VD")
            .await;
        for task in [&day.tasks[0], &day.tasks[1], &day.tasks[3]] {
            desk.wait_for_tile(&task.room, |tile| tile.cleanliness == "clean")
                .await;
        }
        desk.wait_for_work_orders(&work_orders).await;
        desk.open_work_order("Shower drips").await;
        desk.wait_for_comment("Guest is out until four.").await;
        desk.open_room(&day.contested).await;
        desk.window().wait_for("conflict-banner").await;
        desk.open_room(&day.shared).await;
        assert_eq!(desk.occupancy_seen().await, "occupied");
        assert_eq!(desk.service().await, "make-up-room");
    }

    assert_eq!(rui.board().await, maria.board().await);
    assert_eq!(rui.work_orders().await, maria.work_orders().await);
    let hers = maria.tasks().await;
    let mut seen_at_the_desk = rui.tasks().await;
    seen_at_the_desk.retain(|task| hers.iter().any(|other| other.id == task.id));
    assert_eq!(seen_at_the_desk, hers);
    for (task, status) in day.tasks.iter().zip(["Done", "Done", "InProgress", "Done"]) {
        let now = hers.iter().find(|other| other.id == task.id);
        assert_eq!(now.map(|task| task.status.as_str()), Some(status));
    }
    assert_eq!((rui.waiting().await, maria.waiting().await), (0, 0));
}

/// The rooms and tasks that this day is about; none of them gets in another's way.
struct Day {
    /// Edited by both, in different fields.
    shared: String,
    /// Edited by both, in the same field.
    contested: String,
    /// The guest leaves today.
    leaving: String,
    /// Of Maria's list.
    tasks: Vec<TaskRow>,
}

impl Day {
    async fn planned(maria: &Desk, board: &Board) -> Self {
        let list = maria.tasks().await;
        let tasks: Vec<_> = list.iter().take(4).cloned().collect();
        assert_eq!(tasks.len(), 4, "Maria has a list: {list:?}");
        let not_hers = |room: &&String| list.iter().all(|task| task.room != **room);
        let of_phase = |phases: &[&str]| {
            let of_them = |tile: &Tile| phases.contains(&tile.phase.as_str());
            let rooms = board.iter().filter(|(_, tile)| of_them(tile));
            rooms
                .map(|(room, _)| room)
                .filter(not_hers)
                .cloned()
                .collect::<Vec<_>>()
        };
        let staying = of_phase(&["stay-over"]);
        let leaving = of_phase(&["due-out", "back-to-back"]);
        Self {
            shared: staying[0].clone(),
            contested: staying[1].clone(),
            leaving: leaving[0].clone(),
            tasks,
        }
    }
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
