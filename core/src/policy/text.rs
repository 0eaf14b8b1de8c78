//! Policies as TOML and JSON: a table of keys, each at its default where it is not named.

#[cfg(feature = "toml")]
mod table;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::keys::{self, Setting};
use super::{Policy, PolicyError, keys as all_keys};
use crate::json::{self, Blank, Form, Json};

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
        let table: Table = json::read(text).map_err(|error| PolicyError::Syntax {
            line: error.line,
            column: error.column,
            message: error.what,
        })?;
        table.policy()
    }

    /// The policy as one line of JSON with every key, which [`Policy::from_json`] reads back.
    pub fn to_json(&self) -> String {
        json::write(&mut self.clone())
    }
}

impl Json for Policy {
    fn form(&mut self, form: &mut Form<'_>) {
        if form.reads() {
            let mut table = Table::blank();
            table.form(form);
            match table.policy() {
                Ok(policy) => *self = policy,
                Err(error) => form.fail(&error.to_string()),
            }
            return;
        }
        for (before, key) in all_keys().iter().enumerate() {
            form.entry(before, key.name());
            match key.get(self) {
                Setting::Count(mut count) => count.form(form),
                Setting::Flag(mut flag) => flag.form(form),
                other => drop(form.spelt(&other)),
            }
        }
        form.end();
    }
}

impl Blank for Policy {
    fn blank() -> Policy {
        Policy::default()
    }
}

impl Json for Table {
    fn form(&mut self, form: &mut Form<'_>) {
        while let Some(key) = form.read_key(self.0.len()) {
            self.0.push((key, Written(form.read_written())));
        }
    }
}

impl Blank for Table {
    fn blank() -> Table {
        Table(Vec::new())
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
