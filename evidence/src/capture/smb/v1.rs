//! SMB1 ([MS-CIFS] 2.2). A message is a header and one or more blocks: words, then bytes.

use std::collections::VecDeque;

use lockwait_core::observation::sighting::{Mode, Range, Share};
use lockwait_core::observation::{Access, Name};
use lockwait_core::time::Timestamp;

use super::super::Frame;
use super::counts::Messages;
use super::files::{Answered, Files, Handle, Wanted, Who};
use super::{LE, WHOLE, text};
use crate::findings::Findings;

const HEADER: usize = 32;
/// So much of an answer, or of a request that carries data, is looked at.
const HEAD: usize = 512;

/// Commands ([MS-CIFS] 2.2.2.1).
const OPEN: u8 = 0x02;
const CREATE: u8 = 0x03;
const CLOSE: u8 = 0x04;
const DELETE: u8 = 0x06;
const RENAME: u8 = 0x07;
const READ: u8 = 0x0a;
const WRITE: u8 = 0x0b;
const CREATE_NEW: u8 = 0x0f;
const PROCESS_EXIT: u8 = 0x11;
const LOCKING_ANDX: u8 = 0x24;
const OPEN_ANDX: u8 = 0x2d;
const READ_ANDX: u8 = 0x2e;
const WRITE_ANDX: u8 = 0x2f;
const TRANSACTION2: u8 = 0x32;
const NT_TRANSACT: u8 = 0xa0;
const TREE_DISCONNECT: u8 = 0x71;
const SESSION_SETUP_ANDX: u8 = 0x73;
const LOGOFF_ANDX: u8 = 0x74;
const TREE_CONNECT_ANDX: u8 = 0x75;
const NT_CREATE_ANDX: u8 = 0xa2;
const NT_CANCEL: u8 = 0xa4;
const NT_RENAME: u8 = 0xa5;
const NONE: u8 = 0xff;

/// Flags, and second flags.
const REPLY: u8 = 0x80;
const NT_STATUS: u16 = 0x4000;
const UNICODE: u16 = 0x8000;
/// Multiplex id of the server's own messages.
const SERVERS_OWN: u16 = 0xffff;

/// Subcommands of TRANSACTION2, and levels that set information about a file ([MS-CIFS] 2.2.6, [MS-SMB] 2.2.2.3.5).
const OPEN2: u16 = 0;
/// Function of NT_TRANSACT ([MS-CIFS] 2.2.7.1).
const NT_CREATE: u16 = 1;
const SET_PATH: u16 = 6;
const SET_FILE: u16 = 8;
const RENAME_LEVEL: u16 = 1_010;
const DISPOSITION_LEVELS: [u16; 2] = [0x102, 1_013];

/// Create option: the file is deleted when it is closed.
const DELETE_ON_CLOSE: u32 = 0x1000;
/// Lock types: an answer to an oplock break, and ranges of 64 bits.
const OPLOCK_RELEASE: u8 = 0x02;
const LARGE: u8 = 0x10;
/// So many requests of a connection wait for their answers.
const OUTSTANDING: usize = 1 << 10;
/// So many ranges of one lock request are kept.
const RANGES: usize = 64;

/// DOS errors (class 1) as statuses. A lock that is in the way has two.
const DOS: [(u16, u32); 5] =
    [(2, 0xc000_0034), (3, 0xc000_003a), (5, 0xc000_0022), (0x20, 0xc000_0043), (0x21, LOCK_CONFLICT)];
const LOCK_CONFLICT: u32 = 0xc000_0054;
const LOCK_NOT_GRANTED: u32 = 0xc000_0055;
const UNSUCCESSFUL: u32 = 0xc000_0001;

/// One connection's requests that wait for answers.
#[derive(Default)]
pub(super) struct Requests {
    waiting: VecDeque<Request>,
}

/// A request that waits for its answer.
struct Request {
    at: Timestamp,
    id: Id,
    command: u8,
    tree: u32,
    what: What,
}

