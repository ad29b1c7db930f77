//! News of access that became another or ended: whoever is connected is looked at again at once, and
//! not only when the next minute is over.
//!
//! **Architecture Invariant**: news say whom to look at, never what is found. They may be lost, doubled
//! or late: what holds is in the database. They go out after the commit, to this server directly and
//! to the others as heads do.

use crate::database::Database;
use keyrack_model::ids::{DeviceId, HotelId, UserId};
use std::future::pending;
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};
use uuid::Uuid;

pub(crate) const CHANNEL: &str = "keyrack_access";
/// News that a connection may be behind by before it looks again whatever they were.
const NEWS_KEPT: usize = 256;
/// Of more at once, everybody of the hotel is looked at again.
const MOST_AT_ONCE: usize = 20;

/// Whom of a hotel news are about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Concerned {
    Everybody,
    Person(UserId),
    Device(DeviceId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum News {
    Of(HotelId, Concerned),
    /// Some may have been lost.
    Unknown,
}

/// What connections of this server follow. Clones share it.
#[derive(Clone)]
pub struct Access(broadcast::Sender<News>);

impl Default for Access {
    fn default() -> Self {
        Self(broadcast::channel(NEWS_KEPT).0)
    }
}

impl Access {
    /// All news from here on: followed before somebody is looked at, so that none falls between.
    pub fn follow(&self) -> Following {
        Following(self.0.subscribe())
    }

    /// Has those who are connected here looked at again.
    pub fn stir(&self, hotel: HotelId, concerned: Concerned) {
        self.tell(News::Of(hotel, concerned));
    }

    /// The same of everybody: what was told meanwhile is unknown.
    pub(crate) fn stir_all(&self) {
        self.tell(News::Unknown);
    }

    /// The same of whom another server told.
    pub(crate) fn hear(&self, payload: &str) {
        if let Some((hotel, concerned)) = parse(payload) {
            self.stir(hotel, concerned);
        }
    }

    /// Has all who are concerned looked at again, here and at all servers.
    pub(crate) async fn announce(
        &self,
        database: &Database,
        hotel: HotelId,
        mut concerned: Vec<Concerned>,
    ) {
        concerned.sort_unstable();
        concerned.dedup();
        if concerned.len() > MOST_AT_ONCE {
            concerned = vec![Concerned::Everybody];
        }
        for concerned in concerned {
            self.stir(hotel, concerned);
            let told = sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(written(hotel, concerned))
                .execute(database.pool())
                .await;
            if let Err(error) = told {
                tracing::warn!(%hotel, %error, "other servers were not told whose access changed; they look once a minute");
            }
        }
    }

    fn tell(&self, news: News) {
        // Nobody may be connected.
        self.0.send(news).ok();
    }
}

/// News of whomever.
pub struct Following(broadcast::Receiver<News>);

impl Following {
    /// Those of them that are news to somebody on a device.
    pub fn of(self, hotel: HotelId, person: UserId, device: DeviceId) -> AccessNews {
        AccessNews {
            of: (hotel, person, device),
            news: self.0,
        }
    }
}

/// What is news to one connection.
pub struct AccessNews {
    of: (HotelId, UserId, DeviceId),
    news: broadcast::Receiver<News>,
}

impl AccessNews {
    /// Completes when there are some. Nothing is lost when it is dropped before.
    pub async fn come(&mut self) {
        loop {
            match self.news.recv().await {
                Ok(news) if self.concern_it(news) => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => pending().await,
            }
        }
    }

    /// Whether there are some by now.
    pub fn have_come(&mut self) -> bool {
        loop {
            match self.news.try_recv() {
                Ok(news) if self.concern_it(news) => return true,
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => return true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return false,
            }
        }
    }

    fn concern_it(&self, news: News) -> bool {
        let (hotel, person, device) = self.of;
        match news {
            News::Unknown => true,
            News::Of(of, _) if of != hotel => false,
            News::Of(_, Concerned::Everybody) => true,
            News::Of(_, Concerned::Person(of)) => of == person,
            News::Of(_, Concerned::Device(of)) => of == device,
        }
    }
}

fn written(hotel: HotelId, concerned: Concerned) -> String {
    match concerned {
        Concerned::Everybody => format!("{hotel}"),
        Concerned::Person(person) => format!("{hotel} person {person}"),
        Concerned::Device(device) => format!("{hotel} device {device}"),
    }
}

fn parse(payload: &str) -> Option<(HotelId, Concerned)> {
    let mut words = payload.split(' ');
    let hotel = words.next()?.parse().ok()?;
    let concerned = match words.next() {
        None => Concerned::Everybody,
        Some(of) => {
            let id: Uuid = words.next()?.parse().ok()?;
            match of {
                "person" => Concerned::Person(UserId(id)),
                "device" => Concerned::Device(DeviceId(id)),
                _ => return None,
            }
        }
    };
    words.next().is_none().then_some((hotel, concerned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;

    fn person(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    fn device(number: u128) -> DeviceId {
        DeviceId(Uuid::from_u128(number))
    }

    #[test]
    fn news_are_for_those_whom_they_concern() {
        let (hotel, other) = (identity::hotel("resort"), identity::hotel("city"));
        for (of, concerned, is_news) in [
            (hotel, Concerned::Everybody, true),
            (hotel, Concerned::Person(person(1)), true),
            (hotel, Concerned::Person(person(2)), false),
            (hotel, Concerned::Device(device(1)), true),
            (hotel, Concerned::Device(device(2)), false),
            (other, Concerned::Everybody, false),
            (other, Concerned::Person(person(1)), false),
        ] {
            let access = Access::default();
            let mut news = access.follow().of(hotel, person(1), device(1));
            access.stir(of, concerned);
            assert_eq!(news.have_come(), is_news, "{concerned:?}");
            assert!(!news.have_come(), "they are news once");
        }
    }

    #[test]
    fn who_may_have_missed_some_looks_again() {
        let access = Access::default();
        let hotel = identity::hotel("resort");
        let mut news = access.follow().of(hotel, person(1), device(1));
        access.stir_all();
        assert!(news.have_come());
        for _ in 0..=NEWS_KEPT {
            access.stir(hotel, Concerned::Person(person(2)));
        }
        assert!(news.have_come());
        assert!(!news.have_come());
    }

    #[test]
    fn what_is_told_to_other_servers_is_read_there_and_nothing_else_is() {
        let hotel = identity::hotel("resort");
        for concerned in [
            Concerned::Everybody,
            Concerned::Person(person(7)),
            Concerned::Device(device(8)),
        ] {
            let read = parse(&written(hotel, concerned));
            assert_eq!(read, Some((hotel, concerned)));
        }
        let id = person(7);
        for payload in [
            String::new(),
            "x".into(),
            format!("{hotel} person"),
            format!("{hotel} person x"),
            format!("{hotel} guest {id}"),
            format!("{hotel} person {id} x"),
        ] {
            assert_eq!(parse(&payload), None, "{payload}");
        }
    }
}
