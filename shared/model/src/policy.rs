//! Who may ask for what: one table, read by the device to refuse early and by the server to judge.

use crate::{
    administration::Administration,
    class::{GuestNames, Reading},
    cleanliness::Cleanliness,
    command::{Command, DeskCommand, RoomCommand, WorkCommand, WorkOrderEdit},
    ids::UserId,
    import::ImportKind,
    refusal::Refusal,
    word_enum,
    work_order::{Comment, WorkOrderStatus},
};

mod work_orders;

pub use work_orders::{allows_deciding, allows_edit};

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

use Role::{Admin, Engineer, FrontDesk, Housekeeper, Manager, Server, Supervisor};

const EVERYBODY: &[Role] = &[Admin, Manager, Supervisor, FrontDesk, Housekeeper, Engineer];
const ROOMS: &[Role] = &[Admin, Manager, Supervisor, FrontDesk, Housekeeper];
const INSPECTORS: &[Role] = &[Admin, Manager, Supervisor];
const CLEANERS: &[Role] = &[Admin, Manager, Supervisor, Housekeeper];
const MANAGERS: &[Role] = &[Admin, Manager];
/// Whoever says what housekeeping does next.
const PLANNERS: &[Role] = &[Admin, Manager, Supervisor, FrontDesk];
/// Whoever takes a room out of use.
const BLOCKERS: &[Role] = &[Admin, Manager, Supervisor, FrontDesk, Engineer];
const DESK: &[Role] = &[Admin, Manager, FrontDesk];

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

/// Refuses what the role has no right to ask of the server about people, devices and access. Whom
/// it is about is for [`may_manage`].
pub fn may_ask(role: Role, asked: &Administration) -> bool {
    match asked {
        Administration::Look
        | Administration::Confirm { .. }
        | Administration::ChangePassword { .. }
        // One's own; others' are for those who manage their person.
        | Administration::EndSession { .. } => role != Server,
        Administration::TakeOn { .. }
        | Administration::SetRole { .. }
        | Administration::ResetPassword { .. }
        | Administration::Dismiss { .. }
        | Administration::MakeDeviceCode
        | Administration::RenameDevice { .. }
        | Administration::RevokeDevice { .. }
        | Administration::SetGuestNames { .. }
        | Administration::ReadAudit { .. }
        | Administration::VerifyAudit
        | Administration::VerifyAuditFrom { .. } => MANAGERS.contains(&role),
        Administration::Reviews
        | Administration::Approve { .. }
        | Administration::Decline { .. } => may_review(role),
        Administration::MakeImportKey { .. } | Administration::RevokeImportKey { .. } => {
            may_import_by_key(role)
        }
    }
}

/// Whether whoever asks has shown their password a moment ago: for what gives somebody a way in, or
/// takes it. Ending a session takes none, so that whoever finds one of theirs elsewhere ends it at once.
pub fn takes_password(asked: &Administration) -> bool {
    match asked {
        // Whoever is taken on comes in, in whatever role: their password is made for them.
        Administration::TakeOn { .. }
        | Administration::ResetPassword { .. }
        | Administration::Dismiss { .. }
        | Administration::MakeDeviceCode
        | Administration::RevokeDevice { .. }
        | Administration::MakeImportKey { .. } => true,
        Administration::SetRole { role, .. } => opens_more(*role),
        // Whoever keeps them off must be quick.
        Administration::SetGuestNames { guests, .. } => *guests == GuestNames::Shown,
        // Passwords themselves, and what changes nothing of anybody's access.
        Administration::Look
        | Administration::Confirm { .. }
        | Administration::ChangePassword { .. }
        | Administration::RenameDevice { .. }
        | Administration::EndSession { .. }
        | Administration::RevokeImportKey { .. }
        | Administration::ReadAudit { .. }
        | Administration::VerifyAudit
        | Administration::VerifyAuditFrom { .. }
        | Administration::Reviews
        | Administration::Approve { .. }
        | Administration::Decline { .. } => false,
    }
}

/// Whether a role lets somebody in further than everybody who works at the hotel: to other people's
/// access, or to what a housekeeper does not read.
fn opens_more(role: Role) -> bool {
    may_manage(role, Housekeeper) || !Reading::of(Housekeeper).covers(Reading::of(role))
}

