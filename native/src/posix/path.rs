//! Names are the path's bytes.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use lockwait_core::observation::Name;

pub(crate) fn to_name(text: &OsStr) -> Name {
    Name::from(text.as_bytes())
}

pub(crate) fn to_os(name: &Name) -> Cow<'_, OsStr> {
    Cow::Borrowed(OsStr::from_bytes(name.as_bytes()))
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
