//! The interface's line to the engine: the three calls, bounded like network input.

use crate::engine::{Call, KeepsWatching};
use keyrack_model::{
    administration::Administration,
    command::{Command, WorkOrderDraft, WorkOrderEdit, bounds::check_bounds},
    import::{ImportAsked, ImportKind, Mapping},
    ipc::{Answer, Event, Problem, Question, Receipt, Request},
    limits,
    refusal::Refusal,
};
use tokio::sync::{mpsc, oneshot};

/// Clones reach the same engine.
#[derive(Clone)]
pub(crate) struct Line {
    calls: mpsc::Sender<Call>,
}

impl Line {
    pub(crate) fn new(calls: mpsc::Sender<Call>) -> Self {
        Self { calls }
    }

    pub(crate) async fn ask(&self, question: Question) -> Result<Answer, Problem> {
        check_question(&question).map_err(Problem::Refused)?;
        let (reply, answered) = oneshot::channel();
        self.call(Call::Ask(question, reply)).await?;
        answered.await.unwrap_or(Err(Problem::Internal))
    }

    pub(crate) async fn act(&self, request: Request) -> Result<Receipt, Problem> {
        check_request(&request).map_err(Problem::Refused)?;
        let (reply, answered) = oneshot::channel();
        self.call(Call::Act(request, reply)).await?;
        answered.await.unwrap_or(Err(Problem::Internal))
    }

    /// Tells of everything from here on, to one watcher at a time.
    pub(crate) async fn watch(
        &self,
        tell: impl Fn(Event) -> KeepsWatching + Send + 'static,
    ) -> Result<(), Problem> {
        self.call(Call::Watch(Box::new(tell))).await
    }

    /// The engine is gone only when it failed; the window outlives it to say so.
    async fn call(&self, call: Call) -> Result<(), Problem> {
        self.calls.send(call).await.map_err(|_| Problem::Internal)
    }
}

fn check_question(question: &Question) -> Result<(), Refusal> {
    match question {
        Question::History { documents, .. } | Question::NotWhole { documents }
            if documents.len() > limits::MAX_STORY_DOCUMENTS =>
        {
            Err(Refusal::TooMany {
                limit: limits::MAX_STORY_DOCUMENTS,
            })
        }
        Question::Written { field, .. } => short("field", field, limits::MAX_NAME),
        Question::History { .. }
        | Question::NotWhole { .. }
        | Question::Waiting
        | Question::Heard => Ok(()),
    }
}

/// Bounds what reaches the engine; what it means is judged by the plan.
fn check_request(request: &Request) -> Result<(), Refusal> {
    match request {
        Request::SignIn {
            server,
            hotel,
            name,
            password,
            code,
        } => {
            short("address", server, limits::MAX_ADDRESS)?;
            short("hotel", hotel, limits::MAX_NAME)?;
            short("name", name, limits::MAX_NAME)?;
            short("password", password, limits::MAX_PASSWORD)?;
            short(
                "code",
                code.as_deref().unwrap_or_default(),
                limits::MAX_NAME,
            )
        }
        Request::SetPin { pin, present } => {
            short("pin", pin, limits::MAX_PIN)?;
            let present = present.as_deref().unwrap_or_default();
            short("pin", present, limits::MAX_PIN)
        }
        Request::Unlock { pin, .. } => short("pin", pin, limits::MAX_PIN),
        Request::Administer(asked) => check_administration(asked),
        Request::Import(asked) => check_import(asked),
        Request::SaveMapping { kind, mapping } => check_mapping(*kind, mapping),
        Request::SignOut
        | Request::Lock
        | Request::GoToHotel { .. }
        | Request::Open(_)
        | Request::DismissRefused { .. }
        | Request::DismissDamage => Ok(()),
        Request::Do(command) => check_command(command),
        Request::CreateWorkOrder(draft) => check_draft(draft),
        Request::AddComment { text, .. } => short("comment", text, limits::MAX_TEXT),
    }
}