/// Whether somebody in a role gives programs keys to bring files in with: whoever holds one is nobody
/// who can be let go.
pub fn may_import_by_key(role: Role) -> bool {
    role == Admin
}

/// Whether somebody in a role brings files of this kind in. Of people each row is for
/// [`may_manage`] too.
pub fn may_import(role: Role, kind: ImportKind) -> bool {
    match kind {
        ImportKind::Rooms | ImportKind::People | ImportKind::Bookings => MANAGERS.contains(&role),
    }
}

/// Whether somebody in a role looks after people in another one, or gives it to them: nobody makes
/// more of somebody than they are themselves.
pub fn may_manage(role: Role, other: Role) -> bool {
    match role {
        Admin => other != Server,
        Manager => !matches!(other, Admin | Server),
        Supervisor | FrontDesk | Housekeeper | Engineer | Server => false,
    }
}

/// The roles that decide on what others did in a role that they no longer have.
pub fn may_review(role: Role) -> bool {
    matches!(role, Admin | Manager)
}

/// The roles that room is left for in a document which others have filled: guests must come and go
/// all the same, and somebody must be able to close it.
pub fn puts_in_order(role: Role) -> bool {
    matches!(role, Admin | Manager | Supervisor | FrontDesk | Server)
}

/// The roles that may ask for a command.
fn rights(command: &Command) -> &'static [Role] {
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
        // A file of bookings names guests, too.
        Command::EditGuest { .. } => &[Admin, Manager, FrontDesk, Server],
        Command::EraseGuest { .. } => MANAGERS,
        Command::Desk(asked) => of_desk(asked),
        Command::Rooms(asked) => of_rooms(asked),
        Command::Work(asked) => of_work(asked),
        Command::SetRule { .. } | Command::NameHotel { .. } => MANAGERS,
        // Of what the chosen action did, which the rights look up: whoever may do that may choose it.
        Command::Settle { .. } => EVERYBODY,
        Command::EditWorkOrder {
            edit:
                WorkOrderEdit {
                    status: Some(WorkOrderStatus::Verified),
                    ..
                },
            ..
        } => INSPECTORS,
        // Whose the work order is, and how far it is, counts for what is written: see `allows_edit`.
        Command::CreateWorkOrder { .. }
        | Command::EditWorkOrder { .. }
        | Command::AddComment { .. }
        | Command::Undo { .. } => EVERYBODY,
        Command::OpenHotel { .. } | Command::Import(_) | Command::Approved(_) => &[Server],
        Command::Redacted => &[],
    }
}

fn of_desk(asked: &DeskCommand) -> &'static [Role] {
    match asked {
        DeskCommand::Book { .. }
        | DeskCommand::EditStay { .. }
        | DeskCommand::CancelStay { .. }
        | DeskCommand::MarkNoShow { .. }
        | DeskCommand::AssignRoom { .. }
        | DeskCommand::MoveRoom { .. }
        | DeskCommand::SetQueued { .. }
        | DeskCommand::CloseDay { .. } => DESK,
        DeskCommand::PlanRoom { .. } => PLANNERS,
    }
}

fn of_rooms(asked: &RoomCommand) -> &'static [Role] {
    match asked {
        RoomCommand::Add { .. } | RoomCommand::Edit { .. } => MANAGERS,
        // A file of rooms says which are connected, too.
        RoomCommand::Link { .. } => &[Admin, Manager, Server],
        RoomCommand::SetRush { .. } => PLANNERS,
        RoomCommand::Note { .. } => EVERYBODY,
        RoomCommand::Block { .. }
        | RoomCommand::EditBlock { .. }
        | RoomCommand::EndBlock { .. } => BLOCKERS,
    }
}

fn of_work(asked: &WorkCommand) -> &'static [Role] {
    match asked {
        WorkCommand::Add { .. } | WorkCommand::Cancel { .. } | WorkCommand::Pin { .. } => PLANNERS,
        WorkCommand::KeptOut { .. } | WorkCommand::Enter { .. } => CLEANERS,
        WorkCommand::Note { .. } => ROOMS,
        WorkCommand::Inspect { .. } => INSPECTORS,
    }
}

