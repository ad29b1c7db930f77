//! What there is to a task besides doing it: why it is there, pinning and cancelling it, finding
//! the door closed, and making one.

use super::{
    choice::{Choice, List, Offer, Options, people, words},
    controls::{CommandButton, Shown},
    icon::{Icon, icon},
    note::Note,
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with, t_word},
    drafts::NewTask,
    fresh::fresh,
    press::click,
    query::settling::NoteOf,
};
use keyrack_model::{
    command::{Command, TaskDraft, WorkCommand},
    ids::{RoomId, TaskId, UserId},
    ipc::Request,
    limits::MAX_TITLE,
    room::ServiceStatus,
    task::{Task, TaskKind, TaskRule},
};
use leptos::{ev::SubmitEvent, prelude::*};

/// What keeps people out.
const KEEPS_OUT: [ServiceStatus; 4] = [
    ServiceStatus::DoNotDisturb,
    ServiceStatus::ServiceRefused,
    ServiceStatus::DoubleLock,
    ServiceStatus::NoServiceRequired,
];

/// What a person asks for; what the rules make besides is theirs.
const ASKED_FOR: [TaskKind; 9] = [
    TaskKind::Extra,
    TaskKind::TouchUp,
    TaskKind::Stayover,
    TaskKind::LinenChange,
    TaskKind::Turndown,
    TaskKind::DeepClean,
    TaskKind::Check,
    TaskKind::Delivery,
    TaskKind::GuestRequest,
];

/// Which rule made or moved it last, and what that counted: `fresh linen is due: 3 of every 3`.
pub fn why(task: &Task) -> String {
    let rule = t_word("task-rule", task.rule.word());
    if task.of_every > 0 {
        let (counted, every) = (task.counted.to_string(), task.of_every.to_string());
        let said = [("rule", rule), ("n", &*counted), ("every", &*every)];
        return t_with("task.counted", &said);
    }
    let sentence = match task.rule {
        TaskRule::Person => t("task.by-person"),
        _ => t("task.by-rule"),
    };
    sentence.replace("{rule}", rule)
}

/// How often somebody was at the door in vain, the last time, and why.
pub fn in_vain(app: App, task: &Task) -> Option<String> {
    let at = task.attempted_at?;
    let times = usize::try_from(task.attempts).unwrap_or_default();
    let said = t_count("task.attempts", times);
    let by = t_word("service", task.kept_out_by.word());
    Some(format!("{said} · {} · {by}", app.moment(at)))
}

/// Why somebody went in though the room was marked to be left alone.
pub fn entered(task: &Task) -> Option<String> {
    let reason = task.entered_because?;
    Some(t_with(
        "task.entered",
        &[("reason", t_word("entry", reason.word()))],
    ))
}

/// The lesser buttons below a task.
#[component]
pub fn MoreOfTask(id: TaskId, pinned: bool, writes: RwSignal<Writes>) -> impl IntoView {
    let app = App::of_page();
    let kept_out = move |by| Command::Work(WorkCommand::KeptOut { task: id, by });
    let refused = move || app.refuses(&kept_out(ServiceStatus::DoNotDisturb));
    let label = if pinned {
        t("task.unpin")
    } else {
        t("task.pin")
    };
    let pin = Command::Work(WorkCommand::Pin {
        task: id,
        pinned: !pinned,
    });
    view! {
        <div class="task-more" role="group" aria-label=t("task.more")>
            <CommandButton
                command=pin
                label
                mark=Icon::Pin
                testid="pin-task"
                class="button plain icon-only"
                pressed=pinned
            />
            <CommandButton
                command=Command::Work(WorkCommand::Cancel { task: id })
                label=t("task.cancel")
                mark=Icon::Close
                testid="cancel-task"
                class="button plain icon-only"
            />
            <button
                type="button"
                class="button plain icon-only"
                data-testid="note-task"
                aria-label=t("field.note")
                title=t("field.note")
                on:click=click(move |_| writes.set(Writes::Yes))
            >
                {icon(Icon::Pencil)}
            </button>
            <Choice
                testid="kept-out"
                class="quiet-select"
                name=t("task.kept-out")
                value=String::new()
                options=reasons()
                refused=Signal::derive(refused)
                choose=move |word: String| Some(kept_out(word.parse().ok()?))
            />
        </div>
    }
}

