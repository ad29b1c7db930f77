//! The list of one's own tasks.

use super::{Desk, Screen};
use crate::wait;
use serde::Deserialize;

/// A task as the housekeeper's list says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
pub struct TaskRow {
    /// Of the element that shows it.
    pub id: String,
    pub room: String,
    /// `Planned`, `InProgress`, `Paused`, `Done`.
    pub status: String,
}

impl Desk {
    /// The tasks of the signed-in person.
    pub async fn tasks(&self) -> Vec<TaskRow> {
        self.go_to(Screen::MyList).await;
        let script = "return [...document.querySelectorAll('[data-testid^=\"task-\"]')]
            .map(row => ({id: row.dataset.testid, room: row.dataset.testid.split('-')[1],
                status: row.dataset.status}))";
        let mut tasks: Vec<TaskRow> = self.look(script).await;
        tasks.sort();
        tasks
    }

    /// Waits until the list is as wanted.
    pub async fn wait_for_tasks(&self, as_wanted: impl Fn(&[TaskRow]) -> bool) {
        wait::until("the list of tasks", wait::SOON, async || {
            let tasks = self.tasks().await;
            if as_wanted(&tasks) {
                Ok(())
            } else {
                Err(format!("{tasks:?}"))
            }
        })
        .await;
    }

    /// Waits for a task of a status in the drawer of the open room.
    pub async fn wait_for_task_in_drawer(&self, status: &str) {
        let script = "return [...document.querySelectorAll(
            '[data-testid=\"room-drawer\"] [data-testid^=\"task-\"]')]
            .map(row => row.dataset.status)";
        wait::until(
            format!("a task {status} in the drawer"),
            wait::SOON,
            async || {
                let seen: Vec<String> = self.look(script).await;
                let found = seen.iter().any(|other| other == status);
                if found {
                    Ok(())
                } else {
                    Err(format!("{seen:?}"))
                }
            },
        )
        .await;
    }

    pub async fn start_task(&self, task: &TaskRow) {
        self.on_task(task, "start", "InProgress").await;
    }

    pub async fn finish_task(&self, task: &TaskRow) {
        self.on_task(task, "finish", "Done").await;
    }

    async fn on_task(&self, task: &TaskRow, button: &str, status: &str) {
        self.go_to(Screen::MyList).await;
        self.window
            .click_css(&format!(
                "[data-testid=\"{}\"] [data-testid=\"{button}\"]",
                task.id
            ))
            .await;
        wait::until_seen(
            format!("the task of room {} after “{button}”", task.room),
            Some(status.to_owned()),
            async || {
                let tasks = self.tasks().await;
                let found = tasks.into_iter().find(|other| other.id == task.id);
                found.map(|task| task.status)
            },
        )
        .await;
    }
}
