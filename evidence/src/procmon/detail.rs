//! The `Detail` column: `Name: value, Name: value`, where values may hold commas.

use lockwait_core::observation::Access;
use lockwait_core::observation::sighting::{Mode, Range, Share};

/// What the column says of an operation.
pub(super) struct Detail<'a>(&'a str);

/// The names after which a value has ended. Sources: Process Monitor's own output.
const NEXT: &[&str] = &[
    "Disposition:",
    "Options:",
    "Attributes:",
    "ShareMode:",
    "AllocationSize:",
    "OpenResult:",
    "Impersonating:",
    "Length:",
    "Offset:",
    "I/O Flags:",
    "Priority:",
    "Exclusive:",
    "Fail Immediately:",
    "EndOfFile:",
    "NumberOfLinks:",
    "DeletePending:",
    "Directory:",
];

/// Rights that read, as Process Monitor names them; executing counts as reading where share modes are compared.
const READS: &[&str] = &["Generic Read", "Read Data", "Execute", "Generic Execute", "All Access", "Generic All"];
const WRITES: &[&str] =
    &["Generic Write", "Generic Read/Write", "Write Data", "Append Data", "All Access", "Generic All"];
const DELETES: &[&str] = &["Delete", "All Access", "Generic All"];

impl<'a> Detail<'a> {
    pub(super) fn of(text: &'a str) -> Detail<'a> {
        Detail(text)
    }

    /// The value of `name`.
    fn value(&self, name: &str) -> Option<&'a str> {
        let at = self.0.match_indices(name).find(|(at, _)| *at == 0 || self.0[..*at].ends_with(", "))?.0;
        let value = self.0[at + name.len()..].strip_prefix(": ")?;
        let is_next = |(at, comma): &(usize, &str)| NEXT.iter().any(|next| value[at + comma.len()..].starts_with(next));
        let end = value.match_indices(", ").find(is_next).map_or(value.len(), |(at, _)| at);
        Some(&value[..end])
    }

    /// A number, whatever separates its groups of three digits.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let value = self.value(name)?;
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        let is_number = value
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '\'' | '\u{2019}') || c.is_whitespace());
        is_number.then(|| digits.parse().ok()).flatten()
    }

    /// The bytes that are read, written or locked.
    pub(super) fn range(&self) -> Option<Range> {
        Some(Range { start: self.number("Offset")?, length: self.number("Length")? })
    }

    /// What an open wants, and what it lets others do.
    ///
    /// One that only looks at or sets attributes is in nobody's way, whatever share mode it gives.
    pub(super) fn mode(&self) -> Option<Mode> {
        let wanted = self.value("Desired Access")?;
        let has =
            |rights: &[&str]| wanted.split(", ").any(|right| rights.iter().any(|name| is_right(right.trim(), name)));
        let deletes = has(DELETES) || self.value("Options").is_some_and(|options| options.contains("Delete On Close"));
        let access = match (has(READS), has(WRITES)) {
            (true, true) => Access::ReadWrite,
            (true, false) => {
                if has(&["Generic Read/Write"]) {
                    Access::ReadWrite
                } else {
                    Access::Read
                }
            }
            (false, true) => {
                if has(&["Generic Read/Write"]) {
                    Access::ReadWrite
                } else {
                    Access::Write
                }
            }
            (false, false) if !deletes => return Some(Mode { share: Some(Share::ALL), ..Mode::default() }),
            (false, false) => Access::Unknown,
        };
        let share = self.value("ShareMode").map(|share| Share {
            read: share.contains("Read"),
            write: share.contains("Write"),
            delete: share.contains("Delete"),
        });
        Some(Mode { access, deletes, share })
    }

    /// Whether a file is marked to be deleted.
    pub(super) fn deletes(&self) -> bool {
        self.value("Delete").is_some_and(|value| value.starts_with("True"))
            || self.0.contains("FILE_DISPOSITION_DELETE")
    }

    /// Whether the memory manager asked.
    pub(super) fn is_paging(&self) -> bool {
        self.0.contains("Paging I/O")
    }
}

/// Whether `right` is `name`, or `name` and what it means for folders: `Write Data/Add File`.
fn is_right(right: &str, name: &str) -> bool {
    right.strip_prefix(name).is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && name != "Generic Read"))
}
