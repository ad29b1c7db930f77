//! Another name for a device.

use super::{
    ask::{Asker, Busy},
    parts::{FieldKind, field, trouble},
    state::Settings,
};
use crate::{
    catalogue::{t, t_with},
    press::click,
    view::modal::Sheet,
    words::problem::{problem, refusal},
};
use keyrack_model::{
    administration::{Administration, SeenDevice},
    limits::MAX_NAME,
    refusal::Refusal,
};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn Rename(device: SeenDevice) -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let name = RwSignal::new(device.name);
    let said = RwSignal::new(None::<String>);
    let busy = Busy::not();
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            let empty = Refusal::Empty {
                field: "name".to_owned(),
            };
            return said.set(Some(refusal(&empty)));
        }
        let done = t_with("devices.renamed", &[("device", &name)]);
        let asked = Administration::RenameDevice {
            device: device.id,
            name,
        };
        busy.once(|| {
            said.set(None);
            page.ask(asked, move |came| match (came, busy.end()) {
                (Ok(administered), asker) => {
                    page.tell(administered, None, done);
                    if asker == Asker::Shown {
                        page.close_dialog();
                    }
                }
                (Err(failed), Asker::Shown) => said.set(Some(problem(&failed))),
                (Err(failed), Asker::Gone) => page.fail(&failed),
            });
        });
    };
    view! {
        <Sheet label=t("devices.rename").to_owned() close>
            <form class="form" on:submit=save>
                <h2>{t("devices.rename")}</h2>
                {field("device-name", t("devices.name"), FieldKind::Name, MAX_NAME, name)}
                {trouble(said)}
                <footer class="form-foot">
                    <button
                        type="button"
                        class="button"
                        on:click=click(move |_| page.close_dialog())
                    >
                        {t("cancel")}
                    </button>
                    <button
                        type="submit"
                        class="button primary"
                        data-testid="rename-save"
                        aria-busy=move || busy.is().then_some("true")
                    >
                        {t("devices.rename")}
                    </button>
                </footer>
            </form>
        </Sheet>
    }
}
