//! What the rows of a file come to on the documents that the hotel has.

use super::{
    Intake,
    writing::{Documents, Plan},
};
use crate::{
    import::{
        foresight::Foresight,
        table::{
            TableError,
            layout::Layout,
            outlook::{Comes, Outlook, Wanted},
            tally::Tally,
        },
    },
    log::Log,
    server_author::AuthorError,
};
use keyrack_model::{
    change::Entity,
    ids::{DocumentRef, RoomId},
    import::ImportKind,
    room::Room,
    stay::Stay,
};
use std::collections::HashMap;

/// Documents that are looked at together.
pub(super) const TOGETHER: usize = 500;

impl<L: Log> Intake<'_, L> {
    /// What the hotel has of some documents; those that nobody has made are left out.
    pub(super) async fn known(
        &self,
        documents: impl Iterator<Item = DocumentRef>,
    ) -> Result<HashMap<DocumentRef, Entity>, TableError> {
        let documents: Vec<DocumentRef> = documents.collect();
        let mut known = HashMap::new();
        for documents in documents.chunks(TOGETHER) {
            let foresight = Foresight::of(self.hotels, self.hotel, documents.to_vec()).await?;
            let found = documents.iter();
            known.extend(found.filter_map(|it| Some((*it, foresight.known(*it)?))));
        }
        Ok(known)
    }

    pub(super) async fn look_at(
        &self,
        kind: ImportKind,
        layout: &Layout<'_>,
        wanted: Vec<Wanted>,
        numbers: &HashMap<RoomId, String>,
        tally: &mut Tally,
    ) -> Result<Plan, TableError> {
        let mut planned = Documents::default();
        let mut wanted = wanted.into_iter().peekable();
        while wanted.peek().is_some() {
            let some: Vec<Wanted> = wanted.by_ref().take(TOGETHER).collect();
            let documents = some.iter().map(|wanted| wanted.document).collect();
            let foresight = Foresight::of(self.hotels, self.hotel, documents).await?;
            let outlook = Outlook {
                kind,
                layout,
                foresight: &foresight,
                numbers,
            };
            for wanted in some {
                let comes = outlook.note(&wanted, tally).map_err(|reason| {
                    let command = wanted.command.name();
                    AuthorError::Refused { command, reason }
                })?;
                match comes {
                    Comes::To(fate) => planned.row(wanted.command, fate),
                    Comes::ToWhatIsBeside => planned.row_beside(),
                    Comes::ToNothing => {}
                }
                let beside = wanted.beside.into_iter();
                planned.beside(beside.map(|beside| beside.command));
            }
        }
        Ok(Plan::Documents(planned))
    }
}

pub(super) fn as_room(known: &Entity) -> Option<&Room> {
    if let Entity::Room(room) = known {
        Some(room)
    } else {
        None
    }
}

pub(super) fn as_stay(known: &Entity) -> Option<&Stay> {
    if let Entity::Stay(stay) = known {
        Some(stay)
    } else {
        None
    }
}
