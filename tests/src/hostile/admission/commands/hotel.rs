//! What is asked of the hotel: its rules, what several wrote at once, and what only its server says.

use super::Asking;
use keyrack_model::{
    command::{Approval, Command, ImportedRow},
    ids::{DocumentRef, OperationId},
    policy::Role,
    room::{Room, ServiceStatus},
    rule_sheet::{RuleKey, RuleScope},
};
use keyrack_server::pretend::{HOTEL, INES, MARIA, NOW, ORDER, ROOM, today};
use std::collections::BTreeSet;

/// What a rule may say; some of it is for no rule.
const RULED: [Option<i64>; 7] = [
    Some(1),
    None,
    Some(0),
    Some(2),
    Some(30),
    Some(-1),
    Some(5_000),
];

impl Asking<'_, '_> {
    pub(super) fn set_rule(&mut self) -> Command {
        let scopes = [
            RuleScope::Hotel,
            RuleScope::RoomType("Suite".into()),
            RuleScope::Rate("Club".into()),
            RuleScope::Role(Role::Housekeeper),
            RuleScope::Role(Role::Engineer),
            RuleScope::Person(MARIA),
            RuleScope::Rate(String::new()),
        ];
        Command::SetRule {
            scope: self.one_of(&scopes),
            rule: self.one_of(RuleKey::ALL),
            number: self.one_of(&RULED),
        }
    }

    /// A field that stands contested on the device, and one of those who wrote into it. Where none is,
    /// what there is nothing to decide about.
    pub(super) fn settle(&mut self) -> Command {
        let written = self.stored.iter().flat_map(|action| &action.changes);
        let written: BTreeSet<DocumentRef> = written.map(|change| change.document).collect();
        let mut standing: Vec<(DocumentRef, &str, OperationId)> = Vec::new();
        for reference in written {
            let document = self.device.document(reference);
            for field in document.reading().contested {
                let writers = document.writers(field.key);
                standing.extend(writers.into_iter().map(|it| (reference, field.key, it)));
            }
        }
        if standing.is_empty() {
            standing.push((ORDER.into(), "title", OperationId::default()));
        }
        let (document, key, chosen) = self.one_of(&standing);
        Command::Settle {
            document,
            key: key.to_owned(),
            chosen,
        }
    }
}

pub(super) fn open() -> Command {
    Command::OpenHotel {
        hotel: HOTEL,
        name: "Mine".into(),
        business_date: today(),
    }
}

pub(super) fn import() -> Command {
    Command::Import(ImportedRow::Room {
        room: ROOM,
        fields: Room {
            number: "1".into(),
            ..Room::default()
        },
    })
}

pub(super) fn approved() -> Command {
    Command::Approved(Approval {
        command: Box::new(Command::SetServiceStatus {
            room: ROOM,
            value: ServiceStatus::DoNotDisturb,
        }),
        author: MARIA,
        role: Role::Housekeeper,
        at: NOW,
        approver: INES,
    })
}
