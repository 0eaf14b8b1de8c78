//! Names are the path's bytes.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use lockwait_core::observation::Name;

pub(crate) fn to_name(text: &OsStr) -> Name {
    Name::from(text.as_bytes())
}

pub(crate) fn to_os(name: &Name) -> Cow<'_, OsStr> {
    Cow::Borrowed(OsStr::from_bytes(name.as_bytes()))
}

/// The path of `folder` as it is watched.
pub(crate) fn watched(folder: &Name) -> PathBuf {
    PathBuf::from(to_os(folder).into_owned())
}

/// The name under which a listing of its folder has the file at `path`, of which a notice told by the name `told`.
pub(crate) fn listed(_path: &Path, told: &OsStr) -> Name {
    to_name(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_every_byte() {
        for bytes in [&b"plain"[..], b"\xff\xfe umlaut \xfc", "Grüße".as_bytes(), &[b'n'; 255]] {
            assert_eq!(to_name(&to_os(&Name::from(bytes))).as_bytes(), bytes);
        }
    }
}
