//! The projection: one row a document, made from the document and nothing else.

use super::{decode, encode, id};
use crate::error::StoreError;
use keyrack_model::{
    action::Sequence,
    change::Entity,
    ids::{DocumentId, DocumentKind, DocumentRef, RoomId},
    limits::AVAILABILITY_DAYS,
    rows::{FieldConflict, Row, RowKeys},
    time::{BusinessDate, Timestamp},
};
use rusqlite::{Connection, OptionalExtension, Params, params};
use uuid::Uuid;

/// Closed work orders that a device shows besides the open ones.
const CLOSED_WORK_ORDERS: i64 = 200;

const COLUMNS: &str = "document, kind, changed_at, entity, conflicts";

/// Writes a row. Most changes leave what it is found by as it is, and no index is touched then.
pub(crate) fn upsert(db: &Connection, row: &Row) -> Result<(), StoreError> {
    let keys = RowKeys::of(&row.entity);
    let conflicts = (!row.conflicts.is_empty()).then(|| encode(&row.conflicts));
    let document = row.document.id.0.as_bytes();
    let subject = keys.subject.map(|id| *id.as_bytes());
    let from = keys.from.map(|date| date.to_string());
    let to = keys.to.map(|date| date.to_string());
    let entity = encode(&row.entity);
    let found_alike = db
        .prepare_cached(
            "update entity set changed_at = ?6, entity = ?7, conflicts = ?8
             where document = ?1 and subject is ?2 and from_date is ?3 and to_date is ?4
                 and open = ?5",
        )?
        .execute(params![
            document,
            subject,
            from,
            to,
            keys.open,
            row.changed_at.0,
            entity,
            conflicts
        ])?;
    if found_alike == 0 {
        db.prepare_cached(
            "insert or replace into entity
                 (document, kind, subject, from_date, to_date, open, changed_at, entity, conflicts)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            document,
            row.document.kind as u8,
            subject,
            from,
            to,
            keys.open,
            row.changed_at.0,
            entity,
            conflicts
        ])?;
    }
    Ok(())
}

pub(crate) fn delete(db: &Connection, document: DocumentId) -> Result<(), StoreError> {
    db.prepare_cached("delete from entity where document = ?1")?
        .execute([document.0.as_bytes()])?;
    Ok(())
}

pub(crate) fn find(db: &Connection, document: DocumentId) -> Result<Option<Row>, StoreError> {
    let sql = format!("select {COLUMNS} from entity where document = ?1");
    let raw = db
        .prepare_cached(&sql)?
        .query_row([document.0.as_bytes()], raw)
        .optional()?;
    raw.map(read).transpose()
}

/// Every row, by document.
pub(crate) fn all(db: &Connection) -> Result<Vec<Row>, StoreError> {
    select(db, "order by document", [])
}

/// What the hotel that the data are of is called; None before its document is here.
pub(crate) fn hotel_name(db: &Connection) -> Result<Option<String>, StoreError> {
    let hotels = of_kind(db, DocumentKind::Hotel)?.into_iter();
    let mut names = hotels.filter_map(|row| match row.entity {
        Entity::Hotel(hotel) => Some(hotel.name),
        _ => None,
    });
    Ok(names.find(|name| !name.is_empty()))
}

/// Every row of a kind, by document.
pub(crate) fn of_kind(db: &Connection, kind: DocumentKind) -> Result<Vec<Row>, StoreError> {
    select(db, "where kind = ?1 order by document", params![kind as u8])
}

/// What a board, a list and a desk show on a business date: of stays also those that come within
/// [`AVAILABILITY_DAYS`].
pub(crate) fn shown_on(db: &Connection, date: BusinessDate) -> Result<Vec<Row>, StoreError> {
    let kind = |kind: DocumentKind| kind as u8;
    let mut rows = select(
        db,
        "where kind in (?1, ?2) order by document",
        params![kind(DocumentKind::Hotel), kind(DocumentKind::Room)],
    )?;
    for (dated, last) in [
        (DocumentKind::Stay, date.plus_days(AVAILABILITY_DAYS)),
        (DocumentKind::Task, date.plus_days(1)),
    ] {
        rows.extend(select(
            db,
            "where kind = ?1 and to_date >= ?2 and from_date <= ?3 order by document",
            params![kind(dated), date.to_string(), last.to_string()],
        )?);
    }
    rows.extend(select(
        db,
        "where kind in (?1, ?2) and open = 1 and to_date < ?3 order by document",
        params![
            kind(DocumentKind::Stay),
            kind(DocumentKind::Task),
            date.to_string()
        ],
    )?);
    for always in [
        DocumentKind::WorkOrder,
        DocumentKind::RoomBlock,
        DocumentKind::RoomLink,
        DocumentKind::RuleSheet,
    ] {
        rows.extend(select(
            db,
            "where kind = ?1 and open = 1 order by document",
            params![kind(always)],
        )?);
    }
    rows.extend(select(
        db,
        "where kind = ?1 and open = 0 order by changed_at desc, document limit ?2",
        params![kind(DocumentKind::WorkOrder), CLOSED_WORK_ORDERS],
    )?);
    let orders: Vec<DocumentId> = rows
        .iter()
        .filter(|row| row.document.kind == DocumentKind::WorkOrder)
        .map(Row::id)
        .collect();
    for order in orders {
        rows.extend(by_subject(db, DocumentKind::Comment, order.0)?);
    }
    Ok(rows)
}

/// Rows of a kind that concern a room or a work order.
pub(crate) fn by_subject(
    db: &Connection,
    kind: DocumentKind,
    subject: Uuid,
) -> Result<Vec<Row>, StoreError> {
    select(
        db,
        "where kind = ?1 and subject = ?2 order by document",
        params![kind as u8, subject.as_bytes()],
    )
}

