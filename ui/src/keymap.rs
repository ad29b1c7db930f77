//! The keyboard as data: one table feeds the listener, the palette, the `?` sheet and tooltips. A
//! page that does other things has a table of its own of the same kind.

use keyrack_model::cleanliness::Cleanliness;

use crate::route::Screen;

/// What a key, a palette entry or a button asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    Go(Screen),
    Settings,
    Palette,
    Shortcuts,
    Filter,
    Move(Direction),
    Select,
    Open,
    Back,
    Undo,
    NewWorkOrder,
    /// A booking, or somebody who walks in.
    NewStay,
    Set(Cleanliness),
    /// Makes the rooms in hand urgent, or no more so.
    Rush,
    /// Goes to the list of those whom tasks are given to.
    Give,
    /// Starts the task in hand, or pauses it when it runs.
    StartOrPause,
    Finish,
    CheckIn,
    CheckOut,
    Theme,
    /// Puts the board's rooms together by section, or by floor again.
    Group,
    /// Makes the board's tiles small, or large again.
    Density,
    Print,
    /// Leaves the computer to the next person.
    Switch,
    SetPin,
    SignOut,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Left,
    Right,
    Up,
    Down,
}

/// Where a binding works; also its heading on the `?` sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    Everywhere,
    Moving,
    Board,
    Room,
    Task,
}

impl Scope {
    pub const ALL: [Self; 5] = [
        Self::Everywhere,
        Self::Moving,
        Self::Board,
        Self::Room,
        Self::Task,
    ];
}

/// One action with the keys that ask for it. A key is what the browser names it; `Ctrl+` before
/// it means Control or Command, and a space between two means one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Binding<A = Action> {
    pub keys: &'static [&'static str],
    pub action: A,
    pub scope: Scope,
    /// Key of its text.
    pub label: &'static str,
    /// Whether the palette offers it.
    pub palette: Offered,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Offered {
    InPalette,
    KeysOnly,
}

/// A line of a table.
pub const fn bind<A: Copy>(
    keys: &'static [&'static str],
    action: A,
    scope: Scope,
    label: &'static str,
    palette: Offered,
) -> Binding<A> {
    Binding {
        keys,
        action,
        scope,
        label,
        palette,
    }
}

use Offered::{InPalette, KeysOnly};
use Scope::{Board, Everywhere, Moving, Room, Task};

#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    bind(&["Ctrl+k"], Action::Palette, Everywhere, "key.palette", KeysOnly),
    bind(&["g b"], Action::Go(Screen::Board), Everywhere, "key.go-board", InPalette),
    bind(&["g m"], Action::Go(Screen::MyList), Everywhere, "key.go-list", InPalette),
    bind(&["g w"], Action::Go(Screen::WorkOrders), Everywhere, "key.go-orders", InPalette),
    bind(&["g d"], Action::Go(Screen::Desk), Everywhere, "key.go-desk", InPalette),
    bind(&["g c"], Action::Go(Screen::Conflicts), Everywhere, "key.go-conflicts", InPalette),
    bind(&["g r"], Action::Go(Screen::Rules), Everywhere, "key.go-rules", InPalette),
    bind(&["g s"], Action::Settings, Everywhere, "key.go-settings", InPalette),
    bind(&["n"], Action::NewWorkOrder, Everywhere, "key.new-order", InPalette),
    bind(&["Shift+N"], Action::NewStay, Everywhere, "key.new-stay", InPalette),
    bind(&["u", "Ctrl+z"], Action::Undo, Everywhere, "key.undo", InPalette),
    bind(&["t"], Action::Theme, Everywhere, "key.theme", InPalette),
    bind(&["Ctrl+p"], Action::Print, Everywhere, "key.print", InPalette),
    bind(&["?"], Action::Shortcuts, Everywhere, "key.shortcuts", InPalette),
    bind(&["Shift+L"], Action::Switch, Everywhere, "key.switch", InPalette),
    bind(&[], Action::SetPin, Everywhere, "key.pin", InPalette),
    bind(&[], Action::SignOut, Everywhere, "key.sign-out", InPalette),
    bind(&["/"], Action::Filter, Moving, "key.filter", InPalette),
    bind(&["ArrowUp", "k"], Action::Move(Direction::Up), Moving, "key.up", KeysOnly),
    bind(&["ArrowDown", "j"], Action::Move(Direction::Down), Moving, "key.down", KeysOnly),
    bind(&["ArrowLeft", "h"], Action::Move(Direction::Left), Moving, "key.left", KeysOnly),
    bind(&["ArrowRight", "l"], Action::Move(Direction::Right), Moving, "key.right", KeysOnly),
    bind(&["x"], Action::Select, Moving, "key.select", KeysOnly),
    bind(&["Enter"], Action::Open, Moving, "key.open", KeysOnly),
    bind(&["Escape"], Action::Back, Moving, "key.back", KeysOnly),
    bind(&["v"], Action::Group, Board, "key.group", InPalette),
    bind(&["z"], Action::Density, Board, "key.density", InPalette),
    bind(&["d", "1"], Action::Set(Cleanliness::Dirty), Room, "key.dirty", InPalette),
    bind(&["p", "2"], Action::Set(Cleanliness::Pickup), Room, "key.pickup", InPalette),
    bind(&["c", "3"], Action::Set(Cleanliness::Clean), Room, "key.clean", InPalette),
    bind(&["i", "4"], Action::Set(Cleanliness::Inspected), Room, "key.inspected", InPalette),
    bind(&["r"], Action::Rush, Room, "key.rush", InPalette),
    bind(&["a"], Action::Give, Room, "key.give", InPalette),
    bind(&["Shift+I"], Action::CheckIn, Room, "key.check-in", InPalette),
    bind(&["Shift+O"], Action::CheckOut, Room, "key.check-out", InPalette),
    bind(&["s"], Action::StartOrPause, Task, "key.start", InPalette),
    bind(&["f"], Action::Finish, Task, "key.finish", InPalette),
];

