//! Which packets belong together, who is client and who is server, and which protocol they speak.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

use ahash::HashMap;

use super::link::{Carried, Datagram, Segment};
use super::ncp::Ncp;
use super::smb::{self, Counts, Servers, Smb};
use super::tcp::Stream;
use super::{Conversation, Ends, Frame, Host, Side};
use crate::findings::Findings;

/// TCP ports of SMB, and of NCP; the latter also of UDP.
const SMB: [u16; 2] = [445, 139];
const NCP: u16 = 524;
/// IPX socket of NCP servers, and the packet type of NCP.
const NCP_SOCKET: u16 = 0x0451;
const NCP_TYPE: u8 = 17;
/// IPX packet types that also carry NCP, when a socket says so.
const PLAIN_TYPES: [u8; 2] = [0, 4];
/// NCP over TCP begins each message so, in one direction and the other.
const NCP_MAGIC: [(&[u8; 4], Side); 2] = [(b"DmdT", Side::Client), (b"tNcP", Side::Server)];
/// So many segments with content are looked at before a connection on any other port is left alone.
const TRIES: u8 = 8;
/// So many conversations are followed; beyond that, those idle longest are given up.
const FLOWS: usize = 1 << 16;
/// So many bytes are kept for all connections together.
const HELD: usize = 1 << 26;

/// So many places are remembered by parts of their ends alone.
const NEAR: usize = 1 << 10;

/// One end: machine, and port or socket.
type End = (Host, u16);

/// What a conversation is found by: its ends in order, and whether it is a TCP connection.
type Key = (End, End, bool);

/// All conversations of a capture.
#[derive(Default)]
pub(super) struct Flows {
    /// Where in `flows` a conversation is.
    places: HashMap<Key, usize>,
    flows: Vec<Flow>,
    /// Where the last conversation between ends alike is: saves looking it up for nearly every packet.
    near: Vec<usize>,
    /// Bytes kept for connections.
    held: usize,
    common: Common,
    /// Frames of link types that nobody here reads, and the first such type.
    foreign: Option<(u32, u64)>,
}

/// What all conversations have in common.
#[derive(Default)]
struct Common {
    /// Conversations so far.
    count: u32,
    servers: Servers,
    counts: Rc<RefCell<Counts>>,
}

/// One conversation.
struct Flow {
    ends: Ends,
    /// A TCP connection, not datagrams.
    is_stream: bool,
    number: u32,
    /// Number of the last frame.
    last: u64,
    /// The client's stream and the server's.
    streams: [Stream; 2],
    talk: Talk,
}

/// What a conversation is about.
enum Talk {
    /// Not known after so many segments with content.
    Unknown(u8),
    /// Nothing that is read here.
    Other,
    Smb(Box<Smb>),
    Ncp(Box<Ncp>),
    /// The connection has ended; what still comes was sent before.
    Over,
}

impl Flows {
    /// Takes what the next frame carries.
    pub(super) fn take(&mut self, frame: Frame, carried: &Carried<'_>, findings: &mut Findings) {
        match carried {
            Carried::Tcp(segment) => self.segment(frame, segment, findings),
            Carried::Datagram(datagram) => self.datagram(frame, datagram, findings),
            Carried::Other => {}
            Carried::Foreign(link) => self.foreign.get_or_insert((*link, 0)).1 += 1,
        }
    }

    /// The capture ends.
    pub(super) fn end(&mut self, frame: Frame, findings: &mut Findings) {
        for flow in &mut self.flows {
            flow.flush(frame, findings);
        }
        let counts = self.common.counts.borrow();
        if counts.encrypted > 0 {
            findings.warn("SMB", format!("{} messages are encrypted and cannot be read", counts.encrypted));
        }
        if counts.compressed > 0 {
            findings.warn("SMB", format!("{} messages are compressed and were not read", counts.compressed));
        }
        if let Some((link, count)) = self.foreign {
            findings.warn("capture", format!("{count} frames of link type {link} and the like cannot be read"));
        }
    }

