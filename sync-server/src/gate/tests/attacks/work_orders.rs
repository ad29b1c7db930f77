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
            reported_by: Some(TOMAS),
            reported_at: Some(NOW),
            ..WorkOrder::default()
        };
        let command = Command::CreateWorkOrder {
            work_order: id,
            draft,
        };
        Scene::refuses_writing(TOMAS, command, MISSING, &made.creation(id));
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
