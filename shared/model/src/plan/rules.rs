//! The hotel's rules: what holds of a room and a stay, and who changed it.

use super::{Planned, Planner, Unplanned, View, check_length};
use crate::{
    change::{Change, Entity},
    identity,
    ids::{HotelId, UserId},
    limits::MAX_NAME,
    policy::Role,
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

    /// The rules that hold of a clean which the author has done.
    pub(super) fn rules_of_clean(
        &self,
        room: &Room,
        stay: Option<&Stay>,
    ) -> Result<TaskRules, Unplanned<V::Error>> {
        let cleaner = (self.context.role, self.context.author);
        rules_of_clean(self.view, self.context.hotel, (room, stay), cleaner)
            .map_err(Unplanned::Unread)
    }
}

/// The rules that hold of a room, and of a stay in it, whoever cleans it: what the rate leaves open the
/// type of the room says, then the hotel, then Keyrack.
///
/// # Errors
/// What the replica could not read.
pub fn rules<V: View>(
    view: &V,
    hotel: HotelId,
    room: &Room,
    stay: Option<&Stay>,
) -> Result<TaskRules, V::Error> {
    let rate = stay.map(|stay| &*stay.rate);
    under_all(view, hotel, RuleScope::of_room(&room.room_type, rate))
}

/// The rules that hold of a clean when it is done: before those of the room and the stay, those of
/// whoever did it go, in their role.
///
/// # Errors
/// What the replica could not read.
pub fn rules_of_clean<V: View>(
    view: &V,
    hotel: HotelId,
    (room, stay): (&Room, Option<&Stay>),
    (role, person): (Role, UserId),
) -> Result<TaskRules, V::Error> {
    let rate = stay.map(|stay| &*stay.rate);
    let of_room = RuleScope::of_room(&room.room_type, rate);
    let of_cleaner = RuleScope::of_cleaner(role, person);
    under_all(view, hotel, of_room.into_iter().chain(of_cleaner))
}

/// What holds under the sheets of some scopes, the widest first.
fn under_all<V: View>(
    view: &V,
    hotel: HotelId,
    scopes: impl IntoIterator<Item = RuleScope>,
) -> Result<TaskRules, V::Error> {
    let mut rules = TaskRules::default();
    for scope in scopes {
        if let Some(sheet) = sheet(view, hotel, &scope)? {
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

/// Refuses a number that the rule cannot have, a scope that names nothing, and one that does not say
/// anything of the rule.
pub(crate) fn check(scope: &RuleScope, rule: RuleKey, number: Option<i64>) -> Result<(), Refusal> {
    if scope.name() == Some("") {
        return Err(Refusal::Empty {
            field: "scope".to_owned(),
        });
    }
    check_length("scope", &scope.to_string(), MAX_NAME)?;
    if !scope.says(rule) {
        return Err(Refusal::NotOfCleaner);
    }
    let (least, most) = rule.bounds();
    match number {
        Some(number) if !(least..=most).contains(&number) => {
            Err(Refusal::OutOfBounds { least, most })
        }
        Some(_) | None => Ok(()),
    }
}
