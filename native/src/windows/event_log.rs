//! The calls of the Windows Event Log and of the registry that a source is registered in, each behind a safe function.

use std::io;
use std::ptr;

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, HANDLE};
use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, REPORT_EVENT_TYPE, RegisterEventSourceW, ReportEventW,
};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, KEY_SET_VALUE, REG_DWORD, REG_EXPAND_SZ, REG_OPTION_NON_VOLATILE, REG_VALUE_TYPE,
    RegCloseKey, RegCreateKeyExW, RegDeleteKeyW, RegSetValueExW,
};

use super::path::Wide;

/// An open way to the log of this machine.
pub(crate) struct Source(HANDLE);

// SAFETY: the handle is to no thread of its own; any thread may report through it.
unsafe impl Send for Source {}

impl Source {
    /// Opens the log as the source called `name`.
    pub(crate) fn open(name: &Wide) -> io::Result<Source> {
        // SAFETY: the name ends in a zero; no server means this machine.
        let handle = unsafe { RegisterEventSourceW(ptr::null(), name.as_ptr()) };
        if handle.is_null() { Err(io::Error::last_os_error()) } else { Ok(Source(handle)) }
    }

    /// Adds an event of this type with the id that the message table has it under, and the texts it inserts.
    pub(crate) fn report(&self, kind: REPORT_EVENT_TYPE, id: u32, texts: &[Wide]) -> io::Result<()> {
        let pointers: Vec<*const u16> = texts.iter().map(Wide::as_ptr).collect();
        let count = u16::try_from(pointers.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        // No category, no user, no binary data.
        let (category, user, data) = (0, ptr::null_mut(), ptr::null());
        // SAFETY: the handle is open, and `pointers` are `count` texts that each end in a zero.
        let done = unsafe { ReportEventW(self.0, kind, category, id, user, count, 0, pointers.as_ptr(), data) };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // SAFETY: the handle is open and not used again.
        unsafe { DeregisterEventSource(self.0) };
    }
}

/// A key below `HKEY_LOCAL_MACHINE`, open for setting its values.
pub(crate) struct Key(HKEY);

impl Key {
    /// Opens the key at `path`, or makes it.
    pub(crate) fn create(path: &Wide) -> io::Result<Key> {
        let mut key = ptr::null_mut();
        let (root, nothing, options) = (HKEY_LOCAL_MACHINE, ptr::null(), REG_OPTION_NON_VOLATILE);
        // SAFETY: `path` ends in a zero, `key` is valid for writing one handle, and what is not asked for is null.
        let status = unsafe {
            let out = (&raw mut key, ptr::null_mut());
            RegCreateKeyExW(root, path.as_ptr(), 0, nothing, options, KEY_SET_VALUE, ptr::null(), out.0, out.1)
        };
        check(status).map(|()| Key(key))
    }

    /// Sets a value that is a path, in which `%SystemRoot%` and the like are filled in by whoever reads it.
    pub(crate) fn set_path(&self, name: &Wide, value: &Wide) -> io::Result<()> {
        let bytes: Vec<u8> = value.units().iter().chain(&[0]).flat_map(|unit| unit.to_le_bytes()).collect();
        self.set(name, REG_EXPAND_SZ, &bytes)
    }

    /// Sets a value that is a number.
    pub(crate) fn set_number(&self, name: &Wide, value: u32) -> io::Result<()> {
        self.set(name, REG_DWORD, &value.to_le_bytes())
    }

    fn set(&self, name: &Wide, kind: REG_VALUE_TYPE, value: &[u8]) -> io::Result<()> {
        let length = u32::try_from(value.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        // SAFETY: the key is open, `name` ends in a zero, and `value` has `length` bytes.
        check(unsafe { RegSetValueExW(self.0, name.as_ptr(), 0, kind, value.as_ptr(), length) })
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the key is open and not used again.
        unsafe { RegCloseKey(self.0) };
    }
}

/// Removes the key at `path` below `HKEY_LOCAL_MACHINE`; it has no keys of its own.
pub(crate) fn remove_key(path: &Wide) -> io::Result<()> {
    // SAFETY: `path` ends in a zero.
    check(unsafe { RegDeleteKeyW(HKEY_LOCAL_MACHINE, path.as_ptr()) })
}

fn check(status: u32) -> io::Result<()> {
    if status == ERROR_SUCCESS { Ok(()) } else { Err(io::Error::from_raw_os_error(status.cast_signed())) }
}
