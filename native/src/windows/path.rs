//! Names are WTF-8: UTF-8 that also holds the unpaired surrogates that a name on Windows may have.
//!
//! Paths go to the system in their long form (`\\?\C:\in`, `\\?\UNC\server\share\in`): it has no limit of 260
//! characters, and the system takes what follows as it is. Without it a name's final dot or blank would be dropped,
//! and `NUL.txt` would be a device.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use lockwait_core::companion::{self, NameError};
use lockwait_core::observation::Name;
use windows_sys::Win32::Foundation::{ERROR_BAD_PATHNAME, ERROR_INVALID_NAME};

use super::sys;

/// The longest name of a file, in UTF-16 units ("Maximum Path Length Limitation", Win32 documentation).
const LONGEST_NAME: usize = 255;

/// Eight characters, a dot, three characters.
const LONGEST_SHORT_NAME: usize = 12;

const TILDE: u16 = b'~' as u16;
const BACKSLASH: u16 = b'\\' as u16;
const SLASH: u16 = b'/' as u16;

/// A text for a system call: UTF-16 that ends in a zero, with none before its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wide(Vec<u16>);

impl Wide {
    /// `units` for a system call.
    ///
    /// # Errors
    /// `ERROR_INVALID_NAME` when there is a zero in it.
    pub(crate) fn new(units: impl Into<Vec<u16>>) -> io::Result<Wide> {
        let mut units = units.into();
        if units.contains(&0) {
            return Err(error(ERROR_INVALID_NAME));
        }
        units.push(0);
        Ok(Wide(units))
    }

    /// Points to the first unit; the last is a zero.
    pub(crate) fn as_ptr(&self) -> *const u16 {
        self.0.as_ptr()
    }

    /// Without the zero at the end.
    pub(crate) fn units(&self) -> &[u16] {
        self.0.split_last().map_or(&[], |(_, units)| units)
    }

    /// The path of the file called `name` in the folder with this path.
    pub(crate) fn join(&self, name: &Wide) -> Wide {
        let mut path = Vec::with_capacity(self.0.len() + name.0.len() + 1);
        path.extend_from_slice(self.units());
        if path.last() != Some(&BACKSLASH) {
            path.push(BACKSLASH);
        }
        path.extend_from_slice(&name.0);
        Wide(path)
    }
}

pub(crate) fn to_name(text: &OsStr) -> Name {
    match text.to_str() {
        Some(text) => Name::from(text),
        None => Name::from_utf16(&text.encode_wide().collect::<Vec<u16>>()),
    }
}

pub(crate) fn to_os(name: &Name) -> Cow<'_, OsStr> {
    match std::str::from_utf8(name.as_bytes()) {
        Ok(text) => Cow::Borrowed(OsStr::new(text)),
        Err(_) => Cow::Owned(OsString::from_wide(&utf16(name))),
    }
}

/// `name` in UTF-16. Bytes that are no WTF-8 come out of a file that names others in the code page it was written in:
/// such a name is read in the system's code page.
pub(crate) fn utf16(name: &Name) -> Vec<u16> {
    name.as_utf16().unwrap_or_else(|| sys::from_code_page(name.as_bytes()))
}

/// `name` for a system call.
///
/// # Errors
/// `ERROR_INVALID_NAME` when it cannot be, or must not become, the name of a file in a folder: what
/// [`companion::safe_name`] refuses. The long form would reach a file called `NUL.txt` or `a.`; but no other program
/// could open it where it is taken to, or would open a device or another file instead. A colon names a stream.
pub(crate) fn file_name(name: &Name) -> io::Result<Wide> {
    match companion::safe_name(name.as_bytes()) {
        // Its limit is in bytes, that of Windows in UTF-16 units.
        Ok(()) | Err(NameError::TooLong) => {}
        Err(_) => return Err(error(ERROR_INVALID_NAME)),
    }
    let units = utf16(name);
    // In a code page, bytes that were harmless one by one may mean something else together.
    let meant = [BACKSLASH, SLASH, u16::from(b':')];
    if units.len() > LONGEST_NAME || units.iter().any(|unit| meant.contains(unit)) {
        return Err(error(ERROR_INVALID_NAME));
    }
    Wide::new(units)
}

