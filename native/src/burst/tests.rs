//! Every state that a kill can leave, made by hand, and what opening the destination makes of it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use lockwait_core::observation::{Name, Place};
use lockwait_core::pickup::Outcome;
use lockwait_core::policy::Collision;

use super::record::{self, Record};
use super::{Burst, Recovered};
use crate::os::disk::{self, Folders, Stat};
use crate::path;

const STEM: &str = ".lockwait-dead-0";
const TEXT: &[u8] = b"the whole content";

/// Names and contents, sorted.
type Files = Vec<(OsString, Vec<u8>)>;

/// A source and a destination folder as a killed run left them.
struct Scene {
    scratch: tempfile::TempDir,
}

impl Scene {
    fn new() -> Scene {
        let scratch = tempfile::tempdir().unwrap();
        for folder in ["from", "to"] {
            fs::create_dir(scratch.path().join(folder)).unwrap();
        }
        Scene { scratch }
    }

    fn from(&self, name: &str) -> PathBuf {
        self.scratch.path().join("from").join(name)
    }

    fn to(&self, name: &str) -> PathBuf {
        self.scratch.path().join("to").join(name)
    }

    fn part(&self, text: &[u8]) -> &Scene {
        fs::write(self.to(&format!("{STEM}.part")), text).unwrap();
        self
    }

    fn claim(&self, text: &[u8]) -> &Scene {
        fs::write(self.from(&format!("{STEM}.claim")), text).unwrap();
        self
    }

    /// The journal, recording the claim and part as they are; what is not there is recorded as something else.
    fn journal(&self) -> &Scene {
        let claim = stat(&self.from(&format!("{STEM}.claim")));
        let part = stat(&self.to(&format!("{STEM}.part")));
        let folders = Folders::default();
        let mut record = Record {
            source: path::to_place(&self.from("a.txt")).unwrap(),
            folder: folders.check(&path::to_name(self.scratch.path().join("from"))).unwrap().stat.ino,
            inode: claim.map_or(1, |claim| claim.ino),
            size: claim.map_or(1, |claim| claim.size),
            modified: claim.map_or(1, |claim| claim.modified),
            copy: part.map_or(1, |part| part.ino),
            leader: None,
        };
        fs::write(self.to(&format!("{STEM}.journal")), record::line(&mut record)).unwrap();
        self
    }

    /// A leader at the source whose one member was taken before the run was killed: the group's file.
    fn group(&self, leader: &str) -> PathBuf {
        fs::write(self.from(leader), TEXT).unwrap();
        fs::write(self.from("BODY"), b"body").unwrap();
        let place = |name: &str| path::to_place(&self.from(name)).unwrap();
        let burst = Burst::open(&self.scratch.path().join("to"), None, true, Collision::UniqueName).unwrap();
        let facts = stat(&self.from("BODY")).unwrap().facts();
        let taken = burst.take(0, &place("BODY"), &facts, Some(&place(leader)), &AtomicBool::new(false));
        assert!(matches!(taken, Outcome::Taken(_)), "{taken:?}");
        drop(burst);
        let mut files = list(&self.scratch.path().join("to")).into_iter();
        self.scratch
            .path()
            .join("to")
            .join(files.find(|(name, _)| name.as_encoded_bytes().ends_with(b".group")).unwrap().0)
    }

    fn recover(&self) -> Recovered {
        self.recover_with(Collision::UniqueName)
    }

    fn recover_with(&self, collision: Collision) -> Recovered {
        let burst = Burst::open(&self.scratch.path().join("to"), None, true, collision).unwrap();
        let report = burst.recovered().clone();
        drop(burst);
        let again = Burst::open(&self.scratch.path().join("to"), None, true, collision).unwrap();
        if report.kept.is_empty() {
            assert_eq!(*again.recovered(), Recovered::default(), "once is enough");
        }
        report
    }

    /// What is in the two folders.
    fn left(&self) -> (Files, Files) {
        (list(&self.scratch.path().join("from")), list(&self.scratch.path().join("to")))
    }
}

