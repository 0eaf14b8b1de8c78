//! Why a policy was not accepted.

use alloc::string::String;
use core::fmt;

/// Why a policy was not accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicyError {
    /// The text is not TOML, or not JSON, or no table of keys.
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// There is no such key.
    UnknownKey {
        /// The key that was given.
        key: String,
        /// The known key most like it.
        nearest: &'static str,
    },
    /// A key was given twice.
    Repeated {
        /// The key.
        key: &'static str,
    },
    /// The value is not one the key allows.
    WrongValue {
        /// The key.
        key: &'static str,
        /// The value that was given.
        value: String,
        /// What the key allows, in words.
        allowed: String,
    },
    /// Two values do not go together.
    LessThan {
        /// The key whose value is too small.
        key: &'static str,
        /// Its value.
        value: String,
        /// The key whose value it must not be less than.
        floor: &'static str,
        /// That key's value.
        floor_value: String,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::Syntax { line, column, message } => write!(f, "line {line}, column {column}: {message}"),
            PolicyError::UnknownKey { key, nearest } => {
                write!(f, "there is no policy key '{key}'; the nearest one is '{nearest}'")
            }
            PolicyError::Repeated { key } => write!(f, "{key} is given twice; give it once"),
            PolicyError::WrongValue { key, value, allowed } => write!(f, "{key} = {value}: {key} must be {allowed}"),
            PolicyError::LessThan { key, value, floor, floor_value } => {
                write!(f, "{key} = {value}: {key} must not be less than {floor}, which is {floor_value}")
            }
        }
    }
}

impl core::error::Error for PolicyError {}
