//! Times as event viewers write them in exports: the short date and the time of the user's own country.

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Which of day and month comes first, where a date shows it by nothing but its size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DayMonth {
    DayFirst,
    MonthFirst,
}

/// Signs of an afternoon. The signs of a morning change nothing but 12 o'clock.
const AFTERNOON: [&str; 8] = ["pm", "p.m", "午後", "下午", "오후", "μμ", "نم", "chiều"];
const MORNING: [&str; 7] = ["am", "a.m", "午前", "上午", "오전", "πμ", "sáng"];

/// A time as it is written: the numbers in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Written {
    date: [u32; 3],
    separator: char,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
    /// Seconds east of Greenwich, where it says.
    offset: i32,
}

impl Written {
    /// Reads a date and a time; `None` when `text` is anything else.
    pub(super) fn read(text: &str) -> Option<Written> {
        let text = text.trim();
        if text.len() > 64 || !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (date, rest) = numbers(text, |c| matches!(c, '/' | '.' | '-' | ' ' | '年' | '月'))?;
        let separator = text.chars().find(|c| !c.is_ascii_digit())?;
        let start = rest.find(|c: char| c.is_ascii_digit())?;
        // Between the two: blanks, `T`, a sign of the afternoon; `:` or `+` would be of something else.
        let between = &rest[..start];
        if between.chars().count() > 8 || between.contains([':', '/', '+']) {
            return None;
        }
        let ([hour, minute, second], after) = numbers(&rest[start..], |c| c == ':')
            .or_else(|| two(&rest[start..]).map(|([hour, minute], after)| ([hour, minute, 0], after)))?;
        let (micros, after) = fraction(after);
        let lower = text.to_lowercase();
        let has = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
        let hour = match hour {
            1..=11 if has(&AFTERNOON) => hour + 12,
            12 if has(&MORNING) && !has(&AFTERNOON) => 0,
            _ => hour,
        };
        Some(Written { date, separator, hour, minute, second, micros, offset: zone(after) })
    }

    /// Which comes first, if its own numbers or its separator say.
    pub(super) fn day_month(self) -> Option<DayMonth> {
        match (self.date, self.separator) {
            ([year, ..], _) if year > 31 => None,
            ([first, ..], _) if first > 12 => Some(DayMonth::DayFirst),
            ([_, second, _], _) if second > 12 => Some(DayMonth::MonthFirst),
            (_, '.' | '-') => Some(DayMonth::DayFirst),
            _ => None,
        }
    }

    /// Microseconds since 1970; as if in UTC where it does not say.
    pub(super) fn micros(self, order: DayMonth) -> Option<u64> {
        let [a, b, c] = self.date;
        let (year, month, day) = match self.day_month().unwrap_or(order) {
            _ if a > 31 => (a, b, c),
            DayMonth::DayFirst => (c, b, a),
            DayMonth::MonthFirst => (c, a, b),
        };
        let year = match year {
            0..=69 => year + 2000,
            70..=99 => year + 1900,
            _ => year,
        };
        let small = |number: u32| i8::try_from(number).ok();
        let nanos = i32::try_from(self.micros).ok()? * 1_000;
        let (hour, minute, second) = (small(self.hour)?, small(self.minute)?, small(self.second)?);
        let time = DateTime::new(i16::try_from(year).ok()?, small(month)?, small(day)?, hour, minute, second, nanos);
        let offset = Offset::from_seconds(self.offset).ok()?;
        u64::try_from(offset.to_timestamp(time.ok()?).ok()?.as_microsecond()).ok()
    }
}

/// Three numbers with one or two separators between each, and what follows them.
fn numbers(text: &str, is_separator: impl Fn(char) -> bool) -> Option<([u32; 3], &str)> {
    let (mut found, mut rest) = ([0; 3], text);
    for (index, number) in found.iter_mut().enumerate() {
        if index != 0 {
            let after = rest.trim_start_matches(&is_separator);
            if !(1..=4).contains(&(rest.len() - after.len())) {
                return None;
            }
            rest = after;
        }
        (*number, rest) = digits(rest)?;
    }
    Some((found, rest))
}

fn two(text: &str) -> Option<([u32; 2], &str)> {
    let (hour, rest) = digits(text)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?)?;
    Some(([hour, minute], rest))
}

/// A number of at most four digits, and what follows it.
fn digits(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (1..=4).contains(&end).then(|| Some((text[..end].parse().ok()?, &text[end..])))?
}

/// A fraction of a second in microseconds, and what follows it.
fn fraction(text: &str) -> (u32, &str) {
    let Some(rest) = text.strip_prefix(['.', ',']) else { return (0, text) };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let digits = rest[..end].bytes().chain(std::iter::repeat(b'0')).take(6);
    (digits.fold(0, |micros, digit| micros * 10 + u32::from(digit - b'0')), &rest[end..])
}

/// `+03:00`, `-0500`, in seconds; 0 for `Z` and for none.
fn zone(text: &str) -> i32 {
    let text = text.trim();
    let sign = match text.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return 0,
    };
    let digits: Vec<i32> =
        text.bytes().filter(u8::is_ascii_digit).take(4).map(|digit| i32::from(digit - b'0')).collect();
    match digits[..] {
        [h, hh, m, mm] => sign * ((h * 10 + hh) * 3_600 + (m * 10 + mm) * 60),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use lockwait_core::time::Timestamp;

    use super::*;

    fn shown(text: &str, order: DayMonth) -> Option<String> {
        Some(Timestamp(Written::read(text)?.micros(order)?).to_string())
    }

    #[test]
    fn times_of_many_countries_are_read() {
        let first = "2014-11-22T13:41:06.000Z";
        for text in [
            "11/22/2014 1:41:06 PM",
            "22/11/2014 13:41:06",
            "22.11.2014 13:41:06",
            "22-11-2014 13:41:06",
            "2014/11/22 13:41:06",
            "2014-11-22 오후 1:41:06",
            "2014/11/22 下午 01:41:06",
            "22. 11. 2014 13:41:06",
            "2014. 11. 22. 13:41:06",
            "2014年11月22日 13:41:06",
            "22/11/14 13:41:06",
            "2014-11-22T15:41:06.0000000+02:00",
            "2014-11-22T13:41:06.000Z",
        ] {
            assert_eq!(shown(text, DayMonth::MonthFirst).as_deref(), Some(first), "{text}");
        }
        assert_eq!(shown("12/1/2014 12:00:00 AM", DayMonth::MonthFirst).unwrap(), "2014-12-01T00:00:00.000Z");
        assert_eq!(shown("12/1/2014 0:00:00", DayMonth::DayFirst).unwrap(), "2014-01-12T00:00:00.000Z");
    }

    #[test]
    fn what_is_no_time_is_not_read_as_one() {
        for text in ["", "Error", "1101", "1.2.3.4", "11/22/2014", "13:41:06", "22/11/2014 x 99", "99/99/2014 10:00:00"]
        {
            assert_eq!(shown(text, DayMonth::MonthFirst), None, "{text}");
        }
    }
}
