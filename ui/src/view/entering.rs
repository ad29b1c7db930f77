//! Going into a room that is marked to be left alone: one press, which says why.

use super::{controls::CommandButton, icon::Icon};
use crate::catalogue::{t_with, t_word};
use keyrack_model::{
    command::{Command, WorkCommand},
    ids::TaskId,
    room::ServiceStatus,
    task::{EntryReason, TaskStatus},
};
use leptos::prelude::*;

/// The mark that has to be given a reason before a task is started; None where it is just started.
pub fn left_alone(status: TaskStatus, mark: ServiceStatus) -> Option<ServiceStatus> {
    let is_started = match status {
        TaskStatus::Planned | TaskStatus::Paused => true,
        TaskStatus::InProgress | TaskStatus::Done | TaskStatus::Cancelled => false,
    };
    (is_started && mark.keeps_out()).then_some(mark)
}

/// The reasons, each of which starts the task and takes the mark off.
pub fn enter_buttons(task: TaskId, by: ServiceStatus) -> impl IntoView {
    let said = t_with("enter.why", &[("value", t_word("service", by.word()))]);
    let label = said.clone();
    let buttons = EntryReason::ALL.iter().map(|reason| {
        let command = Command::Work(WorkCommand::Enter {
            task,
            reason: *reason,
        });
        view! {
            <CommandButton
                command
                label=t_word("entry", reason.word())
                mark=Icon::Play
                testid=testid(*reason)
            />
        }
    });
    view! {
        <div class="entering" role="group" aria-label=label data-testid="enter">
            <p>{said}</p>
            <div class="entering-reasons">{buttons.collect_view()}</div>
        </div>
    }
}

fn testid(reason: EntryReason) -> &'static str {
    match reason {
        EntryReason::GuestAsked => "enter-guest-asked",
        EntryReason::GuestLeft => "enter-guest-left",
        EntryReason::SupervisorSaid => "enter-supervisor-said",
        EntryReason::MarkWrong => "enter-mark-wrong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_still_to_be_started_asks_why_somebody_goes_in() {
        use ServiceStatus::{DoNotDisturb, MakeUpRoom};
        for (status, mark, asks) in [
            (TaskStatus::Planned, DoNotDisturb, true),
            (TaskStatus::Paused, DoNotDisturb, true),
            (TaskStatus::Planned, MakeUpRoom, false),
            (TaskStatus::InProgress, DoNotDisturb, false),
            (TaskStatus::Done, DoNotDisturb, false),
        ] {
            assert_eq!(left_alone(status, mark).is_some(), asks, "{status} {mark}");
        }
    }
}
