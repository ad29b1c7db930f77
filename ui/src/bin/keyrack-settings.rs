//! The program of the page of people, devices and access. It runs in a web view only.

fn main() {
    keyrack_ui::start::settings_page();
}
