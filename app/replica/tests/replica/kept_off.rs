//! Who the guests are, on a device that they are kept off.

use crate::world::scene::{Scene, stay};
use keyrack_model::{class::GuestNames, policy::Role};

const DESK: usize = 0;
const MANAGER: usize = 1;

fn scene() -> Scene {
    Scene::with(&[Role::FrontDesk, Role::Manager])
}

fn shown(scene: &Scene, device: usize, number: u128) -> Option<String> {
    let row = scene.guest(device, stay(number))?;
    row.guest.map(|guest| guest.name)
}

#[test]
fn names_come_back_also_where_they_may_before_the_device_is_greeted_again() {
    let mut scene = scene();
    scene.name_guest(MANAGER, stay(1), "Ana Reis").unwrap();
    let begun_with_a_working_set = scene.join(1, Role::FrontDesk);
    scene.settle();
    for device in [DESK, begun_with_a_working_set] {
        assert_eq!(shown(&scene, device, 1).as_deref(), Some("Ana Reis"));
        scene.keep_guests(device, GuestNames::KeptOff);
        scene.deliver(device, usize::MAX);
        assert_eq!(shown(&scene, device, 1), None);
        scene.cut(device);
        scene.keep_guests(device, GuestNames::Shown);
        scene.settle();
        scene.check_guests();
        assert_eq!(shown(&scene, device, 1).as_deref(), Some("Ana Reis"));
    }
}

#[test]
fn names_come_back_where_one_delivery_tells_that_they_may_not_be_there_and_the_next_that_they_may()
{
    let mut scene = scene();
    scene.name_guest(MANAGER, stay(1), "Ana Reis").unwrap();
    scene.settle();
    scene.keep_guests(DESK, GuestNames::KeptOff);
    scene.keep_guests(DESK, GuestNames::Shown);
    scene.deliver(DESK, 1);
    assert_eq!(shown(&scene, DESK, 1), None);
    scene.deliver(DESK, 1);
    scene.settle();
    scene.check_agreement();
    assert_eq!(shown(&scene, DESK, 1).as_deref(), Some("Ana Reis"));
}
