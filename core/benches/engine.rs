//! What one engine step costs: an answer in, the next action out, with a thousand and with a million files waiting.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use lockwait_core::code::Code;
use lockwait_core::observation::{Facts, Holders, Place, Refusal};
use lockwait_core::pickup::{Action, ActionKind, Arrival, Outcome};
use lockwait_core::policy::Policy;
use lockwait_core::router::{Options, Router};
use lockwait_core::time::{Span, Timestamp};

const START: Timestamp = Timestamp(1_700_000_000_000_000);

fn refused(action: Action) -> Outcome {
    match action.kind {
        ActionKind::Identify => Outcome::Holders(Holders::Found(Vec::new())),
        _ => {
            let facts = Some(Facts { size: 1, modified: 1, identity: action.id.0 + 1 });
            Outcome::Refused(Refusal { facts, ..Refusal::new(Code::win32(32)) })
        }
    }
}

/// A router in which this many files wait, all of them past their first notice, and its time.
fn waiting(files: usize) -> (Router, Timestamp) {
    let policy = Policy { reminder: Span::from_secs(1_000_000), ..Policy::default() };
    let mut router = Router::new(Options { policy, ..Options::default() });
    let mut now = START;
    for n in 0..files {
        // Spread over five seconds, as files arrive.
        now = now.max(START + Span(n as u64 * 5_000_000 / files as u64));
        router.submit(now, Arrival { place: Place::new("/in", format!("document-{n:09}.pdf").as_str()) });
        drain(&mut router, now);
    }
    while now.since(START) < Span::from_secs(60) {
        now = router.poll_timeout().expect("locked files wait for time").max(now);
        router.handle_timeout(now);
        drain(&mut router, now);
    }
    (router, now)
}

fn drain(router: &mut Router, now: Timestamp) {
    while let Some(action) = router.poll_action() {
        router.handle(now, action.id, refused(action)).expect("an answer to what was asked");
    }
    while router.poll_event().is_some() {}
}

fn step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("step");
    for files in [1_000usize, 1_000_000] {
        let (mut router, mut now) = waiting(files);
        group.bench_with_input(BenchmarkId::new("answer in, action out", files), &files, |bencher, _| {
            bencher.iter(|| {
                let action = loop {
                    match router.poll_action() {
                        Some(action) => break action,
                        None => {
                            now = router.poll_timeout().expect("locked files wait for time").max(now);
                            router.handle_timeout(now);
                        }
                    }
                };
                router.handle(now, action.id, black_box(refused(action))).expect("an answer to what was asked");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, step);
criterion_main!(benches);
