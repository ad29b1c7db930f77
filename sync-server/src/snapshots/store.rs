//! The tables of snapshots and of how far they are.

use super::kept::{Columns, Kept, kind};
use crate::log::Head;
use keyrack_model::{
    action::Sequence,
    ids::{DocumentId, DocumentKind, DocumentRef, HotelId, LogEpoch},
    limits::DOCUMENT_COMMENTS,
    time::{BusinessDate, Timestamp},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Of the code that makes rows from documents. Another number makes all of them again.
const VERSION: i32 = 4;

/// How far the snapshots of a hotel are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    pub(super) epoch: LogEpoch,
    /// The last entry that is in them.
    pub(super) sequence: Sequence,
    /// How many snapshots there are.
    pub(super) documents: i64,
}

impl Mark {
    /// Whether it is a place in the log that ends there.
    pub(super) fn is_of(self, head: Head) -> bool {
        self.epoch == head.epoch && self.sequence <= head.sequence
    }
}

/// None when there are no snapshots, or those of other code.
pub(super) async fn mark(
    tx: &mut PgConnection,
    hotel: HotelId,
) -> Result<Option<Mark>, sqlx::Error> {
    let found: Option<(Uuid, i64, i64)> = sqlx::query_as(
        "select epoch, sequence, documents from snapshot_mark where hotel = $1 and version = $2",
    )
    .bind(hotel.0)
    .bind(VERSION)
    .fetch_optional(tx)
    .await?;
    Ok(found.map(|(epoch, sequence, documents)| Mark {
        epoch: LogEpoch(epoch),
        sequence: Sequence(sequence.max(0) as u64),
        documents,
    }))
}

/// Snapshots that are there, against what the mark says there should be.
pub(super) async fn count(tx: &mut PgConnection, hotel: HotelId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from snapshot where hotel = $1")
        .bind(hotel.0)
        .fetch_one(tx)
        .await
}

/// Drops everything that was made from the log, and begins at its beginning.
pub(super) async fn begin_anew(
    tx: &mut PgConnection,
    hotel: HotelId,
    epoch: LogEpoch,
) -> Result<Mark, sqlx::Error> {
    sqlx::query(
        "insert into snapshot_mark (hotel, epoch, version, sequence, documents)
         values ($1, $2, $3, 0, 0)
         on conflict (hotel) do update set epoch = $2, version = $3, sequence = 0, documents = 0",
    )
    .bind(hotel.0)
    .bind(epoch.0)
    .bind(VERSION)
    .execute(&mut *tx)
    .await?;
    for made in [
        "delete from snapshot where hotel = $1",
        "delete from working_set where hotel = $1",
        "delete from segment where hotel = $1",
    ] {
        sqlx::query(made).bind(hotel.0).execute(&mut *tx).await?;
    }
    Ok(Mark {
        epoch,
        sequence: Sequence::default(),
        documents: 0,
    })
}

/// Moves the mark; false when somebody else has moved it.
pub(super) async fn advance(
    tx: &mut PgConnection,
    hotel: HotelId,
    from: Mark,
    to: Mark,
) -> Result<bool, sqlx::Error> {
    let moved = sqlx::query(
        "update snapshot_mark set sequence = $5, documents = $6
         where hotel = $1 and epoch = $2 and version = $3 and sequence = $4",
    )
    .bind(hotel.0)
    .bind(from.epoch.0)
    .bind(VERSION)
    .bind(from.sequence.0 as i64)
    .bind(to.sequence.0 as i64)
    .bind(to.documents)
    .execute(tx)
    .await?;
    Ok(moved.rows_affected() > 0)
}

/// The snapshots of those of the documents that have one.
pub(super) async fn find(
    tx: &mut PgConnection,
    hotel: HotelId,
    documents: &[DocumentRef],
) -> Result<Vec<Columns>, sqlx::Error> {
    let (ids, kinds): (Vec<Uuid>, Vec<i16>) = documents
        .iter()
        .map(|document| (document.id.0, number(document.kind)))
        .unzip();
    sqlx::query_as(
        "select kind, document, sequence, received_at, open, subject, from_date, to_date,
             booking, saved, heads, shown, story, is_whole, checksum
         from snapshot
         where hotel = $1
           and (document, kind) in (select * from unnest($2::uuid[], $3::smallint[]))
         order by kind, document",
    )
    .bind(hotel.0)
    .bind(&ids)
    .bind(&kinds)
    .fetch_all(tx)
    .await
}

