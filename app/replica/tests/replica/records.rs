//! Records on devices: who reads them, what two desks write at once, and what is erased.

use crate::world::{
    log::decode,
    people,
    scene::{Device, Scene, room, stay, today},
};
use keyrack_model::{
    action::{Action, Content, LogEntry, Sequence},
    class::GuestNames,
    command::{Command, ImportedRow},
    ids::{DeviceId, OperationId, UserId},
    ipc::{Answer, Question},
    policy::Role,
    record::{Guest, Payload, Workplace},
    refusal::{GateReason, Refusal},
    room::Occupancy,
    stay::Stay,
    time::{HybridTime, Timestamp},
    wire::{ClientFrame, KnownPlace},
};
use keyrack_replica::{ActError, Effect, Input, Sealed};
use uuid::Uuid;

const DESK: usize = 0;
const MANAGER: usize = 1;
const MARIA: usize = 2;

fn scene() -> Scene {
    Scene::with(&[Role::FrontDesk, Role::Manager, Role::Housekeeper])
}

fn shown(scene: &Scene, device: usize) -> Option<String> {
    let row = scene.guest(device, stay(1))?;
    row.guest.map(|guest| guest.name)
}

/// Who the guest of the first stay is, on a version of it.
fn named(expected: u64, name: &str) -> Command {
    Command::EditGuest {
        stay: stay(1),
        expected,
        guest: Guest {
            name: name.into(),
            phone: String::new(),
        },
    }
}

/// An action that writes a record, as it goes to the server.
fn sent(operation: OperationId, author: UserId, command: Command) -> Action {
    Action {
        operation,
        author,
        at: HybridTime::default(),
        schema: 1,
        command,
        changes: vec![],
    }
}

#[test]
fn a_guest_named_offline_shows_at_once_and_at_the_manager_when_the_desk_is_back() {
    let mut scene = scene();
    scene.cut(DESK);
    scene.name_guest(DESK, stay(1), " Ana Reis ").unwrap();
    scene.name_guest(DESK, stay(1), "Ana dos Reis").unwrap();
    assert_eq!(shown(&scene, DESK).as_deref(), Some("Ana dos Reis"));
    assert_eq!(shown(&scene, MANAGER), None);
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, MANAGER).as_deref(), Some("Ana dos Reis"));
    assert_eq!(scene.guest(MANAGER, stay(1)).unwrap().version, 2);
}

#[test]
fn a_name_that_was_under_review_and_was_approved_is_refused_no_more() {
    let mut scene = scene();
    scene.cut(DESK);
    let operation = scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.log.refuses.insert(operation, Refusal::UnderReview);
    scene.settle();
    let refused = |scene: &Scene| scene.devices[DESK].replica.refused().unwrap().len();
    assert_eq!((refused(&scene), shown(&scene, MANAGER)), (1, None));

    scene.log.refuses.remove(&operation);
    scene.cut(DESK);
    scene.settle();
    assert_eq!(shown(&scene, MANAGER).as_deref(), Some("Ana Reis"));
    assert_eq!(refused(&scene), 0);
}

#[test]
fn a_housekeepers_device_is_told_of_places_in_the_log_and_of_no_guest() {
    let mut scene = scene();
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.name_guest(DESK, stay(2), "Eva Lima").unwrap();
    let told = scene.log.after(Role::Housekeeper, Sequence(0));
    let hidden = told.last().unwrap();
    assert!(matches!(hidden.content, Content::Hidden { .. }));
    assert_eq!(
        hidden.sequence.0 - hidden.first().0,
        1,
        "one entry for both"
    );
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, MARIA), None);
}

