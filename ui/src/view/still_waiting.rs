//! What still waits here from whom, before anybody has signed in.

use super::icon::{Icon, icon};
use crate::{
    app::SignedOut,
    catalogue::{t, t_count},
};
use keyrack_model::ipc::WaitingOf;
use leptos::prelude::*;

/// Of those who have no face here: beside a face it says so itself.
pub fn still_waiting(known: &SignedOut) -> Option<impl IntoView + use<>> {
    let has_face = |of: &WaitingOf| known.faces.iter().any(|face| face.user == of.user);
    let others: Vec<_> = known.waiting.iter().filter(|of| !has_face(of)).collect();
    let lines = others.iter().map(|of| line(of)).collect_view();
    let goes_with_anybody = others.iter().any(|of| of.actions > of.unsigned);
    (!others.is_empty()).then(|| {
        view! {
            <div class="notice" data-testid="still-waiting">
                {icon(Icon::Sync)}
                <div>
                    {lines}
                    {goes_with_anybody
                        .then(|| view! { <p class="faint">{t("sign-in.waiting")}</p> })}
                </div>
            </div>
        }
    })
}

fn line(of: &WaitingOf) -> impl IntoView + use<> {
    let unsigned = unsigned(of.unsigned, &of.display);
    view! {
        <p>
            <b>{of.display.clone()}</b>
            " · "
            {t_count("waiting", of.actions)}
        </p>
        {unsigned.map(|said| view! { <p class="faint" data-testid="unsigned">{said}</p> })}
    }
}

/// How much of what waits of somebody is sent only once they are here themselves.
pub fn unsigned(actions: usize, display: &str) -> Option<String> {
    let said = t_count("unsigned", actions).replace("{person}", display);
    (actions > 0).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_something_waits_for_is_said_by_name() {
        assert_eq!(unsigned(0, "Rui Alves"), None);
        let one = unsigned(1, "Rui Alves").unwrap();
        assert!(one.contains("for Rui Alves"), "{one}");
        let several = unsigned(3, "Rui Alves").unwrap();
        assert!(
            several.starts_with("3 ") && several.contains("for Rui Alves"),
            "{several}"
        );
    }
}
