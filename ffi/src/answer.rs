//! A host's answers to actions.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ffi::c_char;

use lockwait_core::code::Code;
use lockwait_core::companion;
use lockwait_core::complete::{self, Sample};
use lockwait_core::driven::Driven;
use lockwait_core::observation::{
    Access, Content, Facts, Holder, Holders, Look, Method, Name, Place, Refusal, Scope, Taken,
};
use lockwait_core::pickup::Outcome;
use lockwait_core::time::Timestamp;
use lockwait_core::trace::Input;

use crate::code;
use crate::content::{self, lockwait_facts};
use crate::guard;
use crate::result::{Fault, lockwait_result};
use crate::router::{self, lockwait_router};
use crate::sized::{self, Sized32};
use crate::text::{self, lockwait_str};

/// The host does not say how it knows.
pub const LOCKWAIT_METHOD_UNKNOWN: u32 = 0;
/// The open itself.
pub const LOCKWAIT_METHOD_OPEN: u32 = 1;
/// A rung of the share-mode ladder.
pub const LOCKWAIT_METHOD_SHARE_MODE: u32 = 2;
/// A read lease (Linux).
pub const LOCKWAIT_METHOD_LEASE: u32 = 3;
/// A test for record locks.
pub const LOCKWAIT_METHOD_RECORD_LOCK: u32 = 4;
/// A test for a flock lock.
pub const LOCKWAIT_METHOD_FLOCK: u32 = 5;
/// Nothing here can tell; only size and time standing still speak.
pub const LOCKWAIT_METHOD_STABILITY: u32 = 6;

/// It is not known what a holder may do with the file.
pub const LOCKWAIT_ACCESS_UNKNOWN: u32 = 0;
/// It reads only.
pub const LOCKWAIT_ACCESS_READ: u32 = 1;
/// It writes only.
pub const LOCKWAIT_ACCESS_WRITE: u32 = 2;
/// It reads and writes.
pub const LOCKWAIT_ACCESS_READ_WRITE: u32 = 3;

/// The refusal is about the one file.
pub const LOCKWAIT_SCOPE_FILE: u32 = 0;
/// The refusal is about the folder: it, or the way to it, cannot be reached.
pub const LOCKWAIT_SCOPE_FOLDER: u32 = 1;

const METHODS: [Method; 7] = [
    Method::Unknown,
    Method::Open,
    Method::ShareMode,
    Method::Lease,
    Method::RecordLock,
    Method::Flock,
    Method::Stability,
];
const ACCESSES: [Access; 4] = [Access::Unknown, Access::Read, Access::Write, Access::ReadWrite];
const SCOPES: [Scope; 2] = [Scope::File, Scope::Folder];

/// The value that a caller's number stands for; values are numbered from 0.
fn choice<T: Copy>(values: &[T], number: u32, what: &'static str) -> Result<T, Fault> {
    let index = usize::try_from(number).unwrap_or(usize::MAX);
    values
        .get(index)
        .copied()
        .ok_or_else(|| Fault::argument(what, &format_args!("{number} is larger than {}", values.len() - 1)))
}

/// One file that another names. Fixed: it never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_place {
    /// The folder's path, spelt as in lockwait_router_submit.
    pub folder: lockwait_str,
    /// The file's name in the folder.
    pub name: lockwait_str,
}

/// A successful look: nobody stands in the way. Everything in it belongs to the caller and is copied.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_look {
    /// sizeof(lockwait_look); set by the caller.
    pub size: u32,
    /// One of the LOCKWAIT_CONTENT_ numbers. With LOCKWAIT_CONTENT_CHECK Lockwait finds out from `head` and `tail`,
    /// and, if `head` is the whole file, which companions it names by the policy's rule.
    pub content: u32,
    /// One of the LOCKWAIT_METHOD_ numbers.
    pub method: u32,
    /// Always 0.
    pub reserved: u32,
    /// Size, time, identity at the look.
    pub facts: lockwait_facts,
    /// With LOCKWAIT_CONTENT_CHECK, the first bytes of the file; see lockwait_content_wanted.
    pub head: *const u8,
    /// How many.
    pub head_length: usize,
    /// With LOCKWAIT_CONTENT_CHECK, the last bytes of the file.
    pub tail: *const u8,
    /// How many.
    pub tail_length: usize,
    /// The files it names and travels with, where the host knows them itself. They count only for a file that leads
    /// others by the policy's rule.
    pub companions: *const lockwait_place,
    /// How many.
    pub companion_count: usize,
}

