//! Inputs, read and examined together: what a host drives.

use ahash::RandomState;
use lockwait_core::examiner::{Examiner, InputId, Report};
use lockwait_core::policy::Policy;

use crate::findings::Findings;
use crate::input::{Format, Input};

/// Several inputs, fed one after another, and the report of all of them.
///
/// ```
/// use lockwait_evidence::Examination;
/// use lockwait_core::policy::Policy;
///
/// let mut examination = Examination::new(Policy::default());
/// examination.begin("app.log");
/// examination.feed(b"2026-11-22 10:00:00 ERROR [WinError 32] The process cannot access the file");
/// examination.end();
/// println!("{}", examination.report().summary.sentence);
/// ```
pub struct Examination {
    examiner: Examiner,
    findings: Findings,
    current: Option<(InputId, Input)>,
    /// Records of the current input.
    records: u64,
}

impl Examination {
    /// Nothing read yet; episodes are judged under `policy`.
    pub fn new(policy: Policy) -> Examination {
        let seed = RandomState::new().hash_one(());
        Examination { examiner: Examiner::new(policy, seed), findings: Findings::default(), current: None, records: 0 }
    }

    /// The next input, called `name` in the report. Ends the one before.
    pub fn begin(&mut self, name: &str) {
        self.end();
        self.current = Some((self.examiner.input(name), Input::new()));
    }

    /// The next bytes of the input that was begun.
    pub fn feed(&mut self, bytes: &[u8]) {
        if let Some((_, input)) = &mut self.current {
            input.feed(bytes, &mut self.findings);
            self.pass_on();
        }
    }

    /// The input that was begun cannot be read any further, for this reason; what came before is kept.
    pub fn broken(&mut self, why: &str) {
        if let Some((_, input)) = &self.current {
            self.findings.warn(format_args!("byte {}", input.bytes()), why);
        }
        self.end();
    }

    /// The input that was begun is over.
    pub fn end(&mut self) {
        let Some((_, input)) = &mut self.current else { return };
        input.end(&mut self.findings);
        self.pass_on();
        let findings = std::mem::take(&mut self.findings);
        if let Some((id, _)) = self.current.take() {
            findings.warnings_in_full().into_iter().for_each(|warning| self.examiner.warn(id, warning));
        }
        self.records = 0;
    }

    /// What the input that was begun is, once that is known.
    pub fn format(&self) -> Format {
        self.current.as_ref().map_or(Format::Unknown, |(_, input)| input.format())
    }

    /// Lock failures found so far.
    pub fn lock_failures(&self) -> u64 {
        self.examiner.lock_failures()
    }

    /// What the evidence comes to so far.
    pub fn report(&self) -> Report {
        self.examiner.report()
    }

    /// The same, when nothing more is to be fed: takes less memory.
    pub fn into_report(mut self) -> Report {
        self.end();
        self.examiner.into_report()
    }

    /// Gives the examiner what was found.
    fn pass_on(&mut self) {
        let Some((id, input)) = &self.current else { return };
        if input.format().shows_successes() {
            self.examiner.shows_successes(*id);
        }
        for sighting in &self.findings.sightings {
            self.examiner.see(*id, sighting);
        }
        self.findings.sightings.clear();
        self.records += std::mem::take(&mut self.findings.records);
        let (format, latest) = (input.format().as_str(), self.findings.latest);
        self.examiner.progress(*id, format, input.bytes(), self.records, latest);
    }
}
