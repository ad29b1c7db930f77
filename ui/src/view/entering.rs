//! Going into a room that is marked to be left alone: one press, which says why.

use super::{controls::CommandButton, icon::Icon};
use crate::catalogue::{t_with, t_word};
use keyrack_model::{
    command::{Command, WorkCommand},
    ids::TaskId,
    room::ServiceStatus,
    task::{EntryReason, TaskKind, TaskStatus},
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

/// Whether a task is finished with one press: a clean that nobody has begun is not where there is a
/// mark, since whoever finishes it goes in for it.
pub fn is_finished_at_once(
    (kind, status): (TaskKind, TaskStatus),
    left_alone: Option<ServiceStatus>,
) -> bool {
    status.is_open() && (left_alone.is_none() || !kind.cleans())
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
    fn what_takes_a_reason_to_be_begun_is_not_finished_without_one() {
        use ServiceStatus::{DoNotDisturb, None as Unmarked};
        use TaskKind::{Inspection, Stayover};
        use TaskStatus::{Done, InProgress, Paused, Planned};
        for (kind, status, mark, is_offered) in [
            (Stayover, Planned, Unmarked, true),
            (Stayover, Planned, DoNotDisturb, false),
            (Stayover, Paused, DoNotDisturb, false),
            (Stayover, InProgress, DoNotDisturb, true),
            (Inspection, Planned, DoNotDisturb, true),
            (Stayover, Done, Unmarked, false),
        ] {
            let offered = is_finished_at_once((kind, status), left_alone(status, mark));
            assert_eq!(offered, is_offered, "{kind} {status} {mark}");
        }
    }

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
