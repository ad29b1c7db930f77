//! Hashing and checking passwords: Argon2id, a few at once, off the runtime's threads.

use super::AccountError;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use std::sync::Arc;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Memory of one hash, in KiB.
const MEMORY: u32 = 64 * 1_024;
const PASSES: u32 = 3;
const LANES: u32 = 1;
/// Hashes computed at once: each takes a core and `MEMORY`.
const AT_ONCE: usize = 2;

#[derive(Clone)]
pub(super) struct Passwords {
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Passwords {
    pub(super) async fn hash(&self, password: String) -> Result<String, AccountError> {
        self.off_the_runtime(move || hash(&password)).await?
    }

    /// Takes the same time whether there is such a person or not.
    pub(super) async fn verify(
        &self,
        password: String,
        known: Option<String>,
    ) -> Result<bool, AccountError> {
        self.off_the_runtime(move || match known {
            Some(known) => matches(&password, &known),
            None => {
                matches(&password, NOBODY);
                false
            }
        })
        .await
    }

    async fn off_the_runtime<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(|_| AccountError::Hashing)?;
        spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        })
        .await
        .map_err(|_| AccountError::Hashing)
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

    #[tokio::test]
    async fn a_password_matches_its_own_hash_and_no_other() {
        let passwords = Passwords::default();
        let known = passwords.hash("maria-keyrack".into()).await.unwrap();
        assert!(known.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
        let verify =
            |password: &str, known: Option<String>| passwords.verify(password.into(), known);
        assert!(verify("maria-keyrack", Some(known.clone())).await.unwrap());
        assert!(!verify("Maria-keyrack", Some(known)).await.unwrap());
        assert!(!verify("nobody signs in", None).await.unwrap());
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
}