/// The same device, when the desk has gone home and what it did still waits or was refused there.
#[test]
fn whoever_signs_in_after_the_desk_sees_that_something_waits_and_not_whose_name_it_is() {
    let mut scene = scene();
    scene.cut(DESK);
    scene.cut(MANAGER);
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.name_guest(MANAGER, stay(1), "Eva Lima").unwrap();
    let commands = |scene: &Scene, device: usize| {
        let replica = &scene.devices[device].replica;
        let Answer::Waiting(waiting) = replica.answer(&Question::Waiting).unwrap() else {
            panic!("another answer");
        };
        let refused = replica.refused().unwrap().into_iter();
        let waiting = waiting.into_iter().map(|action| action.command);
        waiting
            .chain(refused.map(|action| action.command))
            .collect::<Vec<_>>()
    };
    let sits_down = |scene: &mut Scene, device: usize, number, role| {
        let replica = &mut scene.devices[device].replica;
        replica.end_session().unwrap();
        let session = people::session(people::person(number, role));
        replica.begin_session(session).unwrap();
    };
    sits_down(&mut scene, DESK, 3, Role::Housekeeper);
    assert_eq!(commands(&scene, DESK), [Command::Redacted], "it waits");
    sits_down(&mut scene, DESK, 1, Role::FrontDesk);
    assert_eq!(commands(&scene, DESK), [named(0, "Ana Reis")]);
    scene.settle();
    sits_down(&mut scene, MANAGER, 3, Role::Housekeeper);
    assert_eq!(
        commands(&scene, MANAGER),
        [Command::Redacted],
        "it was refused"
    );
    sits_down(&mut scene, MANAGER, 1, Role::FrontDesk);
    assert_eq!(commands(&scene, MANAGER), [named(0, "Eva Lima")]);
}

#[test]
fn two_desks_that_name_a_guest_at_once_overwrite_nothing_and_the_second_is_told() {
    let mut scene = scene();
    scene.cut(DESK);
    scene.cut(MANAGER);
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    let second = scene.name_guest(MANAGER, stay(1), "Anna Reiss").unwrap();
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, MANAGER).as_deref(), Some("Ana Reis"));
    let refused = scene.devices[MANAGER].replica.refused().unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].operation, second);
    assert_eq!(refused[0].reason, Refusal::RecordChanged { version: 1 });
    let Command::EditGuest { guest, .. } = &refused[0].command else {
        panic!("another command: {refused:?}");
    };
    assert_eq!(guest.name, "Anna Reiss", "what was typed is not lost");
}

#[test]
fn a_verdict_that_is_lost_leaves_one_version() {
    let mut scene = scene();
    scene.cut(DESK);
    let operation = scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    // It arrives, and the desk never hears of it.
    let desk = &scene.devices[DESK].replica;
    let (device, author) = (desk.registration().id, desk.session().unwrap().me.id);
    let pushed = sent(operation, author, named(0, "Ana Reis"));
    scene.log.push(device, vec![pushed]);
    scene.settle();
    scene.check_agreement();
    let versions = scene.log.entries.iter().filter_map(LogEntry::operation);
    assert_eq!(versions.filter(|it| *it == operation).count(), 1);
}

#[test]
fn what_a_manager_erases_is_gone_from_every_device_and_from_what_waited() {
    let mut scene = scene();
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.settle();
    scene.cut(DESK);
    scene.name_guest(DESK, stay(1), "Ana dos Reis").unwrap();
    let refused = scene.act(DESK, &Command::EraseGuest { stay: stay(1) });
    assert!(matches!(
        refused,
        Err(ActError::Refused(Refusal::NotAllowed { .. }))
    ));
    let erase = Command::EraseGuest { stay: stay(1) };
    scene.act(MANAGER, &erase).unwrap();
    assert_eq!(shown(&scene, MANAGER), None);
    scene.settle();
    scene.check_agreement();
    for device in [DESK, MANAGER] {
        let row = scene.guest(device, stay(1)).unwrap();
        assert_eq!((row.version, row.guest), (2, None));
    }
    let kept = scene.devices[DESK].replica.refused().unwrap();
    assert_eq!(kept[0].reason, Refusal::RecordErased);
    assert!(matches!(
        &kept[0].command,
        Command::EditGuest { guest, .. } if *guest == Guest::default()
    ));
    // The next guest of the stay begins on top.
    scene.name_guest(DESK, stay(1), "Eva Lima").unwrap();
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, MANAGER).as_deref(), Some("Eva Lima"));
}

#[test]
fn what_was_erased_in_an_older_log_does_not_come_back_with_what_that_log_had_lost() {
    let mut scene = scene();
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.settle();
    let before = scene.log.head();
    for name in ["Ana dos Reis", "Ana Reis Lima"] {
        scene.name_guest(DESK, stay(1), name).unwrap();
        scene.settle();
    }
    // Without the desk the log is brought back to the first name, and that is erased.
    scene.cut(DESK);
    scene.cut(MANAGER);
    scene.log.restore(before);
    scene.connect(MANAGER);
    let erase = Command::EraseGuest { stay: stay(1) };
    scene.act(MANAGER, &erase).unwrap();
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, DESK), None);
    let refused = scene.devices[DESK].replica.refused().unwrap();
    let reasons: Vec<_> = refused.into_iter().map(|action| action.reason).collect();
    assert_eq!(reasons, [Refusal::RecordErased, Refusal::RecordErased]);
}

