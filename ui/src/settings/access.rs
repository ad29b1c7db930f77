//! One's own access: the password, and where one is signed in.

use super::{
    ask::Came,
    parts::{FieldKind, field, trouble},
    sessions::Sessions,
    state::Settings,
};
use crate::{
    catalogue::t,
    view::controls::{Shown, as_word},
    words::problem::problem,
};
use keyrack_model::{administration::Administration, ipc::Problem, limits::MAX_PASSWORD};
use leptos::{ev::SubmitEvent, prelude::*};

#[component]
pub fn Access() -> impl IntoView {
    let page = Settings::of_page();
    let me = Memo::new(move |_| page.me().map(|me| me.id).unwrap_or_default());
    view! {
        <section class="part" aria-labelledby="part-title">
            <header class="part-head">
                <div>
                    <h1 id="part-title">{t("settings.access")}</h1>
                    <p class="faint">{t("access.lesson")}</p>
                </div>
            </header>
            <Password/>
            <div class="card">{move || view! { <Sessions person=me.get()/> }}</div>
        </section>
    }
}

#[component]
fn Password() -> impl IntoView {
    let page = Settings::of_page();
    let present = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let said = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let forget = move || {
        for typed in [present, new, again] {
            typed.try_set(String::new());
        }
    };
    let heard = move |came: Came| {
        // The person may be in another section by now: what came of it is then said elsewhere.
        busy.try_set(false);
        match came {
            Ok(administered) => {
                forget();
                page.tell(administered, None, t("access.changed").to_owned());
            }
            Err(failed) => {
                // It is changed all the same: the present one is not to be sent again.
                if failed == Problem::SignInNotKept {
                    forget();
                }
                if said.try_set(Some(problem(&failed))).is_some() {
                    page.fail(&failed);
                }
            }
        }
    };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let typed = [present, new, again].map(|typed| typed.get_untracked());
        let [old, chosen, repeated] = typed;
        if let Some(wrong) = mistake(&old, &chosen, &repeated) {
            return said.set(Some(wrong.to_owned()));
        }
        said.set(None);
        busy.set(true);
        let asked = Administration::ChangePassword {
            present: old,
            new: chosen,
        };
        page.ask(asked, heard);
    };
    let is_given = Memo::new(move |_| {
        let here = page.here.read();
        here.as_ref().is_some_and(|here| here.password_given)
    });
    view! {
        <form class="card form" on:submit=send aria-label=t("access.password")>
            <h3>{t("access.password")}</h3>
            <Shown when=move || is_given.get()>
                <p role="status" data-testid="password-given">{t("access.given")}</p>
            </Shown>
            {field(
                "present-password",
                t("access.present"),
                FieldKind::PresentPassword,
                MAX_PASSWORD,
                present,
            )}
            <div class="pair">
                {field("new-password", t("access.new"), FieldKind::NewPassword, MAX_PASSWORD, new)}
                {field(
                    "new-password-again",
                    t("access.again"),
                    FieldKind::NewPassword,
                    MAX_PASSWORD,
                    again,
                )}
            </div>
            <p class="faint">{t("access.password-means")}</p>
            {trouble(said)}
            <footer class="form-foot">
                <button
                    type="submit"
                    class="button primary"
                    data-testid="change-password"
                    aria-busy=as_word(busy)
                >
                    {t("access.change")}
                </button>
            </footer>
        </form>
    }
}

/// What can be seen to be wrong with it before the server is asked.
fn mistake(present: &str, new: &str, again: &str) -> Option<&'static str> {
    if present.is_empty() || new.is_empty() {
        Some(t("access.empty"))
    } else if new != again {
        Some(t("access.differ"))
    } else if new == present {
        Some(t("access.same"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_said_before_the_server_is_asked() {
        for (present, new, again, said) in [
            ("", "lantern-9", "lantern-9", Some("access.empty")),
            ("old", "", "", Some("access.empty")),
            ("old", "lantern-9", "lantern-8", Some("access.differ")),
            ("old", "old", "old", Some("access.same")),
            ("old", "lantern-9", "lantern-9", None),
        ] {
            assert_eq!(mistake(present, new, again), said.map(t), "{new} {again}");
        }
    }
}
