//! Text on the wire: UTF-16, or one byte a character, and where requests name users.

use std::sync::LazyLock;

use lockwait_core::observation::Name;
use memchr::memmem::Finder;

use super::LE;

/// Beyond this length no name goes, on the wire or in Windows: UTF-16 units.
const LONGEST: usize = 0x8000;

/// The UTF-16 `bytes` behind `prefix`, up to the first zero if there is one.
pub(super) fn name(prefix: &str, bytes: &[u8]) -> Name {
    let bytes = &bytes[..bytes.len().min(2 * LONGEST)];
    let mut text = Vec::with_capacity(prefix.len() + bytes.len() / 2);
    text.extend_from_slice(prefix.as_bytes());
    for pair in bytes.chunks_exact(2) {
        match *pair {
            [0, 0] => break,
            [low, 0] if low.is_ascii() => text.push(low),
            // Few names get here.
            _ => return foreign(prefix, bytes),
        }
    }
    Name::from(text)
}

/// The same, of any characters.
fn foreign(prefix: &str, bytes: &[u8]) -> Name {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).take_while(|unit| *unit != 0);
    Name::from_utf16(&prefix.encode_utf16().chain(units).collect::<Vec<u16>>())
}

/// Text from UTF-16 `bytes`, up to the first zero.
pub(super) fn wide(bytes: &[u8]) -> String {
    name("", bytes).to_string()
}

/// Text of one byte a character, up to the first zero. Which code page it is in, nobody says.
pub(super) fn narrow(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()).min(LONGEST);
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// Who logs on, when the message has an NTLMSSP AUTHENTICATE_MESSAGE in it ([MS-NLMP] 2.2.1.3).
pub(super) fn user(message: &[u8]) -> Option<String> {
    static TOKEN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"NTLMSSP\0\x03\0\0\0"));
    let at = TOKEN.find(message)?;
    let token = &message[at..];
    let is_wide = LE.u32(token, 60) & 1 != 0;
    let field = |at: usize| {
        let (length, offset) = (usize::from(LE.u16(token, at)), LE.u32(token, at + 4) as usize);
        let bytes = token.get(offset..).and_then(|rest| rest.get(..length)).unwrap_or_default();
        if is_wide { wide(bytes) } else { narrow(bytes) }
    };
    Some(person(&field(28), &field(36), &field(44)))
}

/// `domain\user (machine)`, as far as known; empty when nothing is.
pub(super) fn person(domain: &str, user: &str, machine: &str) -> String {
    match (domain, user, machine) {
        (_, "", machine) => machine.into(),
        ("", user, "") => user.into(),
        (domain, user, "") => format!("{domain}\\{user}"),
        ("", user, machine) => format!("{user} ({machine})"),
        (domain, user, machine) => format!("{domain}\\{user} ({machine})"),
    }
}
