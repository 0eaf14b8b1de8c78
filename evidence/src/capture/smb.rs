//! SMB over TCP: messages out of a stream, each handed to its version's reader.

mod breaks;
mod counts;
mod files;
mod text;
mod v1;
mod v2;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use lockwait_core::observation::sighting::Party;
use lockwait_core::time::Timestamp;

use breaks::Breaks;
pub(crate) use counts::Counts;
#[cfg(test)]
pub(crate) use counts::Messages;
use files::Files;
use v2::Session;

use super::file::Order;
use super::{Conversation, Ends, Frame, Host, Side};
use crate::findings::Findings;

/// SMB's numbers are little-endian.
const LE: Order = Order { is_big: false };
/// What messages begin with ([MS-CIFS] 2.2.3.1, [MS-SMB2] 2.2.1, 2.2.41, 2.2.42).
const OLD: &[u8; 4] = b"\xffSMB";
const NEW: &[u8; 4] = b"\xfeSMB";
const ENCRYPTED: &[u8; 4] = b"\xfdSMB";
const COMPRESSED: &[u8; 4] = b"\xfcSMB";
/// Before each message: its type and its length in 24 bits (RFC 1001 17.1, [MS-SMB2] 2.1).
const FRAMING: usize = 4;
/// Types beyond the message itself: session request, its answers, keep-alive.
const OTHERS: std::ops::RangeInclusive<u8> = 0x81..=0x85;
/// So much of a message is looked at, at most.
const WHOLE: usize = 1 << 16;
/// So many servers' names are remembered, and so many sessions.
const REMEMBERED: usize = 1 << 12;

/// One connection of a client to a server.
pub(crate) struct Smb {
    server: Host,
    servers: Servers,
    /// Shared by all connections of a session ([MS-SMB2] 3.3.5.5): what one opens, another closes.
    files: Rc<RefCell<Files>>,
    /// Those of all connections.
    counts: Rc<RefCell<Counts>>,
    reading: Reading,
}

/// How far the messages of a connection are read.
#[derive(Default)]
struct Reading {
    /// Of the client's stream and the server's: the next message's beginning is looked for.
    is_lost: [bool; 2],
    /// Something was read, so it is known who the client is.
    is_sure: bool,
    /// The server sent something.
    is_answered: bool,
    old: v1::Requests,
    new: v2::Requests,
}

/// What is known of servers, by their addresses.
#[derive(Clone, Default)]
pub(crate) struct Servers(Rc<RefCell<Known>>);

#[derive(Default)]
struct Known {
    servers: BTreeMap<Host, Server>,
    /// Sessions that other connections may join.
    sessions: BTreeMap<(Host, u64), Weak<RefCell<Files>>>,
}

/// One server.
#[derive(Default)]
struct Server {
    /// The first name that a client uses.
    name: Option<String>,
    /// Whom it has just asked to give way.
    breaks: Breaks,
}

impl Known {
    /// What is known of a server, unless there are too many.
    fn server(&mut self, host: Host) -> Option<&mut Server> {
        let is_room = self.servers.len() < REMEMBERED || self.servers.contains_key(&host);
        is_room.then(|| self.servers.entry(host).or_default())
    }
}

impl Servers {
    /// The name to use for a server that a client calls `name`.
    fn name(&self, host: Host, name: &str) -> String {
        match self.0.borrow_mut().server(host) {
            Some(server) => server.name.get_or_insert_with(|| name.into()).clone(),
            None => name.into(),
        }
    }

    /// The name in use for a server, if any is.
    fn known(&self, host: Host) -> Option<String> {
        self.0.borrow().servers.get(&host)?.name.clone()
    }

    /// The server asks a client to give way.
    fn asked(&self, host: Host, at: Timestamp, party: Party) {
        if let Some(server) = self.0.borrow_mut().server(host) {
            server.breaks.asked(at, party);
        }
    }

    /// Whom an open of this session must wait for, if that is sure.
    fn waits(&self, host: Host, at: Timestamp, session: u64) -> Option<Party> {
        self.0.borrow_mut().servers.get_mut(&host)?.breaks.waits(at, session)
    }

    /// Whom an open of this session that was asked at this time had to wait for, if that is sure.
    fn waited(&self, host: Host, asked: Timestamp, session: u64) -> Option<Party> {
        self.0.borrow().servers.get(&host)?.breaks.behind(asked, session)
    }

    /// A session has begun.
    fn begun(&self, host: Host, session: u64, files: &Rc<RefCell<Files>>) {
        let sessions = &mut self.0.borrow_mut().sessions;
        if sessions.len() >= REMEMBERED {
            sessions.retain(|_, files| files.strong_count() > 0);
            if sessions.len() > REMEMBERED / 2 {
                sessions.clear();
            }
        }
        sessions.insert((host, session), Rc::downgrade(files));
    }

    /// The sessions of these files are over: nothing is kept of them but their numbers.
    fn ended(&self, host: Host, files: &Rc<RefCell<Files>>) {
        let sessions = &mut self.0.borrow_mut().sessions;
        for session in files.borrow().sessions() {
            // Another connection may have begun one of that number since.
            if let Some(kept) = sessions.get_mut(&(host, session)).filter(|kept| kept.as_ptr() == Rc::as_ptr(files)) {
                *kept = Weak::new();
            }
        }
    }

    /// What belongs to a session that another connection has begun.
    fn joined(&self, host: Host, session: u64) -> Option<Rc<RefCell<Files>>> {
        self.0.borrow().sessions.get(&(host, session))?.upgrade()
    }
}

