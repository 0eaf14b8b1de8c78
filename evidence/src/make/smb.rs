//! SMB2 clients and what servers answer them ([MS-SMB2] 2.2), on a [`Wire`].
//!
//! A scene decides what the server answers: nothing here knows who has which file open.

use std::net::SocketAddr;

use lockwait_core::time::Span;

use super::capture::{Tcp, Wire};

/// Statuses that scenes need.
pub const SUCCESS: u32 = 0;
/// The request waits; its answer comes later.
pub const PENDING: u32 = 0x103;
/// No file of that name.
pub const NOT_FOUND: u32 = 0xc000_0034;
/// Somebody has the file open and does not share it.
pub const SHARING_VIOLATION: u32 = 0xc000_0043;
/// A read or write touches a range that somebody has locked.
pub const LOCK_CONFLICT: u32 = 0xc000_0054;
/// Somebody has the range locked.
pub const LOCK_NOT_GRANTED: u32 = 0xc000_0055;

/// Access rights to ask for.
pub const READ: u32 = 0x0012_0089;
/// To write.
pub const WRITE: u32 = 0x0012_0116;
/// To look at attributes only.
pub const LOOK: u32 = 0x0010_0080;
/// To delete or rename.
pub const DELETE: u32 = 0x0001_0000;

/// Commands.
const SESSION_SETUP: u16 = 1;
const LOGOFF: u16 = 2;
const TREE_CONNECT: u16 = 3;
const TREE_DISCONNECT: u16 = 4;
const CREATE: u16 = 5;
const CLOSE: u16 = 6;
const READ_FILE: u16 = 8;
const WRITE_FILE: u16 = 9;
const LOCK: u16 = 10;
const SET_INFO: u16 = 17;
const OPLOCK_BREAK: u16 = 18;

const HEADER: usize = 64;
/// Header flags of an answer, and of an answer to what had to wait.
const RESPONSE: u32 = 1;
const ASYNC: u32 = 2;
/// Status of the first round of a logon.
const MORE_PROCESSING: u32 = 0xc000_0016;

/// One client's connection, logged on and with a share in use.
#[derive(Clone, Debug)]
pub struct Client {
    /// How long the server takes to answer.
    pub delay: Span,
    tcp: Tcp,
    session: u64,
    message: u64,
    files: u64,
}

/// An open file: its file id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct File([u8; 16]);

/// How a file is to be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    /// Rights: [`READ`], [`WRITE`], …
    pub access: u32,
    /// What others may do meanwhile: 1 read, 2 write, 4 delete.
    pub share: u32,
}

/// A request that the server has not answered yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub struct Asked {
    command: u16,
    message: u64,
    file: File,
}

const TREE: u32 = 5;
/// The message id of what the server says unasked.
const NOTICE: u64 = u64::MAX;
/// Flag of a logon that joins a session.
const BINDING: u8 = 1;
/// The port of NetBIOS sessions.
const NETBIOS: u16 = 139;

impl Client {
    /// Connects to `share` (`\\server\name`) and logs on as `user` of `machine`.
    pub fn connect(
        wire: &mut Wire,
        client: SocketAddr,
        server: SocketAddr,
        share: &str,
        user: &str,
        machine: &str,
    ) -> Client {
        let mut tcp = Tcp::open(wire, client, server);
        if server.port() == NETBIOS {
            session_request(wire, &mut tcp);
        }
        let mut client = Client::over(tcp, client);
        client.log_on(wire, user, machine, 0);
        let path = utf16(share);
        let body = [&[9, 0, 0, 0][..], &u16s(&[72, path.len()]), &path].concat();
        let answer = [&[16, 0, 1, 0][..], &[0; 8], &0x001f_01ff_u32.to_le_bytes()].concat();
        client.exchange(wire, TREE_CONNECT, &body, SUCCESS, &answer);
        client
    }

    /// Another connection of the same session, over which the same share and files are in use.
    pub fn channel(&self, wire: &mut Wire, client: SocketAddr, server: SocketAddr) -> Client {
        let mut channel = Client::over(Tcp::open(wire, client, server), client);
        channel.session = self.session;
        channel.log_on(wire, "", "", BINDING);
        channel
    }

    /// A client whose logon was before the capture began.
    pub fn midway(client: SocketAddr, server: SocketAddr) -> Client {
        Client::over(Tcp::midway(client, server), client)
    }

    fn over(tcp: Tcp, client: SocketAddr) -> Client {
        let session = 0x4000_0000_0000 | u64::from(client.port());
        Client { delay: Span::from_millis(1), tcp, session, message: 1, files: u64::from(client.port()) << 16 }
    }

    /// Opens a file; the server answers with `status`.
    pub fn open(&mut self, wire: &mut Wire, name: &str, ask: Ask, status: u32) -> File {
        let asked = self.ask_to_open(wire, name, ask);
        self.answer(wire, asked, status);
        asked.file
    }

