//! People of a file: whoever works here already stays as they are.

use super::{Intake, writing::Plan};
use crate::{
    import::table::{
        TableError,
        layout::Layout,
        people,
        tally::{Tally, problem},
    },
    log::Log,
};
use keyrack_model::import::{
    FieldChange, ImportFault, ImportField, ImportedLine, LineFate, Weight,
};

impl<L: Log> Intake<'_, L> {
    /// Who is new.
    pub(super) async fn people(
        &self,
        rows: Vec<people::PersonRow>,
        layout: &Layout<'_>,
        tally: &mut Tally,
    ) -> Result<Plan, TableError> {
        let known = self.accounts.colleagues(self.hotel).await?;
        let mut new = Vec::new();
        for row in rows {
            let wished = &row.colleague;
            let Some(here) = known.get(&wished.name) else {
                tally.line(newcomer(&row));
                new.push(row.colleague);
                continue;
            };
            tally.unchanged();
            if here.role != wished.role {
                let place = layout.place(ImportField::Role);
                let found = wished.role.word();
                let fault = ImportFault::WorksHere;
                tally.problem(problem(row.row, place, found, Weight::Warning, fault));
            }
        }
        Ok(Plan::People(new))
    }
}

fn newcomer(row: &people::PersonRow) -> ImportedLine {
    let colleague = &row.colleague;
    let told = |field, after: &str| FieldChange {
        field,
        before: String::new(),
        after: after.to_owned(),
    };
    ImportedLine {
        row: row.row,
        name: colleague.display.clone(),
        fate: LineFate::New,
        fields: vec![
            told(ImportField::SignInName, &colleague.name),
            told(ImportField::Role, colleague.role.word()),
        ],
    }
}