/// The note of a task, where there is one or the person wants to write one.
#[component]
pub fn NoteOfTask(id: TaskId, writes: RwSignal<Writes>) -> impl IntoView {
    let app = App::of_page();
    let has_note = Memo::new(move |_| {
        let kept = app.mirror.with_all(|cabinet| {
            let task = cabinet.row(id.into())?.as_task()?.1;
            Some(!task.note.is_empty())
        });
        kept == Some(true) || app.drafts.note(id.into()).has()
    });
    view! {
        <Shown when=move || has_note.get() || writes.get() == Writes::Yes>
            <Note of=NoteOf::Task(id)/>
        </Shown>
    }
}

/// Whether the person wants to write a note where there is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    NotYet,
    Yes,
}

fn reasons() -> Options {
    let reasons = words("service", &KEEPS_OUT, |value| value.word());
    std::iter::once(Offer::of("", t("task.kept-out")))
        .chain(reasons)
        .collect()
}

/// Opens the form of a task.
pub fn add_task_button(app: App, room: RoomId) -> impl IntoView {
    let draft = app.drafts.new_task(room);
    let adds = Command::Work(adding(TaskId::default(), TaskDraft::default()));
    let refused = untrack(|| app.refuses(&adds));
    let is_refused = refused.is_some();
    let open = move |_| {
        if !is_refused && !draft.has_untracked() {
            draft.set(Some(NewTask {
                kind: TaskKind::Extra.word().to_owned(),
                title: String::new(),
                assignee: String::new(),
            }));
        }
    };
    view! {
        <button
            type="button"
            class="button plain add"
            data-testid="add-task"
            title=refused
            aria-disabled=is_refused.then_some("true")
            on:click=click(open)
        >
            {icon(Icon::Plus)}
            {t("orders.add")}
        </button>
    }
}

fn adding(task: TaskId, draft: TaskDraft) -> WorkCommand {
    WorkCommand::Add {
        task,
        draft: Box::new(draft),
    }
}

/// The form of a task, while it is open.
#[component]
pub fn AddTask(room: RoomId) -> impl IntoView {
    let app = App::of_page();
    let draft = app.drafts.new_task(room);
    view! {
        <Shown when=move || draft.has()>
            <TaskForm room/>
        </Shown>
    }
}

#[component]
fn TaskForm(room: RoomId) -> impl IntoView {
    let app = App::of_page();
    let draft = app.drafts.new_task(room);
    let read = move |field: fn(NewTask) -> String| draft.get().map(field).unwrap_or_default();
    let write = move |change: &dyn Fn(&mut NewTask)| {
        draft.set(draft.get_untracked().map(|mut task| {
            change(&mut task);
            task
        }));
    };
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(sent), Some(id)) = (draft.get_untracked(), fresh()) else {
            return;
        };
        let wanted = TaskDraft {
            kind: sent.kind.parse().unwrap_or_default(),
            room,
            business_date: untrack(|| app.mirror.business_date()),
            title: sent.title.clone(),
            assignee: sent.assignee.parse::<UserId>().ok(),
            ..TaskDraft::default()
        };
        let command = Command::Work(adding(TaskId(id), wanted));
        app.attempt(Request::Do(command), move |done| match done {
            Ok(_) if draft.get_untracked() == Some(sent) => draft.set(None),
            Ok(_) => {}
            Err(problem) => app.fail(&problem),
        });
    };
    view! {
        <form class="inline-form" data-testid="new-task-form" on:submit=save>
            <div class="pair">
                <label class="field">
                    <span>{t("field.task")}</span>
                    <List
                        testid="new-task-kind"
                        class="select"
                        name=None
                        value=Signal::derive(move || read(|task| task.kind))
                        options=words("task-kind", &ASKED_FOR, |kind| kind.word())
                        choose=move |(word, _): (String, Trigger)| {
                            write(&|task| task.kind.clone_from(&word));
                        }
                    />
                </label>
                <label class="field">
                    <span>{t("field.assignee")}</span>
                    <List
                        testid="new-task-assignee"
                        class="select"
                        name=None
                        value=Signal::derive(move || read(|task| task.assignee))
                        options=Signal::derive(move || people(app))
                        choose=move |(word, _): (String, Trigger)| {
                            write(&|task| task.assignee.clone_from(&word));
                        }
                    />
                </label>
            </div>
            <label class="field">
                <span>{t("field.title")}</span>
                <input
                    class="input"
                    data-testid="new-task-title"
                    maxlength=MAX_TITLE
                    placeholder=t("task.title-hint")
                    prop:value=move || read(|task| task.title)
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        write(&|task| task.title.clone_from(&typed));
                    }
                />
            </label>
            <div class="form-foot">
                <button type="button" class="button" on:click=click(move |_| draft.set(None))>
                    {t("cancel")}
                </button>
                <button type="submit" class="button primary" data-testid="new-task-save">
                    {t("task.save")}
                </button>
            </div>
        </form>
    }
}
