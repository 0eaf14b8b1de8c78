//! Copies a file's content as fast as the two file systems allow, and stops when told to.

use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use lockwait_core::code::Cause;

use crate::code;
use crate::os::disk;

/// How much is copied between two looks at the stop flag. At 20 MB/s, a slow share, this takes 50 ms.
const CHUNK: u64 = 1 << 20;

/// Files smaller than this are read and written directly: asking the kernel for a better way costs more.
const SMALL: u64 = 128 << 10;

/// How much may wait to be flushed to the device while a copy runs, so that the final flush is short.
const FLUSH: u64 = 8 << 20;

/// Why a copy ended early.
#[derive(Debug)]
pub(super) enum Halted {
    /// The stop flag was set.
    Stopped,
    /// The source is shorter than it was.
    Short,
    /// Reading failed.
    Source(io::Error),
    /// Writing failed.
    Destination(io::Error),
}

/// Copies `size` bytes from the start of `from` to the empty file `to`; both are at their starts. With `sync`, the
/// data is sent to the device as the copy goes (the final flush is the caller's).
pub(super) fn copy(from: &File, to: &File, size: u64, sync: bool, stop: &AtomicBool) -> Result<(), Halted> {
    let mut done = 0;
    if size >= SMALL {
        if disk::clone_file(from, to).is_ok() {
            // The clone is of the source as it is now; a longer or shorter one has changed and is thrown away.
            return match disk::stat_file(to) {
                Ok(stat) if stat.size >= size => Ok(()),
                Ok(_) => Err(Halted::Short),
                Err(error) => Err(Halted::Destination(error)),
            };
        }
        disk::advise_sequential(from);
        done = copy_in_kernel(from, to, size, sync, stop)?;
    }
    copy_through_memory(from, to, done, size, sync, stop)
}

/// Copies inside the kernel as far as that goes; how far that was.
fn copy_in_kernel(from: &File, to: &File, size: u64, sync: bool, stop: &AtomicBool) -> Result<u64, Halted> {
    let mut done = 0;
    for way in disk::WAYS {
        while done < size {
            check(stop)?;
            let length = usize::try_from(CHUNK.min(size - done)).unwrap_or(usize::MAX);
            match way(from, to, length) {
                // At the end of the source, or on file systems whose files have no such end (proc, old FUSE): reading
                // finds out which.
                Ok(0) => break,
                Ok(count) => {
                    let before = done;
                    done += count as u64;
                    flush(to, before, done, sync);
                }
                // Full is full whatever the way; everything else may work in another.
                Err(error) if code::of(&error).cause() == Cause::TargetFull => {
                    return Err(Halted::Destination(error));
                }
                Err(_) => break,
            }
        }
    }
    Ok(done)
}

/// Copies what is left with reads and writes.
fn copy_through_memory(
    mut from: &File,
    mut to: &File,
    mut done: u64,
    size: u64,
    sync: bool,
    stop: &AtomicBool,
) -> Result<(), Halted> {
    let mut buffer = vec![0; usize::try_from(disk::BUFFER.min(size - done)).unwrap_or(0)];
    while done < size {
        check(stop)?;
        let most = usize::try_from((size - done).min(buffer.len() as u64)).unwrap_or(buffer.len());
        match from.read(&mut buffer[..most]) {
            Ok(0) => return Err(Halted::Short),
            Ok(count) => {
                to.write_all(&buffer[..count]).map_err(Halted::Destination)?;
                let before = done;
                done += count as u64;
                flush(to, before, done, sync);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Halted::Source(error)),
        }
    }
    Ok(())
}

fn check(stop: &AtomicBool) -> Result<(), Halted> {
    if stop.load(Ordering::Relaxed) { Err(Halted::Stopped) } else { Ok(()) }
}

/// Sends each finished window of the copy on its way when the copy passes its end.
fn flush(to: &File, before: u64, done: u64, sync: bool) {
    if sync && before / FLUSH != done / FLUSH {
        disk::start_flush(to, (before / FLUSH) * FLUSH, FLUSH);
    }
}
