//! Opaque handles.
//!
//! A handle looks like a pointer to C and is a number: slot, generation, and a lowest bit that is always set, which
//! no address of an object has. It is looked up and never followed, so that a freed, foreign or made-up handle gives an
//! error and not a crash. An object that one thread frees while another is in a call on it lives until that call ends.
//!
//! Slots stay where they are for as long as the library is loaded, and each has one word that says whose it is and how
//! many calls are inside, so that a call needs no lock to find its object.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering, fence};

use lockwait_core::driven::Driven;
use lockwait_core::event::Event;
use lockwait_core::policy::Policy;
use once_cell::race::OnceBox;

use crate::result::{
    Fault, LOCKWAIT_RESULT_INVALID_HANDLE, LOCKWAIT_RESULT_NULL_POINTER, LOCKWAIT_RESULT_PANIC,
    LOCKWAIT_RESULT_TOO_MANY,
};
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

/// How many bits of a handle are the slot's index: all but the lowest bit are shared with the generation.
const INDEX_BITS: u32 = usize::BITS / 2;
const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;
const LAST_GENERATION: usize = usize::MAX >> (INDEX_BITS + 1);

/// A place for an object.
#[derive(Default)]
struct Slot {
    /// From the lowest bit: how many calls are inside, in as many bits as an index has; [`LIVE`]; the generation.
    state: AtomicUsize,
    /// Written by who has the slot's index from the table; read by calls that are inside; emptied by the last one out
    /// of a slot that is not live any more.
    object: UnsafeCell<Option<Box<Object>>>,
}

// SAFETY: see `object`; what is in it may be sent and shared.
unsafe impl Sync for Slot where Object: Send + Sync {}

/// Calls may enter.
const LIVE: usize = 1 << INDEX_BITS;
/// The bits that count the calls inside.
const INSIDE: usize = LIVE - 1;

/// The state of a slot that is live in this generation, with nobody inside.
const fn live(generation: usize) -> usize {
    generation << (INDEX_BITS + 1) | LIVE
}

/// The slots, each row twice as long as the one before; a row is made when it is needed and stays.
static ROWS: [OnceBox<Box<[Slot]>>; ROW_COUNT] = [const { OnceBox::new() }; ROW_COUNT];
const FIRST_ROW: usize = 64;
const ROW_COUNT: usize = (INDEX_BITS - FIRST_ROW.ilog2() + 1) as usize;

/// Row and place in it of an index.
fn place(index: usize) -> (usize, usize) {
    let number = index + FIRST_ROW;
    let row = number.ilog2() - FIRST_ROW.ilog2();
    (row as usize, number - (FIRST_ROW << row))
}

fn slot(index: usize) -> Option<&'static Slot> {
    let (row, at) = place(index);
    ROWS.get(row)?.get()?.get(at)
}

/// Which slots are free.
struct Table {
    /// Indices from here on were never used.
    unused: usize,
    /// Used before, the one that was freed first in front: it takes longest until a freed handle comes to be valid again.
    free: VecDeque<usize>,
}

static TABLE: Lock<Table> = Lock::new(Table { unused: 0, free: VecDeque::new() });

