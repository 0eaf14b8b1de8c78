//! The search for the few words that may matter: on most logs, most of the work.

use aho_corasick::packed::{Config, Searcher};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Words that are looked for in many bytes.
///
/// With the processor's vector instructions the words that begin with figures are looked for apart from the others: the
/// search takes bytes that are alike for a beginning, and logs are full of figures. Without them one table of states
/// has all words.
pub(crate) struct Words(Vec<Finder>);

enum Finder {
    Vector(Searcher),
    Table(AhoCorasick),
}

impl Words {
    /// These words, as their bytes stand.
    pub(crate) fn new<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> Words {
        let words: Vec<W> = words.into_iter().collect();
        let is_figure = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_punctuation();
        let (figures, others): (Vec<&[u8]>, Vec<&[u8]>) =
            words.iter().map(AsRef::as_ref).partition(|word| word.iter().take(4).all(is_figure));
        let parts = [figures, others].into_iter().filter(|part| !part.is_empty());
        let vectors: Option<Vec<Finder>> = parts
            .map(|part| {
                Config::new().heuristic_pattern_limits(false).builder().extend(part).build().map(Finder::Vector)
            })
            .collect();
        Words(vectors.unwrap_or_else(|| {
            let mut builder = AhoCorasick::builder();
            // No search for rare bytes before it: among so many words none is rare.
            builder.match_kind(MatchKind::LeftmostFirst).prefilter(false).kind(Some(AhoCorasickKind::DFA));
            vec![Finder::Table(builder.build(&words).expect("a hundred short words"))]
        }))
    }

    /// Whether one of them stands in `bytes`.
    pub(crate) fn are_in(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|finder| finder.find(bytes).is_some())
    }

    /// A walk through `bytes` from one of them to the next.
    pub(crate) fn walk<'a>(&'a self, bytes: &'a [u8]) -> Walk<'a> {
        Walk { bytes, finders: self.0.iter().map(|finder| (finder, None)).collect() }
    }
}

impl Finder {
    /// Where the first of the words begins.
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Finder::Vector(searcher) => searcher.find(bytes).map(|found| found.start()),
            Finder::Table(table) => table.find(bytes).map(|found| found.start()),
        }
    }
}

/// A walk from word to word, over no byte twice.
pub(crate) struct Walk<'a> {
    bytes: &'a [u8],
    /// What finds, and where that found something last; the end of the bytes when there is nothing more.
    finders: Vec<(&'a Finder, Option<usize>)>,
}

impl Walk<'_> {
    /// Where the next word begins at or behind `from`, which only ever grows.
    pub(crate) fn next(&mut self, from: usize) -> Option<usize> {
        let (bytes, end) = (self.bytes, self.bytes.len());
        let step = |(finder, found): &mut (&Finder, Option<usize>)| match *found {
            Some(at) if at >= from => at,
            _ => *found.insert(finder.find(bytes.get(from..).unwrap_or_default()).map_or(end, |at| from + at)),
        };
        self.finders.iter_mut().map(step).min().filter(|at| *at < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_once_by_whichever_way() {
        let words = ["0043", "busy", "-103"];
        let vector = Words::new(words);
        let table = Words(vec![Finder::Table(
            AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).unwrap(),
        )]);
        let text = "busy, then 0x0043, then -1032, then nothing, then busy busy".as_bytes();
        for words in [&vector, &table] {
            let (mut walk, mut from, mut found) = (words.walk(text), 0, Vec::new());
            while let Some(at) = walk.next(from) {
                found.push(at);
                from = at + 1;
            }
            assert_eq!(found, [0, 13, 24, 50, 55]);
            assert!(words.are_in(text) && !words.are_in(b"nothing at all, and 0x0034 is none of them"));
        }
    }
}
