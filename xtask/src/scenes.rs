//! `cargo xtask scenes`: episodes with known truth, rendered as what people have, examined, and compared with the truth.

mod chance;
mod events;
mod lines;
mod rows;
mod table;
mod truth;
mod wire;

use std::fs;
use std::path::PathBuf;

use clap::Args;
use lockwait_core::examiner::Finding;
use lockwait_core::policy::Policy;
use lockwait_core::time::Span;
use lockwait_core::verdict::Advice;
use lockwait_evidence::Examination;

use crate::root;
use crate::step::Trouble;
use table::Table;
use truth::{Cause, Deed, Scene, Who};

/// Make scenes of known truth, examine them, and print how often the advice is right.
#[derive(Args, Default)]
pub(crate) struct Scenes {
    /// How many scenes.
    #[arg(long, default_value_t = 2_400)]
    count: u64,
    /// Write docs/verdicts.md: the rules, and this table.
    #[arg(long)]
    write: bool,
    /// Fail if docs/verdicts.md is not what would be written, or if the advice is not right often enough.
    #[arg(long)]
    check: bool,
    /// Print every scene whose advice is wrong; keep its inputs in this folder.
    #[arg(long, value_name = "FOLDER")]
    wrong: Option<PathBuf>,
}

/// A form in which evidence comes.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    /// What makes each input of it.
    inputs: &'static [fn(&Scene) -> Vec<u8>],
    /// Whether this form has what decides the scene: not a matter of how it is read.
    decides: fn(&Scene) -> bool,
}

pub(crate) const FORMS: [Form; 5] = [
    Form { name: "capture", inputs: &[wire::render], decides: sees_opens },
    Form { name: "procmon", inputs: &[rows::render], decides: sees_opens },
    Form { name: "event log", inputs: &[events::render], decides: sees_failures },
    Form { name: "text log", inputs: &[lines::render], decides: sees_failures },
    Form { name: "capture and event log", inputs: &[wire::render, events_ahead], decides: sees_either },
];

/// What the clock of the machine with the event log is ahead of the capture's.
const AHEAD: Span = Span::from_secs(41);

/// Precision of `act` and recall of `act` that must be reached.
const PRECISION: f64 = 0.98;
const RECALL: f64 = 0.95;

impl Scenes {
    /// As the test command runs it.
    pub(crate) fn checked() -> Scenes {
        Scenes { count: 2_400, check: true, ..Scenes::default() }
    }

    /// Examines every scene in every form.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        // Even seeds are there to set weights by, odd ones to report.
        let mut halves = [Table::default(), Table::default()];
        for seed in 0..self.count {
            let scene = Scene::new(seed);
            for (index, form) in FORMS.iter().enumerate() {
                let inputs: Vec<Vec<u8>> = form.inputs.iter().map(|render| render(&scene)).collect();
                let advice = examined(&scene, &inputs);
                let half = &mut halves[(seed / Cause::ALL.len() as u64 % 2) as usize];
                let is_right = half.count(scene.cause, index, (form.decides)(&scene), advice.as_ref());
                if let Some(folder) = self.wrong.as_ref().filter(|_| !is_right) {
                    fs::create_dir_all(folder)?;
                    let name = format!("{seed}-{}", form.name.replace(' ', "-"));
                    for (number, bytes) in inputs.iter().enumerate() {
                        fs::write(folder.join(format!("{name}-{number}")), bytes)?;
                    }
                    println!("{name}: {}: {}", scene.cause.words(), told(advice.as_ref()));
                }
            }
        }
        let [set, reported] = halves;
        println!("weights may be set on these ({} scenes):\n{}", self.count / 2, set.markdown());
        println!("and these are reported:\n{}", reported.markdown());
        let text = table::document(&reported);
        let path = root().join("docs/verdicts.md");
        if self.write {
            fs::write(&path, &text)?;
        }
        if self.check {
            if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                return Err("docs/verdicts.md is not what it should be: run `cargo xtask scenes --write`".into());
            }
            if reported.precision() < PRECISION || reported.recall() < RECALL {
                return Err("the advice is not right often enough".into());
            }
        }
        Ok(())
    }
}

/// What the examination says of the scene's own file; `None` as well if it makes several episodes of the one.
fn examined(scene: &Scene, inputs: &[Vec<u8>]) -> Option<Finding> {
    let mut examination = Examination::new(Policy::default());
    for (number, bytes) in inputs.iter().enumerate() {
        examination.begin(&number.to_string());
        examination.feed(bytes);
    }
    let file = scene.file(0);
    let findings = examination.into_report().findings;
    let mut of_it = findings.iter().filter(|finding| finding.path().to_string().ends_with(&file));
    match (of_it.next(), of_it.next()) {
        // A router names the folder that it cannot reach, not the file.
        (None, _) if scene.cause == Cause::Unreachable => findings.first().cloned(),
        (only, None) => only.cloned(),
        _ => None,
    }
}

fn told(finding: Option<&Finding>) -> String {
    let Some(verdict) = finding.map(Finding::verdict) else { return "not found".into() };
    let reasons: Vec<String> = verdict.reasons.iter().map(|r| format!("{} {:+}", r.name, r.weight)).collect();
    format!("{} {} ({})", verdict.advice.as_str(), verdict.kind.as_str(), reasons.join(", "))
}

/// Opens are seen: of everybody who opened the file while somebody looked.
fn sees_opens(scene: &Scene) -> bool {
    scene.cause != Cause::Unseen || ends_unresolved(scene)
}

/// Only failures are seen: a lock that was short, that somebody explains, or that was never resolved.
fn sees_failures(scene: &Scene) -> bool {
    let refused = || scene.steps.iter().filter(|step| step.deed == Deed::Refused && step.file == 0);
    let (first, last) = (refused().next(), refused().next_back());
    let is_brief = first.zip(last).is_some_and(|(first, last)| last.at.since(first.at) < Policy::default().quiet);
    let is_named = scene.is_named && lines::tells_holder(scene.cause);
    is_brief || is_named || scene.cause == Cause::Unreachable || ends_unresolved(scene)
}

fn sees_either(scene: &Scene) -> bool {
    sees_opens(scene) || sees_failures(scene)
}

fn events_ahead(scene: &Scene) -> Vec<u8> {
    events::render(&scene.later(AHEAD))
}

/// The taker never had the file, and said so, or was still trying after a time that no writer takes.
fn ends_unresolved(scene: &Scene) -> bool {
    let own = || scene.steps.iter().filter(|step| step.file == 0 && step.who == Who::Taker);
    let mut tries = own().filter(|step| step.deed == Deed::Refused);
    let gave_up = own().any(|step| step.deed == Deed::GiveUp);
    let goes_on = scene.steps.iter().any(|step| step.deed == Deed::Other);
    let held = tries.next().zip(tries.next_back()).map_or(Span::ZERO, |(first, last)| last.at.since(first.at));
    gave_up || (!goes_on && held >= Span(Policy::default().patience.0 * 10))
}

/// Whether `finding` gives the advice of somebody who saw everything.
fn agrees(cause: Cause, finding: &Finding) -> bool {
    finding.advice == cause.advice() && finding.advice != Advice::CannotTell
}
