//! A bench's table, and its place in BENCHMARKS.md.

use std::fmt::Write as _;
use std::fs;

use crate::root;
use crate::step::Trouble;

/// What a bench found.
pub(super) struct Report {
    /// The bench's name on the command line.
    pub(super) name: &'static str,
    /// What was measured, and how.
    pub(super) about: String,
    /// The head of the table.
    pub(super) head: Vec<&'static str>,
    /// Its rows.
    pub(super) rows: Vec<Vec<String>>,
    /// What a reader must know besides.
    pub(super) notes: Vec<String>,
}

impl Report {
    /// The section as it stands in BENCHMARKS.md.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!("`cargo xtask bench {}` on {}.\n\n{}\n\n", self.name, machine(), self.about);
        let line = |cells: &mut dyn Iterator<Item = &str>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
        text += &line(&mut self.head.iter().copied());
        text += &line(&mut self.head.iter().map(|_| "---"));
        for row in &self.rows {
            text += &line(&mut row.iter().map(String::as_str));
        }
        for note in &self.notes {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n{note}\n");
        }
        text
    }

    /// Replaces this bench's section of BENCHMARKS.md.
    ///
    /// # Errors
    /// The file cannot be read or written, or has no place for this bench.
    pub(super) fn write(&self) -> Result<(), Trouble> {
        let path = root().join("BENCHMARKS.md");
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (begin, end) = (format!("<!-- begin {} -->\n", self.name), format!("<!-- end {} -->\n", self.name));
        let (before, rest) = text.split_once(&begin).ok_or_else(|| missing(&begin))?;
        let (_, after) = rest.split_once(&end).ok_or_else(|| missing(&end))?;
        fs::write(&path, format!("{before}{begin}{}{end}{after}", self.markdown()))?;
        println!("written to {}", path.display());
        Ok(())
    }
}

fn missing(mark: &str) -> String {
    format!("BENCHMARKS.md has no line '{}'; the table goes between two such lines", mark.trim_end())
}

/// The machine in a few words: processor, cores, kernel.
fn machine() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{}, {cores} cores, Linux {}", model.unwrap_or("an unnamed processor"), kernel.trim())
}
