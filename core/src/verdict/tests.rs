//! The verdicts of typical stories.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::code::Code;
use crate::observation::{Access, Facts, Holder, Holders, Refusal};
use crate::time::Timestamp;

const S: u64 = 1_000_000;

/// An episode told in a few words.
struct Story(Episode, Facts);

impl Story {
    /// Held from second 0 on, with what the probe tells of the holder.
    fn held(access: Access) -> Story {
        let refusal = Refusal { access, ..Refusal::new(Code::win32(32)) };
        Story(Episode::begin(Timestamp(0), &refusal), Facts { size: 10, modified: 1, identity: 1 })
    }

    fn growing(mut self, until: u64) -> Story {
        for second in 1..=until {
            let next = Facts { size: self.1.size + 100, modified: self.1.modified + 1, ..self.1 };
            self.0.saw(Timestamp(second * S), self.1, next);
            self.1 = next;
        }
        self
    }

    fn refused_at(mut self, second: u64, code: Code) -> Story {
        let access = self.0.access();
        self.0.refused(Timestamp(second * S), &Refusal { access, ..Refusal::new(code) });
        self
    }

    fn still_at(self, second: u64) -> Story {
        self.refused_at(second, Code::win32(32))
    }

    fn released(mut self, millis: u64) -> Story {
        self.0.opened(Timestamp(millis * 1_000));
        self
    }

    fn holder(mut self, name: &str, access: Access) -> Story {
        let holder = Holder { name: name.into(), pid: Some(4_711), access, ..Holder::default() };
        self.0.identified(Holders::Found(vec![holder]));
        self
    }

    fn answer(mut self, holders: Holders) -> Story {
        self.0.identified(holders);
        self
    }

    fn marked(mut self, mark: impl Fn(&mut crate::episode::Marks)) -> Story {
        mark(self.0.marks_mut());
        self
    }

    fn verdict(&self) -> Verdict {
        judge(&self.0, &Policy::default())
    }

    fn decides(&self) -> (Kind, Advice) {
        let verdict = self.verdict();
        (verdict.kind, verdict.advice)
    }
}

#[test]
fn a_writer_that_grows_the_file_and_lets_go_is_finishing() {
    let story = Story::held(Access::Write).growing(20).released(20_500);
    assert_eq!(story.decides(), (Kind::WriterFinishing, Advice::Ignore));
    assert_eq!(story.verdict().confidence, Confidence::High);
}

#[test]
fn a_writer_that_still_grows_the_file_is_finishing_however_long_it_takes() {
    let story = Story::held(Access::Unknown).growing(600).still_at(601);
    assert_eq!(story.decides(), (Kind::WriterFinishing, Advice::Ignore));
}

#[test]
fn a_writer_that_stands_still_is_stalled() {
    let story = Story::held(Access::Write).still_at(31).holder("producer", Access::ReadWrite);
    assert_eq!(story.decides(), (Kind::WriterStalled, Advice::Act));
    assert!(story.verdict().confidence >= Confidence::Medium);
}

#[test]
fn a_writer_that_paused_and_then_finished_is_finishing() {
    let story = Story::held(Access::Write).still_at(40).growing(41).released(41_300);
    assert_eq!(story.decides(), (Kind::WriterFinishing, Advice::Ignore));
}

#[test]
fn content_left_without_its_end_is_a_stalled_writer() {
    let story = Story::held(Access::Unknown).refused_at(35, Code::UNFINISHED);
    assert_eq!(story.decides(), (Kind::WriterStalled, Advice::Act));
}

#[test]
fn a_named_companion_that_never_comes_is_a_stalled_writer() {
    let story = Story::held(Access::Unknown).refused_at(35, Code::COMPANION_MISSING);
    assert_eq!(story.decides(), (Kind::WriterStalled, Advice::Act));
}

#[test]
fn known_programs_are_named_for_what_they_are() {
    for (program, kind) in [
        ("MsMpEng.exe", Kind::Scanner),
        ("bareos-fd", Kind::Backup),
        ("OneDrive.exe", Kind::Sync),
        ("SearchProtocolHost.exe", Kind::Indexer),
        ("filebeat", Kind::OtherConsumer),
    ] {
        let story = Story::held(Access::Read).still_at(31).holder(program, Access::Read);
        assert_eq!(story.decides(), (kind, Advice::Act), "{program}");
        assert_eq!(story.verdict().confidence, Confidence::High, "{program}");
        assert!(story.verdict().reasons[0].text.contains("4711"), "{program}");
    }
}

#[test]
fn a_synchronisation_client_that_writes_the_file_is_its_writer() {
    let story = Story::held(Access::Write).growing(8).released(9_000).holder("rsync", Access::Write);
    assert_eq!(story.decides(), (Kind::WriterFinishing, Advice::Ignore));
}

#[test]
fn a_second_of_a_reader_right_after_the_close_is_a_scanner_to_be_ignored() {
    let story = Story::held(Access::Read).released(1_200).marked(|marks| marks.after_close = true);
    assert_eq!(story.decides(), (Kind::Scanner, Advice::Ignore));
}

