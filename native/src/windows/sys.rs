//! The system calls that `std` does not offer, each behind a safe function. Nothing here decides anything.

use std::ffi::c_void;
use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle};
use std::sync::OnceLock;

use lockwait_core::observation::Facts;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_DELETE_PENDING, INVALID_HANDLE_VALUE, NTSTATUS, STATUS_DELETE_PENDING,
};
use windows_sys::Win32::Globalization::{CP_ACP, MultiByteToWideChar};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, CreateFileW, FILE_ATTRIBUTE_DEVICE, FILE_ATTRIBUTE_DIRECTORY,
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_ATTRIBUTE_TAG_INFO, FILE_BASIC_INFO, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OPEN_REPARSE_POINT, FILE_ID_INFO, FILE_INFO_BY_HANDLE_CLASS, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE,
    FILE_SHARE_READ, FILE_SHARE_WRITE, FileAttributeTagInfo, FileIdInfo, GetFileInformationByHandle,
    GetFileInformationByHandleEx, GetFullPathNameW, GetLongPathNameW, OPEN_EXISTING,
};
use windows_sys::Win32::System::SystemServices::{
    IO_REPARSE_TAG_AF_UNIX, IO_REPARSE_TAG_APPEXECLINK, IO_REPARSE_TAG_NFS,
};

use super::library::{Library, NTDLL};
use super::path::Wide;

pub(crate) use super::path::file_name;

/// The name of a file in a folder, for a system call.
pub(crate) type FileName = Wide;

/// Standing in nobody's way.
pub(crate) const SHARE_ALL: u32 = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// From 1601, where FILETIME begins, to 1970, in steps of 100 ns.
const TO_1970: u64 = 116_444_736_000_000_000;

/// The bit of a reparse tag that says "this is another name of something else": symbolic links, junctions
/// (`IsReparseTagNameSurrogate` in `ntifs.h`).
const NAME_SURROGATE: u32 = 0x2000_0000;

/// Tags of reparse points that are no files though they are no links: sockets, pipes and devices of the Linux and NFS
/// subsystems (`IO_REPARSE_TAG_LX_FIFO`, `_CHR` and `_BLK` of `ntifs.h` as numbers), and stubs of store programs.
const NOT_FILES: [u32; 6] =
    [IO_REPARSE_TAG_AF_UNIX, 0x8000_0024, 0x8000_0025, 0x8000_0026, IO_REPARSE_TAG_NFS, IO_REPARSE_TAG_APPEXECLINK];

/// What the system says of a file, as far as Lockwait asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stat {
    /// The volume.
    pub(crate) dev: u64,
    /// The file id on its volume. Where a server gives none, the time of creation stands in for it.
    pub(crate) ino: u64,
    /// `FILE_ATTRIBUTE_*`.
    pub(crate) attributes: u32,
    /// The kind of reparse point, 0 for none.
    pub(crate) reparse_tag: u32,
    pub(crate) links: u64,
    pub(crate) size: u64,
    /// Nanoseconds since 1970; 0 for a time before that.
    pub(crate) modified: u64,
}

impl Stat {
    /// Whether this is a file with content of its own: no folder, link, pipe, socket or device. Files that a program
    /// fetches or unpacks when they are read (cloud storage, deduplication) are such.
    pub(crate) fn is_regular(&self) -> bool {
        let link = self.reparse_tag & NAME_SURROGATE != 0 || NOT_FILES.contains(&self.reparse_tag);
        self.attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_DEVICE) == 0 && !link
    }

    /// Whether its content is what is in it, with no program that fetches or unpacks it when it is read.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_regular() && self.reparse_tag == 0
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.attributes & FILE_ATTRIBUTE_DIRECTORY != 0
    }

    pub(crate) fn is_same_file(&self, other: &Stat) -> bool {
        self.dev == other.dev && self.ino == other.ino
    }

    /// Size, time and identity, the latter mixed from volume and file id and never 0.
    pub(crate) fn facts(&self) -> Facts {
        Facts { size: self.size, modified: self.modified, identity: mix(self.ino, self.dev).max(1) }
    }
}

