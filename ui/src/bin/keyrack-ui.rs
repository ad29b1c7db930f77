//! The program of the page on which everybody works. It runs in a web view only.

fn main() {
    keyrack_ui::start::main_page();
}
