//! A vector with holes: small copyable keys, no allocation for an element that replaces a removed one.

use std::marker::PhantomData;

/// Where an element lives. A key is dropped by everyone who holds it when the element is removed.
pub(crate) struct Slot<T> {
    index: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Slot<T> {}
impl<T> PartialEq for Slot<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}
impl<T> Eq for Slot<T> {}
impl<T> std::fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.index)
    }
}

/// See the file's first line.
#[derive(Debug)]
pub(crate) struct Arena<T> {
    items: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Arena {
            items: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Arena<T> {
    pub(crate) fn len(&self) -> usize {
        self.items.len() - self.free.len()
    }

    pub(crate) fn insert(&mut self, item: T) -> Slot<T> {
        let index = match self.free.pop() {
            Some(index) => {
                self.items[index as usize] = Some(item);
                index
            }
            None => {
                self.items.push(Some(item));
                // The bounds on channels, calls and bridges are far below u32::MAX.
                (self.items.len() - 1) as u32
            }
        };
        Slot {
            index,
            of: PhantomData,
        }
    }

    pub(crate) fn remove(&mut self, slot: Slot<T>) -> Option<T> {
        let item = self.items.get_mut(slot.index as usize)?.take();
        if item.is_some() {
            self.free.push(slot.index);
        }
        item
    }

    pub(crate) fn get(&self, slot: Slot<T>) -> Option<&T> {
        self.items.get(slot.index as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, slot: Slot<T>) -> Option<&mut T> {
        self.items.get_mut(slot.index as usize)?.as_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Slot<T>, &T)> {
        self.items.iter().enumerate().filter_map(|(index, item)| {
            let slot = Slot {
                index: index as u32,
                of: PhantomData,
            };
            item.as_ref().map(|item| (slot, item))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_first() {
        let mut arena = Arena::default();
        let first = arena.insert('a');
        let second = arena.insert('b');
        assert_eq!(arena.remove(first), Some('a'));
        assert_eq!(arena.remove(first), None);
        let third = arena.insert('c');
        assert_eq!(third, first);
        assert_eq!(
            (arena.get(second), arena.get(third), arena.len()),
            (Some(&'b'), Some(&'c'), 2)
        );
    }
}
