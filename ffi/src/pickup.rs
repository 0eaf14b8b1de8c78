//! The native runner: Lockwait does the I/O.

use core::ffi::{c_char, c_void};
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use lockwait_core::event::Event;
use lockwait_core::observation::Name;
use lockwait_native::burst::Recovered;
use lockwait_native::path;
use lockwait_native::runner::{self, Observer, Progress, Setup, Stop, Summary};

use crate::event::lockwait_event;
use crate::guard;
use crate::handle::{self, Object};
use crate::policy::{self, lockwait_policy};
use crate::result::{
    Fault, LOCKWAIT_RESULT_CANNOT_START, LOCKWAIT_RESULT_PANIC, LOCKWAIT_RESULT_SYSTEM, LOCKWAIT_RESULT_TIMEOUT,
    LOCKWAIT_RESULT_WRONG_STATE, lockwait_result,
};
use crate::runtime;
use crate::sized::{self, Sized32};
use crate::text;

/// One run of the native runner: opaque. Made by lockwait_pickup_new, owned by the caller, ended with
/// lockwait_pickup_free. It is set up, then run once: on the calling thread by lockwait_pickup_run, or on a thread of
/// its own by lockwait_pickup_start. lockwait_pickup_cancel ends it from any thread, callbacks included, within
/// 100 ms. Not in the legacy flavour.
pub struct lockwait_pickup {
    _private: [u8; 0],
}

/// A folder whose files are taken; may be given several times.
pub const LOCKWAIT_ROLE_SOURCE: u32 = 1;
/// A single file that is taken; may be given several times.
pub const LOCKWAIT_ROLE_FILE: u32 = 2;
/// The folder that files are taken to.
pub const LOCKWAIT_ROLE_INTO: u32 = 3;
/// The folder that files with unusable content are moved to; without, they stay.
pub const LOCKWAIT_ROLE_BAD: u32 = 4;
/// A file that the trace is written to; it is made anew.
pub const LOCKWAIT_ROLE_TRACE: u32 = 5;

/// Not 0: the run ends when every file that is there has ended. Default 0; a run without LOCKWAIT_ROLE_SOURCE always
/// ends so.
pub const LOCKWAIT_OPTION_ONCE: u32 = 1;
/// Not 0: the operating system's file notices are used. Default 1.
pub const LOCKWAIT_OPTION_HINTS: u32 = 2;
/// The run ends after so many milliseconds; 0, the default, for never.
pub const LOCKWAIT_OPTION_LIMIT_MS: u32 = 3;
/// Progress is told every so many milliseconds; 0, the default, for never.
pub const LOCKWAIT_OPTION_PROGRESS_MS: u32 = 4;

/// For lockwait_pickup_wait: no limit.
pub const LOCKWAIT_FOREVER: u32 = 0xffff_ffff_u32;

/// What a run did.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_summary {
    /// sizeof(lockwait_summary); set by the caller.
    pub size: u32,
    /// Always 0.
    pub reserved: u32,
    /// Files taken.
    pub taken: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that went away by themselves.
    pub gone: u64,
    /// Files moved to the bad folder.
    pub quarantined: u64,
    /// Files left where they are for good.
    pub refused: u64,
    /// Files left where they are because the run ended.
    pub cancelled: u64,
    /// Files that were held at the end with the verdict that somebody must act.
    pub need_action: u64,
}

// SAFETY: integers, size first.
unsafe impl Sized32 for lockwait_summary {}

/// How a run is doing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct lockwait_progress {
    /// sizeof(lockwait_progress) of the library; fields beyond it do not exist.
    pub size: u32,
    /// Folders that cannot be reached.
    pub outages: u32,
    /// Files that have been found and not ended.
    pub waiting: u64,
    /// Files taken so far.
    pub taken: u64,
    /// Bytes taken so far.
    pub bytes: u64,
    /// Bytes taken per second, lately.
    pub bytes_per_second: u64,
    /// How long the file that has waited longest has waited, in microseconds; 0 when none waits.
    pub longest: u64,
}

/// Is told what happens: `event` is lent for the duration of the call.
pub type lockwait_event_callback = Option<unsafe extern "C" fn(user: *mut c_void, event: *const lockwait_event)>;
/// Is told how the run is doing: `progress` is lent for the duration of the call.
pub type lockwait_progress_callback =
    Option<unsafe extern "C" fn(user: *mut c_void, progress: *const lockwait_progress)>;
