//! What a person does to many things at once, and takes back at once.

use keyrack_model::{
    change::Entity,
    command::{Command, RoomCommand},
    ids::{RoomId, TaskId, UserId},
    room::{Room, ServiceStatus},
    time::BusinessDate,
};
use keyrack_tests::{
    desk::{Desk, Screen},
    hotel::{self, ANA, INES, MARIA, RUI},
    peer::Peer,
    wait,
    window::Key,
    world::World,
};
use serde_json::json;
use std::collections::BTreeMap;

#[tokio::test]
async fn the_tasks_of_several_rooms_are_given_and_taken_back_at_once_without_a_mouse() {
    let world = World::new();
    let server = world.demo_server().await;
    let ines = Desk::sign_in(world.workplace("ines", &server.url()).open().await, &INES).await;
    let mut ana = Peer::signed_in(server.address(), &ANA).await;
    ana.sync().await;
    let window = ines.window();
    ines.go_to(Screen::Board).await;
    window.click("chip-due-out").await;
    let is_due_out = |phase: &str| ["due-out", "late-checkout", "back-to-back"].contains(&phase);
    wait::until("rooms of guests who leave", wait::SOON, async || {
        let sight = ines.board_as_it_is().await;
        if !sight.is_empty() && sight.values().all(|tile| is_due_out(&tile.phase)) {
            Ok(())
        } else {
            Err(format!("{sight:?}"))
        }
    })
    .await;
    let rooms = ines.rooms_in_sight().await;
    window.press(Key::Down).await;
    ines.wait_for_focus(&format!("room-{}", rooms[0])).await;
    window.type_keys("x").await;
    window.press(Key::Right).await;
    ines.wait_for_focus(&format!("room-{}", rooms[1])).await;
    window.type_keys("x").await;

    let before = attendants(&ana);
    window.type_keys("a").await;
    ines.wait_for_focus("bulk-whom").await;
    let maria = value_of(&ines, "bulk-whom", MARIA.display).await;
    let person: UserId = maria.parse().expect("a person");
    let of_rooms = |task: &Open| rooms[..2].contains(&task.room);
    let given: Vec<&TaskId> = before
        .iter()
        .filter(|(_, task)| of_rooms(task) && task.attendant != Some(person))
        .map(|(id, _)| id)
        .collect();
    assert!(given.len() > 1, "{before:?}");
    let mut after = before.clone();
    for task in &given {
        after.get_mut(*task).expect("the task is there").attendant = Some(person);
    }

    // Nothing is done by going over the list.
    window.choose("bulk-whom", &maria).await;
    ines.tab_to("bulk-give").await;
    assert!(!window.has("toast-undo").await);
    window.press(Key::Enter).await;
    let said = format!("{} tasks given to {}", given.len(), MARIA.display);
    toast(&ines, &said).await;
    ana.talk_until("the tasks are Maria's", |ana| attendants(ana) == after)
        .await;
    window.type_keys("u").await;
    toast(&ines, &format!("Taken back: {said}")).await;
    ana.talk_until("the tasks are whose they were", |ana| {
        attendants(ana) == before
    })
    .await;
}

#[tokio::test]
async fn many_decisions_are_made_and_taken_back_at_once() {
    let world = World::new();
    let server = world.demo_server().await;
    let mut ines = Peer::signed_in(server.address(), &INES).await;
    let mut rui = Peer::signed_in(server.address(), &RUI).await;
    let ana = Desk::sign_in(world.workplace("ana", &server.url()).open().await, &ANA).await;
    for peer in [&mut ines, &mut rui] {
        peer.sync().await;
    }

    // Neither hears of the other before both are done.
    let rooms: Vec<(RoomId, String)> = numbers(&ines).into_iter().take(5).collect();
    let (noted, wished) = rooms.split_last().expect("rooms");
    for (peer, value, text) in [
        (&mut ines, ServiceStatus::DoNotDisturb, "A cot"),
        (&mut rui, ServiceStatus::MakeUpRoom, "Comes late"),
    ] {
        for (room, _) in wished {
            let room = *room;
            peer.act(&Command::SetServiceStatus { room, value })
                .unwrap();
        }
        let (text, base) = (text.to_owned(), String::new());
        let room = noted.0;
        let note = RoomCommand::Note { room, text, base };
        peer.act(&Command::Rooms(note)).unwrap();
    }
    for peer in [&mut ines, &mut rui] {
        peer.sync().await;
    }
    ana.wait_until_synced().await;
    let [first, second, third, fourth] = wished else {
        panic!("{wished:?}");
    };
    let all = [first, second, third, fourth, noted];
    ana.go_to(Screen::Conflicts).await;
    to_decide(&ana, &all).await;
    service(&mut ines, [first, fourth], ServiceStatus::DoNotDisturb).await;

    // What the rules show gives way where somebody has said so, and comes back as one.
    assert!(!ana.window().has("take-all").await);
    for (_, number) in [first, second] {
        choose(&ana, number).await;
    }
    reads(&ana, "Take the other in the 2 chosen").await;
    ana.window().click("take-all").await;
    toast(&ana, "2 decided").await;
    to_decide(&ana, &[third, fourth, noted]).await;
    service(&mut ines, [first, second], ServiceStatus::MakeUpRoom).await;
    ana.undo().await;
    toast(&ana, "Taken back: 2 decided").await;
    service(&mut ines, [first, second], ServiceStatus::DoNotDisturb).await;

    // Of notes both are kept, and of the rest what is shown.
    ana.window().click("conflict-both").await;
    to_decide(&ana, &[third, fourth]).await;
    let note = |peer: &Peer| room(peer, noted.0).note;
    ines.talk_until("both notes", |ines| {
        let note = note(ines);
        note.contains("A cot") && note.contains("Comes late")
    })
    .await;
    reads(&ana, "Keep what is shown in all 2").await;
    ana.window().click("keep-all").await;
    ana.wait_for_decisions(&[]).await;
    service(&mut ines, [third, fourth], ServiceStatus::DoNotDisturb).await;
}

