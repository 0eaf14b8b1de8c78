//! One NCP connection: its requests under way, what it has open and locked, and what that shows.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use lockwait_core::code::{Cause, Code};
use lockwait_core::observation::sighting::{Act, Attempt, Mode, Party, Range};
use lockwait_core::time::Timestamp;

use super::Stage;
use super::call::{Call, Handle};
use super::path::{self, Handles, Path};
use super::wire::{Reply, Request, bytes_at, text};

/// Requests without an answer; a client has one, or a few when it is made of several threads.
const UNDER_WAY: usize = 32;
/// Files one connection may have open, and ranges and files it may have locked; more are not followed.
const OPENS: usize = 4_096;
const LOCKS: usize = 1_024;
/// Queued locks whose outcome is awaited, and refused files that are remembered.
const WAITS: usize = 16;
const REFUSED: usize = 64;

/// Completion codes with a meaning of their own here.
const OK: u8 = 0x00;
const LOCK_WAITING: u8 = 0x7f;
/// Bits of a reply's connection status: the connection is not, or soon will not be.
const OVER: u8 = 0x01 | 0x10;

/// The state of a connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) number: u16,
    session: u64,
    user: Arc<str>,
    handles: Handles,
    under_way: VecDeque<Pending>,
    answered: Option<Print>,
    opens: BTreeMap<Handle, Open>,
    records: Vec<Record>,
    files: Vec<FileLock>,
    waits: VecDeque<Pending>,
    refused: VecDeque<Path>,
}

/// A request that waits for its reply.
#[derive(Debug)]
struct Pending {
    print: Print,
    at: Timestamp,
    task: u8,
    /// `None` when it does not matter who has a file.
    call: Option<Call>,
}

/// What makes a request the same as another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Print {
    sequence: u8,
    function: u8,
    subfunction: Option<u8>,
    digest: u64,
}

#[derive(Debug)]
struct Open {
    id: u64,
    path: Path,
    task: u8,
    /// How far the file is known to reach.
    end: u64,
    /// Nobody was told: it was open before the capture began.
    is_unseen: bool,
}

/// A byte range that was noted for locking.
#[derive(Debug)]
struct Record {
    handle: Handle,
    range: Range,
    task: u8,
    is_locked: bool,
}

/// A whole file that was noted for locking.
#[derive(Debug)]
struct FileLock {
    path: Path,
    mode: Mode,
    task: u8,
    /// The open that stands for the lock while it is held.
    held: Option<u64>,
}

/// Whose things are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Task(u8),
    All,
}

impl Connection {
    pub(super) fn new(number: u16, session: u64) -> Connection {
        Connection {
            number,
            session,
            user: Arc::default(),
            handles: Handles::new(number),
            under_way: VecDeque::new(),
            answered: None,
            opens: BTreeMap::new(),
            records: Vec::new(),
            files: Vec::new(),
            waits: VecDeque::new(),
            refused: VecDeque::new(),
        }
    }

    /// Notes a request, unless it is one that was sent before: the same sequence number with the same content is a
    /// client that got no answer in time, not a program that tries again.
    pub(super) fn request(&mut self, request: &Request<'_>, stage: &mut Stage<'_>) {
        let print = Print::of(request);
        if self.answered == Some(print) || self.under_way.iter().any(|pending| pending.print == print) {
            stage.counts.repeated_requests += 1;
            return;
        }
        stage.counts.requests += 1;
        // The number wrapped around and the reply was never seen.
        self.under_way.retain(|pending| pending.print.sequence != print.sequence);
        if self.under_way.len() == UNDER_WAY {
            self.under_way.pop_front();
        }
        let call = Call::read(request, &self.handles);
        self.under_way.push_back(Pending { print, at: stage.frame.at, task: request.task, call });
    }

    /// Takes a reply: finds what it answers, and what that shows. Returns another connection that it ended.
    pub(super) fn reply(&mut self, reply: &Reply<'_>, stage: &mut Stage<'_>) -> Option<u16> {
        *stage.counts.codes.entry(reply.completion).or_default() += 1;
        let mut under_way = self.under_way.iter();
        let Some(at) = under_way.position(|pending| pending.print.sequence == reply.sequence) else {
            match self.answered {
                Some(print) if print.sequence == reply.sequence => stage.counts.repeated_replies += 1,
                _ => stage.counts.unpaired_replies += 1,
            }
            return None;
        };
        stage.counts.replies += 1;
        let pending = self.under_way.remove(at)?;
        self.answered = Some(pending.print);
        let mut cleared = None;
        match pending.call {
            Some(Call::Clear { connection }) if reply.completion == OK => cleared = Some(connection),
            Some(Call::AskWait) => self.ask_wait(reply, stage),
            Some(_) => self.outcome(pending, reply, stage),
            None => {}
        }
        if reply.status & OVER != 0 {
            self.end(stage);
        }
        cleared
    }

