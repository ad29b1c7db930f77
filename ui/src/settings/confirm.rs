//! Before something that touches somebody's access: what it means.

use super::state::{Confirm as Question, Settings};
use crate::{
    catalogue::t,
    press::click,
    view::{
        icon::{Icon, icon},
        modal::Sheet,
    },
};
use leptos::prelude::*;

#[component]
pub fn Confirm(question: Question) -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let Question {
        title,
        means,
        yes,
        asked,
        about,
        done,
    } = question;
    let means = means.into_iter().map(|it| view! { <li>{it}</li> });
    let go = move |_| {
        page.close_dialog();
        page.change(asked.clone(), done.clone(), about.clone(), || {});
    };
    view! {
        <Sheet label=title.clone() close>
            <div class="form">
                <h2>{title}</h2>
                <ul class="means">{means.collect_view()}</ul>
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        data-testid="confirm-no"
                        autofocus
                        on:click=click(move |_| page.close_dialog())
                    >
                        {t("cancel")}
                    </button>
                    <button
                        type="button"
                        class="button primary"
                        data-testid="confirm-yes"
                        on:click=click(go)
                    >
                        {icon(Icon::Check)}
                        {yes}
                    </button>
                </footer>
            </div>
        </Sheet>
    }
}
