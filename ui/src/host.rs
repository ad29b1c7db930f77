//! The only door to the backend: three typed calls.
//!
//! A build for development answers them from a demo hotel where there is no desktop app; what is
//! shipped does not contain that hotel.

use keyrack_model::ipc::{Answer, Event, Problem, Question, Receipt, Request};

#[cfg(any(debug_assertions, feature = "demo"))]
mod demo;
mod from_js;
mod tauri;

/// Who answers the three calls.
pub enum Host {
    /// The desktop app around this window.
    Tauri(tauri::Tauri),
    /// A small hotel inside the page, for a plain browser.
    #[cfg(any(debug_assertions, feature = "demo"))]
    Demo(demo::Demo),
}

impl Host {
    /// The desktop app where there is one. Asked before any call: outside it a call would never
    /// return.
    pub fn detect() -> Option<Self> {
        let app = tauri::Tauri::detect().map(Self::Tauri);
        #[cfg(any(debug_assertions, feature = "demo"))]
        let app = app.or_else(|| Some(Self::Demo(demo::Demo::from_address())));
        app
    }

    /// Asks for local data.
    ///
    /// # Errors
    /// When nobody is signed in or the store cannot be read.
    pub async fn ask(&self, question: Question) -> Result<Answer, Problem> {
        match self {
            Self::Tauri(tauri) => tauri.call("ask", "question", &question).await,
            #[cfg(any(debug_assertions, feature = "demo"))]
            Self::Demo(demo) => demo.ask(&question),
        }
    }

    /// Does something; returns when it is durable on this device.
    ///
    /// # Errors
    /// When it is refused or could not be kept.
    pub async fn act(&self, request: Request) -> Result<Receipt, Problem> {
        match self {
            Self::Tauri(tauri) => tauri.call("act", "request", &request).await,
            #[cfg(any(debug_assertions, feature = "demo"))]
            Self::Demo(demo) => demo.act(request),
        }
    }

    /// Hears of everything from here on.
    pub fn watch(&self, on_event: impl Fn(Event) + 'static) {
        match self {
            Self::Tauri(tauri) => tauri.watch(on_event),
            #[cfg(any(debug_assertions, feature = "demo"))]
            Self::Demo(demo) => demo.watch(on_event),
        }
    }
}
