//! Events with their verdicts.

use core::ffi::c_char;

use lockwait_core::event::Event;
use lockwait_core::observation::{Holders, Name};

use crate::answer::lockwait_holder;
use crate::guard;
use crate::handle::{self, Object};
use crate::result::{Fault, LOCKWAIT_RESULT_EMPTY, lockwait_result};
use crate::router::{self, lockwait_router};
use crate::sized::{self, Sized32};
use crate::text::{Buffer, Out, lockwait_str};

/// One line for the operator's log, with the verdict: opaque, never changes. From lockwait_router_next_event or
/// lockwait_replay_next_event it is owned by the caller and ended with lockwait_event_free; given to a callback it is
/// lent for the duration of the call. Any thread may read it.
pub struct lockwait_event {
    _private: [u8; 0],
}

/// The engine started.
pub const LOCKWAIT_EVENT_STARTED: u32 = 6015;
/// The engine stopped.
pub const LOCKWAIT_EVENT_STOPPED: u32 = 6016;
/// A folder cannot be reached.
pub const LOCKWAIT_EVENT_FOLDER_UNREACHABLE: u32 = 6052;
/// A folder can be reached again.
pub const LOCKWAIT_EVENT_FOLDER_REACHABLE: u32 = 6053;
/// The file will not be taken.
pub const LOCKWAIT_EVENT_GAVE_UP: u32 = 6062;
/// The engine itself is in trouble.
pub const LOCKWAIT_EVENT_ENGINE_TROUBLE: u32 = 6064;
/// The file was taken.
pub const LOCKWAIT_EVENT_ACQUIRED: u32 = 6066;
/// The file is held.
pub const LOCKWAIT_EVENT_LOCK_HELD: u32 = 6067;

/// For the record.
pub const LOCKWAIT_SEVERITY_INFORMATION: u32 = 1;
/// Worth a look.
pub const LOCKWAIT_SEVERITY_WARNING: u32 = 2;
/// Needs somebody.
pub const LOCKWAIT_SEVERITY_ERROR: u32 = 3;

/// The pickup goes on.
pub const LOCKWAIT_END_NONE: u32 = 0;
/// The file is at the destination.
pub const LOCKWAIT_END_TAKEN: u32 = 1;
/// The file went away.
pub const LOCKWAIT_END_GONE: u32 = 2;
/// The file is in the bad folder.
pub const LOCKWAIT_END_QUARANTINED: u32 = 3;
/// The file stays where it is, for good.
pub const LOCKWAIT_END_REFUSED: u32 = 4;
/// The host cancelled it.
pub const LOCKWAIT_END_CANCELLED: u32 = 5;

/// The event has no verdict.
pub const LOCKWAIT_ADVICE_NONE: u32 = 0;
/// Nothing to do: the lock is part of normal work.
pub const LOCKWAIT_ADVICE_IGNORE: u32 = 1;
/// Something other than the writer holds the file, or the writer is stuck.
pub const LOCKWAIT_ADVICE_ACT: u32 = 2;
/// The evidence does not decide.
pub const LOCKWAIT_ADVICE_CANNOT_TELL: u32 = 3;

/// There was no lock.
pub const LOCKWAIT_KIND_NONE: u32 = 0;
/// The writer was finishing the file.
pub const LOCKWAIT_KIND_WRITER_FINISHING: u32 = 1;
/// The writer has the file open and does nothing with it.
pub const LOCKWAIT_KIND_WRITER_STALLED: u32 = 2;
/// A virus scanner.
pub const LOCKWAIT_KIND_SCANNER: u32 = 3;
/// A backup.
pub const LOCKWAIT_KIND_BACKUP: u32 = 4;
/// A synchronisation client.
pub const LOCKWAIT_KIND_SYNC: u32 = 5;
/// A search indexer.
pub const LOCKWAIT_KIND_INDEXER: u32 = 6;
/// Another program that takes files from the same folder.
pub const LOCKWAIT_KIND_OTHER_CONSUMER: u32 = 7;
/// The program that retries holds the file itself.
pub const LOCKWAIT_KIND_OWN_PROCESS: u32 = 8;
/// Somebody, and nothing says who.
pub const LOCKWAIT_KIND_UNKNOWN_HOLDER: u32 = 9;
/// The folder could not be reached; no file is at fault.
pub const LOCKWAIT_KIND_UNREACHABLE: u32 = 10;
/// Not a lock: a lasting refusal.
pub const LOCKWAIT_KIND_REFUSED: u32 = 11;

