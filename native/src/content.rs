//! Asks a file's content whether it is finished and whom it names, reading no more of it than that takes.

use std::fs::File;
use std::io;

use lockwait_core::code::Code;
use lockwait_core::companion::{self, Role};
use lockwait_core::complete::{self, Sample};
use lockwait_core::observation::{Content, Place};
use lockwait_core::policy::Companions;

use crate::os;

/// The longest gateway header that is read: one with as many attachments as a header may name
/// ([`companion::gateway::MOST_ATTACHMENTS`]), each with two names of 255 bytes and its keywords, is half as long.
const LONGEST_HEADER: u64 = 4 << 20;

/// What the content says.
pub(crate) struct Said {
    pub(crate) content: Content,
    pub(crate) companions: Vec<Place>,
}

/// Why the content says nothing.
pub(crate) enum Failed {
    /// It cannot be read.
    Read(io::Error),
    /// It names what cannot be used.
    Rejected(Code),
}

/// Asks the content of `file`, which is at `place` and `size` bytes long.
pub(crate) fn ask(file: &File, place: &Place, size: u64, companions: &Companions) -> Result<Said, Failed> {
    let name = place.name.as_bytes();
    let (head, tail) = sample(file, name, size).map_err(Failed::Read)?;
    let content = complete::check(name, &Sample { length: size, head: &head, tail: &tail });
    if content == Content::Incomplete || companion::role(companions, name) != Role::Leader {
        return Ok(Said { content, companions: Vec::new() });
    }
    // A done-marker's name says all; only a header is read.
    let whole = match companions {
        Companions::Gateway if size > LONGEST_HEADER => return Err(Failed::Rejected(Code::CONTENT_REJECTED)),
        Companions::Gateway if head.len() as u64 == size => head,
        Companions::Gateway => read(file, 0, size).map_err(Failed::Read)?,
        Companions::None | Companions::Suffix(_) => Vec::new(),
    };
    match companion::members(companions, place, &whole) {
        Ok(companions) => Ok(Said { content, companions }),
        Err(error) if error.code == Code::UNFINISHED => {
            Ok(Said { content: Content::Incomplete, companions: Vec::new() })
        }
        Err(error) => Err(Failed::Rejected(error.code)),
    }
}

/// Both ends of the file, as much as its format needs; a small file is all in the first.
fn sample(file: &File, name: &[u8], size: u64) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let by_name = complete::wanted(name, &[]);
    let both = |wanted: complete::Wanted| wanted.head as u64 + wanted.tail as u64;
    if size <= both(by_name) {
        return Ok((read(file, 0, size)?, Vec::new()));
    }
    let mut head = read(file, 0, by_name.head as u64)?;
    // What the file is called and what it begins with may differ.
    let wanted = complete::wanted(name, &head);
    if size <= both(wanted) {
        return Ok((read(file, 0, size)?, Vec::new()));
    }
    if wanted.head > head.len() {
        head = read(file, 0, wanted.head as u64)?;
    }
    let tail = wanted.tail as u64;
    Ok((head, if tail == 0 { Vec::new() } else { read(file, size - tail, tail)? }))
}

/// `length` bytes from `offset`, or fewer where the file has become shorter.
fn read(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?];
    let mut filled = 0;
    while filled < buffer.len() {
        match os::sys::read_at(file, &mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn said(name: &str, text: &[u8], companions: &Companions) -> Result<Said, Code> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        ask(&file, &Place::new("/gw/API_OUT", name), text.len() as u64, companions).map_err(|failed| match failed {
            Failed::Rejected(code) => code,
            Failed::Read(error) => panic!("{error}"),
        })
    }

    #[test]
    fn both_ends_of_a_large_file_are_read() {
        let mut text = b"%PDF-1.7\n".to_vec();
        text.resize(300_000, b'x');
        assert_eq!(said("a.pdf", &text, &Companions::None).unwrap().content, Content::Incomplete);
        let table = text.len();
        text.extend_from_slice(format!("xref\n0 0\ntrailer\n<<>>\nstartxref\n{table}\n%%EOF\n").as_bytes());
        assert_eq!(said("a.pdf", &text, &Companions::None).unwrap().content, Content::Complete);
        assert_eq!(said("a.txt", b"whatever", &Companions::None).unwrap().content, Content::Unknown);
    }

    #[test]
    fn a_finished_header_names_its_files_and_an_unfinished_one_none() {
        let header = b"WPC-API= 1.2;\r\nMsg-Type= Mail;\r\nMsg-File= BODY1;\r\n-END-\r\n";
        let said_of = |text: &[u8]| said("M.API", text, &Companions::Gateway);
        let finished = said_of(header).unwrap();
        assert_eq!(finished.content, Content::Complete);
        assert_eq!(finished.companions, vec![Place::new("/gw/ATT_OUT", "BODY1")]);
        let unfinished = said_of(&header[..30]).unwrap();
        assert_eq!((unfinished.content, unfinished.companions.len()), (Content::Incomplete, 0));
    }

    #[test]
    fn a_header_that_names_files_elsewhere_is_rejected() {
        let header = b"WPC-API= 1.2;\r\nMsg-Type= Mail;\r\nMsg-File= ..\\..\\boot.ini;\r\n-END-\r\n";
        assert_eq!(said("M.API", header, &Companions::Gateway).err(), Some(Code::OUTSIDE));
    }

    #[test]
    fn a_done_marker_names_the_file_it_marks() {
        let marker = said("x.dat.done", b"", &Companions::Suffix(".done".into())).unwrap();
        assert_eq!(marker.companions, vec![Place::new("/gw/API_OUT", "x.dat")]);
    }
}
