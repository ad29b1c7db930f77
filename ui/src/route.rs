//! Where the person is: a screen, and what is open on it; kept in the address after `#`.

use keyrack_model::ids::{RoomId, StayId, WorkOrderId};
use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Screen {
    #[default]
    Board,
    MyList,
    WorkOrders,
    Desk,
    Conflicts,
    Rules,
}

/// The thing in the drawer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opened {
    Room(RoomId),
    WorkOrder(WorkOrderId),
    Stay(StayId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Route {
    pub screen: Screen,
    pub opened: Option<Opened>,
}

impl Route {
    pub fn to(screen: Screen) -> Self {
        Self {
            screen,
            opened: None,
        }
    }

    pub fn opening(self, opened: Opened) -> Self {
        Self {
            opened: Some(opened),
            ..self
        }
    }

    pub fn closed(self) -> Self {
        Self::to(self.screen)
    }

    /// Reads the part of an address after `#`; what is not understood is left out.
    pub fn parse(hash: &str) -> Option<Self> {
        let mut parts = hash.trim_start_matches(['#', '/']).split('/');
        let screen = match parts.next()? {
            "board" => Screen::Board,
            "list" => Screen::MyList,
            "orders" => Screen::WorkOrders,
            "desk" => Screen::Desk,
            "conflicts" => Screen::Conflicts,
            "rules" => Screen::Rules,
            _ => return None,
        };
        let opened = match (parts.next(), parts.next()) {
            (Some("room"), Some(id)) => id.parse().ok().map(Opened::Room),
            (Some("order"), Some(id)) => id.parse().ok().map(Opened::WorkOrder),
            (Some("stay"), Some(id)) => id.parse().ok().map(Opened::Stay),
            _ => None,
        };
        Some(Self { screen, opened })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.screen {
            Screen::Board => "#/board",
            Screen::MyList => "#/list",
            Screen::WorkOrders => "#/orders",
            Screen::Desk => "#/desk",
            Screen::Conflicts => "#/conflicts",
            Screen::Rules => "#/rules",
        })?;
        match self.opened {
            Some(Opened::Room(id)) => write!(f, "/room/{id}"),
            Some(Opened::WorkOrder(id)) => write!(f, "/order/{id}"),
            Some(Opened::Stay(id)) => write!(f, "/stay/{id}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_route_reads_back_as_it_was_written() {
        let room = Opened::Room(RoomId(Uuid::from_u128(204)));
        let order = Opened::WorkOrder(WorkOrderId(Uuid::from_u128(7)));
        let stay = Opened::Stay(StayId(Uuid::from_u128(8)));
        for route in [
            Route::default(),
            Route::to(Screen::MyList),
            Route::to(Screen::Board).opening(room),
            Route::to(Screen::WorkOrders).opening(order),
            Route::to(Screen::Desk).opening(stay),
            Route::to(Screen::Conflicts),
            Route::to(Screen::Rules),
        ] {
            assert_eq!(Route::parse(&route.to_string()), Some(route));
        }
    }

    #[test]
    fn an_address_that_means_nothing_is_no_route_and_a_bad_id_opens_nothing() {
        assert_eq!(Route::parse("#/elsewhere"), None);
        assert_eq!(Route::parse(""), None);
        assert_eq!(
            Route::parse("#/board/room/nonsense"),
            Some(Route::to(Screen::Board))
        );
    }
}
