//! NetWare Core Protocol over TCP, UDP and IPX: who opens, locks, writes and deletes what, and who is refused.
//!
//! A reply does not say what it answers, so every request is kept until its reply: the same connection and sequence
//! number. What a completion code means depends on the function; [`Code`] knows, and what it calls a lock is a refusal
//! here. Other failures are none: not found is the normal end of a search.
//!
//! A request that comes again with the same sequence number and content is the same request, sent again because no
//! answer came in time. A program that tries again sends a new number.
//!
//! **Queued locks.** Completion code 0x7f says that a lock, or an open that must wait for an op-lock, is queued. That
//! is a wait and no failure when it is granted next: by the same call, or by function 112 that asks for it. It is a
//! refusal when the client asks again and is told again to wait, when it ends in another code, and when the client
//! closes the file or ends before it was granted.
//!
//! **Whole files.** A file that is locked as a whole (Log File, Lock File Set) shows as an open that lets nobody else
//! in, or only readers, until it is released or cleared.
//!
//! Packet burst (type 7777) reads and writes without requests and replies; it is counted and said, not read.
//!
//! [`Code`]: lockwait_core::code::Code

mod call;
mod connection;
mod path;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use lockwait_core::observation::Name;
use lockwait_core::observation::sighting::{Act, Attempt, Party, Range, Sighting};
use lockwait_core::time::Span;

use self::connection::Connection;
use self::wire::{Front, Message};
use super::{Conversation, Ends, Frame, Host, Side};
use crate::findings::Findings;

/// Connections of one client that are followed at once: a program has one or a few.
const CONNECTIONS: usize = 64;

/// A client's talk with a NetWare server.
#[derive(Debug)]
pub(crate) struct Ncp {
    client: Arc<str>,
    server: String,
    /// The upper half of the sessions' and opens' numbers.
    number: u64,
    sessions: u64,
    opens: u64,
    connections: Vec<Connection>,
    /// The client asked for a connection with this sequence number.
    creating: Option<u8>,
    /// The side whose stream is searched for the next message because bytes of it are missing.
    lost: [bool; 2],
    said: Said,
    counts: Counts,
}

/// What was already said of this conversation.
#[derive(Debug, Default)]
struct Said {
    burst: bool,
    noise: bool,
    left_out: bool,
}

/// What was read, by kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    /// Sent again, for want of an answer.
    pub(crate) repeated_requests: u64,
    pub(crate) replies: u64,
    pub(crate) repeated_replies: u64,
    /// Replies to requests that the capture does not have.
    pub(crate) unpaired_replies: u64,
    /// "I am working on it."
    pub(crate) processing: u64,
    pub(crate) creates: u64,
    pub(crate) destroys: u64,
    pub(crate) broadcasts: u64,
    pub(crate) bursts: u64,
    /// Watchdogs and packet-length echoes.
    pub(crate) others: u64,
    /// Not NCP.
    pub(crate) unknown: u64,
    pub(crate) opens: u64,
    /// Of files whose open was seen.
    pub(crate) closes: u64,
    /// Replies by completion code.
    pub(crate) codes: BTreeMap<u8, u64>,
}

/// Where what is seen goes, and what it has in common.
struct Stage<'a> {
    frame: Frame,
    client: &'a Arc<str>,
    server: &'a str,
    number: u64,
    opens: &'a mut u64,
    said: &'a mut Said,
    counts: &'a mut Counts,
    findings: &'a mut Findings,
}

impl Ncp {
    /// A conversation between two ends of which nothing is known yet; `number` tells it from others of its input.
    pub(crate) fn new(ends: Ends, number: u32) -> Ncp {
        Ncp {
            client: address(ends.client.0).into(),
            server: address(ends.server.0),
            number: u64::from(number) << 32,
            sessions: 0,
            opens: 0,
            connections: Vec::new(),
            creating: None,
            lost: [false; 2],
            said: Said::default(),
            counts: Counts::default(),
        }
    }

