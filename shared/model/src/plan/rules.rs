//! The hotel's rules: what holds of a room and a stay, and who changed it.

use super::{Planned, Planner, Unplanned, View, check_length};
use crate::{
    change::{Change, Entity},
    identity,
    ids::HotelId,
    limits::MAX_NAME,
    refusal::Refusal,
    room::Room,
    rule_sheet::{RuleKey, RuleScope, RuleSheet, TaskRules},
    stay::Stay,
};

impl<V: View> Planner<'_, V> {
    pub(super) fn set_rule(
        &self,
        scope: &RuleScope,
        rule: RuleKey,
        number: Option<i64>,
    ) -> Planned<V> {
        check(scope, rule, number)?;
        let id = identity::rule_sheet(self.context.hotel, scope);
        let change = rule.change(number);
        let Some(sheet) = sheet(self.view, self.context.hotel, scope).map_err(Unplanned::Unread)?
        else {
            let mut sheet = RuleSheet {
                scope: scope.clone(),
                ..RuleSheet::default()
            };
            sheet.apply(change);
            return Ok(if number.is_some() {
                sheet.creation(id)
            } else {
                Vec::new()
            });
        };
        if rule.of(&sheet) == number && !self.is_contested(id.into(), change.key())? {
            return Ok(Vec::new());
        }
        Ok(vec![Change::RuleSheet(id, change)])
    }

    pub(super) fn rules(
        &self,
        room: &Room,
        stay: Option<&Stay>,
    ) -> Result<TaskRules, Unplanned<V::Error>> {
        rules(self.view, self.context.hotel, room, stay).map_err(Unplanned::Unread)
    }
}

/// The rules that hold of a room, and of a stay in it: what the rate leaves open the type of the
/// room says, then the hotel, then Keyrack.
///
/// # Errors
/// What the replica could not read.
pub fn rules<V: View>(
    view: &V,
    hotel: HotelId,
    room: &Room,
    stay: Option<&Stay>,
) -> Result<TaskRules, V::Error> {
    let of_type = RuleScope::RoomType(room.room_type.clone());
    let of_rate = stay.map(|stay| RuleScope::Rate(stay.rate.clone()));
    let mut rules = TaskRules::default();
    for scope in [Some(RuleScope::Hotel), Some(of_type), of_rate] {
        if let Some(scope) = scope.filter(|scope| scope.name() != Some(""))
            && let Some(sheet) = sheet(view, hotel, &scope)?
        {
            rules = rules.under(&sheet);
        }
    }
    Ok(rules)
}

fn sheet<V: View>(
    view: &V,
    hotel: HotelId,
    scope: &RuleScope,
) -> Result<Option<RuleSheet>, V::Error> {
    let id = identity::rule_sheet(hotel, scope);
    Ok(match view.entity(id.into())? {
        Some(Entity::RuleSheet(sheet)) => Some(sheet),
        _ => None,
    })
}

/// Refuses a number that the rule cannot have, and a scope that names nothing.
pub(crate) fn check(scope: &RuleScope, rule: RuleKey, number: Option<i64>) -> Result<(), Refusal> {
    if scope.name() == Some("") {
        return Err(Refusal::Empty {
            field: "scope".to_owned(),
        });
    }
    check_length("scope", &scope.to_string(), MAX_NAME)?;
    let (least, most) = rule.bounds();
    match number {
        Some(number) if !(least..=most).contains(&number) => {
            Err(Refusal::OutOfBounds { least, most })
        }
        Some(_) | None => Ok(()),
    }
}
