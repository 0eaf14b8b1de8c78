//! What happens after a panic: the host is told, the process ends.

use core::arch::global_asm;
use core::panic::PanicInfo;

use super::win32::{GetCurrentProcess, TerminateProcess};

/// What the process ends with: as after abort() of the C library.
const EXIT_CODE: u32 = 3;

/// What the host is told: no more than that, and in which library. A handler that looks at what it is given keeps every
/// panic's text and place in the DLL, and the code that hands them on: 6 kB.
const NOTE: &str = concat!("a fault inside Lockwait ", env!("CARGO_PKG_VERSION"), " legacy");

#[panic_handler]
fn stop(_: &PanicInfo<'_>) -> ! {
    crate::guard::tell_host(NOTE);
    end()
}

/// Ends the process at once: what the other threads would find may be half changed.
extern "C" fn end() -> ! {
    loop {
        // SAFETY: always allowed.
        unsafe { TerminateProcess(GetCurrentProcess(), EXIT_CODE) };
    }
}

// Names that the precompiled core library, and the object that rustc links first, have for unwinding. It never happens
// here, so that nobody calls them; the C compiler's library would bring much along with its own. `no_mangle` would
// export them.
global_asm!(
    ".globl _rust_eh_personality",
    ".globl __Unwind_Resume",
    ".globl ___register_frame_info",
    ".globl ___deregister_frame_info",
    "_rust_eh_personality:",
    "__Unwind_Resume:",
    "___register_frame_info:",
    "___deregister_frame_info:",
    "jmp {}",
    sym end
);
