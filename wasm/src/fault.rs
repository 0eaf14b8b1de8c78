//! What is thrown.

use std::fmt::Display;

use js_sys::{Error, Reflect};
use wasm_bindgen::JsValue;

use lockwait_core::policy::PolicyError;
use lockwait_core::router::{HandleError, RestoreError};
use lockwait_core::trace::ReplayError;

/// Why a call was not carried out.
pub struct Fault {
    /// The stable word; `types.ts` lists them.
    code: &'static str,
    /// What is wrong and what to do, for people.
    text: String,
}

impl Fault {
    fn new(code: &'static str, why: impl Display) -> Fault {
        Fault { code, text: why.to_string() }
    }

    /// The argument called `name` is not what it must be.
    pub(crate) fn argument(name: &str, why: impl Display) -> Fault {
        Fault::new("argument", format_args!("{name}: {why}"))
    }

    /// The text is no code.
    pub(crate) fn code(why: impl Display) -> Fault {
        Fault::new("code", why)
    }

    /// The call does not fit what was called before.
    pub(crate) fn order(why: impl Display) -> Fault {
        Fault::new("order", why)
    }

    /// A defect of ours.
    pub(crate) fn panic(why: impl Display) -> Fault {
        Fault::new("panic", why)
    }
}

impl From<PolicyError> for Fault {
    fn from(error: PolicyError) -> Fault {
        Fault::new("policy", format_args!("policy: {error}"))
    }
}

impl From<ReplayError> for Fault {
    fn from(error: ReplayError) -> Fault {
        Fault::new("trace", error)
    }
}

impl From<RestoreError> for Fault {
    fn from(error: RestoreError) -> Fault {
        Fault::new("snapshot", error)
    }
}

impl From<HandleError> for Fault {
    fn from(error: HandleError) -> Fault {
        Fault::new("answer", error)
    }
}

/// A `LockwaitError`, as `types.ts` declares it.
impl From<Fault> for JsValue {
    fn from(fault: Fault) -> JsValue {
        let error = Error::new(&fault.text);
        error.set_name("LockwaitError");
        // A new object that nobody has frozen takes a property.
        let _ = Reflect::set(&error, &"code".into(), &fault.code.into());
        error.into()
    }
}
