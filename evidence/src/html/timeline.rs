//! The timeline: a lane for each file, a bar for each episode, its holder above it.

use std::fmt::Write as _;

use lockwait_core::examiner::Finding;
use lockwait_core::time::Timestamp;
use lockwait_core::verdict::Advice;

use super::escape;

/// Lanes that are drawn: those of the first files.
const LANES: usize = 40;
/// Bars that are drawn in one lane.
const BARS: usize = 500;
/// Measures in pixels: the drawing's width, that of the names, a lane's height, the height of the scale.
const WIDTH: u64 = 1000;
const NAMES: u64 = 260;
const LANE: u64 = 26;
const SCALE: u64 = 24;
/// Characters of a name that fit.
const NAME: usize = 38;

/// The drawing.
pub(super) fn svg(findings: &[Finding]) -> String {
    let start = findings.iter().map(|finding| finding.episode().first()).min().unwrap_or_default();
    let end = findings.iter().map(end_of).max().unwrap_or_default();
    let span = end.since(start).0.max(1);
    let place = |at: Timestamp| NAMES + at.since(start).0.saturating_mul(WIDTH - NAMES) / span;
    let mut lanes: Vec<(String, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let path = finding.path().to_string();
        match lanes.iter().position(|(name, _)| *name == path) {
            Some(lane) => lanes[lane].1.push(finding),
            None if lanes.len() < LANES => lanes.push((path, vec![finding])),
            None => {}
        }
    }
    let height = SCALE + LANE * lanes.len() as u64;
    let mut svg = format!(
        "<div class=\"scroll\"><svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Timeline of {} files from {start} to {end}\">\n",
        lanes.len()
    );
    let _ = writeln!(svg, "<text x=\"{NAMES}\" y=\"14\">{start}</text>");
    let _ = writeln!(svg, "<text x=\"{WIDTH}\" y=\"14\" text-anchor=\"end\">{end}</text>");
    for (index, (name, bars)) in lanes.iter().enumerate() {
        let top = SCALE + LANE * index as u64;
        let _ = writeln!(svg, "<line class=\"lane\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{top}\" y2=\"{top}\"/>");
        let (full, short) = (escape(name), escape(&shortened(name)));
        let _ = writeln!(svg, "<text x=\"0\" y=\"{}\">{short}<title>{full}</title></text>", top + 17);
        for finding in bars.iter().take(BARS) {
            let (from, to) = (place(finding.episode().first()), place(end_of(finding)));
            let (advice, mark) = look(finding.advice);
            let what = format!("{}: {}, held {}", advice, finding.kind.meaning(), finding.episode().held().words());
            let _ = writeln!(
                svg,
                "<rect class=\"bar {advice}\" x=\"{from}\" y=\"{}\" width=\"{}\" height=\"10\"><title>{}</title></rect>\
                 <text x=\"{from}\" y=\"{}\" font-size=\"9\">{mark}</text>",
                top + 13,
                (to - from).max(3),
                escape(&what),
                top + 11,
            );
            for holder in finding.episode().holders().list() {
                if let Some(since) = holder.from {
                    let (from, to) = (place(since.max(start)), place(holder.to.unwrap_or(end).max(start)));
                    let y = top + 11;
                    let _ = writeln!(svg, "<path class=\"holder\" d=\"M{from} {y}H{to}\"/>");
                }
            }
        }
    }
    svg.push_str(
        "</svg></div>\n<p>\u{25b2} act \u{25cf} ignore ? cannot tell; the line above a bar is its holder.</p>\n",
    );
    svg
}

/// The end of an episode's bar.
fn end_of(finding: &Finding) -> Timestamp {
    finding.episode().released().unwrap_or(finding.episode().last())
}

/// The class of a bar, and the mark that tells it to who sees no colours.
fn look(advice: Advice) -> (&'static str, char) {
    let mark = match advice {
        Advice::Act => '\u{25b2}',
        Advice::Ignore => '\u{25cf}',
        Advice::CannotTell => '?',
    };
    (advice.as_str(), mark)
}

/// The end of a long name: what tells files apart stands there.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    match length > NAME {
        true => std::iter::once('\u{2026}').chain(name.chars().skip(length - NAME + 1)).collect(),
        false => name.to_owned(),
    }
}
