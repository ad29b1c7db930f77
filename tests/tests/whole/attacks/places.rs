//! Changes that do not stand where their actor, or what they build on, puts them.

use super::*;
use keyrack_model::limits::MAX_CHANGE_DEPS;

/// It would win every conflict, and leave no number for an honest edit after it.
pub(super) fn at_the_end_of_all(change: &mut ExpandedChange) {
    change.start_op = (u64::from(u32::MAX) - 9).try_into().expect("not zero");
}

#[tokio::test]
async fn changes_out_of_their_place_leave_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    type Rewrite = fn(&mut ExpandedChange);
    let rewrites: [(&str, GateReason, Rewrite); 6] = [
        (
            "an operation counter near its end",
            GateReason::StartOp,
            at_the_end_of_all,
        ),
        ("a gap in the sequence", GateReason::Sequence, |change| {
            change.seq += 1
        }),
        (
            "an unknown dependency",
            GateReason::MissingDependency,
            |change| {
                change.deps.push(automerge::ChangeHash([9; 32]));
            },
        ),
        ("no dependency", GateReason::MissingDependency, |change| {
            change.deps.clear()
        }),
        (
            "another operation's name",
            GateReason::WrongOperation,
            |change| {
                change.message = Some(Uuid::nil().to_string());
            },
        ),
        ("another time", GateReason::Timestamp, |change| {
            change.time -= 1
        }),
    ];
    for way in Way::ALL {
        scene.attacker.way = way;
        for (name, reason, rewrite) in rewrites {
            let attack = |device: &mut Attacker, room| rewritten(honest(device, room), rewrite);
            scene.refuses(name, gate(reason), attack).await;
        }
    }
    // Two contents under one place of one actor: the first of them is the log's.
    let twin = scene.attacker.clone();
    let first = scene
        .attacker
        .service(scene.room, ServiceStatus::MakeUpRoom);
    let told = scene.attacker.told(&first).await;
    assert!(matches!(told, Verdict::Accepted { .. }), "{told:?}");
    let equivocation = |device: &mut Attacker, room| {
        *device = twin;
        device.service(room, ServiceStatus::None)
    };
    scene
        .refuses("equivocation", gate(GateReason::Sequence), equivocation)
        .await;
    let other = scene.room;
    scene.attacker.service(other, ServiceStatus::DoNotDisturb);
    let unseen = |device: &mut Attacker, room| device.service(room, ServiceStatus::None);
    scene
        .refuses(
            "built on what was never sent",
            gate(GateReason::Sequence),
            unseen,
        )
        .await;
    // On another device, because this one has lost its place.
    scene.attacker = Attacker::signed_in(scene.server.address(), &MARIA).await;
    scene.ends_as_ever().await;
}

/// All of them are there, and whatever else stands in the change is as it has to be.
#[tokio::test]
async fn more_dependencies_than_a_change_may_have_leave_every_table_as_it_was() {
    let mut scene = Scene::set().await;
    let room = scene.room;
    for turn in 0..=MAX_CHANGE_DEPS {
        let value = [ServiceStatus::None, ServiceStatus::DoNotDisturb][turn % 2];
        let command = Command::SetServiceStatus { room, value };
        scene.honest.act(&command).expect("the desk may");
    }
    scene.honest.sync().await;
    let mut past = scene.changes_of(room).await;
    let past = past.split_off(past.len() - MAX_CHANGE_DEPS - 1);
    let last = past.last().expect("so many changes");
    for way in Way::ALL {
        scene.attacker.way = way;
        let crowded = |device: &mut Attacker, room| {
            rewritten(honest(device, room), |change| {
                change.deps = past.iter().map(CrdtChange::hash).collect();
                change.start_op = (last.max_op() + 1).try_into().expect("not zero");
                change.operations[0].pred = vec![first_operation(last)].into();
            })
        };
        let reason = gate(GateReason::MissingDependency);
        scene
            .refuses("one dependency too many", reason, crowded)
            .await;
    }
    scene.ends_as_ever().await;
}
