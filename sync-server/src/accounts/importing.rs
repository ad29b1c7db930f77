//! Who brings files in, and what of it is told of people and to the audit log.
//!
//! **Architecture Invariant**: a file gives nobody a password and changes nobody's role. Whoever comes
//! of one signs in once somebody has handed them a password, as for anybody else.

use super::{
    AccountError, Accounts, Token,
    administration::{ABOVE, OTHERS_ROLE},
    devices, import_keys,
    people::{self, KeptPassword},
};
use crate::{
    audit::{Hand, Notes},
    session::Identity,
};
use keyrack_model::{
    administration::AuditEvent,
    ids::{HotelId, ImportKeyId, UserId},
    import::{ImportCounts, ImportKind},
    policy::{self, Role},
    record::Colleague,
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};
use std::collections::HashMap;
use uuid::Uuid;

/// Who brings a file in.
#[derive(Clone, Debug)]
pub enum Importer {
    Person {
        who: Box<Identity>,
        role: Role,
    },
    Program {
        key: ImportKeyId,
        /// What people call it.
        name: String,
    },
    /// The server's, on its own machine.
    Operator,
}

/// How far an import came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    All,
    /// It was broken off before so many rows.
    Part {
        left: u64,
    },
}

impl Importer {
    /// Whose rights it has over people: a program is no admin.
    pub fn role(&self) -> Role {
        match self {
            Self::Person { role, .. } => *role,
            Self::Program { .. } => Role::Manager,
            Self::Operator => Role::Admin,
        }
    }

    /// By what it is counted how often it asks.
    pub fn counted_by(&self) -> Uuid {
        match self {
            Self::Person { who, .. } => who.user.0,
            Self::Program { key, .. } => key.0,
            Self::Operator => Uuid::nil(),
        }
    }

    fn hand(&self, now: Timestamp) -> Hand {
        match self {
            Self::Person { who, .. } => Hand::of(who, now),
            Self::Program { .. } | Self::Operator => Hand::unnamed(now),
        }
    }

    /// What the audit log tells of an import.
    fn tells(&self, kind: ImportKind, counts: ImportCounts, reach: Reach) -> String {
        let ImportCounts { new, changed, .. } = counts;
        let told = format!("{kind}: {new} new, {changed} changed");
        let told = match reach {
            Reach::All => told,
            Reach::Part { left } => format!("{told}, broken off with up to {left} to come"),
        };
        match self {
            Self::Program { name, .. } => format!("{told}; {name}"),
            Self::Person { .. } | Self::Operator => told,
        }
    }
}

impl Accounts {
    /// Who asks with a token for files of a kind to be brought in: somebody who is signed in and may,
    /// or a program with a key for that.
    ///
    /// # Errors
    /// `NotAllowed` for a role without the right, which the audit log tells of; `SignedOut` when the
    /// token opens nothing.
    pub async fn importer(
        &self,
        token: &Token,
        kind: ImportKind,
        now: Timestamp,
    ) -> Result<Importer, AccountError> {
        match self.authenticate(token, now).await {
            Ok(who) => self.importing_person(who, kind, now).await,
            Err(AccountError::SignedOut) => {
                let mut tx = self.database.begin(token.hotel()).await?;
                let opened = import_keys::open(&mut tx, token, now).await?;
                tx.commit().await?;
                let (key, name) = opened.ok_or(AccountError::SignedOut)?;
                Ok(Importer::Program { key, name })
            }
            Err(other) => Err(other),
        }
    }

    async fn importing_person(
        &self,
        who: Identity,
        kind: ImportKind,
        now: Timestamp,
    ) -> Result<Importer, AccountError> {
        let mut tx = self.database.begin(who.hotel).await?;
        devices::check_served(&mut tx, who.hotel, who.device).await?;
        let me = people::keep(&mut tx, who.hotel, who.user).await?;
        let role = me.ok_or(AccountError::SignedOut)?.role;
        drop(tx);
        if !policy::may_import(role, kind) {
            self.note_refused(&who, now).await;
            return Err(OTHERS_ROLE);
        }
        let who = Box::new(who);
        Ok(Importer::Person { who, role })
    }

    /// Who works at a hotel, by what they sign in with.
    pub(crate) async fn colleagues(
        &self,
        hotel: HotelId,
    ) -> Result<HashMap<String, Colleague>, AccountError> {
        let mut tx = self.database.begin(hotel).await?;
        let people = people::seen(&mut tx, hotel, None).await?;
        let present = people.into_iter().filter(|seen| !seen.person.left);
        let by_name = present.map(|seen| {
            let person = seen.person;
            let colleague = Colleague {
                name: person.name.clone(),
                display: person.display,
                role: person.role,
                left: false,
            };
            (person.name, colleague)
        });
        Ok(by_name.collect())
    }

    /// Takes all of them on, or nobody. None has a password that anybody knows: one is handed over to
    /// each as to somebody who has lost theirs.
    pub(crate) async fn take_on_all(
        &self,
        hotel: HotelId,
        by: &Importer,
        colleagues: Vec<Colleague>,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let (_, hash) = self.make_password(hotel).await?;
        let mut tx = self.database.begin(hotel).await?;
        let role = keep_right(&mut tx, hotel, by).await?;
        if !colleagues
            .iter()
            .all(|new| policy::may_manage(role, new.role))
        {
            return Err(ABOVE);
        }
        let mut notes = Notes::by(by.hand(now));
        let counts = ImportCounts {
            new: colleagues.len() as u64,
            ..ImportCounts::default()
        };
        let detail = by.tells(ImportKind::People, counts, Reach::All);
        notes.add(AuditEvent::Imported, None, detail);
        let mut new = Vec::new();
        for colleague in colleagues {
            let person = UserId(Uuid::new_v4());
            let kept = KeptPassword::given(&hash, now);
            people::insert(&mut tx, hotel, person, &colleague, kept, &mut notes).await?;
            new.push((person, colleague));
        }
        let mut told = None;
        for (person, colleague) in new {
            told = Some(people::tell(&mut tx, hotel, person, colleague, &notes).await?);
        }
        self.conclude(tx, hotel, told, &notes).await
    }

    /// Has the audit log tell of what was brought in of the hotel's work.
    pub(crate) async fn note_import(
        &self,
        hotel: HotelId,
        by: &Importer,
        (kind, counts, reach): (ImportKind, ImportCounts, Reach),
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let tx = self.database.begin(hotel).await?;
        let mut notes = Notes::by(by.hand(now));
        notes.add(AuditEvent::Imported, None, by.tells(kind, counts, reach));
        self.conclude(tx, hotel, None, &notes).await
    }
}

/// The role whose rights count; whoever has it keeps it until the transaction ends.
async fn keep_right(
    tx: &mut Transaction<'_, Postgres>,
    hotel: HotelId,
    by: &Importer,
) -> Result<Role, AccountError> {
    match by {
        Importer::Person { who, .. } => {
            let me = people::keep(tx, hotel, who.user).await?;
            let me = me.ok_or(AccountError::SignedOut)?;
            if !policy::may_import(me.role, ImportKind::People) {
                return Err(OTHERS_ROLE);
            }
            Ok(me.role)
        }
        Importer::Program { key, .. } => {
            import_keys::keep(tx, hotel, *key).await?;
            Ok(by.role())
        }
        Importer::Operator => Ok(by.role()),
    }
}
