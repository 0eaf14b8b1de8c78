//! Drives a router through a million steps (an answer in, an action out) over one file that stays locked, and prints
//! the nanoseconds a step took. `ffi/benches/steps.c` does the same through the C ABI; `cargo xtask bench ffi` compares.

use std::process::ExitCode;
use std::time::Instant;

use lockwait_core::code::Code;
use lockwait_core::observation::{Holders, Method, Place, Refusal};
use lockwait_core::pickup::{ActionKind, Arrival, Outcome};
use lockwait_core::router::{Options, Router};
use lockwait_core::time::Timestamp;

/// How many steps are timed.
const STEPS: u32 = 1_000_000;

fn main() -> ExitCode {
    let mut router = Router::new(Options::default());
    let mut now = Timestamp(1_000_000);
    router.submit(now, Arrival { place: Place::new("/in", "a.pdf") });
    let start = Instant::now();
    let mut steps = 0;
    while steps < STEPS {
        while let Some(action) = router.poll_action() {
            let outcome = match action.kind {
                ActionKind::Try => Outcome::Refused(Refusal { method: Method::Open, ..Refusal::new(Code::win32(32)) }),
                _ => Outcome::Holders(Holders::CouldNotAsk(Code::win32(50))),
            };
            if router.handle(now, action.id, outcome).is_err() {
                return ExitCode::FAILURE;
            }
            steps += 1;
        }
        while let Some(event) = router.poll_event() {
            drop(event);
        }
        let Some(due) = router.poll_timeout() else { return ExitCode::FAILURE };
        now = due;
        router.handle_timeout(now);
    }
    println!("{:.1}", start.elapsed().as_secs_f64() * 1e9 / f64::from(STEPS));
    ExitCode::SUCCESS
}