    /// The connection is over: nothing stays open or locked.
    pub(super) fn end(&mut self, stage: &mut Stage<'_>) {
        self.release(Whose::All, stage);
        *self = Connection::new(self.number, self.session);
    }

    /// What the reply to a call shows.
    fn outcome(&mut self, pending: Pending, reply: &Reply<'_>, stage: &mut Stage<'_>) {
        let code = pending.print.code(reply.completion);
        let is_lock = matches!(code.cause(), Cause::Lock | Cause::RangeLock);
        let waited = self.waits.iter().position(|wait| wait.call == pending.call);
        if reply.completion == LOCK_WAITING && is_lock && waited.is_none() {
            if self.waits.len() == WAITS {
                self.give_up(0, stage);
            }
            return self.waits.push_back(pending);
        }
        if let Some(at) = waited
            && reply.completion != LOCK_WAITING
        {
            self.waits.remove(at);
        }
        if reply.completion == OK {
            self.success(pending, reply, stage);
        } else if is_lock {
            self.refusal(&pending, code, stage);
        } else if let Some(Call::Open { path, .. }) = &pending.call
            && code.cause() == Cause::Gone
            && self.pardon(path)
        {
            // It was there when it was refused. Who took it away, this reply does not say.
            stage.say(Party::default(), path, Act::Gone, String::new());
        }
    }

    /// The reply to the question whether the lock that was queued last is there now.
    fn ask_wait(&mut self, reply: &Reply<'_>, stage: &mut Stage<'_>) {
        let Some(last) = self.waits.len().checked_sub(1) else { return };
        match reply.completion {
            OK => {
                if let Some(pending) = self.waits.pop_back() {
                    self.success(pending, reply, stage);
                }
            }
            LOCK_WAITING => self.still_waiting(last, stage),
            _ => self.give_up(last, stage),
        }
    }

    /// A queued lock that was not granted after all.
    fn give_up(&mut self, at: usize, stage: &mut Stage<'_>) {
        self.still_waiting(at, stage);
        self.waits.remove(at);
    }

    /// A queued lock that is still not granted.
    fn still_waiting(&mut self, at: usize, stage: &mut Stage<'_>) {
        if let Some(pending) = self.waits.remove(at) {
            self.refusal(&pending, pending.print.code(LOCK_WAITING), stage);
            self.waits.insert(at, pending);
        }
    }

    fn refusal(&mut self, pending: &Pending, code: Code, stage: &mut Stage<'_>) {
        let Some(call) = pending.call.as_ref().filter(|call| call.is_attempt()) else { return };
        let (path, range) = self.object(call);
        let attempt = Attempt {
            wanted: call.wanted(),
            range,
            latency: Some(stage.frame.at.since(pending.at)),
            ..Attempt::new(code)
        };
        let record = stage.record(call.verb(), &path, &attempt);
        stage.say(self.actor(stage), &path, Act::Refused(attempt), record);
        if !path.is_empty() && !self.refused.iter().any(|known| known.eq_ignore_ascii_case(&path)) {
            if self.refused.len() == REFUSED {
                self.refused.pop_front();
            }
            self.refused.push_back(path);
        }
    }

    /// The file and the bytes that a call is about. A call about all that was noted is about a file only when that is
    /// one file.
    fn object(&self, call: &Call) -> (Path, Option<Range>) {
        match call {
            Call::Open { path, .. } | Call::LogFile { path, .. } | Call::Remove { path } => (path.clone(), None),
            Call::Transfer { handle, range, .. } | Call::LogRecord { handle, range, .. } => {
                (self.path_of(*handle), Some(*range))
            }
            Call::LockRecords => match self.records.as_slice() {
                [record] => (self.path_of(record.handle), Some(record.range)),
                [first, rest @ ..] if rest.iter().all(|record| record.handle == first.handle) => {
                    (self.path_of(first.handle), None)
                }
                _ => (Path::default(), None),
            },
            Call::LockFiles => match self.files.as_slice() {
                [file] => (file.path.clone(), None),
                _ => (Path::default(), None),
            },
            _ => (Path::default(), None),
        }
    }

    fn path_of(&self, handle: Handle) -> Path {
        self.opens.get(&handle).map_or_else(|| path::unseen(handle, self.number), |open| open.path.clone())
    }

