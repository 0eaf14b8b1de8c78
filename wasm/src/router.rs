//! The router: made, driven, recorded, kept and restored.

use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use lockwait_core::code::Code;
use lockwait_core::driven::Driven;
use lockwait_core::observation::{Name, Place};
use lockwait_core::pickup::{Arrival, PickupId};
use lockwait_core::policy::Policy;
use lockwait_core::router::{self, Options};
use lockwait_core::time::Timestamp;
use lockwait_core::trace::Input;

use crate::argument;
use crate::fault::Fault;
use crate::value;

/// Many pickups, driven by the host: the engine of `lockwait watch` without any input or output of its own.
///
/// The loop:
///
/// 1. Put in what happened: `submit` for a file that arrived, `hint` for a notice about one, `answer` for each action
///    that was carried out.
/// 2. When the time of `pollTimeout` has come, `handleTimeout`.
/// 3. Carry out each `pollAction`, now or later; each is answered once.
/// 4. Write each `pollEvent` where events go.
/// 5. Wait until something happens or the time of `pollTimeout` comes; start over.
///
/// Times are microseconds since 1970 UTC, `BigInt(Date.now()) * 1000n`. They never go backwards: an earlier one counts
/// as the latest one seen.
#[wasm_bindgen]
pub struct Router(Driven);

/// How a router is set up, as `types.ts` declares it.
#[derive(Deserialize, Default)]
#[serde(default)]
struct RouterOptions {
    policy: Option<String>,
    quarantine: bool,
    seed: u64,
}

/// What can be seen of a pickup, as `types.ts` declares it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    id: PickupId,
    place: Place,
    since: Timestamp,
    held_since: Option<Timestamp>,
    attempts: u32,
    code: Option<Code>,
    leader: Option<PickupId>,
}

impl From<router::View<'_>> for View {
    fn from(view: router::View<'_>) -> View {
        View {
            place: view.place(),
            id: view.id,
            since: view.since,
            held_since: view.held_since,
            attempts: view.attempts,
            code: view.code,
            leader: view.leader,
        }
    }
}

impl Router {
    /// Puts something in, and on the trace.
    fn put(&mut self, now: &JsValue, input: Input) -> Result<Option<PickupId>, Fault> {
        Ok(self.0.put(Timestamp(argument::number(now, "now")?), input)?)
    }
}

