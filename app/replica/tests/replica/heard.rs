//! When something was heard of others last, as a device knows.

use crate::world::scene::{Scene, mark};
use keyrack_model::{
    cleanliness::Cleanliness,
    ipc::{Answer, Heard, Question},
    policy::Role,
};

const DESK: usize = 0;
const MARIA: usize = 1;

/// What a device has heard of Maria's work.
fn of_maria(scene: &Scene, device: usize) -> Option<Heard> {
    let maria = scene.devices[MARIA].replica.session().unwrap().me.id;
    let replica = &scene.devices[device].replica;
    let Answer::Heard(heard) = replica.answer(&Question::Heard).unwrap() else {
        panic!("another answer");
    };
    heard.into_iter().find(|it| it.person == maria)
}

#[test]
fn what_waits_on_a_device_is_heard_of_elsewhere_once_it_is_back() {
    let mut scene = Scene::with(&[Role::FrontDesk, Role::Housekeeper]);
    assert_eq!(of_maria(&scene, DESK), None, "she has done nothing");
    scene.cut(MARIA);
    scene.act(MARIA, &mark(1, Cleanliness::Clean)).unwrap();
    assert_eq!(of_maria(&scene, DESK), None);
    let waiting = of_maria(&scene, MARIA).unwrap();
    assert_eq!(waiting.known_at, None, "the server does not know");
    scene.settle();
    let known = of_maria(&scene, DESK).unwrap();
    assert!(known.known_at.is_some());
    let as_before = Heard {
        known_at: None,
        ..known
    };
    assert_eq!(as_before, waiting);
    assert_eq!(of_maria(&scene, MARIA), Some(known));
}