#[test]
fn whoever_is_written_down_after_an_erasure_stays_also_when_no_verdict_has_come() {
    let mut scene = scene();
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.settle();
    scene.cut(MANAGER);
    let erase = Command::EraseGuest { stay: stay(1) };
    let erased = scene.act(MANAGER, &erase).unwrap();
    let operation = scene.name_guest(MANAGER, stay(1), "Eva Lima").unwrap();
    // Both arrive, and the device is told of the erasure before it hears of the other.
    let manager = &scene.devices[MANAGER].replica;
    let (device, author) = (manager.registration().id, manager.session().unwrap().me.id);
    let pushed = [(erased, erase), (operation, named(1, "Eva Lima"))];
    let pushed = pushed.map(|(operation, command)| sent(operation, author, command));
    scene.log.push(device, pushed.to_vec());
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, DESK).as_deref(), Some("Eva Lima"));
    let refused = scene.devices[MANAGER].replica.refused().unwrap();
    assert_eq!(refused, []);
}

#[test]
fn what_is_erased_is_gone_from_the_device_of_whoever_wrote_it_in_another_role() {
    let mut scene = scene();
    let before = scene.log.head();
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.settle();
    scene.log.put_person(&people::person(1, Role::Engineer));
    scene.settle();
    let erase = Command::EraseGuest { stay: stay(1) };
    scene.act(MANAGER, &erase).unwrap();
    scene.settle();
    // An older log has that person at the desk again, who would write what the log lost.
    scene.cut(MANAGER);
    scene.log.restore(before);
    scene.connect(DESK);
    scene.deliver(DESK, usize::MAX);
    scene.pass_time();
    assert_eq!(scene.devices[DESK].replica.waiting().unwrap(), 0);
    let log = scene.log.after(Role::Manager, Sequence(0));
    let mut records = log.iter().filter_map(LogEntry::record);
    assert!(!records.any(|record| matches!(record.payload, Payload::Guest(_))));
}

#[test]
fn whoever_loses_a_role_loses_what_it_read_and_gets_it_back_with_the_role() {
    let mut scene = scene();
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.settle();
    assert_eq!(shown(&scene, MANAGER).as_deref(), Some("Ana Reis"));
    for (role, name) in [
        (Role::Housekeeper, None),
        (Role::FrontDesk, Some("Ana Reis")),
        (Role::Engineer, None),
        (Role::Admin, Some("Ana Reis")),
    ] {
        scene.log.put_person(&people::person(2, role));
        scene.deliver(MANAGER, usize::MAX);
        let me = &scene.devices[MANAGER].replica.session().unwrap().me;
        assert_eq!(me.role, role, "it counts as soon as it is heard of");
        if name.is_none() {
            assert_eq!(shown(&scene, MANAGER), None);
        }
        scene.settle();
        assert_eq!(shown(&scene, MANAGER).as_deref(), name);
        scene.check_agreement();
    }
}

#[test]
fn a_version_that_the_log_lost_is_written_again_by_who_wrote_it() {
    let mut scene = scene();
    scene.name_guest(DESK, stay(1), "Ana Reis").unwrap();
    scene.settle();
    let before = scene.log.head();
    scene.name_guest(DESK, stay(1), "Ana dos Reis").unwrap();
    scene.settle();
    scene.log.restore(before);
    scene.connect(MANAGER);
    assert_eq!(shown(&scene, MANAGER).as_deref(), Some("Ana Reis"));
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, MANAGER).as_deref(), Some("Ana dos Reis"));
}

#[test]
fn whoever_reads_all_again_after_a_restore_lets_go_of_what_never_came_back() {
    let mut scene = scene();
    let before = scene.log.head();
    // With the log, the role is brought back too, and with it what has to be read again.
    scene.log.put_person(&people::person(2, Role::Housekeeper));
    scene.settle();
    let seen = Command::SetOccupancySeen {
        room: room(1),
        value: Occupancy::Vacant,
    };
    let lost = scene.act(DESK, &seen).unwrap();
    scene.settle();
    scene.cut(DESK);
    scene.log.restore(before);
    let reason = GateReason::Signature;
    scene.log.refuses.insert(lost, Refusal::Gate { reason });
    scene.connect(MANAGER);
    scene.settle();
    scene.give_up_hope();
    scene.check_agreement();
}

