//! The command line: what may be written, and the help that explains it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lockwait_core::code::Code;
use lockwait_core::policy::{Policy, keys};
use lockwait_core::time::Span;

/// Picks up files that another program may still be holding, and says why they were held.
#[derive(Parser, Debug)]
#[command(version, max_term_width = 100, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 done; 1 something ended refused or needs action; 2 wrong use or cannot start.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Watch folders and take each file the moment it is free
    #[command(after_help = WATCH_EXAMPLES)]
    Watch(WatchArgs),
    /// Take single files, waiting out their locks; ends when every file has ended
    #[command(after_help = MOVE_EXAMPLES)]
    Move(MoveArgs),
    /// Show who holds files now
    #[command(after_help = WHO_EXAMPLES)]
    Who(WhoArgs),
    /// Read logs and captures, and say of each lock whether to ignore it or to act
    #[command(after_help = DIAGNOSE_EXAMPLES)]
    Diagnose(DiagnoseArgs),
    /// Serve the diagnostic page on this machine
    #[command(after_help = PAGE_EXAMPLES)]
    Page(PageArgs),
    /// Run a recorded trace again: same events, or what another policy would have done
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
    /// Explain error codes: Win32, HRESULT, errno, NTSTATUS, NCP
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Show it at work: real writers, a scanner and a stuck holder in a scratch folder
    Demo(DemoArgs),
    /// The other programs of the demo and the tests
    #[command(hide = true, disable_help_flag = true, disable_version_flag = true)]
    Actor {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

const WATCH_EXAMPLES: &str = "\
Hidden files (names that begin with a dot) and subfolders are left alone.

Examples:
  lockwait watch /srv/in --into /srv/out
  lockwait watch /gw/API_OUT --into /mail/in --companions gateway --bad /mail/bad
  lockwait watch in --into out --json --trace run.trace --for 1h
  lockwait watch in --into out --once --settle 0";

const PAGE_EXAMPLES: &str = "\
Prints its address. What is dropped on the page stays in the browser: nothing is sent anywhere, not even to this program.

Example:
  lockwait page --port 8080";

const MOVE_EXAMPLES: &str = "\
Examples:
  lockwait move report.pdf --into /srv/out
  lockwait move *.csv --into /srv/out --for 10m --json";

const WHO_EXAMPLES: &str = "\
Exit status: 0 asked (with or without holders); 1 could not ask for some path; 2 some path does not exist.

Examples:
  lockwait who /srv/in/report.pdf
  sudo lockwait who /srv/in/* --json";

const DIAGNOSE_EXAMPLES: &str = "\
Reads event logs (.evtx, .evt, XML, CSV), packet captures (pcap, pcapng, snoop), Procmon CSV, text logs and recordings
of lockwait itself, plain or packed by gzip; what a file is, its content says. '-' is standard input. Several files of
the same time are read together: one episode seen by two of them is one episode.

Exit status: 0 read (with or without lock errors); 1 with --fail-on act when an episode needs action; 2 wrong use, or
some file could not be opened (the others are read all the same).

Examples:
  lockwait diagnose Application.evtx
  lockwait diagnose app.log.gz drop-server.pcapng --html report.html
  lockwait diagnose app.log --policy calmer.toml
  lockwait diagnose *.log --json --fail-on act";

const REPLAY_EXAMPLES: &str = "\
Without --policy the outputs must be those of the recorded run; exit status 1 when they differ.

Examples:
  lockwait replay run.trace
  lockwait replay run.trace --policy calmer.toml --json";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  lockwait explain 32
  lockwait explain 0x80070020 c0000043 errno:EBUSY ncp:0x80
  lockwait explain -2147024864";

#[derive(Args, Debug)]
pub(crate) struct WatchArgs {
    /// Folders to take files from
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<PathBuf>,
    /// End when every file that is there has ended
    #[arg(long)]
    pub(crate) once: bool,
    /// Also show the run in a browser of this machine: serve it on this port of the loopback address; 0 takes a free
    /// one. The link that is printed works once, for one browser
    #[arg(long, value_name = "PORT")]
    pub(crate) page: Option<u16>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Args, Debug)]
pub(crate) struct MoveArgs {
    /// Files to take
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// What `watch` and `move` have in common.
#[derive(Args, Debug)]
pub(crate) struct EngineArgs {
    /// Folder to take the files to
    #[arg(long, value_name = "DEST")]
    pub(crate) into: PathBuf,
    /// Folder for files whose content is unusable; without it they stay where they are
    #[arg(long, value_name = "DIR")]
    pub(crate) bad: Option<PathBuf>,
    /// Print one JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    /// Record the run, for `lockwait replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = Span::parse)]
    pub(crate) limit: Option<Span>,
    /// Also write events to the system's log (`journald`, `syslog`, `eventlog`) or, as JSON Lines, to a file
    #[arg(long, value_name = "journald|syslog|eventlog|FILE")]
    pub(crate) log: Option<String>,
    /// Do not use the operating system's file notices; list the folders every `--retry`
    #[arg(long)]
    pub(crate) no_hints: bool,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

/// A policy: a file, and single values that go before the file's.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArgs {
    /// Policy file, TOML or JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Time between attempts on a locked file [default: 200ms]
    #[arg(long, value_name = "TIME", value_parser = Setting::of("retry"))]
    pub(crate) retry: Option<Setting>,
    /// A lock shorter than this that ended well is not reported [default: 5s]
    #[arg(long, value_name = "TIME", value_parser = Setting::of("quiet"))]
    pub(crate) quiet: Option<Setting>,
    /// How long a locked file may stand still before its holder is looked up and reported [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = Setting::of("patience"))]
    pub(crate) patience: Option<Setting>,
    /// Quiet time after a lock clears before a file of unknown format is taken; 0 turns it off [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = Setting::of("settle"))]
    pub(crate) settle: Option<Setting>,
    /// Which files travel together [default: none]
    #[arg(long, value_name = "none|gateway|suffix[:SUFFIX]", value_parser = Setting::of("companions"))]
    pub(crate) companions: Option<Setting>,
}

/// A value for one key of the policy, checked to be one the key allows.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    pub(crate) value: String,
}

impl Setting {
    /// Reads values for `key`.
    fn of(key: &'static str) -> impl Fn(&str) -> Result<Setting, String> + Clone {
        move |value| {
            let fault = |_| {
                let allowed = keys().iter().find(|known| known.name() == key).map(|known| known.allowed());
                format!("must be {}", allowed.unwrap_or_default())
            };
            Policy::default().set(key, value).map_err(fault)?;
            Ok(Setting { key, value: value.to_owned() })
        }
    }
}

impl PolicyArgs {
    /// The single values that were given.
    pub(crate) fn settings(&self) -> impl Iterator<Item = &Setting> {
        let PolicyArgs { policy: _, retry, quiet, patience, settle, companions } = self;
        [retry, quiet, patience, settle, companions].into_iter().flatten()
    }
}

#[derive(Args, Debug)]
pub(crate) struct WhoArgs {
    /// Files to ask about
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print one JSON object for each path, one a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct DiagnoseArgs {
    /// Logs and captures
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print the report as one JSON object, and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Also write the report as one HTML file that needs nothing else
    #[arg(long, value_name = "OUT")]
    pub(crate) html: Option<PathBuf>,
    /// Judge under this policy, and say what it would have made of the same locks
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// End with exit status 1 when an episode has this advice
    #[arg(long, value_name = "ADVICE")]
    pub(crate) fail_on: Option<FailOn>,
}

/// The advice that makes `diagnose` fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum FailOn {
    /// Somebody has to do something
    Act,
}

#[derive(Args, Debug)]
pub(crate) struct PageArgs {
    /// Port on the loopback address; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
}

#[derive(Args, Debug)]
pub(crate) struct ReplayArgs {
    /// The trace
    pub(crate) trace: PathBuf,
    /// Replay under this policy instead of the recorded one
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Print one JSON object a line, and nothing else on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// Codes in any form
    #[arg(required = true, value_name = "CODE", allow_negative_numbers = true, value_parser = Code::parse)]
    pub(crate) codes: Vec<Code>,
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// End after this time
    #[arg(long = "for", value_name = "TIME", value_parser = Span::parse, default_value = "18s")]
    pub(crate) limit: Span,
    /// Record the run, for `lockwait replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Command, String> {
        let words = std::iter::once("lockwait").chain(line.split_whitespace());
        Cli::try_parse_from(words).map(|cli| cli.command).map_err(|error| error.to_string())
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn watch_takes_every_flag_of_its_help() {
        let line = "watch in in2 --into out --policy p.toml --json --trace t --once --bad bad --for 1h --retry 100ms \
                    --quiet 1s --patience 10s --settle 0 --companions suffix:.done --no-hints --log journald";
        let Ok(Command::Watch(watch)) = parse(line) else { panic!("{:?}", parse(line)) };
        assert_eq!(watch.sources.len(), 2);
        assert!(watch.once && watch.engine.json && watch.engine.no_hints);
        assert_eq!(watch.engine.limit, Some(Span::from_secs(3_600)));
        let keys: Vec<_> = watch.engine.policy.settings().map(|setting| setting.key).collect();
        assert_eq!(keys, ["retry", "quiet", "patience", "settle", "companions"]);
    }

    #[test]
    fn what_is_missing_or_out_of_range_is_refused_with_what_is_allowed() {
        assert!(parse("watch in").unwrap_err().contains("--into"));
        assert!(parse("watch --into out").unwrap_err().contains("SOURCE"));
        assert!(parse("watch in --into out --retry soon").unwrap_err().contains("a length of time from 1ms to 1h"));
        assert!(parse("watch in --into out --companions both").unwrap_err().contains("gateway"));
        assert!(parse("watch in --into out --for 5").unwrap_err().contains("30m"));
        assert!(parse("explain nonsense").unwrap_err().contains("0x80070020"));
    }

    #[test]
    fn codes_may_be_negative_and_actors_arguments_are_their_own() {
        let Ok(Command::Explain(explain)) = parse("explain -2147024864 32") else { panic!() };
        assert_eq!(explain.codes, [Code::win32(32), Code::win32(32)]);
        let Ok(Command::Actor { args }) = parse("actor write a --times 3 --help") else { panic!() };
        assert_eq!(args.len(), 5);
    }
}
