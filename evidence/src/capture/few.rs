//! A map that mostly has one entry at most.

use std::hash::Hash;

use ahash::HashMap;

/// The first entry takes no memory elsewhere, and most connections need no more. What goes over all entries does so in
/// no order.
#[derive(Debug)]
pub(super) struct Few<K, V> {
    one: Option<(K, V)>,
    /// The others. Boxed: most have none.
    more: Option<Box<HashMap<K, V>>>,
}

impl<K, V> Default for Few<K, V> {
    fn default() -> Few<K, V> {
        Few { one: None, more: None }
    }
}

impl<K: Eq + Hash, V> Few<K, V> {
    pub(super) fn len(&self) -> usize {
        usize::from(self.one.is_some()) + self.more.as_ref().map_or(0, |more| more.len())
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        match &self.one {
            Some((one, value)) if one == key => Some(value),
            _ => self.more.as_ref()?.get(key),
        }
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match &mut self.one {
            Some((one, value)) if one == key => Some(value),
            _ => self.more.as_mut()?.get_mut(key),
        }
    }

    /// What the key had is gone.
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        match self.one {
            None => self.one = Some((key, value)),
            Some(_) => drop(self.more.get_or_insert_default().insert(key, value)),
        }
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        match &self.one {
            Some((one, _)) if one == key => self.one.take().map(|(_, value)| value),
            _ => self.more.as_mut()?.remove(key),
        }
    }

    /// Removes every entry that is meant, and gives it out.
    pub(super) fn extract(&mut self, mut is_meant: impl FnMut(&K, &V) -> bool) -> Vec<(K, V)> {
        let one = self.one.take_if(|(key, value)| is_meant(key, value));
        let more = self.more.as_mut().map(|more| more.extract_if(|key, value| is_meant(key, value)));
        one.into_iter().chain(more.into_iter().flatten()).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let more = self.more.iter().flat_map(|more| more.iter());
        self.one.iter().map(|(key, value)| (key, value)).chain(more)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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
                        let meant: Vec<(u8, u8)> = map.extract_if(.., |_, had| *had == value).collect();
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
                let mut all: Vec<(&u8, &u8)> = few.iter().collect();
                all.sort_unstable();
                prop_assert!(all.into_iter().eq(&map));
            }
        }
    }
}
