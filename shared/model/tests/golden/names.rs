//! Words and derived ids, which travel in other bytes or never, and must be the same everywhere.

use crate::id;
use expect_test::expect;
use keyrack_model::{
    change::fields_of,
    class::Class,
    cleanliness::{Cleanliness, CleanlinessMark, MarkCause, Turn, TurnKind},
    field::FieldType,
    identity,
    ids::{DocumentId, DocumentKind, DocumentRef, HotelId, OperationId, StayId},
    policy::Role,
    record::RecordKind,
    refusal::GateReason,
    room::{Occupancy, OccupancySeen, ServiceStatus},
    stay::StayStatus,
    task::{EntryReason, TaskKind, TaskRule, TaskStatus},
    time::Timestamp,
    wire::ErrorCode,
    work_order::{Priority, WorkOrderStatus},
};

fn words<T: ToString>(all: &[T]) -> String {
    let words: Vec<String> = all.iter().map(ToString::to_string).collect();
    words.join(" ") + "\n"
}

#[test]
fn the_words_of_every_value() {
    let all = [
        words(Role::ALL),
        words(Class::ALL),
        words(RecordKind::ALL),
        words(ErrorCode::ALL),
        words(GateReason::ALL),
        words(Cleanliness::ALL),
        words(TurnKind::ALL),
        words(MarkCause::ALL),
        words(Occupancy::ALL),
        words(ServiceStatus::ALL),
        words(StayStatus::ALL),
        words(TaskKind::ALL),
        words(TaskStatus::ALL),
        words(TaskRule::ALL),
        words(EntryReason::ALL),
        words(Priority::ALL),
        words(WorkOrderStatus::ALL),
    ];
    expect![[r#"
        admin manager supervisor frontdesk housekeeper engineer server
        rooms stays tasks work-orders people devices guests
        person device guest
        wrong-password unknown-hotel signed-out old-protocol new-protocol bad-request too-large try-later device-key not-enrolled stale-proof other-address password-ended not-confirmed not-allowed epoch-changed must-refetch internal
        too-large not-a-change checksum too-many-rows unregistered-actor sequence missing-dependency start-op too-many-operations unknown-field wrong-author wrong-operation unreadable panicked signature no-changes unknown-kind timestamp not-of-command schema
        dirty pickup clean inspected
        night departure arrival
        import person task check-out check-in undo
        unknown vacant occupied
        none make-up-room no-service-required service-refused double-lock do-not-disturb
        expected cancelled no-show in-house departed
        departure stayover arrival touch-up turndown deep-clean linen-change inspection check extra guest-request delivery round
        planned cancelled paused in-progress done
        departure-due check-out early-departure stay-continues room-move carried-over night-audit overtaken linen-due deep-clean-due vacant-too-long arrival-due turndown-due inspection-due rework desk-clean desk-dirty block-ended check-in stay-gone person
        guest-asked guest-left supervisor-said mark-wrong
        p1 p2 p3 p4 p5
        open acknowledged in-progress on-hold done verified cancelled
    "#]].assert_eq(&all.concat());
}

#[test]
fn the_fields_of_every_kind_of_document() {
    let kinds = DocumentKind::ALL.iter().map(|kind| {
        let fields = fields_of(*kind).iter().map(|(key, _)| *key);
        let fields: Vec<&str> = fields.collect();
        format!("{} {}: {}\n", *kind as u8, kind.name(), fields.join(" "))
    });
    expect![[r#"
        1 hotel: name business_date
        2 room: number floor room_type cleanliness hk_occupancy service_status section building used_for rush note nights deep_cleaned checked
        3 stay: booking room room_type arrival departure status adults children country meal arrived_at departed_at rate vip queued_at early_check_in late_check_out stayover_wish note
        4 task: kind room stay business_date status rule assignee started_at finished_at worked_millis counted of_every title note pinned attempts attempted_at kept_out_by follows outcome turn entered_because
        5 work_order: title description room priority status assignee reported_by reported_at
        6 comment: subject text author written_at withdrawn
        7 room_block: room kind reason from until return_status ended
        8 room_link: first second kind removed
        9 rule_sheet: scope departure stayover_every linen_every arrival turndown deep_clean_nights deep_clean_days vacant_check_days inspect_every self_check desk_clean_is_checked
    "#]].assert_eq(&kinds.collect::<String>());
}

#[test]
fn values_of_several_parts_are_one_text() {
    let mark = CleanlinessMark {
        value: Cleanliness::Clean,
        turn: Turn {
            date: "2017-05-25".parse().unwrap(),
            step: 1,
            kind: TurnKind::Departure,
            stay: Some(StayId(id(0x57))),
        },
        cause: MarkCause::Task,
        action: OperationId(id(0x0a)),
    };
    expect![[r#"
        Text(
            "clean 2017-05-25/1/departure/57575757-5757-5757-5757-575757575757 task 0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a",
        )
    "#]].assert_debug_eq(&mark.to_value());
    expect![[r#"
        Text(
            "dirty 0000-01-01/0/night/- import 00000000-0000-0000-0000-000000000000",
        )
    "#]]
    .assert_debug_eq(&CleanlinessMark::default().to_value());
    let seen = OccupancySeen {
        value: Occupancy::Vacant,
        at: Timestamp(1_495_700_000_000),
    };
    expect![[r#"
        Text(
            "vacant 1495700000000",
        )
    "#]]
    .assert_debug_eq(&seen.to_value());
}

#[test]
fn ids_that_are_derived() {
    let hotel = identity::hotel("resort");
    let stay = identity::stay(hotel, &[1; 32], 2);
    let about = (stay, identity::room(hotel, "204"));
    let date = "2017-05-25".parse().unwrap();
    let document = DocumentRef {
        kind: DocumentKind::Task,
        id: DocumentId(id(0x7a)),
    };
    let all = [
        format!("hotel {hotel}"),
        format!("room {}", identity::room(hotel, "204")),
        format!("stay {stay}"),
        format!("departure {}", identity::departure_task(hotel, date, about)),
        format!(
            "departure of version 3 {}",
            identity::departure_task_of_version_3(hotel, date, stay)
        ),
        format!("stayover {}", identity::stayover_task(hotel, date, stay)),
        format!("genesis actor {}", identity::genesis_actor(document)),
        format!(
            "import {}",
            identity::import_operation(HotelId(id(1)), document, b"content")
        ),
    ];
    expect![[r#"
        hotel e77ff183-1a3a-82e1-a3f2-0836fac9c041
        room 1cfb8613-d2c6-8fdd-8a32-2b0c943b0f22
        stay ae4bdaa6-2064-8789-8fc8-a9efce92dd8a
        departure 3c53cf68-af61-8500-bb70-5bb9ce068650
        departure of version 3 a1b9bc78-58bc-8e3c-94de-ca411e9d46d8
        stayover 596474eb-2158-80b9-bd74-187be89ecaff
        genesis actor 9f65a8a3-6a65-8d78-9382-1ff9db4c3cc0
        import 2c2a5f95-ea76-8256-9a3c-b80abf72c67d"#]]
    .assert_eq(&all.join("\n"));
}

/// Whoever adds a word tells the makers of other clients.
#[test]
fn the_protocol_names_every_word_and_field() {
    let protocol = include_str!("../../../../docs/protocol.md");
    let fields = DocumentKind::ALL.iter().flat_map(|kind| fields_of(*kind));
    let fields: Vec<&str> = fields.map(|(key, _)| *key).collect();
    let lists = [
        words(Role::ALL),
        words(Class::ALL),
        words(RecordKind::ALL),
        words(ErrorCode::ALL),
        words(GateReason::ALL),
        words(Cleanliness::ALL),
        words(TurnKind::ALL),
        words(MarkCause::ALL),
        words(Occupancy::ALL),
        words(ServiceStatus::ALL),
        words(StayStatus::ALL),
        words(TaskKind::ALL),
        words(TaskStatus::ALL),
        words(TaskRule::ALL),
        words(EntryReason::ALL),
        words(WorkOrderStatus::ALL),
        words(&fields),
    ];
    let all = lists.concat();
    let marks = ["`", "\"", "<", "|"];
    let is_named = |word: &str| {
        let mut marked = marks.iter().map(|mark| format!("{mark}{word}"));
        marked.any(|marked| protocol.contains(&marked))
    };
    let left_out: Vec<&str> = all
        .split_whitespace()
        .filter(|word| !is_named(word))
        .collect();
    assert!(left_out.is_empty(), "not in docs/protocol.md: {left_out:?}");
}
