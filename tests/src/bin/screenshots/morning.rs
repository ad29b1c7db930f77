//! What the hotel's people did before the pictures are taken: a morning of the busiest day.

use keyrack_model::{
    cleanliness::Cleanliness,
    command::Command,
    ids::{RoomId, StayId, TaskId},
    room::ServiceStatus,
    rows::Row,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskStatus},
};
use keyrack_tests::{
    hotel::{INES, JOAO, MARIA, RUI, Somebody},
    peer::Peer,
    server::Server,
};

/// Guests leave and arrive, rooms are cleaned and inspected, each by whose work it is.
pub async fn live_through(server: &Server) {
    let mut desk = at_work(server, &RUI).await;
    every(2, 3, stays(&desk, StayStatus::InHouse), |(stay, _)| {
        Command::CheckOut { stay }
    })
    .done_by(&mut desk)
    .await;
    every(1, 30, rooms(&desk), |room| Command::SetServiceStatus {
        room,
        value: ServiceStatus::DoNotDisturb,
    })
    .done_by(&mut desk)
    .await;

    for housekeeper in [&MARIA, &JOAO] {
        let mut peer = at_work(server, housekeeper).await;
        let departures = tasks(&peer, TaskKind::Departure);
        every(3, 5, departures, |(task, _)| Command::FinishTask { task })
            .done_by(&mut peer)
            .await;
        let stayovers = tasks(&peer, TaskKind::Stayover);
        every(1, 3, stayovers, |(task, _)| Command::FinishTask { task })
            .done_by(&mut peer)
            .await;
    }

    let mut inspector = at_work(server, &INES).await;
    every(2, 3, rooms_at(&inspector, Cleanliness::Clean), |room| {
        Command::SetCleanliness {
            rooms: vec![room],
            value: Cleanliness::Inspected,
        }
    })
    .done_by(&mut inspector)
    .await;

    desk.sync().await;
    let ready = rooms_at(&desk, Cleanliness::Inspected);
    let mut arrivals = stays(&desk, StayStatus::Expected);
    arrivals.retain(|(_, stay)| stay.room.is_some_and(|room| ready.contains(&room)));
    every(1, 2, arrivals, |(stay, _)| Command::CheckIn { stay })
        .done_by(&mut desk)
        .await;
}

async fn at_work(server: &Server, who: &Somebody) -> Peer {
    let mut peer = Peer::signed_in(server.address(), who).await;
    peer.sync().await;
    peer
}

/// Some of many things to do.
struct Work(Vec<Command>);

/// `some` of each `of` things, in their order.
fn every<T>(some: usize, of: usize, things: Vec<T>, command: impl Fn(T) -> Command) -> Work {
    let chosen = things.into_iter().enumerate();
    let chosen = chosen.filter(|(place, _)| place * some % of < some);
    Work(chosen.map(|(_, thing)| command(thing)).collect())
}

impl Work {
    async fn done_by(self, peer: &mut Peer) {
        for command in self.0 {
            // What the day has overtaken, e.g. a task of a guest who has not left, is left out.
            let _ = peer.act(&command);
        }
        peer.sync().await;
    }
}

fn rows(peer: &Peer) -> Vec<Row> {
    peer.replica().rows().expect("the store answers")
}

fn rooms(peer: &Peer) -> Vec<RoomId> {
    let rows = rows(peer);
    let rooms = rows.iter().filter_map(Row::as_room);
    in_order_of_doors(&rows, rooms.map(|(id, _)| (id, Some(id))).collect())
}

fn rooms_at(peer: &Peer, cleanliness: Cleanliness) -> Vec<RoomId> {
    let rows = rows(peer);
    let rooms = rows.iter().filter_map(Row::as_room);
    let rooms = rooms.filter(|(_, room)| room.cleanliness.value == cleanliness);
    in_order_of_doors(&rows, rooms.map(|(id, _)| (id, Some(id))).collect())
}

/// Stays that arrive or leave on the business date.
fn stays(peer: &Peer, status: StayStatus) -> Vec<(StayId, Stay)> {
    let rows = rows(peer);
    let date = peer.replica().hotel().expect("a hotel").business_date;
    let stays = rows.iter().filter_map(Row::as_stay).filter(|(_, stay)| {
        stay.status == status
            && match status {
                StayStatus::Expected => stay.arrival == date,
                _ => stay.departure == date,
            }
    });
    let stays = stays.map(|(id, stay)| ((id, stay.clone()), stay.room));
    in_order_of_doors(&rows, stays.collect())
}

/// Planned tasks of the person at work; a departure only when the guest has left.
fn tasks(peer: &Peer, kind: TaskKind) -> Vec<(TaskId, Task)> {
    let rows = rows(peer);
    let me = peer.replica().session().map(|session| session.me.id);
    let has_left = |task: &Task| {
        let stays = rows.iter().filter_map(Row::as_stay);
        let mut its_own = stays.filter(|(id, _)| Some(*id) == task.stay);
        its_own.all(|(_, stay)| stay.status == StayStatus::Departed)
    };
    let is_left_alone = |id: RoomId| {
        let mut rooms = rows.iter().filter_map(Row::as_room);
        rooms.any(|(room, it)| room == id && it.service_status.keeps_out())
    };
    let tasks = rows.iter().filter_map(Row::as_task).filter(|(_, task)| {
        task.kind == kind
            && !task.room.is_some_and(is_left_alone)
            && task.status == TaskStatus::Planned
            && task.assignee == me
            && (kind == TaskKind::Stayover || has_left(task))
    });
    let tasks = tasks.map(|(id, task)| ((id, task.clone()), task.room));
    in_order_of_doors(&rows, tasks.collect())
}

fn in_order_of_doors<T>(rows: &[Row], mut things: Vec<(T, Option<RoomId>)>) -> Vec<T> {
    let number = |room: Option<RoomId>| {
        let mut rooms = rows.iter().filter_map(Row::as_room);
        rooms
            .find(|(id, _)| Some(*id) == room)
            .map(|(_, room)| room.number.clone())
    };
    things.sort_by_cached_key(|(_, room)| number(*room));
    things.into_iter().map(|(thing, _)| thing).collect()
}
