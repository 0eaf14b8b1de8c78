//! The modern flavour: std.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Poisoned;

/// What a panic was raised with.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Runs `f`; its panic if it panics.
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Panic> {
    let mut body = Body { f: Some(f), value: None };
    caught(&mut body)?;
    body.value.ok_or_else(|| Box::new("a function that was to run did not") as Panic)
}

pub(crate) fn text_of(panic: Panic) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no text".into())
}

/// What can be run without knowing its type, so that the code that catches panics is there once and not in every
/// export.
trait Run {
    fn run(&mut self);
}

/// A function that runs once, and what it gave.
struct Body<F, T> {
    f: Option<F>,
    value: Option<T>,
}

impl<F: FnOnce() -> T, T> Run for Body<F, T> {
    fn run(&mut self) {
        self.value = self.f.take().map(|f| f());
    }
}

fn caught(body: &mut dyn Run) -> Result<(), Panic> {
    // What it may leave half changed is behind a `Lock`, which is poisoned then.
    catch_unwind(AssertUnwindSafe(|| body.run()))
}

/// Lets one thread at a time at its content.
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(content: T) -> Lock<T> {
        Lock(Mutex::new(content))
    }

    /// Waits for its turn.
    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, T>, Poisoned> {
        self.0.lock().map_err(|_| Poisoned)
    }
}

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps `text` as this thread's last error; lost in a thread that is just ending.
pub(crate) fn set_last_error(text: String) {
    let _ = LAST_ERROR.try_with(|last| *last.borrow_mut() = text);
}

/// Gives `f` this thread's last error.
pub(crate) fn with_last_error<T>(f: impl FnOnce(&str) -> T) -> T {
    let text = LAST_ERROR.try_with(|last| last.borrow().clone()).unwrap_or_default();
    f(&text)
}

/// Microseconds since 1970-01-01T00:00:00Z.
pub(crate) fn now_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
