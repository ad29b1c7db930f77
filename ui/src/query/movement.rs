//! Moving a cursor over things laid out on a page, as arrows do.

use crate::keymap::Direction;

/// Where one thing is on the page.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spot {
    pub x: f64,
    pub y: f64,
}

/// The thing to go to from `current`; None when there is nothing that way.
pub fn step(spots: &[Spot], current: Option<usize>, direction: Direction) -> Option<usize> {
    let Some(from) = current.filter(|index| *index < spots.len()) else {
        return (!spots.is_empty()).then_some(0);
    };
    match direction {
        Direction::Left => from.checked_sub(1),
        Direction::Right => (from + 1 < spots.len()).then_some(from + 1),
        Direction::Up => nearest(spots, from, |spot, here| spot.y < here.y - 1.0),
        Direction::Down => nearest(spots, from, |spot, here| spot.y > here.y + 1.0),
    }
}

/// The nearest row that way, and in it the thing nearest to the present column.
fn nearest(spots: &[Spot], from: usize, that_way: impl Fn(&Spot, &Spot) -> bool) -> Option<usize> {
    let here = spots[from];
    let distance = |spot: &Spot| ((spot.y - here.y).abs(), (spot.x - here.x).abs());
    spots
        .iter()
        .enumerate()
        .filter(|(_, spot)| that_way(spot, &here))
        .min_by(|(_, a), (_, b)| {
            distance(a)
                .partial_cmp(&distance(b))
                .unwrap_or(std::cmp::Ordering::Equal)
        })
        .map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three columns; the second floor has two rooms, and begins lower.
    fn board() -> Vec<Spot> {
        [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (0, 3), (1, 3)]
            .map(|(x, y)| Spot {
                x: f64::from(x) * 100.0,
                y: f64::from(y) * 60.0,
            })
            .to_vec()
    }

    #[test]
    fn arrows_go_along_a_row_and_to_the_nearest_row() {
        let at = |from, direction| step(&board(), Some(from), direction);
        assert_eq!(at(0, Direction::Right), Some(1));
        assert_eq!(at(2, Direction::Right), Some(3));
        assert_eq!(at(1, Direction::Down), Some(4));
        assert_eq!(at(2, Direction::Down), Some(4), "no third column below");
        assert_eq!(
            at(4, Direction::Down),
            Some(6),
            "over the gap between floors"
        );
        assert_eq!(at(5, Direction::Up), Some(3));
        assert_eq!(at(0, Direction::Up), None);
        assert_eq!(at(6, Direction::Down), None);
    }

    #[test]
    fn the_first_arrow_goes_to_the_first_thing() {
        assert_eq!(step(&board(), None, Direction::Down), Some(0));
        assert_eq!(step(&[], None, Direction::Down), None);
    }
}
