//! What the legacy flavour uses of the system. `cargo xtask dll` checks every import of the finished DLL against the
//! functions that Windows NT 4.0 had.

use core::ffi::c_void;

/// An object of the system.
pub(super) type Handle = *mut c_void;

/// FILETIME: hundreds of nanoseconds since 1601-01-01T00:00:00Z.
#[repr(C)]
pub(super) struct FileTime {
    pub(super) low: u32,
    pub(super) high: u32,
}

/// CRITICAL_SECTION. Its fields are the system's business.
#[repr(C)]
pub(super) struct CriticalSection {
    _fields: [usize; 6],
}

impl CriticalSection {
    /// Memory for one that was not initialized.
    pub(super) const ZERO: CriticalSection = CriticalSection { _fields: [0; 6] };
}

/// fdwReason of a DLL's entry point.
pub(super) const DLL_PROCESS_DETACH: u32 = 0;
pub(super) const DLL_PROCESS_ATTACH: u32 = 1;
pub(super) const DLL_THREAD_DETACH: u32 = 3;

/// What TlsAlloc gives when there is none left.
pub(super) const TLS_OUT_OF_INDEXES: u32 = u32::MAX;

/// Flag of HeapAlloc: the memory is zero.
pub(super) const HEAP_ZERO_MEMORY: u32 = 8;

#[link(name = "kernel32")]
unsafe extern "system" {
    pub(super) fn DeleteCriticalSection(section: *mut CriticalSection);
    pub(super) fn EnterCriticalSection(section: *mut CriticalSection);
    pub(super) fn GetCurrentProcess() -> Handle;
    pub(super) fn GetSystemTimeAsFileTime(time: *mut FileTime);
    pub(super) fn HeapAlloc(heap: Handle, flags: u32, bytes: usize) -> *mut c_void;
    pub(super) fn HeapCreate(options: u32, initial: usize, maximum: usize) -> Handle;
    pub(super) fn HeapDestroy(heap: Handle) -> i32;
    pub(super) fn HeapFree(heap: Handle, flags: u32, memory: *mut c_void) -> i32;
    pub(super) fn HeapReAlloc(heap: Handle, flags: u32, memory: *mut c_void, bytes: usize) -> *mut c_void;
    pub(super) fn InitializeCriticalSection(section: *mut CriticalSection);
    pub(super) fn LeaveCriticalSection(section: *mut CriticalSection);
    pub(super) fn TerminateProcess(process: Handle, code: u32) -> i32;
    pub(super) fn TlsAlloc() -> u32;
    pub(super) fn TlsFree(index: u32) -> i32;
    pub(super) fn TlsGetValue(index: u32) -> *mut c_void;
    pub(super) fn TlsSetValue(index: u32, value: *mut c_void) -> i32;
}