/// What pairs request and answer: process, multiplex id, user.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Id {
    process: u32,
    multiplex: u16,
    user: u16,
}

/// What of a request its answer does not repeat.
enum What {
    Nothing,
    User(String),
    Connect(String),
    Create(Wanted),
    Close(Handle),
    /// Reads, or writes if so.
    Data(Handle, Range, bool),
    /// Ranges, and whether each is to be locked, not unlocked.
    Locks(Handle, Vec<(Range, bool)>),
    Rename(Handle, Name),
    Mark(Handle, bool),
    /// Renames or deletes by name.
    Remove(Name),
}

/// One block of a message.
struct Block<'a> {
    command: u8,
    words: &'a [u8],
    bytes: &'a [u8],
    /// Where `bytes` begin in the message: text in UTF-16 begins at even places.
    at: usize,
}

/// Whether a message is from the server.
pub(super) fn is_reply(message: &[u8]) -> bool {
    message.get(9).is_some_and(|flags| flags & REPLY != 0) || LE.u16(message, 30) == SERVERS_OWN
}

/// How many of a message's `length` bytes must be there to read what matters.
pub(super) fn needed(bytes: &[u8], length: usize) -> usize {
    let Some(header) = bytes.get(..HEADER) else { return length.min(HEADER) };
    let is_short = is_reply(header) || matches!(header[4], WRITE | WRITE_ANDX);
    length.min(if is_short { HEAD } else { WHOLE })
}

impl Requests {
    pub(super) fn message(
        &mut self,
        frame: Frame,
        message: &[u8],
        files: &mut Files,
        counts: &mut Messages,
        findings: &mut Findings,
    ) {
        if message.len() <= HEADER {
            return;
        }
        let process = u32::from(LE.u16(message, 12)) << 16 | u32::from(LE.u16(message, 26));
        let id = Id { process, multiplex: LE.u16(message, 30), user: LE.u16(message, 28) };
        if message[9] & REPLY != 0 {
            self.reply(frame, message, id, files, counts, findings);
        } else {
            counts.requests += 1;
            if id.multiplex == SERVERS_OWN && message[4] == LOCKING_ANDX {
                counts.breaks += 1;
                files.asked_to_give_way(frame);
            } else {
                self.request(frame, message, id, files);
            }
        }
    }

    /// Answers to what was asked before will not be seen: what was to be closed is taken for closed.
    pub(super) fn give_up(&mut self, frame: Frame, files: &mut Files, findings: &mut Findings) {
        self.waiting.retain(|request| match request.what {
            What::Close(handle) => {
                files.closed(Frame { at: request.at, ..frame }, handle, findings);
                false
            }
            _ => true,
        });
    }

    fn request(&mut self, frame: Frame, message: &[u8], id: Id, files: &Files) {
        let tree = LE.u16(message, 24).into();
        for block in blocks(message) {
            let is_wide = LE.u16(message, 10) & UNICODE != 0;
            let Some(what) = What::of(&block, message, tree, is_wide, files) else { continue };
            if self.waiting.len() >= OUTSTANDING {
                self.waiting.pop_front();
            }
            self.waiting.push_back(Request { at: frame.at, id, command: block.command, tree, what });
        }
    }

