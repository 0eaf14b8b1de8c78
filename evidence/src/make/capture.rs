//! Captures: frames of Ethernet with TCP, UDP and IPX in them, and the files that hold frames.
//!
//! A test makes the frames with a [`Wire`], changes them as it likes (drops, doubles, reorders), and has them written.

use std::net::SocketAddr;

use etherparse::PacketBuilder;
use lockwait_core::time::{Span, Timestamp};

/// A frame and when it was on the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// When.
    pub at: Timestamp,
    /// The frame from the Ethernet header on, without check sequence.
    pub bytes: Vec<u8>,
}

/// The frames of a capture under way, and its clock.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The frames so far.
    pub frames: Vec<Frame>,
    /// When the next frame is seen.
    pub now: Timestamp,
    /// Payload of the longest TCP segment: what is longer goes in several.
    pub segment: usize,
}

/// An address of IPX: network, node and socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ipx {
    /// Network number.
    pub network: u32,
    /// Node number: the hardware address.
    pub node: [u8; 6],
    /// Socket number.
    pub socket: u16,
}

/// How IPX lies in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IpxFrame {
    /// EtherType 0x8137.
    Ethernet2,
    /// IEEE 802.3 with nothing between the length and IPX.
    Raw,
    /// IEEE 802.2 LLC, service access point 0xe0.
    Llc,
    /// LLC and SNAP.
    Snap,
}

/// A TCP connection on a [`Wire`]: keeps its sequence numbers.
#[derive(Clone, Debug)]
pub struct Tcp {
    ends: [SocketAddr; 2],
    /// The next sequence number of each end.
    next: [u32; 2],
}

const CLIENT: usize = 0;
const SERVER: usize = 1;
/// What every end says it can take.
const WINDOW: u16 = 0xffff;
/// EtherType of IPX.
const IPX: u16 = 0x8137;

/// What a TCP segment is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Syn,
    SynAck,
    Data,
    Fin,
    Reset,
}

impl Wire {
    /// Nothing yet; the first frame is seen at `now`.
    pub fn new(now: Timestamp) -> Wire {
        Wire { frames: Vec::new(), now, segment: 1_460 }
    }

    /// Lets time pass.
    pub fn wait(&mut self, span: Span) {
        self.now = self.now + span;
    }

    /// Puts a frame of one's own on the wire.
    pub fn frame(&mut self, bytes: Vec<u8>) {
        self.frames.push(Frame { at: self.now, bytes });
    }

    /// Sends a UDP datagram. Both ends have the same kind of address.
    pub fn udp(&mut self, from: SocketAddr, to: SocketAddr, payload: &[u8]) {
        let packet = self.ip(from, to).udp(from.port(), to.port());
        let mut bytes = Vec::with_capacity(packet.size(payload.len()));
        packet.write_to_vec(&mut bytes, payload).expect("a datagram that IP can carry");
        self.frame(bytes);
    }

    /// Sends an IPX packet of this type (17: NCP).
    pub fn ipx(&mut self, form: IpxFrame, kind: u8, from: Ipx, to: Ipx, payload: &[u8]) {
        let mut ipx = vec![0xff, 0xff];
        ipx.extend(length16(30 + payload.len()).to_be_bytes());
        ipx.extend([0, kind]);
        for end in [to, from] {
            ipx.extend(end.network.to_be_bytes());
            ipx.extend(end.node);
            ipx.extend(end.socket.to_be_bytes());
        }
        ipx.extend(payload);
        let between: &[u8] = match form {
            IpxFrame::Ethernet2 | IpxFrame::Raw => &[],
            IpxFrame::Llc => &[0xe0, 0xe0, 0x03],
            IpxFrame::Snap => &[0xaa, 0xaa, 0x03, 0, 0, 0, 0x81, 0x37],
        };
        let kind_or_length = match form {
            IpxFrame::Ethernet2 => IPX,
            _ => length16(between.len() + ipx.len()),
        };
        let mut bytes = [to.node, from.node].concat();
        bytes.extend(kind_or_length.to_be_bytes());
        bytes.extend(between);
        bytes.extend(ipx);
        // Ethernet's shortest frame.
        bytes.resize(bytes.len().max(60), 0);
        self.frame(bytes);
    }

    fn ip(&self, from: SocketAddr, to: SocketAddr) -> etherparse::PacketBuilderStep<etherparse::IpHeaders> {
        let ethernet = PacketBuilder::ethernet2(hardware(from), hardware(to));
        match (from, to) {
            (SocketAddr::V4(from), SocketAddr::V4(to)) => ethernet.ipv4(from.ip().octets(), to.ip().octets(), 64),
            _ => ethernet.ipv6(octets(from), octets(to), 64),
        }
    }
}

impl Tcp {
    /// Opens a connection: the three frames of the handshake.
    pub fn open(wire: &mut Wire, client: SocketAddr, server: SocketAddr) -> Tcp {
        let mut tcp = Tcp::midway(client, server);
        tcp.segment(wire, CLIENT, Segment::Syn, &[]);
        tcp.segment(wire, SERVER, Segment::SynAck, &[]);
        tcp.segment(wire, CLIENT, Segment::Data, &[]);
        tcp
    }

    /// A connection that was open before the capture began.
    pub fn midway(client: SocketAddr, server: SocketAddr) -> Tcp {
        // Ports are enough to make connections differ; high numbers so that long ones wrap around.
        let first = |end: SocketAddr| 0xffff_0000 ^ u32::from(end.port());
        Tcp { ends: [client, server], next: [first(client), first(server)] }
    }

