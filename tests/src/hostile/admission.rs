//! Honest and dishonest changes through the whole gate: whatever is admitted applies, is saved and
//! read again, and leaves a hotel in which honest people go on.

mod attack;
mod commands;
mod hotel;
mod rewrite;

pub use attack::Attack;
pub use commands::Ask;
pub use hotel::Hotel;
pub use rewrite::{Edit, Place, Value, rewritten};

use super::choices::{Choices, Script};
use keyrack_model::{action::Action, time::Timestamp};
use keyrack_server::pretend::{Device, INES, MARIA, NOW, RUI, TOMAS};

/// Who is there, each on a device of their own.
pub const PEOPLE: [keyrack_model::ids::UserId; 4] = [MARIA, RUI, TOMAS, INES];
/// Steps of one input.
const MAX_STEPS: usize = 12;
const MINUTE: i64 = 60_000;

/// Each step is a device, a command, and what is wrong with the action that it makes.
pub fn admission(bytes: &[u8]) {
    let mut choices = Choices::of(bytes);
    let mut hotel = Hotel::open();
    let mut devices: Vec<Device> = (1u128..)
        .zip(PEOPLE)
        .map(|(number, user)| Device::of(user, number))
        .collect();
    for device in &mut devices {
        device.role = hotel.role_of(device.user);
    }
    devices.iter().for_each(|device| hotel.bind(device));
    let mut stored: Vec<Action> = Vec::new();
    for step in 0..MAX_STEPS {
        if choices.is_over() {
            break;
        }
        let device = &mut devices[usize::from(choices.byte()) % PEOPLE.len()];
        let before = device.clone();
        device.at = Timestamp(NOW.0 + step as i64 * MINUTE);
        let Some(honest) = commands::ask(device, &stored, &mut choices) else {
            continue;
        };
        let (sender, action) = attack::turn(&before, honest.clone(), &stored, &mut choices);
        let is_honest = action == honest && sender.id == device.id;
        let judged = hotel.judge(&sender, action.clone());
        assert!(
            !is_honest || judged.is_ok(),
            "honest work is refused: {judged:?} for {:?}",
            action.command
        );
        if !is_honest || judged.is_err() {
            *device = before;
        }
        if judged.is_ok() {
            stored.push(action);
            if choices.byte().is_multiple_of(2) {
                receive_all(&mut devices, &stored);
            }
        }
    }
    receive_all(&mut devices, &stored);
    for device in &mut devices {
        hotel.agrees_with(device);
        device.at = Timestamp(NOW.0 + 60 * MINUTE);
    }
    for (device, ask) in devices.iter_mut().zip(commands::EVERYDAY) {
        let action = commands::everyday(device, ask);
        hotel.judge(device, action).expect("honest work goes on");
    }
}

fn receive_all(devices: &mut [Device], stored: &[Action]) {
    for device in devices {
        let known = device.knows();
        stored
            .iter()
            .filter(|action| !known.contains(&action.operation))
            .for_each(|action| device.receive(action));
    }
}

/// The beginning of a step: somebody's device and what they ask for.
pub fn step(script: Script, user: keyrack_model::ids::UserId, ask: Ask) -> Script {
    script.one_of(&PEOPLE, user).one_of(&Ask::ALL, ask)
}
