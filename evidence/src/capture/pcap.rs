//! libpcap files: a header of 24 bytes, then frames with 16 bytes before each (draft-ietf-opsawg-pcap); and snoop
//! files, which look much the same (RFC 1761).

use lockwait_core::time::Timestamp;

use super::file::{LONGEST, Order, Probe, Raw, Step, search};

/// Length of a pcap file's header, and of a snoop file's.
const HEADER: usize = 24;
const SNOOP_HEADER: usize = 16;
/// Two frames that follow one another are not further apart than this many seconds, where damage is passed over.
const NEAR: u64 = 86_400;

/// A file whose records are frames and nothing else.
#[derive(Debug)]
pub(super) struct Pcap {
    shape: Option<Shape>,
    /// Damage was met, and the next record is looked for.
    is_lost: bool,
    /// Seconds of the last frame.
    last: u64,
}

/// What the file's header says.
#[derive(Clone, Copy, Debug)]
struct Shape {
    order: Order,
    link: u32,
    /// Bytes before each frame.
    header: usize,
    /// Fractions of a second in a microsecond.
    per_micro: u32,
    is_snoop: bool,
}

/// One record, seen from its beginning.
struct Record {
    seconds: u64,
    fraction: u32,
    captured: usize,
    /// To the next record.
    length: usize,
}

impl Pcap {
    pub(super) fn new() -> Pcap {
        Pcap { shape: None, is_lost: false, last: 0 }
    }

    pub(super) fn step<'a>(&mut self, bytes: &'a [u8], is_end: bool) -> Step<'a> {
        let Some(shape) = self.shape else { return self.begin(bytes) };
        if self.is_lost {
            let last = self.last;
            if let Some(step) = search(bytes, 1, is_end, |bytes| shape.probe(bytes, last, is_end)) {
                return step;
            }
            self.is_lost = false;
        }
        if bytes.len() < shape.header {
            return Step::More;
        }
        let Some(record) = shape.record(bytes) else {
            self.is_lost = true;
            return Step::Damaged(1, "no frame begins here".into());
        };
        let Some(frame) = bytes.get(shape.header..shape.header + record.captured) else { return Step::More };
        self.last = record.seconds;
        let micros = record.seconds * 1_000_000 + u64::from(record.fraction / shape.per_micro);
        Step::Frame(record.length, Raw { at: Timestamp(micros), link: shape.link, bytes: frame })
    }

    /// The file's header.
    fn begin<'a>(&mut self, bytes: &[u8]) -> Step<'a> {
        let Some(header) = bytes.first_chunk::<HEADER>() else { return Step::More };
        let (shape, length) = if header.starts_with(b"snoop\0\0\0") {
            let order = Order { is_big: true };
            // Both kinds of IEEE 802.3 are Ethernet to libpcap; what else there is, it numbers otherwise.
            let link = match order.u32(header, 12) {
                0 | 4 => 1,
                other => 0x1_0000 | other,
            };
            (Shape { order, link, header: 24, per_micro: 1, is_snoop: true }, SNOOP_HEADER)
        } else {
            let order = Order { is_big: header[0] == 0xa1 };
            let per_micro = if order.u32(header, 0) == 0xa1b2_3c4d { 1_000 } else { 1 };
            let link = order.u32(header, 20) & 0xffff;
            (Shape { order, link, header: 16, per_micro, is_snoop: false }, HEADER)
        };
        self.shape = Some(shape);
        Step::Nothing(length)
    }
}

impl Shape {
    /// The record that begins here; `None` when none does. At least `header` bytes are there.
    fn record(self, bytes: &[u8]) -> Option<Record> {
        let field = |at| self.order.u32(bytes, at);
        let record = if self.is_snoop {
            let (original, captured, length) = (field(0), field(4) as usize, field(8) as usize);
            let record = Record { seconds: field(16).into(), fraction: field(20), captured, length };
            let fits = captured <= original as usize && (self.header + captured..=LONGEST + 64).contains(&length);
            fits.then_some(record)
        } else {
            let captured = field(8) as usize;
            Some(Record {
                seconds: field(0).into(),
                fraction: field(4),
                captured,
                length: self.header.saturating_add(captured),
            })
        }?;
        (record.captured <= LONGEST && u64::from(record.fraction) < 1_000_000 * u64::from(self.per_micro))
            .then_some(record)
    }

    /// Whether a frame begins here: it looks like one, and so does what follows it.
    fn probe(self, bytes: &[u8], last: u64, is_end: bool) -> Probe {
        let near = |record: &Record| record.seconds.abs_diff(last) <= NEAR && record.captured > 0;
        if bytes.len() < self.header {
            return Probe::Unsure;
        }
        let Some(record) = self.record(bytes).filter(near) else { return Probe::No };
        match bytes.get(record.length..) {
            Some([]) if is_end => Probe::Yes,
            Some(next) if next.len() >= self.header => match self.record(next).filter(near) {
                Some(_) => Probe::Yes,
                None => Probe::No,
            },
            _ => Probe::Unsure,
        }
    }
}
