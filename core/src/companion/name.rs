//! Names out of a file's content that are to become paths.

use core::fmt;

/// Why a name must not become part of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameError {
    /// It has no characters.
    Empty,
    /// It is longer than 255 bytes, which common file systems do not hold.
    TooLong,
    /// It is `.` or `..`.
    Dots,
    /// It has a `/` or `\`.
    Separator,
    /// It has a `:`: a drive, or a stream of another file.
    Colon,
    /// It has a control character.
    Control,
    /// It ends with a dot or a space, which Windows drops, so that it would be another file's name.
    TrailingDotOrSpace,
    /// Windows takes it for a device, whatever its extension.
    Device,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NameError::Empty => "it is empty",
            NameError::TooLong => "it is longer than 255 bytes",
            NameError::Dots => "it stands for a folder",
            NameError::Separator => "it has a path separator in it",
            NameError::Colon => "it has a colon in it, as drives and streams do",
            NameError::Control => "it has a control character in it",
            NameError::TrailingDotOrSpace => "it ends with a dot or a space",
            NameError::Device => "Windows takes it for a device",
        })
    }
}

impl core::error::Error for NameError {}

/// Device names that Windows finds in every folder ("Naming Files, Paths, and Namespaces", Win32 documentation).
const DEVICES: [&[u8]; 7] = [b"CON", b"PRN", b"AUX", b"NUL", b"CONIN$", b"CONOUT$", b"CLOCK$"];

/// Whether `name`, read from a file's content, names a file in a folder and nothing else, on every system.
///
/// The bytes are taken as ASCII with unknown characters above. In a code page whose second bytes may be `\` that
/// refuses a few harmless names, and lets no harmful one through.
///
/// # Errors
/// The first reason why not.
pub fn safe_name(name: &[u8]) -> Result<(), NameError> {
    let first = |wrong: fn(u8) -> bool| name.iter().any(|byte| wrong(*byte));
    match name {
        [] => Err(NameError::Empty),
        b"." | b".." => Err(NameError::Dots),
        _ if first(|byte| matches!(byte, b'/' | b'\\')) => Err(NameError::Separator),
        _ if first(|byte| byte == b':') => Err(NameError::Colon),
        _ if first(|byte| byte.is_ascii_control()) => Err(NameError::Control),
        [.., b'.' | b' '] => Err(NameError::TrailingDotOrSpace),
        _ if is_device(name) => Err(NameError::Device),
        _ if name.len() > 255 => Err(NameError::TooLong),
        _ => Ok(()),
    }
}

/// The part before the first dot decides, without the blanks at its end.
fn is_device(name: &[u8]) -> bool {
    let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default().trim_ascii_end();
    let port = |stem: &[u8]| {
        stem.split_at_checked(3).is_some_and(|(kind, number)| {
            (kind.eq_ignore_ascii_case(b"COM") || kind.eq_ignore_ascii_case(b"LPT")) && is_port_number(number)
        })
    };
    DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) || port(stem)
}

/// A digit from 1 to 9, or a superscript 1, 2 or 3 in UTF-8 or Latin-1.
fn is_port_number(number: &[u8]) -> bool {
    matches!(number, [b'1'..=b'9'] | [0xc2, 0xb9 | 0xb2 | 0xb3] | [0xb9 | 0xb2 | 0xb3])
}
