//! Writes that nobody sees when they are made, and references to what their author did not see.

use super::*;
use automerge::{ROOT, ReadDoc, legacy::ElementId};
use keyrack_document::Document;
use keyrack_model::{
    command::{WorkOrderDraft, WorkOrderEdit},
    hotel::HotelChange,
    ids::WorkOrderId,
    room::{Occupancy, OccupancySeen},
    time::BusinessDate,
    work_order::WorkOrderChange,
};

/// Fails unless an action's write shows nowhere once it is taken in, and stands there all the same:
/// it would show when what hides it is written over.
fn assert_hidden(whole: &mut Attacker, action: &Action, key: &str) {
    let change = &action.changes[0];
    let document = whole.document(change.document);
    let (shown, before) = (document.reading(), standing(document, key));
    let taken = document.apply(&change.bytes);
    assert!(taken.expect("nothing is missing before it"));
    assert_eq!(document.reading(), shown);
    assert_eq!(standing(document, key), before + 1);
}

/// How many values stand side by side under a key.
fn standing(document: &Document, key: &str) -> usize {
    let values = document.crdt().get_all(ROOT, key);
    values.expect("a document is a map").len()
}

fn wish(room: RoomId) -> Command {
    let value = ServiceStatus::None;
    Command::SetServiceStatus { room, value }
}

/// A write of a field that nobody at the hotel writes with that, as if its author had seen nothing of it:
/// it loses against the value that is there.
pub(super) fn hidden_date(device: &mut Attacker, room: RoomId) -> Action {
    let hotel = identity::hotel(hotel::CODE);
    *device.document(hotel.into()) = Document::genesis(hotel.into());
    let today: BusinessDate = hotel::BUSINESS_DATE.parse().expect("a date");
    let yesterday = HotelChange::BusinessDate(today.plus_days(-1));
    device.act(wish(room), &[Change::Hotel(hotel, yesterday)])
}

#[tokio::test]
async fn forbidden_writes_that_lose_and_show_nowhere_leave_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    let room = scene.room;
    // She does not hear of it, and it is far ahead of all that she writes.
    for turn in 0..4 {
        let value = [Occupancy::Vacant, Occupancy::Occupied][turn % 2];
        let command = Command::SetOccupancySeen { room, value };
        scene.honest.act(&command).expect("the desk may");
    }
    scene.honest.sync().await;
    let whole = Attacker::signed_in(scene.server.address(), &JOAO).await;
    for way in Way::ALL {
        scene.attacker.way = way;
        let occupancy = |device: &mut Attacker, room| {
            let seen = OccupancySeen {
                value: Occupancy::Vacant,
                ..OccupancySeen::default()
            };
            let written = Change::Room(room, RoomChange::HkOccupancy(seen));
            let action = device.act(wish(room), &[written]);
            assert_hidden(&mut whole.clone(), &action, "hk_occupancy");
            action
        };
        scene
            .refuses(
                "another field than the command's, behind a later value",
                gate(GateReason::NotOfCommand),
                occupancy,
            )
            .await;
        let date = |device: &mut Attacker, room| {
            let action = hidden_date(device, room);
            assert_hidden(&mut whole.clone(), &action, "business_date");
            action
        };
        scene
            .refuses(
                "a business date, behind a later one",
                gate(GateReason::NotOfCommand),
                date,
            )
            .await;
    }
    scene.ends_as_ever().await;
}

#[tokio::test]
async fn references_to_what_their_author_did_not_see_leave_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    let room = scene.room;
    let order = WorkOrderId(Uuid::now_v7());
    let draft = WorkOrderDraft {
        title: "Shower drips".into(),
        description: "All night.".into(),
        ..WorkOrderDraft::default()
    };
    let report = Command::CreateWorkOrder {
        work_order: order,
        draft,
    };
    scene.honest.act(&report).expect("everybody may");
    scene.honest.sync().await;
    // Of what comes after that, her device does not hear.
    scene.attacker = Attacker::signed_in(scene.server.address(), &MARIA).await;
    drop(scene.attacker.connect().await);
    let describe = |text: &str| Command::EditWorkOrder {
        work_order: order,
        edit: WorkOrderEdit {
            description: Some(text.into()),
            ..WorkOrderEdit::default()
        },
    };
    let value = ServiceStatus::MakeUpRoom;
    for command in [
        Command::SetServiceStatus { room, value },
        describe("All night long."),
    ] {
        scene.honest.act(&command).expect("the desk may");
    }
    scene.honest.sync().await;
    let changes = scene.changes_of(room).await;
    let status = first_operation(changes.last().expect("a wish"));
    let changes = scene.changes_of(order).await;
    let character = first_operation(changes.last().expect("an edit"));

    for way in Way::ALL {
        scene.attacker.way = way;
        for (name, seen_too) in [
            ("in the place of a value that she did not see", false),
            ("in the place of that and of the one that she saw", true),
        ] {
            let unseen = |device: &mut Attacker, room| {
                rewritten(honest(device, room), |change| {
                    let write = &mut change.operations[0];
                    let seen = write.pred.iter().filter(|_| seen_too).cloned();
                    write.pred = seen.chain([status.clone()]).collect();
                })
            };
            scene
                .refuses(name, gate(GateReason::Unreadable), unseen)
                .await;
        }
        let typed = |device: &mut Attacker, _: RoomId| {
            let text = "All night!";
            let written = WorkOrderChange::Description(text.into());
            let action = device.act(describe(text), &[Change::WorkOrder(order, written)]);
            rewritten(action, |change| {
                let mut operations = change.operations.iter_mut();
                let inserted = operations.find(|operation| operation.insert);
                inserted.expect("a character").key = Key::Seq(ElementId::Id(character.clone()));
            })
        };
        scene
            .refuses(
                "a character after one that she did not see",
                gate(GateReason::Unreadable),
                typed,
            )
            .await;
    }
    scene.ends_as_ever().await;
}
