//! The search for the few words that may matter: on most logs, most of the work.

use aho_corasick::packed::{Config, Searcher};

use super::looks::Looks;

/// Words in UTF-8 that are looked for in many bytes, in several groups.
pub(crate) struct Words(Plan);

enum Plan {
    /// By the processor's vector instructions. The words that begin with figures are looked for apart from the others:
    /// the search takes bytes that are alike for a beginning, and logs are full of figures.
    Vector(Vec<Part>),
    /// Without them: all words at once, and the group of each.
    Looks(Looks<1>, Vec<usize>),
}

struct Part {
    group: usize,
    searcher: Searcher,
}

/// A word that was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Found {
    /// Where it begins.
    pub(crate) at: usize,
    /// The number of its group.
    pub(crate) group: usize,
}

impl Words {
    /// These groups of words, each word of at least four bytes.
    pub(crate) fn new(groups: &[&[&str]]) -> Words {
        Words(Words::vector(groups).unwrap_or_else(|| Words::looks(groups)))
    }

    /// None where the processor has no such instructions.
    fn vector(groups: &[&[&str]]) -> Option<Plan> {
        let is_figure = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_punctuation();
        let mut parts = Vec::new();
        for (group, words) in groups.iter().enumerate() {
            let (figures, others): (Vec<&str>, Vec<&str>) =
                words.iter().partition(|word| word.bytes().take(4).all(is_figure));
            for words in [figures, others].into_iter().filter(|words| !words.is_empty()) {
                let searcher = Config::new().heuristic_pattern_limits(false).builder().extend(words).build()?;
                parts.push(Part { group, searcher });
            }
        }
        Some(Plan::Vector(parts))
    }

    fn looks(groups: &[&[&str]]) -> Plan {
        let words = groups.iter().copied().flatten().map(|word| word.as_bytes().to_vec()).collect();
        let group_of = groups.iter().enumerate().flat_map(|(group, words)| vec![group; words.len()]).collect();
        Plan::Looks(Looks::new(words), group_of)
    }

    /// Whether one of them stands in `bytes` that is of a group that `is_wanted`.
    pub(crate) fn are_in(&self, bytes: &[u8], is_wanted: impl Fn(usize) -> bool) -> bool {
        self.walk(bytes).next(0, is_wanted).is_some()
    }

    /// A walk through `bytes` from one of them to the next.
    pub(crate) fn walk<'a>(&'a self, bytes: &'a [u8]) -> Walk<'a> {
        let parts = if let Plan::Vector(parts) = &self.0 { parts.as_slice() } else { &[] };
        Walk { words: self, bytes, found: vec![None; parts.len()] }
    }
}

/// A walk from word to word, over few bytes twice.
pub(crate) struct Walk<'a> {
    words: &'a Words,
    bytes: &'a [u8],
    /// Where each part found something last; the end of the bytes when there is nothing more.
    found: Vec<Option<usize>>,
}

impl Walk<'_> {
    /// Whether a word of a group that `is_wanted` begins at or behind `from` and before `until`.
    pub(crate) fn has(&mut self, from: usize, until: usize, is_wanted: impl Fn(usize) -> bool) -> bool {
        match &self.words.0 {
            // What is found beyond is kept for later.
            Plan::Vector(_) => self.next(from, is_wanted).is_some_and(|found| found.at < until),
            Plan::Looks(..) => self.words.walk(&self.bytes[..until]).next(from, is_wanted).is_some(),
        }
    }

    /// The next word of a group that `is_wanted`, at or behind `from`, which only ever grows. Of words that overlap it
    /// may be any.
    pub(crate) fn next(&mut self, from: usize, is_wanted: impl Fn(usize) -> bool) -> Option<Found> {
        let (bytes, end) = (self.bytes, self.bytes.len());
        match &self.words.0 {
            Plan::Vector(parts) => {
                let step = |(Part { group, searcher }, found): (&Part, &mut Option<usize>)| {
                    let at = match *found {
                        Some(at) if at >= from => at,
                        _ => {
                            let next = searcher.find(bytes.get(from..).unwrap_or_default());
                            *found.insert(next.map_or(end, |next| from + next.start()))
                        }
                    };
                    Found { at, group: *group }
                };
                let wanted = parts.iter().zip(&mut self.found).filter(|(part, _)| is_wanted(part.group));
                wanted.map(step).min().filter(|found| found.at < end)
            }
            Plan::Looks(looks, group_of) => {
                let (at, word) = looks.find(bytes, from, |word| is_wanted(group_of[word]))?;
                Some(Found { at, group: group_of[word] })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_once_by_whichever_way() {
        let groups: [&[&str]; 2] = [&["0043", "busy"], &["-103"]];
        let text = "busy, then 0x0043, then -1032, then nothing, then busy busy".as_bytes();
        let vector = Words::vector(&groups).map(Words);
        for words in vector.into_iter().chain([Words(Words::looks(&groups)), Words::new(&groups)]) {
            let all = |is_wanted: fn(usize) -> bool| {
                let (mut walk, mut from, mut found) = (words.walk(text), 0, Vec::new());
                while let Some(Found { at, group }) = walk.next(from, is_wanted) {
                    found.push((at, group));
                    from = at + 1;
                }
                found
            };
            assert_eq!(all(|_| true), [(0, 0), (13, 0), (24, 1), (50, 0), (55, 0)]);
            assert_eq!(all(|group| group == 1), [(24, 1)], "only what is wanted");
            assert!(!words.are_in(b"nothing at all, nor is bus, and 0x0034 is none of them", |_| true));
        }
    }
}