/// The event has no verdict.
pub const LOCKWAIT_CONFIDENCE_NONE: u32 = 0;
/// Barely, or on little evidence.
pub const LOCKWAIT_CONFIDENCE_LOW: u32 = 1;
/// Clearly.
pub const LOCKWAIT_CONFIDENCE_MEDIUM: u32 = 2;
/// Far.
pub const LOCKWAIT_CONFIDENCE_HIGH: u32 = 3;

/// Nobody asked who holds the file.
pub const LOCKWAIT_ASKED_NOT: u32 = 0;
/// Asked; `holders` says how many were found, 0 for none.
pub const LOCKWAIT_ASKED_FOUND: u32 = 1;
/// The question could not be put, or not completely.
pub const LOCKWAIT_ASKED_COULD_NOT: u32 = 2;

/// Everything about an event that is a number.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_event_info {
    /// sizeof(lockwait_event_info); set by the caller.
    pub size: u32,
    /// What happened: one of the LOCKWAIT_EVENT_ numbers, which are the ids in the event log.
    pub id: u32,
    /// When, in microseconds since 1970 UTC.
    pub at: u64,
    /// The pickup it is about; 0 for folders and the engine.
    pub pickup: u64,
    /// When the episode, or the outage, began.
    pub since: u64,
    /// From then to the end of the episode, or to `at` while it lasts, in microseconds.
    pub waited: u64,
    /// The file's size in bytes, for a file that was moved; 0 else.
    pub bytes: u64,
    /// One of the LOCKWAIT_SEVERITY_ numbers.
    pub severity: u32,
    /// One of the LOCKWAIT_END_ numbers: how the pickup ended.
    pub end: u32,
    /// Refused attempts in the episode.
    pub attempts: u32,
    /// What the last refused attempt failed with: one of the LOCKWAIT_DOMAIN_ numbers; 0 when none was refused.
    pub code_domain: u32,
    /// The raw number in that domain.
    pub code_value: u32,
    /// The n-th reminder of an earlier LOCKWAIT_EVENT_LOCK_HELD; 0 for the first.
    pub reminder: u32,
    /// Not 0: for programs that follow every file, not for the event log.
    pub routine: u32,
    /// One of the LOCKWAIT_ADVICE_ numbers: what the administrator should do.
    pub advice: u32,
    /// One of the LOCKWAIT_KIND_ numbers: why the file was held.
    pub kind: u32,
    /// One of the LOCKWAIT_CONFIDENCE_ numbers.
    pub confidence: u32,
    /// How many reasons the verdict has; see lockwait_event_reason.
    pub reasons: u32,
    /// One of the LOCKWAIT_ASKED_ numbers.
    pub asked: u32,
    /// How many holders were found; see lockwait_event_holder.
    pub holders: u32,
    /// Always 0.
    pub reserved: u32,
}

// SAFETY: integers, size first.
unsafe impl Sized32 for lockwait_event_info {}

/// One rule that spoke. The texts stay until the event is freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_reason {
    /// sizeof(lockwait_reason); set by the caller.
    pub size: u32,
    /// How much it counted for the verdict's kind; negative against.
    pub weight: i32,
    /// The rule's stable name.
    pub name: lockwait_str,
    /// The facts, in words.
    pub text: lockwait_str,
}

// SAFETY: integers and pointers, size first.
unsafe impl Sized32 for lockwait_reason {}

/// The event in words, one line, without a line end.
pub const LOCKWAIT_TEXT_LINE: u32 = 0;
/// The event as one line of `lockwait watch --json`, without a line end.
pub const LOCKWAIT_TEXT_JSON: u32 = 1;
/// The path of the file or folder it is about, unchanged; empty for the engine.
pub const LOCKWAIT_TEXT_PATH: u32 = 2;
/// Where the file is now, for a file that was moved; empty else.
pub const LOCKWAIT_TEXT_TO: u32 = 3;
/// The first of eight insertion strings for a message table; the others follow: path, target, code, time waited,
/// attempts, beginning of the episode, verdict, holders.
pub const LOCKWAIT_TEXT_INSERTION: u32 = 16;

pub(crate) fn pick(object: &Object) -> Option<&Event> {
    match object {
        Object::Event(event) => Some(event),
        _ => None,
    }
}

/// Gives the next event of a router.
///
/// @param out written; free with lockwait_event_free
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (none now), _NULL_POINTER, _INVALID_HANDLE, _TOO_MANY
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_next_event(
    router: *mut lockwait_router,
    out: *mut *mut lockwait_event,
) -> lockwait_result {
    guard::call(|| {
        let out = Out::new(out, "out")?;
        out.set(router::with(router, |driven| {
            // Nothing is taken without a handle for it.
            let place = if driven.router.has_events() { Some(handle::reserve()?) } else { None };
            let given = place.and_then(|place| Some(place.fill(Object::Event(driven.router.poll_event()?))));
            given.ok_or(Fault::plain(LOCKWAIT_RESULT_EMPTY))
        })?);
        Ok(())
    })
}