#[test]
fn a_reader_that_follows_the_writer_for_a_second_is_a_scanner() {
    let mut story = Story::held(Access::Write).growing(2);
    for millis in [2_100, 2_300, 2_900] {
        story.0.refused(Timestamp(millis * 1_000), &Refusal { access: Access::Read, ..Refusal::new(Code::errno(11)) });
    }
    assert_eq!(story.released(3_100).decides(), (Kind::Scanner, Advice::Ignore));
}

#[test]
fn a_reader_with_many_files_of_the_folder_open_is_a_sweep() {
    let holder = Holder { name: "svc17".into(), pid: Some(9), access: Access::Read, others: 40, ..Holder::default() };
    let story = Story::held(Access::Read).still_at(31).answer(Holders::Found(vec![holder]));
    assert_eq!(story.decides(), (Kind::Backup, Advice::Act));
}

#[test]
fn the_program_that_wants_the_file_can_hold_it_itself() {
    let holder = Holder { name: "connector".into(), own: true, access: Access::ReadWrite, ..Holder::default() };
    let story = Story::held(Access::Write).still_at(31).answer(Holders::Found(vec![holder]));
    assert_eq!(story.decides(), (Kind::OwnProcess, Advice::Act));
}

#[test]
fn a_stranger_that_only_reads_is_not_called_by_a_kind_it_may_not_be() {
    let story = Story::held(Access::Read).still_at(31).holder("frobnicate", Access::Read);
    assert_eq!(story.decides(), (Kind::UnknownHolder, Advice::Act));
}

#[test]
fn asked_and_none_could_not_ask_and_not_asked_differ() {
    let held = || Story::held(Access::Unknown).still_at(31);
    assert_eq!(held().answer(Holders::Found(vec![])).decides(), (Kind::UnknownHolder, Advice::Act));
    let could_not = held().answer(Holders::CouldNotAsk(Code::errno(13)));
    assert_eq!(could_not.decides(), (Kind::UnknownHolder, Advice::CannotTell));
    assert!(could_not.verdict().needs.is_some());
    assert!(could_not.verdict().reasons.iter().any(|reason| reason.name == "could-not-ask"));
    assert_eq!(held().decides(), (Kind::UnknownHolder, Advice::CannotTell));
    assert!(held().verdict().needs.is_some());
}

#[test]
fn a_file_that_goes_away_while_it_is_held_was_taken_by_somebody_else() {
    let story = Story::held(Access::Read).still_at(3).marked(|marks| marks.vanished = true);
    assert_eq!(story.decides().0, Kind::OtherConsumer);
}

#[test]
fn a_lasting_refusal_is_no_lock() {
    let story = Story::held(Access::Unknown).refused_at(1, Code::win32(1_326));
    assert_eq!(story.decides(), (Kind::Refused, Advice::Act));
}

#[test]
fn a_short_lock_of_which_nothing_is_known_was_the_writer() {
    assert_eq!(Story::held(Access::Unknown).released(400).decides(), (Kind::WriterFinishing, Advice::Ignore));
}

#[test]
fn reasons_stand_strongest_first_and_weigh_for_the_verdict() {
    let verdict = Story::held(Access::Write).growing(3).released(3_500).verdict();
    let weights: Vec<i32> = verdict.reasons.iter().map(|reason| reason.weight.abs()).collect();
    assert!(weights.is_sorted_by(|a, b| a >= b), "{weights:?}");
    assert!(verdict.reasons.iter().all(|reason| !reason.text.is_empty()));
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    for (index, rule) in RULES.iter().enumerate() {
        assert!(RULES[..index].iter().all(|other| other.name != rule.name), "{}", rule.name);
        assert_eq!(rule.name.to_string(), rule.name.to_lowercase());
    }
}

#[test]
fn attempts_that_ended_soon_may_be_ignored_and_those_that_were_given_up_may_not() {
    let mut episode = Episode::begin(Timestamp(0), &Refusal::new(Code::win32(32)));
    episode.refused(Timestamp(2_000_000), &Refusal::new(Code::win32(32)));
    assert_eq!(judge(&episode, &Policy::default()).advice, Advice::CannotTell, "the next attempt may be about to come");
    episode.marks_mut().ceased = true;
    let verdict = judge(&episode, &Policy::default());
    assert_eq!((verdict.advice, verdict.kind), (Advice::Ignore, Kind::WriterFinishing));
    episode.marks_mut().gave_up = true;
    assert_eq!(judge(&episode, &Policy::default()).advice, Advice::Act);
}

#[test]
fn a_file_that_is_held_to_the_end_of_the_evidence_is_stuck_after_minutes() {
    let held = |seconds: u64| {
        let mut episode = Episode::begin(Timestamp(0), &Refusal::new(Code::win32(32)));
        episode.refused(Timestamp(seconds * S), &Refusal::new(Code::win32(32)));
        judge(&episode, &Policy::default()).advice
    };
    assert_eq!((held(60), held(301)), (Advice::CannotTell, Advice::Act));
}
