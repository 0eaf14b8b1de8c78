//! Where events go.

use core::ffi::c_char;

use lockwait_native::sink::{self, Sink};

use crate::event::{self, lockwait_event};
use crate::guard;
use crate::handle::{self, Object};
use crate::result::{Fault, LOCKWAIT_RESULT_SYSTEM, LOCKWAIT_RESULT_UNSUPPORTED, lockwait_result};
use crate::runtime::Lock;
use crate::text::{self, Out};

/// Somewhere that events are written to: opaque. Made by lockwait_sink_open, owned by the caller, ended with
/// lockwait_sink_free. Any thread; calls on one sink take turns. Not in the legacy flavour.
pub struct lockwait_sink {
    _private: [u8; 0],
}

/// Whatever events are written to.
pub(crate) type AnySink = Box<dyn Sink + Send>;

fn pick(object: &Object) -> Option<&Lock<AnySink>> {
    match object {
        Object::Sink(sink) => Some(sink),
        _ => None,
    }
}

/// Opens a log.
///
/// @param target, length "eventlog" (Windows), "journald" or "syslog" (Linux), or the path of a file that JSON Lines
///                       are added to
/// @param out            written; free with lockwait_sink_free
/// @return LOCKWAIT_RESULT_OK, _SYSTEM (the last error says why), _INVALID_TEXT, _NULL_POINTER, _TOO_MANY
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_sink_open(
    target: *const c_char,
    length: usize,
    out: *mut *mut lockwait_sink,
) -> lockwait_result {
    guard::call(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let target = unsafe { text::utf8(target, length, "target") }?;
        let sink = sink::open(target).map_err(|error| {
            Fault::new(LOCKWAIT_RESULT_SYSTEM, format!("the log '{target}' cannot be opened: {error}"))
        })?;
        out.set(handle::put(Object::Sink(Lock::new(sink)))?);
        Ok(())
    })
}

/// Writes one event, routine or not; see lockwait_event_info for which to leave out.
///
/// @return LOCKWAIT_RESULT_OK, _SYSTEM (it was not written; the next may be), _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_sink_write(sink: *mut lockwait_sink, event: *const lockwait_event) -> lockwait_result {
    guard::call(|| {
        handle::with(event, event::pick, |event| {
            handle::with_locked(sink, pick, |sink| {
                sink.write(event)
                    .map_err(|error| Fault::new(LOCKWAIT_RESULT_SYSTEM, format!("the event was not written: {error}")))
            })
        })
    })
}

/// Ends a sink. NULL is allowed and does nothing.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_sink_free(sink: *mut lockwait_sink) -> lockwait_result {
    guard::call(|| handle::free(sink, |object| pick(object).is_some()))
}

/// Tells Windows which file has the sentences of Lockwait's events: the path of this very DLL, where it is going to stay.
/// Takes an administrator, once; without it the log keeps the events all the same, and viewers show their texts without
/// the sentences.
///
/// @param path, length the DLL's full path
/// @return LOCKWAIT_RESULT_OK, _SYSTEM (the last error says why), _UNSUPPORTED (not on Windows), _INVALID_TEXT,
///         _NULL_POINTER
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_sink_register(path: *const c_char, length: usize) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let path = lockwait_native::path::to_path(&unsafe { text::path(path, length, "path") }?);
        registered(sink::register(&path))
    })
}

/// Takes back what lockwait_sink_register told Windows. Takes an administrator.
///
/// @return LOCKWAIT_RESULT_OK, _SYSTEM (the last error says why), _UNSUPPORTED (not on Windows)
///
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_sink_unregister() -> lockwait_result {
    guard::call(|| registered(sink::unregister()))
}

fn registered(outcome: std::io::Result<()>) -> Result<(), Fault> {
    outcome.map_err(|error| {
        let unsupported = error.kind() == std::io::ErrorKind::Unsupported;
        let result = if unsupported { LOCKWAIT_RESULT_UNSUPPORTED } else { LOCKWAIT_RESULT_SYSTEM };
        Fault::new(result, error.to_string())
    })
}
