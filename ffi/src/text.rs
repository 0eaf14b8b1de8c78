//! Text and names in and out.

use alloc::vec::Vec;
use core::alloc::Layout;
use core::ffi::c_char;
use core::ptr;

use lockwait_core::observation::Name;

use crate::result::{Fault, LOCKWAIT_RESULT_BUFFER_TOO_SMALL, LOCKWAIT_RESULT_INVALID_TEXT};

/// Text that Lockwait lends: `len` bytes of UTF-8 at `data`, not NUL-terminated. How long it stays is said where it
/// is given.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_str {
    /// The first byte; never NULL.
    pub data: *const c_char,
    /// How many bytes.
    pub len: usize,
}

impl lockwait_str {
    /// Lends `text`.
    pub(crate) fn lend(text: &str) -> lockwait_str {
        lockwait_str { data: text.as_ptr().cast(), len: text.len() }
    }
}

/// The most bytes that anything given by a caller is believed to have: no system's processes have more memory, and in
/// 32 bits no text of interest is longer.
const LONGEST: usize = usize::MAX >> if usize::BITS == 64 { 17 } else { 2 };

/// Whether `count` things of `size` bytes each fit into memory.
pub(crate) fn fits_memory(count: usize, size: usize) -> bool {
    count.checked_mul(size).is_some_and(|bytes| bytes <= LONGEST)
}

/// `count` values at `data`; none when `count` is 0, whatever `data` is.
///
/// # Safety
/// `data` is NULL or points to `count` values that nobody changes during the call, if they fit into memory.
pub(crate) unsafe fn slice<'a, T>(data: *const T, count: usize, what: &'static str) -> Result<&'a [T], Fault> {
    if count == 0 {
        return Ok(&[]);
    }
    check_row(data.addr(), count, Layout::new::<T>(), what)?;
    // SAFETY: not NULL, aligned, not longer than memory, and the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts(data, count) })
}

/// Whether `count` values of this layout can be at `address`.
#[inline(never)]
fn check_row(address: usize, count: usize, each: Layout, what: &'static str) -> Result<(), Fault> {
    if address == 0 {
        return Err(Fault::null(what));
    }
    if !address.is_multiple_of(each.align()) || !fits_memory(count, each.size()) {
        return Err(Fault::argument(what, &format_args!("{count} values at this address cannot be in memory")));
    }
    Ok(())
}

/// UTF-8 text.
///
/// # Safety
/// As for [`slice`].
pub(crate) unsafe fn utf8<'a>(data: *const c_char, len: usize, what: &'static str) -> Result<&'a str, Fault> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { slice(data.cast::<u8>(), len, what) }?;
    core::str::from_utf8(bytes).map_err(|error| {
        Fault::new(
            LOCKWAIT_RESULT_INVALID_TEXT,
            alloc::format!("'{what}' is not UTF-8: byte {} does not belong", error.valid_up_to()),
        )
    })
}

/// A path as bytes. On Windows it must be UTF-8; elsewhere it is any bytes but zero ones.
///
/// # Safety
/// As for [`slice`].
pub(crate) unsafe fn path(data: *const c_char, len: usize, what: &'static str) -> Result<Name, Fault> {
    if cfg!(windows) {
        // SAFETY: the caller's promise.
        return checked(Name::from(unsafe { utf8(data, len, what) }?), what);
    }
    // SAFETY: the caller's promise.
    checked(Name::from(unsafe { slice(data.cast::<u8>(), len, what) }?), what)
}

/// A path as UTF-16, which may have unpaired surrogates.
///
/// # Safety
/// As for [`slice`].
pub(crate) unsafe fn path_utf16(data: *const u16, len: usize, what: &'static str) -> Result<Name, Fault> {
    // SAFETY: the caller's promise.
    checked(Name::from_utf16(unsafe { slice(data, len, what) }?), what)
}

fn checked(name: Name, what: &'static str) -> Result<Name, Fault> {
    match name.as_bytes() {
        [] => Err(Fault::new(LOCKWAIT_RESULT_INVALID_TEXT, alloc::format!("'{what}' is empty"))),
        bytes if bytes.contains(&0) => {
            Err(Fault::new(LOCKWAIT_RESULT_INVALID_TEXT, alloc::format!("'{what}' has a zero character in it")))
        }
        _ => Ok(name),
    }
}

/// Where a caller wants one value.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Refuses NULL.
    pub(crate) fn new(at: *mut T, what: &'static str) -> Result<Out<T>, Fault> {
        if at.is_null() { Err(Fault::null(what)) } else { Ok(Out(at)) }
    }

    /// Writes the value.
    pub(crate) fn set(self, value: T) {
        // SAFETY: not NULL; every export's caller promises that its out-pointers may be written to.
        unsafe { ptr::write_unaligned(self.0, value) };
    }
}

