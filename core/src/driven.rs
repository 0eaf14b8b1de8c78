//! A router for hosts that are not written in Rust: what is put in can be recorded as a [trace].

use alloc::collections::VecDeque;
use alloc::string::String;

use crate::pickup::PickupId;
use crate::router::{HandleError, Router};
use crate::time::Timestamp;
use crate::trace::{self, Input};

/// See the [module](self).
pub struct Driven {
    /// What is driven; to be asked, while everything goes in by [`put`](Driven::put).
    pub router: Router,
    /// Lines of the trace that were not fetched yet, if it is being recorded.
    tape: Option<VecDeque<String>>,
    /// Something was put in.
    begun: bool,
}

impl Driven {
    /// A router into which nothing was put yet.
    pub fn new(router: Router) -> Driven {
        Driven { router, tape: None, begun: false }
    }

    /// A router that was kept, and has a past that no trace of it could begin with.
    pub fn restored(router: Router) -> Driven {
        Driven { begun: true, ..Driven::new(router) }
    }

    /// Puts something in, and on the trace.
    ///
    /// # Errors
    /// As [`Input::apply`].
    pub fn put(&mut self, now: Timestamp, input: Input) -> Result<Option<PickupId>, HandleError> {
        self.begun = true;
        match &mut self.tape {
            None => input.apply(&mut self.router, now),
            Some(lines) => {
                let (line, outcome) = trace::record(&mut self.router, now, input);
                lines.push_back(line);
                outcome
            }
        }
    }

    /// Starts the trace; `false`, and nothing is changed, when something was put in before, or it has been started.
    pub fn record(&mut self) -> bool {
        let is_new = !self.begun && self.tape.is_none();
        if is_new {
            self.tape = Some(VecDeque::from([trace::begin(&mut self.router)]));
        }
        is_new
    }

    /// The lines of the trace that were not fetched yet, the oldest first; `None` when none is recorded.
    pub fn lines(&mut self) -> Option<&mut VecDeque<String>> {
        self.tape.as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Place;
    use crate::pickup::Arrival;
    use crate::router::Options;

    #[test]
    fn a_trace_begins_before_anything_and_once_and_replays() {
        let mut driven = Driven::new(Router::new(Options::default()));
        assert!(driven.lines().is_none() && driven.record() && !driven.record());
        let place = Place::new("/in", "a");
        driven.put(Timestamp(1), Input::Submit(Arrival { place })).unwrap();
        let lines: String = driven.lines().unwrap().drain(..).map(|line| line + "\n").collect();
        assert_eq!(trace::replay(&lines, None).unwrap().inputs, 1);
        assert!(!Driven::restored(Router::new(Options::default())).record());
    }
}
