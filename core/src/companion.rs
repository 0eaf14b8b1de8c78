//! Which files travel together: a gateway header with the files it names, a done-marker with the file it marks.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::code::Code;
use crate::observation::{Name, Place, join};
use crate::policy::Companions;

pub mod gateway;

mod name;

pub use name::{NameError, safe_name};

/// A file's part among its companions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// It travels alone.
    Single,
    /// It names others, and is taken after them: a gateway header, a done-marker.
    Leader,
    /// It waits for the one that names it.
    Follower,
}

/// Why the files that a leader names cannot be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MembersError {
    /// [`Code::UNFINISHED`], [`Code::CONTENT_REJECTED`] or [`Code::OUTSIDE`].
    pub code: Code,
    /// What is wrong, in one line.
    pub text: String,
}

impl fmt::Display for MembersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl core::error::Error for MembersError {}

/// The part that a file called `name` has.
///
/// The files that a gateway header names are in a folder of their own, so none is known by its name as a follower.
pub fn role(companions: &Companions, name: &[u8]) -> Role {
    match companions {
        Companions::None => Role::Single,
        Companions::Gateway if is_header(name) => Role::Leader,
        Companions::Gateway => Role::Single,
        Companions::Suffix(suffix) => match name.strip_suffix(suffix.as_bytes()) {
            Some([]) => Role::Single,
            Some(_) => Role::Leader,
            None => Role::Follower,
        },
    }
}

/// The files that the leader at `place` names, without repeats: of a gateway header the body, then the attachments;
/// of a done-marker the file it marks. None for a file that leads nobody.
///
/// `content` is the leader's whole content; a done-marker's is not looked at.
///
/// # Errors
/// When a header is unfinished or no header, or a name in it must not become a path.
pub fn members(companions: &Companions, place: &Place, content: &[u8]) -> Result<Vec<Place>, MembersError> {
    match (companions, role(companions, place.name.as_bytes())) {
        (Companions::Gateway, Role::Leader) => named_by_header(place, content),
        (Companions::Suffix(suffix), Role::Leader) => marked_by(place, suffix).map(|member| vec![member]),
        _ => Ok(Vec::new()),
    }
}

/// The folder in which the files named by leaders in `folder` are, where that is another one.
pub fn beside(companions: &Companions, folder: &Name) -> Option<Name> {
    (*companions == Companions::Gateway).then(|| attachments(folder))
}

/// Where a gateway puts the bodies and attachments that the headers in `folder` name.
fn attachments(folder: &Name) -> Name {
    sibling(folder.as_bytes(), b"ATT_OUT")
}

/// Whether `name` is that of a gateway header: `*.API` in any case.
pub(crate) fn is_header(name: &[u8]) -> bool {
    name.len() > 4 && name[name.len() - 4..].eq_ignore_ascii_case(b".api")
}

fn marked_by(place: &Place, suffix: &str) -> Result<Place, MembersError> {
    let name = place.name.as_bytes();
    match name.strip_suffix(suffix.as_bytes()) {
        None | Some(b"" | b"." | b"..") => Err(MembersError {
            code: Code::OUTSIDE,
            text: format!("'{}' marks no file: nothing usable is left of its name without '{suffix}'", place.name),
        }),
        Some(marked) => Ok(Place::new(place.folder.clone(), marked)),
    }
}

fn named_by_header(place: &Place, content: &[u8]) -> Result<Vec<Place>, MembersError> {
    let failed =
        |code, text: &dyn fmt::Display| MembersError { code, text: format!("header '{}': {text}", place.name) };
    let header = gateway::parse(content).map_err(|error| failed(Code::CONTENT_REJECTED, &error))?;
    if !header.complete {
        return Err(failed(Code::UNFINISHED, &"it has no -END-, so it is not finished"));
    }
    let folder = attachments(&place.folder);
    let mut members: Vec<Place> = Vec::new();
    for name in header.names() {
        safe_name(name).map_err(|error| {
            failed(
                Code::OUTSIDE,
                &format_args!("it names '{}', which is no plain file name: {error}", Name::from(name)),
            )
        })?;
        // Names on NetWare volumes are the same in either case. A header has not so many that looking through them
        // takes long.
        if !members.iter().any(|member| member.name.as_bytes().eq_ignore_ascii_case(name)) {
            members.push(Place::new(folder.clone(), name));
        }
    }
    Ok(members)
}

/// The folder called `name` beside `folder`, in the notation of `folder`.
///
/// Where the path begins with a drive or `\\`, both separators separate; else `/` does, or `\` where there is no `/`.
fn sibling(folder: &[u8], name: &[u8]) -> Name {
    let windows = folder.starts_with(b"\\\\") || matches!(folder, [drive, b':', ..] if drive.is_ascii_alphabetic());
    let separates = |byte: u8| match byte {
        b'/' => true,
        b'\\' => windows || !folder.contains(&b'/'),
        _ => false,
    };
    let end = folder.iter().rposition(|byte| !separates(*byte)).map_or(0, |last| last + 1);
    let start = folder[..end].iter().rposition(|byte| separates(*byte)).map_or(0, |separator| separator + 1);
    match &folder[start..end] {
        // A relative folder that does not say what it is called in its parent, or a root, which is its own parent.
        b"" | b"." | b".." => join(join(folder, b"..").as_bytes(), name),
        _ => {
            let mut path = folder[..start].to_vec();
            path.extend_from_slice(name);
            Name::from(path)
        }
    }
}

#[cfg(test)]
mod tests;
