//! The hotel's rules: what holds, and who changed it.

use super::{Planned, Planner, View};
use crate::{
    refusal::Refusal,
    rule_sheet::{RuleKey, RuleScope},
};

impl<V: View> Planner<'_, V> {
    pub(super) fn set_rule(
        &self,
        scope: &RuleScope,
        rule: RuleKey,
        number: Option<i64>,
    ) -> Planned<V> {
        let _ = (scope, rule, number);
        Err(Refusal::NothingToDo.into())
    }
}
