//! The demo's office: what a server would answer about people, devices and access.

use super::house::House;
use keyrack_model::{
    administration::{
        Administered, Administration, AuditCheck, AuditEntry, Overview, SeenDevice, SeenImportKey,
        SeenPerson, SeenSession,
    },
    class::GuestNames,
    ids::{DeviceId, ImportKeyId, SessionId, UserId},
    ipc::Problem,
    policy::{Role, may_ask, may_import_by_key, may_manage, takes_password},
    review::Reviews,
    rows::{DeviceRow, Person},
    time::Timestamp,
};
use uuid::Uuid;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// As long as a real code holds.
const CODE_MINUTES: i64 = 10;
/// Entries in one answer.
const PAGE: usize = 20;

pub struct Office {
    devices: Vec<SeenDevice>,
    sessions: Vec<SeenSession>,
    log: Vec<AuditEntry>,
    keys: Vec<SeenImportKey>,
    pub reviews: Reviews,
    /// Who has not chosen their own password.
    pub given: Vec<UserId>,
    /// Whether somebody's password was shown so long ago that it is asked for once more.
    wants_password: bool,
}

impl Office {
    /// A few weeks after the hotel began with Keyrack.
    pub fn of(people: &[Person], now: Timestamp) -> Self {
        let ago = |millis: i64| Timestamp(now.0 - millis);
        let devices = [
            ("Reception 1", 0, false),
            ("Reception 2", 4 * MINUTE, false),
            ("Cart, floor 2", 11 * MINUTE, false),
            ("Workshop", 3 * DAY, false),
            ("Old laptop", 40 * DAY, true),
        ];
        let mut office = Self {
            devices: devices
                .into_iter()
                .zip(0..)
                .map(|((name, silent, revoked), number)| SeenDevice {
                    id: DeviceId(Uuid::from_u128(number)),
                    name: name.into(),
                    revoked,
                    guests: GuestNames::Shown,
                    seen_at: Some(ago(silent)),
                })
                .collect(),
            sessions: Vec::new(),
            log: Vec::new(),
            keys: Vec::new(),
            reviews: Reviews::default(),
            given: Vec::new(),
            wants_password: false,
        };
        for (person, number) in people.iter().zip(0..) {
            office.note(
                "person-taken-on",
                person.id,
                Some(person.id),
                "",
                ago(30 * DAY),
            );
            office.sessions.push(SeenSession {
                id: SessionId(Uuid::from_u128(number)),
                person: person.id,
                device: office.devices[number as usize % 3].id,
                begun_at: ago(5 * DAY),
                seen_at: ago(number as i64 * 7 * MINUTE),
                is_own: false,
            });
            office.note("signed-in", person.id, None, "", ago(5 * DAY));
        }
        office
    }

    fn note(
        &mut self,
        event: &str,
        actor: UserId,
        person: Option<UserId>,
        detail: &str,
        at: Timestamp,
    ) {
        self.log.push(AuditEntry {
            number: self.log.len() as u64 + 1,
            at,
            event: event.into(),
            actor: Some(actor),
            device: Some(DeviceId::default()),
            person,
            detail: detail.into(),
        });
    }

    /// Whether who the guests are may be on this device, the first.
    pub fn guests_here(&self) -> GuestNames {
        self.devices
            .first()
            .map(|device| device.guests)
            .unwrap_or_default()
    }

    pub fn names(&self) -> Vec<DeviceRow> {
        let devices = self.devices.iter();
        let names = devices.map(|device| DeviceRow {
            id: device.id,
            name: device.name.clone(),
            guests: device.guests,
        });
        names.collect()
    }

    /// One of the devices that are trusted, counted round; the first is this one.
    pub fn device_at(&self, place: usize) -> DeviceId {
        let trusted = self.devices.iter().filter(|device| !device.revoked);
        let number = trusted.clone().count();
        let mut trusted = trusted.map(|device| device.id);
        let found = place.checked_rem(number).and_then(|at| trusted.nth(at));
        found.unwrap_or_default()
    }

