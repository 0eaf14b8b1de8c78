//! What tells one file or folder from another that later has its name.

use std::io;
use std::path::Path;

use crate::os;

/// A number pair that two things do not share while both exist.
pub(super) type Identity = (u64, u64);

/// Identity and last change: two equal stamps mean that nothing was done to the file in between.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    identity: Identity,
    changed: (i64, i64),
}

impl Stamp {
    /// That of what is at `path` itself, be it a link.
    ///
    /// # Errors
    /// There is nothing, or it cannot be looked at.
    pub(super) fn of(path: &Path) -> io::Result<Stamp> {
        os::ident::stamp(path).map(|(identity, changed)| Stamp { identity, changed })
    }
}

/// What is at `path`, links followed.
///
/// # Errors
/// There is nothing, or it cannot be looked at.
pub(super) fn identity(path: &Path) -> io::Result<Identity> {
    os::ident::identity(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_changed_or_replaced_file_has_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "1").unwrap();
        let first = Stamp::of(&path).unwrap();
        assert_eq!(Stamp::of(&path).unwrap(), first);
        fs::rename(&path, folder.path().join("b")).unwrap();
        fs::write(&path, "1").unwrap();
        assert_ne!(Stamp::of(&path).unwrap(), first);
    }
}
