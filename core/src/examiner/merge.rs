//! What several inputs tell of the same episode, although their clocks differ.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use super::draft::Draft;
use super::report::InputReport;
use super::{Examined, SLACK, fold};
use crate::time::{Span, Timestamp};

/// Clocks that differ by less than this are taken for equal.
const EQUAL: Span = Span::from_secs(2);
/// One episode alone shows how clocks differ only if they differ by less than this, or by a time zone.
const DRIFT: i64 = 300_000_000;
/// Time zones differ by multiples of this.
const ZONE: i64 = 900_000_000;
/// Pairs of episodes that are compared for one pair of inputs.
const PAIRS: usize = 20_000;
/// Records that leave others out speak for this long before and after.
const SUPPRESSES: Span = Span::from_secs(60);
/// A record that names holders is linked with an episode of the same file this long before or after.
const LINKS: Span = Span::from_secs(600);

/// Concludes the drafts, sets clocks right, links claims, and makes one of those that are one; sorted by time.
pub(super) fn merge(mut drafts: Vec<Draft>, inputs: &[Examined], reports: &mut [InputReport]) -> Vec<Draft> {
    for draft in &mut drafts {
        let input = &inputs[draft.input];
        link(draft, input);
        draft.conclude(input.latest, input.shows_opens);
    }
    let mut by_name: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate().filter(|(_, draft)| !draft.path.as_bytes().is_empty()) {
        by_name.entry(last_part(draft.path.as_bytes())).or_default().push(index);
    }
    let alone = |group: &Vec<usize>| group.iter().all(|index| drafts[*index].input == drafts[group[0]].input);
    let groups: Vec<Vec<usize>> = by_name.into_values().filter(|group| !alone(group)).collect();
    set_clocks(&mut drafts, &groups, inputs, reports);
    unite(drafts, &groups)
}

/// Adds what records of the same input say of the draft's holders and counts.
fn link(draft: &mut Draft, input: &Examined) {
    let (first, last) = (draft.episode.first(), draft.episode.last());
    let near = |at: Timestamp, slack: Span| at + slack >= first && at <= last + slack;
    if input.suppressed.iter().any(|at| near(*at, SUPPRESSES)) {
        draft.episode.marks_mut().lower_bound = true;
    }
    for claim in &input.claims {
        let same = match claim.path.as_bytes() {
            [] => near(claim.at, SLACK),
            path => near(claim.at, LINKS) && same_file(path, draft.path.as_bytes()),
        };
        if same {
            draft.claimed(&claim.holders, &claim.record);
        }
    }
}

/// Shifts every input whose clock differs from that of one before it.
fn set_clocks(drafts: &mut [Draft], groups: &[Vec<usize>], inputs: &[Examined], reports: &mut [InputReport]) {
    let mut offsets: BTreeMap<(usize, usize), Vec<i64>> = BTreeMap::new();
    for group in groups {
        for (position, one) in group.iter().enumerate() {
            for other in &group[position + 1..] {
                let (one, other) = (&drafts[*one.min(other)], &drafts[*one.max(other)]);
                let (one, other) = if one.input <= other.input { (one, other) } else { (other, one) };
                let list = offsets.entry((one.input, other.input)).or_default();
                if one.input != other.input && list.len() < PAIRS && alike(one, other) {
                    list.push(other.episode.first().0.cast_signed() - one.episode.first().0.cast_signed());
                }
            }
        }
    }
    let mut shifts = alloc::vec![0i64; inputs.len()];
    for ((one, other), list) in offsets {
        if shifts[other] != 0 {
            continue;
        }
        let Some((offset, count)) = common(list) else { continue };
        let offset = offset - shifts[one].saturating_neg();
        if offset.unsigned_abs() <= EQUAL.0 {
            continue;
        }
        shifts[other] = offset.saturating_neg();
        let (side, name) = (if offset > 0 { "ahead of" } else { "behind" }, &inputs[one].name);
        reports[other].warnings.push(format!(
            "its clock is {} {side} that of {name} ({count} episode{} agree): times are set right by that",
            Span(offset.unsigned_abs()).words(),
            if count == 1 { "" } else { "s" },
        ));
    }
    for draft in drafts {
        draft.shift(shifts[draft.input]);
    }
}

