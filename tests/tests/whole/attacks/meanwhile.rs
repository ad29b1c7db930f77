//! Honest devices while an attack goes on.

use super::{stolen_session::Stolen, *};
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
    /// What another device said, on this one's token.
    ReplaysElsewhere,
    Equivocation,
    CounterInflation,
    MalformedReferences,
    HiddenWrites,
    BeyondRole,
    ForeignDocuments,
    /// What refreshed a session that has ended by its theft, and what opened it.
    StolenSessions,
}

impl Attack {
    const ALL: [Self; 13] = [
        Self::ForgedFrames,
        Self::StolenNames,
        Self::Bombs,
        Self::OversizedFrames,
        Self::Replays,
        Self::ReplaysElsewhere,
        Self::Equivocation,
        Self::CounterInflation,
        Self::MalformedReferences,
        Self::HiddenWrites,
        Self::BeyondRole,
        Self::ForeignDocuments,
        Self::StolenSessions,
    ];

    /// Refusals that one round of it leaves in each way: what is turned away as a frame, and what was
    /// accepted before, leave none.
    fn refusals(self) -> usize {
        match self {
            Self::ForgedFrames
            | Self::OversizedFrames
            | Self::Replays
            | Self::ReplaysElsewhere
            | Self::StolenSessions => 0,
            Self::StolenNames
            | Self::Equivocation
            | Self::CounterInflation
            | Self::MalformedReferences
            | Self::HiddenWrites
            | Self::BeyondRole
            | Self::ForeignDocuments => 1,
            Self::Bombs => 2,
        }
    }

    /// One round, each time of a device that knows what the attacker knew.
    async fn strike(self, device: &mut Attacker, loot: &Loot, room: RoomId) {
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
                        let told = Attacker::told_before_the_end(&mut socket, large).await;
                        frames::is_told_it_is_too_large(&socket, told);
                    }
                }
            }
            Self::Replays => {
                let told = device.told(&loot.action).await;
                assert_eq!(told, loot.verdict, "{way:?}");
            }
            Self::ReplaysElsewhere => {
                let told = match way {
                    Way::Requests => device.turned_away(&loot.recorded[1]).await,
                    Way::Socket => match device.says_again(&loot.recorded).await {
                        Some(Err(code)) => Some(code),
                        told => panic!("{told:?}"),
                    },
                };
                assert_eq!(told, Some(ErrorCode::DeviceKey), "{way:?}");
            }
            Self::Equivocation => {
                // Its place was taken by the first that the device wrote.
                let mut twin = loot.before.clone();
                twin.way = way;
                let second = twin.service(room, ServiceStatus::ServiceRefused);
                refused(&twin, &second, GateReason::Sequence).await;
            }
            Self::CounterInflation => {
                let action = rewritten(honest(device, room), places::at_the_end_of_all);
                refused(device, &action, GateReason::StartOp).await;
            }
            Self::MalformedReferences => {
                let action = rewritten(honest(device, room), over_a_ghost);
                refused(device, &action, GateReason::Unreadable).await;
            }
            Self::HiddenWrites => {
                let action = unseen::hidden_date(device, room);
                refused(device, &action, GateReason::NotOfCommand).await;
            }
            Self::BeyondRole => {
                let action = inspected(device, room);
                refused(device, &action, GateReason::NotOfCommand).await;
            }
            Self::ForeignDocuments => {
                let action = on_a_foreign_room(device);
                refused(device, &action, GateReason::MissingDependency).await;
            }
            Self::StolenSessions => loot.session.opens_nothing(device.server(), way).await,
        }
    }
}

/// What whoever attacks has gathered before.
struct Loot {
    /// An action that was accepted, and the device as it was before it.
    before: Attacker,
    action: Action,
    verdict: Verdict,
    /// A greeting and a push of another device.
    recorded: [Vec<u8>; 2],
    session: Stolen,
}

/// A change on top of one that the hotel does not have.
fn on_a_foreign_room(device: &mut Attacker) -> Action {
    let elsewhere = RoomId(Uuid::new_v4());
    let own = std::mem::replace(&mut device.actor, ActorId(Uuid::new_v4()));
    device.service(elsewhere, ServiceStatus::MakeUpRoom);
    device.actor = own;
    device.service(elsewhere, ServiceStatus::None)
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
    let mut other = Attacker::signed_in(scene.server.address(), &RUI).await;
    let said = other.service(room, ServiceStatus::DoNotDisturb);
    let recorded = [other.hello(), other.push(encode(&[&said]))];
    let told = other.says_again(&recorded).await;
    assert!(
        matches!(told, Some(Ok(Verdict::Accepted { .. }))),
        "{told:?}"
    );
    let session = Stolen::from_joao(&scene).await;
    scene.honest.sync().await;
    let loot = Loot {
        before,
        action,
        verdict,
        recorded,
        session,
    };
    for attack in Attack::ALL {
        goes_on_beside(&mut scene, attack, &loot).await;
    }
    scene.ends_as_ever().await;
}

/// All honest work is stored and nothing else, and of the attack its refusals alone.
async fn goes_on_beside(scene: &mut Scene, attack: Attack, loot: &Loot) {
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
                attack.strike(&mut device, loot, room).await;
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
