//! Kept actions, changes of roles and devices that are not trusted, as rows.

use super::{
    grants, records,
    rows::{cbor, unreadable},
};
use crate::{
    audit::{Hand, Notes},
    log::{
        LogError, Mark, Refused, Served,
        review::{self, Amount, Cause, Decider, Outcome, RoleChange, Standing, Step, kept_size},
    },
};
use keyrack_model::{
    action::Sequence,
    administration::{AuditEvent, IN_THE_NAME_OF},
    class::GuestNames,
    ids::{DeviceId, HotelId, LogEpoch, UserId},
    limits::GRANT_KEPT_MILLIS,
    policy::Role,
    record::{Payload, Workplace},
    refusal::Refusal,
    time::Timestamp,
};
use sqlx::PgConnection;
use std::str::FromStr;
use uuid::Uuid;

/// Keeps what is refused for people to decide on, and says what the audit log tells of it: of what is
/// pushed again while it waits, nothing.
pub(super) async fn keep(
    tx: &mut PgConnection,
    hotel: HotelId,
    refused: &[Refused],
) -> Result<Vec<Notes>, LogError> {
    let mut told = Vec::new();
    for refused in refused {
        let Some(kept) = &refused.kept else { continue };
        let is_new: Option<bool> = sqlx::query_scalar(
            "with before as (
                 select outcome from review where hotel = $1 and operation = $2)
             insert into review
                 (hotel, operation, cause, role, author, device, received_at, digest, size, action,
                  record)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (hotel, operation) do update
             set cause = excluded.cause, role = excluded.role, received_at = excluded.received_at,
                 digest = excluded.digest, size = excluded.size, action = excluded.action,
                 record = excluded.record,
                 outcome = 'waiting', decided_by = null, decided_at = null
             where review.outcome in ('waiting', 'declined')
             returning coalesce((select outcome <> 'waiting' from before), true)",
        )
        .bind(hotel.0)
        .bind(refused.operation.0)
        .bind(kept.cause.word())
        .bind(kept.role.map(Role::word))
        .bind(refused.author.0)
        .bind(refused.device.0)
        .bind(refused.received_at.0)
        .bind(refused.digest.as_slice())
        .bind(kept_size(&kept.action) as i64)
        .bind(cbor(&kept.action))
        .bind(kept.action.command.record().map(|record| record.id.0))
        .fetch_optional(&mut *tx)
        .await?;
        if is_new == Some(true) {
            told.push(notes_of(refused, kept.cause));
        }
    }
    Ok(told)
}

fn notes_of(refused: &Refused, cause: Cause) -> Notes {
    let mut notes = Notes::by(Hand {
        actor: Some(refused.author),
        device: Some(refused.device),
        at: refused.received_at,
    });
    let event = match cause {
        Cause::RoleChanged => AuditEvent::WorkUnderReview,
        Cause::Dismissed | Cause::Distrusted => AuditEvent::WorkQuarantined,
    };
    let operation = refused.operation.to_string();
    notes.add(event, Some(refused.author), operation);
    notes
}

pub(super) async fn standing(
    tx: &mut PgConnection,
    hotel: HotelId,
    after: Timestamp,
) -> Result<Standing, LogError> {
    // One question: all of it is of one moment.
    let rows: Vec<StandingRow> = sqlx::query_as(
        "select 'mark' as part, epoch as id, standing as first, 0::bigint as second,
                null as before, null as after
         from hotel_head where hotel = $1
         union all
         select 'person', person, 0, 0, null, role
         from person where hotel = $1 and left_at is null
         union all
         select 'left', person, 0, 0, null, null
         from person where hotel = $1 and left_at is not null
         union all
         select 'change', person, at, turn, before, after
         from role_change where hotel = $1 and at > $2
         union all
         select 'distrusted', device, 0, 0, null, null
         from device where hotel = $1 and distrusted_at is not null
         union all
         select 'kept', device, count(*), sum(size)::bigint, author::text, cause
         from review where hotel = $1 and outcome in ('waiting', 'approving')
         group by cause, device, author
         order by part, first, second, id",
    )
    .bind(hotel.0)
    .bind(after.0)
    .fetch_all(&mut *tx)
    .await?;
    // After the mark, which each of their changes moves: what is judged by later ones than it is
    // judged again.
    let told_after = Timestamp(after.0.saturating_sub(GRANT_KEPT_MILLIS));
    let mut standing = Standing {
        grants: grants::told_after(tx, hotel, told_after).await?,
        ..Standing::default()
    };
    for row in rows {
        match (&*row.part, row.id) {
            ("mark", Some(epoch)) => {
                standing.mark = Mark {
                    epoch: LogEpoch(epoch),
                    count: row.first as u64,
                }
            }
            ("person", Some(person)) => {
                let role = row.after.as_deref().ok_or_else(|| unreadable("role"))?;
                standing.roles.insert(UserId(person), word(role, "role")?);
            }
            ("left", Some(person)) => {
                standing.left.insert(UserId(person));
            }
            ("change", Some(_)) => standing.changes.push(row.role_change()?),
            ("distrusted", Some(device)) => standing.distrusted.push(DeviceId(device)),
            ("kept", Some(device)) => {
                let device = DeviceId(device);
                let cause = row.after.as_deref().ok_or_else(|| unreadable("cause"))?;
                let author = row.before.as_deref().ok_or_else(|| unreadable("author"))?;
                let author = UserId(word(author, "author")?);
                let kept = Amount {
                    actions: usize::try_from(row.first).unwrap_or(usize::MAX),
                    bytes: usize::try_from(row.second).unwrap_or(usize::MAX),
                };
                let room = standing.kept.of(word(cause, "cause")?);
                room.add((device, author), kept);
            }
            _ => return Err(unreadable("part")),
        }
    }
    Ok(standing)
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    part: String,
    id: Option<Uuid>,
    first: i64,
    second: i64,
    before: Option<String>,
    after: Option<String>,
}

