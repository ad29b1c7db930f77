//! Who may ask for what: one table, read by the device to refuse early and by the server to judge.

use crate::{cleanliness::Cleanliness, command::Command, refusal::Refusal, word_enum};

word_enum! {
    /// What a person is at a hotel. Roles are rows of the server, never part of a document.
    Role {
        Admin = "admin",
        Manager = "manager",
        Supervisor = "supervisor",
        FrontDesk = "frontdesk",
        Housekeeper = "housekeeper",
        Engineer = "engineer",
        /// The server itself: imports and rules.
        Server = "server",
    }
}

/// Refuses what the role has no right to ask for.
pub fn allows(role: Role, command: &Command) -> Result<(), Refusal> {
    if rights(command).contains(&role) {
        Ok(())
    } else if rights(command) == [Role::Server] {
        Err(Refusal::ServerOnly)
    } else {
        Err(Refusal::NotAllowed {
            command: command.name().to_owned(),
            role,
        })
    }
}

/// The roles that may ask for a command.
fn rights(command: &Command) -> &'static [Role] {
    use Role::{Admin, Engineer, FrontDesk, Housekeeper, Manager, Server, Supervisor};
    const EVERYBODY: &[Role] = &[Admin, Manager, Supervisor, FrontDesk, Housekeeper, Engineer];
    const ROOMS: &[Role] = &[Admin, Manager, Supervisor, FrontDesk, Housekeeper];
    const INSPECTORS: &[Role] = &[Admin, Manager, Supervisor];
    const CLEANERS: &[Role] = &[Admin, Manager, Supervisor, Housekeeper];
    const DESK: &[Role] = &[Admin, Manager, FrontDesk];
    match command {
        Command::SetCleanliness {
            value: Cleanliness::Inspected,
            ..
        } => INSPECTORS,
        Command::SetCleanliness { .. }
        | Command::SetOccupancySeen { .. }
        | Command::SetServiceStatus { .. } => ROOMS,
        Command::StartTask { .. } | Command::PauseTask { .. } | Command::FinishTask { .. } => {
            CLEANERS
        }
        Command::AssignTask { .. } => INSPECTORS,
        Command::CheckIn { .. } | Command::CheckOut { .. } => DESK,
        Command::CreateWorkOrder { .. }
        | Command::EditWorkOrder { .. }
        | Command::AddComment { .. }
        | Command::Undo { .. } => EVERYBODY,
        Command::OpenHotel { .. } | Command::Import(_) => &[Server],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_housekeeper_goes_up_to_clean_and_an_inspector_up_to_inspected() {
        let set = |value| Command::SetCleanliness {
            rooms: vec![],
            value,
        };
        assert!(allows(Role::Housekeeper, &set(Cleanliness::Clean)).is_ok());
        assert!(allows(Role::Housekeeper, &set(Cleanliness::Inspected)).is_err());
        assert!(allows(Role::Supervisor, &set(Cleanliness::Inspected)).is_ok());
        assert!(allows(Role::Engineer, &set(Cleanliness::Dirty)).is_err());
    }

    #[test]
    fn nobody_at_the_hotel_imports_or_opens_a_hotel() {
        let open = Command::OpenHotel {
            hotel: Default::default(),
            name: "x".into(),
            business_date: Default::default(),
        };
        for role in Role::ALL.iter().filter(|role| **role != Role::Server) {
            assert_eq!(allows(*role, &open), Err(Refusal::ServerOnly));
        }
    }
}
