//! What can be wrong with an action that a modified app sends.

use super::rewrite;
use crate::hostile::{choices::Choices, chunk::mend_checksum};
use keyrack_model::{
    action::Action,
    command::Command,
    ids::{DocumentRef, OperationId, StayId, UserId},
    room::ServiceStatus,
    time::Timestamp,
};
use keyrack_server::pretend::{Device, GUEST, HOTEL, ORDER, ROOM, TOMAS, stayover};
use std::panic::{AssertUnwindSafe, catch_unwind};
use uuid::Uuid;

/// Kinds of attack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attack {
    None,
    /// These bytes in the place of a change.
    Bytes,
    /// The same, with a checksum that fits them.
    BytesThatFit,
    /// Single bits flipped.
    Flips,
    FlipsThatFit,
    Cut,
    /// Bytes put in somewhere.
    Insertion,
    /// The change decoded, edited, and encoded as Automerge does.
    Rewrite,
    /// Another content under the actor and the sequence of one that was stored.
    Equivocation,
    /// A stored action once more.
    Again,
    AnotherCommand,
    AnotherAuthor,
    AnotherOperation,
    AnotherDocument,
    AnotherSchema,
    AnotherTime,
    /// One of its changes twice.
    Twice,
    /// Without one of its changes.
    Less,
    /// From a device that has no such actor.
    AnotherDevice,
    /// On top of another version of a guest than the one that is there.
    AnotherVersion,
    /// A guest's name or number that no app sends.
    AnotherGuest,
}

impl Attack {
    pub const ALL: [Self; 21] = [
        Self::None,
        Self::Bytes,
        Self::BytesThatFit,
        Self::Flips,
        Self::FlipsThatFit,
        Self::Cut,
        Self::Insertion,
        Self::Rewrite,
        Self::Equivocation,
        Self::Again,
        Self::AnotherCommand,
        Self::AnotherAuthor,
        Self::AnotherOperation,
        Self::AnotherDocument,
        Self::AnotherSchema,
        Self::AnotherTime,
        Self::Twice,
        Self::Less,
        Self::AnotherDevice,
        Self::AnotherVersion,
        Self::AnotherGuest,
    ];
}

impl Attack {
    fn is_about_a_change(self) -> bool {
        matches!(
            self,
            Self::Bytes
                | Self::BytesThatFit
                | Self::Flips
                | Self::FlipsThatFit
                | Self::Cut
                | Self::Insertion
                | Self::Rewrite
                | Self::AnotherDocument
                | Self::Twice
                | Self::Less
        )
    }
}

