//! What a client in JavaScript makes passes like what the app makes. The bytes are written by
//! `shared/document/tests/javascript/changes.mjs`, which follows docs/protocol.md.

use super::*;
use keyrack_model::{
    change::Entity,
    command::{WorkOrderDraft, WorkOrderEdit},
    ids::{CommentId, WorkOrderId},
    time::HybridTime,
    work_order::{Comment, WorkOrder, WorkOrderStatus},
};

const CHANGES: &str = include_str!("../../../../shared/document/tests/javascript/changes.txt");
const ID: Uuid = Uuid::from_u128(5);

/// The change of a name, as it came from JavaScript.
fn change(name: &str) -> Vec<u8> {
    let mut lines = CHANGES.lines().filter_map(|line| line.split_once(' '));
    let (_, hex) = lines.find(|(found, _)| *found == name).unwrap();
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn operation(number: u128) -> OperationId {
    OperationId(Uuid::from_u128(
        0x0a0a0a0a_0a0a_7a0a_8a0a_0a0a0a0a0a00 + number,
    ))
}

fn action(number: u128, command: Command, document: DocumentRef, name: &str) -> Action {
    Action {
        operation: operation(number),
        author: MARIA,
        at: HybridTime {
            wall: NOW,
            counter: 0,
        },
        schema: SCHEMA,
        command,
        changes: vec![DocumentChange {
            document,
            bytes: change(name),
        }],
    }
}

/// In the order in which they were made.
fn actions() -> Vec<Action> {
    let (work_order, comment) = (WorkOrderId(ID), CommentId(ID));
    let draft = WorkOrderDraft {
        title: "Lâmpada".into(),
        description: "Avariada 💧 no quarto".into(),
        priority: Priority::P2,
        ..WorkOrderDraft::default()
    };
    let edits = [
        (
            2,
            "edited",
            WorkOrderEdit {
                description: Some("Lâmpada avariada no quarto".into()),
                status: Some(WorkOrderStatus::Acknowledged),
                assignee: Some(Some(INES)),
                ..WorkOrderEdit::default()
            },
        ),
        (
            3,
            "emptied",
            WorkOrderEdit {
                assignee: Some(None),
                ..WorkOrderEdit::default()
            },
        ),
        (
            4,
            "long",
            WorkOrderEdit {
                description: Some("Lâmpada avariada. ".repeat(40).trim().into()),
                ..WorkOrderEdit::default()
            },
        ),
    ];
    let created = Command::CreateWorkOrder { work_order, draft };
    let edited = edits.into_iter().map(|(number, name, edit)| {
        let command = Command::EditWorkOrder { work_order, edit };
        action(number, command, work_order.into(), name)
    });
    let commented = Command::AddComment {
        comment,
        subject: work_order,
        text: "Já vou.".into(),
    };
    let operation = operation(5);
    [action(1, created, work_order.into(), "created")]
        .into_iter()
        .chain(edited)
        .chain([
            action(5, commented, comment.into(), "commented"),
            action(6, Command::Undo { operation }, comment.into(), "withdrawn"),
        ])
        .collect()
}

#[test]
fn what_javascript_makes_is_admitted_and_reads_as_it_was_meant() {
    let maria = Device::of(MARIA, 1);
    let mut hotel = Hotel::with(&[&maria]);
    // She gives the work to somebody.
    hotel.standing.roles.insert(MARIA, Role::Supervisor);
    for action in actions() {
        assert_eq!(hotel.judge(&maria, action.clone()), Ok(()), "{action:?}");
    }
    let order = hotel.document(WorkOrderId(ID)).reading().entity;
    let expected = WorkOrder {
        title: "Lâmpada".into(),
        description: "Lâmpada avariada. ".repeat(40).trim().into(),
        priority: Priority::P2,
        status: WorkOrderStatus::Acknowledged,
        reported_by: Some(MARIA),
        reported_at: Some(NOW),
        ..WorkOrder::default()
    };
    assert_eq!(order, Entity::WorkOrder(expected));
    let comment = hotel.document(CommentId(ID)).reading().entity;
    let expected = Comment {
        subject: Some(WorkOrderId(ID)),
        text: "Já vou.".into(),
        author: Some(MARIA),
        written_at: Some(NOW),
        withdrawn: true,
    };
    assert_eq!(comment, Entity::Comment(expected));
}

/// A plain string in JavaScript is a text that several people write, which no register is.
#[test]
fn a_register_that_javascript_made_a_text_is_refused() {
    let maria = Device::of(MARIA, 1);
    let mut hotel = Hotel::with(&[&maria]);
    let mut made = actions().swap_remove(0);
    made.changes[0].bytes = change("unwrapped");
    assert!(matches!(
        hotel.judge(&maria, made),
        Err(Refusal::Gate { .. })
    ));
}