/// One number for two. An odd multiplier (2^64 over the golden ratio) spreads the second over all bits.
fn mix(first: u64, second: u64) -> u64 {
    first ^ second.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn wide(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// Opens the file or folder at `path`, never in a way that a child process inherits it.
///
/// `access`, `share`, `disposition` and `flags` are `CreateFileW`'s.
pub(crate) fn open(path: &Wide, access: u32, share: u32, disposition: u32, flags: u32) -> io::Result<File> {
    // Looked up before the call that may fail: looking it up may itself fail at something.
    let last_status = last_status();
    let (security, template) = (std::ptr::null(), std::ptr::null_mut());
    // SAFETY: `path` ends in a zero; without security attributes and a template file the call reads nothing else.
    let handle = unsafe { CreateFileW(path.as_ptr(), access, share, security, disposition, flags, template) };
    if handle == INVALID_HANDLE_VALUE {
        let error = io::Error::last_os_error();
        // To Win32 a file that is being deleted is one like any other that may not be opened.
        // SAFETY: the function takes nothing and only reads the thread's own state.
        let status = last_status.map(|call| unsafe { call() });
        let going =
            error.raw_os_error() == Some(ERROR_ACCESS_DENIED.cast_signed()) && status == Some(STATUS_DELETE_PENDING);
        return Err(if going { io::Error::from_raw_os_error(ERROR_DELETE_PENDING.cast_signed()) } else { error });
    }
    // SAFETY: `handle` was just opened and has no other owner.
    Ok(unsafe { File::from_raw_handle(handle) })
}

/// Opens the file or folder at `path` itself, not what a link there leads to, for its attributes only: no share mode
/// and no lock stands in the way of that.
pub(crate) fn open_attributes(path: &Wide) -> io::Result<File> {
    let flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
    open(path, FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING, flags)
}

/// What the file or folder at `path` is; a link is itself, not what it leads to.
pub(crate) fn stat_link(path: &Wide) -> io::Result<Stat> {
    stat_file(&open_attributes(path)?)
}

/// What the file or folder at `path` is, links followed.
pub(crate) fn stat_path(path: &Wide) -> io::Result<Stat> {
    stat_file(&open(path, FILE_READ_ATTRIBUTES, SHARE_ALL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS)?)
}

/// What the open file is.
pub(crate) fn stat_file(file: &File) -> io::Result<Stat> {
    let mut raw = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and `raw` is valid for writing one such structure.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut raw) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let ticks = |time: windows_sys::Win32::Foundation::FILETIME| wide(time.dwHighDateTime, time.dwLowDateTime);
    let (dev, ino) =
        identity(file).unwrap_or((u64::from(raw.dwVolumeSerialNumber), wide(raw.nFileIndexHigh, raw.nFileIndexLow)));
    let reparse_tag = match raw.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT {
        0 => 0,
        _ => reparse_tag(file)?,
    };
    Ok(Stat {
        dev,
        ino: if ino == 0 { ticks(raw.ftCreationTime) } else { ino },
        attributes: raw.dwFileAttributes,
        reparse_tag,
        links: u64::from(raw.nNumberOfLinks),
        size: wide(raw.nFileSizeHigh, raw.nFileSizeLow),
        modified: ticks(raw.ftLastWriteTime).saturating_sub(TO_1970).saturating_mul(100),
    })
}

/// Volume and file id in their full width, which ReFS needs; `None` where the file system does not have them so.
fn identity(file: &File) -> Option<(u64, u64)> {
    let raw: FILE_ID_INFO = information(file, FileIdInfo).ok()?;
    let id = u128::from_le_bytes(raw.FileId.Identifier);
    let (low, high) = (id as u64, (id >> 64) as u64);
    Some((raw.VolumeSerialNumber, mix(low, high)))
}

fn reparse_tag(file: &File) -> io::Result<u32> {
    information::<FILE_ATTRIBUTE_TAG_INFO>(file, FileAttributeTagInfo).map(|raw| raw.ReparseTag)
}

/// A structure that `GetFileInformationByHandleEx` fills in.
///
/// # Safety
/// It is valid whatever bytes are in it.
pub(crate) unsafe trait Information: Default {}

// SAFETY: integers only.
unsafe impl Information for FILE_BASIC_INFO {}
// SAFETY: integers only.
unsafe impl Information for FILE_ID_INFO {}
// SAFETY: integers only.
unsafe impl Information for FILE_ATTRIBUTE_TAG_INFO {}

/// What the system says of `file` in the structure that belongs to `class`.
pub(crate) fn information<T: Information>(file: &File, class: FILE_INFO_BY_HANDLE_CLASS) -> io::Result<T> {
    let mut raw = T::default();
    let size = u32::try_from(size_of::<T>()).unwrap_or(0);
    // SAFETY: the handle is open, and `raw` is valid for writing `size` bytes, of any value.
    let done = unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), class, (&raw mut raw).cast(), size) };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(raw) }
}

