//! A client of SMB1 that opens by NT_TRANSACT, and what servers answer it ([MS-CIFS] 2.2), on a [`Wire`].

use std::net::SocketAddr;

use super::capture::{Tcp, Wire};
use super::smb::{Ask, SUCCESS, utf16};

/// Commands.
const CLOSE: u8 = 0x04;
const LOCKING_ANDX: u8 = 0x24;
const TREE_CONNECT_ANDX: u8 = 0x75;
const NT_TRANSACT: u8 = 0xa0;
/// Function of NT_TRANSACT.
const NT_CREATE: u16 = 1;
const HEADER: usize = 32;
const REPLY: u8 = 0x80;
/// Names in UTF-16, statuses of NT.
const FLAGS_2: u16 = 0xc001;

/// One client's connection with a share in use.
#[derive(Clone, Debug)]
pub struct Client {
    tcp: Tcp,
    multiplex: u16,
    file: u16,
}

impl Client {
    /// Connects to `share` (`\\server\name`).
    pub fn connect(wire: &mut Wire, client: SocketAddr, server: SocketAddr, share: &str) -> Client {
        let mut client = Client { tcp: Tcp::open(wire, client, server), multiplex: 1, file: 0x4000 };
        // A password of one byte, and the name of the share at an even place: behind 32 + 1 + 8 + 2 + 1 bytes.
        let words = [0xff, 0, 0, 0, 0, 0, 1, 0];
        let bytes = [&[0][..], &utf16(share), &[0, 0], b"?????\0"].concat();
        client.ask(wire, TREE_CONNECT_ANDX, &words, &bytes);
        client.answer(wire, TREE_CONNECT_ANDX, SUCCESS, &[0xff, 0, 0, 0, 1, 0], b"A:\0\0\0");
        client
    }

    /// Opens a file by NT_TRANSACT, and the server answers with `status`.
    pub fn open(&mut self, wire: &mut Wire, name: &str, ask: Ask, status: u32) -> u16 {
        self.ask_to_open(wire, name, ask);
        self.opened(wire, status)
    }

    /// Asks to open a file by NT_TRANSACT, the beginning of which the server answers first.
    pub fn ask_to_open(&mut self, wire: &mut Wire, name: &str, ask: Ask) {
        let name = utf16(name);
        let mut parameters = Vec::new();
        // Flags, root, access, size, attributes, share, open what is there, no options, no descriptor, no EAs.
        for field in [0, 0, ask.access, 0, 0, 0, ask.share, 1, 0, 0, 0, name.len() as u32, 2] {
            parameters.extend(field.to_le_bytes());
        }
        parameters.push(0);
        // Words end at 32 + 1 + 38, bytes begin at 73; three more and the parameters begin at 76, their name at 130.
        parameters.push(0);
        parameters.extend(&name);
        let mut words = vec![0, 0, 0];
        let (length, start) = (parameters.len() as u32, (HEADER + 44) as u32);
        for field in [length, 0, 100, 0, length, start, 0, 0] {
            words.extend(field.to_le_bytes());
        }
        words.push(0);
        words.extend(NT_CREATE.to_le_bytes());
        self.ask(wire, NT_TRANSACT, &words, &[&[0; 3][..], &parameters].concat());
        self.answer(wire, NT_TRANSACT, SUCCESS, &[], &[]);
    }

    /// The server answers the open.
    pub fn opened(&mut self, wire: &mut Wire, status: u32) -> u16 {
        if status != SUCCESS {
            self.answer(wire, NT_TRANSACT, status, &[], &[]);
            return 0;
        }
        self.file += 1;
        let mut words = vec![0, 0, 0];
        // Words end at 32 + 1 + 36, bytes begin at 71; one more and the parameters begin at 72.
        for field in [69, 0, 69, 72, 0, 0, 0, 0] {
            words.extend(u32::to_le_bytes(field));
        }
        words.push(0);
        let parameters = [&[0, 0][..], &self.file.to_le_bytes(), &[1, 0, 0, 0], &[0; 61]].concat();
        self.answer(wire, NT_TRANSACT, SUCCESS, &words, &[&[0][..], &parameters].concat());
        self.file
    }

    /// The server asks the client to let go of an oplock ([MS-CIFS] 2.2.4.32.1): a request with a multiplex id of its own.
    pub fn asked_to_give_way(&mut self, wire: &mut Wire, file: u16) {
        let own = std::mem::replace(&mut self.multiplex, 0xffff);
        let words = [&[0xff, 0, 0, 0][..], &file.to_le_bytes(), &[2, 0], &[0; 8]].concat();
        let message = self.message(LOCKING_ANDX, SUCCESS, 0, &words, &[]);
        self.tcp.answer(wire, &message);
        self.multiplex = own;
    }

    /// Closes a file.
    pub fn close(&mut self, wire: &mut Wire, file: u16) {
        self.ask(wire, CLOSE, &[&file.to_le_bytes()[..], &[0; 4]].concat(), &[]);
        self.answer(wire, CLOSE, SUCCESS, &[], &[]);
    }

    fn ask(&mut self, wire: &mut Wire, command: u8, words: &[u8], bytes: &[u8]) {
        self.multiplex += 1;
        let message = self.message(command, SUCCESS, 0, words, bytes);
        self.tcp.ask(wire, &message);
    }

    fn answer(&mut self, wire: &mut Wire, command: u8, status: u32, words: &[u8], bytes: &[u8]) {
        let message = self.message(command, status, REPLY, words, bytes);
        self.tcp.answer(wire, &message);
    }

    /// A message with its length before it.
    fn message(&self, command: u8, status: u32, flags: u8, words: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut message = ((HEADER + 3 + words.len() + bytes.len()) as u32).to_be_bytes().to_vec();
        message.extend(b"\xffSMB");
        message.push(command);
        message.extend(status.to_le_bytes());
        message.push(flags);
        message.extend(FLAGS_2.to_le_bytes());
        message.extend([0; 12]);
        // Tree, process, user, multiplex id.
        for field in [1, 77, 100, self.multiplex] {
            message.extend(field.to_le_bytes());
        }
        message.push((words.len() / 2) as u8);
        message.extend(words);
        message.extend((bytes.len() as u16).to_le_bytes());
        message.extend(bytes);
        message
    }
}
