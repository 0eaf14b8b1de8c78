//! Oplock and lease breaks ([MS-SMB2] 3.3.4.6 and 3.3.4.7, [MS-CIFS] 3.3.4.2): the server asks one client to give way, and
//! has another's open wait for that, which SMB2 says and SMB1 does not. Where the first one's open was before the capture
//! began, nothing else shows who it is.

use lockwait_core::observation::sighting::Party;
use lockwait_core::time::{Span, Timestamp};

/// A break comes at once behind the open that it is for, and behind the break SMB2's word that this open must wait; what
/// comes later has another cause.
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
        the_one(asked.iter().filter(|(before, _)| is_together(*before, at)), session)
    }

    /// Whom an open of this session that was asked at this time had to wait for.
    pub(super) fn behind(&self, at: Timestamp, session: u64) -> Option<Party> {
        the_one(self.0.iter().filter(|(asked, _)| *asked >= at && is_together(at, *asked)), session)
    }
}

/// The only one that was asked, if that is not who waits.
fn the_one<'a>(mut asked: impl Iterator<Item = &'a (Timestamp, Party)>, session: u64) -> Option<Party> {
    let (_, first) = asked.next().filter(|(_, party)| party.session != session)?;
    asked.all(|(_, other)| other.session == first.session).then(|| first.clone())
}

fn is_together(before: Timestamp, at: Timestamp) -> bool {
    at.0.saturating_sub(before.0) <= TOGETHER.0
}
