//! What became of documents, and who did it, for the snapshots.

use super::{
    PostgresLog,
    packs::{self, Packable, PackedEntry},
    rows,
};
use crate::log::LogError;
use keyrack_model::{
    action::Sequence,
    ids::{DeviceId, DocumentRef, HotelId, OperationId, UserId},
    segment::ActionLine,
    time::Timestamp,
};
use std::collections::HashMap;
use uuid::Uuid;

/// One admitted change of one document, with what its entry says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastChange {
    pub document: DocumentRef,
    pub sequence: Sequence,
    pub received_at: Timestamp,
    /// When it happened, by the author's device.
    pub acted_at: Timestamp,
    /// The plain change chunk.
    pub bytes: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct PastRow {
    sequence: i64,
    ordinal: i32,
    document: Uuid,
    kind: i16,
    received_at: i64,
    wall: i64,
    bytes: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    sequence: i64,
    operation: Uuid,
    author: Uuid,
    device: Uuid,
    wall: i64,
    counter: i64,
    received_at: i64,
    documents: i64,
    command: Option<Vec<u8>>,
}

impl PostgresLog {
    /// Every change of the documents up to an entry, in log order.
    pub async fn past_of(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
        up_to: Sequence,
    ) -> Result<Vec<PastChange>, LogError> {
        let (ids, kinds) = names(documents);
        let mut tx = self.database.begin(hotel).await?;
        let mut found: Vec<PastRow> = sqlx::query_as(
            "select sequence, ordinal, document, kind, received_at, wall, bytes
             from change join action using (hotel, sequence)
             where hotel = $1 and sequence <= $4
               and (document, kind) in (select * from unnest($2::uuid[], $3::smallint[]))
             order by sequence, ordinal",
        )
        .bind(hotel.0)
        .bind(&ids)
        .bind(&kinds)
        .bind(up_to.0 as i64)
        .fetch_all(&mut *tx)
        .await?;
        packs::unpack(&mut tx, hotel, &mut found).await?;
        found.into_iter().map(PastRow::change).collect()
    }

    /// Those of the documents that had a change up to an entry.
    pub async fn known_by(
        &self,
        hotel: HotelId,
        documents: &[DocumentRef],
        up_to: Sequence,
    ) -> Result<Vec<DocumentRef>, LogError> {
        let (ids, kinds) = names(documents);
        let mut tx = self.database.begin(hotel).await?;
        let found: Vec<(Uuid, i16)> = sqlx::query_as(
            "select asked.document, asked.kind
             from unnest($2::uuid[], $3::smallint[]) as asked (document, kind)
             where exists (
                 select from change
                 where change.hotel = $1 and change.document = asked.document
                   and change.kind = asked.kind and change.sequence <= $4
             )
             order by asked.document, asked.kind",
        )
        .bind(hotel.0)
        .bind(&ids)
        .bind(&kinds)
        .bind(up_to.0 as i64)
        .fetch_all(&mut *tx)
        .await?;
        let found = found.into_iter();
        found.map(|(id, kind)| rows::document(id, kind)).collect()
    }

    /// Who did what; nothing for operations that are not in the log.
    pub async fn authors(
        &self,
        hotel: HotelId,
        operations: &[OperationId],
    ) -> Result<HashMap<OperationId, UserId>, LogError> {
        if operations.is_empty() {
            return Ok(HashMap::new());
        }
        let asked: Vec<Uuid> = operations.iter().map(|operation| operation.0).collect();
        let mut tx = self.database.begin(hotel).await?;
        let found: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "select operation, author from action
             where hotel = $1 and operation = any($2) order by operation",
        )
        .bind(hotel.0)
        .bind(&asked)
        .fetch_all(&mut *tx)
        .await?;
        let found = found.into_iter();
        Ok(found
            .map(|(operation, author)| (OperationId(operation), UserId(author)))
            .collect())
    }

    /// Entries without their changes, in log order.
    pub async fn lines(
        &self,
        hotel: HotelId,
        sequences: &[i64],
    ) -> Result<Vec<ActionLine>, LogError> {
        let mut tx = self.database.begin(hotel).await?;
        let mut found: Vec<LineRow> = sqlx::query_as(
            "select sequence, operation, author, device, wall, counter, received_at, command,
                    (select count(*) from change
                     where change.hotel = action.hotel and change.sequence = action.sequence
                    ) as documents
             from action
             where hotel = $1 and sequence = any($2) order by sequence",
        )
        .bind(hotel.0)
        .bind(sequences)
        .fetch_all(&mut *tx)
        .await?;
        packs::unpack(&mut tx, hotel, &mut found).await?;
        found.into_iter().map(LineRow::line).collect()
    }
}

fn names(documents: &[DocumentRef]) -> (Vec<Uuid>, Vec<i16>) {
    documents
        .iter()
        .map(|document| (document.id.0, rows::kind(*document)))
        .unzip()
}

impl Packable for PastRow {
    fn sequence(&self) -> i64 {
        self.sequence
    }

    fn is_packed(&self) -> bool {
        self.bytes.is_none()
    }

    fn unpack(&mut self, entry: &PackedEntry) {
        self.bytes = entry.change(self.ordinal);
    }
}

impl Packable for LineRow {
    fn sequence(&self) -> i64 {
        self.sequence
    }

    fn is_packed(&self) -> bool {
        self.command.is_none()
    }

    fn unpack(&mut self, entry: &PackedEntry) {
        self.command = Some(entry.command());
    }
}

impl PastRow {
    fn change(self) -> Result<PastChange, LogError> {
        Ok(PastChange {
            document: rows::document(self.document, self.kind)?,
            sequence: rows::sequence(self.sequence),
            received_at: Timestamp(self.received_at),
            acted_at: Timestamp(self.wall),
            bytes: self.bytes.ok_or_else(|| rows::unreadable("bytes"))?,
        })
    }
}

impl LineRow {
    fn line(self) -> Result<ActionLine, LogError> {
        let command = self.command.ok_or_else(|| rows::unreadable("command"))?;
        Ok(ActionLine {
            sequence: rows::sequence(self.sequence),
            operation: OperationId(self.operation),
            author: UserId(self.author),
            device: DeviceId(self.device),
            at: rows::time(self.wall, self.counter)?,
            received_at: Timestamp(self.received_at),
            documents: u16::try_from(self.documents).unwrap_or(u16::MAX),
            command: rows::decode(&command, "command")?,
        })
    }
}
