//! What the hotel was called, by whose word and since when: the history of its name.

use crate::{
    catalogue::{t, t_with},
    settings::state::Settings,
    view::controls::Shown,
};
use keyrack_model::{
    field::FieldValue,
    ipc::{Answer, Question},
    limits::MAX_STORY,
    rows::HistoryEntry,
};
use leptos::{prelude::*, task::spawn_local};

/// The field of the hotel's document that says what it is called.
const NAME: &str = "name";

#[component]
pub(super) fn Story(called: Memo<String>) -> impl IntoView {
    let page = Settings::of_page();
    let told = RwSignal::new(Vec::<HistoryEntry>::new());
    // Whatever names it may be somebody else's, or take an earlier name back.
    Effect::new(move || {
        called.track();
        let host = page.host.get_value();
        let hotel = page.hotel().into();
        spawn_local(async move {
            // Most of what is written of a hotel are the ends of its days.
            let question = Question::Written {
                document: hotel,
                field: NAME.to_owned(),
                limit: MAX_STORY,
            };
            if let Ok(Answer::History(entries)) = host.ask(question).await {
                // The section may be gone by now.
                told.try_set(entries);
            }
        });
    });
    let lines = move || {
        let told = told.read();
        let names = told.iter().filter_map(named);
        names
            .map(|(name, entry)| line(page, &name, entry))
            .collect_view()
    };
    view! {
        <Shown when=move || told.read().iter().any(|entry| named(entry).is_some())>
            <section class="card" aria-labelledby="hotel-story">
                <h3 id="hotel-story">{t("hotel.story")}</h3>
                <ul class="findings" data-testid="hotel-story">{lines}</ul>
            </section>
        </Shown>
    }
}

/// The name that an action gave the hotel, if it gave it one.
fn named(entry: &HistoryEntry) -> Option<(String, &HistoryEntry)> {
    let mut fields = entry.fields.iter();
    let field = fields.find(|field| field.key == NAME)?;
    match &field.after {
        FieldValue::Text(name) => Some((name.clone(), entry)),
        FieldValue::Nothing
        | FieldValue::Integer(_)
        | FieldValue::Time(_)
        | FieldValue::Flag(_) => None,
    }
}

fn line(page: Settings, name: &str, entry: &HistoryEntry) -> impl IntoView + use<> {
    let said = t_with(
        "hotel.named-by",
        &[
            ("person", &page.person(entry.author)),
            ("time", &page.moment(entry.at)),
        ],
    );
    view! {
        <li data-testid="hotel-named">
            <b>{name.to_owned()}</b>
            <span class="faint">{said}</span>
        </li>
    }
}