#[test]
fn people_are_known_by_their_records() {
    let scene = scene();
    let people = scene.devices[MARIA].replica.people().unwrap();
    let roles: Vec<Role> = people.iter().map(|person| person.role).collect();
    assert_eq!(roles, [Role::FrontDesk, Role::Manager, Role::Housekeeper]);
}

#[test]
fn every_device_knows_what_the_others_are_called_now_and_those_that_are_not_trusted_too() {
    let mut scene = scene();
    let (cart, laptop) = (DeviceId(Uuid::from_u128(71)), DeviceId(Uuid::from_u128(72)));
    let called = |name: &str, revoked| Workplace {
        name: name.into(),
        revoked,
        guests: GuestNames::Shown,
    };
    scene.log.put_device(cart, called("Cart", false));
    scene.log.put_device(laptop, called("Old laptop", false));
    scene.settle();
    scene.log.put_device(laptop, called("Old laptop", true));
    scene.log.put_device(cart, called("Cart, floor 2", false));
    scene.settle();
    let new = scene.join(1, Role::Housekeeper);
    scene.settle();
    for device in [DESK, MANAGER, MARIA, new] {
        let devices = scene.devices[device].replica.devices().unwrap();
        let named = |id| devices.iter().find(|device| device.id == id);
        let named = [cart, laptop].map(|id| named(id).map(|device| device.name.as_str()));
        assert_eq!(named, [Some("Cart, floor 2"), Some("Old laptop")]);
    }
}

#[test]
fn a_device_names_the_place_of_a_record_when_it_knows_of_nothing_later() {
    let mut scene = scene();
    let before = scene.log.head();
    scene.log.put_person(&people::person(2, Role::Supervisor));
    scene.settle();
    let new = scene.join(1, Role::FrontDesk);
    for device in [DESK, MARIA, new] {
        let known = known_place(&mut scene, device).unwrap();
        assert_eq!(known.sequence, before.next());
        let record = scene.log.entries.last().unwrap();
        assert_eq!(Some(known.operation), record.operation());
    }

    // In another epoch it names nothing that the log has lost.
    for device in [DESK, MARIA, new] {
        scene.cut(device);
    }
    scene.log.restore(before);
    scene.settle();
    for device in [DESK, MARIA, new] {
        let known = known_place(&mut scene, device);
        assert!(known.is_none_or(|known| known.sequence <= before));
    }
    scene.check_agreement();
}

#[test]
fn an_edit_of_a_guest_whose_stay_the_log_lost_says_that_it_is_not_there() {
    let mut scene = scene();
    let before = scene.log.head();
    let fields = Stay {
        room: Some(room(1)),
        arrival: today(),
        departure: today(),
        ..Stay::default()
    };
    let stay = stay(9);
    scene.server_does(&[Command::Import(ImportedRow::Stay { stay, fields })]);
    scene.settle();
    let edit = scene.name_guest(DESK, stay, "Ana Reis").unwrap();
    scene.settle();
    for device in [DESK, MANAGER, MARIA] {
        scene.cut(device);
    }
    scene.log.restore(before);
    let reason = GateReason::MissingDependency;
    scene.log.refuses.insert(edit, Refusal::Gate { reason });
    scene.settle();
    scene.give_up_hope();
    let refused = scene.devices[DESK].replica.refused().unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].operation, edit);
    assert_eq!(refused[0].reason, Refusal::NotFound);
}

/// The place that a device names in its next greeting.
fn known_place(scene: &mut Scene, device: usize) -> Option<KnownPlace> {
    let now = scene.tick();
    let Device {
        replica, session, ..
    } = &mut scene.devices[device];
    let effects = session.handle(replica, now, Input::Opened).unwrap();
    scene.devices[device].connected = false;
    let hello = effects.iter().find_map(|effect| match effect {
        Effect::Send(bytes) => Some(decode(bytes)),
        _ => None,
    });
    match hello {
        Some(ClientFrame::Hello { known, .. }) => known,
        other => panic!("no greeting: {other:?}"),
    }
}

/// The desk's session waits under a PIN, confirmed at a time, and Maria goes on there.
fn leave_to_maria(scene: &mut Scene, confirmed_at: Timestamp) {
    let maria = people::session(people::person(3, Role::Housekeeper));
    let replica = &mut scene.devices[DESK].replica;
    let sealed = Sealed {
        salt: [1; 16],
        bytes: vec![1; 80],
    };
    replica.seal(&sealed).unwrap();
    assert!(replica.lock(Some(confirmed_at)).unwrap());
    replica.begin_session(maria).unwrap();
    scene.feed(DESK, Input::SessionChanged);
}

