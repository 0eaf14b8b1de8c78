//! Names and places as paths of this operating system and back, without changing a byte.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use lockwait_core::observation::{Name, Place};

use crate::os;

/// The name that the operating system spells `text`.
pub fn to_name(text: impl AsRef<OsStr>) -> Name {
    os::path::to_name(text.as_ref())
}

/// `name` as the operating system spells it.
pub fn to_os(name: &Name) -> Cow<'_, OsStr> {
    os::path::to_os(name)
}

/// The path that `name` spells.
pub fn to_path(name: &Name) -> PathBuf {
    PathBuf::from(to_os(name).into_owned())
}

/// The full path of the file at `place`.
pub fn of_place(place: &Place) -> PathBuf {
    to_path(&place.path())
}

/// The folder and the name in it of the file at `path`; the folder is `.` for a bare name. `None` when `path` ends
/// in no name (`/`, `..`).
pub fn to_place(path: &Path) -> Option<Place> {
    let name = path.file_name()?;
    let mut folder = path.parent()?.to_path_buf();
    // What the program's working folder is to a bare name, a drive's is to `C:name`.
    let mut parts = folder.components();
    if matches!((parts.next(), parts.next()), (None | Some(Component::Prefix(_)), None)) {
        folder.push(".");
    }
    Some(Place { folder: to_name(folder), name: to_name(name) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_splits_into_its_folder_and_name_and_joins_again() {
        for path in ["/in/a.txt", "in/a.txt", "/a", "/in/Grüße.API"] {
            let place = to_place(Path::new(path)).unwrap();
            assert_eq!(of_place(&place), Path::new(path));
        }
        assert_eq!(to_place(Path::new("a")), Some(Place::new(".", "a")));
        assert_eq!(to_place(Path::new("/")), None);
        assert_eq!(to_place(Path::new("in/..")), None);
    }

    #[cfg(windows)]
    #[test]
    fn windows_paths_split_at_either_separator_and_after_a_drive() {
        for (path, folder) in [
            (r"C:\in\a", r"C:\in"),
            ("C:/in/a", "C:/in"),
            (r"C:\a", r"C:\"),
            ("C:a", "C:."),
            (r"\\server\share\a", r"\\server\share\"),
            (r"\\?\C:\in\a", r"\\?\C:\in"),
        ] {
            assert_eq!(to_place(Path::new(path)), Some(Place::new(folder, "a")), "{path}");
        }
    }
}
