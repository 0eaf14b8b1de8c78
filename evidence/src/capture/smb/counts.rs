//! How much of what was read: what is warned of, and what tests compare with other dissectors.

use std::collections::BTreeMap;

/// Messages of all conversations of one input.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Counts {
    /// SMB1.
    pub(crate) old: Messages,
    /// SMB2 and SMB3, as far as in clear.
    pub(crate) new: Messages,
    /// Messages that cannot be read because they are encrypted.
    pub(crate) encrypted: u64,
    /// Messages that are not read because they are compressed.
    pub(crate) compressed: u64,
    /// Times a stream was no message where one should begin, or bytes of it were missing.
    pub(crate) lost: u64,
}

/// Messages of one protocol.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Messages {
    pub(crate) requests: u64,
    pub(crate) replies: u64,
    /// Opens that succeeded.
    pub(crate) opens: u64,
    /// Closes that succeeded.
    pub(crate) closes: u64,
    /// The server's demands to let go of an oplock or lease.
    pub(crate) breaks: u64,
    /// Status of every reply that is no success, in tests: nobody else asks for them.
    pub(crate) statuses: BTreeMap<u32, u64>,
}

impl Messages {
    /// Counts a reply.
    pub(super) fn reply(&mut self, status: u32) {
        self.replies += 1;
        if cfg!(test) && status != 0 {
            *self.statuses.entry(status).or_default() += 1;
        }
    }
}
