//! The JSON of events: whole, which `serde`'s for other crates is the same as, and as `watch --json` shows them.

use alloc::borrow::Cow;
use alloc::string::ToString;

use super::{End, Event, EventKind, PickupId, Severity};
use crate::json::{Blank, Form, Json, choice, record};
use crate::observation::{Holder, Holders, Name, hex};
use crate::time::Timestamp;
use crate::verdict::Verdict;

choice!(End, "taken gone quarantined refused cancelled", Taken, Gone, Quarantined, Refused, Cancelled);
choice!(
    EventKind,
    "started stopped folder-unreachable folder-reachable gave-up engine-trouble acquired lock-held",
    Started,
    Stopped,
    FolderUnreachable,
    FolderReachable,
    GaveUp,
    EngineTrouble,
    Acquired,
    LockHeld
);
choice!(Severity, "information warning error", Information, Warning, Error);
record!(
    Event,
    Event::new(Timestamp::blank(), EventKind::blank(), Severity::blank()),
    at,
    kind,
    severity,
    id "?",
    path,
    to "?",
    bytes "?",
    since,
    waited,
    attempts,
    code "?",
    verdict "?",
    holders,
    end "?",
    reminder,
    routine,
);

impl Json for PickupId {
    fn form(&mut self, form: &mut Form<'_>) {
        self.0.form(form);
    }
}

impl Blank for PickupId {
    fn blank() -> PickupId {
        PickupId(0)
    }
}

/// An event as one line of `watch --json`. Nothing reads it.
pub(super) struct Line(pub(super) Event);

impl Json for Line {
    fn form(&mut self, form: &mut Form<'_>) {
        let event = &mut self.0;
        let mut id = event.kind.id();
        let not_utf8 = |name: &Name| core::str::from_utf8(name.as_bytes()).err().map(|_| hex(name.as_bytes()));
        form.record(
            "at event id severity path path_hex- to to_hex- bytes since waited_ms attempts code verdict end- \
             reminder- ",
            &mut [
                &mut event.at.to_string(),
                &mut event.kind,
                &mut id,
                &mut event.severity,
                &mut event.path.to_string(),
                &mut not_utf8(&event.path),
                &mut event.to.as_ref().map(Name::to_string),
                &mut event.to.as_ref().and_then(not_utf8),
                &mut event.bytes,
                &mut event.since.to_string(),
                &mut event.waited.as_millis(),
                &mut event.attempts,
                &mut event.code,
                &mut Judged(&mut event.verdict, &mut event.holders),
                &mut event.end,
                &mut event.reminder,
            ],
        );
    }
}

/// A verdict with the holders it speaks of.
struct Judged<'a>(&'a mut Option<Verdict>, &'a mut Holders);

impl Json for Judged<'_> {
    fn form(&mut self, form: &mut Form<'_>) {
        form.null(self.0.is_none());
        let Some(verdict) = self.0 else { return };
        let mut asked = Cow::Borrowed(match self.1 {
            Holders::NotAsked => "not-asked",
            Holders::Found(_) => "asked",
            Holders::CouldNotAsk(_) => "could-not-ask",
        });
        form.record(
            "advice kind confidence reasons needs- holders asked ",
            &mut [
                &mut verdict.advice,
                &mut verdict.kind,
                &mut verdict.confidence,
                &mut verdict.reasons,
                &mut verdict.needs,
                &mut Shown(self.1),
                &mut asked,
            ],
        );
    }
}

/// The holders as an operator is to see them.
struct Shown<'a>(&'a mut Holders);

impl Json for Shown<'_> {
    fn form(&mut self, form: &mut Form<'_>) {
        let list = match self.0 {
            Holders::Found(list) => list.as_mut_slice(),
            Holders::NotAsked | Holders::CouldNotAsk(_) => &mut [],
        };
        let length = list.len();
        for (index, holder) in list.iter_mut().enumerate() {
            form.item(index, length);
            let Holder { name, pid, access, share, address, .. } = holder;
            form.record("name pid access share- address- ", &mut [name, pid, access, share, address]);
        }
        form.item(length, length);
    }
}
