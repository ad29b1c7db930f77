//! A code with which one device is added: large, as a square for a camera, and how long it holds.

use super::{
    ask::Busy,
    copy::copy,
    parts::COPY,
    qr::{Square, square},
    state::Settings,
};
use crate::{
    catalogue::{t, t_with},
    clock::timer,
    device_line::device_line,
    press::click,
    view::{
        controls::Shown,
        icon::{Icon, drawn, icon},
        modal::Sheet,
    },
};
use keyrack_model::{administration::Administration, time::Timestamp};
use leptos::{html, prelude::*};

#[component]
pub fn DeviceCode(code: String, expires_at: Timestamp) -> impl IntoView {
    let page = Settings::of_page();
    let close = Callback::new(move |()| page.close_dialog());
    let shown = NodeRef::<html::Output>::new();
    let left = Memo::new(move |_| left(expires_at, page.now.get()));
    let server = untrack(|| page.here.get()).map(|here| here.server.clone());
    let tell = t_with(
        "code.tell",
        &[("server", server.as_deref().unwrap_or_default())],
    );
    // What is copied is for pasting, and the sign-in takes the whole line apart.
    let line = server.map(|server| device_line(&code, &server));
    let picture = line.as_deref().and_then(square);
    let copied = line.unwrap_or_else(|| code.clone());
    let holds = move || match left.get() {
        Left::Time(time) => t_with("code.left", &[("time", &time)]),
        Left::Nothing => t("code.over").to_owned(),
    };
    let busy = Busy::not();
    let another = move |_| {
        busy.once(|| {
            // The other code takes this one's place; what went wrong is said on the page.
            let otherwise = move || page.close_dialog();
            let asked = Administration::MakeDeviceCode;
            page.change(busy, asked, String::new(), None, otherwise);
        });
    };
    view! {
        <Sheet label=t("code.title").to_owned() typed=true close>
            <div class="form code" class:over=move || left.get() == Left::Nothing>
                <h2>{t("code.title")}</h2>
                <p>{tell}</p>
                <output
                    node_ref=shown
                    class="secret"
                    data-testid="device-code"
                    aria-label=t("code.title")
                >
                    {code}
                </output>
                {picture.map(drawing)}
                <p class="faint" data-testid="code-left">{holds}</p>
                <footer class="form-foot">
                    <Shown
                        when=move || left.get() == Left::Nothing
                        fallback=move || {
                            let copied = copied.clone();
                            view! {
                                <button
                                    type="button"
                                    class="button"
                                    data-testid="copy"
                                    on:click=click(move |_| copy(page, copied.clone(), shown))
                                >
                                    {drawn(COPY)}
                                    {t("code.copy")}
                                </button>
                            }
                        }
                    >
                        <button
                            type="button"
                            class="button"
                            data-testid="another-code"
                            aria-busy=move || busy.is().then_some("true")
                            on:click=click(another)
                        >
                            {icon(Icon::Sync)}
                            {t("code.another")}
                        </button>
                    </Shown>
                    <button
                        type="button"
                        class="button primary"
                        data-testid="code-done"
                        autofocus
                        on:click=click(move |_| page.close_dialog())
                    >
                        {icon(Icon::Check)}
                        {t("code.done")}
                    </button>
                </footer>
            </div>
        </Sheet>
    }
}

fn drawing(square: Square) -> impl IntoView {
    let box_of = format!("0 0 {0} {0}", square.width);
    view! {
        <svg class="square" viewBox=box_of role="img" aria-label=t("code.square")>
            <path d=square.path></path>
        </svg>
    }
}

/// How long a code holds.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Left {
    /// Minutes and seconds, as a clock counts them down.
    Time(String),
    Nothing,
}

fn left(expires_at: Timestamp, now: Timestamp) -> Left {
    let millis = expires_at.millis_since(now);
    if millis > 0 {
        Left::Time(timer(millis))
    } else {
        Left::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_down_and_is_over_at_its_last_moment() {
        let at = |seconds: i64| Timestamp(1_495_713_900_000 + seconds * 1_000);
        let left = |now| left(at(600), at(now));
        assert_eq!(left(0), Left::Time("10:00".into()));
        assert_eq!(left(1), Left::Time("9:59".into()));
        assert_eq!(left(599), Left::Time("0:01".into()));
        assert_eq!(left(600), Left::Nothing);
        assert_eq!(left(9_999), Left::Nothing);
    }
}
