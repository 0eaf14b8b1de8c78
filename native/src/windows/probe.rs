//! Opens a file for reading if nobody stands in the way.

use std::fs::File;

use lockwait_core::code::Code;
use lockwait_core::observation::{Method, Refusal};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OPEN_REPARSE_POINT;

use super::folder::Folder;
use super::obstacle;
use super::sys::{self, FileName, Stat};
use crate::probe::{Trouble, check_regular};

/// Opens the file called `name` in `folder`, and asks who else has it.
pub(crate) fn open_in(folder: &Folder, name: &FileName) -> Result<(File, Stat, Method), Trouble> {
    let path = folder.join(name);
    // The first rung: no lock hides what kind of thing this is, nor its size and time.
    let before = sys::stat_link(&path)?;
    check_regular(&before)?;
    // A file that a program fetches or unpacks on reading is opened through that program; anything else is opened
    // as itself, whatever it may have become in the meantime.
    let plain = before.is_plain();
    let flags = if plain { FILE_FLAG_OPEN_REPARSE_POINT } else { 0 };
    let file = obstacle::ask(&path, flags, before.facts())?;
    // Only now is what the file says of itself worth anything: whoever was writing is done.
    let stat = sys::stat_file(&file)?;
    check_regular(&stat)?;
    if !plain && !stat.is_same_file(&before) {
        // It became a link just now, and this is the file it leads to.
        let facts = Some(before.facts());
        return Err(Trouble::Refused(Refusal { facts, method: Method::Open, ..Refusal::new(Code::NOT_REGULAR) }));
    }
    Ok((file, stat, Method::ShareMode))
}
