//! What a record says besides that an attempt failed: who holds the file, whether there will be another attempt,
//! whether it succeeded or was given up, and whether records were left out.

use std::sync::LazyLock;

use lockwait_core::observation::Holder;
use lockwait_core::time::Span;
use memchr::memmem;

use super::automaton::Automaton;

/// A record says that the attempt will be, or was, repeated.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Retry {
    /// The how many'th repetition it is.
    pub(crate) number: Option<u32>,
    /// How many there will be at most.
    pub(crate) of: Option<u32>,
    /// After which time.
    pub(crate) pause: Option<Span>,
}

/// A record stands for others that were not written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Omission {
    /// The record before it, so many times more.
    Repeated(u32),
    /// So many records of any kind, if it says how many.
    Suppressed(Option<u32>),
}

/// Words of a repetition. The ones in [`COUNTED`] only are with a number.
const RETRIES: &[&str] = &[
    "MSB3026",
    "retrying",
    "retry",
    "trying again",
    "try again",
    "wiederhol",
    "erneut versuch",
    "nouvelle tentative",
    "reintent",
    "riprov",
    "повтор",
];
const COUNTED: &[&str] = &["attempt", "try", "versuch", "tentative", "intento", "tentativo", "попытка"];

/// Words that come before the time to the next attempt.
const PAUSES: &[&str] = &["in ", "sleeping ", "sleep ", "waiting ", "wait ", "after ", "for ", "delay "];

const UNITS: &[(&str, u64)] = &[
    ("milliseconds", 1_000),
    ("millisecond", 1_000),
    ("msec", 1_000),
    ("ms", 1_000),
    ("seconds", 1_000_000),
    ("second", 1_000_000),
    ("secs", 1_000_000),
    ("sec", 1_000_000),
    ("minutes", 60_000_000),
    ("minute", 60_000_000),
    ("min", 60_000_000),
    ("sekunden", 1_000_000),
    ("s", 1_000_000),
    ("m", 60_000_000),
];

/// Words of success, as the start of what tells of it.
pub(super) const SUCCESSES: &[&str] =
    &["ucceed", "uccess", "opied", "oved", "enamed", "eleted", "cquired", "no longer locked", "now free", "nlocked"];

const FAILURES: &[&str] =
    &["not ", "n't", "fail", "error", "unable", "unsuccess", "denied", "locked by", "to be ", "will be ", "cannot"];

/// What stands in the words of [`GIVEN_UP`], in any case of their first letters.
pub(crate) const ENDS: &[&str] = &[
    "iving up",
    "ave up",
    "iven up",
    "etry limit",
    "etry count",
    "the retry",
    "etries",
    "xhausted",
    "oo many",
    "MSB3027",
];

const GIVEN_UP: &[&str] = &[
    "giving up",
    "gave up",
    "given up",
    "retry limit exceeded",
    "exceeded retry count",
    "exceeded the retry",
    "retries exhausted",
    "exhausted retries",
    "exhausted all",
    "no more retries",
    "out of retries",
    "retries exceeded",
    "too many retries",
    "too many attempts",
    "MSB3027",
];

/// The same before a number of attempts.
const GIVEN_UP_AFTER: &[&str] = &["failed after", "failing after"];

/// The repetition that `record` tells of.
pub(crate) fn retry(record: &str) -> Option<Retry> {
    static WORDS: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(RETRIES.iter().chain(COUNTED), true));
    let is_word = |at: usize| !record[..at].ends_with(char::is_alphanumeric);
    let (mut found, mut counted): (Option<Retry>, _) = (None, None);
    for word in WORDS.find_iter(record) {
        let after = &record[word.end()..];
        let (number, of) = numbers(after);
        if word.pattern().as_usize() >= RETRIES.len() {
            if counted.is_none() && is_word(word.start()) {
                counted = number.map(|number| (number, of, word.end()));
            }
            continue;
        }
        let read = Retry { number, of, pause: pause(near(after)).or_else(|| pause(near_end(&record[..word.start()]))) };
        let best = found.get_or_insert(read);
        *best = Retry { number: best.number.or(number), of: best.of.or(of), pause: best.pause.or(read.pause) };
    }
    if let Some((number, of, end)) = counted {
        let best = found.get_or_insert_default();
        best.number = best.number.or(Some(number));
        best.of = best.of.or(of);
        best.pause = best.pause.or_else(|| pause(near(&record[end..])));
    }
    found
}

