//! Work orders and comments that say more than their command, or in another's name.

use super::*;
use keyrack_model::{
    command::{WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, WorkOrderId},
    work_order::{Comment, CommentChange, WorkOrder, WorkOrderStatus},
};

#[test]
fn an_edit_writes_what_it_says_and_as_it_says_it() {
    let edit = |edit| Command::EditWorkOrder {
        work_order: ORDER,
        edit,
    };
    let titled = || {
        edit(WorkOrderEdit {
            title: Some("Shower drips".into()),
            ..WorkOrderEdit::default()
        })
    };
    let described = edit(WorkOrderEdit {
        description: Some("All day.".into()),
        ..WorkOrderEdit::default()
    });
    // Over what is not there: their words cannot be told from somebody else's.
    let over = edit(WorkOrderEdit {
        description: Some("Since dawn.".into()),
        description_base: Some("Since noon.".into()),
        ..WorkOrderEdit::default()
    });
    let write = |change| [Change::WorkOrder(ORDER, change)];
    for (command, change) in [
        (titled(), WorkOrderChange::Title("Sink drips".into())),
        (titled(), WorkOrderChange::Priority(Priority::P1)),
        (titled(), WorkOrderChange::Description("No.".into())),
        (titled(), WorkOrderChange::ReportedBy(Some(MARIA))),
        (described, WorkOrderChange::Description("No.".into())),
        (over, WorkOrderChange::Description("Since dawn.".into())),
    ] {
        Scene::refuses_writing(TOMAS, command, BEYOND, &write(change));
    }
    let unnamed = edit(WorkOrderEdit {
        title: Some("  ".into()),
        ..WorkOrderEdit::default()
    });
    let field = "title".to_owned();
    let empty = write(WorkOrderChange::Title(String::new()));
    Scene::refuses_writing(TOMAS, unnamed, Refusal::Empty { field }, &empty);
}

#[test]
fn a_work_order_is_verified_once_it_is_done_and_by_somebody_who_inspects() {
    let verify = || Command::EditWorkOrder {
        work_order: ORDER,
        edit: WorkOrderEdit {
            status: Some(WorkOrderStatus::Verified),
            ..WorkOrderEdit::default()
        },
    };
    let verified = Change::WorkOrder(ORDER, WorkOrderChange::Status(WorkOrderStatus::Verified));
    let status = WorkOrderStatus::Open;
    let refusal = Refusal::WorkOrderState { status };
    Scene::refuses_writing(INES, verify(), refusal, std::slice::from_ref(&verified));
    let refusal = Refusal::NotAllowed {
        command: "edit-work-order".into(),
        role: Role::Engineer,
    };
    Scene::refuses_writing(TOMAS, verify(), refusal, &[verified]);
}

#[test]
fn a_comment_is_written_by_its_author_and_once() {
    let id = CommentId(Uuid::from_u128(50));
    let say = |subject| Command::AddComment {
        comment: id,
        subject,
        text: "It is the seal.".into(),
    };
    let comment = |author| Comment {
        subject: Some(ORDER),
        text: "It is the seal.".into(),
        author: Some(author),
        written_at: Some(NOW),
        withdrawn: false,
    };
    let forged = comment(RUI).creation(id);
    Scene::refuses_writing(TOMAS, say(ORDER), BEYOND, &forged);
    let mut nameless = comment(TOMAS).creation(id);
    nameless.retain(|change| change.key() != "author");
    let field = "author".to_owned();
    Scene::refuses_writing(TOMAS, say(ORDER), Refusal::Empty { field }, &nameless);
    // On a work order that is not there.
    let nowhere = WorkOrderId(Uuid::from_u128(4_711));
    let lost = Comment {
        subject: Some(nowhere),
        ..comment(TOMAS)
    };
    Scene::refuses_writing(TOMAS, say(nowhere), MISSING, &lost.creation(id));
    // Written over by its author.
    let mut scene = Scene::set();
    let mut tomas = scene.joined_by(TOMAS, 7);
    let said = tomas.ask(say(ORDER)).unwrap();
    scene.hotel.judge(&tomas, said).unwrap();
    let operation = tomas.operation();
    let other = Command::AddComment {
        comment: id,
        subject: ORDER,
        text: "I never said so.".into(),
    };
    let change = Change::Comment(id, CommentChange::Text("I never said so.".into()));
    let action = tomas.act(operation, other, &[change]);
    scene.refuses_from(&tomas, action, BEYOND);
}

