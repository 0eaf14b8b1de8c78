//! Timer wheel: one timer per key; arm, disarm and fire in constant time.
//!
//! Hierarchical timing wheel (Varghese and Lauck 1987, scheme 7): level `n` has 64 buckets of `64^n` ticks each, and
//! every bucket is a doubly linked list threaded through one array of nodes, so arming allocates nothing once that
//! array has grown. Timers that are due at the same tick fire in the order in which they were armed.

use alloc::vec::Vec;

use crate::time::Timestamp;

/// Length of a tick in microseconds: short enough for the 1 ms step after a hint, long enough that nine levels reach
/// past the last [`Timestamp`].
const TICK: u64 = 256;
/// Buckets of a level, and the bits of a tick number that choose one.
const BUCKETS: usize = 64;
const BITS: u32 = BUCKETS.trailing_zeros();
/// `64^10` ticks are more than `u64` holds.
const LEVELS: usize = 10;
/// No node.
const NIL: u32 = u32::MAX;

/// Timers for small integer keys, at most one each.
pub struct Wheel {
    nodes: Vec<Node>,
    heads: [[u32; BUCKETS]; LEVELS],
    /// A bit per bucket that is not empty.
    occupied: [u64; LEVELS],
    /// Every timer due before this tick has fired.
    now: u64,
}

/// One key's timer; a member of a circular list when armed.
#[derive(Clone, Copy)]
struct Node {
    tick: u64,
    previous: u32,
    next: u32,
    /// Level and bucket; only meaningful when armed.
    level: u8,
    bucket: u8,
    armed: bool,
}

const IDLE: Node = Node { tick: 0, previous: NIL, next: NIL, level: 0, bucket: 0, armed: false };

impl Default for Wheel {
    fn default() -> Wheel {
        Wheel { nodes: Vec::new(), heads: [[NIL; BUCKETS]; LEVELS], occupied: [0; LEVELS], now: 0 }
    }
}

impl Wheel {
    /// Arms the timer of `key` for `at`, rounded up to the next tick of 256 µs; replaces the one it had.
    pub fn arm(&mut self, key: u32, at: Timestamp) {
        self.disarm(key);
        let index = key as usize;
        if self.nodes.len() <= index {
            self.nodes.resize(index + 1, IDLE);
        }
        self.nodes[index].tick = at.0.div_ceil(TICK).max(self.now);
        self.nodes[index].armed = true;
        self.link(key);
    }

    /// Disarms the timer of `key`, if it is armed.
    pub fn disarm(&mut self, key: u32) {
        if self.nodes.get(key as usize).is_some_and(|node| node.armed) {
            self.unlink(key);
            self.nodes[key as usize].armed = false;
        }
    }

    /// When the next timer may be due: never later than that timer, but it can be earlier, when far timers have to
    /// be sorted again. `None` when no timer is armed.
    pub fn next(&self) -> Option<Timestamp> {
        self.earliest().map(|(_, _, tick)| Timestamp(tick.saturating_mul(TICK)))
    }

    /// Takes one timer that is due at `now` and disarms it; `None` when no more are due.
    pub fn fire(&mut self, now: Timestamp) -> Option<u32> {
        let target = now.0 / TICK;
        loop {
            let Some((level, bucket, tick)) = self.earliest().filter(|(_, _, tick)| *tick <= target) else {
                self.now = self.now.max(target);
                return None;
            };
            self.now = self.now.max(tick);
            let key = self.heads[level][bucket];
            if level == 0 {
                self.disarm(key);
                return Some(key);
            }
            // The bucket's ticks begin now: spread its timers over the levels below, in order.
            while self.heads[level][bucket] != NIL {
                let key = self.heads[level][bucket];
                self.unlink(key);
                self.link(key);
            }
        }
    }

    /// The armed keys with their times, those of the same tick in firing order: arming them in this order in an
    /// empty wheel gives a wheel that fires alike.
    pub fn armed(&self) -> Vec<(u32, Timestamp)> {
        let mut armed = Vec::new();
        for head in self.heads.iter().flatten().copied() {
            let mut at = head;
            while let Some(node) = self.nodes.get(at as usize) {
                armed.push((at, Timestamp(node.tick.saturating_mul(TICK))));
                at = if node.next == head { NIL } else { node.next };
            }
        }
        armed
    }