    /// Asks to open a file. [`Client::answer`] answers.
    pub fn ask_to_open(&mut self, wire: &mut Wire, name: &str, ask: Ask) -> Asked {
        let name = utf16(name);
        let mut body = vec![57, 0, 0, 0, 2, 0, 0, 0];
        body.extend([0; 16]);
        for field in [ask.access, 0, ask.share, 1, 0] {
            body.extend(field.to_le_bytes());
        }
        body.extend(u16s(&[HEADER + 56, name.len()]));
        body.extend([0; 8]);
        body.extend(&name);
        // There is always a byte, also for the share's own folder.
        body.resize(body.len().max(57), 0);
        self.files += 1;
        let [low, high] = [self.files, !self.files].map(u64::to_le_bytes);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&low);
        id[8..].copy_from_slice(&high);
        self.request(wire, CREATE, &body, File(id))
    }

    /// Closes a file.
    pub fn close(&mut self, wire: &mut Wire, file: File) {
        let asked = self.request(wire, CLOSE, &[&[24, 0, 0, 0, 0, 0, 0, 0][..], &file.0].concat(), file);
        self.answer(wire, asked, SUCCESS);
    }

    /// Reads `length` bytes.
    pub fn read(&mut self, wire: &mut Wire, file: File, offset: u64, length: u32, status: u32) {
        let mut body = [&[49, 0, 0, 0][..], &length.to_le_bytes(), &offset.to_le_bytes(), &file.0].concat();
        body.extend([0; 17]);
        let asked = self.request(wire, READ_FILE, &body, file);
        wire.wait(self.delay);
        let head = [&[17, 0, 80, 0][..], &length.to_le_bytes(), &[0; 8]].concat();
        match status {
            SUCCESS => self.reply(wire, asked, status, 0, &[head, vec![b'.'; length as usize]].concat()),
            _ => self.answer(wire, asked, status),
        }
    }

    /// Writes `length` bytes.
    pub fn write(&mut self, wire: &mut Wire, file: File, offset: u64, length: u32, status: u32) {
        let mut body = [&[49, 0, 112, 0][..], &length.to_le_bytes(), &offset.to_le_bytes(), &file.0].concat();
        body.extend([0; 16]);
        body.extend(vec![b'.'; length as usize]);
        let asked = self.request(wire, WRITE_FILE, &body, file);
        self.answer(wire, asked, status);
    }

    /// Locks a range of bytes for itself alone, without waiting for it.
    pub fn lock(&mut self, wire: &mut Wire, file: File, offset: u64, length: u64, status: u32) {
        self.lock_or_unlock(wire, file, offset, length, 0x12, status);
    }

    /// Unlocks a range.
    pub fn unlock(&mut self, wire: &mut Wire, file: File, offset: u64, length: u64) {
        self.lock_or_unlock(wire, file, offset, length, 4, SUCCESS);
    }

    /// Gives an open file another name in its share.
    pub fn rename(&mut self, wire: &mut Wire, file: File, to: &str, status: u32) {
        let name = utf16(to);
        let value = [&[0; 16][..], &(name.len() as u32).to_le_bytes(), &name].concat();
        self.set(wire, file, 10, &value, status);
    }

    /// Has an open file deleted when it is closed.
    pub fn delete(&mut self, wire: &mut Wire, file: File, status: u32) {
        self.set(wire, file, 13, &[1], status);
    }

    /// The server says that `asked` must wait.
    pub fn pending(&mut self, wire: &mut Wire, asked: Asked) {
        self.reply(wire, asked, PENDING, ASYNC, &[9, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// The server asks this client to give way on a file that it has open ([MS-SMB2] 2.2.23.1).
    pub fn asked_to_give_way(&mut self, wire: &mut Wire) {
        let notice = Asked { command: OPLOCK_BREAK, message: NOTICE, file: File([7; 16]) };
        let body = [&[24, 0, 0, 0, 0, 0, 0, 0][..], &notice.file.0].concat();
        self.reply(wire, notice, SUCCESS, 0, &body);
    }

    /// The server answers after its delay.
    pub fn answer(&mut self, wire: &mut Wire, asked: Asked, status: u32) {
        wire.wait(self.delay);
        let mut body = match (status, asked.command) {
            (SUCCESS, CREATE) => [&[89, 0, 0, 0, 1, 0, 0, 0][..], &[0; 56], &asked.file.0, &[0; 8]].concat(),
            (SUCCESS, CLOSE) => vec![60, 0],
            (SUCCESS, WRITE_FILE) => vec![17, 0],
            (SUCCESS, SET_INFO) => vec![2, 0],
            (SUCCESS, _) => vec![4, 0, 0, 0],
            _ => vec![9, 0, 0, 0, 0, 0, 0, 0, 0],
        };
        let length = match (status, asked.command) {
            (SUCCESS, CLOSE) => 60,
            (SUCCESS, WRITE_FILE) => 16,
            _ => body.len(),
        };
        body.resize(length, 0);
        self.reply(wire, asked, status, 0, &body);
    }

    /// Lets go of the share, logs off and closes the connection.
    pub fn disconnect(mut self, wire: &mut Wire) {
        self.exchange(wire, TREE_DISCONNECT, &[4, 0, 0, 0], SUCCESS, &[4, 0, 0, 0]);
        self.exchange(wire, LOGOFF, &[4, 0, 0, 0], SUCCESS, &[4, 0, 0, 0]);
        self.tcp.close(wire);
    }

    /// The connection is closed, and the session goes on over others.
    pub fn leave(self, wire: &mut Wire) {
        self.tcp.close(wire);
    }

    /// The connection breaks.
    pub fn reset(self, wire: &mut Wire) {
        self.tcp.reset(wire);
    }

    /// The connection below.
    pub fn tcp(&mut self) -> &mut Tcp {
        &mut self.tcp
    }

    /// NTLM's third message ([MS-NLMP] 2.2.1.3), bare; what was before it is left out.
    fn log_on(&mut self, wire: &mut Wire, user: &str, machine: &str, flags: u8) {
        let (domain, user) = user.split_once('\\').unwrap_or(("", user));
        let texts = [domain, user, machine].map(utf16);
        let mut token = b"NTLMSSP\0\x03\0\0\0".to_vec();
        let mut offset = 64;
        token.extend([0; 16]);
        for text in &texts {
            token.extend(u16s(&[text.len(), text.len()]));
            token.extend((offset as u32).to_le_bytes());
            offset += text.len();
        }
        token.extend([0; 8]);
        // In UTF-16.
        token.extend(1_u32.to_le_bytes());
        token.extend(texts.concat());
        let mut body = vec![25, 0, flags, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        body.extend(u16s(&[HEADER + 24, token.len()]));
        body.extend([0; 8]);
        body.extend(token);
        let answer = [9, 0, 0, 0, 72, 0, 0, 0];
        let first = [25, 0, flags, 1, 0, 0, 0, 0, 0, 0, 0, 0, 88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        self.exchange(wire, SESSION_SETUP, &first, MORE_PROCESSING, &answer);
        self.exchange(wire, SESSION_SETUP, &body, SUCCESS, &answer);
    }

    fn lock_or_unlock(&mut self, wire: &mut Wire, file: File, offset: u64, length: u64, flags: u32, status: u32) {
        let mut body = [&[48, 0, 1, 0, 0, 0, 0, 0][..], &file.0, &offset.to_le_bytes(), &length.to_le_bytes()].concat();
        body.extend(flags.to_le_bytes());
        body.extend([0; 4]);
        let asked = self.request(wire, LOCK, &body, file);
        self.answer(wire, asked, status);
    }

    fn set(&mut self, wire: &mut Wire, file: File, class: u8, value: &[u8], status: u32) {
        let mut body = vec![33, 0, 1, class];
        body.extend((value.len() as u32).to_le_bytes());
        body.extend(u16s(&[HEADER + 32, 0]));
        body.extend([0; 4]);
        body.extend(file.0);
        body.extend(value);
        let asked = self.request(wire, SET_INFO, &body, file);
        self.answer(wire, asked, status);
    }

    fn exchange(&mut self, wire: &mut Wire, command: u16, body: &[u8], status: u32, answer: &[u8]) {
        let asked = self.request(wire, command, body, File([0; 16]));
        wire.wait(self.delay);
        self.reply(wire, asked, status, 0, answer);
    }

    fn request(&mut self, wire: &mut Wire, command: u16, body: &[u8], file: File) -> Asked {
        let asked = Asked { command, message: self.message, file };
        self.message += 1;
        let bytes = self.message(asked, 0, 0, body);
        self.tcp.ask(wire, &bytes);
        asked
    }

    fn reply(&mut self, wire: &mut Wire, asked: Asked, status: u32, flags: u32, body: &[u8]) {
        let bytes = self.message(asked, status, RESPONSE | flags, body);
        self.tcp.answer(wire, &bytes);
    }

    /// A message with its length before it.
    fn message(&self, asked: Asked, status: u32, flags: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = ((HEADER + body.len()) as u32).to_be_bytes().to_vec();
        bytes.extend(b"\xfeSMB\x40\0\x01\0");
        bytes.extend(status.to_le_bytes());
        bytes.extend(asked.command.to_le_bytes());
        bytes.extend([1, 0]);
        bytes.extend(flags.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(asked.message.to_le_bytes());
        // Process and tree, or the number of what waits.
        bytes.extend([0xff, 0xfe, 0, 0]);
        bytes.extend(if flags & ASYNC == 0 && asked.message != NOTICE { TREE } else { 0 }.to_le_bytes());
        bytes.extend(if asked.message == NOTICE { 0 } else { self.session }.to_le_bytes());
        bytes.extend([0; 16]);
        bytes.extend(body);
        bytes
    }
}

/// NetBIOS sessions begin with the names of both ends, 32 letters each (RFC 1002 4.3.2).
fn session_request(wire: &mut Wire, tcp: &mut Tcp) {
    let name = [&[32][..], &[b'C', b'A'].repeat(16), &[0]].concat();
    tcp.ask(wire, &[&[0x81, 0, 0, 68][..], &name, &name].concat());
    tcp.answer(wire, &[0x82, 0, 0, 0]);
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn u16s(numbers: &[usize]) -> Vec<u8> {
    numbers.iter().flat_map(|number| u16::try_from(*number).expect("a short text").to_le_bytes()).collect()
}
