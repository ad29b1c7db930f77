//! The sync state, always in sight; opened, it lists what waits and what was refused.

use super::{
    controls::{Shown, as_word},
    frame::close_on_escape,
    heard_from::heard_from,
    icon::{Icon, icon},
    still_waiting::elsewhere,
    whose::whose,
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with},
    press::click,
    words::{
        command::{command, refused},
        content::{Said, content},
        problem::{not_done, problem},
    },
};
use keyrack_model::{
    command::Command,
    ipc::{
        Answer, AuditAlarm, Connection, Damage, Heard, Problem, Question, RefusedAction, Request,
        SyncState as State, WaitingAction,
    },
    time::Timestamp,
};
use leptos::{prelude::*, task::spawn_local};

#[component]
pub fn SyncState() -> impl IntoView {
    let app = App::of_page();
    let open = RwSignal::new(false);
    let words = move || summary(app, &app.sync.read());
    view! {
        <div class="sync" on:keydown=move |event| close_on_escape(&event, open)>
            <button
                type="button"
                class="sync-state"
                data-testid="sync-state"
                data-state=move || word(&app.sync.read())
                data-waiting=move || app.sync.read().waiting.to_string()
                data-refused=move || app.sync.read().refused.len().to_string()
                aria-expanded=as_word(open)
                on:click=click(move |_| open.update(|open| *open = !*open))
            >
                {move || icon(state_icon(&app.sync.read()))}
                <span role="status">{words}</span>
            </button>
            <Shown when=move || open.get()>
                <button
                    type="button"
                    class="curtain"
                    tabindex="-1"
                    aria-label=t("close")
                    on:click=click(move |_| open.set(false))
                ></button>
                <Details/>
            </Shown>
        </div>
    }
}

fn word(state: &State) -> &'static str {
    match state.connection {
        _ if disk_is_full(state) => "disk-full",
        _ if !state.refused.is_empty() || state.damage.is_some() || state.audit_alarm.is_some() => {
            "refused"
        }
        Connection::Offline { .. } => "offline",
        Connection::CatchingUp => "catching-up",
        Connection::Online if state.waiting > 0 => "waiting",
        Connection::Online => "synced",
    }
}

fn state_icon(state: &State) -> Icon {
    match word(state) {
        "refused" | "disk-full" => Icon::Warning,
        "offline" => Icon::Offline,
        "synced" => Icon::Check,
        _ => Icon::Sync,
    }
}

/// Whether syncing stands still because nothing can be kept on this device.
fn disk_is_full(state: &State) -> bool {
    matches!(
        state.connection,
        Connection::Offline {
            reason: Some(Problem::DiskFull),
            ..
        }
    )
}

/// `Synced 14:05` · `3 waiting` · `Offline since 13:40, 17 waiting` · `Refused: 1`.
pub fn summary(app: App, state: &State) -> String {
    let connection = match &state.connection {
        Connection::Offline {
            reason: Some(Problem::DiskFull),
            ..
        } => {
            if state.waiting == 0 {
                t("sync.disk-full").to_owned()
            } else {
                let waiting = t_count("sync.waiting", state.waiting);
                t_with("sync.disk-full-waiting", &[("waiting", &waiting)])
            }
        }
        Connection::Offline { since, .. } => {
            let since = app.moment(*since);
            if state.waiting == 0 {
                t_with("sync.offline", &[("time", &since)])
            } else {
                let waiting = t_count("sync.waiting", state.waiting);
                t_with(
                    "sync.offline-waiting",
                    &[("time", &since), ("waiting", &waiting)],
                )
            }
        }
        Connection::CatchingUp => t("sync.catching-up").to_owned(),
        Connection::Online if state.waiting > 0 => t_count("sync.waiting", state.waiting),
        Connection::Online => match state.synced_at {
            Some(at) => t_with("sync.synced-at", &[("time", &app.moment(at))]),
            None => t("sync.synced").to_owned(),
        },
    };
    match state.refused.len() {
        0 => connection,
        refused => {
            let refused = t_with("sync.refused", &[("n", &refused.to_string())]);
            format!("{refused} · {connection}")
        }
    }
}