/// Whether the two may be the same episode, told by clocks that differ.
fn alike(one: &Draft, other: &Draft) -> bool {
    let lasted = |draft: &Draft| draft.episode.last().since(draft.episode.first()).0;
    let slack = SLACK.0 + one.resolution.0 + other.resolution.0 + lasted(one) / 5;
    lasted(one).abs_diff(lasted(other)) <= slack && same_file(one.path.as_bytes(), other.path.as_bytes())
}

/// The offset that most of `list` agree on, and how many do; `None` when it may be chance.
fn common(mut list: Vec<i64>) -> Option<(i64, usize)> {
    list.sort_unstable();
    let width = EQUAL.0.cast_signed() * 2;
    let mut best: &[i64] = &[];
    let mut start = 0;
    for end in 0..list.len() {
        while list[end] - list[start] > width {
            start += 1;
        }
        let window = &list[start..=end];
        let nearer = || window[0].unsigned_abs() < best[0].unsigned_abs();
        if window.len() > best.len() || (window.len() == best.len() && nearer()) {
            best = window;
        }
    }
    let offset = *best.get(best.len() / 2)?;
    let zone_off = (offset + ZONE / 2).rem_euclid(ZONE) - ZONE / 2;
    let plausible = best.len() > 1 || offset.abs() <= DRIFT || zone_off.abs() <= DRIFT / 5;
    plausible.then_some((offset, best.len()))
}

/// Makes one draft of those in a group that tell of the same time.
fn unite(drafts: Vec<Draft>, groups: &[Vec<usize>]) -> Vec<Draft> {
    let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
    for group in groups {
        let mut order = group.clone();
        // The most exact account first: the others are absorbed by it.
        order.sort_by_key(|index| drafts[*index].as_ref().map(|draft| (draft.resolution, draft.input)));
        for (position, index) in order.iter().enumerate() {
            let Some(mut draft) = drafts[*index].take() else { continue };
            for other in &order[position + 1..] {
                if drafts[*other].as_ref().is_some_and(|other| is_same(&draft, other)) {
                    drafts[*other].take().into_iter().for_each(|other| draft.absorb(other));
                }
            }
            drafts[*index] = Some(draft);
        }
    }
    let mut united: Vec<Draft> = drafts.into_iter().flatten().collect();
    united.sort_by(|a, b| (a.episode.first(), &a.path, a.input).cmp(&(b.episode.first(), &b.path, b.input)));
    united
}

/// Whether two inputs tell of one episode.
fn is_same(one: &Draft, other: &Draft) -> bool {
    let slack = Span(SLACK.0 + one.resolution.0 + other.resolution.0);
    let reaches = |a: &Draft, b: &Draft| a.episode.first() <= b.episode.last() + slack;
    one.input != other.input
        && reaches(one, other)
        && reaches(other, one)
        && same_file(one.path.as_bytes(), other.path.as_bytes())
}

/// Whether two paths may name one file: one machine sees `D:\drop\in\a.txt`, another `\\server\in\a.txt`. Then the
/// last two parts are the same, or one has only the last.
fn same_file(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (fold(one), fold(other));
    let parts = |path: &[u8]| -> Vec<Vec<u8>> {
        path.rsplit(|byte| *byte == b'\\').filter(|part| !part.is_empty()).take(2).map(<[u8]>::to_vec).collect()
    };
    let (one, other) = (parts(&one), parts(&other));
    !one.is_empty() && !other.is_empty() && one.iter().zip(&other).all(|(a, b)| a == b)
}

fn last_part(path: &[u8]) -> Vec<u8> {
    let path = fold(path);
    path.rsplit(|byte| *byte == b'\\').find(|part| !part.is_empty()).unwrap_or_default().to_vec()
}
