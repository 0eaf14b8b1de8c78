//! One thread a source folder: finds its files by notices and by looking, and notices when the folder is lost.
//!
//! Everything that may hang on a dead network mount happens on this thread: listing the folder, looking at what kind
//! of thing a new name is, arming the operating system's notices.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::mem;
use std::path::PathBuf;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lockwait_core::code::Code;
use lockwait_core::observation::Name;

use super::desk::Desk;
use super::ident::{Identity, Stamp, identity};
use super::queue::{Nothing, Receiver, Sender};
use crate::hints::Hints;
use crate::{code, path};

/// Names in one report: little enough that the router's thread is never long busy with one.
const REPORT_NAMES: usize = 1_024;

/// Time between listings where the operating system tells of changes: notices get lost.
const RESCAN_WITH_HINTS: Duration = Duration::from_secs(10);

/// Time between glances whether the folder is still the same one, or whether a lost one is back. No notice tells of
/// a folder that is removed while anybody has it open, be it us.
const GLANCE: Duration = Duration::from_secs(1);

/// A listing may take one part of this many of the time.
const LISTING_SHARE: u32 = 50;

/// What the router's thread asks of a scout.
#[derive(Debug)]
pub(super) enum Ask {
    /// The file of this name may be new: is it a file to be picked up? Answered by one [`Report::Checked`].
    Check(Name),
    /// The pickup of this file ended, and the file stays: do not find it again until it changes.
    Ended(Name),
    /// Notices were lost: list the folder.
    Rescan,
    /// The folder's notices ended: arm them anew.
    Rearm,
}

/// What a scout tells the router's thread.
#[derive(Debug)]
pub(super) enum Report {
    /// Names found in a listing.
    Found(Vec<Name>),
    /// A listing is complete.
    Listed,
    /// The answer to one [`Ask::Check`]: the name, if it is a file to be picked up.
    Checked(Option<Name>),
    /// The folder cannot be listed, since now.
    Lost(Code),
    /// The folder can be listed again.
    Back,
    /// There are no notices for the folder, for this reason; listing goes on.
    Deaf(String),
}

/// How a scout goes about its work.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    /// The folder.
    pub(super) folder: Name,
    /// Another folder whose notices are wanted too: that of the companions.
    pub(super) beside: Option<Name>,
    /// Whether notices are wanted at all.
    pub(super) hints: bool,
    /// Time between listings where there are no notices: as long as a file that was found waits to be tried again.
    pub(super) retry: Duration,
    /// Whether the folder is listed; without, only notices are given.
    pub(super) list: bool,
}

/// See the module's text.
pub(super) struct Scout {
    orders: Orders,
    path: PathBuf,
    desk: Arc<Desk>,
    asks: Receiver<Ask>,
    reports: Sender<Report>,
    /// A listing is under way.
    listing: Arc<AtomicBool>,
    /// Files whose pickup ended though they are still here, as they were then.
    ended: HashMap<OsString, Stamp>,
    armed: Option<Armed>,
    armed_beside: Option<Armed>,
    /// That there are no notices has been told.
    deaf: bool,
    lost: bool,
}

/// Notices, and the folder they are of.
type Armed = (Identity, Hints);

/// Why a look ended early.
enum Cut {
    /// The router's thread is gone: so shall the scout be.
    Dismissed,
    /// The folder cannot be listed.
    Lost(io::Error),
}

impl From<io::Error> for Cut {
    fn from(error: io::Error) -> Cut {
        Cut::Lost(error)
    }
}

impl Scout {
    pub(super) fn new(
        orders: Orders,
        desk: Arc<Desk>,
        asks: Receiver<Ask>,
        reports: Sender<Report>,
        listing: Arc<AtomicBool>,
    ) -> Scout {
        let (path, ended) = (path::to_path(&orders.folder), HashMap::new());
        let (armed, armed_beside, deaf, lost) = (None, None, false, false);
        Scout { orders, path, desk, asks, reports, listing, ended, armed, armed_beside, deaf, lost }
    }

