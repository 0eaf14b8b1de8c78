//! Result numbers, their names, and the last error of a thread.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::ffi::{CStr, c_char, c_void};
use core::num::NonZeroU32;

use crate::guard;
use crate::text::Buffer;

/// What a function came to: one of the LOCKWAIT_RESULT_ numbers. 0 is success; LOCKWAIT_RESULT_EMPTY and
/// LOCKWAIT_RESULT_TIMEOUT say that there is nothing, or nothing yet; every other number is an error and has left
/// everything as it was.
pub type lockwait_result = u32;

/// Done.
pub const LOCKWAIT_RESULT_OK: u32 = 0;
/// There is nothing to give now. No error.
pub const LOCKWAIT_RESULT_EMPTY: u32 = 1;
/// The time given was over first. No error.
pub const LOCKWAIT_RESULT_TIMEOUT: u32 = 2;
/// A pointer that must not be NULL is.
pub const LOCKWAIT_RESULT_NULL_POINTER: u32 = 10;
/// The handle was freed, belongs to an object of another kind, or never was one.
pub const LOCKWAIT_RESULT_INVALID_HANDLE: u32 = 11;
/// A number is none of those that it may be, or a length is longer than memory.
pub const LOCKWAIT_RESULT_INVALID_ARGUMENT: u32 = 12;
/// A struct's size is smaller than any version of the struct, or larger with something this version does not know.
pub const LOCKWAIT_RESULT_INVALID_SIZE: u32 = 13;
/// A text is not UTF-8, or a name not usable as one.
pub const LOCKWAIT_RESULT_INVALID_TEXT: u32 = 14;
/// The buffer is too small; the length that is needed was written.
pub const LOCKWAIT_RESULT_BUFFER_TOO_SMALL: u32 = 15;
/// The policy has no such key, or the value is not allowed; the last error says which.
pub const LOCKWAIT_RESULT_INVALID_POLICY: u32 = 16;
/// The pickup ended, or never was.
pub const LOCKWAIT_RESULT_NO_SUCH_PICKUP: u32 = 20;
/// No action of the pickup is outstanding: the answer is late or repeated.
pub const LOCKWAIT_RESULT_NOT_ASKED: u32 = 21;
/// The answer is none to the action that is outstanding.
pub const LOCKWAIT_RESULT_WRONG_ANSWER: u32 = 22;
/// The text is no trace; the last error says in which line and why.
pub const LOCKWAIT_RESULT_TRACE_MALFORMED: u32 = 30;
/// The replay gave other outputs than were recorded.
pub const LOCKWAIT_RESULT_TRACE_DIFFERS: u32 = 31;
/// The text is no snapshot.
pub const LOCKWAIT_RESULT_INVALID_SNAPSHOT: u32 = 32;
/// Not in the state that the object is in now; the last error says why.
pub const LOCKWAIT_RESULT_WRONG_STATE: u32 = 40;
/// The native runner cannot start; the last error says why and what to do.
pub const LOCKWAIT_RESULT_CANNOT_START: u32 = 41;
/// The operating system refused; the last error has its words.
pub const LOCKWAIT_RESULT_SYSTEM: u32 = 42;
/// Not on this operating system.
pub const LOCKWAIT_RESULT_UNSUPPORTED: u32 = 43;
/// There are more objects than handles (65,535 in a 32-bit process).
pub const LOCKWAIT_RESULT_TOO_MANY: u32 = 44;
/// A fault inside Lockwait was caught; the object that was worked on must be freed.
pub const LOCKWAIT_RESULT_PANIC: u32 = 50;

/// Every result: number, name, meaning.
const RESULTS: [(u32, &CStr, &CStr); 23] = [
    (LOCKWAIT_RESULT_OK, c"OK", c"done"),
    (LOCKWAIT_RESULT_EMPTY, c"EMPTY", c"there is nothing to give now"),
    (LOCKWAIT_RESULT_TIMEOUT, c"TIMEOUT", c"the time given was over first"),
    (LOCKWAIT_RESULT_NULL_POINTER, c"NULL_POINTER", c"a pointer that must not be NULL is"),
    (
        LOCKWAIT_RESULT_INVALID_HANDLE,
        c"INVALID_HANDLE",
        c"the handle was freed, belongs to an object of another kind, or never was one",
    ),
    (LOCKWAIT_RESULT_INVALID_ARGUMENT, c"INVALID_ARGUMENT", c"a number or a length is none of those that it may be"),
    (LOCKWAIT_RESULT_INVALID_SIZE, c"INVALID_SIZE", c"a struct's size is none that this version knows"),
    (LOCKWAIT_RESULT_INVALID_TEXT, c"INVALID_TEXT", c"a text is not UTF-8, or a name not usable as one"),
    (LOCKWAIT_RESULT_BUFFER_TOO_SMALL, c"BUFFER_TOO_SMALL", c"the buffer is too small"),
    (LOCKWAIT_RESULT_INVALID_POLICY, c"INVALID_POLICY", c"the policy does not allow this"),
    (LOCKWAIT_RESULT_NO_SUCH_PICKUP, c"NO_SUCH_PICKUP", c"the pickup ended, or never was"),
    (LOCKWAIT_RESULT_NOT_ASKED, c"NOT_ASKED", c"no action of the pickup is outstanding"),
    (LOCKWAIT_RESULT_WRONG_ANSWER, c"WRONG_ANSWER", c"the answer is none to the action that is outstanding"),
    (LOCKWAIT_RESULT_TRACE_MALFORMED, c"TRACE_MALFORMED", c"the text is no trace"),
    (LOCKWAIT_RESULT_TRACE_DIFFERS, c"TRACE_DIFFERS", c"the replay gave other outputs than were recorded"),
    (LOCKWAIT_RESULT_INVALID_SNAPSHOT, c"INVALID_SNAPSHOT", c"the text is no snapshot"),
    (LOCKWAIT_RESULT_WRONG_STATE, c"WRONG_STATE", c"not in the state that the object is in now"),
    (LOCKWAIT_RESULT_CANNOT_START, c"CANNOT_START", c"the native runner cannot start"),
    (LOCKWAIT_RESULT_SYSTEM, c"SYSTEM", c"the operating system refused"),
    (LOCKWAIT_RESULT_UNSUPPORTED, c"UNSUPPORTED", c"not on this operating system"),
    (LOCKWAIT_RESULT_TOO_MANY, c"TOO_MANY", c"there are more objects than handles"),
    (LOCKWAIT_RESULT_PANIC, c"PANIC", c"a fault inside Lockwait was caught; free the object that was worked on"),
    (u32::MAX, c"UNKNOWN", c"no such result"),
];

