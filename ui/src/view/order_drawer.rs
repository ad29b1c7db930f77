//! The drawer of one work order: its fields, each edited in place, its comments and its story.

use super::{
    conflict::ConflictBanner,
    controls::{face, priority_badge},
    history::{History, Subject},
    icon::{Icon, icon},
    not_here::NotHere,
    order_fields::Fields,
    order_texts::Texts,
    room_drawer::CloseButton,
};
use crate::{
    app::App,
    catalogue::{t, t_with},
    clock::ago,
};
use keyrack_model::{
    ids::WorkOrderId,
    ipc::Request,
    limits::MAX_TEXT,
    work_order::{Comment, WorkOrder},
};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn OrderDrawer(id: WorkOrderId) -> impl IntoView {
    let app = App::of_page();
    let order = Memo::new(move |_| app.mirror.with_order(id, |all| all.work_order(id).cloned()));
    view! {
        <aside class="drawer" data-testid="order-drawer" aria-label=t("nav.order")>
            <header class="drawer-head">
                {move || order.get().map(|order| priority_badge(order.priority))}
                <span class="faint about">{move || order.get().map(|order| reported(app, &order))}</span>
                <CloseButton/>
            </header>
            <div class="drawer-body">
                <Show
                    when=move || order.with(Option::is_some)
                    fallback=move || view! { <NotHere document=id.into()/> }
                >
                    <ConflictBanner document=id.into()/>
                    <Texts id order/>
                    <Fields id order/>
                    <Comments id/>
                    <History subject=Subject::WorkOrder(id)/>
                </Show>
            </div>
        </aside>
    }
}

/// The work order that is open, as it is kept.
pub type Order = Memo<Option<WorkOrder>>;

fn reported(app: App, order: &WorkOrder) -> String {
    let by = app.named(|names| names.person_or_nobody(order.reported_by));
    let when = order
        .reported_at
        .map(|at| ago(at, app.now.get()))
        .unwrap_or_default();
    t_with("order.reported", &[("person", &by), ("when", &when)])
}

#[component]
fn Comments(id: WorkOrderId) -> impl IntoView {
    let app = App::of_page();
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let comments = move || {
        app.mirror.with_order(id, |all| {
            let comments = all.comments(id).into_iter();
            comments
                .map(|(_, it)| comment(app, it.clone()))
                .collect_view()
        })
    };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let text = typed.get_untracked();
        if text.trim().is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let sent = text.clone();
        app.attempt(Request::AddComment { subject: id, text }, move |done| {
            busy.try_set(false);
            match done {
                Ok(_) if typed.try_get_untracked().as_ref() == Some(&sent) => {
                    typed.set(String::new());
                }
                Ok(_) => {}
                Err(problem) => app.fail(&problem),
            }
        });
    };
    view! {
        <section class="part" aria-label=t("comments.title")>
            <h3>{t("comments.title")}</h3>
            <ul class="comments">{comments}</ul>
            <form class="comment-form" on:submit=send>
                <textarea
                    class="input"
                    rows="2"
                    data-testid="comment-text"
                    aria-label=t("comments.write")
                    placeholder=t("comments.write")
                    maxlength=MAX_TEXT
                    bind:value=typed
                ></textarea>
                <button type="submit" class="button" data-testid="comment-send">
                    {icon(Icon::Comment)}
                    {t("comments.send")}
                </button>
            </form>
        </section>
    }
}

fn comment(app: App, comment: Comment) -> impl IntoView {
    let author = comment.author.unwrap_or_default();
    let name = app.named(|names| names.person_or_nobody(comment.author));
    let when = comment.written_at.map(|at| app.moment(at));
    view! {
        <li class="comment" data-testid="comment">
            {face(app, author, "face small")}
            <div>
                <p class="faint">{name} " · " {when}</p>
                <p class="comment-text">{comment.text}</p>
            </div>
        </li>
    }
}
