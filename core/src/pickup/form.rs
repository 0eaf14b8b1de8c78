//! The JSON of actions, answers and pickups. `serde`'s of what is public, for other crates, is the same.

use super::{Action, ActionKind, Arrival, Ask, Outcome, Pickup, State};
use crate::code::Code;
use crate::event::PickupId;
use crate::json::{Blank, Form, Json, choice, record};
use crate::observation::{Facts, Holders, Look, Name, Place, Refusal, Taken};
use crate::time::Timestamp;

record!(Action, Action { id: PickupId::blank(), kind: ActionKind::Try }, id, kind);
record!(Arrival, Arrival { place: Place::default() }, place);
choice!(Ask, "try take identify quarantine", Try, Take, Identify, Quarantine);
record!(
    Pickup,
    Pickup::new(Timestamp::blank(), State::Waiting),
    state,
    cancelled,
    hinted,
    rung,
    strikes,
    notices,
    interval,
    since,
    tick,
    remind,
    settled,
    closed,
    facts,
    looked,
    code "?",
    episode "?",
);

/// What a file is expected to be like.
struct Expected<'a>(&'a mut Facts);

impl Json for Expected<'_> {
    fn form(&mut self, form: &mut Form<'_>) {
        form.record("expected ", &mut [self.0]);
    }
}

impl Json for ActionKind {
    fn form(&mut self, form: &mut Form<'_>) {
        const ALL: [ActionKind; 4] = [
            ActionKind::Try,
            ActionKind::Take { expected: Facts { size: 0, modified: 0, identity: 0 } },
            ActionKind::Identify,
            ActionKind::Quarantine,
        ];
        let index = match self {
            ActionKind::Try => 0,
            ActionKind::Take { .. } => 1,
            ActionKind::Identify => 2,
            ActionKind::Quarantine => 3,
        };
        if let Some(read) = form.enter("try take* identify quarantine", index).and_then(|index| ALL.get(index)) {
            *self = *read;
        }
        match self {
            ActionKind::Take { expected } => form.leave(Some(&mut Expected(expected))),
            _ => form.leave(None),
        }
    }
}

impl Json for Outcome {
    fn form(&mut self, form: &mut Form<'_>) {
        let index = match self {
            Outcome::Opened(_) => 0,
            Outcome::Refused(_) => 1,
            Outcome::Taken(_) => 2,
            Outcome::Changed(_) => 3,
            Outcome::Holders(_) => 4,
            Outcome::Rejected(_) => 5,
            Outcome::Quarantined(_) => 6,
        };
        let read = form.enter("opened* refused* taken* changed* holders* rejected* quarantined*", index);
        if let Some(read) = read {
            *self = match read {
                0 => Outcome::Opened(Look::blank()),
                1 => Outcome::Refused(Refusal::blank()),
                2 => Outcome::Taken(Taken::blank()),
                3 => Outcome::Changed(None),
                4 => Outcome::Holders(Holders::blank()),
                5 => Outcome::Rejected(Code::blank()),
                _ => Outcome::Quarantined(Name::blank()),
            };
        }
        form.leave(Some(match self {
            Outcome::Opened(look) => look,
            Outcome::Refused(refusal) => refusal,
            Outcome::Taken(taken) => taken,
            Outcome::Changed(facts) => facts,
            Outcome::Holders(holders) => holders,
            Outcome::Rejected(code) => code,
            Outcome::Quarantined(to) => to,
        }));
    }
}

impl Blank for Outcome {
    fn blank() -> Outcome {
        Outcome::Changed(None)
    }
}

impl Json for State {
    fn form(&mut self, form: &mut Form<'_>) {
        const ALL: [State; 5] =
            [State::Queued(Ask::Try), State::Asked(Ask::Try), State::Waiting, State::Ready, State::Following];
        let index = match self {
            State::Queued(_) => 0,
            State::Asked(_) => 1,
            State::Waiting => 2,
            State::Ready => 3,
            State::Following => 4,
        };
        let read = form.enter("queued* asked* waiting ready following", index).and_then(|index| ALL.get(index));
        if let Some(read) = read {
            *self = *read;
        }
        form.leave(match self {
            State::Queued(ask) | State::Asked(ask) => Some(ask),
            State::Waiting | State::Ready | State::Following => None,
        });
    }
}
