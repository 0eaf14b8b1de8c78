//! Caller-allocated structs that start with their size.
//!
//! A struct only ever grows at its end. What an older caller does not have reads as zero; what a newer caller has
//! must be zero, or this library would ignore something that was meant (the rule of Linux's `openat2`).

use alloc::vec::Vec;
use core::mem::{MaybeUninit, size_of};
use core::ptr;

use crate::result::{Fault, LOCKWAIT_RESULT_INVALID_SIZE};
use crate::text;

/// The largest size that is believed: whatever is larger was never initialized.
const LARGEST: usize = 4096;

/// A struct of the header whose first field is its size in bytes, a `u32`.
///
/// # Safety
/// The type is `repr(C)`, starts with a `u32`, and every bit pattern of every field is a value (integers, raw
/// pointers).
pub(crate) unsafe trait Sized32: Copy {
    /// The size of the first version of the struct; no caller has a smaller one.
    const SMALLEST: usize = size_of::<Self>();
}

#[cold]
#[inline(never)]
fn wrong(size: usize, own: usize) -> Fault {
    Fault::new(
        LOCKWAIT_RESULT_INVALID_SIZE,
        alloc::format!("the struct says it has {size} bytes; set its 'size' to sizeof, which is {own} here"),
    )
}

/// How large a struct is: in its first version, and here.
#[derive(Clone, Copy)]
struct Sizes {
    smallest: usize,
    own: usize,
}

impl Sizes {
    const fn of<T: Sized32>() -> Sizes {
        Sizes { smallest: T::SMALLEST, own: size_of::<T>() }
    }
}

/// The size that the struct at `at` says it has.
///
/// # Safety
/// `at` is NULL or points to at least a `u32`.
#[inline(never)]
unsafe fn size_of_caller(at: *const u8, sizes: Sizes, what: &'static str) -> Result<usize, Fault> {
    if at.is_null() {
        return Err(Fault::null(what));
    }
    // SAFETY: the caller's promise; it may be less aligned than the struct would be here.
    let size = unsafe { ptr::read_unaligned(at.cast::<u32>()) } as usize;
    if (sizes.smallest..=LARGEST).contains(&size) { Ok(size) } else { Err(wrong(size, sizes.own)) }
}

/// Reads the struct at `at`.
///
/// # Safety
/// `at` is NULL or points to as many readable bytes as the `u32` there says.
pub(crate) unsafe fn read<T: Sized32>(at: *const T, what: &'static str) -> Result<T, Fault> {
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `value` is as large as its type; every bit pattern is a value of `T`.
    unsafe {
        read_bytes(at.cast(), value.as_mut_ptr().cast(), Sizes::of::<T>(), what)?;
        Ok(value.assume_init())
    }
}

/// As [`read`], to `value`, which is zero.
///
/// # Safety
/// As for [`read`]; `value` has room for the struct's own size.
#[inline(never)]
unsafe fn read_bytes(at: *const u8, value: *mut u8, sizes: Sizes, what: &'static str) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    let size = unsafe { size_of_caller(at, sizes, what) }?;
    let known = size.min(sizes.own);
    // SAFETY: the caller has `size` bytes there, and all beyond `known` are inside them.
    let beyond = unsafe { core::slice::from_raw_parts(at.add(known), size - known) };
    if beyond.iter().any(|byte| *byte != 0) {
        return Err(wrong(size, sizes.own));
    }
    // SAFETY: both sides have that many bytes.
    unsafe { ptr::copy_nonoverlapping(at, value, known) };
    Ok(())
}

/// Reads `count` structs in a row at `at`; every one has the size of the first.
///
/// # Safety
/// `at` is NULL or points to as many readable structs, if they fit into memory.
pub(crate) unsafe fn read_all<T: Sized32>(at: *const T, count: usize, what: &'static str) -> Result<Vec<T>, Fault> {
    let mut values = Vec::new();
    if count == 0 {
        return Ok(values);
    }
    let sizes = Sizes::of::<T>();
    // SAFETY: the caller's promise.
    let stride = unsafe { size_of_caller(at.cast(), sizes, what) }?;
    if !text::fits_memory(count, stride) {
        return Err(Fault::argument(what, &format_args!("{count} structs cannot be in memory")));
    }
    for index in 0..count {
        // SAFETY: inside the row that the caller promised.
        let element = unsafe { at.byte_add(index * stride) };
        // Before it is read: one that says it is larger reaches behind the row.
        // SAFETY: as above.
        if unsafe { size_of_caller(element.cast(), sizes, what) }? != stride {
            return Err(Fault::argument(what, &format_args!("element {index} has another size than the first")));
        }
        // SAFETY: as above, and it is as large as the row's elements.
        values.push(unsafe { read(element, what) }?);
    }
    Ok(values)
}

