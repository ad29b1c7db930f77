//! Two desks and a housekeeper without the server: what they did to the same rooms, and what all
//! three screens say of it when it is back.

use keyrack_model::{
    administration::Administration,
    rows::{DeviceRow, Row},
    stay::StayStatus,
};
use keyrack_tests::{
    desk::{Chapter, Decision, Desk, RoomOnOffer, Screen, TaskRow, Tile},
    hotel::{ANA, MARIA, RUI, Somebody},
    peer::Peer,
    server::Server,
    wait,
    world::World,
};
use std::collections::BTreeMap;

#[tokio::test]
async fn three_screens_that_were_apart_agree_ask_what_is_to_be_decided_and_tell_one_story() {
    let world = World::new();
    let mut server = world.demo_server().await;
    let mut office = Peer::signed_in(server.address(), &ANA).await;
    let mut hotel = Hotel {
        world: &world,
        server: &server,
        office: &mut office,
    };
    let rui = hotel.desk("Front desk", &RUI).await;
    let ana = hotel.desk("Night desk", &ANA).await;
    let maria = hotel.desk("Cart 2", &MARIA).await;
    let desks = [&rui, &ana, &maria];
    let mut day = Day::planned(&rui, &ana, &maria).await;
    day.last_day = last_day_of(&hotel.office.replica().all_rows().expect("rows"), &day.left);

    server.stop().await;
    for desk in desks {
        desk.wait_until_offline().await;
    }

    // At the front desk a guest leaves days too early, and another is moved.
    rui.check_out(&day.left).await;
    rui.open_stay(&day.moved, "in-house").await;
    rui.give_room(&day.wanted).await;
    rui.wait_for_tile(&day.wanted.number, |tile| tile.code.starts_with('O'))
        .await;
    // The other desk has not heard of it, and gives the same room to somebody who is to come.
    ana.open_stay(&day.arriving, "expected").await;
    ana.give_room(&day.wanted).await;
    // Upstairs a clean is finished for the guest who has left.
    maria.finish_task(&day.stayover).await;
    maria
        .wait_for_tile(&day.left, |tile| tile.code == "OC")
        .await;

    server.start_again().await;
    for desk in desks {
        desk.wait_until_synced().await;
    }

    // The boards agree, tile by tile, and nothing that was done is lost.
    agree(desks).await;
    for desk in desks {
        let board = desk.board().await;
        assert_eq!(
            board[&day.left].code, "VD",
            "cleaned for a guest who has left"
        );
        assert_eq!(board[&day.moved].code, "VD", "left by whoever was moved");
        assert!(board[&day.wanted.number].code.starts_with('O'));
    }

    // People are asked two things, with who did what and where, and nothing else.
    let twice = Decision {
        place: format!("Room {}", day.wanted.number),
        about: "given out twice".to_owned(),
        sides: vec![
            format!(
                "Moved to {} by Rui Alves · at Front desk",
                day.wanted.number
            ),
            format!(
                "Room given: {} by Ana Costa · at Night desk",
                day.wanted.number
            ),
        ],
    };
    let late = Decision {
        place: format!("Room {}", day.left),
        about: "Cleanliness".to_owned(),
        sides: vec![
            "Dirty by Rui Alves · at Front desk".to_owned(),
            "Clean by Maria Silva · at Cart 2".to_owned(),
        ],
    };
    for desk in desks {
        desk.wait_for_decisions(&[twice.clone(), late.clone()])
            .await;
        let said = "[data-testid=\"conflict-ruling\"]";
        let said = desk.window().text_of_css(said).await.unwrap_or_default();
        assert!(said.contains("a guest who has left"), "{said}");
    }

    // The room's history reads alike at all of them.
    for desk in desks {
        desk.open_room(&day.left).await;
        wait_for_story(desk, &day.story()).await;
        desk.read_thread("cleanliness").await;
        let of_cleanliness = |chapter: &Chapter| {
            let mut changes = chapter.changes.iter();
            changes.all(|change| change.starts_with("Cleanliness"))
        };
        let story = desk.story().await;
        assert!(story.iter().all(of_cleanliness), "{story:?}");
        assert_eq!(story[0].what, day.story()[0].what);
        desk.read_thread("all").await;
    }

    // What one of them decides is decided for all, as an action like any other.
    ana.go_to(Screen::Conflicts).await;
    ana.window().click("conflict-keep").await;
    ana.window().wait_for("toast-undo").await;
    for desk in desks {
        desk.wait_for_decisions(std::slice::from_ref(&twice)).await;
    }
    ana.open_stay(&day.wanted.number, "expected").await;
    let free = ana.rooms_on_offer().await;
    let other = free.iter().find(|room| room.number != day.wanted.number);
    ana.give_room(other.expect("another room is free")).await;
    for desk in desks {
        desk.wait_for_decisions(&[]).await;
    }
    agree(desks).await;
}

