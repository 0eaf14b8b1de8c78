//! Time stamps as logs write them.
//!
//! A stamp is read as far as it goes ([`Stamp`]); what it leaves out — the day, the year, the order of day and month,
//! the zone — the [`Clock`](super::clock::Clock) of the input fills in.

use lockwait_core::time::Span;

/// A time stamp as it stands at the beginning of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stamp {
    /// Which day.
    pub(crate) day: Day,
    /// Microseconds since midnight.
    pub(crate) time: u64,
    /// How exact it is.
    pub(crate) resolution: Span,
    /// How far its zone is ahead of UTC in seconds, if it says so.
    pub(crate) offset: Option<i32>,
    /// Whether it is written with AM or PM.
    pub(crate) is_twelve: bool,
    /// Where it ends in its line.
    pub(crate) end: usize,
}

/// The day of a time stamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Day {
    /// It does not say.
    Unsaid,
    /// Year, month, day.
    Full(u16, u8, u8),
    /// Month and day, as classic syslog has them.
    NoYear(u8, u8),
    /// Three numbers in an order that the numbers do not give away.
    Numbers([u16; 3]),
    /// Microseconds since 1970 UTC; `time` is 0.
    Epoch(u64),
}

const DAY: u64 = 86_400_000_000;
const MONTHS: [&[u8; 3]; 12] =
    [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"];
const LEVELS: &[&str] =
    &["ERROR", "WARN", "INFO", "DEBUG", "TRACE", "FATAL", "NOTICE", "SEVERE", "WARNING", "CRITICAL"];

/// The stamp at the beginning of `line`, after a syslog priority, a level or a bracket; `None` when there is none.
pub(crate) fn read(line: &[u8]) -> Option<Stamp> {
    let mut at = 0;
    for _ in 0..4 {
        if let Some(stamp) = stamp(line, at) {
            return Some(stamp);
        }
        at = match line.get(at)? {
            b'<' => after(line, at, b'>', 6).map(|end| if line[end..].starts_with(b"1 ") { end + 2 } else { end })?,
            b'[' => match stamp(line, at + 1) {
                Some(stamp) => return Some(stamp),
                None => blanks(line, after(line, at, b']', 40)?),
            },
            b'{' => return json(line),
            b'A'..=b'Z' => level(line, at).or_else(|| bracket(line, at))?,
            b'/' | b'a'..=b'z' => bracket(line, at)?,
            _ => return None,
        };
    }
    None
}

/// Behind the `end` byte that follows within `reach` bytes.
fn after(line: &[u8], at: usize, end: u8, reach: usize) -> Option<usize> {
    let slice = &line[at..line.len().min(at + reach)];
    Some(at + slice.iter().position(|byte| *byte == end)? + 1)
}

fn blanks(line: &[u8], at: usize) -> usize {
    at + line[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Behind a level word and what separates it.
fn level(line: &[u8], at: usize) -> Option<usize> {
    let word = LEVELS.iter().find(|word| {
        line[at..].starts_with(word.as_bytes()) && !line.get(at + word.len()).is_some_and(u8::is_ascii_alphanumeric)
    })?;
    let end = at + word.len();
    Some(end + line[end..].iter().take_while(|byte| matches!(byte, b' ' | b':' | b'|' | b'-' | b']')).count())
}

/// The bracket that Synology's Samba writes after the path.
fn bracket(line: &[u8], at: usize) -> Option<usize> {
    let window = &line[at..line.len().min(at + 160)];
    let open = window.windows(2).position(|pair| pair[0] == b'[' && pair[1].is_ascii_digit())?;
    stamp(line, at + open + 1).map(|_| at + open + 1)
}

/// The time among the members of a JSON object on one line.
fn json(line: &[u8]) -> Option<Stamp> {
    let window = &line[..line.len().min(512)];
    ["\"time\":", "\"timestamp\":", "\"@timestamp\":", "\"ts\":", "\"@t\":", "\"at\":"].iter().find_map(|name| {
        let at = memchr::memmem::find(window, name.as_bytes())? + name.len();
        let at = blanks(line, at);
        stamp(line, if line.get(at) == Some(&b'"') { at + 1 } else { at })
    })
}

/// A cursor over the bytes of a line.
struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        let byte = self.peek().filter(|byte| wanted(*byte))?;
        self.at += 1;
        Some(byte)
    }

    /// A number of `min` to `max` digits that is not part of a longer one.
    fn number(&mut self, min: usize, max: usize) -> Option<u64> {
        let digits = self.line[self.at..].iter().take(20).take_while(|byte| byte.is_ascii_digit()).count();
        if digits < min || digits > max {
            return None;
        }
        let value =
            self.line[self.at..self.at + digits].iter().fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
        self.at += digits;
        Some(value)
    }

    fn blanks(&mut self) -> usize {
        let start = self.at;
        while self.take(|byte| byte == b' ').is_some() {}
        self.at - start
    }

    /// The month that three letters name, with the rest of its word.
    fn month(&mut self) -> Option<u8> {
        let word = self.line.get(self.at..self.at + 3)?.to_ascii_lowercase();
        let month = MONTHS.iter().position(|month| month[..] == word[..])?;
        let letters = self.line[self.at..].iter().take(10).take_while(|byte| byte.is_ascii_alphabetic()).count();
        self.at += letters;
        u8::try_from(month + 1).ok()
    }
}

/// The stamp at `at`.
fn stamp(line: &[u8], at: usize) -> Option<Stamp> {
    let first = line.get(at)?;
    if !first.is_ascii_alphanumeric() {
        return None;
    }
    let mut cursor = Cursor { line, at };
    if let Some(stamp) = epoch(&mut cursor) {
        return Some(stamp);
    }
    let start = cursor.at;
    let mut day = date(&mut cursor);
    if day.is_some() {
        cursor.take(|byte| byte == b',');
        let is_joined = cursor.blanks() > 0 || cursor.take(|byte| matches!(byte, b'T' | b't' | b':' | b'_')).is_some();
        if !is_joined {
            return None;
        }
    } else {
        cursor.at = start;
    }
    let Time { time, resolution, is_twelve } = time(&mut cursor, day.is_some())?;
    let offset = zone(&mut cursor);
    if let Some(Day::NoYear(month, number)) = day {
        let end = cursor.at;
        cursor.blanks();
        match cursor.number(4, 4).and_then(|year| u16::try_from(year).ok()).filter(|year| (1970..2200).contains(year)) {
            Some(year) => day = Some(Day::Full(year, month, number)),
            None => cursor.at = end,
        }
    }
    Some(Stamp { day: day.unwrap_or(Day::Unsaid), time, resolution, offset, is_twelve, end: cursor.at })
}

/// Seconds or milliseconds since 1970, alone at the beginning of a line.
fn epoch(cursor: &mut Cursor<'_>) -> Option<Stamp> {
    let start = cursor.at;
    let read = |cursor: &mut Cursor<'_>| {
        let digits = cursor.line[start..].iter().take(16).take_while(|byte| byte.is_ascii_digit()).count();
        let value = cursor.number(10, 13)?;
        let (micros, resolution) = match digits {
            10 if (1_000_000_000..4_000_000_000).contains(&value) => {
                let (fraction, resolution) = fraction(cursor).unwrap_or((0, Span::from_secs(1)));
                (value * 1_000_000 + fraction, resolution)
            }
            13 if (1_000_000_000_000..4_000_000_000_000).contains(&value) => (value * 1_000, Span::from_millis(1)),
            _ => return None,
        };
        let is_alone = cursor.peek().is_none_or(|byte| matches!(byte, b' ' | b'\t' | b']' | b',' | b':' | b'|' | b'}'));
        is_alone.then_some((micros, resolution))
    };
    let Some((micros, resolution)) = read(cursor) else {
        cursor.at = start;
        return None;
    };
    Some(Stamp { day: Day::Epoch(micros), time: 0, resolution, offset: Some(0), is_twelve: false, end: cursor.at })
}