    fn success(&mut self, pending: Pending, reply: &Reply<'_>, stage: &mut Stage<'_>) {
        let task = pending.task;
        let Some(call) = pending.call else { return };
        match call {
            Call::Open { path, mode, handle_at } => {
                if let Some(handle) = bytes_at(reply.bytes, handle_at) {
                    self.open(handle, path, mode, task, stage);
                }
            }
            Call::Close { handle } => self.close(handle, stage),
            Call::Transfer { handle, range, writes } => {
                if writes {
                    self.wrote(handle, range, stage);
                }
            }
            Call::LogRecord { handle, range, now } => {
                let at = self.records.iter().position(|record| record.handle == handle && record.range == range);
                if let Some(at) = at.or_else(|| self.log(handle, range, task, stage))
                    && now
                {
                    self.lock(at, stage);
                }
            }
            Call::LockRecords => (0..self.records.len()).for_each(|at| self.lock(at, stage)),
            Call::FreeRecord { handle, range, forget } => {
                let is_meant = |record: &Record| record.handle == handle && record.range == range;
                self.unlock(is_meant, forget, stage);
            }
            Call::FreeRecords { forget } => self.unlock(|record| record.task == task, forget, stage),
            Call::LogFile { path, mode, now } => self.log_file(path, mode, task, now, stage),
            Call::LockFiles => (0..self.files.len()).for_each(|at| self.lock_file(at, stage)),
            Call::FreeFile { path, forget } => {
                self.unlock_files(|file| file.path.eq_ignore_ascii_case(&path), forget, stage);
            }
            Call::FreeFiles { forget } => self.unlock_files(|file| file.task == task, forget, stage),
            Call::Remove { path } => {
                let act = if self.pardon(&path) { Act::Done } else { Act::Gone };
                stage.say(self.actor(stage), &path, act, String::new());
            }
            Call::Learn { handle, path } => {
                if let Some(handle) = handle.or_else(|| reply.bytes.get(8).copied()) {
                    self.handles.learn(handle, path);
                }
            }
            Call::Resolve { handle } => {
                if let Some(path) = text(reply.bytes, 8).and_then(|name| self.handles.text(0, name)) {
                    self.handles.learn(handle, path);
                }
            }
            Call::Forget { handle } => self.handles.forget(handle),
            Call::Login { user } => self.user = String::from_utf8_lossy(&user).into(),
            // Task 0 is the client itself.
            Call::EndTask => self.release(if task == 0 { Whose::All } else { Whose::Task(task) }, stage),
            Call::Logout => {
                self.release(Whose::All, stage);
                self.user = Arc::default();
            }
            Call::AskWait | Call::Clear { .. } => {}
        }
    }

    fn open(&mut self, handle: Handle, path: Path, mode: Mode, task: u8, stage: &mut Stage<'_>) {
        // Directories are made by the same calls and have no handle.
        if handle == Handle::default() {
            return;
        }
        // Its close was not seen.
        self.close(handle, stage);
        self.pardon(&path);
        if self.opens.len() == OPENS {
            return stage.leave_out("more files open on one connection than can be followed");
        }
        let id = stage.open_id();
        stage.counts.opens += 1;
        stage.say(self.actor(stage), &path, Act::Opened { open: id, mode }, String::new());
        self.opens.insert(handle, Open { id, path, task, end: 0, is_unseen: false });
    }

    fn close(&mut self, handle: Handle, stage: &mut Stage<'_>) {
        while let Some(at) = self.waits.iter().position(|wait| wait.call.as_ref().is_some_and(|call| call.uses(handle)))
        {
            self.give_up(at, stage);
        }
        self.records.retain(|record| record.handle != handle);
        let Some(open) = self.opens.remove(&handle) else { return };
        if !open.is_unseen {
            stage.counts.closes += 1;
        }
        stage.say(self.actor(stage), &open.path, Act::Closed { open: open.id }, String::new());
    }

    fn wrote(&mut self, handle: Handle, range: Range, stage: &mut Stage<'_>) {
        let end = range.start.saturating_add(range.length);
        let Some(open) = self.opens.get_mut(&handle).filter(|open| end > open.end) else { return };
        open.end = end;
        if let Some(open) = self.opens.get(&handle) {
            stage.say(self.actor(stage), &open.path, Act::Wrote { open: open.id, end }, String::new());
        }
    }