/// The hotel with a manager's device, at which other devices are given their names.
struct Hotel<'a> {
    world: &'a World,
    server: &'a Server,
    office: &'a mut Peer,
}

impl Hotel<'_> {
    /// Somebody at a new computer, which the manager then calls by a name.
    async fn desk(&mut self, name: &str, who: &Somebody) -> Desk {
        let before = self.devices().await;
        let workplace = self.world.workplace(who.name, &self.server.url());
        let desk = Desk::sign_in(workplace.open().await, who).await;
        let mut devices = self.devices().await;
        devices.retain(|device| !before.contains(device));
        let [DeviceRow { id, .. }] = devices[..] else {
            panic!("{devices:?} instead of one new device");
        };
        self.office
            .administer(&Administration::RenameDevice {
                device: id,
                name: name.to_owned(),
            })
            .await;
        desk
    }

    async fn devices(&mut self) -> Vec<DeviceRow> {
        self.office.sync().await;
        let devices = self.office.replica().devices();
        devices.expect("the store answers")
    }
}

/// The day on which the guest who is in a room is to leave.
fn last_day_of(rows: &[Row], number: &str) -> String {
    let mut rooms = rows.iter().filter_map(Row::as_room);
    let room = rooms.find(|(_, room)| room.number == number);
    let (room, _) = room.expect("the room");
    let mut stays = rows.iter().filter_map(Row::as_stay);
    let stay =
        stays.find(|(_, stay)| stay.room == Some(room) && stay.status == StayStatus::InHouse);
    let (_, stay) = stay.expect("its guest");
    stay.departure.0.strftime("%-d %b").to_string()
}

/// The rooms that this day is about.
struct Day {
    /// Its guest leaves early while its stayover is being finished.
    left: String,
    /// Until when that guest was to stay, as the history says it.
    last_day: String,
    stayover: TaskRow,
    /// Its guest is moved.
    moved: String,
    /// Somebody is to come to it who gets another room.
    arriving: String,
    /// Free tonight, and given to both.
    wanted: RoomOnOffer,
}

impl Day {
    async fn planned(rui: &Desk, ana: &Desk, maria: &Desk) -> Self {
        let board = rui.board().await;
        let hers = maria.tasks().await;
        let is_left = |task: &&TaskRow| {
            let tile = &board[&task.room];
            tile.phase == "stay-over" && tile.cleanliness == "dirty" && task.status == "Planned"
        };
        let stayover = hers.iter().find(is_left).expect("a guest stays on");
        let of_phase = |phase: &str| {
            let mut found = board.iter().filter(|(_, tile)| tile.phase == phase);
            found.find(|(room, _)| hers.iter().all(|task| task.room != **room))
        };
        let (moved, _) = of_phase("stay-over").expect("a guest who can be moved");
        let (arriving, _) = of_phase("due-in").expect("a guest who is to come");
        rui.open_stay(moved, "in-house").await;
        let for_moved = rui.rooms_on_offer().await;
        ana.open_stay(arriving, "expected").await;
        let for_arriving = ana.rooms_on_offer().await;
        let wanted = for_moved.iter().find(|room| for_arriving.contains(room));
        Self {
            left: stayover.room.clone(),
            last_day: String::new(),
            stayover: stayover.clone(),
            moved: moved.clone(),
            arriving: arriving.clone(),
            wanted: wanted.expect("a room that both could have").clone(),
        }
    }

    /// What was done to the room that was left, newest first.
    fn story(&self) -> [Chapter; 2] {
        let chapter = |what: String, changes: &[&str], who: &str| Chapter {
            what,
            changes: changes.iter().map(|change| (*change).to_owned()).collect(),
            who: who.to_owned(),
        };
        [
            chapter(
                format!("Stayover {} finished", self.left),
                &[
                    "Cleanliness Dirty → Clean · too late: the turn that it is good for was over",
                    "Stayover Planned → Done",
                ],
                "Maria Silva · Cart 2",
            ),
            chapter(
                format!("Checked out of {}", self.left),
                &[
                    &format!("Departure {} → 25 May", self.last_day),
                    "Departure — → Planned · early departure",
                    "Departure: Assigned to — → Maria Silva",
                    "Stay In house → Departed",
                    "Stayover Planned → Cancelled · early departure",
                ],
                "Rui Alves · Front desk",
            ),
        ]
    }
}

/// Waits until all boards show the same.
async fn agree(desks: [&Desk; 3]) {
    let [first, others @ ..] = desks;
    let board: BTreeMap<String, Tile> = first.board().await;
    for desk in others {
        wait::until_seen("the board of the first", board.clone(), async || {
            desk.board().await
        })
        .await;
    }
}

/// Waits until a story begins, at its newest end, with these chapters.
async fn wait_for_story(desk: &Desk, newest: &[Chapter]) {
    wait::until_seen("the story", newest.to_vec(), async || {
        let mut story = desk.story().await;
        story.truncate(newest.len());
        story
    })
    .await;
}