/// Waits until the guests of two rooms want this, as a device has it.
async fn service(peer: &mut Peer, rooms: [&(RoomId, String); 2], value: ServiceStatus) {
    peer.talk_until(value.word(), |peer| {
        let services = peer.services();
        rooms.iter().all(|(room, _)| services[room] == value)
    })
    .await;
}

/// A task of today that is still to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Open {
    room: String,
    attendant: Option<UserId>,
}

fn attendants(peer: &Peer) -> BTreeMap<TaskId, Open> {
    let numbers = numbers(peer);
    let today: BusinessDate = hotel::BUSINESS_DATE.parse().expect("a date");
    let rows = peer.replica().all_rows().expect("the store answers");
    let tasks = rows.iter().filter_map(|row| row.as_task());
    tasks
        .filter(|(_, task)| task.business_date == today && task.status.is_open())
        .filter_map(|(id, task)| {
            let open = Open {
                room: numbers.get(&task.room?)?.clone(),
                attendant: task.assignee,
            };
            Some((id, open))
        })
        .collect()
}

fn numbers(peer: &Peer) -> BTreeMap<RoomId, String> {
    let rows = peer.replica().all_rows().expect("the store answers");
    let rooms = rows.iter().filter_map(|row| row.as_room());
    rooms.map(|(id, room)| (id, room.number.clone())).collect()
}

fn room(peer: &Peer, id: RoomId) -> Room {
    let rows = peer
        .replica()
        .rows_of(&[id.into()])
        .expect("the store answers");
    match rows.into_iter().next().map(|row| row.entity) {
        Some(Entity::Room(room)) => room,
        other => panic!("not a room: {other:?}"),
    }
}

/// The value of what a list offers by a name.
async fn value_of(desk: &Desk, list: &str, name: &str) -> String {
    let script = "const list = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);
        return [...list.options].find(it => it.text === arguments[1])?.value";
    let value = desk
        .window()
        .read(script, &[json!(list), json!(name)])
        .await;
    let value = value.as_str().map(str::to_owned);
    value.unwrap_or_else(|| panic!("“{list}” offers no “{name}”"))
}

/// Waits until exactly these rooms are in the inbox.
async fn to_decide(desk: &Desk, rooms: &[&(RoomId, String)]) {
    let mut expected: Vec<String> = rooms.iter().map(|(_, it)| format!("Room {it}")).collect();
    expected.sort();
    wait::until_seen("what is to be decided", json!(expected), async || {
        let script = "return [...document.querySelectorAll('[data-testid=\"conflict-entry\"]')]
            .map(it => it.querySelector('header').innerText.trim()).sort()";
        desk.window().read(script, &[]).await
    })
    .await;
}

/// Ticks what is to be decided about a room.
async fn choose(desk: &Desk, number: &str) {
    let script = "[...document.querySelectorAll('[data-testid=\"conflict-entry\"]')]
        .find(it => it.querySelector('header').innerText.trim() === arguments[0])
        .querySelector('[data-testid=\"conflict-choose\"]').click()";
    let entry = json!(format!("Room {number}"));
    desk.window().read(script, &[entry]).await;
}

async fn toast(desk: &Desk, sentence: &str) {
    let script = "return [...document.querySelectorAll('[data-testid=\"toast\"]')]
        .some(it => it.innerText.includes(arguments[0]))";
    wait::until(format!("“{sentence}”"), wait::SOON, async || match desk
        .window()
        .read(script, &[json!(sentence)])
        .await
    {
        serde_json::Value::Bool(true) => Ok(()),
        _ => Err(desk.window().text().await),
    })
    .await;
}

async fn reads(desk: &Desk, sentence: &str) {
    wait::until(format!("“{sentence}”"), wait::SOON, async || {
        let text = desk.window().text().await;
        if text.contains(sentence) {
            Ok(())
        } else {
            Err(text)
        }
    })
    .await;
}
