//! The window: the interface in a web view, and the three commands through which it reaches the
//! engine.

mod explanation;

use crate::{claim::Held, engine::KeepsWatching, line::Line, trouble::Trouble};
use keyrack_model::ipc::{Answer, Event, Problem, Question, Receipt, Request};
use std::{env, path::PathBuf};
use tauri::{
    App, AppHandle, Manager, State, WebviewUrl, WebviewWindowBuilder, ipc::Channel,
    utils::config::WindowConfig, webview::NewWindowResponse,
};

#[tauri::command]
async fn ask(question: Question, line: State<'_, Line>) -> Result<Answer, Problem> {
    line.ask(question).await
}

#[tauri::command]
async fn act(request: Request, line: State<'_, Line>) -> Result<Receipt, Problem> {
    line.act(request).await
}

#[tauri::command]
async fn watch(events: Channel<Event>, line: State<'_, Line>) -> Result<(), Problem> {
    line.watch(move |event| match events.send(event) {
        Ok(()) => KeepsWatching::Yes,
        Err(_) => KeepsWatching::No,
    })
    .await
}

/// Without a display GTK ends the process with a message that helps nobody.
pub(crate) fn check_display() -> Result<(), Trouble> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        Ok(())
    } else {
        Err(Trouble::NoDisplay)
    }
}

/// Shows the interface until its window is closed.
pub(crate) fn open(line: Line, claim: Held, webview: PathBuf) -> Result<(), Trouble> {
    let app = tauri::Builder::default()
        .manage(line)
        .invoke_handler(tauri::generate_handler![ask, act, watch])
        .setup(move |app| {
            let config = window_config(app);
            build(app, &config, webview)?;
            answer_second_starts(app, claim);
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run_return(|_, _| {});
    Ok(())
}

/// Shows why the app cannot start, until the window is closed.
pub(crate) fn explain(trouble: &Trouble, claim: Held, webview: PathBuf) -> Result<(), Trouble> {
    let page = explanation::page(trouble);
    let app = tauri::Builder::default()
        .register_uri_scheme_protocol(explanation::SCHEME, move |_, _| {
            explanation::response(&page)
        })
        .setup(move |app| {
            let url = explanation::address();
            let config = WindowConfig {
                // No capability names this label: the page may call nothing.
                label: "explanation".to_owned(),
                url: WebviewUrl::CustomProtocol(url),
                width: 640.0,
                height: 480.0,
                ..window_config(app)
            };
            build(app, &config, webview)?;
            answer_second_starts(app, claim);
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run_return(|_, _| {});
    Ok(())
}

fn window_config(app: &App) -> WindowConfig {
    let windows = &app.config().app.windows;
    windows.first().cloned().unwrap_or_default()
}

fn build(app: &App, config: &WindowConfig, webview: PathBuf) -> tauri::Result<()> {
    WebviewWindowBuilder::from_config(app, config)?
        .data_directory(webview)
        .on_navigation(|url| matches!(url.scheme(), "tauri" | explanation::SCHEME))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    Ok(())
}

fn answer_second_starts(app: &App, claim: Held) {
    let app = app.handle().clone();
    claim.answer(move || show(&app));
}

fn show(app: &AppHandle) {
    for window in app.webview_windows().values() {
        let shown = window
            .unminimize()
            .and_then(|()| window.show())
            .and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!(%error, "the window cannot be shown");
        }
    }
}
