//! From where people have signed in before: what strangers guess does not slow them down there.

use super::{Name, Standing};
use crate::peer::Neighbourhood;
use keyrack_model::time::Timestamp;
use std::collections::{HashMap, VecDeque};

/// Neighbourhoods kept of one name, the latest ones.
const NEIGHBOURHOODS: usize = 8;
/// Names kept; beyond it the one that signed in longest ago is forgotten.
const NAMES: usize = 10_000;

#[derive(Default)]
pub(super) struct Known(HashMap<Name, Places>);

struct Places {
    met_at: Timestamp,
    /// The latest one last.
    neighbourhoods: VecDeque<Neighbourhood>,
}

impl Known {
    pub(super) fn standing(&self, name: &Name, from: Neighbourhood) -> Standing {
        let places = self.0.get(name);
        if places.is_some_and(|places| places.neighbourhoods.contains(&from)) {
            Standing::Known
        } else {
            Standing::Stranger
        }
    }

    /// The name signed in from there.
    pub(super) fn meet(&mut self, name: &Name, from: Neighbourhood, now: Timestamp) {
        if self.0.len() >= NAMES && !self.0.contains_key(name) {
            let longest_ago = self.0.iter().min_by_key(|(_, places)| places.met_at);
            let longest_ago = longest_ago.map(|(name, _)| name.clone());
            if let Some(name) = longest_ago {
                self.0.remove(&name);
            }
        }
        let places = self.0.entry(name.clone()).or_insert_with(|| Places {
            met_at: now,
            neighbourhoods: VecDeque::new(),
        });
        places.met_at = now;
        places.neighbourhoods.retain(|known| *known != from);
        if places.neighbourhoods.len() >= NEIGHBOURHOODS {
            places.neighbourhoods.pop_front();
        }
        places.neighbourhoods.push_back(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyrack_model::identity;
    use std::net::{IpAddr, Ipv4Addr};

    fn name(number: usize) -> Name {
        (identity::hotel("resort"), format!("person {number}"))
    }

    fn house(number: usize) -> Neighbourhood {
        IpAddr::V4(Ipv4Addr::from_bits(number as u32)).into()
    }

    fn is_known(known: &Known, person: usize, place: usize) -> bool {
        matches!(known.standing(&name(person), house(place)), Standing::Known)
    }

    #[test]
    fn the_latest_places_of_a_name_are_known_and_of_no_other() {
        let mut known = Known::default();
        for place in 0..NEIGHBOURHOODS {
            known.meet(&name(1), house(place), Timestamp(0));
        }
        // Seen again, the first is not the oldest any more.
        known.meet(&name(1), house(0), Timestamp(1));
        known.meet(&name(1), house(NEIGHBOURHOODS), Timestamp(2));
        for (person, place, expected) in [
            (1, 0, true),
            (1, 1, false),
            (1, 2, true),
            (1, NEIGHBOURHOODS, true),
            (2, 0, false),
        ] {
            assert_eq!(
                is_known(&known, person, place),
                expected,
                "{person} {place}"
            );
        }
    }

    #[test]
    fn of_too_many_names_the_one_that_signed_in_longest_ago_is_forgotten() {
        let mut known = Known::default();
        for person in 0..NAMES {
            known.meet(&name(person), house(1), Timestamp(person as i64));
        }
        known.meet(&name(0), house(1), Timestamp(NAMES as i64));
        known.meet(&name(NAMES), house(1), Timestamp(NAMES as i64));
        assert_eq!(known.0.len(), NAMES);
        for (person, expected) in [(0, true), (1, false), (2, true), (NAMES, true)] {
            assert_eq!(is_known(&known, person, 1), expected, "{person}");
        }
    }
}
