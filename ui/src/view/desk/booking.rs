//! The form of a new stay: a booking, or somebody who walks in.

use super::super::{
    choice::{List, Offer},
    controls::{Shown, as_word},
    icon::{Icon, icon},
    modal::Modal,
    note::wrong,
    stay_buttons::offer_of,
    typed::usual,
};
use crate::{
    app::App,
    catalogue::t,
    drafts::{GuestDraft, NewStay},
    fresh::fresh,
    press::click,
    query::free_rooms::{Wish, free_rooms, room_types},
    words::problem::{problem, refusal},
};
use keyrack_model::{
    availability::Interval,
    class::Class,
    command::{Command, DeskCommand, StayDraft},
    ids::{RoomId, StayId},
    ipc::{Problem, Request},
    limits::{MAX_GUESTS, MAX_NAME, MAX_NIGHTS, MAX_TEXT},
    record::Guest,
    refusal::Refusal,
    time::BusinessDate,
};
use leptos::{ev::SubmitEvent, prelude::*};

/// What follows when the stay is written down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Nothing,
    CheckIn,
}

/// The form as it is before anything is typed: two guests for tonight.
fn blank(today: BusinessDate) -> NewStay {
    NewStay {
        arrival: today.to_string(),
        departure: today.plus_days(1).to_string(),
        adults: "2".into(),
        children: "0".into(),
        ..NewStay::default()
    }
}

#[component]
pub fn Booking() -> impl IntoView {
    let app = App::of_page();
    let today = untrack(|| app.mirror.business_date());
    let draft = app.drafts.new_stay();
    let begun = draft.get_untracked();
    let is_taken_up = begun.is_some();
    let form = RwSignal::new(begun.unwrap_or_else(|| blank(today)));
    Effect::new(move || {
        let typed = form.get();
        draft.set((typed != blank(today)).then_some(typed));
    });
    let has_draft = Signal::derive(move || draft.has());
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let book = move |then: Then| {
        if busy.get_untracked() {
            return;
        }
        let sent = form.get_untracked();
        let (wanted, id) = match (wanted(&sent), fresh()) {
            (Ok(wanted), Some(id)) => (wanted, StayId(id)),
            (Err(refused), _) => return trouble.set(Some(refusal(&refused))),
            (Ok(_), None) => return app.fail(&Problem::Internal),
        };
        trouble.set(None);
        busy.set(true);
        let booked = Command::Desk(DeskCommand::Book {
            stay: id,
            draft: Box::new(wanted),
        });
        app.attempt(Request::Do(booked), move |done| {
            // The form may have been closed meanwhile: a problem is then said elsewhere.
            let closed = busy.try_set(false).is_some();
            match done {
                Ok(_) => {
                    if draft.get_untracked().as_ref() == Some(&sent) {
                        draft.set(None);
                    }
                    follow(app, id, &sent.guest, then);
                    if !closed {
                        // The effect would keep what is written down as a draft again.
                        form.set(blank(today));
                        app.close_dialog();
                    }
                }
                Err(failed) if closed => app.fail(&failed),
                Err(failed) => trouble.set(Some(problem(&failed))),
            }
        });
    };
    // Whoever comes today and has a room can be checked in with it.
    let walks_in = move || {
        let form = form.read();
        form.arrival == today.to_string() && !form.room.is_empty()
    };
    let reads_guests = untrack(|| app.reading()).has(Class::Guests);
    view! {
        <Modal label=t("key.new-stay") class="modal wide" typed=has_draft>
            <form
                class="form"
                data-testid="stay-form"
                on:submit=move |event: SubmitEvent| {
                    event.prevent_default();
                    book(Then::Nothing);
                }
            >
                <h2>{t("key.new-stay")}</h2>
                {is_taken_up
                    .then(|| {
                        view! {
                            <p class="notice">
                                {icon(Icon::Pencil)}
                                <span>{t("draft.taken-up")}</span>
                            </p>
                        }
                    })}
                <div class="pair">
                    {reads_guests.then(|| {
                        text(form, t("guest.title"), "new-guest", |it| &mut it.guest)
                    })}
                    {text(form, t("field.booking"), "new-booking", |it| &mut it.booking)}
                </div>
                <div class="pair">
                    {input(form, t("field.arrival"), "new-arrival", "date", |it| &mut it.arrival)}
                    {input(form, t("field.departure"), "new-departure", "date", |it| &mut it.departure)}
                </div>
                <Where form today/>
                <div class="pair four">
                    {input(form, t("field.adults"), "new-adults", "number", |it| &mut it.adults)}
                    {input(form, t("field.children"), "new-children", "number", |it| &mut it.children)}
                    {text(form, t("field.meal"), "new-meal", |it| &mut it.meal)}
                    {text(form, t("field.rate"), "new-rate", |it| &mut it.rate)}
                </div>
                <div class="pair">
                    {text(form, t("field.country"), "new-country", |it| &mut it.country)}
                    <label class="check-field">
                        <input
                            type="checkbox"
                            data-testid="new-vip"
                            prop:checked=move || form.read().vip
                            on:change=move |event| {
                                let vip = event_target_checked(&event);
                                form.update(|form| form.vip = vip);
                            }
                        />
                        <span>{t("short.vip")}</span>
                    </label>
                </div>
                <label class="field">
                    <span>{t("field.note")}</span>
                    <textarea
                        class="input"
                        rows="2"
                        data-testid="new-note"
                        maxlength=MAX_TEXT
                        placeholder=t("note.names-nobody")
                        prop:value=move || form.read().note.clone()
                        on:input=move |event| {
                            let note = event_target_value(&event);
                            form.update(|form| form.note = note);
                        }
                    ></textarea>
                </label>
                {move || trouble.get().map(wrong)}
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        data-testid="new-discard"
                        on:click=click(move |_| {
                            form.set(blank(today));
                            draft.set(None);
                            app.close_dialog();
                        })
                    >
                        {move || if has_draft.get() { t("draft.discard") } else { t("cancel") }}
                    </button>
                    <Shown when=walks_in>
                        <button
                            type="button"
                            class="button"
                            data-testid="book-and-check-in"
                            on:click=click(move |_| book(Then::CheckIn))
                        >
                            {icon(Icon::Arrive)}
                            {t("booking.check-in")}
                        </button>
                    </Shown>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="book"
                        aria-busy=as_word(busy)
                    >
                        {t("booking.save")}
                    </button>
                </footer>
            </form>
        </Modal>
    }
}

