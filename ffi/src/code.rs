//! Codes classified and explained.

use alloc::string::ToString;
use core::ffi::c_char;

use lockwait_core::code::{Code, Domain};

use crate::guard;
use crate::result::{Fault, LOCKWAIT_RESULT_INVALID_TEXT, lockwait_result};
use crate::sized::{self, Sized32};
use crate::text::{self, Buffer, lockwait_str};

/// A Win32 error: what GetLastError gives.
pub const LOCKWAIT_DOMAIN_WIN32: u32 = 1;
/// An errno with Linux's numbers.
pub const LOCKWAIT_DOMAIN_ERRNO: u32 = 2;
/// An NTSTATUS, as SMB and Windows event logs carry it.
pub const LOCKWAIT_DOMAIN_NTSTATUS: u32 = 3;
/// A NetWare Core Protocol completion code.
pub const LOCKWAIT_DOMAIN_NCP: u32 = 4;
/// A finding of Lockwait's own.
pub const LOCKWAIT_DOMAIN_LOCKWAIT: u32 = 5;

/// In LOCKWAIT_DOMAIN_LOCKWAIT: not a regular file.
pub const LOCKWAIT_FINDING_NOT_REGULAR: u32 = 1;
/// The name leads out of its folder.
pub const LOCKWAIT_FINDING_OUTSIDE: u32 = 2;
/// The file changed while it was being taken.
pub const LOCKWAIT_FINDING_CHANGED: u32 = 3;
/// The content is unusable.
pub const LOCKWAIT_FINDING_CONTENT_REJECTED: u32 = 4;
/// A file that another names is not there.
pub const LOCKWAIT_FINDING_COMPANION_MISSING: u32 = 5;
/// The content lacks its own end.
pub const LOCKWAIT_FINDING_UNFINISHED: u32 = 6;
/// The policy's give_up came.
pub const LOCKWAIT_FINDING_GAVE_UP: u32 = 7;
/// The name is taken at the destination.
pub const LOCKWAIT_FINDING_NAME_TAKEN: u32 = 8;
/// The destination cannot be used.
pub const LOCKWAIT_FINDING_DESTINATION: u32 = 9;

/// No obstacle.
pub const LOCKWAIT_CAUSE_CLEAR: u32 = 0;
/// Somebody's open of the file does not allow ours: wait.
pub const LOCKWAIT_CAUSE_LOCK: u32 = 1;
/// Somebody has locked a range of the file: wait.
pub const LOCKWAIT_CAUSE_RANGE_LOCK: u32 = 2;
/// A lock or a lasting refusal; only time tells.
pub const LOCKWAIT_CAUSE_MAYBE_LOCK: u32 = 3;
/// The file is being deleted.
pub const LOCKWAIT_CAUSE_GOING: u32 = 4;
/// The file is not there.
pub const LOCKWAIT_CAUSE_GONE: u32 = 5;
/// The folder or the way to it cannot be reached; no file is at fault.
pub const LOCKWAIT_CAUSE_UNREACHABLE: u32 = 6;
/// This machine or process has run out of something.
pub const LOCKWAIT_CAUSE_RESOURCE: u32 = 7;
/// The destination is full or cannot be used.
pub const LOCKWAIT_CAUSE_TARGET_FULL: u32 = 8;
/// A cloud storage provider is not ready.
pub const LOCKWAIT_CAUSE_PROVIDER: u32 = 9;
/// The name is already taken at the destination.
pub const LOCKWAIT_CAUSE_NAME_TAKEN: u32 = 10;
/// Source and destination are on different volumes.
pub const LOCKWAIT_CAUSE_CROSS_VOLUME: u32 = 11;
/// A device fault.
pub const LOCKWAIT_CAUSE_DEVICE: u32 = 12;
/// Not allowed, lastingly.
pub const LOCKWAIT_CAUSE_DENIED: u32 = 13;
/// The request can never succeed.
pub const LOCKWAIT_CAUSE_INVALID: u32 = 14;
/// A virus scanner refused or removed the content.
pub const LOCKWAIT_CAUSE_INFECTED: u32 = 15;
/// The operation was cancelled.
pub const LOCKWAIT_CAUSE_CANCELLED: u32 = 16;
/// Interrupted: repeat at once.
pub const LOCKWAIT_CAUSE_INTERRUPTED: u32 = 17;
/// This way of asking is not available here.
pub const LOCKWAIT_CAUSE_UNSUPPORTED: u32 = 18;
/// In no table.
pub const LOCKWAIT_CAUSE_UNKNOWN: u32 = 19;

/// What is known of a code. The texts stay for as long as the library is loaded.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_explanation {
    /// sizeof(lockwait_explanation); set by the caller.
    pub size: u32,
    /// One of the LOCKWAIT_CAUSE_ numbers.
    pub cause: u32,
    /// The field's own name for the code ("ERROR_SHARING_VIOLATION"); empty when in no table.
    pub name: lockwait_str,
    /// What it means, in one line.
    pub meaning: lockwait_str,
    /// The cause's name ("lock").
    pub cause_name: lockwait_str,
    /// What Lockwait does about it, in one sentence.
    pub advice: lockwait_str,
}

// SAFETY: integers and pointers, size first.
unsafe impl Sized32 for lockwait_explanation {}

/// The code that is `value` in `domain`.
pub(crate) fn code(domain: u32, value: u32) -> Result<Code, Fault> {
    let found = Domain::ALL.into_iter().find(|known| *known as u32 == domain);
    found.map(|domain| Code::new(domain, value)).ok_or_else(|| Fault::none_of("domain", domain, "LOCKWAIT_DOMAIN_"))
}