    fn reply(
        &mut self,
        frame: Frame,
        message: &[u8],
        id: Id,
        files: &mut Files,
        counts: &mut Messages,
        findings: &mut Findings,
    ) {
        let overall = status(message);
        counts.reply(overall);
        let count = blocks(message).count();
        for (index, block) in blocks(message).enumerate() {
            // The last block is the one that failed.
            let status = if index + 1 < count { 0 } else { overall };
            if status == 0 {
                match block.command {
                    OPEN | CREATE | CREATE_NEW | OPEN_ANDX | NT_CREATE_ANDX => counts.opens += 1,
                    CLOSE => counts.closes += 1,
                    _ => {}
                }
            }
            if status == 0 && block.words.is_empty() && [TRANSACTION2, NT_TRANSACT].contains(&block.command) {
                // The server has seen the beginning and waits for the rest.
                continue;
            }
            let is_asked = |request: &Request| {
                // The server names the user in its answer to a logon.
                let same_user = request.id.user == id.user || block.command == SESSION_SETUP_ANDX;
                request.command == block.command
                    && request.id.process == id.process
                    && request.id.multiplex == id.multiplex
                    && (same_user || block.command == TREE_CONNECT_ANDX)
            };
            // Some clients use one id for everything: the oldest is the one.
            let asked = self.waiting.iter().position(is_asked).and_then(|at| self.waiting.remove(at));
            match asked {
                Some(request) if status == 0 => request.succeeded(frame, message, &block, id, files, findings),
                Some(request) => request.failed(frame, id, status, files, findings),
                None if status != 0 => {
                    files.failed(frame, Answered::unasked(id.who(), name(block.command), status), findings);
                }
                None => {}
            }
        }
        if overall != 0 {
            // What was chained behind the block that failed gets no answer.
            let answered = |request: &Request| request.id == id && request.command != message[4];
            if let Some(at) = self.waiting.iter().position(answered).filter(|_| count > 1) {
                self.waiting.remove(at);
            }
        }
    }
}

impl Id {
    fn who(self) -> Who {
        // Windows uses the last two for itself.
        let is_real = ![0, 0xfeff, 0xffff].contains(&self.process);
        Who { session: self.user.into(), pid: is_real.then_some(self.process) }
    }
}

impl Request {
    fn succeeded(
        self,
        frame: Frame,
        message: &[u8],
        block: &Block<'_>,
        id: Id,
        files: &mut Files,
        findings: &mut Findings,
    ) {
        let tree = LE.u16(message, 24).into();
        match self.what {
            What::User(name) => files.log_on(id.user.into(), &name),
            What::Connect(path) => {
                files.connect((0, tree), &path);
            }
            What::Create(wanted) => {
                let file = match self.command {
                    OPEN | CREATE | CREATE_NEW => LE.u16(block.words, 0),
                    OPEN_ANDX => LE.u16(block.words, 4),
                    TRANSACTION2 => LE.u16(message, LE.u16(block.words, 8).into()),
                    NT_TRANSACT => LE.u16(message, (LE.u32(block.words, 15) as usize).saturating_add(2)),
                    _ => LE.u16(block.words, 5),
                };
                files.opened(frame, id.who(), handle(file), wanted, findings);
            }
            What::Close(handle) => files.closed(frame, handle, findings),
            What::Data(handle, range, true) => {
                files.wrote(frame, handle, range.start.saturating_add(range.length), findings);
            }
            What::Locks(handle, ranges) => files.locked(frame, handle, ranges, findings),
            What::Rename(handle, to) => files.renamed(frame, handle, to, findings),
            What::Mark(handle, is_deleted) => files.marked(handle, is_deleted),
            What::Remove(path) => files.done(frame, id.who(), path, findings),
            What::Nothing | What::Data(..) => match self.command {
                TREE_DISCONNECT => files.disconnect(frame, (0, self.tree), findings),
                LOGOFF_ANDX => files.log_off(frame, self.id.user.into(), findings),
                PROCESS_EXIT => files.exited(frame, id.who(), findings),
                _ => {}
            },
        }
    }