// SAFETY: integers and pointers, size first.
unsafe impl Sized32 for lockwait_look {}

/// A refused attempt.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_refusal {
    /// sizeof(lockwait_refusal); set by the caller.
    pub size: u32,
    /// One of the LOCKWAIT_DOMAIN_ numbers.
    pub domain: u32,
    /// What the attempt failed with: the raw number in that domain.
    pub value: u32,
    /// One of the LOCKWAIT_SCOPE_ numbers.
    pub scope: u32,
    /// One of the LOCKWAIT_ACCESS_ numbers: what the probe could tell of the holder's access.
    pub access: u32,
    /// One of the LOCKWAIT_METHOD_ numbers: which way of asking met the refusal.
    pub method: u32,
    /// Not 0: `facts` could be had in spite of the refusal.
    pub has_facts: u32,
    /// Always 0.
    pub reserved: u32,
    /// Size, time, identity.
    pub facts: lockwait_facts,
}

// SAFETY: integers, size first.
unsafe impl Sized32 for lockwait_refusal {}

/// One process or session that has the file open.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_holder {
    /// sizeof(lockwait_holder); set by the caller, in an array in every element.
    pub size: u32,
    /// Process id; 0 when unknown.
    pub pid: u32,
    /// One of the LOCKWAIT_ACCESS_ numbers.
    pub access: u32,
    /// How many other files of the same folder it has open.
    pub others: u32,
    /// Not 0: it is the very program that asks.
    pub own: u32,
    /// 1: it runs as the user who owns the file; 2: it does not; 0: that could not be had.
    pub owner: u32,
    /// Program, user or machine name; empty when unknown.
    pub name: lockwait_str,
    /// Network address or session of a remote holder; empty when there is none.
    pub address: lockwait_str,
    /// The kind of lock it holds, or its share mode; empty for a plain open.
    pub share: lockwait_str,
}

// SAFETY: integers and pointers, size first.
unsafe impl Sized32 for lockwait_holder {}

fn answer(handle: *const lockwait_router, now: u64, pickup: u64, outcome: Outcome) -> Result<(), Fault> {
    router::put(handle, now, Input::Answer(router::id_of(pickup), outcome))
}

/// Text that a caller lends.
///
/// # Safety
/// See [`text::slice`].
unsafe fn lent(text: &lockwait_str, what: &'static str) -> Result<String, Fault> {
    // SAFETY: the caller's promise.
    unsafe { text::utf8(text.data, text.len, what) }.map(ToString::to_string)
}

/// Answers LOCKWAIT_ACTION_TRY: looked, and nobody stands in the way.
///
/// With LOCKWAIT_CONTENT_CHECK and a finished leader whose members cannot be used, the answer becomes a rejection.
///
/// @param look copied
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _INVALID_SIZE,
///         _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_answer_opened(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    look: *const lockwait_look,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let given = unsafe { sized::read(look, "look") }?;
        // SAFETY: the caller's promise.
        let (head, tail, named) = unsafe {
            (
                text::slice(given.head, given.head_length, "head")?,
                text::slice(given.tail, given.tail_length, "tail")?,
                text::slice(given.companions, given.companion_count, "companions")?,
            )
        };
        let mut companions = Vec::with_capacity(named.len());
        for place in named {
            // SAFETY: the caller's promise.
            companions.push(unsafe {
                Place {
                    folder: text::path(place.folder.data, place.folder.len, "companions.folder")?,
                    name: text::path(place.name.data, place.name.len, "companions.name")?,
                }
            });
        }
        let method = choice(&METHODS, given.method, "method")?;
        let content = content::content(given.content)?;
        router::with(router, |driven| {
            let mut look = Look { facts: given.facts.into(), content: content.unwrap_or_default(), method, companions };
            let outcome = match content {
                Some(_) => Outcome::Opened(look),
                None => match read_content(driven, pickup, &mut look, head, tail)? {
                    None => Outcome::Opened(look),
                    Some(rejected) => Outcome::Rejected(rejected),
                },
            };
            Ok(driven.put(Timestamp(now), Input::Answer(router::id_of(pickup), outcome)).map(drop)?)
        })
    })
}