/// Says which class of trouble a code belongs to, and explains it.
///
/// @param domain one of the LOCKWAIT_DOMAIN_ numbers
/// @param value  the raw number, such as GetLastError's; a code in no table has LOCKWAIT_CAUSE_UNKNOWN
/// @param out    written; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _NULL_POINTER, _INVALID_SIZE
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_code_explain(
    domain: u32,
    value: u32,
    out: *mut lockwait_explanation,
) -> lockwait_result {
    guard::call(|| {
        let code = code(domain, value)?;
        let cause = code.cause();
        let explanation = lockwait_explanation {
            size: 0,
            cause: cause as u32,
            name: lockwait_str::lend(code.name().unwrap_or_default()),
            meaning: lockwait_str::lend(code.meaning()),
            cause_name: lockwait_str::lend(cause.as_str()),
            advice: lockwait_str::lend(cause.advice()),
        };
        // SAFETY: the caller's promise.
        unsafe { sized::write(out, &explanation, "out") }
    })
}

/// Reads a code as people write it: "32", "0x80070020", "c0000043", "errno:EBUSY", "ncp:0x80",
/// "ERROR_SHARING_VIOLATION".
///
/// @param text, length  UTF-8
/// @param domain, value written
/// @return LOCKWAIT_RESULT_OK, _INVALID_TEXT (the last error says what a code looks like), _NULL_POINTER
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_code_parse(
    text: *const c_char,
    length: usize,
    domain: *mut u32,
    value: *mut u32,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let text = unsafe { text::utf8(text, length, "text") }?;
        let (domain, value) = (text::Out::new(domain, "domain")?, text::Out::new(value, "value")?);
        let code = Code::parse(text).map_err(|error| Fault::new(LOCKWAIT_RESULT_INVALID_TEXT, error.to_string()))?;
        domain.set(code.domain() as u32);
        value.set(code.value());
        Ok(())
    })
}

/// Writes a code in its canonical form: "win32:32", "errno:EAGAIN", "ntstatus:0xc0000043", "ncp:0x80".
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _BUFFER_TOO_SMALL, _NULL_POINTER
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_code_format(
    domain: u32,
    value: u32,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        buffer.write(code(domain, value)?.to_string().as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use lockwait_core::code::Cause;

    use super::*;

    /// The constants above with what they stand for.
    const CAUSES: [(u32, Cause); 20] = [
        (LOCKWAIT_CAUSE_CLEAR, Cause::Clear),
        (LOCKWAIT_CAUSE_LOCK, Cause::Lock),
        (LOCKWAIT_CAUSE_RANGE_LOCK, Cause::RangeLock),
        (LOCKWAIT_CAUSE_MAYBE_LOCK, Cause::MaybeLock),
        (LOCKWAIT_CAUSE_GOING, Cause::Going),
        (LOCKWAIT_CAUSE_GONE, Cause::Gone),
        (LOCKWAIT_CAUSE_UNREACHABLE, Cause::Unreachable),
        (LOCKWAIT_CAUSE_RESOURCE, Cause::Resource),
        (LOCKWAIT_CAUSE_TARGET_FULL, Cause::TargetFull),
        (LOCKWAIT_CAUSE_PROVIDER, Cause::Provider),
        (LOCKWAIT_CAUSE_NAME_TAKEN, Cause::NameTaken),
        (LOCKWAIT_CAUSE_CROSS_VOLUME, Cause::CrossVolume),
        (LOCKWAIT_CAUSE_DEVICE, Cause::Device),
        (LOCKWAIT_CAUSE_DENIED, Cause::Denied),
        (LOCKWAIT_CAUSE_INVALID, Cause::Invalid),
        (LOCKWAIT_CAUSE_INFECTED, Cause::Infected),
        (LOCKWAIT_CAUSE_CANCELLED, Cause::Cancelled),
        (LOCKWAIT_CAUSE_INTERRUPTED, Cause::Interrupted),
        (LOCKWAIT_CAUSE_UNSUPPORTED, Cause::Unsupported),
        (LOCKWAIT_CAUSE_UNKNOWN, Cause::Unknown),
    ];

    #[test]
    fn the_constants_are_the_cores_numbers() {
        assert!(CAUSES.iter().map(|(_, cause)| *cause).eq(Cause::ALL));
        assert!(CAUSES.iter().all(|(number, cause)| *number == *cause as u32));
        for domain in Domain::ALL {
            assert_eq!(code(domain as u32, 32).unwrap(), Code::new(domain, 32));
        }
        assert!(code(0, 32).is_err() && code(6, 32).is_err());
        let findings = [
            (LOCKWAIT_FINDING_NOT_REGULAR, Code::NOT_REGULAR),
            (LOCKWAIT_FINDING_OUTSIDE, Code::OUTSIDE),
            (LOCKWAIT_FINDING_CHANGED, Code::CHANGED),
            (LOCKWAIT_FINDING_CONTENT_REJECTED, Code::CONTENT_REJECTED),
            (LOCKWAIT_FINDING_COMPANION_MISSING, Code::COMPANION_MISSING),
            (LOCKWAIT_FINDING_UNFINISHED, Code::UNFINISHED),
            (LOCKWAIT_FINDING_GAVE_UP, Code::GAVE_UP),
            (LOCKWAIT_FINDING_NAME_TAKEN, Code::NAME_TAKEN),
            (LOCKWAIT_FINDING_DESTINATION, Code::DESTINATION),
        ];
        assert!(findings.iter().all(|(number, code)| *code == Code::new(Domain::Lockwait, *number)));
        assert_eq!(findings.len(), lockwait_core::code::table(Domain::Lockwait).count());
    }
}