fn come_back(scene: &mut Scene) {
    let desk = people::session(people::person(1, Role::FrontDesk));
    let replica = &mut scene.devices[DESK].replica;
    assert_eq!(replica.unlock(desk).unwrap(), Ok(()));
}

#[test]
fn the_desk_comes_back_to_its_guests_after_a_housekeeper_was_there_with_or_without_a_network() {
    let mut scene = scene();
    scene.name_guest(MANAGER, stay(1), "Ana Reis").unwrap();
    scene.settle();
    scene.cut(DESK);
    let now = scene.tick();
    leave_to_maria(&mut scene, now);
    assert_eq!(shown(&scene, DESK), None);
    come_back(&mut scene);
    assert_eq!(shown(&scene, DESK).as_deref(), Some("Ana Reis"));

    let now = scene.tick();
    leave_to_maria(&mut scene, now);
    scene.connect(DESK);
    scene.name_guest(MANAGER, stay(2), "Eva Lima").unwrap();
    scene.settle();
    assert_eq!(shown(&scene, DESK), None);
    scene.cut(DESK);
    come_back(&mut scene);
    assert_eq!(shown(&scene, DESK).as_deref(), Some("Ana Reis"));
    assert_eq!(scene.guest(DESK, stay(2)), None, "nobody told");
    scene.settle();
    assert!(scene.guest(DESK, stay(2)).is_some());
    scene.check_agreement();
}

#[test]
fn guests_are_kept_for_nobody_who_was_not_here_for_long_or_works_in_another_role() {
    for (hours, role) in [(13, Role::FrontDesk), (0, Role::Engineer)] {
        let mut scene = scene();
        scene.name_guest(MANAGER, stay(1), "Ana Reis").unwrap();
        scene.settle();
        scene.cut(DESK);
        let now = scene.tick();
        leave_to_maria(&mut scene, Timestamp(now.0 - hours * 60 * 60 * 1_000));
        scene.log.put_person(&people::person(1, role));
        scene.connect(DESK);
        // Once the record of the other role has come, the next greeting drops them.
        scene.cut(DESK);
        scene.connect(DESK);
        scene.cut(DESK);
        come_back(&mut scene);
        assert_eq!(shown(&scene, DESK), None, "{role:?}");
    }
}

/// Tells a device without a connection what the log has, without any guest: what it shows of them then is
/// what it has kept.
fn tell_that_they_may_be_there(scene: &mut Scene, device: usize) {
    scene.cut(device);
    scene.keep_guests(device, GuestNames::Shown);
    let now = scene.tick();
    let replica = &mut scene.devices[device].replica;
    let entries = scene.log.after(Role::Housekeeper, replica.cursor());
    replica.receive(&entries, now).unwrap();
}

#[test]
fn who_the_guests_are_is_dropped_on_a_device_that_they_are_kept_off_and_comes_back_when_they_may() {
    let mut scene = scene();
    scene.name_guest(MANAGER, stay(1), "Ana Reis").unwrap();
    scene.settle();
    assert_eq!(shown(&scene, DESK).as_deref(), Some("Ana Reis"));
    scene.keep_guests(DESK, GuestNames::KeptOff);
    scene.settle();
    assert_eq!(shown(&scene, DESK), None);
    // What is named meanwhile is told elsewhere alone, and the rest of the work goes on.
    scene.name_guest(MANAGER, stay(2), "Eva Lima").unwrap();
    scene.settle();
    scene.check_agreement();
    tell_that_they_may_be_there(&mut scene, DESK);
    assert_eq!(shown(&scene, DESK), None, "it was not dropped");
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, DESK).as_deref(), Some("Ana Reis"));
}

#[test]
fn what_is_kept_off_a_device_is_not_kept_for_whoever_comes_back_there() {
    let mut scene = scene();
    scene.name_guest(MANAGER, stay(1), "Ana Reis").unwrap();
    scene.settle();
    let now = scene.tick();
    leave_to_maria(&mut scene, now);
    scene.keep_guests(DESK, GuestNames::KeptOff);
    scene.settle();
    tell_that_they_may_be_there(&mut scene, DESK);
    come_back(&mut scene);
    assert_eq!(shown(&scene, DESK), None);
}
