//! Notices that trying now may pay, from the operating system's file notices.
//!
//! A notice is never proof, and notices get lost: the queue overflows, a mounted network share (CIFS, NFS) gives none
//! for what other machines do, a memory mapping gives none at all. Whoever uses them scans the folder now and then
//! and keeps trying on its own clock.
//!
//! Asked for: a file created, renamed into the folder, removed, or closed by somebody who could write. Not asked for:
//! opens, data changes and the closes of readers, because looking at a file opens and closes it for reading, and each
//! look would then call for the next. Windows tells of no closes at all; but it tells of a change of size or time when
//! the writer's cache is flushed, which is at the close at the latest.

use std::ffi::OsStr;
use std::path::PathBuf;

use lockwait_core::observation::{Hint, Name, Place};
use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RemoveKind, RenameMode};
use notify::{Config, EventKindMask, RecommendedWatcher, RecursiveMode, Watcher};

use crate::burst::OWN_PREFIX;
use crate::os;

/// What a watched folder tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// Trying this file now may pay.
    File(Place, Hint),
    /// Notices were lost, or something happened that names no file: scan all watched folders.
    Rescan,
    /// This watched folder was removed, renamed or unmounted; it gives no more notices. Linux tells of all three, other
    /// systems not of each.
    FolderGone(Name),
}

/// Watches folders until dropped.
pub struct Hints {
    _watcher: RecommendedWatcher,
}

/// Why folders cannot be watched. The poll still works without.
#[derive(Debug)]
pub struct HintsError(notify::Error);

impl Hints {
    /// Watches `folders` (not their subfolders) and calls `callback` on a thread of its own for each notice. The
    /// places in notices spell the folder exactly as given here.
    ///
    /// # Errors
    /// There are no file notices here, a folder cannot be watched, or the system's limit of watches is reached.
    pub fn watch(folders: &[Name], callback: impl Fn(Notice) + Send + 'static) -> Result<Hints, HintsError> {
        let roots: Vec<(PathBuf, Name)> =
            folders.iter().map(|folder| (os::path::watched(folder), folder.clone())).collect();
        let kinds =
            EventKindMask::CREATE | EventKindMask::REMOVE | EventKindMask::MODIFY_NAME | EventKindMask::ACCESS_CLOSE;
        let config = Config::default().with_event_kinds(kinds).with_follow_symlinks(false);
        let watched = roots.clone();
        let handler = move |event: notify::Result<notify::Event>| tell(&roots, event, &callback);
        let mut watcher = RecommendedWatcher::new(handler, config).map_err(HintsError)?;
        for (root, _) in &watched {
            watcher.watch(root, RecursiveMode::NonRecursive).map_err(HintsError)?;
        }
        Ok(Hints { _watcher: watcher })
    }
}

/// Turns one event of the `notify` crate into notices.
fn tell(roots: &[(PathBuf, Name)], event: notify::Result<notify::Event>, callback: &impl Fn(Notice)) {
    let Ok(event) = event else { return callback(Notice::Rescan) };
    if event.need_rescan() {
        return callback(Notice::Rescan);
    }
    let hint = match event.kind {
        EventKind::Create(CreateKind::Folder) => return,
        EventKind::Create(_) => Hint::Seen,
        EventKind::Access(AccessKind::Close(AccessMode::Read)) => return,
        EventKind::Access(AccessKind::Close(_)) => Hint::Closed,
        // A rename is told as its two halves; the event with both paths would only repeat them.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => return,
        EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Hint::Removed,
        EventKind::Modify(ModifyKind::Name(_)) => Hint::Renamed,
        EventKind::Remove(_) => Hint::Removed,
        EventKind::Modify(_) => Hint::Changed,
        EventKind::Access(_) => return,
        EventKind::Any | EventKind::Other => return callback(Notice::Rescan),
    };
    let folder_removed = matches!(event.kind, EventKind::Remove(RemoveKind::Folder));
    for changed in &event.paths {
        if let Some((_, folder)) = roots.iter().find(|(root, _)| root == changed) {
            if hint == Hint::Removed {
                callback(Notice::FolderGone(folder.clone()));
            }
        } else if let (Some(parent), Some(name), false) = (changed.parent(), changed.file_name(), folder_removed)
            && !is_own(name)
            && let Some((_, folder)) = roots.iter().find(|(root, _)| root == parent)
        {
            callback(Notice::File(Place { folder: folder.clone(), name: os::path::listed(changed, name) }, hint));
        }
    }
}

/// Our own claims come and go in the folders that are watched, once for each file that is copied.
fn is_own(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(OWN_PREFIX)
}

impl std::fmt::Display for HintsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no file notices, so files are only found by looking every now and then: {}", self.0)
    }
}

impl std::error::Error for HintsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
