//! A lock as `/proc/locks` and `/proc/PID/fdinfo/FD` write it (proc_locks(5), `lock_get_status` in fs/locks.c):
//!
//! `1: POSIX  ADVISORY  WRITE 4711 fd:01:5678 0 EOF`

use lockwait_core::observation::Access;

/// One lock that is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LockLine {
    /// `posix`, `ofd`, `flock` or `lease`.
    pub(super) kind: &'static str,
    /// What the kind of lock proves of its holder's access.
    pub(super) access: Access,
    /// Who took it; `None` for a lock that belongs to an open file, and for a process outside our view.
    pub(super) pid: Option<u32>,
    /// Major and minor number of the device.
    pub(super) device: (u32, u32),
    pub(super) inode: u64,
}

/// The kernel's words and ours.
const KINDS: [(&str, &str); 5] =
    [("POSIX", "posix"), ("OFDLCK", "ofd"), ("FLOCK", "flock"), ("LEASE", "lease"), ("DELEG", "lease")];

impl LockLine {
    /// Reads one line; `None` for a lock that is only waited for, and for what is no lock.
    pub(super) fn parse(line: &str) -> Option<LockLine> {
        let mut words = line.split_ascii_whitespace();
        words.next().filter(|number| number.ends_with(':'))?;
        let word = words.next()?;
        let (_, kind) = *KINDS.iter().find(|(theirs, _)| *theirs == word)?;
        let (_mandatory, reads_or_writes) = (words.next()?, words.next()?);
        let pid = words.next()?.parse::<i64>().ok()?;
        let mut place = words.next()?.split(':');
        let mut hex = || u32::from_str_radix(place.next()?, 16).ok();
        let device = (hex()?, hex()?);
        let inode = place.next()?.parse().ok()?;
        // A record lock for writing can only be had on a file that is open for writing. The other kinds can be had
        // by readers.
        let writes = matches!(kind, "posix" | "ofd") && reads_or_writes == "WRITE";
        let access = if writes { Access::Write } else { Access::Unknown };
        Some(LockLine { kind, access, pid: u32::try_from(pid).ok().filter(|pid| *pid > 0), device, inode })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_locks_are_read_and_awaited_ones_are_not() {
        let line = LockLine::parse("1: POSIX  ADVISORY  WRITE 4711 fd:01:5678 0 EOF").unwrap();
        let access = Access::Write;
        let expected = LockLine { kind: "posix", access, pid: Some(4711), device: (0xfd, 1), inode: 5678 };
        assert_eq!(line, expected);
        let line = LockLine::parse("2: OFDLCK ADVISORY  WRITE -1 00:2a:9 0 99").unwrap();
        assert_eq!((line.kind, line.pid, line.device, line.inode), ("ofd", None, (0, 0x2a), 9));
        assert_eq!(LockLine::parse("3: FLOCK  ADVISORY  WRITE 5 08:01:7 0 EOF").unwrap().access, Access::Unknown);
        assert_eq!(LockLine::parse("4: LEASE  ACTIVE    READ  5 08:01:7 0 EOF").unwrap().kind, "lease");
        for line in ["1: -> POSIX  ADVISORY  WRITE 5 08:01:7 0 EOF", "", "garbage", "1: POSIX", "1: POSIX A W x y z"] {
            assert_eq!(LockLine::parse(line), None, "{line}");
        }
    }
}