    #[cfg(test)]
    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Everything but the connections, so that both can be borrowed.
    fn stage<'a>(&'a mut self, frame: Frame, findings: &'a mut Findings) -> (Stage<'a>, &'a mut Vec<Connection>) {
        let stage = Stage {
            frame,
            client: &self.client,
            server: &self.server,
            number: self.number,
            opens: &mut self.opens,
            said: &mut self.said,
            counts: &mut self.counts,
            findings,
        };
        (stage, &mut self.connections)
    }

    fn message(&mut self, frame: Frame, from: Side, bytes: &[u8], findings: &mut Findings) {
        let Some(message) = Message::read(from, bytes) else {
            self.counts.unknown += 1;
            return;
        };
        match message {
            Message::Request(request) => {
                // The reply that says which connection was created was not seen.
                self.creating = self.creating.filter(|sequence| *sequence != request.sequence);
                let at = self.connection(request.connection);
                let (mut stage, connections) = self.stage(frame, findings);
                connections[at].request(&request, &mut stage);
            }
            Message::Reply(reply) => {
                if self.creating == Some(reply.sequence) {
                    return self.created(frame, reply.connection, findings);
                }
                let at = self.connection(reply.connection);
                let (mut stage, connections) = self.stage(frame, findings);
                if let Some(number) = connections[at].reply(&reply, &mut stage) {
                    self.over(frame, number, findings);
                }
            }
            Message::Create { sequence } => {
                self.counts.creates += 1;
                self.creating = Some(sequence);
            }
            Message::Destroy { connection } => {
                self.counts.destroys += 1;
                self.over(frame, connection, findings);
            }
            Message::Processing => self.counts.processing += 1,
            Message::Broadcast => self.counts.broadcasts += 1,
            Message::Watchdog | Message::Echo => self.counts.others += 1,
            Message::Burst => {
                self.counts.bursts += 1;
                if !std::mem::replace(&mut self.said.burst, true) {
                    let (place, who) = (frame_words(frame), self.parties());
                    findings.warn(place, format_args!("{who}: NCP packet burst; what it reads and writes is not seen"));
                }
            }
        }
    }

    /// The index of the connection of this number, which is the last one when it was not known.
    fn connection(&mut self, number: u16) -> usize {
        if let Some(at) = self.connections.iter().position(|connection| connection.number == number) {
            return at;
        }
        if self.connections.len() == CONNECTIONS {
            self.connections.remove(0);
        }
        self.sessions += 1;
        self.connections.push(Connection::new(number, self.number | self.sessions));
        self.connections.len() - 1
    }

    /// The server gave the client a connection. If its number is known, the connection that had it is no more.
    fn created(&mut self, frame: Frame, number: u16, findings: &mut Findings) {
        self.creating = None;
        self.over(frame, number, findings);
        self.connection(number);
    }

    /// A connection has ended.
    fn over(&mut self, frame: Frame, number: u16, findings: &mut Findings) {
        let (mut stage, connections) = self.stage(frame, findings);
        if let Some(at) = connections.iter().position(|connection| connection.number == number) {
            connections.remove(at).end(&mut stage);
        }
    }

    fn parties(&self) -> String {
        format!("{} -> {}", self.client, self.server)
    }
}

impl Conversation for Ncp {
    fn stream(&mut self, frame: Frame, from: Side, bytes: &[u8], findings: &mut Findings) -> usize {
        let mut done = 0;
        while done < bytes.len() {
            match Front::of(from, &bytes[done..]) {
                Front::Message(message, length) => {
                    self.lost[from as usize] = false;
                    self.message(frame, from, message, findings);
                    done += length;
                }
                Front::Part => break,
                Front::Noise(length) => {
                    // One stray byte before a message is what some servers send.
                    let is_odd = length > 1 && !self.lost[from as usize];
                    if is_odd && !std::mem::replace(&mut self.said.noise, true) {
                        let (place, who) = (frame_words(frame), self.parties());
                        findings.warn(place, format_args!("{who}: skipped bytes that are no NCP message"));
                    }
                    done += length;
                }
            }
        }
        done
    }

    fn gap(&mut self, _: Frame, from: Side, _: &mut Findings) {
        self.lost[from as usize] = true;
    }

    fn datagram(&mut self, frame: Frame, from: Side, bytes: &[u8], findings: &mut Findings) {
        self.message(frame, from, bytes, findings);
    }

    fn end(&mut self, frame: Frame, findings: &mut Findings) {
        let (mut stage, connections) = self.stage(frame, findings);
        for mut connection in connections.drain(..) {
            connection.end(&mut stage);
        }
    }
}

impl Stage<'_> {
    /// A name for an open that no other one of the input has.
    fn open_id(&mut self) -> u64 {
        *self.opens += 1;
        self.number | *self.opens
    }

    fn say(&mut self, actor: Party, path: &[u8], act: Act, record: String) {
        let path =
            if path.is_empty() { Name::default() } else { Name::from(&[self.server.as_bytes(), b":", path].concat()) };
        self.findings.sightings.push(Sighting { at: self.frame.at, resolution: Span::ZERO, path, actor, act, record });
    }

    /// A refusal as people read it: `frame 12: 10.0.0.5 -> 10.0.0.9 NCP 87/1 open SYS/NAME: 0x80 Lock fail`.
    fn record(&self, verb: &str, path: &[u8], attempt: &Attempt) -> String {
        let Attempt { code, range, .. } = *attempt;
        let function = match (code.ncp_function(), code.ncp_subfunction()) {
            (Some(function), Some(subfunction)) => format!("{function}/{subfunction}"),
            (function, _) => function.unwrap_or(0).to_string(),
        };
        let bytes = range.map_or_else(String::new, |Range { start, length }| format!(" bytes {start}+{length}"));
        format!(
            "{}: {} -> {} NCP {function} {verb} {}{bytes}: {:#04x} {}",
            frame_words(self.frame),
            self.client,
            self.server,
            String::from_utf8_lossy(path),
            code.ncp_completion(),
            code.name().unwrap_or("unknown"),
        )
    }

    /// Something is not followed any further.
    fn leave_out(&mut self, what: &str) {
        if !std::mem::replace(&mut self.said.left_out, true) {
            let who = format!("{} -> {}", self.client, self.server);
            self.findings.warn(frame_words(self.frame), format_args!("{who}: {what}; the others are left out"));
        }
    }
}

fn frame_words(frame: Frame) -> String {
    format!("frame {}", frame.number)
}

/// An address without its port: an IP address, or `network:node`.
fn address(host: Host) -> String {
    match host {
        Host::Ip(address) => address.to_string(),
        Host::Ipx(network, node) => {
            let node: String = node.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{network:08x}:{node}")
        }
    }
}
