//! A folder for one run, gone afterwards.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

/// A folder of our own among the system's temporary files, removed with all in it when dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Creates it.
    ///
    /// # Errors
    /// There is something of that name already, or the system's folder for temporary files is not writable.
    pub(super) fn new() -> io::Result<Scratch> {
        let path = std::env::temp_dir().join(format!("lockwait-demo-{}", process::id()));
        let told =
            |error: io::Error| io::Error::new(error.kind(), format!("cannot create '{}': {error}", path.display()));
        fs::create_dir(&path).map_err(told)?;
        Ok(Scratch(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Only temporary files are left if it fails.
        let _ = fs::remove_dir_all(&self.0);
    }
}