/// What the file at `path` is, if there is one.
fn stat(path: &Path) -> Option<Stat> {
    let place = path::to_place(path).unwrap();
    let folder = Folders::default().check(&place.folder).unwrap();
    disk::stat((&folder, &disk::file_name(&place.name).unwrap())).ok()
}

fn list(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect();
    files.sort();
    files
}

fn file(name: &str, text: &[u8]) -> (OsString, Vec<u8>) {
    (OsString::from(name), text.to_vec())
}

#[test]
fn an_empty_or_torn_journal_means_that_nothing_was_claimed() {
    for torn in [&b""[..], b"0123456789abcdef {\"source\":", b"\0\0\0\0\0\0\0\0"] {
        let scene = Scene::new();
        fs::write(scene.from("a.txt"), TEXT).unwrap();
        scene.part(b"the wh");
        fs::write(scene.to(&format!("{STEM}.journal")), torn).unwrap();
        assert_eq!(scene.recover().parts, 1);
        assert_eq!(scene.left(), (vec![file("a.txt", TEXT)], vec![]));
    }
}

#[test]
fn a_journal_without_part_and_claim_asks_for_nothing() {
    let scene = Scene::new();
    scene.journal();
    fs::write(scene.to("a.txt"), TEXT).unwrap();
    assert_eq!(scene.recover(), Recovered::default());
    assert_eq!(scene.left(), (vec![], vec![file("a.txt", TEXT)]));
}

#[test]
fn a_part_whose_source_was_not_claimed_is_thrown_away() {
    let scene = Scene::new();
    fs::write(scene.from("a.txt"), TEXT).unwrap();
    scene.part(b"the wh").journal();
    assert_eq!(scene.recover().parts, 1);
    assert_eq!(scene.left(), (vec![file("a.txt", TEXT)], vec![]));
}

#[test]
fn a_claimed_source_with_its_whole_part_is_published() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    let report = scene.recover();
    assert_eq!((report.published, report.claims), (vec![path::to_name(scene.to("a.txt"))], 1));
    assert_eq!(scene.left(), (vec![], vec![file("a.txt", TEXT)]));
}

#[test]
fn a_name_taken_in_the_meantime_is_not_replaced() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    fs::write(scene.to("a.txt"), b"another's").unwrap();
    scene.recover();
    assert_eq!(scene.left(), (vec![], vec![file("a.txt", b"another's"), file("a~2.txt", TEXT)]));
}

#[test]
fn with_refused_collisions_a_taken_name_sends_the_source_back() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    fs::write(scene.to("a.txt"), b"another's").unwrap();
    let report = scene.recover_with(Collision::Refuse);
    assert_eq!(report.returned, vec![path::to_name(scene.from("a.txt"))]);
    assert_eq!(scene.left(), (vec![file("a.txt", TEXT)], vec![file("a.txt", b"another's")]));
}

#[test]
fn a_claim_whose_part_was_published_is_removed() {
    let scene = Scene::new();
    scene.claim(TEXT).journal();
    fs::write(scene.to("a.txt"), TEXT).unwrap();
    assert_eq!(scene.recover().claims, 1);
    assert_eq!(scene.left(), (vec![], vec![file("a.txt", TEXT)]));
}

#[test]
fn a_claim_that_changed_gets_its_name_back() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    let longer = [TEXT, b" and more"].concat();
    scene.claim(&longer);
    scene.recover();
    assert_eq!(scene.left(), (vec![file("a.txt", &longer)], vec![]));
}

#[test]
fn a_claim_whose_name_was_taken_again_gets_a_free_one() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    let longer = [TEXT, b" and more"].concat();
    scene.claim(&longer);
    fs::write(scene.from("a.txt"), b"the next").unwrap();
    scene.recover();
    assert_eq!(scene.left(), (vec![file("a.txt", b"the next"), file("a~2.txt", &longer)], vec![]));
}

