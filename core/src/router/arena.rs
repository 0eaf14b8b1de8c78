//! Where pickups live: slots that keep their place, generations that make ids unique, and an index by place.

use alloc::vec::Vec;
use core::hash::Hasher;

use hashbrown::HashTable;
use siphasher::sip::SipHasher13;

use crate::json::record;
use crate::observation::Name;
use crate::pickup::{Pickup, PickupId, State};
use crate::time::Timestamp;

/// No group.
pub(crate) const ALONE: u32 = u32::MAX;
/// Slots of a chunk: growing never copies slots, and never reserves more than this beyond need.
const CHUNK: usize = 256;

/// One pickup with what identifies it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) generation: u32,
    pub(crate) folder: u32,
    /// The group it travels with, or [`ALONE`].
    pub(crate) group: u32,
    pub(crate) name: Name,
    pub(crate) pickup: Pickup,
}

enum Entry {
    /// Next use's generation.
    Free(u32),
    Used(Slot),
}

/// See the module.
pub(crate) struct Arena {
    chunks: Vec<Vec<Entry>>,
    free: Vec<u32>,
    index: HashTable<u32>,
    used: usize,
    seed: u64,
}

impl Arena {
    pub(crate) fn new(seed: u64) -> Arena {
        Arena { chunks: Vec::new(), free: Vec::new(), index: HashTable::new(), used: 0, seed }
    }

    pub(crate) fn len(&self) -> usize {
        self.used
    }

    pub(crate) fn id(&self, index: u32) -> PickupId {
        let generation = self.get(index).map_or(0, |slot| slot.generation);
        PickupId(u64::from(generation) << 32 | u64::from(index))
    }

    /// The index of a pickup that has not ended.
    pub(crate) fn resolve(&self, id: PickupId) -> Option<u32> {
        let index = id.0 as u32;
        self.get(index).filter(|slot| u64::from(slot.generation) == id.0 >> 32).map(|_| index)
    }

    pub(crate) fn get(&self, index: u32) -> Option<&Slot> {
        match self.chunks.get(index as usize / CHUNK)?.get(index as usize % CHUNK)? {
            Entry::Used(slot) => Some(slot),
            Entry::Free(_) => None,
        }
    }

    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut Slot> {
        match self.chunks.get_mut(index as usize / CHUNK)?.get_mut(index as usize % CHUNK)? {
            Entry::Used(slot) => Some(slot),
            Entry::Free(_) => None,
        }
    }

    pub(crate) fn find(&self, folder: u32, name: &Name) -> Option<u32> {
        let same = |index: &u32| self.get(*index).is_some_and(|slot| slot.folder == folder && slot.name == *name);
        self.index.find(hash(self.seed, folder, name), same).copied()
    }

    /// A slot for a place that has none yet.
    pub(crate) fn insert(&mut self, folder: u32, name: Name, pickup: Pickup) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
                self.chunks.push(Vec::with_capacity(CHUNK));
            }
            let index = (self.chunks.len() - 1) * CHUNK + self.chunks.last().map_or(0, Vec::len);
            if let Some(chunk) = self.chunks.last_mut() {
                chunk.push(Entry::Free(0));
            }
            index as u32
        });
        let entry = &mut self.chunks[index as usize / CHUNK][index as usize % CHUNK];
        let generation = match entry {
            Entry::Free(generation) => *generation,
            Entry::Used(slot) => slot.generation,
        };
        let digest = hash(self.seed, folder, &name);
        *entry = Entry::Used(Slot { generation, folder, group: ALONE, name, pickup });
        self.used += 1;
        let (chunks, seed) = (&self.chunks, self.seed);
        self.index.insert_unique(digest, index, |other| rehash(chunks, seed, *other));
        index
    }

    pub(crate) fn remove(&mut self, index: u32) -> Option<Slot> {
        let entry = self.chunks.get_mut(index as usize / CHUNK)?.get_mut(index as usize % CHUNK)?;
        let Entry::Used(slot) = entry else { return None };
        let next = Entry::Free(slot.generation.wrapping_add(1));
        let Entry::Used(slot) = core::mem::replace(entry, next) else { return None };
        if let Ok(found) = self.index.find_entry(hash(self.seed, slot.folder, &slot.name), |other| *other == index) {
            found.remove();
        }
        self.free.push(index);
        self.used -= 1;
        Some(slot)
    }

    /// The pickups that have not ended, by index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Slot)> {
        let entries = self.chunks.iter().flatten().enumerate();
        entries.filter_map(|(index, entry)| match entry {
            Entry::Used(slot) => Some((index as u32, slot)),
            Entry::Free(_) => None,
        })
    }

    /// Everything that is needed to make the same arena again.
    pub(crate) fn save(&self) -> Saved {
        let generations = self.chunks.iter().flatten().map(|entry| match entry {
            Entry::Free(generation) => *generation,
            Entry::Used(slot) => slot.generation,
        });
        Saved {
            generations: generations.collect(),
            free: self.free.clone(),
            slots: self.iter().map(|(index, slot)| (index, slot.clone())).collect(),
        }
    }

    /// The arena that was saved; `None` when `saved` contradicts itself.
    pub(crate) fn load(saved: Saved, seed: u64) -> Option<Arena> {
        let total = saved.generations.len();
        let mut arena = Arena::new(seed);
        for (index, generation) in saved.generations.into_iter().enumerate() {
            if index.is_multiple_of(CHUNK) {
                arena.chunks.push(Vec::with_capacity(CHUNK));
            }
            arena.chunks[index / CHUNK].push(Entry::Free(generation));
        }
        for (index, slot) in saved.slots {
            let entry = arena.chunks.get_mut(index as usize / CHUNK)?.get_mut(index as usize % CHUNK)?;
            if !matches!(entry, Entry::Free(generation) if *generation == slot.generation) {
                return None;
            }
            let digest = hash(seed, slot.folder, &slot.name);
            *entry = Entry::Used(slot);
            arena.used += 1;
            let chunks = &arena.chunks;
            arena.index.insert_unique(digest, index, |other| rehash(chunks, seed, *other));
        }
        // Each slot is either used, or free exactly once.
        let mut free = saved.free.clone();
        free.sort_unstable();
        free.dedup();
        let all_free = free.iter().all(|index| (*index as usize) < total && arena.get(*index).is_none());
        if !all_free || free.len() != saved.free.len() || free.len() + arena.used != total {
            return None;
        }
        arena.free = saved.free;
        Some(arena)
    }
}

/// An [`Arena`] at rest.
pub(crate) struct Saved {
    generations: Vec<u32>,
    free: Vec<u32>,
    slots: Vec<(u32, Slot)>,
}

record!(Saved, Saved { generations: Vec::new(), free: Vec::new(), slots: Vec::new() }, generations, free, slots);
record!(
    Slot,
    Slot {
        generation: 0,
        folder: 0,
        group: ALONE,
        name: Name::blank(),
        pickup: Pickup::new(Timestamp::blank(), State::Waiting),
    },
    generation,
    folder,
    group,
    name,
    pickup,
);

fn hash(seed: u64, folder: u32, name: &Name) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(seed, u64::from(folder));
    hasher.write(name.as_bytes());
    hasher.finish()
}

fn rehash(chunks: &[Vec<Entry>], seed: u64, index: u32) -> u64 {
    match &chunks[index as usize / CHUNK][index as usize % CHUNK] {
        Entry::Used(slot) => hash(seed, slot.folder, &slot.name),
        Entry::Free(_) => 0,
    }
}