fn check_import(asked: &ImportAsked) -> Result<(), Refusal> {
    if asked.file.len() > limits::MAX_IMPORT_FILE {
        return Err(Refusal::TooLong {
            field: "file".to_owned(),
            limit: limits::MAX_IMPORT_FILE,
        });
    }
    asked.mapping.as_ref().map_or(Ok(()), check_columns)
}

/// Bounds what is saved; whether it can be read again is told by the file that it makes.
fn check_mapping(kind: ImportKind, mapping: &Mapping) -> Result<(), Refusal> {
    check_columns(mapping)?;
    let too_long = || Refusal::TooLong {
        field: "mapping".to_owned(),
        limit: limits::MAX_MAPPING_FILE,
    };
    mapping.check(kind).map_err(|_| too_long())?;
    let words = mapping.fields.iter().flat_map(|mapped| {
        let words = mapped.words.iter().flat_map(|(word, means)| [word, means]);
        words.chain(&mapped.columns)
    });
    let own = [
        &mapping.yes,
        &mapping.no,
        &mapping.missing,
        &mapping.named_by,
    ];
    let bytes: usize = words
        .chain(own.into_iter().flatten())
        .map(String::len)
        .sum();
    if bytes > limits::MAX_MAPPING_FILE {
        return Err(too_long());
    }
    Ok(())
}

fn check_columns(mapping: &Mapping) -> Result<(), Refusal> {
    let columns: usize = mapping
        .fields
        .iter()
        .map(|mapped| mapped.columns.len())
        .sum();
    let most = limits::MAX_IMPORT_COLUMNS * limits::MAX_MAPPED_COLUMNS;
    if columns > most {
        return Err(Refusal::TooMany { limit: most });
    }
    Ok(())
}

fn check_administration(asked: &Administration) -> Result<(), Refusal> {
    match asked {
        Administration::TakeOn { name, display, .. } => {
            short("name", name, limits::MAX_NAME)?;
            short("display", display, limits::MAX_NAME)
        }
        Administration::Confirm { present } => short("password", present, limits::MAX_PASSWORD),
        Administration::ChangePassword { present, new } => {
            short("password", present, limits::MAX_PASSWORD)?;
            short("password", new, limits::MAX_PASSWORD)
        }
        Administration::RenameDevice { name, .. } | Administration::MakeImportKey { name } => {
            short("name", name, limits::MAX_NAME)
        }
        Administration::Look
        | Administration::SetRole { .. }
        | Administration::ResetPassword { .. }
        | Administration::Dismiss { .. }
        | Administration::MakeDeviceCode
        | Administration::RevokeDevice { .. }
        | Administration::SetGuestNames { .. }
        | Administration::EndSession { .. }
        | Administration::RevokeImportKey { .. }
        | Administration::ReadAudit { .. }
        | Administration::VerifyAudit
        // The app puts what it keeps in the place of what a page says.
        | Administration::VerifyAuditFrom { .. }
        | Administration::Reviews
        | Administration::Approve { .. }
        | Administration::Decline { .. } => Ok(()),
    }
}

fn check_command(command: &Command) -> Result<(), Refusal> {
    match command {
        Command::SetCleanliness { rooms, .. } if rooms.len() > limits::MAX_BULK_ROOMS => {
            Err(Refusal::TooMany {
                limit: limits::MAX_BULK_ROOMS,
            })
        }
        Command::CreateWorkOrder { draft, .. } => check_draft(draft),
        Command::EditWorkOrder { edit, .. } => check_edit(edit),
        Command::AddComment { text, .. } => short("comment", text, limits::MAX_TEXT),
        Command::EditGuest { guest, .. } => guest.checked().map(|_| ()),
        Command::Desk(_)
        | Command::Rooms(_)
        | Command::Work(_)
        | Command::SetRule { .. }
        | Command::Settle { .. }
        | Command::NameHotel { .. } => check_bounds(command),
        Command::OpenHotel { .. }
        | Command::Import(_)
        | Command::Approved(_)
        | Command::Redacted => Err(Refusal::ServerOnly),
        Command::SetCleanliness { .. }
        | Command::SetOccupancySeen { .. }
        | Command::SetServiceStatus { .. }
        | Command::StartTask { .. }
        | Command::PauseTask { .. }
        | Command::FinishTask { .. }
        | Command::AssignTask { .. }
        | Command::CheckIn { .. }
        | Command::CheckOut { .. }
        | Command::EraseGuest { .. }
        | Command::Undo { .. } => Ok(()),
    }
}

