//! The router: made, asked, stopped, kept and restored.

use alloc::boxed::Box;
use alloc::string::ToString;
use core::ffi::c_char;

use lockwait_core::driven::Driven;
use lockwait_core::pickup::{ActionKind, PickupId};
use lockwait_core::router::{HandleError, Options, Router, View};
use lockwait_core::time::Timestamp;
use lockwait_core::trace::Input;

use crate::content::lockwait_facts;
use crate::guard;
use crate::handle::{self, Object};
use crate::policy::{self, lockwait_policy};
use crate::result::{
    Fault, LOCKWAIT_RESULT_EMPTY, LOCKWAIT_RESULT_INVALID_SNAPSHOT, LOCKWAIT_RESULT_NO_SUCH_PICKUP,
    LOCKWAIT_RESULT_NOT_ASKED, LOCKWAIT_RESULT_WRONG_ANSWER, lockwait_result,
};
use crate::runtime::Lock;
use crate::sized::{self, Sized32};
use crate::text::{self, Buffer, Out};

/// Many pickups, driven by the host: opaque. Made by lockwait_router_new or lockwait_router_restore, owned by the
/// caller, ended with lockwait_router_free.
///
/// The loop; the numbers are those in docs/embedding.md and in the examples:
///
/// 1. Put in what happened: lockwait_router_submit for a file that arrived, lockwait_router_hint for a notice about
///    one, lockwait_router_answer_… for each action that was carried out.
/// 2. When the time of lockwait_router_next_timeout has come, lockwait_router_handle_timeout.
/// 3. Carry out each lockwait_router_next_action, now or later, here or on another thread.
/// 4. Write each lockwait_router_next_event where events go.
/// 5. Wait until something happens or the time of lockwait_router_next_timeout comes; start over.
///
/// Times are microseconds since 1970 UTC (lockwait_now gives them) and never go backwards: an earlier one counts as
/// the latest one seen. Any thread may call; calls on one router take turns.
pub struct lockwait_router {
    _private: [u8; 0],
}

/// How a router is set up.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_router_options {
    /// sizeof(lockwait_router_options); set by the caller.
    pub size: u32,
    /// Not 0: the host has a bad folder, and answers LOCKWAIT_ACTION_QUARANTINE.
    pub quarantine: u32,
    /// Any number that names of files cannot be made for: keys the hashing against crafted names. Outputs do not
    /// depend on it.
    pub seed: u64,
}

// SAFETY: integers, size first.
unsafe impl Sized32 for lockwait_router_options {}

/// Look and probe. Answer with lockwait_router_answer_opened, _refused or _rejected; for a companion that an earlier
/// run already took, lockwait_router_answer_taken.
pub const LOCKWAIT_ACTION_TRY: u32 = 1;
/// Take the whole file in one burst if it still is as `expected`. Answer with lockwait_router_answer_taken, _refused,
/// _changed or _rejected.
pub const LOCKWAIT_ACTION_TAKE: u32 = 2;
/// Find out who holds it. Answer with lockwait_router_answer_holders or lockwait_router_answer_could_not_ask.
pub const LOCKWAIT_ACTION_IDENTIFY: u32 = 3;
/// Move it to the bad folder: its content was rejected. Answer with lockwait_router_answer_quarantined or _refused.
pub const LOCKWAIT_ACTION_QUARANTINE: u32 = 4;

/// Something the host is asked to do, and to answer once.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_action {
    /// sizeof(lockwait_action); set by the caller.
    pub size: u32,
    /// One of the LOCKWAIT_ACTION_ numbers.
    pub kind: u32,
    /// The pickup to answer for.
    pub pickup: u64,
    /// With LOCKWAIT_ACTION_TAKE, what the file was like when it was found free; zero else.
    pub expected: lockwait_facts,
}

// SAFETY: integers, size first.
unsafe impl Sized32 for lockwait_action {}

/// What can be seen of a pickup that has not ended.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_view {
    /// sizeof(lockwait_view); set by the caller.
    pub size: u32,
    /// Not 0: it is in an episode.
    pub held: u32,
    /// When it was submitted.
    pub since: u64,
    /// When its present episode began; 0 when it is in none.
    pub held_since: u64,
    /// The pickup that leads the group it travels with; itself when it leads one; 0 when it travels alone.
    pub leader: u64,
    /// Refused attempts in the present episode.
    pub attempts: u32,
    /// What the last refused attempt failed with: one of the LOCKWAIT_DOMAIN_ numbers; 0 when none was refused.
    pub code_domain: u32,
    /// The raw number in that domain.
    pub code_value: u32,
    /// Always 0.
    pub reserved: u32,
}

// SAFETY: integers, size first.
unsafe impl Sized32 for lockwait_view {}

/// How many pickups a router has.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_counts {
    /// sizeof(lockwait_counts); set by the caller.
    pub size: u32,
    /// Always 0.
    pub reserved: u32,
    /// That have not ended.
    pub open: u64,
    /// Of these, in an episode.
    pub held: u64,
}

