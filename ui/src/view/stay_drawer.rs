//! The drawer of one stay: what the desk does with it, and its fields, each edited in place.

use super::{
    choice::{Choice, words},
    conflict::ConflictBanner,
    controls::{CommandButton, Shown},
    guest::GuestOf,
    history::{History, Subject},
    icon::Icon,
    not_here::NotHere,
    note::Note,
    room_drawer::CloseButton,
    room_stays::marks_of,
    stay_buttons::{RoomOfStay, stay_buttons},
    typed::{Typed, day_text, usual},
};
use crate::{
    app::App,
    catalogue::{t, t_word},
    press::click,
    query::{free_rooms::room_types, settling::NoteOf},
    route::Opened,
};
use keyrack_model::{
    command::{Command, DeskCommand, StayEdit},
    ids::StayId,
    limits::MAX_GUESTS,
    stay::{Stay, StayStatus, StayoverWish},
};
use leptos::prelude::*;

/// The stay that is open, as it is kept.
type Kept = Memo<Option<Stay>>;

#[component]
pub fn StayDrawer(id: StayId) -> impl IntoView {
    let app = App::of_page();
    let stay = Memo::new(move |_| app.mirror.stay(id));
    let name = move || app.named(|names| names.stay(id));
    let called = move || {
        let guest = app.mirror.guest(id).and_then(|row| row.guest);
        stay.track();
        guest.map_or_else(name, |guest| guest.name)
    };
    let about = move || stay.get().map(|stay| t_word("stay", stay.status.word()));
    view! {
        <aside class="drawer" data-testid="stay-drawer" aria-label=t("nav.stay")>
            <header class="drawer-head">
                <h2 class="place" data-testid="stay-name" data-heading tabindex="-1">{called}</h2>
                <span class="badges">{move || stay.get().map(|stay| marks_of(app, &stay))}</span>
                <span class="faint about" data-testid="stay-status">{about}</span>
                <CloseButton/>
            </header>
            <div class="drawer-body">
                <Shown
                    when=move || stay.read().is_some()
                    fallback=move || view! { <NotHere document=id.into()/> }
                >
                    <ConflictBanner document=id.into()/>
                    {move || stay.get().map(|stay| stay_buttons(app, id, &stay))}
                    <RoomPart id stay/>
                    <GuestOf stay=id/>
                    <Fields id stay/>
                    <Toggles id stay/>
                    <section class="part" aria-label=t("field.note")>
                        <h3>{t("field.note")}</h3>
                        <Note of=NoteOf::Stay(id)/>
                    </section>
                    <History subject=Subject::Stay(id)/>
                </Shown>
            </div>
        </aside>
    }
}

/// The room, with whether it is ready, and the way to it.
#[component]
fn RoomPart(id: StayId, stay: Kept) -> impl IntoView {
    let app = App::of_page();
    let room = Memo::new(move |_| stay.read().as_ref().and_then(|stay| stay.room));
    let not_ready = move || {
        let is_expected = stay.read().as_ref()?.status == StayStatus::Expected;
        let why = app.not_ready(room.get()?).filter(|_| is_expected)?;
        Some(view! { <p class="why-not" data-testid="not-ready">{why}</p> })
    };
    let open = move || {
        let room = room.get()?;
        Some(view! {
            <button
                type="button"
                class="button"
                data-testid="stay-open-room"
                on:click=click(move |_| app.open(Opened::Room(room)))
            >
                {t("order.open-room")}
            </button>
        })
    };
    view! {
        <div class="field">
            <span>{t("field.room")}</span>
            <span class="with-button">
                <RoomOfStay id stay/>
                {open}
            </span>
            {not_ready}
        </div>
    }
}

fn editing(stay: StayId, edit: StayEdit) -> Option<Command> {
    let edit = Box::new(edit);
    Some(Command::Desk(DeskCommand::EditStay { stay, edit }))
}

/// Why the person may not change the stay.
fn why_not(app: App, id: StayId) -> Option<String> {
    app.refuses(&editing(id, StayEdit::default())?)
}

