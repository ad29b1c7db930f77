//! What rows of an import would change, found out without writing.

use crate::{
    hotel::Hotels,
    log::Log,
    server_author::{AuthorError, ServerAuthor},
};
use keyrack_document::Document;
use keyrack_model::{
    change::{Entity, fields_of},
    command::Command,
    identity::SERVER,
    ids::{ActorId, DocumentKind, DocumentRef, HotelId, OperationId, RoomId},
    plan::{Context, PastAction, View, plan},
    policy::Role,
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
        author: &ServerAuthor<'_, L>,
        documents: Vec<DocumentRef>,
    ) -> Result<Self, AuthorError> {
        let documents = author.documents(documents).await?;
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
}

impl View for Foresight {
    type Error = Infallible;

    fn entity(&self, document: DocumentRef) -> Result<Option<Entity>, Infallible> {
        let found = self.documents.get(&document);
        Ok(found.map(|found| found.reading().entity))
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
