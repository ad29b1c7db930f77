//! What rows of an import would change, found out without writing.

use crate::{
    hotel::Hotels,
    log::{Log, LogError},
};
use keyrack_document::Document;
use keyrack_model::{
    change::{Change, Entity, fields_of},
    command::Command,
    identity::SERVER,
    ids::{ActorId, DocumentKind, DocumentRef, HotelId, OperationId, RoomId},
    plan::{Context, PastAction, Unplanned, View, plan},
    policy::Role,
    refusal::Refusal,
};
use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
};

/// Documents of the hotel, and which of their fields only the server wrote.
pub(super) struct Foresight {
    context: Context,
    documents: HashMap<DocumentRef, Document>,
    servers: HashSet<ActorId>,
}

impl Foresight {
    pub(super) async fn of<L: Log>(
        hotels: &Hotels<L>,
        hotel: HotelId,
        documents: Vec<DocumentRef>,
    ) -> Result<Self, LogError> {
        let documents = hotels.documents(hotel, documents).await?;
        let writers: HashSet<ActorId> = documents
            .iter()
            .flat_map(|document| {
                let fields = fields_of(document.reference().kind).iter();
                fields.filter_map(|(key, _)| document.last_writer(key))
            })
            .collect();
        let writers: Vec<ActorId> = writers.into_iter().collect();
        let bindings = hotels.log().actors(hotel, &writers).await?;
        Ok(Self {
            context: Context {
                hotel,
                operation: OperationId::default(),
                author: SERVER,
                role: Role::Server,
                at: hotels.now(),
            },
            documents: documents
                .into_iter()
                .map(|document| (document.reference(), document))
                .collect(),
            servers: bindings
                .into_iter()
                .filter(|binding| binding.user == SERVER)
                .map(|binding| binding.actor)
                .collect(),
        })
    }

    pub(super) fn changes(&self, row: &Command) -> bool {
        plan(row, self.context, self).is_ok()
    }

    /// What the row would write, in the order of the document's fields; nothing where everything is
    /// so already.
    ///
    /// # Errors
    /// Why the server itself would not write it.
    pub(super) fn written(&self, row: &Command) -> Result<Vec<Change>, Refusal> {
        match plan(row, self.context, self) {
            Ok(changes) => Ok(changes),
            Err(Unplanned::Refused(Refusal::NothingToDo)) => Ok(Vec::new()),
            Err(Unplanned::Refused(reason)) => Err(reason),
            Err(Unplanned::Unread(never)) => match never {},
        }
    }

    /// What the hotel has; None for what nobody has made yet.
    pub(super) fn known(&self, document: DocumentRef) -> Option<Entity> {
        let found = self.documents.get(&document)?;
        let is_made = found.heads() != Document::genesis(document).heads();
        is_made.then(|| found.reading().entity)
    }
}

impl View for Foresight {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        Ok(self.known(document))
    }

    fn written_by_person(&self, document: DocumentRef, key: &str) -> Result<bool, Infallible> {
        let found = self.documents.get(&document);
        let writer = found.and_then(|document| document.last_writer(key));
        Ok(writer.is_some_and(|writer| !self.servers.contains(&writer)))
    }

    fn is_contested(&self, _: DocumentRef, _: &str) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn writers(&self, _: DocumentRef, _: &str) -> Result<Vec<OperationId>, Infallible> {
        Ok(Vec::new())
    }

    fn about_room(
        &self,
        _: RoomId,
        _: DocumentKind,
    ) -> Result<Vec<(DocumentRef, Entity)>, Infallible> {
        Ok(Vec::new())
    }

    fn past_action(&self, _: OperationId) -> Result<Option<PastAction>, Infallible> {
        Ok(None)
    }
}