/// The type of the room and, if it is known by then, the room: of those that are free.
#[component]
fn Where(form: RwSignal<NewStay>, today: BusinessDate) -> impl IntoView {
    let app = App::of_page();
    let types = app.mirror.glance(room_types);
    // A list that is open stays open whatever happens elsewhere in the hotel.
    let rooms = Memo::new(move |_| {
        let form = form.read();
        let days = form.arrival.parse().ok().zip(form.departure.parse().ok());
        let later = std::iter::once(Offer::of("", t("booking.room-later")));
        let free = days.map(|(arrival, departure)| {
            let wish = Wish {
                stay: None,
                days: Interval { arrival, departure },
                room_type: &form.room_type,
                today,
            };
            app.mirror.with_all(|cabinet| free_rooms(cabinet, wish))
        });
        let free = free.unwrap_or_default();
        later.chain(free.iter().map(offer_of)).collect::<Vec<_>>()
    });
    // A room that other days or guests have taken away is not chosen any more.
    Effect::new(move || {
        let room = form.get_untracked().room;
        let is_free = rooms.with(|rooms| rooms.iter().any(|offer| offer.word == room));
        if !is_free {
            form.update(|form| form.room.clear());
        }
    });
    let choose = move |(word, _): (String, Trigger)| {
        // A room says of which type it is, where nobody has said so yet.
        let kind = word.parse::<RoomId>().ok().and_then(|room| {
            let card = untrack(|| app.mirror.card(room))?;
            Some(card.room_type.clone())
        });
        form.update(|form| {
            form.room = word;
            if form.room_type.is_empty() {
                form.room_type = kind.unwrap_or_default();
            }
        });
    };
    view! {
        {usual("booking-types", types)}
        <div class="pair">
            <label class="field">
                <span>{t("field.room-type")}</span>
                <input
                    class="input"
                    data-testid="new-type"
                    list="booking-types"
                    autocomplete="off"
                    maxlength=MAX_NAME
                    prop:value=move || form.read().room_type.clone()
                    on:change=move |event| {
                        let typed = event_target_value(&event);
                        form.update(|form| form.room_type = typed);
                    }
                />
            </label>
            <label class="field">
                <span>{t("field.room")}</span>
                <List
                    testid="new-room"
                    class="select"
                    name=None
                    value=Signal::derive(move || form.read().room.clone())
                    options=rooms
                    choose=choose
                />
            </label>
        </div>
    }
}

fn text(
    form: RwSignal<NewStay>,
    label: &'static str,
    testid: &'static str,
    field: fn(&mut NewStay) -> &mut String,
) -> AnyView {
    input(form, label, testid, "text", field)
}

fn input(
    form: RwSignal<NewStay>,
    label: &'static str,
    testid: &'static str,
    kind: &'static str,
    field: fn(&mut NewStay) -> &mut String,
) -> AnyView {
    let bounds = kind == "number";
    let is_first = testid == "new-guest";
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                class="input"
                type=kind
                data-testid=testid
                autocomplete="off"
                maxlength=MAX_NAME
                min=bounds.then_some(0)
                max=bounds.then_some(MAX_GUESTS)
                autofocus=is_first
                prop:value=move || field(&mut form.get()).clone()
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    form.update(|form| *field(form) = typed);
                }
            />
        </label>
    }
    .into_any()
}

/// What to ask for.
fn wanted(form: &NewStay) -> Result<StayDraft, Refusal> {
    let day = |text: &str| {
        let day = text.parse();
        day.map_err(|_| Refusal::BadDays { nights: MAX_NIGHTS })
    };
    let number = |text: &str| {
        let number = text.trim().parse();
        number.map_err(|_| Refusal::BadGuests { most: MAX_GUESTS })
    };
    Ok(StayDraft {
        booking: form.booking.clone(),
        room: form.room.parse().ok(),
        room_type: form.room_type.clone(),
        arrival: day(&form.arrival)?,
        departure: day(&form.departure)?,
        adults: number(&form.adults)?,
        children: number(&form.children)?,
        country: form.country.clone(),
        meal: form.meal.clone(),
        rate: form.rate.clone(),
        vip: form.vip,
        note: form.note.clone(),
    })
}

/// Writes down who the guest is, and lets them in. The stay is booked by then, whatever comes of it.
fn follow(app: App, stay: StayId, guest: &str, then: Then) {
    let check_in = move || {
        if then == Then::CheckIn {
            app.act(Command::CheckIn { stay });
        }
    };
    if guest.trim().is_empty() {
        return check_in();
    }
    let name = guest.to_owned();
    let command = Command::EditGuest {
        stay,
        expected: 0,
        guest: Guest {
            name: name.clone(),
            phone: String::new(),
        },
    };
    app.attempt(Request::Do(command), move |done| {
        if let Err(failed) = done {
            // What was typed waits where the stay is opened.
            let expected = 0;
            let typed = GuestDraft { name, expected };
            app.drafts.guest(stay).set(Some(typed));
            app.fail(&failed);
        }
        check_in();
    });
}
