//! Logs and captures, read and examined together.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument;
use crate::fault::Fault;
use crate::report::Report;

/// Bytes taken over at a time: what is fed may be larger than memory for a second copy.
const CHUNK: u32 = 1 << 18;

/// Several inputs, fed one after another: `begin`, `feed` as often as there are bytes, `end`, and the next. The format
/// is told by the bytes, gzip unpacked. To cancel, `free` it.
#[wasm_bindgen]
pub struct Examination {
    examination: lockwait_evidence::Examination,
    chunk: Vec<u8>,
    /// An input was begun and not ended.
    reads: bool,
}

#[wasm_bindgen]
impl Examination {
    /// Nothing read yet. Episodes are judged under `policy`, in JSON (`{"quiet": "5s"}`); left out, under the defaults.
    ///
    /// @throws LockwaitError `policy`, `argument`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "string")] policy: &JsValue,
    ) -> Result<Examination, Fault> {
        let policy = argument::policy_or_default(policy, "policy")?;
        let examination = lockwait_evidence::Examination::new(policy);
        Ok(Examination { examination, chunk: Vec::new(), reads: false })
    }

    /// The next input, called `name` in the report. Ends the one before.
    ///
    /// @throws LockwaitError `argument`
    pub fn begin(&mut self, #[wasm_bindgen(unchecked_param_type = "string")] name: &JsValue) -> Result<(), Fault> {
        self.examination.begin(&argument::text(name, "name")?);
        self.reads = true;
        Ok(())
    }

    /// The next bytes of the input that was begun, however many.
    ///
    /// @throws LockwaitError `order` (no input was begun), `argument`
    pub fn feed(&mut self, #[wasm_bindgen(unchecked_param_type = "Uint8Array")] bytes: &JsValue) -> Result<(), Fault> {
        let bytes = argument::bytes(bytes, "bytes")?;
        self.check("feed")?;
        for start in (0..bytes.length()).step_by(CHUNK as usize) {
            let part = bytes.subarray(start, start.saturating_add(CHUNK));
            self.chunk.resize(part.length() as usize, 0);
            part.copy_to(&mut self.chunk);
            self.examination.feed(&self.chunk);
        }
        Ok(())
    }

    /// The input that was begun cannot be read any further, for this reason; what came before is kept.
    ///
    /// @throws LockwaitError `order` (no input was begun), `argument`
    pub fn broken(&mut self, #[wasm_bindgen(unchecked_param_type = "string")] why: &JsValue) -> Result<(), Fault> {
        let why = argument::text(why, "why")?;
        self.check("broken")?;
        self.examination.broken(&why);
        self.reads = false;
        Ok(())
    }

    /// The input that was begun is over.
    ///
    /// @throws LockwaitError `order` (no input was begun)
    pub fn end(&mut self) -> Result<(), Fault> {
        self.check("end")?;
        self.examination.end();
        self.reads = false;
        Ok(())
    }

    /// What the input that was begun is, once its bytes have told: `evtx`, `pcap`, …; before and after, `unknown`.
    #[wasm_bindgen(getter)]
    pub fn format(&self) -> String {
        self.examination.format().as_str().to_owned()
    }

    /// Lock failures found so far, in all inputs.
    #[wasm_bindgen(getter, js_name = lockFailures)]
    pub fn lock_failures(&self) -> u64 {
        self.examination.lock_failures()
    }

    /// What the evidence comes to so far; may be asked at any time, also between feeds. Takes time in proportion to
    /// the episodes.
    pub fn report(&self) -> Report {
        Report::new(self.examination.report())
    }

    fn check(&self, call: &str) -> Result<(), Fault> {
        let fault = || Fault::order(format_args!("{call}: no input was begun; call begin first"));
        self.reads.then_some(()).ok_or_else(fault)
    }
}
