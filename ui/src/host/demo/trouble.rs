//! What goes otherwise than a person meant: refusals, and a colleague who writes at the same time.

use super::{
    hotel::person,
    house::{Done, House},
};
use keyrack_model::{
    change::Entity,
    command::{Command, WorkOrderEdit},
    ids::{CommentId, DocumentKind, OperationId, TaskId, UserId, WorkOrderId},
    ipc::RefusedAction,
    policy::Role,
    refusal::Refusal,
    rows::Row,
    task::TaskStatus,
    time::Timestamp,
};

impl House {
    /// As if the server had refused what this person and a colleague did while offline.
    pub fn have_refused(&mut self, now: Timestamp) {
        let ago = |minutes: i64| Timestamp(now.0 - minutes * 60_000);
        if let Some(task) = self.planned_task() {
            let cancelled = Refusal::TaskState {
                status: TaskStatus::Cancelled,
            };
            self.refuse(self.me, Command::FinishTask { task }, ago(40), cancelled);
        }
        let Some(order) = self.first_order() else {
            return;
        };
        let comment = Command::AddComment {
            comment: CommentId(self.next_id()),
            subject: order,
            text:
                "The spare part is in the cellar, left of the boiler.\nAsk for the key at the desk."
                    .into(),
        };
        self.refuse(self.me, comment, ago(35), not_allowed("add-comment"));
        let edit = Command::EditWorkOrder {
            work_order: order,
            edit: WorkOrderEdit {
                description: Some("Seen again this morning; the guest was told.".into()),
                assignee: Some(Some(self.me)),
                ..WorkOrderEdit::default()
            },
        };
        self.refuse(
            self.colleague(),
            edit,
            ago(30),
            not_allowed("edit-work-order"),
        );
    }

    /// Somebody else rewrites the first work order.
    pub fn colleague_edits(&mut self, now: Timestamp) -> Vec<Row> {
        let Some(work_order) = self.first_order() else {
            return vec![];
        };
        let edit = WorkOrderEdit {
            description: Some("Looked at it: the valve is worn. A new one comes tomorrow.".into()),
            ..WorkOrderEdit::default()
        };
        let command = Command::EditWorkOrder { work_order, edit };
        let done = self.act_as(self.colleague(), command, now, true);
        let documents = done.map(|(_, documents)| documents).unwrap_or_default();
        documents.iter().filter_map(|it| self.row(*it)).collect()
    }

    /// As if nothing had come since from the device on which somebody works.
    pub fn hear_nothing_of(&mut self, name: &str, since: Timestamp) {
        let person = person(self, name);
        let theirs = |done: &&mut Done| done.past.author == person;
        for done in self.done.iter_mut().filter(theirs) {
            done.at = done.at.min(since);
        }
        for entity in self.entities.values_mut() {
            if let Entity::Task(task) = entity
                && task.assignee == Some(person)
            {
                task.started_at = task.started_at.map(|started| started.min(since));
            }
        }
    }

    fn refuse(&mut self, author: UserId, command: Command, at: Timestamp, reason: Refusal) {
        let operation = OperationId(self.next_id());
        self.refused.push(RefusedAction {
            operation,
            command,
            author,
            at,
            reason,
        });
    }

    fn planned_task(&self) -> Option<TaskId> {
        let mut entities = self.entities.iter();
        entities.find_map(|(document, entity)| match entity {
            Entity::Task(task) if task.status == TaskStatus::Planned => Some(TaskId(document.id.0)),
            _ => None,
        })
    }

    fn first_order(&self) -> Option<WorkOrderId> {
        let mut documents = self.entities.keys();
        let order = documents.find(|document| document.kind == DocumentKind::WorkOrder)?;
        Some(WorkOrderId(order.id.0))
    }

    fn colleague(&self) -> UserId {
        let mut people = self.people.iter();
        let other = people.find(|person| person.id != self.me);
        other.map_or(self.me, |person| person.id)
    }
}

fn not_allowed(command: &str) -> Refusal {
    Refusal::NotAllowed {
        command: command.into(),
        role: Role::Housekeeper,
    }
}
