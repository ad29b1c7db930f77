//! The hotel's rules as a table: what holds for each scope, and where it comes from.

use super::{few::in_order, free_rooms::room_types};
use crate::mirror::cabinet::Cabinet;
use keyrack_model::{
    ids::UserId,
    policy::{Role, cleans},
    rule_sheet::{RuleKey, RuleScope, RuleSheet, TaskRules},
};

/// What a scope says of a rule, and what holds there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleCell {
    /// None where the scope leaves it to a wider one.
    pub own: Option<i64>,
    pub holds: i64,
    pub origin: Origin,
}

/// Whose word holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    Own,
    /// That of the person's role.
    Role,
    Hotel,
    /// Nobody has said anything.
    Standard,
}

/// The scopes that have something to say or could have: the hotel, the types of its rooms, the
/// rates of its stays.
pub fn scopes(cabinet: &Cabinet) -> Vec<RuleScope> {
    let said = || cabinet.sheets().map(|sheet| &sheet.scope);
    let mut types = room_types(cabinet);
    types.extend(said().filter_map(|scope| match scope {
        RuleScope::RoomType(name) => Some(name.clone()),
        RuleScope::Hotel | RuleScope::Rate(_) | RuleScope::Role(_) | RuleScope::Person(_) => None,
    }));
    let of_stays = cabinet.stays().map(|(_, stay)| stay.rate.clone());
    let of_sheets = said().filter_map(|scope| match scope {
        RuleScope::Rate(name) => Some(name.clone()),
        RuleScope::Hotel | RuleScope::RoomType(_) | RuleScope::Role(_) | RuleScope::Person(_) => {
            None
        }
    });
    let rates = of_stays.chain(of_sheets).filter(|rate| !rate.is_empty());
    std::iter::once(RuleScope::Hotel)
        .chain(each_once(types).into_iter().map(RuleScope::RoomType))
        .chain(each_once(rates).into_iter().map(RuleScope::Rate))
        .collect()
}

/// The roles that clean, whoever does most of it first.
pub fn cleaning_roles() -> Vec<Role> {
    let roles = Role::ALL.iter().rev().copied();
    roles.filter(|role| cleans(*role)).collect()
}

/// The rules that may depend on who cleans.
pub fn rules_of_cleaners() -> Vec<RuleKey> {
    let rules = RuleKey::ALL.iter().copied();
    rules.filter(|rule| rule.is_of_cleaner()).collect()
}

/// Of whom something is said by name.
pub fn named(cabinet: &Cabinet) -> Vec<UserId> {
    let says = |sheet: &&RuleSheet| RuleKey::ALL.iter().any(|rule| rule.of(sheet).is_some());
    let sheets = cabinet.sheets().filter(says);
    let people = sheets.filter_map(|sheet| match sheet.scope {
        RuleScope::Person(person) => Some(person),
        RuleScope::Hotel | RuleScope::RoomType(_) | RuleScope::Rate(_) | RuleScope::Role(_) => None,
    });
    people.collect()
}

fn each_once(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names = in_order(names, String::clone);
    names.dedup();
    names
}

/// What a scope says of a rule. What somebody by name leaves open their role decides; what that or a
/// rate leaves open the room decides, and then the hotel, which is what is told here.
pub fn cell(cabinet: &Cabinet, rule: RuleKey, scope: &RuleScope, role: Option<Role>) -> RuleCell {
    let of = |scope: &RuleScope| -> Option<i64> {
        let sheet: &RuleSheet = cabinet.sheets().find(|sheet| sheet.scope == *scope)?;
        rule.of(sheet)
    };
    let own = of(scope);
    let of_role = || of(&RuleScope::Role(role?));
    let said = |number: Option<i64>, origin| number.map(|number| (number, origin));
    let (holds, origin) = said(own, Origin::Own)
        .or_else(|| said(of_role(), Origin::Role))
        .or_else(|| said(of(&RuleScope::Hotel), Origin::Hotel))
        .unwrap_or((rule.held(&TaskRules::default()), Origin::Standard));
    RuleCell { own, holds, origin }
}