#[test]
#[cfg(target_os = "linux")]
fn a_claim_that_is_being_written_to_gets_its_name_back() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    let writer = File::options().append(true).open(scene.from(&format!("{STEM}.claim"))).unwrap();
    scene.recover();
    assert_eq!(scene.left(), (vec![file("a.txt", TEXT)], vec![]));
    drop(writer);
}

#[test]
fn a_part_that_is_not_the_recorded_copy_is_not_published() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    scene.part(b"the wh");
    scene.recover();
    assert_eq!(scene.left(), (vec![file("a.txt", TEXT)], vec![]));
}

#[test]
fn what_cannot_be_reached_is_kept_for_the_next_start() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    let (here, away) = (scene.scratch.path().join("from"), scene.scratch.path().join("unmounted"));
    fs::rename(&here, &away).unwrap();
    let report = scene.recover();
    assert_eq!(report.kept, vec![path::to_name(scene.to(&format!("{STEM}.journal")))]);
    fs::rename(&away, &here).unwrap();
    scene.recover();
    assert_eq!(scene.left(), (vec![], vec![file("a.txt", TEXT)]));
}

#[test]
fn an_empty_folder_in_place_of_an_unmounted_one_does_not_pass_for_the_source() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    let (here, away) = (scene.scratch.path().join("from"), scene.scratch.path().join("unmounted"));
    fs::rename(&here, &away).unwrap();
    fs::create_dir(&here).unwrap();
    let report = scene.recover();
    assert_eq!(report.kept, vec![path::to_name(scene.to(&format!("{STEM}.journal")))]);
    fs::remove_dir(&here).unwrap();
    fs::rename(&away, &here).unwrap();
    scene.recover();
    assert_eq!(scene.left(), (vec![], vec![file("a.txt", TEXT)]));
}

#[test]
fn a_probe_for_writing_that_a_kill_left_is_removed() {
    // The first thing that a run creates is an empty journal: that is how it finds out whether it may write.
    let scene = Scene::new();
    fs::write(scene.to(&format!("{STEM}.journal")), "").unwrap();
    assert_eq!(scene.recover(), Recovered::default());
    assert_eq!(scene.left(), (vec![], vec![]));
}

#[test]
fn a_group_lives_as_long_as_its_leader_is_at_the_source() {
    let scene = Scene::new();
    scene.group("M.API");
    let before = scene.left();
    assert_eq!(scene.recover(), Recovered::default());
    assert_eq!(scene.left(), before, "the leader is still to be taken");
    fs::rename(scene.from("M.API"), scene.to("M.API")).unwrap();
    assert_eq!(scene.recover(), Recovered::default());
    assert_eq!(scene.left(), (vec![], vec![file("BODY", b"body"), file("M.API", TEXT)]));
}

#[test]
fn a_group_whose_leader_was_replaced_is_removed() {
    let scene = Scene::new();
    scene.group("M.API");
    fs::remove_file(scene.from("M.API")).unwrap();
    fs::write(scene.from("M.API"), b"another message").unwrap();
    scene.recover();
    assert_eq!(scene.left(), (vec![file("M.API", b"another message")], vec![file("BODY", b"body")]));
}

#[test]
fn a_group_without_a_whole_announcement_is_removed() {
    let scene = Scene::new();
    let group = scene.group("M.API");
    fs::write(&group, b"\n0123456789abcdef {\"leader\":").unwrap();
    scene.recover();
    assert!(!group.exists());
}

#[test]
fn a_group_whose_source_folder_cannot_be_reached_is_kept() {
    for replaced in [false, true] {
        let scene = Scene::new();
        let group = scene.group("M.API");
        let (here, away) = (scene.scratch.path().join("from"), scene.scratch.path().join("unmounted"));
        fs::rename(&here, &away).unwrap();
        if replaced {
            fs::create_dir(&here).unwrap();
        }
        assert_eq!(scene.recover().kept, vec![path::to_name(&group)]);
        assert!(group.exists());
    }
}