/// Ends an event. NULL is allowed and does nothing. One that was lent to a callback is not the callback's to end.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_event_free(event: *mut lockwait_event) -> lockwait_result {
    guard::call(|| handle::free(event, |object| pick(object).is_some()))
}

/// Writes everything about an event that is a number.
///
/// @param out written; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_event_get(
    event: *const lockwait_event,
    out: *mut lockwait_event_info,
) -> lockwait_result {
    guard::call(|| {
        let info = handle::with(event, pick, |event| Ok(info(event)))?;
        // SAFETY: the caller's promise.
        unsafe { sized::write(out, &info, "out") }
    })
}

fn info(event: &Event) -> lockwait_event_info {
    let verdict = event.verdict.as_ref();
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    lockwait_event_info {
        size: 0,
        id: u32::from(event.kind.id()),
        at: event.at.0,
        pickup: event.id.map_or(0, router::number_of),
        since: event.since.0,
        waited: event.waited.0,
        bytes: event.bytes.unwrap_or(0),
        severity: event.severity as u32,
        end: event.end.map_or(LOCKWAIT_END_NONE, |end| end as u32),
        attempts: event.attempts,
        code_domain: event.code.map_or(0, |code| code.domain() as u32),
        code_value: event.code.map_or(0, |code| code.value()),
        reminder: event.reminder,
        routine: u32::from(event.routine),
        advice: verdict.map_or(LOCKWAIT_ADVICE_NONE, |verdict| verdict.advice as u32),
        kind: verdict.map_or(LOCKWAIT_KIND_NONE, |verdict| verdict.kind as u32),
        confidence: verdict.map_or(LOCKWAIT_CONFIDENCE_NONE, |verdict| verdict.confidence as u32),
        reasons: verdict.map_or(0, |verdict| count(verdict.reasons.len())),
        asked: match event.holders {
            Holders::NotAsked => LOCKWAIT_ASKED_NOT,
            Holders::Found(_) => LOCKWAIT_ASKED_FOUND,
            Holders::CouldNotAsk(_) => LOCKWAIT_ASKED_COULD_NOT,
        },
        holders: count(event.holders.list().len()),
        reserved: 0,
    }
}

/// Writes one of an event's texts.
///
/// @param which one of the LOCKWAIT_TEXT_ numbers; LOCKWAIT_TEXT_INSERTION + 0 to + 7
/// @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _BUFFER_TOO_SMALL, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_event_text(
    event: *const lockwait_event,
    which: u32,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        handle::with(event, pick, |event| buffer.write(text(event, which)?.as_bytes()))
    })
}

/// As lockwait_event_text, in UTF-16.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_event_text_utf16(
    event: *const lockwait_event,
    which: u32,
    buffer: *mut u16,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        handle::with(event, pick, |event| buffer.write_utf16(&text(event, which)?))
    })
}

fn text(event: &Event, which: u32) -> Result<Name, Fault> {
    let insertion = which.checked_sub(LOCKWAIT_TEXT_INSERTION).and_then(|index| usize::try_from(index).ok());
    Ok(match which {
        LOCKWAIT_TEXT_LINE => Name::from(&event.text()),
        LOCKWAIT_TEXT_JSON => Name::from(&event.to_json()),
        LOCKWAIT_TEXT_PATH => event.path.clone(),
        LOCKWAIT_TEXT_TO => event.to.clone().unwrap_or_default(),
        _ => match insertion.and_then(|index| event.insertion_strings().get(index).map(Name::from)) {
            Some(text) => text,
            None => {
                return Err(Fault::none_of("which", which, "LOCKWAIT_TEXT_"));
            }
        },
    })
}

/// Gives one reason of an event's verdict, strongest first.
///
/// @param index from 0
/// @param out   written; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (no such), _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_event_reason(
    event: *const lockwait_event,
    index: usize,
    out: *mut lockwait_reason,
) -> lockwait_result {
    guard::call(|| {
        let reason = handle::with(event, pick, |event| {
            let reasons = event.verdict.as_ref().map_or(&[][..], |verdict| &verdict.reasons);
            let reason = reasons.get(index).ok_or(Fault::plain(LOCKWAIT_RESULT_EMPTY))?;
            let (name, text) = (lockwait_str::lend(&reason.name), lockwait_str::lend(&reason.text));
            Ok(lockwait_reason { size: 0, weight: reason.weight, name, text })
        })?;
        // SAFETY: the caller's promise.
        unsafe { sized::write(out, &reason, "out") }
    })
}

