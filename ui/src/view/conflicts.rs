//! The inbox of what people have to decide, in all of the hotel.

use super::{
    conflict::{question, why_not},
    controls::{Shown, empty},
    desk::double_booking,
    icon::{Icon, icon},
    told::told_of,
};
use crate::{
    app::App,
    catalogue::{t, t_count},
    press::click,
    query::{
        conflicts::{Contested, Place, Which, open, sides},
        settling::both,
    },
    route::Opened,
};
use keyrack_model::{
    command::Command,
    ids::{DocumentRef, OperationId},
    rows::HistoryEntry,
};
use leptos::prelude::*;

/// A contested field by what it is of.
type Key = (DocumentRef, String);

#[component]
pub fn Conflicts() -> impl IntoView {
    let app = App::of_page();
    let waiting = Memo::new(move |_| {
        let date = app.mirror.business_date();
        app.mirror.with_all(|cabinet| open(cabinet, date))
    });
    let fields = Memo::new(move |_| waiting.read().1.clone());
    let documents = Memo::new(move |_| {
        let fields = fields.read();
        fields.iter().map(|it| it.document).collect()
    });
    let told = told_of(app, documents);
    let chosen = RwSignal::new(Vec::<Key>::new());
    let is_empty = move || {
        let waiting = waiting.read();
        waiting.0.is_empty() && waiting.1.is_empty()
    };
    let bookings = move || {
        let bookings = waiting.read().0.clone().into_iter();
        bookings
            .map(|booking| double_booking(app, booking))
            .collect_view()
    };
    view! {
        <section class="screen conflicts" aria-label=t("nav.conflicts")>
            <h1 class="unseen">{t("nav.conflicts")}</h1>
            <DecideAll fields chosen/>
            <div class="scroller">
                <Shown
                    when=move || !is_empty()
                    fallback=|| {
                        empty(
                            Icon::Scales,
                            t("conflicts.none"),
                            t("conflicts.none-lesson").to_owned(),
                        )
                    }
                >
                    <div class="inbox">
                        {bookings}
                        <For
                            each=move || fields.get()
                            key=|it| (it.document, it.conflict.key.clone(), ids_of(it))
                            let(it)
                        >
                            {entry(app, it, chosen, told)}
                        </For>
                    </div>
                </Shown>
            </div>
        </section>
    }
}

fn key_of(it: &Contested) -> Key {
    (it.document, it.conflict.key.clone())
}

fn ids_of(it: &Contested) -> Vec<OperationId> {
    sides(&it.conflict).map(|side| side.operation).collect()
}

fn entry(
    app: App,
    it: Contested,
    chosen: RwSignal<Vec<Key>>,
    told: Signal<Vec<HistoryEntry>>,
) -> impl IntoView {
    let key = StoredValue::new(key_of(&it));
    let place = it.place;
    let name = app.named(|names| match place {
        Place::Room(room) => names.in_room(room),
        Place::Stay(stay) => names.stay(stay),
        Place::WorkOrder(order) => names.work_order(order),
        Place::Hotel => t("rules.hotel").to_owned(),
        Place::Rules | Place::Nowhere => t("nav.rules").to_owned(),
    });
    let opened = match place {
        Place::Room(room) => Some(Opened::Room(room)),
        Place::Stay(stay) => Some(Opened::Stay(stay)),
        Place::WorkOrder(order) => Some(Opened::WorkOrder(order)),
        Place::Hotel | Place::Rules | Place::Nowhere => None,
    };
    let choose = move |event: web_sys::Event| {
        let is_chosen = event_target_checked(&event);
        let key = key.get_value();
        chosen.update(|chosen| {
            chosen.retain(|other| *other != key);
            if is_chosen {
                chosen.push(key);
            }
        });
    };
    let title = match opened {
        Some(opened) => view! {
            <button
                type="button"
                class="button plain"
                data-testid="conflict-place"
                on:click=click(move |_| app.open(opened))
            >
                {name.clone()}
            </button>
        }
        .into_any(),
        None => view! { <b>{name.clone()}</b> }.into_any(),
    };
    view! {
        <article class="inbox-entry" data-testid="conflict-entry">
            <header>
                <input
                    type="checkbox"
                    data-testid="conflict-choose"
                    aria-label=name
                    prop:checked=move || key.with_value(|key| chosen.read().contains(key))
                    on:change=choose
                />
                {title}
            </header>
            {question(app, it.document, it.conflict, told)}
        </article>
    }
}

