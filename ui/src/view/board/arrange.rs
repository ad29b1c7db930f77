//! What is beside the board's filter: by what its rooms are put together, how large their tiles are,
//! and the way to paper.

use crate::{
    app::App,
    arrangement::Density,
    catalogue::t,
    keymap::{Action, keys_of},
    perform::perform,
    press::click,
    query::groups::Grouping,
    view::{
        controls::Shown,
        icon::{Icon, icon},
    },
};
use leptos::prelude::*;

#[component]
pub fn Arrange(
    /// By what they are put together at the moment; None where there is no choice.
    grouping: Memo<Option<Grouping>>,
) -> impl IntoView {
    let app = App::of_page();
    let by_section = move || Some(grouping.get() == Some(Grouping::Section));
    let is_compact = move || Some(app.arrangement.get().density == Density::Compact);
    view! {
        <div class="arrange" role="group" aria-label=t("board.arrange")>
            <Shown when=move || grouping.get().is_some()>
                {control(app, Action::Group, Icon::Groups, "by-section", t("board.by-section"), by_section)}
            </Shown>
            {control(app, Action::Density, Icon::SmallTiles, "small-tiles", t("board.small-tiles"), is_compact)}
            {control(app, Action::Print, Icon::Print, "print", t("board.print"), || None)}
        </div>
    }
}

/// A button for an action of the keymap; of those that can be on or off, which it is.
fn control(
    app: App,
    action: Action,
    mark: Icon,
    testid: &'static str,
    name: &'static str,
    pressed: impl Fn() -> Option<bool> + Send + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            data-testid=testid
            title=format!("{name} · {}", keys_of(action).unwrap_or_default())
            aria-label=name
            aria-pressed=move || pressed().map(|pressed| pressed.to_string())
            on:click=click(move |_| perform(app, action))
        >
            {icon(mark)}
        </button>
    }
}
