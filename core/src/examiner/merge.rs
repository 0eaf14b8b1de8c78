//! What several inputs tell of the same episode, although their clocks differ.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

use super::draft::Draft;
use super::report::InputReport;
use super::{Claim, Examined, SLACK, fold};
use crate::time::{Span, Timestamp};

/// Clocks that differ by less than this are taken for equal.
const EQUAL: Span = Span::from_secs(2);
/// One episode alone shows how clocks differ only if they differ by less than this, or by a time zone.
const DRIFT: i64 = 300_000_000;
/// Time zones differ by multiples of this.
const ZONE: i64 = 900_000_000;
/// It is told in these units.
const TENTH: u64 = 100_000;
/// Pairs of episodes that are compared to set the clocks of all inputs right.
const PAIRS: usize = 1_000_000;
/// Records that leave others out speak for this long before and after.
const SUPPRESSES: Span = Span::from_secs(60);
/// A record that names holders is linked with an episode of the same file this long before or after.
const LINKS: Span = Span::from_secs(600);
/// Records that one episode is linked with at most.
const LINKED: usize = 100;
/// Episodes of files of one name that go on at the same time and are told apart.
const ABREAST: usize = 64;

/// Claims of an input by the last part of the path and by time; the number tells those alike apart.
type Claims<'a> = BTreeMap<(Vec<u8>, Timestamp, usize), &'a Claim>;

/// Concludes the drafts, sets clocks right, links claims, and makes one of those that are one; sorted by time.
pub(super) fn merge(mut drafts: Vec<Box<Draft>>, inputs: &[Examined], reports: &mut [InputReport]) -> Vec<Box<Draft>> {
    let claims: Vec<Claims> = inputs.iter().map(|input| claims(&input.claims)).collect();
    for draft in &mut drafts {
        let input = &inputs[draft.input];
        link(draft, &claims[draft.input], &input.suppressed);
        draft.conclude(input.latest, input.shows_successes);
    }
    let mut by_name: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    let named = |(_, draft): &(usize, &Box<Draft>)| inputs.len() > 1 && !draft.path.as_bytes().is_empty();
    for (index, draft) in drafts.iter().enumerate().filter(named) {
        by_name.entry(last_part(draft.path.as_bytes())).or_default().push(index);
    }
    let alone = |group: &Vec<usize>| group.iter().all(|index| drafts[*index].input == drafts[group[0]].input);
    let groups: Vec<Vec<usize>> = by_name.into_values().filter(|group| !alone(group)).collect();
    set_clocks(&mut drafts, &groups, inputs, reports);
    let mut drafts = unite(drafts, &groups);
    drafts.iter_mut().for_each(|draft| draft.identify());
    drafts
}

fn claims(claims: &[Claim]) -> Claims<'_> {
    let key = |(index, claim): (usize, &Claim)| (last_part(claim.path.as_bytes()), claim.at, index);
    claims.iter().enumerate().map(|(index, claim)| (key((index, claim)), claim)).collect()
}

/// Adds what records of the same input say of the draft's holders and counts.
fn link(draft: &mut Draft, claims: &Claims, suppressed: &BTreeSet<Timestamp>) {
    let (first, last) = (draft.episode.first(), draft.episode.last());
    let from = |slack: Span| Timestamp(first.0.saturating_sub(slack.0));
    if suppressed.range(from(SUPPRESSES)..=last + SUPPRESSES).next().is_some() {
        draft.episode.marks_mut().lower_bound = true;
    }
    if claims.is_empty() {
        return;
    }
    let near = |name: Vec<u8>, slack: Span| {
        let range = (name.clone(), from(slack), 0)..=(name, last + slack, usize::MAX);
        claims.range(range).take(LINKED).map(|(_, claim)| *claim)
    };
    let name = last_part(draft.path.as_bytes());
    let of_name = (!name.is_empty()).then(|| near(name, LINKS)).into_iter().flatten();
    let same: Vec<&Claim> = of_name.filter(|claim| same_file(claim.path.as_bytes(), draft.path.as_bytes())).collect();
    // A record that names no file is of the one that was refused right then.
    for claim in near(Vec::new(), SLACK).chain(same) {
        draft.claimed(&claim.holders, &claim.record);
    }
}

