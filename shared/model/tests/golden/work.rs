//! What is asked about tasks beside starting, pausing and finishing them.

use super::variants::Seen;
use crate::id;
use expect_test::expect;
use keyrack_model::{
    command::{Command, TaskDraft, WorkCommand},
    ids::{RoomId, StayId, TaskId, UserId},
    room::ServiceStatus,
    task::{EntryReason, InspectionOutcome, TaskKind},
    time::BusinessDate,
};

const TASK: TaskId = TaskId(id(0x7a));
const ROOM: RoomId = RoomId(id(0xd0));

fn date() -> BusinessDate {
    "2017-05-26".parse().expect("a date")
}

fn draft() -> Box<TaskDraft> {
    Box::new(TaskDraft {
        kind: TaskKind::GuestRequest,
        room: ROOM,
        stay: Some(StayId(id(0x57))),
        business_date: date(),
        title: "Two pillows".into(),
        note: "Feather-free".into(),
        assignee: Some(UserId(id(0x05))),
    })
}

pub fn work(commands: &mut Seen) {
    let mut seen = Seen::default();
    let mut check = |command: WorkCommand, expected| {
        seen.note(&command);
        commands.check(&Command::Work(command), expected);
    };
    check(
        WorkCommand::Add {
            task: TASK,
            draft: draft(),
        },
        expect![[r#"
            a164576f726ba163416464a2647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a
            7a7a656472616674a7646b696e646d67756573742d7265717565737464726f6f
            6d50d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d06473746179505757575757575757
            57575757575757576d627573696e6573735f646174656a323031372d30352d32
            36657469746c656b54776f2070696c6c6f7773646e6f74656c46656174686572
            2d667265656861737369676e65655005050505050505050505050505050505
        "#]],
    );
    check(
        WorkCommand::Add {
            task: TASK,
            draft: Box::default(),
        },
        expect![[r#"
            a164576f726ba163416464a2647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a
            7a7a656472616674a7646b696e6468737461796f76657264726f6f6d50000000
            000000000000000000000000006473746179f66d627573696e6573735f646174
            656a303030302d30312d3031657469746c6560646e6f7465606861737369676e
            6565f6
        "#]],
    );
    check(
        WorkCommand::Cancel { task: TASK },
        expect![[r#"
        a164576f726ba16643616e63656ca1647461736b507a7a7a7a7a7a7a7a7a7a7a
        7a7a7a7a7a
    "#]],
    );
    check(
        WorkCommand::Pin {
            task: TASK,
            pinned: true,
        },
        expect![[r#"
            a164576f726ba16350696ea2647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a7a
            7a7a6670696e6e6564f5
        "#]],
    );
    check(
        WorkCommand::KeptOut {
            task: TASK,
            by: ServiceStatus::ServiceRefused,
        },
        expect![[r#"
            a164576f726ba1674b6570744f7574a2647461736b507a7a7a7a7a7a7a7a7a7a
            7a7a7a7a7a7a6262796f736572766963652d72656675736564
        "#]],
    );
    check(
        WorkCommand::Enter {
            task: TASK,
            reason: EntryReason::SupervisorSaid,
        },
        expect![[r#"
            a164576f726ba165456e746572a2647461736b507a7a7a7a7a7a7a7a7a7a7a7a
            7a7a7a7a66726561736f6e6f73757065727669736f722d73616964
        "#]],
    );
    check(
        WorkCommand::Note {
            task: TASK,
            text: "Blood on the sheet".into(),
            base: String::new(),
        },
        expect![[r#"
            a164576f726ba1644e6f7465a3647461736b507a7a7a7a7a7a7a7a7a7a7a7a7a
            7a7a7a647465787472426c6f6f64206f6e207468652073686565746462617365
            60
        "#]],
    );
    check(
        WorkCommand::Inspect {
            task: TASK,
            outcome: InspectionOutcome::Failed,
            reason: "Hair".into(),
        },
        expect![[r#"
            a164576f726ba167496e7370656374a3647461736b507a7a7a7a7a7a7a7a7a7a
            7a7a7a7a7a7a676f7574636f6d65666661696c656466726561736f6e64486169
            72
        "#]],
    );
    seen.has_all::<WorkCommand>();
}
