//! `lockwait watch` and `lockwait move`: runs the engine and tells what it does.

use std::process::ExitCode;
use std::time::Duration;

use lockwait_core::router::Options;
use lockwait_core::time::Span;
use lockwait_native::runner::{self, Setup, Stop, Summary};

use crate::args::{EngineArgs, MoveArgs, WatchArgs};
use crate::reporter::{Form, Reporter};
use crate::sinks::Log;
use crate::{NEEDS_ACTION, output, policy, signals, trace};

/// Time between two states of the live line.
const LIVE: Duration = Duration::from_millis(100);

/// Watches folders.
///
/// # Errors
/// The run cannot start; a sentence that says why and what to do.
pub(crate) fn watch(args: WatchArgs) -> Result<ExitCode, String> {
    let WatchArgs { sources, once, engine } = args;
    let summary = run(engine, |setup| Setup { sources, once, ..setup }, false)?;
    Ok(if needs_somebody(&summary) { ExitCode::from(NEEDS_ACTION) } else { ExitCode::SUCCESS })
}

/// Takes single files. One that was not taken, for whatever reason, is not what was asked for.
///
/// # Errors
/// The run cannot start; a sentence that says why and what to do.
pub(crate) fn move_files(args: MoveArgs) -> Result<ExitCode, String> {
    let MoveArgs { files, engine } = args;
    let summary = run(engine, |setup| Setup { files, ..setup }, true)?;
    if summary.cancelled > 0 {
        output::complain(&format!("stopped; files left where they are: {}", summary.cancelled));
    }
    let failed = needs_somebody(&summary) || summary.gone > 0 || summary.cancelled > 0;
    Ok(if failed { ExitCode::from(NEEDS_ACTION) } else { ExitCode::SUCCESS })
}

fn needs_somebody(summary: &Summary) -> bool {
    summary.refused > 0 || summary.quarantined > 0 || summary.need_action > 0
}

fn run(args: EngineArgs, work: impl FnOnce(Setup) -> Setup, every_end: bool) -> Result<Summary, String> {
    let policy = policy::from_args(&args.policy)?;
    let log = args.log.as_deref().map(Log::open).transpose()?;
    let trace = trace::create(args.trace.as_deref())?;
    let stop = Stop::new();
    signals::stop_on_signal(&stop).map_err(|error| format!("no signal handlers: {error}"))?;
    let form = if args.json { Form::Json } else { Form::Words };
    let mut reporter = Reporter::start(form, log, every_end, stop.clone())?;
    let setup = work(Setup {
        bad: args.bad,
        options: Options { policy, ..Options::default() },
        hints: !args.no_hints,
        limit: args.limit.map(|Span(micros)| Duration::from_micros(micros)),
        progress: reporter.is_live().then_some(LIVE),
        trace,
        ..Setup::new(args.into)
    });
    let outcome = runner::run(setup, &stop, &mut reporter);
    let printed = reporter.finish(stop.is_triggered());
    let summary = outcome.map_err(|error| error.to_string())?;
    printed.map(|()| summary)
}
