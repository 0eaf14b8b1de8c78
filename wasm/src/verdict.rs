//! Kinds of verdicts, in words.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use lockwait_core::verdict::Kind;

use crate::fault::Fault;
use crate::value;

/// One kind, as `types.ts` declares it.
#[derive(Serialize)]
struct KindWords {
    name: &'static str,
    meaning: &'static str,
    remedy: &'static str,
}

/// Every kind of a verdict, with what it means and what to do about it.
#[wasm_bindgen(unchecked_return_type = "KindWords[]")]
pub fn kinds() -> Result<JsValue, Fault> {
    let words = |kind: Kind| KindWords { name: kind.as_str(), meaning: kind.meaning(), remedy: kind.remedy() };
    value::object(&Vec::from(Kind::ALL.map(words)))
}
