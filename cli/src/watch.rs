//! `lockwait watch` and `lockwait move`: runs the engine and tells what it does.

use std::process::ExitCode;
use std::time::Duration;

use lockwait_core::router::Options;
use lockwait_core::time::Span;
use lockwait_native::runner::{self, Setup, Stop, Summary};

use crate::args::{EngineArgs, MoveArgs, WatchArgs};
use crate::page::{self, Hub};
use crate::reporter::{Form, Reporter};
use crate::sinks::Log;
use crate::{NEEDS_ACTION, output, policy, signals, trace};

/// Time between two states of the live line and the page.
const LIVE: Duration = Duration::from_millis(100);
/// Files that wait and are shown on the page.
const LISTED: usize = 500;

/// Watches folders.
///
/// # Errors
/// The run cannot start; a sentence that says why and what to do.
pub(crate) fn watch(args: WatchArgs) -> Result<ExitCode, String> {
    let WatchArgs { sources, once, page, engine } = args;
    let hub = page.map(show).transpose()?;
    let summary = run(engine, |setup| Setup { sources, once, ..setup }, false, hub)?;
    Ok(if needs_somebody(&summary) { ExitCode::from(NEEDS_ACTION) } else { ExitCode::SUCCESS })
}

/// Takes single files. One that was not taken, for whatever reason, is not what was asked for.
///
/// # Errors
/// The run cannot start; a sentence that says why and what to do.
pub(crate) fn move_files(args: MoveArgs) -> Result<ExitCode, String> {
    let MoveArgs { files, engine } = args;
    let summary = run(engine, |setup| Setup { files, ..setup }, true, None)?;
    if summary.cancelled > 0 {
        output::complain(&format!("stopped; files left where they are: {}", summary.cancelled));
    }
    let failed = needs_somebody(&summary) || summary.gone > 0 || summary.cancelled > 0;
    Ok(if failed { ExitCode::from(NEEDS_ACTION) } else { ExitCode::SUCCESS })
}

fn needs_somebody(summary: &Summary) -> bool {
    summary.refused > 0 || summary.quarantined > 0 || summary.need_action > 0
}

/// Shows the run in browsers of this machine, and says where.
fn show(port: u16) -> Result<Hub, String> {
    let hub = Hub::default();
    // Standard output is for events.
    eprintln!("the run can be seen at {}", page::serve(port, hub.clone())?);
    Ok(hub)
}

fn run(
    args: EngineArgs,
    work: impl FnOnce(Setup) -> Setup,
    every_end: bool,
    hub: Option<Hub>,
) -> Result<Summary, String> {
    let policy = policy::from_args(&args.policy)?;
    let log = args.log.as_deref().map(Log::open).transpose()?;
    let trace = trace::create(args.trace.as_deref())?;
    let stop = Stop::new();
    signals::stop_on_signal(&stop).map_err(|error| format!("no signal handlers: {error}"))?;
    let form = if args.json { Form::Json } else { Form::Words };
    let listed = if hub.is_some() { LISTED } else { 1 };
    let mut reporter = Reporter::start(form, log, every_end, stop.clone(), hub)?;
    let setup = work(Setup {
        bad: args.bad,
        options: Options { policy, ..Options::default() },
        hints: !args.no_hints,
        limit: args.limit.map(|Span(micros)| Duration::from_micros(micros)),
        progress: reporter.is_live().then_some(LIVE),
        listed,
        trace,
        ..Setup::new(args.into)
    });
    let outcome = runner::run(setup, &stop, &mut reporter);
    let printed = reporter.finish(stop.is_triggered());
    let summary = outcome.map_err(|error| error.to_string())?;
    printed.map(|()| summary)
}