/// Is told that something is not as it should be, though files are still taken: `length` bytes of UTF-8 at `text`, lent
/// for the duration of the call.
pub type lockwait_trouble_callback =
    Option<unsafe extern "C" fn(user: *mut c_void, text: *const c_char, length: usize)>;

/// Who is told, on the runner's thread.
#[derive(Clone, Copy)]
struct Callbacks {
    user: *mut c_void,
    event: lockwait_event_callback,
    progress: lockwait_progress_callback,
    trouble: lockwait_trouble_callback,
}

// SAFETY: the pointer is only handed back to the host; the header says on which thread.
unsafe impl Send for Callbacks {}

/// What is to be run.
struct Plan {
    setup: Setup,
    into: bool,
    callbacks: Callbacks,
}

/// How far a run is.
enum Phase {
    Planning(Box<Plan>),
    /// The checks before the start; on this thread, once it has begun.
    Starting(Option<ThreadId>),
    Running(ThreadId),
    Ended(Result<Summary, String>),
}

/// A run, shared with its thread.
#[derive(Clone)]
pub(crate) struct Pickup {
    stop: Stop,
    shared: Arc<(Mutex<Phase>, Condvar)>,
}

impl Pickup {
    fn new() -> Pickup {
        let callbacks = Callbacks { user: core::ptr::null_mut(), event: None, progress: None, trouble: None };
        let plan = Plan { setup: Setup::new(PathBuf::new()), into: false, callbacks };
        Pickup { stop: Stop::new(), shared: Arc::new((Mutex::new(Phase::Planning(Box::new(plan))), Condvar::new())) }
    }

    /// The phase is whole at every moment, whoever panicked.
    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        *self.phase() = phase;
        self.shared.1.notify_all();
    }

    fn plan<T>(&self, f: impl FnOnce(&mut Plan) -> Result<T, Fault>) -> Result<T, Fault> {
        match &mut *self.phase() {
            Phase::Planning(plan) => f(plan),
            _ => Err(wrong_state("the run has begun; set it up before")),
        }
    }

    /// Takes the plan: from now on the run is starting.
    fn begin(&self) -> Result<Box<Plan>, Fault> {
        let mut phase = self.phase();
        match &*phase {
            Phase::Planning(plan) if !plan.into => Err(Fault::new(
                LOCKWAIT_RESULT_CANNOT_START,
                "no destination: name one with lockwait_pickup_set_path and LOCKWAIT_ROLE_INTO",
            )),
            Phase::Planning(_) => match std::mem::replace(&mut *phase, Phase::Starting(None)) {
                Phase::Planning(plan) => Ok(plan),
                _ => Err(wrong_state("the run has begun")),
            },
            _ => Err(wrong_state("a pickup is run once; make another for another run")),
        }
    }

    /// Runs on this thread to the end.
    fn run(&self, plan: Plan) {
        *self.phase() = Phase::Starting(Some(thread::current().id()));
        let mut told = Told { pickup: self, callbacks: plan.callbacks };
        let outcome = runtime::catch(|| runner::run(plan.setup, &self.stop, &mut told));
        self.enter(Phase::Ended(match outcome {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(panic) => {
                let text = runtime::text_of(panic);
                guard::tell_host(&text);
                Err(format!("a fault inside Lockwait: {text}"))
            }
        }));
    }

    /// Waits until `done` gives something, or the deadline has come.
    fn wait<T>(
        &self,
        deadline: Option<Instant>,
        mut done: impl FnMut(&Phase) -> Option<Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let mut phase = self.phase();
        loop {
            if let Some(outcome) = done(&phase) {
                return outcome;
            }
            phase = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                Some(Duration::ZERO) => return Err(Fault::plain(LOCKWAIT_RESULT_TIMEOUT)),
                Some(left) => self.shared.1.wait_timeout(phase, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.shared.1.wait(phase).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Whether the calling thread is the run's own: a callback.
    fn is_own_thread(&self) -> bool {
        match &*self.phase() {
            Phase::Starting(on) => *on == Some(thread::current().id()),
            Phase::Running(on) => *on == thread::current().id(),
            Phase::Planning(_) | Phase::Ended(_) => false,
        }
    }
}

fn wrong_state(why: &'static str) -> Fault {
    Fault::new(LOCKWAIT_RESULT_WRONG_STATE, why)
}

/// What a run that ended came to.
fn summary(phase: &Phase) -> Option<Result<Summary, Fault>> {
    match phase {
        Phase::Ended(Ok(summary)) => Some(Ok(*summary)),
        Phase::Ended(Err(why)) => Some(Err(Fault::new(LOCKWAIT_RESULT_CANNOT_START, why.clone()))),
        _ => None,
    }
}

/// Passes on to the callbacks what the run tells.
struct Told<'a> {
    pickup: &'a Pickup,
    callbacks: Callbacks,
}

impl Observer for Told<'_> {
    fn event(&mut self, event: &Event) {
        let Some(callback) = self.callbacks.event else { return };
        match handle::put::<lockwait_event>(Object::Event(event.clone())) {
            Ok(lent) => {
                // SAFETY: the host gave callback and user together; the event is lent for the call.
                unsafe { callback(self.callbacks.user, lent) };
                // A callback that freed it did what it must not, but nothing is lost.
                let _ = handle::free(lent, |object| crate::event::pick(object).is_some());
            }
            Err(_) => self.trouble(&format!("no handle is left for an event: {}", event.text())),
        }
    }

    fn progress(&mut self, progress: &Progress) {
        let Some(callback) = self.callbacks.progress else { return };
        let lent = lockwait_progress {
            size: size_of::<lockwait_progress>() as u32,
            outages: u32::try_from(progress.outages).unwrap_or(u32::MAX),
            waiting: progress.waiting as u64,
            taken: progress.taken,
            bytes: progress.bytes,
            bytes_per_second: progress.bytes_per_second,
            longest: progress.files.first().map_or(0, |longest| longest.waited.0),
        };
        // SAFETY: the host gave callback and user together; the struct outlives the call.
        unsafe { callback(self.callbacks.user, &raw const lent) };
    }

    fn trouble(&mut self, text: &str) {
        let Some(callback) = self.callbacks.trouble else { return };
        // SAFETY: the host gave callback and user together; the text outlives the call.
        unsafe { callback(self.callbacks.user, text.as_ptr().cast(), text.len()) };
    }

    fn recovered(&mut self, _recovered: &Recovered) {
        // The first thing that is told once the checks before the start have passed.
        self.pickup.enter(Phase::Running(thread::current().id()));
    }
}

