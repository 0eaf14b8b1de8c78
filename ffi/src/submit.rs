//! What happens to files and folders by itself: arrivals, notices, cancels, outages.

use core::ffi::c_char;

use lockwait_core::observation::{Hint, Name, Place};
use lockwait_core::pickup::Arrival;
use lockwait_core::time::Timestamp;
use lockwait_core::trace::Input;

use crate::code;
use crate::guard;
use crate::result::{
    Fault, LOCKWAIT_RESULT_INVALID_TEXT, LOCKWAIT_RESULT_NO_SUCH_PICKUP, LOCKWAIT_RESULT_PANIC, lockwait_result,
};
use crate::router::{self, lockwait_router};
use crate::text::{self, Out};

/// Somebody who could write closed the file.
pub const LOCKWAIT_HINT_CLOSED: u32 = 1;
/// The file was given this name.
pub const LOCKWAIT_HINT_RENAMED: u32 = 2;
/// Its content or attributes changed.
pub const LOCKWAIT_HINT_CHANGED: u32 = 3;
/// It was seen in the folder.
pub const LOCKWAIT_HINT_SEEN: u32 = 4;
/// It is gone from the folder.
pub const LOCKWAIT_HINT_REMOVED: u32 = 5;

/// The numbers above with what they stand for.
const HINTS: [(u32, Hint); 5] = [
    (LOCKWAIT_HINT_CLOSED, Hint::Closed),
    (LOCKWAIT_HINT_RENAMED, Hint::Renamed),
    (LOCKWAIT_HINT_CHANGED, Hint::Changed),
    (LOCKWAIT_HINT_SEEN, Hint::Seen),
    (LOCKWAIT_HINT_REMOVED, Hint::Removed),
];

/// The place of a file that a host names in bytes.
///
/// # Safety
/// As for [`text::slice`], twice.
unsafe fn place_in_bytes(
    (folder, folder_length): (*const c_char, usize),
    (name, name_length): (*const c_char, usize),
) -> Result<Place, Fault> {
    // SAFETY: the caller's promise.
    unsafe { place(text::path(folder, folder_length, "folder")?, text::path(name, name_length, "name")?) }
}

/// The place of a file that a host names in UTF-16.
///
/// # Safety
/// As for [`text::slice`], twice.
unsafe fn place_in_utf16(
    (folder, folder_length): (*const u16, usize),
    (name, name_length): (*const u16, usize),
) -> Result<Place, Fault> {
    // SAFETY: the caller's promise.
    unsafe { place(text::path_utf16(folder, folder_length, "folder")?, text::path_utf16(name, name_length, "name")?) }
}

/// The place of a file, if `name` can be in a folder.
fn place(folder: Name, name: Name) -> Result<Place, Fault> {
    let foreign = |byte: &u8| *byte == b'/' || (cfg!(windows) && (*byte == b'\\' || *byte == b':'));
    if name.as_bytes().iter().any(foreign) {
        return Err(Fault::new(
            LOCKWAIT_RESULT_INVALID_TEXT,
            alloc::format!("'name' must be the name of a file in the folder, not a path or stream: '{name}'"),
        ));
    }
    Ok(Place { folder, name })
}

fn submit(router: *const lockwait_router, now: u64, place: Place, pickup: Out<u64>) -> Result<(), Fault> {
    let id = router::with(router, |driven| Ok(driven.put(Timestamp(now), Input::Submit(Arrival { place }))?))?;
    // A submission always gives an id.
    pickup.set(router::number_of(id.ok_or(Fault::plain(LOCKWAIT_RESULT_PANIC))?));
    Ok(())
}

/// Starts a pickup. A file that is already being picked up gives the pickup it has. After lockwait_router_stop the
/// pickup ends at once, without an event.
///
/// @param folder, folder_length the folder's path, any length of UTF-8 (outside Windows: any bytes but zero)
/// @param name, name_length     the file's name in the folder
/// @param pickup                written: the pickup; never 0, and never used again for another file while the router lives
/// @return LOCKWAIT_RESULT_OK, _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_submit(
    router: *mut lockwait_router,
    now: u64,
    folder: *const c_char,
    folder_length: usize,
    name: *const c_char,
    name_length: usize,
    pickup: *mut u64,
) -> lockwait_result {
    guard::call(|| {
        let pickup = Out::new(pickup, "pickup")?;
        // SAFETY: the caller's promise.
        let place = unsafe { place_in_bytes((folder, folder_length), (name, name_length)) }?;
        submit(router, now, place, pickup)
    })
}