/// Whether somebody in a role does the tasks of a room.
pub fn cleans(role: Role) -> bool {
    CLEANERS.contains(&role)
}

/// Whether somebody may take a comment back, or what they took back of it.
pub fn may_withdraw(role: Role, user: UserId, comment: &Comment) -> bool {
    comment.author == Some(user) || matches!(role, Admin | Manager)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{class::Class, command::Approval};

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
    fn a_way_in_is_given_and_taken_with_the_password_alone() {
        let person = UserId::default();
        let device = crate::ids::DeviceId::default();
        let set = |role| Administration::SetRole { person, role };
        for role in EVERYBODY {
            let take_on = Administration::TakeOn {
                name: String::new(),
                display: String::new(),
                role: *role,
            };
            assert!(takes_password(&take_on), "{role}");
            let reads_more = Class::ALL.iter().any(|class| {
                let readers = class.readers();
                readers.contains(role) && !readers.contains(&Housekeeper)
            });
            let opens_more = reads_more || MANAGERS.contains(role);
            assert_eq!(takes_password(&set(*role)), opens_more, "{role}");
        }
        for asked in [
            Administration::ResetPassword { person },
            Administration::Dismiss { person },
            Administration::MakeDeviceCode,
            Administration::RevokeDevice { device },
            Administration::MakeImportKey {
                name: String::new(),
            },
            set(Manager),
            set(Admin),
            set(FrontDesk),
            Administration::SetGuestNames {
                device,
                guests: GuestNames::Shown,
            },
        ] {
            assert!(takes_password(&asked), "{asked:?}");
        }
        for asked in [
            Administration::Look,
            Administration::EndSession {
                session: Default::default(),
            },
            set(Supervisor),
            set(Housekeeper),
            set(Engineer),
            Administration::SetGuestNames {
                device,
                guests: GuestNames::KeptOff,
            },
        ] {
            assert!(!takes_password(&asked), "{asked:?}");
        }
    }

    #[test]
    fn nobody_makes_more_of_somebody_than_they_are() {
        for (role, others) in [
            (Admin, EVERYBODY),
            (
                Manager,
                &[Manager, Supervisor, FrontDesk, Housekeeper, Engineer],
            ),
            (Supervisor, &[]),
            (FrontDesk, &[]),
            (Housekeeper, &[]),
            (Engineer, &[]),
            (Server, &[]),
        ] as [(Role, &[Role]); 7]
        {
            let managed = Role::ALL.iter().filter(|other| may_manage(role, **other));
            assert!(managed.eq(others.iter()), "{role}");
        }
    }

    #[test]
    fn everybody_sees_to_their_own_access_and_managers_to_that_of_others() {
        let of_others = Administration::MakeDeviceCode;
        for role in EVERYBODY {
            assert!(may_ask(*role, &Administration::Look));
            assert_eq!(may_ask(*role, &of_others), MANAGERS.contains(role));
        }
        assert!(!may_ask(Server, &Administration::Look));
        let operation = Default::default();
        for of_review in [
            Administration::Reviews,
            Administration::Approve { operation },
            Administration::Decline { operation },
        ] {
            let asks = |role: &&Role| may_ask(**role, &of_review);
            let who: Vec<Role> = Role::ALL.iter().filter(asks).copied().collect();
            assert_eq!(who, [Admin, Manager]);
        }
    }

    #[test]
    fn nobody_at_the_hotel_imports_or_opens_a_hotel() {
        let open = Command::OpenHotel {
            hotel: Default::default(),
            name: "x".into(),
            business_date: Default::default(),
        };
        let approved = Command::Approved(Approval {
            command: Box::new(open.clone()),
            author: Default::default(),
            role: Role::Manager,
            at: Default::default(),
            approver: Default::default(),
        });
        for role in Role::ALL.iter().filter(|role| **role != Role::Server) {
            assert_eq!(allows(*role, &open), Err(Refusal::ServerOnly));
            assert_eq!(allows(*role, &approved), Err(Refusal::ServerOnly));
        }
    }
}