    fn failed(self, frame: Frame, id: Id, status: u32, files: &mut Files, findings: &mut Findings) {
        let access = |access| Some(Mode { access, ..Mode::default() });
        let deletes = Some(Mode { deletes: true, ..Mode::default() });
        let known = |handle| files.path(handle).cloned();
        let is_open = matches!(self.what, What::Create(_));
        let (path, mode, range) = match self.what {
            What::Create(wanted) => (Some(wanted.path), Some(wanted.mode), None),
            What::Data(handle, range, true) => (known(handle), access(Access::Write), Some(range)),
            What::Data(handle, range, false) => (known(handle), access(Access::Read), Some(range)),
            What::Locks(handle, ranges) => {
                let range = ranges.iter().find(|(_, is_lock)| *is_lock).map(|(range, _)| *range);
                (known(handle), None, range)
            }
            What::Rename(handle, _) | What::Mark(handle, _) => (known(handle), deletes, None),
            What::Remove(path) => (Some(path), deletes, None),
            What::Close(handle) => (known(handle), None, None),
            What::Nothing | What::User(_) | What::Connect(_) => (None, None, None),
        };
        let (asked, who, command) = (Some(self.at), id.who(), name(self.command));
        let waited_for = if is_open { files.waited_for(self.at, who) } else { None };
        files.failed(frame, Answered { asked, who, command, status, path, mode, range, waited_for }, findings);
    }
}

impl What {
    /// What a block asks; `None` when it gets no answer. Offsets are from the block's words, or bytes, on.
    fn of(block: &Block<'_>, message: &[u8], tree: u32, is_wide: bool, files: &Files) -> Option<What> {
        let (words, bytes) = (block.words, block.bytes);
        let file = |at| handle(LE.u16(words, at));
        let named = |at: usize| {
            let (name, _) = block.text(at, is_wide);
            path(files, tree, name, is_wide)
        };
        let wanted = |path, mode, is_deleted| What::Create(Wanted { tree: (0, tree), path, mode, is_deleted });
        let created = |path, access, share, disposition, options: u32| {
            let is_deleted = options & DELETE_ON_CLOSE != 0;
            let mut mode = Wanted::mode(access, share, disposition);
            mode.deletes |= is_deleted;
            wanted(path, mode, is_deleted)
        };
        let what = match block.command {
            NT_CANCEL => return None,
            SESSION_SETUP_ANDX => What::User(block.user(message, is_wide)),
            TREE_CONNECT_ANDX => {
                let (share, _) = block.text(LE.u16(words, 6).into(), is_wide);
                What::Connect(if is_wide { text::wide(share) } else { text::narrow(share) })
            }
            NT_CREATE_ANDX => {
                let [access, share, disposition, options] = [15, 31, 35, 39].map(|at| LE.u32(words, at));
                created(named(0), access, share, disposition, options)
            }
            OPEN_ANDX => wanted(named(0), old_mode(LE.u16(words, 6)), false),
            OPEN => wanted(named(1), old_mode(LE.u16(words, 0)), false),
            CREATE | CREATE_NEW => wanted(named(1), old_mode(2), false),
            CLOSE => What::Close(file(0)),
            READ | WRITE => {
                let range = Range { start: LE.u32(words, 4).into(), length: LE.u16(words, 2).into() };
                What::Data(file(0), range, block.command == WRITE)
            }
            READ_ANDX => {
                let start = u64::from(LE.u32(words, 20)) << 32 | u64::from(LE.u32(words, 6));
                What::Data(file(4), Range { start, length: LE.u16(words, 10).into() }, false)
            }
            WRITE_ANDX => {
                let start = u64::from(LE.u32(words, 24)) << 32 | u64::from(LE.u32(words, 6));
                let length = u64::from(LE.u16(words, 18)) << 16 | u64::from(LE.u16(words, 20));
                What::Data(file(4), Range { start, length }, true)
            }
            LOCKING_ANDX => {
                let kind = words.get(6).copied().unwrap_or_default();
                let (unlocks, locks) = (usize::from(LE.u16(words, 12)), usize::from(LE.u16(words, 14)));
                if kind & OPLOCK_RELEASE != 0 && unlocks == 0 && locks == 0 {
                    return None;
                }
                let each = if kind & LARGE != 0 { 20 } else { 10 };
                let ranges = bytes.chunks_exact(each).take((unlocks + locks).min(RANGES)).enumerate();
                What::Locks(file(4), ranges.map(|(index, range)| (lock_range(range), index >= unlocks)).collect())
            }
            DELETE => What::Remove(named(1)),
            RENAME | NT_RENAME => What::Remove(named(1)),
            TRANSACTION2 => What::of_transaction(block, message, tree, is_wide, files),
            NT_TRANSACT if LE.u16(words, 36) == NT_CREATE => {
                let start = LE.u32(words, 23) as usize;
                let parameters = message.get(start..).unwrap_or_default();
                // Text in UTF-16 begins at an even place of the message.
                let name = parameters.get(53 + usize::from(is_wide && start.is_multiple_of(2))..).unwrap_or_default();
                let name = &name[..name.len().min(LE.u32(parameters, 44) as usize)];
                let [access, share, disposition, options] = [8, 24, 28, 32].map(|at| LE.u32(parameters, at));
                created(path(files, tree, name, is_wide), access, share, disposition, options)
            }
            _ => What::Nothing,
        };
        Some(what)
    }

