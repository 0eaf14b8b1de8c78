//! The other ways to write a code, and what it is taken for: what people look for when they have met one.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use super::{Code, Domain};

/// Facility and severity of an HRESULT that wraps a Win32 error (winerror.h, `HRESULT_FROM_WIN32`).
const HRESULT_WIN32: u32 = 0x8007_0000;
/// The bit of an HRESULT that wraps an NTSTATUS (winerror.h, `FACILITY_NT_BIT`).
const HRESULT_NT: u32 = 0x1000_0000;

impl Code {
    /// The other ways in which logs and programs write it: `32`, `0x20`, `HRESULT 0x80070020`, `-2147024864`. [`Code::parse`]
    /// reads each of them but for the word HRESULT.
    pub fn other_forms(self) -> Vec<String> {
        let value = self.value();
        let wrapped = |hresult: u32| [format!("HRESULT {hresult:#010x}"), hresult.cast_signed().to_string()];
        let numbers = [value.to_string(), format!("{value:#x}")];
        match self.domain() {
            Domain::Win32 if value <= 0xffff => [numbers, wrapped(HRESULT_WIN32 | value)].concat(),
            Domain::NtStatus => [&[value.cast_signed().to_string()][..], &wrapped(value | HRESULT_NT)].concat(),
            Domain::Errno => vec![format!("errno:{value}"), format!("-{value}")],
            // A larger number by itself is no Win32 error.
            Domain::Win32 | Domain::Ncp | Domain::Lockwait => Vec::new(),
        }
    }

    /// What a Win32 error is easily taken for, in words: the errno of the same number, where there is one.
    pub fn look_alike(self) -> Option<String> {
        let errno = Code::errno(self.value());
        let name = errno.name().filter(|_| self.domain() == Domain::Win32)?;
        Some(format!("{errno} ({}), written {name} or errno:{}", errno.meaning(), self.value()))
    }
}
