//! `lockwait diagnose`: logs and captures are read and judged.

mod words;

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Read};
use std::path::Path;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use lockwait_core::event::printable;
use lockwait_core::policy::Policy;
use lockwait_evidence::{Examination, html};

use crate::args::{DiagnoseArgs, FailOn};
use crate::output;
use crate::{CANNOT_START, NEEDS_ACTION, policy};

/// Bytes read at a time: they stay near the processor while they are looked at.
const CHUNK: usize = 1 << 17;

/// Reads every file that can be opened, and prints what they come to.
///
/// # Errors
/// The policy cannot be read, or an output cannot be written.
pub(crate) fn run(args: &DiagnoseArgs) -> Result<ExitCode, String> {
    let other = args.policy.as_deref().map(policy::read).transpose()?;
    let mut examination = Examination::new(other.clone().unwrap_or_default());
    let progress = Reading::new(args);
    let mut missing = 0;
    for path in &args.files {
        if let Err(fault) = read(path, &mut examination, &progress) {
            missing += 1;
            progress.beside(|| output::complain(&fault));
        }
    }
    progress.end();
    let report = examination.into_report();
    let policy = other.as_ref();
    match args.json {
        true => output::print_json(&report)?,
        false => output::print(&words::report(&report, policy))?,
    }
    if let Some(path) = &args.html {
        let shown = policy.cloned().unwrap_or_else(Policy::default);
        fs::write(path, html::page(&report, &shown))
            .map_err(|error| format!("the report '{}' cannot be written: {error}", shown_path(path)))?;
    }
    let code = match args.fail_on {
        _ if missing > 0 => ExitCode::from(CANNOT_START),
        Some(FailOn::Act) if report.summary.act > 0 => ExitCode::from(NEEDS_ACTION),
        _ => ExitCode::SUCCESS,
    };
    // The process ends: its memory need not be given back piece by piece.
    std::mem::forget(report);
    Ok(code)
}

/// Feeds one file. What can be read is kept even if reading breaks off.
fn read(path: &Path, examination: &mut Examination, progress: &Reading) -> Result<(), String> {
    let fault = |error: io::Error| format!("'{}' cannot be read: {error}", shown_path(path));
    let is_standard_input = path.as_os_str() == "-";
    let mut source: Box<dyn Read> = match is_standard_input {
        true => Box::new(io::stdin().lock()),
        // A folder opens, and fails at the first read.
        false => Box::new(File::open(path).map_err(fault)?),
    };
    examination.begin(&if is_standard_input { "-".into() } else { path.to_string_lossy() });
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => {
                examination.feed(&chunk[..length]);
                progress.advance(length, examination.lock_failures());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                examination.broken(&format!("reading broke off: {error}"));
                return Err(fault(error));
            }
        }
    }
    examination.end();
    Ok(())
}

/// The bar on a terminal while files are read.
struct Reading(ProgressBar);

impl Reading {
    fn new(args: &DiagnoseArgs) -> Reading {
        if !io::stderr().is_terminal() {
            return Reading(ProgressBar::hidden());
        }
        let total = args.files.iter().map(|path| fs::metadata(path).map_or(0, |data| data.len())).sum();
        let bar = ProgressBar::new(total);
        // The template is a constant; were it wrong, indicatif's own style would do.
        let style = "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} eta {eta} {wide_msg}";
        bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Reading(bar)
    }

    fn advance(&self, bytes: usize, failures: u64) {
        self.0.inc(bytes as u64);
        self.0.set_message(format!("{failures} lock errors"));
    }

    fn beside(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn shown_path(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}
