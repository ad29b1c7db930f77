//! What the hotel's rules say.

use super::{Judged, Rights, Write};
use crate::{
    change::Change,
    identity,
    plan::rules::check,
    rule_sheet::{RuleKey, RuleScope, RuleSheetChange},
};

impl Rights<'_> {
    pub(super) fn set_rule(
        &self,
        scope: &RuleScope,
        rule: RuleKey,
        number: Option<i64>,
        change: &Change,
    ) -> Judged {
        check(scope, rule, number)?;
        let id = identity::rule_sheet(self.context.hotel, scope);
        let Change::RuleSheet(sheet, change) = change else {
            return Ok(Write::Beyond);
        };
        let is_of_command = match change {
            RuleSheetChange::Scope(written) => written == scope && self.makes(id.into())?,
            change => *change == rule.change(number),
        };
        Ok(Write::when(*sheet == id && is_of_command))
    }
}
