//! SMB2 and SMB3 ([MS-SMB2] 2.2). Offsets are from the protocol id on.

use lockwait_core::observation::sighting::{Mode, Party, Range};
use lockwait_core::observation::{Access, Name};
use lockwait_core::time::Timestamp;

use super::super::Frame;
use super::super::few::Few;
use super::counts::Messages;
use super::files::{Answered, Files, Handle, TreeId, Wanted, Who};
use super::{LE, WHOLE, text};
use crate::findings::Findings;

const HEADER: usize = 64;
/// So much of a message is looked at that carries data, or is an answer: the longest of those that matter ends here.
const HEAD: usize = HEADER + 88;

/// Commands ([MS-SMB2] 2.2.1).
const SESSION_SETUP: u16 = 1;
const LOGOFF: u16 = 2;
const TREE_CONNECT: u16 = 3;
const TREE_DISCONNECT: u16 = 4;
const CREATE: u16 = 5;
const CLOSE: u16 = 6;
const READ: u16 = 8;
const WRITE: u16 = 9;
const LOCK: u16 = 10;
const CANCEL: u16 = 12;
const SET_INFO: u16 = 17;
const OPLOCK_BREAK: u16 = 18;

/// By command: its name, and where the request names a file; 0 where it does not.
const COMMANDS: [(&str, usize); 19] = [
    ("SMB2 NEGOTIATE", 0),
    ("SMB2 SESSION_SETUP", 0),
    ("SMB2 LOGOFF", 0),
    ("SMB2 TREE_CONNECT", 0),
    ("SMB2 TREE_DISCONNECT", 0),
    ("SMB2 CREATE", 0),
    ("SMB2 CLOSE", 72),
    ("SMB2 FLUSH", 72),
    ("SMB2 READ", 80),
    ("SMB2 WRITE", 80),
    ("SMB2 LOCK", 72),
    ("SMB2 IOCTL", 72),
    ("SMB2 CANCEL", 0),
    ("SMB2 ECHO", 0),
    ("SMB2 QUERY_DIRECTORY", 72),
    ("SMB2 CHANGE_NOTIFY", 72),
    ("SMB2 QUERY_INFO", 88),
    ("SMB2 SET_INFO", 80),
    ("SMB2 OPLOCK_BREAK", 0),
];

/// Header flags.
const RESPONSE: u32 = 1;
const RELATED: u32 = 4;
const DFS: u32 = 0x1000_0000;

/// Flag of a logon ([MS-SMB2] 2.2.5).
const BINDING: u8 = 1;

/// Not an answer yet.
const PENDING: u32 = 0x103;
/// In a related request: the file that the request before it opened or used.
const PREVIOUS: Handle = Handle::MAX;
/// Type of information about files, and its classes ([MS-FSCC] 2.4).
const INFO_FILE: u8 = 1;
const RENAME: [u8; 2] = [10, 65];
const DISPOSITION: [u8; 2] = [13, 64];
/// Create option: the file is deleted when it is closed.
const DELETE_ON_CLOSE: u32 = 0x1000;
/// Lock element flag.
const UNLOCK: u32 = 4;

/// So many requests of a connection wait for their answers: a server grants no more credits.
const OUTSTANDING: usize = 1 << 13;
/// So many ranges of one lock request are kept.
const RANGES: usize = 64;
/// A compound has no more requests that count on one open.
const FOLLOWERS: usize = 16;

/// One connection's requests that wait for answers.
#[derive(Default)]
pub(super) struct Requests {
    /// By message id.
    waiting: Few<u64, Request>,
    /// What the last message did to a session.
    pub(super) session: Option<Session>,
}

/// What may happen to a session besides that it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Session {
    Begun(u64),
    /// Another connection had begun it.
    Joined(u64),
}

/// A request that waits for its answer.
struct Request {
    at: Timestamp,
    command: u16,
    context: Context,
    what: What,
    /// Those of the same compound that count on the file that this one opens.
    followers: Vec<u64>,
    /// The server waits for this one to give way before it answers.
    waits_for: Option<Box<Party>>,
}

