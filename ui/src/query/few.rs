//! A few things in order. The standard library's sorting is made for many, and is downloaded once
//! for each type of them.

use std::cmp::Ordering;

/// The things by a key; equal ones keep their order.
pub fn in_order<T, K: Ord>(things: impl IntoIterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    in_order_by(things, |one, other| key(one).cmp(&key(other)))
}

/// The things as they are compared; equal ones keep their order.
pub fn in_order_by<T>(
    things: impl IntoIterator<Item = T>,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let mut ordered: Vec<T> = Vec::new();
    for thing in things {
        let place = ordered.partition_point(|other| compare(other, &thing).is_le());
        ordered.insert(place, thing);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn it_is_the_order_of_a_stable_sort() {
        // Every list of up to five things with keys of three.
        for length in 0..=5 {
            for number in 0..3_u32.pow(length) {
                let things: Vec<(u32, u32)> = (0..length)
                    .map(|place| (number / 3_u32.pow(place) % 3, place))
                    .collect();
                let mut sorted = things.clone();
                sorted.sort_by_key(|(key, _)| *key);
                assert_eq!(in_order(things, |(key, _)| *key), sorted);
            }
        }
    }
}