    /// The client sends these bytes of the stream.
    pub fn ask(&mut self, wire: &mut Wire, bytes: &[u8]) {
        self.send(wire, CLIENT, bytes);
    }

    /// The server sends these bytes of the stream.
    pub fn answer(&mut self, wire: &mut Wire, bytes: &[u8]) {
        self.send(wire, SERVER, bytes);
    }

    /// The client acknowledges what the server sent, without sending anything.
    pub fn acknowledge(&mut self, wire: &mut Wire) {
        self.segment(wire, CLIENT, Segment::Data, &[]);
    }

    /// The client asks whether the server still lives: one byte that was sent before.
    pub fn keep_alive(&mut self, wire: &mut Wire) {
        self.next[CLIENT] = self.next[CLIENT].wrapping_sub(1);
        self.segment(wire, CLIENT, Segment::Data, &[0]);
        self.segment(wire, SERVER, Segment::Data, &[]);
    }

    /// Both ends close, the client first.
    pub fn close(mut self, wire: &mut Wire) {
        self.segment(wire, CLIENT, Segment::Fin, &[]);
        self.segment(wire, SERVER, Segment::Fin, &[]);
        self.segment(wire, CLIENT, Segment::Data, &[]);
    }

    /// The client breaks the connection off.
    pub fn reset(mut self, wire: &mut Wire) {
        self.segment(wire, CLIENT, Segment::Reset, &[]);
    }

    fn send(&mut self, wire: &mut Wire, from: usize, bytes: &[u8]) {
        for piece in bytes.chunks(wire.segment.max(1)) {
            self.segment(wire, from, Segment::Data, piece);
        }
    }

    fn segment(&mut self, wire: &mut Wire, from: usize, segment: Segment, payload: &[u8]) {
        let (source, target) = (self.ends[from], self.ends[1 - from]);
        let (sequence, acknowledged) = (self.next[from], self.next[1 - from]);
        let tcp = wire.ip(source, target).tcp(source.port(), target.port(), sequence, WINDOW);
        let packet = match segment {
            Segment::Syn => tcp.syn(),
            Segment::SynAck => tcp.syn().ack(acknowledged),
            Segment::Data if payload.is_empty() => tcp.ack(acknowledged),
            Segment::Data => tcp.psh().ack(acknowledged),
            Segment::Fin => tcp.fin().ack(acknowledged),
            Segment::Reset => tcp.rst().ack(acknowledged),
        };
        let counts = matches!(segment, Segment::Syn | Segment::SynAck | Segment::Fin);
        self.next[from] = sequence.wrapping_add(payload.len() as u32).wrapping_add(u32::from(counts));
        let mut bytes = Vec::with_capacity(packet.size(payload.len()));
        packet.write_to_vec(&mut bytes, payload).expect("a segment that IP can carry");
        wire.frame(bytes);
    }
}

/// The frames as a pcap file: little-endian, whole microseconds, Ethernet.
pub fn pcap(frames: &[Frame]) -> Vec<u8> {
    let mut file = Vec::new();
    for field in [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 0x4_0000, 1_u32] {
        file.extend(field.to_le_bytes());
    }
    for frame in frames {
        let (seconds, micros) = (frame.at.0 / 1_000_000, frame.at.0 % 1_000_000);
        let length = frame.bytes.len() as u32;
        for field in [seconds as u32, micros as u32, length, length] {
            file.extend(field.to_le_bytes());
        }
        file.extend(&frame.bytes);
    }
    file
}

/// The frames as a pcapng file: little-endian, one section, one Ethernet interface, microseconds.
pub fn pcapng(frames: &[Frame]) -> Vec<u8> {
    let mut file = Vec::new();
    // Byte-order magic, version 1.0, section of unknown length.
    block(&mut file, 0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_le_bytes(), &[1, 0, 0, 0], &[0xff; 8]]);
    // Ethernet, no limit on the length of a frame.
    block(&mut file, 1, &[&[1, 0, 0, 0], &[0; 4]]);
    for frame in frames {
        let (high, low) = ((frame.at.0 >> 32) as u32, frame.at.0 as u32);
        let length = (frame.bytes.len() as u32).to_le_bytes();
        block(&mut file, 6, &[&[0; 4], &high.to_le_bytes(), &low.to_le_bytes(), &length, &length, &frame.bytes]);
    }
    file
}

/// One block of a pcapng file.
fn block(file: &mut Vec<u8>, kind: u32, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let padded = length.next_multiple_of(4);
    let total = (padded as u32 + 12).to_le_bytes();
    file.extend(kind.to_le_bytes());
    file.extend(total);
    parts.iter().for_each(|part| file.extend(*part));
    file.resize(file.len() + padded - length, 0);
    file.extend(total);
}

/// A hardware address made from a network address.
fn hardware(end: SocketAddr) -> [u8; 6] {
    let [.., a, b, c, d] = octets(end);
    [2, 0, a, b, c, d]
}

/// The address as IPv6 has it.
fn octets(end: SocketAddr) -> [u8; 16] {
    match end {
        SocketAddr::V4(end) => end.ip().to_ipv6_mapped().octets(),
        SocketAddr::V6(end) => end.ip().octets(),
    }
}

fn length16(length: usize) -> u16 {
    u16::try_from(length).expect("a packet shorter than 64 KiB")
}
