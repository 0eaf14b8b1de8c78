//! Opaque handles.
//!
//! A handle looks like a pointer to C and is a number: slot, generation, and a lowest bit that is always set, which
//! no address of an object has. It is looked up in one table and never followed, so that a freed, foreign or made-up
//! handle gives an error and not a crash. An object that one thread frees while another is in a call on it lives until
//! that call ends.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use lockwait_core::event::Event;
use lockwait_core::policy::Policy;
use once_cell::race::OnceBox;

use crate::result::{
    Fault, LOCKWAIT_RESULT_INVALID_HANDLE, LOCKWAIT_RESULT_NULL_POINTER, LOCKWAIT_RESULT_PANIC,
    LOCKWAIT_RESULT_TOO_MANY,
};
use crate::router::Driven;
use crate::runtime::{Lock, Poisoned};

/// Whatever a handle may stand for.
pub(crate) enum Object {
    Policy(Lock<Policy>),
    Router(Box<Lock<Driven>>),
    Event(Event),
    Replay(Lock<crate::trace::Replayed>),
    #[cfg(feature = "modern")]
    Pickup(crate::pickup::Pickup),
    #[cfg(feature = "modern")]
    Sink(Lock<crate::sink::AnySink>),
}

/// One place in the table.
struct Slot {
    generation: usize,
    object: Option<Arc<Object>>,
}

/// The objects that live.
#[derive(Default)]
struct Table {
    slots: Vec<Slot>,
    /// Free slots, the one that was freed first in front: it takes longest until a freed handle comes to be valid again.
    free: VecDeque<usize>,
}

/// How many bits of a handle are the slot's index: all but the lowest bit are shared with the generation.
const INDEX_BITS: u32 = usize::BITS / 2;
const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;
const LAST_GENERATION: usize = usize::MAX >> (INDEX_BITS + 1);

/// Made by the first call that needs it.
static TABLE: OnceBox<Lock<Table>> = OnceBox::new();

fn with_table<T>(f: impl FnOnce(&mut Table) -> T) -> Result<T, Fault> {
    let table = TABLE.get_or_init(|| Box::new(Lock::new(Table::default())));
    Ok(f(&mut *table.lock().map_err(Fault::from)?))
}

/// A free slot that is kept for an object yet to come, so that nothing is taken from anywhere without a handle for it.
/// Dropped without an object, it is free again.
pub(crate) struct Reserved(usize);

/// Keeps a slot.
#[inline(never)]
pub(crate) fn reserve() -> Result<Reserved, Fault> {
    with_table(|table| match table.free.pop_front() {
        Some(index) => Ok(Reserved(index)),
        None if table.slots.len() < INDEX_MASK => {
            table.slots.push(Slot { generation: 0, object: None });
            Ok(Reserved(table.slots.len() - 1))
        }
        None => Err(Fault::plain(LOCKWAIT_RESULT_TOO_MANY)),
    })?
}

impl Reserved {
    /// Makes a handle for `object`.
    pub(crate) fn fill<T>(self, object: Object) -> Result<*mut T, Fault> {
        Ok(core::ptr::without_provenance_mut(self.fill_with(object)?))
    }

    #[inline(never)]
    fn fill_with(self, object: Object) -> Result<usize, Fault> {
        let number = with_table(|table| {
            let slot = &mut table.slots[self.0];
            slot.generation = if slot.generation == LAST_GENERATION { 1 } else { slot.generation + 1 };
            slot.object = Some(Arc::new(object));
            (slot.generation << (INDEX_BITS + 1)) | (self.0 << 1) | 1
        })?;
        core::mem::forget(self);
        Ok(number)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // A table that a panic left half changed gives no more handles anyway.
        let _ = with_table(|table| table.free.push_front(self.0));
    }
}

/// Makes a handle for `object`.
pub(crate) fn put<T>(object: Object) -> Result<*mut T, Fault> {
    reserve()?.fill(object)
}

/// Slot and generation of a handle.
fn parts(handle: *const ()) -> Result<(usize, usize), Fault> {
    let number = handle.addr();
    match number {
        0 => Err(Fault::new(LOCKWAIT_RESULT_NULL_POINTER, "the handle is NULL")),
        _ if number & 1 == 0 => Err(invalid()),
        _ => Ok(((number >> 1) & INDEX_MASK, number >> (INDEX_BITS + 1))),
    }
}

fn invalid() -> Fault {
    Fault::plain(LOCKWAIT_RESULT_INVALID_HANDLE)
}

/// The object of a handle.
pub(crate) fn get<T>(handle: *const T) -> Result<Arc<Object>, Fault> {
    find(handle.cast())
}

#[inline(never)]
fn find(handle: *const ()) -> Result<Arc<Object>, Fault> {
    let (index, generation) = parts(handle)?;
    with_table(|table| {
        let slot = table.slots.get(index).filter(|slot| slot.generation == generation);
        slot.and_then(|slot| slot.object.clone()).ok_or_else(invalid)
    })?
}

