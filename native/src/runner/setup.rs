//! Checks made before a run starts: each fault is refused with what to do about it.

use std::fmt;
use std::fs;
use std::io;
use std::path::{self, Path, PathBuf};

use super::ident::{Identity, identity};
use crate::burst::OpenError;

/// What a folder is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Files are taken from it.
    Source,
    /// Files are taken to it.
    Destination,
    /// Rejected files are moved to it.
    Bad,
}

/// Why a run cannot start. Displays with what to do.
#[derive(Debug)]
pub enum SetupError {
    /// Neither source folders nor files were given.
    NothingToDo,
    /// The folder cannot be had.
    Folder(Role, PathBuf, io::Error),
    /// The path is no folder.
    NotAFolder(Role, PathBuf),
    /// The folder is a source, or inside one.
    InsideSource(Role, PathBuf, PathBuf),
    /// These two paths are one folder, and each was to have a use of its own.
    SameFolder(PathBuf, PathBuf),
    /// This file cannot be had.
    File(PathBuf, io::Error),
    /// This path names no file.
    NotAFile(PathBuf),
    /// A folder that is to receive files cannot be written to, or what killed runs left in it cannot be cleared up.
    Unusable(OpenError),
    /// The [`super::Stop`] already serves another run.
    StopInUse,
    /// The system gives no threads.
    NoThreads(io::Error),
}

/// A folder that passed.
#[derive(Debug)]
struct Folder {
    given: PathBuf,
    canonical: PathBuf,
    identity: Identity,
}

/// Checks the folders of a run against each other. `listed` are the sources; `fetched` are the folders that single
/// files are moved out of, which may well have the destination inside them.
pub(super) fn check(
    listed: &[PathBuf],
    fetched: &[PathBuf],
    into: &Path,
    bad: Option<&Path>,
) -> Result<(), SetupError> {
    let sources = folders(Role::Source, listed)?;
    for (index, source) in sources.iter().enumerate() {
        if let Some(same) = sources[..index].iter().find(|other| other.is(source)) {
            return Err(SetupError::SameFolder(same.given.clone(), source.given.clone()));
        }
    }
    let fetched = folders(Role::Source, fetched)?;
    let into = Folder::new(Role::Destination, into)?;
    let bad = bad.map(|bad| Folder::new(Role::Bad, bad)).transpose()?;
    for (role, target) in [(Role::Destination, Some(&into)), (Role::Bad, bad.as_ref())] {
        let Some(target) = target else { continue };
        let inside = sources.iter().find(|source| target.is_inside(source));
        if let Some(source) = inside.or_else(|| fetched.iter().find(|source| target.is(source))) {
            return Err(SetupError::InsideSource(role, target.given.clone(), source.given.clone()));
        }
    }
    match bad {
        Some(bad) if bad.is(&into) => Err(SetupError::SameFolder(into.given, bad.given)),
        _ => Ok(()),
    }
}

/// `path` from the root on, without trailing separators. Symbolic links stay: they may be pointed elsewhere later.
pub(super) fn absolute(path: &Path) -> io::Result<PathBuf> {
    Ok(path::absolute(path)?.components().collect())
}

fn folders(role: Role, paths: &[PathBuf]) -> Result<Vec<Folder>, SetupError> {
    paths.iter().map(|path| Folder::new(role, path)).collect()
}

impl Folder {
    fn new(role: Role, given: &Path) -> Result<Folder, SetupError> {
        let fault = |error| SetupError::Folder(role, given.to_owned(), error);
        if !fs::metadata(given).map_err(fault)?.is_dir() {
            return Err(SetupError::NotAFolder(role, given.to_owned()));
        }
        if role == Role::Source {
            fs::read_dir(given).map_err(fault)?;
        }
        let canonical = fs::canonicalize(given).map_err(fault)?;
        Ok(Folder { given: given.to_owned(), canonical, identity: identity(given).map_err(fault)? })
    }

    /// Whether the two are one folder, be it under two paths.
    fn is(&self, other: &Folder) -> bool {
        self.canonical == other.canonical || self.identity == other.identity
    }

    /// Whether this is `other` or below it, be it under another path (a bind mount, say).
    fn is_inside(&self, other: &Folder) -> bool {
        let is_other = |folder: Identity| folder == other.identity;
        self.canonical.ancestors().any(|above| above == other.canonical || identity(above).is_ok_and(is_other))
    }
}

/// How a folder is made on the command line, up to its name.
const MAKE_FOLDER: &str = if cfg!(windows) { "mkdir " } else { "mkdir -p " };