/// The entries that made the stays with one of these numbers, in log order, and the mark that the
/// snapshots are of. Where they are of another log than the one that ends there, none up to its
/// beginning.
pub(super) async fn made_with(
    tx: &mut PgConnection,
    hotel: HotelId,
    head: Head,
    numbers: &[&str],
) -> Result<(Sequence, Vec<i64>), sqlx::Error> {
    // One statement, so that all of it is of one moment.
    let found: Vec<(i64, Option<i64>)> = sqlx::query_as(
        "select mark.sequence,
             (select min(made.sequence) from change as made
              where made.hotel = one.hotel and made.document = one.document
                and made.kind = one.kind)
         from snapshot_mark as mark
         left join snapshot as one
             on one.hotel = mark.hotel and one.kind = $5 and one.booking = any($6)
         where mark.hotel = $1 and mark.version = $2 and mark.epoch = $3 and mark.sequence <= $4
         order by 2",
    )
    .bind(hotel.0)
    .bind(VERSION)
    .bind(head.epoch.0)
    .bind(head.sequence.0 as i64)
    .bind(number(DocumentKind::Stay))
    .bind(numbers)
    .fetch_all(tx)
    .await?;
    let up_to = found.first().map_or(0, |(mark, _)| *mark);
    let made = found.into_iter().filter_map(|(_, made)| made);
    Ok((Sequence(up_to.max(0) as u64), made.collect()))
}

/// What the working set is chosen by.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) since: BusinessDate,
    pub(super) today: BusinessDate,
    /// What has no date is left out when it is closed and was last touched before this.
    pub(super) horizon: Timestamp,
}

/// A document of the working set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Chosen {
    pub(super) document: DocumentRef,
    /// Bytes, about.
    pub(super) size: usize,
}

/// The comments on a work order that there are snapshots of.
pub(super) async fn comments_on(
    tx: &mut PgConnection,
    hotel: HotelId,
    order: DocumentId,
) -> Result<Vec<DocumentRef>, sqlx::Error> {
    let found: Vec<Uuid> = sqlx::query_scalar(
        "select document from snapshot where hotel = $1 and kind = $2 and subject = $3
         order by document limit $4",
    )
    .bind(hotel.0)
    .bind(number(DocumentKind::Comment))
    .bind(order.0)
    .bind(DOCUMENT_COMMENTS as i64)
    .fetch_all(tx)
    .await?;
    let found = found.into_iter();
    Ok(found
        .map(|id| DocumentRef {
            kind: DocumentKind::Comment,
            id: DocumentId(id),
        })
        .collect())
}

