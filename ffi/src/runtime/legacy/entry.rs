//! Where the DLL begins and ends. There is no C runtime library to start: this is the linker's entry point itself.

use core::arch::global_asm;
use core::ffi::c_void;

use super::win32::{DLL_PROCESS_ATTACH, DLL_PROCESS_DETACH, DLL_THREAD_DETACH};
use super::{heap, last_error};

// The name that the linker looks for. `no_mangle` would export it as well.
global_asm!(".globl _DllMainCRTStartup@12", "_DllMainCRTStartup@12:", "jmp {}", sym main);

/// Called by the system's loader. 0 says that the DLL cannot be used.
extern "system" fn main(_module: *mut c_void, reason: u32, process_ends: *mut c_void) -> i32 {
    match reason {
        DLL_PROCESS_ATTACH => i32::from(heap::create() && last_error::create()),
        DLL_THREAD_DETACH => {
            last_error::forget();
            1
        }
        // The host unloads the DLL: every object that it has not freed goes with the heap. When the process ends, the
        // system takes all of it anyway, and other threads may have been stopped anywhere.
        DLL_PROCESS_DETACH if process_ends.is_null() => {
            last_error::destroy();
            heap::destroy();
            1
        }
        _ => 1,
    }
}
