//! Programs known by name, and what holding a file means for each.

use super::Kind;

/// Lower-case program names without `.exe`, with the kind of holder each is. Names are matched whole: a program that
/// merely contains one of them is not meant.
#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Kind)] = &[
    // Virus scanners: Microsoft, ClamAV, Sophos, McAfee/Trellix, Symantec, Trend Micro, ESET, Kaspersky, Bitdefender,
    // CrowdStrike, SentinelOne, F-Secure/WithSecure, Avast, Avira, G DATA, Carbon Black, Cylance, Palo Alto, Webroot.
    ("msmpeng", Kind::Scanner), ("mpdefendercoreservice", Kind::Scanner), ("mssense", Kind::Scanner),
    ("wdavdaemon", Kind::Scanner), ("mdatp", Kind::Scanner),
    ("clamd", Kind::Scanner), ("clamscan", Kind::Scanner), ("clamdscan", Kind::Scanner), ("clamonacc", Kind::Scanner),
    ("savservice", Kind::Scanner), ("savscand", Kind::Scanner), ("savd", Kind::Scanner),
    ("sophosfilescanner", Kind::Scanner), ("sophosfs", Kind::Scanner), ("sedservice", Kind::Scanner),
    ("mcshield", Kind::Scanner), ("mfetp", Kind::Scanner), ("mfemms", Kind::Scanner), ("isectpd", Kind::Scanner),
    ("ccsvchst", Kind::Scanner), ("rtvscan", Kind::Scanner), ("sisamddaemon", Kind::Scanner),
    ("ntrtscan", Kind::Scanner), ("tmbmsrv", Kind::Scanner), ("ds_am", Kind::Scanner), ("coreserviceshell", Kind::Scanner),
    ("ekrn", Kind::Scanner), ("oaeventd", Kind::Scanner), ("avp", Kind::Scanner), ("kesl", Kind::Scanner),
    ("bdservicehost", Kind::Scanner), ("vsserv", Kind::Scanner), ("bdsecd", Kind::Scanner),
    ("csfalconservice", Kind::Scanner), ("falcon-sensor", Kind::Scanner), ("sentinelagent", Kind::Scanner),
    ("s1-agent", Kind::Scanner), ("fshoster32", Kind::Scanner), ("fsavd", Kind::Scanner), ("avastsvc", Kind::Scanner),
    ("avgsvc", Kind::Scanner), ("avguard", Kind::Scanner), ("avkservice", Kind::Scanner), ("cbdaemon", Kind::Scanner),
    ("repmgr", Kind::Scanner), ("cylancesvc", Kind::Scanner), ("cyserver", Kind::Scanner), ("wrsa", Kind::Scanner),
    ("netshield", Kind::Scanner), ("freshclam", Kind::Scanner),
    // Backups.
    ("veeamagent", Kind::Backup), ("veeam.endpoint.service", Kind::Backup), ("veeamservice", Kind::Backup),
    ("beremote", Kind::Backup), ("bengine", Kind::Backup), ("bpbkar32", Kind::Backup), ("bpbkar", Kind::Backup),
    ("dsmc", Kind::Backup), ("dsmcad", Kind::Backup), ("clbackup", Kind::Backup), ("cvd", Kind::Backup),
    ("wbengine", Kind::Backup), ("acronis_service_process", Kind::Backup), ("mms", Kind::Backup),
    ("bacula-fd", Kind::Backup), ("bareos-fd", Kind::Backup), ("bareos-filedaemon", Kind::Backup),
    ("borg", Kind::Backup), ("restic", Kind::Backup), ("duplicity", Kind::Backup), ("duplicati", Kind::Backup),
    ("duplicati-cli", Kind::Backup), ("rsnapshot", Kind::Backup), ("urbackupclientbackend", Kind::Backup),
    ("kopia", Kind::Backup), ("arcserve", Kind::Backup), ("nsrexecd", Kind::Backup), ("save", Kind::Backup),
    ("tar", Kind::Backup), ("amandad", Kind::Backup), ("hobocopy", Kind::Backup), ("backupd", Kind::Backup),
    // Synchronisation clients.
    ("onedrive", Kind::Sync), ("dropbox", Kind::Sync), ("googledrivefs", Kind::Sync), ("nextcloud", Kind::Sync),
    ("nextcloudcmd", Kind::Sync), ("owncloud", Kind::Sync), ("syncthing", Kind::Sync), ("rsync", Kind::Sync),
    ("rclone", Kind::Sync), ("seaf-daemon", Kind::Sync), ("megasync", Kind::Sync), ("box", Kind::Sync),
    ("icloudservices", Kind::Sync), ("dfsrs", Kind::Sync), ("unison", Kind::Sync), ("lsyncd", Kind::Sync),
    ("resiliosync", Kind::Sync), ("rslsync", Kind::Sync), ("filen-desktop", Kind::Sync), ("bird", Kind::Sync),
    // Search indexers.
    ("searchindexer", Kind::Indexer), ("searchprotocolhost", Kind::Indexer), ("searchfilterhost", Kind::Indexer),
    ("tracker-miner-f", Kind::Indexer), ("tracker-miner-fs-3", Kind::Indexer), ("tracker-extract", Kind::Indexer),
    ("localsearch-3", Kind::Indexer), ("baloo_file", Kind::Indexer), ("baloo_file_extractor", Kind::Indexer),
    ("mdworker", Kind::Indexer), ("mdworker_shared", Kind::Indexer), ("mds_stores", Kind::Indexer),
    ("everything", Kind::Indexer), ("updatedb", Kind::Indexer), ("recollindex", Kind::Indexer),
    // Programs that take files from folders.
    ("lockwait", Kind::OtherConsumer), ("filebeat", Kind::OtherConsumer), ("fluent-bit", Kind::OtherConsumer),
    ("fluentd", Kind::OtherConsumer), ("btsntsvc", Kind::OtherConsumer), ("btsntsvc64", Kind::OtherConsumer),
    ("gwrouter", Kind::OtherConsumer),
];

/// The kind of the program called `name` (a path, `.exe` and letter case do not matter), if it is known.
///
/// Linux cuts a process name at 15 bytes, so a table name that long or longer also matches its first 15 bytes.
pub fn program(name: &str) -> Option<Kind> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let base = base.strip_suffix(".exe").or_else(|| base.strip_suffix(".EXE")).unwrap_or(base);
    const CUT: usize = 15;
    let same = |known: &str| {
        base.eq_ignore_ascii_case(known)
            || (base.len() == CUT && known.len() > CUT && base.eq_ignore_ascii_case(&known[..CUT]))
    };
    PROGRAMS.iter().find(|(known, _)| same(known)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_base_name_in_any_case() {
        assert_eq!(program("C:\\Program Files\\Windows Defender\\MsMpEng.exe"), Some(Kind::Scanner));
        assert_eq!(program("/usr/sbin/clamd"), Some(Kind::Scanner));
        assert_eq!(program("bareos-filedaem"), Some(Kind::Backup));
        assert_eq!(program("clamd-notifier"), None);
        assert_eq!(program(""), None);
    }

    #[test]
    fn every_table_name_is_lower_case_ascii_and_stands_once() {
        for (index, (name, _)) in PROGRAMS.iter().enumerate() {
            assert!(name.is_ascii() && *name == name.to_ascii_lowercase(), "{name}");
            assert!(PROGRAMS[..index].iter().all(|(other, _)| other != name), "{name} twice");
        }
    }
}
