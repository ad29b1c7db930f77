//! The program of every page. It runs in a web view only.

fn main() {
    keyrack_ui::start::page();
}
