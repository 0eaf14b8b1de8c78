//! Every number and switch a user may change, with its default.
//!
//! One table of keys ([`keys`]) drives reading, ranges, setting by name and writing.

use alloc::string::{String, ToString};
use core::fmt;

use crate::time::Span;

mod error;
mod keys;
mod text;

pub use error::PolicyError;
pub use keys::{Key, keys};

/// What to do when the destination already has a file of that name.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Collision {
    /// Take it under a free name: `name~2.ext`, `name~3.ext`, … (`unique-name`).
    #[default]
    UniqueName,
    /// Leave it where it is and end the pickup refused (`refuse`).
    Refuse,
}

/// Which files travel together.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Companions {
    /// Each file for itself (`none`).
    #[default]
    None,
    /// A gateway header `*.API` names its body and attachments in the sibling folder `ATT_OUT` (`gateway`).
    Gateway,
    /// A file `x` waits for a marker `x` + suffix in the same folder (`suffix`, or `suffix:.done`).
    Suffix(String),
}

/// Every number and switch a user may change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Time between attempts on a locked file, at first.
    pub retry: Span,
    /// How long `retry` is kept before the time between attempts grows by half each time.
    pub retry_for: Span,
    /// The longest time between attempts.
    pub retry_cap: Span,
    /// A lock shorter than this that ended well is no event.
    pub quiet: Span,
    /// How long a locked file may stand still before its holder is asked for and event 6067 is written.
    pub patience: Span,
    /// Quiet time after a lock clears before a file of unknown format is taken; zero turns it off.
    pub settle: Span,
    /// Time from event 6067 to its first reminder; doubles with each.
    pub reminder: Span,
    /// How long a pickup may last before it ends refused; `None` is never.
    pub give_up: Option<Span>,
    /// What to do when the destination already has a file of that name.
    pub collision: Collision,
    /// How many actions may be outstanding at once.
    pub at_once: u32,
    /// First wait of a folder, or of the engine, that is in trouble; doubles up to `outage_cap`.
    pub outage: Span,
    /// Longest wait of a folder, or of the engine, that is in trouble.
    pub outage_cap: Span,
    /// Which files travel together.
    pub companions: Companions,
    /// Whether files and folders are flushed to the device before a source is deleted.
    pub sync: bool,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            retry: Span::from_millis(200),
            retry_for: Span::from_secs(10),
            retry_cap: Span::from_secs(5),
            quiet: Span::from_secs(5),
            patience: Span::from_secs(30),
            settle: Span::from_secs(1),
            reminder: Span::from_secs(3_600),
            give_up: None,
            collision: Collision::UniqueName,
            at_once: 64,
            outage: Span::from_secs(1),
            outage_cap: Span::from_secs(60),
            companions: Companions::None,
            sync: true,
        }
    }
}

impl Policy {
    /// Sets the key called `key` (a field's name) from its written form, as a configuration file or a command line has
    /// it: `200ms`, `never`, `64`, `true`, `gateway`. A number of a length of time is milliseconds.
    ///
    /// How keys stand to each other is left to [`Policy::check`], so that they can be set in any order.
    ///
    /// # Errors
    /// When there is no such key, or the value is not one the key allows; nothing has changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), PolicyError> {
        keys::find(key)?.set(self, value)
    }

    /// The written form of the key called `key`, which [`Policy::set`] reads back.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn get(&self, key: &str) -> Result<String, PolicyError> {
        Ok(keys::find(key)?.get(self).to_string())
    }

    /// Whether every value is in its range and the values go together.
    ///
    /// # Errors
    /// The first value that is not, by key, with what is allowed.
    pub fn check(&self) -> Result<(), PolicyError> {
        keys::check(self)
    }
}

impl Collision {
    /// The written form: `unique-name`, `refuse`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Collision::UniqueName => "unique-name",
            Collision::Refuse => "refuse",
        }
    }

    fn parse(text: &str) -> Option<Collision> {
        [Collision::UniqueName, Collision::Refuse].into_iter().find(|choice| choice.as_str() == text)
    }
}

impl Companions {
    /// The suffix of a done-marker where none is named.
    pub const DEFAULT_SUFFIX: &str = ".done";

    fn parse(text: &str) -> Option<Companions> {
        match text {
            "none" => Some(Companions::None),
            "gateway" => Some(Companions::Gateway),
            "suffix" => Some(Companions::Suffix(Companions::DEFAULT_SUFFIX.into())),
            other => other.strip_prefix("suffix:").map(|suffix| Companions::Suffix(suffix.into())),
        }
    }

    /// Whether this can be meant: a suffix is the end of a name, so not empty, not long, and without separators,
    /// a stream colon and control characters.
    fn is_sound(&self) -> bool {
        match self {
            Companions::None | Companions::Gateway => true,
            Companions::Suffix(suffix) => {
                (1..=64).contains(&suffix.len())
                    && !suffix.contains(|c: char| matches!(c, '/' | '\\' | ':') || c.is_control())
            }
        }
    }
}

/// The written form: `none`, `gateway`, `suffix:.done`.
impl fmt::Display for Companions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Companions::None => f.write_str("none"),
            Companions::Gateway => f.write_str("gateway"),
            Companions::Suffix(suffix) => write!(f, "suffix:{suffix}"),
        }
    }
}

#[cfg(test)]
mod tests;