    /// Works until the router's thread drops its ends of the channels.
    pub(super) fn run(mut self) {
        let (mut due, mut earliest) = (Instant::now(), Instant::now());
        loop {
            let wait = due.saturating_duration_since(Instant::now()).min(GLANCE);
            let outcome = match self.asks.recv_timeout(wait) {
                Ok(Ask::Check(name)) => {
                    let found = self.is_new(&path::to_os(&name)).then_some(name);
                    self.report(Report::Checked(found))
                }
                Ok(Ask::Ended(name)) => {
                    self.remember(&path::to_os(&name));
                    Ok(())
                }
                Ok(Ask::Rescan) => {
                    due = due.min(earliest);
                    Ok(())
                }
                Ok(Ask::Rearm) => {
                    (self.armed, self.armed_beside) = (None, None);
                    due = due.min(earliest);
                    Ok(())
                }
                Err(Nothing::Yet) if Instant::now() < due && self.is_same_folder() => Ok(()),
                Err(Nothing::Yet) => {
                    let start = Instant::now();
                    let outcome = self.look();
                    earliest = Instant::now() + start.elapsed() * (LISTING_SHARE - 1);
                    due = earliest.max(start + self.interval());
                    outcome
                }
                Err(Nothing::Ever) => return,
            };
            if outcome.is_err() {
                return;
            }
        }
    }

    /// Time between listings.
    fn interval(&self) -> Duration {
        match self.armed {
            _ if self.lost => GLANCE,
            Some(_) => RESCAN_WITH_HINTS,
            None => self.orders.retry,
        }
    }

    /// Lists the folder, and tells when it is lost or back.
    fn look(&mut self) -> Result<(), Cut> {
        self.listing.store(true, Ordering::SeqCst);
        let outcome = self.list();
        self.listing.store(false, Ordering::SeqCst);
        match outcome {
            Ok(()) => self.report(Report::Listed),
            Err(Cut::Lost(error)) => {
                (self.armed, self.armed_beside) = (None, None);
                if mem::replace(&mut self.lost, true) { Ok(()) } else { self.report(Report::Lost(code::of(&error))) }
            }
            Err(Cut::Dismissed) => Err(Cut::Dismissed),
        }
    }

    fn list(&mut self) -> Result<(), Cut> {
        // Notices first: what is created between the two is seen twice rather than not at all.
        self.arm()?;
        let entries = fs::read_dir(&self.path)?;
        if mem::take(&mut self.lost) {
            self.report(Report::Back)?;
        }
        if !self.orders.list {
            return Ok(());
        }
        let mut still_here = HashMap::new();
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            // A kind that cannot be had is for the probe to find out.
            if is_hidden(&name) || entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            if let Some(then) = self.ended.get(&name)
                && Stamp::of(&entry.path()).is_ok_and(|now| now == *then)
            {
                still_here.insert(name, *then);
                continue;
            }
            names.push(path::to_name(name));
            if names.len() == REPORT_NAMES {
                self.report(Report::Found(mem::take(&mut names)))?;
            }
        }
        self.ended = still_here;
        self.report(Report::Found(names))
    }

    /// Whether nothing calls for a listing before its time.
    fn is_same_folder(&self) -> bool {
        let now = || identity(&self.path).ok();
        self.lost || self.armed.as_ref().is_none_or(|(then, _)| Some(*then) == now())
    }

    /// Sees that the folders that are there now are the ones whose notices come.
    fn arm(&mut self) -> io::Result<()> {
        let now = identity(&self.path)?;
        if !self.orders.hints {
            return Ok(());
        }
        if self.armed.as_ref().is_none_or(|(then, _)| *then != now) {
            self.armed = self.watch(now, &self.orders.folder.clone());
        }
        // The companions' folder may come and go; their pickups try it on their own clock.
        if let Some(beside) = self.orders.beside.clone() {
            let there = identity(&path::to_path(&beside)).ok();
            if self.armed_beside.as_ref().map(|(then, _)| *then) != there {
                self.armed_beside = there.and_then(|now| self.watch(now, &beside));
            }
        }
        Ok(())
    }

    fn watch(&mut self, identity: Identity, folder: &Name) -> Option<Armed> {
        let desk = Arc::clone(&self.desk);
        match Hints::watch(slice::from_ref(folder), move |notice| desk.notice(notice)) {
            Ok(hints) => {
                self.deaf = false;
                Some((identity, hints))
            }
            Err(error) => {
                if !mem::replace(&mut self.deaf, true) {
                    // A router's thread that is gone shows at the next report.
                    let _ = self.report(Report::Deaf(error.to_string()));
                }
                None
            }
        }
    }

    /// Whether `name` is a file to be picked up.
    fn is_new(&self, name: &OsStr) -> bool {
        let path = self.path.join(name);
        let Ok(now) = fs::symlink_metadata(&path) else { return false };
        let ended = |then: &Stamp| Stamp::of(&path).is_ok_and(|now| now == *then);
        !is_hidden(name) && !now.is_dir() && !self.ended.get(name).is_some_and(ended)
    }

    fn remember(&mut self, name: &OsStr) {
        if let Ok(now) = Stamp::of(&self.path.join(name)) {
            self.ended.insert(name.to_owned(), now);
        }
    }

    fn report(&self, report: Report) -> Result<(), Cut> {
        self.reports.send(report).map_err(|_| Cut::Dismissed)?;
        self.desk.ring();
        Ok(())
    }
}

