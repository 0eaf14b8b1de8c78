//! What tells one file or folder from another that later has its name.

use std::fs::Metadata;

/// A number pair that two things do not share while both exist.
pub(super) type Identity = (u64, u64);

/// Identity and last change: two equal stamps mean that nothing was done to the file in between.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    identity: Identity,
    changed: (i64, i64),
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Stamp {
        Stamp { identity: identity(metadata), changed: changed(metadata) }
    }
}

#[cfg(unix)]
pub(super) fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> (i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.ctime(), metadata.ctime_nsec())
}

/// The standard library has no file id here; the time of creation stands in for it.
#[cfg(windows)]
pub(super) fn identity(metadata: &Metadata) -> Identity {
    use std::os::windows::fs::MetadataExt;
    (0, metadata.creation_time())
}

#[cfg(windows)]
fn changed(metadata: &Metadata) -> (i64, i64) {
    use std::os::windows::fs::MetadataExt;
    (metadata.last_write_time().cast_signed(), metadata.file_size().cast_signed())
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
        let first = Stamp::of(&fs::metadata(&path).unwrap());
        assert_eq!(Stamp::of(&fs::metadata(&path).unwrap()), first);
        fs::rename(&path, folder.path().join("b")).unwrap();
        fs::write(&path, "1").unwrap();
        assert_ne!(Stamp::of(&fs::metadata(&path).unwrap()), first);
    }
}