#[test]
fn a_group_whose_leader_another_run_has_claimed_is_kept() {
    let scene = Scene::new();
    let group = scene.group("M.API");
    fs::rename(scene.from("M.API"), scene.from(&format!("{STEM}.claim"))).unwrap();
    let journal = File::create(scene.to(&format!("{STEM}.journal"))).unwrap();
    journal.lock().unwrap();
    scene.recover();
    assert!(group.exists());
}

#[test]
fn the_files_of_a_live_run_are_left_alone() {
    let scene = Scene::new();
    scene.part(TEXT).claim(TEXT).journal();
    let journal = File::open(scene.to(&format!("{STEM}.journal"))).unwrap();
    journal.lock().unwrap();
    let before = scene.left();
    assert_eq!(scene.recover(), Recovered::default());
    assert_eq!(scene.left(), before);
    drop(journal);
    scene.recover();
    assert_eq!(scene.left(), (vec![], vec![file("a.txt", TEXT)]));
}

#[test]
fn a_part_without_a_journal_is_nobodys() {
    let scene = Scene::new();
    scene.part(TEXT);
    assert_eq!(scene.recover().parts, 1);
    assert_eq!(scene.left(), (vec![], vec![]));
}

#[test]
fn a_journal_cannot_name_files_outside_its_folders() {
    for name in ["../victim", "..", ""] {
        let scene = Scene::new();
        scene.claim(TEXT);
        fs::write(scene.scratch.path().join("victim"), TEXT).unwrap();
        let folder = path::to_name(scene.scratch.path().join("from"));
        let source = Place { folder, name: Name::from(name) };
        let mut record = Record { source, folder: 1, inode: 1, size: 1, modified: 1, copy: 1, leader: None };
        fs::write(scene.to(&format!("{STEM}.journal")), record::line(&mut record)).unwrap();
        assert_eq!(scene.recover().kept.len(), 1, "{name}");
        assert_eq!(fs::read(scene.scratch.path().join("victim")).unwrap(), TEXT);
    }
}

#[cfg(windows)]
#[test]
fn a_copy_that_lies_ready_serves_again_when_another_reader_came_first() {
    use std::os::windows::fs::OpenOptionsExt;
    use std::sync::Arc;

    use lockwait_core::code::Code;
    use windows_sys::Win32::Storage::FileSystem::FILE_SHARE_READ;

    use super::destination::{Destination, Halt, Source, look};

    let scene = Scene::new();
    // Where Wine shows the host's memory disk.
    let elsewhere = tempfile::tempdir_in(r"Z:\dev\shm");
    let Ok(elsewhere) = elsewhere else { return eprintln!("skipped: there is no second volume") };
    fs::write(scene.from("a.txt"), TEXT).unwrap();
    let folders = Arc::new(Folders::default());
    let to = path::to_name(elsewhere.path());
    let destination = Destination::new(to, true, Collision::UniqueName, Arc::clone(&folders));
    let (place, go) = (path::to_place(&scene.from("a.txt")).unwrap(), AtomicBool::new(false));
    let seen = look(&folders, &place, None).unwrap();
    assert!(destination.stage(&place, &seen.stat.facts(), &go));
    let mut paths = fs::read_dir(elsewhere.path()).unwrap().map(|entry| entry.unwrap().path());
    let part = paths.find(|path| path.extension().is_some_and(|kind| kind == "part")).unwrap();
    let ready = stat(&part).unwrap();
    let source = Source { place: &place, seen: &seen, intent: None };

    let reader = File::options().read(true).share_mode(FILE_SHARE_READ).open(scene.from("a.txt")).unwrap();
    let refused = destination.receive(0, &source, &go);
    assert!(matches!(refused, Err(Halt::Refused(refusal)) if refusal.code == Code::win32(32)), "{refused:?}");
    assert!(stat(&part).unwrap().is_same_file(&ready), "it is kept");
    drop(reader);
    destination.receive(0, &source, &go).unwrap();
    assert!(stat(&elsewhere.path().join("a.txt")).unwrap().is_same_file(&ready));
    drop(destination);
    assert_eq!(list(elsewhere.path()), [file("a.txt", TEXT)]);
}
