//! Devices that begin anew: the log was brought back to before something that was handed out.

use crate::world::scene::{Scene, mark, seen, stay, task};
use keyrack_model::{
    action::Sequence,
    cleanliness::Cleanliness,
    command::{Command, WorkOrderDraft},
    ids::{OperationId, WorkOrderId},
    policy::Role,
    room::Occupancy,
};
use keyrack_replica::Input;
use uuid::Uuid;

const DESK: usize = 0;
const MARIA: usize = 1;
const LAMP: WorkOrderId = WorkOrderId(Uuid::from_u128(0x0F));

/// A desk and a housekeeper who have worked for a while.
fn morning() -> Scene {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    for (who, command) in [
        (DESK, Command::CheckOut { stay: stay(1) }),
        (MARIA, Command::StartTask { task: task(1) }),
        (MARIA, mark(1, Cleanliness::Clean)),
    ] {
        scene.act(who, &command).unwrap();
        scene.settle();
    }
    scene
}

#[test]
fn a_log_that_was_brought_back_before_what_was_handed_out_is_begun_with_anew() {
    let mut scene = morning();
    let before = scene.log.head();
    scene.act(MARIA, &mark(2, Cleanliness::Clean)).unwrap();
    scene.settle();
    let new = scene.join(1, Role::FrontDesk);
    let told = scene.act(new, &seen(3, Occupancy::Vacant)).unwrap();
    scene.settle();
    for device in 0..scene.devices.len() {
        scene.cut(device);
    }
    let offline = scene.act(new, &mark(3, Cleanliness::Pickup)).unwrap();
    scene.log.restore(before);
    scene.connect(new);
    scene.settle();
    scene.settle();
    scene.check_agreement();
    let entries = scene.log.entries[before.0 as usize..].iter();
    let again: Vec<_> = entries.filter_map(|entry| entry.operation()).collect();
    for operation in [told, offline] {
        assert!(again.contains(&operation), "{operation:?} is lost");
    }
    assert_eq!(scene.devices[new].replica.refused().unwrap(), []);
}

#[test]
fn a_device_that_begins_anew_goes_on_under_another_actor_at_once() {
    let mut scene = morning();
    let before = scene.log.head();
    let new = scene.join(1, Role::FrontDesk);
    scene.act(new, &seen(0, Occupancy::Vacant)).unwrap();
    scene.act(MARIA, &mark(2, Cleanliness::Clean)).unwrap();
    let new_after = scene.join(1, Role::FrontDesk);
    scene.act(new_after, &seen(0, Occupancy::Occupied)).unwrap();
    scene.settle();
    for device in 0..scene.devices.len() {
        scene.cut(device);
    }
    scene.log.restore(before);

    // The room has come, and not all that what it had done before has to be done again on.
    scene.handout.many = 1;
    scene.handout.stops_after_segments = Some(2);
    scene.connect(new_after);
    scene.act(new_after, &seen(0, Occupancy::Vacant)).unwrap();
    scene.handout.stops_after_segments = None;
    scene.settle();
    scene.give_up_hope();
    scene.check_agreement();
}

/// A device that did something which the log has, and has a later state of a document.
struct Handed {
    scene: Scene,
    device: usize,
    done: OperationId,
    /// The last entry before it was done, and the one that has it.
    before: Sequence,
    after: Sequence,
}

fn handed() -> Handed {
    let mut scene = morning();
    let draft = WorkOrderDraft {
        title: "Lamp".into(),
        ..WorkOrderDraft::default()
    };
    let work_order = LAMP;
    let lamp = Command::CreateWorkOrder { work_order, draft };
    scene.act(DESK, &lamp).unwrap();
    scene.settle();
    scene.handout.is_chosen = |document| document != LAMP.into();
    let device = scene.join(1, Role::FrontDesk);
    let before = scene.log.head();
    let done = scene.act(device, &seen(3, Occupancy::Vacant)).unwrap();
    scene.settle();
    let after = scene.log.head();
    assert!(after > before);
    scene.act(MARIA, &mark(2, Cleanliness::Clean)).unwrap();
    scene.settle();
    scene.feed(device, Input::Open(LAMP.into()));
    scene.handout.is_chosen = |_| true;
    for device in 0..scene.devices.len() {
        scene.cut(device);
    }
    Handed {
        scene,
        device,
        done,
        before,
        after,
    }
}

impl Handed {
    /// How often the log has what was done.
    fn times(&self) -> usize {
        let entries = self.scene.log.entries.iter();
        entries
            .filter(|entry| entry.operation() == Some(self.done))
            .count()
    }

    fn cursor(&self) -> Sequence {
        self.scene.devices[self.device].replica.cursor()
    }

    fn lose_it_before_a_working_set_has_come(&mut self) {
        self.scene.log.restore(self.after);
        self.scene.handout.withheld = 2;
        self.scene.connect(self.device);
        self.scene.cut(self.device);
        assert_eq!(self.cursor(), Sequence::default());
        self.scene.log.restore(self.before);
    }

    fn check(mut self) {
        self.scene.settle();
        self.scene.give_up_hope();
        assert_eq!(self.times(), 1);
        let refused = self.scene.devices[self.device].replica.refused();
        assert_eq!(refused.unwrap(), []);
        self.scene.check_agreement();
    }
}

#[test]
fn what_the_log_kept_is_not_done_again() {
    let mut it = handed();
    it.scene.log.restore(it.after);
    let head = it.scene.log.head();
    it.scene.connect(it.device);
    assert_eq!(it.scene.log.head(), head);
    it.check();
}

#[test]
fn what_the_log_loses_before_a_working_set_has_come_is_done_again() {
    let mut it = handed();
    it.lose_it_before_a_working_set_has_come();
    assert_eq!(it.times(), 0);
    it.check();
}

#[test]
fn what_the_log_loses_before_the_documents_have_come_is_done_again() {
    let mut it = handed();
    it.scene.log.restore(it.after);
    it.scene.handout.stops_after_segments = Some(0);
    it.scene.connect(it.device);
    assert!(it.cursor() >= it.after);
    it.scene.cut(it.device);
    it.scene.log.restore(it.before);
    it.scene.handout.stops_after_segments = None;
    it.check();
}

#[test]
fn what_the_log_loses_and_no_story_tells_of_is_done_again() {
    let mut it = handed();
    it.scene.log.restore(it.after);
    it.scene.handout.untold = it.scene.log.head();
    it.scene.connect(it.device);
    it.scene.settle();
    for device in 0..it.scene.devices.len() {
        it.scene.cut(device);
    }
    it.scene.log.restore(it.before);
    it.scene.handout.untold = Sequence::default();
    it.check();
}

#[test]
fn what_the_log_loses_and_then_grows_beyond_is_done_again() {
    let mut it = handed();
    it.lose_it_before_a_working_set_has_come();
    for number in 0..3 {
        let value = Cleanliness::Pickup;
        it.scene.connect(DESK);
        it.scene.act(DESK, &mark(number, value)).unwrap();
    }
    assert!(it.scene.log.head() > it.after);
    it.check();
}
