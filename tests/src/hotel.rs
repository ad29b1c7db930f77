//! The demo hotel: the busiest day of a real resort, and the people who work there.

use std::path::PathBuf;

pub const CODE: &str = "resort";
pub const NAME: &str = "Resort H1";
pub const BUSINESS_DATE: &str = "2017-05-25";

/// Somebody who works at the demo hotel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Somebody {
    pub name: &'static str,
    pub display: &'static str,
    pub role: &'static str,
}

impl Somebody {
    pub fn password(&self) -> String {
        format!("{}-keyrack", self.name)
    }
}

pub const ANA: Somebody = somebody("ana", "Ana Costa", "manager");
pub const RUI: Somebody = somebody("rui", "Rui Alves", "frontdesk");
pub const MARIA: Somebody = somebody("maria", "Maria Silva", "housekeeper");
pub const JOAO: Somebody = somebody("joao", "João Reis", "housekeeper");
pub const INES: Somebody = somebody("ines", "Inês Dias", "supervisor");
pub const TOMAS: Somebody = somebody("tomas", "Tomás Nunes", "engineer");

pub const PEOPLE: [Somebody; 6] = [ANA, RUI, MARIA, JOAO, INES, TOMAS];

const fn somebody(name: &'static str, display: &'static str, role: &'static str) -> Somebody {
    Somebody {
        name,
        display,
        role,
    }
}

/// The bookings of the week around the business date.
pub fn bookings() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sync-server/demo/resort-busiest-week.csv")
}
