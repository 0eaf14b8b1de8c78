//! Codes, explained.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use lockwait_core::code::Code;

use crate::argument;
use crate::fault::Fault;
use crate::value;

/// What a code means, as `types.ts` declares it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Explanation {
    code: String,
    name: Option<&'static str>,
    meaning: &'static str,
    cause: &'static str,
    advice: &'static str,
    other_forms: Vec<String>,
    look_alike: Option<String>,
}

/// What a code means, in any form that logs and programs write it: `32`, `0x80070020`, `c0000043`, `errno:EBUSY`,
/// `ncp:0x80`.
///
/// @throws LockwaitError `code` (the message says what a code looks like), `argument`
#[wasm_bindgen(unchecked_return_type = "Explanation")]
pub fn explain(#[wasm_bindgen(unchecked_param_type = "string")] code: &JsValue) -> Result<JsValue, Fault> {
    let code = Code::parse(&argument::text(code, "code")?).map_err(Fault::code)?;
    let cause = code.cause();
    value::object(&Explanation {
        code: code.to_string(),
        name: code.name(),
        meaning: code.meaning(),
        cause: cause.as_str(),
        advice: cause.advice(),
        other_forms: code.other_forms(),
        look_alike: code.look_alike(),
    })
}
