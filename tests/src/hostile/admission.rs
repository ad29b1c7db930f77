//! Honest and dishonest changes through the whole gate: whatever is admitted applies, is saved and
//! read again, and leaves a hotel in which honest people go on.

mod attack;
mod commands;
mod hotel;
mod rewrite;
mod twist;

pub use attack::Attack;
pub use commands::Ask;
pub use hotel::Hotel;
pub use rewrite::{Edit, Place, Value, rewritten};

use super::choices::{Choices, Script};
use keyrack_model::{action::Action, refusal::Refusal, time::Timestamp};
use keyrack_server::pretend::{Device, INES, MARIA, NOW, RUI, TOMAS};

/// Who is there, each on a device of their own.
pub const PEOPLE: [keyrack_model::ids::UserId; 4] = [MARIA, RUI, TOMAS, INES];
/// Steps of one input: a day's, each tried by somebody else before.
const MAX_STEPS: usize = 24;
const MINUTE: i64 = 60_000;

/// What the gate says to a command, in one way or another.
pub type Verdict = (Ask, Result<(), Refusal>);

/// Each step is a device, a command, and what is wrong with the action that it makes.
pub fn admission(bytes: &[u8]) {
    judged(bytes);
}

/// The same, with what the gate said at each step.
pub fn judged(bytes: &[u8]) -> Vec<Verdict> {
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
    let mut verdicts = Vec::new();
    for step in 0..MAX_STEPS {
        if choices.is_over() {
            break;
        }
        let device = &mut devices[usize::from(choices.byte()) % PEOPLE.len()];
        let before = device.clone();
        device.at = Timestamp(NOW.0 + step as i64 * MINUTE);
        let Some(sent) = sent(device, &before, &stored, &mut choices) else {
            *device = before;
            continue;
        };
        let (sender, action) = (sent.sender, sent.action);
        let judged = hotel.judge(&sender, action.clone());
        assert!(
            !sent.is_honest || judged.as_ref().err().is_none_or(met_on_the_way),
            "honest work is refused: {judged:?} for {:?}",
            action.command
        );
        verdicts.push((Ask::of(&action.command), judged.clone()));
        if !sent.is_honest || judged.is_err() {
            *device = before;
        }
        if judged.is_ok() {
            stored.push(action);
            if !sent.is_honest {
                hears_of_itself(device, &stored);
            }
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
    verdicts
}

/// What comes to the gate in one step.
struct Sent {
    sender: Device,
    action: Action,
    /// Whether it is what the app made, from the device that made it.
    is_honest: bool,
}

/// What somebody asks for: as their app makes it, with something wrong with it, or although their app
/// refuses it. None when nobody makes anything of it.
fn sent(
    device: &mut Device,
    before: &Device,
    stored: &[Action],
    choices: &mut Choices<'_>,
) -> Option<Sent> {
    let command = commands::chosen(device, stored, choices);
    let Some(honest) = commands::ask(device, stored, command.clone()) else {
        return Some(Sent {
            sender: before.clone(),
            action: commands::force(device, command)?,
            is_honest: false,
        });
    };
    let (sender, action) = attack::turn(before, honest.clone(), stored, choices);
    let is_honest = action == honest && sender.id == device.id;
    Some(Sent {
        sender,
        action,
        is_honest,
    })
}

/// Whether honest work may be refused for it: somebody else moved the other end of the same days
/// meanwhile, and the end would be before the beginning.
fn met_on_the_way(refusal: &Refusal) -> bool {
    let ends = ["arrival", "until"];
    matches!(refusal, Refusal::Empty { field } if ends.contains(&field.as_str()))
}

/// A device of which something was stored that its app did not make.
fn hears_of_itself(device: &mut Device, stored: &[Action]) {
    receive_all(std::slice::from_mut(device), stored);
    for _ in 0..attack::USED_BY_EACH {
        device.operation();
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
    script.one_of(&PEOPLE, user).one_of(Ask::ALL, ask)
}