/// What pressing a key comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pressed<A = Action> {
    Asks(A),
    /// The first of two keys.
    Begins,
    Nothing,
}

/// Looks a key up, given the key that began a sequence just before.
pub fn press<A: Copy>(table: &[Binding<A>], begun: Option<&str>, key: &str) -> Pressed<A> {
    let sequence = match begun {
        Some(first) => format!("{first} {key}"),
        None => key.to_owned(),
    };
    let keys = || {
        table
            .iter()
            .flat_map(|binding| binding.keys.iter().map(|keys| (*keys, binding.action)))
    };
    if let Some((_, action)) = keys().find(|(keys, _)| *keys == sequence) {
        return Pressed::Asks(action);
    }
    let begins = keys().any(|(keys, _)| {
        keys.strip_prefix(sequence.as_str())
            .is_some_and(|rest| rest.starts_with(' '))
    });
    match begun {
        _ if begins => Pressed::Begins,
        // A sequence that leads nowhere is forgotten; its last key counts alone.
        Some(_) => press(table, None, key),
        None => Pressed::Nothing,
    }
}

/// The keys of an action as a person reads them, for tooltips: `Ctrl K`.
pub fn keys_of(action: Action) -> Option<String> {
    BINDINGS
        .iter()
        .find(|binding| binding.action == action)?
        .keys
        .first()
        .map(|keys| shown(keys))
}

/// `Ctrl+k` as `Ctrl K`, `ArrowUp` as `↑`.
pub fn shown(keys: &str) -> String {
    keys.split([' ', '+'])
        .map(|key| match key {
            "ArrowUp" => "↑".to_owned(),
            "ArrowDown" => "↓".to_owned(),
            "ArrowLeft" => "←".to_owned(),
            "ArrowRight" => "→".to_owned(),
            "Escape" => "Esc".to_owned(),
            key if keys.contains("Ctrl") => capital(key),
            key => key.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn capital(key: &str) -> String {
    if key.chars().count() == 1 {
        key.to_ascii_uppercase()
    } else {
        key.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_letter_after_g_goes_to_a_screen() {
        assert_eq!(press(BINDINGS, None, "g"), Pressed::Begins);
        assert_eq!(
            press(BINDINGS, Some("g"), "w"),
            Pressed::Asks(Action::Go(Screen::WorkOrders))
        );
    }

    #[test]
    fn a_sequence_that_leads_nowhere_leaves_its_last_key() {
        assert_eq!(
            press(BINDINGS, Some("g"), "p"),
            Pressed::Asks(Action::Set(Cleanliness::Pickup))
        );
        assert_eq!(press(BINDINGS, Some("g"), "g"), Pressed::Begins);
        assert_eq!(press(BINDINGS, None, "é"), Pressed::Nothing);
    }

    #[test]
    fn no_key_asks_for_two_things() {
        let mut seen = BTreeSet::new();
        for keys in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert!(seen.insert(keys), "{keys} is bound twice");
            let first = keys.split(' ').next().unwrap();
            assert!(
                first == *keys || press(BINDINGS, None, first) == Pressed::Begins,
                "{keys} is hidden by {first}"
            );
        }
    }

    #[test]
    fn keys_read_as_they_are_printed_on_the_keyboard() {
        assert_eq!(keys_of(Action::Palette).as_deref(), Some("Ctrl K"));
        assert_eq!(shown("ArrowUp"), "↑");
        assert_eq!(shown("g b"), "g b");
        assert_eq!(shown("Shift+I"), "Shift I");
    }
}
