//! The keyboard of this page as data, as `crate::keymap` is that of the main page.

use super::section::Section;
use crate::keymap::{
    Binding, Direction,
    Offered::{InPalette, KeysOnly},
    Scope::{Everywhere, Moving},
    bind,
};

/// What a key or an entry of the palette asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    Go(Section),
    TakeOn,
    AddDevice,
    Palette,
    Shortcuts,
    Theme,
    Move(Direction),
    Back,
}

#[rustfmt::skip]
pub const BINDINGS: &[Binding<Action>] = &[
    bind(&["Ctrl+k"], Action::Palette, Everywhere, "key.palette", KeysOnly),
    bind(&["g p"], Action::Go(Section::People), Everywhere, "settings.people", InPalette),
    bind(&["g d"], Action::Go(Section::Devices), Everywhere, "settings.devices", InPalette),
    bind(&["g a"], Action::Go(Section::Access), Everywhere, "settings.access", InPalette),
    bind(&["g t"], Action::Go(Section::Reviews), Everywhere, "settings.reviews", InPalette),
    bind(&["g l"], Action::Go(Section::Audit), Everywhere, "settings.audit", InPalette),
    bind(&["g h"], Action::Go(Section::Hotel), Everywhere, "settings.hotel", InPalette),
    bind(&["g r"], Action::Go(Section::Rooms), Everywhere, "settings.rooms", InPalette),
    bind(&["g i"], Action::Go(Section::Import), Everywhere, "settings.import", InPalette),
    bind(&["n"], Action::TakeOn, Everywhere, "people.take-on", InPalette),
    bind(&[], Action::AddDevice, Everywhere, "devices.add", InPalette),
    bind(&["t"], Action::Theme, Everywhere, "key.theme", InPalette),
    bind(&["?"], Action::Shortcuts, Everywhere, "key.shortcuts", InPalette),
    bind(&["ArrowUp", "k"], Action::Move(Direction::Up), Moving, "key.up", KeysOnly),
    bind(&["ArrowDown", "j"], Action::Move(Direction::Down), Moving, "key.down", KeysOnly),
    bind(&["Escape"], Action::Back, Moving, "key.back", KeysOnly),
];

impl Action {
    /// The section whose purpose it is; None for what everybody may do anywhere.
    pub fn section(self) -> Option<Section> {
        match self {
            Self::Go(section) => Some(section),
            Self::TakeOn => Some(Section::People),
            Self::AddDevice => Some(Section::Devices),
            Self::Palette | Self::Shortcuts | Self::Theme | Self::Move(_) | Self::Back => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keymap::{Pressed, press};
    use std::collections::BTreeSet;

    #[test]
    fn every_section_has_a_key_and_no_key_asks_for_two_things() {
        let mut seen = BTreeSet::new();
        for keys in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert!(seen.insert(keys), "{keys} is bound twice");
        }
        for section in Section::ALL {
            let goes = |it: &&Binding<Action>| it.action == Action::Go(section);
            let binding = BINDINGS.iter().find(goes).unwrap();
            let (first, second) = binding.keys[0].split_once(' ').unwrap();
            assert_eq!(press(BINDINGS, None, first), Pressed::Begins);
            let asked = press(BINDINGS, Some(first), second);
            assert_eq!(asked, Pressed::Asks(Action::Go(section)));
        }
    }
}
