//! The `lockwait` command.

mod actor;
mod args;
mod demo;
mod diagnose;
mod explain;
mod output;
mod page;
mod policy;
mod progress;
mod replay;
mod reporter;
mod signals;
mod sinks;
mod trace;
mod watch;
mod who;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

/// Something ended refused, or needs action.
pub(crate) const NEEDS_ACTION: u8 = 1;
/// Wrong use, or cannot start.
pub(crate) const CANNOT_START: u8 = 2;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Watch(args) => watch::watch(args),
        Command::Move(args) => watch::move_files(args),
        Command::Who(args) => who::run(&args),
        Command::Diagnose(args) => diagnose::run(&args),
        Command::Page(args) => page::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Demo(args) => return demo::run(&args),
        Command::Actor { args } => return actor::run(args),
    };
    outcome.unwrap_or_else(|fault| {
        output::complain(&fault);
        ExitCode::from(CANNOT_START)
    })
}
