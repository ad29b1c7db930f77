//! Looking whether the session goes on, and what its person reads by now.

use super::{Connection, greeting::reading_of};
use crate::{
    accounts::{AccountError, Seen},
    log::Log,
    session::Input,
};

impl<L: Log> Connection<L> {
    /// What comes of news that the session may have ended, or its person read something else: nothing
    /// more is delivered before that is known.
    pub(super) async fn look_again(&mut self) -> Option<Input> {
        match self.look().await {
            Ok(None) => {}
            Ok(input) => return input,
            Err(error) => return Some(self.failed(&error)),
        }
        self.feed.as_ref()?;
        match reading_of(self.hotels.log().as_ref(), self.session.who()).await {
            Ok(present) if present == self.reading => None,
            Ok(_) => {
                self.feed = None;
                Some(Input::ReadingChanged)
            }
            Err(error) => Some(self.failed(&error)),
        }
    }

    /// What comes of the session as it is found.
    pub(super) async fn look(&mut self) -> Result<Option<Input>, AccountError> {
        match (self.look)(self.session.until()).await {
            Ok(Seen::AsAdmitted) => Ok(None),
            // With other keys it is judged by those once it has come back, if it has a token to come with.
            Ok(Seen::WithOtherKeys | Seen::WithOtherTokens) => Ok(Some(Input::Stopping)),
            Err(AccountError::SignedOut) => {
                self.feed = None;
                Ok(Some(Input::Ended))
            }
            Err(error) => Err(error),
        }
    }
}
