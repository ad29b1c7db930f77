//! The page that says why the app cannot start: text alone, with no script and no commands.

use crate::trouble::Trouble;
use tauri::{
    Url,
    http::{Response, header},
};

pub(super) const SCHEME: &str = "keyrack-trouble";

const STYLE: &str = "\
    :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }\
    main { max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem; overflow-wrap: anywhere; }\
    h1 { font-size: 1.375rem; }";

pub(super) fn address() -> Url {
    Url::parse(&format!("{SCHEME}://localhost/"))
        .unwrap_or_else(|error| unreachable!("a constant address parses: {error}"))
}

pub(super) fn page(trouble: &Trouble) -> String {
    let sentence = escaped(&trouble.to_string());
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Keyrack</title>\
         <style>{STYLE}</style><main role=\"alert\"><h1>Keyrack could not start</h1>\
         <p>{sentence}</p></main></html>"
    )
}

pub(super) fn response(page: &str) -> Response<Vec<u8>> {
    let mut response = Response::new(page.as_bytes().to_vec());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
    );
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_an_odd_name_is_shown_as_it_is() {
        let page = page(&Trouble::DoesNotAnswer {
            path: "/data/<b>&".into(),
        });
        assert!(page.contains("/data/&lt;b&gt;&amp;"), "{page}");
    }
}
