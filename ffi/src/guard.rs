//! What every export goes through: a panic becomes a result, a fault becomes the last error.

use core::ffi::{c_char, c_void};
use core::ptr;

use crate::result::{Fault, LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_PANIC, lockwait_panic_callback};
use crate::runtime::{self, Lock};

/// Runs the body of an export: `Ok` is LOCKWAIT_RESULT_OK, a fault its number, a panic LOCKWAIT_RESULT_PANIC.
pub(crate) fn call(body: impl FnOnce() -> Result<(), Fault>) -> u32 {
    match runtime::catch(body) {
        Ok(Ok(())) => LOCKWAIT_RESULT_OK,
        Ok(Err(fault)) => failed(fault),
        Err(panic) => failed(panicked(panic)),
    }
}

/// Leaves the text of a fault as the last error; gives its number.
#[cold]
#[inline(never)]
fn failed(fault: Fault) -> u32 {
    let result = fault.result();
    if is_error(result) {
        // To keep the text of an error takes memory; to run out of it here must not unwind into C.
        let _ = runtime::catch(|| runtime::set_last_error(fault.into_text()));
    }
    result
}

/// As [`call`], but leaves the last error as it is.
pub(crate) fn call_quietly(body: impl FnOnce() -> Result<(), Fault>) -> u32 {
    match runtime::catch(body) {
        Ok(Ok(())) => LOCKWAIT_RESULT_OK,
        Ok(Err(fault)) => fault.result(),
        Err(panic) => panicked(panic).result(),
    }
}

/// Runs the body of an export that gives a static text; an empty text after a panic.
pub(crate) fn pointer(body: impl FnOnce() -> *const c_char) -> *const c_char {
    runtime::catch(body).unwrap_or(c"".as_ptr())
}

/// Runs the body of an export that gives a number; 0 after a panic.
pub(crate) fn number(body: impl FnOnce() -> u32) -> u32 {
    runtime::catch(body).unwrap_or(0)
}

/// Whether a result is an error rather than "nothing there".
fn is_error(result: u32) -> bool {
    result >= crate::result::LOCKWAIT_RESULT_NULL_POINTER
}

/// Who is told of panics.
struct Handler {
    callback: lockwait_panic_callback,
    user: *mut c_void,
}

// SAFETY: the pointer is only ever handed back to the host, whose business its threads are: the header says that the
// callback is called on the thread of the call that failed.
unsafe impl Send for Handler {}

static HANDLER: Lock<Handler> = Lock::new(Handler { callback: None, user: ptr::null_mut() });

pub(crate) fn set_panic_handler(callback: lockwait_panic_callback, user: *mut c_void) -> Result<(), Fault> {
    let mut handler = HANDLER.lock().map_err(|_| Fault::plain(LOCKWAIT_RESULT_PANIC))?;
    *handler = Handler { callback, user };
    Ok(())
}

/// Tells the host's handler, if it has set one.
pub(crate) fn tell_host(text: &str) {
    let handler = HANDLER.lock().map(|handler| (handler.callback, handler.user));
    if let Ok((Some(callback), user)) = handler {
        // SAFETY: the host gave callback and user together; the text outlives the call.
        unsafe { callback(user, text.as_ptr().cast(), text.len()) };
    }
}

#[cold]
fn panicked(panic: runtime::Panic) -> Fault {
    let text = runtime::text_of(panic);
    tell_host(&text);
    Fault::new(LOCKWAIT_RESULT_PANIC, alloc::format!("a fault inside Lockwait: {text}; free the object worked on"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::{LOCKWAIT_RESULT_EMPTY, LOCKWAIT_RESULT_INVALID_TEXT};
    use core::cell::Cell;

    unsafe extern "C" fn count(user: *mut c_void, _text: *const c_char, _length: usize) {
        // SAFETY: the test gives a cell that outlives the handler.
        let cell = unsafe { &*user.cast::<Cell<u32>>() };
        cell.set(cell.get() + 1);
    }

    #[test]
    fn a_panic_becomes_a_result_and_is_told() {
        let told = Cell::new(0);
        set_panic_handler(Some(count), (&raw const told).cast_mut().cast()).unwrap();
        assert_eq!(call(|| panic!("on purpose")), LOCKWAIT_RESULT_PANIC);
        set_panic_handler(None, ptr::null_mut()).unwrap();
        assert_eq!(told.get(), 1);
        runtime::with_last_error(|text| assert!(text.contains("on purpose"), "{text}"));
        assert_eq!(number(|| panic!("on purpose")), 0);
        assert!(!pointer(|| panic!("on purpose")).is_null());
    }

    #[test]
    fn only_errors_change_the_last_error() {
        call(|| Err(Fault::new(LOCKWAIT_RESULT_INVALID_TEXT, "first")));
        assert_eq!(call(|| Err(Fault::plain(LOCKWAIT_RESULT_EMPTY))), LOCKWAIT_RESULT_EMPTY);
        assert_eq!(call(|| Ok(())), LOCKWAIT_RESULT_OK);
        runtime::with_last_error(|text| assert_eq!(text, "first"));
    }
}