#[wasm_bindgen]
impl Router {
    /// A router with no pickups.
    ///
    /// @throws LockwaitError `policy`, `argument`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "RouterOptions")] options: &JsValue,
    ) -> Result<Router, Fault> {
        let given = argument::given(options).map(|given| argument::object(given, "options")).transpose()?;
        let RouterOptions { policy, quarantine, seed } = given.unwrap_or_default();
        let policy = policy.map_or(Ok(Policy::default()), |json| Policy::from_json(&json))?;
        Ok(Router(Driven::new(router::Router::new(Options { policy, quarantine, seed }))))
    }

    /// Makes a router from what `snapshot` gave. Actions that were outstanding are asked for again.
    ///
    /// @throws LockwaitError `snapshot`, `argument`
    pub fn restore(#[wasm_bindgen(unchecked_param_type = "string")] snapshot: &JsValue) -> Result<Router, Fault> {
        let router = router::Router::restore(&argument::text(snapshot, "snapshot")?)?;
        Ok(Router(Driven::restored(router)))
    }

    /// Everything the router knows, as text. Events that were not fetched yet are in it.
    pub fn snapshot(&mut self) -> String {
        self.0.router.snapshot()
    }

    /// Starts a pickup; gives its number. A file that is already being picked up gives the pickup it has. After `stop`
    /// the pickup ends at once, without an event.
    ///
    /// @throws LockwaitError `argument`
    pub fn submit(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Place")] place: &JsValue,
    ) -> Result<u64, Fault> {
        let place: Place = argument::object(place, "place")?;
        if place.name.as_bytes().is_empty() || place.name.as_bytes().contains(&b'/') {
            return Err(Fault::argument("place", "name must be the name of a file in the folder, not a path"));
        }
        let id = self.put(now, Input::Submit(Arrival { place }))?;
        id.map(|id| id.0).ok_or_else(|| Fault::panic("a submission gave no pickup"))
    }

    /// Says what came of an action.
    ///
    /// @throws LockwaitError `answer` (the pickup has ended or was not asked this; nothing has changed), `argument`
    pub fn answer(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "bigint")] id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Outcome")] outcome: &JsValue,
    ) -> Result<(), Fault> {
        let input = Input::Answer(pickup(id)?, argument::object(outcome, "outcome")?);
        self.put(now, input).map(drop)
    }

    /// A notice that trying this pickup now may pay. Ignored for a pickup that has ended.
    ///
    /// @throws LockwaitError `argument`
    pub fn hint(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "bigint")] id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Hint")] hint: &JsValue,
    ) -> Result<(), Fault> {
        let input = Input::Hint(pickup(id)?, argument::object(hint, "hint")?);
        self.put(now, input).map(drop)
    }

    /// Ends a pickup: at once, or with the answer to the action that is outstanding. Ignored for a pickup that has
    /// ended.
    ///
    /// @throws LockwaitError `argument`
    pub fn cancel(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "bigint")] id: &JsValue,
    ) -> Result<(), Fault> {
        self.put(now, Input::Cancel(pickup(id)?)).map(drop)
    }

    /// The host found that a folder cannot be reached, apart from any file in it; `code` in any form that `explain`
    /// reads.
    ///
    /// @throws LockwaitError `code`, `argument`
    #[wasm_bindgen(js_name = folderLost)]
    pub fn folder_lost(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Name")] folder: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] code: &JsValue,
    ) -> Result<(), Fault> {
        let folder: Name = argument::object(folder, "folder")?;
        let code = Code::parse(&argument::text(code, "code")?).map_err(Fault::code)?;
        self.put(now, Input::FolderLost(folder, code)).map(drop)
    }

    /// The host found that a folder can be reached.
    ///
    /// @throws LockwaitError `argument`
    #[wasm_bindgen(js_name = folderFound)]
    pub fn folder_found(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Name")] folder: &JsValue,
    ) -> Result<(), Fault> {
        let folder: Name = argument::object(folder, "folder")?;
        self.put(now, Input::FolderFound(folder)).map(drop)
    }

    /// Time has passed. An early call does nothing.
    ///
    /// @throws LockwaitError `argument`
    #[wasm_bindgen(js_name = handleTimeout)]
    pub fn handle_timeout(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
    ) -> Result<(), Fault> {
        self.put(now, Input::Timeout).map(drop)
    }

    /// Starts nothing more. Every pickup without an outstanding action ends at once, without an event; each other one
    /// with the host's answer.
    ///
    /// @throws LockwaitError `argument`
    pub fn stop(&mut self, #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue) -> Result<(), Fault> {
        self.put(now, Input::Stop).map(drop)
    }

    /// Writes event 6015: the host has started work.
    ///
    /// @throws LockwaitError `argument`
    #[wasm_bindgen(js_name = announceStarted)]
    pub fn announce_started(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
    ) -> Result<(), Fault> {
        self.put(now, Input::Started).map(drop)
    }

    /// Writes event 6016: the host has stopped.
    ///
    /// @throws LockwaitError `argument`
    #[wasm_bindgen(js_name = announceStopped)]
    pub fn announce_stopped(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "bigint")] now: &JsValue,
    ) -> Result<(), Fault> {
        self.put(now, Input::Stopped).map(drop)
    }

    /// The next action to carry out, if there is one now.
    #[wasm_bindgen(js_name = pollAction, unchecked_return_type = "Action | undefined")]
    pub fn poll_action(&mut self) -> Result<JsValue, Fault> {
        self.0.router.poll_action().map_or(Ok(JsValue::UNDEFINED), |action| value::object(&action))
    }

    /// The next event, if there is one now.
    #[wasm_bindgen(js_name = pollEvent, unchecked_return_type = "RouterEvent | undefined")]
    pub fn poll_event(&mut self) -> Result<JsValue, Fault> {
        let Some(event) = self.0.router.poll_event() else { return Ok(JsValue::UNDEFINED) };
        let object = value::object(&event)?;
        for (name, text) in [("text", event.text()), ("json", event.to_json())] {
            // A new object that nobody has frozen takes a property.
            let _ = Reflect::set(&object, &name.into(), &text.into());
        }
        Ok(object)
    }

    /// When `handleTimeout` is next due, in microseconds since 1970 UTC; undefined when nothing waits for time. May
    /// change with every input.
    #[wasm_bindgen(js_name = pollTimeout)]
    pub fn poll_timeout(&self) -> Option<u64> {
        self.0.router.poll_timeout().map(|at| at.0)
    }

    /// What can be seen of a pickup; undefined when it has ended.
    ///
    /// @throws LockwaitError `argument`
    #[wasm_bindgen(unchecked_return_type = "PickupView | undefined")]
    pub fn view(&self, #[wasm_bindgen(unchecked_param_type = "bigint")] id: &JsValue) -> Result<JsValue, Fault> {
        let view = self.0.router.view(pickup(id)?);
        view.map_or(Ok(JsValue::UNDEFINED), |view| value::object(&View::from(view)))
    }

    /// How many pickups have not ended.
    #[wasm_bindgen(getter)]
    pub fn open(&self) -> u32 {
        value::count(self.0.router.len())
    }

    /// How many pickups are in an episode.
    #[wasm_bindgen(getter)]
    pub fn held(&self) -> u32 {
        value::count(self.0.router.held())
    }

    /// Starts recording everything that is put in, and a digest of all that comes out. To be called before anything is
    /// put in. From now on `pollTrace` gives the lines; one that is not fetched stays in memory.
    ///
    /// @throws LockwaitError `order`
    pub fn record(&mut self) -> Result<(), Fault> {
        let fault = || Fault::order("record: a trace begins before anything is put into the router, and once");
        self.0.record().then_some(()).ok_or_else(fault)
    }

    /// The next line of the trace, without its end, if there is one now. Written one after another with line ends, they
    /// are a file that `replay` and `lockwait replay` read.
    #[wasm_bindgen(js_name = pollTrace)]
    pub fn poll_trace(&mut self) -> Option<String> {
        self.0.lines()?.pop_front()
    }
}

fn pickup(id: &JsValue) -> Result<PickupId, Fault> {
    argument::number(id, "id").map(PickupId)
}
