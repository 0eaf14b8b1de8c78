//! What the router has for its host, in order, with a running digest of all of it when asked for.

use alloc::collections::VecDeque;

use serde::Serialize;

use crate::event::Event;
use crate::pickup::Action;

/// Actions and events that wait to be polled.
#[derive(Default)]
pub(crate) struct Outputs {
    pub(crate) actions: VecDeque<Action>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) digest: Option<Digest>,
}

impl Outputs {
    pub(crate) fn action(&mut self, action: Action) {
        if let Some(digest) = &mut self.digest {
            digest.add(&action);
        }
        self.actions.push_back(action);
    }

    pub(crate) fn event(&mut self, event: Event) {
        if let Some(digest) = &mut self.digest {
            digest.add(&event);
        }
        self.events.push_back(event);
    }
}

/// A running 64-bit FNV-1a digest of JSON texts: tells whether two runs gave the same outputs, not who tampered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest(pub u64);

impl Default for Digest {
    /// FNV's offset basis.
    fn default() -> Digest {
        Digest(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Adds the JSON form of `value`.
    pub fn add(&mut self, value: &impl Serialize) {
        // Serializing plain data into memory cannot fail.
        let text = serde_json::to_vec(value).unwrap_or_default();
        for byte in text.iter().chain(b"\n") {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
