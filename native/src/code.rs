//! An error of this operating system as a [`Code`].

use std::io::{Error, ErrorKind};

use lockwait_core::code::Code;

use crate::os;

pub(crate) use os::code::{CANCELLED, FULL};

/// Linux's number for an input or output error: what an error without a number of its own counts as.
const EIO: u32 = 5;

/// The code of `error`, in the numbers that [`Code`] uses whatever system this is.
pub fn of(error: &Error) -> Code {
    match (error.raw_os_error(), error.kind()) {
        (Some(raw), _) => os::code::of_raw(raw),
        (None, ErrorKind::Interrupted) => Code::errno(4),
        (None, ErrorKind::Unsupported) => Code::errno(38),
        (None, ErrorKind::InvalidInput | ErrorKind::InvalidData) => Code::errno(22),
        (None, _) => Code::errno(EIO),
    }
}
