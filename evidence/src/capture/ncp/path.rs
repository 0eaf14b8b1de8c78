//! The one form in which a file of a NetWare server is written.
//!
//! NCP names a file by where its path begins and the names from there on. Written with the server's address and `/`
//! between names, that is
//!
//! | the path begins at | form |
//! |---|---|
//! | a volume's name | `10.0.0.9:SYS/PUBLIC/LOGIN.EXE` |
//! | a directory's number on a numbered volume | `10.0.0.9:vol1/dir#1234/LOGIN.EXE` |
//! | a directory handle of which the capture shows the directory | that directory's own form |
//! | a directory handle from before the capture | `10.0.0.9:dirhandle#2@42/LOGIN.EXE`, 42 being the connection |
//! | an open file from before the capture | `10.0.0.9:open#7380e1e2@42` |
//!
//! Volumes and directories have the same numbers for every client; handles belong to one connection, and their numbers
//! say nothing about another's. Names keep their case and their bytes, whatever the character set; NetWare compares
//! them without regard to case. Two clients that name one file in two ways get two forms: nothing in the packets of
//! either tells that they are the same.

use std::collections::BTreeMap;

use super::wire::{le16, le32, text};

/// No path is longer: NetWare's own limit is 255 characters. Longer ones are not followed.
const LONGEST: usize = 1_024;

/// A path without the server.
pub(super) type Path = Box<[u8]>;

/// Where a request has its path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PathAt {
    /// One text, `VOLUME:DIR\NAME` or relative to a directory handle: offsets of both.
    Text { handle: usize, name: usize },
    /// Volume (1 byte), directory base (4), what the base is (1), count of names (1); names with one byte of length.
    Parts { place: usize, names: usize },
    /// Directory base (4), volume (1), what the base is (1), kind of text (1), reserved (5), count of names (1); names
    /// with two bytes of length.
    WideParts { place: usize, names: usize },
}

/// The directory handles of one connection.
#[derive(Debug, Default)]
pub(super) struct Handles {
    connection: u16,
    known: BTreeMap<u8, Path>,
}

impl Handles {
    pub(super) fn new(connection: u16) -> Handles {
        Handles { connection, known: BTreeMap::new() }
    }

    /// From now on this handle is that directory.
    pub(super) fn learn(&mut self, handle: u8, path: Path) {
        self.known.insert(handle, path);
    }

    pub(super) fn forget(&mut self, handle: u8) {
        self.known.remove(&handle);
    }

    /// Reads a request's path. `None` when it is not whole, too long, or names nothing.
    pub(super) fn read(&self, bytes: &[u8], at: PathAt) -> Option<Path> {
        match at {
            PathAt::Text { handle, name } => self.text(*bytes.get(handle)?, text(bytes, name)?),
            PathAt::Parts { place, names } => {
                let base = self.base(*bytes.get(place)?, le32(bytes, place + 1)?, *bytes.get(place + 5)?)?;
                parts(base, bytes, *bytes.get(place + 6)?, names, Width::One)
            }
            PathAt::WideParts { place, names } => {
                let base = self.base(*bytes.get(place + 4)?, le32(bytes, place)?, *bytes.get(place + 5)?)?;
                let count = *bytes.get(place + 12)?;
                let wide = parts(base.clone(), bytes, count, names, Width::Two);
                // Text that is not UTF-8 may have one byte of length.
                let is_utf8 = *bytes.get(place + 6)? == 1;
                wide.or_else(|| if is_utf8 { None } else { parts(base, bytes, count, names, Width::One) })
            }
        }
    }

    /// A path in one text; one that begins with a volume does not need the handle.
    pub(super) fn text(&self, handle: u8, name: &[u8]) -> Option<Path> {
        let mut path = if name.contains(&b':') { Vec::new() } else { self.directory(handle) };
        for part in name.split(|byte| matches!(byte, b'\\' | b'/' | b':')) {
            push(&mut path, part);
        }
        finish(path)
    }

    /// What a path begins at.
    fn base(&self, volume: u8, base: u32, kind: u8) -> Option<Vec<u8>> {
        match kind {
            // The handle lies in the base's first byte; what the volume says then is not looked at by servers.
            0x00 => Some(self.directory(base as u8)),
            0x01 => Some(format!("vol{volume}/dir#{base}").into_bytes()),
            0xff => Some(Vec::new()),
            _ => None,
        }
    }

    /// The directory of a handle; handle 0 is none.
    fn directory(&self, handle: u8) -> Vec<u8> {
        match (handle, self.known.get(&handle)) {
            (0, _) => Vec::new(),
            (_, Some(path)) => path.to_vec(),
            (_, None) => format!("dirhandle#{handle}@{}", self.connection).into_bytes(),
        }
    }
}

/// The form of a file that was open before the capture began.
pub(super) fn unseen(handle: [u8; 4], connection: u16) -> Path {
    format!("open#{:08x}@{connection}", u32::from_be_bytes(handle)).into_bytes().into()
}

/// How many bytes a name's length has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    One,
    Two,
}

fn parts(mut path: Vec<u8>, bytes: &[u8], count: u8, names: usize, width: Width) -> Option<Path> {
    let mut at = names;
    for _ in 0..count {
        let (length, header) = match width {
            Width::One => (usize::from(*bytes.get(at)?), 1),
            Width::Two => (usize::from(le16(bytes, at)?), 2),
        };
        let name = bytes.get(at + header..)?.get(..length)?;
        // A volume's name may come with its colon.
        push(&mut path, name.strip_suffix(b":").unwrap_or(name));
        at += header + length;
    }
    finish(path)
}

fn push(path: &mut Vec<u8>, name: &[u8]) {
    if !name.is_empty() {
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
    }
}

fn finish(path: Vec<u8>) -> Option<Path> {
    (1..=LONGEST).contains(&path.len()).then(|| path.into())
}
