//! Choosing a file of this computer. Its text goes to the app within bounds, and nowhere else.

use super::state::{Chosen, Intake, Unread};
use crate::{
    catalogue::{t, t_with},
    settings::state::Settings,
};
use keyrack_model::{
    import::{Encoding, text_of_file},
    limits::MAX_IMPORT_FILE,
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, File, HtmlInputElement};

#[component]
pub(super) fn Chooser(intake: Intake) -> impl IntoView {
    let page = Settings::of_page();
    let choose = move |event: Event| {
        if let Some(file) = chosen(&event) {
            spawn_local(async move { intake.choose_file(page, read(&file).await) });
        }
    };
    let name = move || {
        let file = intake.file.read();
        file.as_ref().map(|chosen| match chosen.encoding {
            Encoding::Utf8 | Encoding::Utf16 => chosen.name.clone(),
            // Nothing in the file says so: whoever sees its letters does.
            Encoding::Windows1252 => t_with("import.windows-1252", &[("file", &chosen.name)]),
        })
    };
    view! {
        <label class="field">
            <span>{t("import.file")}</span>
            <input
                class="input"
                type="file"
                accept=".csv,.tsv,.txt,text/csv,text/plain"
                data-testid="import-file"
                on:change=choose
            />
        </label>
        <p class="faint" role="status" data-testid="import-name">
            {name}
            {move || intake.reading.get().then(|| view! { " " {t("import.reading")} })}
        </p>
    }
}

/// The file that somebody chose. The same can be chosen again after they have put it right.
pub(super) fn chosen(event: &Event) -> Option<File> {
    let field = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    let file = field.files()?.get(0);
    field.set_value("");
    file
}

pub(super) async fn read(file: &File) -> Result<Chosen, Unread> {
    if file.size() > MAX_IMPORT_FILE as f64 {
        return Err(Unread::TooLarge);
    }
    let bytes = JsFuture::from(file.array_buffer()).await;
    let bytes = bytes.map_err(|_| Unread::Kept)?;
    let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
    let (text, encoding) = text_of_file(&bytes).map_err(Unread::NotText)?;
    let (name, file) = (file.name(), text.into());
    Ok(Chosen {
        name,
        file,
        encoding,
    })
}
