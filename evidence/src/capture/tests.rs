//! Captures from frame to sighting.

mod fixtures;
mod forms;
mod made;
mod tshark;

use super::{Capture, Counts};
use crate::findings::{Findings, Reader};

/// What a capture shows, read in pieces of so many bytes.
fn read(bytes: &[u8], piece: usize) -> (Findings, Counts) {
    let mut capture = if bytes.starts_with(b"\x0a\x0d\x0d\x0a") { Capture::pcapng() } else { Capture::pcap() };
    let mut findings = Findings::default();
    let (mut rest, mut skip) = (Vec::new(), 0);
    for (index, piece) in bytes.chunks(piece).enumerate() {
        let is_end = (index + 1) * piece.len() >= bytes.len();
        let skipped = piece.len().min(skip);
        skip -= skipped;
        rest.extend_from_slice(&piece[skipped..]);
        let done = capture.read(&rest, is_end, &mut findings);
        skip += done.saturating_sub(rest.len());
        rest.drain(..done.min(rest.len()));
    }
    (findings, capture.counts())
}

/// The same, in one piece.
fn read_whole(bytes: &[u8]) -> (Findings, Counts) {
    read(bytes, bytes.len().max(1))
}
