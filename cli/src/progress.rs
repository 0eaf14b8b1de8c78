//! The live line on a terminal.

use std::time::Duration;

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressStyle};
use lockwait_native::runner::Progress;

use lockwait_core::event::printable;

/// A line on standard error that is drawn anew in place.
pub(crate) struct Live(ProgressBar);

impl Live {
    pub(crate) fn new() -> Live {
        let bar = ProgressBar::new_spinner();
        // The template is a constant; were it wrong, indicatif's own style would do.
        bar.set_style(
            ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        Live(bar)
    }

    /// Shows how the run is doing.
    pub(crate) fn show(&self, progress: &Progress) {
        self.0.set_message(line(progress));
        self.0.tick();
    }

    /// Runs `print` with the line out of its way.
    pub(crate) fn beside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Files waiting, longest wait and why, taken, bytes per second.
fn line(progress: &Progress) -> String {
    let Progress { waiting, files, taken, bytes, bytes_per_second, outages } = progress;
    let mut line =
        format!("{waiting} waiting, {taken} taken ({}, {}/s)", HumanBytes(*bytes), HumanBytes(*bytes_per_second));
    if *outages > 0 {
        line.push_str(&format!(", {outages} folders unreachable"));
    }
    if let Some(longest) = files.first() {
        let waited = HumanDuration(Duration::from_micros(longest.waited.0));
        let why: Vec<String> =
            [longest.code.map(|code| code.to_string()), longest.verdict.map(|(_, kind)| kind.as_str().into())]
                .into_iter()
                .flatten()
                .collect();
        let name = longest.path.to_string();
        line.push_str(&format!("; longest {waited:#}: {}", printable(&name)));
        if !why.is_empty() {
            line.push_str(&format!(" ({})", why.join(", ")));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockwait_core::code::Code;
    use lockwait_core::observation::Name;
    use lockwait_core::time::{Span, Timestamp};
    use lockwait_core::verdict::{Advice, Kind};
    use lockwait_native::runner::Waiting;

    #[test]
    fn the_line_says_how_many_wait_and_why_the_longest_does() {
        let longest = Waiting {
            path: Name::from("/in/a\nb"),
            since: Timestamp(0),
            waited: Span::from_secs(12),
            attempts: 40,
            code: Some(Code::errno(11)),
            verdict: Some((Advice::Act, Kind::WriterStalled)),
        };
        let progress =
            Progress { waiting: 3, files: vec![longest], taken: 7, bytes: 2048, bytes_per_second: 1024, outages: 0 };
        assert_eq!(
            line(&progress),
            "3 waiting, 7 taken (2.00 KiB, 1.00 KiB/s); longest 12s: /in/a\\nb (errno:EAGAIN, writer-stalled)"
        );
    }

    #[test]
    fn nothing_waiting_is_said_briefly() {
        assert_eq!(line(&Progress::default()), "0 waiting, 0 taken (0 B, 0 B/s)");
    }
}