impl StandingRow {
    fn role_change(self) -> Result<RoleChange, LogError> {
        let role =
            |text: Option<String>, column| text.map(|text| word::<Role>(&text, column)).transpose();
        Ok(RoleChange {
            person: UserId(self.id.ok_or_else(|| unreadable("person"))?),
            at: Timestamp(self.first),
            before: role(self.before, "before")?.ok_or_else(|| unreadable("before"))?,
            after: role(self.after, "after")?,
        })
    }
}

pub(super) async fn note_role_change(
    tx: &mut PgConnection,
    hotel: HotelId,
    change: RoleChange,
) -> Result<(), LogError> {
    sqlx::query(
        "insert into role_change (hotel, person, at, before, after) values ($1, $2, $3, $4, $5)",
    )
    .bind(hotel.0)
    .bind(change.person.0)
    .bind(change.at.0)
    .bind(change.before.word())
    .bind(change.after.map(Role::word))
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn served_as(
    tx: &mut PgConnection,
    hotel: HotelId,
    person: UserId,
    device: DeviceId,
) -> Result<Option<Served>, LogError> {
    let served: Option<(String, bool)> = sqlx::query_as(
        "select role, coalesce(
             (select reads_guests from device where hotel = $1 and device = $3), true)
         from person
         where hotel = $1 and person = $2 and left_at is null and not exists (
             select from device
             where hotel = $1 and device = $3 and distrusted_at is not null)",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(device.0)
    .fetch_optional(tx)
    .await?;
    let served = served.map(|(role, reads_guests)| {
        Ok(Served {
            role: word(&role, "role")?,
            guests: guest_names(reads_guests),
        })
    });
    served.transpose()
}

/// Whether who the guests are may be on a device, as its row says it.
pub(crate) fn guest_names(reads_guests: bool) -> GuestNames {
    if reads_guests {
        GuestNames::Shown
    } else {
        GuestNames::KeptOff
    }
}

/// What became of a device that is not to be trusted.
pub(crate) enum Distrusted {
    Unknown,
    /// It was not trusted before.
    Before,
    Now {
        /// Where the log tells of it.
        told: Sequence,
    },
}

/// Marks a device, and has the log and the audit log tell of it.
pub(crate) async fn distrust(
    tx: &mut PgConnection,
    hotel: HotelId,
    device: DeviceId,
    notes: &mut Notes,
) -> Result<Distrusted, LogError> {
    let marked: Option<(String, bool, bool)> = sqlx::query_as(
        "update device set distrusted_at = coalesce(device.distrusted_at, $3)
         from (select distrusted_at is not null as was_marked from device
               where hotel = $1 and device = $2 for update) as before
         where hotel = $1 and device = $2
         returning name, was_marked, reads_guests",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(notes.at().0)
    .fetch_optional(&mut *tx)
    .await?;
    let (name, reads_guests) = match marked {
        None => return Ok(Distrusted::Unknown),
        Some((_, true, _)) => return Ok(Distrusted::Before),
        Some((name, false, reads_guests)) => (name, reads_guests),
    };
    notes.add_on(device, AuditEvent::DeviceRevoked, None, &*name);
    let revoked = Payload::Device(Workplace {
        name,
        revoked: true,
        guests: guest_names(reads_guests),
    });
    let told = records::put(tx, hotel, device.into(), revoked, notes.at()).await?;
    Ok(Distrusted::Now { told })
}

/// What became of a device that is to be trusted again.
pub(crate) enum Trusted {
    Unknown,
    /// It was trusted all along.
    Before,
    Now {
        /// Where the log tells of it.
        told: Sequence,
        /// How much of its quarantine waits for review by that.
        waiting: u64,
    },
}

/// Takes the mark off a device, and has the log and the audit log tell of it. What was set aside because
/// of the mark is for people to decide on, as what was done in an earlier role is; what nobody knows
/// the role of stays where it is.
pub(crate) async fn trust(
    tx: &mut PgConnection,
    hotel: HotelId,
    device: DeviceId,
    notes: &mut Notes,
) -> Result<Trusted, LogError> {
    let found: Option<(String, bool, bool)> = sqlx::query_as(
        "select name, distrusted_at is not null, reads_guests from device
         where hotel = $1 and device = $2 for update",
    )
    .bind(hotel.0)
    .bind(device.0)
    .fetch_optional(&mut *tx)
    .await?;
    let (name, reads_guests) = match found {
        None => return Ok(Trusted::Unknown),
        Some((_, false, _)) => return Ok(Trusted::Before),
        Some((name, true, reads_guests)) => (name, reads_guests),
    };
    sqlx::query("update device set distrusted_at = null where hotel = $1 and device = $2")
        .bind(hotel.0)
        .bind(device.0)
        .execute(&mut *tx)
        .await?;
    notes.add_on(device, AuditEvent::DeviceTrusted, None, &*name);
    let trusted = Payload::Device(Workplace {
        name,
        revoked: false,
        guests: guest_names(reads_guests),
    });
    let told = records::put(tx, hotel, device.into(), trusted, notes.at()).await?;
    // After the end of the log, as by whoever decides.
    let moved = sqlx::query(
        "update review set cause = $3
         where hotel = $1 and device = $2 and cause = $4 and outcome = $5 and role is not null",
    )
    .bind(hotel.0)
    .bind(device.0)
    .bind(Cause::RoleChanged.word())
    .bind(Cause::Distrusted.word())
    .bind(Outcome::Waiting.word())
    .execute(&mut *tx)
    .await?;
    let waiting = moved.rows_affected();
    Ok(Trusted::Now { told, waiting })
}

/// Takes the step, and says what the audit log tells of it; None where there was no such step. Whether
/// whoever decides may is for the caller to have seen to.
pub(crate) async fn decide(
    tx: &mut PgConnection,
    hotel: HotelId,
    step: Step,
) -> Result<Option<Notes>, LogError> {
    review::check(step)?;
    // As whoever appends: what is kept is locked after the end of the log.
    sqlx::query("select from hotel_head where hotel = $1 for update")
        .bind(hotel.0)
        .execute(&mut *tx)
        .await?;
    let author: Option<Uuid> = sqlx::query_scalar(
        "update review set outcome = $4, decided_by = $5, decided_at = $6
         where hotel = $1 and operation = $2 and outcome = $3 returning author",
    )
    .bind(hotel.0)
    .bind(step.operation.0)
    .bind(step.from.word())
    .bind(step.to.word())
    .bind(step.by.person().0)
    .bind(step.at.0)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(author) = author.map(UserId) else {
        return Ok(None);
    };
    let mut notes = Notes::by(hand(step));
    let event = match step.to {
        Outcome::Approved => Some(AuditEvent::ReviewApproved),
        Outcome::Declined => Some(AuditEvent::ReviewDeclined),
        Outcome::Waiting | Outcome::Approving => None,
    };
    if let Some(event) = event {
        notes.add(event, Some(author), detail(step));
    }
    if step.to == Outcome::Declined {
        sqlx::query(
            "insert into refusal (hotel, operation, digest, author, device, received_at, refusal)
             select hotel, operation, digest, author, device, $3, $4 from review
             where hotel = $1 and operation = $2",
        )
        .bind(hotel.0)
        .bind(step.operation.0)
        .bind(step.at.0)
        .bind(cbor(&Refusal::Declined))
        .execute(tx)
        .await?;
    }
    Ok(Some(notes))
}

/// Whose hand the audit log names.
fn hand(step: Step) -> Hand {
    match step.by {
        Decider::SignedIn { person, device } => Hand {
            actor: Some(person),
            device: Some(device),
            at: step.at,
        },
        Decider::Operator { .. } => Hand::unnamed(step.at),
    }
}

fn detail(step: Step) -> String {
    match step.by {
        Decider::SignedIn { .. } => step.operation.to_string(),
        Decider::Operator { named } => format!("{}{IN_THE_NAME_OF}{named}", step.operation),
    }
}

pub(super) fn word<T: FromStr>(text: &str, column: &'static str) -> Result<T, LogError> {
    text.parse().map_err(|_| unreadable(column))
}
