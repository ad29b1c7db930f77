//! Asking the server about people, devices and access. Nothing of it is kept on this device.

use super::{
    Engine, Reply,
    renewing::{Held, Token},
};
use crate::server::{self, ServerAddress};
use keyrack_model::{
    administration::{Administered, Administration},
    ipc::{Problem, Receipt},
    limits::ADMINISTRATIONS_AT_ONCE,
};
use tokio::task::JoinError;

/// What the server answered, with whoever waits for it.
pub(super) struct AdministrationEnd {
    answer: Result<Administered, Problem>,
    reply: Reply<Receipt>,
}

impl Engine {
    /// Asks in the name of whoever is signed in; the loop goes on meanwhile.
    pub(super) fn begin_administration(&mut self, asked: Administration, reply: Reply<Receipt>) {
        let is_signed_in = self.door().is_ok();
        if is_signed_in && self.token_for(Held::Administer) == Token::Awaited {
            self.renewing.asked.push((asked, reply));
            return;
        }
        let (address, token) = match self.door() {
            Ok(door) => door,
            Err(problem) => {
                let _ = reply.send(Err(problem));
                return;
            }
        };
        self.administrations.spawn(async move {
            AdministrationEnd {
                answer: server::administer(&address, &token, &asked).await,
                reply,
            }
        });
    }

    /// Where the session is, and what opens it.
    fn door(&self) -> Result<(ServerAddress, String), Problem> {
        let house = self.house.as_ref().ok_or(Problem::SignedOut)?;
        let session = house.replica.session().ok_or(Problem::SignedOut)?;
        let under_way = self.administrations.len() + self.renewing.asked.len();
        if under_way >= ADMINISTRATIONS_AT_ONCE {
            return Err(Problem::TryLater { seconds: 1 });
        }
        let address = ServerAddress::parse(&session.server)?;
        Ok((address, session.token.clone()))
    }

    pub(super) fn end_administration(end: Result<AdministrationEnd, JoinError>) {
        match end {
            Ok(AdministrationEnd { answer, reply }) => {
                let receipt = answer.map(|done| Receipt::Administered(Box::new(done)));
                // Nobody waits when the window closed meanwhile.
                let _ = reply.send(receipt);
            }
            Err(error) => tracing::error!(%error, "asking the administration failed"),
        }
    }
}
