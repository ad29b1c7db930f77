//! Importing again, after people and the source have gone on.

use super::*;
use crate::{command::ImportedRow, hotel::Hotel, room::Occupancy};

fn import_stay(house: &mut House, fields: Stay) -> Result<OperationId, Refusal> {
    let row = ImportedRow::Stay {
        stay: GUEST,
        fields,
    };
    house.act(Role::Server, Command::Import(row))
}

fn known_stay(house: &House) -> Stay {
    match &house.entities[&GUEST.into()] {
        Entity::Stay(stay) => stay.clone(),
        other => panic!("not a stay: {other:?}"),
    }
}

#[test]
fn an_import_brings_a_field_back_to_nothing_and_then_has_nothing_to_do() {
    let mut house = House::with_guest_due_out();
    let mut source = Stay {
        meal: "HB".into(),
        children: 2,
        ..stay("2017-05-22", "2017-05-25", StayStatus::InHouse)
    };
    import_stay(&mut house, source.clone()).unwrap();
    assert_eq!(known_stay(&house), source);

    source.meal = String::new();
    source.children = 0;
    import_stay(&mut house, source.clone()).unwrap();
    assert_eq!(known_stay(&house), source);
    assert_eq!(import_stay(&mut house, source), Err(Refusal::NothingToDo));
}

#[test]
fn an_import_leaves_what_the_desk_wrote_and_the_room_that_a_stay_has() {
    let mut house = House::with_guest_due_out();
    house
        .act(Role::FrontDesk, Command::CheckOut { stay: GUEST })
        .unwrap();
    let departed = known_stay(&house);
    assert!(departed.departed_at.is_some());

    let source = Stay {
        room: None,
        ..stay("2017-05-22", "2017-05-25", StayStatus::Expected)
    };
    assert_eq!(import_stay(&mut house, source), Err(Refusal::NothingToDo));
    assert_eq!(known_stay(&house), departed);
}

fn import_mark(house: &mut House, value: Cleanliness, turn: Turn) -> Result<OperationId, Refusal> {
    let fields = Room {
        cleanliness: CleanlinessMark {
            value,
            turn,
            ..CleanlinessMark::default()
        },
        ..house.room()
    };
    let row = ImportedRow::Room { room: ROOM, fields };
    house.act(Role::Server, Command::Import(row))
}

#[test]
fn a_turn_that_an_import_begins_takes_the_room_from_clean_to_dirty_once() {
    let mut house = House::with_guest_due_out();
    let clean = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Cleanliness::Clean,
    };
    house.act(Role::Housekeeper, clean).unwrap();
    let seen = Command::SetOccupancySeen {
        room: ROOM,
        value: Occupancy::Vacant,
    };
    house.act(Role::Housekeeper, seen).unwrap();
    let before = house.room();

    let left = before.cleanliness.turn.departure_of(GUEST, today());
    import_mark(&mut house, Cleanliness::Dirty, left).unwrap();
    let room = house.room();
    assert_eq!(room.cleanliness.value, Cleanliness::Dirty);
    assert_eq!(room.cleanliness.turn, left);
    assert_eq!(room.hk_occupancy, before.hk_occupancy);

    let again = import_mark(&mut house, Cleanliness::Dirty, left);
    assert_eq!(again, Err(Refusal::NothingToDo));
}

#[test]
fn no_import_makes_a_room_ready_that_the_hotel_has() {
    let mut house = House::with_guest_due_out();
    let night = Turn::night("2017-05-26".parse().unwrap(), None);
    let ready = import_mark(&mut house, Cleanliness::Clean, night);
    assert_eq!(ready, Err(Refusal::NothingToDo));
    assert_eq!(house.room().cleanliness.value, Cleanliness::Dirty);
}

#[test]
fn an_import_keeps_what_people_found_in_the_turn_that_the_room_is_in() {
    let mut house = House::with_guest_due_out();
    let night = house.room().cleanliness.turn;
    let clean = Command::SetCleanliness {
        rooms: vec![ROOM],
        value: Cleanliness::Clean,
    };
    house.act(Role::Housekeeper, clean).unwrap();
    let marked = house.room();
    let again = import_mark(&mut house, Cleanliness::Dirty, night);
    assert_eq!(again, Err(Refusal::NothingToDo));
    assert_eq!(house.room(), marked);
}

#[test]
fn the_business_date_follows_an_import_forward_and_never_back() {
    let mut house = House::with_guest_due_out();
    let hotel = house.hotel;
    let mut import_on = |date: &str| {
        let date = date.parse().unwrap();
        let row = ImportedRow::BusinessDate { hotel, date };
        let done = house.act(Role::Server, Command::Import(row)).map(drop);
        let Entity::Hotel(Hotel { business_date, .. }) = &house.entities[&hotel.into()] else {
            panic!("not a hotel");
        };
        (done, business_date.to_string())
    };
    assert_eq!(import_on("2017-05-26"), (Ok(()), "2017-05-26".to_owned()));
    for date in ["2017-05-26", "2017-05-25"] {
        let stays = (Err(Refusal::NothingToDo), "2017-05-26".to_owned());
        assert_eq!(import_on(date), stays);
    }
}
