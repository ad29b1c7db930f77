//! A palette of any page: what it offers, found by a few letters and chosen by key or press.

use super::{
    icon::{Icon, icon},
    modal::Sheet,
};
use crate::{catalogue::t, keymap::shown, press::click, query::ranking::ranked};
use leptos::{ev::KeyboardEvent, prelude::*};

/// Entries in sight.
const SHOWN: usize = 9;

#[component]
pub fn PaletteSheet<E>(
    /// All that is offered; it is told of changes to what it reads.
    entries: Callback<(), Vec<(String, E)>>,
    drawing: fn(E) -> AnyView,
    /// The key that does the same.
    keys: fn(E) -> Option<&'static str>,
    choose: Callback<E>,
    close: Callback<()>,
    hint: &'static str,
    /// What is said where nothing fits.
    none: &'static str,
) -> impl IntoView
where
    E: Copy + PartialEq + Send + Sync + 'static,
{
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| ranked(&query.get(), entries.run(()), SHOWN));
    let on_key = move |event: KeyboardEvent| {
        let last = found.read().len().saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|at| *at = (*at + 1).min(last)),
            "ArrowUp" => chosen.update(|at| *at = at.saturating_sub(1)),
            "Enter" => {
                let entry = found.read().get(chosen.get()).map(|(_, entry)| *entry);
                if let Some(entry) = entry {
                    choose.run(entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <Sheet label=t("key.palette").to_owned() class="modal palette" close>
            <label class="palette-query">
                {icon(Icon::Search)}
                <input
                    data-testid="palette-query"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-activedescendant=move || entry_id(chosen.get())
                    aria-label=t("key.palette")
                    placeholder=hint
                    autocomplete="off"
                    spellcheck="false"
                    autofocus
                    bind:value=query
                    on:input=move |_| chosen.set(0)
                    on:keydown=on_key
                />
            </label>
            <ul id="palette-list" role="listbox" aria-label=t("key.palette")>
                {move || {
                    found
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(index, (text, entry))| {
                            view! {
                                <li
                                    id=entry_id(index)
                                    role="option"
                                    data-testid="palette-entry"
                                    aria-selected=move || (chosen.get() == index).to_string()
                                    on:mousemove=move |_| chosen.set(index)
                                    on:click=click(move |_| choose.run(entry))
                                >
                                    {drawing(entry)}
                                    <span>{text}</span>
                                    {keys(entry).map(|keys| view! { <kbd>{shown(keys)}</kbd> })}
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            {move || {
                found
                    .read()
                    .is_empty()
                    .then(|| view! { <p class="faint palette-none">{none}</p> })
            }}
        </Sheet>
    }
}

fn entry_id(index: usize) -> String {
    format!("palette-{index}")
}
