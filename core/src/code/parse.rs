//! Reading a code in any form that logs, programs and people write it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use super::{Code, Domain, Entry, errno, table};

/// The text is no code in any known form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseCodeError {
    text: String,
}

impl fmt::Display for ParseCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is not a code; write a Win32 error as 32, win32:32 or 0x80070020, an NTSTATUS as 0xc0000043, an errno \
             as EBUSY, errno:16 or -16, an NCP completion code as ncp:0x80 or ncp:0xff@87/67, a finding of Lockwait as \
             lockwait:changed, or any of them by name as ERROR_SHARING_VIOLATION",
            self.text
        )
    }
}

impl core::error::Error for ParseCodeError {}

impl Code {
    /// Reads a code in its canonical form or any other form people meet.
    ///
    /// | form | read as |
    /// |---|---|
    /// | `win32:32`, `errno:EAGAIN`, `errno:11`, `ntstatus:0xc0000043`, `ncp:0x80`, `ncp:0xff@87/67`, `lockwait:changed` | what it says; numbers in decimal or hex, names in any case |
    /// | `ncp:0x8980` | the form Novell prints: `ncp:0x80` |
    /// | `32`, `0x20`, `0x00000020` | Win32 |
    /// | `0x80070020`, `-2147024864`, `2147942432` | an HRESULT that wraps a Win32 error |
    /// | `0xc0000043`, `c0000043`, `3221225539`, `-1073741757` | NTSTATUS |
    /// | `0xd0000043` | an HRESULT that wraps an NTSTATUS |
    /// | `-16` | an errno as the kernel and libuv return it |
    /// | `-4082` | libuv's own number for EBUSY, and its like |
    /// | `ERROR_SHARING_VIOLATION`, `SHARING_VIOLATION`, `STATUS_SHARING_VIOLATION`, `SHARING VIOLATION`, `EBUSY` | a name of any table; Win32 first, then NTSTATUS |
    ///
    /// # Errors
    /// When `text` is none of these; the error names it and lists the forms.
    pub fn parse(text: &str) -> Result<Code, ParseCodeError> {
        let trimmed = text.trim();
        let code = match trimmed.split_once(':') {
            Some((domain, rest)) => domain_of(domain.trim()).and_then(|domain| in_domain(domain, rest.trim())),
            None => bare_number(trimmed).or_else(|| Domain::ALL.iter().find_map(|domain| by_name(*domain, trimmed))),
        };
        code.ok_or_else(|| ParseCodeError { text: text.to_owned() })
    }
}

impl core::str::FromStr for Code {
    type Err = ParseCodeError;
    fn from_str(text: &str) -> Result<Code, ParseCodeError> {
        Code::parse(text)
    }
}

fn domain_of(text: &str) -> Option<Domain> {
    Domain::ALL.into_iter().find(|domain| domain.as_str().eq_ignore_ascii_case(text))
}

/// What stands after the colon.
fn in_domain(domain: Domain, text: &str) -> Option<Code> {
    match domain {
        Domain::Ncp => ncp(text),
        Domain::NtStatus => number(text).or_else(|| eight_digits(text)).map(Code::ntstatus),
        Domain::Win32 | Domain::Errno | Domain::Lockwait => number(text).map(|value| Code::new(domain, value)),
    }
    .or_else(|| by_name(domain, text))
}

/// Decimal, or hex after `0x`.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(unsigned(digits)?, 16).ok(),
        None => unsigned(text)?.parse().ok(),
    }
}

/// `text`, unless it begins with a sign.
fn unsigned(text: &str) -> Option<&str> {
    (!text.starts_with(['+', '-'])).then_some(text)
}

/// Eight hex digits: how logs print an NTSTATUS or HRESULT without `0x`.
fn eight_digits(text: &str) -> Option<u32> {
    (text.len() == 8).then(|| u32::from_str_radix(unsigned(text)?, 16).ok()).flatten()
}

