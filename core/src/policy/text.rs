//! Policies as TOML and JSON: a table of keys, each at its default where it is not named.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::keys::{self, Setting};
use super::{Policy, PolicyError, keys as all_keys};

impl Policy {
    /// Reads a policy from TOML: `retry = "200ms"`. A number for a length of time is milliseconds.
    ///
    /// # Errors
    /// With line and column where `text` is not TOML; by key where a key or its value is not right.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Policy, PolicyError> {
        let table: Table = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            PolicyError::Syntax { line, column, message: error.message().replace('\n', "; ") }
        })?;
        table.policy()
    }

    /// Reads a policy from JSON: `{"retry": "200ms"}`. A number for a length of time is milliseconds.
    ///
    /// # Errors
    /// With line and column where `text` is not JSON; by key where a key or its value is not right.
    pub fn from_json(text: &str) -> Result<Policy, PolicyError> {
        let table: Table = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let place = alloc::format!(" at line {line} column {column}");
            let message = error.to_string();
            let message = message.strip_suffix(&place).unwrap_or(&message).to_string();
            PolicyError::Syntax { line, column, message }
        })?;
        table.policy()
    }

    /// The policy as one line of JSON with every key, which [`Policy::from_json`] reads back.
    pub fn to_json(&self) -> String {
        // A map of strings, numbers and booleans always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(all_keys().len()))?;
        for key in all_keys() {
            match key.get(self) {
                Setting::Count(count) => map.serialize_entry(key.name(), &count)?,
                Setting::Flag(flag) => map.serialize_entry(key.name(), &flag)?,
                other => map.serialize_entry(key.name(), &other.to_string())?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Policy, D::Error> {
        Table::deserialize(deserializer)?.policy().map_err(D::Error::custom)
    }
}

/// Keys and the written forms of their values, as they came.
struct Table(Vec<(String, Written)>);

/// A value in the form that [`Policy::set`] reads.
struct Written(String);

impl Table {
    fn policy(self) -> Result<Policy, PolicyError> {
        let mut policy = Policy::default();
        let mut seen = Vec::new();
        for (name, Written(value)) in self.0 {
            let key = keys::find(&name)?;
            if seen.contains(&key.name()) {
                return Err(PolicyError::Repeated { key: key.name() });
            }
            seen.push(key.name());
            key.set(&mut policy, &value)?;
        }
        policy.check()?;
        Ok(policy)
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Table, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Table;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of policy keys")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Table(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Written, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Written;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number, true or false")
            }
            fn visit_str<E>(self, value: &str) -> Result<Written, E> {
                Ok(Written(value.to_string()))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Written, E> {
                Ok(Written(value.to_string()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Written, E> {
                Ok(Written(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Written, E> {
                Ok(Written(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Written, E> {
                // With its point, so that it is not taken for a whole number.
                Ok(Written(alloc::format!("{value:?}")))
            }
            fn visit_unit<E>(self) -> Result<Written, E> {
                Ok(Written("null".to_string()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Written, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Written("[…]".to_string()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Written, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Written("{…}".to_string()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