#[component]
fn Details() -> impl IntoView {
    let app = App::of_page();
    let waiting = RwSignal::new(Vec::<WaitingAction>::new());
    let heard = RwSignal::new(Vec::<Heard>::new());
    Effect::new(move || {
        app.sync.track();
        spawn_local(async move {
            if let Ok(Answer::Waiting(actions)) = app.ask(Question::Waiting).await {
                waiting.try_set(actions);
            }
            if let Ok(Answer::Heard(lately)) = app.ask(Question::Heard).await {
                heard.try_set(lately);
            }
        });
    });
    let said = move || {
        let state = app.sync.read();
        let is_sound = state.connection == Connection::Online && state.refused.is_empty();
        let awaits_people = waiting.with(|all| all_await_people(&state, all));
        if is_sound && awaits_people {
            t("sync.all-await").to_owned()
        } else {
            sentence(app, &state)
        }
    };
    let server = move || app.here().map(|here| here.server.clone());
    let in_file = move || {
        let in_file = app.here().is_some_and(|here| here.key_in_file);
        in_file.then(|| view! { <p class="faint">{t("sync.key-in-file")}</p> })
    };
    view! {
        <div class="popover sync-details" data-testid="sync-details" role="dialog" aria-label=t("sync.title")>
            <p class="sync-sentence">{said}</p>
            {move || {
                let waiting = waiting.read();
                let says_whose = waits_for_an_update(&app.sync.read()) && !waiting.is_empty();
                says_whose.then(|| whose(app, &waiting))
            }}
            {move || after_the_grant(&app.sync.read(), app.now.get()).then(|| view! {
                <p data-testid="grant-over">{t("sync.grant-over")}</p>
            })}
            <p class="faint">{t("sync.server")} " " {server}</p>
            {in_file}
            {move || app.here().map(|here| elsewhere(&here.others))}
            {move || app.sync.read().damage.map(|damage| damaged(app, damage))}
            {move || app.sync.read().audit_alarm.map(|alarm| alarmed(app, alarm))}
            {move || {
                let refused = app.sync.read().refused.clone();
                (!refused.is_empty()).then(|| refused_list(app, refused))
            }}
            {move || {
                let waiting = waiting.get();
                (!waiting.is_empty()).then(|| waiting_list(app, waiting))
            }}
            {move || heard_from(app, &heard.read())}
        </div>
    }
}

/// Whether nothing of what waits goes before somebody who is away has signed in here.
fn all_await_people(state: &State, waiting: &[WaitingAction]) -> bool {
    let is_all = state.waiting > 0 && waiting.len() == state.waiting;
    is_all && waiting.iter().all(|action| action.awaits.is_some())
}

/// Whether nothing was heard for so long that what is done in a role that was changed meanwhile is
/// not looked at any more.
fn after_the_grant(state: &State, now: Timestamp) -> bool {
    matches!(state.connection, Connection::Offline { .. })
        && state.grant_until.is_some_and(|until| now > until)
}

/// Whether nothing is sent until this app or its server is of another version: by then somebody else
/// may sit here, and whoever updates asks whose work they have in their hands.
fn waits_for_an_update(state: &State) -> bool {
    matches!(
        state.connection,
        Connection::Offline {
            reason: Some(Problem::OldProtocol | Problem::NewProtocol),
            ..
        }
    )
}

/// What the state means for the person.
fn sentence(app: App, state: &State) -> String {
    match &state.connection {
        Connection::Online if !state.refused.is_empty() => t("sync.has-refused").to_owned(),
        Connection::Online if state.waiting == 0 => t("sync.all-sent").to_owned(),
        Connection::Online | Connection::CatchingUp => t("sync.sending").to_owned(),
        Connection::Offline {
            since,
            reason: Some(Problem::DiskFull),
        } => t_with("sync.disk-full-kept", &[("time", &app.moment(*since))]),
        Connection::Offline {
            reason: Some(reason),
            ..
        } if !mends_itself(reason) => problem(reason),
        Connection::Offline { since, reason } => {
            let kept = t_with("sync.offline-kept", &[("time", &app.moment(*since))]);
            match reason {
                Some(reason) => format!("{kept} {}", problem(reason)),
                None => kept,
            }
        }
    }
}

/// Whether what keeps this device from its server may be over by itself.
fn mends_itself(reason: &Problem) -> bool {
    !matches!(
        reason,
        Problem::OldProtocol
            | Problem::NewProtocol
            | Problem::DeviceKey
            | Problem::OtherHotel
            | Problem::OtherServer
            | Problem::LogBroughtBack
    )
}