/// Checks that [`write`] to `at` will work.
///
/// # Safety
/// As for [`write`].
pub(crate) unsafe fn check<T: Sized32>(at: *mut T, what: &'static str) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    unsafe { size_of_caller(at.cast_const().cast(), Sizes::of::<T>(), what) }.map(drop)
}

/// Writes `value` to the struct at `at`, as much of it as the caller has; its size stays.
///
/// # Safety
/// `at` is NULL or points to as many writable bytes as the `u32` there says.
pub(crate) unsafe fn write<T: Sized32>(at: *mut T, value: &T, what: &'static str) -> Result<(), Fault> {
    // SAFETY: the caller's promise; `value` is as large as its type.
    unsafe { write_bytes(at.cast(), ptr::from_ref(value).cast(), Sizes::of::<T>(), what) }
}

/// As [`write`], from `value`.
///
/// # Safety
/// As for [`write`]; `value` has the struct's own size.
#[inline(never)]
unsafe fn write_bytes(at: *mut u8, value: *const u8, sizes: Sizes, what: &'static str) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    let size = unsafe { size_of_caller(at, sizes, what) }?.min(sizes.own);
    let skip = size_of::<u32>();
    // SAFETY: both sides have `size` bytes; the first four are the size.
    unsafe { ptr::copy_nonoverlapping(value.add(skip), at.add(skip), size - skip) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Small {
        size: u32,
        one: u32,
    }

    #[repr(C)]
    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Grown {
        size: u32,
        one: u32,
        two: u64,
    }

    // SAFETY: integers only, size first.
    unsafe impl Sized32 for Small {}
    // SAFETY: integers only, size first.
    unsafe impl Sized32 for Grown {
        const SMALLEST: usize = 8;
    }

    #[test]
    fn an_older_struct_reads_as_zero_in_what_it_lacks() {
        let old = Small { size: 8, one: 5 };
        // SAFETY: eight bytes, as it says.
        let read = unsafe { read((&raw const old).cast::<Grown>(), "old") }.unwrap();
        assert_eq!(read, Grown { size: 8, one: 5, two: 0 });
    }

    #[test]
    fn a_newer_struct_is_read_if_what_is_new_is_zero() {
        for (two, good) in [(0, true), (1, false)] {
            let new = Grown { size: 16, one: 5, two };
            // SAFETY: sixteen bytes, as it says.
            assert_eq!(unsafe { read((&raw const new).cast::<Small>(), "new") }.is_ok(), good);
        }
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for size in [0, 7, 4097, u32::MAX] {
            let mut value = Small { size, one: 5 };
            // SAFETY: refused before anything but the size is touched.
            assert!(unsafe { read(&raw const value, "value") }.is_err());
            // SAFETY: as above.
            assert!(unsafe { write(&raw mut value, &Small { size: 8, one: 6 }, "value") }.is_err());
            assert_eq!(value.one, 5);
        }
        // SAFETY: NULL is allowed.
        assert!(unsafe { read::<Small>(ptr::null(), "value") }.is_err());
    }

    #[test]
    fn an_older_struct_is_written_only_as_far_as_it_goes() {
        let mut pair = [Small { size: 8, one: 0 }, Small { size: 1, one: 2 }];
        let value = Grown { size: 16, one: 7, two: u64::MAX };
        // SAFETY: eight bytes, as it says.
        unsafe { write((&raw mut pair).cast::<Grown>(), &value, "pair") }.unwrap();
        assert_eq!(pair, [Small { size: 8, one: 7 }, Small { size: 1, one: 2 }]);
    }
}
