//! Who is logged on over a connection, which shares and files they have open, and what of that is told.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use lockwait_core::code::{Cause, Code, Entry};
use lockwait_core::observation::sighting::{Act, Attempt, Mode, Party, Range, Share, Sighting};
use lockwait_core::observation::{Access, Holder, Holders, Name};
use lockwait_core::time::{Span, Timestamp};

use super::super::few::Few;
use super::super::{Ends, Frame, Host};
use super::Servers;
use crate::findings::Findings;

/// What names an open file: SMB2's file id, or SMB1's.
pub(super) type Handle = u128;

/// What names a share in use: SMB2's session, 0 for SMB1, and the tree id.
pub(super) type TreeId = (u64, u32);

/// So many sessions, and so many shares, of one connection are kept.
const SESSIONS: usize = 1 << 12;
/// So many open files of one connection are kept.
const OPENS: usize = 1 << 16;
/// So many files that were refused are remembered.
const REFUSED: usize = 1 << 10;

/// Most records are shorter.
const RECORD: usize = 192;

/// The client's reauthentication is due, and it tries again by itself: no failure.
const SESSION_EXPIRED: u32 = 0xc000_035c;
/// No file, or no folder, of that name.
const NOT_FOUND: [u32; 2] = [0xc000_0034, 0xc000_003a];

/// One connection's sessions, shares and open files.
pub(super) struct Files {
    ends: Ends,
    /// The client's address.
    client: Arc<str>,
    /// The server's address.
    server: Arc<str>,
    /// Upper half of the numbers of sessions and opens.
    number: u64,
    servers: Servers,
    sessions: Few<u64, Party>,
    trees: Few<TreeId, Tree>,
    opens: Few<Handle, Open>,
    /// Opens so far.
    count: u64,
    /// Files that were refused and not opened since.
    refused: Few<Name, ()>,
}

/// A share that is in use.
#[derive(Debug)]
struct Tree {
    /// `\\server\share\`
    prefix: String,
    /// It has pipes and no files.
    is_pipes: bool,
}

/// A file that is open.
#[derive(Debug)]
struct Open {
    number: u64,
    who: Who,
    tree: TreeId,
    path: Name,
    /// The path is not the one that it was opened by.
    is_renamed: bool,
    /// The file is deleted when it is closed.
    is_deleted: bool,
}

/// Who asks: session, and process on the client where the protocol has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Who {
    pub(super) session: u64,
    pub(super) pid: Option<u32>,
}

/// A file that somebody wants to open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wanted {
    pub(super) tree: TreeId,
    pub(super) path: Name,
    pub(super) mode: Mode,
    /// The file is to be deleted when it is closed.
    pub(super) is_deleted: bool,
}

/// An attempt and its answer.
pub(super) struct Answered {
    /// When it was asked, where seen.
    pub(super) asked: Option<Timestamp>,
    pub(super) who: Who,
    /// Protocol and command.
    pub(super) command: &'static str,
    pub(super) status: u32,
    /// The file, where known.
    pub(super) path: Option<Name>,
    pub(super) mode: Option<Mode>,
    pub(super) range: Option<Range>,
    /// Whom it had to wait for before it was refused.
    pub(super) waited_for: Option<Party>,
}

impl Files {
    pub(super) fn new(ends: Ends, number: u32, servers: Servers) -> Files {
        Files {
            ends,
            client: address(ends.client.0).into(),
            server: address(ends.server.0).into(),
            number: u64::from(number) << 32,
            servers,
            sessions: Few::default(),
            trees: Few::default(),
            opens: Few::default(),
            count: 0,
            refused: Few::default(),
        }
    }

    /// The capture began in the middle, and what was taken for the client is the server.
    pub(super) fn turn(&mut self) {
        self.ends = Ends { client: self.ends.server, server: self.ends.client };
        std::mem::swap(&mut self.client, &mut self.server);
    }

    /// Somebody is logged on, or was before the capture began; `name` is empty where it is not known.
    pub(super) fn log_on(&mut self, session: u64, name: &str) {
        if let Some(party) = self.sessions.get_mut(&session) {
            if !name.is_empty() {
                party.name = name.into();
            }
        } else if self.sessions.len() < SESSIONS {
            let (address, index) = (Some(self.client.clone()), self.sessions.len() as u64 + 1);
            let party = Party { name: name.into(), pid: None, address, session: self.number | index };
            self.sessions.insert(session, party);
        }
    }

