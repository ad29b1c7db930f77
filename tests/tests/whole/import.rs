//! Importing again, after people have worked with what the first import brought.

use keyrack_model::{
    change::Entity,
    cleanliness::{Cleanliness, TurnKind},
    command::Command,
    ids::{RoomId, StayId, TaskId},
    room::Room,
    rows::Row,
    stay::{Stay, StayStatus},
    task::{Task, TaskKind, TaskStatus},
    time::BusinessDate,
};
use keyrack_tests::{
    hotel::{self, ANA, RUI},
    peer::Peer,
    server::{Cli, Server},
    world::World,
};
use std::collections::{BTreeMap, BTreeSet};

type Stays = BTreeMap<StayId, Stay>;
type Rooms = BTreeMap<RoomId, Room>;
type Tasks = BTreeMap<TaskId, Task>;

#[tokio::test]
async fn a_later_import_follows_the_source_and_keeps_what_people_changed() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    let morning = stays(&rui);
    let rooms = room_of(&morning);
    let leaves_early = find(&morning, |stay| {
        stay.status == StayStatus::InHouse && stay.departure > date("2017-05-27")
    });
    rui.act(&Command::CheckOut { stay: leaves_early }).unwrap();
    rui.sync().await;

    import(&server, "2017-05-26").await;
    rui.sync().await;
    assert_eq!(
        rui.replica().hotel().unwrap().business_date,
        date("2017-05-26")
    );
    let next_day = stays(&rui);
    assert_eq!(next_day[&leaves_early].status, StayStatus::Departed);
    assert!(next_day[&leaves_early].departed_at.is_some());
    for (id, stay) in &next_day {
        let arrived_yesterday = stay.arrival == date(hotel::BUSINESS_DATE);
        if arrived_yesterday && morning[id].status == StayStatus::Expected {
            assert_ne!(stay.status, StayStatus::Expected, "{}", stay.booking);
        }
    }
    assert_eq!(room_of(&next_day), rooms, "a stay keeps its room");
    let to_clean = cleaned_for(&rui, "2017-05-26");
    assert!(!to_clean.is_empty());
    assert!(
        !to_clean.contains(&leaves_early),
        "nobody cleans for a guest who has left"
    );

    let head = rui.head().await;
    import(&server, "2017-05-26").await;
    assert_eq!(
        rui.head().await,
        head,
        "the same import again writes nothing"
    );
}

#[tokio::test]
async fn a_room_whose_guest_left_unseen_is_dirty_and_to_be_cleaned_until_somebody_has_done_it() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut ana = Peer::signed_in(server.address(), &ANA).await;
    ana.sync().await;
    let morning = stays(&ana);
    // The day before, people had cleaned everywhere, and one departure besides.
    mark_all_clean(&mut ana);
    let done = done_departure(&ana, &morning);
    ana.act(&Command::FinishTask { task: done.0 }).unwrap();
    ana.sync().await;
    let cleaned = rooms(&ana);
    // Without those who came later: the house is so full that few rooms are empty afterwards.
    let file = world.folder().join("until-the-25th.csv");
    std::fs::write(&file, bookings_until(25)).unwrap();
    let import = async |day: &str| import_file(&server, file.to_str().unwrap(), day).await;

    import("2017-05-27").await;
    ana.sync().await;
    let (rooms_then, stays_then) = (rooms(&ana), stays(&ana));
    let tasks_then = tasks_on(&ana, "2017-05-27");
    let mut left = BTreeSet::new();
    for (id, room) in &rooms_then {
        let mark = room.cleanliness;
        let tasks: Vec<&Task> = tasks_then.values().filter(|task| is_of(task, id)).collect();
        match last_stay(&stays_then, *id, "2017-05-25") {
            Some((stay, last)) if last.status == StayStatus::Departed && stay != done.1 => {
                assert_eq!(last.departed_at, None, "nobody checked anybody out");
                assert_eq!(mark.value, Cleanliness::Dirty, "room {}", room.number);
                assert_eq!(mark.turn.kind, TurnKind::Departure);
                assert_eq!(mark.turn.stay, Some(stay));
                assert_eq!(kinds(&tasks), [(TaskKind::Departure, Some(stay))]);
                left.insert(*id);
            }
            Some((stay, last)) if last.status == StayStatus::InHouse => {
                let kind = if last.departure == date("2017-05-27") {
                    TaskKind::Departure
                } else {
                    TaskKind::Stayover
                };
                assert_eq!(mark.value, Cleanliness::Dirty, "room {}", room.number);
                assert_eq!(kinds(&tasks), [(kind, Some(stay))]);
            }
            _ => {
                assert_eq!(mark, cleaned[id].cleanliness, "room {}", room.number);
                assert_eq!(kinds(&tasks), []);
            }
        }
    }
    assert!(left.len() > 20, "{} guests left in two days", left.len());

    let head = ana.head().await;
    import("2017-05-27").await;
    assert_eq!(
        ana.head().await,
        head,
        "the same import again writes nothing"
    );

    let in_room = *left.first().unwrap();
    let mut of_room = tasks_then.iter().filter(|(_, task)| is_of(task, &in_room));
    let task = *of_room.next().unwrap().0;
    ana.act(&Command::FinishTask { task }).unwrap();
    ana.sync().await;
    let head = ana.head().await;
    import("2017-05-27").await;
    assert_eq!(ana.head().await, head, "what was cleaned stays clean");

    // Nobody came to the others by the next day: they are on its list.
    import("2017-05-28").await;
    ana.sync().await;
    let (rooms_then, tasks_then) = (rooms(&ana), tasks_on(&ana, "2017-05-28"));
    for id in left {
        let value = rooms_then[&id].cleanliness.value;
        let tasks = tasks_then.values().filter(|task| is_of(task, &id)).count();
        let expected = if id == in_room {
            (Cleanliness::Clean, 0)
        } else {
            (Cleanliness::Dirty, 1)
        };
        assert_eq!((value, tasks), expected, "room {}", rooms_then[&id].number);
    }
}

