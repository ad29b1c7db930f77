//! Who works at a hotel: taking on, roles, passwords, leaving. The log tells everybody.
//!
//! **Architecture Invariant**: rows of people are locked before all else and in the order of their
//! ids, so that whoever changes another waits for whoever changes them. The end of the audit log is locked
//! after all else.

use super::{AccountError, Accounts, enrolment, import_keys, names, sessions, user_keys};
use crate::{
    audit::{Hand, Notes},
    log::postgres::records,
};
use keyrack_model::{
    action::Sequence,
    administration::{AuditEvent, BECAME, Ended, SeenPerson},
    ids::{HotelId, UserId},
    limits::{GIVEN_PASSWORD_DAYS, MAX_PASSWORD},
    policy::{self, Role},
    record::{Colleague, Payload},
    rows::Person,
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;
use zxcvbn::Score;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// The shortest password that a person can be given.
const MIN_PASSWORD: usize = 8;

/// Who chose somebody's password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ChosenBy {
    Themselves,
    /// Who knows it too: its person is asked for another one, and it lets nobody in from some time on.
    SomebodyElse {
        good_until: Timestamp,
    },
}

/// A password as it is kept.
pub(super) struct KeptPassword<'a> {
    pub(super) hash: &'a str,
    pub(super) chosen_by: ChosenBy,
}

impl<'a> KeptPassword<'a> {
    /// One that somebody hands over.
    pub(super) fn given(hash: &'a str, now: Timestamp) -> Self {
        let good_until = Timestamp(now.0 + i64::from(GIVEN_PASSWORD_DAYS) * DAY_MILLIS);
        Self {
            hash,
            chosen_by: ChosenBy::SomebodyElse { good_until },
        }
    }

    fn good_until(&self) -> Option<Timestamp> {
        match self.chosen_by {
            ChosenBy::Themselves => None,
            ChosenBy::SomebodyElse { good_until } => Some(good_until),
        }
    }
}

/// Somebody new at a hotel, with the password that the operator lets them type: those who begin with it.
pub struct NewPerson {
    pub name: String,
    pub display: String,
    pub role: Role,
    pub password: String,
}

impl Accounts {
    /// Takes somebody on: the log tells everybody of it.
    pub async fn add_person(
        &self,
        hotel: HotelId,
        new: NewPerson,
        now: Timestamp,
    ) -> Result<UserId, AccountError> {
        let person = UserId(Uuid::new_v4());
        self.take_on(hotel, person, new, now).await?;
        Ok(person)
    }

    /// Takes somebody on who has an id already.
    pub(crate) async fn take_on(
        &self,
        hotel: HotelId,
        person: UserId,
        new: NewPerson,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let colleague = newcomer(&new.name, &new.display, new.role)?;
        let hash = self.hash(hotel, new.password).await?;
        let mut tx = self.database.begin(hotel).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        let kept = KeptPassword {
            hash: &hash,
            chosen_by: ChosenBy::Themselves,
        };
        let head = take_in(&mut tx, hotel, person, colleague, kept, &mut notes).await?;
        self.conclude(tx, hotel, Some(head), &notes).await
    }

    /// Gives somebody another role, from the next entry of the log on. False when it is theirs
    /// already.
    pub async fn set_role(
        &self,
        hotel: HotelId,
        name: &str,
        role: Role,
        now: Timestamp,
    ) -> Result<bool, AccountError> {
        let name = names::login(name)?;
        let mut tx = self.database.begin(hotel).await?;
        let staff = hold(&mut tx, hotel, Some(&name), &[]).await?;
        let person = staff.named(&name)?;
        let mut notes = Notes::by(Hand::unnamed(now));
        let told = give_role(&mut tx, hotel, &staff, person, role, &mut notes).await?;
        self.conclude(tx, hotel, told, &notes).await?;
        Ok(told.is_some())
    }

    /// Takes somebody's name off the hotel's list: they are signed out everywhere, and sign in no
    /// more. What they did stays under their name, and what of their last hours comes in later is set
    /// aside.
    pub async fn dismiss(
        &self,
        hotel: HotelId,
        name: &str,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let name = names::login(name)?;
        let mut tx = self.database.begin(hotel).await?;
        let staff = hold(&mut tx, hotel, Some(&name), &[]).await?;
        let person = staff.named(&name)?;
        let mut notes = Notes::by(Hand::unnamed(now));
        let head = let_go(&mut tx, hotel, &staff, person, &mut notes).await?;
        self.conclude(tx, hotel, Some(head), &notes).await
    }