#[test]
fn a_work_order_names_rooms_and_people_that_there_are() {
    let id = WorkOrderId(Uuid::from_u128(60));
    let nobody = UserId(Uuid::from_u128(0xA99));
    let drafts = [
        WorkOrderDraft {
            room: Some(OTHER_ROOM),
            ..WorkOrderDraft::default()
        },
        WorkOrderDraft {
            assignee: Some(nobody),
            ..WorkOrderDraft::default()
        },
    ];
    for draft in drafts {
        let draft = WorkOrderDraft {
            title: "Lamp".into(),
            ..draft
        };
        let made = WorkOrder {
            title: "Lamp".into(),
            room: draft.room,
            assignee: draft.assignee,
            reported_by: Some(INES),
            reported_at: Some(NOW),
            ..WorkOrder::default()
        };
        let command = Command::CreateWorkOrder {
            work_order: id,
            draft,
        };
        Scene::refuses_writing(INES, command, MISSING, &made.creation(id));
    }
}

#[test]
fn nobody_reports_in_anothers_name_or_makes_what_is_there() {
    let make = |work_order| Command::CreateWorkOrder {
        work_order,
        draft: WorkOrderDraft {
            title: "Lamp".into(),
            ..WorkOrderDraft::default()
        },
    };
    let id = WorkOrderId(Uuid::from_u128(60));
    let forged = WorkOrder {
        title: "Lamp".into(),
        reported_by: Some(RUI),
        reported_at: Some(NOW),
        ..WorkOrder::default()
    };
    Scene::refuses_writing(TOMAS, make(id), BEYOND, &forged.creation(id));
    let title = WorkOrderChange::Title("Lamp".into());
    let over = [Change::WorkOrder(ORDER, title)];
    Scene::refuses_writing(TOMAS, make(ORDER), BEYOND, &over);
}

#[test]
fn what_was_verified_is_not_settled_away_by_who_could_not_open_it_again() {
    use WorkOrderStatus::{Done, InProgress, Verified};
    let mut scene = Scene::set();
    let mut tomas = scene.joined_by(TOMAS, 7);
    let mut ines = scene.joined_by(INES, 8);
    let status = |status| vec![WorkOrderChange::Status(status)];
    let done = tomas.edit(status(Done));
    scene.hotel.judge(&tomas, done.clone()).unwrap();
    ines.receive(&done);
    // Neither of the two knows of the other.
    let verified = ines.edit(status(Verified));
    let begun = tomas.edit(status(InProgress));
    for (device, action) in [(&ines, &verified), (&tomas, &begun)] {
        scene.hotel.judge(device, action.clone()).unwrap();
    }
    tomas.receive(&verified);
    ines.receive(&begun);
    let settle = |chosen: &Action| Command::Settle {
        document: ORDER.into(),
        key: "status".into(),
        chosen: chosen.operation,
    };
    let refusal = Refusal::NotAllowed {
        command: "settle".into(),
        role: Role::Engineer,
    };
    let operation = tomas.operation();
    let over = Change::WorkOrder(ORDER, WorkOrderChange::Status(InProgress));
    let action = tomas.act(operation, settle(&begun), &[over]);
    scene.refuses_from(&tomas, action, refusal);
    let settled = ines.ask(settle(&verified)).unwrap();
    scene.hotel.judge(&ines, settled).unwrap();
}

/// What is written into the order by an edit that says the same.
fn said(change: &WorkOrderChange) -> Command {
    let mut edit = WorkOrderEdit::default();
    match change {
        WorkOrderChange::Priority(priority) => edit.priority = Some(*priority),
        WorkOrderChange::Status(status) => edit.status = Some(*status),
        WorkOrderChange::Assignee(person) => edit.assignee = Some(*person),
        other => panic!("{other:?} is for everybody"),
    }
    Command::EditWorkOrder {
        work_order: ORDER,
        edit,
    }
}

#[test]
fn anothers_work_order_is_neither_given_out_nor_ranked_nor_cancelled() {
    use WorkOrderStatus::{Cancelled, InProgress};
    for (user, change, right) in [
        (
            MARIA,
            WorkOrderChange::Assignee(Some(MARIA)),
            "assign-work-order",
        ),
        (
            TOMAS,
            WorkOrderChange::Assignee(Some(MARIA)),
            "assign-work-order",
        ),
        (
            RUI,
            WorkOrderChange::Assignee(Some(TOMAS)),
            "assign-work-order",
        ),
        (
            MARIA,
            WorkOrderChange::Priority(Priority::P1),
            "prioritise-work-order",
        ),
        (
            TOMAS,
            WorkOrderChange::Priority(Priority::P1),
            "prioritise-work-order",
        ),
        (
            MARIA,
            WorkOrderChange::Status(Cancelled),
            "cancel-work-order",
        ),
        (
            TOMAS,
            WorkOrderChange::Status(Cancelled),
            "cancel-work-order",
        ),
        (
            MARIA,
            WorkOrderChange::Status(InProgress),
            "progress-work-order",
        ),
        (
            RUI,
            WorkOrderChange::Status(InProgress),
            "progress-work-order",
        ),
    ] {
        let people = people();
        let role = people.iter().find(|it| it.id == user).unwrap().role;
        let refusal = Refusal::NotAllowed {
            command: right.into(),
            role,
        };
        let write = [Change::WorkOrder(ORDER, change.clone())];
        Scene::refuses_writing(user, said(&change), refusal, &write);
    }
}

