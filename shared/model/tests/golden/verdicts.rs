//! Every verdict and every reason for a refusal.

use super::{refusals, variants::Seen};
use crate::{AT, check};
use expect_test::expect;
use keyrack_model::{
    action::Sequence,
    policy::Role,
    refusal::{GateReason, Refusal},
    room::ServiceStatus,
    stay::StayStatus,
    task::TaskStatus,
    wire::Verdict,
    work_order::WorkOrderStatus,
};

#[test]
fn accepted_and_try_again() {
    let accepted = Verdict::Accepted {
        sequence: Sequence(300),
        received_at: AT,
    };
    check(
        &accepted,
        expect![[r#"
        a1684163636570746564a26873657175656e636519012c6b7265636569766564
        5f61741b0000015c3eaacd00
    "#]],
    );
    check(
        &Verdict::RetryAfter { millis: 2_000 },
        expect![[r#"
        a16a52657472794166746572a1666d696c6c69731907d0
    "#]],
    );
}

#[test]
fn every_refusal() {
    let mut seen = Seen::default();
    refused_by_the_gate(&mut seen);
    refused_by_role_and_by_length(&mut seen);
    reasons_of_the_rules(&mut seen);
    refusals::of_the_day_and_of_rooms(&mut seen);
    seen.has_all::<Refusal>();
}

fn refused_by_the_gate(seen: &mut Seen) {
    let reason = GateReason::MissingDependency;
    let refusal = Refusal::Gate { reason };
    seen.note(&refusal);
    check(
        &Verdict::Refused(refusal),
        expect![[r#"
        a16752656675736564a16447617465a166726561736f6e726d697373696e672d
        646570656e64656e6379
    "#]],
    );
}

fn refused_by_role_and_by_length(seen: &mut Seen) {
    let not_allowed = Refusal::NotAllowed {
        command: "import-room".into(),
        role: Role::Engineer,
    };
    seen.note(&not_allowed);
    check(
        &Verdict::Refused(not_allowed),
        expect![[r#"
        a16752656675736564a16a4e6f74416c6c6f776564a267636f6d6d616e646b69
        6d706f72742d726f6f6d64726f6c6568656e67696e656572
    "#]],
    );
    let too_long = Refusal::TooLong {
        field: "title".into(),
        limit: 200,
    };
    seen.note(&too_long);
    check(
        &Verdict::Refused(too_long),
        expect![[r#"
        a16752656675736564a167546f6f4c6f6e67a2656669656c64657469746c6565
        6c696d697418c8
    "#]],
    );
}

fn reasons_of_the_rules(seen: &mut Seen) {
    let status = TaskStatus::Done;
    seen.check(
        &Refusal::TaskState { status },
        expect![[r#"
        a1695461736b5374617465a16673746174757364646f6e65
    "#]],
    );
    let status = StayStatus::Departed;
    seen.check(
        &Refusal::StayState { status },
        expect![[r#"
        a169537461795374617465a166737461747573686465706172746564
    "#]],
    );
    let status = WorkOrderStatus::Open;
    seen.check(
        &Refusal::WorkOrderState { status },
        expect![[r#"
        a16e576f726b4f726465725374617465a166737461747573646f70656e
    "#]],
    );
    let limit = 20;
    seen.check(
        &Refusal::TakenBackTooOften { limit },
        expect![[r#"
        a17154616b656e4261636b546f6f4f6674656ea1656c696d697414
    "#]],
    );
    let arrival = "2017-05-25".parse().expect("a date");
    seen.check(
        &Refusal::ArrivesLater { arrival },
        expect![[r#"
        a16c417272697665734c61746572a1676172726976616c6a323031372d30352d
        3235
    "#]],
    );
    let number = "204".into();
    seen.check(
        &Refusal::RoomOccupied { number },
        expect![[r#"
        a16c526f6f6d4f63637570696564a1666e756d62657263323034
    "#]],
    );
    let field = "title".into();
    seen.check(
        &Refusal::Empty { field },
        expect![[r#"
        a165456d707479a1656669656c64657469746c65
    "#]],
    );
    let field = "description".into();
    seen.check(
        &Refusal::WrittenMeanwhile { field },
        expect![[r#"
        a1705772697474656e4d65616e7768696c65a1656669656c646b646573637269
        7074696f6e
    "#]],
    );
    seen.check(
        &Refusal::TooMany { limit: 500 },
        expect![[r#"
        a167546f6f4d616e79a1656c696d69741901f4
    "#]],
    );
    seen.check(
        &Refusal::NotFound,
        expect![[r#"
        684e6f74466f756e64
    "#]],
    );
    seen.check(
        &Refusal::NoRoom,
        expect![[r#"
        664e6f526f6f6d
    "#]],
    );
    seen.check(
        &Refusal::NothingToDo,
        expect![[r#"
        6b4e6f7468696e67546f446f
    "#]],
    );
    seen.check(
        &Refusal::ChangedSince,
        expect![[r#"
        6c4368616e67656453696e6365
    "#]],
    );
    seen.check(
        &Refusal::UnderReview,
        expect![[r#"
        6b556e646572526576696577
    "#]],
    );
    seen.check(
        &Refusal::GrantEnded {
            command: "set-cleanliness".into(),
            role: Role::Engineer,
        },
        expect![[r#"
            a16a4772616e74456e646564a267636f6d6d616e646f7365742d636c65616e6c
            696e65737364726f6c6568656e67696e656572
        "#]],
    );
    seen.check(
        &Refusal::NoSelfCheck,
        expect![[r#"
        6b4e6f53656c66436865636b
    "#]],
    );
    seen.check(
        &Refusal::InspectionAwaited,
        expect![[r#"
            71496e7370656374696f6e41776169746564
        "#]],
    );
    seen.check(
        &Refusal::NotOfCleaner,
        expect![[r#"
            6c4e6f744f66436c65616e6572
        "#]],
    );
    seen.check(
        &Refusal::KeptOut {
            by: ServiceStatus::DoNotDisturb,
        },
        expect![[r#"
            a1674b6570744f7574a16262796e646f2d6e6f742d64697374757262
        "#]],
    );
    seen.check(
        &Refusal::ControlCharacter {
            field: "name".into(),
        },
        expect![[r#"
            a170436f6e74726f6c436861726163746572a1656669656c64646e616d65
        "#]],
    );
    seen.check(
        &Refusal::Declined,
        expect![[r#"
        684465636c696e6564
    "#]],
    );
    seen.check(
        &Refusal::Quarantined,
        expect![[r#"
        6b51756172616e74696e6564
    "#]],
    );
    seen.check(
        &Refusal::AuthorUnknown,
        expect![[r#"
        6d417574686f72556e6b6e6f776e
    "#]],
    );
    seen.check(
        &Refusal::RecordChanged { version: 3 },
        expect![[r#"
        a16d5265636f72644368616e676564a16776657273696f6e03
    "#]],
    );
    seen.check(
        &Refusal::RecordErased,
        expect![[r#"
        6c5265636f7264457261736564
    "#]],
    );
    seen.check(
        &Refusal::ServerOnly,
        expect![[r#"
        6a5365727665724f6e6c79
    "#]],
    );
}