/// Makes an attack of an honest action of a device, or leaves it as it is; with who sends it.
pub fn turn(
    device: &Device,
    honest: Action,
    stored: &[Action],
    choices: &mut Choices<'_>,
) -> (Device, Action) {
    let mut sender = device.clone();
    let mut action = honest;
    let attack = *choices.one_of(&Attack::ALL);
    if action.changes.is_empty() && attack.is_about_a_change() {
        // What writes a record has no changes: it gets those of something else.
        let others = stored.iter().rfind(|it| !it.changes.is_empty());
        let Some(others) = others else {
            return (sender, action);
        };
        action.changes = others.changes.clone();
    }
    let which = match attack {
        Attack::None | Attack::Equivocation | Attack::Again => 0,
        _ if action.changes.is_empty() => 0,
        _ => usize::from(choices.byte()) % action.changes.len(),
    };
    match attack {
        Attack::None => {}
        Attack::Bytes => action.changes[which].bytes = choices.bytes().to_vec(),
        Attack::BytesThatFit => {
            let mut bytes = choices.bytes().to_vec();
            mend_checksum(&mut bytes);
            action.changes[which].bytes = bytes;
        }
        Attack::Flips => flip(&mut action.changes[which].bytes, choices),
        Attack::FlipsThatFit => {
            let bytes = &mut action.changes[which].bytes;
            flip(bytes, choices);
            mend_checksum(bytes);
        }
        Attack::Cut => {
            let bytes = &mut action.changes[which].bytes;
            bytes.truncate(choices.below(bytes.len()));
        }
        Attack::Insertion => {
            let bytes = &mut action.changes[which].bytes;
            let at = choices.below(bytes.len());
            bytes.splice(at..at, choices.bytes().iter().copied());
            mend_checksum(bytes);
        }
        Attack::Rewrite => {
            let bytes = &mut action.changes[which].bytes;
            // The tool of whoever attacks may fail on what it is asked to write.
            let rewritten = AssertUnwindSafe(|| rewrite::rewritten(bytes, choices));
            if let Ok(rewritten) = catch_unwind(rewritten) {
                *bytes = rewritten;
            }
        }
        Attack::Equivocation => {
            if let Some(last) = stored.iter().rfind(|it| it.author == device.user) {
                // The device is set back to before its last action: it starts over.
                sender = forgetting(device, last, stored);
                if let Some(other) = super::commands::ask(&mut sender, stored, choices) {
                    action = other;
                }
            }
        }
        Attack::Again => {
            if !stored.is_empty() {
                action = stored[choices.below(stored.len())].clone();
            }
        }
        Attack::AnotherCommand => action.command = command(choices),
        Attack::AnotherAuthor => {
            let others = [UserId(Uuid::nil()), TOMAS, keyrack_model::identity::SERVER];
            action.author = *choices.one_of(&others);
        }
        Attack::AnotherOperation => {
            action.operation = OperationId(Uuid::from_u128(u128::from(choices.number())));
        }
        Attack::AnotherDocument => {
            let others: [DocumentRef; 5] = [
                ROOM.into(),
                ORDER.into(),
                GUEST.into(),
                stayover().into(),
                HOTEL.into(),
            ];
            action.changes[which].document = *choices.one_of(&others);
        }
        Attack::AnotherSchema => action.schema = choices.below(1 << 16) as u16,
        Attack::AnotherTime => action.at.wall = Timestamp(choices.number() as i64),
        Attack::Twice => {
            let again = action.changes[which].clone();
            action.changes.push(again);
        }
        Attack::Less => drop(action.changes.remove(which)),
        Attack::AnotherDevice => sender.id.0 = Uuid::from_u128(u128::from(choices.byte())),
        Attack::AnotherVersion => {
            if let Command::EditGuest { expected, .. } = &mut action.command {
                *expected = choices.number();
            }
        }
        Attack::AnotherGuest => {
            if let Command::EditGuest { stay, guest, .. } = &mut action.command {
                *stay = *choices.one_of(&[GUEST, StayId(Uuid::from_u128(0xBAD))]);
                guest.name = String::from_utf8_lossy(choices.bytes()).into_owned();
            }
        }
    }
    (sender, action)
}

fn flip(bytes: &mut [u8], choices: &mut Choices<'_>) {
    for _ in 0..=choices.byte() % 4 {
        let at = choices.below(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
    }
}

/// The device with everything but one of its own actions.
fn forgetting(device: &Device, forgotten: &Action, stored: &[Action]) -> Device {
    let number = device.id.0.as_u128() - 0xD000;
    let mut again = Device::of(device.user, number);
    again.at = device.at;
    for action in stored {
        // What builds on the forgotten one is forgotten with it.
        let is_before = action.operation != forgotten.operation;
        if is_before {
            let mut tried = again.clone();
            let received = AssertUnwindSafe(|| tried.receive(action));
            if catch_unwind(received).is_ok() {
                again = tried;
            }
        }
    }
    again
}

/// A command that something else was asked for by.
fn command(choices: &mut Choices<'_>) -> Command {
    let room = ROOM;
    let all = [
        Command::SetServiceStatus {
            room,
            value: ServiceStatus::None,
        },
        Command::FinishTask { task: stayover() },
        Command::CheckOut { stay: GUEST },
        Command::OpenHotel {
            hotel: HOTEL,
            name: "Mine".into(),
            business_date: Default::default(),
        },
        Command::Undo {
            operation: OperationId(Uuid::max()),
        },
        Command::SetCleanliness {
            rooms: Vec::new(),
            value: Default::default(),
        },
    ];
    choices.one_of(&all).clone()
}
