//! The table of keys: what each is called, what it allows, and which field of [`Policy`] it is.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Collision, Companions, Policy, PolicyError};
use crate::time::Span;

/// One key of a policy.
pub struct Key {
    name: &'static str,
    allowed: Allowed,
    field: fn(&mut Policy) -> Field<'_>,
}

/// A key's field.
enum Field<'a> {
    Span(&'a mut Span),
    Limit(&'a mut Option<Span>),
    Count(&'a mut u32),
    Flag(&'a mut bool),
    Collision(&'a mut Collision),
    Companions(&'a mut Companions),
}

/// A key's value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Setting {
    Span(Span),
    Limit(Option<Span>),
    Count(u32),
    Flag(bool),
    Collision(Collision),
    Companions(Companions),
}

/// What a key allows; bounds are inclusive.
enum Allowed {
    Span(Span, Span),
    Limit(Span, Span),
    Count(u32, u32),
    Flag,
    Collision,
    Companions,
}

const MS: Span = Span::from_millis(1);
const SECOND: Span = Span::from_secs(1);
const HOUR: Span = Span::from_secs(3_600);
const DAY: Span = Span::from_secs(86_400);
const YEAR: Span = Span::from_secs(365 * 86_400);

/// The key of the field of that name, which is the [`Field`] of that kind.
macro_rules! key {
    ($field:ident, $kind:ident, $allowed:expr) => {
        Key { name: stringify!($field), allowed: $allowed, field: |policy| Field::$kind(&mut policy.$field) }
    };
}

static KEYS: [Key; 14] = [
    key!(retry, Span, Allowed::Span(MS, HOUR)),
    key!(retry_for, Span, Allowed::Span(Span::ZERO, DAY)),
    key!(retry_cap, Span, Allowed::Span(MS, DAY)),
    key!(quiet, Span, Allowed::Span(Span::ZERO, DAY)),
    key!(patience, Span, Allowed::Span(MS, YEAR)),
    key!(settle, Span, Allowed::Span(Span::ZERO, HOUR)),
    key!(reminder, Span, Allowed::Span(SECOND, YEAR)),
    key!(give_up, Limit, Allowed::Limit(MS, YEAR)),
    key!(collision, Collision, Allowed::Collision),
    key!(at_once, Count, Allowed::Count(1, 65_536)),
    key!(outage, Span, Allowed::Span(MS, HOUR)),
    key!(outage_cap, Span, Allowed::Span(MS, DAY)),
    key!(companions, Companions, Allowed::Companions),
    key!(sync, Flag, Allowed::Flag),
];

/// Keys whose value must not be less than another's: that other one first.
const FLOORS: [(&str, &str); 2] = [("retry", "retry_cap"), ("outage", "outage_cap")];

/// Every key of a policy, in the order of its fields.
pub fn keys() -> &'static [Key] {
    &KEYS
}

/// The key called `name`.
pub(super) fn find(name: &str) -> Result<&'static Key, PolicyError> {
    KEYS.iter().find(|key| key.name == name).ok_or_else(|| {
        let nearest = KEYS.iter().map(|key| key.name).min_by_key(|known| distance(name, known));
        PolicyError::UnknownKey { key: shortened(name), nearest: nearest.unwrap_or_default() }
    })
}

/// See [`Policy::check`].
pub(super) fn check(policy: &Policy) -> Result<(), PolicyError> {
    for key in &KEYS {
        let setting = key.get(policy);
        if !key.allows(&setting) {
            return Err(key.wrong(&setting.to_string()));
        }
    }
    for (floor, key) in FLOORS {
        let (floor, key) = (find(floor)?, find(key)?);
        if let (Setting::Span(least), Setting::Span(value)) = (floor.get(policy), key.get(policy))
            && value < least
        {
            return Err(PolicyError::LessThan {
                key: key.name,
                value: value.to_string(),
                floor: floor.name,
                floor_value: least.to_string(),
            });
        }
    }
    Ok(())
}

impl Key {
    /// What it is called: the name of its field in [`Policy`].
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it allows, in words.
    pub fn allowed(&self) -> String {
        match self.allowed {
            Allowed::Span(least, most) => format!("a length of time from {least} to {most}, such as 200ms, 5s or 1h"),
            Allowed::Limit(least, most) => format!("never, or a length of time from {least} to {most}, such as 10m"),
            Allowed::Count(least, most) => format!("a whole number from {least} to {most}"),
            Allowed::Flag => "true or false".to_string(),
            Allowed::Collision => "unique-name or refuse".to_string(),
            Allowed::Companions => {
                "none, gateway, suffix, or suffix: and the 1 to 64 bytes that end a marker's name, such as suffix:.done"
                    .to_string()
            }
        }
    }

    pub(super) fn get(&self, policy: &Policy) -> Setting {
        match (self.field)(&mut policy.clone()) {
            Field::Span(span) => Setting::Span(*span),
            Field::Limit(limit) => Setting::Limit(*limit),
            Field::Count(count) => Setting::Count(*count),
            Field::Flag(flag) => Setting::Flag(*flag),
            Field::Collision(collision) => Setting::Collision(*collision),
            Field::Companions(companions) => Setting::Companions(core::mem::take(companions)),
        }
    }

    pub(super) fn set(&self, policy: &mut Policy, text: &str) -> Result<(), PolicyError> {
        let setting = self.parse(text.trim()).filter(|setting| self.allows(setting));
        match ((self.field)(policy), setting.ok_or_else(|| self.wrong(text))?) {
            (Field::Span(span), Setting::Span(value)) => *span = value,
            (Field::Limit(limit), Setting::Limit(value)) => *limit = value,
            (Field::Count(count), Setting::Count(value)) => *count = value,
            (Field::Flag(flag), Setting::Flag(value)) => *flag = value,
            (Field::Collision(collision), Setting::Collision(value)) => *collision = value,
            (Field::Companions(companions), Setting::Companions(value)) => *companions = value,
            // `parse` gives what the key allows, and that is of its field's kind.
            _ => {}
        }
        Ok(())
    }

    fn parse(&self, text: &str) -> Option<Setting> {
        match self.allowed {
            Allowed::Span(..) => span(text).map(Setting::Span),
            Allowed::Limit(..) if text == "never" => Some(Setting::Limit(None)),
            Allowed::Limit(..) => span(text).map(|span| Setting::Limit(Some(span))),
            Allowed::Count(..) => text.parse().ok().map(Setting::Count),
            Allowed::Flag => text.parse().ok().map(Setting::Flag),
            Allowed::Collision => Collision::parse(text).map(Setting::Collision),
            Allowed::Companions => Companions::parse(text).map(Setting::Companions),
        }
    }

    fn allows(&self, setting: &Setting) -> bool {
        match (&self.allowed, setting) {
            (Allowed::Span(least, most), Setting::Span(span))
            | (Allowed::Limit(least, most), Setting::Limit(Some(span))) => (least..=most).contains(&span),
            (Allowed::Count(least, most), Setting::Count(count)) => (least..=most).contains(&count),
            (Allowed::Companions, Setting::Companions(companions)) => companions.is_sound(),
            (Allowed::Limit(..), Setting::Limit(None))
            | (Allowed::Flag, Setting::Flag(_))
            | (Allowed::Collision, Setting::Collision(_)) => true,
            _ => false,
        }
    }

    fn wrong(&self, value: &str) -> PolicyError {
        PolicyError::WrongValue { key: self.name, value: shortened(value), allowed: self.allowed() }
    }
}

/// A length of time; digits alone are milliseconds.
fn span(text: &str) -> Option<Span> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // The product must not saturate: an absurd number is to be refused, not rounded.
        return text.parse::<u64>().ok()?.checked_mul(MS.0).map(Span);
    }
    Span::parse(text).ok()
}

/// The written form, which [`Key::set`] reads back.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Span(span) | Setting::Limit(Some(span)) => span.fmt(f),
            Setting::Limit(None) => f.write_str("never"),
            Setting::Count(count) => count.fmt(f),
            Setting::Flag(flag) => flag.fmt(f),
            Setting::Collision(collision) => f.write_str(collision.as_str()),
            Setting::Companions(companions) => companions.fmt(f),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("name", &self.name).field("allowed", &self.allowed()).finish()
    }
}

/// As much of a foreign text as an error needs to show.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// How many characters must be put in, taken out or replaced to make `a` into `b` (Levenshtein); of `a` only the
/// first 64 count.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
