//! Points in time and lengths of time, in whole microseconds.
//!
//! The host supplies every [`Timestamp`]; nothing here reads a clock.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::num::NonZeroU64;
use core::ops::{Add, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::{Blank, Form, Json};

/// A point in time: microseconds since 1970-01-01T00:00:00Z, supplied by the host.
///
/// Displays as RFC 3339 in UTC with milliseconds. Serializes as its number of microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

/// A length of time in microseconds.
///
/// Displays in the largest unit that keeps it whole (`200ms`, `5s`, `1h`), which [`Span::parse`] reads back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Span(pub u64);

/// An `Option<Timestamp>` in eight bytes, for what exists once per waiting file.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Moment(Option<NonZeroU64>);

impl From<Option<Timestamp>> for Moment {
    fn from(at: Option<Timestamp>) -> Moment {
        Moment(at.and_then(|at| NonZeroU64::new(at.0.saturating_add(1))))
    }
}

impl Moment {
    pub(crate) fn get(self) -> Option<Timestamp> {
        self.0.map(|at| Timestamp(at.get() - 1))
    }
}

/// The units a [`Span`] is written in, largest first: name and microseconds.
const UNITS: [(&str, u64); 6] =
    [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];

impl Timestamp {
    /// The time from `earlier` to `self`; zero when `earlier` is later.
    pub const fn since(self, earlier: Timestamp) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A span of whole milliseconds.
    pub const fn from_millis(ms: u64) -> Span {
        Span(ms.saturating_mul(1_000))
    }

    /// A span of whole seconds.
    pub const fn from_secs(s: u64) -> Span {
        Span(s.saturating_mul(1_000_000))
    }

    /// The whole milliseconds in this span, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Twice this span, or the longest span there is.
    pub const fn doubled(self) -> Span {
        Span(self.0.saturating_mul(2))
    }

    /// Half as much again, or the longest span there is: how a retry interval grows.
    pub const fn half_more(self) -> Span {
        Span(self.0.saturating_add(self.0 / 2))
    }

    /// The span as people read it: to the millisecond below a second, to the tenth below a minute, to the minute
    /// above an hour.
    pub fn words(self) -> String {
        let millis = self.as_millis();
        match millis {
            0..1_000 => format!("{millis} ms"),
            1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
            60_000..3_600_000 => format!("{} min {} s", millis / 60_000, millis / 1_000 % 60),
            _ => format!("{} h {} min", millis / 3_600_000, millis / 60_000 % 60),
        }
    }

    /// Reads `200ms`, `1.5s`, `2h`, `0`: digits with an optional fraction, then one of `us ms s m h d`.
    ///
    /// # Errors
    /// A sentence saying what is wrong with `text` and what a span looks like.
    pub fn parse(text: &str) -> Result<Span, String> {
        let wrong =
            || format!("'{text}' is not a length of time; write a number and a unit, such as 200ms, 5s, 30m, 1h or 2d");
        let text = text.trim();
        if text == "0" {
            return Ok(Span::ZERO);
        }
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(wrong)?;
        let (number, unit) = text.split_at_checked(split).ok_or_else(wrong)?;
        let unit = unit.trim();
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let mut micros = whole.parse::<u64>().map_err(|_| wrong())?.checked_mul(*scale).ok_or_else(wrong)?;
        let mut place = *scale;
        for digit in fraction.bytes() {
            if !digit.is_ascii_digit() {
                return Err(wrong());
            }
            place /= 10;
            micros = micros.checked_add(place * u64::from(digit - b'0')).ok_or_else(wrong)?;
        }
        Ok(Span(micros))
    }
}

impl Add<Span> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Span) -> Timestamp {
        Timestamp(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0 / 1_000;
        let (days, of_day) = (millis / 86_400_000, millis % 86_400_000);
        let (year, month, day) = civil_from_days(days);
        let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
        let (second, milli) = (of_day / 1_000 % 60, of_day % 1_000);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let parts = [(0, 4, year), (5, 2, month), (8, 2, day), (11, 2, hour), (14, 2, minute), (17, 2, second)];
        for (at, width, mut number) in parts.into_iter().chain([(20, 3, milli)]) {
            for digit in text[at..at + width].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
            if number > 0 {
                // Beyond the year 9999.
                return write!(f, "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
            }
        }
        core::str::from_utf8(&text).map_or(Err(fmt::Error), |text| f.write_str(text))
    }
}

/// Year, month and day of the day that is `days` after 1970-01-01, in the proleptic Gregorian calendar
/// (eras of 400 years, years that begin in March).
const fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + (month <= 2) as u64;
    (year, month, day)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0");
        }
        let (name, scale) = UNITS.iter().find(|(_, scale)| self.0.is_multiple_of(*scale)).unwrap_or(&("us", 1));
        write!(f, "{}{name}", self.0 / scale)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = <alloc::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Span::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Json for Timestamp {
    fn form(&mut self, form: &mut Form<'_>) {
        self.0.form(form);
    }
}

impl Blank for Timestamp {
    fn blank() -> Timestamp {
        Timestamp(0)
    }
}

impl Json for Moment {
    fn form(&mut self, form: &mut Form<'_>) {
        let mut at = self.get();
        at.form(form);
        *self = at.into();
    }
}

impl Blank for Moment {
    fn blank() -> Moment {
        Moment(None)
    }
}

impl Json for Span {
    fn form(&mut self, form: &mut Form<'_>) {
        if let Some(text) = form.spelt(self) {
            match Span::parse(&text) {
                Ok(span) => *self = span,
                Err(error) => form.fail(&error),
            }
        }
    }
}

impl Blank for Span {
    fn blank() -> Span {
        Span::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_print_as_rfc_3339() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(951_782_400_123_456).to_string(), "2000-02-29T00:00:00.123Z");
        assert_eq!(Timestamp(4_102_444_799_999_999).to_string(), "2099-12-31T23:59:59.999Z");
        assert!(Timestamp(u64::MAX).to_string().starts_with("586524-01-"), "beyond the year 9999");
    }

    #[test]
    fn spans_read_back_what_they_print() {
        for micros in [0, 1, 1_000, 200_000, 1_500_000, 5_000_000, 90_000_000, 3_600_000_000, 86_400_000_000] {
            assert_eq!(Span::parse(&Span(micros).to_string()), Ok(Span(micros)));
        }
        assert_eq!(Span::parse("1.5s"), Ok(Span::from_millis(1_500)));
    }

    #[test]
    fn spans_are_told_in_the_unit_that_matters() {
        let words = |ms| Span::from_millis(ms).words();
        assert_eq!([words(0), words(999), words(2_997)], ["0 ms", "999 ms", "2.9 s"]);
        assert_eq!([words(61_000), words(7_260_000)], ["1 min 1 s", "2 h 1 min"]);
    }

    #[test]
    fn spans_refuse_what_is_not_a_length_of_time() {
        for bad in ["", "5", "s", "-5s", "5 parsecs", "99999999999999999999d", "1.2.3s", "999999999999d"] {
            assert!(Span::parse(bad).is_err(), "{bad}");
        }
    }
}