/// What a request is about, and what related requests take over from the one before.
#[derive(Clone, Copy)]
struct Context {
    tree: TreeId,
    handle: Handle,
    /// The request of the same compound that opens the file.
    opener: Option<u64>,
}

/// What of a request its answer does not repeat.
enum What {
    Nothing,
    User(String),
    /// Joins a session of another connection.
    Join,
    Connect(String),
    Create(Wanted),
    Range(Range),
    /// Ranges, and whether each is to be locked, not unlocked.
    Locks(Vec<(Range, bool)>),
    Rename(Name),
    Delete(bool),
}

/// How many of a message's `length` bytes must be there to read what matters.
pub(super) fn needed(bytes: &[u8], length: usize) -> usize {
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + HEADER) {
        let next = LE.u32(header, 20) as usize;
        if next < HEADER || next > length - at {
            let (command, flags) = (LE.u16(header, 12), LE.u32(header, 16));
            let is_short =
                flags & RESPONSE != 0 || !matches!(command, SESSION_SETUP | TREE_CONNECT | CREATE | LOCK | SET_INFO);
            return (at + if is_short { HEAD } else { WHOLE }).min(length);
        }
        at += next;
    }
    (at + HEADER).min(length)
}

/// Whether a message is from the server.
pub(super) fn is_reply(message: &[u8]) -> bool {
    LE.u32(message, 16) & RESPONSE != 0
}

impl Requests {
    /// Reads a message: one request or answer, or several in a compound.
    pub(super) fn message(
        &mut self,
        frame: Frame,
        message: &[u8],
        files: &mut Files,
        counts: &mut Messages,
        findings: &mut Findings,
    ) {
        let (mut rest, mut before) = (message, None);
        while rest.len() >= HEADER && rest.starts_with(super::NEW) {
            let next = LE.u32(rest, 20) as usize;
            let is_last = next < HEADER || next > rest.len();
            let (unit, behind) = rest.split_at(if is_last { rest.len() } else { next });
            if is_reply(unit) {
                self.reply(frame, unit, files, counts, findings);
            } else {
                counts.requests += 1;
                before = Some(self.request(frame, unit, before, files));
            }
            rest = behind;
        }
    }

    /// Answers to what was asked before will not be seen: what was to be closed is taken for closed.
    pub(super) fn give_up(&mut self, frame: Frame, files: &mut Files, findings: &mut Findings) {
        let mut closes = self.waiting.extract(|_, request| request.command == CLOSE);
        closes.sort_unstable_by_key(|(id, _)| *id);
        for (_, close) in closes {
            files.closed(Frame { at: close.at, ..frame }, close.context.handle, findings);
        }
    }

    fn request(&mut self, frame: Frame, unit: &[u8], before: Option<Context>, files: &Files) -> Context {
        let (command, flags, id) = (LE.u16(unit, 12), LE.u32(unit, 16), LE.u64(unit, 24));
        let mut context = Context { tree: (LE.u64(unit, 40), LE.u32(unit, 36)), handle: PREVIOUS, opener: None };
        if let Some(before) = before.filter(|_| flags & RELATED != 0) {
            context = before;
        }
        match COMMANDS.get(usize::from(command)) {
            None | Some((_, 0)) => {}
            Some((_, at)) => match file_id(unit, *at) {
                PREVIOUS => {}
                handle => context = Context { handle, opener: None, ..context },
            },
        }
        if command == CANCEL {
            return context;
        }
        let what = What::of(command, flags, unit, context, files);
        if let Some(opener) = context.opener.and_then(|opener| self.waiting.get_mut(&opener))
            && opener.followers.len() < FOLLOWERS
        {
            opener.followers.push(id);
        }
        self.make_room(id);
        let (at, followers, waits_for) = (frame.at, Vec::new(), None);
        self.waiting.insert(id, Request { at, command, context, what, followers, waits_for });
        match command {
            CREATE => Context { handle: PREVIOUS, opener: Some(id), ..context },
            _ => context,
        }
    }

    /// With as many as there can be, lets go of those that are so far from `id` that their answers must be lost.
    fn make_room(&mut self, id: u64) {
        const FAR: usize = OUTSTANDING / 2;
        if self.waiting.len() >= OUTSTANDING {
            let lost = self.waiting.extract(|other, _| other.abs_diff(id) >= FAR as u64);
            if lost.len() < FAR / 2 {
                // Ids are not what they should be: looking through them for every request would take too long.
                self.waiting = Few::default();
            }
        }
    }

