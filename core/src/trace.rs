//! The recorded inputs of a run; replaying them gives the same outputs, byte for byte, everywhere.
//!
//! A trace is JSON Lines. The first line says how the router was set up:
//! `{"schema":"lockwait.trace/1","policy":{…},"quarantine":false}`. Every other line is one input with its time in
//! microseconds and the digest of all outputs so far: `{"t":1700000000000000,"submit":{"place":{…}},"out":"…"}`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::code::Code;
use crate::event::Event;
use crate::json::{self, Blank, Fields, Form, Json, record};
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

/// The first line.
struct Header {
    schema: String,
    policy: Policy,
    quarantine: bool,
}

record!(
    Header,
    Header { schema: String::new(), policy: Policy::default(), quarantine: false },
    schema,
    policy,
    quarantine,
);

/// One input with its time and the digest of all outputs so far.
struct Line {
    t: Timestamp,
    input: Input,
    out: String,
    /// How many inputs were read.
    inputs: u32,
}

/// The names in a line: the inputs in the order of [`Input`], then time and digest.
const NAMES: &str = "submit? answer? hint? cancel? timeout? folder-lost? folder-found? started? stop? stopped? t out ";

impl Input {
    /// Its place in [`NAMES`].
    fn index(&self) -> usize {
        match self {
            Input::Submit(_) => 0,
            Input::Answer(..) => 1,
            Input::Hint(..) => 2,
            Input::Cancel(_) => 3,
            Input::Timeout => 4,
            Input::FolderLost(..) => 5,
            Input::FolderFound(_) => 6,
            Input::Started => 7,
            Input::Stop => 8,
            Input::Stopped => 9,
        }
    }

    /// The input of that index, to be read into.
    fn blank(index: usize) -> Input {
        match index {
            0 => Input::Submit(Arrival::blank()),
            1 => Input::Answer(PickupId::blank(), Outcome::blank()),
            2 => Input::Hint(PickupId::blank(), Hint::blank()),
            3 => Input::Cancel(PickupId::blank()),
            4 => Input::Timeout,
            5 => Input::FolderLost(Name::blank(), Code::blank()),
            6 => Input::FolderFound(Name::blank()),
            7 => Input::Started,
            8 => Input::Stop,
            _ => Input::Stopped,
        }
    }
}

/// What comes with an input; `null` for one that says all by its name.
impl Json for Input {
    fn form(&mut self, form: &mut Form<'_>) {
        match self {
            Input::Submit(arrival) => arrival.form(form),
            Input::Answer(id, outcome) => form.fixed(&mut [id, outcome]),
            Input::Hint(id, hint) => form.fixed(&mut [id, hint]),
            Input::Cancel(id) => id.form(form),
            Input::FolderLost(folder, code) => form.fixed(&mut [folder, code]),
            Input::FolderFound(folder) => folder.form(form),
            Input::Timeout | Input::Started | Input::Stop | Input::Stopped => {
                if !form.null(true) {
                    form.fail("expected null");
                }
            }
        }
    }
}

impl Json for Line {
    fn form(&mut self, form: &mut Form<'_>) {
        if form.reads() {
            self.inputs = 0;
            form.read_record(NAMES, self);
            if self.inputs != 1 {
                form.fail(if self.inputs == 0 { "it has no input" } else { "it has more than one input" });
            }
        } else {
            let name = NAMES.split(' ').nth(self.input.index()).unwrap_or_default();
            form.record(&format!("t {name} out "), &mut [&mut self.t, &mut self.input, &mut self.out]);
        }
    }
}

impl Fields for Line {
    fn field(&mut self, index: usize, form: &mut Form<'_>) {
        match index {
            10 => self.t.form(form),
            11 => self.out.form(form),
            _ => {
                self.inputs += 1;
                self.input = Input::blank(index);
                self.input.form(form);
            }
        }
    }
}

impl Blank for Line {
    fn blank() -> Line {
        Line { t: Timestamp::blank(), input: Input::Timeout, out: String::new(), inputs: 0 }
    }
}

/// Starts recording a router into which nothing has been put yet: the trace's first line, without its end.
pub fn begin(router: &mut Router) -> String {
    router.start_digest();
    let options = router.options();
    json::write(&mut Header {
        schema: SCHEMA.to_string(),
        policy: options.policy.clone(),
        quarantine: options.quarantine,
    })
}

/// Puts `input` into a router that is being recorded: the line that records it, without its end, and what
/// [`Input::apply`] gave.
pub fn record(router: &mut Router, now: Timestamp, input: Input) -> (String, Result<Option<PickupId>, HandleError>) {
    // Written before the router has it: the line ends with the digest, which is known only then.
    let mut line = Line { t: now, input, out: String::new(), inputs: 1 };
    let mut text = json::write(&mut line);
    let result = line.input.apply(router, now);
    text.truncate(text.len() - "\"}".len());
    text.push_str(&state(router));
    text.push_str("\"}");
    (text, result)
}

/// The digest of all outputs so far and of when the router wants to be woken, in hex.
fn state(router: &Router) -> String {
    let mut digest = router.digest().unwrap_or_default();
    digest.add(&mut router.poll_timeout());
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

/// How the router of a trace was set up: reads the trace's first line.
///
/// # Errors
/// What is wrong with the line, or with its schema.
pub fn read_header(line: &str) -> Result<Options, String> {
    let header: Header = json::read(line).map_err(|error| error.to_string())?;
    match header.schema == SCHEMA {
        true => Ok(Options { policy: header.policy, quarantine: header.quarantine, seed: 0 }),
        false => Err(format!("its schema is '{}'", header.schema)),
    }
}

/// An input and when it came: reads any other line of a trace.
///
/// # Errors
/// What is wrong with the line.
pub fn read_input(line: &str) -> Result<(Timestamp, Input), String> {
    let Line { t, input, .. } = json::read(line).map_err(|error| error.to_string())?;
    Ok((t, input))
}

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
    let recorded = read_header(first).map_err(|why| ReplayError::Malformed { line, why })?;
    let mut router = Router::new(Options { policy: policy.unwrap_or(recorded.policy), ..recorded });
    router.start_digest();
    let (mut events, mut inputs) = (Vec::new(), 0);
    for (line, text) in lines {
        let read = json::read(text).map_err(|error| ReplayError::Malformed { line, why: error.to_string() });
        let Line { t, input, out: recorded, .. } = read?;
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
