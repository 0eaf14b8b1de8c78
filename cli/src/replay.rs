//! `lockwait replay`: a recorded run again.

use std::fs;
use std::process::ExitCode;

use lockwait_core::event::printable;
use lockwait_core::trace::{self, Replay, ReplayError};
use serde_json::json;

use crate::args::ReplayArgs;
use crate::output;
use crate::{NEEDS_ACTION, policy};

/// Prints the events of the replay, and whether its outputs were the recorded ones.
///
/// # Errors
/// The trace or the policy cannot be read, or the trace is none.
pub(crate) fn run(args: &ReplayArgs) -> Result<ExitCode, String> {
    let named = |fault: String| format!("the trace '{}': {fault}", printable(&args.trace.to_string_lossy()));
    let policy = args.policy.as_deref().map(policy::read).transpose()?;
    let compared = policy.is_none();
    let text = fs::read_to_string(&args.trace).map_err(|error| named(error.to_string()))?;
    match trace::replay(&text, policy) {
        Ok(replay) => {
            output::print(&if args.json { lines(&replay, compared) } else { words(&replay, compared) })?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ ReplayError::Differs { .. }) => {
            output::complain(&named(error.to_string()));
            Ok(ExitCode::from(NEEDS_ACTION))
        }
        Err(error @ ReplayError::Malformed { .. }) => Err(named(error.to_string())),
    }
}

/// The events as `watch --json` has them, and a last line about the replay itself.
fn lines(replay: &Replay, compared: bool) -> String {
    let mut text: String = replay.events.iter().map(|event| event.to_json() + "\n").collect();
    let Replay { inputs, open, digest, .. } = replay;
    let digest = format!("{:016x}", digest.0);
    let summary = json!({"replay": if compared { "same" } else { "other-policy" }, "inputs": inputs, "open": open, "digest": digest});
    text.push_str(&summary.to_string());
    text.push('\n');
    text
}

fn words(replay: &Replay, compared: bool) -> String {
    let mut text: String = replay.events.iter().map(|event| format!("{} {}\n", event.at, event.text())).collect();
    let verdict = if compared { "every output as recorded" } else { "under another policy, so not compared" };
    text.push_str(&format!("{} inputs replayed, {verdict}; {} files open at the end\n", replay.inputs, replay.open));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockwait_core::observation::Place;
    use lockwait_core::pickup::Arrival;
    use lockwait_core::router::{Options, Router};
    use lockwait_core::time::Timestamp;
    use lockwait_core::trace::Input;

    /// A recorded run of one file that never ends.
    fn recorded() -> String {
        let mut router = Router::new(Options::default());
        let mut text = trace::begin(&mut router) + "\n";
        for input in [Input::Started, Input::Submit(Arrival { place: Place::new("/in", "a") })] {
            text.push_str(&trace::record(&mut router, Timestamp(1_000_000), input).0);
            text.push('\n');
        }
        text
    }

    #[test]
    fn a_replay_prints_its_events_and_that_they_are_the_same() {
        let replay = trace::replay(&recorded(), None).unwrap();
        let text = lines(&replay, true);
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["event"], "started");
        assert_eq!(
            (&lines[1]["replay"], &lines[1]["inputs"], &lines[1]["open"]),
            (&"same".into(), &2.into(), &1.into())
        );
        assert!(
            words(&replay, true).ends_with("2 inputs replayed, every output as recorded; 1 files open at the end\n")
        );
    }
}