/// Keeps what is shown of the chosen ones, or of all; takes the other value of the chosen ones, or both
/// where they are texts. What the rules show is the safer value: it gives way only where somebody has said so.
#[component]
fn DecideAll(fields: Memo<Vec<Contested>>, chosen: RwSignal<Vec<Key>>) -> impl IntoView {
    let app = App::of_page();
    let kept = Memo::new(move |_| {
        let is_meant = |it: &Contested| chosen.read().is_empty() || is_chosen(chosen, it);
        decisions(app, &fields.read(), Which::Shown, is_meant)
    });
    let taken = Memo::new(move |_| {
        let is_meant = |it: &Contested| is_chosen(chosen, it);
        decisions(app, &fields.read(), Which::Other, is_meant)
    });
    let joined = Memo::new(move |_| {
        let meant = fields.get().into_iter().filter(|it| is_chosen(chosen, it));
        let joined = meant.filter_map(|it| both(it.document, &it.conflict));
        let may = joined.filter(|command| app.refuses(command).is_none());
        may.collect::<Vec<_>>()
    });
    let decide = move |decisions: Memo<Vec<Command>>| {
        app.act_all(decisions.get_untracked(), |decided| {
            t_count("did.settle-all", decided)
        });
        chosen.set(Vec::new());
    };
    let keep_label = move || {
        let count = kept.read().len();
        if chosen.read().is_empty() {
            t_count("conflicts.keep-all", count)
        } else {
            t_count("conflicts.keep-chosen", count)
        }
    };
    let join_label = move || t_count("conflicts.join-chosen", joined.read().len());
    let take_label = move || t_count("conflicts.take-chosen", taken.read().len());
    view! {
        <div class="toolbar">
            <p class="toolbar-title">{t("nav.conflicts")}</p>
            <p class="faint toolbar-lesson">{t("conflicts.lesson")}</p>
            <Shown when=move || !kept.read().is_empty()>
                <button
                    type="button"
                    class="button"
                    data-testid="keep-all"
                    on:click=click(move |_| decide(kept))
                >
                    {icon(Icon::Check)}
                    {keep_label}
                </button>
            </Shown>
            <Shown when=move || !taken.read().is_empty()>
                <button
                    type="button"
                    class="button"
                    data-testid="take-all"
                    on:click=click(move |_| decide(taken))
                >
                    {icon(Icon::Scales)}
                    {take_label}
                </button>
            </Shown>
            <Shown when=move || !joined.read().is_empty()>
                <button
                    type="button"
                    class="button"
                    data-testid="join-all"
                    on:click=click(move |_| decide(joined))
                >
                    {icon(Icon::Plus)}
                    {join_label}
                </button>
            </Shown>
        </div>
    }
}

fn is_chosen(chosen: RwSignal<Vec<Key>>, it: &Contested) -> bool {
    chosen.read().contains(&key_of(it))
}

/// What makes the values hold that this person may choose, of the fields that are meant.
fn decisions(
    app: App,
    fields: &[Contested],
    which: Which,
    is_meant: impl Fn(&Contested) -> bool,
) -> Vec<Command> {
    let decision = |it: &Contested| {
        let (document, key) = (it.document, it.conflict.key.clone());
        let side = which.of(&it.conflict)?;
        let may = why_not(app, document, &key, side).is_none();
        may.then_some(Command::Settle {
            document,
            key,
            chosen: side.operation,
        })
    };
    let meant = fields.iter().filter(|it| is_meant(it));
    meant.filter_map(decision).collect()
}