/// `1`, `1/10`, `1 of 10`, after blanks, `#` or a colon.
fn numbers(text: &str) -> (Option<u32>, Option<u32>) {
    let text = text.trim_start_matches([' ', '#', ':', '(', '=']);
    let Some((number, rest)) = number(text) else { return (None, None) };
    let rest = rest.trim_start();
    // `retry 30 seconds` is a time.
    if unit(rest).is_some() {
        return (None, None);
    }
    let of = ["/", "of", "von", "de", "di", "из"].iter().find_map(|joint| rest.strip_prefix(joint));
    (Some(number), of.and_then(|rest| Some(self::number(rest.trim_start())?.0)))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// A length of time after one of the words of [`PAUSES`].
fn pause(text: &str) -> Option<Span> {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let before = rest[..at].to_ascii_lowercase();
        let digits = rest[at..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(rest.len(), |end| at + end);
        let after = &rest[digits..];
        if PAUSES.iter().any(|word| before.ends_with(word))
            && let Some(unit) = unit(after.trim_start())
        {
            return span(&rest[at..digits], unit);
        }
        rest = after;
    }
    None
}

/// The microseconds in the unit that `text` begins with.
fn unit(text: &str) -> Option<u64> {
    UNITS.iter().find_map(|(name, scale)| {
        let (start, rest) = text.split_at_checked(name.len())?;
        (start.eq_ignore_ascii_case(name) && !rest.starts_with(char::is_alphanumeric)).then_some(*scale)
    })
}

fn span(digits: &str, scale: u64) -> Option<Span> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    let part = fraction.get(..fraction.len().min(6))?;
    let part = if part.is_empty() { 0 } else { part.parse::<u64>().ok()? * scale / 10u64.pow(part.len() as u32) };
    whole.checked_add(part).map(Span)
}

fn near(text: &str) -> &str {
    super::cut(text, 64)
}

fn near_end(text: &str) -> &str {
    let mut start = text.len().saturating_sub(40);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// The actor says that it will not try again.
pub(crate) fn gives_up(record: &str) -> bool {
    static WORDS: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(GIVEN_UP.iter().chain(GIVEN_UP_AFTER), true));
    let counted =
        |text: &str| numbers(text).0.is_some() && ["attempt", "retr", "tries"].iter().any(|w| text.contains(w));
    WORDS
        .find_iter(record)
        .any(|word| word.pattern().as_usize() < GIVEN_UP.len() || counted(super::cut(&record[word.end()..], 24)))
}

/// The line says that what is named in it succeeded.
pub(crate) fn succeeds(line: &str) -> bool {
    static WORDS: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(SUCCESSES, true));
    static NOT: LazyLock<Automaton> = LazyLock::new(|| Automaton::new(FAILURES, true));
    WORDS.is_match(line) && !NOT.is_match(line)
}

/// A lock that the very process holds which asks for it: within one Java VM it is an exception of its own.
pub(crate) fn is_own_lock(record: &str) -> bool {
    record.contains("OverlappingFileLockException")
}

/// The record says how many others it stands for.
pub(crate) fn omission(record: &str) -> Option<Omission> {
    const REPEATED: &str = "message repeated ";
    const SUPPRESSED: &str = "uppressed";
    if let Some(at) = memmem::find(record.as_bytes(), REPEATED.as_bytes()) {
        let (count, rest) = number(record[at + REPEATED.len()..].trim_start())?;
        return rest.trim_start().starts_with("time").then_some(Omission::Repeated(count));
    }
    memmem::find_iter(record.as_bytes(), SUPPRESSED.as_bytes()).find_map(|at| {
        if let Some(before) = record[..at].strip_suffix(" callbacks s") {
            return Some(Omission::Suppressed(before.rsplit(' ').next().and_then(|count| count.parse().ok())));
        }
        let (count, rest) = number(record[at + SUPPRESSED.len()..].strip_prefix(' ')?.trim_start())?;
        rest.trim_start().starts_with("message").then_some(Omission::Suppressed(Some(count)))
    })
}

/// Who the record says has the file open: `The file is locked by: "a.exe (19884), b.exe (1812)"` (MSBuild, which asks
/// the Restart Manager), `It is held by process 1234 (apt)` (apt).
pub(crate) fn holders(record: &str) -> Vec<Holder> {
    static WORDS: LazyLock<Automaton> =
        LazyLock::new(|| Automaton::new(["locked by", "held by", "in use by", "used by"], true));
    let mut found: Vec<Holder> = Vec::new();
    for word in WORDS.find_iter(record) {
        let text = super::cut(&record[word.end()..], 1024).split(['\n', '[']).next().unwrap_or_default();
        let text = text.trim_start_matches([' ', ':', '"', '\'', '\u{201c}']);
        let process = ["process ", "PID ", "pid "].iter().find_map(|word| text.strip_prefix(word));
        if let Some((pid, rest)) = process.and_then(number) {
            let name = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
            add(&mut found, name.map_or("", |(name, _)| name), pid);
            continue;
        }
        let mut rest = text;
        while let Some((name, after)) = rest.split_once('(') {
            let inside = after.trim_start_matches(|c: char| "PIDpid:= ".contains(c));
            let Some((pid, after)) = number(inside) else { break };
            let Some(after) = after.strip_prefix(')') else { break };
            if name.contains(". ") || name.contains(": ") {
                break; // the sentence went on to something else
            }
            add(&mut found, name.trim_matches([' ', ',', ';', '"', '\'']), pid);
            // The list goes on after a comma.
            let Some(next) = after.strip_prefix([',', ';']) else { break };
            rest = next;
        }
    }
    found
}

fn add(found: &mut Vec<Holder>, name: &str, pid: u32) {
    let is_new = found.iter().all(|holder| holder.pid != Some(pid));
    if is_new && name.len() <= 260 && found.len() < 64 {
        found.push(Holder { name: name.to_owned(), pid: Some(pid), ..Holder::default() });
    }
}
