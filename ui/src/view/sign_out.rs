//! Before signing out: what waits, and that it is kept.

use super::{
    icon::{Icon, icon},
    modal::Modal,
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_with},
    press::click,
};
use keyrack_model::ipc::Request;
use leptos::prelude::*;

#[component]
pub fn SignOut() -> impl IntoView {
    let app = App::of_page();
    let waiting = app.sync.read_untracked().waiting;
    let name = untrack(|| app.person(app.me()));
    let unsaved = untrack(|| app.drafts.count());
    let sentence = if waiting == 0 {
        t("sign-out.nothing-waits").to_owned()
    } else {
        t_with("sign-out.kept", &[("what", &t_count("waiting", waiting))])
    };
    view! {
        <Modal label=t("key.sign-out")>
            <div class="form">
                <h2>{t_with("sign-out.title", &[("person", &name)])}</h2>
                <p class="notice" data-testid="sign-out-waiting">
                    {icon(if waiting == 0 { Icon::Check } else { Icon::Sync })}
                    <span>{sentence}</span>
                </p>
                {(unsaved > 0)
                    .then(|| view! {
                        <p class="notice" data-testid="sign-out-unsaved">
                            {icon(Icon::Pencil)}
                            <span>{t_count("sign-out.unsaved", unsaved)}</span>
                        </p>
                    })}
                <p class="faint">{t("sign-out.needs-network")}</p>
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        data-testid="sign-out-stay"
                        on:click=click(move |_| app.close_dialog())
                    >
                        {t("sign-out.stay")}
                    </button>
                    <button
                        type="button"
                        class="button primary"
                        data-testid="sign-out-confirm"
                        autofocus
                        on:click=click(move |_| {
                            app.close_dialog();
                            app.request(Request::SignOut, |_| {});
                        })
                    >
                        {icon(Icon::SignOut)}
                        {t("key.sign-out")}
                    </button>
                </footer>
            </div>
        </Modal>
    }
}