fn pick(object: &Object) -> Option<&Pickup> {
    match object {
        Object::Pickup(pickup) => Some(pickup),
        _ => None,
    }
}

/// The run of a handle. A clone, so that no call keeps the object longer than it needs.
fn get(handle: *const lockwait_pickup) -> Result<Pickup, Fault> {
    handle::with(handle, pick, |pickup| Ok(pickup.clone()))
}

/// Makes a run that is to be set up.
///
/// @param out written; free with lockwait_pickup_free
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _TOO_MANY
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_pickup_new(out: *mut *mut lockwait_pickup) -> lockwait_result {
    guard::call(|| {
        let out = text::Out::new(out, "out")?;
        out.set(handle::put(Object::Pickup(Pickup::new()))?);
        Ok(())
    })
}

fn set_path(handle: *const lockwait_pickup, role: u32, given: &Name) -> Result<(), Fault> {
    let given = path::to_path(given);
    get(handle)?.plan(|plan| {
        match role {
            LOCKWAIT_ROLE_SOURCE => plan.setup.sources.push(given),
            LOCKWAIT_ROLE_FILE => plan.setup.files.push(given),
            LOCKWAIT_ROLE_INTO => {
                plan.setup.into = given;
                plan.into = true;
            }
            LOCKWAIT_ROLE_BAD => plan.setup.bad = Some(given),
            LOCKWAIT_ROLE_TRACE => {
                let file = File::create(&given).map_err(|error| {
                    Fault::new(
                        LOCKWAIT_RESULT_SYSTEM,
                        format!("the trace '{}' cannot be written: {error}", given.display()),
                    )
                })?;
                plan.setup.trace = Some(Box::new(file));
            }
            _ => return Err(Fault::none_of("role", role, "LOCKWAIT_ROLE_")),
        }
        Ok(())
    })
}

