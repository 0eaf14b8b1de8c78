//! The Restart Manager, loaded when it is needed, and the names of programs; each behind a safe function.

use std::io;
use std::mem;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_MORE_DATA, ERROR_PROC_NOT_FOUND, ERROR_SUCCESS};
use windows_sys::Win32::System::RestartManager::{CCH_RM_SESSION_KEY, RM_PROCESS_INFO, RM_UNIQUE_PROCESS};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION, QueryFullProcessImageNameW,
};

use super::library::{Library, RSTRTMGR};
use super::path::Wide;

/// How often the list is asked for again when it grew since its length was asked for.
const TRIES: u32 = 8;

type StartSession = unsafe extern "system" fn(*mut u32, u32, *mut u16) -> u32;
type RegisterResources = unsafe extern "system" fn(
    u32,
    u32,
    *const *const u16,
    u32,
    *const RM_UNIQUE_PROCESS,
    u32,
    *const *const u16,
) -> u32;
type GetList = unsafe extern "system" fn(u32, *mut u32, *mut u32, *mut RM_PROCESS_INFO, *mut u32) -> u32;
type EndSession = unsafe extern "system" fn(u32) -> u32;

/// The functions of `restartmanager.h` that are used here.
pub(crate) struct Manager {
    start_session: StartSession,
    register_resources: RegisterResources,
    get_list: GetList,
    end_session: EndSession,
}

/// A process that has a file open.
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// What the system calls it: a window's title, a program's description.
    pub(crate) title: String,
    /// The short name of the service it is; empty for what is none.
    pub(crate) service: String,
}

/// A question being put to the manager.
struct Session<'a> {
    manager: &'a Manager,
    handle: u32,
}

impl Manager {
    /// Loads it.
    ///
    /// # Errors
    /// This Windows does not have it.
    pub(crate) fn load() -> io::Result<Manager> {
        let library = Library::open(&RSTRTMGR)?;
        let find = |name| {
            let missing = || io::Error::from_raw_os_error(ERROR_PROC_NOT_FOUND.cast_signed());
            library.function(name).ok_or_else(missing)
        };
        let start_session = find(c"RmStartSession")?;
        let register_resources = find(c"RmRegisterResources")?;
        let get_list = find(c"RmGetList")?;
        let end_session = find(c"RmEndSession")?;
        // SAFETY: these are the types that `restartmanager.h` gives the functions of these names, and the library
        // stays loaded.
        unsafe {
            Ok(Manager {
                start_session: mem::transmute::<*const _, StartSession>(start_session),
                register_resources: mem::transmute::<*const _, RegisterResources>(register_resources),
                get_list: mem::transmute::<*const _, GetList>(get_list),
                end_session: mem::transmute::<*const _, EndSession>(end_session),
            })
        }
    }

    /// The processes that have the file at the full path `path` open.
    pub(crate) fn processes(&self, path: &Wide) -> io::Result<Vec<Process>> {
        let mut handle = 0;
        let mut key = [0; CCH_RM_SESSION_KEY as usize + 1];
        // SAFETY: `handle` is valid for writing one number, and `key` for the key's length and its zero.
        check(unsafe { (self.start_session)(&raw mut handle, 0, key.as_mut_ptr()) })?;
        let session = Session { manager: self, handle };
        let files = [path.as_ptr()];
        // SAFETY: the session is open; `files` is one path that ends in a zero; there is nothing else.
        check(unsafe { (self.register_resources)(handle, 1, files.as_ptr(), 0, ptr::null(), 0, ptr::null()) })?;
        session.list()
    }
}

impl Session<'_> {
    fn list(&self) -> io::Result<Vec<Process>> {
        let mut found: Vec<RM_PROCESS_INFO> = Vec::new();
        for _ in 0..TRIES {
            let (mut needed, mut count, mut reasons) = (0, u32::try_from(found.len()).unwrap_or(0), 0);
            let list = found.as_mut_ptr();
            // SAFETY: the session is open, `list` is valid for writing `count` entries, and each of the others for
            // one number.
            let status = unsafe {
                (self.manager.get_list)(self.handle, &raw mut needed, &raw mut count, list, &raw mut reasons)
            };
            if status == ERROR_MORE_DATA {
                found.resize(needed as usize, RM_PROCESS_INFO::default());
                continue;
            }
            check(status)?;
            found.truncate(count as usize);
            return Ok(found.iter().map(Process::from).collect());
        }
        check(ERROR_MORE_DATA).map(|()| Vec::new())
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // SAFETY: the session is open and not used again.
        unsafe { (self.manager.end_session)(self.handle) };
    }
}

impl From<&RM_PROCESS_INFO> for Process {
    fn from(raw: &RM_PROCESS_INFO) -> Process {
        Process {
            pid: raw.Process.dwProcessId,
            title: before_zero(&raw.strAppName),
            service: before_zero(&raw.strServiceShortName),
        }
    }
}

/// The full path of the program that process `pid` runs; `None` where this user may not know, or it has ended.
pub(crate) fn program(pid: u32) -> Option<String> {
    // SAFETY: the call takes numbers only.
    let handle = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid) };
    if handle.is_null() {
        return None;
    }
    // SAFETY: `handle` was just opened and has no other owner.
    let process = unsafe { OwnedHandle::from_raw_handle(handle) };
    // The longest path there is ("Maximum Path Length Limitation", Win32 documentation).
    let mut path = vec![0; 32_768];
    let mut length = 32_768;
    // SAFETY: the handle is open, and `path` is valid for writing `length` units.
    let done = unsafe {
        let (handle, path) = (process.as_raw_handle(), path.as_mut_ptr());
        QueryFullProcessImageNameW(handle, PROCESS_NAME_WIN32, path, &raw mut length)
    };
    (done != 0).then(|| before_zero(&path))
}

fn before_zero(units: &[u16]) -> String {
    let length = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
    String::from_utf16_lossy(&units[..length])
}

fn check(status: u32) -> io::Result<()> {
    if status == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(status.cast_signed())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_told_by_its_process() {
        let own = program(std::process::id()).unwrap();
        let expected = std::env::current_exe().unwrap();
        assert!(own.eq_ignore_ascii_case(expected.to_str().unwrap()), "{own}");
        assert_eq!(program(u32::MAX), None);
    }
}