#[tokio::test]
async fn a_guest_who_stays_on_sleeps_in_a_room_that_is_cleaned_every_day() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut ana = Peer::signed_in(server.address(), &ANA).await;
    ana.sync().await;
    mark_all_clean(&mut ana);
    let (yesterday, guests) = (tasks_on(&ana, hotel::BUSINESS_DATE), stays(&ana));
    let stays_on = |stay: &StayId| guests[stay].departure > date("2017-05-26");
    let stayover = yesterday.iter().find(|(_, task)| {
        task.kind == TaskKind::Stayover && task.stay.as_ref().is_some_and(stays_on)
    });
    let (task, stay) = stayover.map(|(id, task)| (*id, task.stay)).unwrap();
    ana.act(&Command::FinishTask { task }).unwrap();
    ana.sync().await;

    import(&server, "2017-05-26").await;
    ana.sync().await;
    let today = tasks_on(&ana, "2017-05-26");
    let again = today.iter().find(|(_, task)| task.stay == stay).unwrap();
    let room = again.1.room.unwrap();
    assert_eq!(again.1.kind, TaskKind::Stayover);
    let rooms_then = rooms(&ana);
    for task in today.values() {
        let room = &rooms_then[&task.room.unwrap()];
        let value = room.cleanliness.value;
        assert_eq!(value, Cleanliness::Dirty, "room {}", room.number);
    }

    ana.act(&Command::FinishTask { task: *again.0 }).unwrap();
    ana.sync().await;
    let (head, mark) = (ana.head().await, rooms(&ana)[&room].cleanliness);
    assert_eq!(mark.value, Cleanliness::Clean);
    import(&server, "2017-05-26").await;
    ana.sync().await;
    assert_eq!(ana.head().await, head);
    assert_eq!(rooms(&ana)[&room].cleanliness, mark);
}

#[tokio::test]
async fn an_import_for_a_day_that_is_over_is_refused_and_changes_nothing() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    rui.sync().await;
    let head = rui.head().await;

    for more in [&[][..], &["--dry-run"]] {
        let file = hotel::bookings();
        let arguments = arguments(file.to_str().unwrap(), "2017-05-24");
        let said = Cli::new(server.database())
            .fail(&[&arguments[..], more].concat(), "")
            .await;
        for part in ["2017-05-24", hotel::BUSINESS_DATE, "nothing was brought in"] {
            assert!(said.contains(part), "no “{part}” in: {said}");
        }
    }
    assert_eq!(rui.head().await, head);
}

