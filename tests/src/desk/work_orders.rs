//! Work orders and their comments.

use super::{Desk, Screen};
use crate::wait;
use serde::Deserialize;

/// A work order as the list says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
pub struct WorkOrderRow {
    pub title: String,
    pub room: String,
    pub status: String,
}

/// What a person writes into the form of a work order.
#[derive(Clone, Copy, Debug)]
pub struct WorkOrderForm<'a> {
    pub title: &'a str,
    pub room: &'a str,
    pub priority: &'a str,
    pub description: &'a str,
}

impl Desk {
    pub async fn create_work_order(&self, form: WorkOrderForm<'_>) {
        self.go_to(Screen::WorkOrders).await;
        self.window.click("new-work-order").await;
        self.window.fill("wo-title", form.title).await;
        self.window.fill("wo-room", form.room).await;
        self.window.choose("wo-priority", form.priority).await;
        self.window.fill("wo-description", form.description).await;
        self.window.click("wo-save").await;
        self.wait_for_work_orders(&[form.title]).await;
    }

    /// Waits until the list has these titles, among others.
    pub async fn wait_for_work_orders(&self, titles: &[&str]) {
        wait::until(
            format!("the work orders {titles:?}"),
            wait::SOON,
            async || {
                let rows = self.work_orders().await;
                let shown = |title: &&str| rows.iter().any(|row| row.title == **title);
                if titles.iter().all(shown) {
                    Ok(())
                } else {
                    Err(format!("{rows:?}"))
                }
            },
        )
        .await;
    }

    pub async fn open_work_order(&self, title: &str) {
        self.go_to(Screen::WorkOrders).await;
        self.window
            .click_css(&format!(
                "[data-testid=\"work-order\"][data-title=\"{title}\"]"
            ))
            .await;
        self.window.wait_for("comment-text").await;
    }

    pub async fn comment(&self, title: &str, text: &str) {
        self.open_work_order(title).await;
        self.window.fill("comment-text", text).await;
        self.window.click("comment-send").await;
        self.wait_for_comment(text).await;
    }

    /// Waits until the open work order has a comment.
    pub async fn wait_for_comment(&self, text: &str) {
        wait::until(
            format!("the comment “{text}”"),
            wait::SOON,
            async || {
                let comments = self.comments().await;
                let found = comments.iter().any(|comment| comment.contains(text));
                if found {
                    Ok(())
                } else {
                    Err(format!("{comments:?}"))
                }
            },
        )
        .await;
    }

    /// The comments of the work order that is open, in the order shown.
    pub async fn comments(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('[data-testid=\"comment\"]')]
            .map(comment => comment.innerText.trim())";
        self.look(script).await
    }

    pub async fn work_orders(&self) -> Vec<WorkOrderRow> {
        self.go_to(Screen::WorkOrders).await;
        let script = "return [...document.querySelectorAll('[data-testid=\"work-order\"]')]
            .map(row => ({title: row.dataset.title, status: row.dataset.status,
                room: row.querySelector('.order-room').innerText}))";
        let mut rows: Vec<WorkOrderRow> = self.look(script).await;
        rows.sort();
        rows
    }
}
