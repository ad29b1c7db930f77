//! Whose password somebody else chose is asked for one of their own, until they have one.

use super::{
    controls::Shown,
    icon::{Icon, icon},
};
use crate::{app::App, catalogue::t, pages::go_to_own_password, press::click};
use leptos::prelude::*;

#[component]
pub fn PasswordNotice() -> impl IntoView {
    let app = App::of_page();
    let is_due = Memo::new(move |_| app.here().is_some_and(|here| here.password_given));
    view! {
        <Shown when=move || is_due.get()>
            <div class="notice key-notice" role="status" data-testid="password-given">
                {icon(Icon::Key)}
                <p>
                    <b>{t("password-notice.title")}</b>
                    " "
                    {t("password-notice.meaning")}
                </p>
                <button
                    type="button"
                    class="button"
                    data-testid="choose-password"
                    on:click=click(move |_| go_to_own_password(app))
                >
                    {t("password-notice.choose")}
                </button>
            </div>
        </Shown>
    }
}
