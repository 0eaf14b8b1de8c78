//! The recorded inputs of a run; replaying them gives the same outputs, byte for byte, everywhere.
//!
//! A trace is JSON Lines. The first line says how the router was set up:
//! `{"schema":"lockwait.trace/1","policy":{…},"quarantine":false}`. Every other line is one input with its time in
//! microseconds and the digest of all outputs so far: `{"t":1700000000000000,"submit":{"place":{…}},"out":"…"}`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::code::Code;
use crate::event::Event;
use crate::observation::{Hint, Name};
use crate::pickup::{Arrival, Outcome, PickupId};
use crate::policy::Policy;
use crate::router::{Digest, HandleError, Options, Router};
use crate::time::Timestamp;

/// The `schema` of a trace.
pub const SCHEMA: &str = "lockwait.trace/1";

/// One thing that a host puts into a router.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// [`Router::submit`].
    Submit(Arrival),
    /// [`Router::handle`].
    Answer(PickupId, Outcome),
    /// [`Router::hint`].
    Hint(PickupId, Hint),
    /// [`Router::cancel`].
    Cancel(PickupId),
    /// [`Router::handle_timeout`].
    Timeout,
    /// [`Router::folder_lost`].
    FolderLost(Name, Code),
    /// [`Router::folder_found`].
    FolderFound(Name),
    /// [`Router::announce_started`].
    Started,
    /// [`Router::stop`].
    Stop,
    /// [`Router::announce_stopped`].
    Stopped,
}

impl Input {
    /// Puts this input into `router`. The id is that of a submitted file.
    ///
    /// # Errors
    /// Those of [`Router::handle`].
    pub fn apply(self, router: &mut Router, now: Timestamp) -> Result<Option<PickupId>, HandleError> {
        match self {
            Input::Submit(arrival) => return Ok(Some(router.submit(now, arrival))),
            Input::Answer(id, outcome) => router.handle(now, id, outcome)?,
            Input::Hint(id, hint) => router.hint(now, id, hint),
            Input::Cancel(id) => router.cancel(now, id),
            Input::Timeout => router.handle_timeout(now),
            Input::FolderLost(folder, code) => router.folder_lost(now, &folder, code),
            Input::FolderFound(folder) => router.folder_found(now, &folder),
            Input::Started => router.announce_started(now),
            Input::Stop => {
                router.stop(now);
            }
            Input::Stopped => router.announce_stopped(now),
        }
        Ok(None)
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    schema: String,
    policy: Policy,
    quarantine: bool,
}

/// One input with its time and the digest of all outputs so far. By hand, because `serde(flatten)` would read every
/// answer twice over, and make its code a second time.
struct Line {
    t: Timestamp,
    input: Input,
    out: String,
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("t", &self.t)?;
        match &self.input {
            Input::Submit(arrival) => map.serialize_entry("submit", arrival),
            Input::Answer(id, outcome) => map.serialize_entry("answer", &(id, outcome)),
            Input::Hint(id, hint) => map.serialize_entry("hint", &(id, hint)),
            Input::Cancel(id) => map.serialize_entry("cancel", id),
            Input::Timeout => map.serialize_entry("timeout", &()),
            Input::FolderLost(folder, code) => map.serialize_entry("folder-lost", &(folder, code)),
            Input::FolderFound(folder) => map.serialize_entry("folder-found", folder),
            Input::Started => map.serialize_entry("started", &()),
            Input::Stop => map.serialize_entry("stop", &()),
            Input::Stopped => map.serialize_entry("stopped", &()),
        }?;
        map.serialize_entry("out", &self.out)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Line, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Line;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time, an input and a digest")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
                let (mut t, mut input, mut out) = (None, None, None);
                while let Some(key) = map.next_key::<String>()? {
                    let read = match key.as_str() {
                        "t" => {
                            t = Some(map.next_value()?);
                            continue;
                        }
                        "out" => {
                            out = Some(map.next_value()?);
                            continue;
                        }
                        "submit" => Input::Submit(map.next_value()?),
                        "answer" => pair(map.next_value()?, Input::Answer),
                        "hint" => pair(map.next_value()?, Input::Hint),
                        "cancel" => Input::Cancel(map.next_value()?),
                        "timeout" => unit(map.next_value()?, Input::Timeout),
                        "folder-lost" => pair(map.next_value()?, Input::FolderLost),
                        "folder-found" => Input::FolderFound(map.next_value()?),
                        "started" => unit(map.next_value()?, Input::Started),
                        "stop" => unit(map.next_value()?, Input::Stop),
                        "stopped" => unit(map.next_value()?, Input::Stopped),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    if input.replace(read).is_some() {
                        return Err(A::Error::custom("it has two inputs"));
                    }
                }
                let missing = A::Error::missing_field;
                Ok(Line {
                    t: t.ok_or_else(|| missing("t"))?,
                    input: input.ok_or_else(|| A::Error::custom("it has no input"))?,
                    out: out.ok_or_else(|| missing("out"))?,
                })
            }
        }
        deserializer.deserialize_map(Parts)
    }
}