    /// Notes a range for locking; returns its index.
    fn log(&mut self, handle: Handle, range: Range, task: u8, stage: &mut Stage<'_>) -> Option<usize> {
        if self.records.len() == LOCKS {
            stage.leave_out("more locks on one connection than can be followed");
            return None;
        }
        if !self.opens.contains_key(&handle) {
            if self.opens.len() == OPENS {
                return None;
            }
            let open = Open { id: stage.open_id(), path: self.path_of(handle), task, end: 0, is_unseen: true };
            self.opens.insert(handle, open);
        }
        self.records.push(Record { handle, range, task, is_locked: false });
        Some(self.records.len() - 1)
    }

    fn lock(&mut self, at: usize, stage: &mut Stage<'_>) {
        let actor = self.actor(stage);
        let Some(record) = self.records.get_mut(at).filter(|record| !record.is_locked) else { return };
        record.is_locked = true;
        if let Some(open) = self.opens.get(&record.handle) {
            stage.say(actor, &open.path, Act::Locked { open: open.id, range: record.range }, String::new());
        }
    }

    fn unlock(&mut self, is_meant: impl Fn(&Record) -> bool, forget: bool, stage: &mut Stage<'_>) {
        let actor = self.actor(stage);
        for record in self.records.iter_mut().filter(|record| record.is_locked && is_meant(record)) {
            record.is_locked = false;
            if let Some(open) = self.opens.get(&record.handle) {
                stage.say(
                    actor.clone(),
                    &open.path,
                    Act::Unlocked { open: open.id, range: record.range },
                    String::new(),
                );
            }
        }
        if forget {
            self.records.retain(|record| !is_meant(record));
        }
    }

    /// A file that is locked as a whole is held as by an open that lets nobody else in, or only readers.
    fn log_file(&mut self, path: Path, mode: Mode, task: u8, now: bool, stage: &mut Stage<'_>) {
        let known = self.files.iter().position(|file| file.path.eq_ignore_ascii_case(&path));
        let at = known.unwrap_or(self.files.len());
        if known.is_none() {
            if self.files.len() == LOCKS {
                return stage.leave_out("more locks on one connection than can be followed");
            }
            self.files.push(FileLock { path, mode, task, held: None });
        }
        if now {
            self.lock_file(at, stage);
        }
    }

    fn lock_file(&mut self, at: usize, stage: &mut Stage<'_>) {
        let actor = self.actor(stage);
        let Some(file) = self.files.get_mut(at).filter(|file| file.held.is_none()) else { return };
        let id = stage.open_id();
        file.held = Some(id);
        let (path, mode) = (file.path.clone(), file.mode);
        self.pardon(&path);
        stage.say(actor, &path, Act::Opened { open: id, mode }, String::new());
    }

    fn unlock_files(&mut self, is_meant: impl Fn(&FileLock) -> bool, forget: bool, stage: &mut Stage<'_>) {
        let actor = self.actor(stage);
        for file in self.files.iter_mut().filter(|file| is_meant(file)) {
            if let Some(open) = file.held.take() {
                stage.say(actor.clone(), &file.path, Act::Closed { open }, String::new());
            }
        }
        if forget {
            self.files.retain(|file| !is_meant(file));
        }
    }

    /// Closes and unlocks without being asked for each file.
    fn release(&mut self, whose: Whose, stage: &mut Stage<'_>) {
        let is_meant = |task| whose == Whose::All || whose == Whose::Task(task);
        while let Some(at) = self.waits.iter().position(|wait| is_meant(wait.task)) {
            self.give_up(at, stage);
        }
        self.unlock_files(|file| is_meant(file.task), true, stage);
        let handles = self.opens.iter().filter(|(_, open)| is_meant(open.task)).map(|(handle, _)| *handle);
        for handle in handles.collect::<Vec<_>>() {
            self.close(handle, stage);
        }
        self.unlock(|record| is_meant(record.task), true, stage);
    }

    /// Forgets that a file was refused; says whether it was.
    fn pardon(&mut self, path: &[u8]) -> bool {
        let at = self.refused.iter().position(|known| known.eq_ignore_ascii_case(path));
        at.and_then(|at| self.refused.remove(at)).is_some()
    }

    fn actor(&self, stage: &Stage<'_>) -> Party {
        Party { name: self.user.clone(), pid: None, address: Some(stage.client.clone()), session: self.session }
    }
}

impl Print {
    fn of(request: &Request<'_>) -> Print {
        // What follows the first bytes is data to write.
        let head = request.bytes.iter().take(64);
        // FNV-1a.
        let digest =
            head.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        let Request { sequence, function, subfunction, .. } = *request;
        Print { sequence, function, subfunction, digest }
    }

    fn code(self, completion: u8) -> Code {
        Code::ncp(completion, Some(self.function), self.subfunction)
    }
}