/// A free slot that is kept for an object yet to come, so that nothing is taken from anywhere without a handle for it.
/// Dropped without an object, it is free again.
pub(crate) struct Reserved(usize, &'static Slot);

/// Keeps a slot.
#[inline(never)]
pub(crate) fn reserve() -> Result<Reserved, Fault> {
    let mut table = TABLE.lock()?;
    let index = match table.free.pop_front() {
        Some(index) => index,
        None if table.unused < INDEX_MASK => table.unused,
        None => return Err(Fault::plain(LOCKWAIT_RESULT_TOO_MANY)),
    };
    let (row, _) = place(index);
    if let Some(row_of) = ROWS.get(row) {
        row_of.get_or_init(|| Box::new((0..FIRST_ROW << row).map(|_| Slot::default()).collect()));
    }
    let slot = slot(index).ok_or(Fault::plain(LOCKWAIT_RESULT_TOO_MANY))?;
    table.unused = table.unused.max(index + 1);
    Ok(Reserved(index, slot))
}

impl Reserved {
    /// Makes a handle for `object`.
    pub(crate) fn fill<T>(self, object: Object) -> *mut T {
        core::ptr::without_provenance_mut(self.fill_with(object))
    }

    #[inline(never)]
    fn fill_with(self, object: Object) -> usize {
        let Reserved(index, slot) = self;
        core::mem::forget(self);
        let last = slot.state.load(Ordering::Relaxed) >> (INDEX_BITS + 1);
        let generation = if last == LAST_GENERATION { 1 } else { last + 1 };
        // SAFETY: nobody enters a slot that is not live, and the index is nobody else's.
        unsafe { *slot.object.get() = Some(Box::new(object)) };
        slot.state.store(live(generation), Ordering::Release);
        (generation << (INDEX_BITS + 1)) | (index << 1) | 1
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // A table that a panic left half changed gives no more handles anyway.
        if let Ok(mut table) = TABLE.lock() {
            table.free.push_front(self.0);
        }
    }
}

/// Makes a handle for `object`.
pub(crate) fn put<T>(object: Object) -> Result<*mut T, Fault> {
    Ok(reserve()?.fill(object))
}

fn invalid() -> Fault {
    Fault::plain(LOCKWAIT_RESULT_INVALID_HANDLE)
}

/// A call that is inside: its object stays until it is out.
struct Inside {
    index: usize,
    slot: &'static Slot,
    /// The state with nobody inside.
    live: usize,
}

/// Enters the object of a handle.
fn enter(handle: *const ()) -> Result<Inside, Fault> {
    let number = handle.addr();
    if number == 0 {
        return Err(Fault::new(LOCKWAIT_RESULT_NULL_POINTER, "the handle is NULL"));
    }
    let (index, live) = ((number >> 1) & INDEX_MASK, live(number >> (INDEX_BITS + 1)));
    let slot = slot(index).filter(|_| number & 1 == 1).ok_or_else(invalid)?;
    let mut state = slot.state.load(Ordering::Relaxed);
    loop {
        if state & !INSIDE != live {
            return Err(invalid());
        }
        if state & INSIDE == INSIDE {
            return Err(Fault::plain(LOCKWAIT_RESULT_TOO_MANY));
        }
        match slot.state.compare_exchange_weak(state, state + 1, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return Ok(Inside { index, slot, live }),
            Err(other) => state = other,
        }
    }
}

impl Inside {
    fn object(&self) -> Result<&Object, Fault> {
        // SAFETY: it is only changed while nobody is inside.
        unsafe { &*self.slot.object.get() }.as_deref().ok_or_else(invalid)
    }

    /// Lets nobody else enter; false if somebody has done so before.
    fn close(&self) -> bool {
        let mut state = self.slot.state.load(Ordering::Relaxed);
        while state & !INSIDE == self.live {
            match self.slot.state.compare_exchange_weak(state, state & !LIVE, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(other) => state = other,
            }
        }
        false
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let before = self.slot.state.fetch_sub(1, Ordering::Release);
        if before & (INSIDE | LIVE) == 1 {
            fence(Ordering::Acquire);
            // SAFETY: this was the last one inside, and nobody enters any more.
            let object = unsafe { (*self.slot.object.get()).take() };
            if let Ok(mut table) = TABLE.lock() {
                table.free.push_back(self.index);
            }
            drop(object);
        }
    }
}

/// What `lockwait_…_free` does: NULL is fine, the object goes when nobody is in a call on it.
pub(crate) fn free<T>(handle: *const T, is_kind: fn(&Object) -> bool) -> Result<(), Fault> {
    end(handle.cast(), is_kind)
}

#[inline(never)]
fn end(handle: *const (), is_kind: fn(&Object) -> bool) -> Result<(), Fault> {
    if handle.is_null() {
        return Ok(());
    }
    let inside = enter(handle)?;
    if is_kind(inside.object()?) && inside.close() { Ok(()) } else { Err(invalid()) }
}

/// Gives `f` the object of a handle, if it is of the kind that `pick` picks.
pub(crate) fn with<T, O: ?Sized, R>(
    handle: *const T,
    pick: fn(&Object) -> Option<&O>,
    f: impl FnOnce(&O) -> Result<R, Fault>,
) -> Result<R, Fault> {
    let inside = enter(handle.cast())?;
    f(pick(inside.object()?).ok_or_else(invalid)?)
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
    use std::sync::Arc;
    use std::vec::Vec;

    use super::*;

    fn policy() -> Object {
        Object::Policy(Lock::new(Policy::default()))
    }

    fn is_policy(object: &Object) -> bool {
        matches!(object, Object::Policy(_))
    }

    fn is_valid(handle: *const u8) -> bool {
        enter(handle.cast()).is_ok()
    }

    #[test]
    fn a_freed_handle_stays_invalid_when_its_slot_is_used_again() {
        let first: *mut u8 = put(policy()).unwrap();
        assert!(is_valid(first));
        free(first, is_policy).unwrap();
        let others: Vec<*mut u8> = (0..100).map(|_| put(policy()).unwrap()).collect();
        assert!(others.iter().all(|other| *other != first));
        assert_eq!(enter(first.cast()).err().map(|fault| fault.result()), Some(LOCKWAIT_RESULT_INVALID_HANDLE));
        assert_eq!(free(first, is_policy).err().map(|fault| fault.result()), Some(LOCKWAIT_RESULT_INVALID_HANDLE));
        others.iter().for_each(|other| free(*other, is_policy).unwrap());
    }

    #[test]
    fn addresses_and_made_up_numbers_are_no_handles() {
        let value = 7_u64;
        assert!(!is_valid((&raw const value).cast()));
        for number in [1, 2, 3, 0x7fff_ffff, usize::MAX] {
            assert!(!is_valid(core::ptr::without_provenance(number)), "{number:#x}");
        }
        assert!(free::<u8>(core::ptr::null(), is_policy).is_ok());
    }

    #[test]
    fn a_handle_of_another_kind_is_not_freed() {
        let handle: *mut u8 = put(policy()).unwrap();
        assert!(free(handle, |_| false).is_err());
        assert!(free(handle, is_policy).is_ok());
    }

    #[test]
    fn every_index_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for index in 0..10_000 {
            assert_eq!(place(index), expected);
            expected = if expected.1 + 1 == FIRST_ROW << expected.0 {
                (expected.0 + 1, 0)
            } else {
                (expected.0, expected.1 + 1)
            };
        }
        assert!(place(INDEX_MASK - 1).0 < ROW_COUNT);
    }

    /// Counts when it is dropped: an object whose last holder is seen.
    fn counted(count: &Arc<()>) -> Object {
        let kept = Arc::clone(count);
        let sink = lockwait_native::sink::JsonLines(Keeper(kept));
        Object::Sink(Lock::new(Box::new(sink)))
    }

    struct Keeper(#[allow(dead_code)] Arc<()>);

    impl std::io::Write for Keeper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_object_goes_with_the_last_call_on_it_and_once() {
        let count = Arc::new(());
        let handle: *mut u8 = put(counted(&count)).unwrap();
        let inside = enter(handle.cast()).unwrap();
        free(handle, |_| true).unwrap();
        assert!(!is_valid(handle) && inside.object().is_ok());
        assert_eq!(Arc::strong_count(&count), 2);
        drop(inside);
        assert_eq!(Arc::strong_count(&count), 1);
    }

    #[test]
    fn of_many_that_free_a_handle_in_use_one_does() {
        // Miri takes each apart, so a few will do there.
        for _ in 0..if cfg!(miri) { 10 } else { 200 } {
            let count = Arc::new(());
            let handle = put::<u8>(counted(&count)).unwrap().addr();
            let freed: usize = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4)
                    .map(|_| {
                        scope.spawn(move || {
                            let handle = core::ptr::without_provenance::<u8>(handle);
                            (0..20).filter(|_| enter(handle.cast()).is_ok()).count();
                            usize::from(free(handle, |_| true).is_ok())
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!((freed, Arc::strong_count(&count)), (1, 1));
        }
    }
}
