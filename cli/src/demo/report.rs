//! What the demo prints: lines as things happen, a table, and one sentence.

use std::path::Path;
use std::time::Instant;

use lockwait_core::event::{Event, EventKind};
use lockwait_core::observation::Holder;
use lockwait_core::policy::Policy;
use lockwait_core::time::Span;
use lockwait_core::verdict::Verdict;
use serde_json::json;

use super::cast::{CAST, file_name};
use super::judge::{Arrival, Outcome};
use crate::actor::child::{Deed, Verb};

/// Columns of the table: it fits the narrowest terminal people use.
const WIDTH: usize = 80;

/// Prints for people, or one JSON object a line.
pub(super) struct Report {
    json: bool,
    start: Instant,
}

impl Report {
    pub(super) fn new(json: bool) -> Report {
        Report { json, start: Instant::now() }
    }

    /// Says what is about to happen.
    pub(super) fn opening(&self, scratch: &Path, policy: &Policy) {
        if self.json {
            return;
        }
        println!("{} real processes in {}", CAST.len() + 1, scratch.display());
        let (patience, quiet, settle) = (policy.patience, policy.quiet, policy.settle);
        println!(
            "patience {patience}, quiet {quiet}, settle {settle} (by default longer, so that you would wait longer)\n"
        );
    }

    /// Tells what an actor did.
    pub(super) fn deed(&self, deed: &Deed) {
        let did = match deed.did {
            Verb::Opened => "opened",
            Verb::Paused => "closed for now",
            Verb::Closed => "closed",
            Verb::Ready => "held open",
            Verb::Wrote => return,
        };
        self.line(&deed.name, &format!("{did} by the {}", deed.by));
    }

    /// Tells what the engine did.
    pub(super) fn event(&self, event: &Event) {
        let told = match event.kind {
            EventKind::Acquired if event.attempts == 0 => "TAKEN at once".to_owned(),
            EventKind::Acquired => format!("TAKEN after {}", seconds(event.waited)),
            EventKind::LockHeld => format!("REPORTED after {}{}", seconds(event.waited), accusation(event)),
            EventKind::Started | EventKind::Stopped => return,
            _ => event.text(),
        };
        self.line(&file_name(&event.path), &told);
    }

    fn line(&self, file: &str, what: &str) {
        let at = self.start.elapsed();
        if self.json {
            println!("{}", json!({"type": "step", "at_ms": at.as_millis() as u64, "file": file, "what": what}));
        } else {
            println!("{:5.1} s  {file:<11} {what}", at.as_secs_f64());
        }
    }

    /// The table and the sentence.
    pub(super) fn closing(&self, outcomes: &[Outcome]) {
        let sentence = sentence(outcomes);
        if self.json {
            for outcome in outcomes {
                let mut line = json!(outcome);
                line["type"] = "file".into();
                println!("{line}");
            }
            let right = outcomes.iter().all(Outcome::is_right);
            println!("{}", json!({"type": "summary", "right": right, "sentence": sentence}));
            return;
        }
        let row = |[file, arrived, waited, refused, events, verdict]: [&str; 6]| {
            println!("{file:<11} {arrived:<9} {waited:>7} {refused:>8}   {events:<11} {verdict}");
        };
        println!();
        row(["file", "arrived", "waited", "refused", "event log", "verdict"]);
        println!("{}", "-".repeat(WIDTH));
        for outcome in outcomes {
            let verdict = outcome.verdict.as_ref().map_or("never held".to_owned(), decision);
            let logged: Vec<String> = outcome.logged.iter().map(u16::to_string).collect();
            let logged = if logged.is_empty() { "-".to_owned() } else { logged.join(" ") };
            let (waited, attempts) = (seconds(outcome.waited), format!("{} x", outcome.attempts));
            row([outcome.file, &arrival(outcome), &waited, &attempts, &logged, &verdict]);
            let fits = if outcome.fits { "fits" } else { "DOES NOT FIT" };
            println!("            {fits} the truth: {}", outcome.truth);
        }
        println!("\n{sentence}");
    }
}

fn arrival(outcome: &Outcome) -> String {
    match (outcome.arrived, outcome.files) {
        (Arrival::Whole, 1) => "whole".into(),
        (Arrival::Whole, files) => format!("{files} whole"),
        (Arrival::Missing, _) => "MISSING".into(),
        (Arrival::Damaged, _) => "DAMAGED".into(),
        (Arrival::Doubled, _) => "DOUBLED".into(),
    }
}

/// Advice and kind.
fn decision(verdict: &Verdict) -> String {
    format!("{}: {}", verdict.advice.as_str(), verdict.kind.as_str())
}

/// What the verdict says, and of whom.
fn accusation(event: &Event) -> String {
    let verdict = event.verdict.as_ref().map(|verdict| format!(", {}", decision(verdict))).unwrap_or_default();
    let named = |holder: &Holder| format!(" by {} (process {})", holder.name, holder.pid.unwrap_or_default());
    verdict + &event.holders.list().iter().map(named).collect::<String>()
}

fn seconds(span: Span) -> String {
    format!("{:.1} s", span.as_millis() as f64 / 1000.0)
}

/// The whole demo in one sentence.
fn sentence(outcomes: &[Outcome]) -> String {
    let (files, parts): (usize, usize) = (outcomes.iter().map(|outcome| outcome.files).sum(), outcomes.len());
    let wrong: Vec<&str> = outcomes.iter().filter(|outcome| !outcome.is_right()).map(|outcome| outcome.file).collect();
    if !wrong.is_empty() {
        return format!("Not as it should be: {} of {parts} ({}).", wrong.len(), wrong.join(", "));
    }
    let logged: usize = outcomes.iter().map(|outcome| outcome.logged.len()).sum();
    let refused: u32 = outcomes.iter().map(|outcome| outcome.attempts).sum();
    format!(
        "All {files} files arrived whole and exactly once; {refused} refused attempts made {logged} log entries, and \
         every verdict fits what really held the file."
    )
}
