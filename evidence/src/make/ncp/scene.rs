//! A file that one client holds and another wants, until it gets it.

use lockwait_core::time::{Span, Timestamp};

use super::ask::{Ask, Handle, Rights};
use super::{Carrier, Network, Session};

/// How the file is held and wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hold {
    /// 87/1 against an open that shares nothing: 0x80.
    Open,
    /// 89/32, likewise.
    OpenUtf8,
    /// 76, likewise, with a directory handle that each client got by itself.
    OpenDos,
    /// 87/67 against a lock of the same bytes: 0xfd.
    Record,
    /// 26, likewise, until its time is up: 0xfe.
    RecordDos,
    /// 72 of locked bytes: 0xa2.
    Read,
    /// 87/8 of an open file: 0x8e.
    Erase,
    /// 3 against a lock of the whole file: 0xff.
    WholeFile,
}

/// How the holder lets go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Release {
    /// It closes the file.
    #[default]
    Close,
    /// Its task ends.
    EndOfJob,
    /// It logs out.
    Logout,
    /// It gives its connection up.
    Destroy,
    /// Its TCP connection ends without a word of NCP.
    HangUp,
}

/// What makes the capture harder to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Twist {
    /// Messages over TCP are signed.
    pub is_signed: bool,
    /// The longest TCP segment; 0: as long as Ethernet allows.
    pub segment: usize,
    /// Every attempt is sent again before its answer, and the server says that it works on it.
    pub repeats: bool,
    /// The waiter was refused once before, on a connection that has been created again with the same number since.
    pub reuses: bool,
    /// The capture begins in the middle, with sequence numbers about to wrap around.
    pub is_midway: bool,
    /// How the holder lets go.
    pub release: Release,
}

/// A capture and the truth about it.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Frames and their meaning.
    pub network: Network,
    /// When each attempt was answered with a refusal.
    pub refused: Vec<Timestamp>,
    /// The completion code of the refusals.
    pub completion: u8,
    /// When the holder's letting go was answered, or was said where it needs no answer.
    pub released: Timestamp,
    /// When the waiter was answered that it has what it wanted.
    pub taken: Timestamp,
}

/// The file of the scenes: volume, directory, name.
const VOLUME: u8 = 1;
const DIRECTORY: u32 = 12;
const NAME: &str = "RESPONSE.API";
const NAMES: &[&str] = &["API_OUT", NAME];
const HOLDER_HANDLE: Handle = [0x73, 0x80, 0xe1, 0xe2];
const WAITER_HANDLE: Handle = [0x07, 0x64, 0x76, 0xde];
/// The bytes that are locked.
const START: u32 = 100;
const LENGTH: u32 = 50;
/// The client that holds and the one that waits.
pub const HOLDER: u8 = 5;
/// See [`HOLDER`].
pub const WAITER: u8 = 6;

impl Hold {
    /// Every way.
    pub const ALL: [Hold; 8] = [
        Hold::Open,
        Hold::OpenUtf8,
        Hold::OpenDos,
        Hold::Record,
        Hold::RecordDos,
        Hold::Read,
        Hold::Erase,
        Hold::WholeFile,
    ];

    /// The attempt, its refusal, and what the reply to it has when it succeeds.
    fn attempt(self) -> (Ask, u8, Vec<u8>) {
        let opened = [&WAITER_HANDLE[..], &[1, 0]].concat();
        match self {
            Hold::Open => (Ask::open(VOLUME, DIRECTORY, NAMES, Rights::READ_DENY_WRITE), 0x80, opened),
            Hold::OpenUtf8 => (Ask::open_utf8(VOLUME, DIRECTORY, NAMES, Rights::READ_DENY_WRITE), 0x80, opened),
            Hold::OpenDos => (Ask::open_dos(2, NAME, Rights::READ_DENY_WRITE), 0x80, dos_open(WAITER_HANDLE)),
            Hold::Record => (Ask::lock(WAITER_HANDLE, START.into(), LENGTH.into()), 0xfd, vec![]),
            Hold::RecordDos => (Ask::lock_dos(WAITER_HANDLE, START, LENGTH), 0xfe, vec![]),
            Hold::Read => (Ask::read(WAITER_HANDLE, START, LENGTH as u16), 0xa2, [&[0, 50], &[b'x'; 50][..]].concat()),
            Hold::Erase => (Ask::erase(VOLUME, DIRECTORY, NAMES), 0x8e, vec![]),
            Hold::WholeFile => (Ask::lock_file(0, "SYS:API_OUT\\RESPONSE.API", false), 0xff, vec![]),
        }
    }