/// Takes the object of a handle out of the table if `is_kind` says that it is of the right kind; the handle is
/// invalid from now on.
#[cfg(feature = "modern")]
pub(crate) fn take<T>(handle: *const T, is_kind: fn(&Object) -> bool) -> Result<Arc<Object>, Fault> {
    remove(handle.cast(), is_kind)
}

#[inline(never)]
fn remove(handle: *const (), is_kind: fn(&Object) -> bool) -> Result<Arc<Object>, Fault> {
    let (index, generation) = parts(handle)?;
    with_table(|table| {
        let slot = table.slots.get_mut(index).filter(|slot| slot.generation == generation).ok_or_else(invalid)?;
        let object = slot.object.take_if(|object| is_kind(object)).ok_or_else(invalid)?;
        table.free.push_back(index);
        Ok(object)
    })?
}

/// What `lockwait_…_free` does: NULL is fine, the object goes when nobody is in a call on it.
pub(crate) fn free<T>(handle: *const T, is_kind: fn(&Object) -> bool) -> Result<(), Fault> {
    end(handle.cast(), is_kind)
}

#[inline(never)]
fn end(handle: *const (), is_kind: fn(&Object) -> bool) -> Result<(), Fault> {
    if handle.is_null() { Ok(()) } else { remove(handle, is_kind).map(drop) }
}

/// Gives `f` the object of a handle, if it is of the kind that `pick` picks.
pub(crate) fn with<T, O: ?Sized, R>(
    handle: *const T,
    pick: fn(&Object) -> Option<&O>,
    f: impl FnOnce(&O) -> Result<R, Fault>,
) -> Result<R, Fault> {
    let object = get(handle)?;
    f(pick(&object).ok_or_else(invalid)?)
}

/// Gives `f` the locked content of a handle, if it is of the kind that `pick` picks.
pub(crate) fn with_locked<T, O, R>(
    handle: *const T,
    pick: fn(&Object) -> Option<&Lock<O>>,
    f: impl FnOnce(&mut O) -> Result<R, Fault>,
) -> Result<R, Fault> {
    let mut turn = Turn { f: Some(f), given: None };
    take_turn(handle.cast(), pick, &mut turn)?;
    turn.given.ok_or_else(invalid)
}

/// What can be done with the content of a handle without knowing its type, so that the code of locks is there once a
/// kind of object and not in every export.
trait Act<O> {
    fn act(&mut self, content: &mut O) -> Result<(), Fault>;
}

/// A function that is called once, and what it gave.
struct Turn<F, R> {
    f: Option<F>,
    given: Option<R>,
}

impl<O, R, F: FnOnce(&mut O) -> Result<R, Fault>> Act<O> for Turn<F, R> {
    fn act(&mut self, content: &mut O) -> Result<(), Fault> {
        self.given = self.f.take().map(|f| f(content)).transpose()?;
        Ok(())
    }
}

#[inline(never)]
fn take_turn<O>(
    handle: *const (),
    pick: fn(&Object) -> Option<&Lock<O>>,
    action: &mut dyn Act<O>,
) -> Result<(), Fault> {
    with(handle, pick, |lock| action.act(&mut *lock.lock()?))
}

impl From<Poisoned> for Fault {
    fn from(_: Poisoned) -> Fault {
        Fault::new(LOCKWAIT_RESULT_PANIC, "an earlier fault left this object half changed; free it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Object {
        Object::Policy(Lock::new(Policy::default()))
    }

    fn is_policy(object: &Object) -> bool {
        matches!(object, Object::Policy(_))
    }

    #[test]
    fn a_freed_handle_stays_invalid_when_its_slot_is_used_again() {
        let first: *mut u8 = put(policy()).unwrap();
        assert!(get(first).is_ok());
        free(first, is_policy).unwrap();
        let others: Vec<*mut u8> = (0..100).map(|_| put(policy()).unwrap()).collect();
        assert!(others.iter().all(|other| *other != first));
        assert_eq!(get(first).err().map(|fault| fault.result()), Some(LOCKWAIT_RESULT_INVALID_HANDLE));
        assert_eq!(free(first, is_policy).err().map(|fault| fault.result()), Some(LOCKWAIT_RESULT_INVALID_HANDLE));
        others.iter().for_each(|other| free(*other, is_policy).unwrap());
    }

    #[test]
    fn addresses_and_made_up_numbers_are_no_handles() {
        let value = 7_u64;
        assert!(get(&raw const value).is_err());
        for number in [1, 2, 3, 0x7fff_ffff, usize::MAX] {
            assert!(get(core::ptr::without_provenance::<u8>(number)).is_err(), "{number:#x}");
        }
        assert!(free::<u8>(core::ptr::null(), is_policy).is_ok());
    }

    #[test]
    fn a_handle_of_another_kind_is_not_freed() {
        let handle: *mut u8 = put(policy()).unwrap();
        assert!(free(handle, |_| false).is_err());
        assert!(free(handle, is_policy).is_ok());
    }
}
