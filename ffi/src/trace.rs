//! Recording and replaying.

use alloc::collections::VecDeque;
use alloc::string::ToString;
use core::ffi::c_char;

use lockwait_core::event::Event;
use lockwait_core::trace::{self, ReplayError};

use crate::event::lockwait_event;
use crate::guard;
use crate::handle::{self, Object};
use crate::policy::{self, lockwait_policy};
use crate::result::{
    Fault, LOCKWAIT_RESULT_EMPTY, LOCKWAIT_RESULT_TRACE_DIFFERS, LOCKWAIT_RESULT_TRACE_MALFORMED,
    LOCKWAIT_RESULT_WRONG_STATE, lockwait_result,
};
use crate::router::{self, lockwait_router};
use crate::runtime::Lock;
use crate::sized::{self, Sized32};
use crate::text::{self, Buffer, Out};

/// Starts recording everything that is put into a router, and a digest of all that comes out. To be called before
/// anything is put in. From now on lockwait_router_next_trace_line gives the lines; a line that is not fetched stays in
/// memory.
///
/// @return LOCKWAIT_RESULT_OK, _WRONG_STATE (something was put in, or it is being recorded), _NULL_POINTER,
///         _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_trace(router: *mut lockwait_router) -> lockwait_result {
    guard::call(|| {
        router::with(router, |driven| {
            let why = "a trace begins before anything is put into the router, and once";
            driven.record().then_some(()).ok_or_else(|| Fault::new(LOCKWAIT_RESULT_WRONG_STATE, why))
        })
    })
}

/// Writes the next line of the trace, without its end, and forgets it. Written one after another with line ends, they
/// are a file that lockwait_trace_replay and `lockwait replay` read.
///
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (none now), _BUFFER_TOO_SMALL (the line stays), _NULL_POINTER,
///         _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_next_trace_line(
    router: *mut lockwait_router,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        router::with(router, |driven| {
            let lines = driven.lines().ok_or(Fault::plain(LOCKWAIT_RESULT_EMPTY))?;
            buffer.write(lines.front().ok_or(Fault::plain(LOCKWAIT_RESULT_EMPTY))?.as_bytes())?;
            lines.pop_front();
            Ok(())
        })
    })
}

/// What a replay gave: opaque. Made by lockwait_trace_replay, owned by the caller, ended with lockwait_replay_free.
/// Any thread; calls on one replay take turns.
pub struct lockwait_replay {
    _private: [u8; 0],
}

/// What a replay came to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_replay_info {
    /// sizeof(lockwait_replay_info); set by the caller.
    pub size: u32,
    /// Always 0.
    pub reserved: u32,
    /// How many inputs were replayed.
    pub inputs: u64,
    /// How many events came out.
    pub events: u64,
    /// How many pickups had not ended at the end of the trace.
    pub open: u64,
    /// The digest of all actions and events: the same on every system and in every flavour.
    pub digest: u64,
}

// SAFETY: integers, size first.
unsafe impl Sized32 for lockwait_replay_info {}

/// A replay and those of its events that were not fetched yet.
pub(crate) struct Replayed {
    info: lockwait_replay_info,
    events: VecDeque<Event>,
}

fn pick(object: &Object) -> Option<&Lock<Replayed>> {
    match object {
        Object::Replay(replay) => Some(replay),
        _ => None,
    }
}

/// Replays a whole trace.
///
/// @param text, length the trace: JSON Lines
/// @param policy       NULL: as recorded, and the outputs must be those recorded. Else the recorded answers are given
///                     to this policy as far as they fit, and nothing is compared
/// @param out          written; free with lockwait_replay_free
/// @return LOCKWAIT_RESULT_OK, _TRACE_MALFORMED, _TRACE_DIFFERS (the last error says in which line), _INVALID_TEXT,
///         _INVALID_POLICY, _NULL_POINTER, _INVALID_HANDLE, _TOO_MANY
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_trace_replay(
    text: *const c_char,
    length: usize,
    policy: *const lockwait_policy,
    out: *mut *mut lockwait_replay,
) -> lockwait_result {
    guard::call(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let text = unsafe { text::utf8(text, length, "text") }?;
        let policy = if policy.is_null() { None } else { Some(policy::copy_of(policy)?) };
        let replay = trace::replay(text, policy).map_err(|error| {
            let result = match error {
                ReplayError::Malformed { .. } => LOCKWAIT_RESULT_TRACE_MALFORMED,
                ReplayError::Differs { .. } => LOCKWAIT_RESULT_TRACE_DIFFERS,
            };
            Fault::new(result, error.to_string())
        })?;
        let info = lockwait_replay_info {
            size: 0,
            reserved: 0,
            inputs: replay.inputs as u64,
            events: replay.events.len() as u64,
            open: replay.open as u64,
            digest: replay.digest.0,
        };
        out.set(handle::put(Object::Replay(Lock::new(Replayed { info, events: replay.events.into() })))?);
        Ok(())
    })
}

/// Says what a replay came to.
///
/// @param out written; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_replay_get(
    replay: *mut lockwait_replay,
    out: *mut lockwait_replay_info,
) -> lockwait_result {
    guard::call(|| {
        let info = handle::with_locked(replay, pick, |replayed| Ok(replayed.info))?;
        // SAFETY: the caller's promise.
        unsafe { sized::write(out, &info, "out") }
    })
}

/// Gives the next event of a replay.
///
/// @param out written; free with lockwait_event_free
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (no more), _NULL_POINTER, _INVALID_HANDLE, _TOO_MANY
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_replay_next_event(
    replay: *mut lockwait_replay,
    out: *mut *mut lockwait_event,
) -> lockwait_result {
    guard::call(|| {
        let out = Out::new(out, "out")?;
        let place = handle::reserve()?;
        let event = handle::with_locked(replay, pick, |replayed| {
            replayed.events.pop_front().ok_or(Fault::plain(LOCKWAIT_RESULT_EMPTY))
        })?;
        out.set(place.fill(Object::Event(event)));
        Ok(())
    })
}

/// Ends a replay. NULL is allowed and does nothing.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_replay_free(replay: *mut lockwait_replay) -> lockwait_result {
    guard::call(|| handle::free(replay, |object| pick(object).is_some()))
}
