//! From a frame to what it carries: link types, VLAN tags, LLC, IP with its fragments, IPX.

use std::collections::BTreeMap;
use std::net::IpAddr;

use etherparse::defrag::IpDefragBuf;
use etherparse::{IpFragOffset, IpNumber, Ipv6ExtensionSlice, LaxIpSlice, TcpSlice, UdpSlice};

use super::Host;
use super::file::Order;

/// Link types (<https://www.tcpdump.org/linktypes.html>).
const NULL: u32 = 0;
const ETHERNET: u32 = 1;
const LOOP: u32 = 108;
const COOKED: u32 = 113;
const COOKED_2: u32 = 276;
/// IP without anything before it: the standard's numbers, and two that systems write.
const RAW: [u32; 5] = [101, 228, 229, 12, 14];

/// EtherTypes.
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const IPX: u16 = 0x8137;
/// Up to this it is no type but a length: IEEE 802.3. Linux writes 1 there for raw 802.3 and 4 for LLC.
const LONGEST: u16 = 1_500;
/// VLAN tags: IEEE 802.1Q, 802.1ad, and an older one.
const TAGS: [u16; 3] = [0x8100, 0x88a8, 0x9100];

/// UDP port of IPX in IP (RFC 1234).
const IPX_PORT: u16 = 213;
/// So many packets may be waiting for fragments; the one that began first is given up for another.
const PARTIAL: usize = 64;

/// What a frame carries.
#[derive(Debug)]
pub(super) enum Carried<'a> {
    Tcp(Segment<'a>),
    /// UDP or IPX, whole as far as the frame was captured.
    Datagram(Datagram<'a>),
    /// Nothing that concerns files.
    Other,
    /// Nothing that can be read: it is of this link type.
    Foreign(u32),
}

/// A TCP segment.
#[derive(Debug)]
pub(super) struct Segment<'a> {
    pub(super) from: (Host, u16),
    pub(super) to: (Host, u16),
    pub(super) sequence: u32,
    /// The acknowledged sequence number, if it has one.
    pub(super) acknowledged: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) reset: bool,
    pub(super) payload: &'a [u8],
    /// So many bytes of the payload were not captured.
    pub(super) missing: u32,
}

/// A datagram.
#[derive(Debug)]
pub(super) struct Datagram<'a> {
    pub(super) from: (Host, u16),
    pub(super) to: (Host, u16),
    /// IPX packet type; 0 for UDP.
    pub(super) kind: u8,
    pub(super) payload: &'a [u8],
}

/// Packets of which some fragments came.
#[derive(Default, Debug)]
pub(super) struct Fragments {
    partial: BTreeMap<Id, (u64, IpDefragBuf)>,
    /// Counts the packets that came in fragments.
    count: u64,
    /// The packet put together last.
    whole: Vec<u8>,
    /// Packets given up.
    pub(super) lost: u64,
}

/// Source, destination, identification, protocol.
type Id = (IpAddr, IpAddr, u32, u8);

/// What the frame of this link type carries.
pub(super) fn carried<'a>(link: u32, frame: &'a [u8], fragments: &'a mut Fragments) -> Carried<'a> {
    let big = Order { is_big: true };
    let after = |length: usize| frame.get(length..).unwrap_or_default();
    match link {
        ETHERNET => ethernet(frame, 12, fragments),
        COOKED => by_type(big.u16(frame, 14), after(16), fragments),
        COOKED_2 => by_type(big.u16(frame, 0), after(20), fragments),
        // The address family before it has other numbers on every system; IP tells its version itself.
        NULL | LOOP => ip(after(4), fragments),
        _ if RAW.contains(&link) => ip(frame, fragments),
        _ => Carried::Foreign(link),
    }
}

/// What follows the hardware addresses: the type, or a length, at `at`.
fn ethernet<'a>(frame: &'a [u8], mut at: usize, fragments: &'a mut Fragments) -> Carried<'a> {
    let big = Order { is_big: true };
    while TAGS.contains(&big.u16(frame, at)) {
        at += 4;
    }
    by_type(big.u16(frame, at), frame.get(at + 2..).unwrap_or_default(), fragments)
}

fn by_type<'a>(kind: u16, payload: &'a [u8], fragments: &'a mut Fragments) -> Carried<'a> {
    match kind {
        IPV4 | IPV6 => ip(payload, fragments),
        IPX => ipx(payload),
        0..=LONGEST => llc(payload, fragments),
        _ if TAGS.contains(&kind) => ethernet(payload, 2, fragments),
        _ => Carried::Other,
    }
}

/// IEEE 802.2, or IPX without it, which then begins with a checksum that is never used.
fn llc<'a>(payload: &'a [u8], fragments: &'a mut Fragments) -> Carried<'a> {
    match payload {
        [0xff, 0xff, ..] => ipx(payload),
        [0xe0, 0xe0, 0x03, rest @ ..] => ipx(rest),
        [0xaa, 0xaa, 0x03, _, _, _, high, low, rest @ ..] => match u16::from_be_bytes([*high, *low]) {
            IPX => ipx(rest),
            IPV4 | IPV6 => ip(rest, fragments),
            _ => Carried::Other,
        },
        _ => Carried::Other,
    }
}