    fn reply(&mut self, frame: Frame, unit: &[u8], files: &mut Files, counts: &mut Messages, findings: &mut Findings) {
        let (status, command, id) = (LE.u32(unit, 8), LE.u16(unit, 12), LE.u64(unit, 24));
        let (tree, session) = (LE.u32(unit, 36), LE.u64(unit, 40));
        counts.reply(status);
        match command {
            OPLOCK_BREAK if id == u64::MAX => {
                counts.breaks += 1;
                files.asked_to_give_way(frame);
            }
            CREATE if status == 0 => counts.opens += 1,
            CLOSE if status == 0 => counts.closes += 1,
            _ => {}
        }
        if status == PENDING {
            if let Some(request) = self.waiting.get_mut(&id).filter(|request| request.command == CREATE) {
                request.waits_for = files.waits_for(frame, request.context.who()).map(Box::new);
            }
            return;
        }
        let Some(request) = self.waiting.remove(&id).filter(|request| request.command == command) else {
            if status != 0 {
                let who = Who { session, pid: None };
                files.failed(frame, Answered::unasked(who, name(command), status), findings);
            }
            return;
        };
        let context = request.context;
        if status != 0 {
            // What follows a failed open in a compound fails, too: that is one attempt.
            if context.handle != PREVIOUS || context.opener.is_none() {
                request.failed(frame, status, files, findings);
            }
            return;
        }
        let handle = context.handle;
        match (command, request.what) {
            (SESSION_SETUP, What::Join) => self.session = Some(Session::Joined(session)),
            (SESSION_SETUP, what) => {
                files.log_on(session, if let What::User(name) = &what { name } else { "" });
                self.session = Some(Session::Begun(session));
            }
            (TREE_CONNECT, What::Connect(path)) => files.connect((session, tree), &path),
            (LOGOFF, _) => files.log_off(frame, context.tree.0, findings),
            (TREE_DISCONNECT, _) => files.disconnect(frame, context.tree, findings),
            (CREATE, What::Create(wanted)) => {
                let handle = file_id(unit, 128);
                for follower in request.followers {
                    let follower = self.waiting.get_mut(&follower);
                    if let Some(follower) = follower.filter(|request| request.context.opener == Some(id)) {
                        follower.context.handle = handle;
                    }
                }
                files.opened(frame, context.who(), handle, wanted, findings);
            }
            (CLOSE, _) => files.closed(frame, handle, findings),
            (WRITE, What::Range(range)) => {
                files.wrote(frame, handle, range.start.saturating_add(range.length), findings);
            }
            (LOCK, What::Locks(ranges)) => files.locked(frame, handle, ranges, findings),
            (SET_INFO, What::Rename(to)) => files.renamed(frame, handle, to, findings),
            (SET_INFO, What::Delete(is_deleted)) => files.marked(handle, is_deleted),
            _ => {}
        }
    }
}

impl Context {
    fn who(&self) -> Who {
        Who { session: self.tree.0, pid: None }
    }
}