fn date(cursor: &mut Cursor<'_>) -> Option<Day> {
    let small = |value: u64| u8::try_from(value).ok().filter(|value| (1..=31).contains(value));
    if cursor.peek()?.is_ascii_alphabetic() {
        weekday(cursor);
        if let Some(month) = cursor.month() {
            cursor.blanks();
            let day = small(cursor.number(1, 2)?)?;
            let end = cursor.at;
            cursor.take(|byte| byte == b',');
            cursor.blanks();
            // `Nov 22, 2026 10:00:00`; in `Nov 22 10:00:00` the hour has two digits.
            return match cursor.number(4, 4) {
                Some(year) => full(year, u64::from(month), u64::from(day)),
                None => {
                    cursor.at = end;
                    Some(Day::NoYear(month, day))
                }
            };
        }
    }
    let start = cursor.at;
    if let Some(all) = cursor.number(8, 8) {
        return full(all / 10_000, all / 100 % 100, all % 100);
    }
    let digits = cursor.line[start..].iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
    let first = cursor.number(1, 4)?;
    let separator = cursor.take(|byte| matches!(byte, b'-' | b'/' | b'.' | b' '))?;
    if let Some(month) = cursor.month() {
        cursor.take(|byte| byte == separator || byte == b' ')?;
        return full(cursor.number(4, 4)?, u64::from(month), first);
    }
    if separator == b' ' {
        return None;
    }
    let second = cursor.number(1, 2)?;
    cursor.take(|byte| byte == separator)?;
    if digits == 4 {
        return full(first, second, cursor.number(1, 2)?);
    }
    if digits == 3 {
        return None;
    }
    let third_at = cursor.at;
    let third = cursor.number(2, 4)?;
    let third_digits = cursor.at - third_at;
    match (separator, third_digits) {
        (b'.', 4) => full(third, second, first),
        (b'.', 2) => full(year_of(third), second, first),
        (_, 2 | 4) => {
            let numbers = [first, second, third].map(|number| u16::try_from(number).unwrap_or(0));
            (numbers.iter().all(|number| *number > 0) || third_digits == 2).then_some(Day::Numbers(numbers))
        }
        _ => None,
    }
}

