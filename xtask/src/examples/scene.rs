//! What a gateway leaves in its folders for the connectors: 200 messages and the troubles of the old product.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::holder::alone;
use crate::step::Trouble;

/// How the system that the connector runs on spells a name that has an umlaut in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spelling {
    /// The bytes that the gateway wrote: Linux.
    AsWritten,
    /// The characters they are in the OEM code page (437 and 850 agree on those used here): Windows, whose names are
    /// UTF-8 on this side of Wine.
    Characters,
}

/// What becomes of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// Nothing is in its way.
    Free,
    /// It arrives later than those before it: something of it was held, or came late.
    Late,
    /// Something of it is held to the end.
    Stuck,
    /// Its header makes no sense.
    Bad,
}

/// One message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The header's name.
    pub(crate) name: String,
    /// The header.
    pub(crate) content: Vec<u8>,
    /// Body and attachments: names on disk, and contents.
    pub(crate) files: Vec<(OsString, Vec<u8>)>,
    /// The folder at the destination.
    pub(crate) route: &'static str,
    /// What the message's folder is called there.
    pub(crate) arrives_as: String,
    pub(crate) fate: Fate,
    /// It comes after the others, when those have gone.
    pub(crate) is_second: bool,
}

/// The scene: what a gateway writes and when, and which files others hold.
pub(crate) struct Scene {
    pub(crate) messages: Vec<Message>,
    spelling: Spelling,
}

/// How many ordinary messages there are.
const ORDINARY: usize = 200;
/// The last of them.
pub(crate) const LAST: &str = "00000200.API";
/// The attachment that is held for a while.
pub(crate) const BRIEFLY_HELD: &str = "H0000001.001";
/// The attachment that is held to the end.
pub(crate) const STUCK: &str = "A0000100.001";
/// The answer for directory synchronization whose header is held (Q253349).
pub(crate) const RESPONSE: &str = "RESP0001.API";
/// The header that gets its end late.
pub(crate) const UNFINISHED: &str = "UNFIN001.API";
/// The name that attachments of two messages have.
pub(crate) const STORED_TWICE: &str = "COMMENTS";
/// The header whose name is taken at the destination.
pub(crate) const NAME_TAKEN: &str = "00000007.API";

const END: &[u8] = b"-END-\r\n";

impl Scene {
    pub(crate) fn new(spelling: Spelling) -> Scene {
        let mut scene = Scene { messages: Vec::new(), spelling };
        for number in 1..=ORDINARY {
            scene.ordinary(number);
        }
        // The header's own name has characters beyond ASCII, too.
        scene.add("\u{dc}BUNG001.API", "Mail", &[(b"UB000001.BDY", b"body"), (b"Stra\xe1e \x81ber.DOC", b"road")]);
        scene.add("SEARCH01.API", "Search", &[(b"S0000001.FB", b"free and busy")]);
        // The gateway's own mistake of Q234585: a comma for a semicolon.
        let comma = scene.add("COMMA001.API", "Mail", &[(b"C0000001.BDY", b"body"), (b"C0000001.001", b"attached")]);
        comma.content = text(&comma.content).replace("-CONVERSION-ALLOWED-;", "-CONVERSION-ALLOWED-,").into_bytes();
        for (name, header) in [
            ("GARBAGE1.API", &b"\x7fELF\x02\x01\x01 this is no header\r\n-END-\r\n"[..]),
            ("OUTSIDE1.API", b"WPC-API= 1.2;\r\nMsg-Type= Mail;\r\nMsg-File= ..\\..\\SECRET.TXT;\r\n-END-\r\n"),
            ("NOTYPE01.API", b"WPC-API= 1.2;\r\nMsg-File= N0000001.BDY;\r\n-END-\r\n"),
        ] {
            let bad = scene.add(name, "Mail", &[]);
            (bad.content, bad.route, bad.fate) = (header.to_vec(), "BADFILES", Fate::Bad);
        }
        for (name, kind, files) in [
            (RESPONSE, "Admin", &[(&b"R0000001.RSP"[..], &b"a directory entry\r\n"[..])][..]),
            (UNFINISHED, "Mail", &[(b"UNFIN001.BDY", b"its header is being written")]),
            ("HELD0001.API", "Mail", &[(b"H0000001.BDY", b"body"), (BRIEFLY_HELD.as_bytes(), b"attached")]),
            // An attachment of the same stored name as one of the first message's.
            ("ZSECOND1.API", "Mail", &[(STORED_TWICE.as_bytes(), b"other comments, of another message")]),
        ] {
            let later = scene.add(name, kind, files);
            (later.fate, later.is_second) = (Fate::Late, true);
        }
        scene
    }

    /// Message `number`: a body, one or two attachments, now and then a long one.
    fn ordinary(&mut self, number: usize) {
        let (body, attachment) = (format!("B{number:07}.BDY"), format!("A{number:07}.001"));
        let text = format!("Body of message {number}.\r\n").repeat(1 + number % 40);
        let length = if number.is_multiple_of(50) { 1 << 20 } else { 100 * number };
        let bytes: Vec<u8> = (0..length).map(|at| (at * 31 + number * 7) as u8).collect();
        let mut files = vec![(body.into_bytes(), text.into_bytes()), (attachment.into_bytes(), bytes)];
        match number {
            1 => files.push((STORED_TWICE.as_bytes().to_vec(), b"comments of the first message".to_vec())),
            // In code pages 437 and 850 this is "Gruesse.TXT" with an umlaut and a sharp s.
            _ if number.is_multiple_of(20) => {
                files.push(([format!("G{number}-Gr").as_bytes(), b"\x81\xe1e.TXT"].concat(), b"greetings".to_vec()));
            }
            _ => {}
        }
        let name = format!("{number:08}.API");
        let files: Vec<(&[u8], &[u8])> = files.iter().map(|(name, bytes)| (&name[..], &bytes[..])).collect();
        let message = self.add(&name, "Mail", &files);
        match name.as_str() {
            NAME_TAKEN => message.arrives_as = name.replace(".API", "~2.API"),
            "00000100.API" => message.fate = Fate::Stuck,
            _ => {}
        }
    }