#[tokio::test]
async fn two_imports_at_once_do_not_give_out_the_same_rooms() {
    let world = World::new();
    let server = world.demo_server().await;
    let cli = Cli::new(server.database());
    let create = ["hotel", "create", "--code", "second", "--name", "Second"];
    let day = ["--business-date", hotel::BUSINESS_DATE];
    cli.succeed(&[&create[..], &day].concat(), "").await;
    let file = hotel::bookings().display().to_string();
    let import = ["import", "bookings", &file, "--hotel", "second"];
    let import = [&import[..], &day].concat();

    let (one, other) = tokio::join!(cli.run(&import, ""), cli.run(&import, ""));
    let (done, refused) = if one.code == Some(0) {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    let sentence = "another import of this hotel is under way; nothing was brought in.";
    assert!(refused.stderr.contains(sentence), "{}", refused.stderr);

    // Whoever comes after it may, and another hotel's do not wait for it.
    let said = cli.succeed(&import, "").await;
    assert!(said.contains("Nothing to bring in"), "{said}");
}

#[tokio::test]
async fn a_day_beyond_every_booking_is_taken_for_a_mistake() {
    let world = World::new();
    let server = world.demo_server().await;
    let file = hotel::bookings().display().to_string();
    let arguments = arguments(&file, "2071-05-26");
    let said = Cli::new(server.database()).fail(&arguments, "").await;
    for part in [
        "2071-05-26",
        "nothing was brought in",
        "Check the business date",
    ] {
        assert!(said.contains(part), "no “{part}” in: {said}");
    }
}

async fn import(server: &Server, date: &str) {
    let file = hotel::bookings();
    import_file(server, file.to_str().expect("a path in text"), date).await;
}

async fn import_file(server: &Server, file: &str, date: &str) {
    Cli::new(server.database())
        .succeed(&arguments(file, date), "")
        .await;
}

/// The demo's bookings that arrive no later than a day of May 2017.
fn bookings_until(last: u8) -> String {
    let all = std::fs::read_to_string(hotel::bookings()).expect("the demo's file");
    let (header, rows) = all.split_once('\n').expect("a first line");
    let day = |row: &str| row.split(',').nth(6).and_then(|day| day.parse::<u8>().ok());
    let kept = rows.lines().filter(|row| day(row) <= Some(last));
    [header]
        .into_iter()
        .chain(kept)
        .map(|row| format!("{row}\n"))
        .collect()
}

fn arguments<'a>(file: &'a str, date: &'a str) -> Vec<&'a str> {
    let of_file = ["import", "bookings", file, "--hotel", hotel::CODE];
    [&of_file[..], &["--business-date", date]].concat()
}

/// The stays that there are tasks for on a day.
fn cleaned_for(peer: &Peer, day: &str) -> BTreeSet<StayId> {
    let tasks = tasks_on(peer, day);
    tasks.values().filter_map(|task| task.stay).collect()
}

fn tasks_on(peer: &Peer, day: &str) -> Tasks {
    let rows = peer.replica().all_rows().expect("the store answers");
    let tasks = rows.iter().filter_map(Row::as_task);
    tasks
        .filter(|(_, task)| task.business_date == date(day))
        .map(|(id, task)| (id, task.clone()))
        .collect()
}

fn rooms(peer: &Peer) -> Rooms {
    let rows = peer.replica().all_rows().expect("the store answers");
    let rooms = rows.into_iter().filter_map(|row| match row.entity {
        Entity::Room(room) => Some((RoomId(row.document.id.0), room)),
        _ => None,
    });
    rooms.collect()
}

fn mark_all_clean(peer: &mut Peer) {
    let clean = Command::SetCleanliness {
        rooms: peer.rooms(),
        value: Cleanliness::Clean,
    };
    peer.act(&clean).expect("a manager may");
}

/// A Departure of the first day in a room that nobody else comes to before the 28th.
fn done_departure(peer: &Peer, stays: &Stays) -> (TaskId, StayId) {
    let first = date(hotel::BUSINESS_DATE);
    let tasks = tasks_on(peer, hotel::BUSINESS_DATE);
    let is_alone = |task: &&Task| {
        let others = stays.values().filter(|stay| stay.room == task.room);
        let mut later = others.filter(|stay| stay.departure > first || stay.arrival == first);
        later.next().is_none()
    };
    let departures = tasks
        .iter()
        .filter(|(_, task)| task.kind == TaskKind::Departure);
    let mut alone = departures.filter(|(_, task)| is_alone(task));
    let (id, task) = alone.next().expect("the demo has such a room");
    assert_eq!(task.status, TaskStatus::Planned);
    (*id, task.stay.expect("it is a guest's"))
}

/// Whoever had a room last since a day, or has it.
fn last_stay<'a>(stays: &'a Stays, room: RoomId, since: &str) -> Option<(StayId, &'a Stay)> {
    let came = [StayStatus::InHouse, StayStatus::Departed];
    stays
        .iter()
        .filter(|(_, stay)| stay.room == Some(room) && came.contains(&stay.status))
        .filter(|(_, stay)| stay.departure >= date(since))
        .max_by_key(|(_, stay)| (stay.departure, stay.arrival))
        .map(|(id, stay)| (*id, stay))
}

fn is_of(task: &Task, room: &RoomId) -> bool {
    task.room == Some(*room)
}

fn kinds(tasks: &[&Task]) -> Vec<(TaskKind, Option<StayId>)> {
    tasks.iter().map(|task| (task.kind, task.stay)).collect()
}

fn stays(peer: &Peer) -> Stays {
    let rows = peer.replica().all_rows().expect("the store answers");
    let stays = rows.iter().filter_map(Row::as_stay);
    stays.map(|(id, stay)| (id, stay.clone())).collect()
}

fn room_of(stays: &Stays) -> BTreeMap<StayId, Option<RoomId>> {
    stays.iter().map(|(id, stay)| (*id, stay.room)).collect()
}

fn find(stays: &Stays, wanted: impl Fn(&Stay) -> bool) -> StayId {
    let found = stays.iter().find(|(_, stay)| wanted(stay));
    *found.expect("the demo has such a stay").0
}

fn date(text: &str) -> BusinessDate {
    text.parse().expect("a date")
}
