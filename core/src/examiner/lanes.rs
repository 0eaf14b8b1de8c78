//! The files of all inputs, found by their names.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::hash::Hasher;

use hashbrown::HashTable;
use siphasher::sip::SipHasher13;

use super::draft::Draft;
use super::fold_into;
use super::lane::Lane;

/// Where a lane is, as long as somebody has its file open or is refused it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LaneId(u32);

/// See the [module](self).
#[derive(Default)]
pub(super) struct Lanes {
    table: HashTable<u32>,
    /// Boxed: a vector that grows has room for twice as many, and while it grows for three times.
    slots: Vec<Box<Slot>>,
    free: Vec<u32>,
    /// The name that is looked for, as names are compared.
    wanted: Vec<u8>,
    /// Keys the hashing, so that names cannot be made that all fall on one place.
    seed: u64,
}

/// A file of an input.
#[derive(Default)]
struct Slot {
    input: usize,
    /// Its name as names are compared.
    name: Box<[u8]>,
    lane: Lane,
}

impl Slot {
    fn is(&self, input: usize, name: &[u8]) -> bool {
        self.input == input && *self.name == *name
    }

    fn hash(&self, seed: u64) -> u64 {
        hash(seed, self.input, &self.name)
    }

    fn order(&self, other: &Slot) -> Ordering {
        (self.input, &self.name).cmp(&(other.input, &other.name))
    }
}

fn hash(seed: u64, input: usize, name: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(seed, input as u64);
    hasher.write(name);
    hasher.finish()
}

impl Lanes {
    pub(super) fn new(seed: u64) -> Lanes {
        Lanes { seed, ..Lanes::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// The lane of the file that `input` calls `path`, if there is one.
    pub(super) fn find(&mut self, input: usize, path: &[u8]) -> Option<LaneId> {
        fold_into(path, &mut self.wanted);
        self.found(hash(self.seed, input, &self.wanted), input)
    }

    /// The lane of the file that `input` calls `path`.
    pub(super) fn at(&mut self, input: usize, path: &[u8]) -> LaneId {
        fold_into(path, &mut self.wanted);
        let hash = hash(self.seed, input, &self.wanted);
        if let Some(id) = self.found(hash, input) {
            return id;
        }
        let slot = Box::new(Slot { input, name: self.wanted.as_slice().into(), lane: Lane::default() });
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at as usize] = slot;
                at
            }
            None => {
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        };
        self.table.insert_unique(hash, at, |at| self.slots[*at as usize].hash(self.seed));
        LaneId(at)
    }

    fn found(&self, hash: u64, input: usize) -> Option<LaneId> {
        self.table.find(hash, |at| self.slots[*at as usize].is(input, &self.wanted)).copied().map(LaneId)
    }

    pub(super) fn get_mut(&mut self, id: LaneId) -> &mut Lane {
        &mut self.slots[id.0 as usize].lane
    }

    pub(super) fn remove(&mut self, id: LaneId) {
        let hash = self.slots[id.0 as usize].hash(self.seed);
        if let Ok(entry) = self.table.find_entry(hash, |at| *at == id.0) {
            entry.remove();
            *self.slots[id.0 as usize] = Slot::default();
            self.free.push(id.0);
        }
    }

    /// Every lane, by input and name.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Lane> {
        let mut slots: Vec<&Box<Slot>> = self.slots.iter().collect();
        slots.sort_unstable_by(|one, other| one.order(other));
        slots.into_iter().map(|slot| &slot.lane)
    }

    /// The episodes that go on, by input and name.
    pub(super) fn into_drafts(mut self) -> impl Iterator<Item = Box<Draft>> {
        self.slots.sort_unstable_by(|one, other| one.order(other));
        self.slots.into_iter().flat_map(|slot| slot.lane.into_drafts())
    }
}
