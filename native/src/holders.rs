//! Who has a file open.
//!
//! Linux answers from `/proc`, Windows from its Restart Manager; systems without either answer that the question could
//! not be put.

use lockwait_core::observation::{Holders, Place};

use crate::os;

/// Asks once for all `places` and answers for each, in their order.
///
/// [`Holders::Found`] with an empty list means that every process could be looked into and none has the file open.
/// Where some could not be looked into (they belong to other users) and none was found in the others, the answer is
/// [`Holders::CouldNotAsk`]; a file that is not there gives its own error the same way.
///
/// Descriptors of the asking process count (with `own` set), except those opened read-only and non-blocking: that is
/// how [`crate::probe`] opens, for microseconds, perhaps on another thread at this very moment. Windows names processes
/// only: it does not say how they opened the file.
pub fn who(places: &[Place]) -> Vec<Holders> {
    os::holders::who(places)
}