fn weekday(cursor: &mut Cursor<'_>) {
    const DAYS: [&[u8]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
    let word = cursor.line.get(cursor.at..cursor.at + 3).unwrap_or_default().to_ascii_lowercase();
    if DAYS.contains(&&word[..]) {
        let letters = cursor.line[cursor.at..].iter().take(10).take_while(|byte| byte.is_ascii_alphabetic()).count();
        cursor.at += letters;
        cursor.take(|byte| byte == b',');
        cursor.blanks();
    }
}

fn full(year: u64, month: u64, day: u64) -> Option<Day> {
    let is_date = (1970..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then_some(Day::Full(year as u16, month as u8, day as u8))
}

/// The year that two digits mean: from 1970 to 2069.
pub(super) fn year_of(digits: u64) -> u64 {
    match digits {
        0..70 => digits + 2000,
        70..100 => digits + 1900,
        _ => digits,
    }
}

struct Time {
    time: u64,
    resolution: Span,
    is_twelve: bool,
}

/// The time of day. Without a date before it, seconds are needed to tell it from other numbers with a colon.
fn time(cursor: &mut Cursor<'_>, has_date: bool) -> Option<Time> {
    let start = cursor.at;
    let (hour, minute, second, mut resolution) = match cursor.number(6, 6) {
        Some(all) if has_date => (all / 10_000, all / 100 % 100, all % 100, Span::from_secs(1)),
        Some(_) => return None,
        None => {
            cursor.at = start;
            let hour = cursor.number(1, 2)?;
            cursor.take(|byte| byte == b':' || (has_date && byte == b'.'))?;
            let minute = cursor.number(2, 2)?;
            let before = cursor.at;
            match cursor.take(|byte| matches!(byte, b':' | b'.')).and_then(|_| cursor.number(2, 2)) {
                Some(second) => (hour, minute, second, Span::from_secs(1)),
                None if has_date => {
                    cursor.at = before;
                    (hour, minute, 0, Span::from_secs(60))
                }
                None => return None,
            }
        }
    };
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut time = ((hour * 60 + minute) * 60 + second.min(59)) * 1_000_000;
    if let Some((fraction, exact)) = fraction(cursor) {
        time += fraction;
        resolution = exact;
    }
    let is_twelve = noon(cursor, &mut time, hour);
    Some(Time { time: time.min(DAY - 1), resolution, is_twelve })
}

/// The digits after a point or a comma, in microseconds, and how exact they are.
fn fraction(cursor: &mut Cursor<'_>) -> Option<(u64, Span)> {
    let start = cursor.at;
    cursor.take(|byte| matches!(byte, b'.' | b',' | b':'))?;
    let digits = cursor.line[cursor.at..].iter().take(12).take_while(|byte| byte.is_ascii_digit()).count();
    let Some(value) = cursor.number(1, 9) else {
        cursor.at = start;
        return None;
    };
    let scale = |digits: usize| 10u64.pow(digits as u32);
    let micros = if digits <= 6 { value * scale(6 - digits) } else { value / scale(digits - 6) };
    Some((micros, Span(scale(6usize.saturating_sub(digits)))))
}

/// AM or PM after the time: moves the time to its half of the day.
fn noon(cursor: &mut Cursor<'_>, time: &mut u64, hour: u64) -> bool {
    let start = cursor.at;
    // A narrow no-break space is what newer systems put there.
    if cursor.line[cursor.at..].starts_with("\u{202f}".as_bytes()) {
        cursor.at += 3;
    }
    cursor.blanks();
    let word = cursor.line.get(cursor.at..cursor.at + 2).unwrap_or_default().to_ascii_lowercase();
    let is_word = !cursor.line.get(cursor.at + 2).is_some_and(u8::is_ascii_alphanumeric);
    let is_after = &word[..] == b"pm";
    if (1..=12).contains(&hour) && is_word && (is_after || &word[..] == b"am") {
        cursor.at += 2;
        match (is_after, hour) {
            (true, 1..12) => *time += DAY / 2,
            (false, 12) => *time -= DAY / 2,
            _ => {}
        }
        return true;
    }
    cursor.at = start;
    false
}

/// `Z`, `UTC`, `+03:00`, ` -0500`, in seconds.
fn zone(cursor: &mut Cursor<'_>) -> Option<i32> {
    let start = cursor.at;
    cursor.blanks();
    let rest = &cursor.line[cursor.at..];
    for name in [&b"UTC"[..], b"GMT", b"Z"] {
        if rest.starts_with(name) && !rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric) {
            cursor.at += name.len();
            return Some(0);
        }
    }
    let read = |cursor: &mut Cursor<'_>| {
        let sign = if cursor.take(|byte| matches!(byte, b'+' | b'-'))? == b'-' { -1 } else { 1 };
        let at = cursor.at;
        let (hours, minutes) = match cursor.number(4, 4) {
            Some(both) => (both / 100, both % 100),
            None => {
                cursor.at = at;
                let hours = cursor.number(2, 2)?;
                cursor.take(|byte| byte == b':')?;
                (hours, cursor.number(2, 2)?)
            }
        };
        (hours <= 14 && minutes < 60).then(|| sign * (hours * 3600 + minutes * 60) as i32)
    };
    let offset = read(cursor);
    if offset.is_none() {
        cursor.at = start;
    }
    offset
}