/// Shifts every input whose clock differs from that of one before it.
fn set_clocks(drafts: &mut [Box<Draft>], groups: &[Vec<usize>], inputs: &[Examined], reports: &mut [InputReport]) {
    let mut offsets: BTreeMap<(usize, usize), (usize, Vec<i64>)> = BTreeMap::new();
    let most = PAIRS / (inputs.len() * inputs.len()).max(1);
    for group in groups {
        let mut of_input: BTreeMap<usize, Vec<&Draft>> = BTreeMap::new();
        for index in group {
            of_input.entry(drafts[*index].input).or_default().push(&drafts[*index]);
        }
        for (one, ours) in &of_input {
            for (other, theirs) in of_input.range(one + 1..) {
                let (compared, list) = offsets.entry((*one, *other)).or_default();
                let pairs = ours.iter().flat_map(|ours| theirs.iter().map(move |theirs| (*ours, *theirs)));
                for (ours, theirs) in pairs.take(most.saturating_sub(*compared)) {
                    *compared += 1;
                    if alike(ours, theirs) {
                        let (ours, theirs) = (ours.episode.first(), theirs.episode.first());
                        list.push(theirs.0.cast_signed().saturating_sub(ours.0.cast_signed()));
                    }
                }
            }
        }
    }
    let mut shifts = alloc::vec![0i64; inputs.len()];
    for ((one, other), (_, list)) in offsets {
        if shifts[other] != 0 {
            continue;
        }
        let Some((offset, count)) = common(list) else { continue };
        let offset = offset.saturating_add(shifts[one]);
        if offset.unsigned_abs() <= EQUAL.0 {
            continue;
        }
        shifts[other] = offset.saturating_neg();
        let (side, name) = (if offset > 0 { "ahead of" } else { "behind" }, &inputs[one].name);
        reports[other].warnings.push(format!(
            "its clock is {} {side} that of {name} (episodes that agree: {count}): times are set right by that",
            Span((offset.unsigned_abs() + TENTH / 2) / TENTH * TENTH).words(),
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
        while list[end].saturating_sub(list[start]) > width {
            start += 1;
        }
        let window = &list[start..=end];
        let nearer = || window[0].unsigned_abs() < best[0].unsigned_abs();
        if window.len() > best.len() || (window.len() == best.len() && nearer()) {
            best = window;
        }
    }
    let offset = *best.get(best.len() / 2)?;
    let zone_off = offset.saturating_add(ZONE / 2).rem_euclid(ZONE) - ZONE / 2;
    let plausible = best.len() > 1 || offset.unsigned_abs() <= DRIFT.unsigned_abs() || zone_off.abs() <= DRIFT / 5;
    plausible.then_some((offset, best.len()))
}

/// Makes one draft of those in a group that tell of the same time.
fn unite(drafts: Vec<Box<Draft>>, groups: &[Vec<usize>]) -> Vec<Box<Draft>> {
    let mut drafts: Vec<Option<Box<Draft>>> = drafts.into_iter().map(Some).collect();
    let mut united = Vec::new();
    for group in groups {
        let mut members: Vec<Box<Draft>> = group.iter().filter_map(|index| drafts[*index].take()).collect();
        members.sort_by_key(|draft| draft.episode.first());
        let coarsest = members.iter().map(|draft| draft.resolution).max().unwrap_or_default();
        // Those that one of the members to come may still touch.
        let mut open: Vec<Box<Draft>> = Vec::new();
        for mut draft in members {
            let reach = |past: &Box<Draft>| past.episode.last() + SLACK + past.resolution + coarsest;
            united.extend(open.extract_if(.., |past| reach(past) < draft.episode.first()));
            while let Some(index) = open.iter().position(|other| is_same(&draft, other)) {
                draft = joined(draft, open.remove(index));
            }
            if open.len() == ABREAST {
                united.push(open.remove(0));
            }
            open.push(draft);
        }
        united.append(&mut open);
    }
    united.extend(drafts.into_iter().flatten());
    united.sort_by(|a, b| (a.episode.first(), &a.path, a.input).cmp(&(b.episode.first(), &b.path, b.input)));
    united
}

/// The more exact account, with what only the other tells.
fn joined(one: Box<Draft>, other: Box<Draft>) -> Box<Draft> {
    let is_first = (one.resolution, one.input) <= (other.resolution, other.input);
    let (mut exact, rough) = if is_first { (one, other) } else { (other, one) };
    exact.absorb(rough);
    exact
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
