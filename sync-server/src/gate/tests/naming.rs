//! What the hotel is called, told to the log beside what names it.

use super::*;
use keyrack_model::{
    change::{Change, Entity},
    command::DeskCommand,
    hotel::HotelChange,
};

/// A hotel, and somebody who runs it.
struct Scene {
    hotel: Hotel,
    ines: Device,
}

impl Scene {
    fn set() -> Self {
        let mut ines = Device::of(INES, 7);
        ines.role = Role::Manager;
        let mut hotel = Hotel::with(&[&ines]);
        hotel.standing.roles.insert(INES, Role::Manager);
        Self { hotel, ines }
    }

    /// What the log is told that the hotel is called by an action of hers.
    fn told(&mut self, command: Command) -> Option<String> {
        let action = self.ines.ask(command).unwrap();
        self.told_by(&self.ines.clone(), action)
    }

    fn told_by(&mut self, device: &Device, action: Action) -> Option<String> {
        let read = ReadAction::of(action.clone());
        let missing = self.hotel.shelf.open(read.documents());
        self.hotel.shelf.load(&missing, &[]);
        let mut draft = Draft::on(&self.hotel.shelf);
        let from = Author::People(device.id);
        let Judgement::Admitted(entry) = self.hotel.gate().judge(&read, from, &mut draft) else {
            panic!("{:?} is honest", action.command);
        };
        self.hotel.judge(device, action).unwrap();
        entry.names_hotel
    }

    fn called(&self) -> String {
        match self.hotel.document(HOTEL).reading().entity {
            Entity::Hotel(hotel) => hotel.name,
            other => panic!("{other:?}"),
        }
    }
}

fn name(name: &str) -> Command {
    Command::NameHotel { name: name.into() }
}

#[test]
fn the_log_is_told_what_the_hotel_is_called_when_that_is_something_else() {
    let mut scene = Scene::set();
    let first = scene.told(name(" Hotel do Mar "));
    assert_eq!(first.as_deref(), Some("Hotel do Mar"));
    // What writes in the same document and names nothing.
    let close = Command::Desk(DeskCommand::CloseDay { date: today() });
    assert_eq!(scene.told(close), None);
    let action = scene.ines.ask(name("Hotel da Serra")).unwrap();
    let operation = action.operation;
    let second = scene.told_by(&scene.ines.clone(), action);
    assert_eq!(second.as_deref(), Some("Hotel da Serra"));
    let back = scene.told(Command::Undo { operation });
    assert_eq!(back.as_deref(), Some("Hotel do Mar"));
}

#[test]
fn a_name_that_the_log_could_not_keep_is_refused_whichever_way_it_comes() {
    let unseen = Refusal::ControlCharacter {
        field: "name".into(),
    };
    for typed in ["Hotel\0do Mar", "Hotel\ndo Mar"] {
        let mut scene = Scene::set();
        assert_eq!(scene.ines.ask(name(typed)), Err(unseen.clone()));
        // By a device that does not look, and with another command than what it writes.
        for said in [typed, "Hotel do Mar"] {
            let mut attacker = scene.ines.clone();
            let operation = attacker.operation();
            let named = Change::Hotel(HOTEL, HotelChange::Name(typed.into()));
            let attack = attacker.act(operation, name(said), &[named]);
            let before = scene.hotel.state();
            let judged = scene.hotel.judge(&attacker, attack);
            if said == typed {
                assert_eq!(judged, Err(unseen.clone()));
            } else {
                assert_eq!(judged, Err(GateReason::NotOfCommand.into()));
            }
            assert_eq!(scene.hotel.state(), before);
        }
        let honest = scene.told(name("Hotel do Mar"));
        assert_eq!(honest.as_deref(), Some("Hotel do Mar"));
    }
}

#[test]
fn of_two_names_at_the_same_time_the_log_is_told_the_one_that_the_document_says() {
    for (first, second) in [(7, 8), (8, 7)] {
        let mut scene = Scene::set();
        let both = [first, second].map(|number| {
            let mut device = Device::of(INES, number);
            device.role = Role::Manager;
            scene.hotel.bind(device.actor, &device);
            let action = device.ask(name(&format!("Hotel {number}"))).unwrap();
            (device, action)
        });
        let mut told = None;
        for (device, action) in both {
            told = scene.told_by(&device, action).or(told);
        }
        assert_eq!(told, Some(scene.called()));
    }
}