/// Why an export failed: what it returns, and what it leaves as the last error. Two words, and none more for the
/// `Result` it is in: it is handed on in every function here.
#[derive(Debug)]
pub(crate) struct Fault {
    result: NonZeroU32,
    #[expect(clippy::box_collection, reason = "one word instead of three")]
    text: Option<Box<String>>,
}

impl Fault {
    #[cold]
    pub(crate) fn new(result: u32, text: impl Into<String>) -> Fault {
        Fault { text: Some(Box::new(text.into())), ..Fault::plain(result) }
    }

    /// What has no text but the result's own meaning. Not LOCKWAIT_RESULT_OK.
    pub(crate) const fn plain(result: u32) -> Fault {
        let result = match NonZeroU32::new(result) {
            Some(result) => result,
            None => NonZeroU32::MAX,
        };
        Fault { result, text: None }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn null(what: &'static str) -> Fault {
        Fault::new(LOCKWAIT_RESULT_NULL_POINTER, alloc::format!("'{what}' is NULL"))
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn argument(what: &'static str, why: &dyn core::fmt::Display) -> Fault {
        Fault::new(LOCKWAIT_RESULT_INVALID_ARGUMENT, alloc::format!("'{what}': {why}"))
    }

    /// A number that is none of the constants whose names begin so.
    #[cold]
    #[inline(never)]
    pub(crate) fn none_of(what: &'static str, number: u32, constants: &'static str) -> Fault {
        Fault::argument(what, &format_args!("{number} is none of the {constants} numbers"))
    }

    /// What the export returns.
    pub(crate) const fn result(&self) -> u32 {
        self.result.get()
    }

    /// The full text: what was said, or else the result's own meaning.
    pub(crate) fn into_text(self) -> String {
        match self.text {
            Some(text) => *text,
            None => row(self.result()).2.to_str().unwrap_or_default().to_string(),
        }
    }
}

fn row(result: u32) -> &'static (u32, &'static CStr, &'static CStr) {
    RESULTS.iter().find(|row| row.0 == result).unwrap_or(&RESULTS[RESULTS.len() - 1])
}

/// The name of a result without its prefix ("OK", "NULL_POINTER"); "UNKNOWN" for any other number. NUL-terminated,
/// never NULL, valid for as long as the library is loaded. Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_result_name(result: lockwait_result) -> *const c_char {
    guard::pointer(|| row(result).1.as_ptr())
}

/// What a result means, in a few words. NUL-terminated, never NULL, valid for as long as the library is loaded. Any
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_result_text(result: lockwait_result) -> *const c_char {
    guard::pointer(|| row(result).2.as_ptr())
}

/// The text of the last call on this thread that failed: which argument, what is wrong with it, what to do. Empty if
/// none did. A call that succeeds leaves it as it is. Any thread, each has its own.
///
/// `buffer`, `capacity`, `length`: see lockwait_buffer rules at the top of this header.
///
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_BUFFER_TOO_SMALL, LOCKWAIT_RESULT_NULL_POINTER
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_last_error(
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call_quietly(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        crate::runtime::with_last_error(|text| buffer.write(text.as_bytes()))
    })
}

/// Is told of a fault inside Lockwait: `text` (`length` bytes, UTF-8, not NUL-terminated, valid during the call)
/// says where and what.
pub type lockwait_panic_callback = Option<unsafe extern "C" fn(user: *mut c_void, text: *const c_char, length: usize)>;

/// Sets who is told of a fault (a panic) inside Lockwait; NULL for nobody.
///
/// In the modern flavour the call then returns LOCKWAIT_RESULT_PANIC and the process goes on. In the legacy flavour
/// the process is stopped when `callback` returns: it is the last chance to write a note. `callback` must not call
/// Lockwait, and must not throw.
///
/// @return LOCKWAIT_RESULT_OK
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_set_panic_handler(callback: lockwait_panic_callback, user: *mut c_void) -> lockwait_result {
    guard::call(|| guard::set_panic_handler(callback, user))
}
