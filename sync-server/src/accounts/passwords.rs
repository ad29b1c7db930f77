//! Hashing and checking passwords: Argon2id, a few at once, beside everything else.

use super::{
    AccountError,
    turns::{Asker, Turns},
};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use keyrack_model::{
    ids::HotelId,
    limits::{PASSWORD_NICENESS, PASSWORDS_AT_ONCE},
};
use std::thread;
use tokio::sync::oneshot;

/// Memory of one hash, in KiB.
const MEMORY: u32 = 64 * 1_024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// Clones share it.
#[derive(Clone)]
pub(super) struct Passwords {
    turns: Turns,
}

impl Default for Passwords {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Turns::new(PASSWORDS_AT_ONCE.min(processors)),
        }
    }
}

impl Passwords {
    /// For somebody who is taken on, or has another password from now on.
    pub(super) async fn hash(
        &self,
        hotel: HotelId,
        password: String,
    ) -> Result<String, AccountError> {
        let hashed = self.aside(Asker::Staff(hotel), move || hash(&password));
        hashed.await?
    }

    /// Takes the same time whether there is such a person or not.
    ///
    /// # Errors
    /// `Crowded` when too many wait already.
    pub(super) async fn verify(
        &self,
        asker: Asker,
        password: String,
        known: Option<String>,
    ) -> Result<bool, AccountError> {
        let matches = self.aside(asker, move || match known {
            Some(known) => matches(&password, &known),
            None => {
                matches(&password, NOBODY);
                false
            }
        });
        matches.await
    }

    /// On a thread of its own that everything else goes before: its priority could not be raised
    /// again. It is as nothing beside a hash.
    pub(super) async fn aside<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let turn = self.turns.take(asker).await?;
        let (tell, done) = oneshot::channel();
        let thread = thread::Builder::new().name("password".to_owned());
        let spawned = thread.spawn(move || {
            // On Linux the priority is that of the thread alone. Without it hashing works as well.
            if let Err(error) = rustix::process::nice(PASSWORD_NICENESS) {
                tracing::debug!(%error, "a password is hashed at the usual priority");
            }
            let worked = work();
            drop(turn);
            // Nobody waits when the caller went away.
            let _ = tell.send(worked);
        });
        spawned.map_err(|_| AccountError::Hashing)?;
        done.await.map_err(|_| AccountError::Hashing)
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Result<String, AccountError> {
    argon2()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| AccountError::Hashing)
}

fn matches(password: &str, known: &str) -> bool {
    argon2().verify_password(password.as_bytes(), known).is_ok()
}

/// A hash that no password is known to have, as costly to check as any other.
const NOBODY: &str = "$argon2id$v=19$m=65536,t=3,p=1$bm9ib2R5IHNpZ25zIGlu$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::phc::PasswordHash;
    use keyrack_model::identity;
    use std::net::{IpAddr, Ipv4Addr};

    #[tokio::test]
    async fn a_password_matches_its_own_hash_and_no_other() {
        let passwords = Passwords::default();
        let resort = identity::hotel("resort");
        let known = passwords.hash(resort, "maria-keyrack".into()).await;
        let known = known.unwrap();
        assert!(known.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
        let desk = Asker::Address(IpAddr::V4(Ipv4Addr::LOCALHOST).into());
        let verify =
            |password: &str, known: Option<String>| passwords.verify(desk, password.into(), known);
        assert!(verify("maria-keyrack", Some(known.clone())).await.unwrap());
        assert!(!verify("Maria-keyrack", Some(known)).await.unwrap());
        assert!(!verify("nobody signs in", None).await.unwrap());
    }

    /// Whatever it is made of, and not a shorter part of it.
    #[tokio::test]
    async fn a_password_counts_to_its_last_character_exactly_as_it_was_typed() {
        let passwords = Passwords::default();
        let resort = identity::hotel("resort");
        let desk = Asker::Address(IpAddr::V4(Ipv4Addr::LOCALHOST).into());
        let verify = |password: &str, known: &str| {
            passwords.verify(desk, password.into(), Some(known.into()))
        };
        let long = "p\u{e9}pper \u{1f511} ".repeat(20);
        for typed in [&*long, " spaces around ", "CASE counts", "\u{e9}t\u{e9} 12"] {
            let known = passwords.hash(resort, typed.into()).await.unwrap();
            assert!(verify(typed, &known).await.unwrap(), "{typed}");
            let shorter: String = typed.chars().take(typed.chars().count() - 1).collect();
            let changed = [
                shorter,
                format!("{typed}x"),
                typed.trim().to_owned() + "\t",
                typed.to_uppercase() + "\u{301}",
                // The same to the eye, of other characters.
                typed.replace('\u{e9}', "e\u{301}") + " ",
            ];
            for other in changed {
                assert!(!verify(&other, &known).await.unwrap(), "{other}");
            }
        }
    }

    #[test]
    fn an_unknown_name_costs_what_a_known_one_costs() {
        let known = hash("maria-keyrack").unwrap();
        let cost = |hash: &str| {
            let hash = PasswordHash::new(hash).unwrap();
            (hash.algorithm, hash.version, hash.params.to_string())
        };
        assert_eq!(cost(NOBODY), cost(&known));
        assert!(PasswordHash::new(NOBODY).unwrap().hash.is_some());
    }

    /// Less than this nothing counts for the system's scheduler.
    const LEAST: i32 = 19;

    #[tokio::test]
    async fn hashing_stands_back_and_the_threads_that_serve_do_not() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let usual = niceness();
        let staff = Asker::Staff(identity::hotel("resort"));
        let hashing = Passwords::default().aside(staff, niceness).await;
        assert_eq!(hashing.unwrap(), (usual + PASSWORD_NICENESS).min(LEAST));
        assert_eq!(niceness(), usual);
    }
}
