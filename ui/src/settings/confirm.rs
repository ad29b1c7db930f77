//! Before something that touches somebody's access: what it means. It stays until the server has
//! answered, and asks it once.

use super::{
    ask::{Asker, Busy},
    parts::trouble,
    state::{Confirm as Question, Dialog, Settings},
};
use crate::{
    catalogue::t,
    press::click,
    view::{
        icon::{Icon, icon},
        modal::Sheet,
    },
    words::problem::problem,
};
use leptos::prelude::*;

#[component]
pub fn Confirm(question: Question) -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let busy = Busy::not();
    let said = RwSignal::new(None::<String>);
    let title = question.title.clone();
    let means = question.means.clone();
    let yes = question.yes;
    let means = means.into_iter().map(|it| view! { <li>{it}</li> });
    let go = move |_| busy.once(|| carry_out(page, &question, busy, said));
    view! {
        <Sheet label=title.clone() close>
            <div class="form">
                <h2>{title}</h2>
                <ul class="means">{means.collect_view()}</ul>
                {trouble(said)}
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
                        aria-busy=move || busy.is().then_some("true")
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

fn carry_out(page: Settings, question: &Question, busy: Busy, said: RwSignal<Option<String>>) {
    said.set(None);
    let (about, done) = (question.about.clone(), question.done.clone());
    page.ask(question.asked.clone(), move |came| {
        // The question may have been closed meanwhile: what came of it is then said on the page.
        let asker = busy.end();
        match (came, asker) {
            (Ok(administered), asker) => {
                page.tell(administered, about, done);
                // A password has taken its place by now.
                let is_here = matches!(*page.dialog.read_untracked(), Some(Dialog::Confirm(_)));
                if asker == Asker::Shown && is_here {
                    page.close_dialog();
                }
            }
            (Err(failed), Asker::Shown) => said.set(Some(problem(&failed))),
            (Err(failed), Asker::Gone) => page.fail(&failed),
        }
    });
}
