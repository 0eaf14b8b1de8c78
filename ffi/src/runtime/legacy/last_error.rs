//! One text a thread.

use alloc::boxed::Box;
use alloc::string::String;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

use super::win32::{TLS_OUT_OF_INDEXES, TlsAlloc, TlsFree, TlsGetValue, TlsSetValue};

/// The threads' places. Written while the loader lets nobody else in, read ever after.
static INDEX: AtomicU32 = AtomicU32::new(TLS_OUT_OF_INDEXES);

fn index() -> u32 {
    INDEX.load(Ordering::Relaxed)
}

/// Gets a place for every thread. False if the system has none left.
pub(super) fn create() -> bool {
    // SAFETY: always allowed.
    let index = unsafe { TlsAlloc() };
    INDEX.store(index, Ordering::Relaxed);
    index != TLS_OUT_OF_INDEXES
}

/// Gives the places back; the texts go with the heap.
pub(super) fn destroy() {
    // SAFETY: the index is ours.
    unsafe { TlsFree(index()) };
}

/// Frees the text of a thread that ends.
pub(super) fn forget() {
    keep(ptr::null_mut());
}

/// Keeps `text` as this thread's last error.
pub(crate) fn set_last_error(text: String) {
    keep(Box::into_raw(Box::new(text)));
}

fn keep(new: *mut String) {
    let old = last();
    // SAFETY: the index is ours.
    let kept = unsafe { TlsSetValue(index(), new.cast()) } != 0;
    let unused = if kept { old } else { new };
    if !unused.is_null() {
        // SAFETY: made by `set_last_error`, and in no thread's place.
        drop(unsafe { Box::from_raw(unused) });
    }
}

/// This thread's text; NULL if it has none.
fn last() -> *mut String {
    // SAFETY: the index is ours.
    unsafe { TlsGetValue(index()) }.cast()
}

/// Gives `f` this thread's last error.
pub(crate) fn with_last_error<T>(f: impl FnOnce(&str) -> T) -> T {
    // SAFETY: NULL, or made by `set_last_error`; only this thread replaces it, and not while `f` looks at it.
    let text = unsafe { last().as_ref() };
    f(text.map_or("", String::as_str))
}
