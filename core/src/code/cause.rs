//! The classes of trouble: what each is called, and what Lockwait does about it.

use super::table::{Table, packed};
use super::{Cause, Entry, row};

/// In order of number; the rows' names are the causes' names, their meanings what is done about them.
pub(super) const ENTRIES: &[Entry] = &[
    row(0, "clear", Cause::Clear, "Nothing stands in the way; Lockwait goes on."),
    row(1, "lock", Cause::Lock, "Somebody has the file; Lockwait waits and tries again until it is free."),
    row(
        2,
        "range-lock",
        Cause::RangeLock,
        "Somebody has locked a part of the file; Lockwait waits and tries again until it is free.",
    ),
    row(
        3,
        "maybe-lock",
        Cause::MaybeLock,
        "A lock, or a refusal that will last; Lockwait waits as for a lock, and only time tells which it is.",
    ),
    row(4, "going", Cause::Going, "The file is being deleted; Lockwait waits until it is gone."),
    row(5, "gone", Cause::Gone, "The file is not there; Lockwait ends its pickup."),
    row(
        6,
        "unreachable",
        Cause::Unreachable,
        "No file is at fault; Lockwait leaves the whole folder alone and tries it ever more rarely.",
    ),
    row(
        7,
        "resource",
        Cause::Resource,
        "This machine has run out of something; Lockwait pauses all its work and tries ever more rarely.",
    ),
    row(
        8,
        "target-full",
        Cause::TargetFull,
        "The destination is full or cannot be used; Lockwait keeps the source and tries ever more rarely.",
    ),
    row(9, "provider", Cause::Provider, "The cloud storage is not ready; Lockwait waits long between tries."),
    row(10, "name-taken", Cause::NameTaken, "The name is in use at the destination; the policy's `collision` decides."),
    row(11, "cross-volume", Cause::CrossVolume, "It cannot be renamed across volumes; Lockwait copies it instead."),
    row(
        12,
        "device",
        Cause::Device,
        "A device is at fault; Lockwait tries a few more times and then gives the file up.",
    ),
    row(13, "denied", Cause::Denied, "It is not allowed; Lockwait leaves the file where it is and says so."),
    row(14, "invalid", Cause::Invalid, "It can never succeed; Lockwait leaves the file where it is and says so."),
    row(15, "infected", Cause::Infected, "A virus scanner objects; Lockwait leaves the file alone and says so."),
    row(
        16,
        "cancelled",
        Cause::Cancelled,
        "The operation was cancelled; Lockwait tries again if it was not the one to cancel.",
    ),
    row(17, "interrupted", Cause::Interrupted, "The call was interrupted; Lockwait repeats it at once."),
    row(18, "unsupported", Cause::Unsupported, "This way of asking is not available here; Lockwait asks another way."),
    row(19, "unknown", Cause::Unknown, "No table has this code; Lockwait waits as for a refusal that may be a lock."),
];

/// The entries, packed.
pub(super) static TABLE: Table = packed!(ENTRIES);
