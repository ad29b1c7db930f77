//! What people ask about people, devices and access: who may, and what it comes to.
//!
//! **Architecture Invariant**: a right is judged by the roles that the asker and whoever it is about
//! have when the change is committed; until then the rows of both stay as they are.

mod reviews;

use super::{
    AccountError, Accounts,
    attempts::Whence,
    audit_log, devices,
    enrolment::{self, Terms},
    find_person, import_keys, made_password,
    people::{self, ChosenBy, Held, KeptPassword, Staff},
    sessions,
    turns::Asker,
};
use crate::{
    audit::{Hand, Notes},
    peer::Peer,
    session::Identity,
};
use keyrack_model::{
    administration::{Administered, Administration, AuditEvent, Ended, Overview},
    ids::{DeviceId, HotelId, SessionId, UserId},
    limits::{DEVICE_CODE_MINUTES, MAX_KNOWN_HEADS, MAX_PASSWORD},
    policy::{self, Role},
    time::Timestamp,
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

pub(super) const OTHERS_ROLE: AccountError =
    AccountError::NotAllowed("your role has no right to this; nothing was changed");
pub(super) const ABOVE: AccountError = AccountError::NotAllowed(
    "only an admin looks after admins, or makes somebody one; nothing was changed",
);
const ONESELF: AccountError = AccountError::NotAllowed(
    "nobody does this to themselves: ask somebody else who looks after people; nothing was changed",
);
const OWN_DEVICE: AccountError = AccountError::NotAllowed(
    "this is the device that you are on: do it on another one, or ask somebody who is; nothing was \
     changed",
);

impl Accounts {
    /// Does what somebody asks who is signed in through a token, if they may; that they may not is
    /// told by the audit log.
    pub async fn administer(
        &self,
        who: &Identity,
        from: Peer,
        asked: &Administration,
        now: Timestamp,
    ) -> Result<Administered, AccountError> {
        let administered = self.carry_out(who, from, asked, now).await;
        if let Err(AccountError::NotAllowed(_)) = administered {
            self.note_refused(who, now).await;
        }
        administered
    }

    async fn carry_out(
        &self,
        who: &Identity,
        from: Peer,
        asked: &Administration,
        now: Timestamp,
    ) -> Result<Administered, AccountError> {
        if policy::takes_password(asked) {
            let (mut tx, _) = self.enter(who, asked).await?;
            sessions::check_confirmed(&mut tx, who, now).await?;
        }
        let mut notes = Notes::by(Hand::of(who, now));
        match asked {
            Administration::Look => self.look(who, asked).await,
            Administration::TakeOn {
                name,
                display,
                role,
            } => {
                let colleague = people::newcomer(name, display, *role)?;
                let (tx, me) = self.enter(who, asked).await?;
                check_manages(&me, *role)?;
                drop(tx);
                let (password, hash) = self.make_password(who.hotel).await?;
                let (mut tx, me) = self.enter(who, asked).await?;
                check_manages(&me, *role)?;
                let new = UserId(Uuid::new_v4());
                let kept = KeptPassword::given(&hash, notes.at());
                let told = people::take_in(&mut tx, who.hotel, new, colleague, kept, &mut notes);
                let told = told.await?;
                self.conclude(tx, who.hotel, Some(told), &notes).await?;
                Ok(Administered::Password(password))
            }
            Administration::SetRole { person, role } => {
                let (mut tx, staff) = self.enter_about(who, asked, *person).await?;
                check_manages(staff.with_id(who.user)?, *role)?;
                let of = staff.with_id(*person)?;
                let told = people::give_role(&mut tx, who.hotel, &staff, of, *role, &mut notes);
                let told = told.await?;
                self.conclude(tx, who.hotel, told, &notes).await?;
                Ok(Administered::Done)
            }
            Administration::ResetPassword { person } => {
                drop(self.enter_about(who, asked, *person).await?);
                let _alone = self.changing.begin(who.hotel, *person)?;
                let (password, hash) = self.make_password(who.hotel).await?;
                let (mut tx, _) = self.enter_about(who, asked, *person).await?;
                let kept = KeptPassword::given(&hash, notes.at());
                people::give_password(&mut tx, who.hotel, *person, kept).await?;
                notes.add(AuditEvent::PasswordReset, Some(*person), "");
                sessions::end_with_password(&mut tx, who.hotel, *person, None, &mut notes).await?;
                self.conclude(tx, who.hotel, None, &notes).await?;
                Ok(Administered::Password(password))
            }
            Administration::Dismiss { person } => {
                let (mut tx, staff) = self.enter_about(who, asked, *person).await?;
                let of = staff.with_id(*person)?;
                let told = people::let_go(&mut tx, who.hotel, &staff, of, &mut notes).await?;
                self.conclude(tx, who.hotel, Some(told), &notes).await?;
                Ok(Administered::Done)
            }
            Administration::Confirm { present } => {
                self.check_present(who, from, asked, present, now).await?;
                let (mut tx, _) = self.enter(who, asked).await?;
                sessions::confirm(&mut tx, who, now).await?;
                self.conclude(tx, who.hotel, None, &notes).await?;
                Ok(Administered::Done)
            }
            Administration::ChangePassword { present, new } => {
                let _alone = self.changing.begin(who.hotel, who.user)?;
                let me = self.check_present(who, from, asked, present, now).await?;
                self.change_password(who, asked, me, (present, new), notes)
                    .await
            }
            Administration::MakeDeviceCode => {
                // Nothing is hashed for whoever may make none, and no row is held meanwhile.
                drop(self.enter(who, asked).await?);
                let drawn = enrolment::draw(&self.passwords, who.hotel, 1).await?;
                let (mut tx, me) = self.enter(who, asked).await?;
                let terms = Terms {
                    made_by: Some(me.id),
                    minutes: DEVICE_CODE_MINUTES,
                    now,
                };
                let codes = enrolment::make(&mut tx, who.hotel, drawn, terms, &mut notes).await?;
                self.conclude(tx, who.hotel, None, &notes).await?;
                Ok(Administered::DeviceCode {
                    code: codes.iter().map(ToString::to_string).collect(),
                    expires_at: terms.expires_at(),
                })
            }
            Administration::RenameDevice { device, name } => {
                let (mut tx, _) = self.enter(who, asked).await?;
                let told = devices::rename(&mut tx, who.hotel, *device, name, &mut notes).await?;
                self.conclude(tx, who.hotel, told, &notes).await?;
                Ok(Administered::Done)
            }
            Administration::RevokeDevice { device } => {
                // Whoever leads is what they are until then; nobody else looks after a device.
                let (mut tx, staff) = self.enter_holding(who, asked, &[]).await?;
                if *device == who.device {
                    return Err(OWN_DEVICE);
                }
                let me = staff.with_id(who.user)?;
                let on_it = devices::roles_on(&mut tx, who.hotel, *device).await?;
                let is_above = |role: &Role| check_manages(me, *role).is_err();
                if !on_it.is_empty() && on_it.iter().all(is_above) {
                    return Err(ABOVE);
                }
                let told = devices::revoke(&mut tx, who.hotel, *device, &mut notes).await?;
                self.conclude(tx, who.hotel, told, &notes).await?;
                Ok(Administered::Done)
            }
            Administration::SetGuestNames { device, guests } => {
                let (mut tx, _) = self.enter(who, asked).await?;
                let set =
                    devices::set_guest_names(&mut tx, who.hotel, *device, *guests, &mut notes);
                let told = set.await?;
                self.conclude(tx, who.hotel, told, &notes).await?;
                Ok(Administered::Done)
            }
            Administration::EndSession { session } => {
                self.end_session_of(who, asked, *session, notes).await
            }
            Administration::MakeImportKey { name } => {
                let (mut tx, me) = self.enter(who, asked).await?;
                let made = import_keys::make(&mut tx, who.hotel, me.id, name, &mut notes);
                let key = made.await?;
                self.conclude(tx, who.hotel, None, &notes).await?;
                Ok(Administered::ImportKey(key.to_string()))
            }
            Administration::RevokeImportKey { key } => {
                let (mut tx, _) = self.enter(who, asked).await?;
                import_keys::revoke(&mut tx, who.hotel, *key, &mut notes).await?;
                self.conclude(tx, who.hotel, None, &notes).await?;
                Ok(Administered::Done)
            }
            Administration::ReadAudit { before } => {
                let (mut tx, _) = self.enter(who, asked).await?;
                audit_log::read_audit(&mut tx, who.hotel, *before).await
            }
            Administration::VerifyAudit => {
                // No row is held while all of it is read.
                drop(self.enter(who, asked).await?);
                self.verify_audit(who.hotel, &[]).await
            }
            Administration::VerifyAuditFrom { known } => {
                drop(self.enter(who, asked).await?);
                if known.len() > MAX_KNOWN_HEADS {
                    return Err(AccountError::BadRequest(
                        "these are more ends of the audit log than a device keeps",
                    ));
                }
                self.verify_audit(who.hotel, known).await
            }
            Administration::Reviews => self.reviews(who, asked).await,
            Administration::Approve { operation } => {
                self.approve(who, asked, *operation, now).await
            }
            Administration::Decline { operation } => {
                self.decline(who, asked, *operation, now).await
            }
        }
    }

    /// All of the hotel's for those who look after people, and for the others what is their own.
    async fn look(
        &self,
        who: &Identity,
        asked: &Administration,
    ) -> Result<Administered, AccountError> {
        let (mut tx, me) = self.enter(who, asked).await?;
        let only = (!people::looks_after_people(me.role)).then_some(me.id);
        let mut sessions = sessions::sessions(&mut tx, who.hotel, only).await?;
        for session in &mut sessions {
            session.is_own = session.id == who.session;
        }
        let mut overview = Overview {
            people: people::seen(&mut tx, who.hotel, only).await?,
            devices: Vec::new(),
            sessions,
            import_keys: Vec::new(),
        };
        if policy::may_import_by_key(me.role) {
            overview.import_keys = import_keys::seen(&mut tx, who.hotel).await?;
        }
        let own = overview.sessions.iter().map(|session| session.device);
        let own: Vec<DeviceId> = own.chain([who.device]).collect();
        let own = only.map(|_| &*own);
        overview.devices = devices::seen(&mut tx, who.hotel, own).await?;
        let seen = sessions::last_seen(&mut tx, who.hotel).await?;
        for person in &mut overview.people {
            person.seen_at = seen.of_people.get(&person.person.id).copied();
        }
        for device in &mut overview.devices {
            device.seen_at = seen.on_devices.get(&device.id).copied();
        }
        Ok(Administered::Seen(overview))
    }

    /// Ends one's own session, or that of somebody whom one looks after.
    async fn end_session_of(
        &self,
        who: &Identity,
        asked: &Administration,
        session: SessionId,
        mut notes: Notes,
    ) -> Result<Administered, AccountError> {
        let (mut tx, me) = self.enter(who, asked).await?;
        let holder = sessions::holder(&mut tx, who.hotel, session).await?;
        let (holder, role) = holder.ok_or(AccountError::BadRequest(
            "there is no such session any more; nothing was changed",
        ))?;
        if holder != me.id {
            check_manages(&me, role)?;
        }
        let why = Ended::EndedElsewhere;
        sessions::end_session(&mut tx, who.hotel, session, why, &mut notes).await?;
        self.conclude(tx, who.hotel, None, &notes).await?;
        Ok(Administered::Done)
    }

    /// The asker, whose present password this is; it is guessed no faster than at a sign-in.
    async fn check_present(
        &self,
        who: &Identity,
        from: Peer,
        asked: &Administration,
        present: &str,
        now: Timestamp,
    ) -> Result<Known, AccountError> {
        let (mut tx, me) = self.enter(who, asked).await?;
        let known = find_person(&mut tx, who.hotel, &me.name).await?;
        drop(tx);
        if present.chars().count() > MAX_PASSWORD {
            return Err(AccountError::WrongPassword);
        }
        // On the device of their token they have signed in.
        let whence = (Whence::Device(who.device), from);
        let attempt = self.attempts.begin(who.hotel, &me.name, whence, now)?;
        let hash = known.map(|known| known.password_hash);
        let asker = Asker::Device(who.hotel, who.device);
        let verified = self
            .passwords
            .verify(asker, present.to_owned(), hash.clone());
        let matches = verified.await?;
        let Some(hash) = hash.filter(|_| matches) else {
            attempt.failed();
            self.note_failed(who.hotel, Some(who.user), now);
            return Err(AccountError::WrongPassword);
        };
        attempt.succeeded();
        Ok(Known { person: me, hash })
    }

    /// Gives the asker another password for the one that was checked.
    async fn change_password(
        &self,
        who: &Identity,
        asked: &Administration,
        me: Known,
        (present, new): (&str, &str),
        mut notes: Notes,
    ) -> Result<Administered, AccountError> {
        let Held { name, display, .. } = &me.person;
        people::check_choice(new, &[name, display])?;
        if present == new {
            return Err(AccountError::BadRequest(
                "the new password must be another one than the present; nothing was changed",
            ));
        }
        let hash = self.hash(who.hotel, new.to_owned()).await?;
        let (mut tx, _) = self.enter_holding(who, asked, &[]).await?;
        // Hashing takes a while: by now it may be another one.
        let found = find_person(&mut tx, who.hotel, &me.person.name).await?;
        if found.is_none_or(|found| found.password_hash != me.hash) {
            return Err(AccountError::WrongPassword);
        }
        let (hotel, me) = (who.hotel, me.person.id);
        let kept = KeptPassword {
            hash: &hash,
            chosen_by: ChosenBy::Themselves,
        };
        people::give_password(&mut tx, hotel, me, kept).await?;
        notes.add(AuditEvent::PasswordChanged, Some(me), "");
        sessions::end_with_password(&mut tx, hotel, me, Some(who), &mut notes).await?;
        let now = notes.at();
        let begun = sessions::exchange(&mut tx, who, now).await?;
        self.conclude(tx, who.hotel, None, &notes).await?;
        Ok(Administered::PasswordChanged(begun.refreshed(now)))
    }

    /// A password and its hash. Making it takes a while, in which no row is held.
    pub(super) async fn make_password(
        &self,
        hotel: HotelId,
    ) -> Result<(String, String), AccountError> {
        let password = made_password::drawn()?;
        let hash = self.hash(hotel, password.clone()).await?;
        Ok((password, hash))
    }

    /// A transaction in which the asker keeps a role that has a right to what they ask.
    async fn enter(
        &self,
        who: &Identity,
        asked: &Administration,
    ) -> Result<(Transaction<'static, Postgres>, Held), AccountError> {
        let mut tx = self.database.begin(who.hotel).await?;
        let me = people::keep(&mut tx, who.hotel, who.user).await?;
        let me = me.ok_or(AccountError::SignedOut)?;
        check_may_ask(&mut tx, who, &me, asked).await?;
        Ok((tx, me))
    }

    /// The same where rows of people change, which are held instead.
    async fn enter_holding(
        &self,
        who: &Identity,
        asked: &Administration,
        others: &[UserId],
    ) -> Result<(Transaction<'static, Postgres>, Staff), AccountError> {
        let mut tx = self.database.begin(who.hotel).await?;
        let everybody = [&[who.user], others].concat();
        let staff = people::hold(&mut tx, who.hotel, None, &everybody).await?;
        let me = staff.with_id(who.user);
        let me = me.map_err(|_| AccountError::SignedOut)?;
        check_may_ask(&mut tx, who, me, asked).await?;
        Ok((tx, staff))
    }

    /// The same about somebody else, whom the asker's role looks after.
    async fn enter_about(
        &self,
        who: &Identity,
        asked: &Administration,
        person: UserId,
    ) -> Result<(Transaction<'static, Postgres>, Staff), AccountError> {
        let (tx, staff) = self.enter_holding(who, asked, &[person]).await?;
        if person == who.user {
            return Err(ONESELF);
        }
        let other = staff.with_id(person)?;
        check_manages(staff.with_id(who.user)?, other.role)?;
        Ok((tx, staff))
    }
}

/// Somebody with the hash of the password that they have shown.
struct Known {
    person: Held,
    hash: String,
}

async fn check_may_ask(
    tx: &mut Transaction<'_, Postgres>,
    who: &Identity,
    me: &Held,
    asked: &Administration,
) -> Result<(), AccountError> {
    devices::check_served(tx, who.hotel, who.device).await?;
    if policy::may_ask(me.role, asked) {
        Ok(())
    } else {
        Err(OTHERS_ROLE)
    }
}

fn check_manages(me: &Held, other: Role) -> Result<(), AccountError> {
    if policy::may_manage(me.role, other) {
        Ok(())
    } else {
        Err(ABOVE)
    }
}