fn pair<A, B>((first, second): (A, B), make: impl FnOnce(A, B) -> Input) -> Input {
    make(first, second)
}

fn unit((): (), input: Input) -> Input {
    input
}

/// Starts recording a router into which nothing has been put yet: the trace's first line, without its end.
pub fn begin(router: &mut Router) -> String {
    router.start_digest();
    let options = router.options();
    let header = Header { schema: SCHEMA.to_string(), policy: options.policy.clone(), quarantine: options.quarantine };
    // Serializing plain data into memory cannot fail.
    serde_json::to_string(&header).unwrap_or_default()
}

/// Puts `input` into a router that is being recorded: the line that records it, without its end, and what
/// [`Input::apply`] gave.
pub fn record(router: &mut Router, now: Timestamp, input: Input) -> (String, Result<Option<PickupId>, HandleError>) {
    let result = input.clone().apply(router, now);
    let line = Line { t: now, input, out: state(router) };
    (serde_json::to_string(&line).unwrap_or_default(), result)
}

/// The digest of all outputs so far and of when the router wants to be woken, in hex.
fn state(router: &Router) -> String {
    let mut digest = router.digest().unwrap_or_default();
    digest.add(&router.poll_timeout());
    format!("{:016x}", digest.0)
}

/// What a replay gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// The events, in order.
    pub events: Vec<Event>,
    /// How many inputs were replayed.
    pub inputs: usize,
    /// The digest of all outputs.
    pub digest: Digest,
    /// The pickups that had not ended at the end of the trace.
    pub open: usize,
}

/// Why a trace could not be replayed as it was recorded. Lines count from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplayError {
    /// A line that is no line of a trace.
    Malformed {
        /// Which line.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The outputs differ from those recorded, from this line on.
    Differs {
        /// Which line.
        line: usize,
        /// The digest that was recorded.
        recorded: String,
        /// The digest that the replay gave.
        replayed: String,
    },
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Malformed { line, why } => write!(f, "line {line} is no line of a {SCHEMA} trace: {why}"),
            ReplayError::Differs { line, recorded, replayed } => write!(
                f,
                "line {line}: the outputs differ from those recorded (digest {replayed}, recorded {recorded}); the \
                 trace was made by another version, or was changed"
            ),
        }
    }
}

impl core::error::Error for ReplayError {}

/// Replays a whole trace. Empty lines are passed over.
///
/// With a `policy` of its own, a replay shows how that policy takes the recorded answers, as far as they answer what
/// it asks; digests are not compared then.
///
/// # Errors
/// See [`ReplayError`].
pub fn replay(trace: &str, policy: Option<Policy>) -> Result<Replay, ReplayError> {
    let compare = policy.is_none();
    let mut lines =
        trace.lines().enumerate().map(|(index, text)| (index + 1, text)).filter(|(_, t)| !t.trim().is_empty());
    let (line, first) =
        lines.next().ok_or_else(|| ReplayError::Malformed { line: 1, why: "the trace is empty".to_string() })?;
    let header: Header = parse(line, first)?;
    if header.schema != SCHEMA {
        return Err(ReplayError::Malformed { line, why: format!("its schema is '{}'", header.schema) });
    }
    let policy = policy.unwrap_or(header.policy);
    let mut router = Router::new(Options { policy, quarantine: header.quarantine, seed: 0 });
    router.start_digest();
    let (mut events, mut inputs) = (Vec::new(), 0);
    for (line, text) in lines {
        let Line { t, input, out: recorded } = parse(line, text)?;
        // An answer that is refused now was refused when recorded, too; if not, the digest tells.
        let _ = input.apply(&mut router, t);
        inputs += 1;
        while router.poll_action().is_some() {}
        events.extend(core::iter::from_fn(|| router.poll_event()));
        let replayed = state(&router);
        if compare && replayed != recorded {
            return Err(ReplayError::Differs { line, recorded, replayed });
        }
    }
    Ok(Replay { events, inputs, digest: router.digest().unwrap_or_default(), open: router.len() })
}

fn parse<'a, T: Deserialize<'a>>(line: usize, text: &'a str) -> Result<T, ReplayError> {
    serde_json::from_str(text).map_err(|error| ReplayError::Malformed { line, why: error.to_string() })
}
