//! Memory: bounded per pickup, and untouched by the number of attempts.

use allocation_counter::{AllocationInfo, measure};
use lockwait_core::code::Code;
use lockwait_core::event::Event;
use lockwait_core::observation::{Access, Facts, Holders, Place, Refusal};
use lockwait_core::pickup::{ActionKind, Arrival, Outcome};
use lockwait_core::policy::Policy;
use lockwait_core::router::{Options, Router};
use lockwait_core::time::Timestamp;

const START: Timestamp = Timestamp(1_700_000_000_000_000);

/// A host that answers every attempt with "locked".
struct Host {
    router: Router,
    now: Timestamp,
    attempts: u64,
    events: u64,
    logged: Vec<(Timestamp, u32)>,
}

impl Host {
    fn new(policy: Policy) -> Host {
        let router = Router::new(Options { policy, ..Options::default() });
        Host { router, now: START, attempts: 0, events: 0, logged: Vec::with_capacity(64) }
    }

    fn submit(&mut self, files: usize) {
        for n in 0..files {
            let place = Place::new("/var/spool/incoming", format!("document-{n:09}.pdf").as_str());
            self.router.submit(self.now, Arrival { place });
            self.answer();
        }
    }

    fn answer(&mut self) {
        while let Some(action) = self.router.poll_action() {
            let outcome = match action.kind {
                ActionKind::Identify => Outcome::Holders(Holders::Found(Vec::new())),
                _ => {
                    self.attempts += 1;
                    let facts = Some(Facts { size: 1, modified: 1, identity: action.id.0 + 1 });
                    Outcome::Refused(Refusal { facts, access: Access::Write, ..Refusal::new(Code::win32(32)) })
                }
            };
            self.router.handle(self.now, action.id, outcome).expect("an answer to what was asked");
        }
        while let Some(Event { at, reminder, .. }) = self.router.poll_event() {
            self.events += 1;
            self.logged.push((at, reminder));
        }
    }

    fn attempt(&mut self, attempts: u64) {
        while self.attempts < attempts {
            self.now = self.router.poll_timeout().expect("a locked file waits for time").max(self.now);
            self.router.handle_timeout(self.now);
            self.answer();
        }
    }
}

fn kept(attempts: u64) -> (AllocationInfo, Host) {
    let mut host = None;
    let info = measure(|| {
        let mut h = Host::new(Policy::default());
        h.submit(1);
        h.attempt(attempts);
        host = Some(h);
    });
    (info, host.expect("it was made"))
}

#[test]
fn ten_thousand_attempts_take_no_more_memory_than_ten() {
    // Ten attempts and one notice, so that both have met everything that is ever allocated.
    let (few, _few_host) = kept(200);
    let (many, _many_host) = kept(10_000);
    assert_eq!(few.bytes_current, many.bytes_current);
    assert!(many.bytes_current < 64 * 1024, "{many:?}");
}

#[test]
fn ten_thousand_attempts_cost_one_event_and_its_reminders() {
    let (_, host) = kept(10_000);
    let first: Vec<_> = host.logged.iter().filter(|(_, reminder)| *reminder == 0).collect();
    assert_eq!(first.len(), 1, "{:?}", host.logged);
    assert_eq!(first[0].0.since(START).as_millis(), 30_000);
    // 10,000 attempts at 5 s are 13.9 h: reminders after 1, 2, 4 h more.
    let gaps: Vec<u64> = host.logged.windows(2).map(|pair| pair[1].0.since(pair[0].0).0 / 3_600_000_000).collect();
    assert_eq!(gaps, [1, 2, 4]);
}

#[test]
fn an_attempt_in_the_steady_state_allocates_nothing() {
    let mut host = Host::new(Policy::default());
    host.submit(1_000);
    host.attempt(100_000);
    let before = (host.attempts, host.events);
    let info = measure(|| host.attempt(before.0 + 100_000));
    assert_eq!(host.events, before.1, "a notice allocates; this stretch must have none");
    assert_eq!(info.count_total, 0, "{info:?}");
}

#[test]
fn a_waiting_file_takes_little_memory() {
    let mut host = Host::new(Policy::default());
    let info = measure(|| host.submit(100_000));
    let each = info.bytes_current / 100_000;
    println!("{each} bytes for each waiting file, its name of 22 bytes included");
    assert!(each <= 512, "{each} bytes");
}