    /// The numbers of all sessions that there were.
    pub(super) fn sessions(&self) -> impl Iterator<Item = u64> {
        self.sessions.iter().map(|(session, _)| *session)
    }

    pub(super) fn log_off(&mut self, frame: Frame, session: u64, findings: &mut Findings) {
        self.close_all(frame, |open| open.who.session == session, findings);
        self.trees.extract(|(of, _), _| *of == session);
    }

    /// A share is in use: `\\server\share` as the client writes it.
    pub(super) fn connect(&mut self, tree: TreeId, path: &str) {
        if self.trees.len() >= SESSIONS {
            return;
        }
        let (server, name) = path.trim_start_matches('\\').split_once('\\').unwrap_or(("", path));
        // One server goes by several names; a file must not.
        let server = self.servers.name(self.ends.server.0, server);
        let is_pipes = name.eq_ignore_ascii_case("IPC$");
        self.trees.insert(tree, Tree { prefix: format!(r"\\{server}\{name}\"), is_pipes });
    }

    pub(super) fn disconnect(&mut self, frame: Frame, tree: TreeId, findings: &mut Findings) {
        self.close_all(frame, |open| open.tree == tree, findings);
        self.trees.remove(&tree);
    }

    /// What stands before the names of a share's files.
    pub(super) fn prefix(&self, tree: TreeId) -> Cow<'_, str> {
        match self.trees.get(&tree) {
            Some(tree) => Cow::Borrowed(&tree.prefix),
            None => {
                let name = self.servers.known(self.ends.server.0);
                Cow::Owned(format!(r"\\{}\", name.as_deref().unwrap_or(&self.server)))
            }
        }
    }

    pub(super) fn opened(&mut self, frame: Frame, who: Who, handle: Handle, wanted: Wanted, findings: &mut Findings) {
        let Wanted { tree, path, mode, is_deleted } = wanted;
        let is_pipe = self.trees.get(&tree).is_some_and(|tree| tree.is_pipes);
        if is_pipe || (self.opens.len() >= OPENS && self.opens.get(&handle).is_none()) {
            return;
        }
        self.refused.remove(&path);
        self.log_on(who.session, "");
        self.count += 1;
        let number = self.number | self.count;
        self.tell(frame, who, path.clone(), Act::Opened { open: number, mode }, String::new(), findings);
        self.opens.insert(handle, Open { number, who, tree, path, is_renamed: false, is_deleted });
    }

    pub(super) fn closed(&mut self, frame: Frame, handle: Handle, findings: &mut Findings) {
        if let Some(open) = self.opens.remove(&handle) {
            self.end(frame, open, findings);
        }
    }

    /// A process of the client ended: what it had open is closed.
    pub(super) fn exited(&mut self, frame: Frame, who: Who, findings: &mut Findings) {
        self.close_all(frame, |open| open.who == who && who.pid.is_some(), findings);
    }

    /// Everything that is open is closed.
    pub(super) fn close_everything(&mut self, frame: Frame, findings: &mut Findings) {
        self.close_all(frame, |_| true, findings);
    }

    pub(super) fn locked(
        &self,
        frame: Frame,
        handle: Handle,
        ranges: impl IntoIterator<Item = (Range, bool)>,
        findings: &mut Findings,
    ) {
        let Some(open) = self.opens.get(&handle) else { return };
        for (range, is_lock) in ranges {
            let act = match is_lock {
                true => Act::Locked { open: open.number, range },
                false => Act::Unlocked { open: open.number, range },
            };
            through(frame, Name::default(), act, findings);
        }
    }

    pub(super) fn wrote(&self, frame: Frame, handle: Handle, end: u64, findings: &mut Findings) {
        if let Some(open) = self.opens.get(&handle) {
            let path = if open.is_renamed { open.path.clone() } else { Name::default() };
            through(frame, path, Act::Wrote { open: open.number, end }, findings);
        }
    }

    /// An open file was given another name.
    pub(super) fn renamed(&mut self, frame: Frame, handle: Handle, to: Name, findings: &mut Findings) {
        if let Some(open) = self.opens.get_mut(&handle) {
            open.is_renamed = true;
            let (who, from) = (open.who, std::mem::replace(&mut open.path, to));
            self.done(frame, who, from, findings);
        }
    }

    /// Whether an open file is to be deleted was set.
    pub(super) fn marked(&mut self, handle: Handle, is_deleted: bool) {
        if let Some(open) = self.opens.get_mut(&handle) {
            open.is_deleted = is_deleted;
        }
    }

    /// A file was renamed or deleted by name.
    pub(super) fn done(&mut self, frame: Frame, who: Who, path: Name, findings: &mut Findings) {
        self.refused.remove(&path);
        self.tell(frame, who, path, Act::Done, String::new(), findings);
    }

    /// The path of an open file, if its opening was seen.
    pub(super) fn path(&self, handle: Handle) -> Option<&Name> {
        self.opens.get(&handle).map(|open| &open.path)
    }

    /// The server asks the client to give way.
    pub(super) fn asked_to_give_way(&self, frame: Frame) {
        // The notice does not say which session it is for.
        let party = match (self.sessions.len(), self.sessions.iter().next()) {
            (1, Some((_, only))) => only.clone(),
            _ => self.stranger(),
        };
        self.servers.asked(self.ends.server.0, frame.at, party);
    }

    /// The server says that an open must wait: for whom, if that is sure.
    pub(super) fn waits_for(&self, frame: Frame, who: Who) -> Option<Party> {
        self.servers.waits(self.ends.server.0, frame.at, self.party(who).session)
    }

    /// For whom an open that was asked at this time had to wait without a word of the server, if that is sure.
    pub(super) fn waited_for(&self, asked: Timestamp, who: Who) -> Option<Party> {
        self.servers.waited(self.ends.server.0, asked, self.party(who).session)
    }

    /// An attempt failed. Tells of it if somebody stood in the way, or the server did not answer as it should.
    pub(super) fn failed(&mut self, frame: Frame, answered: Answered, findings: &mut Findings) {
        if let (Some(holder), Some(path)) = (&answered.waited_for, &answered.path) {
            self.kept_waiting(frame, path, holder, findings);
        }
        let code = Code::ntstatus(answered.status);
        let entry = code.entry();
        match entry.map_or(Cause::Unknown, |entry| entry.cause) {
            Cause::Lock | Cause::RangeLock | Cause::MaybeLock | Cause::Going => {}
            Cause::Unreachable if answered.status != SESSION_EXPIRED => {}
            Cause::Gone if NOT_FOUND.contains(&answered.status) => {
                if self.refused.remove(answered.path.as_ref().unwrap_or(&Name::default())).is_some() {
                    let record = self.record(frame, &answered, entry);
                    self.tell(frame, answered.who, answered.path.unwrap_or_default(), Act::Gone, record, findings);
                }
                return;
            }
            _ => return,
        }
        self.log_on(answered.who.session, "");
        let attempt = Attempt {
            wanted: answered.mode,
            range: answered.range,
            latency: answered.asked.map(|asked| Span(frame.at.0.saturating_sub(asked.0))),
            ..Attempt::new(code)
        };
        let record = self.record(frame, &answered, entry);
        let path = answered.path.unwrap_or_default();
        if self.refused.len() < REFUSED && self.refused.get(&path).is_none() {
            self.refused.insert(path.clone(), ());
        }
        self.tell(frame, answered.who, path, Act::Refused(attempt), record, findings);
    }

    /// An open that had to wait for somebody to give way was refused in the end: that one has the file.
    fn kept_waiting(&self, frame: Frame, path: &Name, holder: &Party, findings: &mut Findings) {
        let Party { name, pid, address, .. } = holder;
        let (name, address) = (String::from(&**name), address.as_deref().map(String::from));
        let whom = address.as_deref().unwrap_or(&name);
        let record = format!(
            "frame {}: {} kept {} waiting while it asked {whom} to give way",
            frame.number, self.server, self.client
        );
        let holder = Holder { name, pid: *pid, address, ..Holder::default() };
        let (actor, act) = (Party::default(), Act::Held(Holders::Found(vec![holder])));
        findings.sightings.push(Sighting {
            at: frame.at,
            resolution: Span::ZERO,
            path: path.clone(),
            actor,
            act,
            record,
        });
    }

    /// `frame 12: 10.0.0.5 -> 10.0.0.9 SMB2 CREATE \\srv\share\x (read, share none): STATUS_SHARING_VIOLATION`
    fn record(&self, frame: Frame, answered: &Answered, entry: Option<Entry>) -> String {
        let mut record = String::with_capacity(RECORD);
        // Every refusal has one: texts are put together by hand, which takes a third of the time. Writing to a String
        // does not fail.
        let add = |record: &mut String, parts: &[&str]| parts.iter().for_each(|part| record.push_str(part));
        let _ = write!(record, "frame {}: ", frame.number);
        add(&mut record, &[&self.client, " -> ", &self.server, " ", answered.command]);
        if let Some(path) = &answered.path {
            add(&mut record, &[" ", &String::from_utf8_lossy(path.as_bytes())]);
        }
        if let Some(mode) = answered.mode {
            add(&mut record, &[" (", mode.access.as_str(), if mode.deletes { ", delete" } else { "" }]);
            if let Some(share) = mode.share {
                add(&mut record, &[", share ", share.words()]);
            }
            record.push(')');
        }
        if let Some(range) = answered.range {
            let _ = write!(record, " ({} bytes at {})", range.length, range.start);
        }
        match entry {
            Some(entry) => add(&mut record, &[": ", entry.name]),
            None => {
                let _ = write!(record, ": {}", Code::ntstatus(answered.status));
            }
        }
        record
    }

    fn close_all(&mut self, frame: Frame, which: impl Fn(&Open) -> bool, findings: &mut Findings) {
        let mut ended = self.opens.extract(|_, open| which(open));
        ended.sort_unstable_by_key(|(_, open)| open.number);
        for (_, open) in ended {
            self.end(frame, open, findings);
        }
    }

    fn end(&mut self, frame: Frame, open: Open, findings: &mut Findings) {
        through(frame, Name::default(), Act::Closed { open: open.number }, findings);
        if open.is_deleted {
            self.done(frame, open.who, open.path, findings);
        }
    }

    fn tell(&self, frame: Frame, who: Who, path: Name, act: Act, record: String, findings: &mut Findings) {
        let actor = self.party(who);
        findings.sightings.push(Sighting { at: frame.at, resolution: Span::ZERO, path, actor, act, record });
    }

    fn party(&self, who: Who) -> Party {
        let party = self.sessions.get(&who.session).cloned().unwrap_or_else(|| self.stranger());
        Party { pid: who.pid, ..party }
    }

    /// The client, where it is not known which of its sessions it is.
    fn stranger(&self) -> Party {
        Party { address: Some(self.client.clone()), session: self.number, ..Party::default() }
    }
}

/// Tells of what was done through an open, which says by whom and to which file; `path` is empty where it does.
fn through(frame: Frame, path: Name, act: Act, findings: &mut Findings) {
    let (actor, record) = (Party::default(), String::new());
    findings.sightings.push(Sighting { at: frame.at, resolution: Span::ZERO, path, actor, act, record });
}

impl Answered {
    /// An answer to a request that was not seen.
    pub(super) fn unasked(who: Who, command: &'static str, status: u32) -> Answered {
        Answered { asked: None, who, command, status, path: None, mode: None, range: None, waited_for: None }
    }
}

impl Wanted {
    /// What a request asks for: access and sharing as [MS-SMB2] 2.2.13 has them, which are those of SMB1 and Windows.
    pub(super) fn mode(access: u32, share: u32, disposition: u32) -> Mode {
        /// GENERIC_ALL or MAXIMUM_ALLOWED.
        const EVERYTHING: u32 = 0x1200_0000;
        /// To supersede is to delete, to overwrite is to write.
        const SUPERSEDE: u32 = 0;
        const OVERWRITE: [u32; 2] = [4, 5];
        let reads = access & (0x21 | 0x8000_0000 | 0x2000_0000 | EVERYTHING) != 0;
        let writes = access & (0x06 | 0x4000_0000 | EVERYTHING) != 0 || OVERWRITE.contains(&disposition);
        let deletes = access & (0x0001_0000 | EVERYTHING) != 0 || disposition == SUPERSEDE;
        let access = match (reads, writes) {
            (true, true) => Access::ReadWrite,
            (true, false) => Access::Read,
            (false, true) => Access::Write,
            (false, false) => Access::Unknown,
        };
        // Who only looks at attributes keeps nobody out.
        let looks = access == Access::Unknown && !deletes;
        Mode { access, deletes, share: Some(if looks { Share::ALL } else { Share::from_bits(share) }) }
    }
}

/// An address in words.
pub(super) fn address(host: Host) -> String {
    match host {
        Host::Ip(address) => address.to_canonical().to_string(),
        Host::Ipx(network, [a, b, c, d, e, f]) => format!("{network:08x}.{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}"),
    }
}