/// `0x80`, `128`, `0x8980`, each also with `@function` or `@function/sub-function`.
fn ncp(text: &str) -> Option<Code> {
    let (completion, call) = text.split_once('@').map_or((text, None), |(completion, call)| (completion, Some(call)));
    let completion = match number(completion)? {
        short @ 0..=0xff => short,
        novell @ 0x8900..=0x89ff => novell & 0xff,
        _ => return None,
    };
    let byte = |text: &str| number(text).and_then(|value| u8::try_from(value).ok());
    let (function, subfunction) = match call.map(|call| call.split_once('/').unwrap_or((call, ""))) {
        None => (None, None),
        Some((function, "")) if !call.is_some_and(|call| call.ends_with('/')) => (Some(byte(function)?), None),
        Some((function, subfunction)) => (Some(byte(function)?), Some(byte(subfunction)?)),
    };
    Some(Code::ncp(u8::try_from(completion).ok()?, function, subfunction))
}

/// A number that does not say whose it is.
fn bare_number(text: &str) -> Option<Code> {
    if let Some(value) = eight_digits(text).or_else(|| number(text)) {
        return wrapped(value);
    }
    let negative: i64 = text.parse().ok()?;
    if let Some((_, errno)) = errno::LIBUV.iter().find(|(number, _)| *number == negative) {
        return Some(Code::errno(*errno));
    }
    match negative {
        // Linux keeps errnos below 4096; those in use end at 133.
        -133..=-1 => u32::try_from(-negative).ok().map(Code::errno),
        _ => wrapped(i32::try_from(negative).ok()?.cast_unsigned()),
    }
}

/// A plain Win32 error, an HRESULT that wraps one, an NTSTATUS, or an HRESULT that wraps one (FACILITY_NT_BIT of
/// `winerror.h`).
fn wrapped(value: u32) -> Option<Code> {
    const FACILITY_NT_BIT: u32 = 0x1000_0000;
    match value {
        0..=0xffff => Some(Code::win32(value)),
        0x8007_0000..=0x8007_ffff => Some(Code::win32(value & 0xffff)),
        // NTSTATUS warnings; the HRESULTs E_FAIL and its like begin at 0x80004001.
        0x8000_0000..=0x8000_3fff => Some(Code::ntstatus(value)),
        0x9000_0000..=0x9000_3fff => Some(Code::ntstatus(value & !FACILITY_NT_BIT)),
        0x4000_0000..=0x4fff_ffff | 0xc000_0000..=0xcfff_ffff => Some(Code::ntstatus(value)),
        0xd000_0000..=0xdfff_ffff => Some(Code::ntstatus(value & !FACILITY_NT_BIT)),
        _ => None,
    }
}

/// What names of a domain begin with, and people leave out or write otherwise.
const fn prefixes(domain: Domain) -> &'static [&'static str] {
    match domain {
        Domain::Win32 => &["ERROR_"],
        Domain::NtStatus => &["STATUS_", "NT_STATUS_"],
        Domain::Errno | Domain::Ncp | Domain::Lockwait => &[],
    }
}

fn by_name(domain: Domain, text: &str) -> Option<Code> {
    let named = |entry: &Entry| {
        same(text, entry.name)
            || prefixes(domain).first().and_then(|prefix| entry.name.strip_prefix(prefix)).is_some_and(|bare| {
                same(text, bare)
                    || prefixes(domain)
                        .iter()
                        .any(|prefix| split_prefix(text, prefix).is_some_and(|rest| same(rest, bare)))
            })
    };
    let alias = || match domain {
        Domain::Errno => errno::ALIASES.iter().find(|(name, _)| same(text, name)).map(|(_, value)| *value),
        Domain::Win32 | Domain::NtStatus | Domain::Ncp | Domain::Lockwait => None,
    };
    table(domain).find(named).map(|entry| entry.value).or_else(alias).map(|value| Code::new(domain, value))
}

/// What follows `prefix`, in any case.
fn split_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    same(start, prefix).then_some(rest)
}

/// Equal but for case, and for space, hyphen and underscore standing for each other.
fn same(a: &str, b: &str) -> bool {
    let plain = |byte: u8| match byte {
        b' ' | b'-' => b'_',
        other => other.to_ascii_uppercase(),
    };
    a.len() == b.len() && a.bytes().map(plain).eq(b.bytes().map(plain))
}