    /// Gives somebody another password, and ends what the one before opened. They are asked to choose
    /// their own.
    pub async fn set_password(
        &self,
        hotel: HotelId,
        name: &str,
        password: String,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let name = names::login(name)?;
        let hash = self.hash(hotel, password).await?;
        let mut tx = self.database.begin(hotel).await?;
        let staff = hold(&mut tx, hotel, Some(&name), &[]).await?;
        let person = staff.named(&name)?.id;
        let kept = KeptPassword::given(&hash, now);
        give_password(&mut tx, hotel, person, kept).await?;
        let mut notes = Notes::by(Hand::unnamed(now));
        notes.add(AuditEvent::PasswordReset, Some(person), "");
        sessions::end_with_password(&mut tx, hotel, person, None, &mut notes).await?;
        self.conclude(tx, hotel, None, &notes).await
    }

    pub(super) async fn hash(
        &self,
        hotel: HotelId,
        password: String,
    ) -> Result<String, AccountError> {
        check_password(&password)?;
        self.passwords.hash(hotel, password).await
    }
}

/// Somebody whose row stays as it is until the transaction ends.
pub(super) struct Held {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) display: String,
    pub(super) role: Role,
}

/// People who work at the hotel and whose rows stay as they are until the transaction ends: those
/// who were asked for, and all who look after people.
pub(super) struct Staff(Vec<Held>);

impl Staff {
    pub(super) fn named(&self, name: &str) -> Result<&Held, AccountError> {
        let found = self.0.iter().find(|person| person.name == name);
        found.ok_or_else(|| AccountError::UnknownPerson(name.to_owned()))
    }

    pub(super) fn with_id(&self, id: UserId) -> Result<&Held, AccountError> {
        let found = self.0.iter().find(|person| person.id == id);
        found.ok_or_else(|| AccountError::UnknownPerson(id.to_string()))
    }

    /// A hotel that nobody looks after could only be helped by the server's operator.
    fn check_led_without(&self, person: &Held) -> Result<(), AccountError> {
        let mut others = self.0.iter().filter(|other| other.id != person.id);
        if !looks_after_people(person.role) || others.any(|other| looks_after_people(other.role)) {
            return Ok(());
        }
        Err(AccountError::NotAllowed(
            "nobody else at this hotel is manager or admin: make somebody one first; nothing was \
             changed",
        ))
    }
}

pub(super) fn looks_after_people(role: Role) -> bool {
    policy::may_manage(role, Role::Housekeeper)
}

/// Locks somebody by name, others by id, and all who look after people.
pub(super) async fn hold(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    name: Option<&str>,
    people: &[UserId],
) -> Result<Staff, AccountError> {
    let people: Vec<Uuid> = people.iter().map(|person| person.0).collect();
    let leading = Role::ALL.iter().filter(|role| looks_after_people(**role));
    let leading: Vec<&str> = leading.map(|role| role.word()).collect();
    let found: Vec<Columns> = sqlx::query_as(
        "select person, name, display, role from person
         where hotel = $1 and left_at is null
             and (name = $2 or person = any ($3) or role = any ($4))
         order by person for update",
    )
    .bind(hotel.0)
    .bind(name)
    .bind(people)
    .bind(leading)
    .fetch_all(&mut **tx)
    .await?;
    let staff: Result<Vec<Held>, AccountError> = found.into_iter().map(held).collect();
    Ok(Staff(staff?))
}

/// Somebody who keeps their role until the transaction ends; None when they do not work here.
pub(super) async fn keep(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
) -> Result<Option<Held>, AccountError> {
    let found: Option<Columns> = sqlx::query_as(
        "select person, name, display, role from person
         where hotel = $1 and person = $2 and left_at is null for share",
    )
    .bind(hotel.0)
    .bind(person.0)
    .fetch_optional(&mut **tx)
    .await?;
    found.map(held).transpose()
}

type Columns = (Uuid, String, String, String);

fn held((id, name, display, role): Columns) -> Result<Held, AccountError> {
    Ok(Held {
        id: UserId(id),
        name,
        display,
        role: known_role(&role)?,
    })
}

