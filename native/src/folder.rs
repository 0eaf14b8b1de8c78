//! Folders by path, known for a moment, so that work on a file in one costs no walk along its path.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use lockwait_core::observation::Name;

use crate::os::folder::{self, Root};
use crate::os::sys::Stat;

/// How long a known folder is trusted to be the one its path leads to, in milliseconds. A folder that is replaced is
/// noticed after this; a file that is missing is always checked for a replaced folder first.
const TRUSTED_FOR: u64 = 50;

/// How many folders are known at a time. Reaching it forgets all and starts again.
const KEPT: usize = 256;

/// A folder that was there.
pub(crate) struct Folder {
    /// What its files are reached through.
    pub(crate) root: Root,
    /// What it was when it was first seen; of this, volume and file id stay.
    pub(crate) stat: Stat,
    /// When it was last seen at its path, in milliseconds after [`Folders::start`].
    checked: AtomicU64,
}

/// Known folders by path.
pub(crate) struct Folders {
    known: RwLock<HashMap<Name, Arc<Folder>>>,
    start: Instant,
}

impl Default for Folders {
    fn default() -> Folders {
        Folders { known: RwLock::default(), start: Instant::now() }
    }
}

impl Folders {
    /// The folder at `path`.
    ///
    /// # Errors
    /// It cannot be reached, or is none.
    pub(crate) fn get(&self, path: &Name) -> io::Result<Arc<Folder>> {
        match self.find(path) {
            Some(folder) if self.now() < folder.checked.load(Ordering::Relaxed) + TRUSTED_FOR => Ok(folder),
            _ => self.check(path),
        }
    }

    /// The folder that is at `path` at this moment.
    ///
    /// # Errors
    /// It cannot be reached, or is none.
    pub(crate) fn check(&self, path: &Name) -> io::Result<Arc<Folder>> {
        self.look(path).inspect_err(|_| self.forget(path))
    }

    fn look(&self, path: &Name) -> io::Result<Arc<Folder>> {
        let checked = self.now();
        let stat = folder::stat(path)?;
        if let Some(folder) = self.find(path).filter(|folder| folder.stat.is_same_file(&stat)) {
            folder.checked.store(checked, Ordering::Relaxed);
            return Ok(folder);
        }
        let (root, stat) = folder::open(path)?;
        let folder = Arc::new(Folder { root, stat, checked: AtomicU64::new(checked) });
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(path.clone(), Arc::clone(&folder));
        Ok(folder)
    }

    /// Forgets the folder at `path`; the next to ask for it looks for it again.
    pub(crate) fn forget(&self, path: &Name) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(path);
    }

    fn find(&self, path: &Name) -> Option<Arc<Folder>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    #[test]
    fn a_replaced_folder_is_seen_and_none_is_kept_from_going() {
        let scratch = tempfile::tempdir().unwrap();
        let above = scratch.path().join("above");
        let inner = above.join("in");
        std::fs::create_dir_all(&inner).unwrap();
        let (folders, name) = (Folders::default(), path::to_name(&inner));
        let first = folders.get(&name).unwrap();
        assert!(Arc::ptr_eq(&first, &folders.get(&name).unwrap()), "remembered");
        std::fs::rename(&above, scratch.path().join("old")).unwrap();
        assert!(folders.check(&name).is_err());
        std::fs::create_dir_all(&inner).unwrap();
        assert!(!folders.check(&name).unwrap().stat.is_same_file(&first.stat));
    }

    #[test]
    fn a_file_is_no_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Folders::default().get(&path::to_name(file.path())).is_err());
    }
}