    /// How much of SMB was read.
    #[cfg(test)]
    pub(super) fn counts(&self) -> Counts {
        self.common.counts.borrow().clone()
    }

    fn segment(&mut self, frame: Frame, segment: &Segment<'_>, findings: &mut Findings) {
        let is_new_client = segment.syn && segment.acknowledged.is_none();
        let server = || match (segment.syn, is_new_client) {
            (true, true) => segment.to,
            (true, false) => segment.from,
            _ => server(segment.from, segment.to),
        };
        let at = self.place(frame, &segment.from, &segment.to, true, server);
        let flow = &mut self.flows[at];
        if is_new_client && flow.is_other_connection(segment) {
            // The port is used again.
            flow.end(frame, findings);
            flow.begin(Ends { client: segment.from, server: segment.to }, &mut self.common);
        }
        if matches!(flow.talk, Talk::Other) {
            return;
        }
        let before = flow.held();
        flow.segment(frame, segment, &mut self.common, findings);
        self.held = (self.held + flow.held()).saturating_sub(before);
        if self.held > HELD {
            self.held -= flow.held();
            flow.drop_held(frame, findings);
        }
    }

    fn datagram(&mut self, frame: Frame, datagram: &Datagram<'_>, findings: &mut Findings) {
        let (from, to) = (&datagram.from, &datagram.to);
        let port = match from.0 {
            Host::Ip(_) => NCP,
            Host::Ipx(..) => NCP_SOCKET,
        };
        let at_port = from.1 == port || to.1 == port;
        let is_ncp = match from.0 {
            Host::Ip(_) => at_port,
            Host::Ipx(..) => datagram.kind == NCP_TYPE || (PLAIN_TYPES.contains(&datagram.kind) && at_port),
        };
        if !is_ncp {
            return;
        }
        let server = || if from.1 == port && to.1 != port { *from } else { *to };
        let at = self.place(frame, from, to, false, server);
        let flow = &mut self.flows[at];
        let side = flow.side(from);
        if let Talk::Ncp(ncp) = &mut flow.talk {
            ncp.datagram(frame, side, datagram.payload, findings);
        }
    }

    /// Where the conversation between two ends is; it is begun if there is none, with `server` as the server's end.
    fn place(&mut self, frame: Frame, one: &End, other: &End, is_stream: bool, server: impl FnOnce() -> End) -> usize {
        let slot = (part(one) ^ part(other)) as usize % NEAR;
        let near = self.near.get(slot).copied().unwrap_or_default();
        if let Some(flow) = self.flows.get_mut(near).filter(|flow| flow.is_between(one, other, is_stream)) {
            flow.last = frame.number;
            return near;
        }
        self.near.resize(NEAR, 0);
        let key = key(one, other, is_stream);
        if let Some(at) = self.places.get(&key) {
            self.flows[*at].last = frame.number;
            self.near[slot] = *at;
            return *at;
        }
        if self.flows.len() >= FLOWS {
            self.give_up();
        }
        let server = server();
        let ends = Ends { client: if server == *one { *other } else { *one }, server };
        let (streams, talk) = (Default::default(), Talk::Unknown(0));
        let mut flow = Flow { ends, is_stream, number: 0, last: frame.number, streams, talk };
        flow.begin(ends, &mut self.common);
        if !is_stream {
            flow.talk = Talk::Ncp(Box::new(Ncp::new(ends, flow.number)));
        }
        self.flows.push(flow);
        let at = self.flows.len() - 1;
        self.places.insert(key, at);
        self.near[slot] = at;
        at
    }

    /// Gives up the quarter of the conversations that has been idle longest.
    fn give_up(&mut self) {
        let mut ages: Vec<u64> = self.flows.iter().map(|flow| flow.last).collect();
        let (_, limit, _) = ages.select_nth_unstable(FLOWS / 4);
        let limit = *limit;
        self.flows.retain(|flow| flow.last >= limit);
        self.held = self.flows.iter().map(Flow::held).sum();
        self.places = self.flows.iter().enumerate().map(|(at, flow)| (flow.key(), at)).collect();
    }
}

