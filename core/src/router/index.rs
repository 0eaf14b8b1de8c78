//! Finds what has a name by that name. The names themselves stay with their owner.

use core::hash::Hasher;

use hashbrown::HashTable;
use siphasher::sip::SipHasher13;

use crate::observation::Name;

/// Who has the names.
pub(super) trait Names {
    /// The folder and the name of what has this number.
    fn name(&self, number: u32) -> Option<(u32, &Name)>;
}

/// Numbers by name. Nothing in it is generic, so that its code is there once.
pub(super) struct Index {
    table: HashTable<u32>,
    seed: u64,
}

impl Index {
    /// `seed` keys the hashing, so that names cannot be made that all fall on one place.
    pub(super) fn new(seed: u64) -> Index {
        Index { table: HashTable::new(), seed }
    }

    /// The number of what has this name.
    pub(super) fn find(&self, names: &dyn Names, folder: u32, name: &Name) -> Option<u32> {
        let is_it = |number: &u32| names.name(*number) == Some((folder, name));
        self.table.find(hash(self.seed, folder, name), is_it).copied()
    }

    /// Adds a number that `names` knows.
    pub(super) fn insert(&mut self, names: &dyn Names, number: u32) {
        let seed = self.seed;
        let hash = |number: &u32| names.name(*number).map_or(0, |(folder, name)| hash(seed, folder, name));
        self.table.insert_unique(hash(&number), number, hash);
    }

    /// Takes out a number that has this name.
    pub(super) fn remove(&mut self, number: u32, folder: u32, name: &Name) {
        if let Ok(found) = self.table.find_entry(hash(self.seed, folder, name), |other| *other == number) {
            found.remove();
        }
    }
}

#[inline(never)]
fn hash(seed: u64, folder: u32, name: &Name) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(seed, u64::from(folder));
    hasher.write(name.as_bytes());
    hasher.finish()
}