/// Somebody as the hotel is going to know them.
pub(super) fn newcomer(name: &str, display: &str, role: Role) -> Result<Colleague, AccountError> {
    let name = names::login(name)?;
    let display = names::shown(display, "the display name must have 1 to 80 characters")?;
    check_role(role)?;
    Ok(Colleague {
        name,
        display: display.to_owned(),
        role,
        left: false,
    })
}

pub(super) async fn take_in(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    colleague: Colleague,
    password: KeptPassword<'_>,
    notes: &mut Notes,
) -> Result<Sequence, AccountError> {
    insert(tx, hotel, person, &colleague, password, notes).await?;
    tell(tx, hotel, person, colleague, notes).await
}

/// The row of somebody new. Of several all have theirs before the log is told of any: whoever else
/// waits for a name holds nothing of the log.
pub(super) async fn insert(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    colleague: &Colleague,
    password: KeptPassword<'_>,
    notes: &mut Notes,
) -> Result<(), AccountError> {
    let made = sqlx::query(
        "insert into person
            (hotel, person, name, display, role, password_hash, password_given, password_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (hotel, name) do nothing",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(&colleague.name)
    .bind(&colleague.display)
    .bind(colleague.role.word())
    .bind(password.hash)
    .bind(password.good_until().is_some())
    .bind(password.good_until().map(|until| until.0))
    .execute(&mut **tx)
    .await?;
    if made.rows_affected() == 0 {
        return Err(AccountError::NameTaken(colleague.name.clone()));
    }
    notes.add(
        AuditEvent::PersonTakenOn,
        Some(person),
        colleague.role.word(),
    );
    Ok(())
}

/// Has the log tell everybody of somebody new.
pub(super) async fn tell(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    colleague: Colleague,
    notes: &Notes,
) -> Result<Sequence, AccountError> {
    let payload = Payload::Person(colleague);
    Ok(records::put(tx, hotel, person.into(), payload, notes.at()).await?)
}

/// None when it is theirs already.
pub(super) async fn give_role(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    staff: &Staff,
    person: &Held,
    role: Role,
    notes: &mut Notes,
) -> Result<Option<Sequence>, AccountError> {
    check_role(role)?;
    if person.role == role {
        return Ok(None);
    }
    if !looks_after_people(role) {
        staff.check_led_without(person)?;
        enrolment::end_codes_of(tx, hotel, person.id).await?;
    }
    if person.role == Role::Admin {
        import_keys::end_keys_of(tx, hotel, person.id, notes).await?;
    }
    sqlx::query("update person set role = $3 where hotel = $1 and person = $2")
        .bind(hotel.0)
        .bind(person.id.0)
        .bind(role.word())
        .execute(&mut **tx)
        .await?;
    let change = format!("{}{BECAME}{role}", person.role);
    notes.add(AuditEvent::RoleChanged, Some(person.id), change);
    let payload = Payload::Person(Colleague {
        name: person.name.clone(),
        display: person.display.clone(),
        role,
        left: false,
    });
    let head = records::put(tx, hotel, person.id.into(), payload, notes.at()).await?;
    Ok(Some(head))
}

/// What somebody's name ends with once they have left, so that somebody new may have it.
fn after_leaving(person: UserId) -> String {
    format!(" left {person}")
}

pub(super) async fn let_go(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    staff: &Staff,
    person: &Held,
    notes: &mut Notes,
) -> Result<Sequence, AccountError> {
    staff.check_led_without(person)?;
    enrolment::end_codes_of(tx, hotel, person.id).await?;
    import_keys::end_keys_of(tx, hotel, person.id, notes).await?;
    sqlx::query(
        "update person set left_at = $3, name = name || $4 where hotel = $1 and person = $2",
    )
    .bind(hotel.0)
    .bind(person.id.0)
    .bind(notes.at().0)
    .bind(after_leaving(person.id))
    .execute(&mut **tx)
    .await?;
    notes.add(
        AuditEvent::PersonDismissed,
        Some(person.id),
        person.role.word(),
    );
    sessions::end_sessions_of(tx, hotel, person.id, None, Ended::Dismissed, notes).await?;
    user_keys::end_all_of(tx, hotel, person.id, notes.at()).await?;
    let payload = Payload::Person(Colleague {
        name: person.name.clone(),
        display: person.display.clone(),
        role: person.role,
        left: true,
    });
    Ok(records::put(tx, hotel, person.id.into(), payload, notes.at()).await?)
}

/// Which of their sessions end by that is for the caller to say.
pub(super) async fn give_password(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    person: UserId,
    password: KeptPassword<'_>,
) -> Result<(), AccountError> {
    sqlx::query(
        "update person set password_hash = $3, password_given = $4, password_until = $5
         where hotel = $1 and person = $2",
    )
    .bind(hotel.0)
    .bind(person.0)
    .bind(password.hash)
    .bind(password.good_until().is_some())
    .bind(password.good_until().map(|until| until.0))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

type SeenColumns = (Uuid, String, String, String, bool, bool);

/// The people of a hotel, those who have left among them, or one of them; by name. When they were
/// heard from is for the sessions to say.
pub(super) async fn seen(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    only: Option<UserId>,
) -> Result<Vec<SeenPerson>, AccountError> {
    let found: Vec<SeenColumns> = sqlx::query_as(
        "select person, name, display, role, left_at is not null, password_given from person
         where hotel = $1 and ($2::uuid is null or person = $2) order by name",
    )
    .bind(hotel.0)
    .bind(only.map(|person| person.0))
    .fetch_all(&mut **tx)
    .await?;
    let person = |(id, name, display, role, left, password_given): SeenColumns| {
        let id = UserId(id);
        let called = name.strip_suffix(&after_leaving(id)).filter(|_| left);
        let name = called.map_or_else(|| name.clone(), str::to_owned);
        let role = known_role(&role)?;
        Ok(SeenPerson {
            person: Person {
                id,
                name,
                display,
                role,
                left,
            },
            seen_at: None,
            password_given: password_given && !left,
        })
    };
    found.into_iter().map(person).collect()
}

pub(super) fn known_role(word: &str) -> Result<Role, AccountError> {
    word.parse()
        .map_err(|_| AccountError::BadRequest("the person's role is not known here"))
}

fn check_role(role: Role) -> Result<(), AccountError> {
    if role == Role::Server {
        return Err(AccountError::BadRequest(
            "the role `server` is the server's own",
        ));
    }
    Ok(())
}

/// Whether a password that somebody chose is one of those that are tried first: a common one, one that
/// became known elsewhere, or one made of what everybody knows of its person and hotel.
pub(super) fn check_choice(password: &str, known: &[&str]) -> Result<(), AccountError> {
    check_password(password)?;
    let is_long = without(password, known).chars().count() >= MIN_PASSWORD;
    if is_long && zxcvbn::zxcvbn(password, known).score() >= Score::Two {
        Ok(())
    } else {
        Err(AccountError::BadRequest(
            "this password is one of those that are tried first; nothing was changed. Take a longer \
             one: three or four words that have nothing to do with you, the hotel or each other",
        ))
    }
}

/// What is left of a password without the words that everybody knows.
fn without(password: &str, known: &[&str]) -> String {
    let words = known.iter().flat_map(|known| known.split_whitespace());
    let words = words.chain(["keyrack"]).map(str::to_lowercase);
    let long = words.filter(|word| word.chars().count() >= 3);
    long.fold(password.to_lowercase(), |rest, word| {
        rest.replace(&word, "")
    })
}

pub(super) fn check_password(password: &str) -> Result<(), AccountError> {
    if (MIN_PASSWORD..=MAX_PASSWORD).contains(&password.chars().count()) {
        Ok(())
    } else {
        Err(AccountError::BadRequest(
            "the password must have 8 to 200 characters",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_eight_to_two_hundred_characters_and_none_is_wanted_or_refused_by_its_kind() {
        let letters = |count| "\u{e9}".repeat(count);
        for (count, fits) in [
            (0, false),
            (MIN_PASSWORD - 1, false),
            (MIN_PASSWORD, true),
            (64, true),
            (MAX_PASSWORD, true),
            (MAX_PASSWORD + 1, false),
        ] {
            assert_eq!(check_password(&letters(count)).is_ok(), fits, "{count}");
        }
        for kind in [
            "plumharbourtractor",
            "plum harbour tractor",
            "9174520386612",
            "\u{1f511}\u{2693}\u{1f333}\u{1f6b2}\u{2744}\u{1f9ed}\u{1f30a}\u{1f3ba}",
        ] {
            assert!(check_choice(kind, &["maria"]).is_ok(), "{kind}");
        }
    }
}
