//! Questions about local data.

use super::Replica;
use crate::{
    error::StoreError,
    store::{bases, heard, history, records, refused, rows, waiting},
};
use keyrack_model::{
    class::{Class, Reading},
    command::Command,
    hotel::Hotel,
    ids::{DocumentKind, DocumentRef, OperationId, UserId},
    ipc::{Answer, Question, RefusedAction, WaitingAction, WaitingOf},
    limits::MAX_STORY,
    plan::day,
    rows::Row,
};

impl Replica {
    /// What the screens of the business date show.
    pub fn rows(&self) -> Result<Vec<Row>, StoreError> {
        rows::shown_on(&self.db, self.hotel()?.business_date)
    }

    /// Every row there is.
    pub fn all_rows(&self) -> Result<Vec<Row>, StoreError> {
        rows::all(&self.db)
    }

    pub fn rows_of(&self, documents: &[DocumentRef]) -> Result<Vec<Row>, StoreError> {
        let mut found = Vec::with_capacity(documents.len());
        for document in documents {
            found.extend(rows::find(&self.db, document.id)?);
        }
        Ok(found)
    }

    /// The hotel of whoever is signed in; an empty one before its document has arrived.
    pub fn hotel(&self) -> Result<Hotel, StoreError> {
        let Some(session) = &self.session else {
            return Ok(Hotel::default());
        };
        let document = DocumentRef::from(session.hotel);
        let row = rows::find(&self.db, document.id)?;
        Ok(row
            .and_then(|row| row.as_hotel().map(|(_, hotel)| hotel.clone()))
            .unwrap_or_default())
    }

    /// What the night audit has still to ask for: a command for each room that is not planned for
    /// the business date.
    ///
    /// # Errors
    /// A store that failed.
    pub fn rooms_to_plan(&self) -> Result<Vec<Command>, StoreError> {
        let date = self.hotel()?.business_date;
        let rows = rows::of_kind(&self.db, DocumentKind::Room)?;
        Ok(day::due(rows.iter().filter_map(Row::as_room), date))
    }

    /// Whether a night audit has planned some of the rooms and not yet all.
    ///
    /// # Errors
    /// A store that failed.
    pub fn is_half_planned(&self) -> Result<bool, StoreError> {
        let date = self.hotel()?.business_date;
        let rows = rows::of_kind(&self.db, DocumentKind::Room)?;
        let mut rooms = rows.iter().filter_map(Row::as_room);
        Ok(rooms.any(|(_, room)| room.nights.counted_to == date))
    }

    pub fn answer(&self, question: &Question) -> Result<Answer, StoreError> {
        match question {
            Question::History { documents, limit } => {
                let limit = (*limit).min(MAX_STORY);
                let story = history::story(&self.db, documents, limit)?;
                Ok(Answer::History(story))
            }
            Question::Written {
                document,
                field,
                limit,
            } => {
                let limit = (*limit).min(MAX_STORY);
                let story = history::of_field(&self.db, *document, field, limit)?;
                Ok(Answer::History(story))
            }
            Question::NotWhole { documents } => {
                let mut not_whole = Vec::new();
                for document in documents {
                    if !bases::story(&self.db, document.id)?.1 {
                        not_whole.push(*document);
                    }
                }
                Ok(Answer::NotWhole(not_whole))
            }
            Question::Waiting => self.waiting_actions().map(Answer::Waiting),
            Question::Heard => heard::lately(&self.db).map(Answer::Heard),
        }
    }

    /// How many actions of whom wait to be sent, and how many of these nobody else can send.
    pub fn waiting_by_person(&self) -> Result<Vec<WaitingOf>, StoreError> {
        let people = records::people(&self.db)?;
        let unsigned = self.unproven_of_others()?;
        let display = |user| {
            people
                .iter()
                .find(|person| person.id == user)
                .map(|person| person.display.clone())
        };
        Ok(waiting::by_author(&self.db)?
            .into_iter()
            .map(|(user, actions)| WaitingOf {
                user,
                display: display(user).unwrap_or_default(),
                actions,
                unsigned: unsigned.iter().filter(|it| it.author == user).count(),
            })
            .collect())
    }

    /// What was rescued from a damaged store waits as well.
    pub fn waiting(&self) -> Result<usize, StoreError> {
        Ok(self.rescued()?.len() + self.counted()?)
    }

    /// Whether all that is in the outbox waits for the signature of somebody who is not here.
    pub(crate) fn has_nothing_to_send(&self) -> Result<bool, StoreError> {
        Ok(self.counted()? == self.held_back()?.len())
    }

    /// How many actions are in the outbox: counted anew when anything was written since.
    fn counted(&self) -> Result<usize, StoreError> {
        let changes = self.db.total_changes();
        match self.counted.get() {
            Some((at, count)) if at == changes => Ok(count),
            _ => {
                let count = waiting::count(&self.db)?;
                self.counted.set(Some((changes, count)));
                Ok(count)
            }
        }
    }

    fn waiting_actions(&self) -> Result<Vec<WaitingAction>, StoreError> {
        let rescued = self.rescued()?.into_iter().map(|action| WaitingAction {
            operation: action.operation,
            command: action.command,
            author: action.author,
            at: action.at.wall,
            awaits: None,
        });
        let held = self.held_back()?;
        let reading = self.reading()?;
        let mut waiting: Vec<_> = rescued.chain(waiting::all(&self.db)?).collect();
        for action in &mut waiting {
            action.awaits = held.get(&action.operation).copied();
            self.hide_from_others(reading, action.author, &mut action.command);
        }
        Ok(waiting)
    }

    pub fn refused(&self) -> Result<Vec<RefusedAction>, StoreError> {
        let mut refused = refused::all(&self.db)?;
        let reading = self.reading()?;
        for action in &mut refused {
            self.hide_from_others(reading, action.author, &mut action.command);
        }
        Ok(refused)
    }

    /// What somebody else did on this device is counted for everybody, but told to nobody who may
    /// not read what it is about.
    fn hide_from_others(&self, reading: Reading, author: UserId, command: &mut Command) {
        let me = self.session.as_ref().map(|session| &session.me);
        let is_mine = me.is_some_and(|me| me.id == author);
        if let Some(record) = command.record()
            && !is_mine
            && !reading.has(Class::of_record(record.kind))
        {
            *command = Command::Redacted;
        }
    }

    /// The signed-in person has read why this was refused, if it was theirs.
    pub fn dismiss_refused(&mut self, operation: OperationId) -> Result<(), StoreError> {
        match &self.session {
            Some(session) => refused::dismiss(&self.db, operation, session.me.id),
            None => Ok(()),
        }
    }
}
