//! Command lines, bookings files and sign-ins with something wrong about them.

use super::Input;
use crate::{hostile::config::As, hotel};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

pub(super) fn inputs() -> Vec<Input> {
    let mut inputs = Vec::new();
    for (name, arguments) in [
        (
            "serve",
            &["serve", "--database-url", "postgres://localhost/keyrack"][..],
        ),
        (
            "serve-nowhere",
            &["serve", "--listen", "nowhere", "--database-url", ""],
        ),
        (
            "serve-on-a-port-beyond-all",
            &["serve", "--listen", "127.0.0.1:70000"],
        ),
        (
            "a-date-that-is-none",
            &["hotel", "create", "--business-date", "2017-02-30"],
        ),
        ("an-unknown-role", &["user", "add", "--role", "owner"]),
        (
            "a-shared-entry-below-zero",
            &["hotel", "restored", "--shared", "-1"],
        ),
        ("no-command", &[]),
        ("not-text", &["import", "bookings", "\u{feff}\u{202e}"]),
    ] {
        let line = arguments.join("\0");
        inputs.push((name.into(), As::Arguments.input(line.as_bytes())));
    }
    let bookings = std::fs::read_to_string(hotel::bookings()).expect("the demo's bookings");
    let lines: Vec<&str> = bookings.lines().take(6).collect();
    let (header, rows) = (lines[0], lines[1..].join("\n"));
    let zipped = |content: &[u8]| {
        let mut zipped = GzEncoder::new(Vec::new(), Compression::best());
        let written = zipped.write_all(content);
        written.expect("memory takes what is written");
        zipped.finish().expect("it ends")
    };
    let file = |rows: &str| format!("{header}\n{rows}\n").into_bytes();
    let whole = file(&rows);
    let bomb = [whole.clone(), vec![b'a'; 1 << 20]].concat();
    let numbers = rows.replace(['0', '1', '2'], "99999999999999999999");
    for (name, content) in [
        ("bookings", whole.clone()),
        ("bookings-zipped", zipped(&whole)),
        ("bookings-zipped-bomb", zipped(&bomb)),
        (
            "bookings-zipped-and-cut-off",
            zipped(&whole)[..200].to_vec(),
        ),
        ("bookings-without-rows", file("")),
        ("bookings-without-a-column", b"guest,room\nA,101\n".to_vec()),
        (
            "bookings-with-a-quotation-mark-left-open",
            file(&format!("\"{rows}")),
        ),
        ("bookings-with-huge-numbers", file(&numbers)),
        (
            "bookings-with-a-number-below-zero",
            file(&rows.replace(",0,", ",-1,")),
        ),
        (
            "bookings-with-another-month",
            file(&rows.replace("May", "Mai")),
        ),
        (
            "bookings-that-are-a-picture",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff".to_vec(),
        ),
        ("bookings-empty", Vec::new()),
    ] {
        inputs.push((name.into(), As::Bookings.input(&content)));
    }
    let deep = "[".repeat(5_000);
    for (name, body) in [
        ("sign-in-deep", deep.as_str()),
        (
            "sign-in-without-a-device",
            r#"{"protocol":1,"hotel":"resort","name":"maria"}"#,
        ),
        (
            "sign-in-of-a-huge-protocol",
            r#"{"protocol":99999999999999999999}"#,
        ),
    ] {
        inputs.push((name.into(), As::SignIn.input(body.as_bytes())));
    }
    for word in ["2017-05-25", "2017-13-01", "housekeeper", "-1-1-1"] {
        inputs.push((format!("word-{word}"), As::Word.input(word.as_bytes())));
    }
    inputs
}