    /// What both do before, and the holder to hold the file.
    fn prepare(self, network: &mut Network, holder: &mut Session, waiter: &mut Session) {
        let open = |rights| Ask::open(VOLUME, DIRECTORY, NAMES, rights);
        let opened = |handle: Handle| [&handle[..], &[1, 0]].concat();
        match self {
            Hold::Open | Hold::Erase => holder.talk(network, &open(Rights::WRITE_ALONE), 0, &opened(HOLDER_HANDLE)),
            Hold::OpenUtf8 => {
                let ask = Ask::open_utf8(VOLUME, DIRECTORY, NAMES, Rights::WRITE_ALONE);
                holder.talk(network, &ask, 0, &opened(HOLDER_HANDLE));
            }
            Hold::OpenDos => {
                // The same directory under different handles.
                holder.talk(network, &Ask::directory_handle("SYS:API_OUT"), 0, &[7, 0xff]);
                waiter.talk(network, &Ask::directory_handle("SYS:API_OUT"), 0, &[2, 0xff]);
                holder.talk(network, &Ask::open_dos(7, NAME, Rights::WRITE_ALONE), 0, &dos_open(HOLDER_HANDLE));
            }
            Hold::Record | Hold::RecordDos | Hold::Read => {
                holder.talk(network, &open(Rights::READ), 0, &opened(HOLDER_HANDLE));
                waiter.talk(network, &open(Rights::READ), 0, &opened(WAITER_HANDLE));
                let lock = Ask::lock(HOLDER_HANDLE, START.into(), LENGTH.into());
                holder.talk(network, &lock, 0, &[]);
            }
            Hold::WholeFile => {
                holder.talk(network, &Ask::lock_file(0, "SYS:API_OUT\\RESPONSE.API", false), 0, &[]);
            }
        }
        if matches!(self, Hold::Open | Hold::OpenUtf8 | Hold::OpenDos | Hold::Erase) {
            holder.talk(network, &Ask::write(HOLDER_HANDLE, 0, &[b'a'; 300]), 0, &[]);
            holder.talk(network, &Ask::write(HOLDER_HANDLE, 300, &[b'b'; 200]), 0, &[]);
        }
    }

    /// What the holder closes or unlocks.
    fn let_go(self) -> Ask {
        match self {
            Hold::WholeFile => Ask::unlock_file(0, "SYS:API_OUT\\RESPONSE.API"),
            Hold::Record | Hold::RecordDos | Hold::Read => Ask::unlock(HOLDER_HANDLE, START.into(), LENGTH.into()),
            Hold::Open | Hold::OpenUtf8 | Hold::OpenDos | Hold::Erase => Ask::close(HOLDER_HANDLE),
        }
    }
}

/// One client holds a file, another tries every `retry` and is refused `tries` times, the holder lets go halfway to
/// the next attempt, and that succeeds.
pub fn held(carrier: Carrier, hold: Hold, tries: usize, retry: Span, twist: Twist) -> Scene {
    let mut network = Network::new(Timestamp(1_000_000_000_000_000));
    if twist.segment > 0 {
        network.wire.segment = twist.segment;
    }
    let mut client = |last, connection| {
        let mut session = if twist.is_midway {
            Session::midway(carrier, last, connection)
        } else {
            Session::create(&mut network, carrier, last, connection)
        };
        session.is_signed = twist.is_signed;
        if twist.is_midway {
            session.sequence = 250;
        }
        session
    };
    let (mut holder, mut waiter) = (client(HOLDER, 41), client(WAITER, 300));
    hold.prepare(&mut network, &mut holder, &mut waiter);
    let (ask, completion, success) = hold.attempt();
    let mut refused = Vec::new();
    let attempt = |network: &mut Network, waiter: &mut Session, completion, data: &[u8]| {
        let begin = network.wire.now;
        waiter.ask(network, &ask);
        if twist.repeats {
            network.wire.wait(Span(2_000));
            waiter.ask_again(network);
            waiter.processing(network);
        }
        network.wire.wait(Span(700));
        waiter.answer(network, completion, data);
        let answered = network.wire.now;
        network.wire.now = begin;
        answered
    };
    if twist.reuses && hold != Hold::OpenDos {
        waiter.sequence = 1;
        refused.push(attempt(&mut network, &mut waiter, completion, &[]));
        network.wire.wait(retry);
        waiter.create_again(&mut network, 300);
        if matches!(hold, Hold::Record | Hold::RecordDos | Hold::Read) {
            let open = Ask::open(VOLUME, DIRECTORY, NAMES, Rights::READ);
            waiter.talk(&mut network, &open, 0, &[&WAITER_HANDLE[..], &[1, 0]].concat());
        }
    }
    for _ in 0..tries {
        refused.push(attempt(&mut network, &mut waiter, completion, &[]));
        network.wire.wait(retry);
    }
    network.wire.now = Timestamp(network.wire.now.0 - retry.0 / 2);
    let released = network.wire.now;
    match twist.release {
        Release::Close => holder.talk(&mut network, &hold.let_go(), 0, &[]),
        Release::EndOfJob => holder.talk(&mut network, &Ask::new(24, None, &[]), 0, &[]),
        Release::Logout => holder.talk(&mut network, &Ask::new(25, None, &[]), 0, &[]),
        Release::Destroy => holder.destroy(&mut network),
        Release::HangUp => holder.hang_up(&mut network),
    }
    network.wire.wait(Span(retry.0 / 2));
    let taken = attempt(&mut network, &mut waiter, 0, &success);
    Scene { network, refused, completion, released, taken }
}

/// What the reply of the old open functions has: a handle of six bytes, and the file's entry.
fn dos_open(handle: Handle) -> Vec<u8> {
    [&[0x55, 0xaa][..], &handle, &[0; 30]].concat()
}
