//! Oplock and lease breaks ([MS-SMB2] 3.3.4.6 and 3.3.4.7): the server asks one client to give way, and tells another that its
//! open must wait for that. Where the first one's open was before the capture began, nothing else shows who it is.

use lockwait_core::observation::sighting::Party;
use lockwait_core::time::{Span, Timestamp};

/// After a break the server says at once that somebody's open must wait; what comes later has another cause.
const TOGETHER: Span = Span::from_millis(100);
/// So many clients that were asked are remembered.
const MOST: usize = 64;

/// The clients that one server has just asked to give way.
#[derive(Default)]
pub(super) struct Breaks(Vec<(Timestamp, Party)>);

impl Breaks {
    /// The server asks this client to give way.
    pub(super) fn asked(&mut self, at: Timestamp, party: Party) {
        self.0.retain(|(before, _)| is_together(*before, at));
        if self.0.len() < MOST {
            self.0.push((at, party));
        }
    }

    /// Whom an open of this session waits for. Where several were asked it cannot be told which of them has the file:
    /// `None`, as when nobody was.
    pub(super) fn waits(&mut self, at: Timestamp, session: u64) -> Option<Party> {
        let asked = std::mem::take(&mut self.0);
        let mut parties = asked.into_iter().filter(|(before, _)| is_together(*before, at)).map(|(_, party)| party);
        let first = parties.next().filter(|party| party.session != session)?;
        parties.all(|other| other.session == first.session).then_some(first)
    }
}

fn is_together(before: Timestamp, at: Timestamp) -> bool {
    at.0.saturating_sub(before.0) <= TOGETHER.0
}