// SAFETY: integers, size first.
unsafe impl Sized32 for lockwait_counts {}

/// The whole path of a pickup's file.
pub const LOCKWAIT_PART_PATH: u32 = 0;
/// Its folder.
pub const LOCKWAIT_PART_FOLDER: u32 = 1;
/// Its name in the folder.
pub const LOCKWAIT_PART_NAME: u32 = 2;

impl From<HandleError> for Fault {
    fn from(error: HandleError) -> Fault {
        let result = match error {
            HandleError::NoSuchPickup => LOCKWAIT_RESULT_NO_SUCH_PICKUP,
            HandleError::NotAsked => LOCKWAIT_RESULT_NOT_ASKED,
            HandleError::WrongAnswer => LOCKWAIT_RESULT_WRONG_ANSWER,
        };
        Fault::new(result, error.to_string())
    }
}

/// What can be seen of a pickup.
pub(crate) fn view(driven: &Driven, pickup: u64) -> Result<View<'_>, Fault> {
    driven.router.view(id_of(pickup)).ok_or(Fault::plain(LOCKWAIT_RESULT_NO_SUCH_PICKUP))
}

/// A pickup as C has it: the core's first is 0, which means no pickup here.
pub(crate) fn number_of(id: PickupId) -> u64 {
    id.0.wrapping_add(1)
}

/// The pickup that [`number_of`] gave a number.
pub(crate) fn id_of(number: u64) -> PickupId {
    PickupId(number.wrapping_sub(1))
}

pub(crate) fn pick(object: &Object) -> Option<&Lock<Driven>> {
    match object {
        Object::Router(router) => Some(router),
        _ => None,
    }
}

/// Gives `f` the router of a handle.
pub(crate) fn with<T>(
    handle: *const lockwait_router,
    f: impl FnOnce(&mut Driven) -> Result<T, Fault>,
) -> Result<T, Fault> {
    handle::with_locked(handle, pick, f)
}

/// Puts an input that gives nothing back into the router of a handle.
pub(crate) fn put(handle: *const lockwait_router, now: u64, input: Input) -> Result<(), Fault> {
    with(handle, |driven| Ok(driven.put(Timestamp(now), input).map(drop)?))
}

/// Makes a router with no pickups.
///
/// @param policy  copied; NULL for the defaults
/// @param options copied; NULL for zeros
/// @param out     written; free with lockwait_router_free
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE, _INVALID_POLICY, _INVALID_SIZE, _TOO_MANY
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_new(
    policy: *const lockwait_policy,
    options: *const lockwait_router_options,
    out: *mut *mut lockwait_router,
) -> lockwait_result {
    guard::call(|| {
        let out = Out::new(out, "out")?;
        let policy = policy::copy_of(policy)?;
        let given = match options.is_null() {
            true => lockwait_router_options { size: 0, quarantine: 0, seed: 0 },
            // SAFETY: the caller's promise.
            false => unsafe { sized::read(options, "options") }?,
        };
        let router = Router::new(Options { policy, quarantine: given.quarantine != 0, seed: given.seed });
        out.set(handle::put(Object::Router(Box::new(Lock::new(Driven::new(router)))))?);
        Ok(())
    })
}

/// Ends a router; its pickups end without events. NULL is allowed and does nothing.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_free(router: *mut lockwait_router) -> lockwait_result {
    guard::call(|| handle::free(router, |object| pick(object).is_some()))
}

/// Gives the next action to carry out.
///
/// @param out written; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (none now), _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_next_action(
    router: *mut lockwait_router,
    out: *mut lockwait_action,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        unsafe { sized::check(out, "out") }?;
        let action = with(router, |driven| driven.router.poll_action().ok_or(Fault::plain(LOCKWAIT_RESULT_EMPTY)))?;
        let (kind, expected) = match action.kind {
            ActionKind::Try => (LOCKWAIT_ACTION_TRY, None),
            ActionKind::Take { expected } => (LOCKWAIT_ACTION_TAKE, Some(expected)),
            ActionKind::Identify => (LOCKWAIT_ACTION_IDENTIFY, None),
            ActionKind::Quarantine => (LOCKWAIT_ACTION_QUARANTINE, None),
        };
        let expected = expected.unwrap_or_default().into();
        // SAFETY: the caller's promise.
        unsafe { sized::write(out, &lockwait_action { size: 0, kind, pickup: number_of(action.id), expected }, "out") }
    })
}

/// Gives the time at which lockwait_router_handle_timeout is next due. It may change with every input.
///
/// @param at written; microseconds since 1970 UTC
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (nothing waits for time), _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_next_timeout(router: *mut lockwait_router, at: *mut u64) -> lockwait_result {
    guard::call(|| {
        let at = Out::new(at, "at")?;
        let due = with(router, |driven| driven.router.poll_timeout().ok_or(Fault::plain(LOCKWAIT_RESULT_EMPTY)))?;
        at.set(due.0);
        Ok(())
    })
}

