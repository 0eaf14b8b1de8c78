//! What the router has for its host, in order, with a running digest of all of it when asked for.

use alloc::collections::VecDeque;

use crate::event::Event;
use crate::json::{self, Json};
use crate::pickup::Action;

/// Actions and events that wait to be polled.
#[derive(Default)]
pub(crate) struct Outputs {
    pub(crate) actions: VecDeque<Action>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) digest: Option<Digest>,
}

impl Outputs {
    pub(crate) fn action(&mut self, mut action: Action) {
        if let Some(digest) = &mut self.digest {
            digest.add(&mut action);
        }
        self.actions.push_back(action);
    }

    pub(crate) fn event(&mut self, mut event: Event) {
        if let Some(digest) = &mut self.digest {
            digest.add(&mut event);
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
    pub(crate) fn add(&mut self, value: &mut dyn Json) {
        let mut text = json::write(value);
        text.push('\n');
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
