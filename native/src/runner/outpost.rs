//! The router's end of one scout.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use lockwait_core::observation::{Hint, Name};

use super::desk::Desk;
use super::queue::{Receiver, Sender, queue};
use super::scout::{Ask, Orders, Report, Scout};

/// Reports that may lie unread before the scout waits.
const REPORTS: usize = 4;

/// The router's end of one scout. Dropping it dismisses the scout, without waiting for it.
pub(super) struct Outpost {
    /// The folder, and where its companions are.
    pub(super) folder: Name,
    pub(super) beside: Option<Name>,
    asks: Sender<Ask>,
    reports: Receiver<Report>,
    listing: Arc<AtomicBool>,
    /// Checks asked for and not answered.
    checks: usize,
    /// Names whose files left, or whose pickups ended, while the scout may have seen them before.
    left: HashSet<Name>,
    /// Names whose check was asked for because their writer closed them.
    closed: HashSet<Name>,
    /// The folder has been listed at least once, or need not be.
    listed: bool,
}

impl Outpost {
    /// Sends a scout out.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn new(orders: Orders, desk: &Arc<Desk>) -> io::Result<Outpost> {
        let (asks, asked) = queue(usize::MAX);
        let (reported, reports) = queue(REPORTS);
        let (folder, beside) = (orders.folder.clone(), orders.beside.clone());
        let (listing, listed) = (Arc::new(AtomicBool::new(false)), !orders.list);
        let scout = Scout::new(orders, Arc::clone(desk), asked, reported, Arc::clone(&listing));
        thread::Builder::new().name("lockwait-scout".into()).spawn(move || scout.run())?;
        Ok(Outpost {
            folder,
            beside,
            asks,
            reports,
            listing,
            checks: 0,
            left: HashSet::new(),
            closed: HashSet::new(),
            listed,
        })
    }

    /// Has the scout find out whether `name`, of which `hint` told, is a file to be picked up.
    pub(super) fn check(&mut self, name: Name, hint: Hint) {
        self.checks += 1;
        if hint == Hint::Closed {
            self.closed.insert(name.clone());
        }
        self.ask(Ask::Check(name));
    }

    /// Asks something that needs no answer.
    pub(super) fn ask(&self, ask: Ask) {
        // A scout ends only with the run.
        let _ = self.asks.send(ask);
    }

    /// The file `name` left the folder, or its pickup ended. A report of it that is still to come is old news.
    pub(super) fn left(&mut self, name: &Name) {
        // The file went before this is asked, so a listing that has not begun cannot see it.
        if self.checks > 0 || self.listing.load(Ordering::SeqCst) {
            self.left.insert(name.clone());
        }
    }

    /// Whether a report of `name` is news.
    pub(super) fn is_news(&self, name: &Name) -> bool {
        !self.left.contains(name)
    }

    /// Whether a check of `name` was asked for because its writer closed it.
    pub(super) fn was_closed(&mut self, name: &Name) -> bool {
        self.closed.remove(name)
    }

    /// The next report that has come in.
    pub(super) fn next_report(&mut self) -> Option<Report> {
        let idle = self.checks == 0 && !self.listing.load(Ordering::SeqCst);
        match self.reports.try_recv() {
            Some(report) => {
                match report {
                    Report::Checked(_) => self.checks -= 1,
                    Report::Listed => self.listed = true,
                    _ => {}
                }
                Some(report)
            }
            None => {
                // All that was seen before is read, and what is seen later is news.
                if idle {
                    self.left.clear();
                    self.closed.clear();
                }
                None
            }
        }
    }

    /// Whether every file that was there at the start has been reported.
    pub(super) fn is_settled(&self) -> bool {
        self.listed && self.checks == 0
    }
}
