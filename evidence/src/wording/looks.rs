//! The search for words without vector instructions.
//!
//! Three letters are looked at in every second place, and only where a word has them is anything compared. (So do Wu and
//! Manber, "A fast algorithm for multi-pattern searching", 1994.) No look waits for the one before it, which makes this
//! several times as fast as a table of states.

/// So many hashes are told apart.
const HASHES: usize = 1 << 16;
/// So many groups of them have a list of their own.
const LISTS: usize = 1 << 10;
/// So many bytes are looked at in one go.
const BLOCK: usize = 16;
/// A look takes so many bytes, of which it uses three letters.
const LOOK: usize = 8;
/// Of every word so many letters are looked for: three of them stand in two places, of which one is an even one.
const WINDOW: usize = 4;

/// Words with letters of `WIDTH` bytes: one, or two for UTF-16, wherever in the bytes these begin.
pub(crate) struct Looks<const WIDTH: usize> {
    words: Vec<Vec<u8>>,
    /// A bit for each hash, set where `places` has it.
    known: Box<[u8; HASHES / 8]>,
    /// Where three letters stand in a word, list by list.
    places: Vec<Place>,
    /// Where each list begins in `places`, and the last one ends.
    lists: Box<[u16; LISTS + 1]>,
}

struct Place {
    hash: u16,
    word: u16,
    /// So many bytes behind the word's beginning.
    offset: u16,
}

impl Looks<2> {
    /// These words, each of at least [`Looks::LEAST`] letters, as they stand in UTF-16 with the low byte first.
    pub(crate) fn utf_16<'a>(words: impl IntoIterator<Item = &'a str>) -> Looks<2> {
        let wide = |word: &str| word.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Looks::new(words.into_iter().map(wide).collect())
    }

    /// Where they begin in `bytes`; of those that overlap, at least one.
    pub(crate) fn all<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let (at, _) = self.find(bytes, from, |_| true)?;
            from = at + 1;
            Some(at)
        })
    }
}

impl<const WIDTH: usize> Looks<WIDTH> {
    /// Words of fewer letters cannot be looked for.
    pub(crate) const LEAST: usize = WINDOW;

    /// The places of looks in a block.
    const PLACES: [usize; 8] = if WIDTH == 1 { [0, 2, 4, 6, 8, 10, 12, 14] } else { [0, 1, 4, 5, 8, 9, 12, 13] };

    /// These words, as they stand.
    pub(crate) fn new(words: Vec<Vec<u8>>) -> Looks<WIDTH> {
        let (mut known, mut places) = (Box::new([0; HASHES / 8]), Vec::new());
        for (number, word) in words.iter().enumerate() {
            let windows = word.windows(WINDOW * WIDTH).step_by(WIDTH);
            let best = windows.enumerate().min_by_key(|(_, window)| commonness(window, WIDTH));
            let (first, _) = best.expect("no word is shorter than a window");
            for offset in [first, first + 1].map(|letters| letters * WIDTH) {
                let mut look = [0; LOOK];
                let letters = word[offset..].iter().take(LOOK);
                look.iter_mut().zip(letters).for_each(|(byte, letter)| *byte = *letter);
                let hash = Self::hash(look);
                known[usize::from(hash / 8)] |= 1 << (hash % 8);
                places.push(Place { hash, word: number as u16, offset: offset as u16 });
            }
        }
        places.sort_by_key(|place| list(place.hash));
        let first = |number: usize| places.partition_point(|place| list(place.hash) < number) as u16;
        let lists = Box::new(std::array::from_fn(first));
        Looks { words, known, places, lists }
    }

