//! Packet captures: frames, the packets in them, the streams of those, and the file protocols that the streams carry.

mod few;
mod file;
mod flows;
mod link;
pub(crate) mod ncp;
mod pcap;
mod pcapng;
mod smb;
mod tcp;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use lockwait_core::time::Timestamp;

use crate::findings::{Findings, Reader};
use file::Step;
use flows::Flows;
use link::Fragments;
use pcap::Pcap;
use pcapng::Pcapng;
#[cfg(test)]
use smb::Counts;

/// Reads a capture: pcap, pcapng or snoop.
pub(crate) struct Capture {
    file: File,
    fragments: Fragments,
    flows: Flows,
    /// Bytes of the input that are done with.
    offset: u64,
    frame: Frame,
}

/// What kind of file it is, and how far it was read.
enum File {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Capture {
    /// A reader of pcap and snoop files: those that begin with a magic number of theirs.
    pub(crate) fn pcap() -> Capture {
        Capture::new(File::Pcap(Pcap::new()))
    }

    /// A reader of pcapng files.
    pub(crate) fn pcapng() -> Capture {
        Capture::new(File::Pcapng(Pcapng::new()))
    }

    fn new(file: File) -> Capture {
        Capture {
            file,
            fragments: Fragments::default(),
            flows: Flows::default(),
            offset: 0,
            frame: Frame { number: 0, at: Timestamp(0) },
        }
    }

    /// How much of SMB was read.
    #[cfg(test)]
    fn counts(&self) -> Counts {
        self.flows.counts()
    }
}

impl Reader for Capture {
    fn read(&mut self, bytes: &[u8], is_end: bool, findings: &mut Findings) -> usize {
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let step = match &mut self.file {
                File::Pcap(file) => file.step(rest, is_end),
                File::Pcapng(file) => file.step(rest, is_end),
            };
            let place = || format!("byte {}", self.offset + done as u64);
            match step {
                Step::Frame(length, raw) => {
                    self.frame = Frame { number: self.frame.number + 1, at: raw.at };
                    findings.records += 1;
                    findings.reaches(raw.at);
                    let carried = link::carried(raw.link, raw.bytes, &mut self.fragments);
                    self.flows.take(self.frame, &carried, findings);
                    done += length;
                }
                Step::Nothing(length) => done += length,
                Step::Damaged(length, what) => {
                    findings.warn(place(), format!("{what}; reading goes on where the next frame is found"));
                    done += length;
                }
                Step::More if is_end => {
                    findings.warn(place(), "the capture ends in the middle of a frame; what came before was read");
                    done = bytes.len();
                }
                Step::More => break,
            }
        }
        self.offset += done as u64;
        if is_end {
            if self.fragments.lost > 0 {
                findings.warn("IP", format!("{} packets in fragments are not complete", self.fragments.lost));
            }
            self.flows.end(self.frame, findings);
        }
        done
    }
}

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
///
/// Made by a function `new(ends: Ends, number: u32)`. The number tells the conversations of one input apart: it is the
/// upper half of every session and open that the conversation names.
pub(crate) trait Conversation {
    /// The next bytes of one side's stream; they begin where the last call for this side ended. Returns how many it
    /// is done with: the others come again with more behind them; a number beyond the end has those skipped when they
    /// come.
    fn stream(&mut self, frame: Frame, from: Side, bytes: &[u8], findings: &mut Findings) -> usize;

    /// Bytes of one side's stream are missing in the capture; the next ones begin anywhere in a message.
    fn gap(&mut self, frame: Frame, from: Side, findings: &mut Findings);

    /// One datagram.
    fn datagram(&mut self, frame: Frame, from: Side, bytes: &[u8], findings: &mut Findings);

    /// The connection has ended: what its client had open is closed. Not called when only the capture ends: what was
    /// open then stays open.
    fn end(&mut self, frame: Frame, findings: &mut Findings);
}