    fn device(&mut self, id: DeviceId) -> Result<&mut SeenDevice, Problem> {
        let mut devices = self.devices.iter_mut();
        let found = devices.find(|device| device.id == id);
        found.ok_or_else(|| declined("there is no such device"))
    }
}

impl House {
    /// Has the password asked for before the next thing that takes one.
    pub fn want_password(&mut self) {
        self.office.wants_password = true;
    }

    fn check_password(&self, present: &str) -> Result<(), Problem> {
        let me = self.people.iter().find(|person| person.id == self.me);
        let is_theirs = me.is_none_or(|me| present == format!("{}-keyrack", me.name));
        is_theirs.then_some(()).ok_or(Problem::WrongPassword)
    }

    /// Answers as the server would.
    pub fn administer(
        &mut self,
        asked: Administration,
        now: Timestamp,
    ) -> Result<Administered, Problem> {
        let me = self.me;
        let role = self.role_of(me);
        if !may_ask(role, &asked) {
            return Err(Problem::NotAllowed);
        }
        if self.office.wants_password && takes_password(&asked) {
            return Err(Problem::NotConfirmed);
        }
        Ok(match asked {
            Administration::Look => Administered::Seen(self.overview(role, now)),
            Administration::TakeOn {
                name,
                display,
                role: given,
            } => {
                if self.people.iter().any(|person| person.name == name) {
                    return Err(declined("somebody has this user name already"));
                }
                if !may_manage(role, given) {
                    return Err(Problem::NotAllowed);
                }
                let id = UserId(self.next_id());
                self.people.push(Person {
                    id,
                    name,
                    display,
                    role: given,
                    left: false,
                });
                self.office.given.push(id);
                self.office
                    .note("person-taken-on", me, Some(id), given.word(), now);
                Administered::Password("amber-kettle-4417".into())
            }
            Administration::SetRole {
                person,
                role: given,
            } => {
                self.managed(person)?.role = given;
                self.office
                    .note("role-changed", me, Some(person), given.word(), now);
                Administered::Done
            }
            Administration::ResetPassword { person } => {
                self.managed(person)?;
                self.office.given.push(person);
                self.office.sessions.retain(|it| it.person != person);
                self.office
                    .note("password-reset", me, Some(person), "", now);
                Administered::Password("quiet-harbour-2093".into())
            }
            Administration::Dismiss { person } => {
                self.managed(person)?.left = true;
                self.office.sessions.retain(|it| it.person != person);
                self.office
                    .note("person-dismissed", me, Some(person), "", now);
                Administered::Done
            }
            Administration::Confirm { present } => {
                self.check_password(&present)?;
                self.office.wants_password = false;
                Administered::Done
            }
            Administration::ChangePassword { present, new } => {
                self.check_password(&present)?;
                if new.chars().count() < 8 {
                    return Err(declined("the password is too short"));
                }
                self.office.given.retain(|given| *given != me);
                self.office.note("password-changed", me, None, "", now);
                Administered::Done
            }
            Administration::MakeDeviceCode => {
                self.office.note("device-code-made", me, None, "", now);
                Administered::DeviceCode {
                    code: "K7QF-2M9X".into(),
                    expires_at: Timestamp(now.0 + CODE_MINUTES * MINUTE),
                }
            }
            Administration::RenameDevice { device, name } => {
                self.office.device(device)?.name = name.clone();
                self.office.note("device-renamed", me, None, &name, now);
                Administered::Done
            }
            Administration::RevokeDevice { device } => {
                let lost = self.office.device(device)?;
                lost.revoked = true;
                let name = lost.name.clone();
                self.office.sessions.retain(|it| it.device != device);
                self.office.note("device-revoked", me, None, &name, now);
                Administered::Done
            }
            Administration::SetGuestNames { device, guests } => {
                let kept = self.office.device(device)?;
                kept.guests = guests;
                let name = kept.name.clone();
                let event = match guests {
                    GuestNames::Shown => "guests-shown",
                    GuestNames::KeptOff => "guests-kept-off",
                };
                self.office.note(event, me, None, &name, now);
                Administered::Done
            }
            Administration::EndSession { session } => {
                self.office.sessions.retain(|it| it.id != session);
                self.office.note("session-ended", me, None, "", now);
                Administered::Done
            }
            Administration::MakeImportKey { name } => {
                let id = ImportKeyId(self.next_id());
                self.office.note("import-key-made", me, None, &name, now);
                self.office.keys.push(SeenImportKey {
                    id,
                    name,
                    made_by: me,
                    made_at: now,
                    used_at: None,
                });
                Administered::ImportKey("6b65797261636b.5f1e9c0d7a3b2846".into())
            }
            Administration::RevokeImportKey { key } => {
                self.office.keys.retain(|it| it.id != key);
                self.office.note("import-key-revoked", me, None, "", now);
                Administered::Done
            }
            Administration::ReadAudit { before } => {
                let older = self.office.log.iter().rev();
                let read = older.filter(|entry| before.is_none_or(|before| entry.number < before));
                Administered::Audit(read.take(PAGE).cloned().collect())
            }
            Administration::VerifyAudit | Administration::VerifyAuditFrom { .. } => {
                Administered::AuditChecked(AuditCheck::Whole {
                    entries: self.office.log.len() as u64,
                    head: "9f2c41d07be83a65c0de".into(),
                })
            }
            Administration::Reviews => Administered::Kept(self.office.reviews.clone()),
            Administration::Approve { operation } => {
                let review = self.take_review(operation);
                let review = review.ok_or_else(|| declined("it does not wait any more"))?;
                self.office
                    .note("review-approved", me, Some(review.author), "", now);
                match self.act(review.command, now) {
                    Ok(_) => Administered::Done,
                    Err(reason) => Administered::NotPossible(reason),
                }
            }
            Administration::Decline { operation } => {
                let review = self.take_review(operation);
                let review = review.ok_or_else(|| declined("it does not wait any more"))?;
                self.office
                    .note("review-declined", me, Some(review.author), "", now);
                Administered::Done
            }
        })
    }

