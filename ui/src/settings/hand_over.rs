//! A password that the server made, to be handed to somebody: it is shown this once.

use super::{copy::copy, parts::COPY, state::Settings};
use crate::{
    catalogue::{t, t_with},
    press::click,
    view::{
        icon::{Icon, drawn, icon},
        modal::Sheet,
    },
};
use leptos::{html, prelude::*};

#[component]
pub fn HandOver(display: String, name: String, password: String) -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let shown = NodeRef::<html::Output>::new();
    let title = t_with("hand-over.title", &[("person", &display)]);
    let copied = password.clone();
    view! {
        // A press beside it would lose what is shown this once.
        <Sheet label=title.clone() typed=true close>
            <div class="form hand-over">
                <h2>{title}</h2>
                <p>{t_with("hand-over.tell", &[("person", &display), ("name", &name)])}</p>
                <output
                    node_ref=shown
                    class="secret"
                    data-testid="one-time-password"
                    aria-label=t("sign-in.password")
                >
                    {password}
                </output>
                <p>{t_with("hand-over.change", &[("person", &display)])}</p>
                <p class="notice">
                    {icon(Icon::Warning)}
                    <span>{t("hand-over.once")}</span>
                </p>
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        data-testid="copy"
                        autofocus
                        on:click=click(move |_| copy(page, copied.clone(), shown))
                    >
                        {drawn(COPY)}
                        {t("copy")}
                    </button>
                    <button
                        type="button"
                        class="button primary"
                        data-testid="handed-over"
                        on:click=click(move |_| page.close_dialog())
                    >
                        {icon(Icon::Check)}
                        {t("hand-over.done")}
                    </button>
                </footer>
            </div>
        </Sheet>
    }
}
