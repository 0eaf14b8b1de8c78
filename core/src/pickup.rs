//! The state machine of one file.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::observation::{Facts, Holders, Look, Name, Refusal, Taken};

/// Names one pickup of one router. Never used again for another file while the router lives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PickupId(pub u64);

/// Something the host is asked to do, and to answer with [`crate::router::Router::handle`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Action {
    /// The pickup to answer for.
    pub id: PickupId,
    /// What to do.
    pub kind: ActionKind,
}

/// What the host is asked to do with one file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// Look and probe. Answers: [`Outcome::Opened`], [`Outcome::Refused`], [`Outcome::Rejected`]; for a companion
    /// that an earlier run already took, [`Outcome::Taken`].
    Try,
    /// Take the whole file in one burst, if it still is as `expected`. Answers: [`Outcome::Taken`],
    /// [`Outcome::Refused`], [`Outcome::Changed`], [`Outcome::Rejected`].
    Take {
        /// The facts of the look that found it free.
        expected: Facts,
    },
    /// Find out who holds it. Answer: [`Outcome::Holders`].
    Identify,
    /// Move it to the bad folder: its content was rejected. Answers: [`Outcome::Quarantined`],
    /// [`Outcome::Refused`].
    Quarantine,
}

/// The host's answer to an [`Action`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Looked, and nobody stands in the way.
    Opened(Look),
    /// The attempt failed.
    Refused(Refusal),
    /// The file is at the destination and no longer at the source.
    Taken(Taken),
    /// The file changed between the look and the end of the burst; the copy was thrown away, the source is intact.
    /// The facts as they are now, where they could be had.
    Changed(Option<Facts>),
    /// Who holds it.
    Holders(Holders),
    /// The content is unusable, for this reason.
    Rejected(Code),
    /// The file is in the bad folder, at this path.
    Quarantined(Name),
}

/// How a pickup ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The file is at the destination.
    Taken,
    /// The file went away.
    Gone,
    /// The file is in the bad folder.
    Quarantined,
    /// The file stays where it is, for good.
    Refused,
    /// The host cancelled it.
    Cancelled,
}

/// A file to pick up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// Where it is.
    pub place: crate::observation::Place,
}

#[allow(unused)]
type Later = Vec<()>;