    fn overview(&self, role: Role, now: Timestamp) -> Overview {
        let sees_all = may_ask(role, &Administration::MakeDeviceCode);
        let is_seen = |person: UserId| sees_all || person == self.me;
        let sessions = self.office.sessions.iter();
        let sessions: Vec<_> = sessions
            .filter(|session| is_seen(session.person))
            .map(|session| SeenSession {
                is_own: session.person == self.me,
                ..session.clone()
            })
            .collect();
        let people = self.people.iter().filter(|person| is_seen(person.id));
        Overview {
            people: people
                .map(|person| SeenPerson {
                    person: person.clone(),
                    password_given: self.office.given.contains(&person.id),
                    seen_at: if person.id == self.me {
                        Some(now)
                    } else {
                        let seen = self.office.sessions.iter();
                        let seen = seen.filter(|session| session.person == person.id);
                        seen.map(|session| session.seen_at).max()
                    },
                })
                .collect(),
            devices: self.office.devices.clone(),
            sessions,
            import_keys: if may_import_by_key(role) {
                self.office.keys.clone()
            } else {
                Vec::new()
            },
        }
    }

    /// Somebody whom the person who is signed in looks after.
    fn managed(&mut self, id: UserId) -> Result<&mut Person, Problem> {
        let (me, role) = (self.me, self.role_of(self.me));
        let mut people = self.people.iter_mut();
        let person = people
            .find(|person| person.id == id)
            .ok_or_else(|| declined("nobody of this hotel has this name"))?;
        if person.id == me || !may_manage(role, person.role) {
            return Err(Problem::NotAllowed);
        }
        Ok(person)
    }
}

fn declined(message: &str) -> Problem {
    Problem::Declined {
        message: message.into(),
    }
}
