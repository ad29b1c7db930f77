//! The window: the interface in a web view, and the three commands through which it reaches the
//! engine.

mod explanation;
mod page_process;

use crate::{
    claim::{SecondStarts, Shown},
    engine::KeepsWatching,
    line::Line,
    trouble::Trouble,
};
use gdkx11::X11Window;
use gtk::{gdk, prelude::*};
use keyrack_model::ipc::{Answer, Event, Problem, Question, Receipt, Request};
use std::{env, path::PathBuf, sync::mpsc, time::Duration};
use tauri::{
    App, AppHandle, Manager, State, WebviewUrl, WebviewWindowBuilder, ipc::Channel,
    utils::config::WindowConfig, webview::NewWindowResponse,
};

/// How long the window may take to come before somebody who asks for it.
const PATIENCE: Duration = Duration::from_secs(4);

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
    let is_named = is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    // The one that is named may be gone, or be somebody else's.
    if is_named && gtk::init().is_ok() {
        Ok(())
    } else {
        Err(Trouble::NoDisplay)
    }
}

/// Shows the interface until its window is closed.
pub(crate) fn open(
    line: Line,
    second_starts: SecondStarts,
    webview: PathBuf,
) -> Result<(), Trouble> {
    let app = tauri::Builder::default()
        .manage(line)
        .invoke_handler(tauri::generate_handler![ask, act, watch])
        .setup(move |app| {
            let config = window_config(app);
            build(app, &config, webview)?;
            show_to(second_starts, app);
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run_return(|_, _| {});
    Ok(())
}

/// Shows why the app cannot start, until the window is closed. Nobody asks for that window while
/// this process has no data folder.
pub(crate) fn explain(
    trouble: &Trouble,
    second_starts: Option<SecondStarts>,
) -> Result<(), Trouble> {
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
                // Nothing is kept, and no folder is needed for it: the data folder may be the
                // trouble.
                incognito: true,
                ..window_config(app)
            };
            build(app, &config, env::temp_dir())?;
            if let Some(second_starts) = second_starts {
                show_to(second_starts, app);
            }
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
        .build()?
        .with_webview(|view| page_process::keep_alive(&view.inner()))
}

fn show_to(second_starts: SecondStarts, app: &App) {
    let app = app.handle().clone();
    second_starts.shown_by(move || {
        // Once the window is closed its loop runs no task any more, and this one is not answered.
        let (tell, told) = mpsc::channel();
        let windows = app.clone();
        let asked = app.run_on_main_thread(move || {
            let _ = tell.send(show(&windows));
        });
        match asked {
            Ok(()) => told.recv_timeout(PATIENCE).unwrap_or(Shown::No),
            Err(_) => Shown::No,
        }
    });
}

fn show(app: &AppHandle) -> Shown {
    let mut any = Shown::No;
    for window in app.webview_windows().values() {
        match window.gtk_window() {
            // In one step: Tauri's `set_focus` does nothing while the window is minimised, and when
            // its `unminimize` returns it still is.
            Ok(window) => {
                window.present_with_time(now(&window));
                any = Shown::Yes;
            }
            Err(error) => tracing::warn!(%error, "the window cannot be shown"),
        }
    }
    any
}

/// When the person asked for the window, by the display's clock: just now, with the second start.
/// GTK by itself names the time at which they last used this window, and the keyboard is not taken
/// away from what they have used since.
fn now(window: &gtk::ApplicationWindow) -> u32 {
    let on_x11 = window
        .window()
        .and_then(|it| it.downcast::<X11Window>().ok());
    on_x11.map_or(gdk::ffi::GDK_CURRENT_TIME as u32, |it| {
        gdkx11::functions::x11_get_server_time(&it)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use std::{fs, path::Path};

    const COMMANDS: [&str; 3] = ["ask", "act", "watch"];

    /// The words of a list that stands in a file of the source between two marks, of which there is one.
    fn listed(source: &str, begin: &str, end: &str) -> Vec<String> {
        let [_, after] = source.split(begin).collect::<Vec<_>>()[..] else {
            panic!("not one {begin}");
        };
        let (list, _) = after.split_once(end).expect(end);
        let words = list.split(',').map(|word| word.trim().trim_matches('"'));
        words.map(str::to_owned).collect()
    }

    /// What handles calls, what names those that can be permitted, and what permits them say the same.
    #[test]
    fn the_page_is_permitted_three_commands_and_no_file_names_a_fourth() {
        let handled = listed(
            include_str!("window.rs"),
            concat!("invoke_handler(tauri::", "generate_handler!["),
            "]",
        );
        assert_eq!(handled, COMMANDS);
        let named = listed(include_str!("../build.rs"), ".commands(&[", "]");
        assert_eq!(named, COMMANDS);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("capabilities");
        let files = fs::read_dir(&folder).unwrap();
        let files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(files, ["main.json"]);
        let text = fs::read_to_string(folder.join("main.json")).unwrap();
        let mut capability: Value = serde_json::from_str(&text).unwrap();
        capability.as_object_mut().unwrap().remove("description");
        let permitted = json!({
            "identifier": "main",
            "windows": ["main"],
            "permissions": COMMANDS.map(|command| format!("allow-{command}")),
        });
        assert_eq!(capability, permitted);
        let settings: Value = serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        assert_eq!(settings["app"]["security"]["capabilities"], json!(["main"]));
    }
}
