//! A warning, in sight until it is read: who gets into this computer's account gets at the data.

use super::{
    controls::Shown,
    icon::{Icon, icon},
};
use crate::{
    app::{App, KeyNotice as Notice},
    catalogue::t,
    press::click,
};
use leptos::prelude::*;

#[component]
pub fn KeyNotice() -> impl IntoView {
    let app = App::of_page();
    view! {
        <Shown when=move || app.key_notice.get() == Notice::Due>
            <div class="notice key-notice" role="status" data-testid="key-in-file">
                {icon(Icon::Warning)}
                <p>
                    <b>{t("key-notice.title")}</b>
                    " "
                    {t("key-notice.meaning")}
                </p>
                <button
                    type="button"
                    class="button"
                    data-testid="key-in-file-read"
                    on:click=click(move |_| app.know_of_key())
                >
                    {t("key-notice.read")}
                </button>
            </div>
        </Shown>
    }
}
