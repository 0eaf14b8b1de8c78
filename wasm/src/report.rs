//! What the evidence comes to.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use lockwait_core::examiner;
use lockwait_core::whatif::{self, Outcome, Range};
use lockwait_evidence::html;

use crate::argument;
use crate::fault::Fault;
use crate::value;

/// What the evidence came to when it was asked for; later feeds do not change it.
#[wasm_bindgen]
pub struct Report(examiner::Report);

/// An [`Outcome`], as `types.ts` declares it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WhatIf {
    attempts: (u64, u64),
    refusals: (u64, u64),
    events: (u64, u64),
    waited_us: Option<(u64, u64)>,
}

impl From<Outcome> for WhatIf {
    fn from(Outcome { attempts, refusals, events, waited }: Outcome) -> WhatIf {
        let pair = |Range { least, most }: Range<u64>| (least, most);
        WhatIf {
            attempts: pair(attempts),
            refusals: pair(refusals),
            events: pair(events),
            waited_us: waited.map(|Range { least, most }| (least.0, most.0)),
        }
    }
}

impl Report {
    pub(crate) fn new(report: examiner::Report) -> Report {
        Report(report)
    }

    fn finding(&self, episode: &JsValue) -> Result<&examiner::Finding, Fault> {
        let index = argument::index(episode, "episode", self.0.findings.len())?;
        self.0.findings.get(index).ok_or_else(|| Fault::argument("episode", "there is none of that number"))
    }
}

#[wasm_bindgen]
impl Report {
    /// What `lockwait diagnose --json` prints, without the newline at the end. Made anew each time.
    #[wasm_bindgen(getter)]
    pub fn json(&self) -> String {
        self.0.to_json()
    }

    /// The report as one HTML file that needs nothing else. What another policy would have made of the same locks is
    /// told for `policy`, in JSON; left out, for the defaults.
    ///
    /// @throws LockwaitError `policy`, `argument`
    pub fn html(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "string")] policy: &JsValue,
    ) -> Result<String, Fault> {
        let policy = argument::policy_or_default(policy, "policy")?;
        Ok(html::page(&self.0, &policy))
    }

    /// Times of attempts of all episodes, microseconds since 1970 UTC, one episode after another; thinned evenly where
    /// an episode has many. A copy each time.
    #[wasm_bindgen(getter)]
    pub fn ticks(&self) -> Vec<u64> {
        self.0.findings.iter().flat_map(|finding| finding.ticks().iter().map(|at| at.0)).collect()
    }

    /// Where each episode's times begin in `ticks`, and where the last one's end: one more than there are episodes.
    #[wasm_bindgen(getter, js_name = tickOffsets)]
    pub fn tick_offsets(&self) -> Vec<u32> {
        let ends = self.0.findings.iter().scan(0_u32, |end, finding| {
            *end = end.saturating_add(value::count(finding.ticks().len()));
            Some(*end)
        });
        std::iter::once(0).chain(ends).collect()
    }

    /// What `policy`, in JSON, would have made of the lock of one episode; where `episode` is left out, of all locks
    /// together: the sums, and the longest of the waits.
    ///
    /// @throws LockwaitError `policy`, `argument`
    #[wasm_bindgen(js_name = whatIf, unchecked_return_type = "WhatIf")]
    pub fn what_if(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] policy: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] episode: &JsValue,
    ) -> Result<JsValue, Fault> {
        let policy = argument::policy(policy, "policy")?;
        let outcome = match argument::given(episode) {
            Some(episode) => whatif::whatif(self.finding(episode)?, &policy),
            None => whatif::total(self.0.findings.iter().map(|finding| whatif::whatif(finding, &policy))),
        };
        value::object(&WhatIf::from(outcome))
    }
}