/// Gives one holder that an event names.
///
/// @param index from 0
/// @param out   written; the caller sets its size. The texts stay until the event is freed
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_EMPTY (no such), _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_event_holder(
    event: *const lockwait_event,
    index: usize,
    out: *mut lockwait_holder,
) -> lockwait_result {
    guard::call(|| {
        let holder = handle::with(event, pick, |event| {
            let holder = event.holders.list().get(index).ok_or(Fault::plain(LOCKWAIT_RESULT_EMPTY))?;
            Ok(lockwait_holder {
                size: 0,
                pid: holder.pid.unwrap_or(0),
                access: holder.access as u32,
                others: holder.others,
                own: u32::from(holder.own),
                owner: match holder.owner {
                    None => 0,
                    Some(true) => 1,
                    Some(false) => 2,
                },
                name: lockwait_str::lend(&holder.name),
                address: lockwait_str::lend(holder.address.as_deref().unwrap_or_default()),
                share: lockwait_str::lend(&holder.share),
            })
        })?;
        // SAFETY: the caller's promise.
        unsafe { sized::write(out, &holder, "out") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockwait_core::event::{End, EventKind, Severity};
    use lockwait_core::verdict::{Advice, Confidence, Kind};

    #[test]
    fn the_constants_are_the_cores_numbers() {
        let ids = [
            (LOCKWAIT_EVENT_STARTED, EventKind::Started),
            (LOCKWAIT_EVENT_STOPPED, EventKind::Stopped),
            (LOCKWAIT_EVENT_FOLDER_UNREACHABLE, EventKind::FolderUnreachable),
            (LOCKWAIT_EVENT_FOLDER_REACHABLE, EventKind::FolderReachable),
            (LOCKWAIT_EVENT_GAVE_UP, EventKind::GaveUp),
            (LOCKWAIT_EVENT_ENGINE_TROUBLE, EventKind::EngineTrouble),
            (LOCKWAIT_EVENT_ACQUIRED, EventKind::Acquired),
            (LOCKWAIT_EVENT_LOCK_HELD, EventKind::LockHeld),
        ];
        assert!(ids.iter().all(|(number, kind)| *number == u32::from(kind.id())));
        let kinds = [
            LOCKWAIT_KIND_NONE,
            LOCKWAIT_KIND_WRITER_FINISHING,
            LOCKWAIT_KIND_WRITER_STALLED,
            LOCKWAIT_KIND_SCANNER,
            LOCKWAIT_KIND_BACKUP,
            LOCKWAIT_KIND_SYNC,
            LOCKWAIT_KIND_INDEXER,
            LOCKWAIT_KIND_OTHER_CONSUMER,
            LOCKWAIT_KIND_OWN_PROCESS,
            LOCKWAIT_KIND_UNKNOWN_HOLDER,
            LOCKWAIT_KIND_UNREACHABLE,
            LOCKWAIT_KIND_REFUSED,
        ];
        assert!(kinds.into_iter().eq(Kind::ALL.into_iter().map(|kind| kind as u32)));
        assert_eq!(
            [LOCKWAIT_SEVERITY_INFORMATION, LOCKWAIT_SEVERITY_WARNING, LOCKWAIT_SEVERITY_ERROR],
            [Severity::Information, Severity::Warning, Severity::Error].map(|severity| severity as u32)
        );
        assert_eq!(
            [LOCKWAIT_ADVICE_IGNORE, LOCKWAIT_ADVICE_ACT, LOCKWAIT_ADVICE_CANNOT_TELL],
            [Advice::Ignore, Advice::Act, Advice::CannotTell].map(|advice| advice as u32)
        );
        assert_eq!(
            [LOCKWAIT_CONFIDENCE_LOW, LOCKWAIT_CONFIDENCE_MEDIUM, LOCKWAIT_CONFIDENCE_HIGH],
            [Confidence::Low, Confidence::Medium, Confidence::High].map(|confidence| confidence as u32)
        );
        let ends = [
            LOCKWAIT_END_TAKEN,
            LOCKWAIT_END_GONE,
            LOCKWAIT_END_QUARANTINED,
            LOCKWAIT_END_REFUSED,
            LOCKWAIT_END_CANCELLED,
        ];
        assert_eq!(ends, [End::Taken, End::Gone, End::Quarantined, End::Refused, End::Cancelled].map(|end| end as u32));
    }
}
