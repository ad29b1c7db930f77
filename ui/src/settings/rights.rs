//! What somebody may do to somebody else, and why not: said before the server has to refuse it.

use crate::{
    catalogue::{t, t_with, t_word},
    view::choice::{Offer, Options},
};
use keyrack_model::{
    policy::{Role, may_manage},
    rows::Person,
};

/// Why `me` does not look after the access of `other`; None when they do.
pub fn why_not(me: &Person, other: &Person) -> Option<String> {
    if me.id == other.id {
        Some(t("people.not-oneself").to_owned())
    } else if may_manage(me.role, other.role) {
        None
    } else {
        let role = t_word("role", other.role.word());
        Some(t_with("people.not-managed", &[("role", role)]))
    }
}

/// The roles of a hotel, of which some are not `role`'s to give.
pub fn roles(role: Role) -> Options {
    let at_hotel = Role::ALL.iter().filter(|other| **other != Role::Server);
    at_hotel
        .map(|other| Offer {
            refused: (!may_manage(role, *other)).then(|| t("people.role-not-yours")),
            ..Offer::of(other.word(), t_word("role-name", other.word()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::ids::UserId;
    use uuid::Uuid;

    fn person(id: u128, role: Role) -> Person {
        Person {
            id: UserId(Uuid::from_u128(id)),
            name: String::new(),
            display: String::new(),
            role,
            left: false,
        }
    }

    #[test]
    fn a_manager_looks_after_everybody_but_administrators_and_themselves() {
        let manager = person(1, Role::Manager);
        assert_eq!(why_not(&manager, &person(2, Role::Manager)), None);
        assert_eq!(why_not(&manager, &person(3, Role::Housekeeper)), None);
        let of_admin = why_not(&manager, &person(4, Role::Admin)).unwrap();
        assert!(of_admin.contains("an administrator"), "{of_admin}");
        let of_oneself = why_not(&manager, &manager).unwrap();
        assert!(of_oneself.contains("somebody else"), "{of_oneself}");
        assert!(why_not(&person(5, Role::Supervisor), &manager).is_some());
    }

    #[test]
    fn a_role_that_is_not_ones_to_give_is_listed_with_the_reason() {
        let refused = |role| -> Vec<String> {
            let offers = roles(role).into_iter();
            offers
                .filter(|offer| offer.refused.is_some())
                .map(|offer| offer.word)
                .collect()
        };
        assert_eq!(refused(Role::Admin), Vec::<String>::new());
        assert_eq!(refused(Role::Manager), ["admin"]);
        let offered = roles(Role::Admin);
        assert!(offered.iter().all(|offer| offer.word != "server"));
    }
}
