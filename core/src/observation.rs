//! What can be seen about a file: the facts of a look, refusals, holders, hints, and a host's answers.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::code::Code;
use crate::time::Timestamp;

mod form;
pub mod sighting;
mod wide;
mod words;

/// A file's or folder's name exactly as the operating system has it.
///
/// Bytes on POSIX, WTF-8 on Windows (so that unpaired surrogates survive). Displays with U+FFFD for what is not
/// UTF-8; serializes as a string where it is UTF-8 and as `{"hex": …}` where not, so nothing is lost.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Name(Box<[u8]>);

/// Where a file is: its folder's path and its name in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Path of the folder.
    pub folder: Name,
    /// Name of the file in the folder; no separator in it.
    pub name: Name,
}

/// What a look at a file says about it, apart from its content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// Size in bytes.
    pub size: u64,
    /// Time of last modification in nanoseconds since 1970 UTC, as the file system has it; 0 when unknown. Only
    /// ever compared with itself, never with the host's clock.
    pub modified: u64,
    /// A number that another file in the same place would not share (made from volume and file id); 0 when unknown.
    pub identity: u64,
}

/// What a holder may do with the file, or what our probe learned of that.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Access {
    /// Not known.
    #[default]
    Unknown = 0,
    /// Reads only.
    Read = 1,
    /// Writes only.
    Write = 2,
    /// Reads and writes.
    ReadWrite = 3,
}

/// How a probe came to its answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Method {
    /// The host did not say.
    #[default]
    Unknown = 0,
    /// The open itself.
    Open = 1,
    /// A rung of the share-mode ladder (Windows, SMB).
    ShareMode = 2,
    /// A read lease: granted only when no writer has the file open (Linux).
    Lease = 3,
    /// A test for POSIX and open-file-description record locks.
    RecordLock = 4,
    /// A test for a `flock` lock.
    Flock = 5,
    /// Nothing here can tell; only size and time standing still speak.
    Stability = 6,
}

/// Whether the content proves its own end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Content {
    /// The format does not tell, or is not known.
    #[default]
    Unknown = 0,
    /// The format's own end is there.
    Complete = 1,
    /// The format's own end is missing: the writer is not done.
    Incomplete = 2,
}

/// How far a refusal reaches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Scope {
    /// The one file.
    #[default]
    File = 0,
    /// The whole folder: it, or the way to it, cannot be reached.
    Folder = 1,
}

/// A notice that trying now may pay. Never proof.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Hint {
    /// Somebody who could write closed the file.
    Closed = 1,
    /// The file was given this name.
    Renamed = 2,
    /// Its content or attributes changed.
    Changed = 3,
    /// It was seen in the folder.
    Seen = 4,
    /// It is gone from the folder.
    Removed = 5,
}

/// A successful look: nobody stands in the way.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Look {
    /// Size, time, identity at the look.
    pub facts: Facts,
    /// What [`crate::complete::check`] says of the content.
    #[serde(default)]
    pub content: Content,
    /// How the probe knows that nobody stands in the way.
    #[serde(default)]
    pub method: Method,
    /// The files this one names and travels with (gateway body and attachments; the data file of a done-marker).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<Place>,
}

/// A refused attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// What the attempt failed with.
    pub code: Code,
    /// The one file, or the whole folder.
    #[serde(default)]
    pub scope: Scope,
    /// Size, time, identity where they could be had in spite of the refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
    /// What the probe could tell of the holder's access.
    #[serde(default)]
    pub access: Access,
    /// Which way of asking met the refusal.
    #[serde(default)]
    pub method: Method,
}

impl Refusal {
    /// A refusal of one file about which nothing but its code is known.
    pub fn new(code: Code) -> Refusal {
        Refusal { code, scope: Scope::File, facts: None, access: Access::Unknown, method: Method::Unknown }
    }
}

/// A file that was taken.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Taken {
    /// Where it is now, as a full path.
    pub to: Name,
    /// Its size in bytes.
    pub bytes: u64,
}

