//! Policies.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use lockwait_core::policy::{Key, Policy, keys};

use crate::argument;
use crate::fault::Fault;
use crate::value;

/// One key, as `types.ts` declares it.
#[derive(Serialize)]
struct PolicyKey {
    name: &'static str,
    #[serde(rename = "default")]
    default_value: String,
    allowed: String,
}

/// The policy with every default, in JSON.
#[wasm_bindgen(js_name = defaultPolicy)]
pub fn default_policy() -> String {
    Policy::default().to_json()
}

/// Throws if `policy`, in JSON, is not one.
///
/// @throws LockwaitError `policy` (the message names the key and what is allowed), `argument`
#[wasm_bindgen(js_name = checkPolicy)]
pub fn check_policy(#[wasm_bindgen(unchecked_param_type = "string")] policy: &JsValue) -> Result<(), Fault> {
    argument::policy(policy, "policy").map(drop)
}

/// Every key of a policy.
#[wasm_bindgen(js_name = policyKeys, unchecked_return_type = "PolicyKey[]")]
pub fn policy_keys() -> Result<JsValue, Fault> {
    let defaults = Policy::default();
    let key = |key: &Key| -> Result<PolicyKey, Fault> {
        Ok(PolicyKey { name: key.name(), default_value: defaults.get(key.name())?, allowed: key.allowed() })
    };
    value::object(&keys().iter().map(key).collect::<Result<Vec<_>, Fault>>()?)
}
