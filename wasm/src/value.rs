//! What a host is given.

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::fault::Fault;

/// `value` as a plain object, in the form that `types.ts` declares: numbers of 64 bits are bigints, what there is not is
/// null.
pub(crate) fn object(value: &impl Serialize) -> Result<JsValue, Fault> {
    let serializer = Serializer::new()
        .serialize_large_number_types_as_bigints(true)
        .serialize_maps_as_objects(true)
        .serialize_missing_as_null(true);
    // Values of our own have nothing that an object cannot have.
    value.serialize(&serializer).map_err(Fault::panic)
}

/// How many things there are in memory, whose addresses have 32 bits.
pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