impl Role {
    fn name(self) -> &'static str {
        match self {
            Role::Source => "source folder",
            Role::Destination => "destination",
            Role::Bad => "bad folder",
        }
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::NothingToDo => f.write_str("nothing to do: name at least one source folder or file"),
            SetupError::Folder(role, path, error) => {
                let (name, path) = (role.name(), path.display());
                match (error.kind(), role) {
                    (io::ErrorKind::NotFound, Role::Source) => {
                        write!(f, "the {name} '{path}' does not exist; check its spelling, and that it is mounted")
                    }
                    (io::ErrorKind::NotFound, Role::Destination | Role::Bad) => {
                        write!(f, "the {name} '{path}' does not exist; create it first: {MAKE_FOLDER}\"{path}\"")
                    }
                    _ => write!(f, "the {name} '{path}' cannot be read: {error}; check its permissions for this user"),
                }
            }
            SetupError::NotAFolder(role, path) => {
                write!(f, "the {} '{}' is not a folder; name a folder", role.name(), path.display())
            }
            SetupError::InsideSource(role, path, source) => write!(
                f,
                "the {} '{}' is the source '{}' or inside it; name a folder outside the source",
                role.name(),
                path.display(),
                source.display()
            ),
            SetupError::SameFolder(one, other) => {
                write!(f, "'{}' and '{}' are the same folder; name each once", one.display(), other.display())
            }
            SetupError::File(path, error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "the file '{}' does not exist; check its spelling", path.display())
            }
            SetupError::File(path, error) => {
                write!(
                    f,
                    "the file '{}' cannot be looked at: {error}; check the permissions of its folder",
                    path.display()
                )
            }
            SetupError::NotAFile(path) => {
                write!(f, "'{}' names no file; name files, or watch the folder", path.display())
            }
            SetupError::Unusable(error) => error.fmt(f),
            SetupError::StopInUse => f.write_str("the stop switch already serves another run; make a new one"),
            SetupError::NoThreads(error) => {
                write!(f, "the system gives no more threads: {error}; raise the limit of processes for this user")
            }
        }
    }
}

impl std::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SetupError::Folder(_, _, error) | SetupError::File(_, error) | SetupError::NoThreads(error) => Some(error),
            SetupError::Unusable(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in names {
            fs::create_dir_all(root.path().join(name)).unwrap();
        }
        root
    }

    /// The text of the fault with `in` as the one source.
    fn fault(root: &Path, into: &str, bad: Option<&str>) -> String {
        let bad = bad.map(|bad| root.join(bad));
        check(&[root.join("in")], &[], &root.join(into), bad.as_deref()).unwrap_err().to_string()
    }

    #[test]
    fn separate_folders_pass_and_are_left_alone() {
        let root = tree(&["in", "out", "bad"]);
        let at = |name: &str| root.path().join(name);
        check(&[at("in")], &[], &at("out"), Some(&at("bad"))).unwrap();
        assert_eq!(fs::read_dir(at("out")).unwrap().count(), 0);
    }

    #[test]
    fn missing_folders_are_refused_with_what_to_do() {
        let root = tree(&["in"]);
        assert!(fault(root.path(), "out", None).contains("create it first: mkdir "));
        let root = tree(&["out"]);
        assert!(fault(root.path(), "out", None).contains("does not exist; check its spelling"));
    }

    #[test]
    fn a_destination_in_the_source_is_refused_under_any_path() {
        let root = tree(&["in/deep/out", "out"]);
        assert!(fault(root.path(), "in", None).contains("inside it"));
        assert!(fault(root.path(), "in/deep/out", None).contains("inside it"));
        assert!(fault(root.path(), "out", Some("in/deep")).contains("bad folder"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(root.path().join("in/deep"), root.path().join("link")).unwrap();
            assert!(fault(root.path(), "link", None).contains("inside it"));
        }
    }

    #[test]
    fn files_may_be_moved_into_a_subfolder_but_not_onto_themselves() {
        let root = tree(&["in/out"]);
        let source = [root.path().join("in")];
        check(&[], &source, &root.path().join("in/out"), None).unwrap();
        assert!(check(&[], &source, &source[0], None).is_err());
    }

    #[test]
    fn a_source_twice_and_a_bad_folder_that_is_the_destination_are_refused() {
        let root = tree(&["in", "out"]);
        let twice = [root.path().join("in"), root.path().join("out/../in")];
        assert!(matches!(check(&twice, &[], &root.path().join("out"), None), Err(SetupError::SameFolder(..))));
        assert!(fault(root.path(), "out", Some("out")).contains("same folder"));
    }

    #[test]
    fn a_file_is_no_folder() {
        let root = tree(&["in"]);
        fs::write(root.path().join("out"), "").unwrap();
        assert!(fault(root.path(), "out", None).contains("not a folder"));
    }
}