/// The long form of `path`, from the root on, with backslashes only.
///
/// # Errors
/// `ERROR_BAD_PATHNAME` when it is empty or has a zero in it; what the system says when it has no full form.
pub(crate) fn long(path: &Name) -> io::Result<Wide> {
    let units = utf16(path);
    if units.is_empty() || units.contains(&0) {
        return Err(error(ERROR_BAD_PATHNAME));
    }
    if starts(&units, r"\\?\") {
        return Wide::new(units);
    }
    let full = sys::full_path(&Wide::new(units)?)?;
    Wide::new(match full.as_slice() {
        // A device, as `\\.\NUL`: it is no folder, and the system will say so. Or the long form, given with slashes.
        _ if starts(&full, r"\\.\") || starts(&full, r"\\?\") => full,
        [BACKSLASH, BACKSLASH, share @ ..] => [&prefix(r"\\?\UNC\")[..], share].concat(),
        _ => [&prefix(r"\\?\")[..], &full].concat(),
    })
}

/// The path of `folder` as it is watched: in its long form, where it has one.
pub(crate) fn watched(folder: &Name) -> PathBuf {
    match long(folder) {
        Ok(long) => OsString::from_wide(long.units()).into(),
        Err(_) => to_os(folder).into_owned().into(),
    }
}

/// The name under which a listing of its folder has the file at `path`, of which a notice told by the name `told`.
///
/// Notices may use a file's short name (`LETTER~1.TXT`), which would look like another file.
pub(crate) fn listed(path: &Path, told: &OsStr) -> Name {
    let units: Vec<u16> = told.encode_wide().collect();
    if units.len() > LONGEST_SHORT_NAME || !units.contains(&TILDE) {
        return to_name(told);
    }
    // A file that is gone keeps the name it was told of by; nobody waits for one of that name.
    let full = Wide::new(path.as_os_str().encode_wide().collect::<Vec<u16>>()).and_then(|path| sys::listed_path(&path));
    let name = full.ok().and_then(|full| full.rsplit(|unit| *unit == BACKSLASH).next().map(<[u16]>::to_vec));
    Name::from_utf16(&name.unwrap_or(units))
}

/// The path whose long form is `long`, for what does not know that form.
pub(crate) fn short(long: &Wide) -> io::Result<Wide> {
    let units = long.units();
    Wide::new(match (units.strip_prefix(&prefix(r"\\?\UNC\")[..]), units.strip_prefix(&prefix(r"\\?\")[..])) {
        (Some(share), _) => [&[BACKSLASH, BACKSLASH], share].concat(),
        (None, Some(path)) => path.to_vec(),
        (None, None) => units.to_vec(),
    })
}

/// `text` in UTF-16.
fn prefix(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn starts(units: &[u16], text: &str) -> bool {
    units.starts_with(&prefix(text))
}

fn error(code: u32) -> io::Error {
    io::Error::from_raw_os_error(code.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long_text(path: &str) -> String {
        String::from_utf16(long(&Name::from(path)).unwrap().units()).unwrap()
    }

    #[test]
    fn names_keep_every_unit() {
        for units in [
            &[0x61, 0xd800][..],
            &[0xdc00, 0xd800, 0x62],
            &[0xd83d, 0xde00],
            &[0xffff, 0xfffd, 1],
            &[0xdbff, 0xdbff, 0xdfff, 0xdfff],
            &[],
        ] {
            let name = to_name(&OsString::from_wide(units));
            assert_eq!(utf16(&name), units);
            assert_eq!(to_os(&name).encode_wide().collect::<Vec<u16>>(), units);
        }
        for unit in 0..=u16::MAX {
            assert_eq!(utf16(&Name::from_utf16(&[unit])), [unit]);
        }
        assert_eq!(to_name(OsStr::new("Grüße😀")).as_bytes(), "Grüße😀".as_bytes());
        assert_eq!(Name::from_utf16(&[0xd800]).as_bytes(), b"\xed\xa0\x80");
    }

    #[test]
    fn bytes_of_another_encoding_are_read_in_the_systems_code_page() {
        let units = utf16(&Name::from(b"Gr\xfc\xdfe.001"));
        assert!(units.starts_with(&prefix("Gr")) && units.ends_with(&prefix("e.001")), "{units:x?}");
    }

    #[test]
    fn paths_get_their_long_form() {
        for (path, expected) in [
            (r"C:\in", r"\\?\C:\in"),
            ("C:/in/../out", r"\\?\C:\out"),
            (r"\\server\share\in", r"\\?\UNC\server\share\in"),
            ("//server/share/in", r"\\?\UNC\server\share\in"),
            (r"\\?\C:\a.", r"\\?\C:\a."),
            ("//?/C:/a", r"\\?\C:\a"),
            (r"\\?\UNC\server\share", r"\\?\UNC\server\share"),
        ] {
            assert_eq!(long_text(path), expected, "{path}");
        }
        for path in [r"C:\in\a", r"\\server\share\a"] {
            assert_eq!(short(&long(&Name::from(path)).unwrap()).unwrap().units(), prefix(path));
        }
        let relative = long_text("in");
        assert!(relative.starts_with(r"\\?\") && relative.ends_with(r"\in"), "{relative}");
        let deep = format!(r"C:\{}", "folder\\".repeat(1_000));
        assert_eq!(long_text(&deep), format!(r"\\?\{deep}"));
        assert!(long(&Name::from("")).is_err() && long(&Name::from("C:\\a\0b")).is_err());
    }

    #[test]
    fn a_name_that_may_be_a_short_one_is_looked_up() {
        let scratch = tempfile::tempdir().unwrap();
        for name in ["a~2.txt", "plain.txt"] {
            std::fs::write(scratch.path().join(name), "").unwrap();
            assert_eq!(
                listed(&watched(&to_name(scratch.path().as_os_str())).join(name), OsStr::new(name)).as_bytes(),
                name.as_bytes()
            );
        }
        assert_eq!(listed(&scratch.path().join("GONE~1.TXT"), OsStr::new("GONE~1.TXT")), Name::from("GONE~1.TXT"));
    }

    #[test]
    fn a_folder_and_a_name_join_with_one_separator() {
        let name = file_name(&Name::from("a.txt")).unwrap();
        for (folder, path) in [(r"\\?\C:\", r"\\?\C:\a.txt"), (r"\\?\C:\in", r"\\?\C:\in\a.txt")] {
            assert_eq!(Wide::new(prefix(folder)).unwrap().join(&name).units(), prefix(path));
        }
    }

    #[test]
    fn a_name_that_would_be_another_file_a_stream_or_a_device_is_refused() {
        for name in
            ["", ".", "..", "a/b", r"a\b", "C:", "a:stream", "a::$DATA", "a\0", "a.", "a ", "NUL", "nul.txt", "Com1.x"]
        {
            assert!(file_name(&Name::from(name)).is_err(), "{name}");
        }
        for name in ["a", "null", ".hidden", "COM10", "Grüße.txt", "a;b", &"ü".repeat(255)] {
            assert!(file_name(&Name::from(name)).is_ok(), "{name}");
        }
        assert!(file_name(&Name::from(&"n".repeat(256))).is_err());
        assert!(file_name(&Name::from_utf16(&[0x61, 0xd800])).is_ok());
    }
}
