//! When each rule speaks, in words: for `docs/verdicts.md`.

/// The name of each rule of [`RULES`](super::rules::RULES), in its order, and when it applies. Apart from the rules, so
/// that a library that only judges does not carry it.
#[rustfmt::skip]
pub const WHEN: &[(&str, &str)] = &[
    ("never-held", "no attempt was refused"),
    ("path-unreachable", "the last code says that the way to the folder failed, and the file was not had"),
    ("lasting-refusal", "the last code is no lock (denied, invalid, infected, device), and the file was not had"),
    ("grew", "the file grew while it was held"),
    ("touched", "its modification time moved while it was held, and it did not grow"),
    ("finished", "its content lacked its own end, and had it at the release"),
    ("released-after-writing", "it was released within `quiet` of its last change"),
    ("writer-has-it-open", "a holder's access, or the probe, says that it may write"),
    ("let-go-in-time", "a writer let go within `patience` of the last change"),
    ("stood-still", "a writer has it open and nothing changed for `patience`"),
    ("left-unfinished", "its content lacks its own end and nothing changed for `patience`"),
    ("companion-missing", "a header names it and it has not arrived"),
    ("writing-now", "it changed within `patience` and is not released"),
    ("known-scanner", "a holder is a known virus scanner"),
    ("known-backup", "a holder is a known backup program"),
    ("known-sync", "a holder is a known synchronisation client, and does not write"),
    ("known-indexer", "a holder is a known search indexer"),
    ("known-consumer", "a holder is known to take files from folders, and does not write"),
    ("own-process", "a holder is the program that wants the file"),
    ("owner-writes", "a holder may write and runs as the file's owner"),
    ("only-reads", "a holder's access, or the probe, says that it can only read"),
    ("brief-hold-after-close", "it was held for 0.1 to 3 s right after its writer let go, and did not change"),
    ("sweep", "one reader has 5 or more other files of the folder open, or as many were refused at the same time"),
    ("recurring-time", "files of the folder were held at this time of day on 2 or more earlier days, by no writer"),
    ("went-away", "the file went away while it was held"),
    ("held-past-patience", "it was held for `patience` without a change"),
    ("gave-up", "whoever was refused gave up, and never had the file"),
    ("no-holder-found", "the system was asked, and no process of the machine has it open"),
    ("could-not-ask", "the system could not be asked who holds it"),
    ("short", "it was free again, or nobody was refused any more, within `quiet`, and its holder may have been its writer"),
    ("counts-are-lower-bounds", "records were left out: counts are lower bounds"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::rules::RULES;

    #[test]
    fn every_rule_is_explained() {
        assert!(RULES.iter().map(|rule| rule.name).eq(WHEN.iter().map(|(name, _)| *name)));
    }
}
