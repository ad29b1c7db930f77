//! Who goes on at this computer: the people whose sessions wait here, and their PINs.

use super::{
    icon::{Icon, icon},
    pin_pad::{pin_field, pin_keys},
    pin_wait::{PinWait, countdown},
    still_waiting::unsigned,
};
use crate::{
    app::App,
    catalogue::{t, t_count, t_word},
    focus::{focus, once_shown},
    press::click,
    words::{initials, problem::problem},
};
use keyrack_model::{
    ids::UserId,
    ipc::{Face, Problem, Request},
    limits::LATE_ACTION_MILLIS,
    time::Timestamp,
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

/// How somebody goes on here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// Everybody who has a PIN here is shown.
    Faces,
    Pin(UserId),
    /// With a password, and the name that goes with it.
    Password(String),
}

#[component]
pub fn Faces(
    faces: Memo<Vec<Face>>,
    way: RwSignal<Way>,
    /// What is wrong with the last try, whatever is shown after it.
    trouble: RwSignal<Option<String>>,
) -> impl IntoView {
    move || match way.get() {
        Way::Pin(user) => {
            let find = move |faces: &Vec<Face>| faces.iter().find(|it| it.user == user).cloned();
            let face = faces.with_untracked(find);
            let waits_until = Memo::new(move |_| faces.with(find)?.waits_until);
            let wait = PinWait::until(waits_until);
            face.map(|face| view! { <EnterPin face wait way trouble/> })
                .into_any()
        }
        Way::Faces | Way::Password(_) => {
            once_shown(|| focus(".face-tile"));
            view! {
                <h2>{t("switch.title")}</h2>
                <div class="face-tiles">
                    {move || faces.with(|all| all.iter().map(|face| tile(face, way)).collect_view())}
                </div>
                <button
                    type="button"
                    class="button big"
                    data-testid="somebody-else"
                    on:click=click(move |_| {
                        trouble.set(None);
                        way.set(Way::Password(String::new()));
                    })
                >
                    {icon(Icon::User)}
                    {t("switch.other")}
                </button>
            }
            .into_any()
        }
    }
}

fn tile(face: &Face, way: RwSignal<Way>) -> impl IntoView + use<> {
    let user = face.user;
    let waiting = (face.waiting > 0).then(|| t_count("waiting", face.waiting));
    let unsigned = unsigned(face.unsigned, &face.display);
    view! {
        <button
            type="button"
            class="face-tile"
            data-testid="face"
            data-person=face.display.clone()
            on:click=click(move |_| way.set(Way::Pin(user)))
        >
            <span class="face" aria-hidden="true">{initials(&face.display)}</span>
            <span>
                <b>{face.display.clone()}</b>
                <small class="faint">{t_word("role-name", face.role.word())}</small>
                {waiting.map(|waiting| view! { <small class="waits">{icon(Icon::Sync)} {waiting}</small> })}
                {unsigned.map(|said| view! { <small class="faint">{said}</small> })}
            </span>
        </button>
    }
}

#[component]
fn EnterPin(
    face: Face,
    wait: PinWait,
    way: RwSignal<Way>,
    trouble: RwSignal<Option<String>>,
) -> impl IntoView {
    let app = App::of_page();
    let pin = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let waits = wait.goes_on();
    let person = face.user;
    let name = StoredValue::new(face.name.clone());
    let leave = move |next: Way| {
        trouble.set(None);
        way.set(next);
    };
    once_shown(|| focus("[data-testid=pin]"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let nothing_typed = pin.with_untracked(String::is_empty);
        if busy.get_untracked() || waits.get_untracked() || nothing_typed {
            return;
        }
        busy.set(true);
        trouble.set(None);
        let pin_typed = pin.get_untracked();
        pin.set(String::new());
        let name = name.get_value();
        spawn_local(async move {
            let request = Request::Unlock {
                person,
                pin: pin_typed,
            };
            let answer = app.sign_in(request).await;
            // Who is here by now is another page.
            busy.try_set(false);
            if let Err(refused) = answer {
                // How long it is, the pad says by itself.
                let said = match &refused {
                    Problem::PinWaits { .. } => None,
                    other => Some(problem(other)),
                };
                trouble.try_set(said);
                if refused == Problem::NoPin {
                    way.try_set(Way::Password(name));
                }
                once_shown(|| focus("[data-testid=pin]"));
            }
        });
    };
    let stale = stale_hours(face.confirmed_at, app.now.get_untracked());
    view! {
        <form
            class="enter-pin"
            aria-label=face.display.clone()
            on:submit=submit
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    leave(Way::Faces);
                }
            }
        >
            <div class="face-tile">
                <span class="face" aria-hidden="true">{initials(&face.display)}</span>
                <b data-testid="pin-of">{face.display.clone()}</b>
            </div>
            {stale
                .map(|hours| view! {
                    <p class="faint small">{t_count("switch.stale", hours)}</p>
                })}
            {countdown(wait)}
            {pin_field("pin", t("switch.pin"), pin, waits)}
            {pin_keys(pin, busy, waits)}
            <p class="faint small">{t("switch.forgotten")}</p>
            <div class="pair">
                <button
                    type="button"
                    class="button"
                    data-testid="everybody"
                    on:click=click(move |_| leave(Way::Faces))
                >
                    {t("switch.back")}
                </button>
                <button
                    type="button"
                    class="button"
                    data-testid="use-password"
                    on:click=click(move |_| leave(Way::Password(name.get_value())))
                >
                    {t("switch.password")}
                </button>
            </div>
        </form>
    }
}

/// Whole hours since the server last knew of somebody, once they are more than what is done in them
/// may be late.
fn stale_hours(confirmed_at: Option<Timestamp>, now: Timestamp) -> Option<usize> {
    let silent = now.millis_since(confirmed_at?);
    (silent > LATE_ACTION_MILLIS).then(|| usize::try_from(silent / 3_600_000).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_when_a_shift_is_over_since_the_server_was_heard() {
        let hours = |hours: i64| Some(Timestamp(hours * 3_600_000));
        let now = Timestamp(100 * 3_600_000);
        assert_eq!(stale_hours(None, now), None);
        assert_eq!(stale_hours(hours(100), now), None);
        assert_eq!(stale_hours(hours(88), now), None);
        assert_eq!(stale_hours(hours(87), now), Some(13));
        assert_eq!(stale_hours(hours(200), now), None);
    }
}
