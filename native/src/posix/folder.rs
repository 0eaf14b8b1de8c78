//! Folders kept open, so that work on a file in one costs no walk along its path.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use lockwait_core::observation::Name;

use super::sys::{self, Stat};

/// How long an open folder is trusted to be the one its path leads to, in milliseconds. A folder that is replaced
/// is noticed after this; a file that is missing is always checked for a replaced folder first.
const TRUSTED_FOR: u64 = 50;

/// How many folders are kept open. Reaching it closes all and starts again.
const KEPT: usize = 256;

/// An open folder.
pub(crate) struct Folder {
    /// For the calls that end in `_at`, and for flushing it.
    pub(crate) file: File,
    /// What it was when it was opened; of this, device and inode stay.
    pub(crate) stat: Stat,
    /// When it was last seen at its path, in milliseconds after [`Folders::start`].
    checked: AtomicU64,
}

/// Open folders by path.
pub(crate) struct Folders {
    open: RwLock<HashMap<Name, Arc<Folder>>>,
    start: Instant,
}

impl Default for Folders {
    fn default() -> Folders {
        Folders { open: RwLock::default(), start: Instant::now() }
    }
}

impl Folders {
    /// The folder at `path`.
    ///
    /// # Errors
    /// It cannot be reached or opened.
    pub(crate) fn get(&self, path: &Name) -> io::Result<Arc<Folder>> {
        let kept = self.open.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        match kept {
            Some(folder) if self.now() < folder.checked.load(Ordering::Relaxed) + TRUSTED_FOR => Ok(folder),
            _ => self.check(path),
        }
    }

    /// The folder that is at `path` at this moment.
    ///
    /// # Errors
    /// It cannot be reached or opened.
    pub(crate) fn check(&self, path: &Name) -> io::Result<Arc<Folder>> {
        let checked = self.now();
        let result = sys::path(path).and_then(|text| {
            let stat = sys::stat_path(&text)?;
            let kept = self.open.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
            match kept {
                Some(folder) if folder.stat.is_same_file(&stat) => {
                    folder.checked.store(checked, Ordering::Relaxed);
                    Ok((folder, false))
                }
                _ => {
                    let file = sys::open_folder(&text)?;
                    let stat = sys::stat_file(&file)?;
                    Ok((Arc::new(Folder { file, stat, checked: AtomicU64::new(checked) }), true))
                }
            }
        });
        match result {
            Ok((folder, false)) => Ok(folder),
            Ok((folder, true)) => {
                let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
                if open.len() >= KEPT {
                    open.clear();
                }
                open.insert(path.clone(), Arc::clone(&folder));
                Ok(folder)
            }
            Err(error) => {
                self.forget(path);
                Err(error)
            }
        }
    }

    /// Closes the folder at `path`; the next to ask for it opens it again.
    pub(crate) fn forget(&self, path: &Name) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(path);
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
    fn a_replaced_folder_is_opened_again() {
        let scratch = tempfile::tempdir().unwrap();
        let inner = scratch.path().join("in");
        std::fs::create_dir(&inner).unwrap();
        let (folders, name) = (Folders::default(), path::to_name(&inner));
        let first = folders.get(&name).unwrap();
        assert!(Arc::ptr_eq(&first, &folders.get(&name).unwrap()), "kept open");
        std::fs::rename(&inner, scratch.path().join("old")).unwrap();
        assert!(folders.check(&name).is_err());
        std::fs::create_dir(&inner).unwrap();
        assert!(!folders.check(&name).unwrap().stat.is_same_file(&first.stat));
    }
}
