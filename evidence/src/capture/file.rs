//! What the three capture formats have in common: bytes become frames one by one, and damage is passed over.

use lockwait_core::time::Timestamp;

/// A longer frame is none: Wireshark's limit, too.
pub(super) const LONGEST: usize = 1 << 18;

/// A frame as a capture file has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'a> {
    pub(super) at: Timestamp,
    /// LINKTYPE_ number (<https://www.tcpdump.org/linktypes.html>).
    pub(super) link: u32,
    /// What was captured of it.
    pub(super) bytes: &'a [u8],
}

/// What the next bytes of a capture file are.
#[derive(Debug)]
pub(super) enum Step<'a> {
    /// So many bytes hold this frame.
    Frame(usize, Raw<'a>),
    /// So many bytes hold no frame.
    Nothing(usize),
    /// Only more bytes can tell.
    More,
    /// So many bytes are to be passed over, and why. Where the next record begins is looked for behind them.
    Damaged(usize, String),
}

/// Whether a record begins at a place.
pub(super) enum Probe {
    Yes,
    No,
    /// Only more bytes can tell.
    Unsure,
}

/// Looks for the place where records begin again, at every `step`th byte: passes over bytes until `probe` finds one
/// at the very beginning, which is the answer `None`.
pub(super) fn search<'a>(bytes: &[u8], step: usize, is_end: bool, probe: impl Fn(&[u8]) -> Probe) -> Option<Step<'a>> {
    for at in (0..bytes.len()).step_by(step) {
        match probe(&bytes[at..]) {
            Probe::No => {}
            Probe::Yes if at == 0 => return None,
            Probe::Unsure if is_end => {}
            Probe::Unsure if at == 0 => return Some(Step::More),
            Probe::Yes | Probe::Unsure => return Some(Step::Nothing(at)),
        }
    }
    Some(Step::Nothing(bytes.len()))
}

/// Numbers in the byte order of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Order {
    pub(super) is_big: bool,
}

impl Order {
    /// The two bytes at `at`; 0 beyond the end.
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        if self.is_big { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) }
    }

    /// The four bytes at `at`; 0 beyond the end.
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        if self.is_big { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) }
    }

    /// The eight bytes at `at`; 0 beyond the end.
    pub(super) fn u64(self, bytes: &[u8], at: usize) -> u64 {
        let field = bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        if self.is_big { u64::from_be_bytes(field) } else { u64::from_le_bytes(field) }
    }
}