/// Names a folder or file of a run.
///
/// @param role         one of the LOCKWAIT_ROLE_ numbers
/// @param path, length any path; a relative one counts from the process's working folder at the start of the run
/// @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _INVALID_TEXT, _WRONG_STATE (it has begun), _SYSTEM, _NULL_POINTER,
///         _INVALID_HANDLE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_pickup_set_path(
    pickup: *mut lockwait_pickup,
    role: u32,
    path: *const c_char,
    length: usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        set_path(pickup, role, &unsafe { text::path(path, length, "path") }?)
    })
}

/// As lockwait_pickup_set_path, in UTF-16.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_pickup_set_path_utf16(
    pickup: *mut lockwait_pickup,
    role: u32,
    path: *const u16,
    length: usize,
) -> lockwait_result {
    guard::call(|| {
        // SAFETY: the caller's promise.
        set_path(pickup, role, &unsafe { text::path_utf16(path, length, "path") }?)
    })
}

/// Sets the policy of a run, which is copied; NULL for the defaults.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_POLICY, _WRONG_STATE (it has begun), _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_pickup_set_policy(
    pickup: *mut lockwait_pickup,
    policy: *const lockwait_policy,
) -> lockwait_result {
    guard::call(|| {
        let policy = policy::copy_of(policy)?;
        get(pickup)?.plan(|plan| {
            plan.setup.options.policy = policy;
            Ok(())
        })
    })
}

/// Sets one of the LOCKWAIT_OPTION_ numbers.
///
/// @return LOCKWAIT_RESULT_OK, _INVALID_ARGUMENT, _WRONG_STATE (it has begun), _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_pickup_set_option(pickup: *mut lockwait_pickup, option: u32, value: u64) -> lockwait_result {
    guard::call(|| {
        let time = (value != 0).then(|| Duration::from_millis(value));
        get(pickup)?.plan(|plan| {
            let setup = &mut plan.setup;
            match option {
                LOCKWAIT_OPTION_ONCE => setup.once = value != 0,
                LOCKWAIT_OPTION_HINTS => setup.hints = value != 0,
                LOCKWAIT_OPTION_LIMIT_MS => setup.limit = time,
                LOCKWAIT_OPTION_PROGRESS_MS => setup.progress = time,
                _ => {
                    let why = format_args!("{option} is none of the LOCKWAIT_OPTION_ numbers");
                    return Err(Fault::argument("option", &why));
                }
            }
            Ok(())
        })
    })
}

/// Sets who is told what happens; each may be NULL. All are called on the thread that runs: that of
/// lockwait_pickup_run, or the one that lockwait_pickup_start made. Who takes long delays every file. A callback may
/// call lockwait_pickup_cancel and everything about events, but neither lockwait_pickup_wait nor lockwait_pickup_free
/// for its own run.
///
/// @param user handed back to each callback
/// @return LOCKWAIT_RESULT_OK, _WRONG_STATE (it has begun), _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_pickup_set_callbacks(
    pickup: *mut lockwait_pickup,
    user: *mut c_void,
    event: lockwait_event_callback,
    progress: lockwait_progress_callback,
    trouble: lockwait_trouble_callback,
) -> lockwait_result {
    guard::call(|| {
        get(pickup)?.plan(|plan| {
            plan.callbacks = Callbacks { user, event, progress, trouble };
            Ok(())
        })
    })
}

/// Writes what a run did, where the caller wants to know.
fn give(out: *mut lockwait_summary, summary: &Summary) -> Result<(), Fault> {
    if out.is_null() {
        return Ok(());
    }
    let given = lockwait_summary {
        size: 0,
        reserved: 0,
        taken: summary.taken,
        bytes: summary.bytes,
        gone: summary.gone,
        quarantined: summary.quarantined,
        refused: summary.refused,
        cancelled: summary.cancelled,
        need_action: summary.need_action,
    };
    // SAFETY: the promise of the caller of every export that calls this.
    unsafe { sized::write(out, &given, "out") }
}

/// Refuses a summary that could not be written, before anything is done.
fn check(out: *mut lockwait_summary) -> Result<(), Fault> {
    // SAFETY: the promise of the caller of every export that calls this.
    if out.is_null() { Ok(()) } else { unsafe { sized::check(out, "out") } }
}