/// Whether writers mean `name` not to be looked at yet: the custom of rsync and others, and our own part files'.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

#[cfg(test)]
mod tests {
    use super::super::queue::queue;
    use super::*;
    use lockwait_core::code::Cause;
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::thread;

    /// A scout at work on `folder`, without notices so that each listing is one it was asked for.
    fn scout(folder: &Path) -> (Sender<Ask>, Receiver<Report>) {
        let (asks, asked) = queue(usize::MAX);
        let (reports, reported) = queue(4);
        let retry = Duration::from_millis(1);
        let orders = Orders { folder: path::to_name(folder), beside: None, hints: false, retry, list: true };
        let scout = Scout::new(orders, Arc::new(Desk::new()), asked, reports, Arc::default());
        thread::spawn(move || scout.run());
        (asks, reported)
    }

    /// The names of the next listing that starts after this call.
    fn listing(reports: &Receiver<Report>) -> BTreeSet<String> {
        let mut listed = 0;
        let mut names = BTreeSet::new();
        loop {
            match reports.recv_timeout(Duration::from_secs(30)).unwrap() {
                // Reports of up to six listings may lie in the channel.
                Report::Listed if listed == 6 => return names,
                Report::Listed => {
                    listed += 1;
                    names.clear();
                }
                Report::Found(found) => names.extend(found.iter().map(ToString::to_string)),
                Report::Checked(name) => names.extend(name.iter().map(ToString::to_string)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn folders_and_hidden_files_are_not_found() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", ".hidden", "b"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("c")).unwrap();
        let (_asks, reports) = scout(folder.path());
        assert_eq!(listing(&reports), ["a", "b"].map(String::from).into());
    }

    #[test]
    fn an_ended_file_is_found_again_only_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "1").unwrap();
        let (asks, reports) = scout(folder.path());
        assert_eq!(listing(&reports).len(), 1);
        asks.send(Ask::Ended(Name::from("a"))).unwrap();
        assert_eq!(listing(&reports).len(), 0);
        asks.send(Ask::Check(Name::from("a"))).unwrap();
        assert_eq!(listing(&reports).len(), 0);
        fs::write(&file, "22").unwrap();
        assert_eq!(listing(&reports).len(), 1);
    }

    #[test]
    fn a_folder_that_goes_is_lost_once_and_comes_back_by_itself() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("in");
        fs::create_dir(&folder).unwrap();
        let (_asks, reports) = scout(&folder);
        assert_eq!(listing(&reports).len(), 0);
        fs::remove_dir(&folder).unwrap();
        let is_news = |report: &Report| !matches!(report, Report::Listed | Report::Found(_));
        let news = || std::iter::from_fn(|| reports.recv()).find(is_news).unwrap();
        assert!(matches!(news(), Report::Lost(lost) if lost.cause() == Cause::Gone));
        fs::create_dir(&folder).unwrap();
        assert!(matches!(news(), Report::Back));
    }
}
