//! What a host sees of a file: facts, and whether its content proves its own end.

use core::ffi::c_char;

use lockwait_core::complete::{self, Sample};
use lockwait_core::observation::{Content, Facts};

use crate::guard;
use crate::result::{Fault, lockwait_result};
use crate::text::{self, Out};

/// The format does not tell, or is not known.
pub const LOCKWAIT_CONTENT_UNKNOWN: u32 = 0;
/// The format's own end is there.
pub const LOCKWAIT_CONTENT_COMPLETE: u32 = 1;
/// The format's own end is missing: the writer is not done.
pub const LOCKWAIT_CONTENT_INCOMPLETE: u32 = 2;
/// In a lockwait_look: Lockwait is to find out from `head` and `tail`.
pub const LOCKWAIT_CONTENT_CHECK: u32 = 255;

/// What a look at a file says about it, apart from its content. Fixed: it never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_facts {
    /// Size in bytes.
    pub bytes: u64,
    /// Time of last modification in nanoseconds since 1970 UTC, or any other number that changes when it does; 0 when
    /// unknown. Only ever compared with itself.
    pub modified: u64,
    /// A number that another file in the same place would not share, made from volume and file id; 0 when unknown.
    pub identity: u64,
}

impl From<Facts> for lockwait_facts {
    fn from(facts: Facts) -> lockwait_facts {
        lockwait_facts { bytes: facts.size, modified: facts.modified, identity: facts.identity }
    }
}

impl From<lockwait_facts> for Facts {
    fn from(facts: lockwait_facts) -> Facts {
        Facts { size: facts.bytes, modified: facts.modified, identity: facts.identity }
    }
}

/// Says how many bytes of both ends of a file lockwait_content_check and LOCKWAIT_CONTENT_CHECK need. A file that is
/// not longer than both together is best read whole, as `head`.
///
/// @param name, name_length the file's name
/// @param head, head_length its first bytes if some were read already; the answer may change with them
/// @param want_head, want_tail written, in bytes
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_TEXT
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_content_wanted(
    name: *const c_char,
    name_length: usize,
    head: *const u8,
    head_length: usize,
    want_head: *mut usize,
    want_tail: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let (name, head) = unsafe { (text::path(name, name_length, "name")?, text::slice(head, head_length, "head")?) };
        let (want_head, want_tail) = (Out::new(want_head, "want_head")?, Out::new(want_tail, "want_tail")?);
        let wanted = complete::wanted(name.as_bytes(), head);
        want_head.set(wanted.head);
        want_tail.set(wanted.tail);
        Ok(())
    })
}

/// Says whether the content of a file proves its own end ("-END-", "%%EOF", a ZIP directory, ...).
///
/// @param name, name_length the file's name
/// @param length            the file's length in bytes
/// @param head, head_length its first bytes
/// @param tail, tail_length its last bytes
/// @param content           written: one of the LOCKWAIT_CONTENT_ numbers
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_TEXT
///
/// Any thread.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments)]
pub unsafe extern "C" fn lockwait_content_check(
    name: *const c_char,
    name_length: usize,
    length: u64,
    head: *const u8,
    head_length: usize,
    tail: *const u8,
    tail_length: usize,
    content: *mut u32,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let (name, head, tail) = unsafe {
            (
                text::path(name, name_length, "name")?,
                text::slice(head, head_length, "head")?,
                text::slice(tail, tail_length, "tail")?,
            )
        };
        let content = Out::new(content, "content")?;
        content.set(complete::check(name.as_bytes(), &Sample { length, head, tail }) as u32);
        Ok(())
    })
}

/// The [`Content`] that a caller's number stands for; `None` for LOCKWAIT_CONTENT_CHECK.
pub(crate) fn content(number: u32) -> Result<Option<Content>, Fault> {
    match number {
        LOCKWAIT_CONTENT_UNKNOWN => Ok(Some(Content::Unknown)),
        LOCKWAIT_CONTENT_COMPLETE => Ok(Some(Content::Complete)),
        LOCKWAIT_CONTENT_INCOMPLETE => Ok(Some(Content::Incomplete)),
        LOCKWAIT_CONTENT_CHECK => Ok(None),
        _ => Err(Fault::none_of("content", number, "LOCKWAIT_CONTENT_")),
    }
}
