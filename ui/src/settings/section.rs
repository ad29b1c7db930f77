//! The parts of the page, as far as somebody's role has anything to do there.

use crate::{catalogue::t, pages::OWN_ACCESS};
use keyrack_model::{
    administration::Administration,
    command::{Command, RoomCommand},
    import::ImportKind,
    policy::{Role, allows, may_ask, may_import},
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    People,
    Devices,
    Access,
    /// What waits for a decision.
    Reviews,
    Audit,
    /// What the hotel is called; everybody reads it.
    Hotel,
    Rooms,
    Import,
}

impl Section {
    pub const ALL: [Self; 8] = [
        Self::People,
        Self::Devices,
        Self::Access,
        Self::Reviews,
        Self::Audit,
        Self::Hotel,
        Self::Rooms,
        Self::Import,
    ];

    /// Those that hold something for a role, in their order.
    pub fn of(role: Role) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|section| section.is_for(role))
            .collect()
    }

    /// Whether a role may do what the section is there for.
    fn is_for(self, role: Role) -> bool {
        let purpose = match self {
            Self::People => Administration::TakeOn {
                name: String::new(),
                display: String::new(),
                role: Role::Housekeeper,
            },
            Self::Devices => Administration::MakeDeviceCode,
            Self::Access => Administration::Look,
            Self::Reviews => Administration::Reviews,
            Self::Audit => Administration::ReadAudit { before: None },
            Self::Hotel => return true,
            Self::Rooms => {
                let add = Command::Rooms(RoomCommand::Add {
                    room: Default::default(),
                    draft: Box::default(),
                });
                return allows(role, &add).is_ok();
            }
            Self::Import => {
                let mut kinds = ImportKind::ALL.iter();
                return kinds.any(|kind| may_import(role, *kind));
            }
        };
        may_ask(role, &purpose)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::People => t("settings.people"),
            Self::Devices => t("settings.devices"),
            Self::Access => t("settings.access"),
            Self::Reviews => t("settings.reviews"),
            Self::Audit => t("settings.audit"),
            Self::Hotel => t("settings.hotel"),
            Self::Rooms => t("settings.rooms"),
            Self::Import => t("settings.import"),
        }
    }

    pub fn testid(self) -> &'static str {
        match self {
            Self::People => "section-people",
            Self::Devices => "section-devices",
            Self::Access => "section-access",
            Self::Reviews => "section-reviews",
            Self::Audit => "section-audit",
            Self::Hotel => "section-hotel",
            Self::Rooms => "section-rooms",
            Self::Import => "section-import",
        }
    }

    /// Its place in the address, after `#`.
    pub fn hash(self) -> &'static str {
        match self {
            Self::People => "#/people",
            Self::Devices => "#/devices",
            Self::Access => OWN_ACCESS,
            Self::Reviews => "#/to-decide",
            Self::Audit => "#/audit",
            Self::Hotel => "#/hotel",
            Self::Rooms => "#/rooms",
            Self::Import => "#/import",
        }
    }

    /// The section of an address, when the role has it, or else the first that it has.
    pub fn at(hash: &str, role: Role) -> Self {
        let all = Self::of(role);
        let named = all.iter().find(|section| section.hash() == hash);
        *named.or(all.first()).unwrap_or(&Self::Access)
    }
}

#[cfg(test)]
mod tests {
    use super::{Section::*, *};

    #[test]
    fn a_role_finds_only_what_holds_something_for_it() {
        assert_eq!(Section::of(Role::Admin), Section::ALL);
        assert_eq!(Section::of(Role::Manager), Section::ALL);
        for role in [
            Role::Supervisor,
            Role::FrontDesk,
            Role::Housekeeper,
            Role::Engineer,
        ] {
            assert_eq!(Section::of(role), [Access, Hotel], "{role}");
        }
    }

    #[test]
    fn an_address_that_is_not_for_a_role_leads_to_what_is() {
        assert_eq!(Section::at("#/audit", Role::Manager), Audit);
        assert_eq!(Section::at("#/nowhere", Role::Manager), People);
        assert_eq!(Section::at("#/audit", Role::Housekeeper), Access);
    }
}
