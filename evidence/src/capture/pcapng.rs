//! pcapng files: blocks, each with its length before and behind it (draft-ietf-opsawg-pcapng).

use lockwait_core::time::Timestamp;

use super::file::{LONGEST, Order, Probe, Raw, Step, search};

/// Block types.
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE: u32 = 3;
const ENHANCED: u32 = 6;
/// Option codes of an interface.
const RESOLUTION: u16 = 9;
const OFFSET: u16 = 14;
/// Type, length, and length again.
const FRAMING: usize = 12;
/// More interfaces no machine has.
const INTERFACES: usize = 1 << 12;

/// The file as far as it was read.
#[derive(Debug)]
pub(super) struct Pcapng {
    order: Order,
    /// Of this section.
    interfaces: Vec<Interface>,
    /// When the last frame was seen: simple blocks have no time.
    last: Timestamp,
    is_lost: bool,
}

#[derive(Debug)]
struct Interface {
    link: u32,
    unit: Unit,
    /// Seconds to add to times.
    offset: i64,
    /// Frames are cut to so many bytes.
    limit: usize,
}

/// How many units of time a second has.
#[derive(Debug)]
enum Unit {
    /// So many to a microsecond.
    Finer(u64),
    /// So many microseconds each.
    Coarser(u64),
    /// Two to this power to a second.
    Binary(u32),
}

impl Pcapng {
    pub(super) fn new() -> Pcapng {
        Pcapng { order: Order { is_big: false }, interfaces: Vec::new(), last: Timestamp(0), is_lost: false }
    }

    pub(super) fn step<'a>(&mut self, bytes: &'a [u8], is_end: bool) -> Step<'a> {
        if self.is_lost {
            let order = self.order;
            if let Some(step) = search(bytes, 4, is_end, |bytes| probe(bytes, order, is_end)) {
                return step;
            }
            self.is_lost = false;
        }
        if bytes.len() < FRAMING {
            return Step::More;
        }
        if let Some(order) = section(bytes) {
            // A section may be in another order than the one before it.
            self.order = order;
        }
        let (kind, length) = (self.order.u32(bytes, 0), self.order.u32(bytes, 4) as usize);
        let has_frame = matches!(kind, SECTION | INTERFACE | PACKET | SIMPLE | ENHANCED);
        if length < FRAMING || !length.is_multiple_of(4) || (has_frame && length > 2 * LONGEST) {
            return self.damage(4, format!("a block cannot be {length} bytes long"));
        }
        if !has_frame {
            return Step::Nothing(length);
        }
        let Some(block) = bytes.get(..length) else { return Step::More };
        if self.order.u32(block, length - 4) as usize != length {
            return self.damage(4, "a block's two lengths differ".into());
        }
        self.block(kind, &block[8..length - 4], length)
    }

    fn block<'a>(&mut self, kind: u32, body: &'a [u8], length: usize) -> Step<'a> {
        let field = |at| self.order.u32(body, at);
        let (interface, high, low, data) = match kind {
            SECTION => {
                self.interfaces.clear();
                return Step::Nothing(length);
            }
            INTERFACE => {
                if self.interfaces.len() < INTERFACES {
                    self.interfaces.push(Interface::new(self.order, body));
                }
                return Step::Nothing(length);
            }
            ENHANCED => (field(0) as usize, field(4), field(8), body.get(20..).map(|rest| (rest, field(12)))),
            PACKET => {
                let interface = usize::from(self.order.u16(body, 0));
                (interface, field(4), field(8), body.get(20..).map(|rest| (rest, field(12))))
            }
            _ => (0, 0, 0, body.get(4..).map(|rest| (rest, field(0)))),
        };
        let Some(described) = self.interfaces.get(interface) else {
            return Step::Damaged(length, format!("a frame of interface {interface}, which is not described"));
        };
        let frame = data.and_then(|(rest, captured)| match kind {
            SIMPLE => rest.get(..(captured as usize).min(rest.len()).min(described.limit)),
            _ => rest.get(..captured as usize),
        });
        let Some(bytes) = frame else { return Step::Damaged(length, "a frame longer than its block".into()) };
        if kind != SIMPLE {
            self.last = described.time(u64::from(high) << 32 | u64::from(low));
        }
        Step::Frame(length, Raw { at: self.last, link: described.link, bytes })
    }

    fn damage<'a>(&mut self, length: usize, what: String) -> Step<'a> {
        self.is_lost = true;
        Step::Damaged(length, what)
    }
}

/// The byte order that a section begins with here.
fn section(bytes: &[u8]) -> Option<Order> {
    if !bytes.starts_with(&SECTION.to_be_bytes()) {
        return None;
    }
    match bytes.get(8..12)? {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(Order { is_big: true }),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(Order { is_big: false }),
        _ => None,
    }
}

/// Whether a block begins here that has a frame in it or describes frames, and whose two lengths agree.
fn probe(bytes: &[u8], order: Order, is_end: bool) -> Probe {
    if bytes.len() < FRAMING {
        return Probe::Unsure;
    }
    let order = section(bytes).unwrap_or(order);
    let (kind, length) = (order.u32(bytes, 0), order.u32(bytes, 4) as usize);
    let is_known = matches!(kind, SECTION | INTERFACE | PACKET | SIMPLE | ENHANCED);
    if !is_known || !(FRAMING + 4..=2 * LONGEST).contains(&length) || !length.is_multiple_of(4) {
        return Probe::No;
    }
    match bytes.get(length - 4..length) {
        Some(behind) if order.u32(behind, 0) as usize == length => Probe::Yes,
        None if !is_end => Probe::Unsure,
        _ => Probe::No,
    }
}

impl Interface {
    /// From the body of its block: link type, two bytes, limit, options.
    fn new(order: Order, body: &[u8]) -> Interface {
        let limit = match order.u32(body, 4) as usize {
            0 => usize::MAX,
            limit => limit,
        };
        let mut interface = Interface { link: order.u16(body, 0).into(), unit: Unit::Finer(1), offset: 0, limit };
        let mut options = body.get(8..).unwrap_or_default();
        while options.len() >= 4 {
            let (code, length) = (order.u16(options, 0), usize::from(order.u16(options, 2)));
            let value = options.get(4..4 + length).unwrap_or_default();
            match (code, value) {
                (0, _) => break,
                (RESOLUTION, [power, ..]) => interface.unit = Unit::new(*power),
                (OFFSET, [_, _, _, _, _, _, _, _, ..]) => interface.offset = order.u64(value, 0).cast_signed(),
                _ => {}
            }
            options = options.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
        }
        interface
    }

    /// What `units` is in microseconds since 1970.
    fn time(&self, units: u64) -> Timestamp {
        let micros = match self.unit {
            Unit::Finer(scale) => units / scale,
            Unit::Coarser(scale) => units.saturating_mul(scale),
            Unit::Binary(power) => u64::try_from((u128::from(units) * 1_000_000) >> power).unwrap_or(u64::MAX),
        };
        Timestamp(micros.saturating_add_signed(self.offset.saturating_mul(1_000_000)))
    }
}

impl Unit {
    /// From the option: a negative power of 10, or of 2 with the highest bit set.
    fn new(power: u8) -> Unit {
        let tens = |power: u8| 10_u64.saturating_pow(power.into());
        match power {
            0..6 => Unit::Coarser(tens(6 - power)),
            6..0x80 => Unit::Finer(tens(power - 6)),
            _ => Unit::Binary(u32::from(power & 0x7f)),
        }
    }
}
