//! Packet captures: frames, the packets in them, the streams of those, and the file protocols that the streams carry.

pub(crate) mod ncp;

use std::net::IpAddr;

use lockwait_core::time::Timestamp;

use crate::findings::Findings;

/// The frame that completed a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    /// Counts from 1, as Wireshark does.
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
}

/// A machine's address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Host {
    Ip(IpAddr),
    /// Network and node.
    Ipx(u32, [u8; 6]),
}

/// The two ends of a conversation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Ends {
    pub(crate) client: (Host, u16),
    pub(crate) server: (Host, u16),
}

/// Which end sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Client,
    Server,
}

/// A file protocol over one TCP connection, or between two ends that send datagrams.
pub(crate) trait Conversation {
    /// The next bytes of one side's stream; they begin where the last call for this side ended. Returns how many it
    /// is done with: the others come again with more behind them; a number beyond the end has those skipped when they
    /// come.
    fn stream(&mut self, frame: Frame, from: Side, bytes: &[u8], findings: &mut Findings) -> usize;

    /// Bytes of one side's stream are missing in the capture; the next ones begin anywhere in a message.
    fn gap(&mut self, frame: Frame, from: Side, findings: &mut Findings);

    /// One datagram.
    fn datagram(&mut self, frame: Frame, from: Side, bytes: &[u8], findings: &mut Findings);

    /// The connection, or the capture, has ended.
    fn end(&mut self, frame: Frame, findings: &mut Findings);
}