/// Reads into `buffer` what is at `offset`; how many bytes that were. Moves the file's own position.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// `RtlGetLastNtStatus` of `winternl.h`.
type LastStatus = unsafe extern "system" fn() -> NTSTATUS;

/// The function that gives the NTSTATUS of the call of this thread that failed last. It tells apart what one Win32
/// error stands for. `None` where the system does not have it.
fn last_status() -> Option<LastStatus> {
    static FOUND: OnceLock<Option<LastStatus>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let address = Library::open(&NTDLL).ok()?.function(c"RtlGetLastNtStatus")?;
        // SAFETY: this is the function's type, and ntdll is never unloaded.
        Some(unsafe { std::mem::transmute::<*const c_void, LastStatus>(address) })
    })
}

/// `path` from the root on, in the system's own spelling.
pub(crate) fn full_path(path: &Wide) -> io::Result<Vec<u16>> {
    filled(path.units().len(), |buffer, room| {
        // SAFETY: `path` ends in a zero, and `buffer` is valid for writing `room` units.
        unsafe { GetFullPathNameW(path.as_ptr(), room, buffer, std::ptr::null_mut()) }
    })
}

/// `path` with each name as a listing of its folder has it.
pub(crate) fn listed_path(path: &Wide) -> io::Result<Vec<u16>> {
    filled(path.units().len(), |buffer, room| {
        // SAFETY: `path` ends in a zero, and `buffer` is valid for writing `room` units.
        unsafe { GetLongPathNameW(path.as_ptr(), buffer, room) }
    })
}

/// What `call` writes to a buffer with room for so many units. It says how many it wrote, without the zero at the end,
/// how many it needs, with that zero, or 0 when it failed.
fn filled(expected: usize, call: impl Fn(*mut u16, u32) -> u32) -> io::Result<Vec<u16>> {
    let mut buffer = vec![0; expected + 260];
    loop {
        let room = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        match call(buffer.as_mut_ptr(), room) as usize {
            0 => return Err(io::Error::last_os_error()),
            length if length < buffer.len() => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            needed => buffer.resize(needed + 1, 0),
        }
    }
}

/// `bytes` read in the system's code page; what that page does not know becomes its sign for it.
pub(crate) fn from_code_page(bytes: &[u8]) -> Vec<u16> {
    // No code page makes more UTF-16 units than there were bytes.
    let mut units = vec![0; bytes.len()];
    let room = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    // SAFETY: both buffers have `room` elements, which is what the call is told of each; it fails for an empty one.
    let length = unsafe { MultiByteToWideChar(CP_ACP, 0, bytes.as_ptr(), room, units.as_mut_ptr(), room) };
    units.truncate(usize::try_from(length).unwrap_or(0));
    units
}
