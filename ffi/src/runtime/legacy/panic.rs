//! What happens after a panic: the host is told, the process ends.

use core::arch::global_asm;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

use super::win32::{GetCurrentProcess, TerminateProcess};

/// What the process ends with: as after abort() of the C library.
const EXIT_CODE: u32 = 3;

/// A text that takes no memory to make: there may be none left. What does not fit is cut off.
struct Note {
    bytes: [u8; 512],
    length: usize,
}

impl Note {
    fn as_str(&self) -> &str {
        let bytes = &self.bytes[..self.length];
        // Cut off in the middle of a character, it ends before that character.
        match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
        }
    }
}

impl Write for Note {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = &mut self.bytes[self.length..];
        let fits = text.len().min(room.len());
        room[..fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.length += fits;
        Ok(())
    }
}

#[panic_handler]
fn stop(info: &PanicInfo<'_>) -> ! {
    let mut note = Note { bytes: [0; 512], length: 0 };
    // What fits is told, whatever comes of it.
    let _ = match info.location() {
        Some(place) => write!(note, "{} ({}:{})", info.message(), place.file(), place.line()),
        None => write!(note, "{}", info.message()),
    };
    crate::guard::tell_host(note.as_str());
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
