//! NCP: requests and replies, and sessions that speak it over TCP, UDP or IPX.
//!
//! A [`Network`] keeps what each frame means, so that another program's reading of the frames can be compared.

mod ask;
mod scene;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use lockwait_core::time::Timestamp;

use super::capture::{Frame, Ipx, IpxFrame, Tcp, Wire};

pub use ask::{Ask, Handle, Rights};
pub use scene::{HOLDER, Hold, Release, Scene, Twist, WAITER, held};

/// What carries NCP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    /// TCP port 524, with a frame around each message.
    Tcp,
    /// UDP port 524.
    Udp,
    /// IPX socket 0x0451, in this kind of Ethernet frame.
    Ipx(IpxFrame),
}

/// What the message that a frame completes says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Meaning {
    /// The frame's number in the capture, from 1.
    pub frame: usize,
    /// Type: 0x2222 request, 0x3333 reply, 0x1111 create, 0x5555 destroy, 0x9999 being processed, …
    pub kind: u16,
    /// Sequence number.
    pub sequence: u8,
    /// Connection number.
    pub connection: u16,
    /// Function and sub-function: of a request, and of the request that the server speaks of.
    pub function: Option<(u8, Option<u8>)>,
    /// Completion code of a reply; what is in its place in 0x9999.
    pub completion: Option<u8>,
}

/// Frames, and what they mean.
#[derive(Clone, Debug)]
pub struct Network {
    /// The frames.
    pub wire: Wire,
    /// What those with NCP in them mean.
    pub meanings: Vec<Meaning>,
}

/// One client's connection to the one server of the network.
#[derive(Clone, Debug)]
pub struct Session {
    /// The connection's number.
    pub connection: u16,
    /// The sequence number of the next request.
    pub sequence: u8,
    /// The task of the next request.
    pub task: u8,
    /// Messages over TCP carry a packet signature.
    pub is_signed: bool,
    client: u8,
    carrier: Carrier,
    tcp: Option<Tcp>,
    /// The last request, for the reply and for sending it again.
    asked: Option<(Ask, u8, u8)>,
}

/// The server's address ends in this, whatever the carrier.
pub const SERVER: u8 = 9;
/// NCP's port of TCP and UDP.
const PORT: u16 = 524;
/// NCP's socket on a server.
const SOCKET: u16 = 0x0451;
/// IPX packets with NCP in them.
const IPX_NCP: u8 = 17;

impl Network {
    /// Nothing yet.
    pub fn new(now: Timestamp) -> Network {
        Network { wire: Wire::new(now), meanings: Vec::new() }
    }

    /// What was captured.
    pub fn frames(&self) -> &[Frame] {
        &self.wire.frames
    }
}

impl Session {
    /// A client whose address ends in `client` gets a connection of this number.
    pub fn create(network: &mut Network, carrier: Carrier, client: u8, connection: u16) -> Session {
        let tcp = match carrier {
            Carrier::Tcp => Some(Tcp::open(&mut network.wire, internet(client), internet(SERVER))),
            Carrier::Udp | Carrier::Ipx(_) => None,
        };
        let mut session = Session { tcp, ..Session::midway(carrier, client, connection) };
        session.create_again(network, connection);
        session
    }

    /// A connection from before the capture.
    pub fn midway(carrier: Carrier, client: u8, connection: u16) -> Session {
        let tcp = (carrier == Carrier::Tcp).then(|| Tcp::midway(internet(client), internet(SERVER)));
        Session { connection, sequence: 1, task: 1, is_signed: false, client, carrier, tcp, asked: None }
    }

    /// The client asks for a new connection, and gets this one.
    pub fn create_again(&mut self, network: &mut Network, connection: u16) {
        self.send(network, true, 0x1111, 0, 0xffff, &[0]);
        self.note(network, 0x1111, 0, 0xffff, None, None);
        self.send(network, false, 0x3333, 0, connection, &[0, 0]);
        self.note(network, 0x3333, 0, connection, None, Some(0));
        (self.connection, self.sequence) = (connection, 1);
    }

    /// The client sends a request.
    pub fn ask(&mut self, network: &mut Network, ask: &Ask) {
        self.asked = Some((ask.clone(), self.sequence, self.task));
        self.sequence = self.sequence.wrapping_add(1);
        self.ask_again(network);
    }

    /// The client sends its last request once more, as it was.
    pub fn ask_again(&mut self, network: &mut Network) {
        let Some((ask, sequence, task)) = self.asked.clone() else { return };
        let task = std::mem::replace(&mut self.task, task);
        self.send(network, true, 0x2222, sequence, self.connection, &ask.body());
        self.task = task;
        self.note(network, 0x2222, sequence, self.connection, Some((ask.function, ask.subfunction)), None);
    }

