//! The report as one HTML file that needs nothing else: no script, no network.
//!
//! Every text of the evidence is escaped: it is only ever text.

mod timeline;

use std::fmt::{Display, Write as _};

use lockwait_core::event::printable;
use lockwait_core::examiner::{Finding, Report};
use lockwait_core::policy::Policy;
use lockwait_core::time::Span;
use lockwait_core::verdict::Advice;
use lockwait_core::whatif::{Outcome, total, whatif};

const STYLE: &str = include_str!("html/style.css");
/// Rows of the table and episodes told at length; the JSON report has all.
const ROWS: usize = 2_000;
const TOLD: usize = 200;

/// The whole page. What another policy would have made of the same locks is told for `policy`.
pub fn page(report: &Report, policy: &Policy) -> String {
    let mut page = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    // Nothing may be loaded, and nothing may run.
    let rule = "default-src 'none'; style-src 'unsafe-inline'";
    put(&mut page, format_args!("<meta http-equiv=\"Content-Security-Policy\" content=\"{rule}\">\n"));
    put(&mut page, format_args!("<title>Lockwait: {}</title>\n", escape(&report.summary.sentence)));
    put(&mut page, format_args!("<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"));
    put(&mut page, format_args!("<h1>{}</h1>\n", escape(&report.summary.sentence)));
    told(&mut page, &report.findings, Advice::Act, "What needs action");
    if !report.findings.is_empty() {
        page.push_str("<h2>Timeline</h2>\n");
        page.push_str(&timeline::svg(&report.findings));
        table(&mut page, &report.findings);
        under(&mut page, &report.findings, policy);
        told(&mut page, &report.findings, Advice::CannotTell, "What this evidence does not decide");
        told(&mut page, &report.findings, Advice::Ignore, "What may be ignored");
    }
    inputs(&mut page, report);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// `text` for HTML, in content and in quoted attributes; control characters become visible.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn put(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = page.write_fmt(text);
}