/// Runs on the calling thread until every file has ended (LOCKWAIT_OPTION_ONCE, or only single files), the limit is
/// reached, or lockwait_pickup_cancel is called.
///
/// @param out written unless NULL; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, _CANNOT_START (the last error says why and what to do), _WRONG_STATE (it was run
///         before), _PANIC, _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_pickup_run(
    pickup: *mut lockwait_pickup,
    out: *mut lockwait_summary,
) -> lockwait_result {
    guard::call(|| {
        check(out)?;
        let pickup = get(pickup)?;
        let plan = pickup.begin()?;
        pickup.run(*plan);
        let summary = summary(&pickup.phase()).unwrap_or(Err(Fault::plain(LOCKWAIT_RESULT_PANIC)))?;
        give(out, &summary)
    })
}

/// Runs on a thread of its own. Returns when the checks before the start have passed, or have failed.
///
/// @return LOCKWAIT_RESULT_OK, _CANNOT_START (the last error says why and what to do), _WRONG_STATE (it was run
///         before), _SYSTEM (no more threads), _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_pickup_start(pickup: *mut lockwait_pickup) -> lockwait_result {
    guard::call(|| {
        let pickup = get(pickup)?;
        let plan = pickup.begin()?;
        let own = pickup.clone();
        let thread = thread::Builder::new().name("lockwait-run".into()).spawn(move || own.run(*plan));
        if let Err(error) = thread {
            pickup.enter(Phase::Ended(Err(error.to_string())));
            return Err(Fault::new(LOCKWAIT_RESULT_SYSTEM, format!("the system gives no more threads: {error}")));
        }
        pickup.wait(None, |phase| match phase {
            Phase::Running(_) => Some(Ok(())),
            phase => summary(phase).map(|outcome| outcome.map(drop)),
        })
    })
}

/// Waits until a run has ended.
///
/// @param timeout_ms in milliseconds; 0 asks without waiting, LOCKWAIT_FOREVER has no limit
/// @param out        written unless NULL; the caller sets its size
/// @return LOCKWAIT_RESULT_OK, LOCKWAIT_RESULT_TIMEOUT (it goes on), _CANNOT_START (it never began), _WRONG_STATE (not
///         started, or called by a callback of the run), _NULL_POINTER, _INVALID_HANDLE, _INVALID_SIZE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lockwait_pickup_wait(
    pickup: *mut lockwait_pickup,
    timeout_ms: u32,
    out: *mut lockwait_summary,
) -> lockwait_result {
    guard::call(|| {
        check(out)?;
        let pickup = get(pickup)?;
        if pickup.is_own_thread() {
            return Err(wrong_state("a callback cannot wait for the run that calls it"));
        }
        let deadline =
            (timeout_ms != LOCKWAIT_FOREVER).then(|| Instant::now() + Duration::from_millis(u64::from(timeout_ms)));
        let summary = pickup.wait(deadline, |phase| match phase {
            Phase::Planning(_) => Some(Err(wrong_state("the run was not started"))),
            phase => summary(phase),
        })?;
        give(out, &summary)
    })
}

/// Ends a run within 100 ms: files that are not being taken stay where they are, and one that is being copied keeps its
/// source. May be called at any time, by any thread, more than once; a run that has not begun ends as soon as it does.
///
/// @return LOCKWAIT_RESULT_OK, _NULL_POINTER, _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_pickup_cancel(pickup: *mut lockwait_pickup) -> lockwait_result {
    guard::call(|| {
        get(pickup)?.stop.trigger();
        Ok(())
    })
}

/// Ends a pickup; a run that goes on is cancelled and waited for. NULL is allowed and does nothing.
///
/// @return LOCKWAIT_RESULT_OK, _WRONG_STATE (called by a callback of the run; it goes on), _INVALID_HANDLE
#[unsafe(no_mangle)]
pub extern "C" fn lockwait_pickup_free(pickup: *mut lockwait_pickup) -> lockwait_result {
    guard::call(|| {
        if pickup.is_null() {
            return Ok(());
        }
        let run = get(pickup)?;
        if run.is_own_thread() {
            return Err(wrong_state("a callback cannot free the run that calls it"));
        }
        handle::free(pickup, |object| pick(object).is_some())?;
        run.stop.trigger();
        run.wait(None, |phase| match phase {
            Phase::Planning(_) | Phase::Ended(_) => Some(Ok(())),
            _ => None,
        })
    })
}
