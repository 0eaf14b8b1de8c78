//! How often the advice was right, and the document that says so.

use std::fmt::Write as _;

use lockwait_core::examiner::Finding;
use lockwait_core::verdict::rules::RULES;
use lockwait_core::verdict::when::WHEN;
use lockwait_core::verdict::{Advice, Kind};

use super::truth::Cause;
use super::{FORMS, agrees};

/// Counts per cause and form.
#[derive(Clone, Copy, Default)]
struct Cell {
    scenes: u64,
    right: u64,
    /// The form lacks what decides it, and the report says so.
    honest: u64,
    /// The form has what decides it, and the report says that it cannot tell.
    timid: u64,
    wrong: u64,
}

#[derive(Default)]
pub(super) struct Table {
    cells: [[Cell; FORMS.len()]; Cause::ALL.len()],
    /// Advice `act`: given, given rightly, and to be given where the form decides it.
    acts: (u64, u64),
    due: (u64, u64),
}

impl Table {
    /// Counts one examination; says whether it was as good as the form allows.
    pub(super) fn count(&mut self, cause: Cause, form: usize, decides: bool, finding: Option<&Finding>) -> bool {
        let cell = &mut self.cells[cause as usize][form];
        let advice = finding.map(|finding| finding.advice);
        let is_right = finding.is_some_and(|finding| agrees(cause, finding));
        cell.scenes += 1;
        match advice {
            _ if is_right => cell.right += 1,
            Some(Advice::CannotTell) if decides => cell.timid += 1,
            Some(Advice::CannotTell) => cell.honest += 1,
            _ => cell.wrong += 1,
        }
        if advice == Some(Advice::Act) {
            self.acts = (self.acts.0 + 1, self.acts.1 + u64::from(is_right));
        }
        if cause.advice() == Advice::Act && decides {
            self.due = (self.due.0 + 1, self.due.1 + u64::from(is_right));
        }
        is_right || (advice == Some(Advice::CannotTell) && !decides)
    }

    /// Of the episodes with the advice `act`, the part that needed it.
    pub(super) fn precision(&self) -> f64 {
        share(self.acts.1, self.acts.0)
    }

    /// Of the episodes that needed somebody, and whose evidence decides it, the part with the advice `act`.
    pub(super) fn recall(&self) -> f64 {
        share(self.due.1, self.due.0)
    }

    /// The table, and its two figures.
    pub(super) fn markdown(&self) -> String {
        let mut text = String::from("| cause | truth |");
        FORMS.iter().for_each(|form| put(&mut text, format_args!(" {} |", form.name)));
        text.push_str("\n|---|---|");
        FORMS.iter().for_each(|_| text.push_str("---|"));
        text.push('\n');
        for (cause, cells) in Cause::ALL.iter().zip(&self.cells) {
            put(&mut text, format_args!("| {} | {} |", cause.words(), cause.advice().as_str()));
            for cell in cells {
                put(&mut text, format_args!(" {} |", cell.words()));
            }
            text.push('\n');
        }
        let (precision, recall) = (self.precision(), self.recall());
        put(&mut text, format_args!("\nPrecision of `act`: {precision:.3}. Recall of `act`: {recall:.3}.\n"));
        text
    }
}

impl Cell {
    /// Right of all; then those where the form cannot tell, rightly and timidly, and the wrong ones.
    fn words(&self) -> String {
        let mut words = format!("{}/{}", self.right, self.scenes);
        let rest = [(self.honest, "cannot tell"), (self.timid, "timid"), (self.wrong, "wrong")];
        for (count, name) in rest.into_iter().filter(|(count, _)| *count > 0) {
            put(&mut words, format_args!(", {count} {name}"));
        }
        words
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

fn put(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(words);
}

/// docs/verdicts.md.
pub(super) fn document(table: &Table) -> String {
    let mut text = String::from(HEAD);
    text.push_str("| kind | meaning | what to do |\n|---|---|---|\n");
    for kind in Kind::ALL {
        put(&mut text, format_args!("| `{}` | {} | {} |\n", kind.as_str(), kind.meaning(), kind.remedy()));
    }
    text.push_str(RULES_HEAD);
    for (rule, (_, when)) in RULES.iter().zip(WHEN) {
        let weights: Vec<String> =
            rule.weights.iter().map(|(kind, weight)| format!("{} {weight:+}", kind.as_str())).collect();
        put(&mut text, format_args!("| `{}` | {} | {} |\n", rule.name, when, weights.join(", ")));
    }
    text.push_str(SCENES_HEAD);
    text.push_str(&table.markdown());
    text
}

const HEAD: &str = "# Verdicts

<!-- Written by `cargo xtask scenes --write`. -->

A verdict answers one question about a lock: ignore it, or act? It has an *advice* (`ignore`, `act`, `cannot-tell`), a
*kind* (who or what held the file), a *confidence* and *reasons*: the rules that spoke, each with its weight and the
facts in words.

Live work and old evidence are judged by the same rules.

## Kinds

";

const RULES_HEAD: &str = "
A third party's hold that ended within the policy's `quiet` (5 s by default) may be ignored whatever its kind.
`cannot-tell` is for an unknown holder that nobody asked for and that let go in the end; the report then says what
evidence would decide it.

## Rules

Each rule that applies adds its weights. The kind with the most weight wins if it has at least 20, else it is
`unknown-holder`; a lead of 40 over the next kind is high confidence, of 20 medium.

| rule | it applies when | weights |
|---|---|---|
";

const SCENES_HEAD: &str = "
## How often the advice is right

Scenes of known truth (`cargo xtask scenes`), each rendered in four forms and read back, and once more as a capture and
an event log together, whose clock is 41 s ahead: they must come to one episode. Half of the scenes were there to
set weights by; this is the other half, and no weight had to be changed after it was seen. The rules and the scenes have
the same authors: the table shows that the rules do what they say, not how often the world is like the scenes.

Each cell: right of all; then, where the form lacks what decides the case, those of which the report says so (`cannot
tell`), those of which it says so although the form has it (`timid`), and those that are wrong. The text and event logs
are those of the program that was refused: they show neither opens nor writes.

";
