//! NCP on the wire: the frame around a message on TCP, and a message's header.
//!
//! Layouts after Wireshark 4.0.17 (`packet-ncp.c`, `ncp2222.py`), checked against a capture of a real server.

use super::super::Side;

/// What stands before a message on a TCP connection, from the client and from the server.
const MAGIC: [[u8; 4]; 2] = [*b"DmdT", *b"tNcP"];
/// How long that is: signature and length; a request also has a version and the size of the buffer for the reply.
const FRAME: [usize; 2] = [16, 8];
/// The bit of the length that says the message is signed.
const SIGNED: u32 = 1 << 31;
/// A signature lies between the frame and the message.
const SIGNATURE: usize = 8;
/// The shortest header of a message.
const SHORTEST: usize = 6;
/// No message is longer: reads and writes carry at most 64 KiB.
const LONGEST: usize = 1 << 17;

/// What is at the front of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Front<'a> {
    /// A message, and how many bytes of the stream it takes.
    Message(&'a [u8], usize),
    /// Part of a message.
    Part,
    /// No message; the next may begin after so many bytes.
    Noise(usize),
}

/// What a message is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Message<'a> {
    /// 1111: a client wants a connection.
    Create {
        sequence: u8,
    },
    Request(Request<'a>),
    Reply(Reply<'a>),
    /// 5555: a client gives its connection up.
    Destroy {
        connection: u16,
    },
    /// 9999: the server works on a request that it got again.
    Processing,
    /// BBBB: the server has something to say without being asked: a message waits, an op-lock is to be given up.
    Broadcast,
    /// 3E3E: is the client still there?
    Watchdog,
    /// 7777: packet burst, another way to read and write.
    Burst,
    /// 4C69: how long may packets be?
    Echo,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Request<'a> {
    pub(super) connection: u16,
    pub(super) sequence: u8,
    pub(super) task: u8,
    pub(super) function: u8,
    pub(super) subfunction: Option<u8>,
    /// The message from its header on: the offsets of layouts count from there.
    pub(super) bytes: &'a [u8],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Reply<'a> {
    pub(super) connection: u16,
    pub(super) sequence: u8,
    pub(super) completion: u8,
    /// Bit 0: no such connection; bit 4: the server goes down; bit 6: a broadcast waits.
    pub(super) status: u8,
    pub(super) bytes: &'a [u8],
}

impl Front<'_> {
    /// Looks at the front of a side's stream.
    pub(super) fn of(from: Side, bytes: &[u8]) -> Front<'_> {
        message_at_front(from, bytes).unwrap_or_else(|| Front::Noise(noise(MAGIC[from as usize], bytes)))
    }
}

/// `None` when no message begins here.
fn message_at_front(from: Side, bytes: &[u8]) -> Option<Front<'_>> {
    let (magic, frame) = (MAGIC[from as usize], FRAME[from as usize]);
    let seen = bytes.len().min(magic.len());
    if bytes[..seen] != magic[..seen] {
        return None;
    }
    let Some(word) = be32(bytes, 4) else { return Some(Front::Part) };
    let (is_signed, length) = (word & SIGNED != 0, (word & !SIGNED) as usize);
    if !(frame + SHORTEST..=LONGEST).contains(&length) {
        return None;
    }
    if bytes.len() < length.min(frame + SIGNATURE + 2) {
        return Some(Front::Part);
    }
    // The flag is not to be relied on; what a message begins with is.
    let places = if is_signed { [SIGNATURE, 0] } else { [0, SIGNATURE] };
    let skipped = places
        .into_iter()
        .find(|at| frame + at + SHORTEST <= length && be16(bytes, frame + at).is_some_and(is_kind))?;
    if bytes.len() < length {
        return Some(Front::Part);
    }
    Some(Front::Message(&bytes[frame + skipped..length], length))
}

/// How many bytes, at least one, there are before the next thing that looks like the begin of a message.
fn noise(magic: [u8; 4], bytes: &[u8]) -> usize {
    let rest = bytes.get(1..).unwrap_or_default();
    let whole = memchr::memmem::find(rest, &magic);
    let begun = || (rest.len().saturating_sub(3)..rest.len()).find(|at| magic.starts_with(&rest[*at..]));
    1 + whole.or_else(begun).unwrap_or(rest.len())
}

fn is_kind(kind: u16) -> bool {
    matches!(kind, 0x1111 | 0x2222 | 0x3333 | 0x3e3e | 0x4c69 | 0x5555 | 0x7777 | 0x9999 | 0xbbbb)
}

impl Message<'_> {
    /// Reads a message's header. `None` when it is none, too short, or not what that side sends.
    pub(super) fn read(from: Side, bytes: &[u8]) -> Option<Message<'_>> {
        let kind = be16(bytes, 0)?;
        // A burst has a header of its own.
        if kind == 0x7777 {
            return Some(Message::Burst);
        }
        let (sequence, low, task, high) = (*bytes.get(2)?, *bytes.get(3)?, *bytes.get(4)?, *bytes.get(5)?);
        let connection = u16::from_be_bytes([high, low]);
        Some(match (kind, from) {
            (0x1111, Side::Client) => Message::Create { sequence },
            (0x2222, Side::Client) => {
                let function = *bytes.get(6)?;
                let subfunction = match subfunction_at(function) {
                    Some(at) => Some(*bytes.get(at)?),
                    None => None,
                };
                Message::Request(Request { connection, sequence, task, function, subfunction, bytes })
            }
            (0x3333, Side::Server) => {
                let (completion, status) = (*bytes.get(6)?, *bytes.get(7)?);
                Message::Reply(Reply { connection, sequence, completion, status, bytes })
            }
            (0x5555, Side::Client) => Message::Destroy { connection },
            (0x9999, Side::Server) => Message::Processing,
            (0xbbbb, Side::Server) => Message::Broadcast,
            (0x3e3e, _) => Message::Watchdog,
            (0x4c69, _) => Message::Echo,
            _ => return None,
        })
    }
}

/// Where a function has its sub-function; some have the length of what follows before it.
fn subfunction_at(function: u8) -> Option<usize> {
    match function {
        17 | 21 | 22 | 23 | 35 | 36 | 90 | 114 | 123 | 131 => Some(9),
        32 | 34 | 86 | 87 | 88 | 89 | 92 | 94 | 104 | 111 | 128 => Some(7),
        _ => None,
    }
}

/// The `N` bytes at an offset.
pub(super) fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

pub(super) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_be_bytes)
}

pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_le_bytes)
}

pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes_at(bytes, at).map(u32::from_be_bytes)
}

pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes_at(bytes, at).map(u32::from_le_bytes)
}

pub(super) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes_at(bytes, at).map(u64::from_be_bytes)
}

/// The text at an offset that has its length, in one byte, before it.
pub(super) fn text(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(*bytes.get(at)?);
    bytes.get(at + 1..)?.get(..length)
}
