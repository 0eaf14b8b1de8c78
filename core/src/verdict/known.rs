//! Programs known by name, and what holding a file means for each.

use super::Kind;

/// Lower-case program names without `.exe`, blanks between them, with the kind of holder they are. Names are matched
/// whole: a program that merely contains one of them is not meant.
pub const PROGRAMS: &[(Kind, &str)] = &[
    // Virus scanners: Microsoft, ClamAV, Sophos, McAfee/Trellix, Symantec, Trend Micro, ESET, Kaspersky, Bitdefender,
    // CrowdStrike, SentinelOne, F-Secure/WithSecure, Avast, Avira, G DATA, Carbon Black, Cylance, Palo Alto, Webroot.
    (
        Kind::Scanner,
        "msmpeng mpdefendercoreservice mssense wdavdaemon mdatp clamd clamscan clamdscan clamonacc \
         savservice savscand savd sophosfilescanner sophosfs sedservice mcshield mfetp mfemms isectpd \
         ccsvchst rtvscan sisamddaemon ntrtscan tmbmsrv ds_am coreserviceshell ekrn oaeventd avp kesl \
         bdservicehost vsserv bdsecd csfalconservice falcon-sensor sentinelagent s1-agent fshoster32 \
         fsavd avastsvc avgsvc avguard avkservice cbdaemon repmgr cylancesvc cyserver wrsa netshield \
         freshclam",
    ),
    // Backups.
    (
        Kind::Backup,
        "veeamagent veeam.endpoint.service veeamservice beremote bengine bpbkar32 bpbkar dsmc dsmcad \
         clbackup cvd wbengine acronis_service_process mms bacula-fd bareos-fd bareos-filedaemon borg \
         restic duplicity duplicati duplicati-cli rsnapshot urbackupclientbackend kopia arcserve nsrexecd \
         save tar amandad hobocopy backupd",
    ),
    // Synchronisation clients.
    (
        Kind::Sync,
        "onedrive dropbox googledrivefs nextcloud nextcloudcmd owncloud syncthing rsync rclone \
         seaf-daemon megasync box icloudservices dfsrs unison lsyncd resiliosync rslsync filen-desktop \
         bird",
    ),
    // Search indexers.
    (
        Kind::Indexer,
        "searchindexer searchprotocolhost searchfilterhost tracker-miner-f tracker-miner-fs-3 \
         tracker-extract localsearch-3 baloo_file baloo_file_extractor mdworker mdworker_shared \
         mds_stores everything updatedb recollindex",
    ),
    // Programs that take files from folders.
    (Kind::OtherConsumer, "lockwait filebeat fluent-bit fluentd btsntsvc btsntsvc64 gwrouter"),
];

/// Names of processes are cut at so many bytes (Linux: TASK_COMM_LEN less the end).
const CUT: usize = 15;

/// For each length of a name up to [`CUT`], at which longer ones may be cut, the first letters that there are.
const FIRST: [u32; CUT + 1] = first();

const fn first() -> [u32; CUT + 1] {
    let mut first = [0; CUT + 1];
    let mut index = 0;
    while index < PROGRAMS.len() {
        let names = PROGRAMS[index].1.as_bytes();
        let (mut start, mut end) = (0, 0);
        while end <= names.len() {
            if end == names.len() || names[end] == b' ' {
                first[if end - start < CUT { end - start } else { CUT }] |= 1 << (names[start] & 31);
                start = end + 1;
            }
            end += 1;
        }
        index += 1;
    }
    first
}

/// Whether a program may be in the table: few that are not have the length and first letter of one that is.
fn may_be(base: &[u8]) -> bool {
    base.first().is_some_and(|letter| FIRST[base.len().min(CUT)] & 1 << (letter & 31) != 0)
}

/// Whether the program called `name` (a path, `.exe` and letter case do not matter) is known to be of this kind.
///
/// Linux cuts the name of a process at 15 bytes: a name in the table that is as long or longer also matches those.
pub fn is(kind: Kind, name: &str) -> bool {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let base = base.strip_suffix(".exe").or_else(|| base.strip_suffix(".EXE")).unwrap_or(base);
    // No name in the table has a blank; most people's have, with their machine's behind it.
    if base.is_empty() || base.contains(' ') {
        return false;
    }
    let base = base.as_bytes();
    if !may_be(base) {
        return false;
    }
    let same = |known: &[u8]| {
        base.eq_ignore_ascii_case(known)
            || (base.len() == CUT && known.get(..CUT).is_some_and(|known| base.eq_ignore_ascii_case(known)))
    };
    PROGRAMS.iter().any(|(of, names)| *of == kind && names.as_bytes().split(|byte| *byte == b' ').any(same))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn programs_are_known_by_base_name_in_any_case() {
        assert!(is(Kind::Scanner, "C:\\Program Files\\Windows Defender\\MsMpEng.exe"));
        assert!(is(Kind::Scanner, "/usr/sbin/clamd"));
        assert!(is(Kind::Backup, "bareos-filedaem"));
        for unknown in ["clamd-notifier", "clamd (PC-1)", ""] {
            assert!(!is(Kind::Scanner, unknown), "{unknown}");
        }
        assert!(!is(Kind::Backup, "clamd"));
    }

    #[test]
    fn every_program_of_the_table_is_found_whole_cut_and_in_capitals() {
        for (kind, name) in PROGRAMS.iter().flat_map(|(kind, names)| names.split(' ').map(|name| (*kind, name))) {
            for told in [name, &name[..name.len().min(CUT)], &name.to_ascii_uppercase()] {
                assert!(is(kind, told), "{told}");
            }
        }
    }

    #[test]
    fn every_table_name_is_lower_case_ascii_and_stands_once() {
        let names: Vec<&str> = PROGRAMS.iter().flat_map(|(_, names)| names.split(' ')).collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!name.is_empty() && name.is_ascii() && *name == name.to_ascii_lowercase(), "{name}");
            assert!(!names[..index].contains(name), "{name} twice");
        }
    }
}
