use alloc::format;

use super::*;
use crate::code::Code;
use crate::examiner::Examiner;
use crate::observation::sighting::{Act, Attempt, Party, Sighting};

/// Refused every 200 ms for so long; then had, if `is_had`.
fn finding(held: Span, is_had: bool) -> Finding {
    let mut examiner = Examiner::new(Policy::default(), 7);
    let input = examiner.input("a");
    let mut see = |at: u64, act| {
        let (actor, at) = (Party::default(), Timestamp(at));
        let sighting = Sighting { at, resolution: Span::ZERO, path: "f".into(), actor, act, record: "".into() };
        examiner.see(input, &sighting);
    };
    let mut at = 0;
    while at < held.0 {
        see(at, Act::Refused(Attempt::new(Code::win32(32))));
        at += 200_000;
    }
    if is_had {
        see(at, Act::Done);
    }
    examiner.report().findings.remove(0)
}

#[test]
fn the_same_policy_asks_as_often_as_the_episode_had_attempts() {
    let outcome = whatif(&finding(Span::from_secs(3), true), &Policy::default());
    // The engine's timer is a little coarser than the log's 200 ms.
    assert_eq!(outcome.refusals, Range::new(14, 15));
    assert_eq!(outcome.attempts, Range::new(15, 16));
    assert_eq!(outcome.events, Range::default(), "shorter than quiet");
}

#[test]
fn a_release_between_two_attempts_gives_a_range() {
    let fast = Policy { retry: Span::from_millis(10), ..Policy::default() };
    let outcome = whatif(&finding(Span::from_secs(3), true), &fast);
    let Range { least: few, most: many } = outcome.refusals;
    assert!((270..=281).contains(&few) && (290..=301).contains(&many), "refused at 2.8 s, had at 3 s: {outcome:?}");
    let Range { least, most } = outcome.waited.unwrap();
    assert!(least >= Span::from_millis(2_800) && most <= Span::from_millis(3_010), "{least:?} {most:?}");
}

#[test]
fn a_long_lock_costs_fewer_attempts_as_they_grow_apart_and_two_events() {
    let long = finding(Span::from_secs(600), true);
    assert_eq!(long.episode().attempts(), 3_000);
    let outcome = whatif(&long, &Policy::default());
    assert!(outcome.refusals.most < 200, "{outcome:?}");
    assert_eq!(outcome.events, Range::new(2, 2));
}

#[test]
fn a_file_that_is_never_had_has_no_waiting_time() {
    let outcome = whatif(&finding(Span::from_secs(60), false), &Policy::default());
    assert_eq!(outcome.waited, None);
    assert_eq!(outcome.attempts, outcome.refusals);
}

#[test]
fn a_policy_that_asks_without_end_is_not_run_without_end() {
    let greedy = Policy {
        retry: Span::from_millis(1),
        retry_for: Span::ZERO,
        retry_cap: Span::from_millis(1),
        ..Policy::default()
    };
    let outcome = whatif(&finding(Span::from_secs(600), true), &greedy);
    assert!((590_000..601_000).contains(&outcome.refusals.least), "{outcome:?}");
    assert!(outcome.waited.unwrap().least >= Span::from_millis(599_800), "{outcome:?}");
}

#[test]
fn outcomes_add_up_and_the_longest_wait_counts() {
    let (attempts, refusals, events) = (Range::new(1, 2), Range::new(3, 4), Range::new(5, 6));
    let one =
        Outcome { attempts, refusals, events, waited: Some(Range::new(Span::from_millis(7), Span::from_millis(8))) };
    let sum = total([one, one, Outcome::default()]);
    let (attempts, refusals, events) = (Range::new(2, 4), Range::new(6, 8), Range::new(10, 12));
    assert_eq!(sum, Outcome { attempts, refusals, events, waited: one.waited });
    assert_eq!(format!("{} attempts, {}", sum.attempts, sum.waited.unwrap()), "2 to 4 attempts, 7 ms to 8 ms");
}
