//! Parts of the program, each a file of its own, so that what is on the screen first does not wait
//! for what may be wanted later.
//!
//! A module that is a part has one way in, marked `#[wasm_split(…)]`: the build puts whatever is
//! reached through it alone into the part's file. The module offers that way as a [`Part`], and
//! whoever shows something of it asks [`Part::shown`].
//!
//! **Architecture Invariant**: a part that is there shows at once, as if it had never been apart;
//! one that is not leaves its place empty, and only when its file is missing does the person read
//! of it.

use crate::{catalogue::t, press::click};
use leptos::{prelude::*, task::spawn_local};
use std::{
    cell::RefCell,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

/// The file of a part is missing, or is not what it was built with. The console says more.
pub use leptos::wasm_split::SplitLoaderError as NotLoaded;

/// What the way into a part gives: a view, as only its code knows how to draw it.
pub type Drawn = Result<AnyView, NotLoaded>;

/// The loading of a part, done at once when it is there.
pub type Loading = Pin<Box<dyn Future<Output = Result<(), NotLoaded>>>>;

/// A part of the program.
#[derive(Clone, Copy)]
pub struct Part {
    load: fn() -> Loading,
}

/// How far the part for a place on the screen has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Coming,
    There,
    Missing,
}

impl Part {
    /// A part by the loading that goes with its way in.
    pub const fn new(load: fn() -> Loading) -> Self {
        Self { load }
    }

    /// What the way into this part draws: at once when the part is there, else as soon as it is.
    /// The sentence that it is missing is put into `around`, in the place of the view.
    pub fn shown<D>(
        self,
        draw: impl Fn() -> D + Send + 'static,
        around: fn(AnyView) -> AnyView,
    ) -> AnyView
    where
        D: Future<Output = Drawn>,
    {
        // Boxed, the waiting is the same for every part, and downloaded once.
        self.place(Box::new(move || at_once(pin!(draw()))?.ok()), around)
    }

    fn place(
        self,
        draw: Box<dyn Fn() -> Option<AnyView> + Send>,
        around: fn(AnyView) -> AnyView,
    ) -> AnyView {
        let mut loading = (self.load)();
        if let Some(Ok(())) = at_once(loading.as_mut()) {
            return draw().unwrap_or_else(|| ().into_any());
        }
        let stage = RwSignal::new(Stage::Coming);
        let wait = move |loading| {
            await_one(loading, move |loaded| {
                let reached = loaded.map_or(Stage::Missing, |()| Stage::There);
                // Whoever went on meanwhile took the place away.
                stage.try_set(reached);
            });
        };
        wait(loading);
        let again = move || {
            stage.set(Stage::Coming);
            wait((self.load)());
        };
        let place = move || match stage.get() {
            Stage::Coming => ().into_any(),
            Stage::There => draw().unwrap_or_else(|| ().into_any()),
            Stage::Missing => around(sentence(again)),
        };
        place.into_any()
    }
}

/// Loads parts one after the other. What is missing is said when it is wanted.
pub fn load_ahead(parts: &'static [Part]) {
    spawn_local(async move {
        for part in parts {
            let _ = (part.load)().await;
        }
    });
}

type Act = Box<dyn FnOnce()>;

/// The parts that somebody waits for, and what is to be done when they are shown.
struct Awaited {
    parts: usize,
    afterwards: Vec<Act>,
}

impl Awaited {
    const fn none() -> Self {
        Self {
            parts: 0,
            afterwards: Vec::new(),
        }
    }

    fn begin(&mut self) {
        self.parts += 1;
    }

    /// One part less; what can be done now.
    fn end(&mut self) -> Vec<Act> {
        self.parts = self.parts.saturating_sub(1);
        if self.parts == 0 {
            std::mem::take(&mut self.afterwards)
        } else {
            Vec::new()
        }
    }

    /// Keeps what has to wait; gives back what has not.
    fn keep(&mut self, act: Act) -> Option<Act> {
        if self.parts == 0 {
            return Some(act);
        }
        self.afterwards.push(act);
        None
    }
}

thread_local! {
    static AWAITED: RefCell<Awaited> = const { RefCell::new(Awaited::none()) };
}

/// Does something now, or when every part that somebody waits for is shown.
pub fn once_none_is_awaited(act: impl FnOnce() + 'static) {
    let at_once = AWAITED.with_borrow_mut(|awaited| awaited.keep(Box::new(act)));
    if let Some(act) = at_once {
        act();
    }
}

fn await_one(loading: Loading, then: impl FnOnce(Result<(), NotLoaded>) + 'static) {
    AWAITED.with_borrow_mut(Awaited::begin);
    spawn_local(async move {
        then(loading.await);
        // The page shows the part when this task is over.
        for act in AWAITED.with_borrow_mut(Awaited::end) {
            set_timeout(act, Duration::ZERO);
        }
    });
}

/// What comes of something that need not wait for anything.
fn at_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

fn sentence(again: impl Fn() + Copy + Send + 'static) -> AnyView {
    view! {
        <div class="notice wrong" role="alert" data-testid="part-missing">
            <p>{t("part.missing")}</p>
            <button type="button" class="button" on:click=click(move |_| again())>
                {t("part.again")}
            </button>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, rc::Rc};

    #[test]
    fn what_follows_a_view_is_done_when_the_last_awaited_part_is_there() {
        let done = Rc::new(Cell::new(0));
        let act = || {
            let done = done.clone();
            Box::new(move || done.set(done.get() + 1)) as Act
        };
        let mut awaited = Awaited::none();
        assert!(awaited.keep(act()).is_some(), "nothing is awaited");
        awaited.begin();
        awaited.begin();
        assert!(awaited.keep(act()).is_none());
        assert!(awaited.keep(act()).is_none());
        assert!(awaited.end().is_empty(), "one part is still to come");
        for act in awaited.end() {
            act();
        }
        assert_eq!(done.get(), 2);
        assert!(awaited.keep(act()).is_some(), "nothing is awaited any more");
    }

    #[test]
    fn only_what_need_not_wait_is_had_at_once() {
        assert_eq!(at_once(pin!(async { 204 })), Some(204));
        assert_eq!(at_once(pin!(std::future::pending::<u32>())), None);
    }
}
