//! Honest devices while an attack goes on.

use super::*;
use keyrack_model::{limits::MAX_FRAME, wire::ClientFrame};
use keyrack_tests::hostile::chunk::{HUGE, change, deflate_bomb};
use std::cell::Cell;

/// What honest devices do during each attack, one after the other.
const WORK: usize = 4;
/// Mebibytes of a bomb once it has gone off.
const INFLATED: usize = 64;

/// What is tried again and again, each time in bytes of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Attack {
    ForgedFrames,
    StolenNames,
    Bombs,
    OversizedFrames,
    Replays,
    Equivocation,
}

impl Attack {
    const ALL: [Self; 6] = [
        Self::ForgedFrames,
        Self::StolenNames,
        Self::Bombs,
        Self::OversizedFrames,
        Self::Replays,
        Self::Equivocation,
    ];

    /// Refusals that one round of it leaves in each way: what is turned away as a frame, and what was
    /// accepted before, leave none.
    fn refusals(self) -> usize {
        match self {
            Self::ForgedFrames | Self::OversizedFrames | Self::Replays => 0,
            Self::StolenNames | Self::Equivocation => 1,
            Self::Bombs => 2,
        }
    }

    /// One round, each time of a device that knows what the attacker knew.
    async fn strike(self, device: &mut Attacker, replayed: &Replayed, room: RoomId) {
        let way = device.way;
        match self {
            Self::ForgedFrames => {
                let action = honest(device, room);
                let forged = encode(&ClientFrame::Push {
                    batch: encode(&[&action]),
                    signature: vec![7; 64],
                    proofs: vec![],
                });
                let told = device.turned_away(&forged).await;
                assert_eq!(told, Some(ErrorCode::DeviceKey), "{way:?}");
            }
            Self::StolenNames => {
                let mut action = honest(device, room);
                action.author.0 = Uuid::nil();
                refused(device, &action, GateReason::WrongAuthor).await;
            }
            Self::Bombs => {
                let run = [&HUGE[..], &[1]].concat();
                for (reason, bytes) in [
                    (GateReason::TooManyRows, change(&[(0x42, &run)])),
                    (GateReason::NotAChange, deflate_bomb(INFLATED)),
                ] {
                    let action = honest(&mut device.clone(), room);
                    refused(device, &with_bytes(action, bytes), reason).await;
                }
            }
            Self::OversizedFrames => {
                let large = vec![0; MAX_FRAME + 1];
                match way {
                    Way::Requests => {
                        let told = device.turned_away(&large).await;
                        assert_eq!(told, Some(ErrorCode::TooLarge));
                    }
                    Way::Socket => {
                        let mut socket = device.connect().await;
                        Attacker::told_before_the_end(&mut socket, large).await;
                    }
                }
            }
            Self::Replays => {
                let told = device.told(&replayed.action).await;
                assert_eq!(told, replayed.verdict, "{way:?}");
            }
            Self::Equivocation => {
                // Its place was taken by the first that the device wrote.
                let mut twin = replayed.before.clone();
                twin.way = way;
                let second = twin.service(room, ServiceStatus::ServiceRefused);
                refused(&twin, &second, GateReason::Sequence).await;
            }
        }
    }
}

/// An action that was accepted, and the device as it was before it.
struct Replayed {
    before: Attacker,
    action: Action,
    verdict: Verdict,
}

async fn refused(device: &Attacker, action: &Action, reason: GateReason) {
    let told = device.told(action).await;
    assert_eq!(told, Verdict::Refused(gate(reason)), "{:?}", device.way);
}

#[tokio::test]
async fn honest_work_is_taken_whatever_keeps_coming_beside_it() {
    let mut scene = Scene::set().await;
    let room = scene.room;
    let before = scene.attacker.clone();
    let action = scene.attacker.service(room, ServiceStatus::MakeUpRoom);
    let verdict = scene.attacker.told(&action).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
    scene.honest.sync().await;
    let replayed = Replayed {
        before,
        action,
        verdict,
    };
    for attack in Attack::ALL {
        goes_on_beside(&mut scene, attack, &replayed).await;
    }
    scene.ends_as_ever().await;
}

/// All honest work is stored and nothing else, and of the attack its refusals alone.
async fn goes_on_beside(scene: &mut Scene, attack: Attack, replayed: &Replayed) {
    let (attacker, room) = (scene.attacker.clone(), scene.room);
    let before = scene.works().await;
    let head = scene.honest.head().await;
    let is_over = Cell::new(false);
    let attacks = async {
        let mut rounds = 0;
        while !is_over.get() {
            for way in Way::ALL {
                let mut device = attacker.clone();
                device.way = way;
                attack.strike(&mut device, replayed, room).await;
            }
            rounds += 1;
        }
        rounds
    };
    let work = async {
        for _ in 0..WORK {
            scene.works().await;
        }
        is_over.set(true);
    };
    let (rounds, ()) = tokio::join!(attacks, work);

    let stored = scene.honest.head().await.0 - head.0;
    assert_eq!(stored, WORK as u64, "{attack:?}: the honest work alone");
    let after = scene.dump().await;
    let noted = after[REFUSALS].len() - before[REFUSALS].len();
    let expected = rounds * Way::ALL.len() * attack.refusals();
    assert_eq!(noted, expected, "{attack:?}: {rounds} rounds");
}
