//! A map that mostly has one entry at most.

use std::collections::BTreeMap;
use std::ops::Bound;

/// The first entry takes no memory elsewhere, and most connections need no more; further ones are in a tree.
#[derive(Debug)]
pub(super) struct Few<K, V> {
    one: Option<(K, V)>,
    more: BTreeMap<K, V>,
}

impl<K, V> Default for Few<K, V> {
    fn default() -> Few<K, V> {
        Few { one: None, more: BTreeMap::new() }
    }
}

impl<K: Ord, V> Few<K, V> {
    pub(super) fn len(&self) -> usize {
        usize::from(self.one.is_some()) + self.more.len()
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        match &self.one {
            Some((one, value)) if one == key => Some(value),
            _ => self.more.get(key),
        }
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match &mut self.one {
            Some((one, value)) if one == key => Some(value),
            _ => self.more.get_mut(key),
        }
    }

    /// What the key had is gone.
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        match self.one {
            None => self.one = Some((key, value)),
            Some(_) => drop(self.more.insert(key, value)),
        }
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        match &self.one {
            Some((one, _)) if one == key => self.one.take().map(|(_, value)| value),
            _ if self.more.is_empty() => None,
            _ => self.more.remove(key),
        }
    }

    /// Removes one entry: that of the lowest key, but for one that may be any.
    pub(super) fn remove_low(&mut self) {
        if self.more.pop_first().is_none() {
            self.one = None;
        }
    }

    /// Removes every entry that is meant, and gives it out, in no order.
    pub(super) fn extract(&mut self, mut is_meant: impl FnMut(&K, &V) -> bool) -> Vec<V> {
        let one = self.one.take_if(|(key, value)| is_meant(key, value));
        let more = self.more.extract_if(.., |key, value| is_meant(key, value));
        one.into_iter().chain(more).map(|(_, value)| value).collect()
    }

    /// In no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.one.iter().map(|(key, _)| key).chain(self.more.keys())
    }

    /// In no order.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.one.iter().map(|(_, value)| value).chain(self.more.values())
    }

    /// Those of higher keys, from the lowest on, but for one that comes first whichever it is.
    pub(super) fn above(&mut self, key: &K) -> impl Iterator<Item = &mut V> {
        let one = self.one.as_mut().filter(|(one, _)| one > key);
        let more = self.more.range_mut((Bound::Excluded(key), Bound::Unbounded));
        one.map(|(_, value)| value).into_iter().chain(more.map(|(_, value)| value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(steps in prop::collection::vec((0_u8..5, 0_u8..6, 0_u8..4), 0..60)) {
            let (mut few, mut map) = (Few::default(), BTreeMap::new());
            for (step, key, value) in steps {
                match step {
                    0 | 1 => {
                        few.insert(key, value);
                        map.insert(key, value);
                    }
                    2 => prop_assert_eq!(few.remove(&key), map.remove(&key)),
                    3 => {
                        let mut taken = few.extract(|_, had| *had == value);
                        taken.sort_unstable();
                        let meant: Vec<u8> = map.extract_if(.., |_, had| *had == value).map(|(_, had)| had).collect();
                        prop_assert_eq!(taken, meant);
                    }
                    _ => {
                        if let Some(had) = few.get_mut(&key) {
                            *had = value;
                        }
                        map.entry(key).and_modify(|had| *had = value);
                    }
                }
                prop_assert_eq!((few.len(), few.get(&key)), (map.len(), map.get(&key)));
                let mut keys: Vec<u8> = few.keys().copied().collect();
                keys.sort_unstable();
                prop_assert!(keys.iter().eq(map.keys()));
                let mut above: Vec<u8> = few.above(&key).map(|had| *had).collect();
                above.sort_unstable();
                let mut meant: Vec<u8> = map.range(key + 1..).map(|(_, had)| *had).collect();
                meant.sort_unstable();
                prop_assert_eq!(above, meant);
            }
        }

        #[test]
        fn what_is_to_go_for_another_is_never_the_highest_of_several(keys in prop::collection::btree_set(any::<u8>(), 3..9)) {
            let mut few = Few::default();
            keys.iter().for_each(|key| few.insert(*key, ()));
            few.remove_low();
            prop_assert_eq!(few.len(), keys.len() - 1);
            prop_assert!(few.get(keys.last().expect("three keys")).is_some());
        }
    }
}