/// Finds out what the content says; the code for content that is to be rejected.
fn read_content(
    driven: &Driven,
    pickup: u64,
    look: &mut Look,
    head: &[u8],
    tail: &[u8],
) -> Result<Option<Code>, Fault> {
    let view = router::view(driven, pickup)?;
    let sample = Sample { length: look.facts.size, head, tail };
    look.content = complete::check(view.name.as_bytes(), &sample);
    let is_member = view.leader.is_some_and(|leader| leader != view.id);
    // A done-marker's name says all; a header's members can only be told from all of it. A companion leads nobody.
    if look.content == Content::Incomplete || head.len() as u64 != look.facts.size || is_member {
        return Ok(None);
    }
    match companion::members(&driven.router.options().policy.companions, &view.place(), head) {
        Ok(members) => look.companions.extend(members),
        Err(error) if error.code == Code::UNFINISHED => look.content = Content::Incomplete,
        Err(error) => return Ok(Some(error.code)),
    }
    Ok(None)
}

/// Answers LOCKWAIT_ACTION_TRY, _TAKE or _QUARANTINE: the attempt failed.
///
/// @param refusal copied
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _INVALID_SIZE,
///         _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_answer_refused(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    refusal: *const lockwait_refusal,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let given = unsafe { sized::read(refusal, "refusal") }?;
        let refusal = Refusal {
            code: code::code(given.domain, given.value)?,
            scope: choice(&SCOPES, given.scope, "scope")?,
            facts: (given.has_facts != 0).then(|| given.facts.into()),
            access: choice(&ACCESSES, given.access, "access")?,
            method: choice(&METHODS, given.method, "method")?,
        };
        answer(router, now, pickup, Outcome::Refused(refusal))
    })
}

/// As lockwait_router_answer_refused for a host that knows nothing but the number: of one file, with
/// LOCKWAIT_METHOD_OPEN.
///
/// @param domain one of the LOCKWAIT_DOMAIN_ numbers
/// @param value  the raw number: GetLastError(), errno, an NTSTATUS, an NCP completion code
/// @return as lockwait_router_answer_refused
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_answer_code(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    domain: u32,
    value: u32,
) -> lockwait_result {
    guard::call(|| {
        let refusal = Refusal { method: Method::Open, ..Refusal::new(code::code(domain, value)?) };
        answer(router, now, pickup, Outcome::Refused(refusal))
    })
}

/// Answers LOCKWAIT_ACTION_TAKE: the file is at the destination and no longer at the source.
///
/// @param to, to_length where it is now, as a full path
/// @param bytes         its size
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_TEXT, _NULL_POINTER,
///         _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_answer_taken(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    to: *const c_char,
    to_length: usize,
    bytes: u64,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let to = unsafe { text::path(to, to_length, "to") }?;
        answer(router, now, pickup, Outcome::Taken(Taken { to, bytes }))
    })
}

/// As lockwait_router_answer_taken, in UTF-16.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_answer_taken_utf16(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    to: *const u16,
    to_length: usize,
    bytes: u64,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let to = unsafe { text::path_utf16(to, to_length, "to") }?;
        answer(router, now, pickup, Outcome::Taken(Taken { to, bytes }))
    })
}

/// Answers LOCKWAIT_ACTION_TAKE: the file changed between the look and the end of the burst; the copy was thrown away
/// and the source is intact.
///
/// @param facts the file as it is now; NULL where that could not be had
/// @return as lockwait_router_answer_taken
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_answer_changed(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    facts: *const lockwait_facts,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: NULL, or the caller's promise.
        let facts = (!facts.is_null()).then(|| Facts::from(unsafe { facts.read_unaligned() }));
        answer(router, now, pickup, Outcome::Changed(facts))
    })
}

