//! Asking the server about people, devices and access, and having it read files. Nothing of it is kept
//! on this device.

use super::{
    Engine, Reply,
    confirmed::Confirmed,
    renewing::{Exchange, Held, Token},
};
use crate::server::{self, ServerAddress};
use keyrack_model::{
    administration::{Administered, Administration, KnownHead},
    audit_head::hexadecimal,
    ids::UserId,
    import::ImportAsked,
    ipc::{Problem, Receipt},
    limits::ADMINISTRATIONS_AT_ONCE,
};
use keyrack_replica::Replica;
use tokio::task::JoinError;

/// What the server is asked for.
pub(super) enum Errand {
    Administer(Administration),
    Import(Box<ImportAsked>),
}

impl Errand {
    async fn run(&self, address: &ServerAddress, token: &str) -> Result<Receipt, Problem> {
        match self {
            Self::Administer(asked) => {
                let done = server::administer(address, token, asked).await?;
                Ok(Receipt::Administered(Box::new(done)))
            }
            Self::Import(asked) => {
                let report = server::import(address, token, asked).await?;
                Ok(Receipt::Imported(Box::new(report)))
            }
        }
    }
}

/// What the server answered, with whoever waits for it.
pub(super) struct AdministrationEnd {
    asked: Asked,
    /// Who asked, and where.
    by: UserId,
    address: ServerAddress,
    /// Who was here then.
    turn: u64,
    answer: Result<Receipt, Problem>,
    reply: Reply<Receipt>,
}

/// What of an answer concerns this device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    OwnPassword,
    Confirmation,
    Else,
}

impl From<&Errand> for Asked {
    fn from(errand: &Errand) -> Self {
        match errand {
            Errand::Administer(Administration::ChangePassword { .. }) => Self::OwnPassword,
            Errand::Administer(Administration::Confirm { .. }) => Self::Confirmation,
            Errand::Administer(
                Administration::Look
                | Administration::TakeOn { .. }
                | Administration::SetRole { .. }
                | Administration::ResetPassword { .. }
                | Administration::Dismiss { .. }
                | Administration::MakeDeviceCode
                | Administration::RenameDevice { .. }
                | Administration::RevokeDevice { .. }
                | Administration::SetGuestNames { .. }
                | Administration::EndSession { .. }
                | Administration::MakeImportKey { .. }
                | Administration::RevokeImportKey { .. }
                | Administration::ReadAudit { .. }
                | Administration::VerifyAudit
                | Administration::VerifyAuditFrom { .. }
                | Administration::Reviews
                | Administration::Approve { .. }
                | Administration::Decline { .. },
            )
            | Errand::Import(_) => Self::Else,
        }
    }
}

impl AdministrationEnd {
    /// Whether the server says that whoever asked has a password of their own choice.
    fn tells_of_own_password(&self) -> bool {
        let Ok(Receipt::Administered(administered)) = &self.answer else {
            return false;
        };
        match &**administered {
            Administered::PasswordChanged(_) => true,
            Administered::Done => self.asked == Asked::OwnPassword,
            Administered::Seen(overview) => {
                let mut people = overview.people.iter();
                let own = people.find(|seen| seen.person.id == self.by);
                own.is_some_and(|own| !own.password_given)
            }
            Administered::Password(_)
            | Administered::DeviceCode { .. }
            | Administered::ImportKey(_)
            | Administered::Audit(_)
            | Administered::AuditChecked(_)
            | Administered::Kept(_)
            | Administered::NotPossible(_) => false,
        }
    }
}

impl Engine {
    /// Asks in the name of whoever is signed in; the loop goes on meanwhile.
    pub(super) fn begin_administration(&mut self, errand: Errand, reply: Reply<Receipt>) {
        let asked = Asked::from(&errand);
        if self.door().is_ok() {
            let token = match asked {
                Asked::OwnPassword => self.token_to_exchange(Held::Administer),
                Asked::Confirmation | Asked::Else => self.token_for(Held::Administer),
            };
            if token == Token::Awaited {
                self.renewing.asked.push((errand, reply));
                return;
            }
        }
        let (by, address, token) = match self.door() {
            Ok(door) => door,
            Err(problem) => {
                let _ = reply.send(Err(problem));
                return;
            }
        };
        let errand = self.with_known_heads(errand);
        let turn = self.turn;
        let task = self.administrations.spawn(async move {
            AdministrationEnd {
                asked,
                by,
                turn,
                answer: errand.run(&address, &token).await,
                address,
                reply,
            }
        });
        if asked == Asked::OwnPassword {
            self.renewing.exchange = Exchange::UnderWay(task.id());
        }
    }

