//! What a host hands in, checked.

use js_sys::{Error, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use lockwait_core::policy::Policy;

use crate::fault::Fault;

/// The largest whole number that a JavaScript number holds exactly (ECMA-262, `Number.MAX_SAFE_INTEGER`).
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A text.
pub(crate) fn text(value: &JsValue, name: &str) -> Result<String, Fault> {
    value.as_string().ok_or_else(|| wrong(value, name, "a string"))
}

/// Bytes, as the host has them: nothing is copied yet.
pub(crate) fn bytes<'a>(value: &'a JsValue, name: &str) -> Result<&'a Uint8Array, Fault> {
    value.dyn_ref().ok_or_else(|| wrong(value, name, "a Uint8Array"))
}

/// A number of 64 bits: a time, or the number of a pickup.
pub(crate) fn number(value: &JsValue, name: &str) -> Result<u64, Fault> {
    u64::try_from(value.clone()).map_err(|_| wrong(value, name, "a bigint from 0n to 18446744073709551615n"))
}

/// The number of one of `count` things, from 0.
pub(crate) fn index(value: &JsValue, name: &str, count: usize) -> Result<usize, Fault> {
    let number = value.as_f64().filter(|number| (0.0..=MAX_SAFE_INTEGER).contains(number) && number.fract() == 0.0);
    match number.map(|number| number as u64).and_then(|number| usize::try_from(number).ok()) {
        Some(index) if index < count => Ok(index),
        Some(index) => Err(Fault::argument(name, format_args!("there is no number {index}: there are {count}"))),
        None => Err(wrong(value, name, "a whole number")),
    }
}

/// A policy, from JSON.
pub(crate) fn policy(value: &JsValue, name: &str) -> Result<Policy, Fault> {
    Ok(Policy::from_json(&text(value, name)?)?)
}

/// A policy, from JSON; the defaults where it was left out.
pub(crate) fn policy_or_default(value: &JsValue, name: &str) -> Result<Policy, Fault> {
    given(value).map_or(Ok(Policy::default()), |value| policy(value, name))
}

/// What was not left out.
pub(crate) fn given(value: &JsValue) -> Option<&JsValue> {
    Some(value).filter(|value| !value.is_undefined())
}

/// An object or a choice, in the form that `types.ts` declares.
pub(crate) fn object<T: DeserializeOwned>(value: &JsValue, name: &str) -> Result<T, Fault> {
    let copy = structured_clone(value).map_err(|thrown| Fault::argument(name, shown(&thrown)))?;
    serde_wasm_bindgen::from_value(copy).map_err(|error| Fault::argument(name, error))
}

#[wasm_bindgen]
extern "C" {
    /// A copy that is plain data (HTML, section 2.7.10). What getters of the host's throw while it is made comes back as
    /// an error; thrown while a value is read in place, it would leave the called object borrowed for ever.
    #[wasm_bindgen(catch, js_name = structuredClone)]
    fn structured_clone(value: &JsValue) -> Result<JsValue, JsValue>;
}

/// What a host threw, as text.
fn shown(thrown: &JsValue) -> String {
    thrown.dyn_ref::<Error>().map_or_else(|| "it cannot be copied".into(), |error| error.message().into())
}

fn wrong(value: &JsValue, name: &str, expected: &str) -> Fault {
    // `typeof` is always a string.
    let given = value.js_typeof().as_string().unwrap_or_default();
    Fault::argument(name, format_args!("it must be {expected}, but is of type {given}"))
}
