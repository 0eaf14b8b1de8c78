//! One direction of a TCP connection: segments, in whatever order and number they were captured, become one stream.

/// So many bytes are kept waiting for a segment that has not come.
const WINDOW: usize = 1 << 18;
/// In so many segments.
const SEGMENTS: usize = 1 << 10;
/// So many bytes of the stream a reader may leave for later.
const PENDING: usize = 1 << 20;
/// Buffers beyond this size are given back when they are empty.
const KEPT: usize = 1 << 16;
/// Sequence numbers further apart than this belong to different connections.
const FAR: i32 = 1 << 24;

/// One direction of a connection.
#[derive(Default, Debug)]
pub(super) struct Stream {
    /// The sequence number that comes next; unknown until something was seen.
    next: Option<u32>,
    /// Bytes in order that the reader is not done with.
    pending: Vec<u8>,
    /// Bytes to come that the reader is done with.
    skip: usize,
    /// Segments that came too early, in order.
    later: Vec<Early>,
    /// Sequence number of the end.
    end: Option<u32>,
}

/// A segment with something missing before it.
#[derive(Debug)]
struct Early {
    sequence: u32,
    bytes: Vec<u8>,
    /// Bytes behind those that were not captured.
    missing: u32,
}

impl Stream {
    /// The stream begins behind this sequence number.
    pub(super) fn begin(&mut self, syn: u32) {
        *self = Stream { next: Some(syn.wrapping_add(1)), ..Stream::default() };
    }

    /// Goes on at this sequence number, which begins a message.
    pub(super) fn resume(&mut self, sequence: u32) {
        *self = Stream { next: Some(sequence), ..Stream::default() };
    }

    /// Whether anything is known of the stream.
    pub(super) fn is_started(&self) -> bool {
        self.next.is_some()
    }

    /// Whether a SYN with this sequence number is the one that began the stream, seen again.
    pub(super) fn began_with(&self, syn: u32) -> bool {
        // Much may have been sent since.
        self.next.is_some_and(|next| (0..FAR).contains(&distance(next, syn)))
    }

    /// Whether a segment with this sequence number can belong to the stream.
    pub(super) fn is_near(&self, sequence: u32) -> bool {
        self.next.is_none_or(|next| distance(sequence, next).unsigned_abs() < FAR.unsigned_abs())
    }

    /// The stream ends at this sequence number.
    pub(super) fn finish(&mut self, sequence: u32) {
        self.end = Some(sequence);
    }

    /// Whether the stream came to its end.
    pub(super) fn is_finished(&self) -> bool {
        self.end.is_some_and(|end| self.next.is_none_or(|next| distance(end, next) <= 0))
    }

    /// Bytes kept.
    pub(super) fn held(&self) -> usize {
        self.pending.len() + self.later.iter().map(|early| early.bytes.len()).sum::<usize>()
    }

    /// Takes a segment, `missing` bytes of which were not captured. `sink` is given the stream's bytes and says how
    /// many it is done with; `None` tells it that bytes are missing.
    pub(super) fn segment(
        &mut self,
        sequence: u32,
        bytes: &[u8],
        missing: u32,
        sink: &mut impl FnMut(Option<&[u8]>) -> usize,
    ) {
        if bytes.is_empty() && missing == 0 {
            return;
        }
        let next = match self.next {
            Some(next) if distance(sequence, next).unsigned_abs() < FAR.unsigned_abs() => next,
            _ => {
                self.resume(sequence);
                sink(None);
                sequence
            }
        };
        if distance(sequence, next) > 0 {
            self.keep(Early { sequence, bytes: bytes.to_vec(), missing });
            if self.later.len() > SEGMENTS || self.later.iter().map(|early| early.bytes.len()).sum::<usize>() > WINDOW {
                self.jump(sink);
            }
            return;
        }
        self.join(sequence, bytes, missing, sink);
        self.catch_up(sink);
    }

    /// The other end has received everything before this sequence number: what is missing before it does not come.
    pub(super) fn acknowledged(&mut self, number: u32, sink: &mut impl FnMut(Option<&[u8]>) -> usize) {
        while self.later.first().is_some_and(|early| distance(number, early.sequence) > 0) {
            self.jump(sink);
        }
        if let (Some(end), Some(next)) = (self.end, self.next)
            && distance(number, end) > 0
            && distance(end, next) > 0
        {
            self.lose(end.wrapping_sub(next), sink);
        }
    }