/// Says that time has passed. An early call does nothing.
///
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_handle_timeout(router: *mut lockwait_router, now: u64) -> lockwait_result {
    guard::call(|| put(router, now, Input::Timeout))
}

/// Starts nothing more. Every pickup without an outstanding action ends at once, without an event; each other one with
/// the host's answer.
///
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_stop(router: *mut lockwait_router, now: u64) -> lockwait_result {
    guard::call(|| put(router, now, Input::Stop))
}

/// Writes event 6015: the host has started work.
///
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_announce_started(router: *mut lockwait_router, now: u64) -> lockwait_result {
    guard::call(|| put(router, now, Input::Started))
}

/// Writes event 6016: the host has stopped.
///
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_announce_stopped(router: *mut lockwait_router, now: u64) -> lockwait_result {
    guard::call(|| put(router, now, Input::Stopped))
}

/// Counts the pickups.
///
/// @param out written; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_count(
    router: *mut lockwait_router,
    out: *mut lockwait_counts,
) -> lockwait_result {
    guard::call(|| {
        let (open, held) = with(router, |driven| Ok((driven.router.len() as u64, driven.router.held() as u64)))?;
        // SAFETY: the caller's promise.
        unsafe { sized::write(out, &lockwait_counts { size: 0, reserved: 0, open, held }, "out") }
    })
}

/// Says what can be seen of a pickup that has not ended.
///
/// @param out written; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_view(
    router: *mut lockwait_router,
    pickup: u64,
    out: *mut lockwait_view,
) -> lockwait_result {
    guard::call(|| {
        let view = with(router, |driven| {
            let view = view(driven, pickup)?;
            Ok(lockwait_view {
                size: 0,
                held: u32::from(view.held_since.is_some()),
                since: view.since.0,
                held_since: view.held_since.map_or(0, |since| since.0),
                leader: view.leader.map_or(0, number_of),
                attempts: view.attempts,
                code_domain: view.code.map_or(0, |code| code.domain() as u32),
                code_value: view.code.map_or(0, |code| code.value()),
                reserved: 0,
            })
        })?;
        // SAFETY: the caller's promise.
        unsafe { sized::write(out, &view, "out") }
    })
}

/// Writes where the file of a pickup that has not ended is.
///
/// @param part one of the LOCKWAIT_PART_ numbers
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _INVALID_ARGUMENT, _BUFFER_TOO_SMALL, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_place(
    router: *mut lockwait_router,
    pickup: u64,
    part: u32,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        with(router, |driven| with_part(&view(driven, pickup)?, part, |name| buffer.write(name.as_bytes())))
    })
}

/// As lockwait_router_place, in UTF-16.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_place_utf16(
    router: *mut lockwait_router,
    pickup: u64,
    part: u32,
    buffer: *mut u16,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        with(router, |driven| with_part(&view(driven, pickup)?, part, |name| buffer.write_utf16(name)))
    })
}

fn with_part(
    view: &View<'_>,
    part: u32,
    f: impl FnOnce(&lockwait_core::observation::Name) -> Result<(), Fault>,
) -> Result<(), Fault> {
    match part {
        LOCKWAIT_PART_PATH => f(&view.place().path()),
        LOCKWAIT_PART_FOLDER => f(view.folder),
        LOCKWAIT_PART_NAME => f(view.name),
        _ => Err(Fault::none_of("part", part, "LOCKWAIT_PART_")),
    }
}

/// Writes everything a router knows as text, from which lockwait_router_restore makes one that goes on. Actions that
/// are outstanding, or not fetched yet, are asked for again there; events that were not fetched yet are in it.
///
/// @return LOCKWAIT_RESULT_OK, _BUFFER_TOO_SMALL, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_snapshot(
    router: *mut lockwait_router,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        buffer.write(with(router, |driven| Ok(driven.router.snapshot()))?.as_bytes())
    })
}

/// Makes a router from a snapshot.
///
/// @param text, length what lockwait_router_snapshot wrote
/// @param out          written; free with lockwait_router_free
/// @return LOCKWAIT_RESULT_OK, _INVALID_SNAPSHOT (the last error says why), _INVALID_TEXT, _NULL_POINTER, _TOO_MANY
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_restore(
    text: *const c_char,
    length: usize,
    out: *mut *mut lockwait_router,
) -> lockwait_result {
    guard::call(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let text = unsafe { text::utf8(text, length, "text") }?;
        let router =
            Router::restore(text).map_err(|error| Fault::new(LOCKWAIT_RESULT_INVALID_SNAPSHOT, error.to_string()))?;
        out.set(handle::put(Object::Router(Box::new(Lock::new(Driven::restored(router)))))?);
        Ok(())
    })
}