fn check_draft(draft: &WorkOrderDraft) -> Result<(), Refusal> {
    short("title", &draft.title, limits::MAX_TITLE)?;
    short("description", &draft.description, limits::MAX_TEXT)
}

fn check_edit(edit: &WorkOrderEdit) -> Result<(), Refusal> {
    for title in [&edit.title, &edit.title_base].into_iter().flatten() {
        short("title", title, limits::MAX_TITLE)?;
    }
    let descriptions = [&edit.description, &edit.description_base];
    for description in descriptions.into_iter().flatten() {
        // What several people wrote at once may be longer than one may write, and must still be
        // editable; the plan holds the edit itself to its bound.
        short("description", description, limits::MAX_MERGED_TEXT)?;
    }
    Ok(())
}

fn short(field: &str, typed: &str, limit: usize) -> Result<(), Refusal> {
    if typed.chars().count() <= limit {
        return Ok(());
    }
    Err(Refusal::TooLong {
        field: field.to_owned(),
        limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::{
        cleanliness::Cleanliness,
        command::{DeskCommand, RoomCommand, RoomDraft, StayDraft, WorkCommand},
        ids::{OperationId, RoomId, StayId, TaskId, WorkOrderId},
        import::{ImportField, ImportKind, ImportWish, MappedField, Mapping},
        rule_sheet::{RuleKey, RuleScope},
    };

    fn too_long(field: &str, limit: usize) -> Result<(), Refusal> {
        let field = field.to_owned();
        Err(Refusal::TooLong { field, limit })
    }

    #[test]
    fn a_password_as_long_as_a_book_does_not_reach_the_engine() {
        let sign_in = |length: usize| {
            check_request(&Request::SignIn {
                server: "http://127.0.0.1:7300".to_owned(),
                hotel: "resort".to_owned(),
                name: "maria".to_owned(),
                password: "x".repeat(length),
                code: None,
            })
        };
        let limit = limits::MAX_PASSWORD;
        assert_eq!(sign_in(limit), Ok(()));
        assert_eq!(sign_in(limit + 1), too_long("password", limit));
    }

    #[test]
    fn a_comment_is_bounded_in_characters_whichever_way_it_comes() {
        let comment = |length: usize| Request::AddComment {
            subject: WorkOrderId::default(),
            text: "é".repeat(length),
        };
        let limit = limits::MAX_TEXT;
        assert_eq!(check_request(&comment(limit)), Ok(()));
        assert_eq!(
            check_request(&comment(limit + 1)),
            too_long("comment", limit)
        );
    }

    #[test]
    fn a_file_and_its_mapping_are_bounded_before_they_reach_the_engine() {
        let import = |file: usize, fields: usize, columns: usize| {
            let mapped = MappedField {
                field: ImportField::Number,
                columns: vec!["Room".to_owned(); columns],
                words: Default::default(),
            };
            check_request(&Request::Import(Box::new(ImportAsked {
                kind: ImportKind::Rooms,
                wish: ImportWish::Preview,
                mapping: Some(Mapping {
                    fields: vec![mapped; fields],
                    ..Mapping::default()
                }),
                file: "x".repeat(file),
            })))
        };
        let limit = limits::MAX_IMPORT_FILE;
        assert_eq!(import(limit, 1, 1), Ok(()));
        assert_eq!(import(limit + 1, 1, 1), too_long("file", limit));
        let (fields, columns) = (limits::MAX_IMPORT_COLUMNS, limits::MAX_MAPPED_COLUMNS);
        let limit = fields * columns;
        assert_eq!(import(0, fields, columns), Ok(()));
        assert_eq!(import(0, 1, limit + 1), Err(Refusal::TooMany { limit }));
        let many = import(0, fields + 1, columns);
        assert_eq!(many, Err(Refusal::TooMany { limit }));
    }

    #[test]
    fn what_is_asked_of_the_administration_is_bounded_before_it_reaches_the_engine() {
        let text = |length: usize| "é".repeat(length);
        let confirm = |length| Administration::Confirm {
            present: text(length),
        };
        let choose = |length| Administration::ChangePassword {
            present: String::new(),
            new: text(length),
        };
        let key = |length| Administration::MakeImportKey { name: text(length) };
        for (field, limit, asked) in [
            (
                "password",
                limits::MAX_PASSWORD,
                &confirm as &dyn Fn(usize) -> Administration,
            ),
            ("password", limits::MAX_PASSWORD, &choose),
            ("name", limits::MAX_NAME, &key),
        ] {
            let check = |length| check_request(&Request::Administer(asked(length)));
            assert_eq!(check(limit), Ok(()));
            assert_eq!(check(limit + 1), too_long(field, limit));
        }
    }

    #[test]
    fn more_rooms_than_a_hotel_has_are_refused() {
        let rooms = |count: usize| {
            check_request(&Request::Do(Command::SetCleanliness {
                rooms: vec![RoomId::default(); count],
                value: Cleanliness::Clean,
            }))
        };
        let limit = limits::MAX_BULK_ROOMS;
        assert_eq!(rooms(limit), Ok(()));
        assert_eq!(rooms(limit + 1), Err(Refusal::TooMany { limit }));
    }

    #[test]
    fn what_is_asked_of_desk_rooms_work_and_rules_is_bounded_before_it_reaches_the_engine() {
        let text = |length: usize| "é".repeat(length);
        let book = |length| {
            Command::Desk(DeskCommand::Book {
                stay: StayId::default(),
                draft: Box::new(StayDraft {
                    rate: text(length),
                    ..StayDraft::default()
                }),
            })
        };
        let add = |length| {
            Command::Rooms(RoomCommand::Add {
                room: RoomId::default(),
                draft: Box::new(RoomDraft {
                    number: text(length),
                    ..RoomDraft::default()
                }),
            })
        };
        let rush = |count| {
            Command::Rooms(RoomCommand::SetRush {
                rooms: vec![RoomId::default(); count],
                rush: true,
            })
        };
        let note = |length| {
            Command::Work(WorkCommand::Note {
                task: TaskId::default(),
                text: text(length),
                base: String::new(),
            })
        };
        let turndown = |number: usize| Command::SetRule {
            scope: RuleScope::Hotel,
            rule: RuleKey::Turndown,
            number: i64::try_from(number).ok(),
        };
        let settle = |length| Command::Settle {
            document: RoomId::default().into(),
            key: text(length),
            chosen: OperationId::default(),
        };
        for (limit, command) in [
            (limits::MAX_NAME, &book as &dyn Fn(usize) -> Command),
            (limits::MAX_NAME, &add),
            (limits::MAX_BULK_ROOMS, &rush),
            (limits::MAX_TEXT, &note),
            (1, &turndown),
            (limits::MAX_NAME, &settle),
        ] {
            let check = |amount| check_request(&Request::Do(command(amount)));
            let name = command(0).name();
            assert_eq!(check(limit), Ok(()), "{name}");
            assert!(check(limit + 1).is_err(), "{name}");
        }
    }

    #[test]
    fn one_question_asks_for_a_bounded_number_of_stories() {
        let room = RoomId::default().into();
        let history = |count: usize| {
            check_question(&Question::History {
                documents: vec![room; count],
                limit: usize::MAX,
            })
        };
        let limit = limits::MAX_STORY_DOCUMENTS;
        assert_eq!(history(limit), Ok(()));
        assert_eq!(history(limit + 1), Err(Refusal::TooMany { limit }));
    }
}
