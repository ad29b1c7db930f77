//! Everybody who works here, and below, folded, those who have left.

use super::{
    line::{self, PersonLine as Line},
    parts::{Button, button},
    person::PersonLine,
    state::{Dialog, Settings},
};
use crate::{
    catalogue::{t, t_count},
    view::{controls::Shown, icon::Icon},
};
use keyrack_model::ids::UserId;
use leptos::prelude::*;

#[component]
pub fn People() -> impl IntoView {
    let page = Settings::of_page();
    let lines = Memo::new(move |_| {
        let here = page.here.read();
        let known = here.as_ref().map_or(&[][..], |here| &here.people);
        line::people(known, page.overview.read().as_deref())
    });
    let present = Memo::new(move |_| ids(&lines.read(), |line| !line.person.left));
    let gone = Memo::new(move |_| ids(&lines.read(), |line| line.person.left));
    let refused = Signal::derive(move || page.unreachable());
    view! {
        <section class="part" aria-labelledby="part-title">
            <header class="part-head">
                <div>
                    <h1 id="part-title">{t("settings.people")}</h1>
                    <p class="faint">{t("people.lesson")}</p>
                </div>
                {button(
                    Button {
                        testid: "take-on",
                        class: "button primary",
                        mark: Icon::Plus,
                        label: t("people.take-on"),
                    },
                    refused,
                    move || page.open(Dialog::TakeOn),
                )}
            </header>
            {list(present, lines)}
            <Shown when=move || !gone.read().is_empty()>
                <details class="gone">
                    <summary data-testid="people-gone">
                        {move || t_count("people.gone", gone.read().len())}
                    </summary>
                    {list(gone, lines)}
                </details>
            </Shown>
        </section>
    }
}

fn list(shown: Memo<Vec<UserId>>, lines: Memo<Vec<Line>>) -> impl IntoView {
    view! {
        <ul class="lines">
            <For each=move || shown.get() key=|id| *id let(id)>
                <PersonLine id lines/>
            </For>
        </ul>
    }
}

fn ids(lines: &[Line], which: impl Fn(&Line) -> bool) -> Vec<UserId> {
    let those = lines.iter().filter(|line| which(line));
    those.map(|line| line.person.id).collect()
}