/// Whether a rule is on or off, and no number.
pub fn is_switch(rule: RuleKey) -> bool {
    rule.bounds() == (0, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        ids::{RoomId, RuleSheetId, StayId},
        room::Room,
        rows::Row,
        stay::Stay,
        time::Timestamp,
    };
    use uuid::Uuid;

    fn row(
        document: impl Into<keyrack_model::ids::DocumentRef>,
        entity: impl Into<keyrack_model::change::Entity>,
    ) -> Row {
        Row {
            document: document.into(),
            entity: entity.into(),
            conflicts: vec![],
            changed_at: Timestamp(0),
        }
    }

    #[test]
    fn the_narrowest_scope_that_says_something_decides() {
        let suite = RuleScope::RoomType("Suite".into());
        let bar = RuleScope::Rate("BAR".into());
        let sheet = |number, sheet| row(RuleSheetId(Uuid::from_u128(number)), sheet);
        let hotel = RuleSheet {
            linen_every: Some(4),
            ..RuleSheet::default()
        };
        let own = RuleSheet {
            scope: suite.clone(),
            linen_every: Some(1),
            ..RuleSheet::default()
        };
        let room = Room {
            room_type: "Suite".into(),
            ..Room::default()
        };
        let stay = Stay {
            rate: "BAR".into(),
            ..Stay::default()
        };
        let mut cabinet = Cabinet::default();
        cabinet.apply(
            true,
            vec![
                sheet(1, hotel),
                sheet(2, own),
                row(RoomId(Uuid::from_u128(3)), room),
                row(StayId(Uuid::from_u128(4)), stay),
            ],
        );
        assert_eq!(
            scopes(&cabinet),
            [RuleScope::Hotel, suite.clone(), bar.clone()]
        );
        let told = |rule, scope: &RuleScope| {
            let cell = cell(&cabinet, rule, scope, None);
            (cell.own, cell.holds, cell.origin)
        };
        let linen = RuleKey::LinenEvery;
        assert_eq!(told(linen, &suite), (Some(1), 1, Origin::Own));
        assert_eq!(told(linen, &bar), (None, 4, Origin::Hotel));
        assert_eq!(
            told(RuleKey::VacantCheckDays, &bar),
            (None, 7, Origin::Standard)
        );
        assert!(is_switch(RuleKey::Turndown) && !is_switch(linen));
    }
    #[test]
    fn what_somebody_by_name_leaves_open_their_role_says_and_then_the_hotel() {
        let maria = UserId(Uuid::from_u128(2));
        let person = RuleScope::Person(maria);
        let role = Some(Role::Housekeeper);
        let sheet = |number, scope: RuleScope, of| {
            let sheet = RuleSheet {
                scope,
                inspect_every: of,
                ..RuleSheet::default()
            };
            row(RuleSheetId(Uuid::from_u128(number)), sheet)
        };
        let of_role = RuleScope::Role(Role::Housekeeper);
        let hotel = sheet(1, RuleScope::Hotel, Some(5));
        let housekeepers = sheet(2, of_role, Some(3));
        let told = |rows: Vec<Row>| {
            let mut cabinet = Cabinet::default();
            cabinet.apply(true, rows);
            let cell = cell(&cabinet, RuleKey::InspectEvery, &person, role);
            (cell.holds, cell.origin, named(&cabinet))
        };
        assert_eq!(told(vec![]), (0, Origin::Standard, vec![]));
        let rows = vec![hotel.clone(), housekeepers.clone()];
        assert_eq!(told(rows), (3, Origin::Role, vec![]));
        // A sheet that says nothing any more is nobody's.
        let open = sheet(3, person.clone(), None);
        assert_eq!(told(vec![hotel.clone(), open]), (5, Origin::Hotel, vec![]));
        let own = sheet(3, person.clone(), Some(0));
        assert_eq!(
            told(vec![hotel, housekeepers, own]),
            (0, Origin::Own, vec![maria])
        );
    }

    #[test]
    fn whoever_cleans_most_stands_first() {
        use Role::{Admin, Housekeeper, Manager, Supervisor};
        assert_eq!(cleaning_roles(), [Housekeeper, Supervisor, Manager, Admin]);
    }
}
