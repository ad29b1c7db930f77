//! What still waits here from whom, before anybody has signed in.

use super::icon::{Icon, icon};
use crate::{
    app::SignedOut,
    catalogue::{t, t_count},
};
use keyrack_model::ipc::{OtherHotel, WaitingOf};
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

/// What waits for somebody to sign in to another hotel here.
pub fn elsewhere(others: &[OtherHotel]) -> impl IntoView + use<> {
    let line = |of: &OtherHotel| {
        view! {
            <p class="notice" data-testid="waits-elsewhere">
                {icon(Icon::Sync)}
                <span>{said_of(of)}</span>
            </p>
        }
    };
    let waiting = others.iter().filter(|of| of.waiting > 0);
    waiting.map(line).collect_view()
}

fn said_of(of: &OtherHotel) -> String {
    t_count("elsewhere", of.waiting)
        .replace("{code}", &of.code)
        .replace("{hotel}", of.called())
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
    use keyrack_model::ids::HotelId;

    #[test]
    fn a_hotel_is_named_as_people_call_it_and_as_it_is_signed_in_to() {
        let said = |name: &str, actions| {
            said_of(&OtherHotel {
                hotel: HotelId::default(),
                name: name.into(),
                code: "city".into(),
                waiting: actions,
            })
        };
        let one = said("City H2", 1);
        assert!(one.contains("City H2") && one.contains("“city”"), "{one}");
        let several = said("", 12);
        assert!(several.starts_with("12 "), "{several}");
        assert!(!several.contains('{'), "{several}");
    }

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