/// The documents of the working set, most wanted first, and the mark that they are of.
pub(super) async fn choose(
    tx: &mut PgConnection,
    hotel: HotelId,
    choice: &Choice,
) -> Result<(Option<Sequence>, Vec<Chosen>), sqlx::Error> {
    // One statement, so that all of it is of one moment.
    let found: Vec<(i64, i16, Uuid, i64)> = sqlx::query_as(
        "select mark.sequence, one.kind, one.document,
             octet_length(one.saved)::bigint + octet_length(one.shown) + octet_length(one.story)
         from snapshot_mark as mark
         join snapshot as one on one.hotel = mark.hotel
         left join snapshot as work_order
             on work_order.hotel = one.hotel and work_order.kind = $10
             and work_order.document = one.subject and one.kind = $11
         where mark.hotel = $1 and mark.version = $2 and (
             one.kind in ($6, $7, $13, $14)
             or one.kind = $12 and (one.open or one.to_date >= $3)
             or one.kind = $8 and (one.open or one.to_date >= $3)
             or one.kind = $9 and (one.open or one.to_date >= $3)
             or one.kind = $10 and (one.open or one.received_at >= $5)
             or one.kind = $11 and (
                 work_order.open or work_order.received_at >= $5 or one.received_at >= $5)
         )
         order by
             case
                 when one.kind = $6 then 0
                 when one.kind = $7 then 1
                 when one.kind in ($12, $13, $14) and one.open then 1
                 when one.kind = $9 and one.open then 2
                 when one.kind = $8 and one.open then 3
                 when one.kind = $8 and one.from_date = $4 then 4
                 when one.kind = $10 and one.open then 5
                 when one.kind = $11 and work_order.open then 6
                 else 7
             end,
             one.to_date desc nulls first, one.kind, one.document",
    )
    .bind(hotel.0)
    .bind(VERSION)
    .bind(choice.since.to_string())
    .bind(choice.today.to_string())
    .bind(choice.horizon.0)
    .bind(number(DocumentKind::Hotel))
    .bind(number(DocumentKind::Room))
    .bind(number(DocumentKind::Stay))
    .bind(number(DocumentKind::Task))
    .bind(number(DocumentKind::WorkOrder))
    .bind(number(DocumentKind::Comment))
    .bind(number(DocumentKind::RoomBlock))
    .bind(number(DocumentKind::RoomLink))
    .bind(number(DocumentKind::RuleSheet))
    .fetch_all(tx)
    .await?;
    let as_of = found
        .first()
        .map(|(mark, ..)| Sequence((*mark).max(0) as u64));
    let chosen = found.into_iter().filter_map(|(_, number, document, size)| {
        let document = DocumentRef {
            kind: kind(number)?,
            id: DocumentId(document),
        };
        let size = usize::try_from(size).unwrap_or_default();
        Some(Chosen { document, size })
    });
    Ok((as_of, chosen.collect()))
}

fn number(kind: DocumentKind) -> i16 {
    i16::from(u8::from(kind))
}

/// Puts snapshots in the place of those of the same documents.
pub(super) async fn put(
    tx: &mut PgConnection,
    hotel: HotelId,
    kept: &[Kept],
) -> Result<(), sqlx::Error> {
    let columns: Vec<Columns> = kept.iter().map(Columns::from).collect();
    fn each<T>(columns: &[Columns], one: impl Fn(&Columns) -> T) -> Vec<T> {
        columns.iter().map(one).collect()
    }
    sqlx::query(
        "insert into snapshot
             (hotel, kind, document, sequence, received_at, open, subject, from_date, to_date,
              booking, saved, heads, shown, story, is_whole, checksum)
         select $1, * from unnest(
             $2::smallint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::boolean[], $7::uuid[],
             $8::text[], $9::text[], $10::text[], $11::bytea[], $12::bytea[], $13::bytea[],
             $14::bytea[], $15::boolean[], $16::bytea[])
         on conflict (hotel, kind, document) do update
         set (sequence, received_at, open, subject, from_date, to_date,
              booking, saved, heads, shown, story, is_whole, checksum)
             = (excluded.sequence, excluded.received_at, excluded.open, excluded.subject,
                excluded.from_date, excluded.to_date, excluded.booking, excluded.saved,
                excluded.heads, excluded.shown, excluded.story, excluded.is_whole,
                excluded.checksum)",
    )
    .bind(hotel.0)
    .bind(each(&columns, |row| row.kind))
    .bind(each(&columns, |row| row.document))
    .bind(each(&columns, |row| row.sequence))
    .bind(each(&columns, |row| row.received_at))
    .bind(each(&columns, |row| row.open))
    .bind(each(&columns, |row| row.subject))
    .bind(each(&columns, |row| row.from_date.clone()))
    .bind(each(&columns, |row| row.to_date.clone()))
    .bind(each(&columns, |row| row.booking.clone()))
    .bind(columns.iter().map(|row| &row.saved[..]).collect::<Vec<_>>())
    .bind(columns.iter().map(|row| &row.heads[..]).collect::<Vec<_>>())
    .bind(columns.iter().map(|row| &row.shown[..]).collect::<Vec<_>>())
    .bind(columns.iter().map(|row| &row.story[..]).collect::<Vec<_>>())
    .bind(each(&columns, |row| row.is_whole))
    .bind(
        columns
            .iter()
            .map(|row| &row.checksum[..])
            .collect::<Vec<_>>(),
    )
    .execute(tx)
    .await?;
    Ok(())
}
