//! Recorded runs.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use lockwait_core::event::Event;
use lockwait_core::trace;

use crate::argument;
use crate::fault::Fault;
use crate::value;

/// What a replay gave, as `types.ts` declares it.
#[derive(Serialize)]
struct Replay {
    events: Vec<String>,
    texts: Vec<String>,
    inputs: u32,
    digest: String,
    open: u32,
    compared: bool,
}

/// Replays a whole trace, as `lockwait watch --trace` writes it. Without a `policy` its outputs must be those that were
/// recorded; with one (in JSON), the recorded answers are given to that policy as far as they fit, and nothing is
/// compared.
///
/// @throws LockwaitError `trace` (the message names the line: it is none of a trace, or the outputs differ from it on),
/// `policy`, `argument`
#[wasm_bindgen(unchecked_return_type = "Replay")]
pub fn replay(
    #[wasm_bindgen(unchecked_param_type = "string")] trace: &JsValue,
    #[wasm_bindgen(unchecked_optional_param_type = "string")] policy: &JsValue,
) -> Result<JsValue, Fault> {
    let trace = argument::text(trace, "trace")?;
    let policy = argument::given(policy).map(|given| argument::policy(given, "policy")).transpose()?;
    let compared = policy.is_none();
    let trace::Replay { events, inputs, digest, open } = trace::replay(&trace, policy)?;
    value::object(&Replay {
        texts: events.iter().map(Event::text).collect(),
        events: events.iter().map(Event::to_json).collect(),
        inputs: value::count(inputs),
        digest: format!("{:016x}", digest.0),
        open: value::count(open),
        compared,
    })
}
