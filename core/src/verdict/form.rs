//! The JSON of verdicts. `serde`'s, for other crates, is the same.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Advice, Confidence, Kind, Reason, Verdict};
use crate::json::{choice, record};

choice!(Advice, "ignore act cannot-tell", Ignore, Act, CannotTell);
choice!(
    Kind,
    "none writer-finishing writer-stalled scanner backup sync indexer other-consumer own-process unknown-holder \
     unreachable refused",
    None,
    WriterFinishing,
    WriterStalled,
    Scanner,
    Backup,
    Sync,
    Indexer,
    OtherConsumer,
    OwnProcess,
    UnknownHolder,
    Unreachable,
    Refused
);
choice!(Confidence, "low medium high", Low, Medium, High);
record!(Reason, Reason { name: Cow::Borrowed(""), weight: 0, text: String::new() }, name, weight, text);
record!(
    Verdict,
    Verdict {
        advice: Advice::Ignore,
        kind: Kind::None,
        confidence: Confidence::Low,
        reasons: Vec::new(),
        needs: None,
    },
    advice, kind, confidence, reasons, needs "-",
);
