//! Before signing out or leaving the page: what waits, what is not saved, and what becomes of it.

use super::{
    icon::{Icon, icon},
    modal::Modal,
    whose::whose,
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with},
    pages::Page,
    press::click,
};
use keyrack_model::ipc::{Answer, Question, Request, WaitingAction};
use leptos::{prelude::*, task::spawn_local};

#[component]
pub fn SignOut() -> impl IntoView {
    let app = App::of_page();
    let waiting = app.sync.read_untracked().waiting;
    let name = untrack(|| app.person(app.me()));
    let unsaved = untrack(|| app.drafts.count());
    let sentence = if waiting == 0 {
        t("sign-out.nothing-waits").to_owned()
    } else {
        t_with("sign-out.kept", &[("what", &t_count("waiting", waiting))])
    };
    let mark = if waiting == 0 {
        Icon::Check
    } else {
        Icon::Sync
    };
    let said = view! {
        {notice("sign-out-waiting", mark, sentence)}
        <Whose/>
        {(unsaved > 0)
            .then(|| {
                let sentence = t_count("sign-out.unsaved", unsaved);
                notice("sign-out-unsaved", Icon::Pencil, sentence)
            })}
        <p class="faint">{t("sign-out.needs-network")}</p>
    };
    question(
        app,
        Asked {
            title: t_with("sign-out.title", &[("person", &name)]),
            said: said.into_any(),
            yes: t("key.sign-out"),
            mark: Icon::SignOut,
            testid: "sign-out-confirm",
        },
        move || app.request(Request::SignOut, |_| {}),
    )
}

/// Whose it is that waits, where it is not only that of the person who leaves.
#[component]
fn Whose() -> impl IntoView {
    let app = App::of_page();
    let waiting = RwSignal::new(Vec::<WaitingAction>::new());
    spawn_local(async move {
        if let Ok(Answer::Waiting(actions)) = app.ask(Question::Waiting).await {
            waiting.try_set(actions);
        }
    });
    move || {
        let waiting = waiting.read();
        let is_own = waiting.iter().all(|action| action.author == app.me());
        (!is_own).then(|| whose(app, &waiting))
    }
}

/// What is typed and not saved stays on this page, which ends.
#[component]
pub fn Leave() -> impl IntoView {
    let app = App::of_page();
    let unsaved = t_count("leave.unsaved", untrack(|| app.drafts.count()));
    question(
        app,
        Asked {
            title: t("leave.title").to_owned(),
            said: notice("leave-unsaved", Icon::Pencil, unsaved).into_any(),
            yes: t("leave.yes"),
            mark: Icon::Sliders,
            testid: "leave-confirm",
        },
        || Page::Settings.go(),
    )
}

struct Asked {
    title: String,
    said: AnyView,
    /// What the person does by saying yes.
    yes: &'static str,
    mark: Icon,
    testid: &'static str,
}

fn question(app: App, asked: Asked, go: impl Fn() + Send + 'static) -> impl IntoView {
    view! {
        <Modal label=asked.yes>
            <div class="form">
                <h2>{asked.title}</h2>
                {asked.said}
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        data-testid="sign-out-stay"
                        on:click=click(move |_| app.close_dialog())
                    >
                        {t("sign-out.stay")}
                    </button>
                    <button
                        type="button"
                        class="button primary"
                        data-testid=asked.testid
                        autofocus
                        on:click=click(move |_| {
                            app.close_dialog();
                            go();
                        })
                    >
                        {icon(asked.mark)}
                        {asked.yes}
                    </button>
                </footer>
            </div>
        </Modal>
    }
}

fn notice(testid: &'static str, mark: Icon, sentence: String) -> impl IntoView {
    view! {
        <p class="notice" data-testid=testid>
            {icon(mark)}
            <span>{sentence}</span>
        </p>
    }
}