    fn of_transaction(block: &Block<'_>, message: &[u8], tree: u32, is_wide: bool, files: &Files) -> What {
        let part = |at| message.get(usize::from(LE.u16(block.words, at))..).unwrap_or_default();
        let (parameters, data) = (part(20), part(24));
        let named = |at: usize| path(files, tree, parameters.get(at..).unwrap_or_default(), is_wide);
        match LE.u16(block.words, 28) {
            OPEN2 => {
                let mode = old_mode(LE.u16(parameters, 2));
                What::Create(Wanted { tree: (0, tree), path: named(28), mode, is_deleted: false })
            }
            SET_PATH => What::Remove(named(6)),
            SET_FILE => {
                let (file, level) = (handle(LE.u16(parameters, 0)), LE.u16(parameters, 2));
                if level == RENAME_LEVEL {
                    let name = data.get(12..).unwrap_or_default();
                    let name = &name[..name.len().min(LE.u32(data, 8) as usize)];
                    What::Rename(file, path(files, tree, name, true))
                } else if DISPOSITION_LEVELS.contains(&level) {
                    What::Mark(file, data.first().is_some_and(|flag| flag & 1 != 0))
                } else {
                    What::Nothing
                }
            }
            _ => What::Nothing,
        }
    }
}

impl<'a> Block<'a> {
    /// The text at this place of the bytes, and where it ends; what is in UTF-16 begins at an even place of the message.
    fn text(&self, at: usize, is_wide: bool) -> (&'a [u8], usize) {
        let at = at + usize::from(is_wide && !(self.at + at).is_multiple_of(2));
        let rest = self.bytes.get(at..).unwrap_or_default();
        let length = match is_wide {
            true => rest.chunks_exact(2).position(|pair| pair == [0, 0]).map(|at| 2 * at),
            false => rest.iter().position(|byte| *byte == 0),
        };
        let length = length.unwrap_or(rest.len());
        (&rest[..length], at + length + if is_wide { 2 } else { 1 })
    }

    /// Who logs on: in NTLMSSP, or by name behind two passwords.
    fn user(&self, message: &[u8], is_wide: bool) -> String {
        if self.words.len() != 26 {
            return text::user(message).unwrap_or_default();
        }
        let passwords = usize::from(LE.u16(self.words, 14)) + usize::from(LE.u16(self.words, 16));
        let (user, next) = self.text(passwords, is_wide);
        let (domain, _) = self.text(next, is_wide);
        let read = |bytes| if is_wide { text::wide(bytes) } else { text::narrow(bytes) };
        text::person(&read(domain), &read(user), "")
    }
}