/// A caller's buffer of bytes or of UTF-16 units, and where the length goes.
pub(crate) struct Buffer<T> {
    data: *mut T,
    room: Room,
}

/// How much a buffer takes, and where it is told how much was needed.
struct Room {
    capacity: usize,
    length: *mut usize,
}

impl Room {
    #[inline(never)]
    fn new(is_null: bool, capacity: usize, length: *mut usize) -> Result<Room, Fault> {
        match (is_null, length.is_null()) {
            (true, true) => Err(Fault::null("length")),
            (true, false) if capacity > 0 => Err(Fault::null("buffer")),
            _ if isize::try_from(capacity).is_err() => Err(Fault::argument("capacity", &"larger than memory")),
            _ => Ok(Room { capacity, length }),
        }
    }

    fn tell(&self, count: usize) {
        if !self.length.is_null() {
            // SAFETY: not NULL, and the promise made to `Buffer::new`.
            unsafe { ptr::write_unaligned(self.length, count) };
        }
    }

    #[inline(never)]
    fn fits(&self, count: usize) -> Result<(), Fault> {
        self.tell(count);
        if count < self.capacity {
            return Ok(());
        }
        Err(Fault::new(
            LOCKWAIT_RESULT_BUFFER_TOO_SMALL,
            alloc::format!("the buffer has room for {}, {} are needed", self.capacity, count + 1),
        ))
    }
}

impl<T: Copy + Default> Buffer<T> {
    /// The rules that the header gives at its top.
    ///
    /// # Safety
    /// `data` is NULL or has room for `capacity` values; `length` is NULL or may be written to.
    pub(crate) unsafe fn new(data: *mut T, capacity: usize, length: *mut usize) -> Result<Buffer<T>, Fault> {
        Ok(Buffer { data, room: Room::new(data.is_null(), capacity, length)? })
    }

    /// Writes `values` and a terminating zero.
    #[inline(never)]
    fn put(&self, values: &[T]) -> Result<(), Fault> {
        self.room.fits(values.len())?;
        // SAFETY: it fits with one more, into memory that `new` was promised; ours and the caller's do not overlap.
        unsafe {
            // By bytes: the caller's address may be any.
            ptr::copy_nonoverlapping(values.as_ptr().cast::<u8>(), self.data.cast::<u8>(), size_of_val(values));
            ptr::write_unaligned(self.data.add(values.len()), T::default());
        }
        Ok(())
    }
}

impl Buffer<c_char> {
    /// Writes `text` and a terminating zero.
    pub(crate) fn write(&self, text: &[u8]) -> Result<(), Fault> {
        let room = Room { ..self.room };
        Buffer::<u8> { data: self.data.cast(), room }.put(text)
    }
}

impl Buffer<u16> {
    /// Writes `name` as UTF-16 and a terminating zero.
    #[inline(never)]
    pub(crate) fn write_utf16(&self, name: &Name) -> Result<(), Fault> {
        let units: Vec<u16> = name.to_utf16();
        self.put(&units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::LOCKWAIT_RESULT_NULL_POINTER;

    #[test]
    fn a_buffer_gets_all_or_nothing() {
        let mut bytes = [b'#' as c_char; 4];
        let mut length = 99;
        // SAFETY: four bytes and a length.
        let buffer = unsafe { Buffer::new(bytes.as_mut_ptr(), 4, &raw mut length) }.unwrap();
        assert_eq!(buffer.write(b"long").err().map(|fault| fault.result()), Some(LOCKWAIT_RESULT_BUFFER_TOO_SMALL));
        assert_eq!((length, bytes[0]), (4, b'#' as c_char));
        buffer.write(b"abc").unwrap();
        assert_eq!((length, bytes), (3, [b'a', b'b', b'c', 0].map(|byte: u8| byte as c_char)));
    }

    #[test]
    fn the_length_can_be_asked_for_without_a_buffer() {
        let mut length = 0;
        // SAFETY: no buffer, and a length.
        let buffer = unsafe { Buffer::<u16>::new(ptr::null_mut(), 0, &raw mut length) }.unwrap();
        assert!(buffer.write_utf16(&Name::from("Gr\u{fc}n")).is_err());
        assert_eq!(length, 4);
        // SAFETY: NULL is allowed.
        let nothing = unsafe { Buffer::<u16>::new(ptr::null_mut(), 0, ptr::null_mut()) };
        assert_eq!(nothing.err().map(|fault| fault.result()), Some(LOCKWAIT_RESULT_NULL_POINTER));
    }

    #[test]
    fn lengths_longer_than_memory_are_refused_without_a_look() {
        let byte = 0_u8;
        // SAFETY: refused before anything is read.
        assert!(unsafe { slice(&raw const byte, usize::MAX, "x") }.is_err());
        // SAFETY: refused before anything is read.
        assert!(unsafe { slice((&raw const byte).cast::<u64>(), usize::MAX / 8, "x") }.is_err());
    }
}
