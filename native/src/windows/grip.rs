//! Calls that act on a file through an opening of it, whatever name it has.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle};

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_ARCHIVE, FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_READONLY,
    FILE_ATTRIBUTE_SYSTEM, FILE_BASIC_INFO, FILE_DISPOSITION_FLAG_DELETE,
    FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE, FILE_DISPOSITION_FLAG_POSIX_SEMANTICS, FILE_DISPOSITION_INFO,
    FILE_DISPOSITION_INFO_EX, FILE_INFO_BY_HANDLE_CLASS, FILE_RENAME_INFO, FILE_WRITE_ATTRIBUTES, FileBasicInfo,
    FileDispositionInfo, FileDispositionInfoEx, FileRenameInfo, ReOpenFile, SetFileInformationByHandle,
};

use super::path::Wide;
use super::sys::{self, SHARE_ALL};

/// The attributes that are a user's own; the others say how the file system keeps the file.
const OWN_ATTRIBUTES: u32 =
    FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_ARCHIVE;

/// Opens the very file that `file` is an opening of. `access`, `share` and `flags` are `CreateFileW`'s.
pub(crate) fn reopen(file: &File, access: u32, share: u32, flags: u32) -> io::Result<File> {
    // SAFETY: the handle is open; the call takes nothing else but numbers.
    let handle = unsafe { ReOpenFile(file.as_raw_handle(), access, share, flags) };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `handle` was just opened and has no other owner.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// Renames the file to the full path `to`, on the same volume, if that is free.
pub(crate) fn rename(file: &File, to: &Wide) -> io::Result<()> {
    let name = to.units();
    let head = std::mem::offset_of!(FILE_RENAME_INFO, FileName);
    let size = (head + (name.len() + 1) * size_of::<u16>()).max(size_of::<FILE_RENAME_INFO>());
    // Of u64, so that it is aligned as the structure demands; all zero says "replace nothing" and "no root folder".
    let mut buffer = vec![0u64; size.div_ceil(size_of::<u64>())];
    let info: *mut FILE_RENAME_INFO = buffer.as_mut_ptr().cast();
    let length = u32::try_from(size_of_val(name)).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the buffer has room for the structure and, from its field `FileName` on, for the name and the zero after
    // it; the pointers are made from the buffer's own, and the two do not overlap.
    unsafe {
        (&raw mut (*info).FileNameLength).write(length);
        (&raw mut (*info).FileName).cast::<u16>().copy_from_nonoverlapping(name.as_ptr(), name.len());
    }
    // SAFETY: the buffer holds `size` bytes of what the class calls for.
    unsafe { set(file, FileRenameInfo, info.cast(), size) }
}

/// Removes the file, read-only or not. Its name is free at once where the file system can do that, else as soon as
/// the last who has it open closes it.
pub(crate) fn remove(file: &File) -> io::Result<()> {
    let flags = FILE_DISPOSITION_FLAG_DELETE
        | FILE_DISPOSITION_FLAG_POSIX_SEMANTICS
        | FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE;
    let at_once = FILE_DISPOSITION_INFO_EX { Flags: flags };
    // SAFETY: the structure is the one the class calls for.
    if unsafe { set(file, FileDispositionInfoEx, (&raw const at_once).cast(), size_of_val(&at_once)) }.is_ok() {
        return Ok(());
    }
    let attributes = sys::information::<FILE_BASIC_INFO>(file, FileBasicInfo)?.FileAttributes;
    if attributes & FILE_ATTRIBUTE_READONLY != 0 {
        let writable = reopen(file, FILE_WRITE_ATTRIBUTES, SHARE_ALL, 0)?;
        set_basic(
            &writable,
            FILE_BASIC_INFO { FileAttributes: attributes & !FILE_ATTRIBUTE_READONLY, ..FILE_BASIC_INFO::default() },
        )?;
    }
    let on_close = FILE_DISPOSITION_INFO { DeleteFile: true };
    // SAFETY: the structure is the one the class calls for.
    unsafe { set(file, FileDispositionInfo, (&raw const on_close).cast(), size_of_val(&on_close)) }
}

/// Gives the file `to`, which is open for writing, the attributes and the times of creation and last write of `from`.
pub(crate) fn copy_attributes(from: &File, to: &File) -> io::Result<()> {
    let of = sys::information::<FILE_BASIC_INFO>(from, FileBasicInfo)?;
    let (created, written, attributes) = (of.CreationTime, of.LastWriteTime, of.FileAttributes);
    set_basic(
        to,
        FILE_BASIC_INFO {
            CreationTime: created,
            LastWriteTime: written,
            FileAttributes: attributes,
            ..FILE_BASIC_INFO::default()
        },
    )
}

/// Sets times, but for those that are 0, and of the attributes those that are a user's own.
fn set_basic(file: &File, info: FILE_BASIC_INFO) -> io::Result<()> {
    // None at all is said with a bit of its own; 0 would leave them as they are.
    let attributes = match info.FileAttributes & OWN_ATTRIBUTES {
        0 => FILE_ATTRIBUTE_NORMAL,
        own => own,
    };
    let info = FILE_BASIC_INFO { FileAttributes: attributes, ..info };
    // SAFETY: the structure is the one the class calls for.
    unsafe { set(file, FileBasicInfo, (&raw const info).cast(), size_of_val(&info)) }
}

/// Tells the system something about the file.
///
/// # Safety
/// `info` points to `size` bytes of what `class` calls for.
unsafe fn set(file: &File, class: FILE_INFO_BY_HANDLE_CLASS, info: *const c_void, size: usize) -> io::Result<()> {
    let size = u32::try_from(size).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the handle is open; the caller vouches for the rest.
    match unsafe { SetFileInformationByHandle(file.as_raw_handle(), class, info, size) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
