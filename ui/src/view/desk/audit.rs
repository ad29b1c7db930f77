//! The night audit: what the day has left open, and the end of the day.

use super::super::{
    controls::{CommandButton, Shown, as_word},
    icon::{Icon, icon},
    modal::Modal,
    note::wrong,
    room_stays::days_of,
    stay_buttons::next_step,
};
use crate::{
    app::App,
    catalogue::{t, t_with, t_word},
    clock::{long_date, short_date},
    press::click,
    query::desk::left_open,
    words::problem::problem,
};
use keyrack_model::{
    command::{Command, DeskCommand, StayEdit},
    ids::StayId,
    ipc::Request,
    stay::{Stay, StayStatus},
    time::BusinessDate,
};
use leptos::prelude::*;

#[component]
pub fn NightAudit() -> impl IntoView {
    let app = App::of_page();
    let date = untrack(|| app.mirror.business_date());
    let open = Memo::new(move |_| app.mirror.with_all(|cabinet| left_open(cabinet, date)));
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let close = move |_| {
        if busy.get_untracked() {
            return;
        }
        trouble.set(None);
        busy.set(true);
        let command = Command::Desk(DeskCommand::CloseDay { date });
        app.attempt(Request::Do(command), move |done| {
            // The sheet may have been closed meanwhile: a problem is then said elsewhere.
            let closed = busy.try_set(false).is_some();
            match done {
                Ok(_) if closed => {}
                Ok(_) => app.close_dialog(),
                Err(failed) if closed => app.fail(&failed),
                Err(failed) => trouble.set(Some(problem(&failed))),
            }
        });
    };
    let next = short_date(date.plus_days(1));
    view! {
        <Modal label=t("desk.audit") class="modal wide">
            <div class="form" data-testid="audit-sheet">
                <h2>{t_with("audit.title", &[("date", &long_date(date))])}</h2>
                <p class="faint">{t_with("audit.lesson", &[("next", &next)])}</p>
                <Shown
                    when=move || !open.read().is_empty()
                    fallback=|| {
                        view! {
                            <p class="notice" data-testid="audit-nothing-open">
                                {icon(Icon::Check)}
                                <span>{t("audit.nothing-open")}</span>
                            </p>
                        }
                    }
                >
                    <h3>{t("audit.open")}</h3>
                    <ul class="audit-lines">
                        <For each=move || open.get() key=|id| *id let(id)>
                            <OpenStay id date/>
                        </For>
                    </ul>
                    <p class="faint">{t("audit.kept")}</p>
                </Shown>
                {move || trouble.get().map(wrong)}
                <footer class="form-foot">
                    <button type="button" class="button" on:click=click(move |_| app.close_dialog())>
                        {t("cancel")}
                    </button>
                    <button
                        type="button"
                        class="button primary"
                        data-testid="close-day"
                        aria-busy=as_word(busy)
                        on:click=click(close)
                    >
                        {icon(Icon::Moon)}
                        {t("audit.close")}
                    </button>
                </footer>
            </div>
        </Modal>
    }
}

/// A guest who did not come, or did not leave, with what can be done about it.
#[component]
fn OpenStay(id: StayId, date: BusinessDate) -> impl IntoView {
    let app = App::of_page();
    let stay = Memo::new(move |_| app.mirror.stay(id));
    move || stay.get().map(|stay| line(app, id, &stay, date))
}

fn line(app: App, id: StayId, stay: &Stay, date: BusinessDate) -> impl IntoView + use<> {
    let guest = app.mirror.guest(id).and_then(|row| row.guest);
    let name = guest.map_or_else(|| app.named(|names| names.stay(id)), |guest| guest.name);
    let room = app.named(|names| names.room_or_none(stay.room));
    let desk = |command, label, mark, testid| {
        let command = Command::Desk(command);
        view! { <CommandButton command label mark testid/> }
    };
    let buttons = match stay.status {
        StayStatus::Expected => {
            let no_show = DeskCommand::MarkNoShow { stay: id };
            desk(no_show, t("stays.no-show"), Icon::Ban, "audit-no-show").into_any()
        }
        StayStatus::InHouse | StayStatus::Departed | StayStatus::Cancelled | StayStatus::NoShow => {
            let edit = StayEdit {
                departure: Some(date.plus_days(1)),
                ..StayEdit::default()
            };
            let edit = Box::new(edit);
            let stays_on = DeskCommand::EditStay { stay: id, edit };
            view! {
                {next_step(id, stay.status, "button")}
                {desk(stays_on, t("audit.one-night-more"), Icon::Moon, "audit-stays-on")}
            }
            .into_any()
        }
    };
    view! {
        <li class="row" data-testid="audit-line" data-status=stay.status.word()>
            <div class="row-text">
                <p>
                    <b>{room}</b>
                    " · "
                    {name}
                </p>
                <p class="faint">{t_word("stay", stay.status.word())} " · " {days_of(stay)}</p>
            </div>
            <div class="row-buttons">{buttons}</div>
        </li>
    }
}
