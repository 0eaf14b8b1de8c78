//! Replays traces and prints, for each, what came out of it as one line of numbers: digest, digest of the events'
//! texts, inputs, events, open pickups, and the file's name. `ffi/tests/c/replay.c` prints the same through the C ABI.

use std::path::Path;
use std::process::ExitCode;

use lockwait_core::trace;

/// The 64-bit FNV-1a hash (draft-eastlake-fnv section 5), continued from `hash`.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn line(path: &str) -> Result<String, Box<dyn std::error::Error>> {
    let replay = trace::replay(&std::fs::read_to_string(path)?, None)?;
    let texts = replay
        .events
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, event| fnv(fnv(hash, event.to_json().as_bytes()), event.text().as_bytes()));
    let name = Path::new(path).file_name().unwrap_or_default().display();
    let (digest, inputs, events, open) = (replay.digest.0, replay.inputs, replay.events.len(), replay.open);
    Ok(format!("{digest:016x} {texts:016x} {inputs} {events} {open} {name}"))
}

fn main() -> ExitCode {
    for path in std::env::args().skip(1) {
        match line(&path) {
            Ok(line) => println!("{line}"),
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