/// One process or session that has the file open.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Program, user or machine name; empty when unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Process id on the machine that has the file open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Network address or session of a remote holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it may do with the file.
    #[serde(default)]
    pub access: Access,
    /// The kind of lock it holds (`posix`, `ofd`, `flock`, `lease`), or its share mode; empty for a plain open.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub share: String,
    /// It is the very program that asks.
    #[serde(default)]
    pub own: bool,
    /// It runs as the user who owns the file; `None` when that could not be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<bool>,
    /// How many other files of the same folder it has open.
    #[serde(default)]
    pub others: u32,
    /// When it was first seen to have the file open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// When it let go, where seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// The answer to "who holds it?". Asked and found none, could not ask, and not asked are three answers.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holders {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// Asked; these (none when empty).
    Found(Vec<Holder>),
    /// The question could not be put, or not completely, because of this.
    CouldNotAsk(Code),
}

impl Holders {
    /// The holders that were found; none in the other cases.
    pub fn list(&self) -> &[Holder] {
        match self {
            Holders::Found(list) => list,
            Holders::NotAsked | Holders::CouldNotAsk(_) => &[],
        }
    }
}

impl Access {
    /// Whether the holder may write; `None` when unknown.
    pub fn writes(self) -> Option<bool> {
        match self {
            Access::Unknown => None,
            Access::Read => Some(false),
            Access::Write | Access::ReadWrite => Some(true),
        }
    }

    /// `unknown`, `read`, `write`, `read-write`: as JSON and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Unknown => "unknown",
            Access::Read => "read",
            Access::Write => "write",
            Access::ReadWrite => "read-write",
        }
    }
}

impl Name {
    /// The bytes, unchanged.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<T: AsRef<[u8]> + ?Sized> From<&T> for Name {
    fn from(bytes: &T) -> Name {
        Name(bytes.as_ref().into())
    }
}

impl From<Vec<u8>> for Name {
    fn from(bytes: Vec<u8>) -> Name {
        Name(bytes.into_boxed_slice())
    }
}

impl Place {
    /// The file called `name` in `folder`.
    pub fn new(folder: impl Into<Name>, name: impl Into<Name>) -> Place {
        Place { folder: folder.into(), name: name.into() }
    }

    /// The full path: folder, separator, name. The separator is `\` where the folder is written with `\` alone.
    pub fn path(&self) -> Name {
        join(&self.folder.0, &self.name.0)
    }
}

/// See [`Place::path`].
pub(crate) fn join(folder: &[u8], name: &[u8]) -> Name {
    let separator = if folder.contains(&b'\\') && !folder.contains(&b'/') { b'\\' } else { b'/' };
    let mut path = Vec::with_capacity(folder.len() + 1 + name.len());
    path.extend_from_slice(folder);
    if !folder.is_empty() && folder.last() != Some(&separator) {
        path.push(separator);
    }
    path.extend_from_slice(name);
    Name::from(path)
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match core::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("hex", &hex(&self.0))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Name;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or an object with the bytes in hex")
            }
            fn visit_str<E>(self, text: &str) -> Result<Name, E> {
                Ok(Name::from(text))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Name, A::Error> {
                let mut name = None;
                while let Some(key) = map.next_key::<String>()? {
                    if key != "hex" {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let hex: String = map.next_value()?;
                    name = Some(unhex(&hex).map(Name::from).ok_or_else(|| {
                        A::Error::custom(alloc::format!("'{hex}' is not an even number of hex digits"))
                    })?);
                }
                name.ok_or_else(|| A::Error::missing_field("hex"))
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// Lower-case hex digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes that [`hex`] wrote, or `None` when `text` is not such.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_that_are_not_utf_8_survive_json() {
        for bytes in [&b"plain"[..], "Grüße".as_bytes(), b"\xff\xfe\x00", b""] {
            let name = Name::from(bytes);
            let text = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<Name>(&text).unwrap(), name);
        }
    }

    #[test]
    fn paths_are_joined_with_the_folders_own_separator() {
        assert_eq!(Place::new("/in", "a").path().to_string(), "/in/a");
        assert_eq!(Place::new("/", "a").path().to_string(), "/a");
        assert_eq!(Place::new("C:\\in", "a").path().to_string(), "C:\\in\\a");
        assert_eq!(Place::new("\\\\srv\\share\\", "a").path().to_string(), "\\\\srv\\share\\a");
    }
}