    /// The server answers the last request.
    pub fn answer(&mut self, network: &mut Network, completion: u8, data: &[u8]) {
        let Some((ask, sequence, _)) = self.asked.clone() else { return };
        self.send(network, false, 0x3333, sequence, self.connection, &[&[completion, 0], data].concat());
        let function = (ask.function, ask.subfunction);
        self.note(network, 0x3333, sequence, self.connection, Some(function), Some(completion));
    }

    /// Request and answer.
    pub fn talk(&mut self, network: &mut Network, ask: &Ask, completion: u8, data: &[u8]) {
        self.ask(network, ask);
        self.answer(network, completion, data);
    }

    /// The server says that it works on the last request.
    pub fn processing(&mut self, network: &mut Network) {
        let Some((ask, sequence, _)) = self.asked.clone() else { return };
        self.send(network, false, 0x9999, sequence, self.connection, &[0, 0]);
        let function = (ask.function, ask.subfunction);
        self.note(network, 0x9999, sequence, self.connection, Some(function), Some(0));
    }

    /// The server wants an op-lock back.
    pub fn clear_op_lock(&mut self, network: &mut Network, handle: [u8; 4]) {
        self.send(network, false, 0xbbbb, 0, self.connection, &[&[0, 0, 0, 0x24][..], &handle].concat());
        self.note(network, 0xbbbb, 0, self.connection, None, None);
    }

    /// The client gives its connection up; on TCP the TCP connection, too.
    pub fn destroy(mut self, network: &mut Network) {
        self.send(network, true, 0x5555, self.sequence, self.connection, &[0]);
        self.note(network, 0x5555, self.sequence, self.connection, None, None);
        self.hang_up(network);
    }

    /// The client's TCP connection ends; nothing on other carriers.
    pub fn hang_up(self, network: &mut Network) {
        if let Some(tcp) = self.tcp {
            tcp.close(&mut network.wire);
        }
    }

    fn send(&mut self, network: &mut Network, is_request: bool, kind: u16, sequence: u8, connection: u16, body: &[u8]) {
        let bytes = message(kind, sequence, connection, self.task, body);
        let (wire, client) = (&mut network.wire, self.client);
        match (self.carrier, &mut self.tcp) {
            (Carrier::Tcp, Some(tcp)) if is_request => tcp.ask(wire, &framed(true, self.is_signed, &bytes)),
            (Carrier::Tcp, Some(tcp)) => tcp.answer(wire, &framed(false, self.is_signed, &bytes)),
            (Carrier::Ipx(form), _) => {
                let (from, to) = in_order(is_request, novell(client), novell(SERVER));
                wire.ipx(form, IPX_NCP, from, to, &bytes);
            }
            _ => {
                let (from, to) = in_order(is_request, internet(client), internet(SERVER));
                wire.udp(from, to, &bytes);
            }
        }
    }

    fn note(
        &self,
        network: &mut Network,
        kind: u16,
        sequence: u8,
        connection: u16,
        function: Option<(u8, Option<u8>)>,
        completion: Option<u8>,
    ) {
        let frame = network.wire.frames.len();
        network.meanings.push(Meaning { frame, kind, sequence, connection, function, completion });
    }
}

/// A message: the header that all types share, and what follows it.
pub fn message(kind: u16, sequence: u8, connection: u16, task: u8, body: &[u8]) -> Vec<u8> {
    let [high, low] = connection.to_be_bytes();
    let [first, second] = kind.to_be_bytes();
    [&[first, second, sequence, low, task, high], body].concat()
}

/// A message as it lies in a TCP stream.
pub fn framed(is_request: bool, is_signed: bool, message: &[u8]) -> Vec<u8> {
    let signature: &[u8] = if is_signed { b"\xa5\x5a\x01\x02\x03\x04\x05\x06" } else { &[] };
    let (magic, header): (_, &[u8]) = if is_request { (b"DmdT", &[0, 0, 0, 1, 0, 0, 0x10, 0]) } else { (b"tNcP", &[]) };
    let length = (8 + header.len() + signature.len() + message.len()) as u32 | u32::from(is_signed) << 31;
    [magic, &length.to_be_bytes()[..], header, signature, message].concat()
}

fn in_order<T>(is_request: bool, client: T, server: T) -> (T, T) {
    if is_request { (client, server) } else { (server, client) }
}

fn internet(last: u8) -> SocketAddr {
    let port = if last == SERVER { PORT } else { 0x4000 | u16::from(last) };
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), port)
}

fn novell(last: u8) -> Ipx {
    let is_server = last == SERVER;
    Ipx {
        network: if is_server { 0x0e } else { 0x0101 },
        node: if is_server { [0, 0, 0, 0, 0, 1] } else { [0, 0, 0x1b, 0, 0, last] },
        socket: if is_server { SOCKET } else { 0x4003 },
    }
}
