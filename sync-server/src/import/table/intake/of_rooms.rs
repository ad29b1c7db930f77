//! Rooms of a file, and which of them are connected.

use super::{Intake, documents::as_room};
use crate::{
    import::table::{
        TableError,
        layout::Layout,
        outlook::{Beside, Wanted},
        rooms,
        tally::{Tally, problem},
    },
    log::Log,
};
use keyrack_model::{
    change::Entity,
    command::{Command, ImportedRow, RoomCommand},
    identity,
    ids::{DocumentRef, RoomId},
    import::{ImportFault, ImportField, Weight},
    room_link::RoomLinkKind,
};
use std::collections::{HashMap, HashSet};

impl<L: Log> Intake<'_, L> {
    pub(super) async fn rooms(
        &self,
        rows: Vec<rooms::RoomRow>,
        layout: &Layout<'_>,
        tally: &mut Tally,
    ) -> Result<Vec<Wanted>, TableError> {
        let id = |number: &str| identity::room(self.hotel, number);
        let others = rows.iter().flat_map(|row| &row.connects_to);
        let numbers = rows.iter().map(|row| &row.number).chain(others);
        let named: HashSet<RoomId> = numbers.map(|number| id(number)).collect();
        let known = self.known(named.into_iter().map(Into::into)).await?;
        let mut links = self.links(&rows, &known, layout, tally).await?;
        let wanted = rows.into_iter().map(|row| {
            let room = id(&row.number);
            let fields = row.over(known.get(&room.into()).and_then(as_room));
            Wanted {
                row: row.row,
                document: room.into(),
                after: fields.clone().into(),
                command: Command::Import(ImportedRow::Room { room, fields }),
                beside: links.remove(&row.number).unwrap_or_default(),
                name: row.number,
            }
        });
        Ok(wanted.collect())
    }

    /// The rooms that rows connect and of which nobody has said what they are to each other, by the
    /// number of the row that says it first.
    async fn links(
        &self,
        rows: &[rooms::RoomRow],
        known: &HashMap<DocumentRef, Entity>,
        layout: &Layout<'_>,
        tally: &mut Tally,
    ) -> Result<HashMap<String, Vec<Beside>>, TableError> {
        let hotel = self.hotel;
        let in_file: HashSet<&str> = rows.iter().map(|row| row.number.as_str()).collect();
        let mut pairs = Vec::new();
        let mut seen = HashSet::new();
        for row in rows {
            for other in &row.connects_to {
                let [first, second] = [&row.number, other].map(|it| identity::room(hotel, it));
                if first == second
                    || !in_file.contains(other.as_str()) && !known.contains_key(&second.into())
                {
                    let place = layout.place(ImportField::ConnectsTo);
                    let fault = ImportFault::UnknownRoom;
                    tally.problem(problem(row.row, place, other, Weight::Warning, fault));
                    continue;
                }
                let link = identity::room_link(hotel, first, second);
                if seen.insert(link) {
                    pairs.push((row.number.clone(), other.clone(), link, (first, second)));
                }
            }
        }
        let told = self.known(seen.into_iter().map(Into::into)).await?;
        let mut links: HashMap<String, Vec<Beside>> = HashMap::new();
        let untold = pairs
            .into_iter()
            .filter(|(_, _, link, _)| !told.contains_key(&(*link).into()));
        for (number, other, _, (first, second)) in untold {
            let kind = Some(RoomLinkKind::Connecting);
            links.entry(number).or_default().push(Beside {
                field: ImportField::ConnectsTo,
                told: other,
                command: Command::Rooms(RoomCommand::Link {
                    first,
                    second,
                    kind,
                }),
            });
        }
        Ok(links)
    }
}
