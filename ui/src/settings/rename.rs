//! Another name for a device.

use super::{
    ask::Asker,
    asking_form::{Asked, AskingForm},
    parts::{FieldKind, field},
    state::Settings,
};
use crate::catalogue::{t, t_with};
use keyrack_model::{
    administration::{Administration, SeenDevice},
    limits::MAX_NAME,
    refusal::Refusal,
};
use leptos::prelude::*;

#[component]
pub fn Rename(device: SeenDevice) -> impl IntoView {
    let page = Settings::of_page();
    let asked = Asked::nothing(page);
    let name = RwSignal::new(device.name);
    let save = move |()| {
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            return asked.refuse(&Refusal::Empty {
                field: "name".to_owned(),
            });
        }
        let done = t_with("devices.renamed", &[("device", &name)]);
        let wish = Administration::RenameDevice {
            device: device.id,
            name,
        };
        asked.once(|| {
            page.ask(wish, move |came| {
                if let Some((administered, asker)) = asked.end(came) {
                    page.tell(administered, None, done);
                    if asker == Asker::Shown {
                        page.close_dialog();
                    }
                }
            });
        });
    };
    view! {
        <AskingForm
            title=t("devices.rename").to_owned()
            asked
            save=Callback::new(save)
            label=t("devices.rename")
            testid="rename-save"
        >
            {field("device-name", t("devices.name"), FieldKind::Name, MAX_NAME, name)}
        </AskingForm>
    }
}
