//! Where pickups live: slots that keep their place, generations that make ids unique, and an index by place.

use alloc::vec;
use alloc::vec::Vec;

use super::index::{Index, Names};
use crate::json::{Form, Json, record};
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
    index: Index,
    used: usize,
}

impl Arena {
    pub(crate) fn new(seed: u64) -> Arena {
        Arena { chunks: Vec::new(), free: Vec::new(), index: Index::new(seed), used: 0 }
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
        match entry(&self.chunks, index)? {
            Entry::Used(slot) => Some(slot),
            Entry::Free(_) => None,
        }
    }

    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut Slot> {
        match entry_mut(&mut self.chunks, index)? {
            Entry::Used(slot) => Some(slot),
            Entry::Free(_) => None,
        }
    }

    pub(crate) fn find(&self, folder: u32, name: &Name) -> Option<u32> {
        self.index.find(&self.chunks, folder, name)
    }

    /// A slot for a place that has none yet.
    pub(crate) fn insert(&mut self, folder: u32, name: Name, pickup: Pickup) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
                self.chunks.push(Vec::with_capacity(CHUNK));
            }
            let index = self.bound();
            if let Some(chunk) = self.chunks.last_mut() {
                chunk.push(Entry::Free(0));
            }
            index as u32
        });
        if let Some(entry) = entry_mut(&mut self.chunks, index) {
            let generation = match entry {
                Entry::Free(generation) => *generation,
                Entry::Used(slot) => slot.generation,
            };
            self.put(index, Slot { generation, folder, group: ALONE, name, pickup });
        }
        index
    }

    /// Fills a free entry that exists.
    fn put(&mut self, index: u32, slot: Slot) {
        if let Some(entry) = entry_mut(&mut self.chunks, index) {
            *entry = Entry::Used(slot);
            self.used += 1;
        }
        self.index.insert(&self.chunks, index);
    }

    pub(crate) fn remove(&mut self, index: u32) -> Option<Slot> {
        let entry = entry_mut(&mut self.chunks, index)?;
        let Entry::Used(slot) = entry else { return None };
        let next = Entry::Free(slot.generation.wrapping_add(1));
        let Entry::Used(slot) = core::mem::replace(entry, next) else { return None };
        self.index.remove(index, slot.folder, &slot.name);
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

    /// One more than the largest index there has been.
    pub(crate) fn bound(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
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
            let free =
                matches!(entry(&arena.chunks, index)?, Entry::Free(generation) if *generation == slot.generation);
            // One pickup a file.
            if !free || arena.find(slot.folder, &slot.name).is_some() {
                return None;
            }
            arena.put(index, slot);
        }
        let all_free = lists_each_once(&saved.free, total, &|index| arena.get(index).is_none());
        if !all_free || saved.free.len() + arena.used != total {
            return None;
        }
        arena.free = saved.free;
        Some(arena)
    }
}

/// Everything that is needed to make the same arena again, as [`Saved`] reads it.
impl Json for Arena {
    fn form(&mut self, form: &mut Form<'_>) {
        let generations = self.chunks.iter().flatten().map(|entry| match entry {
            Entry::Free(generation) => *generation,
            Entry::Used(slot) => slot.generation,
        });
        let mut generations: Vec<u32> = generations.collect();
        let mut slots = Slots(&mut self.chunks, self.used);
        form.record("generations free slots ", &mut [&mut generations, &mut self.free, &mut slots]);
    }
}

/// The used entries of an arena, and how many there are.
struct Slots<'a>(&'a mut [Vec<Entry>], usize);

impl Json for Slots<'_> {
    fn form(&mut self, form: &mut Form<'_>) {
        let mut before = 0;
        for (index, entry) in self.0.iter_mut().flatten().enumerate() {
            if let Entry::Used(slot) = entry {
                form.item(before, self.1);
                form.fixed(&mut [&mut (index as u32), slot]);
                before += 1;
            }
        }
        form.item(before, before);
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

fn entry(chunks: &[Vec<Entry>], index: u32) -> Option<&Entry> {
    chunks.get(index as usize / CHUNK)?.get(index as usize % CHUNK)
}

fn entry_mut(chunks: &mut [Vec<Entry>], index: u32) -> Option<&mut Entry> {
    chunks.get_mut(index as usize / CHUNK)?.get_mut(index as usize % CHUNK)
}

impl Names for Vec<Vec<Entry>> {
    fn name(&self, number: u32) -> Option<(u32, &Name)> {
        match entry(self, number)? {
            Entry::Used(slot) => Some((slot.folder, &slot.name)),
            Entry::Free(_) => None,
        }
    }
}

/// Notes a number; says whether it is in bounds and was not noted before.
pub(super) fn note(noted: &mut [bool], number: u32) -> bool {
    noted.get_mut(number as usize).is_some_and(|noted| !core::mem::replace(noted, true))
}

/// Whether `free` has only indices below `total` that are free, none twice.
pub(super) fn lists_each_once(free: &[u32], total: usize, is_free: &dyn Fn(u32) -> bool) -> bool {
    let mut listed = vec![false; total];
    free.iter().all(|index| note(&mut listed, *index) && is_free(*index))
}