/// The date on which the hotel works; None before its document is here.
fn business_date(db: &Connection) -> Result<Option<BusinessDate>, StoreError> {
    let hotels = of_kind(db, DocumentKind::Hotel)?.into_iter();
    let mut dates = hotels.filter_map(|row| match row.entity {
        Entity::Hotel(hotel) => Some(hotel.business_date),
        _ => None,
    });
    Ok(dates.next())
}

/// Rows of a room that a plan looks at: its stays, and of everything else what is open or concerns
/// the business date or a later one.
pub(crate) fn current_in_room(
    db: &Connection,
    kind: DocumentKind,
    room: RoomId,
) -> Result<Vec<Row>, StoreError> {
    if kind == DocumentKind::Stay {
        return by_subject(db, kind, room.0);
    }
    select(
        db,
        "where kind = ?1 and subject = ?2 and (open = 1 or to_date >= ?3) order by document",
        params![
            kind as u8,
            room.0.as_bytes(),
            business_date(db)?.map(|date| date.to_string())
        ],
    )
}

/// Some of what nobody works with any more: stays, tasks and blocks that were over before a business date,
/// work orders that were closed and not touched since a moment, and comments on what is not here.
/// Only what the log has all of up to `cursor`, and nothing that was done since that moment.
pub(crate) fn over(
    db: &Connection,
    since: BusinessDate,
    horizon: Timestamp,
    cursor: Sequence,
    limit: usize,
) -> Result<Vec<DocumentRef>, StoreError> {
    let mut statement = db.prepare_cached(
        "select document, kind from entity
         where (kind in (?1, ?2, ?9) and open = 0 and to_date < ?5
                or kind = ?3 and open = 0 and changed_at < ?6
                or kind = ?4 and changed_at < ?6
                   and subject not in (select document from entity where kind = ?3))
             and not exists (
                 select 1 from change join action on id = position / 1024
                 where change.document = entity.document
                     and (sequence is null or sequence > ?7 or max(wall, received_at) >= ?6))
             and not exists (
                 select 1 from record_edit join action using (operation)
                 where record_edit.id = entity.document
                     and (action.sequence is null or action.sequence > ?7))
         order by document limit ?8",
    )?;
    let rows = statement.query_map(
        params![
            DocumentKind::Stay as u8,
            DocumentKind::Task as u8,
            DocumentKind::WorkOrder as u8,
            DocumentKind::Comment as u8,
            since.to_string(),
            horizon.0,
            cursor.0 as i64,
            limit as i64,
            DocumentKind::RoomBlock as u8
        ],
        super::changes::document_ref,
    )?;
    rows.map(|row| row?).collect()
}

fn select(db: &Connection, rest: &str, params: impl Params) -> Result<Vec<Row>, StoreError> {
    let sql = format!("select {COLUMNS} from entity {rest}");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params, raw)?;
    rows.map(|row| read(row?)).collect()
}

/// A row's columns before they are decoded.
type Raw = ([u8; 16], u8, i64, Vec<u8>, Option<Vec<u8>>);

fn raw(row: &rusqlite::Row<'_>) -> Result<Raw, rusqlite::Error> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
    ))
}

fn read((document, kind, changed_at, entity, conflicts): Raw) -> Result<Row, StoreError> {
    let conflicts: Vec<FieldConflict> = match conflicts {
        Some(bytes) => decode(&bytes)?,
        None => Vec::new(),
    };
    Ok(Row {
        document: DocumentRef {
            kind: DocumentKind::try_from(kind).map_err(|_| StoreError::Unreadable)?,
            id: DocumentId(id(document)),
        },
        entity: decode(&entity)?,
        conflicts,
        changed_at: Timestamp(changed_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open_in_memory;
    use keyrack_model::{
        change::Entity,
        ids::{StayId, TaskId},
        stay::{Stay, StayStatus},
        task::Task,
    };

    #[test]
    fn a_desk_is_shown_the_stays_of_the_coming_days_and_the_tasks_of_two() {
        let today: BusinessDate = "2017-05-25".parse().unwrap();
        let db = open_in_memory().unwrap();
        let mut number = 0;
        let mut put = |document: fn(Uuid) -> DocumentRef, entity: Entity| {
            number += 1;
            let document = document(Uuid::from_u128(number));
            let row = Row {
                document,
                entity,
                conflicts: vec![],
                changed_at: Timestamp(0),
            };
            upsert(&db, &row).unwrap();
            document
        };
        let mut stay = |status, from, to| {
            let stay = Stay {
                status,
                arrival: today.plus_days(from),
                departure: today.plus_days(to),
                ..Stay::default()
            };
            put(|id| StayId(id).into(), stay.into())
        };
        use StayStatus::{Departed, Expected, InHouse};
        let mut shown = vec![
            stay(Departed, -3, 0),
            stay(InHouse, -9, -1),
            stay(Expected, AVAILABILITY_DAYS, AVAILABILITY_DAYS + 1),
        ];
        stay(Departed, -3, -1);
        stay(Expected, AVAILABILITY_DAYS + 1, AVAILABILITY_DAYS + 2);
        let mut task = |days| {
            let task = Task {
                business_date: today.plus_days(days),
                ..Task::default()
            };
            put(|id| TaskId(id).into(), task.into())
        };
        shown.extend([task(-1), task(0), task(1)]);
        task(2);
        let found = shown_on(&db, today).unwrap().into_iter();
        let mut found: Vec<_> = found.map(|row| row.document).collect();
        found.sort_unstable();
        shown.sort_unstable();
        assert_eq!(found, shown);
    }
}
