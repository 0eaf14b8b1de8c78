//! Mutual exclusion.

use alloc::boxed::Box;
use core::cell::{Cell, UnsafeCell};
use core::ops::{Deref, DerefMut};

use once_cell::race::OnceBox;

use super::super::Poisoned;
use super::win32::{
    CriticalSection, DeleteCriticalSection, EnterCriticalSection, InitializeCriticalSection, LeaveCriticalSection,
};

/// Lets one thread at a time at its content.
pub(crate) struct Lock<T> {
    section: OnceBox<Section>,
    /// Read and written inside the section only.
    taken: Cell<bool>,
    content: UnsafeCell<T>,
}

// SAFETY: all that is not Sync in it is used by one thread at a time, inside the section.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub(crate) const fn new(content: T) -> Lock<T> {
        Lock { section: OnceBox::new(), taken: Cell::new(false), content: UnsafeCell::new(content) }
    }

    /// Waits for its turn. A thread that has its turn already, which the system would let in once more, gets an error.
    pub(crate) fn lock(&self) -> Result<Guard<'_, T>, Poisoned> {
        let section = self.section.get_or_init(Section::new);
        section.enter();
        if self.taken.replace(true) {
            section.leave();
            return Err(Poisoned);
        }
        Ok(Guard { lock: self, section })
    }
}

/// A turn; it ends when this is dropped.
pub(crate) struct Guard<'a, T> {
    lock: &'a Lock<T>,
    section: &'a Section,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the only turn there is.
        unsafe { &*self.lock.content.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the only turn there is.
        unsafe { &mut *self.lock.content.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.taken.set(false);
        self.section.leave();
    }
}

/// A critical section, which stays where it was made.
struct Section(UnsafeCell<CriticalSection>);

// SAFETY: it is made to be used by many threads.
unsafe impl Send for Section {}
// SAFETY: as above.
unsafe impl Sync for Section {}

impl Section {
    fn new() -> Box<Section> {
        let section = Box::new(Section(UnsafeCell::new(CriticalSection::ZERO)));
        // SAFETY: memory of its size, in a box that is never moved out of.
        unsafe { InitializeCriticalSection(section.0.get()) };
        section
    }

    fn enter(&self) {
        // SAFETY: `new` has made it ready.
        unsafe { EnterCriticalSection(self.0.get()) };
    }

    fn leave(&self) {
        // SAFETY: every call follows an `enter` on the same thread.
        unsafe { LeaveCriticalSection(self.0.get()) };
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        // SAFETY: nobody is inside: a turn borrows it.
        unsafe { DeleteCriticalSection(self.0.get()) };
    }
}
