//! One sort for whatever is sorted: the library's is compiled anew for each type, and weighs 3 kB each time.

use std::cmp::Ordering;

/// The items in that order; equal ones stay as they were.
pub(crate) fn sorted<T>(items: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut places: Vec<usize> = (0..items.len()).collect();
    sort(&mut places, &|one, two| order(&items[one], &items[two]));
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    places
        .into_iter()
        .filter_map(|place| items[place].take())
        .collect()
}

fn sort(places: &mut [usize], order: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_by(|one, two| order(*one, *two));
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn equal_items_stay_as_they_were() {
        let calls = vec![("b", 2), ("a", 1), ("c", 2), ("d", 1)];
        let sorted = sorted(calls, |one, two| one.1.cmp(&two.1));
        assert_eq!(sorted, [("a", 1), ("d", 1), ("b", 2), ("c", 2)]);
    }
}
