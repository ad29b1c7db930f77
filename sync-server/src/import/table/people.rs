//! People of a file. It has no passwords: those are handed over one by one afterwards.

use super::cells::Cells;
use crate::accounts::login_name;
use keyrack_model::{
    import::{ImportFault, ImportField},
    limits::MAX_NAME,
    policy::{Role, may_manage},
    record::Colleague,
};
use std::collections::HashMap;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct PersonRow {
    pub(super) row: u64,
    pub(super) colleague: Colleague,
}

/// Reads a row for somebody in a role, who gives nobody more than they have.
pub(super) fn read(
    cells: &mut Cells<'_>,
    seen: &mut HashMap<String, u64>,
    by: Role,
) -> Option<PersonRow> {
    let typed = cells.needed_text(ImportField::SignInName, MAX_NAME);
    let display = cells.text(ImportField::Name, MAX_NAME);
    let display = display.filter(|display| !display.is_empty());
    let roles: Vec<(&str, Role)> = Role::ALL
        .iter()
        .filter(|role| **role != Role::Server)
        .map(|role| (role.word(), *role))
        .collect();
    cells.needs(ImportField::Role);
    let role = cells.word(ImportField::Role, &roles);
    if role.is_some_and(|role| !may_manage(by, role)) {
        cells.fault(ImportField::Role, ImportFault::Role);
    }
    let name = login_name(&typed).unwrap_or_default();
    if let Some(row) = seen.get(&name) {
        cells.fault(ImportField::SignInName, ImportFault::Twice { row: *row });
    } else if !name.is_empty() {
        seen.insert(name.clone(), cells.row());
    }
    let colleague = Colleague {
        name,
        display: display.unwrap_or(typed),
        role: role?,
        left: false,
    };
    cells.is_right().then(|| PersonRow {
        row: cells.row(),
        colleague,
    })
}