fn waiting_list(app: App, actions: Vec<WaitingAction>) -> impl IntoView {
    let rows = actions
        .into_iter()
        .rev()
        .map(|action| {
            let (what, who, awaited) = app.named(|names| {
                (
                    command(&action.command, names),
                    names.person(action.author),
                    action.awaits.map(|person| names.person(person)),
                )
            });
            let awaits = awaited.map(|person| {
                let sentence = t_with("sync.awaits", &[("person", &person)]);
                view! { <p data-testid="awaits">{sentence}</p> }
            });
            view! {
                <li data-testid="waiting-action">
                    <p>{what}</p>
                    {awaits}
                    <p class="faint">{who} " · " {app.moment(action.at)}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <h3>{t("sync.waits")}</h3>
        <ul class="sync-list">{rows}</ul>
    }
}

/// That the data were damaged, until somebody has read it.
fn damaged(app: App, damage: Damage) -> impl IntoView {
    let sentence =
        t_count("sync.damaged", damage.rescued).replace("{time}", &app.moment(damage.found_at));
    view! {
        <div class="sync-list" data-testid="damaged"><div class="refused">
            <p>{sentence}</p>
            <button
                type="button"
                class="button"
                on:click=click(move |_| app.request(Request::DismissDamage, |_| {}))
            >
                {t("sync.dismiss")}
            </button>
        </div></div>
    }
}

/// That the server's audit log is not what it was; it stays for as long as that is so.
fn alarmed(app: App, alarm: AuditAlarm) -> impl IntoView {
    let time = app.moment(alarm.noticed_at);
    let sentence = t_with("sync.audit-alarm", &[("time", &time)]);
    view! {
        <div class="sync-list" data-testid="audit-alarm">
            <div class="refused">
                <p>{sentence}</p>
            </div>
        </div>
    }
}

fn refused_list(app: App, actions: Vec<RefusedAction>) -> impl IntoView {
    let rows = actions
        .iter()
        .map(|action| refused_action(app, action))
        .collect_view();
    view! {
        <h3>{t("sync.was-refused")}</h3>
        <ul class="sync-list">{rows}</ul>
    }
}

fn refused_action(app: App, action: &RefusedAction) -> impl IntoView + use<> {
    let (what, mut said, who) = app.named(|names| {
        (
            refused(&action.command, names),
            content(&action.command, names),
            names.person(action.author),
        )
    });
    if let Command::EditGuest { stay, .. } = action.command {
        let present = app.mirror.guest(stay).and_then(|row| row.guest);
        said.extend(present.map(|guest| Said {
            field: t("guest.present"),
            text: guest.name,
        }));
    }
    let operation = action.operation;
    let read = if action.author == app.me() {
        view! {
            <button
                type="button"
                class="button"
                data-testid="refused-dismiss"
                on:click=click(move |_| app.request(Request::DismissRefused { operation }, |_| {}))
            >
                {t("sync.dismiss")}
            </button>
        }
        .into_any()
    } else {
        let sentence = t_with("sync.for-author", &[("person", &who)]);
        view! { <p data-testid="refused-for-author">{sentence}</p> }.into_any()
    };
    view! {
        <li class="refused" data-testid="refused-action">
            <p><b>{what}</b></p>
            <p>{not_done(&action.command, &action.reason)}</p>
            {(!said.is_empty()).then(|| what_was_said(said))}
            <p class="faint">{who} " · " {app.moment(action.at)}</p>
            {read}
        </li>
    }
}

fn what_was_said(said: Vec<Said>) -> impl IntoView {
    let lines = said
        .into_iter()
        .map(|said| {
            view! {
                <dt>{said.field}</dt>
                <dd>{said.text}</dd>
            }
        })
        .collect_view();
    view! { <dl class="said" data-testid="refused-content">{lines}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_work_waits_is_said_where_nothing_goes_before_an_update() {
        let state = |reason| State {
            connection: Connection::Offline {
                since: Timestamp(0),
                reason,
            },
            ..state_of_nothing()
        };
        for told in [Problem::OldProtocol, Problem::NewProtocol] {
            assert!(waits_for_an_update(&state(Some(told))));
        }
        for other in [None, Some(Problem::ServerBusy)] {
            assert!(!waits_for_an_update(&state(other)));
        }
    }

    fn state_of_nothing() -> State {
        State {
            connection: Connection::Online,
            synced_at: None,
            grant_until: None,
            waiting: 0,
            refused: vec![],
            damage: None,
            audit_alarm: None,
        }
    }

    #[test]
    fn who_works_without_the_server_for_longer_than_the_grant_is_told_what_that_means() {
        let until = Timestamp(1_000);
        let state = |connection, grant_until| State {
            connection,
            grant_until,
            ..state_of_nothing()
        };
        let offline = || Connection::Offline {
            since: Timestamp(0),
            reason: None,
        };
        let after = Timestamp(1_001);
        assert!(after_the_grant(&state(offline(), Some(until)), after));
        assert!(!after_the_grant(&state(offline(), Some(until)), until));
        assert!(!after_the_grant(&state(offline(), None), after));
        assert!(!after_the_grant(
            &state(Connection::Online, Some(until)),
            after
        ));
    }
}