    /// Level, bucket and first tick of the first bucket that is not empty.
    fn earliest(&self) -> Option<(usize, usize, u64)> {
        let level = self.occupied.iter().position(|bits| *bits != 0)?;
        // A timer's level is that of the highest digit in which its tick differs from `now`, so within a level all
        // buckets lie ahead of now's own, and a lower level is always due before a higher one.
        let bucket = self.occupied[level].trailing_zeros();
        let shift = BITS * level as u32;
        let above = self.now.checked_shr(shift + BITS).map_or(0, |digits| digits << (shift + BITS));
        Some((level, bucket as usize, above | u64::from(bucket) << shift))
    }

    fn link(&mut self, key: u32) {
        let tick = self.nodes[key as usize].tick;
        let level = ((u64::BITS - 1 - ((tick ^ self.now) | 1).leading_zeros()) / BITS) as usize;
        let bucket = (tick >> (BITS * level as u32)) as usize % BUCKETS;
        let head = self.heads[level][bucket];
        let (previous, next) = if head == NIL { (key, key) } else { (self.nodes[head as usize].previous, head) };
        self.nodes[previous as usize].next = key;
        self.nodes[next as usize].previous = key;
        let node = &mut self.nodes[key as usize];
        (node.previous, node.next, node.level, node.bucket) = (previous, next, level as u8, bucket as u8);
        if head == NIL {
            self.heads[level][bucket] = key;
            self.occupied[level] |= 1 << bucket;
        }
    }

    fn unlink(&mut self, key: u32) {
        let node = self.nodes[key as usize];
        let (level, bucket) = (node.level as usize, node.bucket as usize);
        if node.next == key {
            self.heads[level][bucket] = NIL;
            self.occupied[level] &= !(1 << bucket);
            return;
        }
        self.nodes[node.previous as usize].next = node.next;
        self.nodes[node.next as usize].previous = node.previous;
        if self.heads[level][bucket] == key {
            self.heads[level][bucket] = node.next;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Operation {
        Arm(u32, u64),
        Disarm(u32),
        Advance(u64),
        Rebuild,
    }

    fn operation() -> impl Strategy<Value = Operation> {
        let delay = prop_oneof![0..2_000u64, 0..300_000u64, 0..20_000_000_000u64, Just(u64::MAX)];
        prop_oneof![
            6 => (0..40u32, delay.clone()).prop_map(|(key, delay)| Operation::Arm(key, delay)),
            2 => (0..40u32).prop_map(Operation::Disarm),
            4 => delay.prop_map(|delay| Operation::Advance(delay.min(1 << 50))),
            1 => Just(Operation::Rebuild),
        ]
    }

    proptest! {
        #[test]
        fn fires_like_a_sorted_map(operations in proptest::collection::vec(operation(), 0..200)) {
            let mut wheel = Wheel::default();
            // (tick, order of arming) -> key
            let mut model = BTreeMap::<(u64, usize), u32>::new();
            let mut now = 1_700_000_000_000_000u64;
            wheel.fire(Timestamp(now));
            for (order, operation) in operations.into_iter().enumerate() {
                match operation {
                    Operation::Arm(key, delay) => {
                        model.retain(|_, k| *k != key);
                        let at = now.saturating_add(delay);
                        model.insert((at.div_ceil(TICK), order), key);
                        wheel.arm(key, Timestamp(at));
                    }
                    Operation::Disarm(key) => {
                        model.retain(|_, k| *k != key);
                        wheel.disarm(key);
                    }
                    Operation::Advance(delay) => {
                        now += delay;
                        while let Some(key) = wheel.fire(Timestamp(now)) {
                            let (first, expected) = model.pop_first().expect("a timer fired that is not armed");
                            prop_assert!(first.0 <= now / TICK);
                            prop_assert_eq!(key, expected);
                        }
                        prop_assert!(model.keys().next().is_none_or(|(tick, _)| *tick > now / TICK));
                    }
                    Operation::Rebuild => {
                        let armed = wheel.armed();
                        prop_assert_eq!(armed.len(), model.len());
                        wheel = Wheel::default();
                        wheel.fire(Timestamp(now));
                        for (key, at) in armed {
                            wheel.arm(key, at);
                        }
                    }
                }
                let first = model.keys().next().map(|(tick, _)| Timestamp(tick.saturating_mul(TICK)));
                prop_assert!(wheel.next() <= first || first.is_none());
                prop_assert_eq!(wheel.next().is_some(), first.is_some());
            }
        }
    }
}
