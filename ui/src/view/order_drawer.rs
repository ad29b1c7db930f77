//! The drawer of one work order: its fields, each edited in place, its comments and its story.

use super::{
    conflict::ConflictBanner,
    controls::{Shown, face, not_saved, priority_badge},
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
    press::click,
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
                <h2 class="place" data-testid="order-place" data-heading tabindex="-1">
                    {move || order.get().map(|order| place(app, &order))}
                </h2>
                <span class="about"></span>
                <CloseButton/>
            </header>
            <div class="drawer-body">
                <Shown
                    when=move || order.read().is_some()
                    fallback=move || view! { <NotHere document=id.into()/> }
                >
                    <ConflictBanner document=id.into()/>
                    <p class="faint reported">
                        {move || order.get().map(|order| reported(app, &order))}
                    </p>
                    <Texts id/>
                    <Fields id order/>
                    <Comments id/>
                    <History subject=Subject::WorkOrder(id)/>
                </Shown>
            </div>
        </aside>
    }
}

/// The work order that is open, as it is kept.
pub type Order = Memo<Option<WorkOrder>>;

/// `Room 204`, or that it is in none.
fn place(app: App, order: &WorkOrder) -> String {
    match order.room {
        Some(room) => t_with("tile.room", &[("n", &app.named(|names| names.room(room)))]),
        None => t("room.none").to_owned(),
    }
}

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
    let draft = app.drafts.comment(id);
    let typed = move || draft.get().unwrap_or_default();
    let busy = RwSignal::new(false);
    let comments = move || {
        app.mirror.with_order(id, |all| {
            let comments = all.comments(id).into_iter();
            comments
                .map(|(_, it)| comment(app, it.clone()))
                .collect_view()
        })
    };
    let none_yet = move || app.mirror.with_order(id, |all| all.comments(id).is_empty());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let text = untrack(typed);
        if text.trim().is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let sent = text.clone();
        app.attempt(Request::AddComment { subject: id, text }, move |done| {
            busy.try_set(false);
            match done {
                // The person may have typed on.
                Ok(_) if draft.get_untracked().as_ref() == Some(&sent) => draft.set(None),
                Ok(_) => {}
                Err(problem) => app.fail(&problem),
            }
        });
    };
    view! {
        <section class="part" aria-label=t("comments.title")>
            <h3>{t("comments.title")}</h3>
            <Shown when=none_yet>
                <p class="faint">{t("comments.none")}</p>
            </Shown>
            <ul class="comments">{comments}</ul>
            <form class="comment-form" on:submit=send>
                <textarea
                    class="input"
                    rows="2"
                    data-testid="comment-text"
                    aria-label=t("comments.write")
                    placeholder=t("comments.write")
                    maxlength=MAX_TEXT
                    prop:value=typed
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        draft.set((!text.is_empty()).then_some(text));
                    }
                ></textarea>
                <div class="form-foot">
                    <Shown when=move || draft.has()>
                        {not_saved()}
                        <button type="button" class="button" on:click=click(move |_| draft.set(None))>
                            {t("draft.discard")}
                        </button>
                    </Shown>
                    <button type="submit" class="button" data-testid="comment-send">
                        {icon(Icon::Comment)}
                        {t("comments.send")}
                    </button>
                </div>
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
