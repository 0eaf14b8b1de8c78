//! Words that are looked for in a text all at once.

use aho_corasick::automaton::Automaton as _;
use aho_corasick::dfa::DFA;
use aho_corasick::{Input, Match, MatchKind};

/// Finds words, the longest of those that begin first. Always the one kind of automaton: with the choice between all of
/// them, the page would be larger by what the others take.
pub(super) struct Automaton(DFA);

impl Automaton {
    pub(super) fn new<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>, ignore_case: bool) -> Automaton {
        let built =
            DFA::builder().match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(ignore_case).build(words);
        Automaton(built.expect("the tables of this crate are small"))
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.next(Input::new(text).earliest(true)).is_some()
    }

    pub(super) fn find(&self, text: &str) -> Option<Match> {
        self.next(Input::new(text))
    }

    /// Every word behind the one before it.
    pub(super) fn find_iter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Match> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.next(Input::new(text).range(from..))?;
            from = found.end();
            Some(found)
        })
    }

    fn next(&self, input: Input<'_>) -> Option<Match> {
        // It can be walked without an anchor, which is all that is asked of it.
        self.0.try_find(&input).ok().flatten()
    }
}