/// Whether the payload of a segment begins with a message, and if so, who sent it.
pub(super) fn recognise(payload: &[u8]) -> Option<Side> {
    let message = payload.get(FRAMING..).filter(|_| begins(payload))?;
    match message.first_chunk() {
        Some(OLD) => Some(side(v1::is_reply(message))),
        Some(NEW) => Some(side(v2::is_reply(message))),
        _ => None,
    }
}

fn side(is_reply: bool) -> Side {
    if is_reply { Side::Server } else { Side::Client }
}

/// Whether a message begins here. At least eight bytes are needed to say so.
fn begins(bytes: &[u8]) -> bool {
    let Some([0, _, _, _, magic @ ..]) = bytes.first_chunk::<8>() else { return false };
    [OLD, NEW, ENCRYPTED, COMPRESSED].contains(&magic) && length(bytes) >= 16
}

fn length(bytes: &[u8]) -> usize {
    match bytes {
        [_, high, middle, low, ..] => usize::from(*high) << 16 | usize::from(*middle) << 8 | usize::from(*low),
        _ => 0,
    }
}

impl Smb {
    pub(crate) fn new(ends: Ends, number: u32, servers: Servers, counts: Rc<RefCell<Counts>>) -> Smb {
        let files = Rc::new(RefCell::new(Files::new(ends, number, servers.clone())));
        Smb { server: ends.server.0, servers, files, counts, reading: Reading::default() }
    }
}

impl Reading {
    /// Reads the messages in `bytes`, up to one that begins or joins a session; returns how many bytes it is done with.
    fn read(
        &mut self,
        frame: Frame,
        from: Side,
        bytes: &[u8],
        files: &mut Files,
        counts: &mut Counts,
        findings: &mut Findings,
    ) -> usize {
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| rest.len() >= FRAMING && self.new.session.is_none()) {
            if self.is_lost[from as usize] {
                // A message's length and first word are eight bytes.
                match rest.windows(8).position(begins) {
                    Some(at) => done += at,
                    None => return done + rest.len().saturating_sub(7),
                }
                self.is_lost[from as usize] = false;
                continue;
            }
            let length = length(rest);
            match rest[0] {
                0 if rest.len() < 8 && length >= 4 => return done,
                0 if length == 0 || begins(rest) => {
                    if !self.message(frame, from, rest, files, counts, findings) {
                        return done;
                    }
                    done += FRAMING + length;
                }
                kind if OTHERS.contains(&kind) => done += FRAMING + (length & 0x1_ffff),
                _ => {
                    self.is_lost[from as usize] = true;
                    counts.lost += 1;
                }
            }
        }
        done
    }

    /// Reads the message that `bytes` begin with, or what of it matters; `false` when more must come first.
    fn message(
        &mut self,
        frame: Frame,
        from: Side,
        bytes: &[u8],
        files: &mut Files,
        counts: &mut Counts,
        findings: &mut Findings,
    ) -> bool {
        let length = length(bytes);
        let bytes = &bytes[FRAMING..bytes.len().min(FRAMING + length)];
        let Some(magic) = bytes.first_chunk::<4>() else { return length < 4 };
        let needed = match magic {
            OLD => v1::needed(bytes, length),
            NEW => v2::needed(bytes, length),
            _ => 0,
        };
        if bytes.len() < needed.min(16 * WHOLE) {
            return false;
        }
        match magic {
            OLD => {
                self.be_sure(from, v1::is_reply(bytes), files);
                self.old.message(frame, bytes, files, &mut counts.old, findings);
            }
            NEW => {
                self.be_sure(from, v2::is_reply(bytes), files);
                self.new.message(frame, bytes, files, &mut counts.new, findings);
            }
            ENCRYPTED => counts.encrypted += 1,
            COMPRESSED => counts.compressed += 1,
            _ => {}
        }
        true
    }

    /// A capture that begins in the middle does not say who opened the connection; the first message does.
    fn be_sure(&mut self, from: Side, is_reply: bool, files: &mut Files) {
        if !self.is_sure && side(is_reply) != from {
            files.turn();
        }
        self.is_sure = true;
    }
}

impl Conversation for Smb {
    fn stream(&mut self, frame: Frame, from: Side, bytes: &[u8], findings: &mut Findings) -> usize {
        self.reading.is_answered |= from == Side::Server;
        let mut done = 0;
        let counts = &mut self.counts.borrow_mut();
        loop {
            let rest = bytes.get(done..).unwrap_or_default();
            done += self.reading.read(frame, from, rest, &mut self.files.borrow_mut(), counts, findings);
            match self.reading.new.session.take() {
                None => return done,
                Some(Session::Begun(session)) => self.servers.begun(self.server, session, &self.files),
                Some(Session::Joined(session)) => {
                    if let Some(files) = self.servers.joined(self.server, session) {
                        self.files = files;
                    }
                }
            }
        }
    }

    fn gap(&mut self, frame: Frame, from: Side, findings: &mut Findings) {
        let Reading { is_lost, is_answered, new, old, .. } = &mut self.reading;
        is_lost[from as usize] = true;
        self.counts.borrow_mut().lost += 1;
        if from == Side::Server && *is_answered {
            let files = &mut self.files.borrow_mut();
            new.give_up(frame, files, findings);
            old.give_up(frame, files, findings);
        }
    }

    fn datagram(&mut self, _: Frame, _: Side, _: &[u8], _: &mut Findings) {}

    fn end(&mut self, frame: Frame, findings: &mut Findings) {
        // A session ends with the last of its connections.
        if Rc::strong_count(&self.files) == 1 {
            self.files.borrow_mut().close_everything(frame, findings);
            self.servers.ended(self.server, &self.files);
        }
    }
}
