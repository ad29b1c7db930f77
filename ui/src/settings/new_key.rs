//! A key that the server made for a program: it is shown this once.

use super::{copy::copy, parts::COPY, state::Settings};
use crate::{
    catalogue::t,
    press::click,
    view::{
        icon::{Icon, drawn, icon},
        modal::Sheet,
    },
};
use leptos::{html, prelude::*};

#[component]
pub fn NewKey(key: String) -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let shown = NodeRef::<html::Output>::new();
    let copied = key.clone();
    view! {
        // A press beside it would lose what is shown this once.
        <Sheet label=t("import-key.made").to_owned() typed=true close>
            <div class="form hand-over">
                <h2>{t("import-key.made")}</h2>
                <p>{t("import-key.tell")}</p>
                <output
                    node_ref=shown
                    class="secret"
                    data-testid="new-import-key"
                    aria-label=t("import-key.title")
                >
                    {key}
                </output>
                <p class="notice">
                    {icon(Icon::Warning)}
                    <span>{t("import-key.once")}</span>
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
