//! Work orders: which ones a filter leaves, in the order of urgency.

use crate::{letters::small, mirror::cabinet::Cabinet, query::few::in_order};
use keyrack_model::{
    ids::{UserId, WorkOrderId},
    time::Timestamp,
    work_order::{Priority, WorkOrder, WorkOrderStatus},
};

/// A chip above the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OrderChip {
    #[default]
    Open,
    Urgent,
    Mine,
    OnHold,
    Closed,
    All,
}

impl OrderChip {
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Urgent,
        Self::Mine,
        Self::OnHold,
        Self::Closed,
        Self::All,
    ];

    pub fn keeps(self, order: &WorkOrder, me: UserId) -> bool {
        let open = order.status.is_open();
        match self {
            Self::Open => open,
            Self::Urgent => open && order.priority <= Priority::P2,
            Self::Mine => open && (order.assignee == Some(me) || order.reported_by == Some(me)),
            Self::OnHold => order.status == WorkOrderStatus::OnHold,
            Self::Closed => !open,
            Self::All => true,
        }
    }
}

/// A work order as a line of the list shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderLine {
    pub id: WorkOrderId,
    pub title: String,
    pub room: Option<String>,
    pub priority: Priority,
    pub status: WorkOrderStatus,
    pub assignee: Option<UserId>,
    pub reported_at: Option<Timestamp>,
    pub comments: usize,
    pub contested: bool,
}

/// Lines that the chip and the text leave: open ones first, then by priority and age.
pub fn lines(cabinet: &Cabinet, chip: OrderChip, text: &str, me: UserId) -> Vec<OrderLine> {
    let text = small(text.trim());
    let lines = cabinet
        .work_orders()
        .filter(|(_, order)| chip.keeps(order, me))
        .map(|(id, order)| line(cabinet, id, order))
        .filter(|line| {
            text.split_whitespace().all(|word| {
                small(&line.title).contains(word)
                    || line
                        .room
                        .as_ref()
                        .is_some_and(|room| room.starts_with(word))
            })
        });
    in_order(lines, |line| {
        (
            !line.status.is_open(),
            line.priority,
            line.reported_at,
            line.id,
        )
    })
}

/// How many work orders each chip would leave, in the order of [`OrderChip::ALL`].
pub fn counts(cabinet: &Cabinet, me: UserId) -> Vec<(OrderChip, usize)> {
    OrderChip::ALL
        .into_iter()
        .map(|chip| {
            let kept = cabinet
                .work_orders()
                .filter(|(_, order)| chip.keeps(order, me));
            (chip, kept.count())
        })
        .collect()
}

pub fn line(cabinet: &Cabinet, id: WorkOrderId, order: &WorkOrder) -> OrderLine {
    OrderLine {
        id,
        title: order.title.clone(),
        room: order
            .room
            .and_then(|room| cabinet.room_number(room))
            .map(str::to_owned),
        priority: order.priority,
        status: order.status,
        assignee: order.assignee,
        reported_at: order.reported_at,
        comments: cabinet.comments(id).len(),
        contested: cabinet
            .work_order_row(id)
            .is_some_and(|row| !row.conflicts.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{change::Entity, rows::Row};
    use uuid::Uuid;

    fn order(number: u128, title: &str, priority: Priority, status: WorkOrderStatus) -> Row {
        Row {
            document: WorkOrderId(Uuid::from_u128(number)).into(),
            entity: Entity::WorkOrder(WorkOrder {
                title: title.into(),
                priority,
                status,
                reported_at: Some(Timestamp(number as i64)),
                ..WorkOrder::default()
            }),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }
    }

    #[test]
    fn urgent_work_comes_first_and_closed_work_last() {
        let mut cabinet = Cabinet::default();
        cabinet.apply(
            true,
            vec![
                order(1, "Lamp", Priority::P4, WorkOrderStatus::Open),
                order(2, "Leak", Priority::P1, WorkOrderStatus::Done),
                order(3, "Shower drips", Priority::P2, WorkOrderStatus::InProgress),
                order(4, "Window", Priority::P4, WorkOrderStatus::OnHold),
            ],
        );
        let titles = |chip, text| -> Vec<String> {
            lines(&cabinet, chip, text, UserId::default())
                .into_iter()
                .map(|line| line.title)
                .collect()
        };
        assert_eq!(
            titles(OrderChip::All, ""),
            ["Shower drips", "Lamp", "Window", "Leak"]
        );
        assert_eq!(titles(OrderChip::Open, "drip"), ["Shower drips"]);
        assert_eq!(titles(OrderChip::Urgent, ""), ["Shower drips"]);
        assert_eq!(titles(OrderChip::Closed, ""), ["Leak"]);
    }
}