fn key(one: &End, other: &End, is_stream: bool) -> Key {
    (*one.min(other), *one.max(other), is_stream)
}

/// A number made of an end, much the same for few others.
fn part((host, port): &End) -> u32 {
    let address = match host {
        Host::Ip(IpAddr::V4(address)) => address.to_bits(),
        Host::Ip(IpAddr::V6(address)) => address.to_bits() as u32,
        Host::Ipx(network, [.., a, b]) => network ^ u32::from(u16::from_be_bytes([*a, *b])),
    };
    address ^ address >> 16 ^ u32::from(*port)
}

/// Which end is the server, by its port, or else by its lower port.
fn server(from: End, to: End) -> End {
    let is_known = |end: End| SMB.contains(&end.1) || end.1 == NCP;
    match (is_known(from), is_known(to)) {
        (true, false) => from,
        (false, true) => to,
        _ if from.1 < to.1 => from,
        _ => to,
    }
}

impl Flow {
    fn is_between(&self, one: &End, other: &End, is_stream: bool) -> bool {
        let Ends { client, server } = &self.ends;
        self.is_stream == is_stream && ((client == one && server == other) || (client == other && server == one))
    }

    fn key(&self) -> Key {
        key(&self.ends.client, &self.ends.server, self.is_stream)
    }

    fn side(&self, from: &End) -> Side {
        if *from == self.ends.server && *from != self.ends.client { Side::Server } else { Side::Client }
    }

    /// Says what the conversation is about, when the port does.
    fn settle(&mut self, common: &Common) {
        if !matches!(self.talk, Talk::Unknown(_)) {
            return;
        }
        match self.ends.server.1 {
            NCP => self.talk = Talk::Ncp(Box::new(Ncp::new(self.ends, self.number))),
            port if SMB.contains(&port) => self.talk_smb(common),
            _ => {}
        }
    }

    fn talk_smb(&mut self, common: &Common) {
        let Common { servers, counts, .. } = common;
        self.talk = Talk::Smb(Box::new(Smb::new(self.ends, self.number, servers.clone(), counts.clone())));
    }

    /// Whether this SYN does not belong to the connection as far as it was seen.
    fn is_other_connection(&self, syn: &Segment<'_>) -> bool {
        let stream = &self.streams[Side::Client as usize];
        let is_over = matches!(self.talk, Talk::Over);
        self.ends.client != syn.from || stream.is_started() && !stream.began_with(syn.sequence) || is_over
    }

    /// Begins a new connection between the same ends.
    fn begin(&mut self, ends: Ends, common: &mut Common) {
        common.count += 1;
        self.ends = ends;
        self.number = common.count;
        self.streams = Default::default();
        self.talk = Talk::Unknown(0);
    }

    fn segment(&mut self, frame: Frame, segment: &Segment<'_>, common: &mut Common, findings: &mut Findings) {
        if let Talk::Over = self.talk {
            let stream = &self.streams[self.side(&segment.from) as usize];
            if segment.syn || segment.payload.is_empty() || stream.is_near(segment.sequence) {
                return;
            }
            self.begin(self.ends, common);
        }
        if !segment.payload.is_empty() || segment.missing > 0 {
            // Not earlier: many connections never come to anything.
            self.settle(common);
        }
        let side = self.side(&segment.from);
        if let Talk::Unknown(tries) = &mut self.talk {
            if !segment.payload.is_empty() {
                *tries += 1;
                let tries = *tries;
                match recognise(segment.payload) {
                    Some(sender) => self.recognised(segment, sender, common),
                    None if tries >= TRIES => self.talk = Talk::Other,
                    None => {}
                }
            }
            if matches!(self.talk, Talk::Unknown(_) | Talk::Other) {
                if segment.syn {
                    self.streams[side as usize].begin(segment.sequence);
                }
                return;
            }
        }
        let side = self.side(&segment.from);
        let Flow { streams, talk, .. } = self;
        if segment.syn {
            let stream = &mut streams[side as usize];
            if !stream.is_started() {
                stream.begin(segment.sequence);
            }
            return;
        }
        if let Some(number) = segment.acknowledged {
            let other = opposite(side);
            streams[other as usize].acknowledged(number, &mut |bytes| hand(talk, frame, other, bytes, findings));
        }
        let stream = &mut streams[side as usize];
        let sink = &mut |bytes: Option<&[u8]>| hand(talk, frame, side, bytes, findings);
        stream.segment(segment.sequence, segment.payload, segment.missing, sink);
        if segment.fin {
            let length = (segment.payload.len() as u32).wrapping_add(segment.missing);
            stream.finish(segment.sequence.wrapping_add(length));
        }
        if segment.reset || streams.iter().all(Stream::is_finished) {
            self.end(frame, findings);
        }
    }

