//! Files of which a record is expected that says how it ended.

use ahash::HashMap;

/// The files, by the longest word in each one's name: a record that has none of these words names none of them.
#[derive(Default)]
pub(super) struct Awaited {
    files: HashMap<Vec<u8>, Vec<String>>,
    /// A bit for each length of these words, so that most words of a record need not be looked up.
    lengths: u64,
}

impl Awaited {
    /// Of `path` such a record is expected. A file without a name nothing can name.
    pub(super) fn add(&mut self, path: &str) {
        if !path.is_empty() {
            let word = word(path);
            self.lengths |= bit(&word);
            self.files.entry(word).or_default().push(path.to_owned());
        }
    }

    /// Of `path` nothing more is expected.
    pub(super) fn remove(&mut self, path: &str) {
        let word = word(path);
        if let Some(paths) = self.files.get_mut(&word) {
            paths.retain(|other| other != path);
            if paths.is_empty() {
                self.files.remove(&word);
            }
        }
        if self.files.is_empty() {
            self.lengths = 0;
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Awaited::default();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The one of the files that a record names by its whole path, in whatever case and with whatever separators.
    pub(super) fn named(&self, record: &[u8]) -> Option<&str> {
        // The empty word is that of names which have none.
        let words = words(record).chain([&b""[..]]).filter(|word| self.lengths & bit(word) != 0);
        let mut whole = None;
        let is_it = |path: &&String| {
            whole.get_or_insert_with(|| unified(&String::from_utf8_lossy(record))).contains(&unified(path))
        };
        words
            .filter_map(|word| self.files.get(&word.to_ascii_lowercase()))
            .flatten()
            .filter(is_it)
            .max()
            .map(String::as_str)
    }
}

/// The longest word of a file's name, in small letters.
fn word(path: &str) -> Vec<u8> {
    let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
    words(name.as_bytes()).max_by_key(|word| word.len()).unwrap_or_default().to_ascii_lowercase()
}

/// What stands in ASCII letters and figures.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

fn bit(word: &[u8]) -> u64 {
    1 << word.len().min(63)
}

/// In small letters, with the same separators everywhere.
fn unified(path: &str) -> String {
    path.to_lowercase().replace("\\\\", "\\").replace('/', "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_path_in_any_case_and_with_any_separators() {
        let mut awaited = Awaited::default();
        awaited.add(r"D:\Ablage\Größe 2.csv");
        awaited.add("/tmp/___");
        assert_eq!(awaited.named(r"moved d:/ablage\\GRÖSSE 2.CSV".as_bytes()), None, "ß has no capital of one letter");
        assert_eq!(awaited.named(r"moved d:/ablage\\GRÖßE 2.CSV".as_bytes()), Some(r"D:\Ablage\Größe 2.csv"));
        assert_eq!(awaited.named(r"moved E:\Ablage\Größe 2.csv".as_bytes()), None, "another folder");
        assert_eq!(awaited.named(b"removed '/tmp/___'"), Some("/tmp/___"));
        awaited.remove(r"D:\Ablage\Größe 2.csv");
        assert_eq!(awaited.named(r"moved D:\Ablage\Größe 2.csv".as_bytes()), None);
        awaited.remove("/tmp/___");
        assert!(awaited.is_empty());
    }
}
