//! Rules that every report keeps, whatever was seen, and in however many inputs.

use std::collections::BTreeMap;

use lockwait_core::code::Code;
use lockwait_core::examiner::{Examiner, Report};
use lockwait_core::observation::sighting::{Act, Attempt, Mode, Party, Share, Sighting};
use lockwait_core::observation::{Access, Facts, Holder, Holders, Name};
use lockwait_core::policy::Policy;
use lockwait_core::time::{Span, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const SECOND: u64 = 1_000_000;
/// Some day in 2026.
const BASE: u64 = 1_790_000_000 * SECOND;

/// An input: how exact its times are, what its clock is ahead, when it ends, and what it shows.
type Told = (u64, i64, u64, Vec<(u64, &'static str, u64, Act)>);

fn act() -> impl Strategy<Value = Act> {
    let mode = (select(vec![Access::Read, Access::Write, Access::ReadWrite, Access::Unknown]), 0..8_u32)
        .prop_map(|(access, share)| Mode { access, deletes: false, share: Some(Share::from_bits(share)) });
    let refused = (prop::option::of(mode.clone()), prop::option::of(0..1_000_u64)).prop_map(|(wanted, latency)| {
        Act::Refused(Attempt { wanted, latency: latency.map(Span), ..Attempt::new(Code::ntstatus(0xc000_0043)) })
    });
    let facts =
        (0..4_u64, 0..4_u64).prop_map(|(size, modified)| Act::Saw(Facts { size: size * 100, modified, identity: 0 }));
    let held = "[a-c]".prop_map(|name| Act::Held(Holders::Found(vec![Holder { name, ..Holder::default() }])));
    prop_oneof![
        8 => refused,
        2 => (1..6_u64, mode).prop_map(|(open, mode)| Act::Opened { open, mode }),
        2 => (1..6_u64).prop_map(|open| Act::Closed { open }),
        1 => (1..6_u64, 0..9_u64).prop_map(|(open, end)| Act::Wrote { open, end }),
        1 => facts,
        1 => held,
        1 => select(vec![Act::Done, Act::GaveUp, Act::Gone, Act::Suppressed]),
    ]
}

fn told() -> impl Strategy<Value = Told> {
    let path = select(vec![r"\\srv\in\a", r"D:\in\a", r"D:\in\b", "a", ""]);
    let waits = prop_oneof![0..3 * SECOND, 0..200 * SECOND];
    let steps = vec((waits, path, 0..3_u64, act()), 0..40);
    (select(vec![0, 1_000, SECOND]), -5_000..5_000_i64, 0..900_u64, steps)
        .prop_map(|(resolution, ahead, rest, steps)| (resolution, ahead * 1_000_000, rest * SECOND, steps))
}

fn examined(inputs: &[Told]) -> Examiner {
    let mut examiner = Examiner::new(Policy::default(), 7);
    for (number, (resolution, ahead, rest, steps)) in inputs.iter().enumerate() {
        let input = examiner.input(&number.to_string());
        examiner.shows_successes(input);
        let mut now = BASE.saturating_add_signed(*ahead);
        for (wait, path, who, act) in steps {
            now += wait;
            let at = Timestamp(now - now % (*resolution).max(1));
            let actor = Party { name: format!("p{who}").into(), session: *who, ..Party::default() };
            let (path, act) = (Name::from(*path), act.clone());
            let record = format!("at {at}");
            examiner.see(input, &Sighting { at, resolution: Span(*resolution), path, actor, act, record });
        }
        examiner.progress(input, "text", 1, steps.len() as u64, Timestamp(now + rest));
    }
    examiner
}

fn refused(inputs: &[Told]) -> u64 {
    inputs.iter().flat_map(|told| &told.3).filter(|(.., act)| matches!(act, Act::Refused(_))).count() as u64
}

fn attempts(report: &Report) -> u64 {
    report.findings.iter().map(|finding| u64::from(finding.episode().attempts())).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_report_holds_together(inputs in vec(told(), 1..4)) {
        let examiner = examined(&inputs);
        let report = examiner.report();
        for finding in &report.findings {
            let episode = finding.episode();
            prop_assert!(episode.first() <= episode.last());
            prop_assert!(episode.released().is_none_or(|at| at >= episode.last()), "no release before a refusal");
            prop_assert!(episode.attempts() >= 1 && !finding.records().is_empty());
            prop_assert_eq!(finding.verdict().advice, finding.advice);
            for holder in episode.holders().list() {
                prop_assert!(holder.from.zip(holder.to).is_none_or(|(from, to)| from <= to));
            }
        }
        prop_assert!(report.findings.is_sorted_by_key(|finding| finding.episode().first()));
        let summary = &report.summary;
        prop_assert_eq!(summary.act + summary.ignore + summary.cannot_tell, summary.episodes);
        prop_assert_eq!(summary.lock_failures, refused(&inputs));
        prop_assert!(attempts(&report) <= refused(&inputs));
        prop_assert_eq!(report.to_json(), examiner.into_report().to_json());
    }

    #[test]
    fn one_input_accounts_for_every_refusal_once(told in told()) {
        let report = examined(std::slice::from_ref(&told)).into_report();
        prop_assert_eq!(attempts(&report), refused(&[told]));
    }

    #[test]
    fn what_one_input_tells_twice_under_another_name_is_told_once(told in told()) {
        let alone = examined(std::slice::from_ref(&told)).into_report();
        let twice = examined(&[told.clone(), told]).into_report();
        // A file without a name is put together with nothing.
        let count = |report: &Report| {
            let mut counts = BTreeMap::<Name, usize>::new();
            let named = report.findings.iter().filter(|finding| !finding.path().as_bytes().is_empty());
            named.for_each(|finding| *counts.entry(finding.path().clone()).or_default() += 1);
            counts
        };
        prop_assert_eq!(count(&twice).values().sum::<usize>(), count(&alone).values().sum::<usize>());
    }
}