    /// The protocol is known by the payload of this segment, which begins a message.
    fn recognised(&mut self, segment: &Segment<'_>, sender: Side, common: &Common) {
        let (client, server) = match sender {
            Side::Client => (segment.from, segment.to),
            Side::Server => (segment.to, segment.from),
        };
        if client != self.ends.client {
            self.streams.swap(0, 1);
        }
        self.ends = Ends { client, server };
        self.streams[sender as usize].resume(segment.sequence);
        if NCP_MAGIC.iter().any(|(magic, _)| segment.payload.starts_with(*magic)) {
            self.talk = Talk::Ncp(Box::new(Ncp::new(self.ends, self.number)));
        } else {
            self.talk_smb(common);
        }
    }

    /// The connection has ended: nothing of it is needed any more.
    fn end(&mut self, frame: Frame, findings: &mut Findings) {
        self.flush(frame, findings);
        match std::mem::replace(&mut self.talk, Talk::Over) {
            Talk::Smb(mut smb) => smb.end(frame, findings),
            Talk::Ncp(mut ncp) => ncp.end(frame, findings),
            Talk::Unknown(_) | Talk::Other | Talk::Over => {}
        }
    }

    /// Reads what waited for bytes that did not come.
    fn flush(&mut self, frame: Frame, findings: &mut Findings) {
        let Flow { streams, talk, .. } = self;
        for side in [Side::Client, Side::Server] {
            streams[side as usize].flush(&mut |bytes| hand(talk, frame, side, bytes, findings));
        }
    }

    fn drop_held(&mut self, frame: Frame, findings: &mut Findings) {
        let Flow { streams, talk, .. } = self;
        for side in [Side::Client, Side::Server] {
            streams[side as usize].drop_held(&mut |bytes| hand(talk, frame, side, bytes, findings));
        }
    }

    fn held(&self) -> usize {
        self.streams.iter().map(Stream::held).sum()
    }
}

fn opposite(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

/// Which protocol a segment's payload begins a message of, by who sent it.
fn recognise(payload: &[u8]) -> Option<Side> {
    let ncp = NCP_MAGIC.iter().find(|(magic, _)| payload.starts_with(*magic)).map(|(_, side)| *side);
    ncp.or_else(|| smb::recognise(payload))
}

/// Gives a stream's bytes, or a gap in it, to whoever reads the protocol.
fn hand(talk: &mut Talk, frame: Frame, from: Side, bytes: Option<&[u8]>, findings: &mut Findings) -> usize {
    let conversation: &mut dyn Conversation = match talk {
        Talk::Smb(smb) => smb.as_mut(),
        Talk::Ncp(ncp) => ncp.as_mut(),
        Talk::Unknown(_) | Talk::Other | Talk::Over => return bytes.map_or(0, <[u8]>::len),
    };
    match bytes {
        Some(bytes) => conversation.stream(frame, from, bytes, findings),
        None => {
            conversation.gap(frame, from, findings);
            0
        }
    }
}