#[test]
fn a_work_order_is_not_given_out_as_it_is_made() {
    let work_order = WorkOrderId(Uuid::from_u128(52));
    let draft = WorkOrderDraft {
        title: "Lamp".into(),
        assignee: Some(INES),
        ..WorkOrderDraft::default()
    };
    let made = WorkOrder {
        title: "Lamp".into(),
        assignee: Some(INES),
        reported_by: Some(TOMAS),
        reported_at: Some(NOW),
        ..WorkOrder::default()
    };
    let refusal = Refusal::NotAllowed {
        command: "assign-work-order".into(),
        role: Role::Engineer,
    };
    let make = Command::CreateWorkOrder { work_order, draft };
    Scene::refuses_writing(TOMAS, make, refusal, &made.creation(work_order));
}

#[test]
fn whoever_reported_it_ranks_and_cancels_it_and_an_engineer_takes_and_does_it() {
    use WorkOrderStatus::{Cancelled, InProgress};
    let mut scene = Scene::set();
    let mut rui = scene.joined_by(RUI, 7);
    let mut tomas = scene.joined_by(TOMAS, 8);
    let ranked = rui
        .ask(said(&WorkOrderChange::Priority(Priority::P1)))
        .unwrap();
    scene.hotel.judge(&rui, ranked.clone()).unwrap();
    tomas.receive(&ranked);
    let taken = tomas
        .ask(said(&WorkOrderChange::Assignee(Some(TOMAS))))
        .unwrap();
    scene.hotel.judge(&tomas, taken.clone()).unwrap();
    let begun = tomas
        .ask(said(&WorkOrderChange::Status(InProgress)))
        .unwrap();
    scene.hotel.judge(&tomas, begun.clone()).unwrap();
    // As long as they have not heard that somebody has begun, it is theirs to cancel.
    let mut unaware = rui.clone();
    let cancelled = unaware
        .ask(said(&WorkOrderChange::Status(Cancelled)))
        .unwrap();
    for action in [&taken, &begun] {
        rui.receive(action);
    }
    let refusal = Refusal::NotAllowed {
        command: "cancel-work-order".into(),
        role: Role::FrontDesk,
    };
    let refused = rui.ask(said(&WorkOrderChange::Status(Cancelled)));
    assert_eq!(refused, Err(refusal));
    scene.hotel.judge(&unaware, cancelled.clone()).unwrap();
    // Which of the two holds is for whoever inspects.
    tomas.receive(&cancelled);
    let settle = Command::Settle {
        document: ORDER.into(),
        key: "status".into(),
        chosen: begun.operation,
    };
    let refusal = Refusal::NotAllowed {
        command: "settle".into(),
        role: Role::Engineer,
    };
    assert_eq!(tomas.ask(settle.clone()), Err(refusal.clone()));
    let mut attacker = tomas.clone();
    let action = attacker.act_beyond_role(settle);
    scene.refuses_from(&attacker, action, refusal);
}

#[test]
fn a_report_is_taken_back_by_who_made_it_or_might_cancel_it() {
    let made = opening().last().unwrap().operation;
    let undo = Command::Undo { operation: made };
    let maria = Device::of(MARIA, 1);
    let hotel = Hotel::with(&[&maria]);
    let mut scene = Scene { hotel, maria };
    let mut tomas = scene.joined_by(TOMAS, 7);
    let refusal = Refusal::NotAllowed {
        command: "undo".into(),
        role: Role::Engineer,
    };
    assert_eq!(tomas.ask(undo.clone()), Err(refusal.clone()));
    let mut attacker = tomas.clone();
    let action = attacker.act_beyond_role(undo.clone());
    let before = scene.hotel.state();
    assert_eq!(scene.hotel.judge(&attacker, action), Err(refusal));
    assert_eq!(scene.hotel.state(), before);
    let mut rui = scene.joined_by(RUI, 8);
    let taken_back = rui.ask(undo).unwrap();
    scene.hotel.judge(&rui, taken_back).unwrap();
}
