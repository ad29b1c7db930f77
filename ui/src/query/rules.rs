//! The hotel's rules as a table: what holds for each scope, and where it comes from.

use super::{few::in_order, free_rooms::room_types};
use crate::mirror::cabinet::Cabinet;
use keyrack_model::rule_sheet::{RuleKey, RuleScope, RuleSheet, TaskRules};

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
        RuleScope::Hotel | RuleScope::Rate(_) => None,
    }));
    let of_stays = cabinet.stays().map(|(_, stay)| stay.rate.clone());
    let of_sheets = said().filter_map(|scope| match scope {
        RuleScope::Rate(name) => Some(name.clone()),
        RuleScope::Hotel | RuleScope::RoomType(_) => None,
    });
    let rates = of_stays.chain(of_sheets).filter(|rate| !rate.is_empty());
    std::iter::once(RuleScope::Hotel)
        .chain(each_once(types).into_iter().map(RuleScope::RoomType))
        .chain(each_once(rates).into_iter().map(RuleScope::Rate))
        .collect()
}

fn each_once(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names = in_order(names, String::clone);
    names.dedup();
    names
}

/// What a scope says of a rule. What a rate leaves open its guest's room decides, and then the
/// hotel, which is what is told here.
pub fn cell(cabinet: &Cabinet, rule: RuleKey, scope: &RuleScope) -> RuleCell {
    let of = |scope: &RuleScope| -> Option<i64> {
        let sheet: &RuleSheet = cabinet.sheets().find(|sheet| sheet.scope == *scope)?;
        rule.of(sheet)
    };
    let own = of(scope);
    let hotel = of(&RuleScope::Hotel);
    let (holds, origin) = match (own, hotel) {
        (Some(own), _) => (own, Origin::Own),
        (None, Some(hotel)) => (hotel, Origin::Hotel),
        (None, None) => (rule.held(&TaskRules::default()), Origin::Standard),
    };
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
            let cell = cell(&cabinet, rule, scope);
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
}