/// The blocks of a message: the first, and those chained to it.
fn blocks(message: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut next = Some((message.get(4).copied().unwrap_or(NONE), HEADER));
    std::iter::from_fn(move || {
        let (command, at) = next.take().filter(|(command, _)| *command != NONE)?;
        let count = 2 * usize::from(*message.get(at)?);
        let words = message.get(at + 1..)?;
        let words = &words[..count.min(words.len())];
        let behind = at + 1 + count;
        let bytes = message.get(behind + 2..).unwrap_or_default();
        let bytes = &bytes[..bytes.len().min(LE.u16(message, behind).into())];
        let is_chained = matches!(
            command,
            LOCKING_ANDX
                | OPEN_ANDX
                | READ_ANDX
                | WRITE_ANDX
                | SESSION_SETUP_ANDX
                | LOGOFF_ANDX
                | TREE_CONNECT_ANDX
                | NT_CREATE_ANDX
        );
        let offset = usize::from(LE.u16(words, 2));
        // Chains go forward only, so they end.
        next = (is_chained && words.len() >= 4 && offset > at).then(|| (words[0], offset));
        Some(Block { command, words, bytes, at: behind + 2 })
    })
}

fn path(files: &Files, tree: u32, name: &[u8], is_wide: bool) -> Name {
    let prefix = files.prefix((0, tree));
    if !is_wide {
        return Name::from(&(prefix.into_owned() + text::narrow(name).trim_start_matches('\\')));
    }
    // Names begin with a separator, or not.
    text::name(&prefix, name.strip_prefix(b"\\\0").unwrap_or(name))
}

/// Access and sharing of the older opens ([MS-CIFS] 2.2.4.3.1).
fn old_mode(mode: u16) -> Mode {
    let access = [Access::Read, Access::Write, Access::ReadWrite, Access::Read][usize::from(mode & 3)];
    // Nothing, read, write, both; who opens in compatibility mode leaves it to the server.
    let share = match mode >> 4 & 7 {
        sharing @ 1..=4 => Some(Share::from_bits(u32::from(sharing) - 1)),
        _ => None,
    };
    Mode { access, deletes: false, share }
}

/// A range of a lock: process, then offset and length, in 32 or 64 bits with the high half first.
fn lock_range(range: &[u8]) -> Range {
    let number = |at: usize| match range.len() {
        20 => u64::from(LE.u32(range, 4 + 2 * at)) << 32 | u64::from(LE.u32(range, 8 + 2 * at)),
        _ => LE.u32(range, 2 + at).into(),
    };
    Range { start: number(0), length: number(4) }
}

fn handle(file: u16) -> Handle {
    file.into()
}

/// The status of an answer; an error of DOS becomes the status that means it.
fn status(message: &[u8]) -> u32 {
    let (class, code) = (message[5], LE.u16(message, 7));
    if LE.u16(message, 10) & NT_STATUS != 0 || (class == 0 && code == 0) {
        return LE.u32(message, 5);
    }
    let found = DOS.iter().find(|(dos, _)| class == 1 && *dos == code).map(|(_, status)| *status);
    match found {
        Some(LOCK_CONFLICT) if message[4] == LOCKING_ANDX => LOCK_NOT_GRANTED,
        found => found.unwrap_or(UNSUCCESSFUL),
    }
}

fn name(command: u8) -> &'static str {
    match command {
        OPEN => "SMB OPEN",
        CREATE => "SMB CREATE",
        CLOSE => "SMB CLOSE",
        DELETE => "SMB DELETE",
        RENAME => "SMB RENAME",
        READ => "SMB READ",
        WRITE => "SMB WRITE",
        CREATE_NEW => "SMB CREATE_NEW",
        LOCKING_ANDX => "SMB LOCKING_ANDX",
        OPEN_ANDX => "SMB OPEN_ANDX",
        READ_ANDX => "SMB READ_ANDX",
        WRITE_ANDX => "SMB WRITE_ANDX",
        TRANSACTION2 => "SMB TRANSACTION2",
        NT_TRANSACT => "SMB NT_TRANSACT",
        NT_CREATE_ANDX => "SMB NT_CREATE_ANDX",
        NT_RENAME => "SMB NT_RENAME",
        _ => "SMB",
    }
}
