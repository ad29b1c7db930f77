//! Who works at a hotel: taking on, roles, passwords, leaving. The log tells everybody.

use super::{
    AccountError, Accounts, names,
    sessions::{self, Ended},
};
use crate::{heads, log::postgres::records};
use keyrack_model::{
    ids::{HotelId, UserId},
    limits::MAX_PASSWORD,
    policy::Role,
    record::{Colleague, Payload},
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

/// The shortest password that a person can be given.
const MIN_PASSWORD: usize = 8;

/// Somebody new at a hotel.
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
        let name = names::login(&new.name)?;
        let display = names::shown(
            &new.display,
            "the display name must have 1 to 80 characters",
        )?;
        check_role(new.role)?;
        let hash = self.hash(new.password).await?;
        let mut tx = self.database.begin(hotel).await?;
        let made = sqlx::query(
            "insert into person (hotel, person, name, display, role, password_hash)
             values ($1, $2, $3, $4, $5, $6) on conflict (hotel, name) do nothing",
        )
        .bind(hotel.0)
        .bind(person.0)
        .bind(&name)
        .bind(display)
        .bind(new.role.to_string())
        .bind(&hash)
        .execute(&mut *tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(AccountError::NameTaken(name));
        }
        let payload = Payload::Person(Colleague {
            name,
            display: display.to_owned(),
            role: new.role,
            left: false,
        });
        let head = records::put(&mut tx, hotel, person.into(), payload, now).await?;
        tx.commit().await?;
        heads::tell_of(&self.database, hotel, head).await;
        Ok(())
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
        check_role(role)?;
        let mut tx = self.database.begin(hotel).await?;
        let Held {
            person,
            display,
            role: present,
        } = hold(&mut tx, hotel, &name).await?;
        if present == role {
            return Ok(false);
        }
        sqlx::query("update person set role = $3 where hotel = $1 and person = $2")
            .bind(hotel.0)
            .bind(person.0)
            .bind(role.word())
            .execute(&mut *tx)
            .await?;
        let payload = Payload::Person(Colleague {
            name,
            display,
            role,
            left: false,
        });
        let head = records::put(&mut tx, hotel, person.into(), payload, now).await?;
        tx.commit().await?;
        heads::tell_of(&self.database, hotel, head).await;
        Ok(true)
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
        let Held {
            person,
            display,
            role,
        } = hold(&mut tx, hotel, &name).await?;
        sqlx::query(
            "update person set left_at = $3, name = name || ' left ' || person
             where hotel = $1 and person = $2",
        )
        .bind(hotel.0)
        .bind(person.0)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
        sessions::end_sessions_of(&mut tx, hotel, person, None, Ended::Dismissed, now).await?;
        let payload = Payload::Person(Colleague {
            name,
            display,
            role,
            left: true,
        });
        let head = records::put(&mut tx, hotel, person.into(), payload, now).await?;
        tx.commit().await?;
        heads::tell_of(&self.database, hotel, head).await;
        Ok(())
    }

    /// Gives somebody another password, and ends what the one before opened.
    pub async fn set_password(
        &self,
        hotel: HotelId,
        name: &str,
        password: String,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let name = names::login(name)?;
        let hash = self.hash(password).await?;
        let mut tx = self.database.begin(hotel).await?;
        let Held { person, .. } = hold(&mut tx, hotel, &name).await?;
        sqlx::query("update person set password_hash = $3 where hotel = $1 and person = $2")
            .bind(hotel.0)
            .bind(person.0)
            .bind(&hash)
            .execute(&mut *tx)
            .await?;
        sessions::end_sessions_of(&mut tx, hotel, person, None, Ended::Password, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn hash(&self, password: String) -> Result<String, AccountError> {
        if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&password.chars().count()) {
            return Err(AccountError::BadRequest(
                "the password must have 8 to 200 characters",
            ));
        }
        self.passwords.hash(password).await
    }
}

/// Somebody whose row stays as it is until the transaction ends.
struct Held {
    person: UserId,
    display: String,
    role: Role,
}

async fn hold(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    name: &str,
) -> Result<Held, AccountError> {
    let found: Option<(Uuid, String, String)> = sqlx::query_as(
        "select person, display, role from person
         where hotel = $1 and name = $2 and left_at is null for update",
    )
    .bind(hotel.0)
    .bind(name)
    .fetch_optional(&mut **tx)
    .await?;
    let (person, display, role) =
        found.ok_or_else(|| AccountError::UnknownPerson(name.to_owned()))?;
    Ok(Held {
        person: UserId(person),
        display,
        role: known_role(&role)?,
    })
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
