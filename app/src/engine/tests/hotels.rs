//! One computer with the data of several hotels.

use super::*;
use keyrack_model::ipc::OtherHotel;

const PIN: &str = "274950";

fn city() -> HotelId {
    identity::hotel("city")
}

/// Maria works in two hotels; at the resort she is signed in.
fn world() -> World {
    let there = UserSession {
        hotel_code: "city".to_owned(),
        hotel_name: "City H2".to_owned(),
        ..session_of_maria(city())
    };
    World::new().with_session(there).with_maria_signed_in()
}

/// What lies in the store of the City while another hotel is at hand.
fn city_with(waiting: usize) -> [OtherHotel; 1] {
    [OtherHotel {
        hotel: city(),
        name: "City H2".to_owned(),
        code: "city".to_owned(),
        waiting,
    }]
}

fn others(desk: &Desk) -> Vec<OtherHotel> {
    match next_session(&desk.watch()) {
        Session::SignedIn { others, .. } | Session::SignedOut { others, .. } => others,
    }
}

/// The hotel at hand and who goes on there by PIN, where nobody is signed in.
fn nobody_is_at(desk: &Desk) -> (String, usize) {
    match next_session(&desk.watch()) {
        Session::SignedOut { hotel, faces, .. } => (hotel, faces.len()),
        Session::SignedIn { me, .. } => panic!("{} is here", me.name),
    }
}

#[test]
fn what_lies_here_of_other_hotels_is_said_whoever_is_signed_in_or_not() {
    let world = world();
    let desk = world.start();
    assert_eq!(others(&desk), city_with(0));
    desk.close();

    let order = WorkOrderDraft {
        title: "The lamp in 204 flickers".to_owned(),
        ..WorkOrderDraft::default()
    };
    let order = Command::CreateWorkOrder {
        work_order: WorkOrderId(Uuid::from_u128(2)),
        draft: order,
    };
    let mut there = world.replica(city());
    let operation = OperationId(Uuid::from_u128(3));
    there.act(&order, operation, clock::now()).unwrap();
    drop(there);
    let desk = world.start();
    assert_eq!(others(&desk), city_with(1));
    desk.act(Request::SignOut).unwrap();
    assert_eq!(others(&desk), city_with(1));
    desk.close();
}

#[test]
fn another_hotel_is_gone_to_without_anybody_being_signed_in_there_and_a_pin_waits_here() {
    let world = world();
    let desk = world.start();
    desk.act(Request::SetPin {
        pin: PIN.to_owned(),
        present: None,
    })
    .unwrap();
    // In the City her session was never ended: an app that was killed leaves one like that.
    let go_to = |hotel| desk.act(Request::GoToHotel { hotel });
    assert_eq!(go_to(city()), Ok(Receipt::Noted));
    assert_eq!(nobody_is_at(&desk), ("city".to_owned(), 0));
    let [resort] = &others(&desk)[..] else {
        panic!("the resort alone lies here too");
    };
    assert_eq!(resort.called(), "Resort H1");
    let resort = resort.hotel;
    assert_eq!(go_to(city()), Ok(Receipt::Noted));

    assert_eq!(go_to(resort), Ok(Receipt::Noted));
    assert_eq!(nobody_is_at(&desk), ("resort".to_owned(), 1));
    let unlock = Request::Unlock {
        person: session_of_maria(resort).me.id,
        pin: PIN.to_owned(),
    };
    assert_eq!(desk.act(unlock), Ok(Receipt::Noted));
    assert_eq!(go_to(city()), Ok(Receipt::Noted));
    desk.close();
    let desk = world.start_unconfirmed();
    assert_eq!(nobody_is_at(&desk), ("city".to_owned(), 0));
    desk.close();
}

#[test]
fn a_hotel_that_does_not_lie_here_is_not_gone_to_and_nothing_is_made_of_it() {
    let world = world();
    let desk = world.start();
    let hotel = identity::hotel("grand");
    let gone = desk.act(Request::GoToHotel { hotel });
    assert_eq!(gone, Err(Problem::StoreUnavailable));
    assert!(matches!(
        next_session(&desk.watch()),
        Session::SignedIn { .. }
    ));
    desk.close();
    assert_eq!(world.folder.stores().unwrap().len(), 2);
}