/// Answers LOCKWAIT_ACTION_IDENTIFY: asked, and these hold it.
///
/// @param holders, count copied; a count of 0 says that nobody does. Every element has its size set, and all the same
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _INVALID_SIZE,
///         _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_answer_holders(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    holders: *const lockwait_holder,
    count: usize,
) -> lockwait_result {
    guard::call(|| {
        let mut found = Vec::new();
        // SAFETY: the caller's promise.
        for given in unsafe { sized::read_all(holders, count, "holders") }? {
            // SAFETY: the caller's promise.
            let (name, address, share) = unsafe {
                (
                    lent(&given.name, "holders.name")?,
                    lent(&given.address, "holders.address")?,
                    lent(&given.share, "holders.share")?,
                )
            };
            found.push(Holder {
                name,
                pid: (given.pid != 0).then_some(given.pid),
                address: (!address.is_empty()).then_some(address),
                access: choice(&ACCESSES, given.access, "holders.access")?,
                share,
                own: given.own != 0,
                owner: choice(&[None, Some(true), Some(false)], given.owner, "holders.owner")?,
                others: given.others,
                from: None,
                to: None,
            });
        }
        answer(router, now, pickup, Outcome::Holders(Holders::Found(found)))
    })
}

/// Answers LOCKWAIT_ACTION_IDENTIFY: nobody could be asked, for this reason. A host that cannot ask answers
/// LOCKWAIT_DOMAIN_ERRNO, 38 (ENOSYS), or LOCKWAIT_DOMAIN_WIN32, 50 (ERROR_NOT_SUPPORTED).
///
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _NULL_POINTER,
///         _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_answer_could_not_ask(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    domain: u32,
    value: u32,
) -> lockwait_result {
    guard::call(|| {
        let code = code::code(domain, value)?;
        answer(router, now, pickup, Outcome::Holders(Holders::CouldNotAsk(code)))
    })
}

/// Answers LOCKWAIT_ACTION_IDENTIFY by asking the operating system, as the native runner does. Blocks while it is
/// asked: some milliseconds. Not in the legacy flavour.
///
/// @return as lockwait_router_answer_holders
#[cfg(feature = "modern")]
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_answer_who(router: *mut lockwait_router, now: u64, pickup: u64) -> lockwait_result {
    guard::call(|| {
        let place = router::with(router, |driven| Ok(router::view(driven, pickup)?.place()))?;
        // One answer for each question.
        let holders = lockwait_native::holders::who(&[place]).pop().unwrap_or_default();
        answer(router, now, pickup, Outcome::Holders(holders))
    })
}

/// Answers LOCKWAIT_ACTION_TRY or _TAKE: the content is unusable.
///
/// @param domain, value why; LOCKWAIT_DOMAIN_LOCKWAIT, 4 for content that makes no sense
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_ARGUMENT, _NULL_POINTER,
///         _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_answer_rejected(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    domain: u32,
    value: u32,
) -> lockwait_result {
    guard::call(|| answer(router, now, pickup, Outcome::Rejected(code::code(domain, value)?)))
}

fn quarantined(router: *const lockwait_router, now: u64, pickup: u64, to: Name) -> Result<(), Fault> {
    answer(router, now, pickup, Outcome::Quarantined(to))
}

/// Answers LOCKWAIT_ACTION_QUARANTINE: the file is in the bad folder.
///
/// @param to, to_length where it is now, as a full path
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _NOT_ASKED, _WRONG_ANSWER, _INVALID_TEXT, _NULL_POINTER,
///         _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_answer_quarantined(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    to: *const c_char,
    to_length: usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        quarantined(router, now, pickup, unsafe { text::path(to, to_length, "to") }?)
    })
}

/// As lockwait_router_answer_quarantined, in UTF-16.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_answer_quarantined_utf16(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    to: *const u16,
    to_length: usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        quarantined(router, now, pickup, unsafe { text::path_utf16(to, to_length, "to") }?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_the_cores_numbers() {
        assert!(METHODS.iter().enumerate().all(|(number, method)| *method as usize == number));
        assert!(ACCESSES.iter().enumerate().all(|(number, access)| *access as usize == number));
        assert!(SCOPES.iter().enumerate().all(|(number, scope)| *scope as usize == number));
        assert_eq!(LOCKWAIT_METHOD_STABILITY as usize, METHODS.len() - 1);
        assert_eq!(LOCKWAIT_ACCESS_READ_WRITE as usize, ACCESSES.len() - 1);
    }
}