    fn add(&mut self, name: &str, kind: &str, files: &[(&[u8], &[u8])]) -> &mut Message {
        let route = match kind {
            "Search" => "FREEBUSY",
            "Admin" => "DIRSYNC",
            _ => "GW2MEXA",
        };
        self.messages.push(Message {
            name: name.to_owned(),
            content: header(kind, files),
            files: files.iter().map(|(name, bytes)| (self.on_disk(name), bytes.to_vec())).collect(),
            route,
            arrives_as: name.to_owned(),
            fate: Fate::Free,
            is_second: false,
        });
        let last = self.messages.len() - 1;
        &mut self.messages[last]
    }

    /// How a name that the gateway wrote stands in a folder.
    fn on_disk(&self, name: &[u8]) -> OsString {
        match self.spelling {
            Spelling::AsWritten => OsString::from_vec(name.to_vec()),
            Spelling::Characters => name.iter().map(|byte| character(*byte)).collect::<String>().into(),
        }
    }

    /// Writes all that is there at the beginning.
    pub(crate) fn write(&self, source: &Path, destination: &Path) -> io::Result<()> {
        for folder in ["API_OUT", "ATT_OUT"] {
            fs::create_dir_all(source.join(folder))?;
        }
        // A message of an earlier day that nobody has fetched.
        let taken = destination.join("GW2MEXA").join(NAME_TAKEN);
        fs::create_dir_all(&taken)?;
        fs::write(taken.join("OLD.TXT"), "of an earlier day")?;
        self.messages.iter().filter(|message| !message.is_second).try_for_each(|message| write(source, message))
    }

    /// Writes what comes when the others have gone: a header without its end; and two files, a header and an
    /// attachment, that `hold` holds before they have the names by which a connector finds them. Gives what `hold` gave.
    pub(crate) fn write_later<T>(
        &self,
        source: &Path,
        mut hold: impl FnMut(&Path) -> Result<T, Trouble>,
    ) -> Result<[T; 2], Trouble> {
        for message in self.messages.iter().filter(|message| message.is_second) {
            let end = if message.name == UNFINISHED { END } else { b"" };
            let content = message.content.strip_suffix(end).unwrap_or(&message.content);
            write(
                source,
                &Message { content: content.to_vec(), name: format!(".{}", message.name), ..message.clone() },
            )?;
        }
        let (attachment, response) =
            (at(source, "ATT_OUT", BRIEFLY_HELD), at(source, "API_OUT", &format!(".{RESPONSE}")));
        let held = [hold(&attachment)?, hold(&response)?];
        for message in self.messages.iter().filter(|message| message.is_second) {
            let name = at(source, "API_OUT", &message.name);
            fs::rename(at(source, "API_OUT", &format!(".{}", message.name)), name)?;
        }
        Ok(held)
    }

    /// Writes the end of the unfinished header, unless somebody has taken it as it was.
    pub(crate) fn finish(&self, source: &Path) -> io::Result<()> {
        let _alone = alone();
        match File::options().append(true).open(at(source, "API_OUT", UNFINISHED)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            opened => opened?.write_all(END),
        }
    }
}

/// Writes the files first and the header last, as the gateway does.
fn write(source: &Path, message: &Message) -> io::Result<()> {
    let _alone = alone();
    for (name, bytes) in &message.files {
        fs::write(source.join("ATT_OUT").join(name), bytes)?;
    }
    fs::write(source.join("API_OUT").join(&message.name), &message.content)
}

/// A header that names the files: the first as the body, the others as attachments, all with the same original name.
fn header(kind: &str, files: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut text = format!("WPC-API= 1.2;\r\nHeader-Char= T50;\r\nMsg-Type= {kind};\r\n").into_bytes();
    if let Some(((body, _), attachments)) = files.split_first() {
        text.extend([b"Msg-File= ", *body, b";\r\n"].concat());
        if !attachments.is_empty() {
            text.extend(b"Attach-File=\r\n");
        }
        for (n, (stored, _)) in attachments.iter().enumerate() {
            let end: &[u8] = if n + 1 == attachments.len() { b"    ;\r\n" } else { b"    ,\r\n" };
            let item: [&[u8]; 4] = [
                b"    Current-File= ",
                stored,
                b";\r\n    Original-File= Comments.txt;\r\n    -CONVERSION-ALLOWED-;\r\n",
                end,
            ];
            text.extend(item.concat());
        }
    }
    text.extend(END);
    text
}

/// The character that a byte is in the code pages 437 and 850.
fn character(byte: u8) -> char {
    match byte {
        0x81 => '\u{fc}',
        0xe1 => '\u{df}',
        other => char::from(other),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The path of a file in a folder of the source.
pub(crate) fn at(source: &Path, folder: &str, name: &str) -> PathBuf {
    source.join(folder).join(name)
}
