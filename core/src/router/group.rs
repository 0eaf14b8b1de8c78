//! Files that travel together: a leader and the members it names. Members go first, the leader last.

use alloc::vec::Vec;

use super::arena::lists_each_once;
use crate::json::{choice, record};
use crate::observation::Place;

/// How far a group is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Waits until every one has been found free.
    Gathering,
    /// All were free, but some were looked at a while ago: all are looked at again.
    Verifying,
    /// All are free: they are being taken.
    Taking,
}

/// One leader with its members.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) leader: u32,
    /// The files the leader names.
    pub(crate) named: Vec<Place>,
    /// Members that are not taken yet.
    pub(crate) members: Vec<Member>,
    pub(crate) phase: Phase,
}

/// A member of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    pub(crate) index: u32,
    /// It was submitted by the host; otherwise it exists only for its group.
    pub(crate) submitted: bool,
}

/// The groups of a router.
#[derive(Clone, Default, Debug)]
pub(crate) struct Groups {
    groups: Vec<Option<Group>>,
    free: Vec<u32>,
}

impl Groups {
    pub(crate) fn insert(&mut self, group: Group) -> u32 {
        match self.free.pop() {
            Some(id) => {
                self.groups[id as usize] = Some(group);
                id
            }
            None => {
                self.groups.push(Some(group));
                (self.groups.len() - 1) as u32
            }
        }
    }

    pub(crate) fn get(&self, id: u32) -> Option<&Group> {
        self.groups.get(id as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut Group> {
        self.groups.get_mut(id as usize)?.as_mut()
    }

    pub(crate) fn remove(&mut self, id: u32) -> Option<Group> {
        let group = self.groups.get_mut(id as usize)?.take()?;
        self.free.push(id);
        Some(group)
    }

    /// The groups that exist, with their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Group)> {
        self.groups.iter().enumerate().filter_map(|(id, group)| Some((id as u32, group.as_ref()?)))
    }

    /// Whether the free list names each free place once.
    pub(crate) fn is_sound(&self) -> bool {
        let empty = self.groups.iter().filter(|group| group.is_none()).count();
        self.free.len() == empty
            && lists_each_once(&self.free, self.groups.len(), &|id| matches!(self.groups.get(id as usize), Some(None)))
    }
}

choice!(Phase, "gathering verifying taking", Gathering, Verifying, Taking);
record!(
    Group,
    Group { leader: 0, named: Vec::new(), members: Vec::new(), phase: Phase::blank() },
    leader,
    named,
    members,
    phase,
);
record!(Member, Member { index: 0, submitted: false }, index, submitted);
record!(Groups, Groups::default(), groups, free);
