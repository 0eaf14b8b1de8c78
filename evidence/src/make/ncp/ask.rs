//! Requests, in the layouts of Wireshark's `ncp2222.py`.

/// What an open may do and lets others do: the bits of the desired access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rights(pub u16);

impl Rights {
    /// Reads; others may do everything.
    pub const READ: Rights = Rights(0x01);
    /// Reads; others may read.
    pub const READ_DENY_WRITE: Rights = Rights(0x09);
    /// Writes; others may do nothing.
    pub const WRITE_ALONE: Rights = Rights(0x0f);
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// The function.
    pub function: u8,
    /// The sub-function, where the function has one.
    pub subfunction: Option<u8>,
    data: Vec<u8>,
}

/// A handle as the replies of functions 87 and 89 have it.
pub type Handle = [u8; 4];

impl Ask {
    /// Any request: what follows function and sub-function.
    pub fn new(function: u8, subfunction: Option<u8>, data: &[u8]) -> Ask {
        Ask { function, subfunction, data: data.to_vec() }
    }

    /// 87/1: opens a file in a directory that the server has numbered.
    pub fn open(volume: u8, directory: u32, names: &[&str], rights: Rights) -> Ask {
        let place = place(volume, directory, 1, names);
        Ask::new(87, Some(1), &[&open_head(rights), &place[..], &short_names(names)].concat())
    }

    /// 87/1 with a directory handle.
    pub fn open_by_handle(handle: u8, names: &[&str], rights: Rights) -> Ask {
        let place = place(0, handle.into(), 0, names);
        Ask::new(87, Some(1), &[&open_head(rights), &place[..], &short_names(names)].concat())
    }

    /// 89/32: opens a file with a name in UTF-8, and asks for an op-lock.
    pub fn open_utf8(volume: u8, directory: u32, names: &[&str], rights: Rights) -> Ask {
        let mut data = open_head(rights).to_vec();
        data.extend(directory.to_le_bytes());
        data.extend([volume, 1, 1, 0, 0, 0, 0, 0, names.len() as u8]);
        for name in names {
            data.extend((name.len() as u16).to_le_bytes());
            data.extend(name.as_bytes());
        }
        Ask::new(89, Some(32), &data)
    }

    /// 76: opens a file by directory handle and path, as DOS clients do. Its reply has a handle of six bytes.
    pub fn open_dos(handle: u8, path: &str, rights: Rights) -> Ask {
        Ask::new(76, None, &[&[handle, 0x06, rights.0 as u8], &text(path)[..]].concat())
    }

    /// 66.
    pub fn close(handle: Handle) -> Ask {
        Ask::new(66, None, &[&[0, 0, 0][..], &handle].concat())
    }

    /// 72.
    pub fn read(handle: Handle, offset: u32, count: u16) -> Ask {
        Ask::new(72, None, &[&[0, 0, 0][..], &handle, &offset.to_be_bytes(), &count.to_be_bytes()].concat())
    }

    /// 73.
    pub fn write(handle: Handle, offset: u32, data: &[u8]) -> Ask {
        let count = (data.len() as u16).to_be_bytes();
        Ask::new(73, None, &[&[0, 0, 0][..], &handle, &offset.to_be_bytes(), &count, data].concat())
    }

    /// 87/67: locks a byte range.
    pub fn lock(handle: Handle, start: u64, length: u64) -> Ask {
        let flag = 1_u32.to_be_bytes();
        let wait = 0_u32.to_be_bytes();
        let range = [start.to_be_bytes(), length.to_be_bytes()].concat();
        Ask::new(87, Some(67), &[&flag[..], &handle, &range, &wait].concat())
    }

    /// 87/69: unlocks a byte range.
    pub fn unlock(handle: Handle, start: u64, length: u64) -> Ask {
        Ask::new(87, Some(69), &[&handle[..], &start.to_be_bytes(), &length.to_be_bytes()].concat())
    }

    /// 26: locks a byte range, as DOS clients do.
    pub fn lock_dos(handle: Handle, start: u32, length: u32) -> Ask {
        let range = [start.to_be_bytes(), length.to_be_bytes()].concat();
        Ask::new(26, None, &[&[1, 0, 0][..], &handle, &range, &[0, 0]].concat())
    }

    /// 3: locks a whole file; `shared`: others may read it.
    pub fn lock_file(handle: u8, path: &str, shared: bool) -> Ask {
        Ask::new(3, None, &[&[handle, if shared { 3 } else { 1 }, 0, 0], &text(path)[..]].concat())
    }

    /// 7: unlocks a whole file.
    pub fn unlock_file(handle: u8, path: &str) -> Ask {
        Ask::new(7, None, &[&[handle], &text(path)[..]].concat())
    }

    /// 87/8: deletes a file.
    pub fn erase(volume: u8, directory: u32, names: &[&str]) -> Ask {
        let place = place(volume, directory, 1, names);
        Ask::new(87, Some(8), &[&[0, 0, 6, 0], &place[..], &short_names(names)].concat())
    }

    /// 87/6: asks for what a directory says of a file.
    pub fn look(volume: u8, directory: u32, names: &[&str]) -> Ask {
        let place = place(volume, directory, 1, names);
        Ask::new(87, Some(6), &[&[0, 0, 6, 0, 0, 0, 0, 0], &place[..], &short_names(names)].concat())
    }

    /// 22/19: asks for a directory handle.
    pub fn directory_handle(path: &str) -> Ask {
        Ask::new(22, Some(19), &[&[0, 0], &text(path)[..]].concat())
    }

    /// What follows the header that all messages share.
    pub fn body(&self) -> Vec<u8> {
        let mut body = vec![self.function];
        // The functions that also have the length of what follows.
        if matches!(self.function, 21..=23) {
            body.extend((self.data.len() as u16 + 1).to_be_bytes());
        }
        body.extend(self.subfunction);
        body.extend(&self.data);
        body
    }
}

/// Name space, mode, search attributes, return mask, attributes, access: what opens begin with.
fn open_head(Rights(rights): Rights) -> [u8; 14] {
    let [low, high] = rights.to_le_bytes();
    [0, 1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, low, high]
}

/// Volume, directory base, what the base is, count of names.
fn place(volume: u8, base: u32, kind: u8, names: &[&str]) -> Vec<u8> {
    [&[volume], &base.to_le_bytes()[..], &[kind, names.len() as u8]].concat()
}

fn short_names(names: &[&str]) -> Vec<u8> {
    names.iter().flat_map(|name| text(name)).collect()
}

fn text(text: &str) -> Vec<u8> {
    [&[text.len() as u8], text.as_bytes()].concat()
}