    /// Where a word begins, at or behind `from`, that `is_wanted` by its number; and this number. None lies wholly
    /// before it; of those that overlap it is any.
    pub(crate) fn find(&self, bytes: &[u8], from: usize, is_wanted: impl Fn(usize) -> bool) -> Option<(usize, usize)> {
        let mut at = from;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let block = match rest.first_chunk() {
                Some(block) => block,
                // The end is looked at with zeros behind it.
                None => &std::array::from_fn(|at| rest.get(at).copied().unwrap_or(0)),
            };
            if self.may_stand_in(block) {
                let found = Self::PLACES.iter().find_map(|place| {
                    let hash = Self::hash(look(block, *place));
                    if self.knows(hash) & 1 == 0 { None } else { self.at(bytes, at + place, hash, from, &is_wanted) }
                });
                if found.is_some() {
                    return found;
                }
            }
            at += BLOCK;
        }
        None
    }

    #[inline(always)]
    fn may_stand_in(&self, block: &[u8; BLOCK + LOOK]) -> bool {
        let [a, b, c, d, e, f, g, h] = Self::PLACES;
        let knows = |place: usize| self.knows(Self::hash(look(block, place)));
        (knows(a) | knows(b) | knows(c) | knows(d) | knows(e) | knows(f) | knows(g) | knows(h)) & 1 != 0
    }

    /// The last bit is set if a word may have letters of this hash.
    #[inline(always)]
    fn knows(&self, hash: u16) -> u8 {
        self.known[usize::from(hash / 8)] >> (hash % 8)
    }

    /// The hash of the first three letters of those that were looked at.
    #[inline(always)]
    fn hash(look: [u8; LOOK]) -> u16 {
        // The multiplier is the golden ratio's, as in Fibonacci hashing.
        ((u64::from_le_bytes(look) << (64 - 3 * 8 * WIDTH)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as u16
    }

    /// The word that has letters of this hash at `at` where they were to be looked for.
    fn at(
        &self,
        bytes: &[u8],
        at: usize,
        hash: u16,
        from: usize,
        is_wanted: impl Fn(usize) -> bool,
    ) -> Option<(usize, usize)> {
        let list = list(hash);
        let places = &self.places[usize::from(self.lists[list])..usize::from(self.lists[list + 1])];
        places.iter().filter(|place| place.hash == hash).find_map(|place| {
            let start = at.checked_sub(usize::from(place.offset)).filter(|start| *start >= from)?;
            let word = usize::from(place.word);
            (bytes[start..].starts_with(&self.words[word]) && is_wanted(word)).then_some((start, word))
        })
    }
}

/// The bytes that are looked at in a place of a block.
#[inline(always)]
fn look(block: &[u8; BLOCK + LOOK], place: usize) -> [u8; LOOK] {
    block[place..].first_chunk().copied().unwrap_or_default()
}

fn list(hash: u16) -> usize {
    usize::from(hash) % LISTS
}

/// How often letters are to be expected in logs: how often they stand in words that logs are full of, then how common
/// each byte is.
fn commonness(window: &[u8], width: usize) -> (usize, u32) {
    const FULL: &str = "2026-03-02T10:00:00.000Z 10:20:30,123 2019/11/28 [worker-12] [main] [thread-1] INFO DEBUG WARN \
         ERROR TRACE - GET POST /api/ HTTP/1.1 200 org.apache.common.service.Handler java.lang com.example.Client \
         request requested response connection connected received started starting started finished completed created \
         deleted updated processed processing executed failed message messages user session network server database \
         service process processes archive number code: status: count: size: error: warning: the from for with this \
         that and not has have was been will into after before true false null success entries entry retries \
         directory directories access accepted accessed 0x0000000000000000 00000 10000 100 32 33 300 150 ";
    const LETTERS: &[u8] = b"zqjxkvbwygpfmucdlhrsnioate 0";
    let narrow: Vec<u8> = window.iter().step_by(width).copied().collect();
    let times = narrow.windows(3).map(|three| memchr::memmem::find_iter(FULL.as_bytes(), three).count()).sum();
    let rank = |byte: &u8| LETTERS.iter().position(|letter| letter == byte).map_or(4, |rank| rank as u32 + 8);
    (times, narrow.iter().map(rank).sum())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: [&str; 6] = ["0043", "busy", "-103", "another process", "r process", "另一个进程"];

    proptest! {
        #[test]
        fn no_word_is_missed_wherever_it_stands(
            before in "[ a-z0-9é]{0,50}",
            after in "[ a-z0-9é]{0,50}",
            number in 0..WORDS.len(),
            is_odd: bool,
        ) {
            let (word, text) = (WORDS[number], format!("{before}{}{after}", WORDS[number]));
            let narrow = Looks::<1>::new(WORDS.map(Vec::from).to_vec());
            let (mut from, mut is_found) = (0, false);
            while let Some((at, number)) = narrow.find(text.as_bytes(), from, |_| true) {
                prop_assert!(text[at..].starts_with(WORDS[number]));
                is_found |= (before.len()..before.len() + word.len()).contains(&at);
                from = at + 1;
            }
            prop_assert!(is_found, "{}", text);
            prop_assert_eq!(narrow.find(text.as_bytes(), before.len(), |other| other == number), Some((before.len(), number)));
            let odd = [0xff].into_iter().filter(|_| is_odd);
            let wide: Vec<u8> = odd.chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
            let start = 2 * before.encode_utf16().count() + usize::from(is_odd);
            let is_it = |at: usize| (start..start + 2 * word.len()).contains(&at);
            prop_assert!(Looks::utf_16(WORDS).all(&wide).any(is_it), "{}", text);
        }
    }
}
