//! The clock of one input: what its time stamps leave out.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use lockwait_core::observation::sighting::Sighting;
use lockwait_core::time::{Span, Timestamp};

use super::stamp::{Day, Stamp, year_of};
use crate::findings::Findings;

const DAY: u64 = 86_400_000_000;
/// So far back goes no clock and no order of threads: it is the next day.
const SLACK: u64 = 60_000_000;
/// Where the year is nowhere said: one that has every day.
const NO_YEAR: u16 = 1972;

/// The orders in which three numbers may make a date.
const ORDERS: [Order; 3] = [Order::Month, Order::Day, Order::Year];

/// What comes first in a date of three numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Order {
    /// 11/22/2026.
    Month,
    /// 22/11/2026.
    Day,
    /// 26/11/22.
    Year,
}

/// When a record was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    /// As far as is known now.
    pub(crate) at: Timestamp,
    pub(crate) resolution: Span,
    /// The stamp, while the order of its numbers is not known.
    open: Option<Stamp>,
}

impl Moment {
    /// Whether `at` may still change.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

/// Sightings that wait until the order of day and month is known.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Vec<(Sighting, Moment)>,
}

impl Queue {
    /// So many sightings wait; then the order is chosen.
    const MOST: usize = 16_384;

    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= Queue::MOST
    }

    /// Gives a sighting out, now or when those before it are.
    pub(crate) fn give(&mut self, sighting: Sighting, moment: Option<Moment>, findings: &mut Findings) {
        match moment {
            Some(moment) if moment.is_open() || !self.waiting.is_empty() => self.waiting.push((sighting, moment)),
            _ => findings.sightings.push(sighting),
        }
    }

    /// The order is decided: what waited for it is given out.
    pub(crate) fn settle(&mut self, clock: &Clock, findings: &mut Findings) {
        let settled =
            self.waiting.drain(..).map(|(sighting, moment)| Sighting { at: clock.settle(moment).at, ..sighting });
        findings.sightings.extend(settled);
    }
}

/// Fills in what time stamps leave out.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The orders that every stamp so far allows.
    orders: Vec<Order>,
    /// Whether the order was given up and chosen.
    is_chosen: bool,
    is_twelve: bool,
    /// The day of the last stamp, and its time.
    day: Option<Date>,
    time: u64,
    last: Option<Moment>,
    /// Stamps since the last one that needed others.
    run: u32,
    said_zone: bool,
    said_day: bool,
    said_year: bool,
    /// Whether a moment was given whose order was open.
    is_asked: bool,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock {
            orders: ORDERS.to_vec(),
            is_chosen: false,
            is_twelve: false,
            day: None,
            time: 0,
            last: None,
            run: 0,
            said_zone: false,
            said_day: false,
            said_year: false,
            is_asked: false,
        }
    }
}

impl Clock {
    /// Whether lines without anything of interest must be read, too, for the sake of their stamps.
    pub(crate) fn is_in_need(&self) -> bool {
        self.run < 1024
    }

    /// A line without a stamp, or with one that needs no other, went by.
    pub(crate) fn pass(&mut self) {
        self.run = self.run.saturating_add(1);
    }

    /// The time of the last stamp: of a record without one.
    pub(crate) fn last(&self) -> Option<Moment> {
        self.last
    }

    /// The time that `stamp` means. `place` says where it stands, for warnings; without one nothing is warned of, as
    /// for lines that are not made use of.
    pub(crate) fn read(&mut self, stamp: &Stamp, place: Option<u64>, findings: &mut Findings) -> Moment {
        let needs_others = !matches!(stamp.day, Day::Full(..) | Day::Epoch(_)) && !self.is_settled(stamp);
        self.run = if needs_others { 0 } else { self.run.saturating_add(1) };
        self.is_twelve |= stamp.is_twelve;
        if let Day::Numbers(numbers) = stamp.day
            && !self.is_chosen
        {
            let left: Vec<Order> = self.orders.iter().copied().filter(|order| order.date(numbers).is_some()).collect();
            if !left.is_empty() {
                self.orders = left;
            }
        }
        let moment = self.moment(stamp);
        if let Some(line) = place {
            self.is_asked |= moment.is_open();
            self.warn(stamp, line, findings);
        }
        self.last = Some(moment);
        moment
    }

    /// Whether the stamp's numbers have one order only.
    fn is_settled(&self, stamp: &Stamp) -> bool {
        matches!(stamp.day, Day::Numbers(_)) && self.is_decided()
    }

    /// Whether numbers have one order.
    pub(crate) fn is_decided(&self) -> bool {
        self.is_chosen || self.orders.len() == 1
    }