/// As lockwait_router_submit, in UTF-16; unpaired surrogates survive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_submit_utf16(
    router: *mut lockwait_router,
    now: u64,
    folder: *const u16,
    folder_length: usize,
    name: *const u16,
    name_length: usize,
    pickup: *mut u64,
) -> lockwait_result {
    guard::call(|| {
        let pickup = Out::new(pickup, "pickup")?;
        // SAFETY: the caller's promise.
        let place = unsafe { place_in_utf16((folder, folder_length), (name, name_length)) }?;
        submit(router, now, place, pickup)
    })
}

fn find(router: *const lockwait_router, place: &Place, pickup: Out<u64>) -> Result<(), Fault> {
    let found = router::with(router, |driven| Ok(driven.router.find(place)))?;
    pickup.set(router::number_of(found.ok_or(Fault::plain(LOCKWAIT_RESULT_NO_SUCH_PICKUP))?));
    Ok(())
}

/// Finds the pickup of a file that is being picked up: for a notice that names a file.
///
/// @param pickup written
/// @return LOCKWAIT_RESULT_OK, _NO_SUCH_PICKUP, _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_find(
    router: *mut lockwait_router,
    folder: *const c_char,
    folder_length: usize,
    name: *const c_char,
    name_length: usize,
    pickup: *mut u64,
) -> lockwait_result {
    guard::call(|| {
        let pickup = Out::new(pickup, "pickup")?;
        // SAFETY: the caller's promise.
        let place = unsafe { place_in_bytes((folder, folder_length), (name, name_length)) }?;
        find(router, &place, pickup)
    })
}

/// As lockwait_router_find, in UTF-16.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_find_utf16(
    router: *mut lockwait_router,
    folder: *const u16,
    folder_length: usize,
    name: *const u16,
    name_length: usize,
    pickup: *mut u64,
) -> lockwait_result {
    guard::call(|| {
        let pickup = Out::new(pickup, "pickup")?;
        // SAFETY: the caller's promise.
        let place = unsafe { place_in_utf16((folder, folder_length), (name, name_length)) }?;
        find(router, &place, pickup)
    })
}

/// Says that trying this file now may pay. Ignored for pickups that have ended.
///
/// @param hint one of the LOCKWAIT_HINT_ numbers
/// @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_hint(
    router: *mut lockwait_router,
    now: u64,
    pickup: u64,
    hint: u32,
) -> lockwait_result {
    guard::call(|| {
        let known = HINTS.iter().find(|(number, _)| *number == hint).map(|(_, hint)| *hint);
        let known = known.ok_or_else(|| Fault::none_of("hint", hint, "LOCKWAIT_HINT_"))?;
        router::put(router, now, Input::Hint(router::id_of(pickup), known))
    })
}

/// Ends a pickup as cancelled: at once, or with the host's answer where an action is outstanding. The files that
/// travel with it are left where they are, too. Ignored for pickups that have ended.
///
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_router_cancel(router: *mut lockwait_router, now: u64, pickup: u64) -> lockwait_result {
    guard::call(|| router::put(router, now, Input::Cancel(router::id_of(pickup))))
}

/// Says that a folder cannot be reached, apart from any file in it.
///
/// @param folder, folder_length the folder's path, spelt as in lockwait_router_submit
/// @param domain, value         what it failed with
/// @return LOCKWAIT_RESULT_OK, _INVALID_TEXT, _INVALID_ARGUMENT, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_folder_lost(
    router: *mut lockwait_router,
    now: u64,
    folder: *const c_char,
    folder_length: usize,
    domain: u32,
    value: u32,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let folder = unsafe { text::path(folder, folder_length, "folder") }?;
        router::put(router, now, Input::FolderLost(folder, code::code(domain, value)?))
    })
}

/// Says that a folder can be reached.
///
/// @param folder, folder_length the folder's path, spelt as in lockwait_router_submit
/// @return LOCKWAIT_RESULT_OK, _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_router_folder_found(
    router: *mut lockwait_router,
    now: u64,
    folder: *const c_char,
    folder_length: usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let folder = unsafe { text::path(folder, folder_length, "folder") }?;
        router::put(router, now, Input::FolderFound(folder))
    })
}