impl What {
    fn of(command: u16, flags: u32, unit: &[u8], context: Context, files: &Files) -> What {
        let part = |offset: usize, length: usize| unit.get(offset..).map(|rest| &rest[..length.min(rest.len())]);
        let field = |at| usize::from(LE.u16(unit, at));
        match command {
            SESSION_SETUP if unit.get(66).is_some_and(|flags| flags & BINDING != 0) => What::Join,
            SESSION_SETUP => text::user(unit).map_or(What::Nothing, What::User),
            TREE_CONNECT => What::Connect(text::wide(part(field(68), field(70)).unwrap_or_default())),
            CREATE => {
                let path = part(field(108), field(110)).unwrap_or_default();
                let mut prefix = files.prefix(context.tree);
                if flags & DFS != 0 {
                    // The name has server and share in it.
                    prefix = r"\\".into();
                }
                let (access, share, disposition) = (LE.u32(unit, 88), LE.u32(unit, 96), LE.u32(unit, 100));
                let is_deleted = LE.u32(unit, 104) & DELETE_ON_CLOSE != 0;
                let mut mode = Wanted::mode(access, share, disposition);
                mode.deletes |= is_deleted;
                What::Create(Wanted { tree: context.tree, path: text::name(&prefix, path), mode, is_deleted })
            }
            READ | WRITE => What::Range(Range { start: LE.u64(unit, 72), length: LE.u32(unit, 68).into() }),
            LOCK => {
                let elements = unit.get(88..).unwrap_or_default().chunks_exact(24).take(field(66).min(RANGES));
                let range = |element| Range { start: LE.u64(element, 0), length: LE.u64(element, 8) };
                What::Locks(elements.map(|element| (range(element), LE.u32(element, 16) & UNLOCK == 0)).collect())
            }
            SET_INFO if unit.get(66) == Some(&INFO_FILE) => {
                let class = unit.get(67).copied().unwrap_or_default();
                let value = part(field(72), LE.u32(unit, 68) as usize).unwrap_or_default();
                if RENAME.contains(&class) {
                    let name = value.get(20..).unwrap_or_default();
                    let name = &name[..name.len().min(LE.u32(value, 16) as usize)];
                    What::Rename(text::name(&files.prefix(context.tree), name))
                } else if DISPOSITION.contains(&class) {
                    What::Delete(value.first().is_some_and(|flags| flags & 1 != 0))
                } else {
                    What::Nothing
                }
            }
            _ => What::Nothing,
        }
    }
}

impl Request {
    fn failed(self, frame: Frame, status: u32, files: &mut Files, findings: &mut Findings) {
        let Request { at, command, context, what, waits_for, .. } = self;
        let (path, mode, range) = match what {
            What::Create(wanted) => (Some(wanted.path), Some(wanted.mode), None),
            What::Range(range) => {
                let access = if command == WRITE { Access::Write } else { Access::Read };
                (None, Some(Mode { access, ..Mode::default() }), Some(range))
            }
            What::Locks(ranges) => (None, None, ranges.first().map(|(range, _)| *range)),
            What::Rename(_) | What::Delete(_) => (None, Some(Mode { deletes: true, ..Mode::default() }), None),
            What::Nothing | What::User(_) | What::Join | What::Connect(_) => (None, None, None),
        };
        let path = path.or_else(|| files.path(context.handle).cloned());
        let (asked, who, command) = (Some(at), context.who(), name(command));
        let waited_for = waits_for.map(|holder| *holder);
        files.failed(frame, Answered { asked, who, command, status, path, mode, range, waited_for }, findings);
    }
}

/// The file id at this place; none counts as one that refers back.
fn file_id(unit: &[u8], at: usize) -> Handle {
    unit.get(at..).and_then(|rest| rest.first_chunk()).map_or(PREVIOUS, |id| Handle::from_le_bytes(*id))
}

fn name(command: u16) -> &'static str {
    COMMANDS.get(usize::from(command)).map_or("SMB2", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(ids: impl Iterator<Item = u64>) -> Requests {
        let mut requests = Requests::default();
        for id in ids.take(OUTSTANDING) {
            let context = Context { tree: (0, 0), handle: PREVIOUS, opener: None };
            let (at, command, what, followers, waits_for) = (Timestamp(0), READ, What::Nothing, Vec::new(), None);
            requests.waiting.insert(id, Request { at, command, context, what, followers, waits_for });
        }
        requests
    }

    #[test]
    fn of_too_many_requests_the_recent_ones_are_kept() {
        let (mut requests, next) = (full(0..), OUTSTANDING as u64);
        requests.make_room(next);
        assert!(requests.waiting.get(&(next - 1)).is_some() && requests.waiting.get(&0).is_none());
        assert!(requests.waiting.len() < OUTSTANDING);
    }

    #[test]
    fn requests_of_ids_that_leave_nothing_to_let_go_are_let_go_together() {
        // All but one are near the next id.
        let (near, far) = (OUTSTANDING as u64 / 2, u64::MAX);
        let mut requests = full((1..OUTSTANDING as u64).chain([far]));
        requests.make_room(near);
        assert_eq!(requests.waiting.len(), 0);
    }
}