    /// A check of the audit log is held against what this device was told of it, where it was.
    fn with_known_heads(&self, errand: Errand) -> Errand {
        let Errand::Administer(
            Administration::VerifyAudit | Administration::VerifyAuditFrom { .. },
        ) = errand
        else {
            return errand;
        };
        let house = self.house.as_ref();
        let heads = house.map(|house| house.replica.audit_heads().unwrap_or_default());
        let heads = heads.unwrap_or_default();
        if heads.is_empty() {
            return Errand::Administer(Administration::VerifyAudit);
        }
        let known = heads.iter().map(|head| KnownHead {
            number: head.number,
            hash: hexadecimal(&head.hash),
        });
        Errand::Administer(Administration::VerifyAuditFrom {
            known: known.collect(),
        })
    }

    /// Whose session it is, where, and what opens it.
    fn door(&self) -> Result<(UserId, ServerAddress, String), Problem> {
        let house = self.house.as_ref().ok_or(Problem::SignedOut)?;
        let session = house.replica.session().ok_or(Problem::SignedOut)?;
        let under_way = self.administrations.len() + self.renewing.asked.len();
        if under_way >= ADMINISTRATIONS_AT_ONCE {
            return Err(Problem::TryLater { seconds: 1 });
        }
        let address = ServerAddress::parse(&session.server)?;
        Ok((session.me.id, address, session.token.clone()))
    }

    pub(super) fn end_administration(&mut self, end: Result<AdministrationEnd, JoinError>) {
        let end = match end {
            Ok(end) => end,
            Err(error) => {
                tracing::error!(%error, "asking the administration failed");
                // Whether there are other tokens is told by what those that are here open.
                if self.renewing.exchange == Exchange::UnderWay(error.id()) {
                    self.go_on_as_before();
                }
                return;
            }
        };
        if end.tells_of_own_password() {
            self.note_own_password(end.by);
        }
        let is_here = end.turn == self.turn;
        let receipt = match (end.answer, end.asked) {
            (Ok(receipt), asked) => self.keep_back(receipt, (asked, is_here), &end.address),
            (Err(problem), Asked::OwnPassword) if is_here => {
                self.go_on_as_before();
                Err(problem)
            }
            (Err(problem), Asked::OwnPassword | Asked::Confirmation | Asked::Else) => Err(problem),
        };
        // Nobody waits when the window closed meanwhile.
        let _ = end.reply.send(receipt);
    }

    /// Keeps what of an answer is this device's alone: whoever asked for another password hears that it
    /// is done, and no page is told a token.
    ///
    /// # Errors
    /// `SignInNotKept` when the password is another one and this device could not store its part.
    fn keep_back(
        &mut self,
        receipt: Receipt,
        (asked, is_here): (Asked, bool),
        address: &ServerAddress,
    ) -> Result<Receipt, Problem> {
        let Receipt::Administered(administered) = receipt else {
            return Ok(receipt);
        };
        if is_here && asked != Asked::Else {
            self.confirmed = Some(Confirmed::now());
        }
        let told = match *administered {
            Administered::PasswordChanged(refreshed) => {
                if is_here {
                    self.go_on_with(refreshed)?;
                } else {
                    // Its person has left, without these: nobody goes on with the session.
                    let address = address.clone();
                    let token = refreshed.renewal.token;
                    tokio::spawn(async move { server::sign_out(&address, &token).await });
                }
                Administered::Done
            }
            other => other,
        };
        Ok(Receipt::Administered(Box::new(told)))
    }

    /// Whoever it is about is asked for a password no more, if they are still here.
    fn note_own_password(&mut self, person: UserId) {
        let Some(house) = &mut self.house else {
            return;
        };
        let session = house.replica.session();
        if session.is_none_or(|session| session.me.id != person || !session.password_given) {
            return;
        }
        let noted = house.with_store(Replica::note_own_password);
        match noted.and_then(|()| self.seal_again()) {
            Ok(()) => self.tell_session(),
            // They are asked once more when they look next.
            Err(problem) => tracing::error!(%problem, "an own password was not noted"),
        }
    }
}