    /// The order is to be as well as is known by now: nothing more comes, or too much waits for it.
    pub(crate) fn decide(&mut self, findings: &mut Findings) {
        if self.is_decided() {
            return;
        }
        let order = self.order();
        self.is_chosen = true;
        self.orders = vec![order];
        if self.is_asked {
            findings.warn(
                "time stamps",
                format_args!(
                    "no date shows whether day or month comes first; {} was taken to come first",
                    match order {
                        Order::Month => "the month",
                        Order::Day => "the day",
                        Order::Year => "the year",
                    }
                ),
            );
        }
    }

    /// The moment again, now that the order is decided.
    pub(crate) fn settle(&self, moment: Moment) -> Moment {
        let Some(stamp) = moment.open else { return moment };
        let at = self.date(&stamp).map_or(moment.at, |date| instant(date, &stamp));
        Moment { at, open: None, ..moment }
    }

    /// The order to take now.
    fn order(&self) -> Order {
        let preferred = if self.is_twelve { Order::Month } else { Order::Day };
        let default = if self.orders.contains(&Order::Month) { Order::Month } else { preferred };
        self.orders.iter().copied().find(|order| *order == default).or(self.orders.first().copied()).unwrap_or(default)
    }

    fn date(&self, stamp: &Stamp) -> Option<Date> {
        match stamp.day {
            Day::Full(year, month, day) => date(year, month, day),
            Day::Numbers(numbers) => self.order().date(numbers),
            Day::NoYear(month, day) => {
                let last = self.day;
                let year = last.map_or(NO_YEAR as i16, Date::year);
                // From December to January the year goes on; back to December it was still the old one.
                let shift = match last.map(Date::month) {
                    Some(12) if month == 1 => 1,
                    Some(1) if month == 12 => -1,
                    _ => 0,
                };
                Date::new(year + shift, month as i8, day as i8).or_else(|_| Date::new(year + shift, 3, 1)).ok()
            }
            Day::Unsaid => {
                let day = self.day.or_else(|| date(1970, 1, 1))?;
                let is_next = self.last.is_some() && stamp.time.saturating_add(SLACK) < self.time;
                if is_next { day.tomorrow().ok() } else { Some(day) }
            }
            Day::Epoch(micros) => {
                let at = jiff::Timestamp::from_microsecond(i64::try_from(micros).ok()?).ok()?;
                Some(Offset::UTC.to_datetime(at).date())
            }
        }
    }

    fn moment(&mut self, stamp: &Stamp) -> Moment {
        let open = matches!(stamp.day, Day::Numbers(_)) && !self.is_decided();
        let date = self.date(stamp);
        let at = match (stamp.day, date) {
            (Day::Epoch(micros), _) => Timestamp(micros),
            (_, Some(date)) => instant(date, stamp),
            (_, None) => self.last.map_or(Timestamp(0), |last| last.at),
        };
        if let Some(date) = date {
            // A stamp a little before midnight that comes a little late leaves the day as it is.
            self.day = Some(date);
            self.time = stamp.time;
        }
        Moment { at, resolution: stamp.resolution, open: open.then_some(*stamp) }
    }

    fn warn(&mut self, stamp: &Stamp, line: u64, findings: &mut Findings) {
        let place = format_args!("line {line}");
        if stamp.offset.is_none() && !self.said_zone {
            self.said_zone = true;
            findings.warn(place, "time stamps do not say their zone; they were taken for UTC");
        }
        if matches!(stamp.day, Day::Unsaid) && !self.said_day && self.day.is_some_and(|day| day.year() == 1970) {
            self.said_day = true;
            findings.warn(place, "time stamps do not say the day; they were counted from 1970-01-01");
        }
        if matches!(stamp.day, Day::NoYear(..)) && !self.said_year && self.day.is_some_and(|day| day.year() <= 1973) {
            self.said_year = true;
            findings.warn(place, format_args!("time stamps do not say the year; {NO_YEAR} was taken"));
        }
    }
}

impl Order {
    /// The date that three numbers make, if they do.
    fn date(self, [a, b, c]: [u16; 3]) -> Option<Date> {
        let (year, month, day) = match self {
            Order::Month => (c, a, b),
            Order::Day => (c, b, a),
            Order::Year => (a, b, c),
        };
        if self == Order::Year && c > 99 {
            return None;
        }
        let year = u16::try_from(year_of(u64::from(year))).ok()?;
        date(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }
}

fn date(year: u16, month: u8, day: u8) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Midnight of `date` and the stamp's time after it, by the stamp's zone; 1970 where that is earlier.
fn instant(date: Date, stamp: &Stamp) -> Timestamp {
    let offset = stamp.offset.and_then(|seconds| Offset::from_seconds(seconds).ok()).unwrap_or(Offset::UTC);
    let midnight = offset.to_timestamp(date.to_datetime(Time::midnight())).map_or(0, |at| at.as_microsecond());
    let at = midnight.saturating_add(i64::try_from(stamp.time.min(DAY)).unwrap_or(0));
    Timestamp(u64::try_from(at).unwrap_or(0))
}