/// The header's 30 bytes: checksum, length, hops, type, destination, source (network, node, socket).
fn ipx(packet: &[u8]) -> Carried<'_> {
    let big = Order { is_big: true };
    let end = |at| {
        let node = packet.get(at + 4..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        (Host::Ipx(big.u32(packet, at), node), big.u16(packet, at + 10))
    };
    // Ethernet fills short frames up.
    let length = usize::from(big.u16(packet, 2)).min(packet.len());
    match packet.get(30..length) {
        Some(payload) => Carried::Datagram(Datagram { from: end(18), to: end(6), kind: packet[5], payload }),
        None => Carried::Other,
    }
}

fn ip<'a>(packet: &'a [u8], fragments: &'a mut Fragments) -> Carried<'a> {
    let Ok((sliced, _)) = LaxIpSlice::from_slice(packet) else { return Carried::Other };
    let (source, target, length, payload): (IpAddr, IpAddr, _, _) = match &sliced {
        LaxIpSlice::Ipv4(packet) => {
            let header = packet.header();
            let length = usize::from(header.total_len());
            (header.source_addr().into(), header.destination_addr().into(), length, packet.payload())
        }
        LaxIpSlice::Ipv6(packet) => {
            let header = packet.header();
            let length = usize::from(header.payload_length()) + 40;
            (header.source_addr().into(), header.destination_addr().into(), length, packet.payload())
        }
    };
    let kind = payload.ip_number;
    let (bytes, missing) = if payload.fragmented {
        let Some(place) = place(&sliced) else { return Carried::Other };
        if !fragments.add((source, target, place.identification, kind.0), place, payload.payload) {
            return Carried::Other;
        }
        (fragments.whole.as_slice(), 0)
    } else {
        // Where the sender's hardware cuts the packet up, the length may be 0.
        (payload.payload, if payload.incomplete { length.saturating_sub(packet.len()) } else { 0 })
    };
    transport(source, target, kind, bytes, missing as u32)
}

fn transport<'a>(source: IpAddr, target: IpAddr, kind: IpNumber, payload: &'a [u8], missing: u32) -> Carried<'a> {
    let ends = |from, to| ((Host::Ip(source), from), (Host::Ip(target), to));
    match kind {
        IpNumber::TCP => {
            let Ok(tcp) = TcpSlice::from_slice(payload) else { return Carried::Other };
            let (from, to) = ends(tcp.source_port(), tcp.destination_port());
            Carried::Tcp(Segment {
                from,
                to,
                sequence: tcp.sequence_number(),
                acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
                syn: tcp.syn(),
                fin: tcp.fin(),
                reset: tcp.rst(),
                payload: tcp.payload(),
                missing,
            })
        }
        IpNumber::UDP => {
            let Ok(udp) = UdpSlice::from_slice_lax(payload) else { return Carried::Other };
            if udp.source_port() == IPX_PORT || udp.destination_port() == IPX_PORT {
                return ipx(udp.payload());
            }
            let (from, to) = ends(udp.source_port(), udp.destination_port());
            Carried::Datagram(Datagram { from, to, kind: 0, payload: udp.payload() })
        }
        _ => Carried::Other,
    }
}

/// Where a fragment belongs.
struct Place {
    identification: u32,
    offset: IpFragOffset,
    more: bool,
}

fn place(packet: &LaxIpSlice<'_>) -> Option<Place> {
    match packet {
        LaxIpSlice::Ipv4(packet) => {
            let header = packet.header();
            Some(Place {
                identification: header.identification().into(),
                offset: header.fragments_offset(),
                more: header.more_fragments(),
            })
        }
        LaxIpSlice::Ipv6(packet) => packet.extensions().clone().into_iter().find_map(|extension| match extension {
            Ipv6ExtensionSlice::Fragment(fragment) => {
                let header = fragment.to_header();
                let (offset, more) = (header.fragment_offset, header.more_fragments);
                Some(Place { identification: header.identification, offset, more })
            }
            _ => None,
        }),
    }
}

impl Fragments {
    /// Takes a fragment; whether `whole` is now the packet.
    fn add(&mut self, id: Id, place: Place, bytes: &[u8]) -> bool {
        self.count += 1;
        if self.partial.len() >= PARTIAL && !self.partial.contains_key(&id) {
            let oldest = self.partial.iter().min_by_key(|(_, (count, _))| *count).map(|(id, _)| *id);
            oldest.and_then(|id| self.partial.remove(&id));
            self.lost += 1;
        }
        let begin = || (self.count, IpDefragBuf::new(IpNumber(id.3), Vec::new(), Vec::new()));
        let (_, packet) = self.partial.entry(id).or_insert_with(begin);
        if packet.add(place.offset, place.more, bytes).is_err() {
            self.partial.remove(&id);
            self.lost += 1;
            return false;
        }
        if !packet.is_complete() {
            return false;
        }
        if let Some((_, packet)) = self.partial.remove(&id) {
            self.whole = packet.take_bufs().0;
        }
        true
    }
}
