//! The report for people.

use std::fmt::Write as _;

use lockwait_core::event::printable;
use lockwait_core::examiner::{Finding, Report};
use lockwait_core::policy::Policy;
use lockwait_core::verdict::Advice;
use lockwait_core::whatif::{Outcome, total, whatif};

/// Rows of the table; the rest is in the JSON report.
const ROWS: usize = 25;
/// Episodes that are told at length.
const TOLD: usize = 10;

/// The sentence, the episodes that need action, a short table, and what was read. With a policy of the user's, what it
/// would have made of the same locks.
pub(super) fn report(report: &Report, policy: Option<&Policy>) -> String {
    let mut text = format!("{}\n", report.summary.sentence);
    let needy: Vec<&Finding> = report.findings.iter().filter(|f| f.advice == Advice::Act).collect();
    for finding in needy.iter().take(TOLD) {
        text.push('\n');
        text.push_str(&told(finding));
    }
    if needy.len() > TOLD {
        line(&mut text, format_args!("\nand {} more that need you", needy.len() - TOLD));
    }
    text.push_str(&table(&report.findings));
    if let Some(policy) = policy {
        text.push_str(&under(policy, &report.findings));
    }
    text.push('\n');
    for input in &report.inputs {
        let (name, format) = (printable(&input.name), &input.format);
        let (records, failures) = (count(input.records, "record"), count(input.lock_failures, "lock error"));
        line(&mut text, format_args!("{name}: {format}, {} bytes, {records}, {failures}", input.bytes));
        for warning in &input.warnings {
            line(&mut text, format_args!("  {}", printable(warning)));
        }
    }
    text
}

/// One episode at length.
fn told(finding: &Finding) -> String {
    let (path, episode, verdict) = (finding.path(), finding.episode(), finding.verdict());
    let path = path.to_string();
    let mut text = format!(
        "{}  {}\n     {} ({} confidence)\n",
        verdict.advice.as_str().to_uppercase(),
        printable(&path),
        verdict.kind.meaning(),
        verdict.confidence.as_str(),
    );
    let codes: Vec<String> = episode.codes().map(|(code, count)| format!("{count} x {code}")).collect();
    let end = match episode.released() {
        Some(at) => format!("released {at} after {}", episode.held().words()),
        None => format!("last seen {}, not seen released", episode.last()),
    };
    let pace = finding.interval().map(|interval| format!(" every {}", interval.words())).unwrap_or_default();
    let least = if episode.marks().lower_bound { "at least " } else { "" };
    line(&mut text, format_args!("     {} to {}", episode.first(), end));
    let attempts = count(episode.attempts().into(), "attempt");
    line(&mut text, format_args!("     {least}{attempts}{pace}: {}", codes.join(", ")));
    let actor = finding.actor().words();
    if !actor.is_empty() {
        line(&mut text, format_args!("     refused: {actor}"));
    }
    match episode.holders().list() {
        [] => line(&mut text, format_args!("     no holder seen")),
        holders => holders.iter().for_each(|holder| line(&mut text, format_args!("     held by {}", holder.words()))),
    }
    for reason in &verdict.reasons {
        line(&mut text, format_args!("     {:>4}  {}: {}", reason.weight, reason.name, printable(&reason.text)));
    }
    line(&mut text, format_args!("     do: {}", verdict.kind.remedy()));
    text
}

/// A row for each episode, those that need action first.
fn table(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut order: Vec<&Finding> = findings.iter().collect();
    order.sort_by_key(|finding| match finding.advice {
        Advice::Act => 0,
        Advice::CannotTell => 1,
        Advice::Ignore => 2,
    });
    let mut text = format!("\n{:<12}{:<25}{:>12}{:>10}  {:<17} file\n", "advice", "first", "held", "attempts", "kind");
    for finding in order.iter().take(ROWS) {
        let (path, episode) = (finding.path().to_string(), finding.episode());
        let (least, open) = (if episode.marks().lower_bound { ">=" } else { "" }, episode.released().is_none());
        let held = format!("{}{}", if open { ">=" } else { "" }, episode.held().words());
        line(
            &mut text,
            format_args!(
                "{:<12}{:<25}{held:>12}{:>10}  {:<17} {}",
                finding.advice.as_str(),
                episode.first().to_string(),
                format!("{least}{}", episode.attempts()),
                finding.kind.as_str(),
                printable(&path),
            ),
        );
    }
    if order.len() > ROWS {
        line(&mut text, format_args!("and {} more; --json and --html have all", order.len() - ROWS));
    }
    let untold = |finding: &&Finding| finding.advice == Advice::CannotTell;
    let needs = findings.iter().filter(untold).find_map(|finding| finding.verdict().needs);
    if let Some(needs) = needs {
        line(&mut text, format_args!("to tell what cannot be told: {needs}"));
    }
    text
}

/// What `policy` would have made of the same locks.
fn under(policy: &Policy, findings: &[Finding]) -> String {
    let Outcome { attempts, refusals, events, waited } = total(findings.iter().map(|f| whatif(f, policy)));
    let was: u64 = findings.iter().map(|finding| u64::from(finding.episode().attempts())).sum();
    let mut text = format!(
        "\nunder this policy: {attempts} attempts, {refusals} refused (here: {was} refused), {events} events\n"
    );
    if let Some(waited) = waited {
        line(&mut text, format_args!("longest wait for a file that was had: {waited}"));
    }
    text
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
