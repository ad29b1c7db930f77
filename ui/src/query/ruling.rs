//! Which rule chose, of values that were written at the same time, the one that is shown.

use keyrack_model::{
    change::rule_of, cleanliness::CleanlinessMark, field::FieldType, ids::DocumentKind,
    merge::MergeRule, rows::FieldConflict,
};

/// Why a value is shown until somebody decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ruling {
    /// The others are of a turn of the room that is over.
    LaterTurn,
    /// It is the safest for the next guest.
    Safest,
    /// It keeps people out of the room most firmly.
    KeepsOut,
    /// There is nothing to choose by: it is the same one on every device.
    OneOfThem,
}

/// The rule that chose what a contested field shows.
pub fn ruling(kind: DocumentKind, conflict: &FieldConflict) -> Ruling {
    match rule_of(kind, &conflict.key) {
        Some(MergeRule::SafestWins(..)) if is_service(kind, &conflict.key) => Ruling::KeepsOut,
        Some(MergeRule::SafestWins(..) | MergeRule::GreatestWins(_)) => {
            if is_of_later_turn(conflict) {
                Ruling::LaterTurn
            } else {
                Ruling::Safest
            }
        }
        Some(MergeRule::LastWriter(_) | MergeRule::Text) | None => Ruling::OneOfThem,
    }
}

fn is_service(kind: DocumentKind, key: &str) -> bool {
    (kind, key) == (DocumentKind::Room, "service_status")
}

/// Whether everything that gave way is of an earlier turn of the room.
fn is_of_later_turn(conflict: &FieldConflict) -> bool {
    let Some(shown) = CleanlinessMark::from_value(&conflict.shown.value) else {
        return false;
    };
    let mut others = conflict.gave_way.iter();
    others.all(|side| {
        CleanlinessMark::from_value(&side.value).is_some_and(|mark| shown.turn.is_after(mark.turn))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        cleanliness::{Cleanliness, Turn},
        field::FieldValue,
        ids::{OperationId, StayId, UserId},
        room::ServiceStatus,
        rows::ConflictSide,
        time::{BusinessDate, Timestamp},
    };

    fn conflict(key: &str, shown: FieldValue, lost: FieldValue) -> FieldConflict {
        let side = |value| ConflictSide {
            value,
            operation: OperationId::default(),
            author: UserId::default(),
            at: Timestamp(0),
        };
        FieldConflict {
            key: key.into(),
            shown: side(shown),
            gave_way: vec![side(lost)],
        }
    }

    #[test]
    fn what_chose_is_the_later_turn_the_safer_mark_what_keeps_people_out_or_nothing() {
        use DocumentKind::{Room, Stay};
        let night = Turn::night(BusinessDate::default(), None);
        let departed = night.departure_of(StayId::default(), BusinessDate::default());
        let mark = |value, turn| {
            CleanlinessMark {
                value,
                turn,
                ..CleanlinessMark::default()
            }
            .to_value()
        };
        let dirty = |turn| mark(Cleanliness::Dirty, turn);
        let clean = mark(Cleanliness::Clean, night);
        for (kind, key, shown, lost, why) in [
            (
                Room,
                "cleanliness",
                dirty(departed),
                clean.clone(),
                Ruling::LaterTurn,
            ),
            (
                Room,
                "cleanliness",
                dirty(night),
                clean.clone(),
                Ruling::Safest,
            ),
            (
                Room,
                "service_status",
                ServiceStatus::DoNotDisturb.to_value(),
                ServiceStatus::None.to_value(),
                Ruling::KeepsOut,
            ),
            (
                Stay,
                "note",
                FieldValue::Nothing,
                FieldValue::Nothing,
                Ruling::OneOfThem,
            ),
        ] {
            assert_eq!(ruling(kind, &conflict(key, shown, lost)), why, "{key}");
        }
    }
}