fn row(page: &mut String, name: &str, value: impl Display) {
    put(page, format_args!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>\n"));
}

/// The episodes with this advice, at length.
fn told(page: &mut String, findings: &[Finding], advice: Advice, title: &str) {
    let chosen: Vec<&Finding> = findings.iter().filter(|finding| finding.advice == advice).collect();
    if chosen.is_empty() {
        return;
    }
    put(page, format_args!("<h2>{title}</h2>\n"));
    for finding in chosen.iter().take(TOLD) {
        article(page, finding);
    }
    if chosen.len() > TOLD {
        put(page, format_args!("<p>and {} more: see the JSON report</p>\n", chosen.len() - TOLD));
    }
}

fn article(page: &mut String, finding: &Finding) {
    let (episode, verdict) = (finding.episode(), finding.verdict());
    let advice = verdict.advice.as_str();
    put(page, format_args!("<article class=\"{advice}\">\n<h3>{}</h3>\n", escape(&finding.path().to_string())));
    let (meaning, confidence) = (verdict.kind.meaning(), verdict.confidence.as_str());
    put(page, format_args!("<p class=\"advice\">{advice}: {meaning} ({confidence} confidence)</p>\n"));
    if verdict.advice == Advice::Act {
        put(page, format_args!("<p>{}</p>\n", verdict.kind.remedy()));
    }
    if let Some(needs) = &verdict.needs {
        put(page, format_args!("<p>What would tell: {}</p>\n", escape(needs)));
    }
    page.push_str("<details><summary>Evidence</summary>\n<div class=\"scroll\"><table>\n");
    row(page, "First refusal", episode.first());
    row(page, "Last refusal", episode.last());
    row(page, "Released", episode.released().map_or("not seen".into(), |at| at.to_string()));
    row(page, "Held", episode.held().words());
    let least = if episode.marks().lower_bound { "at least " } else { "" };
    row(page, "Attempts", format_args!("{least}{}", episode.attempts()));
    row(page, "Time between attempts", finding.interval().map_or("not known".into(), Span::words));
    let codes: Vec<String> = episode.codes().map(|(code, count)| format!("{count} × {code}")).collect();
    row(page, "Codes", codes.join(", "));
    row(page, "Refused", escape(&finding.actor().words()));
    let holders: Vec<String> = episode.holders().list().iter().map(|holder| escape(&holder.words())).collect();
    row(page, "Held by", if holders.is_empty() { "nobody seen".into() } else { holders.join("<br>") });
    for reason in &verdict.reasons {
        let text = escape(&reason.text);
        row(page, &escape(&reason.name), format_args!("{text} ({:+})", reason.weight));
    }
    page.push_str("</table></div>\n");
    for record in finding.records() {
        put(page, format_args!("<pre>{}</pre>\n", escape(record)));
    }
    page.push_str("</details>\n</article>\n");
}

fn table(page: &mut String, findings: &[Finding]) {
    page.push_str("<h2>Episodes</h2>\n<div class=\"scroll\"><table>\n<thead><tr>");
    for (name, class) in
        [("Advice", ""), ("Kind", ""), ("File", ""), ("First", ""), ("Held", "number"), ("Attempts", "number")]
    {
        put(page, format_args!("<th scope=\"col\" class=\"{class}\">{name}</th>"));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for finding in findings.iter().take(ROWS) {
        let (episode, advice, kind) = (finding.episode(), finding.advice.as_str(), finding.kind.as_str());
        let path = escape(&finding.path().to_string());
        let (first, held, attempts) = (episode.first(), episode.held().words(), episode.attempts());
        put(
            page,
            format_args!(
                "<tr><td class=\"advice {advice}\">{advice}</td><td>{kind}</td><td>{path}</td><td>{first}</td>\
                 <td class=\"number\">{held}</td><td class=\"number\">{attempts}</td></tr>\n"
            ),
        );
    }
    page.push_str("</tbody>\n</table></div>\n");
    if findings.len() > ROWS {
        put(page, format_args!("<p>and {} more: see the JSON report</p>\n", findings.len() - ROWS));
    }
}

/// What `policy` would have made of the same locks.
fn under(page: &mut String, findings: &[Finding], policy: &Policy) {
    let Outcome { attempts, refusals, events, waited } = total(findings.iter().map(|f| whatif(f, policy)));
    page.push_str("<h2>The same locks with Lockwait</h2>\n<div class=\"scroll\"><table>\n");
    row(page, "Attempts", attempts);
    row(page, "Refusals", refusals);
    row(page, "Events written", events);
    if let Some(waited) = waited {
        row(page, "Longest wait", waited);
    }
    row(page, "Policy", format_args!("<code>{}</code>", escape(&policy.to_json())));
    page.push_str("</table></div>\n");
}

fn inputs(page: &mut String, report: &Report) {
    page.push_str("<h2>What was read</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Input</th>");
    page.push_str("<th scope=\"col\">Format</th><th scope=\"col\" class=\"number\">Bytes</th>");
    page.push_str("<th scope=\"col\" class=\"number\">Records</th>");
    page.push_str("<th scope=\"col\" class=\"number\">Lock errors</th></tr></thead>\n<tbody>\n");
    for input in &report.inputs {
        let warnings: String = input.warnings.iter().map(|warning| format!("<br>{}", escape(warning))).collect();
        put(
            page,
            format_args!(
                "<tr><td>{}{warnings}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>\
                 <td class=\"number\">{}</td></tr>\n",
                escape(&input.name),
                escape(&input.format),
                input.bytes,
                input.records,
                input.lock_failures
            ),
        );
    }
    page.push_str("</tbody>\n</table></div>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Examination;

    #[test]
    fn what_the_evidence_says_is_only_ever_text() {
        let mut examination = Examination::new(Policy::default());
        examination.begin("<script>alert(1)</script>.log");
        let path = r#"C:\in\"><img src=x onerror=alert(1)>&.dat"#;
        for second in 0..3 {
            let line = format!("2026-11-22 10:00:0{second} ERROR [WinError 32] cannot access the file: '{path}'\n");
            examination.feed(line.as_bytes());
        }
        examination.end();
        let report = examination.report();
        assert_eq!(report.findings.len(), 1);
        let page = page(&report, &Policy::default());
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script") && !page.contains("<img"));
        assert!(page.contains("default-src 'none'"));
    }
}