#[component]
fn Fields(id: StayId, stay: Kept) -> impl IntoView {
    let app = App::of_page();
    let refused = Memo::new(move |_| why_not(app, id));
    let read = move |field: fn(&Stay) -> String| {
        Signal::derive(move || stay.read().as_ref().map(field).unwrap_or_default())
    };
    let types = app.mirror.glance(room_types);
    let edit = move |edit: StayEdit| editing(id, edit);
    let none = StayEdit::default;
    let field = |label: &'static str, input: AnyView| {
        view! {
            <label class="field">
                <span>{label}</span>
                {input}
            </label>
        }
    };
    let typed = move |testid: &'static str,
                      kind: &'static str,
                      value: Signal<String>,
                      write: Callback<String, Option<Command>>| {
        let bounds = (kind == "number").then_some((0, MAX_GUESTS));
        match bounds {
            Some(bounds) => view! { <Typed testid kind value refused write bounds/> }.into_any(),
            None if testid == "stay-type" => {
                view! { <Typed testid kind value refused write list="types"/> }.into_any()
            }
            None => view! { <Typed testid kind value refused write/> }.into_any(),
        }
    };
    view! {
        {usual("types", types)}
        <div class="fields">
            {field(
                t("field.arrival"),
                typed(
                    "stay-arrival",
                    "date",
                    read(|stay| day_text(stay.arrival)),
                    Callback::new(move |day: String| {
                        edit(StayEdit { arrival: Some(day.parse().ok()?), ..none() })
                    }),
                ),
            )}
            {field(
                t("field.departure"),
                typed(
                    "stay-departure",
                    "date",
                    read(|stay| day_text(stay.departure)),
                    Callback::new(move |day: String| {
                        edit(StayEdit { departure: Some(day.parse().ok()?), ..none() })
                    }),
                ),
            )}
            {field(
                t("field.adults"),
                typed(
                    "stay-adults",
                    "number",
                    read(|stay| stay.adults.to_string()),
                    Callback::new(move |number: String| {
                        edit(StayEdit { adults: Some(number.trim().parse().ok()?), ..none() })
                    }),
                ),
            )}
            {field(
                t("field.children"),
                typed(
                    "stay-children",
                    "number",
                    read(|stay| stay.children.to_string()),
                    Callback::new(move |number: String| {
                        edit(StayEdit { children: Some(number.trim().parse().ok()?), ..none() })
                    }),
                ),
            )}
            {field(
                t("field.room-type"),
                typed(
                    "stay-type",
                    "text",
                    read(|stay| stay.room_type.clone()),
                    Callback::new(move |text| edit(StayEdit { room_type: Some(text), ..none() })),
                ),
            )}
            {field(
                t("field.rate"),
                typed(
                    "stay-rate",
                    "text",
                    read(|stay| stay.rate.clone()),
                    Callback::new(move |text| edit(StayEdit { rate: Some(text), ..none() })),
                ),
            )}
            {field(
                t("field.meal"),
                typed(
                    "stay-meal",
                    "text",
                    read(|stay| stay.meal.clone()),
                    Callback::new(move |text| edit(StayEdit { meal: Some(text), ..none() })),
                ),
            )}
            {field(
                t("field.stayover-wish"),
                view! {
                    <Choice
                        testid="stay-wish"
                        value=read(|stay| stay.stayover_wish.word().to_owned())
                        options=words("wish", StayoverWish::ALL, |wish| wish.word())
                        refused
                        choose=move |word: String| {
                            edit(StayEdit { stayover_wish: Some(word.parse().ok()?), ..none() })
                        }
                    />
                }
                    .into_any(),
            )}
        </div>
    }
}

/// What is so or not so of the stay.
#[component]
fn Toggles(id: StayId, stay: Kept) -> impl IntoView {
    let toggle = move |is_so: bool, label, mark, testid, edit: fn(bool) -> StayEdit| {
        let command = editing(id, edit(!is_so))?;
        Some(
            view! { <CommandButton command label mark testid class="button toggle" pressed=is_so/> },
        )
    };
    move || {
        let stay = stay.get()?;
        Some(view! {
            <div class="stay-buttons" role="group" aria-label=t("field.of-note")>
                {toggle(
                    stay.vip,
                    t("short.vip"),
                    Icon::Star,
                    "stay-vip",
                    |vip| StayEdit { vip: Some(vip), ..StayEdit::default() },
                )}
                {toggle(
                    stay.early_check_in,
                    t("field.early-check-in"),
                    Icon::Arrive,
                    "stay-early",
                    |early| StayEdit { early_check_in: Some(early), ..StayEdit::default() },
                )}
                {toggle(
                    stay.late_check_out,
                    t("field.late-check-out"),
                    Icon::Leave,
                    "stay-late",
                    |late| StayEdit { late_check_out: Some(late), ..StayEdit::default() },
                )}
            </div>
        })
    }
}