    /// Nothing follows: gives out what waited for bytes that did not come.
    pub(super) fn flush(&mut self, sink: &mut impl FnMut(Option<&[u8]>) -> usize) {
        while !self.later.is_empty() {
            self.jump(sink);
        }
        *self = Stream { next: self.next, end: self.end, ..Stream::default() };
    }

    /// Forgets what is kept; the next bytes begin anywhere.
    pub(super) fn drop_held(&mut self, sink: &mut impl FnMut(Option<&[u8]>) -> usize) {
        *self = Stream { next: self.next, end: self.end, ..Stream::default() };
        sink(None);
    }

    /// Keeps an early segment in its place.
    fn keep(&mut self, early: Early) {
        let at =
            self.later.iter().rposition(|kept| distance(early.sequence, kept.sequence) >= 0).map_or(0, |at| at + 1);
        match at.checked_sub(1).and_then(|before| self.later.get_mut(before)) {
            Some(same) if same.sequence == early.sequence => {
                if same.bytes.len() < early.bytes.len() {
                    *same = early;
                }
            }
            _ => self.later.insert(at, early),
        }
    }

    /// Goes on with the first early segment, without what is missing before it.
    fn jump(&mut self, sink: &mut impl FnMut(Option<&[u8]>) -> usize) {
        if let (Some(first), Some(next)) = (self.later.first(), self.next) {
            self.lose(first.sequence.wrapping_sub(next), sink);
        }
        self.catch_up(sink);
    }

    /// Takes the early segments that are early no more.
    fn catch_up(&mut self, sink: &mut impl FnMut(Option<&[u8]>) -> usize) {
        if self.later.is_empty() {
            return;
        }
        let Some(mut next) = self.next else { return };
        let mut later = std::mem::take(&mut self.later).into_iter().peekable();
        while let Some(early) = later.next_if(|early| distance(early.sequence, next) <= 0) {
            self.join(early.sequence, &early.bytes, early.missing, sink);
            next = self.next.unwrap_or(next);
        }
        self.later = later.collect();
    }

    /// Takes what is new of a segment that begins at, or before, the end of what came.
    fn join(&mut self, sequence: u32, bytes: &[u8], missing: u32, sink: &mut impl FnMut(Option<&[u8]>) -> usize) {
        let Some(next) = self.next else { return };
        let old = next.wrapping_sub(sequence);
        let new = bytes.get(old as usize..).unwrap_or_default();
        self.next = Some(next.wrapping_add(new.len() as u32));
        self.take(new, sink);
        // The rest of the segment, as far as it is new.
        let lost = (missing as usize).min((bytes.len() + missing as usize).saturating_sub(old as usize)) as u32;
        if lost > 0 {
            self.lose(lost, sink);
        }
    }

    /// The next bytes in order.
    fn take(&mut self, bytes: &[u8], sink: &mut impl FnMut(Option<&[u8]>) -> usize) {
        let skipped = bytes.len().min(self.skip);
        self.skip -= skipped;
        let bytes = &bytes[skipped..];
        if bytes.is_empty() {
            return;
        }
        if self.pending.is_empty() {
            // The usual case copies nothing, or the beginning of the next message.
            let done = sink(Some(bytes));
            self.skip = done.saturating_sub(bytes.len());
            self.pending.extend_from_slice(bytes.get(done..).unwrap_or_default());
        } else {
            self.pending.extend_from_slice(bytes);
            let done = sink(Some(&self.pending));
            self.skip = done.saturating_sub(self.pending.len());
            self.pending.drain(..done.min(self.pending.len()));
            if self.pending.is_empty() && self.pending.capacity() > KEPT {
                self.pending = Vec::new();
            }
        }
        if self.pending.len() > PENDING {
            self.pending = Vec::new();
            sink(None);
        }
    }

    /// So many bytes of the stream are missing here. The reader need not know when it is done with them anyway.
    fn lose(&mut self, count: u32, sink: &mut impl FnMut(Option<&[u8]>) -> usize) {
        self.next = self.next.map(|next| next.wrapping_add(count));
        match self.skip.checked_sub(count as usize) {
            Some(skip) if self.skip > 0 => self.skip = skip,
            _ => {
                self.skip = 0;
                self.pending.clear();
                sink(None);
            }
        }
    }
}

/// How far the first sequence number is behind the second in the stream; negative when before it.
fn distance(one: u32, other: u32) -> i32 {
    one.wrapping_sub(other).cast_signed()
}
