//! Every number and switch a user may change.

use alloc::string::ToString;
use core::ffi::c_char;

use lockwait_core::policy::{Policy, PolicyError};

use crate::guard;
use crate::handle::{self, Object};
use crate::result::{Fault, LOCKWAIT_RESULT_INVALID_POLICY, lockwait_result};
use crate::runtime::Lock;
use crate::text::{self, Buffer, Out};

/// Every number and switch: opaque. Made by lockwait_policy_new or lockwait_policy_from_json, owned by the caller,
/// ended with lockwait_policy_free. Who is given a policy copies it.
pub struct lockwait_policy {
    _private: [u8; 0],
}

pub(crate) fn pick(object: &Object) -> Option<&Lock<Policy>> {
    match object {
        Object::Policy(policy) => Some(policy),
        _ => None,
    }
}

/// A copy of the policy of a handle; the defaults for NULL.
pub(crate) fn copy_of(handle: *const lockwait_policy) -> Result<Policy, Fault> {
    if handle.is_null() {
        return Ok(Policy::default());
    }
    let policy = handle::with_locked(handle, pick, |policy| Ok(policy.clone()))?;
    policy.check().map_err(fault)?;
    Ok(policy)
}

fn fault(error: PolicyError) -> Fault {
    Fault::new(LOCKWAIT_RESULT_INVALID_POLICY, error.to_string())
}

/// Makes a policy with every default.
///
/// @param out written; free with lockwait_policy_free
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _TOO_MANY
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_policy_new(out: *mut *mut lockwait_policy) -> lockwait_result {
    guard::call(|| {
        let out = Out::new(out, "out")?;
        out.set(handle::put(Object::Policy(Lock::new(Policy::default())))?);
        Ok(())
    })
}

/// Makes a policy from JSON: an object with some of the keys, `{"retry": "200ms", "patience": "30s"}`.
///
/// @param text, length UTF-8
/// @param out          written; free with lockwait_policy_free
/// @return LOCKWAIT_RESULT_OK, _INVALID_POLICY (the last error names the key and what is allowed), _INVALID_TEXT,
///         _NULL_POINTER, _TOO_MANY
///
/// Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_policy_from_json(
    text: *const c_char,
    length: usize,
    out: *mut *mut lockwait_policy,
) -> lockwait_result {
    guard::call(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let policy = Policy::from_json(unsafe { text::utf8(text, length, "text") }?).map_err(fault)?;
        out.set(handle::put(Object::Policy(Lock::new(policy)))?);
        Ok(())
    })
}

/// Sets one key from its written form: "200ms", "never", "64", "true", "gateway". How keys stand to each other is
/// checked where the policy is used, so that they can be set in any order.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_POLICY (nothing has changed), _INVALID_TEXT, _NULL_POINTER, _INVALID_HANDLE
///
/// Any thread; calls on one policy take turns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_policy_set(
    policy: *mut lockwait_policy,
    key: *const c_char,
    key_length: usize,
    value: *const c_char,
    value_length: usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let (key, value) = unsafe { (text::utf8(key, key_length, "key")?, text::utf8(value, value_length, "value")?) };
        handle::with_locked(policy, pick, |policy| policy.set(key, value).map_err(fault))
    })
}

/// Writes the written form of one key, which lockwait_policy_set reads back.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_POLICY (no such key), _BUFFER_TOO_SMALL, _INVALID_TEXT, _NULL_POINTER,
///         _INVALID_HANDLE
///
/// Any thread; calls on one policy take turns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_policy_get(
    policy: *const lockwait_policy,
    key: *const c_char,
    key_length: usize,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let (key, buffer) = unsafe { (text::utf8(key, key_length, "key")?, Buffer::new(buffer, capacity, length)?) };
        let value = handle::with_locked(policy, pick, |policy| policy.get(key).map_err(fault))?;
        buffer.write(value.as_bytes())
    })
}

/// Writes the whole policy as JSON, which lockwait_policy_from_json reads back.
///
/// @return LOCKWAIT_RESULT_OK, _BUFFER_TOO_SMALL, _NULL_POINTER, _INVALID_HANDLE
///
/// Any thread; calls on one policy take turns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_policy_to_json(
    policy: *const lockwait_policy,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        let buffer = unsafe { Buffer::new(buffer, capacity, length) }?;
        let text = handle::with_locked(policy, pick, |policy| Ok(policy.to_json()))?;
        buffer.write(text.as_bytes())
    })
}

/// Checks every value and how the values go together.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_POLICY (the last error names the key and what is allowed), _NULL_POINTER,
///         _INVALID_HANDLE
///
/// Any thread; calls on one policy take turns.
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_policy_check(policy: *const lockwait_policy) -> lockwait_result {
    guard::call(|| handle::with_locked(policy, pick, |policy| policy.check().map_err(fault)))
}

/// Ends a policy. NULL is allowed and does nothing.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_HANDLE
///
/// Any thread.
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_policy_free(policy: *mut lockwait_policy) -> lockwait_result {
    guard::call(|| handle::free(policy, |object| pick(object).is_some()))
}
