//! Functions that are looked up when they are needed, because not every Windows has them.

use std::ffi::{CStr, c_void};
use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW};
use windows_sys::core::w;

/// A library of the system, by its name.
pub(crate) struct Known(*const u16);

// SAFETY: the pointer is to a literal, which is never written to.
unsafe impl Sync for Known {}

/// The native interface that Win32 stands on.
pub(crate) static NTDLL: Known = Known(w!("ntdll.dll"));

/// The Restart Manager, since Windows Vista.
pub(crate) static RSTRTMGR: Known = Known(w!("rstrtmgr.dll"));

/// A library of the system that was loaded, and stays so.
pub(crate) struct Library(HMODULE);

impl Library {
    /// Loads `known` from the system's own folder, where no other user can put another in its place.
    ///
    /// # Errors
    /// This Windows does not have it.
    pub(crate) fn open(known: &Known) -> io::Result<Library> {
        // SAFETY: the name is a literal that ends in a zero; the second argument must be null.
        let module = unsafe { LoadLibraryExW(known.0, ptr::null_mut(), LOAD_LIBRARY_SEARCH_SYSTEM32) };
        if module.is_null() { Err(io::Error::last_os_error()) } else { Ok(Library(module)) }
    }

    /// The address of the function called `name`, if the library has it. It stays valid: nobody unloads the library.
    pub(crate) fn function(&self, name: &CStr) -> Option<*const c_void> {
        // SAFETY: the library is loaded and `name` ends in a zero byte.
        unsafe { GetProcAddress(self.0, name.as_ptr().cast()) }.map(|address| address as *const c_void)
    }
}
