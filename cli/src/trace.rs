//! `--trace`: where a run is recorded.

use std::fs::File;
use std::path::Path;

use lockwait_native::runner::TraceWriter;

/// Makes the file that a run is recorded in, if one was asked for.
///
/// # Errors
/// A sentence that names the file and says what is wrong with it.
pub(crate) fn create(path: Option<&Path>) -> Result<Option<TraceWriter>, String> {
    path.map(|path| {
        let file =
            File::create(path).map_err(|error| format!("the trace '{}' cannot be written: {error}", path.display()))?;
        Ok(Box::new(file) as TraceWriter)
    })
    .transpose()
}
